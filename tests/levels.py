"""Whether data sets beat a null, with no more drawing than the answer takes: for tests of how often they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import log

import pandas as pd
import pytest

from segkit.engine import nulls
from segkit.engine.null_statistics import Plan
from segkit.engine.nulls import Replicates, compare

FEW, COUNT = 3, 19


def beats(frame: pd.DataFrame, blocks: Mapping[str, Sequence[str]], null: Replicates, plan: Plan, seed: int) -> bool:
    """Tell whether a data set beats all of 19 of a null, as 1 of 20 does by chance; most are out after the first three.

    What a null draws follows from the seed and the place in the row, so that the first three are three of the nineteen
    (Besag, J. and Clifford, P. (1991). Sequential Monte Carlo p-values. Biometrika, 78, 301-304).
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nulls, "MOST", 1)  # no more sets than that, wherever p lies
        return all(
            compare(frame, blocks, {"null": null}, plan, count=count, seed=seed, jobs=1).row("null")["p"]
            <= 1 / (count + 1)
            for count in (FEW, COUNT)
        )


def seldom(happened: Iterable[bool], rare: float, often: float, *, alarm: float, miss: float) -> bool:
    """Tell whether something happens no more often than is rare, looking until it is clear; what stays open is no yes.

    Wald, A. (1945). Sequential tests of statistical hypotheses. Annals of Mathematical Statistics, 16, 117-186: where its
    share is rare, the answer is no with a chance of ``alarm``; where it is often, yes with one of ``miss``.
    """
    ratio = 0.0
    for hit in happened:
        ratio += log(often / rare) if hit else log((1 - often) / (1 - rare))
        if ratio >= log((1 - miss) / alarm):
            return False
        if ratio <= log(miss / (1 - alarm)):
            return True
    return False
