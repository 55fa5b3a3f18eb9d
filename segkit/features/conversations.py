"""Conversations: where the messages of a pair break off for longer than a threshold, another one begins."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .table import SECONDS_PER_DAY

HOURS = 4.0  # of silence, up to which a conversation goes on
ACTIVE_HOURS = 48.0  # since its last message, below which a conversation is active
SECONDS_PER_HOUR = 3600
MICROSECONDS = 1_000_000  # in a second
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class MessageLog(Protocol):
    """What is needed of a log of messages; see `segkit.data.messages.Messages`."""

    @property
    def frame(self) -> pd.DataFrame:
        """One row per message, sorted by time, those of one time in the order of the file."""

    @property
    def has_text(self) -> bool:
        """Whether any message has a text."""

    @property
    def has_money(self) -> bool:
        """Whether the file has columns of money."""

    @property
    def as_of(self) -> pd.Timestamp:
        """The end of the log."""


Log = TypeVar("Log", bound=MessageLog)


class Runs(NamedTuple):
    """Messages pair by pair, each pair in the order of time.

    Attributes
    ----------
    order : array of int, length n_rows
        Rows of the frame; pairs follow each other by their first message.
    pair : array of int, length n_rows
        Number of the pair of each row of ``order``, from 0.
    seconds : array of float, length n_rows
        Since 1970, in the same order.
    gap : array of float, length n_rows
        Seconds since the message before; NaN for the first one of a pair.
    """

    order: Ints
    pair: Ints
    seconds: Floats
    gap: Floats

    @property
    def first(self) -> NDArray[np.bool_]:
        """Whether a row is the first one of its pair."""
        return np.isnan(self.gap)


def runs(frame: pd.DataFrame) -> Runs:
    """Return the messages of each pair in the order of time, with the gaps between them.

    Parameters
    ----------
    frame : DataFrame
        ``pair`` and ``time``, sorted by time.

    Raises
    ------
    ValueError
        The frame is not sorted by time, or lacks a time.
    """
    if frame["time"].isna().any() or not frame["time"].is_monotonic_increasing:
        raise ValueError("messages must be sorted by time, and each must have one")
    codes = np.asarray(pd.factorize(frame["pair"])[0], dtype=np.int64)
    order = np.argsort(codes, kind="stable")
    pair = codes[order]
    moments = frame["time"].to_numpy().astype("datetime64[us]").astype(np.int64)[order]
    gap = np.full(len(order), np.nan)
    gap[1:] = np.where(pair[1:] == pair[:-1], np.diff(moments) / MICROSECONDS, np.nan)
    return Runs(order, pair, moments / MICROSECONDS, gap)


def until(messages: Log, moment: pd.Timestamp) -> Log:
    """Return a log as it was at a moment: the messages up to it, that moment included, and it as the end.

    What is computed of it cannot see the future.

    Parameters
    ----------
    messages : Messages
    moment : Timestamp
    """
    frame = messages.frame
    seen = int(frame["time"].searchsorted(moment, side="right"))
    return dataclasses.replace(messages, frame=frame.iloc[:seen], as_of=moment)  # type: ignore[type-var]


def _begins(found: Runs, hours: float) -> NDArray[np.bool_]:
    """Tell which rows begin a conversation: a pair's first, and those after a longer silence than the threshold."""
    if not hours > 0:
        raise ValueError("the threshold must be above 0 hours")
    return found.first | (found.gap > hours * SECONDS_PER_HOUR)


def conversation_of(frame: pd.DataFrame, hours: float = HOURS) -> pd.Series:
    """Number the conversations within each pair, from 0.

    Parameters
    ----------
    frame : DataFrame of n_rows
        ``pair`` and ``time``, sorted by time.
    hours : float
        A new conversation begins after a longer silence; one of exactly so long is within a conversation.

    Returns
    -------
    Series of int64, length n_rows
        On the index of the frame.

    Raises
    ------
    ValueError
        The frame is not sorted by time, or the threshold is not above 0.

    Examples
    --------
    >>> times = pd.to_datetime(["2025-01-01 00:00:00", "2025-01-01 04:00:00", "2025-01-01 08:00:01"])
    >>> conversation_of(pd.DataFrame({"pair": "a", "time": times}), 4).tolist()
    [0, 0, 1]
    """
    found = runs(frame)
    counted = _begins(found, hours).cumsum()
    starts = np.flatnonzero(found.first)
    number = np.empty(len(frame), dtype=np.int64)
    number[found.order] = counted - np.repeat(counted[starts], np.diff(np.append(starts, len(frame))))
    return pd.Series(number, frame.index, name="conversation")


