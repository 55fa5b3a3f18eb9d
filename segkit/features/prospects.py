"""What follows from the touches of prospects: which channels reached them, in which way, and how engaged they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from .table import Column, FeatureTable, canonical_order

STRATEGIES = ("Omnichannel", "Online Only", "Offline Only", "None")
TYPES = ("Online", "Original Only", "Latest Only", "Throughout")
INTENSITIES = {"None": 0, "Low": 1, "Medium": 3, "High": 6}  # mentions from which on
MIXED = "Mixed"  # the tag of prospects whom no platform reached
WON = ("customer", "evangelist")  # stages
DAY = pd.Timedelta(days=1)

ACTIVITY = (
    Column("log_clicks", "activity", "log", "natural logarithm of one plus the clicks on social posts", "log clicks"),
    Column("log_sessions", "activity", "log", "natural logarithm of one plus the sessions", "log sessions"),
    Column("log_pageviews", "activity", "log", "natural logarithm of one plus the page views", "log page views"),
    Column("log_forms", "activity", "log", "natural logarithm of one plus the forms submitted", "log forms"),
    Column(
        "pageviews_per_session", "depth", "page views/session", "page views divided by one plus the sessions",
        "page views per session",
    ),
    Column("forms_per_session", "depth", "forms/session", "forms divided by one plus the sessions", "forms per session"),
    Column("forms_per_click", "depth", "forms/click", "forms divided by one plus the clicks", "forms per click"),
)  # fmt: skip
DESCRIBING = (
    Column("clicks", "raw", "clicks", "clicks on social posts", "clicks"),
    Column("sessions", "raw", "sessions", "visits to the website", "sessions"),
    Column("pageviews", "raw", "page views", "pages seen", "page views"),
    Column("forms", "raw", "forms", "forms submitted", "forms"),
    Column(
        "engagement_score", "raw", "log", "the sum of the logarithms of one plus sessions, page views and forms", "engagement"
    ),
    Column("offline_mentions_total", "raw", "mentions", "mentions of offline channels", "offline mentions"),
    Column("platform_mentions_total", "raw", "mentions", "mentions of online platforms", "platform mentions"),
)  # fmt: skip


@dataclass(frozen=True)
class Prospects:
    """The prospects of an export, with all that follows from one way of finding touches.

    Attributes
    ----------
    frame : DataFrame of shape (n_prospects, n_columns)
        The columns of the file, and those derived from them; indexed by keyed id. ``days_to_close`` is NaN for open
        prospects and for those whose close lies before their creation.
    channels, platforms : tuple of str
        The offline channels and online platforms, in the order of the dictionary.
    as_of : Timestamp
        The moment at which open prospects are censored.
    """

    frame: pd.DataFrame = field(repr=False)
    channels: tuple[str, ...]
    platforms: tuple[str, ...]
    as_of: pd.Timestamp

    @property
    def offline(self) -> pd.DataFrame:
        """Which offline channels touched each prospect, shape (n_prospects, n_channels), bool."""
        return self._named("offline_count_", self.channels)

    @property
    def online(self) -> pd.DataFrame:
        """Which platforms touched each prospect, shape (n_prospects, n_platforms), bool."""
        return self._named("platform_count_", self.platforms)

    @property
    def dates(self) -> pd.DataFrame:
        """The days of all that has a date: many a date has no time of day, so that moments of one day have no order."""
        return self.frame[["created", "closed", "first_online", "first_offline"]].apply(
            lambda column: column.dt.normalize()
        )

    def _named(self, prefix: str, names: Sequence[str]) -> pd.DataFrame:
        return (self.frame[[f"{prefix}{n}" for n in names]] > 0).set_axis(list(names), axis=1)


def derive(
    frame: pd.DataFrame, touches: pd.DataFrame, channels: Sequence[str], platforms: Sequence[str], as_of: pd.Timestamp
) -> Prospects:
    """Derive what the study asks of each prospect.

    Parameters
    ----------
    frame : DataFrame
        The typed columns of the file, as in ``ProspectTable.frame``.
    touches : DataFrame
        Counts of mentions by channel and platform and the flags of one detector, on the same index.
    channels, platforms : sequence of str
    as_of : Timestamp

    Notes
    -----
    A prospect is closed where it has a close date, and won where its stage is customer or evangelist; the two are kept
    apart. Days are those of the calendar.
    """
    offline, online = touches[list(channels)], touches[list(platforms)]
    out = frame.copy()
    for prefix, part in (("offline_count_", offline), ("platform_count_", online)):
        out[[f"{prefix}{n}" for n in part.columns]] = part
    out["offline_mentions_total"], out["offline_diversity"] = offline.sum(axis=1), (offline > 0).sum(axis=1)
    out["platform_mentions_total"], out["platform_diversity"] = online.sum(axis=1), (online > 0).sum(axis=1)
    has = out["has_offline_signal"] = out["offline_mentions_total"] > 0
    reached = out["online"] = touches["online"].astype(bool)
    out["system"] = touches["system"].astype(bool) if "system" in touches else False
    for name in ("offline_original", "offline_latest", "online_original", "online_latest"):
        out[name] = touches[name].astype(bool)
    most = np.asarray(online).argmax(axis=1)  # the first of those that tie
    out["platform_tag"] = np.where(
        out["platform_mentions_total"] > 0, np.array(platforms, dtype=object)[most], MIXED
    ).astype(object)
    out["is_omnichannel"] = has & reached
    out["channel_strategy"] = _chosen(STRATEGIES, has & reached, reached & ~has, has & ~reached)
    first, last = out["offline_original"], out["offline_latest"]
    out["offline_type"] = _chosen(TYPES[1:], first & ~last, last & ~first, first & last, other=TYPES[0])
    edges = [*INTENSITIES.values(), np.inf]
    out["offline_intensity"] = pd.cut(
        out["offline_mentions_total"], edges, right=False, labels=list(INTENSITIES)
    ).astype(str)
    counted = out[["clicks", "sessions", "pageviews", "forms"]].fillna(0.0)
    out["engagement_score"] = np.log1p(counted[["sessions", "pageviews", "forms"]]).sum(axis=1)
    out["social_intensity"] = np.log1p(counted["clicks"])
    closed = out["is_closed"] = out["closed"].notna()
    out["is_won"] = out["stage"].isin(WON)
    day = {name: out[name].dt.normalize() for name in ("created", "closed")}
    days = (day["closed"] - day["created"]) / DAY
    out["days_to_close"] = days.where(days >= 0)
    out["tenure"] = (as_of.normalize() - day["created"]) / DAY
    out["days_observed"] = out["days_to_close"].where(closed, out["tenure"])
    return Prospects(out, tuple(channels), tuple(platforms), as_of)


def _chosen(names: Sequence[str], *tests: pd.Series, other: str | None = None) -> Any:
    return np.select([t.to_numpy() for t in tests], list(names[: len(tests)]), other or names[-1])


def engagement(prospects: Prospects) -> FeatureTable:
    """Return what prospects are divided by: how much they did, and how deep they went.

    Notes
    -----
    A count that the file leaves empty is taken as none: the database counts only what it tracked.
    """
    told = prospects.frame.assign(**prospects.frame[["clicks", "sessions", "pageviews", "forms"]].fillna(0.0))
    clicks, sessions, pageviews, forms = (told[n] for n in ("clicks", "sessions", "pageviews", "forms"))
    made = {
        **{f"log_{n}": np.log1p(told[n]) for n in ("clicks", "sessions", "pageviews", "forms")},
        "pageviews_per_session": pageviews / (1 + sessions),
        "forms_per_session": forms / (1 + sessions),
        "forms_per_click": forms / (1 + clicks),
        **{c.name: told[c.name] for c in DESCRIBING},
    }
    frame = canonical_order(pd.DataFrame(made, index=told.index).astype("float64"))
    as_of: datetime = prospects.as_of.to_pydatetime()
    return FeatureTable(frame, (*ACTIVITY, *DESCRIBING), ("activity", "depth"), as_of, {})
