"""Events: whether the segments depend on what we chose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...engine import grid, populations
from ...engine.external import PERSONAL_CELL
from .. import evidence_results
from ..base import step
from .segments import EventSegments, commonest_label

TOP = 0.99  # quantile of the events beyond which units are left out
# What could well have been chosen instead; all units and the published logarithms are kept.
DEFENSIBLE = {
    "scaler": ("robust", "standard", "quantile-normal"),
    "clip": (0.005, 0.01, 0.025),
    "cap": (5.0, 10.0),
    "logs": ("as published",),
    "units": ("all",),
}


def parts(events: pd.Series, label: pd.Series) -> dict[str, NDArray[np.bool_]]:
    """Return who takes part where some units are left out: those of few events, of most events, of each label."""
    out: dict[str, NDArray[np.bool_]] = {
        "min_events_2": (events >= 2).to_numpy(),
        "min_events_3": (events >= 3).to_numpy(),
        "without_top_1_percent": (events <= events.quantile(TOP)).to_numpy(),
    }
    for name in label.dropna().unique():
        key = f"without_{name}"
        out[f"without_label {name}" if key in out else key] = (label != name).to_numpy()
    return out


class EventChoices(EventSegments):
    """Answers about our choices."""

    @property
    def aside(self) -> dict[str, list[str]]:
        """The labels of the log, which took no part."""
        return (
            {"category": [c.name for c in self.features.columns if c.block == "category"]}
            if self.has_categories
            else {}
        )

    @property
    def grid(self) -> grid.Grid:
        """Other scales, limits, logarithms and units."""
        s, f, m = self.settings, self.features, self.measures
        model = [c for c in f.columns if c.block in f.model_blocks]
        copies = [c.name for c in model if c.unit == "log"]
        skewed = [c.name for c in model if c.block in m.sizes and c.unit not in ("log", "share")]
        events = f.frame[m.count.name].to_numpy()
        return grid.Grid(
            logs=grid.log_sets([c.name for c in model], copies, skewed),
            units={"all": np.ones(len(events), dtype=bool), "two or more": events >= 2},
            defensible={**DEFENSIBLE, "clip": (*DEFENSIBLE["clip"], s.clip), "cap": (*DEFENSIBLE["cap"], s.cap)},
        )

    @step
    def populations(self) -> populations.Populations:
        """What leaving out units does to the partition."""
        f = self.features
        return populations.populations(
            f.frame,
            f.blocks,
            self.segments,
            parts(f.frame[self.measures.count.name], commonest_label(f)),
            clusterer=self.loop,
            minimum=PERSONAL_CELL,
            **self.limits,
        )

    def results(self) -> dict[str, Any]:
        """Return the numbers about our choices too, and those about other samples."""
        return {
            **super().results(),
            "convergence": self.convergence.to_json() if self.convergence else None,
            "jaccard": evidence_results.recurrence(self, self.cards),
            "pipeline_bootstrap": self.pipeline_bootstrap.to_json(),
            "sensitivity": self.sensitivity.to_json(),
            "multiverse": self.multiverse.to_json(),
            "population": self.populations.to_json(),
            "algorithms": self.algorithms.to_json(),
        }
