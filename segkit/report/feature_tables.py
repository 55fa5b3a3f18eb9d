"""What the pages on features and meaning show of effect sizes and shares of variance."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..engine.effects import Effects
from ..engine.matrix import ModelMatrix
from ..engine.meaning import Cards
from ..features.table import FeatureTable
from ..thresholds import SILENCED
from . import prose
from .findings import quoted
from .prose import capital, join, percent
from .show import Shown, table


def feature_table(features: FeatureTable, matrix: ModelMatrix) -> Shown:
    """Show every feature with its quartiles and its share of what the clustering sees."""
    shares = matrix.variance_shares
    quartiles = features.quartiles
    frame = features.table[["feature", "block", "unit", "meaning"]].copy()
    for name, q in (("first quartile", 0.25), ("median", 0.5), ("third quartile", 0.75)):
        frame[name] = [float(quartiles.loc[q, f]) for f in frame["feature"]]
    frame["variance share"] = [float(shares.get(f, float("nan"))) for f in frame["feature"]]
    model = frame[frame["block"].isin(features.model_blocks)]
    top = model.loc[model["variance share"].idxmax()]
    numbers = dict.fromkeys(["first quartile", "median", "third quartile"], lambda v: prose.number(float(v), 2))
    return table(
        model.drop(columns=["unit"]),
        "tbl-features",
        f"**{_named(features.labels[str(top['feature'])])} holds {percent(float(top['variance share']))} of the variance that "
        "the clustering sees, the most of all features.** Quartiles in raw units; variance after preprocessing.",
        {**numbers, "variance share": percent},
        export=frame,
    )


def half(matrix: ModelMatrix) -> int:
    """Return how many features, those with the largest shares first, hold half of the variance or more."""
    shares = matrix.variance_shares.sort_values(ascending=False)
    return int((shares.cumsum() < 0.5 - 1e-9).sum()) + 1


def block_table(matrix: ModelMatrix) -> Shown:
    """Show the share of the variance of each block."""
    frame = matrix.table.sort_values("variance share", ascending=False, ignore_index=True)
    quiet = frame[frame["variance share"] < SILENCED]["block"].tolist()
    finding = (
        f"{capital(join(quiet))} {'has' if len(quiet) == 1 else 'have'} almost no weight."
        if quiet
        else "Every block carries weight."
    )
    return table(
        frame, "tbl-blocks", f"**{finding}** Share of the variance of the model matrix.", {"variance share": percent}
    )


def effect_table(found: Effects, cards: Cards, labels: dict[str, str]) -> Shown:
    """Show effect sizes by feature, and Cliff's delta by segment."""
    shown = [c for c in cards if c.size is not None]
    frame = found.table.sort_values("epsilon_squared", ascending=False, ignore_index=True, kind="stable")
    out = pd.DataFrame({"feature": [_titled(str(f), labels) for f in frame["feature"]]})
    out["η²"], out["ε²"] = frame["eta_squared"], frame["epsilon_squared"]
    for card in shown:
        out[card.short] = found.delta.loc[frame["feature"], card.id].to_numpy()
    own = frame[~frame["feature"].str.startswith("category: ")]  # a label from the data is no text for a caption
    finding = (
        f"{_named(labels[str(own['feature'].iloc[0])])} differs most between segments."
        if len(own) and own["epsilon_squared"].iloc[0] > 0
        else "No feature differs between segments."
    )
    return table(
        out,
        "tbl-effects",
        f"**{finding}** In the order of ε². Share of the variance between segments (η², ε² for ranks) and "
        "Cliff's delta of each segment against all others. No p-values: the same features made the segments.",
        dict.fromkeys(out.columns[1:], lambda v: f"{v:z.2f}"),
    )


def _titled(feature: str, labels: dict[str, str]) -> str:
    return f"label “{labels[feature]}”" if feature.startswith("category: ") else labels[feature]


@dataclass(frozen=True)
class Mark:
    """What tells a segment from all others most clearly: the feature, and whether it is higher there."""

    segment: str
    feature: str
    higher: bool


def told_apart(found: Effects, cards: Cards, labels: dict[str, str]) -> list[Mark]:
    """Return by what each segment that is shown is told from the others."""
    return [
        Mark(quoted(card), _titled(feature, labels), delta > 0)
        for card in cards
        if card.size is not None
        for feature, delta in found.marks(card.id, 1)
    ]


def _named(label: str) -> str:
    """Begin a sentence with a feature; many are called by a plural, and the verb belongs to the feature."""
    return f"“{capital(label)}”"
