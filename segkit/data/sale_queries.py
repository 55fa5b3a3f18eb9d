"""What is asked of a star schema of sales: the same Ibis expressions for files and for a warehouse.

Nothing here is particular to one engine. Money, quantities and discounts are summed as decimals with six places, so that no
order of rows and no engine changes a sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pandas as pd

from ..errors import InputError
from .dates import FIRST_YEAR, LAST_YEAR
from .identifiers import EMPTY, Identifiers

if TYPE_CHECKING:
    from ..sale_settings import Markets

KEYS = ("order", "customer", "territory", "product")  # of the table of sales
KINDS = ("subcategory", "product_line")
NUMBERS = ("quantity", "revenue", "discount")
UNLIMITED = 1e15  # a larger number is none that is sold
PLACES = "decimal(38, 6)"
FAULTS = {  # of a line: the gate that it fails, its column by role, and what is wrong, in the order in which they are looked for
    "date": ("date", "date", "without a date that can be read"),
    "year": ("date", "date", f"with a year before {FIRST_YEAR} or after {LAST_YEAR}"),
    "order": ("missing", "order", "without an order"),
    "customer": ("missing", "customer", "without a customer"),
    "territory": ("missing", "territory", "without a territory"),
    "no territory": ("unknown key", "territory", "of a territory that the dimension does not have"),
    "market": ("missing", "territory", "of a territory without a name"),
    "product": ("missing", "product", "without a product"),
    "no product": ("unknown key", "product", "of a product that the dimension does not have"),
    **{role: ("number", role, f"without a number as {role}") for role in NUMBERS},
    **{f"negative {role}": ("negative", role, f"with negative {role}") for role in NUMBERS[:2]},
    "no share": ("share", "discount", "with a discount that is no share from 0 to 1"),
}


@dataclass(frozen=True)
class Star:
    """The tables of a schema, each column named by its role.

    Attributes
    ----------
    fact : ibis table
        ``row`` (in the file; 0 in a warehouse) and the columns that the settings name, all as they are.
    territory : ibis table
        Its dimension: ``territory``, ``region``, ``country`` and ``group``.
    product : ibis table or None
        Its dimension: ``product``, ``subcategory`` and ``product_line``.
    """

    fact: ir.Table
    territory: ir.Table
    product: ir.Table | None = None


def wanted(settings: Markets) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the tables that the settings name: by their part in the schema, the name and the columns by role."""
    parts = {
        "fact": (settings.tables.fact, ("date", *KEYS, "channel", *NUMBERS)),
        "territory": (settings.tables.territory, ("territory", "region", "country", "group")),
    }
    if settings.tables.product and settings.columns.product:
        parts["product"] = (settings.tables.product, ("product", "subcategory", "product_line"))
    used = settings.columns.used
    return {part: (name, {r: used[r] for r in roles if r in used}) for part, (name, roles) in parts.items()}


def judged(star: Star, settings: Markets) -> ir.Table:
    """Return the lines with typed values, what their territories and products are, and their first fault, if any.

    Columns: ``row``, ``date``, the text keys, ``channel``, ``quantity``, ``revenue``, ``discount``, ``market`` (the key of the
    territory, or the name of the country), ``subcategory``, ``product_line`` and ``fault``.
    """
    lines, place = _typed(star.fact), star.territory
    market = _text(place.country)
    if settings.market == "territory":  # its name may be another one's too, its key is not
        market = _text(place.region).isnull().ifelse(ibis.null("string"), _key(place.territory))
    lines = lines.left_join(
        place.select(known_territory=_key(place.territory), market=market), [("territory", "known_territory")]
    )
    if star.product is not None:
        kind = {role: _optional(star.product, role) for role in KINDS}
        kind["known_product"] = _key(star.product.product)
        lines = lines.left_join(star.product.select(**kind), [("product", "known_product")])
    else:
        lines = lines.mutate(**dict.fromkeys(KINDS, ibis.null("string")))
    return lines.mutate(fault=_fault(lines))


def _typed(fact: ir.Table) -> ir.Table:
    """Read dates, keys and numbers; what cannot be read is null."""
    out = {"row": fact.row, "date": _date(fact.date)}
    for role in KEYS:
        if role in fact.columns:
            out[role] = _key(fact[role])
    for role in ("order", "customer"):
        out[role] = out[role].lower().isin(EMPTY).ifelse(ibis.null("string"), out[role])
    out["channel"] = _optional(fact, "channel")
    for role in NUMBERS:
        out[role] = _number(fact[role]) if role in fact.columns else ibis.literal(0).cast(PLACES)
    return fact.select(**out)


def _optional(table: ir.Table, role: str) -> ir.StringColumn:
    return _text(table[role]) if role in table.columns else ibis.null("string")


def _text(column: ir.Column) -> ir.StringColumn:
    return column.cast("string").strip().nullif("")


def _key(column: ir.Column) -> ir.StringColumn:
    """Read a key as text, the same from every engine: ``5.0`` is ``5``."""
    return _text(column) if column.type().is_integer() else _text(column).re_replace(r"^(\d+)\.0$", r"\1")


def _date(column: ir.Column) -> ir.DateColumn:
    if not column.type().is_string():
        return column.cast("date")
    read = column.strip().re_search(r"^\d{4}-\d{2}-\d{2}($|[T ])")
    return read.ifelse(column.strip().substr(0, 10), ibis.null("string")).try_cast("date")


