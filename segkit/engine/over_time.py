"""Segments window after window, each fitted on its own past alone and numbered so that no label switches."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from ..seeds import generator
from ..thresholds import LEVEL
from .clusterer import SMALL, Clusterer
from .coassignment import parted
from .fits import Labels, adjusted_rand, by_size, crossing
from .matching import agreeing, matched
from .matrix import Floats, ModelMatrix
from .migration import Migration, migration, no_migration

FADE = 0.5  # what a window counts against the one after it when segments are matched with those before
SHUFFLES = 199
STEPS = ["window", "before", "stayed", "share", "ari", "chance", "chance_high", "p"]


@dataclass(frozen=True)
class OverTime:
    """Segments of the same units in successive windows.

    Attributes
    ----------
    labels : DataFrame of int of shape (n_units, n_windows)
        One column per window that could be fitted, in order of time; segments from 1 to k, matched with those before.
    steps : DataFrame
        One row per window but the first: ``window``, ``before``, ``stayed`` (units in the same segment as in the window
        before), ``share``, ``ari``, and for segments of the same sizes dealt out at random, matched in the same way:
        ``chance`` (mean share that stays), ``chance_high`` (95 % quantile) and ``p`` (share of them that stay as much).
    moves : DataFrame of int of shape (k, k)
        Units by segment before (rows) and after (columns), over all steps.
    units : DataFrame
        One row per unit: ``unit``, ``segment`` (where it is most often; the later of equals), ``share`` (of the windows),
        ``changes`` (steps at which it moved).
    migration : Migration
        The same moves, step by step, with intervals.
    skipped : dict
        Why windows could not be fitted.
    params : dict
    seed : int
    """

    labels: pd.DataFrame
    steps: pd.DataFrame
    moves: pd.DataFrame
    units: pd.DataFrame
    migration: Migration
    skipped: dict[Hashable, str]
    params: dict[str, Any]
    seed: int

    @property
    def staying(self) -> float:
        """Share of all moves that end where they began; NaN with fewer than two windows."""
        total = int(self.moves.to_numpy().sum())
        return float(np.trace(self.moves.to_numpy()) / total) if total else float("nan")

    @property
    def shares(self) -> pd.DataFrame:
        """The migration matrix: shares of each row of ``moves``; missing for a segment that was never left nor kept."""
        return self.moves.div(self.moves.sum(axis=1).replace(0, np.nan), axis=0)

    def to_json(self) -> dict[str, Any]:
        """Return labels, steps and the migration matrix."""
        return {
            "windows": [str(w) for w in self.labels], "units": self.units.to_dict("records"),
            "labels": {str(u): row.tolist() for u, row in zip(self.labels.index, self.labels.to_numpy(), strict=True)},
            "steps": self.steps.astype({"window": str, "before": str}).to_dict("records"),
            "migration": self.shares.to_numpy().tolist(), "staying": self.staying,
            "skipped": {str(w): why for w, why in self.skipped.items()}, "params": self.params, "seed": self.seed,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.labels.to_html(border=0)


def over_time(
    features_of: Callable[[Any], pd.DataFrame],
    windows: Iterable[Hashable],
    matrix_of: Callable[[pd.DataFrame], ModelMatrix],
    k: int,
    *,
    in_use: pd.Series | None = None,
    clusterer: Clusterer = SMALL,
    seed: int = 42,
) -> OverTime:
    """Fit preprocessing and segments in each window, and give segments the numbers of those that they continue.

    Parameters
    ----------
    features_of : callable
        Takes a window, gives raw features of the same units (n_units, n_features) that know nothing after its end.
    windows : iterable
        In order of time.
    matrix_of : callable
        Fits the preprocessing on such features, for example `matrix.fit_matrix` with its blocks.
    k : int
    in_use : Series of int, optional
        Segments whose numbers the last window is to have, as far as they match. One exchange of numbers for all windows:
        which units are together, and who moves, is the same without it.
    clusterer : Clusterer
    seed : int

    Raises
    ------
    ValueError
        The units of two windows differ, or the segments in use are more than ``k``.

    Notes
    -----
    A window's partition is a function of its features, and its numbers follow from windows before it: what happens later
    changes neither. Numbers are matched by the optimal assignment (Kuhn 1955) with all windows before, each counted
    ``FADE`` times as much as the one after it, so that one odd window, or a tie among few units, exchanges none.
    """
    found: dict[Hashable, Labels] = {}
    skipped: dict[Hashable, str] = {}
    index: pd.Index | None = None
    votes = np.zeros((0, k))
    for window in windows:
        frame = features_of(window)
        if index is None:
            index, votes = frame.index, np.zeros((len(frame), k))
        if len(frame) != len(index) or not frame.index.isin(index).all():
            raise ValueError(f"the units of the window {window} are not those of the windows before")
        own, why = _fitted(frame.reindex(index), matrix_of, k, seed, clusterer)
        if why:
            skipped[window] = why
            continue
        # Column j of the votes against the new segments; the first window has no past, and keeps its order of sizes.
        number = matched(votes.T @ np.eye(k)[own]) if votes.any() else np.arange(k)
        found[window] = number[own]
        votes = votes * FADE + np.eye(k)[found[window]]
    index = pd.Index([]) if index is None else index
    labels = pd.DataFrame({w: v + 1 for w, v in found.items()}, index=index, columns=pd.Index(list(found)))
    if in_use is not None and len(found):
        labels = _renumbered(labels, in_use.reindex(index), k)
    params = {"k": k, "fade": FADE, "shuffles": SHUFFLES, **clusterer.params}
    moved = migration(labels, k, seed=seed) if len(found) > 1 else no_migration("fewer than two windows", seed)
    return OverTime(
        labels, _steps(labels, k, seed), _moves(labels, k), _homes(labels), moved, skipped, params, seed
    )  # fmt: skip


def _fitted(
    frame: pd.DataFrame, matrix_of: Callable[[pd.DataFrame], ModelMatrix], k: int, seed: int, clusterer: Clusterer
) -> tuple[Labels, str]:
    """Return the segments of one window from 0, the largest first, or why there are none."""
    nothing = np.zeros(0, dtype=np.int64)
    try:
        matrix = matrix_of(frame)
    except ValueError as error:  # every column is constant
        return nothing, str(error)
    values: Floats = matrix.values[matrix.index.get_indexer(frame.index)]
    labels = parted(values, k, seed, clusterer)
    if np.isnan(labels).any():
        return nothing, "no more distinct units than segments"
    own = labels.astype(np.int64) - 1
    means = np.array([values[own == s].mean(axis=0) for s in range(k)])
    return np.argsort(by_size(own, means))[own], ""


def _renumbered(labels: pd.DataFrame, in_use: pd.Series, k: int) -> pd.DataFrame:
    """Exchange the numbers of all windows, so that those of the last are as far as possible those in use."""
    if in_use.max() > k:
        raise ValueError(f"segment {in_use.max():.0f} is in use, beside {k} in each window")
    known = in_use.notna().to_numpy()
    last = labels.iloc[:, -1].to_numpy()
    counts = crossing(in_use[known].to_numpy(dtype=np.int64) - 1, last[known] - 1, k, k)
    return labels.apply(lambda column: matched(counts)[column.to_numpy() - 1] + 1)


def _steps(labels: pd.DataFrame, k: int, seed: int) -> pd.DataFrame:
    rows, n = [], len(labels)
    for before, window in pairwise(labels):
        then, now = (labels[w].to_numpy(dtype=np.int64) - 1 for w in (before, window))
        stayed = int((then == now).sum())
        rng = generator(f"over time/{window}", seed)
        dealt = np.array([agreeing(crossing(then, rng.permutation(now), k, k)) for _ in range(SHUFFLES)])
        p = float((1 + (dealt >= stayed).sum()) / (1 + SHUFFLES))
        ari = adjusted_rand(crossing(then, now, k, k))
        chance = (float(dealt.mean() / n), float(np.quantile(dealt, 1 - LEVEL) / n), p)
        rows.append((window, before, stayed, stayed / n, ari, *chance))
    return pd.DataFrame(rows, columns=STEPS)


def _moves(labels: pd.DataFrame, k: int) -> pd.DataFrame:
    number = pd.RangeIndex(1, k + 1)
    values = labels.to_numpy(dtype=np.int64) - 1
    before, after = values[:, :-1].ravel(), values[:, 1:].ravel()
    return pd.DataFrame(crossing(before, after, k, k), index=number, columns=number)


def _homes(labels: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for unit, own in zip(labels.index, labels.to_numpy(dtype=np.int64), strict=True):
        if not len(own):
            continue
        kinds, counts = np.unique(own, return_counts=True)
        top = kinds[counts == counts.max()]
        home = next(s for s in own[::-1] if s in top)
        rows.append((unit, int(home), float(counts.max() / len(own)), int((own[1:] != own[:-1]).sum())))
    return pd.DataFrame(rows, columns=["unit", "segment", "share", "changes"])
