"""Events: whether the segments come back, from other starts, other samples and other times."""

from __future__ import annotations

from typing import Any

from ...engine import convergence, jaccard, pipeline
from ...engine.clusterer import KMeansClusterer
from ..base import step
from .time import EventTime


class EventStability(EventTime):
    """Answers about other starts and other samples; those about other times are in the class before."""

    @step
    def convergence(self) -> convergence.Convergence:
        """Whether the optimiser finds the same partition from other seeds."""
        return convergence.convergence(self.matrix, self.segments, restarts=self.settings.restarts)

    @step
    def jaccard(self) -> jaccard.Jaccard:
        """Whether each segment is found again in resamples of the units."""
        return jaccard.jaccard(
            self.matrix,
            self.segments,
            resamples=self.settings.evidence.resamples,
            clusterer=KMeansClusterer(self.settings.evidence.starts),
            least=self.settings.evidence.jaccard,
            seed=self.source.config.seed,
        )

    @step
    def pipeline_bootstrap(self) -> pipeline.PipelineBootstrap:
        """Whether units get the same segments when everything is fitted anew on resamples."""
        return pipeline.pipeline_bootstrap(
            self.features.model_frame,
            self.matrix,
            self.segments,
            resamples=self.settings.evidence.pipelines,
            clusterer=KMeansClusterer(self.settings.evidence.starts),
            seed=self.source.config.seed,
        )

    @step
    def confidence(self) -> pipeline.Confidence:
        """How many units of each segment belong there for sure."""
        return pipeline.confidence(self.matrix, self.segments, self.pipeline_bootstrap)

    def results(self) -> dict[str, Any]:
        """Return the numbers about stability too."""
        shown = {str(c.id) for c in self.cards if c.medians}
        found = self.jaccard.to_json()
        schemes = {n: {s: v if s in shown else None for s, v in rows.items()} for n, rows in found["schemes"].items()}
        means = {str(s): found[str(s)] if str(s) in shown else None for s in range(1, self.segments.k + 1)}
        return {
            **super().results(),
            "convergence": self.convergence.to_json(),
            "jaccard": {**found, **means, "schemes": schemes},
            "pipeline_bootstrap": self.pipeline_bootstrap.to_json(),
        }
