"""What segments mean: profiles in raw units, cards, and the suppression of small cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ..privacy import SMALL_CELL, suppressed


@dataclass(frozen=True)
class Profile:
    """Raw-unit statistics of every feature in every segment.

    Attributes
    ----------
    table : DataFrame
        One row per segment and feature: ``segment``, ``feature``, ``units``, ``q25``, ``median``, ``q75``, ``mean``,
        ``share_any`` (share of units above zero). Statistics of a segment with too few units are missing.
    hidden : tuple of int
        Segments whose statistics are suppressed.
    minimum : int
        The smallest segment that is shown.
    totals : DataFrame of shape (n_segments, n_features), optional
        The shares of the sums as they may be told, where the data are private.
    """

    table: pd.DataFrame
    hidden: tuple[int, ...]
    minimum: int
    totals: pd.DataFrame | None = None

    def wide(self, statistic: str = "median") -> pd.DataFrame:
        """Return one statistic as a table of shape (segments, features)."""
        return self.table.pivot(index="segment", columns="feature", values=statistic)

    def value(self, segment: int, feature: str, statistic: str = "median") -> float:
        """Return one number."""
        return float(self.wide(statistic).loc[segment, feature])

    def shares_of_total(self, feature: str) -> pd.Series:
        """Return each segment's share of the sum of an additive feature; suppressed segments are left out."""
        if self.totals is not None:
            return self.totals[feature].dropna()
        rows = self.table[self.table["feature"] == feature].set_index("segment")
        totals = (rows["mean"] * rows["units"]).dropna()
        return totals / totals.sum()

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def profile(frame: pd.DataFrame, labels: pd.Series, *, minimum: int = SMALL_CELL) -> Profile:
    """Describe segments by medians, quartiles, means and shares with any activity.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Raw features.
    labels : Series of length n_units
        Segment number per unit, on the same index.
    minimum : int
        Segments with fewer units get no statistics.

    Raises
    ------
    ValueError
        A unit of ``frame`` has no label.

    Notes
    -----
    Shares are described by their means and by the share of units with any activity as well: where most units have one
    event, the median of a share is 0 or 1 and says little.
    """
    segment = labels.reindex(frame.index)
    if segment.isna().any():
        raise ValueError(f"{int(segment.isna().sum())} units have no segment")
    groups = frame.groupby(segment, sort=True)
    parts = {
        "q25": groups.quantile(0.25),
        "median": groups.median(),
        "q75": groups.quantile(0.75),
        "mean": groups.mean(),
        "share_any": (frame > 0).groupby(segment, sort=True).mean(),
    }
    sizes = groups.size()
    hidden = tuple(int(s) for s in sizes.index[sizes < minimum])
    long = pd.concat({k: v.stack() for k, v in parts.items()}, axis=1)
    long.index.names = ["segment", "feature"]
    long.loc[long.index.get_level_values("segment").isin(hidden)] = float("nan")
    long.insert(0, "units", sizes.reindex(long.index.get_level_values("segment")).to_numpy())
    return Profile(long.reset_index(), hidden, minimum)


@dataclass(frozen=True)
class Card:
    """One segment as a reader meets it.

    Attributes
    ----------
    id : int
        Segment number; 1 is the largest.
    archetype : str
        The kind of segment, which sets colour and action.
    name, short : str
        The full name and the one for figures; distinct within a report.
    reason : str
        Why it is called so: a clause about its medians that follows "for".
    action : str
        What to do; empty until a policy says it.
    size : int or None
        Units; None where the size is suppressed.
    share : float or None
        Of all units.
    medians : dict of str to float
        Raw-unit medians; empty where suppressed.
    variant : str
        The archetype, or the variant of it whose name is true of the segment.
    """

    id: int
    archetype: str
    name: str
    short: str
    reason: str
    action: str
    size: int | None
    share: float | None
    medians: dict[str, float]
    variant: str = ""


@dataclass(frozen=True)
class Cards:
    """The named segments of a study, in the order in which they are shown."""

    items: tuple[Card, ...]
    total: int

    def __iter__(self) -> Any:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def acting(self, actions: Mapping[int, str]) -> Cards:
        """Return the same cards with what to do, by segment number."""
        return replace(self, items=tuple(replace(c, action=actions[c.id]) for c in self.items))

    def __getitem__(self, segment: int) -> Card:
        """Return the card of a segment number."""
        return next(c for c in self.items if c.id == segment)

    def of(self, archetype: str) -> tuple[Card, ...]:
        """Return the cards of one archetype."""
        return tuple(c for c in self.items if c.archetype == archetype)

    @property
    def order(self) -> list[int]:
        """Segment numbers in the order shown."""
        return [c.id for c in self.items]

    @property
    def table(self) -> pd.DataFrame:
        """One row per segment: id, name, size, share and medians."""
        rows = [{"segment": c.id, "name": c.name, "units": c.size, "share": c.share, **c.medians} for c in self.items]
        return pd.DataFrame(rows)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the cards as plain values."""
        return [
            {"id": c.id, "name": c.name, "archetype": c.archetype, "size": c.size, "share": c.share,
             "medians": c.medians, "action": c.action}
            for c in self.items
        ]  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def visible_sizes(sizes: pd.Series, minimum: int = SMALL_CELL) -> dict[int, int | None]:
    """Return the size of each segment, or None where showing it would give a small one away."""
    hide = suppressed(sizes, minimum)
    return {int(s): None if hide[s] else int(n) for s, n in sizes.items()}


def medians(profiled: Profile, segment: int, features: Sequence[str]) -> dict[str, float]:
    """Return the medians of one segment, or nothing where it is suppressed."""
    if segment in profiled.hidden:
        return {}
    row = profiled.wide("median").loc[segment]
    return {f: float(row[f]) for f in features if f in row.index}


def distinct(names: Mapping[int, str]) -> dict[int, str]:
    """Number names that several segments have, in the order in which they come.

    >>> distinct({3: "Large", 1: "Small", 2: "Large"})
    {3: 'Large 1', 1: 'Small', 2: 'Large 2'}
    """
    alike = {name: [s for s, n in names.items() if n == name] for name in names.values()}
    return {s: n if len(alike[n]) == 1 else f"{n} {alike[n].index(s) + 1}" for s, n in names.items()}
