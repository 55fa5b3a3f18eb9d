"""Is it the data or the people: whether missing fields predict the outcome, and where the file was put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..engine.cross_validated import Area, area, boosted, folds_of
from ..engine.external import PERSONAL_CELL
from ..engine.filled import blocks_of, patterns
from ..privacy import suppressed
from ..thresholds import FILLED, RED, STOP
from .rates import COVERAGE, rate

ROUNDS, LEAVES = 30, 8  # trees over the flags, and their leaves: three fields may act together
OTHER = "other patterns"
NOTHING = "nothing missing"


@dataclass(frozen=True)
class Missingness:
    """What is missing, and what that tells of the outcome.

    Attributes
    ----------
    by_field : DataFrame
        One row per field: ``field``, ``missing`` (rows), ``share``; missing where fewer than ten rows would be told of.
    by_count : DataFrame
        One row per number of missing fields: ``missing_fields`` (or "other"), ``units``, ``conversions``, ``rate``, ``low``,
        ``high``.
    by_pattern : DataFrame
        One row per set of missing fields, the commonest first: ``pattern``, and the same. Sets with fewer than ten rows are
        together "other patterns".
    auc : Area
        Cross-validated, of the missing flags alone.
    flag : {"none", "red", "stop"}
        By ``thresholds.RED`` and ``thresholds.STOP``.
    blocks : Series of int
        Block of each row; 1 is the largest. Not for publishing.
    block_table : DataFrame
        One row per block: ``block``, ``units``, ``share``, ``fields`` (those that half of its rows have filled),
        ``conversions``, ``rate``, ``low``, ``high``.
    filled : DataFrame of shape (n_blocks, n_fields)
        Share of the rows of a block in which a field is filled. Not for publishing; `told` is.
    criterion : DataFrame
        How the number of blocks was found, see `filled.Blocks`.
    duplicates : int
        Rows that are equal to an earlier one in every field and the outcome.
    params : dict
    seed : int
    """

    by_field: pd.DataFrame
    by_count: pd.DataFrame
    by_pattern: pd.DataFrame
    auc: Area
    flag: str
    blocks: pd.Series
    block_table: pd.DataFrame
    filled: pd.DataFrame
    criterion: pd.DataFrame
    duplicates: int
    params: dict[str, Any]
    seed: int

    @property
    def table(self) -> pd.DataFrame:
        """The blocks."""
        return self.block_table

    @property
    def told(self) -> pd.DataFrame:
        """The same shares; missing where they would tell of fewer than ten rows, in a block or by the other blocks."""
        units = self.blocks.value_counts().reindex(self.filled.index)
        known = self.filled.mul(units, axis=0).round()
        small = [frame.apply(suppressed, minimum=PERSONAL_CELL) for frame in (known, -known.sub(units, axis=0))]
        return self.filled.mask(small[0] | small[1])

    def to_json(self) -> dict[str, Any]:
        """Return everything but the block of each row."""
        tables = ("by_field", "by_count", "by_pattern")
        return {
            **{name: getattr(self, name).to_dict("records") for name in tables},
            "auc": self.auc.to_json(), "flag": self.flag, "blocks": self.block_table.to_dict("records"),
            "filled": {int(b): row.to_dict() for b, row in self.told.iterrows()},
            "duplicates": self.duplicates, "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.block_table.to_html(index=False, border=0)


def missingness(frame: pd.DataFrame, outcome: pd.Series, *, seed: int, level: float = COVERAGE) -> Missingness:
    """Tell whether missing fields predict the outcome.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_fields)
        Missing values are NA; the outcome is none of its columns.
    outcome : Series of bool, length n_units
    seed : int
    level : float
        Of the intervals.

    Raises
    ------
    ValueError
        A row has no outcome.

    Notes
    -----
    In a file that was put together from several exports, missing fields tell where a row is from. What conversions differ
    by may then be the exports, and no kind of person (Little, R. J. A. and Rubin, D. B. (2019). Statistical Analysis with
    Missing Data, third edition, chapter 1, on patterns and mechanisms). The area under the curve is that of boosted trees
    over the flags and their number, see `cross_validated.area`. A flag wants the interval to leave one half out as well.
    """
    y = outcome.reindex(frame.index)
    if y.isna().any():
        raise ValueError(f"{int(y.isna().sum())} rows have no outcome")
    y, flags = y.astype(bool), frame.isna()
    number = flags.sum(axis=1)
    found = blocks_of(flags, seed=seed)
    alone = _predicted(flags, y, seed, level)
    sure = alone.low > 0.5
    flag = "stop" if sure and alone.value > STOP else "red" if sure and alone.value > RED else "none"
    table = _rates(found.labels, y, level).rename(columns={"group": "block"})
    table.insert(2, "share", table["units"] / max(len(y), 1))
    table.insert(3, "fields", [_names(found.filled.columns[found.filled.loc[b] >= FILLED]) for b in table["block"]])
    return Missingness(
        by_field=_by_field(flags),
        by_count=_pooled(number, y, "other", level).rename(columns={"group": "missing_fields"}),
        by_pattern=_by_pattern(flags, y, level),
        auc=alone,
        flag=flag,
        blocks=found.labels,
        block_table=table,
        filled=found.filled,
        criterion=found.criterion,
        duplicates=int(frame.assign(**{"\0outcome": y}).duplicated().sum()),
        params={"level": level, "red": RED, "stop": STOP, "least": PERSONAL_CELL, "filled": FILLED},
        seed=seed,
    )


def _predicted(flags: pd.DataFrame, y: pd.Series, seed: int, level: float) -> Area:
    """Return the area of the flags alone; one half where all rows have the same."""
    fold = folds_of(y, "missingness/folds", seed)
    varies = flags.loc[:, flags.nunique() > 1]
    if not varies.shape[1] or not fold.any():
        return area(np.zeros(len(y)), y, fold, level=level)
    values = np.column_stack([varies.to_numpy(dtype=np.float64), flags.sum(axis=1)])
    scores = boosted(values, y, fold, rounds=ROUNDS, leaves=LEAVES, name="missingness/trees", seed=seed)
    return area(scores, y, fold, level=level)


def _by_field(flags: pd.DataFrame) -> pd.DataFrame:
    """Count missing rows by field; a count, or what it leaves, of fewer than ten is not told, nor what gives it back."""
    missing = flags.sum()
    hide = suppressed(missing, PERSONAL_CELL) | suppressed(len(flags) - missing, PERSONAL_CELL)
    told = missing.astype("float64").mask(hide)
    return pd.DataFrame(
        {"field": list(flags.columns), "missing": told.to_numpy(), "share": told.to_numpy() / max(len(flags), 1)}
    )


def _rates(group: pd.Series, y: pd.Series, level: float) -> pd.DataFrame:
    """Return the rate of each group, in their order."""
    by = y.groupby(group, sort=True).agg(["size", "sum"])
    rows = []
    for name, n, hits in by.itertuples():
        r = rate(int(hits), int(n), level=level)
        rows.append((name, r.units, r.events, r.share, r.low, r.high))
    return pd.DataFrame(rows, columns=["group", "units", "conversions", "rate", "low", "high"])


def _pooled(group: pd.Series, y: pd.Series, other: str, level: float) -> pd.DataFrame:
    """Return the rate of each group; those of fewer than ten rows are one, with the next larger where they are too few."""
    sizes = group.value_counts().sort_index().sort_values(kind="stable")
    few = sizes[sizes < PERSONAL_CELL]
    if len(few):
        # Together they must be ten, and not all of them alone: else the total would tell of them one by one.
        enough = (sizes.cumsum() >= PERSONAL_CELL).to_numpy()
        last = int(enough.argmax()) if enough.any() else len(sizes) - 1
        few = sizes.iloc[: max(last + 1, len(few))]
    kept = group.isin(few.index)
    told = _rates(group[~kept], y[~kept], level)
    if not kept.any():
        return told
    rest = _rates(pd.Series(other, index=group.index[kept]), y[kept], level)
    if int(rest["units"].iloc[0]) < PERSONAL_CELL:  # the whole file is that small
        rest[["conversions", "rate", "low", "high"]] = np.nan
    return pd.concat([told.astype({"group": object}), rest], ignore_index=True) if len(told) else rest


def _by_pattern(flags: pd.DataFrame, y: pd.Series, level: float) -> pd.DataFrame:
    """Return the rate of each set of missing fields, the commonest first."""
    kinds, place, _ = patterns(flags.to_numpy(dtype=np.bool_))
    table = _pooled(pd.Series(place, index=flags.index), y, OTHER, level)
    names = [g if g == OTHER else _names(flags.columns[kinds[int(g)]]) or NOTHING for g in table["group"]]
    table.insert(0, "pattern", names)
    last = (table["pattern"] == OTHER).to_numpy()
    order = np.lexsort((np.arange(len(table)), -table["units"].to_numpy(), last))
    return table.drop(columns="group").iloc[order].reset_index(drop=True)


def _names(fields: Sequence[Any] | pd.Index) -> str:
    return ", ".join(str(f) for f in fields)
