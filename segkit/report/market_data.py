"""What a warehouse holds of markets: facts, tables, and what is said of revenue month by month."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from ..data.sale_months import BESIDE, COVERED, FAR_BELOW
from ..engine.meaning import Cards
from ..features.panel import Panel
from ..features.table import FeatureTable
from ..privacy import suppressed
from . import prose
from .market_figures import PANELS, brief
from .prose import capital, count, fixed, join, number, percent, plural
from .show import Shown, table

YEAR = 12  # months
BLOCKS = {"series": "how revenue moves", "structure": "what it is made of"}
UNITS = {"money": "revenue"}  # in words; all others are words already


@dataclass(frozen=True)
class LeftOut:
    """A month that is incomplete.

    Attributes
    ----------
    month : str
    days : float
        Share of its days that lie within the orders.
    lines : int
    revenue : float
    why : str
        A clause that follows a colon.
    """

    month: str
    days: float
    lines: int
    revenue: float
    why: str


@dataclass(frozen=True)
class Held:
    """What the page tells of a warehouse.

    Attributes
    ----------
    rows, lines, orders, customers, markets, months : int
        Order lines of the table, and those that can be used; complete months.
    revenue, revenue_in, quantity : float
        Of all usable lines; of complete months.
    span, complete : str
        The time of all orders, and that of the complete months.
    as_of : date
        The last day whose orders count.
    named : bool
        Whether the settings name it.
    left_out : list of LeftOut
    warnings, notes : list of str
        Sentences: on lines that are set aside, and on all else.
    covered, below : float
        Of the days of a month, from which share on it is complete; of the revenue beside it, below which it is not.
    beside : int
        Months beside it.
    """

    rows: int
    lines: int
    orders: int
    customers: int
    markets: int
    months: int
    revenue: float
    revenue_in: float
    quantity: float
    span: str
    complete: str
    as_of: date
    named: bool
    left_out: list[LeftOut]
    warnings: list[str]
    notes: list[str]
    covered: float = COVERED
    below: float = FAR_BELOW
    beside: int = BESIDE

    @property
    def aside(self) -> int:
        """Lines that cannot be used."""
        return self.rows - self.lines

    @property
    def aside_share(self) -> float:
        """Of all lines."""
        return self.aside / max(self.rows, 1)

    @property
    def share_in(self) -> float:
        """Of the revenue, what lies in complete months; NaN where there is none."""
        return self.revenue_in / self.revenue if self.revenue > 0 else math.nan

    @property
    def short(self) -> bool:
        """Whether there are too few months for a year to be compared with the one before."""
        return self.months < 2 * YEAR


def held(warehouse: Mapping[str, Any], *, exact: bool, named: bool = False) -> Held:
    """Collect what the sentences of the page need.

    Parameters
    ----------
    warehouse : mapping
        The totals, months, markets and faults of a table of sales.
    exact : bool
        Whether the days of the first and the last order may be told; else their months are.
    named : bool
        Whether the settings name the as-of date.
    """
    t, months = warehouse["totals"], warehouse["months"]
    left_out = [
        LeftOut(f"{m.month:%B %Y}", float(m.days), int(m.lines), float(m.revenue), str(m.why))
        for m in warehouse["dropped"].itertuples(index=False)
    ]
    # The reader of the table notes the months that are left out, which the page says in its own words.
    told = tuple(f"{m.month} is left out" for m in left_out)
    return Held(
        rows=int(t["rows"]),
        lines=int(t["lines"]),
        orders=int(t["orders"]),
        customers=int(t["customers"]),
        markets=len(warehouse["markets"]),
        months=len(months),
        revenue=float(t["revenue"]),
        revenue_in=float(t["revenue_in"]),
        quantity=float(t["quantity"]),
        span=prose.span(t["first"], t["last"], exact=exact),
        complete=prose.span(months[0], months[-1], exact=False),
        as_of=pd.Timestamp(warehouse["as_of"]).date(),
        named=named,
        left_out=left_out,
        warnings=list(warehouse["warnings"]),
        notes=[n for n in warehouse["notes"] if not n.startswith(told)] if told else list(warehouse["notes"]),
    )


def verdict(known: Held) -> str:
    """Say in a few words what can be used.

    >>> from types import SimpleNamespace as Plain
    >>> verdict(Plain(months=36, left_out=[1])), verdict(Plain(months=36, left_out=[]))
    ('36 complete months, 1 left out', '36 complete months')
    """
    rest = f", {len(known.left_out)} left out" if known.left_out else ""
    return f"{plural(known.months, 'complete month')}{rest}"


def totals_table(known: Held, markets: pd.DataFrame) -> Shown:
    """Show the totals of all usable lines, and of the complete months."""
    places = [(name, markets[of]) for name, of in (("countries", "country"), ("groups of markets", "group"))]
    rows = [
        ("order lines", count(known.lines)), ("orders", count(known.orders)), ("customers", count(known.customers)),
        ("pieces", number(known.quantity, 0)), ("revenue", number(known.revenue, 0)), ("orders from … to …", known.span),
        ("markets", count(known.markets)),
        *((name, count(own[own != ""].nunique())) for name, own in places if (own != "").any()),
        ("complete months", f"{count(known.months)} ({known.complete})"),
        ("revenue of complete months", f"{number(known.revenue_in, 0)} ({percent(known.share_in)})"),
    ]  # fmt: skip
    return table(
        pd.DataFrame(rows, columns=["what", "value"]), "tbl-totals",
        f"**{plural(known.months, 'complete month')} hold {percent(known.share_in)} of the revenue.** Usable lines of all days, "
        "but for the last two rows. Revenue is in the currency of the table, which it does not name.",
        right=("value",),
    )  # fmt: skip


def months_table(known: Held) -> Shown:
    """Show the months that are left out."""
    frame = pd.DataFrame([vars(m) for m in known.left_out], columns=["month", "days", "lines", "revenue", "why"])
    names = join([m.month for m in known.left_out])
    return table(
        frame, "tbl-months",
        f"**{names} {'is' if len(known.left_out) == 1 else 'are'} left out.** Days: the share of the month between the first and "
        "the last order.",
        {"days": lambda v: percent(v, 0), "lines": count, "revenue": lambda v: number(v, 0)},
        headings={"days": "days in the data", "why": "why"}, stack=True,
    )  # fmt: skip


def told(value: float, unit: str) -> str:
    """Write a feature of a market in its unit.

    >>> told(0.123, "share").replace(prose.GAP, " "), told(4112.7, "money"), told(-0.354, "log/year"), told(math.nan, "log")
    ('12.3 %', '4,113', '−0.35', '–')
    """
    if not math.isfinite(value):
        return "–"
    if unit == "share":
        return str(percent(value))
    return str(number(value, 0)) if unit == "money" or value == round(value) else fixed(value)


@dataclass(frozen=True)
class Constant:
    """A feature that takes no part: its name for readers, and its value in every market; empty where it is not known."""

    label: str
    value: str


@dataclass(frozen=True)
class Described:
    """How many features markets are described by, and which take no part.

    Attributes
    ----------
    blocks : list of (str, int)
        In words, and how many features there are.
    constants, unknown : list of Constant
        The same in every market; and not known of every market, for the shortness of the series.
    """

    blocks: list[tuple[str, int]]
    constants: list[Constant]
    unknown: list[Constant]

    @property
    def count(self) -> int:
        """Features that take part."""
        return sum(n for _, n in self.blocks)


def described(features: FeatureTable) -> Described:
    """Collect what sentences tell of the features."""
    out = [c for c in features.columns if c.block not in features.model_blocks]
    values = {c.name: features.frame[c.name] for c in out}
    return Described(
        [(BLOCKS.get(b, b), len(names)) for b, names in features.blocks.items()],
        [Constant(c.label, told(float(values[c.name].iloc[0]), c.unit)) for c in out if values[c.name].notna().all()],
        [Constant(c.label, "") for c in out if values[c.name].isna().any()],
    )


def features_table(features: FeatureTable) -> Shown:
    """Show every feature that takes part, with its unit and its lowest, middle and highest value over markets."""
    used = [c for c in features.columns if c.block in features.model_blocks]
    ends = features.frame.agg(["min", "median", "max"])
    rows = [
        (capital(c.label), *(told(float(ends.loc[e, c.name]), c.unit) for e in ends.index),
         UNITS.get(c.unit, c.unit) or "none", c.meaning)
        for c in used
    ]  # fmt: skip
    names = ["feature", "lowest", "median", "highest", "unit", "meaning"]
    known = described(features)
    blocks = join([f"{prose.word(n)} of {name}" for name, n in known.blocks])
    finding = f"{capital(plural(known.count, 'feature', words=True))}: {blocks}"
    export = features.table.merge(ends.T.rename_axis("feature").reset_index(), on="feature")
    return table(
        pd.DataFrame(rows, columns=names), "tbl-features",
        f"**{finding}.** Over the markets, in the unit of each feature. A difference of one in natural logarithms (log) is a "
        "factor of about 2.7.",
        right=("lowest", "median", "highest"), export=export, stack=True,
    )  # fmt: skip


def yearly(panel: Panel) -> pd.Series:
    """Return by what share the revenue of the last twelve months is above that of the twelve before, by market.

    Missing with less than two years of months, and where a market sold nothing in the twelve months before.
    """
    revenue = panel.wide()
    if revenue.shape[1] < 2 * YEAR:
        return pd.Series(math.nan, index=revenue.index)
    last, before = revenue.iloc[:, -YEAR:].sum(axis=1), revenue.iloc[:, -2 * YEAR : -YEAR].sum(axis=1)
    return last / before.where(before > 0) - 1


def monthly(panel: Panel, labels: pd.Series, cards: Cards, *, exact: bool) -> pd.DataFrame:
    """Return revenue by market and month, segment by segment and the largest first, as many markets as have a panel.

    Parameters
    ----------
    panel : Panel
    labels : Series of int
        Segment number per market.
    cards : Cards
    exact : bool
        Whether months of few customers may be told; else they are missing, and so are more where others would give them back.
    """
    revenue = panel.wide()
    total = revenue.sum(axis=1)
    if not exact:
        revenue = revenue.mask(panel.wide("customers").apply(suppressed, axis=1))
    rank = {s: i for i, s in enumerate(cards.order)}
    kept = total.sort_values(ascending=False, kind="stable").index[:PANELS]
    return revenue.loc[sorted(kept, key=lambda m: (rank[int(labels[m])], -total[m]))]


def monthly_caption(revenue: pd.DataFrame, panel: Panel) -> str:
    """State how many markets sold more than in the year before."""
    change, n = yearly(panel).dropna(), len(panel.markets)
    more = int((change > 0).sum())
    many = f"{capital(prose.word(more))} of {prose.word(len(change))} markets" if more else "No market"
    finding = f"{many} sold more in the last twelve months than in the twelve before" if len(change) else (
        "Revenue of each market, month by month")  # fmt: skip
    said = [f"**{finding}.** Each market has a scale of its own"]
    if len(revenue) < n:
        said.append(f"the {count(len(revenue))} largest of {count(n)} are shown")
    if revenue.isna().any(axis=None):
        said.append("a gap is a month of few customers, or one that would give such a month away")
    return f"{'; '.join(said)}. Colours are those of the segments."


def monthly_alt(revenue: pd.DataFrame, labels: pd.Series, cards: Cards) -> str:
    """Describe the panels."""
    rows = [f"{m} ({cards[int(labels[m])].short}) {brief(v)}" for m, v in revenue.mean(axis=1).dropna().items()]
    return f"Lines of monthly revenue, one panel per market. Mean month: {'; '.join(rows)}."
