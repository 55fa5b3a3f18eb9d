"""Prospects, the first questions: what the export holds, how engaged they are, and how that divides them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..data.channel_words import OFFLINE, PLATFORMS
from ..data.identifiers import Identifiers
from ..data.prospects import ProspectTable, load_prospects, prospect_identifiers
from ..engine import grid, nulls, populations
from ..engine.copula import copula_draws
from ..engine.external import PERSONAL_CELL
from ..features import prospects as touched
from ..features.table import FeatureTable
from ..privacy import SMALL_CELL
from .base import part, step
from .rows import RowStudy
from .source import Source

CLIP = 0.005  # of the units at either end
TOP = 0.99  # quantile of the engagement beyond which prospects are left out


class ProspectEvidence(RowStudy):
    """The prospects of one export, and the way to divide them by engagement."""

    rule_card = None  # type: ignore[assignment]  # the page beside it shows one line that does as well
    scaling = "standard"

    @staticmethod
    def identifiers(source: Source) -> Identifiers:
        """Return numbers and texts of the prospects, as the file has them."""
        return prospect_identifiers(source.located.path, source.settings)

    @part
    def export(self) -> ProspectTable:
        """The prospects; read again when needed, never kept on disk."""
        return self.unchanged(load_prospects(self.source.located.path, self.settings, key=self.key))

    @step
    def extent(self) -> tuple[int, int]:
        """How many rows; each is a prospect."""
        return self.export.rows, len(self.export.frame)

    def by_detector(self, name: str) -> touched.Prospects:
        """Return the prospects with the touches that one way of finding them finds."""
        found = self.export
        return touched.derive(found.frame, found.touches[name], OFFLINE, PLATFORMS, found.as_of)

    @part
    def prospects(self) -> touched.Prospects:
        """The prospects with their touches; never kept on disk."""
        return self.by_detector(self.settings.detector)

    @step
    def features(self) -> FeatureTable:
        """How much prospects did, and how deep they went."""
        return touched.engagement(self.prospects)

    @property
    def limits(self) -> dict[str, Any]:
        """Standard scores of logarithms and ratios; ratios have few large values, which are clipped."""
        from ..engine.scalers import MAKERS  # brings scikit-learn, which pages do without

        return {"clip": CLIP, "cap": np.inf, "scaler": MAKERS[self.scaling]()}

    @property
    def grid(self) -> grid.Grid:
        """Other scales and limits; the features are logarithms and ratios already."""
        made = super().grid
        return replace(made, logs={"as given": grid.FeatureSet(tuple(self.model_frame.columns))})

    @property
    def rare_traits(self) -> set[str]:
        """The covariates that few prospects have, by the names that balances have for them."""
        sizes = self.prospects.frame["intake"].value_counts()
        return {f"intake = {name}" for name in sizes.index[sizes < 2 * SMALL_CELL]}

    @property
    def differing(self) -> str:
        """In what prospects of a usable file differ."""
        return "sessions, page views, forms or clicks"

    @step
    def nulls(self) -> nulls.Nulls:
        """The partition beside those of populations with these margins and rank correlations.

        In the second one, prospects with a tracked visit and those without are drawn apart: that somebody was never seen on
        the website is a fact of tracking, and would look like a segment to the first.
        """

        def groups(frame: pd.DataFrame) -> dict[str, NDArray[np.int64]]:
            tracked = (frame["log_sessions"] > 0).to_numpy(np.int64)
            return {"copula": np.zeros_like(tracked), "tracked": tracked}

        return self.beside_drawn(copula_draws, groups, **self.limits)

    @step
    def populations(self) -> populations.Populations:
        """What leaving out prospects does to the partition."""
        frame = self.features.frame
        score = frame["engagement_score"]
        parts = {
            "tracked": (frame["sessions"] > 0).to_numpy(),
            "without_top_1_percent": (score <= score.quantile(TOP)).to_numpy(),
        }
        return populations.populations(
            frame, self.blocks, self.segments, parts, clusterer=self.loop, minimum=PERSONAL_CELL, **self.limits
        )
