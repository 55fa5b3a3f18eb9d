"""What results.json tells of the evidence, without sizes that would give single units away."""

from __future__ import annotations

from typing import Any

from ..engine.meaning import Cards
from ..privacy import SMALL_CELL
from .evidence import Evidence


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


def number(study: Evidence, **others: int | None) -> dict[str, Any]:
    """Return what led to the number of segments; ``others`` are choices that were not ours."""
    decision, indices = study.k_decision.to_json(), study.k_selection.to_json()
    by = {**decision.pop("by"), "rule": study.k_decision.rule, **others}
    return hide_small(
        {
            **decision,
            "by": by,
            **{name: indices[name] for name in ("indices", "segment_silhouettes", "params", "seed")},
            "gap": study.gap.to_json(),
            "prediction_strength": study.prediction.to_json(),
            "instability": study.instability.to_json(),
            "consensus": study.consensus.to_json(),
            "resampled": study.k_resampling.to_json(),
            "borders": study.borders.to_json() if study.borders is not None else None,
            "scales": study.other_scales.to_json() if study.other_scales is not None else None,
            "flow": study.segment_flow.to_json(),
        }
    )


def silhouette(study: Evidence, cards: Cards) -> dict[str, Any]:
    """Return the mean silhouette, of all units and by segment."""
    score = study.segments.silhouette
    return {
        "mean": study.segments.mean_silhouette,
        "by_segment": {c.name: float(score[c.id]) if c.medians else None for c in cards},
    }


def evidence(study: Any, cards: Cards) -> dict[str, Any]:
    """Return what results of studies without events tell of their segments, in the same order."""
    choices = (
        {} if study.multiverse is None
        else {"multiverse": study.multiverse.to_json(), "population": study.populations.to_json()}
    )  # fmt: skip
    return {
        "silhouette": silhouette(study, cards),
        "nulls": study.nulls.to_json(),
        "convergence": study.convergence.to_json() if study.convergence else None,
        "jaccard": recurrence(study, cards),
        "pipeline_bootstrap": study.pipeline_bootstrap.to_json(),
        "sensitivity": study.sensitivity.to_json(),
        **choices,
        "algorithms": study.algorithms.to_json(),
        "simulation": {"recovered_ari": study.recovered},
        "verdict": study.verdict.to_json(),
    }


def recurrence(study: Evidence, cards: Cards) -> dict[str, Any]:
    """Return how much of each segment comes back in other samples; nothing of segments that are not shown."""
    shown, found = {str(c.id) for c in cards if c.medians}, study.jaccard.to_json()
    schemes = {n: {s: v if s in shown else None for s, v in rows.items()} for n, rows in found["schemes"].items()}
    means = {str(s): found[str(s)] if str(s) in shown else None for s in range(1, study.segments.k + 1)}
    return {**found, **means, "schemes": schemes}
