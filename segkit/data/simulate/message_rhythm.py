"""Who writes to whom and when, in a made-up log of messages: pairs, their habits, their conversations and their rows."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SUBSCRIBERS, PAIRS, ACCOUNTS, STAFF, ROWS, HOURS = 100, 221, 22, 73, 5_880, 168
MEDIAN, MEAN = 13.0, 26.6  # rows of a pair; a lognormal law with both has its largest of 221 at about 390
BRIEF, QUICK, STEADY, FAITHFUL, ALIKE = "brief", "quick", "steady", "faithful", "alike"
MOST = 60  # conversations of a pair
LOYAL = 0.35  # what the planted field of a profile multiplies the hazard of leaving by


@dataclass(frozen=True)
class Habits:
    """How the pairs of a segment write and buy.

    Attributes
    ----------
    share : float
        Of the pairs.
    leaves : float
        Probability, after each conversation, that there is no other one ever.
    silence, pause : float
        Medians of the hours between conversations and of the minutes between rows of one.
    rows : float
        Typical rows of a conversation, up to a factor that all segments share.
    buys, again, more : float
        Probability of any purchase; of a second one after it; and the expected number after the second one.
    late : float
        Where among the rows purchases are: weights grow with this power of the position, or fall with it where it is negative.
    unsold : float
        Expected offers without a purchase, for the root of the rows.
    empty : float
        Share of the rows without a text of the subscriber, up to a shift that all segments share.
    price : float
        Typical price, up to a factor that all segments share.
    topics : tuple of str
        What they talk about more than others do.
    """

    share: float
    leaves: float
    silence: float
    pause: float
    rows: float
    buys: float
    again: float
    more: float
    late: float
    unsold: float
    empty: float
    price: float
    topics: tuple[str, ...]


HABITS = {
    BRIEF: Habits(0.46, 0.55, 20, 6.0, 4, 0.035, 0.0, 0.0, 0.0, 0.10, 0.40, 0.8, ("films", "games")),
    QUICK: Habits(0.21, 0.38, 16, 1.5, 6, 0.59, 0.12, 0.3, -2.5, 0.20, 0.38, 1.2, ("travel", "photography")),
    STEADY: Habits(0.19, 0.11, 12, 5.0, 6, 0.12, 0.10, 0.0, 0.0, 0.16, 0.30, 0.9, ("cooking", "garden")),
    FAITHFUL: Habits(0.14, 0.06, 12, 3.0, 36, 0.95, 0.86, 2.9, 0.0, 0.24, 0.33, 1.1, ("running", "music")),
}
ONE = Habits(1.0, 0.25, 13, 3.5, 7, 0.33, 0.40, 2.3, 0.0, 0.17, 0.345, 1.0, ())


def habit(pairs: pd.DataFrame, name: str) -> Floats:
    """Return a number of the habits of each pair."""
    table = {segment: getattr(habits, name) for segment, habits in (HABITS | {ALIKE: ONE}).items()}
    out: Floats = pairs["segment"].map(table).to_numpy(dtype=float)
    return out


def draw_pairs(rng: np.random.Generator, subscribers: int, loyal: Flags, *, segments: bool) -> pd.DataFrame:
    """Draw who writes to which accounts, and the segment of each pair.

    Parameters
    ----------
    rng : Generator
    subscribers : int
    loyal : array of bool
        Subscribers with the planted field of a profile.
    segments : bool

    Returns
    -------
    DataFrame
        One row per pair, sorted by subscriber: ``subscriber`` and ``account`` (numbers from 0), ``segment``, ``loyal``,
        ``activity`` (standard normal), ``leaves`` (the hazard of leaving at each conversation) and ``peak`` (the busiest hour
        of the account).
    """
    pairs, accounts = (round(total * subscribers / SUBSCRIBERS) for total in (PAIRS, ACCOUNTS))
    accounts = max(accounts, 1)
    pull = rng.gamma(0.8, size=subscribers)
    degree = 1 + rng.multinomial(pairs - subscribers, pull / pull.sum())
    weight = rng.normal(0, 0.7, accounts) + rng.gumbel(size=(subscribers, accounts))
    sure = rng.permutation(subscribers)[:accounts]
    weight[sure, np.arange(sure.size)] = np.inf  # so that each account has a pair
    chosen = np.argsort(np.argsort(-weight, axis=1), axis=1) < degree[:, None]
    subscriber, account = np.nonzero(chosen)
    engaged = 0.6 * rng.normal(size=subscribers)[subscriber] + 0.8 * rng.normal(size=subscriber.size)
    names = np.array([ALIKE] * subscriber.size, dtype=object)
    if segments:
        bounds = np.rint(np.cumsum([h.share for h in HABITS.values()]) * subscriber.size)[:-1]
        names = np.array(list(HABITS), dtype=object)[np.digitize(np.argsort(np.argsort(engaged)), bounds)]
    out = pd.DataFrame({"subscriber": subscriber, "account": account, "segment": names})
    out["activity"] = rng.normal(size=len(out))
    out["loyal"] = loyal[subscriber] & segments
    out["leaves"] = habit(out, "leaves") * np.where(out["loyal"], LOYAL, 1.0)
    out["peak"] = rng.normal(19, 3, accounts)[account]
    return out


def _at_its_hours(rng: np.random.Generator, hours: Floats, peak: Floats) -> Ints:
    """Choose one of several moments, the likelier the nearer to the busiest hour of the account it is."""
    liked = 1.5 * np.log(1.02 + np.cos(2 * np.pi * (hours - peak[:, None]) / 24))
    choice: Ints = (liked + rng.gumbel(size=hours.shape)).argmax(axis=1)
    return choice


def _conversations(rng: np.random.Generator, pairs: pd.DataFrame) -> tuple[pd.DataFrame, Flags]:
    """Draw the conversations of each pair: hours of silence before each, relative size; and which pairs left for good.

    A conversation is the last one with the pair's hazard of leaving; else another one follows after a silence, unless the week
    is over by then.
    """
    n, spread = len(pairs), 0.5 if len(pairs["segment"].unique()) > 1 else 0.9
    peak, leaves = pairs["peak"].to_numpy(), pairs["leaves"].to_numpy()
    size = np.log(habit(pairs, "rows")) + spread * pairs["activity"].to_numpy()
    median, pause = np.log(habit(pairs, "silence")), habit(pairs, "pause") / 60 * 1.8
    before = np.where(rng.random(n) < 0.5, 24.0, HOURS - 4.0)[:, None] * rng.random((n, 8))
    silence = before[np.arange(n), _at_its_hours(rng, before, peak)]
    now, who, left, parts = silence.copy(), np.arange(n), np.zeros(n, dtype=bool), []
    for number in range(MOST):
        rows = np.exp(size[who] + rng.normal(0, 0.5, who.size))
        parts.append(pd.DataFrame({"pair": who, "session": number, "silence": silence, "size": rows}))
        gone = rng.random(who.size) < leaves[who]
        left[who] = gone
        ends = now[who] + rows * pause[who]
        after = np.exp(median[who][:, None] + rng.normal(0, 0.8, (who.size, 8)))
        silence = after[np.arange(who.size), _at_its_hours(rng, ends[:, None] + after, peak[who])]
        now[who] = ends + silence
        on = ~gone & (now[who] < HOURS - 1)
        who, silence = who[on], silence[on]
        if not who.size:
            break
    return pd.concat(parts).sort_values(["pair", "session"], ignore_index=True), left


def _row_counts(rng: np.random.Generator, score: Floats, least: Ints, total: int) -> Ints:
    """Return rows of each pair: the quantiles of a lognormal law, in the order of a score, with a given sum."""
    n = score.size
    at = (np.argsort(np.argsort(score)) + rng.uniform(0.1, 0.7, n)) / n
    sigma = np.sqrt(2 * np.log(MEAN / MEDIAN))
    wanted = MEDIAN * np.exp(sigma * np.array([NormalDist().inv_cdf(p) for p in at]))
    low, high = 0.5, 2.0
    for _ in range(40):
        factor = (low + high) / 2
        counts = np.maximum(np.rint(factor * wanted).astype(np.int64), least)
        low, high = (factor, high) if counts.sum() < total else (low, factor)
    rest = total - int(counts.sum())
    counts[np.argsort(-counts, kind="stable")[: abs(rest)]] += np.sign(rest)
    return counts


def draw_rows(rng: np.random.Generator, pairs: pd.DataFrame) -> tuple[pd.DataFrame, Flags]:
    """Draw the rows of a log.

    Parameters
    ----------
    rng : Generator
    pairs : DataFrame
        As :func:`draw_pairs` makes it.

    Returns
    -------
    rows : DataFrame
        By pair and time: ``pair``, ``session`` (number of the conversation within the pair, from 0) and ``second`` (int64, since
        the beginning of the week).
    left : array of bool
        Pairs that left for good after their last conversation.
    """
    talks, left = _conversations(rng, pairs)
    by = talks.groupby("pair", sort=True)
    least = by.size().to_numpy()
    counts = _row_counts(rng, by["size"].sum().to_numpy(), least, round(ROWS * len(pairs) / PAIRS))
    extra = (counts - least)[talks["pair"]]
    upto = np.rint(extra * (by["size"].cumsum() / by["size"].transform("sum")).to_numpy())
    first = (talks["session"] == 0).to_numpy()
    own = 1 + upto - np.where(first, 0, np.roll(upto, 1))
    talk = np.repeat(np.arange(len(talks)), own.astype(np.int64))
    rows = talks.loc[talk, ["pair", "session"]].reset_index(drop=True)
    pair = rows["pair"].to_numpy()
    typical = np.log(habit(pairs, "pause") / 60) + rng.normal(0, 0.3, len(pairs))
    gap = np.exp(typical[pair] + rng.normal(0, 1.2, pair.size))
    opens = ~rows.duplicated().to_numpy()
    gap = np.where(opens, talks["silence"].to_numpy()[talk], gap)
    hours = pd.Series(gap).groupby(pair).cumsum().to_numpy()
    starts = np.searchsorted(pair, np.arange(len(pairs)))
    entry, last = hours[starts], hours[np.append(starts[1:], pair.size) - 1]
    fits = np.minimum(1.0, (HOURS - 0.01 - entry) / np.maximum(last - entry, 1e-9))  # few pairs talk beyond the week
    hours = entry[pair] + (hours - entry[pair]) * fits[pair]
    rows["second"] = np.floor(hours * 3600).astype(np.int64)
    return rows, left
