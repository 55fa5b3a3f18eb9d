"""Amounts of money in text, as SQL: which forms are recognised, and how many cents they are."""

from __future__ import annotations

from ..errors import InputError
from .headers import header_words
from .identifiers import is_empty
from .tables import Table

MOST = 10**13  # cents: nobody buys for more than a hundred billion at once, and sums of many stay exact
_BLANK = r"[\s\x{00a0}\x{202f}\x{2009}]"
_MINUS = r"[\-\x{2212}\x{2013}]"
# A sign of currency, perhaps behind the letters of a country; an ISO 4217 code; or what a few countries write in its place.
_CURRENCY = r"(?:US|CA|AU|NZ|HK|[ACRS])?\p{Sc}|[A-Z]{3}|kr\.?|Kč|zł|Fr\.?|Rs\.?|Ft|lei|R"
_THOUSANDS = {"point": r",", "comma": r"\."}
_DECIMAL = {"point": r"\.", "comma": ","}
PARTS = ["open", "before", "cur", "inner", "whole", "frac", "code", "after", "shut"]
SIGNS = {
    "$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "CA$": "CAD", "C$": "CAD", "AU$": "AUD",
    "A$": "AUD",
}  # fmt: skip
CODES = frozenset((*SIGNS.values(), "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "BRL", "ZAR", "CNY", "MXN"))


def _pattern(decimal: str) -> str:
    grouped = rf"\d{{1,3}}(?:(?:{_THOUSANDS[decimal]}|[''\x{{2019}}]|{_BLANK})\d{{3}})+"
    number = rf"({grouped}|\d*)(?:{_DECIMAL[decimal]}(\d*))?"
    signed = rf"({_MINUS}|\+)?{_BLANK}*({_CURRENCY})?{_BLANK}*({_MINUS}|\+)?{_BLANK}*"
    return rf"^(\()?{_BLANK}*{signed}{number}{_BLANK}*({_CURRENCY})?{_BLANK}*({_MINUS})?{_BLANK}*(\))?$"


def parts(column: str, decimal: str) -> str:
    """Return SQL for a struct of the parts of an amount; all are empty where the text is none under this decimal sign.

    Parameters
    ----------
    column : str
        SQL of the text.
    decimal : {"point", "comma"}
    """
    names = ", ".join(f"'{p}'" for p in PARTS)
    return f"regexp_extract({column}, '{_pattern(decimal)}', [{names}])"


def _minuses(p: str) -> str:
    signs = " + ".join(f"CAST({p}.{name} NOT IN ('', '+') AS INTEGER)" for name in ("open", "before", "inner", "after"))
    return f"({signs})"


def cents(p: str = "c") -> str:
    """Return SQL for the cents of a struct of :func:`parts`, null where it is no amount.

    Brackets and a minus at either end are negative. What is beyond two decimals is rounded, halves to even.
    """
    digits = f"regexp_replace({p}.whole, '\\D', '', 'g')"
    whole = f"TRY_CAST('0' || {digits} || rpad(left({p}.frac, 2), 2, '0') AS HUGEINT)"
    rest = beyond(p)
    up = f"CASE WHEN {rest} < '5' THEN 0 WHEN {rest} = '5' THEN {whole} % 2 ELSE 1 END"
    fits = f"{p}.whole || {p}.frac <> '' AND ({p}.open = '') = ({p}.shut = '') AND {_minuses(p)} <= 1"
    return f"CASE WHEN {fits} AND ({p}.cur = '' OR {p}.code = '') THEN ({whole} + {up}) * (1 - 2 * {_minuses(p)}) END"


def beyond(p: str = "c") -> str:
    """Return SQL for the decimals of an amount beyond the second, without zeros at the end."""
    return f"rtrim(substr({p}.frac, 3), '0')"


def other_decimal(table: Table, column: str, stated: str) -> str | None:
    """Return the decimal sign under which every filled cell is an amount, if it is not the stated one."""
    other = "comma" if stated == "point" else "point"
    text = table.text(column)
    total, fits = table.one(
        f"SELECT count(*), count({cents()}) FROM (SELECT {parts(text, other)} AS c FROM raw WHERE NOT {is_empty(text)})"
    )
    return other if total == fits else None


def decimal_signs(table: Table, column: str) -> tuple[int, int, int]:
    """Count the amounts of a column that can only have a decimal point, only a decimal comma, and those that may have either."""
    cell, text = table.columns[column], table.text(column)
    each = f"SELECT {text} AS x, n FROM (SELECT {cell}, count(*) AS n FROM raw GROUP BY {cell})"  # an empty one is no amount
    inner = f"SELECT x, n, {parts('x', 'point')} AS p, {parts('x', 'comma')} AS c FROM ({each})"
    point, comma = f"({cents('p')}) IS NOT NULL", f"({cents('c')}) IS NOT NULL"
    flags = (
        f"{point} AND NOT {comma}",
        f"{comma} AND NOT {point}",
        f"{point} AND {comma} AND regexp_matches(x, '\\d[.,]\\d')",
    )
    counts = ", ".join(f"CAST(coalesce(sum(n) FILTER ({flag}), 0) AS BIGINT)" for flag in flags)
    only_point, only_comma, either = table.one(f"SELECT {counts} FROM ({inner})")
    return only_point, only_comma, either


def mixed_signs(only_point: int, only_comma: int) -> str:
    """Return what a message says of amounts of both kinds."""
    return f"{only_point:,} amounts can only have a decimal point and {only_comma:,} only a decimal comma: export them in one way"


def decimal_of(table: Table, column: str) -> tuple[str | None, str]:
    """Return the decimal sign of a column where its cells settle it, and what was seen."""
    only_point, only_comma, either = decimal_signs(table, column)
    if only_point and only_comma:
        return None, mixed_signs(only_point, only_comma)
    if only_point or only_comma:
        sign = "point" if only_point else "comma"
        return sign, f"{only_point or only_comma:,} amounts can only be read with a decimal {sign}"
    if either:
        return None, f"{either:,} amounts may have a sign of thousands or of decimals, as 1,234 has"
    return "point", "No amount has decimals"


def currency(table: Table, column: str) -> tuple[str, tuple[str, ...]]:
    """Return the currency that the good rows of ``parsed`` state, else the header, else nothing; and what the reader should know.

    Raises
    ------
    InputError
        The rows state several.
    """
    known = " ".join(f"WHEN '{sign}' THEN '{code}'" for sign, code in SIGNS.items())
    found = table.connection.execute(
        f"SELECT CASE currency {known} ELSE currency END AS c, count(*) AS n, min(row, 5) FROM parsed WHERE fault IS NULL "
        "GROUP BY c ORDER BY n, c"
    ).fetchall()
    stated = [(code, count, rows) for code, count, rows in found if code]
    if len(stated) > 1:
        count = sum(n for _, n, _ in stated[:-1])
        raise InputError(
            f"amounts are in {len(stated)} currencies: {count:,} of {sum(n for _, n, _ in stated):,} are in another than most",
            file=table.source.path,
            column=column,
            rows=sorted(row for _, _, rows in stated[:-1] for row in rows)[:5],
            count=count,
            remedy="Convert all amounts into one currency, or keep the rows of one.",
        )
    if not stated:
        words = [word.upper() for word in header_words(column) if word.upper() in CODES]
        return (words[0] if len(words) == 1 else ""), ()
    without = sum(n for code, n, _ in found if not code)
    note = (
        f"{without:,} {'amount states' if without == 1 else 'amounts state'} no currency; that of the others was taken."
    )
    return stated[0][0], (note,) if without else ()
