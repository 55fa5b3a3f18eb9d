"""Units that differ by degree: a law of their events in which every trait has one peak, fitted to a log.

The traits of a unit are drawn one after the other: number of events; active days; days between the first and the last;
when the first lies; taste for weekdays and for bands of the day; amounts of events. None of them knows of groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...engine.matrix import Floats
from .fits import beta_binomial, beta_shape, counts_law, dirichlet, truncated_regression, variances

Ints = NDArray[np.int64]
DAY = 86_400
WEEK = 7
SURE = 1e-9


@dataclass(frozen=True)
class Log:
    """A log as arrays: unit (from 0), start (seconds since 1970, local clock), amount (seconds, cents)."""

    unit: Ints
    start: Ints
    amount: Ints
    band_of_hour: Ints  # band number of each hour of the day

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
    first_day, days, last : int
        First day of the log (since 1970), days that it spans, its last second.
    events : tuple of float
        Median and shape of the law that is rounded up to the number of events, and the most events.
    active : tuple of float
        Beta law of a unit's chance that a further event falls on a further day.
    span : tuple of float
        Log of the days from first to last day, given the log of active days: intercept, slope, standard deviation.
    place : tuple of float
        Beta law of where in the room that is left the first day lies.
    place_on : array
        Regression of its normal score on log events and log span: intercept, two slopes, standard deviation.
    weekdays, bands : array
        Dirichlet laws of the tastes.
    seconds : tuple of arrays
        Observed times of the day within each band.
    length : tuple of float
        Mean of ln(1 + amount), and its standard deviation between units.
    residuals : array
        Pooled, within units.
    longest : int
    """

    units: int
    first_day: int
    days: int
    last: int
    events: tuple[float, float, int]
    active: tuple[float, float]
    span: tuple[float, float, float]
    place: tuple[float, float]
    place_on: Floats
    weekdays: Floats
    bands: Floats
    seconds: tuple[Ints, ...]
    length: tuple[float, float]
    residuals: Floats
    longest: int


def fit_law(log: Log) -> Law:
    """Fit every trait of the units of a log.

    Notes
    -----
    Number of events: a log-logistic law, rounded up, by maximum likelihood. Active days: beta-binomial, by maximum
    likelihood. Days between first and last: lognormal within the log, by maximum likelihood. Tastes:
    Dirichlet-multinomial, with the mean shares of units and the precision by maximum likelihood. Amounts: one-way
    variance components of ln(1 + amount) by the method of moments (Searle, Casella and McCulloch 1992), with pooled
    residuals. Shapes are kept from having two peaks.
    """
    day = log.start // DAY
    first_day, last_day = int(day.min()), int(day.max())
    units = int(log.unit.max()) + 1
    events = np.bincount(log.unit, minlength=units)
    own_days = np.unique(log.unit * (last_day + 1) + day)
    who, when = own_days // (last_day + 1), own_days % (last_day + 1)
    active = np.bincount(who, minlength=units)
    starts = np.full(units, last_day)
    ends = np.full(units, first_day)
    np.minimum.at(starts, who, when)
    np.maximum.at(ends, who, when)
    span, days = ends - starts, last_day - first_day
    several = active > 1
    law_of_span = truncated_regression(np.log(active[several]), np.log(span[several]), np.log(max(days, 1)))
    place, place_on = _fit_place(events, span, starts - first_day, days)
    second, band = log.start % DAY, log.bands
    bands = int(log.band_of_hour.max()) + 1
    mean, between, residuals = variances(np.log1p(log.amount), log.unit)
    return Law(
        units=units,
        first_day=first_day,
        days=days,
        last=int(log.start.max()),
        events=(*counts_law(events), int(events.max())),
        active=beta_binomial(active - 1, events - 1),
        span=law_of_span,
        place=place,
        place_on=place_on,
        weekdays=dirichlet(_counts(who, when % WEEK, units, WEEK)),
        bands=dirichlet(_counts(log.unit, band, units, bands)),
        seconds=tuple(second[band == b] for b in range(bands)),
        length=(mean, between),
        residuals=residuals,
        longest=int(log.amount.max()),
    )


def _counts(who: Ints, what: Ints, units: int, kinds: int) -> Ints:
    return np.bincount(who * kinds + what, minlength=units * kinds).reshape(units, kinds)


def _traits(events: Ints, span: Ints) -> Floats:
    return np.column_stack([np.ones(len(events)), np.log(events), np.log1p(span)])


