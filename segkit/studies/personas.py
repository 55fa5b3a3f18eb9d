"""Personas: the kinds of leads behind one file, and what each converts at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from .. import scratch
from ..contract import LEADS
from ..data import registry
from ..data.clustered import clustered
from ..engine import arms as ways
from ..engine import recipe, segments
from ..engine.matrix import fit_matrix
from ..engine.meaning import Card, Cards
from ..features.seniority import seniority
from ..inference import cards, crossfit, fairness
from . import evidence_results
from .base import part, step
from .lead_policy import LeadPolicy, lead_policy
from .leads import LeadEvidence


class PersonasStudy(LeadEvidence):
    """Questions about the leads of one file, each answered once."""

    name = "personas"
    terms = LEADS.terms
    dataset = registry.BANK
    refusal = (
        "new leads are not put into the personas of an earlier file",
        "Add them to the file and make the report anew; clustered_file = true writes each lead's persona.",
    )

    @part
    def _taking_part(self) -> tuple[pd.DataFrame, pd.Series]:
        """All fields of the leads that take part, and what became of them."""
        index = self.segments.labels.index
        return self.leads.frame.loc[index], self.leads.outcome.loc[index]

    @step
    def crossfit(self) -> crossfit.CrossFitted:
        """What the personas convert at where they were formed on other leads, and how well they rank beside simpler rules."""
        frame, outcome = self._taking_part
        return crossfit.cross_fitted(
            self.model_frame, self.blocks, self.segments.labels, outcome, scaler=self.arm.scaler, clusterer=self.loop,
            fields=frame[list(self.model_frame.columns)], seed=self.seed,
        )  # fmt: skip

    @step
    def personas(self) -> cards.Personas:
        """The ranked cards."""
        frame, outcome = self._taking_part
        titles = seniority(frame["job_title"]) if "job_title" in frame else None
        means, sure = self.jaccard.means(), self.confidence.table.set_index("segment")
        found = {
            int(s): {
                "jaccard": float(means.get(s, float("nan"))), "silhouette": float(self.segments.silhouette[s]),
                "recurrence": float(sure["recurrence"][s]),
            }
            for s in self.segments.sizes.index
        }  # fmt: skip
        return cards.personas(
            frame, self.columns, outcome, self.segments.labels, seniority=titles, cross_fitted=self.crossfit.by_persona,
            evidence=found,
        )  # fmt: skip

    @property
    def policy(self) -> LeadPolicy:
        """What to do with each persona; one place says it, for cards and pages alike."""
        return lead_policy(
            self.personas, flag=self.gate.flag, defensible=self.arms.defensible, verdict=self.verdict.word
        )

    @step
    def cards(self) -> Cards:
        """The personas as all studies show their segments, in the order of what they convert at."""
        total, actions = len(self.segments.labels), self.policy.actions
        bases = [p.name.rpartition(" - ")[0] or p.name for p in self.personas]
        shorts = [b if bases.count(b) == 1 else p.name for b, p in zip(bases, self.personas, strict=True)]
        return Cards(
            tuple(
                Card(p.id, str(rank), p.name, shorts[rank], "", actions[p.id], p.size, p.share,
                     {} if p.conversion is None else {"rate": p.conversion.own.share})
                for rank, p in enumerate(self.personas)
            ),
            total,
        )  # fmt: skip

    @step
    def fairness(self) -> fairness.Fairness | None:
        """What fields that are nobody's business have to do with the personas, and would do to them; None without any."""
        frame, outcome = self._taking_part
        sensitive = [c.name for c in self.columns if c.sensitive]
        if not sensitive:
            return None
        table, levels = self._coded(sensitive=True)
        arm = next(a for a in ways.four_arms(levels) if a.name == self.way)
        matrix = fit_matrix(table, {"fields": list(table.columns)}, scaler=arm.scaler)
        other = segments.fit_segments(matrix, self.segments.k, clusterer=arm.clusterer, seed=self.seed)
        return fairness.fairness(
            frame, sensitive, self.segments.labels, outcome, without=other.labels, seed=self.seed,
        )  # fmt: skip

    @step
    def recipe(self) -> recipe.PublishedRecipe:
        """The published recipe on all leads, and what it owes to the alphabet."""
        frame = self.leads.frame.drop(columns=list(self.leaks.leaking))
        return recipe.published(frame, self.leads.outcome)

    @property
    def about(self) -> dict[str, Any]:
        """By what the personas are told, for people; new leads are put into them with the file."""
        return {"way": self.way, "fields": self.features.labels, "personas": self.personas.to_json()}

    @property
    def beside(self) -> Path | None:
        """The input with the persona of each lead, where a file of one's own and its settings ask for it."""
        path = self.source.located.path
        return path.with_name(f"{path.stem}-clusters.csv") if self.private and self.settings.clustered_file else None

    def save(self) -> Path:
        """Write what all studies write; and the input with the personas, where that is asked for, outside of any site."""
        saved, target = super().save(), self.beside
        if target is not None:
            labels = self.segments.labels.reindex(
                self.leads.frame.index
            )  # without one: leads outside the largest block
            numbers = [None if pd.isna(label) else int(label) for label in labels]
            scratch.write(target, clustered(self.source.located.path, numbers), private=True)
        return saved

    def results(self) -> dict[str, Any]:
        """Return every number that the pages state."""
        return {
            **super().results(),
            "harmonised": self.harmonised.to_json(),
            "gate": self.gate.to_json(),
            "leakage": self.leaks.to_json(),
            "features": {
                "count": len(self.model_frame.columns),
                "blocks": {b: len(names) for b, names in self.blocks.items()},
                "units": int(self.gate.block_table["units"].iloc[0]),  # of the largest block, who take part
            },
            "arms": {**self.arms.to_json(), "used": self.way},
            "k": evidence_results.number(self),
            "personas": self.personas.to_json(),
            "crossfit": self.crossfit.to_json(),
            "fairness": self.fairness.to_json() if self.fairness else None,
            "recipe": self.recipe.to_json(),
            **evidence_results.evidence(self, self.cards),
        }
