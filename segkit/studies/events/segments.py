"""Events, the third question: who the segments are."""

from __future__ import annotations

from typing import Any

from ...data.truth import keyed_truth
from ...engine import effects, meaning, segments
from ...engine.clusterer import KMeansClusterer
from ...engine.projection import NeighbourMap, Projection, neighbour_map, principal_components
from ...errors import InputError
from ...privacy import secret
from ..base import part, step
from . import policy
from .naming import name_segments
from .number import EventNumber


class EventSegments(EventNumber):
    """The partition, its maps, its meaning and what to do with it."""

    @step
    def segments(self) -> segments.Segments:
        """The partition at the K that the settings name."""
        s = self.settings
        try:
            return segments.fit_segments(
                self.matrix, self.k, clusterer=KMeansClusterer(s.restarts), seed=self.source.config.seed
            )
        except segments.TooFewUnitsError as error:
            raise InputError(
                str(error),
                file=self.source.located.path.name,
                remedy=(f"Set k in the settings below {self.k}, or give" if self.k > 2 else "Give")
                + f" a {self.terms.record} with more {self.terms.units}.",
            ) from error

    @step
    def profile(self) -> meaning.Profile:
        """Medians, quartiles, means and shares with any activity, per segment."""
        return meaning.profile(self.features.frame, self.segments.labels)

    @part
    def _named(self) -> meaning.Cards:
        """The segments by name, before anything is said of what to do."""
        typical = float(self.features.frame[self.measures.median.name].median())
        return name_segments(self.profile, self.segments.sizes, typical, self.measures, self.naming)

    @step
    def cards(self) -> meaning.Cards:
        """The segments by name, each with the action of the policy."""
        return self._named.acting(self.policy.actions)

    @step
    def projection(self) -> Projection:
        """Two principal components, for the map."""
        return principal_components(self.matrix)

    @step
    def neighbours(self) -> NeighbourMap | None:
        """A map that keeps neighbours together; None where the settings do without it."""
        if not self.settings.neighbour_map:
            return None
        return neighbour_map(self.matrix, seed=self.source.config.seed)

    @step
    def effects(self) -> effects.Effects:
        """How strongly features differ between segments."""
        names = [c.name for c in self.features.columns if c.block in ("timing", "category")]
        return effects.effects(self.features.frame, self.segments.labels, shares=names)

    @step
    def policy(self) -> policy.Policy:
        """What to do with each segment."""
        return policy.policy(self.features.frame, self.segments.labels, self._named, self.measures, self.rules)

    @step
    def recovered(self) -> float | None:
        """Adjusted Rand index with the planted segments (Hubert and Arabie 1985); None for real data."""
        from sklearn.metrics import adjusted_rand_score

        if self.source.located.real:
            return None
        planted = keyed_truth(secret(), self.dataset)
        labels = self.segments.labels
        return float(adjusted_rand_score(planted.reindex(labels.index), labels))

    def results(self) -> dict[str, Any]:
        """Return the numbers about the segments too."""
        earlier = super().results()
        sizes, score = self.segments.sizes, self.segments.silhouette
        return {
            **earlier,
            "segments": self.cards.to_json(),
            "silhouette": {
                "mean": float((score * sizes).sum() / sizes.sum()),
                "by_segment": {c.name: float(score[c.id]) if c.medians else None for c in self.cards},
            },
            "effects": self.effects.to_json(),
            "policy": self.policy.to_json(),
            "simulation": {"recovered_ari": self.recovered},
            "projection": {
                "explained": list(self.projection.shares),
                "trustworthiness": self.neighbours.trustworthiness if self.neighbours else None,
            },
        }
