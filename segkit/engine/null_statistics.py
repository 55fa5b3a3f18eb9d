"""What is measured of one data set when it is compared with populations without segments."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .clusterer import SMALL, Clusterer, Partition, given
from .consensus import PART, ambiguous
from .fits import Labels, best_jaccard, crossing
from .instability import disagreement
from .kinds import distinct
from .matrix import Floats
from .prediction import strength
from .silhouettes import EXACT, silhouettes

DECLARED = "silhouette"  # the statistic that was named before any result was seen
LESS = frozenset({"inertia", "davies_bouldin", "instability", "pac"})  # segments make these small
AT_K = (
    "silhouette", "inertia", "davies_bouldin", "calinski_harabasz", "prediction_strength", "instability", "jaccard",
    "pac",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How much is measured of every data set, the observed one and the others alike.

    Attributes
    ----------
    k : int
        The number of segments in question.
    others : tuple of int
        Other numbers of segments, for which the silhouette is measured too.
    bootstraps : int
        Bootstrap fits behind the instability (in pairs) and the clusterwise Jaccard.
    splits : int
        Halvings behind the prediction strength.
    subset, subsamples : int
        Units on which the consensus is measured, and how many subsamples of four fifths of them.
    indices : bool
        Whether inertia, Davies-Bouldin and Calinski-Harabasz are measured.
    clusterer : Clusterer
        Of each fit. What divides a data set as a whole starts until that is enough.

    Where a number of resamples is 0 (below 2 for bootstraps), what rests on them is not measured.
    """

    k: int
    others: tuple[int, ...] = ()
    bootstraps: int = 20
    splits: int = 5
    subset: int = 300
    subsamples: int = 20
    indices: bool = True
    clusterer: Clusterer = SMALL

    @property
    def names(self) -> tuple[str, ...]:
        """The statistics, the declared one first."""
        return (*AT_K, *(f"silhouette_k{k}" for k in self.others))


def fitted(values: Floats, plan: Plan, seed: int, known: Mapping[int, Labels] | None = None) -> dict[int, Partition]:
    """Divide one data set into each number of segments that is below its distinct units, with starts until these are enough.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
        After preprocessing.
    plan : Plan
    seed : int
    known : mapping of int to array of length n_units, optional
        Labels, by number of segments, that are taken as they are.
    """
    known, own, number = known or {}, plan.clusterer.converging(), int(distinct(values).max(initial=-1)) + 1
    ks = [k for k in (plan.k, *plan.others) if k < number]
    seeds = _seeds(np.random.default_rng(seed), len(ks))
    return {
        k: given(values, known[k]) if k in known else own.fit(values, k, seed=s) for k, s in zip(ks, seeds, strict=True)
    }


def statistics(
    values: Floats, plan: Plan, seed: int, partitions: Mapping[int, Partition] | None = None
) -> dict[str, float]:
    """Measure how clear and how stable the partition of one data set is.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
        After preprocessing.
    plan : Plan
    seed : int
        Of all fits and resamples.
    partitions : mapping of int to Partition, optional
        By number of segments; what `fitted` gives when not given.

    Returns
    -------
    dict of str to float
        ``plan.names``. Where the data set has too few distinct units for a number of segments, NaN. The inertia is
        relative to that of one segment, so that data sets of different spread can be compared.

    Notes
    -----
    Silhouette: Rousseeuw (1987). Prediction strength: Tibshirani and Walther (2005). Instability: Fang and Wang (2012).
    Clusterwise Jaccard: Hennig (2007), of which the smallest mean over the segments is kept. Proportion of ambiguously
    clustered pairs: Senbabaoglu, Michailidis and Li (2014), on the consensus of Monti et al. (2003).
    """
    out = dict.fromkeys(plan.names, float("nan"))
    found = fitted(values, plan, seed) if partitions is None else partitions
    if not found:
        return out
    rng = np.random.default_rng(seed)
    _seeds(rng, len(found))  # those of the fits
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Number of distinct clusters")  # a resample may have fewer
        rows = np.sort(rng.choice(len(values), EXACT, replace=False)) if len(values) > EXACT else None
        scores = silhouettes(values, [_used(own.labels) for own in found.values()], rows).mean(axis=0)
        for k, score in zip(found, scores, strict=True):
            out["silhouette" if k == plan.k else f"silhouette_k{k}"] = float(score)
        if plan.k in found:
            out |= _indices(values, found[plan.k]) if plan.indices else {}
            out["prediction_strength"] = _prediction_strength(values, plan, rng)
            out["instability"], out["jaccard"] = _bootstraps(values, found[plan.k], plan, rng)
            out["pac"] = _ambiguous(values, plan, rng)
    return out


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def _seeds(rng: np.random.Generator, number: int) -> list[int]:
    return [_seed(rng) for _ in range(number)]


def _used(labels: Labels) -> Labels:
    """Number the labels that are in use from 0, without gaps."""
    out: Labels = np.unique(labels, return_inverse=True)[1]
    return out


def _indices(values: Floats, found: Partition) -> dict[str, float]:
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

    total = float(((values - values.mean(axis=0)) ** 2).sum())
    return {
        "inertia": found.inertia(values) / total,
        "davies_bouldin": float(davies_bouldin_score(values, found.labels)),
        "calinski_harabasz": float(calinski_harabasz_score(values, found.labels)),
    }


