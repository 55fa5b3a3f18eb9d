"""Do the segments come back when everything is refitted: the bootstrap of the whole pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..seeds import integer
from ..thresholds import LOW, NARROW, SELDOM
from .clusterer import SMALL, Clusterer
from .fits import Labels, adjusted_rand, crossing, drawing, resample_size, side_by_side
from .jaccard import enough
from .kinds import kinds
from .matching import matched
from .matrix import Floats, ModelMatrix
from .segments import Segments

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

TIPPING = 0.25  # of the units off the middle value on one side: from there on a quartile moves, and a column is scaled


@dataclass(frozen=True)
class PipelineBootstrap:
    """How far a refit of preprocessing and k-means on a resample gives all units the same segments.

    Attributes
    ----------
    table : DataFrame
        One row per resample: ``resample``, ``ari`` (of all units with the partition in use; missing where nothing could
        be fitted), ``gained`` and ``lost`` (columns that are scaled in the resample and were not in the reference, and
        the reverse, joined by commas), ``changed`` (either of them).
    recurrence : Series, length n_units
        Per unit, the share of resamples that give it its segment, labels matched one to one. Not for publishing.
    flat : Series of float
        The columns whose interquartile range is zero in the reference, which robust scaling divides by one, that is, does
        not scale; none under another scaler. With each, the share of units above its middle value or below it, whichever
        is more. From ``TIPPING`` on a column is scaled.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    recurrence: pd.Series
    flat: pd.Series
    params: dict[str, Any]
    seed: int

    @property
    def ari_mean(self) -> float:
        """Mean ARI over the resamples."""
        return float(self.table["ari"].mean())

    @property
    def ari_q05(self) -> float:
        """The 5 % quantile of the ARI over the resamples."""
        return float(self.table["ari"].quantile(LOW))

    @property
    def summary(self) -> pd.DataFrame:
        """Mean, 5 % quantile and lowest ARI: of all resamples, of those scaled alike, of those scaled otherwise."""
        changed = self.table["changed"]
        parts = {"all": self.table, "same scaling": self.table[~changed], "other scaling": self.table[changed]}
        rows = [
            (name, len(t), float(t["ari"].mean()), float(t["ari"].quantile(LOW)), float(t["ari"].min()))
            for name, t in parts.items()
        ]
        return pd.DataFrame(rows, columns=["resamples", "number", "ari_mean", "ari_q05", "ari_min"])

    @property
    def columns_changed(self) -> pd.Series:
        """In how many resamples each column gained or lost its scale, most often first."""
        names = (self.table["gained"] + "," + self.table["lost"]).str.split(",").explode()
        return names[names != ""].value_counts().sort_index().sort_values(ascending=False, kind="stable")

    def to_json(self) -> dict[str, Any]:
        """Return mean and 5 % quantile, and what resamples of another scaling have to do with them."""
        parts = self.summary.set_index("resamples")
        return {
            "ari_mean": self.ari_mean,
            "ari_q05": self.ari_q05,
            "by_scaling": {str(name): row.to_dict() for name, row in parts.iterrows()},
            "columns_changed": {str(c): int(n) for c, n in self.columns_changed.items()},
            "unscaled_columns": {str(c): float(s) for c, s in self.flat.items()},
            "params": self.params,
        }

    def _repr_html_(self) -> str:
        return self.summary.to_html(index=False, border=0)


def pipeline_bootstrap(
    frame: pd.DataFrame,
    matrix: ModelMatrix,
    segments: Segments,
    *,
    resamples: int = 200,
    clusterer: Clusterer = SMALL,
    seed: int = 42,
    jobs: int | None = None,
) -> PipelineBootstrap:
    """Refit preprocessing and clustering on resamples of the units, and predict all units each time.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        The raw features that ``matrix`` was made of, in the same order of columns.
    matrix : ModelMatrix
    segments : Segments
        The partition in use, of that matrix.
    resamples : int
        Bootstrap samples with replacement, of `fits.resample_size` units; a unit drawn twice weighs twice.
    clusterer : Clusterer
    seed : int
    jobs : int, optional
        Processes; all processors when not given.

    Notes
    -----
    Efron, B. (1979). Bootstrap methods: another look at the jackknife. The Annals of Statistics, 7, 1-26. Labels are
    matched by the optimal assignment of Kuhn (1955).

    A column whose interquartile range is zero is divided by one. Whether it is zero can hang on a few units, and where
    it just is not, the column is divided by something small and reaches the cap: the resample then looks at another
    matrix. Such resamples are counted and kept.
    """
    values = frame.to_numpy(dtype=np.float64)
    reference = segments.labels.reindex(frame.index).to_numpy(dtype=np.int64) - 1
    names = np.asarray(frame.columns)
    flat = unscaled(matrix.pipeline, values)
    first, of, _ = kinds(values)
    plan = [
        (values, (first, of), matrix.pipeline, reference, flat, segments.k, integer(f"pipeline/{i}", seed), clusterer)
        for i in range(resamples)
    ]
    found = side_by_side(_refit, plan, what="pipelines", jobs=jobs)
    kept, fitted = np.zeros(len(values)), 0
    rows = []
    for i, (ari, same, gained, lost) in enumerate(found):
        if np.isfinite(ari):
            kept += np.unpackbits(same, count=len(values))
            fitted += 1
        more, less = ",".join(names[gained]), ",".join(names[lost])
        rows.append((i, ari, more, less, bool(more or less)))
    share = kept / fitted if fitted else np.full(len(values), np.nan)
    return PipelineBootstrap(
        table=pd.DataFrame(rows, columns=["resample", "ari", "gained", "lost", "changed"]),
        recurrence=pd.Series(share, index=frame.index, name="recurrence"),
        flat=_away(frame.loc[:, flat]),
        params={
            "resamples": resamples,
            **clusterer.params,
            "fitted": fitted,
            **drawing(len(values)),
        },
        seed=seed,
    )