def _number(column: ir.Column) -> ir.DecimalColumn:
    value = column.try_cast("float64") if column.type().is_string() else column
    absurd = value.abs() > UNLIMITED
    if value.type().is_floating():  # some engines sort NaN above every number, some below
        absurd = absurd | value.isnan()
    return absurd.ifelse(ibis.null(value.type()), value).cast(PLACES)


def _fault(lines: ir.Table) -> ir.StringColumn:
    found = {role: lines[role].isnull() for role in ("date", "order", "customer", "territory", "market", *NUMBERS)}
    found["year"] = (lines.date.year() < FIRST_YEAR) | (lines.date.year() > LAST_YEAR)
    found["no territory"] = lines.known_territory.isnull()
    if "known_product" in lines.columns:
        found["product"], found["no product"] = lines.product.isnull(), lines.known_product.isnull()
    found["negative quantity"], found["negative revenue"] = lines.quantity < 0, lines.revenue < 0
    found["no share"] = (lines.discount < 0) | (lines.discount > 1)
    return ibis.cases(*((found[name], name) for name in FAULTS if name in found))


def check_keys(table: ir.Table, key: str, column: str, where: Path) -> None:
    """Refuse a dimension that has a key twice: it would double what was sold.

    Parameters
    ----------
    table : ibis table
    key : str
        The role of its key.
    column : str
        The name of the key's column.
    where : path
        What messages call the table.

    Raises
    ------
    InputError
    """
    keys = table.select(key=_key(table[key]))
    found = keys.aggregate(count=keys.key.count(), different=keys.key.nunique()).execute()
    again = int(found["count"].iloc[0] - found["different"].iloc[0])
    if again:
        raise InputError(
            f"{again:,} {'row repeats' if again == 1 else 'rows repeat'} a key that another row has", file=where, column=column,
            remedy="Keep one row of each key: what was sold would be counted several times.",
        )  # fmt: skip


def faults(lines: ir.Table) -> pd.Series:
    """Count the lines by fault, also those without."""
    return lines.group_by("fault").aggregate(count=lines.count()).execute().set_index("fault")["count"]


def first_rows(lines: ir.Table, fault: str, count: int) -> tuple[int, ...]:
    """Return the first rows with a fault in the file."""
    found = lines.filter(lines.fault == fault).order_by("row").limit(count).row.execute()
    return tuple(int(row) for row in found)


def totals(lines: ir.Table) -> dict[str, object]:
    """Return what the usable lines hold altogether."""
    found = lines.aggregate(
        lines=lines.count(), orders=lines.order.nunique(), customers=lines.customer.nunique(), revenue=_sum(lines.revenue),
        quantity=_sum(lines.quantity), first=lines.date.min(), last=lines.date.max(),
    ).execute()  # fmt: skip
    read = {"revenue": float, "quantity": float, "first": pd.Timestamp, "last": pd.Timestamp}
    return {name: read.get(name, int)(value) for name, value in found.iloc[0].items()}


def cells(lines: ir.Table) -> pd.DataFrame:
    """Sum up what each customer bought in each market and month.

    Besides, ``first`` and ``last``: the days of the first and the last order.
    """
    lines = lines.mutate(month=lines.date.truncate("M"))
    return lines.group_by("market", "month", "customer").aggregate(
        revenue=_sum(lines.revenue), quantity=_sum(lines.quantity), orders=lines.order.nunique(), lines=lines.count(),
        discount=_sum(lines.discount), first=lines.date.min(), last=lines.date.max(),
    ).execute()  # fmt: skip


def kinds(lines: ir.Table, first: date, last: date) -> pd.DataFrame:
    """Return which kinds of products each customer bought in each market and month between two days."""
    lines = lines.filter(lines.date >= ibis.literal(first, "date"), lines.date <= ibis.literal(last, "date"))
    lines = lines.mutate(month=lines.date.truncate("M"))
    return lines.select("market", "month", "customer", "subcategory", "product_line").distinct().execute()


def until(lines: ir.Table, day: date) -> ir.Table:
    """Return the lines up to a day."""
    return lines.filter(lines.date <= ibis.literal(day, "date"))


def spend(lines: ir.Table, year_before: date) -> pd.DataFrame:
    """Sum up what each customer spent in each market and channel; ``recent`` is what came after a day."""
    recent = (lines.date > ibis.literal(year_before, "date")).ifelse(lines.revenue, ibis.literal(0).cast(PLACES))
    lines = lines.mutate(recent=recent)
    return (
        lines.group_by("market", "customer", "channel")
        .aggregate(
            recent=_sum(lines.recent), lifetime=_sum(lines.revenue), lines=lines.count(), discount=_sum(lines.discount)
        )
        .execute()
    )


def identifiers(star: Star) -> Identifiers:
    """Return the keys of customers and the numbers of orders, as they are."""
    found = {
        str(text)
        for role in ("customer", "order")
        for text in _text(star.fact[role]).as_table().distinct().execute().iloc[:, 0].dropna()
    }
    return Identifiers(frozenset(found), frozenset())


def places(star: Star) -> pd.DataFrame:
    """Return the dimension of territories as text: its key ``territory``, ``region``, ``country`` and ``group``."""
    table = star.territory
    texts = {role: _optional(table, role) for role in ("region", "country", "group")}
    return table.select(territory=_key(table.territory), **texts).execute()


def _sum(column: ir.Column) -> ir.FloatingScalar:
    return column.sum().cast("float64")
