"""What results.json tells of the number of segments, without sizes that would give single units away."""

from __future__ import annotations

from typing import Any

from ..privacy import SMALL_CELL


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
