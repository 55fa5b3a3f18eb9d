"""Pairs who write to each other, the first questions: what the log holds, how they behave, and how that divides them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..data.identifiers import Identifiers
from ..data.messages import Messages, load_messages, message_identifiers
from ..engine import grid, group_resampling, nulls, populations
from ..engine.copula import copula_draws
from ..engine.external import PERSONAL_CELL
from ..engine.matching import rand_index
from ..engine.matrix import fit_matrix
from ..engine.segments import TooFewUnitsError, fit_segments
from ..features import pairs, splitting
from ..features.chat_audit import ChatAudit, chat_audit
from ..features.table import FeatureTable
from .base import part, step
from .filed import Covered
from .rows import RowStudy
from .source import Source

THRESHOLDS = (1.0, 2.0, 8.0, 12.0, 24.0)  # hours of silence that could begin a new conversation, beside the one in use
RESAMPLES = 100  # draws of subscribers


class ChatEvidence(RowStudy):
    """The pairs of one log of messages, and the way to divide them by behaviour."""

    rule_card = None  # type: ignore[assignment]  # a playbook tells of each segment in its place

    @staticmethod
    def identifiers(source: Source) -> Identifiers:
        """Return identifiers and texts, as the file has them."""
        return message_identifiers(source.located.path, source.settings)

    @part
    def messages(self) -> Messages:
        """The log; read again when needed, never kept on disk."""
        return self.unchanged(load_messages(self.source.located.path, self.settings, key=self.key))

    @step
    def extent(self) -> tuple[int, int]:
        """How many rows, and how many pairs."""
        return self.messages.rows, self.messages.frame["pair"].nunique()

    @step
    def audit(self) -> ChatAudit:
        """What the log holds."""
        return chat_audit(self.messages)

    @property
    def covered(self) -> Covered:
        """The time of the first message and of the last."""
        return Covered(self.audit.first, self.audit.last)

    @property
    def currency(self) -> str:  # type: ignore[override]
        """The currency that the log states."""
        return self.audit.currency

    @step
    def splitting(self) -> splitting.Splitting:
        """How many conversations there are, by how long a silence begins a new one."""
        return splitting.splitting(self.messages, chosen=self.settings.gap_hours, seed=self.seed)

    @step
    def features(self) -> FeatureTable:
        """How much, how fast and how long pairs write."""
        return pairs.pair_features(self.messages, self.settings)

    @property
    def limits(self) -> dict[str, Any]:
        """Clipping and cap as for other logs of events."""
        return {"clip": 0.01, "cap": 10.0}

    @property
    def grid(self) -> grid.Grid:
        """Other scales and limits; the features are logarithms and shares already."""
        return replace(super().grid, logs={"as given": grid.FeatureSet(tuple(self.model_frame.columns))})

    @property
    def differing(self) -> str:
        """In what pairs of a usable log differ."""
        return "how much, how fast or how long they write"

    @part
    def subscribers(self) -> pd.Series:
        """The subscriber of each pair, by its id."""
        return self.messages.frame.groupby("pair")["subscriber"].first()

    @property
    def sampled(self) -> pd.Series:
        """The subscribers."""
        return self.subscribers

    @step
    def nulls(self) -> nulls.Nulls:
        """The partition beside those of populations with these margins and rank correlations.

        In the second one, pairs that never came to a second conversation are drawn apart: that they have no gaps between
        conversations follows from how little they wrote, and would look like a segment to the first.
        """
        again = self.features.frame["conversations"] > 1

        def groups(frame: pd.DataFrame) -> dict[str, NDArray[np.int64]]:
            apart = again.reindex(frame.index).to_numpy(np.int64)
            return {"copula": np.zeros_like(apart), "brief": apart}

        return self.beside_drawn(copula_draws, groups, **self.limits)

    @step
    def populations(self) -> populations.Populations:
        """What leaving out pairs does to the partition: brief ones, and those of the subscriber with most messages."""
        frame = self.features.frame
        of = self.subscribers.reindex(frame.index)
        most = self.messages.frame["subscriber"].value_counts().index[0]
        parts = {
            "without_brief_pairs": (frame["conversations"] > 1).to_numpy(),
            "without_busiest_subscriber": (of != most).to_numpy(),
        }
        return populations.populations(
            frame, self.blocks, self.segments, parts, clusterer=self.loop, minimum=PERSONAL_CELL, **self.limits
        )

    @step
    def drawn_subscribers(self) -> group_resampling.GroupResampling:
        """Whether segments come back where subscribers, with all their pairs, are drawn anew."""
        of = self.subscribers.reindex(self.matrix.index)
        return group_resampling.group_resampling(
            self.matrix, self.segments, of.to_numpy(), draws=RESAMPLES, clusterer=self.loop, seed=self.seed
        )

    @step
    def split_partitions(self) -> pd.DataFrame:
        """How far the segments agree with those that other thresholds of silence would give.

        One row per threshold: ``hours``, ``ari`` (adjusted Rand index with the segments in use; NaN where there are none).
        """
        rows = []
        for hours in sorted({*THRESHOLDS, self.settings.gap_hours} - {self.settings.gap_hours}):
            table = pairs.pair_features(self.messages, self.settings.model_copy(update={"gap_hours": hours}))
            try:
                found = fit_segments(
                    fit_matrix(table.model_frame, table.blocks, **self.limits),
                    self.k,
                    clusterer=self.loop,
                    seed=self.seed,
                ).labels
            except TooFewUnitsError:
                rows.append((hours, np.nan))
                continue
            rows.append((hours, rand_index(self.segments.labels.reindex(found.index), found)))
        return pd.DataFrame(rows, columns=["hours", "ari"])
