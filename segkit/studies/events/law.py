"""Units that differ by degree: a law of their events in which every trait has one peak, fitted to a log.

The traits of a unit are drawn one after the other: number of events; whether all are on one day; active days; days between
the first and the last; when the first lies; taste for weekdays and for bands of the day; amounts of events.

None of them knows of groups. What follows from a trait that came before does so smoothly: its law moves with the logarithm
of that trait, along a line or a parabola, and has one peak wherever it stands. Units of one day are no kind of their own.
Their chance falls or rises smoothly with the number of events, at each number there are units of both sorts, and in the
features they lie where units with a single event lie in any population, at no tenure. So there is one heap at that edge,
which no law of whole days is without, and one continuum beside it: a mixture by degree, as of a hurdle (Mullahy, J. (1986).
Specification and testing of some modified count data models. Journal of Econometrics, 33, 341-365).

Days are counted among those on which the log was watched, and become dates at the end: what nobody could see is in no drawn log
either, and a unit's days lie on both sides of a break as if there were none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...engine.matrix import Floats
from .fits import beta_binomial, beta_parameters, beta_regression, counts_law, dirichlet, logistic, variances

Ints = NDArray[np.int64]
DAY = 86_400
WEEK = 7
SURE = 1e-9
SOON = 3600  # seconds after the first event of a day, up to which a further one may belong to it, as one more try


@dataclass(frozen=True)
class Log:
    """A log as arrays: unit (from 0), start (seconds since 1970, local clock), amount (seconds, cents)."""

    unit: Ints
    start: Ints
    amount: Ints
    band_of_hour: Ints  # band number of each hour of the day
    dates: Ints  # days since 1970 on which the log was watched, in order

    @property
    def bands(self) -> Ints:
        """The band of each event."""
        return self.band_of_hour[self.start % DAY // 3600]


@dataclass(frozen=True)
class Drawn:
    """Drawn of one drawn population; see `Log`."""

    unit: Ints
    start: Ints
    amount: Ints


@dataclass(frozen=True)
class Law:
    """A fitted law.

    Attributes
    ----------
    units : int
    dates : array of int
        Days (since 1970) on which the log was watched, in order; other days are told by their places among them.
    days, last : int
        Place of the last one, and the last second of the log.
    events : tuple of float
        Median and shape of the law that is rounded up to the number of events, and the most events.
    once : array
        Logistic regression of having a single active day on log events, of units with several events.
    active : array
        Beta regression on log events of a unit's chance that an event after the first two falls on a further day, of units with
        several days.
    span : array
        Beta regression of the days from first to last, on a logarithmic scale of those that are possible, on log active days.
    place : array
        Beta regression of where in the room that is left the first day lies, on log events and the span.
    weekdays, bands : array
        Dirichlet laws of the tastes.
    seconds : tuple of arrays
        Observed times of the day within each band, of events that do not come soon after the first of their unit on a day.
    soon : array
        Logistic regression on log events of a further event of a day coming soon after the first.
    pauses : array
        Observed seconds between the two, where it does.
    length : tuple of float
        Mean of ln(1 + amount), and its standard deviation between units.
    residuals : array
        Pooled, within units.
    longest : int
    """

    units: int
    dates: Ints
    days: int
    last: int
    events: tuple[float, float, int]
    once: Floats
    active: Floats
    span: Floats
    place: Floats
    weekdays: Floats
    bands: Floats
    seconds: tuple[Ints, ...]
    soon: Floats
    pauses: Ints
    length: tuple[float, float]
    residuals: Floats
    longest: int


def fit_law(log: Log) -> Law:
    """Fit every trait of the units of a log.

    Notes
    -----
    Number of events: a log-logistic law, rounded up, by maximum likelihood. A single active day: logistic. More active days:
    beta-binomial. Days between first and last, and the first: beta regressions, the former of ln s between the least and the
    most days that there can be. All of these by maximum likelihood. A beta law with parameters above one has a log-concave
    density; ln s shifts its logarithm along a line, so that s has one peak as well. Tastes:
    Dirichlet-multinomial, with the mean shares of units and the precision by maximum likelihood. Amounts: one-way
    variance components of ln(1 + amount) by the method of moments (Searle, Casella and McCulloch 1992), with pooled
    residuals. Shapes are kept from having two peaks.
    """
    day, days = np.searchsorted(log.dates, log.start // DAY), len(log.dates) - 1
    units = int(log.unit.max()) + 1
    events = np.bincount(log.unit, minlength=units)
    own_days = np.unique(log.unit * (days + 1) + day)
    who, when = own_days // (days + 1), own_days % (days + 1)
    active = np.bincount(who, minlength=units)
    first = np.full(units, days)
    ends = np.full(units, 0)
    np.minimum.at(first, who, when)
    np.maximum.at(ends, who, when)
    span = ends - first
    several, repeated = active > 1, events > 1
    room = days - span
    free = room > 0
    pause, own = since_first(log.unit, log.start)
    soon = ~own & (pause <= SOON)
    second, band, bands = log.start % DAY, log.bands, int(log.band_of_hour.max()) + 1
    mean, between, residuals = variances(np.log1p(log.amount), log.unit)
    return Law(
        units=units,
        dates=log.dates,
        days=days,
        last=int(log.start.max()),
        events=(*counts_law(events), int(events.max())),
        once=logistic(~several[repeated], _degrees(events[repeated], 1)),
        active=beta_binomial(active[several] - 2, events[several] - 2, _degrees(events[several], 1)),
        span=beta_regression(_share_of_span(span[several], active[several], days), _degrees(active[several], 2)),
        place=beta_regression((first + 0.5)[free] / (room[free] + 1), _traits(events, span, days)[free]),
        weekdays=dirichlet(_counts(who, log.dates[when] % WEEK, units, WEEK)),
        bands=dirichlet(_counts(log.unit[~soon], band[~soon], units, bands)),
        seconds=tuple(second[~soon & (band == b)] for b in range(bands)),
        soon=logistic(soon[~own], _degrees(events[log.unit[~own]], 1)),
        pauses=pause[soon],
        length=(mean, between),
        residuals=residuals,
        longest=int(log.amount.max()),
    )


def since_first(unit: Ints, start: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Return, for each event, the seconds since the first of its unit on its day, and whether it is that one."""
    order = np.lexsort((start, unit))
    opens = np.ones(len(unit), dtype=bool)
    opens[1:] = (np.diff(unit[order]) > 0) | (np.diff(start[order] // DAY) > 0)
    since, first = np.empty_like(start), np.empty_like(opens)
    since[order] = start[order] - start[order][opens][opens.cumsum() - 1]
    first[order] = opens
    return since, first


def _counts(who: Ints, what: Ints, units: int, kinds: int) -> Ints:
    return np.bincount(who * kinds + what, minlength=units * kinds).reshape(units, kinds)


def _degrees(number: Ints, degree: int) -> Floats:
    """Return the powers of the logarithm of a number, shape (n_units, degree + 1)."""
    out: Floats = np.log(number)[:, None] ** np.arange(degree + 1)
    return out


def _traits(events: Ints, span: Ints, days: int) -> Floats:
    return np.column_stack([_degrees(events, 1), span / max(days, 1)])


def _limits_of_span(active: Ints, days: int) -> tuple[Floats, float]:
    """Return the logarithms between which the span of a unit with so many active days lies, two or more."""
    return np.log(active - 1.5), float(np.log(days + 0.5))


def _share_of_span(span: Ints, active: Ints, days: int) -> Floats:
    """Return where a span lies between the least and the most, above 0 and below 1."""
    low, high = _limits_of_span(active, days)
    out: Floats = np.clip((np.log(span) - low) / (high - low), SURE, 1 - SURE)
    return out


def draw_events(law: Law, rng: np.random.Generator) -> Drawn:
    """Draw the events of one population.

    Notes
    -----
    Numbers of events are drawn one from each of as many equal shares of their law as there are units, so that the total
    varies little although the law has a heavy tail.
    """
    from scipy.special import expit

    events = _numbers(law, rng)
    active, first, last = _spans(law, events, rng)
    day = _days(law, active, first, last, rng)
    unit = np.repeat(np.arange(law.units), events)
    start_of = np.concatenate([[0], np.cumsum(active)[:-1]])
    turn = np.arange(len(unit)) - np.repeat(np.concatenate([[0], np.cumsum(events)[:-1]]), events)
    further = turn >= active[unit]  # each active day has an event
    chosen = np.where(further, (rng.random(len(unit)) * active[unit]).astype(np.int64), turn)
    start = law.dates[day[start_of[unit] + chosen]] * DAY + _times(law, unit, rng)
    soon = np.flatnonzero(further)
    soon = soon[rng.random(len(soon)) < expit(_degrees(events[unit[soon]], 1) @ law.soon)]
    if len(law.pauses):  # such a day ends at midnight
        first = start[soon - turn[soon] + chosen[soon]]
        start[soon] = first + np.minimum(rng.choice(law.pauses, len(soon)), DAY - 1 - first % DAY)
    length = law.length[0] + law.length[1] * rng.standard_normal(law.units)
    logs = length[unit] + rng.choice(law.residuals, len(unit))
    amount = np.clip(np.rint(np.expm1(np.minimum(logs, 50.0))), 0, law.longest).astype(np.int64)
    return Drawn(unit, np.minimum(start, law.last), amount)


def _numbers(law: Law, rng: np.random.Generator) -> Ints:
    median, shape, most = law.events
    below = 1 / (1 + (most / median) ** -shape)
    share = np.clip((rng.permutation(law.units) + rng.random(law.units)) / law.units * below, SURE, 1 - SURE)
    out: Ints = np.clip(np.ceil(median * (share / (1 - share)) ** (1 / shape)), 1, most).astype(np.int64)
    return out


def _spans(law: Law, events: Ints, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Draw the number of active days, the first and the last of them."""
    from scipy.special import expit

    units, most = law.units, law.days + 1
    traits = _degrees(events, 1)
    several = (events > 1) & (rng.random(units) >= expit(traits @ law.once)) & (most > 1)
    further = rng.binomial(np.maximum(events - 2, 0), rng.beta(*beta_parameters(law.active, traits)))
    active = np.where(several, np.minimum(2 + further, most), 1)
    low, high = _limits_of_span(np.maximum(active, 2), law.days)
    share = rng.beta(*beta_parameters(law.span, _degrees(active, 2)))
    days = np.rint(np.exp(low + share * (high - low))).astype(np.int64)
    span = np.where(several, np.clip(days, active - 1, law.days), 0)
    place = rng.beta(*beta_parameters(law.place, _traits(events, span, law.days)))
    first = np.minimum((place * (law.days - span + 1)).astype(np.int64), law.days - span)
    return active, first, first + span


def _days(law: Law, active: Ints, first: Ints, last: Ints, rng: np.random.Generator) -> Ints:
    """Choose the active days of each unit, by its taste for weekdays; in order of unit, the first day first."""
    taste = np.maximum(rng.standard_gamma(np.broadcast_to(law.weekdays, (law.units, WEEK))), 1e-12)
    moved = _moved(law, first, taste, rng)
    brief = last - first < WEEK  # moved as a whole: two weekdays of its own would make another span
    ended = np.where(brief, moved + last - first, _moved(law, last, taste, rng))
    fits = (ended - moved >= active - 1) & (ended <= law.days)  # else both stay where they were
    first, last = np.where(fits, moved, first), np.where(fits, ended, last)
    room = np.where(active > 2, last - first - 1, 0)
    who = np.repeat(np.arange(law.units), room)
    place = np.arange(len(who)) - np.repeat(np.concatenate([[0], np.cumsum(room)[:-1]]), room)
    day = first[who] + 1 + place
    # The largest of log weight plus Gumbel noise are a weighted draw without replacement (Efraimidis and Spirakis 2006).
    key = np.log(taste[who, law.dates[day] % WEEK]) - np.log(rng.standard_exponential(len(who)))
    # By key, then by unit: a quick sort and one of small whole numbers take a quarter of the time of a sort by both.
    order = np.argsort(-key)
    order = order[np.argsort(who[order].astype(np.min_scalar_type(law.units)), kind="stable")]
    kept = order[place < (active - 2)[who]]  # the order within each unit is from the largest key down
    both = active > 1
    units = np.concatenate([np.arange(law.units), np.flatnonzero(both), who[kept]])
    days = np.concatenate([first, last[both], day[kept]])
    out: Ints = np.sort(units * (law.days + 1) + days) % (law.days + 1)
    return out


def _moved(law: Law, day: Ints, taste: Floats, rng: np.random.Generator) -> Ints:
    """Move single days to the nearest one that was watched and is of a weekday that the unit chooses."""
    edges = (taste / taste.sum(axis=1, keepdims=True)).cumsum(axis=1)
    wanted = (rng.random(len(day))[:, None] > edges[:, :-1]).sum(axis=1)
    out, weekday = day.copy(), law.dates % WEEK
    for name in range(WEEK):
        places, rows = np.flatnonzero(weekday == name), wanted == name
        if len(places):  # a log of fewer days than a week has lacks some
            after = np.searchsorted(places, day[rows])
            before, after = places[np.maximum(after - 1, 0)], places[np.minimum(after, len(places) - 1)]
            out[rows] = np.where(np.abs(after - day[rows]) < np.abs(before - day[rows]), after, before)
    return out


def _times(law: Law, unit: Ints, rng: np.random.Generator) -> Ints:
    """Draw the second of the day of each event, by its unit's taste for bands."""
    taste = np.maximum(rng.standard_gamma(np.broadcast_to(law.bands, (law.units, len(law.bands)))), 1e-12)
    edges = (taste / taste.sum(axis=1, keepdims=True)).cumsum(axis=1)
    band = (rng.random(len(unit))[:, None] > edges[unit, :-1]).sum(axis=1)
    out = np.zeros(len(unit), dtype=np.int64)
    for b, seconds in enumerate(law.seconds):
        rows = np.flatnonzero(band == b)
        if len(seconds):
            out[rows] = rng.choice(seconds, len(rows))
    return out
