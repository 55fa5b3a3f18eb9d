"""Prospects, the first questions: what the export holds, how engaged they are, and how that divides them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ..data import opening
from ..data.channel_words import OFFLINE, PLATFORMS
from ..data.identifiers import Identifiers
from ..data.prospects import ProspectTable, load_prospects, prospect_identifiers
from ..engine import grid, nulls, populations
from ..engine.copula import copula_draws
from ..engine.external import PERSONAL_CELL
from ..engine.matrix import Floats
from ..engine.null_statistics import Plan
from ..engine.silhouettes import EXACT, sample
from ..features import prospects as touched
from ..features.table import FeatureTable
from ..privacy import secret
from .base import part, step
from .filed import FiledStudy
from .source import Source

CLIP = 0.005  # of the units at either end
TOP = 0.99  # quantile of the engagement beyond which prospects are left out


class ProspectEvidence(FiledStudy):
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
        found = load_prospects(self.source.located.path, self.settings, key=self.key)
        if found.fingerprint != self.source.fingerprint:
            raise opening.changed(self.source.located.path)
        return found

    @property
    def key(self) -> bytes:
        """What prospects are keyed under."""
        return secret()

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
    def differing(self) -> str:
        """In what prospects of a usable file differ."""
        return "sessions, page views, forms or clicks"

    @step
    def nulls(self) -> nulls.Nulls:
        """The partition beside those of populations with these margins and rank correlations.

        In the second one, prospects with a tracked visit and those without are drawn apart: that somebody was never seen on
        the website is a fact of tracking, and would look like a segment to the first.
        """
        s, frame = self.settings.evidence, self.model_frame
        if len(frame) > EXACT:
            frame = frame.iloc[sample(len(frame), EXACT, "nulls/units", self.seed)]
        values = frame.to_numpy(dtype=np.float64)
        groups = {
            "copula": np.zeros(len(values), dtype=np.int64),
            "tracked": (frame["log_sessions"] > 0).to_numpy(np.int64),
        }

        def drawn(name: str, count: int, root: int) -> Iterator[Floats]:
            return copula_draws(values, groups[name], count, root)

        sources: dict[str, Callable[[int, int], Iterator[Floats]]] = {n: partial(drawn, n) for n in groups}
        others = tuple(k for k in self.ks if k != self.k)
        plan = Plan(self.k, others, bootstraps=s.null_bootstraps, clusterer=self.loop)
        return nulls.compare(
            frame, self.blocks, sources, plan, count=s.nulls, level=s.level, seed=self.seed, **self.limits,
        )  # fmt: skip

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
