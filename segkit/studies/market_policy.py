"""What segments of markets are called, and what to do with them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..engine.meaning import distinct
from ..engine.verdict import NONE

GROWING, FALLING, MIXED = "growing", "falling", "mixed"
ACTIONS = {
    GROWING: "Plan for growth: revenue of each of these markets rose over the last twelve months.",
    FALLING: "Look for the reason first: revenue of each of these markets fell over the last twelve months.",
    MIXED: "Plan each market by its own figures: some rose and some fell over the last twelve months.",
}
UNKNOWN = "Plan each market by its own figures: there are too few months to tell growth."
DESCRIBED = "Description only: rank the markets and plan each by its own figures."
STEADY = 0.02  # growth on the log scale that is no direction
APART = 0.75  # standard deviations by which a segment is larger or smaller than all markets


def direction(growth: Sequence[float]) -> str:
    """Return where the revenue of all markets of a segment went; empty where that is not known of one.

    >>> [direction(g) for g in ((0.1, 0.2), (-0.1,), (0.1, -0.3), (0.0, 0.3), (float("nan"), 0.1))]
    ['growing', 'falling', 'mixed', 'mixed', '']
    """
    known = pd.Series(growth, dtype="float64")
    if known.isna().any():
        return ""
    return GROWING if (known > STEADY).all() else FALLING if (known < -STEADY).all() else MIXED


def actions(growth: pd.Series, labels: pd.Series, *, verdict: str) -> dict[int, str]:
    """Return what to do with the markets of each segment; one place says it, for cards and pages alike.

    Parameters
    ----------
    growth : Series
        Of each market over the last twelve months, a logarithm.
    labels : Series of int
    verdict : str
        Its word; where there is no segmentation nothing is recommended.
    """
    own = {int(s): direction(g.tolist()) for s, g in growth.groupby(labels)}
    return {s: DESCRIBED if verdict == NONE else ACTIONS.get(d, UNKNOWN) for s, d in own.items()}


def names(level: pd.Series, growth: pd.Series, labels: pd.Series) -> dict[int, str]:
    """Return the name of each segment: how large its markets are beside all, and where their revenue goes.

    Parameters
    ----------
    level : Series
        Logarithm of the mean monthly revenue of each market.
    growth : Series
        Over the last twelve months, a logarithm.
    labels : Series of int

    Examples
    --------
    >>> at = list("abcd")
    >>> level, growth = pd.Series([9.0, 9, 1, 1], at), pd.Series([0.1, 0.2, -0.1, 0.3], at)
    >>> names(level, growth, pd.Series([2, 2, 1, 1], at))
    {2: 'Large, growing', 1: 'Small, mixed'}
    """
    spread = float(level.std()) or 1.0
    z = (level.groupby(labels).mean() - level.mean()) / spread
    largest = z.sort_values(ascending=False, kind="stable")
    return distinct({int(s): _name(float(v), direction(growth[labels == s].tolist())) for s, v in largest.items()})


def _name(size: float, way: str) -> str:
    word = "Large" if size > APART else "Small" if size < -APART else "Middle-sized"
    return f"{word}, {way}" if way else word
