"""What a kind of study says of its table of features, before anything is computed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..engine import grid
from ..engine.clusterer import Clusterer
from ..engine.silhouettes import EXACT
from .base import Study

DEFENSIBLE = {"scaler": ("robust", "standard", "quantile-normal"), "clip": (0.0, 0.005, 0.01), "cap": (10.0, np.inf)}


class Clustered(Study):
    """A study as far as it is about a table of features: of people who call, of leads, of anything."""

    @property
    def model_frame(self) -> pd.DataFrame:
        """The features that are clustered, raw, one row per unit."""
        raise NotImplementedError

    @property
    def described(self) -> pd.DataFrame:
        """All that is known of each unit: the features, and what took no part."""
        return self.model_frame

    @property
    def blocks(self) -> Mapping[str, Sequence[str]]:
        """The names of the features, by block."""
        raise NotImplementedError

    @property
    def limits(self) -> dict[str, Any]:
        """What `fit_matrix` is told of clipping, cap and scaler."""
        raise NotImplementedError

    scaling = "robust"  # the name, among `engine.scalers.MAKERS`, of the scaler in use

    @property
    def loop(self) -> Clusterer:
        """What parts the units of resamples."""
        raise NotImplementedError

    @property
    def final(self) -> Clusterer:
        """What makes the partition in use."""
        raise NotImplementedError

    @property
    def seed(self) -> int:
        """The seed of everything."""
        raise NotImplementedError

    @property
    def ks(self) -> Sequence[int]:
        """The numbers of segments to compare."""
        raise NotImplementedError

    @property
    def by_hand(self) -> int | None:
        """The number of segments that somebody chose; None to go by the rule."""
        raise NotImplementedError

    @property
    def effort(self) -> Any:
        """How much resampling there is, as in `table.Effort`."""
        raise NotImplementedError

    @property
    def measured(self) -> int:
        """How many units stand for all where distances between very many are measured."""
        return EXACT

    @property
    def drawn(self) -> int | None:
        """How many units stand for very many where the same ones are in all resamples; None for as many as is usual."""
        return None

    @property
    def seeds(self) -> int:
        """From how many seeds k-means is started anew."""
        return 50

    @property
    def grid(self) -> grid.Grid:
        """What could well have been chosen instead."""
        names, limits = list(self.model_frame.columns), self.limits
        skewed = [n for n in names if self.model_frame[n].min() >= 0 and self.model_frame[n].skew() > 1]
        logs = grid.log_sets(names, [], skewed) if skewed else {"as given": grid.FeatureSet(tuple(names))}
        return grid.Grid(
            logs=logs,
            units={"all": np.ones(len(self.model_frame), dtype=bool)},
            defensible={**DEFENSIBLE, **{n: (*DEFENSIBLE[n], limits[n]) for n in ("clip", "cap")}},
        )

    @property
    def aside(self) -> dict[str, list[str]]:
        """Blocks of what is described that took no part, and could have."""
        return {}

    @property
    def actions(self) -> Mapping[int, str] | None:
        """What cards say is to be done, by segment, where that follows from rates; None where it is told otherwise."""
        return None

    @property
    def reasons(self) -> Mapping[int, str] | None:
        """Why, in numbers that may be told; None where cards hold no such numbers."""
        return None

    @property
    def sampled(self) -> pd.Series | None:
        """Who each unit is of, by unit, where the units are not those who were sampled; else None."""
        return None

    @property
    def told_by(self) -> list[str]:
        """The features that rules may name."""
        return list(self.model_frame.columns)
