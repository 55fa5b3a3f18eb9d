"""A made-up log of messages between subscribers and accounts, of which segments, profiles and who left are known.

The margins are those that a published analysis states of its log (``PUBLISHED``); all else is made up. Pairs of a subscriber and
an account are the units. A pair talks in conversations; after each one it leaves for good with the hazard of its segment, else
comes back after a lognormal silence; rows within a conversation follow each other after lognormal pauses. So the log of a gap is
about a mixture of two normal laws, which overlap. Each segment differs in rhythm, volume and money, and a little in what it talks
about. Subscribers who collect leave less often, and buy more and later: their profile predicts what the length of their texts
does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segkit.seeds import ROOT, generator

from .made import Simulated
from .message_rhythm import (
    HOURS,
    LOYAL,
    STAFF,
    SUBSCRIBERS,
    Flags,
    Floats,
    Ints,
    draw_pairs,
    draw_rows,
    habit,
)
from .message_texts import draw_cues, draw_identifiers, draw_topics, write_inbound, write_outbound
from .message_words import draw_profiles

PUBLISHED = {
    "rows": 5_880, "days": 7, "subscribers": 100, "accounts": 22, "pairs": 221, "staff": 73, "mean rows of a pair": 26.6,
    "median rows of a pair": 13, "most rows of a pair": 348, "conversations": 671, "offers": 334, "bought": 169,
    "revenue": 7_985.54, "top 10 subscribers": 0.69, "pairs that bought": 73, "pairs that bought again": 29,
    "rows in stage 1": 3_227, "rows in stage 2": 1_554, "rows in stage 3": 1_099, "empty inbound": 0.345,
}  # fmt: skip
BEGINS = np.datetime64("2025-09-01T00:00:00", "s")  # a Monday
FIELD, VALUE = "purchase_motivations", "collecting"  # its holders leave less, and buy more and later
ODDS, LATER = (
    3.0,
    4.0,
)  # of buying at all, and how much likelier the place of a purchase is in the second half of the week
SPEND = 1.05  # standard deviation of the log of what subscribers pay for one thing
TIPPED, TIPS = 0.018, 0.2  # tips for each row of a pair that buys; their share of the revenue
SILENT = 0.1  # of the rows have no text of the account, unless there is an offer
JOINT = "\x1f"


@dataclass(frozen=True)
class SimulatedMessages(Simulated):
    """A simulated log of messages.

    Attributes
    ----------
    frame : DataFrame
        One row per exchange in order of time; text columns named as in an export. ``price`` is empty where nothing is offered;
        money has two digits after the point.
    truth : Series
        The planted segment of each pair, by its raw text: subscriber and account, joined by the unit separator (U+001F).
    profiles : DataFrame
        What the texts say of each subscriber, by raw number: nine fields, empty where nothing is said.
    churn : DataFrame
        By pair as in ``truth``: ``left`` (whether it left for good after its last row), ``last`` (datetime64[s], its last row) and
        ``hazard`` (planted probability of leaving after each conversation).
    hidden : DataFrame
        By the row of the file, where the header is row 1: ``session`` (the planted conversation of the pair, from 0), ``topic``,
        and ``identifier`` (``email``, ``phone``, ``url``, ``handle``, or empty: what the subscriber's text holds).
    true : dict
        What those with the planted field of a profile differ by: ``field``, ``value``, and ratios of the hazard of ``leaving``, of
        the ``odds`` of buying and of the weight of ``later`` rows as places of purchases; ratios are 1 without segments.
    """

    truth: pd.Series
    profiles: pd.DataFrame
    churn: pd.DataFrame
    hidden: pd.DataFrame
    true: dict[str, str | float]


def simulate_messages(seed: int = ROOT, *, segments: bool = True, subscribers: int = SUBSCRIBERS) -> SimulatedMessages:
    """Simulate a week of messages.

    Parameters
    ----------
    seed : int
        The root seed.
    segments : bool
        Whether four segments are planted, and an effect of a field of the profile. Without them pairs differ in one activity alone.
    subscribers : int
        All counts are in proportion to it; 1,700 subscribers have 100,000 rows.

    Returns
    -------
    SimulatedMessages

    Examples
    --------
    >>> made = simulate_messages(42)
    >>> made.frame.shape, made.truth.nunique(), simulate_messages(42, segments=False).truth.nunique()
    ((5880, 10), 4, 1)
    """
    name = f"simulate/messages/{'planted' if segments else 'alike'}"
    rng, words = generator(name, seed), generator(f"{name}/texts", seed)
    profiles = draw_profiles(words, subscribers)
    pairs = draw_pairs(rng, subscribers, (profiles[FIELD] == VALUE).to_numpy(), segments=segments)
    rows, left = draw_rows(rng, pairs)
    rows = _money(rng, rows, pairs)
    rows = rows.assign(
        subscriber=pairs["subscriber"].to_numpy()[rows["pair"]], account=pairs["account"].to_numpy()[rows["pair"]]
    )
    rows["opens"] = rows["session"].ne(rows.groupby("pair")["session"].shift())
    rows = rows.sort_values("second", kind="stable", ignore_index=True)
    rows["staff"] = _staff(rng, rows, round(STAFF * subscribers / SUBSCRIBERS))
    fans = np.array([f"F{n}" for n in 100_003 + np.cumsum(words.integers(1, 400, subscribers))], dtype=object)
    models = np.array([f"account_{n + 1:02}" for n in range(pairs["account"].max() + 1)], dtype=object)
    frame, said, hidden = _texts(words, rows, pairs, profiles)
    frame = frame.assign(
        chatter_name=[f"staff_{n + 1:02}" for n in rows["staff"]], model_name=models[rows["account"]],
        fan_id=fans[rows["subscriber"]], datetime=np.datetime_as_string(BEGINS + rows["second"].to_numpy().astype("m8[s]")),
    )  # fmt: skip
    joint = fans[pairs["subscriber"]] + JOINT + models[pairs["account"]]
    index = pd.Index(joint, name="pair", dtype="str")
    last = BEGINS + rows.groupby("pair")["second"].max().to_numpy().astype("m8[s]")
    churn = pd.DataFrame({"left": left, "last": last, "hazard": pairs["leaves"].to_numpy()}, index=index)
    truth = pd.Series(pairs["segment"].to_numpy(), index=index, name="segment", dtype="str")
    ratios = (LOYAL, ODDS, LATER) if segments else (1.0, 1.0, 1.0)
    true: dict[str, str | float] = {
        "field": FIELD,
        "value": VALUE,
        **dict(zip(("leaving", "odds", "later"), ratios, strict=True)),
    }
    frame = frame[list(COLUMNS)].astype("str")
    return SimulatedMessages(
        frame, truth, said.set_axis(pd.Index(fans, name="fan_id", dtype="str")), churn, hidden, true
    )


COLUMNS = (
    "chatter_name", "model_name", "fan_message", "chatter_message", "price", "purchased", "fan_id", "datetime", "tips", "revenue",
)  # fmt: skip


def _money(rng: np.random.Generator, rows: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Draw offers, purchases and tips: ``offered``, ``bought``, and ``price``, ``tips`` and ``revenue`` in cents."""
    pair, n = rows["pair"].to_numpy(), len(pairs)
    count = rows.groupby("pair").size().to_numpy()
    chance, loyal = habit(pairs, "buys"), pairs["loyal"].to_numpy()
    chance = np.where(loyal, ODDS * chance / (1 - chance + ODDS * chance), chance)
    buys = _systematic(rng, chance)
    again = buys & _systematic(rng, buys * habit(pairs, "again")) & (count > 1)
    more = habit(pairs, "more") * count / pd.Series(count).groupby(pairs["segment"]).transform("mean").to_numpy()
    further = rng.geometric(1 / (1 + more)) - 1
    bought = np.minimum(np.where(again, 2 + further, buys), count)
    unsold = rng.poisson(habit(pairs, "unsold") * np.sqrt(count))
    place = rows.groupby("pair").cumcount().to_numpy() / count[pair] + 0.5 / count[pair]
    late = habit(pairs, "late")[pair]
    weight = np.abs(late) * np.log(np.where(late < 0, 1 - place, place))
    weight += np.where(loyal[pair] & (rows["second"] > HOURS * 1800), np.log(LATER), 0.0)
    order = np.lexsort((-(weight + rng.gumbel(size=pair.size)), pair))
    rank = np.empty(pair.size, dtype=np.int64)
    rank[order] = np.arange(pair.size) - np.searchsorted(pair, np.arange(n))[pair]
    is_bought = rank < bought[pair]
    offered = rank < (bought + unsold)[pair]
    tipped = (bought > 0)[pair] & (rng.random(pair.size) < TIPPED)
    level = habit(pairs, "price") * np.exp(SPEND * rng.normal(size=pairs["subscriber"].max() + 1))[pairs["subscriber"]]
    share = len(pairs) / PUBLISHED["pairs"] * PUBLISHED["revenue"] * 100
    price = _cents(level[pair] * np.exp(rng.normal(0, 0.35, pair.size)), is_bought, share * (1 - TIPS))
    tips = _cents(level[pair] * np.exp(rng.normal(0, 0.6, pair.size)), tipped, share * TIPS)
    price, tips = np.where(offered, price - 1, 0), np.where(tipped, tips, 0)
    return rows.assign(offered=offered, bought=is_bought, price=price, tips=tips, revenue=price * is_bought + tips)


def _systematic(rng: np.random.Generator, chance: Floats) -> Flags:
    """Choose each with its chance, and as many in all as chances sum to, or one more (systematic sampling in random order)."""
    order = rng.permutation(chance.size)
    chosen = np.empty(chance.size, dtype=bool)
    chosen[order] = np.diff(np.floor(np.cumsum(chance[order]) + rng.random()), prepend=0) > 0
    return chosen


def _cents(level: Floats, paid: Flags, total: float) -> Ints:
    """Return prices in cents, three units of money or whole numbers of it, such that what is paid comes to about a total."""
    factor = total / max(level[paid].sum(), 1e-9)
    cents: Ints = 100 * np.maximum(np.rint(factor * level / 100), 3).astype(np.int64)
    return cents


def _staff(rng: np.random.Generator, rows: pd.DataFrame, people: int) -> NDArray[np.int64]:
    """Give each conversation to somebody: accounts have people in proportion to their conversations, each with own hours."""
    talks = rows[rows["opens"]].copy()
    talks["hour"] = talks["second"] / 3600 % 24 + rng.normal(0, 2, len(talks))
    talks = talks.sort_values(["account", "hour"], ignore_index=True)
    sizes = talks.groupby("account").size().to_numpy()
    spare = (people - sizes.size) * np.cumsum(sizes - 1) / max((sizes - 1).sum(), 1)
    own = 1 + np.diff(np.rint(spare).astype(np.int64), prepend=0)
    account, before = talks["account"].to_numpy(), np.cumsum(own) - own
    within = talks.groupby("account").cumcount().to_numpy()
    talks["staff"] = before[account] + within * own[account] // sizes[account]
    found: NDArray[np.int64] = (
        rows[["pair", "session"]].merge(talks[["pair", "session", "staff"]], how="left")["staff"].to_numpy()
    )
    return found


def _texts(
    rng: np.random.Generator, rows: pd.DataFrame, pairs: pd.DataFrame, profiles: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Write the texts and the money of all rows; return them, what is said of subscribers, and what is hidden in the rows."""
    empty = habit(pairs, "empty")[rows["pair"]]
    written = ~_systematic(rng, empty * PUBLISHED["empty inbound"] / empty.mean())
    kind, sentence = draw_identifiers(rng, written)
    rows = rows.assign(topic=draw_topics(rng, rows, pairs))
    cues, said = draw_cues(rng, rows, written, profiles)
    style = profiles["communication_style"].to_numpy(dtype=object)[rows["subscriber"]]
    inbound = write_inbound(rng, rows, written, style, cues, sentence)
    answered = rows["offered"].to_numpy() | ~written | (rng.random(len(rows)) >= SILENT)
    money = {
        name: [f"{cents // 100}.{cents % 100:02}" for cents in rows[name]] for name in ("price", "tips", "revenue")
    }
    frame = pd.DataFrame(
        {
            "fan_message": inbound, "chatter_message": write_outbound(rng, rows, answered),
            "purchased": np.where(rows["bought"], "True", "False"), **money,
            "price": np.where(rows["offered"], np.array(money["price"], dtype=object), ""),
        }
    )  # fmt: skip
    hidden = rows[["session", "topic"]].assign(identifier=kind).set_index(pd.RangeIndex(2, len(rows) + 2, name="row"))
    return frame, said, hidden
