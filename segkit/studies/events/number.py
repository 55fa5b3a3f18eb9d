"""Events, the second question: how many segments the data support."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ...data import registry
from ...engine import consensus, flow, gap, instability, krule, kselection, prediction
from ...engine.clusterer import KMeansClusterer
from ...errors import InputError
from ...privacy import SMALL_CELL
from .. import published
from ..base import settled, step
from .data import EventData


class EventNumber(EventData):
    """What the data say about the number of segments, and the number in use."""

    @step
    def k_selection(self) -> kselection.KSelection:
        """The internal indices over the range of K."""
        s = self.settings
        found = kselection.select_k(
            self.matrix,
            range(s.k_min, s.k_max + 1),
            clusterer=KMeansClusterer(s.restarts),
            seed=self.source.config.seed,
        )
        if found.table.empty:
            raise InputError(
                f"the {self.terms.units} are too much alike: too few of them differ to compare even {s.k_min} segments",
                file=self.source.located.path.name,
                remedy=f"Give a {self.terms.record} with more {self.terms.units}, and check "
                "that k_min in the settings is not too large.",
            )
        return found

    @step
    def gap(self) -> gap.Gap:
        """Whether segments explain more than they would of a featureless cloud."""
        s = self.settings
        return gap.gap_statistic(
            self.matrix,
            s.k_max,
            references=s.evidence.gap,
            clusterer=KMeansClusterer(s.evidence.starts),
            seed=self.source.config.seed,
        )

    @step
    def prediction(self) -> prediction.PredictionStrength:
        """Whether one half of the units foretells who belongs together in the other."""
        return prediction.prediction_strength(
            self.matrix,
            self._ks,
            splits=self.settings.evidence.splits,
            clusterer=KMeansClusterer(self.settings.evidence.starts),
            seed=self.source.config.seed,
        )

    @step
    def instability(self) -> instability.Instability:
        """Whether bootstrap fits agree, and whether each segment comes back in them."""
        return instability.instability(
            self.matrix,
            self.k_selection.partitions,
            bootstraps=self.settings.evidence.bootstraps,
            clusterer=KMeansClusterer(self.settings.evidence.starts),
            seed=self.source.config.seed,
        )

    @step
    def consensus(self) -> consensus.Consensus:
        """How many pairs of units belong together in some subsamples and not in others."""
        return consensus.consensus(
            self.matrix,
            self._ks,
            subsamples=self.settings.evidence.subsamples,
            clusterer=KMeansClusterer(self.settings.evidence.starts),
            seed=self.source.config.seed,
        )

    @step
    def segment_flow(self) -> flow.SegmentFlow:
        """Where the units of each segment go when there is one segment more."""
        return flow.segment_flow(self.k_selection.partitions)

    @step
    def k_decision(self) -> krule.KDecision:
        """How many segments: by the rule, or by hand."""
        s = self.settings
        return krule.decide(
            self.k_selection,
            self.prediction,
            self.instability,
            self.gap,
            self.consensus,
            strength=s.evidence.prediction_strength,
            jaccard=s.evidence.jaccard,
            by_hand=None if s.k == "auto" else s.k,
        )

    @property
    def _ks(self) -> list[int]:
        """The numbers of segments that could be compared."""
        return [int(k) for k in self.k_selection.table["k"]]

    @property
    def published(self) -> pd.DataFrame | None:
        """The published table of the indices, where the data are those that it is about."""
        known = self.source.fingerprint == registry.CALLS.sha256
        return published.K_TABLE if known else None

    @property
    def published_k(self) -> int | None:
        """The published number of segments, chosen by eye, where the data are those that it is about."""
        return None if self.published is None else published.K_CHOSEN

    @settled
    def k(self) -> int:
        """The number of segments that is shown, by hand or by rule; see `krule.KDecision.shown`."""
        return self.k_decision.shown

    def results(self) -> dict[str, Any]:
        """Return the numbers about K too."""
        decision, indices = self.k_decision.to_json(), self.k_selection.to_json()
        by = {**decision.pop("by"), "rule": self.k_decision.rule, "published": self.published_k}
        number = {
            **decision,
            "by": by,
            **{name: indices[name] for name in ("indices", "segment_silhouettes", "params", "seed")},
            "gap": self.gap.to_json(),
            "prediction_strength": self.prediction.to_json(),
            "instability": self.instability.to_json(),
            "consensus": self.consensus.to_json(),
            "flow": self.segment_flow.to_json(),
        }
        return {**super().results(), "k": hide_small(number)}


def hide_small(number: dict[str, Any]) -> dict[str, Any]:
    """Leave out sizes of segments that would give single units away; a size is a cell like any other.

    Examples
    --------
    >>> hide_small({"indices": [{"k": 2, "smallest": 3}], "segment_silhouettes": [{"k": 2, "segment": 1, "units": 9}]})
    {'indices': [{'k': 2, 'smallest': None}], 'segment_silhouettes': [{'k': 2, 'segment': 1, 'units': None}]}
    >>> edges = [{"k": 2, "segment": 1, "next": 2, "units": 4}, {"k": 2, "segment": 1, "next": 1, "units": 30}]
    >>> hide_small({"indices": [{"k": 2, "smallest": 9}], "flow": {"edges": edges}})["flow"]["edges"]
    [{'k': 2, 'segment': 1, 'next': 1, 'units': 30}]
    """
    small = {row["k"] for row in number["indices"] if row["smallest"] < SMALL_CELL}

    def hidden(value: Any) -> Any:
        if isinstance(value, list):
            return [hidden(v) for v in value]
        if not isinstance(value, dict):
            return value
        # All sizes of such a partition go, since their total would give the small one back.
        cells = {"units", "smallest"} if value.get("k") in small else set()
        if "segment" in value and value.get("units", SMALL_CELL) < SMALL_CELL:
            cells |= set(value) - {"k", "segment"}  # nothing is told of such a segment
        return {name: None if name in cells else hidden(v) for name, v in value.items()}

    shown: dict[str, Any] = hidden(number)
    if "flow" in shown:  # an edge too thin to be kept is what the others leave of a segment
        aside = small | {k - 1 for k in small}
        kept = [e for e in number["flow"]["edges"] if e["k"] not in aside and e["units"] >= SMALL_CELL]
        shown["flow"]["edges"] = kept
    return shown
