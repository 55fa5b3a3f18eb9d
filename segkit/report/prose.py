"""Numbers and lists as a reader expects them in a sentence."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import ParamSpec

from ..text import markdown
from ..vocabulary import Vocabulary

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
GAP = "\N{NO-BREAK SPACE}"
P = ParamSpec("P")


class Text(str):
    """Text that every engine sets as it is, also inside of a sentence.

    Quarto writes a plain string of an inline expression the way Python would, with a no-break space as an escape; it
    takes Markdown as it comes.
    """

    def _repr_markdown_(self) -> str:
        # An empty text would leave the expression itself on the page under Quarto.
        return markdown(self) or "<!-- -->"


def minus(text: str) -> str:
    """Set a minus sign before numbers below zero.

    >>> minus("from -0.04 to 2.5, since 2026-11-21"), minus("p-2 (-3)")
    ('from −0.04 to 2.5, since 2026-11-21', 'p-2 (−3)')
    """
    return re.sub(r"(?<![\w.)])-(?=\d)", "\N{MINUS SIGN}", text)


def inline(function: Callable[P, str]) -> Callable[P, Text]:
    """Make a function's result fit for inline use."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Text:
        return Text(minus(function(*args, **kwargs)))

    return wrapped


class Words:
    """The vocabulary of a study for pages: each form fit for inline use, with a capital where its name has one.

    >>> w = Words(Vocabulary(unit="order", units="orders"))
    >>> w.units, w.A_unit
    ('orders', 'An order')
    """

    def __init__(self, terms: Vocabulary) -> None:
        self._terms = terms

    def __getattr__(self, name: str) -> Text:
        if name.startswith("twos"):
            return Text(twos(self._terms, whole=name == "twos_of_units"))
        found = str(getattr(self._terms, name.lower()))
        return Text(found if name.islower() else capital(found))

    def amount_of(self, value: float) -> Text:
        """Write an amount."""
        return Text(amount(value, self._terms))


def twos(terms: Vocabulary, *, whole: bool = False) -> str:
    """Name any two units together: a pair, unless that is what one unit is called; ``whole`` also says of what.

    >>> orders, pairs = Vocabulary(units="orders"), Vocabulary(units="pairs")
    >>> twos(orders), twos(orders, whole=True), twos(pairs)
    ('pairs', 'pairs of orders', 'couples of pairs')
    """
    return "couples of pairs" if terms.units == "pairs" else f"pairs of {terms.units}" if whole else "pairs"


@inline
def count(n: float) -> str:
    """Write a count with thousands separators.

    >>> count(24952)
    '24,952'
    """
    return f"{round(n):,}"


@inline
def word(n: int) -> str:
    """Write a small count as a word.

    >>> word(4), word(40)
    ('four', '40')
    """
    return WORDS[n] if 0 <= n < len(WORDS) else count(n)


def capital(text: str) -> str:
    """Begin a sentence.

    >>> capital("four segments")
    'Four segments'
    """
    return text[:1].upper() + text[1:]


@inline
def number(x: float, digits: int = 1) -> str:
    """Write a number with at most ``digits`` decimals and no needless zeros.

    >>> number(35.5), number(5.0), number(1234.56), number(-0.5)
    ('35.5', '5', '1,234.6', '−0.5')
    """
    if not math.isfinite(x):
        return "–"
    text = f"{x:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def fixed(x: float, digits: int = 2) -> str:
    """Write a number with as many decimals as asked for.

    >>> fixed(0.8), fixed(-0.001)
    ('0.80', '0.00')
    """
    return minus(f"{x:z.{digits}f}")


@inline
def percent(share: float, digits: int = 1) -> str:
    """Write a share in per cent.

    >>> percent(0.0841693).replace(GAP, " "), percent(0.0004).replace(GAP, " ")
    ('8.4 %', 'under 0.1 %')
    """
    if not math.isfinite(share):
        return "–"
    least = 10.0**-digits
    text: str = number(share * 100, digits)
    if share > 0 and text == "0":
        text = f"under {number(least, digits)}"
    elif share < 1 and text == "100":
        text = f"over {number(100 - least, digits)}"
    return f"{text}{GAP}%"


@inline
def exact(value: float) -> str:
    """Write a setting as it was set, so that what is compared with it reads true.

    >>> exact(0.75), exact(0.0125), exact(10.0)
    ('0.75', '0.0125', '10')
    """
    return f"{value:,.10g}"


@inline
def exact_percent(share: float) -> str:
    """Write a setting that is a share in per cent, as it was set.

    >>> exact_percent(0.95).replace(GAP, " "), exact_percent(0.0125).replace(GAP, " ")
    ('95 %', '1.25 %')
    """
    return f"{share * 100:.10g}{GAP}%"


def beside(value: float, threshold: float, *, at_most: bool = False, digits: int = 2) -> str:
    """Write a number with as many decimals as it takes to read as being on its own side of a threshold.

    Parameters
    ----------
    value, threshold : float
    at_most : bool
        Whether what equals the threshold is on the side of what is below.
    digits : int
        Decimals, where they do.

    Examples
    --------
    >>> beside(0.834, 0.8), beside(0.796, 0.8), beside(0.8, 0.8), beside(0.79999, 0.8)
    ('0.83', '0.796', '0.80', '0.79999')
    >>> beside(0.1004, 0.1, at_most=True), beside(0.0004, 0.1, digits=3)
    ('0.1004', '0.000')
    """
    if not math.isfinite(value):
        return "–"

    def side(x: float) -> bool:
        return x <= threshold if at_most else x >= threshold

    texts = (f"{value:z.{n}f}" for n in range(digits, digits + 4))
    return minus(next((text for text in texts if side(float(text)) == side(value)), f"{value:.9g}"))


