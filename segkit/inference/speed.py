"""How soon the units of each group close, where most have not closed yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .groups import names_of
from .rates import COVERAGE
from .times import Survival, kaplan_meier, log_rank, restricted_difference

UNTIL = (180, 365)  # days


@dataclass(frozen=True)
class Speed:
    """Times to close by group; open units are censored at the end of the record.

    Attributes
    ----------
    table : DataFrame
        One row per group: ``group``, ``units``, ``events``, ``follow_up`` and ``median`` (days; NaN where more than half
        stay open); ``closed_mean`` and ``closed_median`` are the days of the closed alone, which leave the open ones out.
    means : DataFrame
        One row per group and limit: ``group``, ``until``, ``mean``, ``low``, ``high`` (days open within the limit, NaN where
        no unit of the group is observed so long), ``share`` (closed by then, Kaplan-Meier), and against the reference
        ``difference``, ``difference_low``, ``difference_high`` (days; below zero closes sooner).
    curves : dict
        Of each group with a unit.
    chi, p : float
        Log-rank test of one curve for all; NaN where there is nothing to compare.
    freedom : int
    reference : object
    unknown : int
        Units without a group or a time, which take no part.
    params : dict
    """

    table: pd.DataFrame
    means: pd.DataFrame
    curves: dict[Any, Survival]
    chi: float
    p: float
    freedom: int
    reference: Any
    unknown: int
    params: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return plain values; the steps of the curves stay in them."""
        return {
            "groups": self.table.to_dict("records"), "means": self.means.to_dict("records"),
            "log_rank": {"chi_squared": self.chi, "p": self.p, "degrees_of_freedom": self.freedom},
            "reference": self.reference, "unknown": self.unknown, "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.means.to_html(index=False, border=0)


def speed(
    groups: pd.Series,
    days_observed: pd.Series,
    closed: pd.Series,
    *,
    until: Sequence[float] = UNTIL,
    reference: Any = None,
    order: Sequence[Any] | None = None,
    level: float = COVERAGE,
) -> Speed:
    """Compare how soon groups close.

    Parameters
    ----------
    groups : Series of length n_units
    days_observed : Series of float
        Days to closing, or to the end of the record where the unit is open; one order with the groups.
    closed : Series of bool
    until : sequence of float
        Limits of the restricted means, in days.
    reference : object, optional
        Group that the others are compared with; the first in order where none is named.
    order : sequence, optional
        As in `groups.rates_by`.
    level : float

    Raises
    ------
    ValueError
        The lengths differ, a time is negative, or the reference is none of the groups.

    Notes
    -----
    Royston, P. and Parmar, M. K. B. (2013). Restricted mean survival time: an alternative to the hazard ratio for the design
    and analysis of randomized trials with a time-to-event outcome. BMC Medical Research Methodology, 13, 152. The test is
    Mantel's (1966). That a group closes sooner says nothing of why.
    """
    days, ends = days_observed.to_numpy(dtype=np.float64, na_value=np.nan), closed.to_numpy(dtype=bool)
    if not len(groups) == len(days) == len(ends) or (days < 0).any():
        raise ValueError("there must be one group, one time of at least zero days and one outcome per unit")
    known = groups.notna().to_numpy() & ~np.isnan(days)
    own = groups[known]
    days, ends = days[known], ends[known]
    names = names_of(own, order)
    if reference is not None and reference not in names:
        raise ValueError(f"the reference {reference!r} is none of the groups")
    among = own.to_numpy(dtype=object)
    curves = {g: kaplan_meier(days[among == g], ends[among == g], level=level) for g in names if (among == g).any()}
    base = reference if reference is not None else next(iter(curves), None)
    alone = {g: pd.Series(days[(among == g) & ends]) for g in curves}
    rows = [
        (g, c.units, len(alone[g]), c.follow_up, c.median, alone[g].mean(), alone[g].median())
        for g, c in curves.items()
    ]
    means = [
        (g, limit, *_mean(curve, limit), *_gap(g, base, curves, limit))
        for g, curve in curves.items()
        for limit in until
    ]
    chi, p, freedom = log_rank(days, ends, own.astype(str).to_numpy(dtype=str))
    return Speed(
        pd.DataFrame(rows, columns=["group", "units", "events", "follow_up", "median", "closed_mean", "closed_median"]),
        pd.DataFrame(
            means,
            columns=["group", "until", "mean", "low", "high", "share", "difference", "difference_low", "difference_high"],
        ),
        curves, chi, p, freedom, base, int((~known).sum()), {"until": list(until), "level": level},
    )  # fmt: skip


def _mean(curve: Survival, limit: float) -> tuple[float, float, float, float]:
    if not curve.known(limit):
        return np.nan, np.nan, np.nan, np.nan
    found = curve.restricted_mean(limit)
    return found.value, found.low, found.high, 1 - curve.at(limit)[0]


def _gap(group: Any, base: Any, curves: dict[Any, Survival], limit: float) -> tuple[float, float, float]:
    if group == base or base not in curves:
        return np.nan, np.nan, np.nan
    return restricted_difference(curves[group], curves[base], limit)
