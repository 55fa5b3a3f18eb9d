"""Contacts, the second question: how many segments the data support."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..data import registry
from ..engine import kselection
from ..errors import InputError
from ..privacy import SMALL_CELL
from . import published
from .base import step
from .contact_data import ContactData


class ContactNumber(ContactData):
    """What the data say about the number of segments, and the number in use."""

    steps = (*ContactData.steps, "k_selection")

    @step
    def k_selection(self) -> kselection.KSelection:
        """The internal indices over the range of K."""
        s = self.settings
        found = kselection.select_k(
            self.matrix, range(s.k_min, s.k_max + 1), restarts=s.restarts, seed=self.source.config.seed
        )
        if found.table.empty:
            raise InputError(
                f"the contacts are too much alike: too few of them differ to compare even {s.k_min} segments",
                file=self.source.located.path.name,
                remedy="Give a log with more contacts, and check that k_min in the settings is not too large.",
            )
        return found

    @property
    def published(self) -> pd.DataFrame | None:
        """The published table of the indices, where the data are those that it is about."""
        known = self.source.fingerprint == registry.CALLS.sha256
        return published.K_TABLE if known else None

    @property
    def k(self) -> int:
        """The number of segments in use."""
        return 4 if self.settings.k == "auto" else self.settings.k

    def results(self) -> dict[str, Any]:
        """Return the numbers about K too."""
        k = self.k_selection.to_json()
        for row in k["indices"]:  # the size of the smallest segment is a cell like any other
            row["smallest"] = row["smallest"] if row["smallest"] >= SMALL_CELL else None
        return {**super().results(), "k": {"chosen": self.k, "set": "by hand", **k}}
