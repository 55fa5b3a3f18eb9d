"""What a segment converts at that was formed without the units whose rate it is, and whether a simpler rule does better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..engine.clusterer import SMALL, Clusterer
from ..engine.cross_validated import FOLDS, WEIGHT, area, boosted, codes_of, contrast, folds_of, rates_elsewhere
from ..engine.external import PERSONAL_CELL
from ..engine.fits import Labels, crossing
from ..engine.matching import matched
from ..engine.matrix import Floats, fit_matrix
from ..privacy import suppressed
from ..seeds import integer
from .rates import COVERAGE, Rate, rate

PERSONAS, FIELD, COUNT, TREES = "personas", "best single field", "number of missing fields", "boosted trees"
SIMPLER = (FIELD, COUNT)  # rivals that need no segments; trees are a benchmark, and no rule that anybody could follow
ROUNDS, LEAVES = 60, 15


@dataclass(frozen=True)
class CrossFitted:
    """Rates and ranking of segments on units that took no part in forming them.

    Attributes
    ----------
    table : DataFrame
        One row per segment: ``persona``, ``units``, ``conversions``, ``rate``, ``low``, ``high`` of the units that were put
        into it, and ``formed`` (its rate with all units in use); missing where fewer than ten units would be told of.
    by_persona : dict of int to Rate
        Of those that are told.
    ranking : DataFrame
        One row per order of the units: ``order`` ("personas", and its rivals), ``auc``, ``low``, ``high``.
    comparisons : DataFrame
        Segments less each rival, paired: ``rival``, ``difference``, ``low``, ``high``.
    agreement : float
        Share of the units that get the segment that they have in use.
    fields : tuple of str
        The best single field in each fold, found in the other folds.
    assigned : Series of int
        Segment of each unit, by the folds without it; 0 where the fold had more segments than there are. Not for
        publishing.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    by_persona: dict[int, Rate]
    ranking: pd.DataFrame
    comparisons: pd.DataFrame
    agreement: float
    fields: tuple[str, ...]
    assigned: pd.Series
    params: dict[str, Any]
    seed: int

    def auc(self, order: str = PERSONAS) -> float:
        """Return the area under the curve of one order."""
        return float(self.ranking.set_index("order").loc[order, "auc"])

    @property
    def better(self) -> tuple[str, ...]:
        """Simpler rules that rank units better than the segments do, beyond chance."""
        worse = self.comparisons["high"] < 0
        return tuple(r for r in self.comparisons.loc[worse, "rival"] if r in SIMPLER)

    def to_json(self) -> dict[str, Any]:
        """Return everything but the segment of each unit."""
        return {
            "personas": self.table.to_dict("records"), "ranking": self.ranking.to_dict("records"),
            "comparisons": self.comparisons.to_dict("records"), "agreement": self.agreement, "better": list(self.better),
            "fields": list(self.fields), "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def cross_fitted(
    frame: pd.DataFrame,
    blocks: Mapping[str, Sequence[str]],
    labels: pd.Series,
    outcome: pd.Series,
    *,
    k: int | None = None,
    scaler: Any = None,
    clusterer: Clusterer = SMALL,
    limits: Mapping[str, float] | None = None,
    fields: pd.DataFrame | None = None,
    folds: int = FOLDS,
    level: float = COVERAGE,
    seed: int = 42,
) -> CrossFitted:
    """Form the segments anew without each fold, and put its units into them.

    Parameters
    ----------
    frame : DataFrame of float, shape (n_units, n_columns)
        What is clustered; the outcome is none of it.
    blocks : mapping of str to sequence of str
    labels : Series of int, length n_units
        The partition in use, from 1.
    outcome : Series of bool, length n_units
    k : int, optional
        Segments; as many as ``labels`` has when not given.
    scaler, limits
        Of `fit_matrix`; the latter are its ``clip`` and ``cap``.
    clusterer : Clusterer
    fields : DataFrame, optional
        Text and numbers as they are, for the rivals; ``frame`` when not given.
    folds : int
    level : float
    seed : int

    Raises
    ------
    ValueError
        A unit has no outcome or no segment, or there are fewer than two units with the outcome or without it.

    Notes
    -----
    The outcome takes no part in the clustering, so a segment's own rate is not fitted to it; but where segments were chosen,
    or their number was, it is the rate of units that had no say that holds for others. Segments of a fold are matched one
    to one with those in use by the units that they share (Kuhn 1955). Within a fold, a unit's score is the rate of its
    segment among the units of the others, with ``cross_validated.WEIGHT`` units at the common rate added. Intervals of
    areas and of their differences: see `cross_validated.area`. The best field of a fold is that whose area, cross-validated
    within the other folds, is largest.
    """
    rows = frame.sort_index()  # starts go by the order of the rows
    own, y = labels.reindex(rows.index), outcome.reindex(rows.index)
    if lacking := int((own.isna() | y.isna()).sum()):
        raise ValueError(f"{lacking} leads have no outcome or no segment")
    own, y = own.astype("int64"), y.astype(bool)
    fold = folds_of(y, "crossfit/folds", seed, folds)
    if not fold.any():
        raise ValueError("fewer than two leads with the outcome, or without it")
    names = [n for group in blocks.values() for n in group]
    k = k or int(own.nunique())
    assigned, scores = _formed_elsewhere(
        rows, blocks, names, own, y, fold, k, scaler, clusterer, dict(limits or {}), seed
    )
    rivals, best = _rivals(rows[names], (rows[names] if fields is None else fields.reindex(rows.index)), y, fold, seed)
    orders = {PERSONAS: scores, **rivals}
    ranking = [
        (n, *(getattr(area(s, y, fold, level=level), v) for v in ("value", "low", "high"))) for n, s in orders.items()
    ]
    less = [(n, *contrast(scores, s, y, fold, level=level)) for n, s in rivals.items()]
    table, by_persona = _rates(own, assigned, y, level)
    return CrossFitted(
        table=table,
        by_persona=by_persona,
        ranking=pd.DataFrame(ranking, columns=["order", "auc", "low", "high"]),
        comparisons=pd.DataFrame(less, columns=["rival", "difference", "low", "high"]),
        agreement=float((assigned == own.to_numpy()).mean()),
        fields=best,
        assigned=pd.Series(assigned, index=rows.index, name="persona").reindex(frame.index),
        params={"folds": int(fold.max()) + 1, "k": k, "level": level, "weight": WEIGHT, **clusterer.params},
        seed=seed,
    )


