"""Conversations: at what stage a relation is, which kinds of conversation there are, who leaves, and what may be tried."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..config import Conversations
from ..contract import MESSAGES
from ..data import registry
from ..data.messages import Messages, load_messages
from ..engine.meaning import Card, Cards
from ..engine.segments import TooFewUnitsError
from ..features import chat_audit, chat_stages, pairs, splitting
from ..features import conversations as written
from ..inference import moves, silence, trials
from ..inference.churn import Churn, churn
from ..inference.concentration import Concentration, concentration
from . import chat_policy, chat_trials, evidence_results
from .base import part, settled, step
from .chat_texts import ChatTexts
from .table import Effort, Recipe, TableEvidence

BRIEF = Effort(gap=5, splits=10, bootstraps=10, subsamples=10, resamples=20, pipelines=20, nulls=19)
FEWEST = 5  # messages of a pair of the real log that takes part in its segments
WEEK = pd.Timedelta(days=7)
TEXTS = ("text_methods", "text_kinds", "text_maps", "profile_agreement", "profiles")  # None without texts
MONEY = ("stages", "revenue")


class ConversationsStudy(ChatTexts):
    """Questions about the pairs of one log of messages, each answered once."""

    name = "conversations"
    terms = MESSAGES.terms
    dataset = registry.MESSAGES
    elsewhere = ("college_audit", "college_splitting", "college_returns", "college_churn", "college_segments")
    refusal = (
        "new pairs are not put into the segments of an earlier log",
        "Export the whole log again and make the report anew.",
    )

    @step
    def conversation_table(self) -> pd.DataFrame:
        """Quartiles and means of what conversations are like, one row per quantity."""
        return _quartiles(self.conversations_of)

    @part
    def conversations_of(self) -> pd.DataFrame:
        """One row per conversation; never kept on disk."""
        s = self.settings
        return written.conversations(self.messages, s.gap_hours, active_hours=s.active_hours)

    @step
    def stages(self) -> chat_stages.StageCounts | None:
        """How many messages and pairs each published stage has; None without money."""
        return chat_stages.stage_counts(self.messages.frame) if self.messages.has_money else None

    @step
    def prospective(self) -> chat_stages.Prospective:
        """The state of each pair, from what was known at the time."""
        return chat_stages.prospective(self.messages.frame, self.messages.as_of, self.settings.active_hours)

    @step
    def moves(self) -> moves.MoveRates:
        """How often pairs go from one state to another, by the days on which they could."""
        return moves.move_rates(self.prospective.spells, seed=self.seed)

    @step
    def returns(self) -> silence.Returns:
        """How many write again after so long a silence."""
        return silence.returns(self.messages.frame, self.messages.as_of, seed=self.seed)

    @step
    def churn(self) -> Churn:
        """Whether it can be told who will not write again."""
        return churn(self.messages.frame, self.messages.as_of, horizon=self.settings.active_hours, seed=self.seed)

    @step
    def revenue(self) -> Concentration | None:
        """How unequally revenue is spread over subscribers; None without money."""
        if not self.messages.has_money:
            return None
        return concentration(self._spend, name="conversations/revenue", seed=self.seed)

    @part
    def _spend(self) -> pd.Series:
        return self.messages.frame.groupby("subscriber")["revenue"].sum()

    @part
    def known_pairs(self) -> pd.DataFrame:
        """What playbooks follow from, by pair."""
        frame, own = self.features.frame, self.conversations_of.sort_values(["pair", "start"])
        since = (own["start"] - own.groupby("pair")["end"].shift()) / pd.Timedelta(hours=1)
        known = frame[["messages", "conversations"]].assign(
            subscriber=self.subscribers.reindex(frame.index), gap_hours=since.groupby(own["pair"]).median()
        )
        return known.assign(purchases=frame["purchases"]) if "purchases" in frame else known

    @step
    def policy(self) -> chat_policy.ChatPolicy:
        """The playbook of each segment; one place says what to do, for cards and pages alike."""
        known, f, told = self.known_pairs, self.messages.frame, None
        if self.profiles is not None:
            own = self.profiles.multi_hot
            own.columns = pd.Index([tuple(c.split("=", 1)) for c in own.columns], tupleize_cols=False)
            told = own.reindex(known["subscriber"].to_numpy()).set_axis(known.index)
        return chat_policy.policy(
            known, self.segments.labels, chat_policy.hour_shares(f["pair"], f["time"]), told,
            verdict=self.verdict.word, seed=self.seed,
        )  # fmt: skip

    @property
    def actions(self) -> dict[int, str]:
        """What cards say, by segment."""
        return self.policy.actions

    @property
    def reasons(self) -> dict[int, str]:
        """Why, by segment."""
        return {p.segment: p.reason for p in self.policy.items}

    @step
    def cards(self) -> Cards:
        """The segments, that of the longest exchanges first."""
        by, total, items = self.profile.wide("median"), len(self.segments.labels), []
        for rank, own in enumerate(self.policy.items):
            s, shown = own.segment, own.segment not in self.profile.hidden
            size = int(self.segments.sizes[s])
            medians = {str(f): float(v) for f, v in by.loc[s].items()} if shown else {}
            items.append(
                Card(s, str(rank), own.name, own.name, own.reason if shown else "", own.action,
                     size if shown else None, size / total if shown else None, medians)
            )  # fmt: skip
        return Cards(tuple(items), total)

    @step
    def proposals(self) -> trials.Proposals:
        """Trials that could be run, with how many subscribers and days each takes."""
        m = self.messages
        questions = chat_trials.questions(self._spend if m.has_money else None, currency=self.currency)
        start, end = m.frame["time"].min(), m.as_of - pd.Timedelta(hours=self.settings.active_hours)
        if not end > start:  # nothing was seen to its end
            return trials.Proposals((), {q.key: trials.UNKNOWN for q in questions}, self.seed)
        return trials.proposals(questions, self.observed, start=start, end=end, seed=self.seed)

    @property
    def observed(self) -> Mapping[str, pd.DataFrame]:
        """What the log has of the outcomes of trials: one row per conversation, offer or pair that was seen long enough."""
        m, own = self.messages, self.conversations_of.sort_values(["pair", "start"])
        silent = pd.Timedelta(hours=self.settings.active_hours)
        again = own.groupby("pair")["start"].shift(-1) - own["end"] <= silent
        seen = own["end"] + silent <= m.as_of
        told = pd.DataFrame({"outcome": again, "subscriber": own["subscriber"], "time": own["start"]})
        out = {chat_trials.RETURNED: told[seen]}
        if not m.has_money:
            return out
        f = m.frame
        offers = f[written.offered(f) & (f["time"] + silent <= m.as_of).to_numpy()]
        out[chat_trials.TAKEN] = offers[["purchased", "subscriber", "time"]].rename(columns={"purchased": "outcome"})
        first = f.groupby("pair").agg(subscriber=("subscriber", "first"), time=("time", "min"))
        begun = first["time"].reindex(f["pair"]).to_numpy()
        bought = f[f["purchased"] & (f["time"] - begun <= WEEK)]["pair"]
        long = first["time"] + WEEK <= m.as_of
        out[chat_trials.BOUGHT] = first.assign(outcome=first.index.isin(bought))[long]
        return out

    @settled
    def college(self) -> dict[str, Any]:
        """Where a public log of messages came from, which has neither texts nor money; results of it depend on its bytes."""
        at = registry.locate(registry.COLLEGE, say=lambda _: None)
        return {"path": str(at.path), "real": at.real, "title": at.dataset.title if at.real else at.dataset.simulation,
                "citation": at.dataset.citation, "fingerprint": at.fingerprint}  # fmt: skip

    @part
    def _college(self) -> Messages:
        settings = Conversations.model_validate({"both_ways": True})
        return load_messages(Path(self.college["path"]), settings, key=self.key)

    @step
    def college_audit(self) -> chat_audit.ChatAudit:
        """What that log holds."""
        return chat_audit.chat_audit(self._college)

    @step
    def college_splitting(self) -> splitting.Splitting:
        """Where its conversations end."""
        return splitting.splitting(self._college, chosen=self.settings.gap_hours, seed=self.seed)

    @step
    def college_returns(self) -> silence.Returns:
        """How many of its people write again after a silence."""
        return silence.returns(self._college.frame, self._college.as_of, seed=self.seed)

    @step
    def college_churn(self) -> Churn:
        """Whether it can be told there who will not."""
        m = self._college
        return churn(m.frame, m.as_of, horizon=self.settings.active_hours, seed=self.seed)

    @step
    def college_segments(self) -> dict[str, Any] | None:
        """How its pairs divide by behaviour, with less resampling; None where too few of them differ.

        ``pairs``, ``of`` (all of them), ``k``, ``rule``, ``verdict``, ``sizes``, ``silhouette``, ``jaccard`` (of the segment that
        comes back least), ``p`` and ``medians`` by segment.
        """
        settings = Conversations.model_validate({"both_ways": True, "gap_hours": self.settings.gap_hours})
        table = pairs.pair_features(self._college, settings)
        many = table.frame["messages"] >= FEWEST
        recipe = Recipe(table.blocks, **self.limits, clusterer=self.loop, final=self.loop, seed=self.seed)
        found = TableEvidence(table.model_frame[many], recipe, ks=self.ks, effort=BRIEF)
        try:
            k, used = found.k, found.segments
        except TooFewUnitsError:
            return None
        null = found.nulls.table.iloc[0]
        own = (
            table.frame[many]
            .groupby(used.labels)[["messages", "conversations", "active_days", "days_silent", "days_known"]]
            .median()
        )
        return {
            "pairs": int(many.sum()), "of": len(many), "least": FEWEST, "k": k, "rule": found.k_decision.rule,
            "verdict": found.verdict.word, "sizes": used.sizes.to_dict(), "jaccard": found.jaccard.lowest,
            "silhouette": float(used.silhouette.mean()), "p": float(null["p"]), "medians": own.to_dict("index"),
        }  # fmt: skip

    @property
    def about(self) -> dict[str, Any]:
        """By what the segments are told."""
        return {"features": self.features.labels, "segments": [c.name for c in self.cards]}

    def exports(self) -> Mapping[str, pd.DataFrame | bytes]:
        """Return the tables of single pairs, conversations and messages, for the owner of the log alone."""
        from .chat_exports import files  # brings figures

        return files(self)

    def results(self) -> dict[str, Any]:
        """Return every number that the pages state."""
        found = {name: getattr(self, name) for name in (*TEXTS, *MONEY)}
        college = ("college_audit", "college_splitting", "college_returns", "college_churn")
        return {
            **super().results(),
            **{n: getattr(self, n).to_json() for n in ("audit", "splitting", "prospective", "moves", "returns", "churn")},
            "conversations": self.conversation_table.set_index("what").to_dict("index"),
            "features": {"count": len(self.model_frame.columns), "blocks": {b: len(n) for b, n in self.blocks.items()}},
            "k": evidence_results.number(self),
            "segments": [
                {"id": c.id, "name": c.name, "units": c.size, "share": c.share, "medians": c.medians or None, "action": c.action}
                for c in self.cards
            ],
            "subscribers": self.drawn_subscribers.to_json(),
            "thresholds": self.split_partitions.to_dict("records"),
            **{name: None if value is None else value.to_json() for name, value in found.items()},
            "planted_fields": None if self.planted_fields is None else self.planted_fields.to_dict("records"),
            "next_period": self.next_period.to_json(),
            "policy": self.policy.to_json(),
            "proposals": self.proposals.to_json(),
            "real_messages": {
                "real": self.college["real"], "title": self.college["title"], "segments": self.college_segments,
                **{name.partition("_")[2]: getattr(self, name).to_json() for name in college},
            },
            **evidence_results.evidence(self, self.cards),
        }  # fmt: skip


def _quartiles(own: pd.DataFrame) -> pd.DataFrame:
    numbers = own.select_dtypes("number").drop(columns="number").assign(active=own["active"].astype(np.float64))
    described = numbers.describe(percentiles=[0.25, 0.5, 0.75]).T
    return described[["count", "mean", "25%", "50%", "75%", "max"]].rename_axis("what").reset_index()
