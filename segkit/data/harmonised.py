"""What the loader made of a file of leads, added up such that it tells of no single lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..privacy import suppressed
from .cells import FEW
from .lead_columns import SHAPED, Change, SetAside
from .lead_words import NO_VALUE
from .leads import LeadTable

FREE = ("job_title",)  # columns that people fill in words of their own: their values are not quoted


@dataclass(frozen=True)
class Harmonised:
    """Every change of a file of leads, counted.

    Attributes
    ----------
    changes : DataFrame
        One row per column and reason, in the order of the file: ``column`` (its label), ``why``, ``spellings`` (how many
        became another one, or none), ``rows`` (missing below ten, and for the next smallest where the total would give such a
        one away).
    spellings : DataFrame
        The spellings that ten leads or more have, the commonest first: ``column``, ``before``, ``after`` (empty where no
        value is left), ``rows``, ``why``. None of those of free titles, nor of what looks like an address of somebody.
    rows : int or None
        Cells that were changed, over all columns; None where there are some, and fewer than ten.
    set_aside : tuple of SetAside
        Columns that describe nobody, with the reasons.
    warnings, notes : tuple of str
        What the loader has to say of the file.
    """

    changes: pd.DataFrame
    spellings: pd.DataFrame
    rows: int | None
    set_aside: tuple[SetAside, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "changes": self.changes.to_dict("records"), "spellings": self.spellings.to_dict("records"), "rows": self.rows,
            "set_aside": [{"column": one.label, "why": one.why} for one in self.set_aside],
            "warnings": list(self.warnings), "notes": list(self.notes),
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.changes.to_html(index=False, border=0)


def harmonised(table: LeadTable) -> Harmonised:
    """Add up what the loader changed.

    Parameters
    ----------
    table : LeadTable

    Notes
    -----
    A count of fewer than ten leads is not told, nor what would give it back: the reasons of all columns add up to a total that
    is told, and so do the spellings of one column and reason.
    """
    labels = {c.name: c.label for c in table.columns}
    groups: dict[tuple[str, str], list[Change]] = {}
    for change in table.changes:
        groups.setdefault((change.column, change.why), []).append(change)
    sizes = pd.Series([sum(c.rows for c in group) for group in groups.values()], dtype="int64")
    hidden = suppressed(sizes, FEW)
    rows = [
        (labels[column], why, len(group), None if hide else float(size))
        for ((column, why), group), size, hide in zip(groups.items(), sizes, hidden, strict=True)
    ]
    told = [
        (labels[c.column], c.before, c.after, c.rows, c.why)
        for group, hide in zip(groups.values(), hidden, strict=True)
        for c in ([] if hide else _quotable(group))
    ]
    total = int(sizes.sum())
    spellings = pd.DataFrame(told, columns=["column", "before", "after", "rows", "why"])
    return Harmonised(
        changes=pd.DataFrame(rows, columns=["column", "why", "spellings", "rows"]).astype({"rows": "float64"}),
        spellings=spellings.sort_values("rows", ascending=False, kind="stable", ignore_index=True),
        rows=None if 0 < total < FEW else total,
        set_aside=table.set_aside,
        warnings=table.warnings,
        notes=table.notes,
    )


def _quotable(group: list[Change]) -> list[Change]:
    """Return the changes of one column and reason whose spellings may be told."""
    few = suppressed(pd.Series([c.rows for c in group], dtype="int64"), FEW)
    words = group[0].why == NO_VALUE or group[0].column not in FREE
    return [c for c, hide in zip(group, few, strict=True) if words and not hide and c.before != SHAPED]