def _away(frame: pd.DataFrame) -> pd.Series:
    """Return, for each column, the larger of the shares of units above and below its median, largest first."""
    middle = frame.median()
    away = np.maximum((frame > middle).mean(), (frame < middle).mean())
    return away.sort_values(ascending=False, kind="stable").rename("away")


def unscaled(fitted: Pipeline, values: Floats) -> np.ndarray:
    """Tell which columns a fitted preprocessing leaves unscaled, since half of their values or more are one.

    Parameters
    ----------
    fitted : Pipeline
        Of `preprocessing.preprocessing`.
    values : array of shape (n_units, n_features)
        What it was fitted on.

    Returns
    -------
    array of bool, length n_features
        Constant columns, which are dropped, count as unscaled. Nothing is unscaled where another scaler than the robust
        one is in use, which is the one that has the quartiles decide.
    """
    from sklearn.preprocessing import RobustScaler

    if not isinstance(fitted["scale"], RobustScaler):
        return np.zeros(values.shape[1], dtype=np.bool_)
    varies = fitted["constant"].varies_
    before = fitted["impute"].transform(fitted["clip"].transform(fitted["constant"].transform(values)))
    low, high = np.quantile(before, [0.25, 0.75], axis=0)
    out = np.ones(values.shape[1], dtype=np.bool_)
    out[varies] = high - low < 10 * np.finfo(np.float64).eps  # what scikit-learn takes for zero
    return out


def _refit(
    values: Floats,
    alike: tuple[Labels, Labels],
    like: Pipeline,
    reference: Labels,
    flat: np.ndarray,
    k: int,
    seed: int,
    clusterer: Clusterer,
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Fit all on one resample; return the ARI, the units that keep their segment as bits, columns gained and lost."""
    from sklearn.base import clone

    rng = np.random.default_rng(seed)
    rows = np.sort(rng.integers(0, len(values), size=resample_size(len(values))))
    nothing = np.zeros(len(flat), dtype=np.bool_)
    none = (float("nan"), np.packbits(np.zeros(len(values), dtype=np.bool_)), nothing, nothing)
    fitted = clone(like)
    try:
        sample = fitted.fit_transform(values[rows])
    except ValueError:  # every column is constant in this resample
        return none
    if not enough(sample, k):
        return none
    found = clusterer.fit(sample, k, seed=int(rng.integers(2**32 - 1)))
    first, of = alike  # equal units have equal labels
    counts = crossing(reference, labels := found.predict(fitted.transform(values[first]))[of], k, k)
    now = unscaled(fitted, values[rows])
    return adjusted_rand(counts), np.packbits(matched(counts)[labels] == reference), flat & ~now, now & ~flat


@dataclass(frozen=True)
class Confidence:
    """How many units of each segment belong there for sure.

    Attributes
    ----------
    table : DataFrame
        One row per segment: ``segment``, ``units``, ``recurrence`` (mean), ``seldom`` (units whose recurrence is below
        ``SELDOM``), ``narrow`` (units whose margin is below ``NARROW``), ``both``.
    params : dict
    """

    table: pd.DataFrame
    params: dict[str, Any]

    def share(self, column: str) -> float:
        """Return the share of all units that a column of counts covers."""
        return float(self.table[column].sum() / self.table["units"].sum())

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def confidence(matrix: ModelMatrix, segments: Segments, found: PipelineBootstrap) -> Confidence:
    """Count, per segment, the units that seldom recur and those that lie near another centre.

    Parameters
    ----------
    matrix : ModelMatrix
    segments : Segments
    found : PipelineBootstrap
        Of the same units.

    Notes
    -----
    The margin is 1 - d1/d2, with the distances to the nearest centre and the next: 0 halfway between two of them.
    """
    first, second = np.partition(distances(matrix.values, segments.centres), 1, axis=1)[:, :2].T
    margin = 1 - np.divide(first, second, out=np.ones_like(first), where=second > 0)
    frame = pd.DataFrame(
        {
            "segment": segments.labels.to_numpy(),
            "recurrence": found.recurrence.reindex(matrix.index).to_numpy(),
            "narrow": margin < NARROW,
        }
    )
    frame["seldom"] = frame["recurrence"] < SELDOM
    frame["both"] = frame["seldom"] & frame["narrow"]
    groups = frame.groupby("segment")
    table = pd.DataFrame(
        {
            "units": groups.size(),
            "recurrence": groups["recurrence"].mean(),
            **groups[["seldom", "narrow", "both"]].sum(),
        }
    )
    return Confidence(table.reset_index(), {"recurrence": SELDOM, "margin": NARROW})


def distances(values: Floats, centres: Floats) -> Floats:
    """Return Euclidean distances of shape (n_units, k), centre by centre to save memory."""
    return np.column_stack([np.sqrt(((values - c) ** 2).sum(axis=1)) for c in centres])
