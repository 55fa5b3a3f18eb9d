"""Sensitive fields beside segments: whether they make them, how they are spread over them, and how rates differ by them.

What is found here recommends nothing: no action may go by a sensitive field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..disclosure import common
from ..engine.external import PERMUTATIONS, PERSONAL_CELL, cramers_v
from ..engine.fits import crossing
from ..engine.matching import matched, rand_index
from ..privacy import suppressed
from ..seeds import generator
from .described import described, hidden_cells
from .rates import COVERAGE, difference, rate

BANDS = 4  # into which a number is cut, with much the same number of units in each


@dataclass(frozen=True)
class Fairness:
    """Sensitive fields and segments.

    Attributes
    ----------
    ari : float
        Adjusted Rand index of the partition with the sensitive fields and the one without; NaN where there is no other.
    same : float
        Share of the units that are in the matched segment of the other partition.
    kept : DataFrame
        One row per segment: ``persona``, ``units``, ``same`` (share of them that are in the matched segment).
    distribution : DataFrame
        One row per field, segment and value that may be told: ``field``, ``persona``, ``known``, ``value``, ``n``, ``share``,
        ``low``, ``high``.
    association : DataFrame
        One row per field: ``field``, ``known``, ``cramers_v`` (corrected for what chance gives), ``low``, ``high``.
    rates : DataFrame
        One row per field and value that may be told: ``field``, ``value``, ``units``, ``conversions``, ``rate``, ``low``,
        ``high``, and against all other units whose value is known ``difference``, ``difference_low``, ``difference_high``.
    params : dict
    seed : int
    """

    ari: float
    same: float
    kept: pd.DataFrame
    distribution: pd.DataFrame
    association: pd.DataFrame
    rates: pd.DataFrame
    params: dict[str, Any]
    seed: int

    @property
    def table(self) -> pd.DataFrame:
        """Rates by value."""
        return self.rates

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        tables = ("kept", "distribution", "association", "rates")
        return {
            "ari": self.ari, "same": self.same, **{name: getattr(self, name).to_dict("records") for name in tables},
            "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.rates.to_html(index=False, border=0)


def fairness(
    frame: pd.DataFrame,
    sensitive: Sequence[str],
    labels: pd.Series,
    outcome: pd.Series,
    *,
    without: pd.Series | None = None,
    level: float = COVERAGE,
    seed: int = 42,
) -> Fairness:
    """Look at sensitive fields beside segments.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_columns)
        Text with NA, or numbers with NaN.
    sensitive : sequence of str
        Columns of ``frame``.
    labels : Series of int, length n_units
        The partition in use.
    outcome : Series of bool, length n_units
    without : Series of int, optional
        The partition that is made in the same way with the sensitive fields, if the one in use is made without them, or
        the reverse.
    level : float
        Of the intervals.
    seed : int

    Raises
    ------
    ValueError
        A column is not there, or a unit has no outcome or no segment.

    Notes
    -----
    Segments are matched one to one (Kuhn 1955). Cramer's V has Bergsma's correction (2013), see `external.cramers_v`, and
    a bootstrap interval; intervals of differences are Newcombe's (1998). Numbers are cut into ``BANDS`` parts. Nothing is told of
    values that fewer than ten units have, with the outcome or without it, nor what would give them back.
    """
    if absent := [c for c in sensitive if c not in frame.columns]:
        raise ValueError(f"no such column: {', '.join(absent)}")
    own, y = labels.reindex(frame.index), outcome.reindex(frame.index)
    other = own if without is None else without.reindex(frame.index)
    if lacking := int((own.isna() | y.isna() | other.isna()).sum()):
        raise ValueError(f"{lacking} leads have no outcome or no segment")
    own, other, y = own.astype("int64"), other.astype("int64"), y.astype(bool)
    fields = {str(c): banded(frame[c]) for c in sensitive}
    kept, same = _kept(own, other)
    alone = without is None
    return Fairness(
        ari=np.nan if alone else rand_index(own, other),
        same=np.nan if alone else same,
        kept=kept.iloc[:0] if alone else kept,
        distribution=_distribution(fields, own, level),
        association=_association(fields, own, level, seed),
        rates=_rates(fields, y, level),
        params={"level": level, "sensitive": list(fields), "least": PERSONAL_CELL, "bands": BANDS},
        seed=seed,
    )


def banded(values: pd.Series) -> pd.Series:
    """Return text as it is, and a number as the band between two of its quartiles.

    Examples
    --------
    >>> banded(pd.Series([20.0] * 10 + [30.0] * 10 + [40.0] * 10 + [50.0] * 10)).unique().tolist()
    ['20 to 20', '20 to 30', '30 to 40', '40 to 50']
    """
    if not pd.api.types.is_numeric_dtype(values):
        return values
    x = values.dropna().to_numpy(dtype=np.float64)
    if len(x) < BANDS * PERSONAL_CELL:
        return pd.Series(None, index=values.index, dtype="str")
    # The ends of bands are values that several units have in common.
    shares = np.arange(BANDS + 1) / BANDS
    edges = [common(float(q), x) for q in np.quantile(x, shares, method="inverted_cdf")]
    upper = sorted({e for e in edges[1:] if np.isfinite(e)})
    first = edges[0] if np.isfinite(edges[0]) else upper[0]
    names = [f"{a:g} to {b:g}" for a, b in zip([first, *upper[:-1]], upper, strict=True)]
    place = np.searchsorted(upper, values.to_numpy(dtype=np.float64), side="left").clip(max=len(upper) - 1)
    return pd.Series([names[i] for i in place], index=values.index, dtype="str").mask(values.isna())


def _kept(own: pd.Series, other: pd.Series) -> tuple[pd.DataFrame, float]:
    """Return the share of each segment that is in the matched one of the other partition, and that of all units."""
    kinds, a = np.unique(own.to_numpy(), return_inverse=True)
    others, b = np.unique(other.to_numpy(), return_inverse=True)
    partner = matched(crossing(a, b, len(kinds), len(others)))
    stays = partner[b] == a
    sizes = pd.Series(np.bincount(a), index=kinds)
    hide = suppressed(sizes, PERSONAL_CELL).to_numpy()
    shares = np.bincount(a, weights=stays) / np.bincount(a)
    table = pd.DataFrame({"persona": kinds, "units": sizes.to_numpy(dtype=np.float64), "same": shares})
    table.loc[hide, ["units", "same"]] = np.nan
    return table, float(stays.mean())


def _distribution(fields: dict[str, pd.Series], own: pd.Series, level: float) -> pd.DataFrame:
    sizes = own.value_counts()
    hidden = frozenset(int(p) for p in sizes.index[suppressed(sizes, PERSONAL_CELL)])
    rows = [
        (name, p, d.known, v.value, v.n, v.share, v.low, v.high)
        for name, values in fields.items()
        for p, d in described(values, own, name=name, label=name, hidden=hidden, level=level).items()
        for v in d.values
    ]
    return pd.DataFrame(rows, columns=["field", "persona", "known", "value", "n", "share", "low", "high"])


def _association(fields: dict[str, pd.Series], own: pd.Series, level: float, seed: int) -> pd.DataFrame:
    rows = []
    for name, values in fields.items():
        n = int(values.notna().sum())
        counts = pd.crosstab(own, values).to_numpy(dtype=np.int64)
        v = [np.nan] * 3
        if n >= PERSONAL_CELL and min(counts.shape) > 1:
            rng = generator(f"fairness/{name}", seed)
            drawn = rng.multinomial(n, counts.ravel() / n, size=PERMUTATIONS).reshape(-1, *counts.shape)
            low, high = np.quantile([cramers_v(c, corrected=True) for c in drawn], [(1 - level) / 2, (1 + level) / 2])
            v = [cramers_v(counts, corrected=True), float(low), float(high)]
        rows.append((name, float(n) if n >= PERSONAL_CELL else np.nan, *v))
    return pd.DataFrame(rows, columns=["field", "known", "cramers_v", "low", "high"])


def _rates(fields: dict[str, pd.Series], y: pd.Series, level: float) -> pd.DataFrame:
    rows = []
    for name, values in fields.items():
        known = y[values.notna()]
        by = known.groupby(values[values.notna()]).agg(["size", "sum"])
        counts = np.column_stack([by["sum"], by["size"] - by["sum"]]).astype(np.int64)
        # A rate of few units with the value and the outcome would tell of these.
        hide = hidden_cells(counts).any(axis=1) | suppressed(by["size"], PERSONAL_CELL).to_numpy(dtype=np.bool_)
        told = by[~hide] if len(known) >= PERSONAL_CELL else by.iloc[:0]
        for value, n, hits in told.itertuples():
            r = rate(int(hits), int(n), level=level)
            rest = len(known) - r.units, int(known.sum()) - r.events
            less = difference((r.events, rest[1]), (r.units, rest[0]), level=level)
            rows.append(
                (name, str(value), r.units, r.events, r.share, r.low, r.high, less.difference, less.low, less.high)
            )
    columns = ["field", "value", "units", "conversions", "rate", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "difference", "difference_low", "difference_high"])
