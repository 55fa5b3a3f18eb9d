"""What is known of an export before anything is computed from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from .prospects import ProspectTable


@dataclass(frozen=True)
class ExportAudit:
    """What is known of an export before anything is computed from it.

    Attributes
    ----------
    units : int
    missing : DataFrame
        One row per column of the contract that the file has: ``column``, ``missing`` (cells), ``share``.
    history : DataFrame
        One row per column whose cells hold earlier values: ``column``, ``cells``, ``most``.
    first, last, as_of : datetime
        The first and the last day on which somebody was added, and the moment at which open ones are censored.
    closed, won : int or None
        None, as below, where private data have fewer than five such.
    both : int or None
        Closed and won; the two are kept apart, since neither implies the other.
    negative : int or None
        Closed before they were added, which is an error of the file.
    system : int or None
        Created outside of any tracked visit, with no touch by a person named.
    dictionary : str
        The version of the dictionary of channels.
    notes : tuple of str
    """

    units: int
    missing: pd.DataFrame
    history: pd.DataFrame
    first: datetime
    last: datetime
    as_of: datetime
    closed: int | None
    won: int | None
    both: int | None
    negative: int | None
    system: int | None
    dictionary: str
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "units": self.units, "missing": self.missing.to_dict("records"), "history": self.history.to_dict("records"),
            "first": self.first, "last": self.last, "as_of": self.as_of, "closed": self.closed, "won": self.won,
            "both": self.both, "negative": self.negative, "system": self.system, "dictionary": self.dictionary,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.missing.to_html(index=False, border=0)


def export_audit(table: ProspectTable, won: pd.Series, system: pd.Series) -> ExportAudit:
    """Collect what an audit tells of an export.

    Parameters
    ----------
    table : ProspectTable
    won, system : Series of bool, length n_units
        See `ExportAudit`.
    """
    frame = table.frame
    missing = frame.isna().sum()
    closed = frame["closed"].notna()
    return ExportAudit(
        units=len(frame),
        missing=pd.DataFrame({"column": missing.index, "missing": missing.to_numpy(), "share": frame.isna().mean().to_numpy()}),
        history=table.history,
        first=_day(frame["created"].min()),
        last=_day(frame["created"].max()),
        as_of=_day(table.as_of),
        closed=int(closed.sum()),
        won=int(won.sum()),
        both=int((won & closed).sum()),
        negative=table.negative,
        system=int(system.sum()),
        dictionary=table.dictionary,
        notes=(*table.warnings, *table.notes),
    )  # fmt: skip


def _day(when: pd.Timestamp) -> datetime:
    found: datetime = when.normalize().to_pydatetime()
    return found
