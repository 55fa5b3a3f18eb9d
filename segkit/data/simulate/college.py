"""A made-up list of messages between students: who wrote to whom and when, without texts, of which the rhythm is known.

Some pairs write in bursts of replies with long silences between these; others write now and then. Gaps, rows of a pair, the
share of pairs that write both ways, and how messages spread over half a year are about those of the CollegeMsg network
(Panzarasa, Opsahl and Carley, 2009), at a tenth of its size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segkit.seeds import ROOT, generator

from .made import Simulated

PEOPLE, PAIRS, DAYS = 200, 1_390, 193
BEGINS = 1_082_040_961  # the first moment of the published list, in seconds since 1970
BURSTY, SLOW = "bursty", "slow"
SHARE = 0.5  # of the pairs are bursty
# By kind: median of the rows less one half, share of quick replies among gaps, probability that a row answers the one before.
HABITS = {BURSTY: (2.5, 0.75, 0.8), SLOW: (1.0, 0.15, 0.17)}
SPREAD = 1.25  # standard deviation of the log of the rows
REPLY, SILENCE = (200.0, 1.3), (86_400.0, 1.3)  # median in seconds, and standard deviation of the log


@dataclass(frozen=True)
class SimulatedCollege(Simulated):
    """A simulated list of messages.

    Attributes
    ----------
    frame : DataFrame
        One row per message in order of time: ``sender`` and ``receiver`` (numbered by first appearance, from 1) and ``unix_time``.
    truth : Series
        ``bursty`` or ``slow`` for each pair, by its raw text: both numbers in the order of texts, joined by the unit
        separator (U+001F).
    """

    truth: pd.Series


def simulate_college(seed: int = ROOT) -> SimulatedCollege:
    """Simulate half a year of messages between 200 people.

    Parameters
    ----------
    seed : int
        The root seed.

    Returns
    -------
    SimulatedCollege

    Examples
    --------
    >>> made = simulate_college(42)
    >>> list(made.frame), sorted(made.truth.unique())
    (['sender', 'receiver', 'unix_time'], ['bursty', 'slow'])
    """
    rng = generator("simulate/college", seed)
    first, second = _partners(rng)
    kind = np.where(rng.random(PAIRS) < SHARE, BURSTY, SLOW)
    median, quick, answers = (
        np.where(kind == BURSTY, *pair) for pair in zip(HABITS[BURSTY], HABITS[SLOW], strict=True)
    )
    count = np.maximum(np.rint(0.5 + median * np.exp(rng.normal(0, SPREAD, PAIRS))).astype(np.int64), 1)
    pair = np.repeat(np.arange(PAIRS), count)
    opens = np.diff(pair, prepend=-1) > 0
    replied = rng.random(pair.size) < quick[pair]
    middle, spread = (np.where(replied, *both) for both in zip(REPLY, SILENCE, strict=True))
    gap = np.where(opens, 0.0, middle * np.exp(spread * rng.normal(size=pair.size)))
    since = pd.Series(gap).groupby(pair)
    length = since.transform("sum").to_numpy()
    day = np.minimum(np.floor(30 * np.exp(rng.normal(0, 0.7, PAIRS))), DAYS - 2)
    begins = 86_400 * day + 3_600 * (rng.normal(16, 4.5, PAIRS) % 24)  # the first day begins in the afternoon
    fits = np.minimum(1, (86_400 * DAYS - begins[pair]) / np.maximum(length, 1))  # few pairs write beyond the end
    turned = pd.Series((rng.random(pair.size) < answers[pair]) & ~opens).groupby(pair).cumsum().to_numpy() % 2 == 1
    frame = pd.DataFrame(
        {
            "sender": np.where(turned, second[pair], first[pair]), "receiver": np.where(turned, first[pair], second[pair]),
            "unix_time": BEGINS + (begins[pair] + since.cumsum().to_numpy() * fits).astype(np.int64),
        }
    ).sort_values("unix_time", kind="stable", ignore_index=True)  # fmt: skip
    order = pd.unique(frame[["sender", "receiver"]].to_numpy().ravel())
    number = np.empty(PEOPLE, dtype=np.int64)
    number[order] = np.arange(1, PEOPLE + 1)
    frame = frame.assign(sender=number[frame["sender"]], receiver=number[frame["receiver"]])
    names = ["\x1f".join(sorted((str(number[a]), str(number[b])))) for a, b in zip(first, second, strict=True)]
    return SimulatedCollege(
        frame, pd.Series(kind, index=pd.Index(names, name="pair", dtype="str"), name="kind", dtype="str")
    )


def _partners(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw pairs of people, each pair once and each person in one at least; some people have many more than others."""
    pull = np.exp(rng.normal(0, 1.1, PEOPLE))
    one = np.concatenate([np.arange(PEOPLE), rng.choice(PEOPLE, 4 * PAIRS, p=pull / pull.sum())])
    other = rng.choice(PEOPLE, one.size, p=pull / pull.sum())
    low, high = np.minimum(one, other), np.maximum(one, other)
    low[:PEOPLE], high[:PEOPLE] = (
        np.arange(PEOPLE),
        (np.arange(PEOPLE) + 1) % PEOPLE,
    )  # a ring first, so that nobody is left out
    key = np.minimum(low, high) * PEOPLE + np.maximum(low, high)
    _, place = np.unique(key[low != high], return_index=True)
    chosen = np.sort(place)[:PAIRS]
    return one[low != high][chosen], np.where(low == one, high, low)[low != high][chosen]
