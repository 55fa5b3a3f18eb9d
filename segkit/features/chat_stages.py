"""Stages of the relation between a subscriber and an account: as published, which looks ahead, and as known at the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .conversations import MICROSECONDS, SECONDS_PER_HOUR, Ints, runs

BEFORE, BETWEEN, AFTER = 1, 2, 3  # the first purchase, first and last, the last
STATES = ("no purchase yet", "bought once", "bought again")
SILENCE = 48.0  # hours without a message, from which on a pair is silent
BUYS, FALLS, RETURNS = "buys", "falls silent", "returns"
MOVES = tuple(
    (move, state) for move, states in ((BUYS, STATES[:-1]), (FALLS, STATES), (RETURNS, STATES)) for state in states
)  # what can happen, and in which state
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class StageCounts:
    """Published stages.

    Attributes
    ----------
    table : DataFrame
        One row per stage: ``stage``, ``rows``, ``pairs`` (with a message in it), ``unknown`` (rows whose stage could not be
        known when they were written).
    pairs, buyers, again : int
        Pairs in all, with a purchase, and with two or more.
    """

    table: pd.DataFrame
    pairs: int
    buyers: int
    again: int

    @property
    def leak(self) -> float:
        """Share of the rows whose stage could not be known when they were written; NaN without rows, or where some are hidden."""
        rows, unknown = (float(self.table[name].sum(skipna=False)) for name in ("rows", "unknown"))
        return unknown / rows if rows else np.nan

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "stages": self.table.to_dict("records"), "pairs": self.pairs, "buyers": self.buyers, "again": self.again,
            "leak": self.leak,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def published_stages(frame: pd.DataFrame) -> pd.Series:
    """Return the published stage of each message.

    Parameters
    ----------
    frame : DataFrame
        ``pair``, ``time``, ``purchased``; sorted by time, those of one time in the order of the file.

    Returns
    -------
    Series of int64
        On the index of the frame: 1 up to and including the first purchase of the pair, 2 after it up to and including the
        last one, 3 after that; 1 throughout without a purchase. Messages of one time come one after another, in the order of
        the file. All that is after a first purchase hangs on what comes later: see `stage_counts`.

    Examples
    --------
    >>> times = pd.date_range("2025-01-01", periods=5, freq="h")
    >>> bought = [False, True, False, True, False]
    >>> published_stages(pd.DataFrame({"pair": "a", "time": times, "purchased": bought})).tolist()
    [1, 1, 2, 2, 3]
    """
    before, bought, after = _purchases(frame)
    stage = np.where(before == 0, BEFORE, np.where(bought | (after > 0), BETWEEN, AFTER))
    return pd.Series(stage.astype(np.int64), frame.index, name="stage")


def _purchases(frame: pd.DataFrame) -> tuple[Ints, NDArray[np.bool_], Ints]:
    """Return for each row the purchases of its pair before it, whether it is one, and those after it."""
    bought = frame["purchased"].astype(bool)
    by_pair = bought.astype(np.int64).groupby(frame["pair"], sort=False)
    so_far, all_told = by_pair.cumsum().to_numpy(), by_pair.transform("sum").to_numpy()
    one = bought.to_numpy()
    return so_far - one, one, all_told - so_far


def stage_counts(frame: pd.DataFrame) -> StageCounts:
    """Count the published stages, and the rows whose stage is known only from what came later.

    Parameters
    ----------
    frame : DataFrame
        As in `published_stages`.

    Notes
    -----
    Up to the first purchase the stage is 1 whatever follows, and a later purchase is of stage 2 itself. Any other message after
    the first purchase is of stage 2 if another purchase follows, else of stage 3.
    """
    before, bought, _ = _purchases(frame)
    own = pd.DataFrame({"stage": published_stages(frame), "pair": frame["pair"], "unknown": (before > 0) & ~bought})
    found = own.groupby("stage").agg(rows=("pair", "size"), pairs=("pair", "nunique"), unknown=("unknown", "sum"))
    table = found.reindex([BEFORE, BETWEEN, AFTER], fill_value=0).astype("int64").rename_axis("stage").reset_index()
    purchases = frame["purchased"].astype(bool).groupby(frame["pair"]).sum()
    return StageCounts(table, len(purchases), int((purchases > 0).sum()), int((purchases > 1).sum()))


@dataclass(frozen=True)
class Prospective:
    """The state of each pair at each moment, from what was known by then.

    Attributes
    ----------
    spells : DataFrame
        One row per stay in a state: ``pair``, ``subscriber``, ``state`` (one of `STATES`), ``silent``, ``start``, ``end``, ``move``
        (what ended it: "buys", "falls silent", "returns"; None where it goes on). In the order of pairs and time; a stay may
        have no length. Not for publishing.
    occupation : DataFrame
        One row per day and state: ``moment`` (the midnight that ends the day; last the end of the log), ``state``, ``silent``,
        ``pairs`` that have begun to write by then.
    moves : DataFrame
        One row per move: ``move``, ``state`` in which it happens, ``events``, ``pairs`` (that made it), ``pair_days`` at risk.
    silence_hours : float
    as_of : Timestamp
    """

    spells: pd.DataFrame = field(repr=False)
    occupation: pd.DataFrame
    moves: pd.DataFrame
    silence_hours: float
    as_of: pd.Timestamp

    @property
    def table(self) -> pd.DataFrame:
        """The moves."""
        return self.moves

    def at(self, moment: pd.Timestamp) -> pd.DataFrame:
        """Return ``state`` and ``silent`` of each pair at a moment, indexed by pair; those that wrote later are left out.

        What happens at that moment counts.
        """
        begun = self.spells[self.spells["start"] <= moment]
        return begun.groupby("pair", sort=False)[["state", "silent"]].last()

    def to_json(self) -> dict[str, Any]:
        """Return plain values; the stays of single pairs stay in them."""
        return {
            "occupation": self.occupation.assign(moment=self.occupation["moment"].astype(str)).to_dict("records"),
            "moves": self.moves.to_dict("records"), "silence_hours": self.silence_hours, "as_of": str(self.as_of),
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.moves.to_html(index=False, border=0)


def prospective(frame: pd.DataFrame, as_of: pd.Timestamp, silence_hours: float = SILENCE) -> Prospective:
    """Follow each pair through its states.

    Parameters
    ----------
    frame : DataFrame
        ``pair``, ``subscriber``, ``time``, ``purchased``; sorted by time.
    as_of : Timestamp
        The end; messages after it are not seen.
    silence_hours : float
        From that long without a message on, a pair is silent; a message at that very moment comes in time.

    Raises
    ------
    ValueError
        The frame is not sorted by time, or the silence is not above 0.

    Notes
    -----
    A pair begins without a purchase at its first message; a purchase, a silence and a return move it. States are those of a
    multi-state model, in which what happens next may hang on the state alone: Putter, H., Fiocco, M. and Geskus, R. B. (2007).
    Tutorial in biostatistics: competing risks and multi-state models. Statistics in Medicine, 26, 2389-2430. Rates of the moves
    have their intervals in `segkit.inference.moves.move_rates`.
    """
    if not silence_hours > 0:
        raise ValueError("the silence must be above 0 hours")
    known = frame.iloc[: int(frame["time"].searchsorted(as_of, side="right"))]
    spells = _spells(known, as_of, silence_hours)
    return Prospective(spells, _occupation(spells, as_of), _moves(spells), silence_hours, as_of)


def _spells(frame: pd.DataFrame, as_of: pd.Timestamp, silence_hours: float) -> pd.DataFrame:
    """Cut the time of each pair at its moves: each message may be a return, then a purchase, and silence may follow it."""
    found = runs(frame)
    limit = silence_hours * SECONDS_PER_HOUR
    end = as_of.timestamp()
    final = np.append(found.first[1:], True)
    following = np.append(found.gap[1:], np.nan)  # seconds to the next message of the pair
    silent_after = np.where(final, end - found.seconds >= limit, following > limit)
    own = frame.iloc[found.order]
    bought = own["purchased"].to_numpy(dtype=bool)
    before = _purchases(frame)[0][found.order]
    happens = np.column_stack([found.first, ~found.first & (found.gap > limit), bought & (before < 2), silent_after])
    row, kind = np.nonzero(happens)  # begins, returns, buys, falls silent: in this order at each message
    seconds = found.seconds[row] + np.where(kind == 3, limit, 0.0)
    state = np.minimum(before[row] + ((kind >= 2) & bought[row]), len(STATES) - 1)
    last = np.append(np.diff(found.pair[row]) != 0, True)[: len(row)]
    move = np.array([None, RETURNS, BUYS, FALLS], dtype=object)[kind]
    start = pd.Series((seconds * MICROSECONDS).round().astype("int64").astype("datetime64[us]"))
    return pd.DataFrame({
        "pair": own["pair"].array[row], "subscriber": own["subscriber"].array[row],
        "state": np.array(STATES, dtype=object)[state], "silent": kind == 3, "start": start,
        "end": start.shift(-1).where(~last, as_of),
        "move": pd.Series(move, dtype=object).shift(-1).where(~last, None),
    })  # fmt: skip


def _occupation(spells: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Count the pairs in each state at each midnight and at the end."""
    columns = ["moment", "state", "silent", "pairs"]
    if spells.empty:
        return pd.DataFrame(columns=columns)
    begin = spells["start"].min().normalize() + DAY
    moments = pd.DatetimeIndex([*pd.date_range(begin, as_of, freq="D"), as_of]).unique()
    goes_on = spells["move"].isna()
    rows = []
    for state in STATES:
        for silent in (False, True):
            own = (spells["state"] == state) & (spells["silent"] == silent)
            starts = np.sort(spells.loc[own, "start"].to_numpy())
            ends = np.sort(spells.loc[own & ~goes_on, "end"].to_numpy())
            inside = starts.searchsorted(moments, side="right") - ends.searchsorted(moments, side="right")
            rows += [(moment, state, silent, int(n)) for moment, n in zip(moments, inside, strict=True)]
    return pd.DataFrame(rows, columns=columns).sort_values("moment", kind="stable", ignore_index=True)


def _moves(spells: pd.DataFrame) -> pd.DataFrame:
    """Count each move, and the days on which it could have happened."""
    days = (spells["end"] - spells["start"]) / DAY
    rows = []
    for move, state in MOVES:
        risk = at_risk(spells, move, state)
        own = risk & (spells["move"] == move)
        rows.append((move, state, int(own.sum()), int(spells.loc[own, "pair"].nunique()), float(days[risk].sum())))
    return pd.DataFrame(rows, columns=["move", "state", "events", "pairs", "pair_days"])


def at_risk(spells: pd.DataFrame, move: str, state: str) -> pd.Series:
    """Tell which stays a move could have ended: only who is silent returns, only who is not falls silent or buys."""
    return (spells["state"] == state) & (spells["silent"] == (move == RETURNS))
