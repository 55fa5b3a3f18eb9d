"""Contacts: whether there is more than a population without segments."""

from __future__ import annotations

from typing import Any

from .contact_segments import ContactSegments


class ContactNulls(ContactSegments):
    """Answers to that."""

    steps: tuple[str, ...] = ()

    def results(self) -> dict[str, Any]:
        """Return these numbers too."""
        return {**super().results()}
