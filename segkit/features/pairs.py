"""How pairs of a subscriber and an account write to each other: how much, in which rhythm, and how lately."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from ..config import Conversations
from .conversations import SECONDS_PER_HOUR, Floats, MessageLog, conversation_of, offered, runs
from .table import SECONDS_PER_DAY, Column, FeatureTable, canonical_order

SECONDS_PER_MINUTE = 60
WEIGHT = 1.0  # gaps, and offers, as usual in the log, that are added to those of each pair

BEHAVIOUR = (
    Column("log_messages", "volume", "log", "natural logarithm of the number of messages", "messages (log)"),
    Column("log_days", "volume", "log", "natural logarithm of the number of days with a message", "days with a message (log)"),
    Column(
        "messages_per_conversation", "rhythm", "log",
        "natural logarithm of the messages per conversation", "messages per conversation (log)",
    ),
    Column(
        "usual_gap", "rhythm", "log",
        "mean logarithm of one plus the minutes between messages of a conversation, one usual gap of the log added to those "
        "of the pair", "minutes between messages (log)",
    ),
    Column(
        "conversation_length", "rhythm", "log", "natural logarithm of one plus the mean minutes of a conversation",
        "minutes per conversation (log)",
    ),
    Column(
        "conversations_per_day", "rhythm", "conversations/day",
        "conversations divided by one plus the days since the first message", "conversations per day",
    ),
    Column("log_recency", "recency", "log", "natural logarithm of one plus the days since the last message", "days silent (log)"),
    Column("log_tenure", "recency", "log", "natural logarithm of one plus the days since the first message", "tenure (log)"),
)  # fmt: skip
REPLIES = Column(
    "share_inbound", "rhythm", "share", "share of the messages with words of the subscriber", "share inbound"
)
DESCRIBING = (
    Column("messages", "raw", "messages", "number of messages", "messages"),
    Column("conversations", "raw", "conversations", "number of conversations", "conversations"),
    Column("active_days", "raw", "days", "number of days with a message", "days with a message"),
    Column("days_silent", "raw", "days", "days since the last message", "days since last message"),
    Column("days_known", "raw", "days", "days since the first message", "days since first message"),
)
MONEY = (
    Column("offers", "money", "offers", "number of offers", "offers"),
    Column("purchases", "money", "purchases", "number of purchases", "purchases"),
    Column(
        "log_revenue", "money", "log", "natural logarithm of one plus the revenue, 0 where it is below zero", "revenue (log)"
    ),
    Column(
        "purchase_rate", "money", "share",
        "purchases divided by offers, one offer at the rate of the whole log added to each pair", "purchase rate",
    ),
)  # fmt: skip
MODEL_BLOCKS = ("volume", "rhythm", "recency")


def pair_features(messages: MessageLog, settings: Conversations) -> FeatureTable:
    """Return what pairs are divided by, and what they are described by.

    Parameters
    ----------
    messages : Messages
        Whole, or as it was at a moment (`conversations.until`).
    settings : Conversations
        ``gap_hours``.

    Returns
    -------
    FeatureTable
        Indexed by pair. Money is told of segments and is no part of them: who writes in which way and who pays how much
        are two questions, and a log without money has the same segments. ``share_inbound`` is there where people write
        to each other, or where subscribers' texts are known. ``thresholds``: ``gap_hours``, ``usual_gap`` (log minutes) and
        ``purchase_rate``, of the log.

    Raises
    ------
    ValueError
        The frame is not sorted by time.
    """
    frame = pd.concat([behaviour(messages, settings.gap_hours), _described(messages, settings.gap_hours)], axis=1)
    columns = [*BEHAVIOUR, *DESCRIBING]
    thresholds = {"gap_hours": settings.gap_hours, "usual_gap": _usual(messages.frame, settings.gap_hours)}
    if (written := _inbound(messages)) is not None:
        columns.insert([c.block for c in BEHAVIOUR].index("recency"), REPLIES)
        frame[REPLIES.name] = written.groupby(messages.frame["pair"]).mean()
    if messages.has_money:
        money, thresholds["purchase_rate"] = _money(messages.frame)
        frame, columns = frame.join(money), [*columns, *MONEY]
    frame = canonical_order(frame[[c.name for c in columns]].astype("float64"))
    as_of: datetime = messages.as_of.to_pydatetime()
    return FeatureTable(frame, tuple(columns), MODEL_BLOCKS, as_of, thresholds)


def behaviour(messages: MessageLog, hours: float) -> pd.DataFrame:
    """Return the columns `BEHAVIOUR` of each pair, for one threshold between conversations.

    Parameters
    ----------
    messages : Messages
    hours : float
    """
    told = _described(messages, hours)
    gaps = _gaps(messages.frame, hours)
    sums = gaps.groupby("pair", sort=False)["seconds"].sum().reindex(told.index, fill_value=0.0)
    logs = gaps.groupby("pair", sort=False)["log"].agg(["sum", "size"]).reindex(told.index, fill_value=0.0)
    usual = _usual(messages.frame, hours)
    return pd.DataFrame({
        "log_messages": np.log(told["messages"]), "log_days": np.log(told["active_days"]),
        "messages_per_conversation": np.log(told["messages"] / told["conversations"]),
        "usual_gap": (logs["sum"] + WEIGHT * usual) / (logs["size"] + WEIGHT),
        "conversation_length": np.log1p(sums / SECONDS_PER_MINUTE / told["conversations"]),
        "conversations_per_day": told["conversations"] / (1 + told["days_known"]),
        "log_recency": np.log1p(told["days_silent"]), "log_tenure": np.log1p(told["days_known"]),
    })  # fmt: skip


def _described(messages: MessageLog, hours: float) -> pd.DataFrame:
    """Return the columns `DESCRIBING` of each pair."""
    frame = messages.frame
    days = pd.DataFrame({"pair": frame["pair"], "day": frame["time"].dt.normalize()}).drop_duplicates()
    found = frame.groupby("pair", sort=False)["time"].agg(["size", "min", "max"])
    end = pd.Timestamp(messages.as_of)
    day = pd.Timedelta(seconds=SECONDS_PER_DAY)
    return pd.DataFrame({
        "messages": found["size"],
        "conversations": conversation_of(frame, hours).groupby(frame["pair"], sort=False).max() + 1,
        "active_days": days.groupby("pair", sort=False).size(),
        "days_silent": (end - found["max"]) / day, "days_known": (end - found["min"]) / day,
    })  # fmt: skip


def _gaps(frame: pd.DataFrame, hours: float) -> pd.DataFrame:
    """Return the gaps within conversations: pair, seconds, and the logarithm of one plus the minutes."""
    found = runs(frame)
    within = found.gap <= hours * SECONDS_PER_HOUR
    seconds: Floats = found.gap[within]
    pair = frame["pair"].array[found.order[within]]
    return pd.DataFrame({"pair": pair, "seconds": seconds, "log": np.log1p(seconds / SECONDS_PER_MINUTE)})


def _usual(frame: pd.DataFrame, hours: float) -> float:
    """Return the mean log gap within conversations; 0 where no conversation has two messages."""
    logs = _gaps(frame, hours)["log"]
    return float(logs.mean()) if len(logs) else 0.0


def _inbound(messages: MessageLog) -> pd.Series | None:
    """Tell which messages have words of the subscriber, where the log tells."""
    frame = messages.frame
    if not frame["by_subscriber"].all():
        return frame["by_subscriber"]
    known = frame["inbound"].notna()
    return known if messages.has_text and known.any() else None


def _money(frame: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Return the columns `MONEY` of each pair, and the purchase rate of the log (0 without offers)."""
    own = pd.DataFrame({
        "pair": frame["pair"], "offers": offered(frame), "purchases": frame["purchased"], "revenue": frame["revenue"],
    })  # fmt: skip
    sums = own.groupby("pair", sort=False).sum()
    offers, purchases = sums["offers"], sums["purchases"]
    overall = float(purchases.sum() / offers.sum()) if offers.sum() else 0.0
    made = {
        "offers": offers, "purchases": purchases, "log_revenue": np.log1p(sums["revenue"].clip(lower=0)),
        "purchase_rate": (purchases + WEIGHT * overall) / (offers + WEIGHT),
    }  # fmt: skip
    return pd.DataFrame(made), overall
