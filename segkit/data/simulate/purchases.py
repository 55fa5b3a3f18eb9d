"""A made-up purchase log whose customers belong to known segments.

Every customer is drawn from one of four segments: it has a number of purchases on days of its own, a first day within the
first twelve weeks, and its own size of a basket. The parameters below are few and rounded. They are calibrated to the
published margins of the CDNOW sample (Fader and Hardie, 2001): customers, purchases, buyers of one purchase, dollars, first
and last day, and quantiles of the amounts. No record of that sample is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from segkit.seeds import ROOT, generator

from .made import Simulated

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LOYAL, OCCASIONAL, BIG, ONCE = "loyal", "occasional", "big baskets", "one-time"
FIRST_DAY = np.datetime64("1997-01-01")
DAYS = 546  # 1997-01-01 to 1998-06-30, both included
JOINING = 84  # days within which every customer buys for the first time: to 1997-03-25
FREE = 8  # purchases that cost nothing
COLUMNS = ("customer", "date", "items", "amount_usd")


@dataclass(frozen=True)
class _Habits:
    """How the customers of a segment buy.

    Purchases are fewest + floor(lognormal(typical, spread)), at most ``most``; days from the first to the last one are
    lognormal too, or all but a lognormal number of days where ``stays``. A basket is lognormal around the customer's own.
    """

    customers: int
    fewest: int
    typical: float
    spread: float
    most: int
    span: tuple[float, float]
    stays: bool
    basket: float  # median of the customers' own medians, in dollars
    between: float  # spread of the logarithm, from customer to customer
    within: float  # and from basket to basket


HABITS = {
    ONCE: _Habits(1205, 1, 0.0, 0.0, 1, (1, 0.0), False, 22.0, 0.30, 0.15),
    OCCASIONAL: _Habits(620, 2, 0.9, 0.8, 6, (280, 0.4), False, 24.0, 0.22, 0.35),
    LOYAL: _Habits(310, 5, 4.7, 0.8, 56, (45, 0.8), True, 25.0, 0.25, 0.55),
    BIG: _Habits(222, 2, 1.1, 0.7, 8, (240, 0.5), False, 98.0, 0.20, 0.25),
}


@dataclass(frozen=True)
class SimulatedPurchases(Simulated):
    """A simulated purchase log.

    Attributes
    ----------
    frame : DataFrame
        One row per purchase in order of customers and days; text columns, named and written as in the published file.
    truth : Series
        The segment from which each customer was drawn, by raw number. It never leaves tests and checks.
    """

    truth: pd.Series


def simulate_purchases(seed: int = ROOT) -> SimulatedPurchases:
    """Simulate a purchase log of about 6,900 purchases by 2,357 customers in four known segments.

    Parameters
    ----------
    seed : int
        The root seed. The number of purchases is the same for every seed; who buys when, and for how much, differs.

    Returns
    -------
    SimulatedPurchases
        The log as text, and the true segment of each customer.

    Notes
    -----
    Counts and own baskets are quantiles of their distributions, dealt out at random, so that the margins hold for every
    seed. Loyal customers and big baskets are far from all others. One-time and occasional customers differ in little but
    their number of days, so clustering that weighs every weekday need not tell them apart. What the simulation leaves
    out: seasons, returns, and several rows of a customer on one day.

    Examples
    --------
    >>> log = simulate_purchases(42)
    >>> log.truth.value_counts().to_dict()
    {'one-time': 1205, 'occasional': 620, 'loyal': 310, 'big baskets': 222}
    """
    rng = generator("simulate/purchases", seed)
    segment = np.repeat(list(HABITS), [h.customers for h in HABITS.values()])
    counts, spans, cents = zip(*(_segment(rng, habits) for habits in HABITS.values()), strict=True)
    count, span = np.concatenate(counts), np.concatenate(spans)
    first = rng.integers(0, JOINING, count.size)
    day = np.concatenate([_days(rng, f, n, s) for f, n, s in zip(first, count, span, strict=True)])
    paid = np.concatenate(cents)
    loyal = np.flatnonzero(np.repeat(segment, count) == LOYAL)
    paid[rng.choice(loyal, FREE, replace=False)] = 0
    items = np.maximum(np.rint(paid / 1400 * np.exp(0.2 * rng.standard_normal(paid.size))), 1).astype(np.int64)
    number = _numbers(rng, count.size)
    frame = pd.DataFrame(
        {
            "customer": np.repeat(number, count),
            "date": np.datetime_as_string(FIRST_DAY + day, unit="D"),
            "items": items.astype(str),
            "amount_usd": [f"{c // 100}.{c % 100:02}" for c in paid],
        },
        dtype="str",
    ).sort_values(["customer", "date"], ignore_index=True)
    truth = pd.Series(segment, index=pd.Index(number, name="customer"), name="segment", dtype="str")
    return SimulatedPurchases(frame[list(COLUMNS)], truth)


def _spread_evenly(rng: np.random.Generator, size: int) -> Floats:
    """Return the normal quantiles of ``size`` equal shares, in random order: margins hold for every seed."""
    z: Floats = ndtri((rng.permutation(size) + 0.5) / size)
    return z


def _segment(rng: np.random.Generator, habits: _Habits) -> tuple[Ints, Ints, Ints]:
    """Draw the purchases and the span in days of each customer of a segment, and the cents of each purchase."""
    size = habits.customers
    count = habits.fewest + np.floor(habits.typical * np.exp(habits.spread * _spread_evenly(rng, size)))
    count = np.minimum(count, habits.most).astype(np.int64)
    typical, spread = habits.span
    span = np.rint(typical * np.exp(spread * _spread_evenly(rng, size))).astype(np.int64)
    span = DAYS - JOINING - span if habits.stays else span
    own = habits.basket * np.exp(habits.between * _spread_evenly(rng, size))
    paid = np.repeat(own, count) * np.exp(habits.within * _spread_evenly(rng, int(count.sum())))
    return count, np.maximum(span, 2 * count), np.rint(100 * paid).astype(np.int64)


def _days(rng: np.random.Generator, first: int, count: int, span: int) -> Ints:
    """Return the days of one customer: the first, the last, and others between them."""
    last = min(first + span, DAYS - 1)
    if count == 1:
        return np.array([first])
    inner = rng.choice(np.arange(first + 1, last), count - 2, replace=False)
    return np.concatenate([[first], np.sort(inner), [last]]).astype(np.int64)


def _numbers(rng: np.random.Generator, size: int) -> NDArray[np.str_]:
    """Make distinct numbers of nine digits, none of which pages hold for other reasons."""
    numbers = np.unique(rng.integers(900_000_000, 1_000_000_000, 2 * size)).astype(str)
    varied = numbers[[len(set(n)) > 4 for n in numbers]]
    return rng.choice(varied, size, replace=False)
