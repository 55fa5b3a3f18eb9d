"""Whether it is the data or the people: what the page on missing fields, blocks and leaks tells, as facts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from ..data.lead_columns import LeadColumn
from ..engine.external import PERSONAL_CELL
from ..engine.leakage import KEPT, LEAKS, MISSING, Leakage
from ..inference.missingness import NOTHING, OTHER, Missingness
from ..thresholds import AHEAD, COPY, LEAK
from . import prose
from .prose import number, percent


def labels(columns: Iterable[LeadColumn]) -> dict[str, str]:
    """Return what readers see, by the names of the fields."""
    return {c.name: c.label for c in columns}


@dataclass(frozen=True)
class Group:
    """Units that are told together: what they are called, how many, and the share of them with the outcome."""

    name: str
    units: int
    rate: float
    low: float
    high: float


def _group(name: str, row: pd.Series) -> Group:
    return Group(name, int(row["units"]), float(row["rate"]), float(row["low"]), float(row["high"]))


@dataclass(frozen=True)
class Facts:
    """What the page tells of the gate.

    Attributes
    ----------
    flag : {"none", "red", "stop"}
    auc, low, high : float
        Of the missing flags alone; NaN where it cannot be measured.
    known : bool
        Whether it can.
    level, red, stop : float
        Coverage of the interval, and the thresholds.
    units, within : int
        All units, and those of the largest block, which the study uses.
    others : int or None
        Units of other blocks; None where there are some, and fewer than ten.
    blocks : int
    lowest, highest : Group or None
        The blocks with the lowest and the highest rate, where there are several that may be compared.
    apart : bool
        Whether the intervals of these two have nothing in common.
    fields : int
    gaps : int
        Fields in which something is missing.
    most : str
        The field with the most missing, and ``most_share`` its share; empty where none may be told.
    most_share : float
    fewest, greatest : Group or None
        The numbers of missing fields with the lowest and the highest rate.
    differ : bool
        Whether their intervals have nothing in common.
    patterns : int
        Sets of missing fields with rates of their own.
    duplicates : int or None
        None where there are some, and fewer than ten.
    least : int
        The smallest number of units that is told.
    """

    flag: str
    auc: float
    low: float
    high: float
    known: bool
    level: float
    red: float
    stop: float
    units: int
    within: int
    others: int | None
    blocks: int
    lowest: Group | None
    highest: Group | None
    apart: bool
    fields: int
    gaps: int
    most: str
    most_share: float
    fewest: Group | None
    greatest: Group | None
    differ: bool
    patterns: int
    duplicates: int | None
    least: int


def facts(found: Missingness, columns: Iterable[LeadColumn]) -> Facts:
    """Collect what the sentences of the page need."""
    own = found.blocks.value_counts()
    sizes = own if len(own) else found.block_table["units"].fillna(0)  # of private data, the leads' blocks are not told
    units, within = int(sizes.sum()), int(sizes.max())
    by_field = found.by_field.dropna(subset="share")
    top = by_field.loc[by_field["share"].idxmax()] if len(by_field) else None
    gone = (found.filled < 1).any()
    low, high = _ends(found.block_table, "block")
    few, many = _ends(found.by_count, "missing_fields")
    return Facts(
        flag=found.flag,
        auc=found.auc.value,
        low=found.auc.low,
        high=found.auc.high,
        known=math.isfinite(found.auc.value),
        level=found.auc.level,
        red=found.params["red"],
        stop=found.params["stop"],
        units=units,
        within=within,
        others=None if 0 < units - within < PERSONAL_CELL else units - within,
        blocks=len(found.block_table),
        lowest=low,
        highest=high,
        apart=_apart(low, high),
        fields=len(found.by_field),
        gaps=int(gone.sum()),
        most=labels(columns).get(str(top["field"]), str(top["field"])) if top is not None and top["share"] > 0 else "",
        most_share=float(top["share"]) if top is not None else math.nan,
        fewest=few,
        greatest=many,
        differ=_apart(few, many),
        patterns=int((found.by_pattern["pattern"] != OTHER).sum()),
        duplicates=None if 0 < found.duplicates < PERSONAL_CELL else found.duplicates,
        least=PERSONAL_CELL,
    )


def _ends(table: pd.DataFrame, name: str) -> tuple[Group | None, Group | None]:
    """Return the groups with the lowest and the highest rate; none where there are not two that may be told."""
    rows = table[table["rate"].notna() & (table[name] != "other")]
    if len(rows) < 2:
        return None, None
    low, high = rows["rate"].idxmin(), rows["rate"].idxmax()
    # Named from the column: a row of numbers alone is of floats, and 4 would read 4.0.
    return _group(str(rows.at[low, name]), rows.loc[low]), _group(str(rows.at[high, name]), rows.loc[high])


def _apart(low: Group | None, high: Group | None) -> bool:
    return low is not None and high is not None and low.high < high.low


def verdict(found: Missingness) -> str:
    """Say in a few words what the gate found."""
    blocks = f"{prose.word(len(found.block_table))} blocks of rows" if len(found.block_table) > 1 else ""
    alone = f"AUC of the missing flags alone {found.auc.value:.2f}"
    said = {"stop": f"perhaps the data and not the people: {alone}", "red": f"red flag: {alone}"}.get(found.flag, "")
    return "; ".join(filter(None, (said, blocks))) or "nothing that speaks for the data alone"


@dataclass(frozen=True)
class Leaks:
    """What the page tells of columns that know the outcome.

    Attributes
    ----------
    out, kept, gaps : list of str
        Columns that are left out, that stay because the settings say so, and that rank by where they are filled.
    best : str
        The column that ranks best alone, and ``best_auc`` how well; empty where none could be measured.
    best_auc : float
    level, ahead, copy : float
        From ``leak`` on, a column that is ``ahead`` of the next is suspected; from ``copy`` on it is the outcome.
    leak : float
    """

    out: list[str]
    kept: list[str]
    gaps: list[str]
    best: str
    best_auc: float
    level: float
    leak: float
    ahead: float
    copy: float


def leaks(found: Leakage, columns: Iterable[LeadColumn]) -> Leaks:
    """Collect what the sentences on leaking columns need."""
    called, rows = labels(columns), found.table
    measured = rows.dropna(subset="auc")
    some = {v: [_quoted(c, called) for c in rows.loc[rows["verdict"] == v, "column"]] for v in (LEAKS, KEPT, MISSING)}
    return Leaks(
        out=some[LEAKS],
        kept=some[KEPT],
        gaps=some[MISSING],
        best=_quoted(measured["column"].iloc[0], called) if len(measured) else "",
        best_auc=float(measured["auc"].iloc[0]) if len(measured) else math.nan,
        level=found.params["level"],
        leak=LEAK,
        ahead=AHEAD,
        copy=COPY,
    )


def _quoted(name: str, called: Mapping[str, str]) -> str:
    return f"“{called.get(name, name)}”"


def interval(low: float, high: float) -> str | None:
    """Write the interval of a rate; nothing where it is not told."""
    return f"{number(low * 100)} to {percent(high)}" if math.isfinite(low) else None


def pattern(names: str, called: Mapping[str, str]) -> str:
    """Write which fields are missing, the shorter way.

    >>> pattern("a, b", {"a": "State", "b": "Age", "c": "Title"}), pattern("nothing missing", {})
    ('all but Title', 'nothing missing')
    """
    if names in (OTHER, NOTHING):
        return names
    gone = names.split(", ")
    left = [label for name, label in called.items() if name not in gone]
    if not left:
        return "all fields"
    return f"all but {', '.join(left)}" if len(left) < len(gone) else ", ".join(called.get(n, n) for n in gone)