def _formed_elsewhere(
    rows: pd.DataFrame,
    blocks: Mapping[str, Sequence[str]],
    names: list[str],
    own: pd.Series,
    y: pd.Series,
    fold: Labels,
    k: int,
    scaler: Any,
    clusterer: Clusterer,
    limits: dict[str, float],
    seed: int,
) -> tuple[Labels, Floats]:
    """Return segment and score of each unit, by segments that were formed without its fold."""
    kinds, used = np.unique(own.to_numpy(), return_inverse=True)
    hit = y.to_numpy(dtype=np.float64)
    assigned, scores = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows))
    for f in range(int(fold.max()) + 1):
        here, there = np.flatnonzero(fold == f), np.flatnonzero(fold != f)
        matrix = fit_matrix(rows.iloc[there], blocks, scaler=scaler, **limits)
        found = clusterer.fit(matrix.values, k, seed=integer(f"crossfit/{f}", seed))
        held = found.predict(matrix.pipeline.transform(rows[names].iloc[here].to_numpy(dtype=np.float64)))
        number = max(k, int(found.labels.max()) + 1)
        partner = matched(crossing(used[there], found.labels, len(kinds), number))
        assigned[here] = np.where(partner[held] >= 0, kinds[partner[held]], 0)
        hits = np.bincount(found.labels, weights=hit[there], minlength=number)
        units = np.bincount(found.labels, minlength=number)
        scores[here] = ((hits + WEIGHT * hit[there].mean()) / (units + WEIGHT))[held]
    return assigned, scores


def _rivals(
    values: pd.DataFrame, fields: pd.DataFrame, y: pd.Series, fold: Labels, seed: int
) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Return the scores of orders that need no segments, and the best field of each fold."""
    coded = {str(n): codes_of(fields[n]) for n in fields.columns}
    alone = {n: rates_elsewhere(c, number, y, fold) for n, (c, number) in coded.items()}
    single, best = np.zeros(len(y)), []
    for f in range(int(fold.max()) + 1):
        there = fold != f
        inner = np.unique(fold[there], return_inverse=True)[1].ravel().astype(np.int64)
        areas = {}
        for n, (c, number) in coded.items():
            # Two folds leave one, within which nothing can be validated: then the scores of the units themselves decide.
            areas[n] = (
                area(rates_elsewhere(c[there], number, y[there], inner), y[there], inner).value if inner.any() else 0.5
            )
        best.append(max(areas, key=lambda n: areas[n]))
        single[~there] = alone[best[-1]][~there]
    count, number = fields.isna().sum(axis=1).to_numpy(dtype=np.int64), fields.shape[1] + 1
    trees = boosted(
        values.to_numpy(dtype=np.float64), y, fold, rounds=ROUNDS, leaves=LEAVES, name="crossfit/trees", seed=seed
    )
    return {FIELD: single, COUNT: rates_elsewhere(count, number, y, fold), TREES: trees}, tuple(best)


def _rates(own: pd.Series, assigned: Labels, y: pd.Series, level: float) -> tuple[pd.DataFrame, dict[int, Rate]]:
    """Return the rate of each segment on units of folds that did not form it."""
    kinds = sorted(own.unique())
    units = pd.Series([int((assigned == p).sum()) for p in kinds], index=kinds)
    hide = suppressed(units, PERSONAL_CELL) | (units < PERSONAL_CELL) | suppressed(own.value_counts(), PERSONAL_CELL)
    rows, told = [], {}
    for p in kinds:
        mine = y.to_numpy()[assigned == p]
        if hide[p]:
            rows.append((int(p), *([np.nan] * 6)))
            continue
        r = told[int(p)] = rate(int(mine.sum()), len(mine), level=level)
        rows.append((int(p), r.units, r.events, r.share, r.low, r.high, float(y[own == p].mean())))
    return pd.DataFrame(rows, columns=["persona", "units", "conversions", "rate", "low", "high", "formed"]), told
