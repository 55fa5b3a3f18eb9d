"""The procedures that need features and a way to cluster, and nothing else: each computed once, when it is asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ..engine import (
    algorithms,
    consensus,
    gap,
    instability,
    jaccard,
    krule,
    kselection,
    meaning,
    multiverse,
    nulls,
    pipeline,
    prediction,
    segments,
    sensitivity,
    verdict,
)
from ..engine.clusterer import MANY, SMALL, Clusterer, KMeansClusterer, given
from ..engine.copula import copula_draws
from ..engine.fits import Labels, nearest
from ..engine.matrix import Floats, ModelMatrix, fit_matrix
from ..engine.null_statistics import Plan
from ..engine.samples import Stability, stability_of
from ..thresholds import JACCARD, LEVEL, PREDICTION_STRENGTH

DEFENSIBLE = {"scaler": ("robust", "standard", "quantile-normal"), "clip": (0.0, 0.005, 0.01), "cap": (10.0, np.inf)}


@dataclass(frozen=True)
class Effort:
    """How much resampling is behind each procedure.

    Attributes
    ----------
    references : int
        Reference sets of the gap statistic, for each kind of box.
    splits, bootstraps, subsamples : int
        Of prediction strength, instability and consensus.
    resamples : int
        Of the Jaccard similarities, for each scheme.
    pipelines : int
        Bootstraps of the whole chain.
    nulls : int
        Data sets without segments; no p is below 1 / (nulls + 1).
    """

    references: int = 20
    splits: int = 20
    bootstraps: int = 40
    subsamples: int = 40
    resamples: int = 50
    pipelines: int = 50
    nulls: int = 59


@dataclass(frozen=True)
class Recipe:
    """How features become segments.

    Attributes
    ----------
    blocks : mapping of str to sequence of str
        Names of the features by block.
    clip, cap : float
        Tail probability of the clipping, and the bound after scaling.
    scaler : transformer or {"passthrough"}, optional
        In place of the robust one.
    clusterer : Clusterer
        In all loops of resampling.
    final : Clusterer
        Of the partition in use.
    seed : int
    """

    blocks: Mapping[str, Sequence[str]]
    clip: float = 0.01
    cap: float = 10.0
    scaler: Any = None
    clusterer: Clusterer = SMALL
    final: Clusterer = MANY
    seed: int = 42


@dataclass(frozen=True)
class Evidence:
    """All evidence for segments of a table.

    Attributes
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Raw features, indexed by unit.
    recipe : Recipe
    k : int, optional
        The number of segments; by the rule of `krule.decide` when not given.
    ks : sequence of int
        Numbers of segments that are compared.
    effort : Effort
    strength, least, level : float
        Prediction strength and Jaccard similarity that the rule asks for, and the level of the tests.
    labels : array of length n_units, optional
        A partition that somebody else made, in place of one of our own.
    """

    frame: pd.DataFrame
    recipe: Recipe
    k: int | None = None
    ks: Sequence[int] = tuple(range(2, 9))
    effort: Effort = field(default_factory=Effort)
    strength: float = PREDICTION_STRENGTH
    least: float = JACCARD
    level: float = LEVEL
    labels: Labels | None = None

    def _repr_html_(self) -> str:
        return self.segments._repr_html_()

    @functools.cached_property
    def matrix(self) -> ModelMatrix:
        """The features as the clustering sees them."""
        r = self.recipe
        return fit_matrix(self.frame, r.blocks, clip=r.clip, cap=r.cap, scaler=r.scaler)

    @functools.cached_property
    def k_selection(self) -> kselection.KSelection:
        """The internal indices over the range of K."""
        return kselection.select_k(self.matrix, self.ks, clusterer=self.recipe.final, seed=self.recipe.seed)

    @functools.cached_property
    def gap(self) -> gap.Gap:
        """Whether segments explain more than they would of a featureless cloud."""
        return gap.gap_statistic(self.matrix, max(self.ks), references=self.effort.references, **self._loop)

    @functools.cached_property
    def prediction(self) -> prediction.PredictionStrength:
        """Whether the segments of one half of the units predict those of the other."""
        return prediction.prediction_strength(self.matrix, self._compared, splits=self.effort.splits, **self._loop)

    @functools.cached_property
    def instability(self) -> instability.Instability:
        """Whether bootstrap fits agree, and whether each segment comes back in them."""
        parts = self.k_selection.partitions
        return instability.instability(self.matrix, parts, bootstraps=self.effort.bootstraps, **self._loop)

    @functools.cached_property
    def consensus(self) -> consensus.Consensus:
        """How many pairs of units belong together in some subsamples and not in others."""
        return consensus.consensus(self.matrix, self._compared, subsamples=self.effort.subsamples, **self._loop)

    @functools.cached_property
    def k_decision(self) -> krule.KDecision:
        """How many segments: by the rule, or by hand."""
        return krule.decide(
            self.k_selection, self.prediction, self.instability, self.gap, self.consensus, strength=self.strength,
            jaccard=self.least, by_hand=self.k,
        )  # fmt: skip

    @functools.cached_property
    def segments(self) -> segments.Segments:
        """The partition in use."""
        if self.labels is not None:
            found = given(self.matrix.values, self.labels)
            params = {"k": len(found.centres), **self.recipe.final.params}
            return segments.numbered(self.matrix, found, params, self.recipe.seed)
        k = self.k_decision.shown if self.k is None else self.k
        return segments.fit_segments(self.matrix, k, clusterer=self.recipe.final, seed=self.recipe.seed)

    @functools.cached_property
    def profile(self) -> meaning.Profile:
        """Quartiles and means of each feature by segment, in the units of the table."""
        return meaning.profile(self._model, self.segments.labels)

    @functools.cached_property
    def jaccard(self) -> jaccard.Jaccard:
        """Whether each segment is found again in resamples of the units."""
        return jaccard.jaccard(
            self.matrix, self.segments, resamples=self.effort.resamples, least=self.least, **self._loop
        )

    @functools.cached_property
    def pipeline_bootstrap(self) -> pipeline.PipelineBootstrap:
        """Whether units get the same segments when everything is refitted on resamples."""
        return pipeline.pipeline_bootstrap(
            self._model, self.matrix, self.segments, resamples=self.effort.pipelines, **self._loop
        )

    @functools.cached_property
    def confidence(self) -> pipeline.Confidence:
        """How many units of each segment belong there for sure."""
        return pipeline.confidence(self.matrix, self.segments, self.pipeline_bootstrap)

    @functools.cached_property
    def stability(self) -> Stability:
        """Both of the above, by segment."""
        return stability_of(self.jaccard, self.confidence, self.pipeline_bootstrap)

    def predict(self, values: Floats) -> Labels:
        """Put new units into the segments.

        Parameters
        ----------
        values : array of shape (m, n_columns)
            As the clustering sees them.

        Returns
        -------
        array of int of shape (m,)
            From 0, in the order of the segment numbers.
        """
        own = self.segments.labels.to_numpy(dtype=np.int64) - 1
        if isinstance(self.recipe.final, KMeansClusterer) and self.labels is None:
            return nearest(values, self.segments.centres)
        if self.labels is not None:
            return given(self.matrix.values, own).predict(values)
        found = self.recipe.final.best(self.matrix.values, self.segments.k, seed=self.recipe.seed)
        number = np.empty(self.segments.k, dtype=np.int64)
        number[found.labels] = own
        return number[found.predict(values)]

    @functools.cached_property
    def sensitivity(self) -> sensitivity.Sensitivity:
        """What leaving out blocks and features does to the partition."""
        r = self.recipe
        return sensitivity.sensitivity(
            self.frame, r.blocks, self.matrix, self.segments, clip=r.clip, cap=r.cap, scaler=r.scaler, clusterer=r.final
        )

    @functools.cached_property
    def multiverse(self) -> multiverse.Multiverse:
        """What other scales, limits and logarithms do to the partition, in every combination."""
        r, names = self.recipe, list(self._model.columns)
        skewed = [n for n in names if self._model[n].min() >= 0 and self._model[n].skew() > 1]
        grid = multiverse.Grid(
            logs=multiverse.log_sets(names, [], skewed)
            if skewed
            else {"as given": multiverse.FeatureSet(tuple(names))},
            units={"all": np.ones(len(self.frame), dtype=bool)},
            defensible={**DEFENSIBLE, "clip": (*DEFENSIBLE["clip"], r.clip), "cap": (*DEFENSIBLE["cap"], r.cap)},
        )
        return multiverse.multiverse(
            self._model, self.segments, grid, clip=r.clip, cap=r.cap, least=self.least, clusterer=r.clusterer
        )

    @functools.cached_property
    def algorithms(self) -> algorithms.Algorithms:
        """What other algorithms make of the same matrix."""
        return algorithms.algorithms(self.matrix, self.segments, least=self.least)

    @functools.cached_property
    def nulls(self) -> nulls.Nulls:
        """Whether there is more than units without segments explain, that have these margins and rank correlations."""
        r, values = self.recipe, self._model.to_numpy(dtype=np.float64)

        def copula(count: int, root: int) -> Iterator[Floats]:
            return copula_draws(values, np.zeros(len(values), dtype=np.int64), count, root)

        # The declared statistic decides; what else could be measured would take most of the time.
        plan = Plan(self.segments.k, bootstraps=0, splits=0, subsamples=0, clusterer=r.clusterer)
        sources: dict[str, Callable[[int, int], Iterator[Floats]]] = {"copula": copula}
        return nulls.compare(
            self._model, r.blocks, sources, plan, count=self.effort.nulls, clip=r.clip, cap=r.cap,
            scaler=r.scaler, level=self.level, seed=r.seed,
        )  # fmt: skip

    @functools.cached_property
    def verdict(self) -> verdict.Verdict:
        """One word for what the evidence allows to say."""
        means = {int(s): float(m) for s, m in self.jaccard.means().items()}
        return verdict.verdict(
            self.nulls.beaten, means, self.pipeline_bootstrap.ari_q05, threshold=self.least,
            segmented=self.k is not None or self.k_decision.found, testable=self.nulls.testable,
        )  # fmt: skip

    @property
    def _model(self) -> pd.DataFrame:
        return self.frame[[n for names in self.recipe.blocks.values() for n in names]]

    @property
    def _compared(self) -> list[int]:
        return [int(k) for k in self.k_selection.table["k"]]

    @property
    def _loop(self) -> dict[str, Any]:
        return {"clusterer": self.recipe.clusterer, "seed": self.recipe.seed}
