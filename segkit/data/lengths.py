"""How long calls last: lengths in words, signs of thousands and decimals, missed calls, and units that cannot be."""

from __future__ import annotations

from typing import cast

from ..config import Contacts, EventSettings
from ..errors import SHOWN_ROWS, InputError
from .identifiers import is_empty
from .tables import Table

_N = r"(\d+(?:[.,]\d+)?)\s*"
_HOUR = r"(?:h|hrs?|hours?|std|stunden?|heures?|horas?|ora|ore|uur|uren)\.?"
_MINUTE = r"(?:m|mins?|minutes?|minuten?|minutos?|minuto|minuti|\x27|\x{2032})\.?"
_SECOND = (
    r"(?:s|secs?|seconds?|sek|sekunden?|secondes?|segundos?|seg|seconden?|secondi|secondo|\x27\x27|\x22|\x{2033})\.?"
)
_MILLI = r"(?:ms|msecs?|milliseconds?|millisekunden?|millisecondes?|milisegundos?)\.?"
_AND = r"(?:\s*(?:,|and|und|et|y|e|en)?\s*)"
WORDS = (
    rf"(?i)^(?:PT)?(?:{_N}{_HOUR}{_AND})?(?:{_N}{_MINUTE}{_AND})?(?:{_N}{_SECOND}{_AND})?(?:{_N}{_MILLI})?$"
    r"|^(\d+)\s*h\s*(\d{1,2})$|^(\d+)\s*m(?:in)?\.?\s*(\d{1,2})$"  # 1h20, 1m20
    r"|^(\d{1,2}):([0-5]\d)\x27([0-5]\d)(?:\x22|\x27\x27)?$"  # 00:01'20, as systems of Panasonic print it
)
PARTS = ["h", "m", "s", "ms", "h2", "m2", "m3", "s3", "h4", "m4", "s4"]
_SECONDS_OF = dict(zip(PARTS, (3600, 60, 1, 0.001, 3600, 60, 60, 1, 3600, 60, 1), strict=True))
DASHES = "'-:\u2010\u2011\u2012\u2013\u2014\u2015 '"  # SQL of the signs that such a cell has, to trim, which is fast
NOTHING = r"^[-\x{2010}-\x{2015}:\s]+$"  # a dash in place of a length
OPEN = r"^[+-]?[1-9]\d{0,2}[.,]\d{3}$"  # 1,234: a thousand and more, or one and a bit?
_GROUP = r"[\x27\x{2019}\s\x{00a0}\x{202f}\x{2009}]"  # between thousands in every language


def word_parts(column: str) -> str:
    """Return SQL for a struct of the parts of a length in words (``1 min 20 s``); all are empty where it is none."""
    return f"regexp_extract({column}, '{WORDS}', [{', '.join(map(repr, PARTS))}])"


def of_words(parts: str = "c") -> str:
    """Return SQL for the seconds of a struct of :func:`word_parts`, null where it is no length."""
    some = " || ".join(f"{parts}.{name}" for name in PARTS)
    total = " + ".join(
        f"coalesce(TRY_CAST(replace({parts}.{name}, ',', '.') AS DOUBLE), 0) * {worth}"
        for name, worth in _SECONDS_OF.items()
    )
    return f"CASE WHEN {some} <> '' THEN {total} END"


def number(column: str, decimal: str | None) -> str:
    """Return SQL for a number as a decimal one; null where the text is none, or where its sign may be of thousands.

    Parameters
    ----------
    column : str
        SQL of the text.
    decimal : {"point", "comma"} or None
        The sign of decimals; the other one is that of thousands. Without it, either sign is one of decimals, and texts such
        as ``1,234`` are refused. Blanks and apostrophes between groups of three digits are signs of thousands always.
    """
    if decimal is None:
        bare = f"regexp_matches({column}, '^[+-]?\\d+(?:[.,]\\d+)?$') AND NOT regexp_matches({column}, '{OPEN}')"
        return f"CASE WHEN {bare} THEN TRY_CAST(replace({column}, ',', '.') AS DOUBLE) END"
    point, comma = (r"\.", ",") if decimal == "point" else (",", r"\.")
    fits = f"regexp_matches({column}, '^[+-]?(?:\\d{{1,3}}(?:(?:{comma}|{_GROUP})\\d{{3}})+|\\d+)(?:{point}\\d+)?$')"
    digits = f"replace(regexp_replace({column}, '{comma}|{_GROUP}', '', 'g'), ',', '.')"
    return f"CASE WHEN {fits} THEN TRY_CAST({digits} AS DOUBLE) END"


