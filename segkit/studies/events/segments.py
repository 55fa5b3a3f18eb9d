"""Events, the second question: who the segments are, and what to do with them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ...data import registry
from ...data.truth import keyed_truth
from ...engine import effects, meaning, overdue
from ...engine.projection import NeighbourMap, neighbour_map
from ...features.table import FeatureTable
from ...privacy import secret
from .. import evidence_results, published
from ..base import part, step
from . import policy
from .data import EventData
from .naming import name_segments


def commonest_label(features: FeatureTable) -> pd.Series:
    """Return the label that most events of a unit carry, of the commonest ones; missing where it has none of them."""
    kinds = {c.name: c.label for c in features.columns if c.block == "category"}
    shares = features.frame[list(kinds)]
    if not kinds:
        return pd.Series(None, index=shares.index, dtype="object")
    return shares.idxmax(axis=1).map(kinds).where(shares.max(axis=1) > 0)


class EventSegments(EventData):
    """The segments by name, their maps and their policy."""

    @property
    def published(self) -> pd.DataFrame | None:
        """The published table of the indices, where the data are those that it is about."""
        known = self.source.fingerprint == registry.CALLS.sha256
        return published.K_TABLE if known else None

    @property
    def published_k(self) -> int | None:
        """The published number of segments, chosen by eye, where the data are those that it is about."""
        return None if self.published is None else published.K_CHOSEN

    @part
    def _named(self) -> meaning.Cards:
        """The segments by name, before anything is said of what to do."""
        typical = float(self.features.frame[self.measures.median.name].median())
        late = policy.mostly_late(self.exposed, self.segments.labels, self.measures, self.apart)
        return name_segments(self.profile, self.segments.sizes, typical, self.measures, self.naming, late)

    @step
    def cards(self) -> meaning.Cards:
        """The segments by name, each with the action of the policy."""
        return self._named.acting(self.policy.actions)

    @step
    def neighbours(self) -> NeighbourMap | None:
        """A map that keeps neighbours together; None where the settings do without it."""
        if not self.settings.neighbour_map:
            return None
        return neighbour_map(self.matrix, seed=self.seed)

    @step
    def effects(self) -> effects.Effects:
        """How strongly features differ between segments."""
        names = [c.name for c in self.features.columns if c.block in ("timing", "category")]
        return effects.effects(self.features.frame, self.segments.labels, shares=names)

    @part
    def apart(self) -> pd.Series:
        """Whether most events of a unit carry a label that the settings name as no business; no rule is for such a unit."""
        return commonest_label(self.features).isin(self.settings.columns.not_business)

    def _policy_of(self, frame: pd.DataFrame) -> policy.Policy:
        return policy.policy(frame, self.segments.labels, self._named, self.measures, self.rules, self.apart)

    @step
    def recovered(self) -> float | None:
        """Adjusted Rand index with the planted segments (Hubert and Arabie 1985); None for real data."""
        from sklearn.metrics import adjusted_rand_score

        if self.source.located.real:
            return None
        planted = keyed_truth(secret(), self.dataset)
        labels = self.segments.labels
        return float(adjusted_rand_score(planted.reindex(labels.index), labels))

    @step
    def policy(self) -> policy.Policy:
        """What to do with each segment."""
        return self._policy_of(self.exposed)

    @step
    def silences(self) -> overdue.Silences | None:
        """How long units have been silent, and who is overdue, by watched days and by the calendar; None without breaks."""
        if not self.breaks.days:
            return None
        frames, recency = {"watched": self.exposed, "calendar": self.features.frame}, self.measures.recency.name
        rules = {"watched": self.policy, "calendar": self._policy_of(self.features.frame)}
        return overdue.silences(
            {name: f[recency] for name, f in frames.items()}, self.segments.labels,
            {name: p.table.set_index("segment")["overdue_now"] for name, p in rules.items()},
        )  # fmt: skip

    def results(self) -> dict[str, Any]:
        """Return the numbers about the segments too."""
        return {
            **super().results(),
            "k": evidence_results.number(self, published=self.published_k),
            "segments": self.cards.to_json(),
            "silhouette": evidence_results.silhouette(self, self.cards),
            "effects": self.effects.to_json(),
            "policy": self.policy.to_json(),
            "silences": self.silences.to_json() if self.silences else None,
            "simulation": {"recovered_ari": self.recovered},
            "projection": {
                "explained": list(self.projection.shares),
                "trustworthiness": self.neighbours.trustworthiness if self.neighbours else None,
            },
        }