def _fit_place(events: Ints, span: Ints, first: Ints, days: int) -> tuple[tuple[float, float], Floats]:
    """Fit where the first day lies within the room that the span leaves, and how that goes with events and span."""
    from scipy.special import ndtri
    from scipy.stats import beta

    room = days - span
    free = room > 0
    if not free.any():
        return (1.0, 1.0), np.array([0.0, 0.0, 0.0, 1.0])
    share = (first[free] + 0.5) / (room[free] + 1)
    shape = beta_shape(share)
    score = ndtri(np.clip(beta.cdf(share, *shape), SURE, 1 - SURE))
    traits = _traits(events[free], span[free])
    slopes = np.linalg.lstsq(traits, score, rcond=None)[0]
    return shape, np.append(slopes, (score - traits @ slopes).std())


def draw_events(law: Law, rng: np.random.Generator) -> Drawn:
    """Draw the events of one population.

    Notes
    -----
    Numbers of events are drawn one from each of as many equal shares of their law as there are units, so that the total
    varies little although the law has a heavy tail.
    """
    events = _numbers(law, rng)
    active, first, last = _spans(law, events, rng)
    day = _days(law, active, first, last, rng)
    unit = np.repeat(np.arange(law.units), events)
    start_of = np.concatenate([[0], np.cumsum(active)[:-1]])
    turn = np.arange(len(unit)) - np.repeat(np.concatenate([[0], np.cumsum(events)[:-1]]), events)
    further = (rng.random(len(unit)) * active[unit]).astype(np.int64)
    chosen = np.where(turn < active[unit], turn, further)  # each active day has an event
    start = (law.first_day + day[start_of[unit] + chosen]) * DAY + _times(law, unit, rng)
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
    from scipy.special import ndtr, ndtri
    from scipy.stats import beta

    units = law.units
    active = 1 + rng.binomial(events - 1, rng.beta(*law.active, size=units))
    active = np.minimum(active, law.days + 1)
    intercept, slope, spread = law.span
    centre = intercept + slope * np.log(active)
    low = ndtr((np.log(np.maximum(active - 1, 1) - 0.5) - centre) / spread)
    high = ndtr((np.log(law.days + 0.5) - centre) / spread)
    share = np.clip(low + rng.random(units) * (high - low), SURE, 1 - SURE)
    span = np.rint(np.exp(np.minimum(centre + spread * ndtri(share), 50.0))).astype(np.int64)
    span = np.where(active == 1, 0, np.clip(span, active - 1, law.days))
    *slopes, rest = law.place_on
    score = _traits(events, span) @ np.array(slopes) + rest * rng.standard_normal(units)
    place = beta.ppf(np.clip(ndtr(score), SURE, 1 - SURE), *law.place)
    first = np.minimum((place * (law.days - span + 1)).astype(np.int64), law.days - span)
    return active.astype(np.int64), first, first + span


def _days(law: Law, active: Ints, first: Ints, last: Ints, rng: np.random.Generator) -> Ints:
    """Choose the active days of each unit, by its taste for weekdays; in order of unit, the first day first."""
    taste = np.maximum(rng.standard_gamma(np.broadcast_to(law.weekdays, (law.units, WEEK))), 1e-12)
    to_first, to_last = (_moved(law, day, taste, rng) for day in (first, last))
    fits = to_last - to_first >= active - 1  # else both stay where they were
    first, last = np.where(fits | (active == 1), to_first, first), np.where(fits, to_last, last)
    last = np.where(active == 1, first, last)
    room = np.where(active > 2, last - first - 1, 0)
    who = np.repeat(np.arange(law.units), room)
    place = np.arange(len(who)) - np.repeat(np.concatenate([[0], np.cumsum(room)[:-1]]), room)
    day = first[who] + 1 + place
    # The largest of log weight plus Gumbel noise are a weighted draw without replacement (Efraimidis and Spirakis 2006).
    key = np.log(taste[who, (law.first_day + day) % WEEK]) - np.log(rng.standard_exponential(len(who)))
    order = np.lexsort((-key, who))
    kept = order[place < (active - 2)[who]]  # the order within each unit is from the largest key down
    both = active > 1
    units = np.concatenate([np.arange(law.units), np.flatnonzero(both), who[kept]])
    days = np.concatenate([first, last[both], day[kept]])
    out: Ints = days[np.lexsort((days, units))]
    return out


def _moved(law: Law, day: Ints, taste: Floats, rng: np.random.Generator) -> Ints:
    """Move single days within a week to a weekday that the unit chooses."""
    edges = (taste / taste.sum(axis=1, keepdims=True)).cumsum(axis=1)
    wanted = (rng.random(len(day))[:, None] > edges[:, :-1]).sum(axis=1)
    shift = (wanted - (law.first_day + day)) % WEEK
    back = np.where(shift > WEEK // 2, shift - WEEK, shift)
    near = day + back
    near = np.where(near < 0, near + WEEK, np.where(near > law.days, near - WEEK, near))
    return np.clip(near, 0, law.days)


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