def decimal_of(table: Table, column: str) -> tuple[str | None, int]:
    """Return the sign of decimals that the cells of a column settle, and how many of them are open by themselves.

    A sign is one of decimals where one cell cannot be read otherwise: two digits behind it, more than three before it, or a
    zero; or where the other sign stands for thousands.
    """
    text = table.text(column)
    other = {"point": (r"\.", ","), "comma": (",", r"\.")}
    flags = [
        rf"{sign}(?:\d{{1,2}}|\d{{4,}})$|^[+-]?(?:0\d*|\d{{4,}}){sign}\d+$|{group}\d{{3}}{group}\d{{3}}|{group}\d{{3}}{sign}\d"
        rf"|\d{_GROUP}\d{{3}}{sign}\d"
        for sign, group in other.values()
    ]
    counts = ", ".join(
        f"count(*) FILTER (regexp_matches(x, '{flag}'))" for flag in (*flags, OPEN, rf"\d{_GROUP}\d{{3}}")
    )
    point, comma, unclear, grouped = table.one(
        f"SELECT {counts} FROM (SELECT {text} AS x FROM raw) WHERE regexp_matches(x, '\\D') "
        "AND regexp_matches(x, '^[+-]?[\\d.,\\x27\\x{2019}\\s\\x{00a0}\\x{202f}\\x{2009}]+$')"
    )
    if bool(point) != bool(comma):
        return ("point" if point else "comma"), unclear
    return ("point" if grouped and not unclear else None), unclear


def settled(table: Table, settings: EventSettings) -> EventSettings:
    """Return the settings of a call log with the sign of decimals that the file itself settles, where they state none."""
    if settings.contract.money or "duration" not in settings.columns.used:
        return settings
    form = cast("Contacts", settings).format
    if form.decimal or form.duration_unit in ("h:mm:ss", "h:mm", "words"):
        return settings
    sign, _ = decimal_of(table, settings.columns.amount_column)
    return settings.model_copy(update={"format": form.model_copy(update={"decimal": sign})}) if sign else settings


def missing(text: str) -> str:
    """Return SQL for "this cell has no length": it is empty, or has a dash."""
    dash = f"TRY_CAST({text} AS BIGINT) IS NULL AND coalesce(regexp_matches({text}, '{NOTHING}'), false)"
    return f"({is_empty(text)} OR ({dash}))"


def judge(table: Table, settings: EventSettings) -> tuple[str, ...]:
    """Refuse lengths whose unit cannot be the stated one, and return what the reader should know of missed calls.

    Raises
    ------
    InputError
        Half of the calls that were answered last longer than ``median_limit``.
    """
    if settings.contract.money:
        return ()
    form, section = cast("Contacts", settings).format, settings.contract.section("format")
    limit = form.median_limit
    answered, long, rows = table.one(
        f"SELECT count(*), count(*) FILTER (exact > {limit}), min(row, {SHOWN_ROWS}) FILTER (exact > {limit}) "
        "FROM parsed WHERE fault IS NULL AND exact > 0"
    )
    if 2 * long > answered:
        unit = form.duration_unit
        raise InputError(
            f"{long:,} of {answered:,} calls would last more than {limit / 3600:g} hours in {unit}",
            file=table.source.path,
            column=settings.columns.amount_column,
            rows=rows,
            count=long,
            remedy=f"Set duration_unit in {section} to the unit of the column. If calls are that long, set median_limit in "
            f"{section} to the seconds that half of them may last.",
        )
    if form.missed != "zero" or "duration" not in settings.columns.used:
        return ()
    text = table.text(settings.columns.amount_column)
    (count,) = table.one(f"SELECT count(*) FROM raw WHERE {missing(text)}")
    if not count:
        return ()
    return (
        f"{count:,} {'call has' if count == 1 else 'calls have'} no length; as the settings say, that is 0 seconds.",
    )
