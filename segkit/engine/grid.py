"""The choices of preprocessing that could have been made otherwise, and their levels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

SCALERS = ("robust", "standard", "quantile-normal", "min-max", "Yeo-Johnson")  # see `scalers.MAKERS`
DIMENSIONS = ("scaler", "clip", "cap", "logs", "units")


@dataclass(frozen=True)
class FeatureSet:
    """Which features make the matrix, and which of them are logged first: x becomes ln(1 + x)."""

    names: tuple[str, ...]
    logged: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Grid:
    """The choices and their levels; the first level of ``logs`` and ``units`` is the one in use.

    Attributes
    ----------
    logs : mapping of str to FeatureSet
    units : mapping of str to array of bool, length n_units
        Which units take part.
    scaler : tuple of str
        Of ``SCALERS``.
    clip : tuple of float
        Tail probabilities; 0 is no clipping.
    cap : tuple of float
        Bounds after scaling; infinity is none.
    defensible : mapping of str to collection
        Levels that could well have been chosen, by dimension; a dimension that is left out has all of them.
    """

    logs: Mapping[str, FeatureSet]
    units: Mapping[str, NDArray[np.bool_]]
    scaler: tuple[str, ...] = SCALERS
    clip: tuple[float, ...] = (0.0, 0.005, 0.01, 0.025)
    cap: tuple[float, ...] = (5.0, 10.0, math.inf)
    defensible: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def levels(self, used: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Return the levels by dimension, the numbers in order and with what is in use among them."""
        return {
            "scaler": list(self.scaler),
            "clip": sorted({*self.clip, used["clip"]}),
            "cap": sorted({*self.cap, used["cap"]}),
            "logs": list(self.logs),
            "units": list(self.units),
        }

    def allows(self, level: Mapping[str, Any]) -> bool:
        """Tell whether an arm lies in the defensible subset."""
        return all(level[d] in allowed for d, allowed in self.defensible.items())


def log_sets(names: Sequence[str], copies: Iterable[str], skewed: Iterable[str]) -> dict[str, FeatureSet]:
    """Return three sets: as it is, without logged copies, and with counts and durations logged instead of copied.

    Parameters
    ----------
    names : sequence of str
        The model's features.
    copies : iterable of str
        Those of them that are logarithms of others.
    skewed : iterable of str
        Those that are counts and durations.
    """
    plain = tuple(n for n in names if n not in set(copies))
    return {
        "as published": FeatureSet(tuple(names)),
        "none": FeatureSet(plain),
        "all": FeatureSet(plain, frozenset(skewed) & set(plain)),
    }
