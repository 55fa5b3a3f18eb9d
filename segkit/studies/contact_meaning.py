"""Contacts: how segments can be told in a few rules, and how they relate to what took no part."""

from __future__ import annotations

from typing import Any

from .contact_segments import ContactSegments


class ContactMeaning(ContactSegments):
    """Answers to that."""

    steps: tuple[str, ...] = ()

    def results(self) -> dict[str, Any]:
        """Return these numbers too."""
        return {**super().results()}
