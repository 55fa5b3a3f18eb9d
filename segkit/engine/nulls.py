"""Is there more than a population without segments: the observed statistics against those of simulated populations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..seeds import integer
from ..thresholds import CRITICAL, DECIDING, ILL_FIT, LEVEL
from .fits import Labels, side_by_side
from .matrix import Floats, fit_matrix
from .null_statistics import (
    DECLARED,
    LESS,
    Plan,
    distances_of_margins,
    exceeding,
    fitted,
    holm,
    p_value,
    rank_correlations,
    statistics,
)
from .silhouettes import sample

MOST = 20  # times as many data sets, at the most, until the answer of the declared statistic is settled
RISK = 0.001  # at each look, that more data sets would turn the answer: at most two per cent over all looks
INTERVAL = 0.95  # of the share of data sets that is as extreme

Replicates = Callable[[int, int], Iterable[Floats]]  # how many, and the root seed: arrays of shape (n_units, n_columns)


@dataclass(frozen=True)
class Nulls:
    """The observed partition beside partitions of populations without segments.

    Attributes
    ----------
    table : DataFrame
        One row per null and statistic: ``null``, ``statistic``, ``observed``, ``null_mean``, ``null_sd``, ``effect``
        (observed minus mean), ``p``, ``p_holm`` (missing for the declared statistic), ``usable`` (data sets that have
        the statistic), ``drawn`` (data sets behind the p), ``p_low``, ``p_high`` (of the p that endless drawing would give,
        Clopper and Pearson 1934), ``settled`` (whether that p is on the same side of the level, but for a small risk).
    draws : DataFrame
        ``null``, ``replicate``, and one column per statistic; of later data sets the declared one alone.
    fit : DataFrame
        ``null``, ``feature``, ``distance``: the mean Kolmogorov-Smirnov distance of the feature's margin from the
        observed one; ``weight``: the feature's share of the variance between the observed segments, missing where what is
        clustered has other columns than features.
    correlation_error : Series
        Per null, the largest absolute difference between an observed rank correlation and its mean over data sets.
    params : dict
        Resampling, ``level`` and ``declared``, the statistic on which the test rests; ``fits``, partitions that were fitted
        to data sets as a whole, and ``unconverged``, those of them whose starts were not enough (see `lloyd.enough`).
    seed : int
    """

    table: pd.DataFrame
    draws: pd.DataFrame
    fit: pd.DataFrame
    correlation_error: pd.Series
    params: dict[str, Any]
    seed: int

    @property
    def names(self) -> list[str]:
        """The nulls, from weak to strict."""
        return list(self.table["null"].unique())

    def row(self, null: str, statistic: str = DECLARED) -> pd.Series:
        """Return the row of one null and statistic."""
        chosen = self.table[(self.table["null"] == null) & (self.table["statistic"] == statistic)]
        return chosen.iloc[0]

    @property
    def testable(self) -> bool:
        """Whether there are enough data sets for a p to reach the level."""
        return _testable(self.params["count"], self.params["level"])

    @property
    def beaten(self) -> dict[str, bool]:
        """Whether the declared statistic is beyond what each null explains, at the declared level."""
        level = self.params["level"]
        return {null: bool(self.row(null)["p"] <= level) for null in self.names}  # NaN is not beyond anything

    @property
    def deciding(self) -> list[str]:
        """The fewest features that account for half of the variance between segments; all of them where none is known to."""
        own = self.fit[self.fit["null"] == self.names[0]].sort_values("weight", ascending=False, kind="stable")
        before = own["weight"].cumsum() - own["weight"]
        return own.loc[(before < DECIDING - 1e-9) | own["weight"].isna(), "feature"].tolist()

    @property
    def limit(self) -> float:
        """The distance from which a null fits a feature badly: more than is tolerable, and than samples differ by."""
        units = self.params.get("sampled", self.params["units"])
        return max(ILL_FIT, CRITICAL * math.sqrt(2 / units))

    def badly(self, null: str) -> dict[str, float]:
        """Return the distance of each deciding feature that a null fits badly, the largest first."""
        own = self.fit[(self.fit["null"] == null) & self.fit["feature"].isin(self.deciding)]
        far = own[own["distance"] >= self.limit].sort_values("distance", ascending=False, kind="stable")
        return {str(f): float(d) for f, d in zip(far["feature"], far["distance"], strict=True)}

    def to_json(self) -> dict[str, Any]:
        """Return observed value, mean and p of every statistic under every null, and how well each null fits."""
        keep = ["observed", "null_mean", "effect", "p", "p_holm"]
        out: dict[str, Any] = {}
        for null in self.names:
            rows = self.table[self.table["null"] == null].set_index("statistic")
            out[null] = {
                **rows[keep].to_dict("index"),
                "declared": rows.loc[DECLARED, ["drawn", "p_low", "p_high", "settled"]].to_dict(),
                "fit": {
                    "margins": self.fit[self.fit["null"] == null].set_index("feature")["distance"].to_dict(),
                    "correlation_error": float(self.correlation_error[null]),
                    "deciding": self.deciding,
                    "limit": self.limit,
                    "badly": list(self.badly(null)),
                },
            }
        return out

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


class _Measured(NamedTuple):
    """What one data set gives."""

    statistics: dict[str, float]
    distances: Floats  # by feature; none where no observed ones are given
    correlations: Floats  # of features, likewise
    converged: list[bool | None]  # by fit


def compare(
    frame: pd.DataFrame,
    blocks: Mapping[str, Sequence[str]],
    nulls: Mapping[str, Replicates],
    plan: Plan,
    *,
    count: int = 99,
    clip: float = 0.01,
    cap: float = 10.0,
    scaler: Any = None,
    level: float = LEVEL,
    most: int | None = None,
    partitions: Mapping[int, Labels] | None = None,
    seed: int = 42,
    jobs: int | None = None,
) -> Nulls:
    """Measure the observed features and those of populations without segments in the same way.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Observed features, before preprocessing.
    blocks : mapping of str to sequence of str
        Feature names by block.
    nulls : mapping of str to callable
        From weak to strict. Each takes a number of data sets and the root seed, and gives their features, with the
        columns in the order of the blocks; units need not correspond.
    plan : Plan
        What is measured.
    count : int
        Data sets for each null. For the declared statistic more are drawn, `MOST` times as many at most, until it is settled
        on which side of the level its p lies; but not where so few could never reach the level.
    clip, cap, scaler
        Of the preprocessing, which is fitted to each data set anew; see `matrix.fit_matrix`.
    level : float
    most : int, optional
        Above, a random sample of so many units stands for all, in the observed population and in all others alike.
    partitions : mapping of int to array of length n_units, optional
        Labels of the observed units, by number of segments, where all of them were divided before: what is measured of
        these has then one value everywhere. Other numbers are fitted here, and all are where a sample stands for all.
    seed : int
    jobs : int, optional
        Processes; all processors when not given.

    Notes
    -----
    A Monte-Carlo test (Davison and Hinkley 1997, section 4.2); with ``count`` data sets no p is below
    1 / (count + 1). It goes on until an interval of p leaves the level out, which bounds the risk that endless drawing would
    answer otherwise (Gandy, A. (2009). Sequential implementation of Monte Carlo tests with uniformly bounded resampling risk.
    Journal of the American Statistical Association, 104, 1504-1511; here with intervals at fixed looks). Holm's adjustment
    runs, within each null, over all statistics but the declared one. Stability is measured under the nulls too: by itself it
    counts optima, not structure (von Luxburg 2010). A data set whose columns are all constant, or that has no more distinct
    units than segments, counts as extreme.
    """
    names = [n for group in blocks.values() for n in group]
    observed = frame[names].to_numpy(dtype=np.float64)
    n = len(observed)
    rows_of = slice(None) if most is None or n <= most else sample(n, most, "nulls/units", seed)
    observed = observed[rows_of]
    shared = (observed, {b: list(n) for b, n in blocks.items()}, plan, clip, cap, scaler)
    known = partitions if partitions is not None and len(observed) == n else {}
    first = _measure(observed, integer("nulls/observed", seed), *shared, known)
    weight = _weights(integer("nulls/observed", seed), *shared, known.get(plan.k))
    rows, draws, fits, errors, optima = [], [], [], {}, list(first.converged)
    declared = replace(plan, others=(), bootstraps=0, splits=0, subsamples=0, indices=False)
    brief = (None, shared[1], declared, *shared[3:])
    testable = _testable(count, level)
    for null, replicates in nulls.items():
        source = enumerate(replicates((count + 1) * MOST - 1 if testable else count, seed))
        measured = partial(_next, source, null, rows_of, seed, jobs, optima)  # goes on where it ended
        found = measured(count, shared)
        drawn = pd.DataFrame([m.statistics for m in found], columns=plan.names)
        if testable:
            drawn = _until_settled(drawn, first.statistics[DECLARED], level, partial(measured, count + 1, brief))
        rows.append(_rows(null, first.statistics, drawn, count, level))
        drawn.insert(0, "replicate", range(len(drawn)))
        drawn.insert(0, "null", null)
        draws.append(drawn)
        distance = np.mean([m.distances for m in found], axis=0)
        fits.append(pd.DataFrame({"null": null, "feature": names, "distance": distance, "weight": weight}))
        mean = np.mean([m.correlations for m in found], axis=0)
        errors[null] = float(np.abs(mean - first.correlations).max())
    params = {
        "count": count, "k": plan.k, "bootstraps": plan.bootstraps, "splits": plan.splits, "subset": plan.subset,
        "subsamples": plan.subsamples, **plan.clusterer.params, "level": level, "declared": DECLARED, "units": n,
        "fits": len(optima) - optima.count(None), "unconverged": optima.count(False),
    }  # fmt: skip
    if len(observed) < n:
        params["sampled"] = len(observed)
    return Nulls(
        pd.concat(rows, ignore_index=True), pd.concat(draws, ignore_index=True), pd.concat(fits, ignore_index=True),
        pd.Series(errors, name="correlation error", dtype="float64"), params, seed,
    )  # fmt: skip


def _testable(count: int, level: float) -> bool:
    return bool(1 / (count + 1) <= level)


def _next(
    source: Iterator[tuple[int, Floats]], null: str, rows_of: Any, seed: int, jobs: int | None,
    optima: list[bool | None], count: int, shared: Any,
) -> list[_Measured]:  # fmt: skip
    """Measure so many data sets more, or as many as there are, and note whether the starts of their fits were enough."""
    tasks = [(values[rows_of], integer(f"nulls/{null} {b}", seed), *shared) for b, values in islice(source, count)]
    found = side_by_side(_measure, tasks, what=null, jobs=jobs) if tasks else []
    optima += [own for m in found for own in m.converged]
    return found


def _between(extreme: int, n: int, level: float) -> tuple[float, float]:
    """Return the interval of Clopper and Pearson of a share."""
    from scipy.stats import beta

    low = float(beta.ppf((1 - level) / 2, extreme, n - extreme + 1)) if extreme else 0.0
    return low, float(beta.ppf((1 + level) / 2, extreme + 1, n - extreme)) if extreme < n else 1.0


def settled(observed: float, drawn: pd.Series, level: float) -> bool:
    """Tell whether it is known on which side of the level p lies, or can never be."""
    if np.isnan(observed):
        return True
    low, high = _between(exceeding(observed, drawn.to_numpy()), len(drawn), 1 - RISK)
    return not low <= level <= high


def _until_settled(
    drawn: pd.DataFrame, observed: float, level: float, more: Callable[[], list[_Measured]]
) -> pd.DataFrame:
    """Add the declared statistic of more data sets, as long as there are any, until its answer is settled."""
    while not settled(observed, drawn[DECLARED], level) and (found := more()):
        later = {DECLARED: [m.statistics[DECLARED] for m in found]}
        drawn = pd.concat([drawn, pd.DataFrame(later, columns=drawn.columns, dtype="float64")], ignore_index=True)
    return drawn


def _rows(null: str, observed: Mapping[str, float], drawn: pd.DataFrame, count: int, level: float) -> pd.DataFrame:
    """Return one row per statistic of one null."""
    out = []
    for name in drawn.columns:
        own, value = drawn[name] if name == DECLARED else drawn[name].iloc[:count], observed[name]
        less = name in LESS
        low, high = (
            (np.nan, np.nan)
            if np.isnan(value)
            else _between(exceeding(value, own.to_numpy(), less=less), len(own), INTERVAL)
        )
        out.append({
            "null": null, "statistic": name, "observed": value, "null_mean": own.mean(), "null_sd": own.std(),
            "effect": value - own.mean(), "p": p_value(value, own.to_numpy(), less=less), "p_holm": np.nan,
            "usable": int(own.notna().sum()), "drawn": len(own), "p_low": low, "p_high": high,
            "settled": settled(-value if less else value, -own if less else own, level),
        })  # fmt: skip
    table = pd.DataFrame(out)
    others = table["statistic"] != DECLARED
    table.loc[others, "p_holm"] = holm(table.loc[others, "p"].tolist())
    return table


def _weights(
    seed: int, observed: Floats, blocks: Mapping[str, Sequence[str]], plan: Plan, clip: float, cap: float, scaler: Any,
    labels: Labels | None,
) -> Floats:  # fmt: skip
    """Return each feature's share of the variance between the observed segments, as the clustering sees it."""
    names = [n for group in blocks.values() for n in group]
    unknown = np.full(len(names), np.nan)
    try:
        matrix = fit_matrix(pd.DataFrame(observed, columns=names), blocks, clip=clip, cap=cap, scaler=scaler)
    except ValueError:  # nothing varies
        return unknown
    if not set(matrix.columns) <= set(names) or len(np.unique(matrix.values, axis=0)) <= plan.k:
        return unknown
    if labels is None:
        labels = plan.clusterer.fit(matrix.values, plan.k, seed=seed).labels
    means = pd.DataFrame(matrix.values, columns=list(matrix.columns)).groupby(labels).transform("mean")
    between: Floats = means.var(ddof=0).reindex(names, fill_value=0.0).to_numpy()
    return between / between.sum() if between.any() else unknown


def _measure(
    values: Floats,
    seed: int,
    observed: Floats | None,
    blocks: Mapping[str, Sequence[str]],
    plan: Plan,
    clip: float,
    cap: float,
    scaler: Any,
    partitions: Mapping[int, Labels] | None = None,
) -> _Measured:
    """Take one data set through preprocessing and clustering, and compare its features with the observed ones."""
    names = [n for group in blocks.values() for n in group]
    try:
        matrix = fit_matrix(pd.DataFrame(values, columns=names), blocks, clip=clip, cap=cap, scaler=scaler).values
        found = fitted(matrix, plan, seed, partitions)
        measured = statistics(matrix, plan, seed, found)
    except ValueError:  # nothing varies
        found, measured = {}, dict.fromkeys(plan.names, float("nan"))
    own = [p.converged for k, p in found.items() if k not in (partitions or {})]
    if observed is None:
        return _Measured(measured, np.empty(0), np.empty(0), own)
    return _Measured(measured, distances_of_margins(observed, values), rank_correlations(values), own)
