"""What a study of events measures of each unit: the names of its features, and the unit of what events add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..config import WEEKDAYS
from .table import Column

TIMING, CATEGORY = "timing", "category"


@dataclass(frozen=True)
class Measures:
    """The features of a study of events, in the order of its table.

    Parameters
    ----------
    count, days, per_day, per_tenure, log_count : Column
        Number of events and of days with any; events by active day and by day of tenure; log of one plus the events.
    total, mean, median, p90, log_total, log_median, large : Column
        Of the amounts of a unit; ``large`` is the share of events at or above a quantile of all amounts.
    recency, tenure : Column
        Days since the last event, and from the first to the last.
    limit, quantile : str
        The name of that quantile among the thresholds of the table, and of the setting that chooses it.
    grain : int
        The amount of an event is a whole number of parts of a unit, as seconds or cents; so many make one unit of a feature.
    by_weekday : bool
        Whether each weekday has a share, or open and closed days do.
    event, events : str
        The event, for descriptions.
    """

    count: Column
    days: Column
    per_day: Column
    per_tenure: Column
    log_count: Column
    total: Column
    mean: Column
    median: Column
    p90: Column
    log_total: Column
    log_median: Column
    large: Column
    recency: Column
    tenure: Column
    limit: str
    quantile: str
    event: str
    events: str
    grain: int = 1
    by_weekday: bool = False

    @cached_property
    def fixed(self) -> tuple[Column, ...]:
        """The features that no setting adds to."""
        return (
            self.count, self.days, self.per_day, self.per_tenure, self.log_count, self.total, self.mean, self.median, self.p90,
            self.log_total, self.log_median, self.large, self.recency, self.tenure,
        )  # fmt: skip

    @property
    def blocks(self) -> tuple[str, ...]:
        """The blocks of the model."""
        return (*dict.fromkeys(c.block for c in self.fixed), TIMING)

    @property
    def sizes(self) -> tuple[str, str]:
        """The blocks of how many events there are, and of how much they add up to."""
        return self.count.block, self.total.block

    @property
    def shown(self) -> tuple[str, ...]:
        """The features whose medians stand on the card of a segment."""
        own = (self.count, self.days, self.total, self.median, self.large, self.recency, self.tenure)
        return tuple(c.name for c in own)

    @property
    def pictured(self) -> tuple[str, ...]:
        """The features that the profiles of segments are drawn by."""
        return tuple(c.name for c in (self.count, self.total, self.median, self.recency))

    def columns(self, bands: Sequence[str], categories: Sequence[str]) -> tuple[Column, ...]:
        """List every feature for the given bands of the day and the given commonest categories."""
        of = f"share of {self.events}"
        timing = [
            Column(f"share_{b}", TIMING, "share", f"{of} in the band {b.replace('_', ' ')}", b.replace("_", " "))
            for b in bands
        ]
        if self.by_weekday:
            days = [Column(f"share_{d.lower()}", TIMING, "share", f"{of} on {d}s", f"{d}s") for d in WEEKDAYS]
        else:
            days = [
                Column(f"share_{d}_day", TIMING, "share", f"{of} on {d} days", f"{d} days") for d in ("open", "closed")
            ]
        kinds = [Column(f"category: {c}", CATEGORY, "share", f"{of} labelled {c}", c) for c in categories]
        return (*self.fixed, *timing, *days, *kinds)
