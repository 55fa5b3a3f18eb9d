"""Contacts: whether the segments come back, from other starts, other samples and other times."""

from __future__ import annotations

from typing import Any

from ..engine import stability
from .base import step
from .contact_segments import ContactSegments


class ContactStability(ContactSegments):
    """Answers about stability."""

    steps: tuple[str, ...] = ("convergence",)

    @step
    def convergence(self) -> stability.Convergence:
        """Whether the optimiser finds the same partition from other seeds."""
        return stability.convergence(self.matrix, self.segments, restarts=self.settings.restarts)

    def results(self) -> dict[str, Any]:
        """Return the numbers about stability too."""
        return {**super().results(), "convergence": self.convergence.to_json()}
