"""A made-up call log whose contacts belong to known segments.

Every contact is drawn from one of four segments. A contact has a number of calls, a first and a last day, days with
calls between them, its own taste for bands of the day and for closed days, and its own call lengths. A call is a short
ring that nobody answers, an ordinary call, or a conversation.

The parameters below are few and rounded. They are calibrated to the published margins of the Walsoft call log
(Walekhwa, 2026): calls, contacts and segment sizes, medians per segment, calls by band and by open and closed days,
categories, and quantiles of the call duration. No record of that log is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from segkit.seeds import ROOT, generator

from .made import Simulated

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CORE, WARM, DEEP, ONCE = "core active", "warm occasional", "rare deep", "one-off"
FIRST_DAY = np.datetime64("2022-01-01")
DAYS = 1008  # 2022-01-01 to 2024-10-04, both included
LAST_DAY = DAYS - 1
SUNDAYS = np.arange(DAYS) % 7 == 1  # 2022-01-01 is a Saturday
MOST_DAYS = 0.6  # largest share of days with calls between the first and the last
LONGEST_CALL = 7200  # seconds; the network ends a call after two hours
CONVERSATION = (480, 1.0)  # median in seconds, spread of the logarithm
TALKATIVE = 150  # calls from which on a contact has its full share of conversations
COLUMNS = (
    "date_stamp",
    "time",
    "day-of_week",
    "month",
    "year",
    "dialled_phone_number",
    "name",
    "duration_in_seconds",
    "category",
)

BANDS = ((8, 17), (18, 20), (0, 7), (21, 23))  # business hours, evening, early morning, late night
HOUR_WEIGHTS = (  # of the calls in a band, hour by hour
    (5, 8, 10, 10, 11, 11, 11, 11, 10, 9),
    (45, 36, 19),
    (1, 1, 1, 1, 6, 9, 25, 56),
    (66, 24, 10),
)


@dataclass(frozen=True)
class _Group:
    """Contacts of one segment and one category. Calls = fewest + floor(lognormal(typical, spread))."""

    segment: str
    category: str
    contacts: int
    fewest: int
    typical: float
    spread: float


GROUPS = (
    _Group(CORE, "Family", 17, 18, 330, 1.10),
    _Group(CORE, "Supplier", 25, 18, 60, 0.90),
    _Group(CORE, "Important Contacts", 5, 18, 90, 0.60),
    _Group(CORE, "Service Provider", 5, 18, 5, 0.50),
    _Group(CORE, "Unknown", 124, 18, 11, 1.60),
    _Group(WARM, "Supplier", 7, 2, 3.95, 0.50),
    _Group(WARM, "Unknown", 218, 2, 3.95, 0.50),
    _Group(DEEP, "Service Provider", 26, 1, 4.0, 0.90),
    _Group(DEEP, "Unknown", 65, 1, 1.3, 1.00),
    _Group(ONCE, "Supplier", 8, 1, 0.9, 0.95),
    _Group(ONCE, "Service Provider", 16, 1, 0.9, 0.95),
    _Group(ONCE, "Unknown", 1575, 1, 0.9, 0.95),
)


@dataclass(frozen=True)
class _Habits:
    """How the contacts of a segment call. Days and seconds; a pair is (median, spread of the logarithm)."""

    most_calls: int
    recency: tuple[float, float]  # Weibull median and shape, cut at the log's start
    same_day: float  # share of the contacts with several calls that call on one day only
    tenure: tuple[float, float]  # lognormal, where not on one day
    tenure_range: tuple[int, int]
    per_day: float  # calls on a day with calls, beyond the first
    bands: tuple[float, float, float, float]  # shares of calls, in the order of BANDS
    closed: float  # share of calls on closed days
    ring: float  # share of calls that nobody answers
    ordinary: tuple[float, float]
    between: float  # spread of the contacts' own medians
    talks: float  # share of conversations among the calls of those who call most
    length: tuple[int, int]  # shortest (added to the lognormal) and longest call


HABITS = {
    CORE: _Habits(
        2_500, (85, 0.65), 0, (720, 0.45), (250, DAYS), 0.75, (0.805, 0.130, 0.049, 0.016), 0.065,
        0.25, (47, 0.90), 0.40, 0.082, (1, LONGEST_CALL),
    ),
    WARM: _Habits(
        20, (260, 1.05), 0, (335, 0.50), (150, 640), 0.25, (0.90, 0.070, 0.022, 0.008), 0.040,
        0.25, (52, 0.85), 0.40, 0.0, (1, 600),
    ),
    DEEP: _Habits(
        35, (720, 2.00), 0.12, (8, 2.0), (1, 300), 0.60, (0.87, 0.085, 0.030, 0.015), 0.050,
        0.0, (320, 0.75), 0.40, 0.0, (180, LONGEST_CALL),
    ),
    ONCE: _Habits(
        12, (540, 1.70), 0.75, (5, 1.2), (1, 25), 0.30, (0.935, 0.044, 0.014, 0.007), 0.040,
        0.20, (45, 0.60), 0.50, 0.0, (1, 280),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class SimulatedCalls(Simulated):
    """A simulated call log.

    Attributes
    ----------
    frame : DataFrame
        One row per call in order of time; text columns, named and written as in the published file.
    truth : Series
        The segment from which each contact was drawn, by raw number. It never leaves tests and checks.
    """

    truth: pd.Series


@dataclass(frozen=True)
class _Contacts:
    """One entry per contact. Days count from the first day of the log."""

    segment: NDArray[np.str_]
    category: NDArray[np.str_]
    calls: Ints
    first: Ints
    last: Ints
    active: Ints
    closed: Floats

    def habit(self, name: str) -> NDArray[Any]:
        """Return one parameter of each contact's segment."""
        names, codes = np.unique(self.segment, return_inverse=True)
        return np.array([getattr(HABITS[str(n)], name) for n in names])[codes]


