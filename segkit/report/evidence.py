"""Claims of the front page, each with its number and a verdict that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..engine.krule import HAND, KDecision
from ..engine.matrix import ModelMatrix
from ..engine.meaning import Cards
from ..engine.segments import Segments
from .findings import SILENCED
from .number import beside
from .prose import capital, percent, word

# Kaufman and Rousseeuw (1990), table 4: average silhouette above 0.5 is a reasonable structure, above 0.25 a weak one.
REASONABLE, WEAK = 0.5, 0.25
RECOVERED = 0.9
TONES = {"holds": "ok", "partly": "mid", "weak": "mid", "a choice": "no", "does not hold": "no"}


@dataclass(frozen=True)
class Evidence:
    """The claims of the front page, each with its number and a verdict that follows from it."""

    table: pd.DataFrame

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def claims(
    matrix: ModelMatrix, segments: Segments, decision: KDecision, cards: Cards, recovered: float | None = None
) -> Evidence:
    """Set claims against numbers.

    Parameters
    ----------
    matrix, segments, decision, cards
        Results of the study.
    recovered : float, optional
        Adjusted Rand index with the planted segments, where the data are simulated.
    """
    mean = float((segments.silhouette * segments.sizes).sum() / segments.sizes.sum())
    weakest = min((c for c in cards if c.medians), key=lambda c: segments.silhouette[c.id], default=None)
    shares = matrix.table.set_index("block")["variance share"]
    quiet = str(shares.idxmin())
    rows = [
        _number(segments.k, decision),
        (
            "The segments lie apart",
            f"mean silhouette; a reasonable structure from {REASONABLE}, a weak one from {WEAK}",
            f"{mean:.2f}",
            _strength(mean),
        ),
        (
            "All blocks of features have a say",
            f"smallest share of the variance that the clustering sees: {quiet}",
            percent(float(shares.min())),
            "holds" if shares.min() >= 0.5 / len(shares) else "weak"
            if shares.min() >= SILENCED else "does not hold",
        ),
    ]  # fmt: skip
    if weakest is not None:
        lowest = float(segments.silhouette[weakest.id])
        rows.insert(
            2,
            ("So does each of them", f"lowest mean silhouette of a segment: {weakest.short}", f"{lowest:.2f}",
             _strength(lowest)),
        )  # fmt: skip
    if recovered is not None:
        rows.append(
            ("The planted segments are found", "adjusted Rand index with the truth of the simulation",
             f"{recovered:.2f}", "holds" if recovered >= RECOVERED else "does not hold")
        )  # fmt: skip
    return Evidence(pd.DataFrame(rows, columns=["Claim", "Evidence", "Value", "Verdict"]))


def _number(k: int, decision: KDecision) -> tuple[str, str, str, str]:
    """Return the row on the number of segments."""
    ask, by_hand = decision.params, decision.set == HAND
    row = decision.table[decision.table["k"] == k]
    known = not row.empty and not row[["prediction_strength", "jaccard"]].isna().any(axis=None)
    value = (
        " and ".join(beside(float(row[name].iloc[0]), ask[name]) for name in ("prediction_strength", "jaccard"))
        if known
        else "not measured"
    )
    verdict = "holds" if k == decision.rule else "a choice" if by_hand else "does not hold"
    said = "set by hand; " if by_hand else "shown for illustration; " if decision.illustration else ""
    rule = (
        f"prediction strength and the similarity of the segment that comes back least; the rule asks for "
        f"{ask['prediction_strength']:g} and {ask['jaccard']:g}"
    )
    return f"{capital(word(k))} segments", said + rule, value, verdict


def _strength(silhouette: float) -> str:
    if silhouette >= REASONABLE:
        return "holds"
    return "weak" if silhouette >= WEAK else "does not hold"
