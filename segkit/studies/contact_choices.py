"""Contacts: whether the segments depend on what we chose."""

from __future__ import annotations

from typing import Any

from ..engine import sensitivity
from .base import step
from .contact_segments import ContactSegments


class ContactChoices(ContactSegments):
    """Answers about our choices."""

    steps: tuple[str, ...] = ("sensitivity",)

    @step
    def sensitivity(self) -> sensitivity.Sensitivity:
        """What leaving out blocks and features does to the partition."""
        s, f = self.settings, self.features
        extra = {"category": [c.name for c in f.columns if c.block == "category"]} if self.has_categories else {}
        return sensitivity.sensitivity(
            f.frame, f.blocks, self.matrix, self.segments, clip=s.clip, cap=s.cap, extra=extra, restarts=s.restarts
        )

    def results(self) -> dict[str, Any]:
        """Return the numbers about our choices too."""
        return {**super().results(), "sensitivity": self.sensitivity.to_json()}
