"""The rule that decides how many segments there are, and what each criterion alone would choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..privacy import SMALL_CELL
from ..thresholds import JACCARD, PREDICTION_STRENGTH
from .consensus import Consensus
from .gap import BOXES, Gap
from .instability import Instability
from .kselection import KSelection
from .prediction import PredictionStrength

RULE, HAND = "by rule", "by hand"
CRITERIA = (
    "prediction_strength", "jaccard", "instability", "pac", "gap_principal_components", "gap_original_axes",
    "silhouette", "davies_bouldin", "calinski_harabasz", "separation", "inertia_knee",
)  # fmt: skip


@dataclass(frozen=True)
class KDecision:
    """How many segments, by what rule, and what others would say.

    Attributes
    ----------
    k : int
        The answer: that of the rule, or the number set by hand. 1 means no segmentation.
    shown : int
        The number of segments that pages show: ``k``, or where the rule finds none, the K of at least 2 whose least
        stable segment is the most stable, among those without a segment that is too small to be shown.
    set : str
        ``by rule`` or ``by hand``.
    rule : int
        The answer of the rule, whether it is used or not.
    table : DataFrame
        Columns ``k``, ``prediction_strength``, ``jaccard`` (of the segment that comes back least), ``qualifies``.
    by : mapping of str to int or None
        What each criterion alone would choose; None where it chooses nothing.
    missing : mapping of str to str
        Why a criterion has no choice.
    params : dict
        The thresholds.
    """

    k: int
    shown: int
    set: str
    rule: int
    table: pd.DataFrame
    by: Mapping[str, int | None]
    missing: Mapping[str, str]
    params: dict[str, Any]

    @property
    def found(self) -> bool:
        """Whether the rule finds a segmentation."""
        return self.rule > 1

    @property
    def illustration(self) -> bool:
        """Whether the segments that are shown are none that the rule finds, nor set by hand."""
        return self.k == 1

    def to_json(self) -> dict[str, Any]:
        """Return the decision as plain values."""
        return {
            "chosen": self.k, "shown": self.shown, "set": self.set, "rule": {**self.params, "k": self.rule},
            "qualifies": self.table.to_dict("records"), "by": dict(self.by), "missing": dict(self.missing),
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def decide(
    selection: KSelection,
    prediction: PredictionStrength,
    bootstrap: Instability,
    gap: Gap,
    pairs: Consensus,
    *,
    strength: float = PREDICTION_STRENGTH,
    jaccard: float = JACCARD,
    by_hand: int | None = None,
) -> KDecision:
    """Apply the rule: the largest K that enough of both prediction strength and stability stands behind.

    Parameters
    ----------
    selection : KSelection
    prediction : PredictionStrength
    bootstrap : Instability
    gap : Gap
    pairs : Consensus
    strength : float
        Least mean prediction strength.
    jaccard : float
        Least mean bootstrap Jaccard similarity of every segment.
    by_hand : int, optional
        The number that is used whatever the rule says.

    Notes
    -----
    Tibshirani and Walther (2005) recommend the largest K with a strength of 0.8 to 0.9; to Hennig (2007) a segment is
    stable from a mean similarity of 0.75 on. The rule asks for both, of every segment; where no K of at least 2 has
    them, the answer is one.
    """
    table = qualifying(prediction, bootstrap, strength, jaccard)
    rule = largest(table)
    k = by_hand if by_hand is not None else rule
    by, missing = _choices(selection, prediction, bootstrap, gap, pairs, strength, jaccard)
    return KDecision(
        k=k,
        shown=k if k > 1 else _fallback(bootstrap, selection),
        set=RULE if by_hand is None else HAND,
        rule=rule,
        table=table,
        by=by,
        missing=missing,
        params={"prediction_strength": strength, "jaccard": jaccard},
    )


def qualifying(prediction: PredictionStrength, bootstrap: Instability, strength: float, jaccard: float) -> pd.DataFrame:
    """Return what the rule looks at, for each K: columns ``k``, ``prediction_strength``, ``jaccard``, ``qualifies``."""
    table = prediction.table[["k", "strength"]].rename(columns={"strength": "prediction_strength"})
    table = table.merge(bootstrap.table[["k", "jaccard"]], on="k", how="outer").sort_values("k", ignore_index=True)
    table["qualifies"] = (table["prediction_strength"] >= strength) & (table["jaccard"] >= jaccard)
    return table


def largest(table: pd.DataFrame) -> int:
    """Return the largest K that qualifies, 1 where none does."""
    good = table.loc[table["qualifies"], "k"]
    return int(good.max()) if len(good) else 1


def _fallback(bootstrap: Instability, selection: KSelection) -> int:
    """Return the K to show where there is none to choose: its least stable segment is the most stable; ties upward.

    A partition with a segment that is too small to be shown illustrates nothing, and segments of few units come back in
    bootstrap samples by themselves; such K are left out. Where no K is left, the smallest hides least.
    """
    shown = selection.table.loc[selection.table["smallest"] >= SMALL_CELL, "k"]
    known = bootstrap.table.dropna(subset="jaccard")
    known = known[known["k"].isin(shown)]
    if known.empty:
        return int(selection.table["k"].min())
    return int(known.loc[known["jaccard"] >= known["jaccard"].max() - 1e-12, "k"].max())


def _choices(
    selection: KSelection,
    prediction: PredictionStrength,
    bootstrap: Instability,
    gap: Gap,
    pairs: Consensus,
    strength: float,
    jaccard: float,
) -> tuple[dict[str, int | None], dict[str, str]]:
    few = "too few distinct units for a fit of their resamples"
    by: dict[str, int | None] = dict.fromkeys(CRITERIA)
    missing: dict[str, str] = {}
    measured = {
        "prediction_strength": (prediction.table["strength"].notna().any(), lambda: prediction.choice(strength)),
        "jaccard": (bootstrap.table["jaccard"].notna().any(), lambda: bootstrap.choice(jaccard)),
        "instability": (bootstrap.least is not None, lambda: bootstrap.least),
        "pac": (pairs.least is not None, lambda: pairs.least),
    }
    for name, (known, choice) in measured.items():
        if known:
            by[name] = choice()
        else:
            missing[name] = few
    for box in BOXES:
        name = f"gap_{box.replace(' ', '_')}"
        by[name] = gap.choice(box)
        if by[name] is None:
            missing[name] = "no number of segments meets its rule"
    by |= {"separation": selection.most_separate, "inertia_knee": selection.knee, **selection.by}
    if selection.most_separate is None and selection.table["separation"].notna().any():
        missing["separation"] = "the separation is the same for all numbers"
    if selection.knee is None:
        missing["inertia_knee"] = "too few numbers of segments for a bend"
    return by, missing
