"""Populations for the criteria that say how many segments there are, each with a known answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segkit.engine import consensus, gap, instability, krule, kselection, prediction
from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.matrix import Floats
from segkit.seeds import generator

CORNERS = ((0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (0.0, 10.0, 0.0), (0.0, 0.0, 10.0))


def clouds(centres: Sequence[Sequence[float]], sizes: Sequence[int], name: str, spread: float = 1.0) -> Floats:
    """Draw round normal clouds around centres."""
    rng = generator(f"tests/{name}")
    parts = [np.asarray(c) + spread * rng.normal(size=(n, len(c))) for c, n in zip(centres, sizes, strict=True)]
    return np.vstack(parts)


def nested() -> Floats:
    """Two pairs of clouds, far apart: four segments, of which every compactness index sees two."""
    return clouds([(0, 0), (4, 0), (40, 0), (44, 0)], [50] * 4, "nested", 0.7)


def long_clouds() -> Floats:
    """Two long parallel clouds, which k-means cuts across."""
    rng = generator("tests/long")
    first, second = (rng.normal(size=(150, 2)) * [8, 0.7] for _ in range(2))
    return np.vstack([first, second + np.array([0.0, 6.0])])


def diagonal() -> Floats:
    """One long normal cloud along the diagonal of the axes."""
    rng = generator("tests/diagonal")
    return (rng.normal(size=(200, 2)) * [6, 0.5]) @ np.array([[1, 1], [-1, 1]]) / np.sqrt(2)


def decided(values: Floats, k_max: int = 5, *, splits: int = 8, bootstraps: int = 12) -> krule.KDecision:
    """Compute all criteria with little resampling, and decide."""
    from planted import as_matrix

    matrix, ks = as_matrix(values), range(2, k_max + 1)
    selection = kselection.select_k(matrix, ks, clusterer=KMeansClusterer(5), jobs=1)
    return krule.decide(
        selection,
        prediction.prediction_strength(matrix, ks, splits=splits, jobs=1),
        instability.instability(matrix, selection.partitions, bootstraps=bootstraps, jobs=1),
        gap.gap_statistic(matrix, k_max, references=12, jobs=1),
        consensus.consensus(matrix, ks, subsamples=10, jobs=1),
    )