def conversations(messages: MessageLog, hours: float = HOURS, *, active_hours: float = ACTIVE_HOURS) -> pd.DataFrame:
    """Describe each conversation.

    Parameters
    ----------
    messages : Messages
    hours : float
        As in `conversation_of`.
    active_hours : float
        A conversation whose last message is less than that before the end of the log is active.

    Returns
    -------
    DataFrame
        One row per conversation, in the order in which they begin: ``pair``, ``subscriber``, ``account``, ``number`` (within
        its pair, from 0), ``start``, ``end``, ``message_count``, ``duration_hours``, ``days_since_last_message`` (to the end
        of the log), ``active``. With money also ``revenue`` (in units of money), ``offer_count``, ``purchase_count``,
        ``purchase_rate`` (purchases by offers; NaN without offers), ``messages_before_first_purchase`` (that come before it
        in time), ``time_to_first_purchase_hrs`` (from the start) and ``days_between_first_last_purchase`` (0 where there is
        one); NaN without a purchase.

    Raises
    ------
    ValueError
        As in `conversation_of`.
    """
    frame, found = messages.frame, runs(messages.frame)
    starts = np.flatnonzero(_begins(found, hours))
    last = np.append(starts[1:], len(frame))[: len(starts)] - 1
    head = found.order[starts]
    number = conversation_of(frame, hours).to_numpy()[head]
    own = frame.iloc[head]
    since = messages.as_of.timestamp() - found.seconds[last]
    made: dict[str, Any] = {
        **{name: own[name].array for name in ("pair", "subscriber", "account")}, "number": number,
        "start": own["time"].array, "end": frame["time"].iloc[found.order[last]].array, "message_count": last - starts + 1,
        "duration_hours": (found.seconds[last] - found.seconds[starts]) / SECONDS_PER_HOUR,
        "days_since_last_message": since / SECONDS_PER_DAY, "active": since < active_hours * SECONDS_PER_HOUR,
    }  # fmt: skip
    if messages.has_money and len(frame):
        made |= _bought(frame.iloc[found.order], found.seconds, starts)
    return pd.DataFrame(made).iloc[np.argsort(head, kind="stable")].reset_index(drop=True)


def offered(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which messages offer something: those with a price, and those whose offer was bought at none."""
    return np.asarray((frame["price"] > 0) | frame["purchased"], dtype=np.bool_)


def _bought(frame: pd.DataFrame, seconds: Floats, starts: Ints) -> dict[str, Floats]:
    """Return what was offered and bought in each conversation; rows are in the order of the conversations."""
    bought = frame["purchased"].to_numpy(dtype=bool)
    place = np.arange(len(bought))
    offers, purchases = (np.add.reduceat(x.astype(np.int64), starts) for x in (offered(frame), bought))
    first = np.minimum.reduceat(np.where(bought, place, len(bought)), starts)
    final = np.maximum.reduceat(np.where(bought, place, -1), starts)
    any_bought = purchases > 0
    first, final = np.where(any_bought, first, 0), np.where(any_bought, final, 0)
    nothing = np.where(any_bought, 0.0, np.nan)
    return {
        "revenue": np.add.reduceat(frame["revenue"].to_numpy(dtype=np.float64), starts),
        "offer_count": offers, "purchase_count": purchases,
        "purchase_rate": np.divide(purchases, offers, out=np.full(len(starts), np.nan), where=offers > 0),
        "messages_before_first_purchase": first - starts + nothing,
        "time_to_first_purchase_hrs": (seconds[first] - seconds[starts]) / SECONDS_PER_HOUR + nothing,
        "days_between_first_last_purchase": (seconds[final] - seconds[first]) / SECONDS_PER_DAY + nothing,
    }  # fmt: skip