@inline
def percent_beside(share: float, threshold: float, digits: int = 1) -> str:
    """Write a share in per cent with as many decimals as it takes to read as on its own side of a threshold.

    >>> percent_beside(0.8496, 0.85, 0).replace(GAP, " "), percent_beside(0.89, 0.85, 0).replace(GAP, " ")
    ('84.96 %', '89 %')
    """
    if not math.isfinite(share):
        return "–"
    for more in range(digits, digits + 4):
        if (round(share * 100, more) >= threshold * 100) == (share >= threshold):
            return percent(share, more)
    return percent(share, digits + 4)


@inline
def duration(seconds: float) -> str:
    """Write a length of talk.

    >>> [duration(s).replace(GAP, " ") for s in (0, 37, 494, 3600, 7200, 8000)]
    ['0 s', '37 s', '8 min 14 s', '1 h', '2 h', '2 h 13 min']
    """
    if not math.isfinite(seconds):
        return "–"
    total = round(seconds)
    if total < 120:
        return f"{number(seconds)}{GAP}s"
    hours, rest = divmod(total, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours:,}{GAP}h" + (f" {minutes}{GAP}min" if minutes else "")
    return f"{minutes}{GAP}min" + (f" {left}{GAP}s" if left else "")


def amount(value: float, terms: Vocabulary) -> str:
    """Write what events add up to: a length of time, or an amount of money.

    >>> amount(1234.5, Vocabulary()), amount(29.99, Vocabulary(amount_unit="$"))
    ('1,234.50', '$29.99')
    """
    if terms.amount_unit == "seconds":
        return duration(value)
    if not math.isfinite(value):
        return "–"
    sign = terms.amount_unit if len(terms.amount_unit) == 1 else ""
    after = f"{GAP}{terms.amount_unit}" if terms.amount_unit and not sign else ""
    return f"{'-' if value < 0 else ''}{sign}{abs(value):,.2f}{after}"


def priced(terms: Vocabulary, currency: str) -> Vocabulary:
    """Return a vocabulary whose amounts of money are in the currency that the record states.

    >>> amount(29.99, priced(Vocabulary(), "EUR")).replace(GAP, " "), priced(Vocabulary(), "").amount_unit
    ('29.99 EUR', '')
    """
    return replace(terms, amount_unit=terms.amount_unit or currency)


@inline
def days(x: float) -> str:
    """Write a number of days, whole from ten on.

    >>> days(501.33), days(0.81), days(9.96)
    ('501', '0.8', '10')
    """
    return number(x, 0) if x >= 9.95 else number(x, 1)


@inline
def ago(x: float) -> str:
    """Write how many days lie between, with the right plural.

    >>> [ago(x).replace(GAP, " ") for x in (501.33, 1.0, 0.01)]
    ['501 days', '1 day', 'less than a day']
    """
    text = days(x)
    return "less than a day" if text == "0" else f"{text}{GAP}{'day' if text == '1' else 'days'}"


def day(when: date) -> str:
    """Write a date.

    >>> day(date(2022, 1, 1)).replace(GAP, " ")
    '1 Jan 2022'
    """
    return f"{when.day}{GAP}{MONTHS[when.month - 1]}{GAP}{when.year}"


@inline
def span(first: date, last: date, *, exact: bool) -> str:
    """Write a range of dates, by month where exact dates would describe single events.

    >>> span(date(2022, 1, 1), date(2024, 10, 4), exact=False).replace(GAP, " ")
    'Jan 2022 to Oct 2024'
    """
    if exact:
        return f"{day(first)} to {day(last)}"
    return f"{MONTHS[first.month - 1]}{GAP}{first.year} to {MONTHS[last.month - 1]}{GAP}{last.year}"


def join(items: Sequence[str], last: str = "and") -> str:
    """Join with commas and a last word.

    >>> join(["a", "b", "c"]), join(["a"]), join([])
    ('a, b and c', 'a', '')
    """
    head, tail = list(items[:-1]), list(items[-1:])
    return f" {last} ".join([", ".join(head), *tail]) if head else "".join(tail)


def counted(terms: Vocabulary, last: str = "and") -> str:
    """Name what a study counts: its units and its events, which may be the same.

    >>> counted(Vocabulary()), counted(Vocabulary(units="leads", events="leads"))
    ('units and events', 'leads')
    """
    return join(list(dict.fromkeys((terms.units, terms.events))), last)


def plural(n: int, one: str, many: str | None = None, *, words: bool = False) -> str:
    """Count things.

    >>> plural(1, "row"), plural(2, "row"), plural(0, "break", words=True), plural(3, "day", words=True)
    ('1 row', '2 rows', 'no breaks', 'three days')
    """
    return f"{word(n) if words else count(n)} {one if n == 1 else many or one + 's'}"


def unit(feature: str) -> str:
    """Return the unit to write after a value of a feature whose title does not say it.

    >>> unit("total_dur_sec").replace(GAP, " "), unit("recency_days")
    (' s', '')
    """
    return f"{GAP}s" if feature.endswith("_sec") else ""


def band(name: str) -> str:
    """Write the name of a band of the day.

    >>> band("early_morning")
    'early morning'
    """
    return name.replace("_", " ")
