"""Our table of the indices beside the published one, and what one segment more or less costs."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..engine.kselection import KSelection
from ..engine.segments import Segments
from .citing import Entry, bibtex
from .prose import word
from .show import Shown, table

TOLERANCE = 1e-3
EARLIER = Entry(
    "The earlier analysis",
    "P. T. L. Walekhwa (2026). Contact-level clustering of a call log. Walsoft.",
    bibtex("techreport", "walekhwa2026", author="Walekhwa, P. T. L.",
           title="Contact-level clustering of a call log", institution="Walsoft", year="2026"),
)  # fmt: skip


def comparison(selection: KSelection, reference: pd.DataFrame | None) -> Shown:
    """Set our inertia beside the published one, where the data are those of the published analysis."""
    if reference is None:
        return Shown("There is no published table for these data.")
    both = selection.table.merge(reference, on="k", suffixes=("", " published"))
    frame = pd.DataFrame(
        {
            "k": both["k"],
            "inertia": both["inertia"],
            "published inertia": both["inertia published"],
            "silhouette": both["silhouette"],
            "published silhouette": both["silhouette published"],
        }
    )
    same = (both["inertia"].round(2) - both["inertia published"]).abs() < 0.006
    better = both["inertia"] < both["inertia published"] - 0.006
    worse = int(len(both) - same.sum() - better.sum())
    finding = (
        f"In {word(int(same.sum()))} of {word(len(both))} rows the inertia agrees to the printed digit"
        if same.any()
        else "In no row does the inertia agree to the printed digit"
    )
    finding += f"; in {word(int(better.sum()))} our optimum is lower" if better.any() else ""
    finding += f"; in {word(worse)} it is higher" if worse else ""
    return table(
        frame,
        "tbl-published",
        f"**{finding}.** A lower inertia is a better optimum for the same number of segments. Published figures: [@walekhwa2026].",
        {
            "inertia": _two,
            "published inertia": _two,
            "silhouette": lambda v: f"{v:.3f}",
            "published silhouette": lambda v: f"{v:.3f}",
        },
    )


@dataclass(frozen=True)
class Difference:
    """Where our optima are better than the published ones.

    Attributes
    ----------
    ks : list of int
        The numbers of segments; empty also where there is no published table.
    lower : float
        By which share of the inertia, at most.
    far : int or None
        Where the silhouettes are furthest apart, if they differ notably.
    ours, theirs : float
        The silhouettes there.
    """

    ks: list[int]
    lower: float = 0.0
    far: int | None = None
    ours: float = 0.0
    theirs: float = 0.0


def difference(selection: KSelection, reference: pd.DataFrame | None) -> Difference:
    """Collect where our table differs from the published one."""
    if reference is None:
        return Difference([])
    both = selection.table.merge(reference, on="k", suffixes=("", "_published"))
    better = both[both["inertia"] < both["inertia_published"] - 0.006]
    if better.empty:
        return Difference([])
    apart = (better["silhouette"] - better["silhouette_published"]).abs()
    far = better.loc[apart.idxmax()]
    return Difference(
        ks=[int(k) for k in better["k"]],
        lower=float((1 - better["inertia"] / better["inertia_published"]).max()),
        far=int(far["k"]) if apart.max() >= 0.01 else None,
        ours=float(far["silhouette"]),
        theirs=float(far["silhouette_published"]),
    )


@dataclass(frozen=True)
class Price:
    """By which share one segment more lowers the inertia, and one less raises it; None where that was not fitted."""

    lower: float | None
    higher: float | None


def price(segments: Segments, selection: KSelection) -> Price:
    """Compare the inertia with those of one segment more and less."""
    at = selection.table.set_index("k")["inertia"]
    more, less = at.get(segments.k + 1), at.get(segments.k - 1)
    return Price(
        lower=None if more is None else float(1 - more / segments.inertia),
        higher=None if less is None else float(less / segments.inertia - 1),
    )


def _two(value: object) -> str:
    return f"{value:,.2f}"