def _prediction_strength(values: Floats, plan: Plan, rng: np.random.Generator) -> float:
    half, k, strengths = len(values) // 2, plan.k, []
    if half <= k or not plan.splits:
        return float("nan")
    for _ in range(plan.splits):
        order = rng.permutation(len(values))
        one, two = values[order[:half]], values[order[half:]]
        fits = [plan.clusterer.fit(half_of, k, seed=_seed(rng)) for half_of in (one, two)]
        for own, part, other in ((fits[0], one, fits[1]), (fits[1], two, fits[0])):
            strengths.append(strength(crossing(own.labels, other.predict(part), k, k)))
    return float(np.mean(strengths))


def _bootstraps(values: Floats, found: Partition, plan: Plan, rng: np.random.Generator) -> tuple[float, float]:
    """Return the mean instability of pairs of bootstrap fits, and the smallest mean Jaccard of a segment."""
    n, k, similar, extended = len(values), plan.k, [], []
    if plan.bootstraps < 2:
        return float("nan"), float("nan")
    for _ in range(plan.bootstraps):
        drawn = rng.integers(n, size=n)
        labels = plan.clusterer.fit(values[drawn], k, seed=_seed(rng)).predict(values)
        present = np.unique(drawn)
        similar.append(best_jaccard(crossing(found.labels[present], labels[present], k, k)))
        extended.append(labels)
    pairs = [disagreement(crossing(a, b, k, k)) for a, b in zip(extended[::2], extended[1::2], strict=False)]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Mean of empty slice")  # a segment that no resample holds
        return float(np.mean(pairs)), float(np.nanmin(np.nanmean(similar, axis=0)))


def _ambiguous(values: Floats, plan: Plan, rng: np.random.Generator) -> float:
    """Return the proportion of ambiguously clustered pairs among some of the units."""
    size = min(plan.subset, len(values))
    some = values[rng.choice(len(values), size, replace=False)]
    within = round(PART * size)
    if within <= plan.k or not plan.subsamples:
        return float("nan")
    labels = np.full((plan.subsamples, size), -1, dtype=np.int8)
    for own in labels:
        drawn = rng.choice(size, within, replace=False)
        own[drawn] = plan.clusterer.fit(some[drawn], plan.k, seed=_seed(rng)).labels
    return float(np.nanmean(ambiguous(labels, plan.k)))


def ranks(values: Floats) -> Floats:
    """Return average ranks by column, shape as given; ties share theirs."""
    from scipy.stats import rankdata

    out: Floats = rankdata(values, axis=0)
    return out


def rank_correlations(values: Floats) -> Floats:
    """Return Spearman's rank correlations of the columns, 0 where a column does not vary.

    Where cells are missing (NaN), each pair of columns is compared on the units that have both.

    Returns
    -------
    array of shape (n_columns, n_columns)
    """
    if np.isnan(values).any():
        import pandas as pd

        return pd.DataFrame(values).corr("spearman").fillna(0.0).to_numpy()
    centred = ranks(values)
    centred -= centred.mean(axis=0)
    norms = np.sqrt((centred**2).sum(axis=0))
    scaled = np.divide(centred, norms, out=np.zeros_like(centred), where=norms > 0)
    out: Floats = scaled.T @ scaled
    return out


def distances_of_margins(one: Floats, two: Floats) -> Floats:
    """Return the Kolmogorov-Smirnov distance of each pair of columns, shape (n_columns,), missing cells (NaN) aside.

    Examples
    --------
    >>> distances_of_margins(np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]])).tolist()
    [0.5]
    """
    return np.array([_largest_gap(_known(a), _known(b)) for a, b in zip(one.T, two.T, strict=True)])


def _known(column: Floats) -> Floats:
    """Return the values of a column in order, without the missing ones."""
    return np.sort(column[~np.isnan(column)])


def _largest_gap(a: Floats, b: Floats) -> float:
    if not len(a) or not len(b):  # a column that is known nowhere is like another such, and like no other
        return float(len(a) != len(b))
    at = np.concatenate([a, b])
    below = [np.searchsorted(x, at, side="right") / len(x) for x in (a, b)]
    return float(np.abs(below[0] - below[1]).max())


def holm(p: Sequence[float]) -> Floats:
    """Adjust p-values for their number, step by step (Holm 1979); missing ones stay missing and count for nothing.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    from statsmodels.stats.multitest import multipletests

    out = np.array(p, dtype=np.float64)
    known = ~np.isnan(out)
    if known.any():
        out[known] = multipletests(out[known], method="holm")[1]
    return out


def exceeding(observed: float, drawn: Floats, *, less: bool = False) -> int:
    """Return how many data sets are at least as extreme; those without the statistic are, as in `p_value`."""
    sign, slack = -1.0 if less else 1.0, 1e-12 * max(1.0, abs(observed))
    return int((np.isnan(drawn) | (sign * drawn >= sign * observed - slack)).sum())


def p_value(observed: float, drawn: Floats, *, less: bool = False) -> float:
    """Return the share of data sets, with the observed one among them, that are at least as extreme.

    Parameters
    ----------
    observed : float
    drawn : array of length B
        NaN where a data set had no such statistic: it counts as extreme, which can only make the test more cautious.
    less : bool
        Whether small values are extreme.

    Notes
    -----
    (1 + #{T* at least as extreme as T}) / (B + 1): Davison and Hinkley (1997), section 4.2. Values that agree to twelve
    digits are ties, and ties are extreme.

    Examples
    --------
    >>> p_value(0.5, np.array([0.1, 0.5, 0.7]))
    0.75
    """
    if np.isnan(observed) or len(drawn) == 0:
        return float("nan")
    return (1 + exceeding(observed, drawn, less=less)) / (len(drawn) + 1)