def simulate_calls(seed: int = ROOT) -> SimulatedCalls:
    """Simulate a call log of about 24,600 calls with 2,091 contacts in four known segments.

    Parameters
    ----------
    seed : int
        The root seed. The number of calls is the same for every seed; who calls when, and how long, differs.

    Returns
    -------
    SimulatedCalls
        The log as text, and the true segment of each contact.

    Notes
    -----
    Counts and medians of contacts are quantiles of their distributions, dealt out at random, so that the margins hold
    for every seed. What the simulation leaves out: seasons, months without records, and replies among contacts.

    Examples
    --------
    >>> log = simulate_calls(42)
    >>> log.truth.value_counts().to_dict()
    {'one-off': 1599, 'warm occasional': 225, 'core active': 176, 'rare deep': 91}
    """
    rng = generator("simulate/calls", seed)
    contacts = _contacts(rng)
    who, day = _call_days(rng, contacts)
    second = _one_at_a_time(who, day, _seconds_of_day(rng, contacts, who))
    duration = _durations(rng, contacts, who)
    numbers, names = _identities(rng, contacts.calls.size)
    order = np.lexsort((who, second, day))
    who, day, second, duration = who[order], day[order], second[order], duration[order]
    date = pd.Series(pd.DatetimeIndex(FIRST_DAY + day))
    hour, minute, rest = second // 3600, second // 60 % 60, second % 60
    columns = (
        [f"{d.month}/{d.day}/{d.year}" for d in date],
        [f"{h}:{m:02d}:{s:02d}" for h, m, s in zip(hour, minute, rest, strict=True)],
        date.dt.day_name(),
        date.dt.month_name(),
        date.dt.year.astype(str),
        numbers[who],
        names[who],
        duration.astype(str),
        contacts.category[who],
    )
    frame = pd.DataFrame({c: pd.Series(v, dtype="str") for c, v in zip(COLUMNS, columns, strict=True)})
    index = pd.Index(numbers, name="dialled_phone_number")
    return SimulatedCalls(frame, pd.Series(contacts.segment, index=index, name="segment", dtype="str"))


