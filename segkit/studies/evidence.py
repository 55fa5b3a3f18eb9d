"""The procedures that need features and a way to cluster, and nothing else: each computed once, when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..engine import (
    algorithms,
    borders,
    consensus,
    convergence,
    flow,
    gap,
    instability,
    jaccard,
    k_resampling,
    krule,
    kselection,
    meaning,
    modes,
    multiverse,
    nulls,
    other_scales,
    pipeline,
    prediction,
    rules,
    segments,
    sensitivity,
    verdict,
)
from ..engine.clusterer import Clusterer, KMeansClusterer
from ..engine.copula import copula_draws
from ..engine.fits import LARGE, Labels
from ..engine.matrix import Floats, ModelMatrix, fit_matrix
from ..engine.null_statistics import Plan
from ..engine.projection import Projection, principal_components
from ..engine.samples import Stability, stability_of
from .base import part, settled, step
from .clustered import DEFENSIBLE, Clustered

STARTS = 50  # at the most, of each resampled fit by which numbers of segments are compared


class Evidence(Clustered):
    """All evidence for the segments of a table of features: the same for every kind of study."""

    @step
    def matrix(self) -> ModelMatrix:
        """The features as the clustering sees them."""
        return fit_matrix(self.model_frame, self.blocks, **self.limits)

    @step
    def k_selection(self) -> kselection.KSelection:
        """The internal indices over the range of K."""
        found = kselection.select_k(self.matrix, self.ks, clusterer=self.final, most=self.measured, seed=self.seed)
        if found.table.empty:
            what = f"the {self.terms.units} are too much alike: too few of them differ to compare even {min(self.ks)} segments"
            raise segments.TooFewUnitsError(what)
        return found

    @step
    def gap(self) -> gap.Gap:
        """Whether segments explain more than they would of a featureless cloud."""
        return gap.gap_statistic(
            self.matrix, max(self.ks), references=self._many(self.effort.gap), clusterer=self.loop, drawn=self.drawn,
            seed=self.seed,
        )  # fmt: skip

    @step
    def prediction(self) -> prediction.PredictionStrength:
        """Whether the segments of one half of the units predict those of the other."""
        return prediction.prediction_strength(
            self.matrix, self._compared, splits=self._many(self.effort.splits), clusterer=self._settled, seed=self.seed
        )

    @step
    def instability(self) -> instability.Instability:
        """Whether bootstrap fits agree, and whether each segment comes back in them."""
        return instability.instability(
            self.matrix,
            self.k_selection.partitions,
            bootstraps=self._many(self.effort.bootstraps),
            clusterer=self._settled,
            seed=self.seed,
        )

    @step
    def consensus(self) -> consensus.Consensus:
        """How many pairs of units belong together in some subsamples and not in others."""
        return consensus.consensus(
            self.matrix,
            self._compared,
            subsamples=self._many(self.effort.subsamples),
            clusterer=self._settled,
            drawn=self.drawn,
            seed=self.seed,
        )

    @step
    def segment_flow(self) -> flow.SegmentFlow:
        """Where the units of each segment go when there is one segment more."""
        return flow.segment_flow(self.k_selection.partitions)

    @step
    def k_decision(self) -> krule.KDecision:
        """How many segments: by the rule, or by hand."""
        return krule.decide(
            self.k_selection, self.prediction, self.instability, self.gap, self.consensus,
            strength=self.effort.prediction_strength, jaccard=self.effort.jaccard, by_hand=self.by_hand,
        )  # fmt: skip

    @step
    def k_resampling(self) -> k_resampling.KResampling:
        """Whether the rule answers the same for subsamples of the units; of less resampling inside, where it asks for more."""
        most = {
            n: min(getattr(k_resampling, n.upper()), getattr(self.effort, n))
            for n in ("subsamples", "splits", "bootstraps")
        }
        return k_resampling.k_resampling(
            self.model_frame, self.matrix, self._compared, strength=self.effort.prediction_strength,
            jaccard=self.effort.jaccard, groups=self.sampled, clusterer=self.loop, seed=self.seed, **most,
        )  # fmt: skip

    @settled
    def k(self) -> int:
        """The number of segments that is shown, by hand or by rule; see `krule.KDecision.shown`."""
        return self.k_decision.shown if self.by_hand is None else self.by_hand

    @step
    def segments(self) -> segments.Segments:
        """The partition in use."""
        return segments.fit_segments(self.matrix, self.k, clusterer=self.final, seed=self.seed)

    @step
    def projection(self) -> Projection:
        """Two principal components, for the map."""
        return principal_components(self.matrix)

    @step
    def profile(self) -> meaning.Profile:
        """Medians, quartiles, means and shares with any activity, per segment, in the units of the table."""
        return meaning.profile(self.described, self.segments.labels)

    @step
    def rule_card(self) -> rules.RuleCard:
        """The segments told by thresholds of raw features."""
        return rules.rule_card(self.model_frame[self.told_by], self.segments.labels, seed=self.seed)

    @step
    def convergence(self) -> convergence.Convergence | None:
        """Whether k-means finds the same partition from other seeds; None where the segments are of something else."""
        if not isinstance(self.final, KMeansClusterer):
            return None
        return convergence.convergence(
            self.matrix, self.segments, seeds=range(self.seeds), restarts=self.final.params["restarts"]
        )

    @step
    def jaccard(self) -> jaccard.Jaccard:
        """Whether each segment is found again in resamples of the units."""
        return jaccard.jaccard(
            self.matrix, self.segments, resamples=self.effort.resamples, least=self.effort.jaccard, clusterer=self.loop,
            seed=self.seed,
        )  # fmt: skip

    @step
    def pipeline_bootstrap(self) -> pipeline.PipelineBootstrap:
        """Whether units get the same segments when everything is refitted on resamples."""
        return pipeline.pipeline_bootstrap(
            self.model_frame, self.matrix, self.segments, resamples=self._many(self.effort.pipelines), clusterer=self.loop,
            seed=self.seed,
        )  # fmt: skip

    @step
    def confidence(self) -> pipeline.Confidence:
        """How many units of each segment belong there for sure."""
        return pipeline.confidence(self.matrix, self.segments, self.pipeline_bootstrap)

    @part
    def stability(self) -> Stability:
        """Both of the above, by segment."""
        return stability_of(self.jaccard, self.confidence, self.pipeline_bootstrap)

    @step
    def sensitivity(self) -> sensitivity.Sensitivity:
        """What leaving out blocks and features does to the partition."""
        return sensitivity.sensitivity(
            self.described,
            self.blocks,
            self.matrix,
            self.segments,
            extra=self.aside,
            clusterer=self.final,
            **self.limits,
        )

    @step
    def multiverse(self) -> multiverse.Multiverse:
        """What other scales, limits, logarithms and units do to the partition, in every combination."""
        limits = {n: self.limits[n] for n in ("clip", "cap")}
        return multiverse.multiverse(
            self.model_frame, self.segments, self.grid, scaler=self.scaling, least=self.effort.jaccard, clusterer=self.loop,
            **limits,
        )  # fmt: skip

    @step
    def modes(self) -> modes.Modes:
        """Which columns have more than one mode, and less weight than they would have at one variance for all."""
        return modes.modes(self.model_frame, self.matrix, seed=self.seed)

    @step
    def other_scales(self) -> other_scales.OtherScales | None:
        """What the rule answers under other scalers; None where the one in use hides no feature."""
        if not self.modes.hidden or hasattr(self.limits.get("scaler"), "for_columns"):
            return None
        return other_scales.other_scales(
            self.model_frame, self.blocks, self.segments.labels.to_numpy(dtype=np.int64) - 1, self.scaling,
            self.k_decision.rule, [str(s) for s in DEFENSIBLE["scaler"]], self._compared,
            clip=self.limits["clip"], cap=self.limits["cap"],
            strength=self.effort.prediction_strength, jaccard=self.effort.jaccard, clusterer=self.loop, seed=self.seed,
            splits=min(k_resampling.SPLITS, self.effort.splits), bootstraps=min(k_resampling.BOOTSTRAPS, self.effort.bootstraps),
        )  # fmt: skip

    @step
    def algorithms(self) -> algorithms.Algorithms:
        """What other algorithms make of the same matrix."""
        return algorithms.algorithms(self.matrix, self.segments, least=self.effort.jaccard, most=self.measured)

    @step
    def nulls(self) -> nulls.Nulls:
        """Whether there is more than units without segments explain, that have these margins and rank correlations."""
        values = self.model_frame.to_numpy(dtype=np.float64)

        def copula(count: int, root: int) -> Iterator[Floats]:
            return copula_draws(values, np.zeros(len(values), dtype=np.int64), count, root)

        # The declared statistic decides; what else could be measured would take most of the time.
        plan = Plan(self.segments.k, bootstraps=0, splits=0, subsamples=0, clusterer=self.loop)
        sources: dict[str, Callable[[int, int], Iterator[Floats]]] = {"copula": copula}
        return nulls.compare(
            self.model_frame, self.blocks, sources, plan, count=self.effort.nulls, level=self.effort.level, seed=self.seed,
            partitions=self.divided, **self.limits,
        )  # fmt: skip

    @property
    def divided(self) -> dict[int, Labels]:
        """The labels of all units by number of segments: those in use at theirs, and those of the indices at others."""
        return {**self.k_selection.partitions, self.segments.k: self.segments.labels.to_numpy(dtype=np.int64)}

    @step
    def borders(self) -> borders.Borders | None:
        """Whether each border is more than a cut through one cloud; None of coded words, which are no points in a cloud."""
        if hasattr(self.limits.get("scaler"), "for_columns"):
            return None
        count, level = self.effort.nulls, self.effort.level
        return borders.borders(self.matrix, self.segments, count=count, level=level, seed=self.seed)

    @step
    def verdict(self) -> verdict.Verdict:
        """What all of this allows to say of the segments, in a word."""
        means = self.jaccard.means().reindex(range(1, self.segments.k + 1))
        return verdict.verdict(
            self.nulls.beaten, {int(s): float(m) for s, m in means.items()}, self.pipeline_bootstrap.ari_q05,
            threshold=self.jaccard.least, segmented=not self.k_decision.illustration, testable=self.nulls.testable,
            misfit=[name for name in self.nulls.names if self.nulls.badly(name)],
            borders=self.borders.again if self.borders is not None else None, asked=self.borders is not None,
        )  # fmt: skip

    def _many(self, asked: int) -> int:
        """Return how often something is resampled: half as often where units are so many that samples differ little."""
        return asked if len(self.model_frame) <= LARGE else -(-asked // 2)

    @property
    def _settled(self) -> Clusterer:
        """What compares numbers of segments, with starts until these are enough.

        Where optima are many, few starts pass for instability of the data: with ten of them in place of fifty, on the same
        resamples of the published log, 29 % of the pairs were ambiguous at K = 7 in place of 13 %, and the instability was
        0.14 in place of 0.09.
        """
        return self.loop.converging(STARTS)

    @property
    def _compared(self) -> list[int]:
        """The numbers of segments that could be compared."""
        return [int(k) for k in self.k_selection.table["k"]]
