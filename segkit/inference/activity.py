"""How active segments are after a date: shares with intervals, the most active one, and times to the next event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from ..privacy import SMALL_CELL, suppressed
from .rates import COVERAGE, Difference, difference, rate
from .times import Survival, kaplan_meier, log_rank
from .winners import best_of_many

STEP = 7  # days between the points of a curve


@dataclass(frozen=True)
class Activity:
    """Shares of active units by segment in the window after one date.

    Attributes
    ----------
    table : DataFrame
        One row per segment: ``segment``, ``units``, ``active``, ``share``, ``low``, ``high``, ``method``, ``expected``,
        ``events`` (mean per unit) with ``events_low`` and ``events_high``, ``posterior`` and ``p_best``. Missing where it
        would describe too few units.
    most : int or None
        The segment that most probably is the most active one, where it may be shown.
    gap : Difference or None
        That segment less the next by share, both of them shown.
    marks : DataFrame
        The same at every date, of what may be shown: ``date``, ``segment``, ``units``, ``share``, ``low``, ``high``,
        ``expected``.
    date : datetime
        The latest, which the table is about.
    level : float
    """

    table: pd.DataFrame
    most: int | None
    gap: Difference | None
    marks: pd.DataFrame
    date: datetime
    level: float

    @property
    def next_to(self) -> int | None:
        """The segment with the highest share of the others that are shown."""
        rest = self.table[(self.table["segment"] != self.most) & self.table["share"].notna()]
        return int(rest.loc[rest["share"].idxmax(), "segment"]) if len(rest) else None

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        gap = self.gap.to_json() if self.gap else None
        return {"date": self.date, "segments": self.table.to_dict("records"), "most": self.most, "gap": gap}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def activity(groups: pd.DataFrame) -> Activity:
    """Put intervals around the shares of one date, and ask which segment is the most active.

    Parameters
    ----------
    groups : DataFrame
        Of all dates, as in `segkit.engine.usefulness.Usefulness`.
    """
    date, every = groups["date"].max(), groups
    groups = every[every["date"] == date].reset_index(drop=True)
    rates = [rate(int(a), int(n)) for a, n in zip(groups["active"], groups["units"], strict=True)]
    winners = best_of_many(groups["segment"].tolist(), groups["active"], groups["units"])
    table = groups[["segment", "units", "active"]].astype({"units": "Float64", "active": "Float64"})
    table = table.assign(
        share=[r.share for r in rates], low=[r.low for r in rates], high=[r.high for r in rates],
        method=[r.method for r in rates], expected=groups["expected"], events=groups["events"],
        events_low=groups["events_low"], events_high=groups["events_high"],
        posterior=winners.table["posterior"].to_numpy(), p_best=winners.table["p_best"].to_numpy(),
    )  # fmt: skip
    hidden = groups["hidden"].to_numpy()
    numbers = [c for c in table.columns if c not in ("segment", "units", "method")]
    table.loc[hidden, numbers] = np.nan
    table.loc[hidden, "method"] = ""
    table.loc[suppressed(groups["units"]).to_numpy(), "units"] = pd.NA
    known = table[table["p_best"].notna()]
    most = int(known.loc[known["p_best"].idxmax(), "segment"]) if len(known) else None
    found = Activity(table, most, None, _marks(every), date, COVERAGE)
    if most is None or found.next_to is None:
        return found
    both = groups.set_index("segment").loc[[most, found.next_to]]
    (a, b), (n, m) = (tuple(int(v) for v in both[c]) for c in ("active", "units"))
    return replace(found, gap=difference((a, b), (n, m)))


def _marks(groups: pd.DataFrame) -> pd.DataFrame:
    shown = groups[~groups["hidden"] & (groups["units"] > 0)].reset_index(drop=True)
    rates = [rate(int(a), int(n)) for a, n in zip(shown["active"], shown["units"], strict=True)]
    limits = pd.DataFrame([(r.share, r.low, r.high) for r in rates], columns=["share", "low", "high"], dtype="float64")
    return pd.concat([shown[["date", "segment", "units", "expected"]], limits], axis=1)


@dataclass(frozen=True)
class NextEvents:
    """Times to the next event after one date, by segment.

    Attributes
    ----------
    curves : mapping of int to Survival
        By segment; those with too few units, or too few events, are left out.
    means : DataFrame
        ``segment``, ``units``, ``mean``, ``low``, ``high``: days without an event within the follow-up (restricted mean).
    chi, p : float
        Log-rank test over the segments in ``curves``.
    freedom : int
    date : datetime
    follow_up : float
        Days from the date to the end of the record.
    """

    curves: Mapping[int, Survival]
    means: pd.DataFrame
    chi: float
    p: float
    freedom: int
    date: datetime
    follow_up: float

    def points(self, segment: int, *, single: bool) -> pd.DataFrame:
        """Return a curve at the ends of weeks: ``time``, ``survival``, ``low``, ``high``.

        Parameters
        ----------
        segment : int
        single : bool
            Whether a step may be a single unit; else one holds five units or more.
        """
        curve = self.curves[segment]
        rows, told = [(0.0, 1.0, np.nan, np.nan)], 0.0
        for time in np.arange(STEP, self.follow_up + STEP, STEP):
            events = float(curve.table.loc[curve.table["time"] <= time, "events"].sum())
            if single or events - told >= SMALL_CELL:
                rows.append((float(min(time, self.follow_up)), *curve.at(float(time))))
                told = events
        return pd.DataFrame(rows, columns=["time", "survival", "low", "high"])

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "date": self.date, "follow_up_days": self.follow_up, "segments": self.means.to_dict("records"),
            "log_rank": {"chi_squared": self.chi, "p": self.p, "degrees_of_freedom": self.freedom},
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.means.to_html(index=False, border=0)


def next_events(times: pd.DataFrame, segment: pd.Series, date: datetime, *, until: float) -> NextEvents:
    """Estimate, by segment, how long units go without an event after a date.

    Parameters
    ----------
    times : DataFrame of shape (n_units, 2)
        ``days`` and ``called``; one row per unit.
    segment : Series of length n_units
    date : datetime
    until : float
        Days from the date to the end of the record.
    """
    counts = pd.DataFrame({"units": segment.value_counts().sort_index()})
    counts["events"] = times["seen"].groupby(segment).sum()
    silent = counts["units"] - counts["events"]
    hide = suppressed(counts["units"]) | suppressed(counts["events"]) | suppressed(silent)
    shown = [int(s) for s in counts.index[~hide]]
    curves, rows = {}, []
    for number in shown:
        own = times[segment == number]
        curves[number] = kaplan_meier(own["days"], own["seen"])
    for number, curve in curves.items():
        mean = curve.restricted_mean(until)
        rows.append((number, curve.units, mean.value, mean.low, mean.high))
    among = segment.isin(shown)
    chi, p, freedom = log_rank(times.loc[among, "days"], times.loc[among, "seen"], segment[among])
    means = pd.DataFrame(rows, columns=["segment", "units", "mean", "low", "high"])
    return NextEvents(curves, means, chi, p, freedom, date, until)
