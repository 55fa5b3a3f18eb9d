"""Consensus: how many pairs of units belong together in some subsamples and not in others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..seeds import generator
from .clusterer import SMALL, Clusterer
from .fits import DRAWN, LARGE, Labels, jobs_for, side_by_side
from .kinds import distinct
from .matrix import Floats, ModelMatrix
from .silhouettes import EXACT, sample

Singles = NDArray[np.float32]
Signed = NDArray[np.int8]
PART = 0.8  # of the units, in each subsample
LOW, HIGH = 0.1, 0.9  # between these, a pair is ambiguous
PAIRED = 2_000  # units whose pairs are looked at where there are more than EXACT
ROWS = 512


@dataclass(frozen=True)
class Consensus:
    """Ambiguous pairs for each K.

    Attributes
    ----------
    table : DataFrame
        Columns ``k``, ``pac`` (proportion of ambiguously clustered pairs), ``pac_se`` (its standard error, zero where all
        pairs were looked at), ``subsamples``.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    params: dict[str, Any]
    seed: int

    @property
    def least(self) -> int | None:
        """The K with the fewest ambiguous pairs, the largest of equals; None where none was measured."""
        known = self.table.dropna(subset="pac")
        best = known[known["pac"] <= known["pac"].min() + 1e-12]
        return int(best["k"].max()) if len(best) else None

    def to_json(self) -> dict[str, Any]:
        """Return the shares as plain values."""
        return {"table": self.table.to_dict("records"), "params": self.params, "seed": self.seed}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def consensus(
    matrix: ModelMatrix,
    ks: Iterable[int],
    *,
    subsamples: int = 100,
    clusterer: Clusterer = SMALL,
    drawn: int | None = None,
    seed: int = 42,
    jobs: int | None = None,
) -> Consensus:
    """Cluster many subsamples, and count how often each pair of units falls together.

    Parameters
    ----------
    matrix : ModelMatrix
        n units.
    ks : iterable of int
        A K is missing (NaN) where no subsample has more distinct units.
    subsamples : int
        Each of four fifths of the units, without replacement.
    clusterer : Clusterer
    drawn : int, optional
        Units that stand for all where there are very many; ``fits.DRAWN`` when not given.
    seed : int
    jobs : int, optional
        Processes; all processors when not given, where that pays.

    Notes
    -----
    Monti, S. et al. (2003). Consensus clustering. Machine Learning, 52, 91-118: the consensus of a pair is the share of
    the subsamples with both units that put them together. Senbabaoglu, Y., Michailidis, G. and Li, J. Z. (2014). Critical
    limitations of consensus clustering in class discovery. Scientific Reports, 4, 6207: PAC is the share of pairs with a
    consensus strictly between 0.1 and 0.9. One large segment makes it small by itself.

    Above ``silhouettes.EXACT`` units the pairs are those of a random subset of ``PAIRED`` units; the standard error is
    that of a U-statistic, 2 s / sqrt(m), with s the standard deviation of the units' own shares (Hoeffding 1948). Above
    ``fits.LARGE`` units, ``drawn`` that are drawn once stand for all, since two units have to be in many subsamples
    together.
    """
    n, ks = len(matrix.values), list(ks)
    x = matrix.values if n <= LARGE else matrix.values[sample(n, drawn or DRAWN, "consensus/units", seed)]
    looked = np.arange(len(x)) if len(x) <= EXACT else sample(len(x), PAIRED, "consensus/pairs", seed)
    seeds = generator("consensus", seed).integers(2**32 - 1, size=subsamples)
    jobs = jobs or jobs_for(len(x), subsamples * len(ks) * clusterer.weight)
    ids = distinct(x)
    done = side_by_side(
        _subsample, [(x, ids, looked, ks, int(s), clusterer) for s in seeds], what="consensus", jobs=jobs
    )
    rows = []
    for i, k in enumerate(ks):
        labels = [found[i] for found in done if found[i] is not None]
        own = ambiguous(np.array(labels), k) if labels else np.full(1, np.nan)
        error = 0.0 if len(looked) == n else 2 * float(own.std(ddof=1)) / np.sqrt(len(own)) * np.sqrt(1 - len(own) / n)
        rows.append((k, float(own.mean()), error if labels else np.nan, len(labels)))
    table = pd.DataFrame(rows, columns=["k", "pac", "pac_se", "subsamples"])
    params = {
        "subsamples": subsamples,
        "part": PART,
        **clusterer.params,
        "pairs_of": len(looked),
        "units": n,
        "drawn": len(x),
    }
    return Consensus(table, params, seed)


def ambiguous(labels: Signed, k: int) -> Floats:
    """Return for each unit the share of its pairs with a consensus strictly between 0.1 and 0.9.

    Parameters
    ----------
    labels : array of int8 of shape (subsamples, n_units)
        From 0; -1 where a unit was not in the subsample.
    k : int

    Returns
    -------
    array of length n_units
        Pairs that were never in one subsample do not count; NaN for a unit without any other pair.
    """
    times, n = labels.shape
    member = (labels.T[:, :, None] == np.arange(k, dtype=np.int8)).reshape(n, times * k).astype(np.float32)
    present = (labels.T >= 0).astype(np.float32)
    out = np.empty(n)
    for start in range(0, n, ROWS):
        rows = slice(start, min(start + ROWS, n))
        both, together = present[rows] @ present.T, member[rows] @ member.T
        at = np.arange(rows.stop - start)
        both[at, start + at] = 0  # a unit makes no pair with itself
        # Whole numbers, compared without division: 0.1 < together / both < 0.9.
        mixed = (10 * together > both) & (10 * together < 9 * both) & (both > 0)
        pairs = (both > 0).sum(axis=1)
        out[rows] = np.divide(mixed.sum(axis=1), pairs, out=np.full(len(at), np.nan), where=pairs > 0)
    return out


def _subsample(
    values: Floats, ids: Labels, looked: Labels, ks: Sequence[int], seed: int, clusterer: Clusterer
) -> list[Signed | None]:
    rng = np.random.default_rng(seed)
    drawn = np.sort(rng.choice(len(values), size=round(PART * len(values)), replace=False))
    most = len(np.unique(ids[drawn]))
    out: list[Signed | None] = []
    for k in ks:
        start = int(rng.integers(2**32 - 1))
        if k >= most:
            out.append(None)
            continue
        labels = np.full(len(values), -1, dtype=np.int8)
        labels[drawn] = clusterer.fit(values[drawn], k, seed=start).labels
        out.append(labels[looked])
    return out
