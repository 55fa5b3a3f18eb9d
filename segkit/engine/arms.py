"""Which way to part units of mixed fields the evidence speaks for: stability beyond what unrelated fields have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..seeds import integer
from .clusterer import Clusterer, KMeansClusterer
from .fits import adjusted_rand, crossing, side_by_side
from .independent import independent_draws
from .jaccard import enough
from .levels import Levels
from .matrix import Floats, fit_matrix
from .prediction import strength
from .silhouettes import sample

ORDER = ("factors", "modes", "classes", "gower")  # the simpler first
MOST = 1_200  # units of which all of this is measured
BRIEF = 3  # starts, or runs that go on, of each of the very many fits to halves
SPREAD = 0.02  # a null that spreads less than this is not known so well
COLUMNS = [
    "arm", "k", "stability", "null_stability", "excess", "excess_se", "z", "p", "prediction_strength",
    "null_prediction_strength", "bic", "smallest", "qualifies",
]  # fmt: skip


@dataclass(frozen=True)
class Arm:
    """One way to part units: from the table to a matrix, and from there to segments.

    Attributes
    ----------
    name : str
        One of ``ORDER``, or any other, which then counts as less simple than these.
    label : str
        What readers see.
    scaler : transformer
    clusterer : Clusterer
    """

    name: str
    label: str
    scaler: Any
    clusterer: Clusterer


def four_arms(levels: Levels) -> tuple[Arm, ...]:
    """Return the four ways that a table of mixed fields can be parted, the simpler first."""
    from .mixed import Disjunctive, Factors
    from .mixed_clusterers import ClassesClusterer, GowerClusterer, ModesClusterer

    apart = Disjunctive(levels)
    return (
        Arm("factors", "Components with k-means", Factors(levels), KMeansClusterer()),
        Arm("modes", "K-modes", apart, ModesClusterer(5)),
        Arm("classes", "Latent classes", apart, ClassesClusterer(5)),
        Arm("gower", "Gower's distance, medoids", apart, GowerClusterer(1)),
    )


@dataclass(frozen=True)
class Arms:
    """The ways to part units beside each other.

    Attributes
    ----------
    table : DataFrame
        One row per arm and K: ``arm``, ``k``; ``stability``, the mean ARI of two fits to halves of the units, the whole
        chain refitted, as they label all units; ``null_stability``, its mean where fields are unrelated; ``excess``, the
        difference, with ``excess_se``; ``z``, the excess in standard deviations of the null; ``p``, adjusted for all arms
        and K; ``prediction_strength`` and its null mean; ``bic``, of latent classes; ``smallest``, units in the smallest
        segment; ``qualifies``.
    agreement : DataFrame
        ``k``, ``one``, ``other``, ``ari`` of two arms' partitions.
    chosen : str or None
        The arm to use; None where no arm beats its null.
    k : int or None
        The largest number of segments within one standard error of its largest excess.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    agreement: pd.DataFrame
    chosen: str | None
    k: int | None
    params: dict[str, Any]
    seed: int

    @property
    def defensible(self) -> bool:
        """Whether any arm finds more than fields without any tie have."""
        return self.chosen is not None

    def to_json(self) -> dict[str, Any]:
        """Return the tables as plain values."""
        plain = self.table.astype(object).where(self.table.notna(), None)
        return {
            "chosen": self.chosen, "k": self.k, "defensible": self.defensible, "table": plain.to_dict("records"),
            "agreement": self.agreement.to_dict("records"), "params": self.params, "seed": self.seed,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def compare(
    frame: pd.DataFrame,
    blocks: Mapping[str, Sequence[str]],
    arms: Sequence[Arm],
    ks: Sequence[int],
    *,
    splits: int = 5,
    nulls: int = 19,
    strata: NDArray[Any] | None = None,
    most: int = MOST,
    least: int = 10,
    seed: int = 42,
    jobs: int | None = None,
) -> Arms:
    """Measure each arm on the units and on populations of unrelated fields, and choose.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Numbers and codes, NaN where missing.
    blocks : mapping of str to sequence of str
    arms : sequence of Arm
    ks : sequence of int
    splits : int
        Random halvings of each population.
    nulls : int
        Populations of unrelated fields; no p is below 1 / (nulls + 1).
    strata : array of length n_units, optional
        Within which cells are permuted, see `independent.independent_draws`.
    most : int
        Above, a random sample of so many units stands for all.
    least : int
        Units that the smallest segment of a K has to have.
    seed : int
    jobs : int, optional

    Notes
    -----
    Two fits to random halves, each refitting everything from the raw table with ``BRIEF`` starts, label all units; their ARI
    is the stability (Lange, V., Roth, Braun and Buhmann 2004, with ARI in place of their dissimilarity). The same two fits
    give the prediction strength (Tibshirani and Walther 2005). Raw stability counts optima, not structure (von Luxburg
    2010): few segments, or one large field, are stable in anything. So the same is done to populations of unrelated fields,
    and what counts is the excess.

    The test is of the largest z over all arms and K, each population against all others, the observed one among them
    (Westfall and Young 1993): that any arm beats its null by chance has probability 1 / (nulls + 1) at most, when p has
    to be no larger. A K qualifies with such a p, a prediction strength above its null, and no segment below ``least``
    units. Of the arms that have one, the one with the largest excess is chosen, or a simpler one (``ORDER``) within one
    standard error of it; of its K the largest that is as near to its own best.
    """
    names = [n for group in blocks.values() for n in group]
    rows = np.arange(len(frame)) if len(frame) <= most else sample(len(frame), most, "arms/units", seed)
    values = frame[names].to_numpy(dtype=np.float64)[rows]
    groups = np.zeros(len(rows), dtype=np.int64) if strata is None else np.asarray(strata)[rows]
    populations = [values, *independent_draws(values, groups, nulls, seed)]
    shared = (tuple(names), {b: list(n) for b, n in blocks.items()}, tuple(arms), tuple(ks))
    tasks = [(v, integer(f"arms/{b}/{s}", seed), *shared) for b, v in enumerate(populations) for s in range(splits)]
    found = np.array(side_by_side(_split, tasks, what="arms", jobs=jobs))
    found = found.reshape(nulls + 1, splits, len(arms), len(ks), 2)
    labels, bic = _partitions(values, shared, seed)
    table = _table(found, [a.name for a in arms], list(ks), labels, bic, least)
    chosen, k = _choice(table, [a.name for a in arms])
    params = {
        "splits": splits, "nulls": nulls, "units": len(frame), "sampled": len(rows), "least": least, "brief": BRIEF,
        "order": list(ORDER),
        "arms": {a.name: a.clusterer.params for a in arms},
    }  # fmt: skip
    return Arms(table, _agreement(labels, [a.name for a in arms], list(ks)), chosen, k, params, seed)


def _split(
    values: Floats,
    seed: int,
    names: Sequence[str],
    blocks: Mapping[str, Sequence[str]],
    arms: Sequence[Arm],
    ks: Sequence[int],
) -> Floats:
    """Halve one population, and return stability and prediction strength, shape (n_arms, n_ks, 2)."""
    rng = np.random.default_rng(seed)
    halves = np.array_split(rng.permutation(len(values)), 2)
    seeds = rng.integers(2**32 - 1, size=(len(ks), 2))
    out = np.full((len(arms), len(ks), 2), np.nan)
    for i, arm in enumerate(arms):
        try:
            made = [fit_matrix(pd.DataFrame(values[h], columns=list(names)), blocks, scaler=arm.scaler) for h in halves]
        except ValueError:  # nothing varies in a half
            continue
        seen = [m.pipeline.transform(values) for m in made]
        usable = [j for j, k in enumerate(ks) if all(enough(m.values, k) for m in made)]
        wanted = [ks[j] for j in usable]
        own = arm.clusterer.brief(BRIEF)
        done = [own.several(m.values, wanted, seeds[usable, a].tolist()) for a, m in enumerate(made)]
        for j, *fits in zip(usable, *done, strict=True):
            k = ks[j]
            all_of = [f.predict(v) for f, v in zip(fits, seen, strict=True)]
            out[i, j, 0] = adjusted_rand(crossing(all_of[0], all_of[1], k, k))
            both = [strength(crossing(fits[a].labels, all_of[1 - a][halves[a]], k, k)) for a in (0, 1)]
            out[i, j, 1] = np.mean(both)
    return out


def _partitions(
    values: Floats, shared: tuple[Any, ...], seed: int
) -> tuple[dict[tuple[str, int], NDArray[np.int64]], dict[tuple[str, int], float]]:
    """Part the units in every way; return labels, and the criterion of latent classes."""
    names, blocks, arms, ks = shared
    labels: dict[tuple[str, int], NDArray[np.int64]] = {}
    bic: dict[tuple[str, int], float] = {}
    for arm in arms:
        matrix = fit_matrix(pd.DataFrame(values, columns=list(names)), blocks, scaler=arm.scaler).values
        for k in ks:
            if enough(matrix, k):
                labels[arm.name, k] = arm.clusterer.fit(matrix, k, seed=integer(f"arms/{arm.name}/{k}", seed)).labels
                if hasattr(arm.clusterer, "bic"):
                    bic[arm.name, k] = arm.clusterer.bic(matrix, k, seed=integer(f"arms/{arm.name}/{k}", seed))
    return labels, bic


def standardised(means: Floats) -> Floats:
    """Return how far each population is from all the others, in their standard deviations.

    Parameters
    ----------
    means : array of shape (n_populations, n_arms, n_ks)

    Returns
    -------
    array of the same shape
        No standard deviation is taken for less than ``SPREAD``.
    """
    out = np.empty(means.shape)
    for b in range(len(means)):
        others = np.delete(means, b, axis=0)
        spread = np.maximum(others.std(axis=0, ddof=1), SPREAD) if len(others) > 1 else SPREAD
        out[b] = (means[b] - others.mean(axis=0)) / spread
    return out


def _table(
    found: Floats,
    names: Sequence[str],
    ks: Sequence[int],
    labels: Mapping[tuple[str, int], NDArray[np.int64]],
    bic: Mapping[tuple[str, int], float],
    least: int,
) -> pd.DataFrame:
    nulls = len(found) - 1
    measured = np.asarray(
        np.isfinite(found).all(axis=(0, 1, 4))
    )  # what some population cannot be parted into is not compared
    means = np.where(measured[None, :, :, None], found.mean(axis=1), np.nan)
    z = standardised(means[..., 0])
    largest = np.nan_to_num(z, nan=-np.inf).max(axis=(1, 2))
    rows = []
    for i, arm in enumerate(names):
        for j, k in enumerate(ks):
            own, null = found[0, :, i, j, 0], means[1:, i, j, 0]
            error = np.sqrt(own.var(ddof=1) / len(own) + null.var(ddof=1) / nulls) if len(own) > 1 < nulls else np.nan
            p = (1 + int((largest[1:] >= z[0, i, j] - 1e-12).sum())) / (nulls + 1) if measured[i, j] else np.nan
            strength_, null_strength = means[0, i, j, 1], means[1:, i, j, 1].mean()
            sizes = np.bincount(labels[arm, k], minlength=k).min() if (arm, k) in labels else 0
            good = bool(p <= 1 / (nulls + 1) + 1e-12 and strength_ > null_strength and sizes >= least)
            rows.append(
                (arm, k, means[0, i, j, 0], null.mean(), means[0, i, j, 0] - null.mean(), error, z[0, i, j], p, strength_,
                 null_strength, bic.get((arm, k), np.nan), int(sizes), good)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _choice(table: pd.DataFrame, names: Sequence[str]) -> tuple[str | None, int | None]:
    """Return the arm to use and its K; None where no K of any arm qualifies."""
    good = table[table["qualifies"]]
    if good.empty:
        return None, None
    best = good.loc[good["excess"].idxmax()]
    tied = good[good["excess"] >= best["excess"] - np.nan_to_num(best["excess_se"])]
    simple = {name: i for i, name in enumerate([*ORDER, *(n for n in names if n not in ORDER)])}
    arm = min(tied["arm"], key=lambda name: simple[name])
    own = good[good["arm"] == arm]
    top = own.loc[own["excess"].idxmax()]
    return str(arm), int(own.loc[own["excess"] >= top["excess"] - np.nan_to_num(top["excess_se"]), "k"].max())


def _agreement(
    labels: Mapping[tuple[str, int], NDArray[np.int64]], names: Sequence[str], ks: Sequence[int]
) -> pd.DataFrame:
    """Return the ARI of each pair of arms at each K."""
    rows = [
        (k, a, b, adjusted_rand(crossing(labels[a, k], labels[b, k], k, k)))
        for k in ks
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if (a, k) in labels and (b, k) in labels
    ]
    return pd.DataFrame(rows, columns=["k", "one", "other", "ari"])
