"""How surely each unit is in its segment: refits on other samples, seeds or windows, and which units fall together there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..thresholds import LEVEL, SELDOM
from .clusterer import SMALL, Clusterer
from .fits import Labels, adjusted_rand, crossing
from .jaccard import enough
from .matching import align
from .matrix import Floats, ModelMatrix
from .segments import Segments

NOISE = 0  # label of a unit that a clustering leaves without a segment; segments begin at 1
DRAWS = ["draw", "k", "ari", "kept", "smallest", "singletons"]


@dataclass(frozen=True)
class Chance:
    """What refits would show if the units differed by sampling error alone.

    Attributes
    ----------
    confidence : float
        Mean confidence over such populations.
    high : float
        Their 95 % quantile.
    p : float
        Share of them with a mean confidence at least as high as the observed, the observed counted among them.
    worlds : int
        Populations that could be divided.
    """

    confidence: float
    high: float
    p: float
    worlds: int


@dataclass(frozen=True)
class Coassignment:
    """Refits of one segmentation, and how often units fall together in them.

    Attributes
    ----------
    table : DataFrame
        One row per unit: ``unit``, ``segment`` in use, ``confidence`` (share of the refits in which it is in that segment,
        segments matched one to one), ``se`` (its Monte Carlo error), ``other`` (the segment in which it is most often
        besides; ``NOISE`` for none) and ``other_share``, ``alone`` (share in which it is a segment by itself).
    together : DataFrame of shape (n_units, n_units)
        Share of the refits in which two units are in one segment, units in the order of segments.
    draws : DataFrame
        One row per refit: ``draw``, ``k`` (segments found), ``ari`` with the segments in use, ``kept`` (share of the units
        in their segment), ``smallest``, ``singletons``; and ``k_silhouette`` (the K of the highest mean silhouette)
        where that was asked for. All missing where nothing could be fitted.
    labels : DataFrame of shape (n_units, n_fitted)
        Segments of each refit that could be fitted, numbered as those in use as far as they match.
    chance : Chance or None
        What confidence sampling error alone would give; None where there was no sampling.
    params : dict
    seed : int
    shift : Series or None
        By feature, the mean over units of how far the mean of the draws lies from what was observed, in standard deviations
        of the draws: what a resample can only lower, such as a number of distinct kinds, is far from zero, and may itself
        move units. None where there was no sampling.
    """

    table: pd.DataFrame
    together: pd.DataFrame
    draws: pd.DataFrame
    labels: pd.DataFrame
    chance: Chance | None
    params: dict[str, Any]
    seed: int
    shift: pd.Series | None = None

    @property
    def confidence(self) -> float:
        """The mean over the units; NaN where nothing could be fitted."""
        return float(self.table["confidence"].mean())

    @property
    def unsure(self) -> tuple[Any, ...]:
        """The units that are in their segment in fewer than ``SELDOM`` of the refits."""
        return tuple(self.table.loc[self.table["confidence"] < SELDOM, "unit"])

    @property
    def beyond_chance(self) -> bool:
        """Whether units whose only difference is sampling error would hardly come back so often."""
        return self.chance is not None and self.chance.p <= LEVEL

    def to_json(self) -> dict[str, Any]:
        """Return confidence per unit, the matrix, and the agreement of the refits."""
        chance = None if self.chance is None else {**vars(self.chance), "beyond": self.beyond_chance}
        return {
            "units": self.table.to_dict("records"), "confidence": self.confidence, "chance": chance,
            "together": {"units": [str(u) for u in self.together.index], "share": self.together.to_numpy().tolist()},
            "ari_mean": float(self.draws["ari"].mean()), "fitted": len(self.labels.columns),
            "shift": None if self.shift is None else self.shift.to_dict(),
            "params": self.params, "seed": self.seed,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def coassigned(
    labels: pd.DataFrame, segments: pd.Series, *, chance: Chance | None = None, params: dict[str, Any] | None = None,
    seed: int = 42, best: Sequence[float] | None = None,
) -> Coassignment:  # fmt: skip
    """Compare partitions of the same units with the one in use.

    Parameters
    ----------
    labels : DataFrame of int of shape (n_units, n_draws)
        Any numbering; ``NOISE`` for units without a segment, missing throughout where nothing could be fitted.
    segments : Series of int, length n_units
        The partition in use, from 1 on, on the same index.
    chance : Chance, optional
    params : dict, optional
    seed : int
    best : sequence of float, optional
        The K that each draw would choose.

    Notes
    -----
    Monti, S. et al. (2003). Consensus clustering. Machine Learning, 52, 91-118: the matrix. Segments are matched by the
    optimal assignment (Kuhn 1955), so that a confidence does not hang on numbers. For the adjusted Rand index, units
    without a segment are a group of their own.
    """
    own = segments.reindex(labels.index).to_numpy(dtype=np.int64)
    n = len(own)
    rows, fitted, names = [], [], []
    both, alone = np.zeros((n, n)), np.zeros(n)
    for name in labels:
        if labels[name].isna().any():
            rows.append((name, *[np.nan] * (len(DRAWS) - 1)))
            continue
        found = labels[name].to_numpy(dtype=np.int64)
        known = found != NOISE
        same = (found[:, None] == found[None, :]) & known[:, None] & known[None, :]
        np.fill_diagonal(same, known)
        matching = np.full(n, NOISE)
        if known.any():
            matching[known] = align(own[known], found[known])
        sizes = np.unique(found[known], return_counts=True)[1]
        _, other = np.unique(found, return_inverse=True)
        ari = adjusted_rand(crossing(own, other, own.max() + 1, other.max() + 1))
        single = same.sum(axis=1) == 1
        rows.append((name, len(sizes), ari, (matching == own).mean(), sizes.min(initial=n), single.sum()))
        both, alone = both + same, alone + single
        fitted.append(matching)
        names.append(name)
    times = len(fitted)
    found = np.array(fitted, dtype=np.int64).reshape(times, n).T
    draws = pd.DataFrame(rows, columns=DRAWS)
    if best is not None:
        draws["k_silhouette"] = list(best)
    order = np.argsort(own, kind="stable")
    units = labels.index[order]
    share = both[np.ix_(order, order)] / times if times else np.full((n, n), np.nan)
    return Coassignment(
        _units(labels.index, own, found, alone), pd.DataFrame(share, index=units, columns=units), draws,
        pd.DataFrame(found, index=labels.index, columns=pd.Index(names, dtype=object)), chance, params or {}, seed,
    )  # fmt: skip


def _units(index: pd.Index, own: Labels, found: Labels, alone: Floats) -> pd.DataFrame:
    """Return one row per unit; found has one column per refit."""
    rows, times = [], found.shape[1]
    for unit, segment, here, single in zip(index, own, found, alone, strict=True):
        share = float((here == segment).mean()) if times else np.nan
        kinds, counts = np.unique(here[here != segment], return_counts=True)
        other = (int(kinds[counts.argmax()]), float(counts.max() / times)) if len(kinds) else (NOISE, 0.0)
        error = float(np.sqrt(share * (1 - share) / times)) if times else np.nan
        rows.append((unit, int(segment), share, error, *other, float(single / times) if times else np.nan))
    return pd.DataFrame(rows, columns=["unit", "segment", "confidence", "se", "other", "other_share", "alone"])


def repeated(
    spaces: Iterable[tuple[str, ModelMatrix, int]], segments: Segments, *, clusterer: Clusterer = SMALL
) -> Coassignment:
    """Part the same units in other spaces or from other seeds: window lengths, seeds of a network, seeds of the starts.

    Parameters
    ----------
    spaces : iterable of (str, ModelMatrix, int)
        What is varied, the matrix that it makes, and the seed of the fit.
    segments : Segments
        The partition in use.
    clusterer : Clusterer
    """
    index = segments.labels.index
    found = {
        name: pd.Series(parted(m.values, segments.k, s, clusterer), index=m.index).reindex(index)
        for name, m, s in spaces
    }
    labels = pd.DataFrame(found, index=index)
    return coassigned(labels, segments.labels, params={"k": segments.k, **clusterer.params}, seed=segments.seed)


def parted(values: Floats, k: int, seed: int, clusterer: Clusterer) -> Floats:
    """Return labels from 1 on; missing throughout where there are too few distinct units."""
    if not enough(values, k):
        return np.full(len(values), np.nan)
    return clusterer.fit(values, k, seed=seed).labels.astype(np.float64) + 1
