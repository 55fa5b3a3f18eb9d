"""Channels: which touches reach the prospects of a CRM, and what touching them online and offline is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..contract import CRM
from ..data import registry
from ..data.experiment import load_experiment
from ..data.export_audit import ExportAudit, export_audit
from ..engine import segments
from ..engine.meaning import Card, Cards
from ..features.prospects import STRATEGIES
from ..inference import adjusted, combinations, engagement_pair, experiment, groups, horizons, landmark, scores, speed
from ..inference import reach as reached
from . import engagement_policy, evidence_results
from .base import settled, step
from .prospects import ProspectEvidence

OMNICHANNEL, ONLINE = STRATEGIES[:2]
PUBLISHED_K = 2
BENCHMARKS = ("platform_tag", "latest_source", "intake", "stage", "offline_type", "offline_intensity")
HORIZONS = (90, 180, 365)  # days
COMPARISONS = ("adjusted", "combinations", "speed", "horizons", "landmark")


class ChannelsStudy(ProspectEvidence):
    """Questions about the prospects of one export, each answered once."""

    name = "channels"
    terms = CRM.terms
    dataset = registry.CRM
    refusal = (
        "new prospects are not put into the segments of an earlier export",
        "Export all prospects again and make the report anew.",
    )

    @step
    def audit(self) -> ExportAudit:
        """What is known of the file before anything is computed from it."""
        frame = self.prospects.frame
        return export_audit(self.export, frame["is_won"], frame["system"])

    @step
    def reach(self) -> reached.Reach:
        """Whom each channel reached."""
        p, names = self.prospects, ("has_offline_signal", "online", "is_omnichannel", "system")
        counts = {"offline": p.offline.columns, "online": p.online.columns}
        prefix = {"offline": "offline_count_", "online": "platform_count_"}
        mentions = {
            kind: p.frame[[f"{prefix[kind]}{n}" for n in channels]].set_axis(list(channels), axis=1)
            for kind, channels in counts.items()
        }
        return reached.reach(mentions, {n: p.frame[n] for n in names})

    @step
    def detectors(self) -> reached.Shift:
        """What counting words without regard to what they mean would say instead."""
        p, plain_words = self.prospects, self.by_detector("literal")
        both = {"literal": plain_words, "taxonomy": self.by_detector("taxonomy")}
        kinds = dict.fromkeys(p.channels, "offline") | dict.fromkeys(p.platforms, "online")
        found = {name: pd.concat([q.offline, q.online], axis=1) for name, q in both.items()}
        return reached.shift(
            {name: q.frame["channel_strategy"] for name, q in both.items()}, found, kinds, p.frame["is_closed"],
            both=OMNICHANNEL, one=ONLINE, order=STRATEGIES,
        )  # fmt: skip

    def _rates(self, by: str, outcome: str = "is_closed", **asked: Any) -> groups.GroupRates:
        frame = self.prospects.frame
        return groups.rates_by(frame[by], frame[outcome], **asked)

    @step
    def strategies(self) -> groups.GroupRates:
        """How many of each strategy closed, and by how much that differs from those touched online only."""
        return self._rates("channel_strategy", reference=ONLINE, order=STRATEGIES)

    @step
    def won(self) -> groups.GroupRates:
        """The same of those who became customers."""
        return self._rates("channel_strategy", "is_won", reference=ONLINE, order=STRATEGIES)

    @step
    def activity(self) -> groups.GroupMeans:
        """How engaged the prospects of each strategy are."""
        frame = self.prospects.frame
        wanted = frame[["engagement_score", "sessions", "pageviews", "forms"]].fillna(0.0)
        return groups.means_by(frame["channel_strategy"], wanted, order=STRATEGIES)

    @property
    def _both_ways(self) -> pd.DataFrame:
        frame = self.prospects.frame
        return frame[frame["channel_strategy"].isin((OMNICHANNEL, ONLINE))]

    @step
    def adjusted(self) -> adjusted.Adjusted:
        """The difference between omnichannel prospects and those touched online only, where both are alike otherwise."""
        frame = self._both_ways
        return adjusted.adjusted(frame["channel_strategy"] == OMNICHANNEL, frame["is_closed"], _traits(frame))

    @step
    def combinations(self) -> combinations.Combinations:
        """The rates of all combinations of an offline channel with a platform."""
        p = self.prospects
        return combinations.combinations(p.offline, p.online, p.frame["is_closed"], minimum=self.settings.minimum)

    @step
    def speed(self) -> speed.Speed:
        """How soon prospects close, the open ones censored."""
        frame = self.prospects.frame
        return speed.speed(
            frame["channel_strategy"], frame["days_observed"], frame["is_closed"], reference=ONLINE, order=STRATEGIES
        )

    @step
    def horizons(self) -> horizons.Horizons:
        """How many closed within so many days, of those who were added long enough ago."""
        frame, as_of = self.prospects.dates, self.prospects.as_of.normalize()
        return horizons.conversion(
            self.prospects.frame["channel_strategy"], frame["created"], frame["closed"], as_of, horizons=HORIZONS,
            reference=ONLINE, order=STRATEGIES,
        )  # fmt: skip

    @step
    def landmark(self) -> landmark.Landmark:
        """The same, from a day on by which everybody's touches are known, and where both are alike otherwise."""
        frame, dates, as_of = self.prospects.frame, self.prospects.dates, self.prospects.as_of.normalize()
        told = pd.DataFrame(
            {
                "created": dates["created"], "end": dates["closed"].fillna(as_of), "watched": as_of,
                "closed": frame["is_closed"], "offline_from": dates["first_offline"], "online_from": dates["first_online"],
                "offline": frame["has_offline_signal"], "online": frame["online"],
                "offline_original": frame["offline_original"], "online_original": frame["online_original"],
            }
        )  # fmt: skip
        return landmark.landmark(told, _traits(frame))

    @step
    def score(self) -> scores.ScoreCalibration | None:
        """Whether the score of the CRM says what happens; None where the file has none."""
        frame = self.prospects.frame
        if frame["likelihood"].isna().all():
            return None
        return scores.score_calibration(frame["likelihood"], frame["is_closed"], self.level_of.reindex(frame.index))

    @step
    def benchmarks(self) -> groups.Benchmarks:
        """Rates by platform, source, intake period, stage, and by how and how much offline channels touched."""
        frame = self.prospects.frame
        return groups.Benchmarks({by: self._rates(by) for by in BENCHMARKS if frame[by].nunique() > 1})

    @step
    def pair(self) -> segments.Segments:
        """The published two segments, 1A of high and 1B of low engagement, on the same features."""
        return segments.fit_segments(self.matrix, PUBLISHED_K, clusterer=self.final, seed=self.seed)

    @property
    def high(self) -> pd.Series:
        """Who is in 1A: the segment with more engagement."""
        score = self.features.frame["engagement_score"]
        means = score.groupby(self.pair.labels).mean()
        return (self.pair.labels == means.idxmax()).reindex(score.index)

    @step
    def published_pair(self) -> engagement_pair.Pair:
        """What the published two segments are like, and whether one line would do."""
        frame = self.prospects.frame
        return engagement_pair.pair(self.high.reindex(frame.index), frame, self.segments.labels.reindex(frame.index))

    @step
    def engagement_rates(self) -> groups.GroupRates:
        """How many of each segment closed."""
        return groups.rates_by(
            self.segments.labels, self.prospects.frame["is_closed"].reindex(self.segments.labels.index)
        )

    @step
    def use(self) -> reached.ChannelUse:
        """Which channels reached whom, by segment."""
        p = self.prospects
        return reached.use_by(self.segments.labels, pd.concat([p.offline, p.online], axis=1))

    @settled
    def trial(self) -> dict[str, Any]:
        """Where the experiment came from; results of it depend on its bytes."""
        at = registry.locate(registry.EXPERIMENT, say=lambda _: None)
        return {"path": str(at.path), "real": at.real, "title": at.dataset.title if at.real else at.dataset.simulation,
                "citation": at.dataset.citation, "fingerprint": at.fingerprint}  # fmt: skip

    @step
    def experiment(self) -> experiment.Experiment:
        """A randomised experiment beside the raw difference of the same people; it is of other people than the file."""
        return experiment.experiment(load_experiment(Path(self.trial["path"])))

    @property
    def actions(self) -> dict[int, str]:
        """What cards say, by segment; of private data it follows from the intervals that are told."""
        return {h.segment: h.action for h in self.policy}

    @property
    def policy(self) -> tuple[engagement_policy.Handling, ...]:
        """What to do with each segment; one place says it, for cards and pages alike."""
        return engagement_policy.policy(self.engagement_rates, verdict=self.verdict.word)

    @step
    def cards(self) -> Cards:
        """The segments, the most engaged first."""
        by, total = self.profile.wide("median"), len(self.segments.labels)
        mean = self.profile.wide("mean")["engagement_score"].fillna(-np.inf)
        order = [int(s) for s in mean.sort_values(ascending=False, kind="stable").index]
        frame = self.model_frame
        z = ((frame - frame.mean()) / frame.std()).groupby(self.segments.labels).mean()
        names = engagement_policy.names(z.loc[order], by["sessions"].fillna(1.0))
        actions = self.actions
        items = []
        for rank, s in enumerate(order):
            size, shown = int(self.segments.sizes[s]), s not in self.profile.hidden
            items.append(
                Card(s, str(rank), names[s], names[s], engagement_policy.reason(by.loc[s]) if shown else "",
                     actions[s], size if shown else None, size / total if shown else None,
                     {str(f): float(v) for f, v in by.loc[s].items()} if shown else {})
            )  # fmt: skip
        return Cards(tuple(items), total)

    @property
    def level_of(self) -> pd.Series:
        """The name of each prospect's segment."""
        return self.segments.labels.map({c.id: c.name for c in self.cards})

    @step
    def pair_recovered(self) -> float | None:
        """The same as `recovered` of the published two, which are as many as were planted."""
        return self.planted(self.pair)

    @property
    def about(self) -> dict[str, Any]:
        """By what the segments are told."""
        return {"features": self.features.labels, "segments": [c.name for c in self.cards]}

    def results(self) -> dict[str, Any]:
        """Return every number that the pages state."""
        return {
            **super().results(),
            **{name: getattr(self, name).to_json() for name in ("audit", "reach", "detectors")},
            "strategies": {"closed": self.strategies.to_json(), "won": self.won.to_json(), "activity": self.activity.to_json()},
            **{name: getattr(self, name).to_json() for name in COMPARISONS},
            "score": self.score.to_json() if self.score else None,
            "benchmarks": self.benchmarks.to_json(),
            "experiment": {**self.experiment.to_json(), "real": self.trial["real"], "title": self.trial["title"]},
            "features": {"count": len(self.model_frame.columns), "blocks": {b: len(n) for b, n in self.blocks.items()}},
            "k": evidence_results.number(self, published=PUBLISHED_K),
            "segments": [
                {"id": c.id, "name": c.name, "units": c.size, "share": c.share, "medians": c.medians or None, "action": c.action}
                for c in self.cards
            ],
            "engagement": {
                "rates": self.engagement_rates.to_json(), "use": self.use.to_json(),
                "published": {**self.published_pair.to_json(), "recovered_ari": self.pair_recovered},
            },
            **evidence_results.evidence(self, self.cards),
        }  # fmt: skip


def _traits(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what prospects are made alike in; an intake that nobody stated is a value of its own."""
    return frame[["engagement_score", "social_intensity", "tenure"]].assign(intake=frame["intake"].fillna("unknown"))
