"""Ways to divide leads of mixed fields, beside each other: facts, a figure and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..engine.arms import ORDER, Arms
from ..thresholds import CLOSE
from . import theme
from .prose import GAP, capital, exact, fixed, join, word
from .show import Cell, Shown, table, tag

LABELS = {
    "factors": "components with k-means", "modes": "k-modes", "classes": "latent classes",
    "gower": "Gower's distance with medoids",
}  # fmt: skip
COLOURS = (theme.SECOND, theme.ACCENT)  # of the record, and of unrelated fields


@dataclass(frozen=True)
class Facts:
    """What the page tells of the comparison.

    Attributes
    ----------
    used, simplest : str
        The way in use, and the simplest.
    chosen : str
        The way that the comparison chooses; empty where it finds none defensible.
    asked : bool
        Whether a setting names the way in use.
    k : int
        Segments in use.
    own : int or None
        The number at which the comparison chooses its way.
    at, beyond, kept, null : str
        The number at which the way in use stands furthest above unrelated fields, by how much, its stability there, and
        theirs; empty where nothing was measured.
    qualified, failed : list of str
        Ways with and without a number of segments that qualifies.
    tied : bool
        Whether a way that is less simple has a larger excess than the one that is chosen.
    units, sampled, splits, nulls, least : int
        Leads, those of them that were measured, halvings and populations of each, and leads that a segment has to have.
    level : float
        The largest p that qualifies.
    bic : int or None
        The number of segments at which the criterion of latent classes is lowest.
    edge : bool
        Whether that is the largest number that was tried.
    lowest, highest : float
        ARI of two ways at the number in use; NaN where they were not compared at it.
    close : float
        From which ARI on partitions are called much the same.
    """

    used: str
    simplest: str
    chosen: str
    asked: bool
    k: int
    own: int | None
    at: str
    beyond: str
    kept: str
    null: str
    qualified: list[str]
    failed: list[str]
    tied: bool
    units: int
    sampled: int
    splits: int
    nulls: int
    least: int
    level: float
    bic: int | None
    edge: bool
    lowest: float
    highest: float
    close: float = CLOSE

    @property
    def compared(self) -> bool:
        """Whether ways were compared at the number in use."""
        return math.isfinite(self.lowest)

    @property
    def overruled(self) -> bool:
        """Whether a setting names another way than the comparison chooses."""
        return self.asked and self.used != self.chosen


def facts(found: Arms, way: str, k: int, *, asked: bool) -> Facts:
    """Collect what the sentences of the page need.

    Parameters
    ----------
    found : Arms
    way : str
        The way in use.
    k : int
        Segments in use.
    asked : bool
        Whether a setting names the way.
    """
    rows, p = found.table, found.params
    good = set(rows.loc[rows["qualifies"], "arm"])
    best = _best(found, way)
    top = rows[rows["qualifies"]]
    bic = rows.dropna(subset="bic")
    pairs = found.agreement.loc[found.agreement["k"] == k, "ari"]
    return Facts(
        used=label(way),
        simplest=label(ORDER[0]),
        chosen=label(found.chosen) if found.chosen else "",
        asked=asked,
        k=k,
        own=found.k,
        at="" if best is None else word(int(best["k"])),
        beyond="" if best is None else fixed(float(best["excess"])),
        kept="" if best is None else fixed(float(best["stability"])),
        null="" if best is None else fixed(float(best["null_stability"])),
        qualified=[label(a) for a in _names(found) if a in good],
        failed=[label(a) for a in _names(found) if a not in good],
        tied=bool(len(top)) and str(top.loc[top["excess"].idxmax(), "arm"]) != found.chosen,
        units=p["units"],
        sampled=p["sampled"],
        splits=p["splits"],
        nulls=p["nulls"],
        least=p["least"],
        level=1 / (p["nulls"] + 1),
        bic=int(bic.loc[bic["bic"].idxmin(), "k"]) if len(bic) else None,
        edge=bool(len(bic)) and int(bic.loc[bic["bic"].idxmin(), "k"]) == int(bic["k"].max()),
        lowest=float(pairs.min()) if len(pairs) else math.nan,
        highest=float(pairs.max()) if len(pairs) else math.nan,
    )


def label(way: str) -> str:
    """Return what a way is called inside a sentence."""
    return LABELS.get(way, way)


def _names(found: Arms) -> list[str]:
    return list(dict.fromkeys(str(a) for a in found.table["arm"]))


def _best(found: Arms, way: str) -> pd.Series | None:
    """Return the row at which a way stands furthest above unrelated fields; a number that qualifies goes first."""
    own = found.table[found.table["arm"] == way].dropna(subset="excess")
    own = own[own["qualifies"]] if own["qualifies"].any() else own
    return None if own.empty else own.loc[own["excess"].idxmax()]


def finding(found: Arms) -> str:
    """Say which way finds most beyond what unrelated fields have."""
    if not found.defensible:
        return "No way finds more than in leads whose fields are unrelated"
    rows = found.table[found.table["qualifies"]]
    top = rows.loc[rows["excess"].idxmax()]
    return (
        f"{capital(label(str(top['arm'])))} {'find' if top['arm'] == 'classes' else 'finds'} most beyond unrelated "
        "fields: a stability "
        f"{fixed(float(top['excess']))} higher, with {word(int(top['k']))} segments"
    )


def figure(found: Arms) -> Figure:
    """Draw stability and that of unrelated fields over the number of segments, a panel for each way."""
    names = _names(found)
    with theme.style():
        drawn, grid = pyplot.subplots(
            len(names), 1, figsize=(5.0, 0.6 + 1.55 * len(names)), sharex=True, sharey=True, squeeze=False
        )
        for name, axes in zip(names, grid[:, 0], strict=True):
            rows = found.table[found.table["arm"] == name]
            axes.plot(
                rows["k"], rows["null_stability"], "s--", color=COLOURS[1], lw=1.4, ms=4, label="unrelated fields"
            )
            axes.plot(rows["k"], rows["stability"], "o-", color=COLOURS[0], lw=1.8, ms=5, label="the file")
            good = rows[rows["qualifies"]]
            axes.plot(good["k"], good["stability"], "o", ms=10, mfc="none", mec=theme.INK, mew=1.0)
            axes.set_title(capital(label(name)), fontweight="normal")
            axes.set_xticks(sorted(set(found.table["k"])))
            axes.set_ylim(-0.15, 1.08)
        grid[0, 0].legend(loc="lower right", fontsize=9, ncols=2)
        grid[len(names) // 2, 0].set_ylabel("stability (ARI of two halves)")
        grid[-1, 0].set_xlabel("number of segments K")
    return drawn


def caption(found: Arms) -> str:
    """State the finding, and what is drawn."""
    p = found.params
    return (
        f"**{finding(found)}.** Solid: how far fits to two halves of the leads agree (ARI, mean of {word(p['splits'])} halvings). "
        f"Dashed: the same where fields are unrelated (mean of {word(p['nulls'])} populations). What counts is the "
        "distance between the two; "
        "rings mark numbers that qualify."
    )


def alt(found: Arms) -> str:
    """Describe the lines at the best number of each way."""
    parts = []
    for name in _names(found):
        best = _best(found, name)
        parts.append(
            f"{capital(label(name))}: not measured"
            if best is None
            else f"{capital(label(name))}: furthest apart at {int(best['k'])}, {fixed(best['stability'])} against "
            f"{fixed(best['null_stability'])}"
        )
    return f"Two lines over the number of segments, in a panel for each way. {'; '.join(parts)}."


def table_at(found: Arms, k: int) -> Shown:
    """Show the ways at the number in use; all numbers are in the CSV."""
    ks = sorted({int(x) for x in found.table["k"]})
    at = k if k in ks else min(ks, key=lambda x: abs(x - k))
    rows = found.table[found.table["k"] == at]
    frame = pd.DataFrame(
        {
            "way": [capital(label(str(a))) for a in rows["arm"]],
            "stability": rows["stability"].to_numpy(),
            "unrelated fields": rows["null_stability"].to_numpy(),
            "excess": rows["excess"].to_numpy(),
            "standard error": rows["excess_se"].to_numpy(),
            "p": rows["p"].to_numpy(),
            "smallest segment": [float(n) if n >= found.params["least"] else np.nan for n in rows["smallest"]],
            "qualifies": ["yes" if q else "no" for q in rows["qualifies"]],
        }
    )
    good = [label(str(a)) for a in rows.loc[rows["qualifies"], "arm"]]
    many = f"With {word(at)} segments, {join(good) if good else 'no way'} {'qualify' if len(good) > 1 else 'qualifies'}"
    other = "" if at == k else f" The comparison has no {word(k)}, the number in use; this is the nearest."
    two = dict.fromkeys(("stability", "unrelated fields", "excess", "p"), fixed)
    export = found.table.assign(
        smallest=found.table["smallest"].where(found.table["smallest"] >= found.params["least"])
    )
    return table(
        frame,
        "tbl-arms",
        f"**{many}.** p is adjusted for all ways and numbers; the smallest that {word(found.params['nulls'])} "
        "populations can give is "
        f"{exact(round(1 / (found.params['nulls'] + 1), 4))}. A dash: fewer than {word(found.params['least'])} leads, "
        f"or not measured.{other} "
        "The CSV has every number of segments.",
        {**two, "standard error": lambda v: fixed(v, 3), "smallest segment": lambda v: f"{v:,.0f}",
         "qualifies": lambda v: tag(str(v), "ok" if v == "yes" else "no")},
        export=export,
    )  # fmt: skip


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def excess_table(found: Arms) -> Shown:
    """Show the excess of each way by number of segments, and the criterion of latent classes."""
    wide = found.table.pivot(index="k", columns="arm", values="excess")[_names(found)]
    frame = wide.rename(columns={a: capital(label(a)) for a in wide.columns}).reset_index(names="segments")
    formats: dict[str, Cell] = dict.fromkeys(frame.columns[1:], fixed)
    bic = found.table.dropna(subset="bic").set_index("k")["bic"]
    if len(bic):
        frame["BIC of latent classes"] = frame["segments"].map(bic)
        formats["BIC of latent classes"] = _whole
    largest = [(label(str(a)), int(wide[a].idxmax())) for a in wide.columns if wide[a].notna().any()]
    told = join([f"{word(k)} for {name}" for name, k in largest])
    return table(
        frame,
        "tbl-excess",
        f"**The excess is largest at {told}.** Stability less that of unrelated fields; a BIC is better the lower it is.",
        {"segments": lambda v: f"{int(v)}", **formats},
    )


def agreement_table(found: Arms, k: int) -> Shown:
    """Show how far each two ways agree at the number in use; nothing where they were not compared at it."""
    rows = found.agreement[found.agreement["k"] == k].sort_values("ari", ascending=False, kind="stable")
    if rows.empty:
        return Shown("")
    first = rows.iloc[0]
    frame = pd.DataFrame(
        {
            "way": [capital(label(str(a))) for a in rows["one"]],
            "other way": [capital(label(str(b))) for b in rows["other"]],
            "ARI": rows["ari"].to_numpy(),
        }
    )
    return table(
        frame,
        "tbl-agreement",
        f"**{capital(label(str(first['one'])))} and {label(str(first['other']))} agree most.** Adjusted Rand index of "
        "the partitions "
        f"at K{GAP}={GAP}{k}, all of the leads that were measured.",
        {"ARI": fixed},
    )
