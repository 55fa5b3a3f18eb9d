"""Facts about the columns of a file: roles, types, gaps, and redundant columns that contradict the date."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from ..config import EventSettings
from ..text import flat
from .calendar_words import MONTH_NUMBER, WEEKDAY_NUMBER
from .headers import known_heading
from .tables import Table, unnamed

SAMPLE = 1000  # rows
TYPES = {  # from narrow to wide
    "integer": "regexp_matches({}, '^[+-]?\\d+$')",
    "decimal": "TRY_CAST({} AS DOUBLE) IS NOT NULL",
    "time": "TRY_CAST({} AS TIME) IS NOT NULL",
}
REDUNDANT = ("weekday", "month", "year")


def column_facts(table: Table, settings: EventSettings) -> pd.DataFrame:
    """Describe every column of a file.

    Returns
    -------
    DataFrame
        One row per column in file order: name (its place where neither the settings nor the usual words of logs have it,
        since it may be anything), role (``"unused"`` where the settings name none), type (``"integer"``,
        ``"decimal"``, ``"date"``, ``"time"``, ``"text"`` or ``"empty"``), missing (cells), missing_share.
    """
    role_of = {name: role for role, name in settings.columns.used.items()}
    filled, types = _looked_at(table)
    records = []
    for i, (name, count) in enumerate(zip(table.columns, filled, strict=True)):
        role = role_of.get(name, "unused")
        kind = "empty" if not count else "date" if role == "date" else types.get(name, "text")
        missing = table.count - count
        shown = flat(name) if role != "unused" or known_heading(name) else unnamed(i)
        records.append((shown, role, kind, missing, missing / table.count))
    return pd.DataFrame(records, columns=["name", "role", "type", "missing", "missing_share"])


def _looked_at(table: Table) -> tuple[Sequence[int], dict[str, str]]:
    """Count the filled cells of each column, and name the narrowest type that all of them have, of columns that are no text.

    A sample saves the full look at what it rules out.
    """
    counts, filled = [f"count({table.text(name)})" for name in table.columns], tuple[int, ...]()
    found = [(name, kind) for name in table.columns for kind in TYPES]
    for rows in (f"(FROM raw LIMIT {SAMPLE})", "raw")[: 1 + (table.count > SAMPLE)]:
        texts = [(table.text(name), kind) for name, kind in found]
        looks = [f"count({text}) = count(*) FILTER ({TYPES[kind].format(text)})" for text, kind in texts]
        told = table.one(f"SELECT {', '.join([*counts, *looks])} FROM {rows}")
        filled = told[: len(counts)]
        found = [pair for pair, fit in zip(found, told[len(counts) :], strict=True) if fit]
    return filled, dict(reversed(found))


def disagreements(table: Table, settings: EventSettings) -> pd.DataFrame:
    """Compare the columns weekday, month and year with the date as written, where the settings name them.

    Returns
    -------
    DataFrame
        role, column, checked (rows whose word or number is understood), disagree (rows that contradict the date).
    """
    records = []
    for role in REDUNDANT:
        column = settings.columns.used.get(role)
        if not column:
            continue
        text = f"lower(strip_accents(rtrim({table.text(column)}, '.')))"
        digits = "TRY_CAST(word AS INTEGER)"
        if role == "year":
            truth, century = "year(day)", "year(day) // 100 * 100"
            value = f"CASE WHEN {digits} < 100 THEN {digits} + {century} ELSE {digits} END"
        elif role == "month":
            truth, value = "month(day)", f"coalesce(number, CASE WHEN {digits} BETWEEN 1 AND 12 THEN {digits} END)"
        else:
            truth, value = "isodow(day)", "number"
        words = WEEKDAY_NUMBER if role == "weekday" else MONTH_NUMBER
        known = pa.table({"known": list(words), "number": list(words.values())})
        table.connection.register("known_words", known)
        checked, disagree = table.one(f"""
            WITH pairs AS (
                SELECT {text} AS word, day FROM parsed JOIN raw ON parsed.id = raw.rowid WHERE fault IS NULL
            ), valued AS (
                SELECT {value} AS value, {truth} AS truth FROM pairs LEFT JOIN known_words ON word = known
            )
            SELECT count(value), count(*) FILTER (value <> truth) FROM valued
        """)
        table.connection.unregister("known_words")
        records.append((role, flat(column), checked, disagree))
    return pd.DataFrame(records, columns=["role", "column", "checked", "disagree"])
