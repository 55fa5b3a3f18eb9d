"""Events: by what segments can be told, and how they relate to what took no part."""

from __future__ import annotations

from typing import Any

from ...engine import external
from ...inference.concentration import Concentration, concentration
from ..base import step
from .segments import EventSegments, commonest_label


class EventMeaning(EventSegments):
    """Answers to that."""

    @property
    def told_by(self) -> list[str]:
        """The features that were clustered, without logarithms of others."""
        f = self.features
        return [c.name for c in f.columns if c.block in f.model_blocks and c.unit != "log"]

    @step
    def external(self) -> external.External | None:
        """How strongly segments go with the labels of the data, which took no part; None without labels."""
        return external.external_check(self.segments.labels, commonest_label(self.features), seed=self.seed)

    @step
    def event_concentration(self) -> Concentration:
        """How much of the events the units with most of them account for."""
        return concentration(self.features.frame[self.measures.count.name], name=f"{self.name}/events", seed=self.seed)

    def results(self) -> dict[str, Any]:
        """Return these numbers too."""
        shown = [c.id for c in self.cards if c.size is not None]
        return {
            **super().results(),
            "rules": self.rule_card.to_json(shown),
            "external": self.external.to_json() if self.external else None,
            "event_concentration": self.event_concentration.to_json(),
        }