def _spread_evenly(rng: np.random.Generator, size: int) -> Floats:
    """Return the normal quantiles of ``size`` equal shares, in random order: margins hold for every seed."""
    z: Floats = ndtri((rng.permutation(size) + 0.5) / size)
    return z


def _contacts(rng: np.random.Generator) -> _Contacts:
    segment = np.repeat([g.segment for g in GROUPS], [g.contacts for g in GROUPS])
    category = np.repeat([g.category for g in GROUPS], [g.contacts for g in GROUPS])
    drawn = [g.fewest + np.floor(g.typical * np.exp(g.spread * _spread_evenly(rng, g.contacts))) for g in GROUPS]
    calls = np.concatenate(drawn).astype(np.int64)
    first, last, active = (np.zeros(calls.size, np.int64) for _ in range(3))
    closed = np.zeros(calls.size)
    for name, habits in HABITS.items():
        rows = np.flatnonzero(segment == name)
        calls[rows] = np.minimum(calls[rows], habits.most_calls)
        certain = 20 + calls[rows]
        closed[rows] = rng.beta(certain * habits.closed, certain * (1 - habits.closed))
        first[rows], last[rows], active[rows] = _spans(rng, habits, calls[rows])
    first, last = _settle(rng, first, closed), _settle(rng, last, closed)
    busiest = int(calls.argmax())
    first[busiest], last[busiest] = 0, LAST_DAY  # the log starts and ends with its busiest contact
    last = np.where(active == 1, first, np.maximum(last, first))
    most = np.maximum(MOST_DAYS * (last - first), last > first) + 1
    active = np.minimum(active, np.minimum(calls, most)).astype(np.int64)
    return _Contacts(segment, category, calls, first, last, active, closed)


def _spans(rng: np.random.Generator, habits: _Habits, calls: Ints) -> tuple[Ints, Ints, Ints]:
    """Draw the first day, the last day and the number of days with calls."""
    size = calls.size
    median, shape = habits.recency
    low, high = habits.tenure_range
    share = (rng.permutation(size) + 0.5) / size
    room = LAST_DAY - low
    cut = 1 - 0.5 ** ((room / median) ** shape)  # the share of the Weibull below the cut
    recency = median * (np.log1p(-share * cut) / np.log(0.5)) ** (1 / shape)
    typical, spread = habits.tenure
    tenure = np.clip(typical * np.exp(spread * _spread_evenly(rng, size)), low, high)
    one_day = (calls == 1) | (rng.random(size) < habits.same_day)
    last = LAST_DAY - np.minimum(np.rint(recency), room).astype(np.int64)
    first = np.where(one_day, last, np.maximum(last - np.rint(tenure).astype(np.int64), 0))
    per_day = 1 + habits.per_day * np.exp(0.5 * _spread_evenly(rng, size))
    active = np.where(one_day, 1, np.maximum(np.rint(calls / per_day), 2)).astype(np.int64)
    return first, last, active


def _settle(rng: np.random.Generator, day: Ints, closed: Floats) -> Ints:
    """Move single days to a Sunday, or off it, so that closed days get their share."""
    wanted = rng.random(day.size) < closed
    to_sunday = (day - 1) % 7
    back = np.where(day >= to_sunday, day - to_sunday, day - to_sunday + 7)
    away = np.where(rng.random(day.size) < 0.5, day - 1, day + 1)
    return np.where(wanted, back, np.where(SUNDAYS[day], away, day))


