"""The audit of a call log: what is in it, when, and where it breaks off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from ..config import WEEKDAYS, EventSettings
from ..disclosure import common
from ..privacy import SMALL_CELL, suppressed
from .events import EventLog, LoadAudit

QUANTILES = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
BREAK_DAYS = 7
THIN_MONTH = 0.25


@dataclass(frozen=True)
class CallAudit:
    """What the log holds.

    Attributes
    ----------
    load : LoadAudit
        What was seen while the file was read.
    rows, units : int
        Calls and contacts.
    first, last : datetime
        First and last call, on the local clock.
    months : DataFrame
        ``month`` (first day), ``calls``, ``contacts``; every month of the range, also the empty ones.
    bands : DataFrame
        ``band``, ``first_hour``, ``last_hour``, ``calls``, ``share``, ``contacts``.
    weekdays : DataFrame
        ``weekday``, ``open``, ``calls``, ``share``, ``contacts``.
    durations : DataFrame
        ``quantile`` and ``seconds``, by linear interpolation; ``common``, the same as coarse as five contacts have it in
        common.
    silent : DataFrame
        Runs of at least seven days without a call: ``start``, ``end``, ``days``.
    longest_silence : int
        Days of the longest run without a call.
    units_per_category : DataFrame
        ``category``, ``calls``, ``share``, ``contacts``; empty where the log has no categories.
    """

    load: LoadAudit
    rows: int
    units: int
    first: datetime
    last: datetime
    months: pd.DataFrame
    bands: pd.DataFrame
    weekdays: pd.DataFrame
    durations: pd.DataFrame
    silent: pd.DataFrame
    longest_silence: int
    units_per_category: pd.DataFrame

    @property
    def gates(self) -> pd.DataFrame:
        """One row per gate: what is checked, and how many rows fail it."""
        load = self.load
        contract, missing = load.contract, load.columns.set_index("role")["missing"]
        needed = [r for r in (*contract.required, "time") if r in missing.index]
        rows = [
            ("required cells are filled", int(missing[needed].sum())),
            ("dates and times can be read", load.timestamp_failures),
            (f"{contract.amount}s are numbers", load.amount_failures),
            *([] if contract.money else [("durations are not negative", load.negative_amounts)]),
            ("identifiers are whole, and no category is one", load.identifier_failures),
        ]
        return pd.DataFrame(rows, columns=["check", "failures"])

    @property
    def thin_months(self) -> pd.DataFrame:
        """Full months with fewer calls than a quarter of the median month."""
        full = self.months.iloc[1:-1]
        return full[full["calls"] < THIN_MONTH * full["calls"].median()]

    @property
    def out_of_hours(self) -> float:
        """Share of calls on closed days."""
        return float(self.weekdays.loc[~self.weekdays["open"], "share"].sum(skipna=False))

    @property
    def busiest_band(self) -> pd.Series:
        """The band with the most calls."""
        return self.bands.loc[self.bands["calls"].idxmax()]

    def seconds(self, quantile: float) -> float:
        """Return a quantile of the durations."""
        return float(self.durations.set_index("quantile")["seconds"].loc[quantile])

    @property
    def table(self) -> pd.DataFrame:
        """The columns of the file by role."""
        return self.load.columns

    def to_json(self) -> dict[str, Any]:
        """Return the publishable counts as plain values."""
        return {
            "rows": self.rows,
            "columns": self.load.n_columns,
            "units": self.units,
            "duplicates": self.load.duplicates,
            "timestamp_failures": self.load.timestamp_failures,
            f"{self.load.contract.amount}_failures": self.load.amount_failures,
            f"negative_{self.load.contract.amount}s": self.load.negative_amounts,
            "quarantined": {q.gate: q.count for q in self.load.quarantined},
            "bands": dict(zip(self.bands["band"], self.bands["calls"], strict=True)),
            "weekdays": dict(zip(self.weekdays["weekday"], self.weekdays["calls"], strict=True)),
        }

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def audit_calls(log: EventLog, settings: EventSettings) -> CallAudit:
    """Describe a typed call log.

    Parameters
    ----------
    log : EventLog
    settings : EventSettings
        Bands and closed days.
    """
    import ibis

    connection = ibis.duckdb.connect()
    try:
        calls = connection.create_table("calls", log.events, temp=True)
        facts = calls.aggregate(
            first=calls.started_at.min(),
            last=calls.started_at.max(),
            **{f"q{i}": calls.amount.quantile(q) for i, q in enumerate(QUANTILES)},
        ).execute()
        days = calls.group_by(day=calls.started_at.date()).aggregate(calls=calls.count()).execute()
        at_hour = calls.select("unit", hour=calls.started_at.hour()).distinct().execute()
        on_day = calls.select("unit", weekday=calls.started_at.day_of_week.index()).distinct().execute()
        monthly = calls.group_by(month=calls.started_at.truncate("M").date()).aggregate(
            calls=calls.count(), contacts=calls.unit.nunique()
        )
        months = monthly.execute()
        hours = calls.group_by(hour=calls.started_at.hour()).aggregate(calls=calls.count()).execute()
        labelled = calls.filter(calls.category.notnull())
        kinds = (
            labelled.group_by("category").aggregate(calls=labelled.count(), contacts=labelled.unit.nunique()).execute()
        )
    finally:
        connection.disconnect()
    seconds = [float(facts[f"q{i}"].iloc[0]) for i in range(len(QUANTILES))]
    runs = _silent_runs(pd.DatetimeIndex(pd.to_datetime(days["day"])))
    return CallAudit(
        load=log.audit,
        rows=log.rows,
        units=log.units,
        first=facts["first"].iloc[0].to_pydatetime(),
        last=facts["last"].iloc[0].to_pydatetime(),
        months=_every_month(months),
        bands=_bands(hours, at_hour, settings),
        weekdays=_weekdays(days, on_day, settings),
        durations=pd.DataFrame({"quantile": QUANTILES, "seconds": seconds, "common": _common(log, seconds)}),
        silent=runs[runs["days"] >= BREAK_DAYS].reset_index(drop=True),
        longest_silence=int(runs["days"].max()) if len(runs) else 0,
        units_per_category=_categories(kinds),
    )


def _every_month(months: pd.DataFrame) -> pd.DataFrame:
    months = months.assign(month=pd.to_datetime(months["month"])).set_index("month").sort_index()
    full = pd.date_range(months.index[0], months.index[-1], freq="MS", name="month")
    return months.reindex(full, fill_value=0).reset_index()


def _common(log: EventLog, seconds: list[float]) -> list[float]:
    """Return each of these lengths, as coarse as calls of five contacts have it in common."""
    lengths = log.events["amount"].to_numpy().astype(np.float64)
    units = pd.factorize(log.events["unit"].to_pandas())[0].astype(np.int64)
    return [common(value, lengths, units) for value in seconds]


def _bands(hours: pd.DataFrame, at_hour: pd.DataFrame, settings: EventSettings) -> pd.DataFrame:
    at = hours.set_index("hour")["calls"].reindex(range(24), fill_value=0)
    rows = [
        (b, a, z, int(at.loc[a:z].sum()), int(at_hour.loc[at_hour["hour"].between(a, z), "unit"].nunique()))
        for b, (a, z) in settings.hours.bands.items()
    ]
    frame = pd.DataFrame(rows, columns=["band", "first_hour", "last_hour", "calls", "contacts"])
    return frame.assign(share=frame["calls"] / frame["calls"].sum())


def _weekdays(days: pd.DataFrame, on_day: pd.DataFrame, settings: EventSettings) -> pd.DataFrame:
    by_day = days.groupby(pd.to_datetime(days["day"]).dt.day_of_week)["calls"].sum().reindex(range(7), fill_value=0)
    opened = [d not in settings.hours.closed_days for d in WEEKDAYS]
    contacts = on_day.groupby("weekday")["unit"].nunique().reindex(range(7), fill_value=0)
    frame = pd.DataFrame(
        {"weekday": WEEKDAYS, "open": opened, "calls": by_day.to_numpy(), "contacts": contacts.to_numpy()}
    )
    return frame.assign(share=frame["calls"] / frame["calls"].sum())


def _categories(kinds: pd.DataFrame) -> pd.DataFrame:
    kinds = kinds.sort_values(["calls", "category"], ascending=[False, True], ignore_index=True)
    return kinds.assign(share=kinds["calls"] / max(int(kinds["calls"].sum()), 1))[
        ["category", "calls", "share", "contacts"]
    ]


def _silent_runs(days: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the runs of whole days without a call, between the first call and the last."""
    days = days.sort_values()
    step = days[1:] - days[:-1]
    gap = step.days > 1
    frame = pd.DataFrame(
        {
            "start": days[:-1][gap] + pd.Timedelta(days=1),
            "end": days[1:][gap] - pd.Timedelta(days=1),
            "days": step.days[gap] - 1,
        }
    )
    return frame.sort_values(["days", "start"], ascending=[False, True], ignore_index=True)


def hide_small_months(months: pd.DataFrame, minimum: int = SMALL_CELL) -> pd.DataFrame:
    """Blank the months in which fewer than ``minimum`` contacts called; empty months stay, since they tell of nobody.

    Where that blanks a single month, the one with the next fewest contacts is blanked too: the total of all calls is
    known and would give the month back.
    """
    small = suppressed(months["contacts"], minimum)
    out = months.astype({"calls": "Float64", "contacts": "Float64"})
    out.loc[small, ["calls", "contacts"]] = pd.NA
    return out
