"""Units stay, what was sampled within them is drawn anew: the segments of other samples, and what chance would give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ..seeds import generator, integer
from ..thresholds import LEVEL
from .clusterer import SMALL, Clusterer
from .coassignment import Chance, Coassignment, coassigned, parted
from .fits import crossing, processors, side_by_side
from .jaccard import enough
from .matching import agreeing
from .matrix import Floats, ModelMatrix
from .segments import Segments
from .silhouettes import silhouettes

WORLDS, INNER = 99, 10  # populations whose units are all alike, and resamples of each


def resampled(
    sample: Callable[[np.random.Generator], pd.DataFrame],
    frame: pd.DataFrame,
    matrix: ModelMatrix,
    segments: Segments,
    *,
    draws: int = 200,
    ks: Sequence[int] = (),
    worlds: int = WORLDS,
    clusterer: Clusterer = SMALL,
    seed: int = 42,
    jobs: int | None = 1,
) -> Coassignment:
    """Draw anew what was sampled within the units, and part the units again.

    The units are all there are; their features are estimates from samples of members (customers of a market), and it is
    these that another sample would change. Preprocessing stays as fitted.

    Parameters
    ----------
    sample : callable
        Takes a generator, draws members with replacement within each unit, as many as it has, and gives a frame like
        ``frame`` of their features. A unit with a single member never moves, whatever its error.
    frame : DataFrame of shape (n_units, n_features)
        The raw features that ``matrix`` was fitted on, in the same order of columns.
    matrix : ModelMatrix
    segments : Segments
        The partition in use, of that matrix.
    draws : int
    ks : sequence of int
        Numbers of segments among which each draw chooses by the mean silhouette; none when not given.
    worlds : int
        Populations without differences between units that tell what chance would give; 0 for none.
    clusterer : Clusterer
    seed : int
    jobs : int, optional
        Processes; all processors for None. Each gets a copy of what ``sample`` holds.

    Raises
    ------
    ValueError
        ``sample`` leaves out a unit or a feature.

    Notes
    -----
    The stratified bootstrap: Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application. Cambridge,
    section 3.2. Of clusters: Kerr, M. K. and Churchill, G. A. (2001). Bootstrapping cluster analysis: assessing the
    reliability of conclusions from microarray experiments. PNAS, 98, 8961-8965: objects stay, their measurements are
    drawn anew. A sample drawn from a sample scatters about the observed values, which sampling error has already moved
    apart, so that even units that are all alike come back more often than at random. Therefore ``chance``: all units are
    put on one place, moved by one draw's error to make the segments, and by others' to make the refits.
    """
    seeds = [integer(f"coassignment/{i}", seed) for i in range(draws)]
    parts = min(jobs or processors(), draws) or 1
    tasks = [(sample, frame.index, frame.columns, seeds[i::parts]) for i in range(parts)]
    raw: list[Floats] = [np.empty(0)] * draws
    for i, some in enumerate(side_by_side(_features, tasks, what="resamples", jobs=parts)):
        raw[i::parts] = some
    values = [matrix.pipeline.transform(x) for x in raw]
    found = [parted(x, segments.k, s, clusterer) for x, s in zip(values, seeds, strict=True)]
    labels = pd.DataFrame(dict(enumerate(found)), index=frame.index)
    best = [_best(x, ks, s, clusterer) for x, s in zip(values, seeds, strict=True)] if len(ks) else None
    own = segments.labels.reindex(frame.index)
    params = {"draws": draws, "k": segments.k, "worlds": worlds, "inner": INNER, **clusterer.params}
    result = coassigned(labels, own, params=params, seed=seed, best=best)
    if draws:
        result = replace(result, shift=_shift(np.array(raw), frame))
    if not worlds or not draws:
        return result
    chance = _chance(np.array(values), segments.k, result.confidence, worlds, clusterer, seed)
    return replace(result, chance=chance)


def _features(
    sample: Callable[[np.random.Generator], pd.DataFrame], index: pd.Index, names: pd.Index, seeds: Sequence[int]
) -> list[Floats]:
    """Return the raw features of some draws."""
    out = []
    for seed in seeds:
        made = sample(np.random.default_rng(seed))
        if len(lacking := names.difference(made.columns)) or len(lacking := index.difference(made.index)):
            raise ValueError(f"a resample has no {', '.join(map(str, lacking[:3]))}")
        out.append(made.reindex(index)[names].to_numpy(dtype=np.float64))
    return out


def _shift(raw: Floats, frame: pd.DataFrame) -> pd.Series:
    """Return how far draws lie from what was observed; raw has the shape (draws, n_units, n_features)."""
    far, spread = raw.mean(axis=0) - frame.to_numpy(dtype=np.float64), raw.std(axis=0)
    moved = np.divide(far, spread, out=np.full(far.shape, np.nan), where=spread > 1e-12 * np.abs(raw).max(axis=(0, 1)))
    return pd.DataFrame(moved, columns=frame.columns).mean().rename("shift")


def _best(values: Floats, ks: Sequence[int], seed: int, clusterer: Clusterer) -> float:
    """Return the K of the highest mean silhouette."""
    known = [k for k in ks if enough(values, k)]
    parts = [clusterer.fit(values, k, seed=seed).labels for k in known]
    return float(known[int(silhouettes(values, parts).mean(axis=0).argmax())]) if known else np.nan


def _chance(values: Floats, k: int, observed: float, worlds: int, clusterer: Clusterer, seed: int) -> Chance:
    """Refit populations that sampling error alone has made; values has the shape (draws, n_units, n_columns)."""
    errors = values - values.mean(axis=0)
    centre, (draws, n, _) = values.mean(axis=(0, 1)), values.shape
    means = []
    for w in range(worlds):
        rng = generator(f"coassignment/chance {w}", seed)
        which = rng.integers(draws, size=(INNER + 1, n))
        moved = errors[which, np.arange(n)]
        made = centre + moved[0]
        own = parted(made, k, int(rng.integers(2**32 - 1)), clusterer)
        if np.isnan(own).any():
            continue
        first = own.astype(np.int64)
        again = [parted(made + m, k, int(rng.integers(2**32 - 1)), clusterer) for m in moved[1:]]
        kept = [agreeing(crossing(first, a.astype(np.int64), k + 1, k + 1)) / n for a in again if not np.isnan(a).any()]
        if kept:
            means.append(float(np.mean(kept)))
    if not means or not np.isfinite(observed):
        return Chance(np.nan, np.nan, np.nan, len(means))
    p = (1 + sum(m >= observed - 1e-12 for m in means)) / (1 + len(means))
    return Chance(float(np.mean(means)), float(np.quantile(means, 1 - LEVEL)), p, len(means))
