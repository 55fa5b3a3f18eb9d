"""Rates of groups, and how each differs from a reference or from all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .rates import COVERAGE, difference, rate

COLUMNS = (
    "group", "units", "events", "rate", "low", "high", "method", "difference", "difference_low", "difference_high",
)  # fmt: skip


@dataclass(frozen=True)
class GroupRates:
    """Shares of groups with an outcome.

    Attributes
    ----------
    table : DataFrame
        One row per group: ``group``, ``units``, ``events``, ``rate``, ``low``, ``high`` and ``method`` (Wilson or Jeffreys),
        ``difference``, ``difference_low``, ``difference_high`` (Newcombe; from the reference, whose own are NaN, or from
        all units of the other groups where there is none).
    reference : object
        None for all others.
    unknown : int
        Units whose group is missing; they take no part.
    params : dict
    """

    table: pd.DataFrame
    reference: Any
    unknown: int
    params: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"groups": self.table.to_dict("records"), "unknown": self.unknown, "params": self.params}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def compared(
    groups: Sequence[Any],
    events: Sequence[int],
    units: Sequence[int],
    *,
    reference: Any = None,
    level: float = COVERAGE,
) -> pd.DataFrame:
    """Return the rates of groups from their counts; columns as in `GroupRates.table`.

    Raises
    ------
    ValueError
        The reference is none of the groups.
    """
    counts = {g: (int(e), int(n)) for g, e, n in zip(groups, events, units, strict=True)}
    if reference is not None and reference not in counts:
        raise ValueError(f"the reference {reference!r} is none of the groups")
    all_events, all_units = (sum(c[i] for c in counts.values()) for i in (0, 1))
    rows = []
    for group, (e, n) in counts.items():
        own = rate(e, n, level=level)
        other = (all_events - e, all_units - n) if reference is None else counts[reference]
        alone = group == reference or not other[1]
        gap = (np.nan,) * 3
        if not alone:
            found = difference((e, other[0]), (n, other[1]), level=level)
            gap = (found.difference, found.low, found.high)
        rows.append((group, n, e, own.share, own.low, own.high, own.method, *gap))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def names_of(groups: pd.Series, order: Sequence[Any] | None) -> list[Any]:
    """Return the groups that there are: those of an order first, then the others by their categories or names."""
    listed = list(groups.cat.categories) if isinstance(groups.dtype, pd.CategoricalDtype) else None
    present = set(groups.dropna().unique())
    rest = [g for g in listed if g in present] if listed is not None else sorted(present, key=str)
    first = list(order or ())
    return [*first, *(g for g in rest if g not in first)]


def rates_by(
    groups: pd.Series,
    outcome: pd.Series,
    *,
    reference: Any = None,
    order: Sequence[Any] | None = None,
    level: float = COVERAGE,
) -> GroupRates:
    """Return the share of each group with an outcome, and its difference from a reference or from all others.

    Parameters
    ----------
    groups : Series of length n_units
    outcome : Series of bool, length n_units
        In the order of ``groups``.
    reference : object, optional
        A group.
    order : sequence, optional
        Groups in the order in which they shall stand, also those without a unit; groups that it lacks follow.
    level : float

    Raises
    ------
    ValueError
        An outcome is missing, the lengths differ, or the reference is none of the groups.

    Examples
    --------
    >>> found = rates_by(pd.Series(list("aabb")), pd.Series([True, False, False, False]))
    >>> found.table["rate"].tolist(), found.table["difference"].tolist()
    ([0.5, 0.0], [0.5, -0.5])
    """
    if len(groups) != len(outcome) or outcome.isna().any():
        raise ValueError("there must be one outcome, which is not missing, per unit")
    y = pd.Series(outcome.to_numpy(dtype=bool), index=groups.index)
    names = names_of(groups, order)
    counts = y.groupby(groups, observed=True).agg(["sum", "size"]).reindex(names, fill_value=0)
    table = compared(names, counts["sum"].tolist(), counts["size"].tolist(), reference=reference, level=level)
    return GroupRates(table, reference, int(groups.isna().sum()), {"level": level, "reference": reference})


@dataclass(frozen=True)
class GroupMeans:
    """Means of groups.

    Attributes
    ----------
    table : DataFrame
        One row per group and column: ``group``, ``units``, ``what``, ``mean``, ``low``, ``high`` (normal interval; NaN where
        there are fewer than two units).
    params : dict
    """

    table: pd.DataFrame
    params: dict[str, Any]

    def of(self, what: str) -> pd.DataFrame:
        """Return the rows of one column, by group."""
        return self.table[self.table["what"] == what].set_index("group")

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"means": self.table.to_dict("records"), "params": self.params}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def means_by(
    groups: pd.Series, values: pd.DataFrame, *, order: Sequence[Any] | None = None, level: float = COVERAGE
) -> GroupMeans:
    """Return the mean of each column in each group, with its interval.

    Parameters
    ----------
    groups : Series of length n_units
    values : DataFrame of float, n_units rows
        On the same index.
    order : sequence, optional
        As in `rates_by`.
    level : float

    Examples
    --------
    >>> found = means_by(pd.Series(list("aab")), pd.DataFrame({"x": [1.0, 3.0, 5.0]}))
    >>> found.of("x")["mean"].tolist()
    [2.0, 5.0]
    """
    from scipy.stats import norm

    factor, rows = float(norm.ppf((1 + level) / 2)), []
    for group in names_of(groups, order):
        own = values[(groups == group).to_numpy()]
        for what in values.columns:
            known = own[what].dropna()
            mean, error = known.mean(), known.std() / np.sqrt(len(known)) if len(known) > 1 else np.nan
            rows.append((group, len(own), str(what), mean, mean - factor * error, mean + factor * error))
    return GroupMeans(pd.DataFrame(rows, columns=["group", "units", "what", "mean", "low", "high"]), {"level": level})


@dataclass(frozen=True)
class Benchmarks:
    """Rates of the same units by several columns.

    Attributes
    ----------
    by : mapping of str to GroupRates
        By column.
    """

    by: Mapping[str, GroupRates]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {name: found.to_json() for name, found in self.by.items()}

    def _repr_html_(self) -> str:
        return pd.concat({name: found.table for name, found in self.by.items()}).to_html(border=0)