def _call_days(rng: np.random.Generator, contacts: _Contacts) -> tuple[Ints, Ints]:
    """Return the contact and the day of every call."""
    who, day = [], []
    for i, (calls, first, last, active, closed) in enumerate(
        zip(contacts.calls, contacts.first, contacts.last, contacts.active, contacts.closed, strict=True)
    ):
        days = np.array([first, last][: min(active, 2)])
        if active > 2:
            between = np.arange(first + 1, last)
            weight = np.where(SUNDAYS[between], 6 * closed / (1 - closed) + 1e-6, 1.0)
            inner = rng.choice(between, active - 2, replace=False, p=weight / weight.sum())
            days = np.concatenate([days, inner])
        day.append(np.concatenate([days, rng.choice(days, calls - active)]))
        who.append(np.full(calls, i))
    return np.concatenate(who), np.concatenate(day)


def _seconds_of_day(rng: np.random.Generator, contacts: _Contacts, who: Ints) -> Ints:
    """Draw times: each contact has band shares of its own (Dirichlet), nearer the mean the more it calls."""
    alpha = contacts.habit("bands") * (1.5 * contacts.calls[:, None])
    taste = rng.standard_gamma(alpha) + 1e-12
    edges = (taste / taste.sum(axis=1, keepdims=True)).cumsum(axis=1)
    band = (rng.random(who.size)[:, None] > edges[who, :-1]).sum(axis=1)
    hour = np.zeros(who.size, np.int64)
    for i, ((low, high), weights) in enumerate(zip(BANDS, HOUR_WEIGHTS, strict=True)):
        rows = band == i
        hour[rows] = rng.choice(np.arange(low, high + 1), rows.sum(), p=np.array(weights) / sum(weights))
    return hour * 3600 + rng.integers(0, 3600, who.size)


def _one_at_a_time(who: Ints, day: Ints, second: Ints) -> Ints:
    """Move a call by a minute where the contact has another in the same second: no record is there twice."""
    second = second.copy()
    while True:
        repeated = pd.DataFrame({"who": who, "day": day, "second": second}).duplicated().to_numpy()
        if not repeated.any():
            return second
        second[repeated] = (second[repeated] + 60) % 86_400


def _durations(rng: np.random.Generator, contacts: _Contacts, who: Ints) -> Ints:
    """Draw call lengths in whole seconds: a ring of 2 to 9 s, an ordinary call, or a conversation."""
    median, within = contacts.habit("ordinary").T
    shortest, longest = contacts.habit("length").T
    own = np.zeros(contacts.calls.size)
    for name, habits in HABITS.items():
        rows = np.flatnonzero(contacts.segment == name)
        own[rows] = habits.between * _spread_evenly(rng, rows.size)
    own /= np.sqrt(1 + contacts.calls / 200)  # the busiest contacts are near the average of their segment
    talk, talk_spread = CONVERSATION
    kind = rng.random(who.size)
    rings = kind < contacts.habit("ring")[who]
    often = np.minimum(contacts.calls / TALKATIVE, 1)  # who calls often has more to talk about
    talks = kind > 1 - (contacts.habit("talks") * often)[who]
    z = rng.standard_normal(who.size)
    length = shortest[who] + median[who] * np.exp(own[who] + within[who] * z)
    length = np.where(talks, talk * np.exp(talk_spread * z), length)
    length = np.where(rings, rng.integers(2, 10, who.size), length)
    return np.clip(np.rint(length), 1, longest[who]).astype(np.int64)


def _identities(rng: np.random.Generator, size: int) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Make distinct 9-digit numbers and role labels."""
    numbers = np.unique(rng.integers(900_000_000, 1_000_000_000, 2 * size)).astype(str)
    varied = numbers[[len(set(n)) > 4 for n in numbers]]  # no 999999999, which pages hold for other reasons
    codes = rng.choice(26**3, size, replace=False)
    letters = [chr(65 + c // 676) + chr(65 + c // 26 % 26) + chr(65 + c % 26) for c in codes]
    names = [f"Simulated contact {c} {i:03d}" for c, i in zip(letters, rng.integers(1, 1000, size), strict=True)]
    return rng.choice(varied, size, replace=False), np.array(names)
