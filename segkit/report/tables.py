"""Tables that every study has, ready to show."""

from __future__ import annotations

import pandas as pd

from ..engine.external import PERSONAL_CELL
from ..engine.kselection import KSelection
from ..engine.meaning import Cards, Profile
from ..features.table import FeatureTable
from ..privacy import SMALL_CELL
from ..vocabulary import Vocabulary
from . import prose
from .findings import few
from .show import Shown, table

INDICES = {"silhouette": "Silhouette", "davies_bouldin": "Davies-Bouldin", "calinski_harabasz": "Calinski-Harabasz"}


def named(frame: pd.DataFrame, cards: Cards) -> pd.DataFrame:
    """Put names beside segment numbers, and leave out what is suppressed: small segments, and shares that cover few."""
    names = {c.id: c.name for c in cards}
    out = frame.copy()
    out.insert(1, "name", out["segment"].map(names))
    if "units" not in out.columns:
        return out
    shown = {c.id for c in cards if c.size is not None}
    out = out[out["segment"].isin(shown)].copy()
    active = out["share_any"] * out["units"]
    least = SMALL_CELL + (PERSONAL_CELL - SMALL_CELL) * out["feature"].str.startswith("category: ")
    few = out["feature"].str.contains("share|category") & (active > 0.5) & (active < least - 0.5)
    out.loc[few, ["q25", "median", "q75", "mean", "share_any"]] = float("nan")
    return out


def category_mix(cards: Cards, profiled: Profile, features: FeatureTable, terms: Vocabulary) -> Shown:
    """Show the mean share of each category in each segment."""
    names = [c for c in features.columns if c.block == "category"]
    shown = [c for c in cards if c.medians]
    rows = [{"segment": c.name, **{n.name: cell(profiled, c.id, n.name, "mean") for n in names}} for c in shown]
    frame = pd.DataFrame(rows)
    return table(
        frame, "tbl-category-mix",
        f"**{_commonest(frame, {n.name: n.label for n in names})}** Mean over {terms.units} of the share of their {terms.events} "
        f"with a label.{dashes(frame, terms, 'ten')}",
        {n.name: prose.percent for n in names}, headings={n.name: n.label for n in names},
    )  # fmt: skip


def _commonest(frame: pd.DataFrame, labels: dict[str, str]) -> str:
    """State which label leads; what is hidden counts as one label, so that it cannot lead unseen."""
    shares = frame[list(labels)].astype("float64")
    first = shares.fillna(-1.0).idxmax(axis=1) if len(shares) else pd.Series(dtype="object")
    sure = shares.max(axis=1) >= (1 - shares.sum(axis=1)).where(shares.isna().any(axis=1), 0.0)
    if not len(first) or not sure.all():
        return "Labels by segment."
    if first.nunique() == 1:
        return f"“{labels[first.iloc[0]]}” is the commonest label in every segment."
    return "Segments differ in their commonest label."


def cell(profiled: Profile, segment: int, feature: str, statistic: str) -> float:
    """Return a statistic of a share, or NaN where the share is above zero for too few units."""
    minimum = PERSONAL_CELL if feature.startswith("category: ") else None
    return float("nan") if few(profiled, segment, feature, minimum) else profiled.value(segment, feature, statistic)


def dashes(frame: pd.DataFrame, terms: Vocabulary, least: str = "five") -> str:
    """Explain the dashes of a table, if it has any."""
    return (
        f" A dash stands for a number that would tell of fewer than {least} {terms.units}."
        if frame.isna().any(axis=None)
        else ""
    )


def k_table(selection: KSelection) -> Shown:
    """Show the internal indices for each K."""
    frame = selection.table.drop(columns=["smallest", *selection.table.filter(regex="_se$")])
    small = selection.table["smallest"] < SMALL_CELL
    export = selection.table.assign(smallest=selection.table["smallest"].astype("Int64").mask(small))
    alone: dict[int, list[str]] = {}
    for index, k in selection.by.items():
        alone.setdefault(k, []).append(INDICES[index])
    chosen = [
        f"{prose.join(names)} {'alone would choose ' * (not i)}{prose.word(k)}"
        for i, (k, names) in enumerate(alone.items())
    ]
    inertia = (
        "Inertia falls with every segment that is added and chooses nothing by itself."
        if bool(frame["inertia"].dropna().is_monotonic_decreasing)
        else "Inertia is not what these segments were made by, so it need not fall with every segment that is added."
    )
    return table(
        frame, "tbl-k",
        f"**{', '.join(chosen)}.** {inertia}",
        {"inertia": lambda v: f"{v:,.2f}", "silhouette": _three, "davies_bouldin": _three,
         "calinski_harabasz": lambda v: f"{v:,.1f}", "separation": _three},
        headings=INDICES, export=export,
    )  # fmt: skip


def _three(value: object) -> str:
    return f"{value:.3f}"


def keys(frame: pd.DataFrame) -> Shown:
    """List the keys of results.json."""
    return table(
        frame, "tbl-keys", f"**{prose.plural(len(frame), 'key')} of results.json, and what they hold.**", stack=True
    )
