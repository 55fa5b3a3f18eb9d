"""Personas: the kinds of leads behind one file, and what each converts at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .. import scratch
from ..contract import LEADS
from ..data import opening, registry
from ..data.clustered import clustered
from ..data.harmonised import Harmonised, harmonised
from ..data.identifiers import Identifiers
from ..data.leads import LeadColumn, LeadTable, lead_identifiers, load_leads
from ..data.truth import keyed_truth
from ..engine import arms as ways
from ..engine import leakage, nulls, recipe, segments
from ..engine.clusterer import Clusterer
from ..engine.independent import independent_draws
from ..engine.levels import Levels, coded
from ..engine.matrix import Floats, fit_matrix
from ..engine.meaning import Card, Cards
from ..engine.null_statistics import Plan
from ..engine.silhouettes import EXACT, sample
from ..errors import ConfigError
from ..features.leads import LeadFields, pool_rare, ranked
from ..features.seniority import seniority
from ..features.table import Column, canonical_order
from ..inference import cards, crossfit, fairness, missingness
from ..privacy import secret
from . import evidence_results
from .base import part, plain, settled, step, write_results
from .filed import FiledStudy
from .lead_policy import LeadPolicy, lead_policy
from .source import Source

FILLED = 0.05  # of the leads: a field that fewer have tells nothing of the others
PARTS = {"demographic": "demographics", "professional": "profession", "other": "other fields"}  # as nouns
SPLITS = 3  # halvings of each population in the comparison of ways
MEASURED = 2_000  # leads whose distances to all are measured, where there are more than 5,000
MOST = 6  # segments in that comparison, which is of ways and not of numbers


class PersonasStudy(FiledStudy):
    """Questions about the leads of one file, each answered once.

    Leads of the largest block of rows take part: where a file is several exports in a stack, what differs between them is
    how they were made, and no kind of people. The outcome, what leaks it, and what is nobody's business (gender, age) are
    never clustered.
    """

    name = "personas"
    terms = LEADS.terms
    dataset = registry.BANK
    profile = rule_card = multiverse = None  # type: ignore[assignment]  # codes have neither medians nor scales

    @staticmethod
    def identifiers(source: Source) -> Identifiers:
        """Return numbers and names of the leads, as the file has them."""
        return lead_identifiers(source.located.path, source.settings)

    @part
    def leads(self) -> LeadTable:
        """The leads; read again when needed, never kept on disk."""
        found = load_leads(self.source.located.path, self.settings, key=secret())
        if found.fingerprint != self.source.fingerprint:
            raise opening.changed(self.source.located.path)
        return found

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
    def features(self) -> LeadFields:
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
        return LeadFields(table, columns)

    @property
    def model_frame(self) -> pd.DataFrame:
        """The fields that are clustered."""
        return self.features.model_frame

    @property
    def blocks(self) -> Mapping[str, Sequence[str]]:
        """The names of the fields, by what they tell of."""
        return self.features.blocks

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
        """Fewer, for the same reason."""
        return EXACT

    @step
    def nulls(self) -> nulls.Nulls:
        """The partition beside those of leads whose fields have nothing to do with each other."""
        s, frame = self.settings.evidence, self.model_frame
        if len(frame) > EXACT:
            frame = frame.iloc[sample(len(frame), EXACT, "nulls/units", self.seed)]
        values = frame.to_numpy(dtype=np.float64)

        def independent(count: int, root: int) -> Iterator[Floats]:
            return independent_draws(values, np.zeros(len(values), dtype=np.int64), count, root)

        others = tuple(k for k in self.ks if k != self.k)
        plan = Plan(self.k, others, bootstraps=s.null_bootstraps, clusterer=self.loop)
        return nulls.compare(
            frame, self.blocks, {"independent": independent}, plan, count=s.nulls, level=s.level, seed=self.seed,
            **self.limits,
        )  # fmt: skip

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
        return Cards(
            tuple(
                Card(p.id, str(rank), p.name, p.name.rpartition(" - ")[0] or p.name, "", actions[p.id], p.size, p.share,
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

    @step
    def recovered(self) -> float | None:
        """Adjusted Rand index with the planted personas (Hubert and Arabie 1985); None for real data."""
        from sklearn.metrics import adjusted_rand_score

        if self.source.located.real:
            return None
        labels = self.segments.labels
        return float(adjusted_rand_score(keyed_truth(secret(), self.dataset).reindex(labels.index), labels))

    def save_model(self, path: Path) -> None:
        """Write down by what the personas are told, for people; new leads are put into them with the file."""
        about = {
            "study": self.name,
            "way": self.way,
            "fields": self.features.labels,
            "personas": self.personas.to_json(),
        }
        write_results(path, plain(about))

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

    @classmethod
    def assign(cls, source: Source, **asked: Any) -> Path:
        """Refuse: what tells a persona is the whole file, and no table of centres.

        Raises
        ------
        ConfigError
        """
        raise ConfigError(
            "new leads are not put into the personas of an earlier file",
            remedy="Add them to the file and make the report anew; clustered_file = true writes each lead's persona.",
        )

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
            "silhouette": evidence_results.silhouette(self, self.cards),
            "crossfit": self.crossfit.to_json(),
            "fairness": self.fairness.to_json() if self.fairness else None,
            "recipe": self.recipe.to_json(),
            "nulls": self.nulls.to_json(),
            "convergence": self.convergence.to_json() if self.convergence else None,
            "jaccard": evidence_results.recurrence(self, self.cards),
            "pipeline_bootstrap": self.pipeline_bootstrap.to_json(),
            "sensitivity": self.sensitivity.to_json(),
            "algorithms": self.algorithms.to_json(),
            "simulation": {"recovered_ari": self.recovered},
            "verdict": self.verdict.to_json(),
        }
