"""Small results of the study of markets, made by hand, for the tests of what its pages say."""

from __future__ import annotations

import math
from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pandas as pd

from segkit.contract import SALES
from segkit.engine.coassignment import Chance, Coassignment, coassigned
from segkit.engine.consensus import Consensus
from segkit.engine.gap import BOXES, Gap
from segkit.engine.instability import Instability
from segkit.engine.krule import HAND, RULE, KDecision, decide
from segkit.engine.kselection import KSelection
from segkit.engine.meaning import Card, Cards
from segkit.engine.prediction import PredictionStrength

TERMS = SALES.terms
MARKETS = ["North", "South", "East", "West", "<b>Mid*", "Far"]
OWN = pd.Series([1, 1, 1, 2, 2, 3], MARKETS)
STRANGE = r"\bnan\b|\binf\b|None|\{|\(\s|\s[.,;]|  |\.\.|\. [a-z]|,,|;;"


def cards(*actions: str, names: tuple[str, ...] = ("Large, growing", "Small, mixed", "Small, falling")) -> Cards:
    """Make cards of the segments of `OWN`, or of the first of them."""
    doing = actions or ("Plan for growth.", "Plan each.", "Look for the reason.")
    sizes = (3, 2, 1)
    items = [
        Card(i + 1, str(i), n, n, "", a, sizes[i], sizes[i] / 6, {"level": 1.0})
        for i, (n, a) in enumerate(zip(names, doing, strict=False))
    ]
    return Cards(tuple(items), 6)


def members(grown: float = 0.1) -> pd.DataFrame:
    """One row per market, as the study has it."""
    revenue = np.array([50.0, 20, 10, 10, 6, 4])
    return pd.DataFrame(
        {"market": MARKETS, "segment": OWN.to_numpy(), "name": "a", "confidence": 0.9, "revenue": revenue, "quantity": 5.0,
         "growth": grown, "rule": "level <= 3", "share": revenue / 100, "country": "X", "group": ""}
    )  # fmt: skip


def draws(
    kind: str = "some", *, best: list[float] | None = None, chance: float | None = 0.02, shift: float = 0.0
) -> Coassignment:
    """Make four draws of customers: all "sure", "some" not, "lost" (all shuffled), or "none" that could be divided."""
    labels = {i: OWN.astype(float) for i in range(4)}
    if kind == "some":
        labels[3] = pd.Series([1.0, 1, 1, 2, 1, 3], MARKETS)
    if kind == "lost":
        labels = {i: pd.Series(np.roll(OWN.to_numpy(float), i + 1), MARKETS) for i in range(4)}
    if kind == "none":
        labels = {i: pd.Series(math.nan, MARKETS) for i in range(4)}
    worlds = None if chance is None else Chance(0.6, 0.8, chance, 99)
    found = coassigned(pd.DataFrame(labels), OWN, chance=worlds, best=best)
    object.__setattr__(found, "shift", pd.Series({"level": shift, "growth": 0.2}))
    return found


KS = [2, 3, 4]


def selection(*, single: bool = True) -> KSelection:
    """Make the indices; three is best by the silhouette, and its third segment is one market."""
    least = [2, 1 if single else 2, 1 if single else 2]
    table = pd.DataFrame(
        {"k": KS, "inertia": [9.0, 4, 3], "silhouette": [0.3, 0.5, 0.2], "davies_bouldin": [1.0, 0.5, 0.9],
         "calinski_harabasz": [5.0, 9, 4], "separation": [1.0, 2, 1.5], "smallest": least}
    )  # fmt: skip
    rows = [(k, s + 1, n, 0.4) for k, n in zip(KS, least, strict=True) for s, n in enumerate([n] + [3] * (k - 1))]
    return KSelection(table, {}, 1, pd.DataFrame(rows, columns=["k", "segment", "units", "silhouette"]))


def evidence(strength: tuple[float, ...] = (0.9, 0.85, 0.4)) -> tuple[Any, ...]:
    """Make prediction strength, instability, gap and consensus."""
    ps = pd.DataFrame({"k": KS, "strength": strength, "sd": 0.1, "q05": 0.3, "splits": 5, "tiny": 0.2})
    jaccard = pd.DataFrame(
        {"k": KS, "instability": [0.1, 0.05, 0.2], "instability_se": 0.01, "ari": 0.7, "pairs": 5, "jaccard": [0.8, 0.9, 0.5],
         "fits": 5}
    )  # fmt: skip
    gaps = pd.DataFrame(
        [(b, k, 1.0, 1.5, 0.1 * k, 0.05, 0.0) for b in BOXES for k in (1, *KS)],
        columns=["box", "k", "log_w", "reference", "gap", "s", "log_w_se"],
    )
    pac = pd.DataFrame({"k": KS, "pac": [0.2, 0.1, 0.3], "pac_se": 0.0, "subsamples": 5})
    return (
        PredictionStrength(ps, {}, 1), Instability(jaccard, pd.DataFrame(), {}, 1), Gap(gaps, {"ks": [1, *KS]}, 1),
        Consensus(pac, {}, 1),
    )  # fmt: skip


def decision(kind: str = "rule") -> KDecision:
    """Decide by "rule" (three), by "hand" (two), or find "none"."""
    ps, boot, gap, pairs = evidence((0.5, 0.4, 0.3) if kind == "none" else (0.9, 0.85, 0.4))
    found = decide(selection(), ps, boot, gap, pairs, by_hand=2 if kind == "hand" else None)
    assert found.set == (HAND if kind == "hand" else RULE)
    return found


def unsegmented(none: bool) -> Plain:
    """Stand in for a verdict."""
    return Plain(word="no segmentation" if none else "reproducible")
