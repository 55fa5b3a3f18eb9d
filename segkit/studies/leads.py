"""Leads, the first questions: what the file holds, which fields tell of people, and how leads are divided by them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..data.harmonised import Harmonised, harmonised
from ..data.identifiers import Identifiers
from ..data.leads import LeadColumn, LeadTable, lead_identifiers, load_leads
from ..engine import arms as ways
from ..engine import leakage, nulls
from ..engine.clusterer import LARGE, Clusterer
from ..engine.independent import independent_draws
from ..engine.levels import Levels, coded
from ..engine.silhouettes import EXACT
from ..features.fields import CodedFields, pool_rare, ranked
from ..features.table import Column, canonical_order
from ..inference import missingness
from .base import part, settled, step
from .rows import RowStudy
from .source import Source

FILLED = 0.05  # of the leads: a field that fewer have tells nothing of the others
PARTS = {"demographic": "demographics", "professional": "profession", "other": "other fields"}  # as nouns
SPLITS = 3  # halvings of each population in the comparison of ways
# Leads whose distances are measured, where there are more than 5,000; and that gap, consensus and populations without
# segments are made of, where there are more than 20,000.
MEASURED = 2_000
MOST = 6  # segments in that comparison, which is of ways and not of numbers


class LeadEvidence(RowStudy):
    """The leads of one file, the gate before anything else, and the way to divide them.

    Leads of the largest block of rows take part: where a file is several exports in a stack, what differs between them is
    how they were made, and no kind of people. The outcome, what leaks it, and what is nobody's business (gender, age) are
    never clustered.
    """

    profile = rule_card = multiverse = None  # type: ignore[assignment]  # codes have neither medians nor scales

    @staticmethod
    def identifiers(source: Source) -> Identifiers:
        """Return numbers and names of the leads, as the file has them."""
        return lead_identifiers(source.located.path, source.settings)

    @part
    def leads(self) -> LeadTable:
        """The leads; read again when needed, never kept on disk."""
        return self.unchanged(load_leads(self.source.located.path, self.settings, key=self.key))

    @step
    def extent(self) -> tuple[int, int]:
        """How many rows; each is a lead."""
        return self.leads.rows, self.leads.rows

    @step
    def gate(self) -> missingness.Missingness:
        """Whether the outcome follows from which fields are filled, and whether the file is several exports."""
        return missingness.missingness(self.leads.frame, self.leads.outcome, seed=self.seed)

    @step
    def leaks(self) -> leakage.Leakage:
        """The fields that look as if they followed from the outcome."""
        named = {c.label: c.name for c in self.leads.columns}
        keep = [named.get(n, n) for n in self.settings.keep]
        return leakage.leakage(self.leads.frame, self.leads.outcome, seed=self.seed, keep=keep)

    @step
    def columns(self) -> tuple[LeadColumn, ...]:
        """All fields of the file that describe leads."""
        return self.leads.columns

    @step
    def harmonised(self) -> Harmonised:
        """What the loader changed in the file, counted, and the columns that it set aside."""
        return harmonised(self.leads)

    @property
    def within(self) -> pd.Index:
        """The leads of the largest block."""
        blocks = self.gate.blocks
        return blocks.index[blocks == 1]

    def _fields(self, *, sensitive: bool) -> list[str]:
        """Return the fields that tell of leads, the outcome and what leaks it aside, in the order of the file."""
        known = self.leads.frame.loc[self.within]
        return [
            c.name
            for c in self.columns
            if (sensitive or not c.sensitive) and c.name not in self.leaks.leaking
            and known[c.name].notna().mean() >= FILLED and known[c.name].nunique() > 1
        ]  # fmt: skip

    def _coded(self, *, sensitive: bool) -> tuple[pd.DataFrame, Levels]:
        frame = self.leads.frame.loc[self.within, self._fields(sensitive=sensitive)]
        table, levels = coded(ranked(pool_rare(frame).frame))
        return canonical_order(table), levels

    @step
    def coded(self) -> tuple[pd.DataFrame, Levels]:
        """The fields that are clustered, of the leads that take part: ranks of numbers, and categories as codes."""
        return self._coded(sensitive=False)

    @property
    def features(self) -> CodedFields:
        """The clustered fields, with their names for readers."""
        table, levels = self.coded
        about = {c.name: c for c in self.columns}
        columns = tuple(
            Column(
                n,
                PARTS.get(about[n].part, about[n].part),
                "category" if levels.of[n] else "number",
                about[n].label,
                about[n].label,
            )
            for n in table.columns
        )
        return CodedFields(table, columns)

    @step
    def arms(self) -> ways.Arms:
        """What each way of dividing mixed fields finds beyond what it finds where fields are unrelated."""
        ks = [k for k in self.ks if k <= max(MOST, min(self.ks))]
        return ways.compare(
            self.model_frame, self.blocks, ways.four_arms(self.coded[1]), ks, splits=SPLITS, seed=self.seed
        )

    @settled
    def way(self) -> str:
        """The way in use: the one that was asked for, else the one that the comparison chose, else the simplest."""
        wanted = self.settings.clusterer
        return self.arms.chosen or ways.ORDER[0] if wanted == "auto" else str(wanted)

    @property
    def arm(self) -> ways.Arm:
        """The same, with what it takes."""
        return next(a for a in ways.four_arms(self.coded[1]) if a.name == self.way)

    @property
    def limits(self) -> dict[str, Any]:
        """The space of the way in use; nothing is clipped or capped."""
        return {"clip": 0.0, "cap": np.inf, "scaler": self.arm.scaler}

    @property
    def loop(self) -> Clusterer:
        """The way in use."""
        return self.arm.clusterer

    @property
    def final(self) -> Clusterer:
        """The way in use, with all starts where there are several."""
        return self.loop.thorough(self.settings.restarts) or self.loop

    @property
    def measured(self) -> int:
        """Fewer than of units whose fields are numbers: there are many more columns."""
        return MEASURED

    @property
    def drawn(self) -> int:
        """Fewer, for the same reason; reference sets of the gap statistic have no equal rows."""
        return MEASURED

    @property
    def seeds(self) -> int:
        """Fewer where there are very many leads, of which each fit takes long."""
        return 50 if len(self.matrix.values) <= LARGE else 10

    @step
    def nulls(self) -> nulls.Nulls:
        """The partition beside those of leads whose fields have nothing to do with each other."""
        from ..engine.factors import Factors  # brings scikit-learn, which pages do without

        limits = self.limits
        if isinstance(limits["scaler"], Factors):  # silhouettes can be compared in spaces of as many dimensions only
            limits["scaler"] = Factors(self.coded[1], dims=self.matrix.values.shape[1])
        most = EXACT if len(self.model_frame) <= LARGE else MEASURED // 2
        return self.beside_drawn(
            independent_draws, lambda frame: {"independent": np.zeros(len(frame), dtype=np.int64)}, most=most, **limits
        )
