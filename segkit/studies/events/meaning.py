"""Events: how segments can be told in a few rules, and how they relate to what took no part."""

from __future__ import annotations

from typing import Any

from ...engine import external, rules
from ..base import step
from .choices import commonest_label
from .segments import EventSegments


class EventMeaning(EventSegments):
    """Answers to that."""

    @step
    def rule_card(self) -> rules.RuleCard:
        """The segments told by thresholds of raw features; logarithms of other features are left out."""
        f = self.features
        names = [c.name for c in f.columns if c.block in f.model_blocks and c.unit != "log"]
        return rules.rule_card(f.frame[names], self.segments.labels, seed=self.source.config.seed)

    @step
    def external(self) -> external.External | None:
        """How strongly segments go with the labels of the data, which took no part; None without labels."""
        return external.external_check(
            self.segments.labels, commonest_label(self.features), seed=self.source.config.seed
        )

    def results(self) -> dict[str, Any]:
        """Return these numbers too."""
        shown = [c.id for c in self.cards if c.size is not None]
        return {
            **super().results(),
            "rules": self.rule_card.to_json(shown),
            "external": self.external.to_json() if self.external else None,
        }
