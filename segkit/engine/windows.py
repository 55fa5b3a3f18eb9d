"""Do the segments last: models fitted on one window of time, kept for later ones, and refitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .fits import by_size, fit
from .jaccard import enough
from .matching import rand_index
from .matrix import fit_matrix
from .model import SavedModel
from .pipeline import unscaled
from .segments import Segments

OUTLYING = 0.99  # quantile of the distances of the units that a model was fitted on
REFITS = ["window", "before", "lag", "common", "ari", "rescaled"]
AGEING = ["fitted", "window", "age", "units", "ari", "outliers", "rescaled"]


@dataclass(frozen=True)
class WindowModel:
    """A model fitted on one window, and what it makes of that window.

    Attributes
    ----------
    model : SavedModel
        Segments numbered by size in the window, the largest first.
    labels : Series of int, on the window's units
    reach : float
        The ``OUTLYING`` quantile of the distances to the nearest centre.
    flat : frozenset of str
        Features that the preprocessing leaves unscaled.
    """

    model: SavedModel
    labels: pd.Series
    reach: float
    flat: frozenset[str]


def fit_window(
    frame: pd.DataFrame,
    blocks: Mapping[str, Sequence[str]],
    k: int,
    *,
    clip: float,
    cap: float,
    restarts: int,
    seed: int,
) -> WindowModel | None:
    """Fit preprocessing and k-means on the units of one window.

    Returns
    -------
    WindowModel or None
        None where the window has no more distinct units than segments.
    """
    try:
        matrix = fit_matrix(frame, blocks, clip=clip, cap=cap)
    except ValueError:  # no unit, or every feature is constant
        return None
    if not enough(matrix.values, k):
        return None
    found = fit(matrix.values, k, seed=seed, restarts=restarts)
    order = by_size(found.labels, found.centres)
    blank = pd.Series(np.nan, index=range(1, k + 1))
    labels = pd.Series(0, index=frame.index)
    model = SavedModel.of(blocks, matrix, Segments(labels, found.centres[order], blank, 0.0, {}, seed))
    own = model.assign(frame)
    names = [n for group in blocks.values() for n in group]
    still = unscaled(matrix.pipeline, frame[names].to_numpy(dtype=np.float64))
    return WindowModel(
        model,
        own["segment"],
        float(own["distance"].quantile(OUTLYING)),
        frozenset(n for n, s in zip(names, still, strict=True) if s),
    )


@dataclass(frozen=True)
class Refits:
    """Partitions refitted window after window.

    Attributes
    ----------
    table : DataFrame
        ``window``, ``before`` (the window it is compared with), ``lag`` (windows between), ``common`` (units in both),
        ``ari`` (of these units), ``rescaled`` (features that are scaled in one of the two and not in the other).
    units : Series
        Units by window.
    reason : str
        Why there is nothing to compare; else empty.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    units: pd.Series
    reason: str
    params: dict[str, Any]
    seed: int

    def lag(self, windows: int = 1) -> pd.DataFrame:
        """Return the comparisons over so many windows, in order of time."""
        return self.table[self.table["lag"] == windows].reset_index(drop=True)

    def to_json(self) -> dict[str, Any]:
        """Return the agreement with the window before, and over longer lags."""
        return {
            "units": {str(w): int(n) for w, n in self.units.items()},
            "ari": {r["window"]: r["ari"] for r in self.lag(1).to_dict("records")},
            "by_lag": {str(lag): float(t["ari"].mean()) for lag, t in self.table.groupby("lag")},
            "reason": self.reason or None,
            "params": self.params,
        }

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def refits(models: Mapping[str, WindowModel], *, lags: Sequence[int], params: dict[str, Any], seed: int) -> Refits:
    """Compare the partition of each window with those of windows before it, on the units that both hold.

    Parameters
    ----------
    models : mapping of str to WindowModel
        By window, in order of time.
    lags : sequence of int
        How many windows apart.
    """
    names, rows = list(models), []
    for i, name in enumerate(names):
        for lag in lags:
            if lag > i:
                continue
            now, then = models[name], models[names[i - lag]]
            common = now.labels.index.intersection(then.labels.index)
            ari = rand_index(now.labels.reindex(common), then.labels.reindex(common))
            rows.append((name, names[i - lag], lag, len(common), ari, ", ".join(sorted(now.flat ^ then.flat))))
    units = pd.Series({n: len(m.labels) for n, m in models.items()}, dtype=np.int64, name="units")
    return Refits(pd.DataFrame(rows, columns=REFITS), units, "", params, seed)


def no_refits(reason: str, seed: int) -> Refits:
    """Return the result where there is nothing to compare."""
    return Refits(pd.DataFrame(columns=REFITS), pd.Series(dtype=np.int64), reason, {}, seed)


@dataclass(frozen=True)
class Ageing:
    """Models kept as they were, against models refitted.

    Attributes
    ----------
    table : DataFrame
        ``fitted`` (window of the kept model), ``window``, ``age`` (windows since), ``units``, ``ari`` (kept against refitted
        model on the units of ``window``), ``outliers`` (share of these units beyond the ``OUTLYING`` quantile of the
        distances on which the kept model was fitted), ``rescaled`` (features that are scaled in one of the two models and
        not in the other).
    reason : str
        Why there is nothing to compare; else empty.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    reason: str
    params: dict[str, Any]
    seed: int

    @property
    def summary(self) -> pd.DataFrame:
        """Per age: models, lowest, median and highest ARI, and the median and highest share of outliers."""
        groups = self.table.groupby("age")
        return pd.DataFrame(
            {
                "models": groups.size(),
                "ari_min": groups["ari"].min(),
                "ari_median": groups["ari"].median(),
                "ari_max": groups["ari"].max(),
                "outliers": groups["outliers"].median(),
                "outliers_max": groups["outliers"].max(),
            }
        ).reset_index()

    def to_json(self) -> dict[str, Any]:
        """Return agreement and outliers by age."""
        return {
            "by_age": {str(int(r["age"])): {k: v for k, v in r.items() if k != "age"} for r in
                       self.summary.to_dict("records")},
            "reason": self.reason or None,
            "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.summary.to_html(index=False, border=0)


def ageing(
    models: Mapping[str, WindowModel],
    frames: Mapping[tuple[str, str], pd.DataFrame],
    *,
    params: dict[str, Any],
    seed: int,
) -> Ageing:
    """Assign the units of later windows by earlier models, and compare with the models of those windows.

    Parameters
    ----------
    models : mapping of str to WindowModel
        By window, in order of time.
    frames : mapping of (str, str) to DataFrame
        Raw features by (window of the kept model, later window), with what that model brings along.
    """
    place, rows = {n: i for i, n in enumerate(models)}, []
    for (then, now), frame in frames.items():
        kept = models[then]
        found = kept.model.assign(frame)
        ari = rand_index(found["segment"], models[now].labels.reindex(found.index))
        outside = float((found["distance"] > kept.reach).mean())
        tipped = ", ".join(sorted(kept.flat ^ models[now].flat))
        rows.append((then, now, place[now] - place[then], len(frame), ari, outside, tipped))
    return Ageing(pd.DataFrame(rows, columns=AGEING), "", params, seed)


def no_ageing(reason: str, seed: int) -> Ageing:
    """Return the result where there is nothing to compare."""
    return Ageing(pd.DataFrame(columns=AGEING), reason, {}, seed)
