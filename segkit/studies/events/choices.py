"""Events: whether the segments depend on what we chose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...engine import algorithms, multiverse, populations, sensitivity
from ...engine.clusterer import KMeansClusterer
from ...engine.external import PERSONAL_CELL
from ...features.table import FeatureTable
from ..base import step
from .segments import EventSegments

TOP = 0.99  # quantile of the events beyond which units are left out
# What could well have been chosen instead; all units and the published logarithms are kept.
DEFENSIBLE = {
    "scaler": ("robust", "standard", "quantile-normal"),
    "clip": (0.005, 0.01, 0.025),
    "cap": (5.0, 10.0),
    "logs": ("as published",),
    "units": ("all",),
}


def commonest_label(features: FeatureTable) -> pd.Series:
    """Return the label that most events of a unit carry, of the commonest ones; missing where it has none of them."""
    kinds = {c.name: c.label for c in features.columns if c.block == "category"}
    shares = features.frame[list(kinds)]
    if not kinds:
        return pd.Series(None, index=shares.index, dtype="object")
    return shares.idxmax(axis=1).map(kinds).where(shares.max(axis=1) > 0)


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

    @step
    def sensitivity(self) -> sensitivity.Sensitivity:
        """What leaving out blocks and features does to the partition."""
        s, f = self.settings, self.features
        extra = {"category": [c.name for c in f.columns if c.block == "category"]} if self.has_categories else {}
        return sensitivity.sensitivity(
            f.frame,
            f.blocks,
            self.matrix,
            self.segments,
            clip=s.clip,
            cap=s.cap,
            extra=extra,
            clusterer=KMeansClusterer(s.restarts),
        )

    @step
    def multiverse(self) -> multiverse.Multiverse:
        """What other scales, limits, logarithms and units do to the partition, in every combination."""
        s, f, m = self.settings, self.features, self.measures
        model = [c for c in f.columns if c.block in f.model_blocks]
        copies = [c.name for c in model if c.unit == "log"]
        skewed = [c.name for c in model if c.block in m.sizes and c.unit not in ("log", "share")]
        events = f.frame[m.count.name].to_numpy()
        grid = multiverse.Grid(
            logs=multiverse.log_sets([c.name for c in model], copies, skewed),
            units={"all": np.ones(len(events), dtype=bool), "two or more": events >= 2},
            defensible={**DEFENSIBLE, "clip": (*DEFENSIBLE["clip"], s.clip), "cap": (*DEFENSIBLE["cap"], s.cap)},
        )
        return multiverse.multiverse(f.frame, self.segments, grid, clip=s.clip, cap=s.cap, least=s.evidence.jaccard)

    @step
    def populations(self) -> populations.Populations:
        """What leaving out units does to the partition."""
        s, f = self.settings, self.features
        return populations.populations(
            f.frame,
            f.blocks,
            self.segments,
            parts(f.frame[self.measures.count.name], commonest_label(f)),
            clip=s.clip,
            cap=s.cap,
            clusterer=KMeansClusterer(s.evidence.starts),
            minimum=PERSONAL_CELL,
        )

    @step
    def algorithms(self) -> algorithms.Algorithms:
        """What other algorithms make of the same matrix."""
        return algorithms.algorithms(self.matrix, self.segments, least=self.settings.evidence.jaccard)

    def results(self) -> dict[str, Any]:
        """Return the numbers about our choices too."""
        return {
            **super().results(),
            "sensitivity": self.sensitivity.to_json(),
            "multiverse": self.multiverse.to_json(),
            "population": self.populations.to_json(),
            "algorithms": self.algorithms.to_json(),
        }
