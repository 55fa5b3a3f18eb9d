"""Our table of the indices beside the published one, and what one segment more or less costs."""

from __future__ import annotations

import pandas as pd

from ..engine.kselection import KSelection
from ..engine.segments import Segments
from . import prose
from .citing import Entry, bibtex
from .prose import inline, percent, word
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


@inline
def difference(selection: KSelection, reference: pd.DataFrame | None) -> str:
    """Explain where our table differs from the published one."""
    if reference is None:
        return ""
    both = selection.table.merge(reference, on="k", suffixes=("", "_published"))
    better = both[both["inertia"] < both["inertia_published"] - 0.006]
    if better.empty:
        return ""
    apart = (better["silhouette"] - better["silhouette_published"]).abs()
    far = better.loc[apart.idxmax()]
    share = float((1 - better["inertia"] / better["inertia_published"]).max())
    lower = percent(share, 2) if share < 1e-4 else f"{percent(share, 2)} at most"
    text = (
        f"With {prose.join([word(int(k)) for k in better['k']], 'or')} segments k-means has many optima of nearly the same "
        f"inertia, and which one a run ends in depends on the order of the rows; ours is lower by {lower}."
    )
    if apart.max() < 0.01:
        return text
    return (
        f"{text} Such optima can be quite different partitions: with {word(int(far['k']))} segments the silhouette is "
        f"{far['silhouette']:.3f} instead of {far['silhouette_published']:.3f}."
    )


@inline
def price(segments: Segments, selection: KSelection) -> str:
    """Say how much one segment more would lower the inertia, and one less raise it."""
    at = selection.table.set_index("k")["inertia"]
    more, less = at.get(segments.k + 1), at.get(segments.k - 1)
    lower = "" if more is None else percent(1 - more / segments.inertia, 0)
    higher = "" if less is None else percent(less / segments.inertia - 1, 0)
    if lower and higher:
        return f"One segment more would lower the inertia by {lower}, and one less would raise it by {higher}."
    if lower:
        return f"One segment more would lower the inertia by {lower}."
    return f"One segment less would raise the inertia by {higher}." if higher else ""


def _two(value: object) -> str:
    return f"{value:,.2f}"
