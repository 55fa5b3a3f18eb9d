"""How the segments of every two descriptions of markets agree, as a figure."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..engine.matching import rand_index
from ..engine.representations import Representations
from . import theme
from .market_representations import Ways
from .prose import capital, fixed, join, word
from .robustness import ONE, agreement

SHORT = {
    "": "in use", "level": "level", "statics": "structure", "series": "series", "components": "components", "embedding": "LSTM",
    "hybrid": "balanced", "concatenation": "published",
}  # fmt: skip


def _cell(ari: float) -> str:
    """Write an index where there is little room; only what is one is written as one."""
    return "1" if ari >= ONE else fixed(min(ari, 0.99))


def _agreements(found: Representations, labels: pd.Series) -> pd.DataFrame:
    """Return the agreement of every two ways and of the segments in use, square."""
    k = int(labels.nunique())
    names = ["", *(r.name for r in found.items.values() if k in r.labels)]
    out = pd.DataFrame(np.eye(len(names)), index=names, columns=names)
    for r in found.agreement[found.agreement["k"] == k].itertuples():
        out.loc[r.a, r.b] = out.loc[r.b, r.a] = float(r.ari)
    for name in names[1:]:
        ari = rand_index(labels.to_numpy(), found.items[name].labels[k].reindex(labels.index).to_numpy())
        out.loc["", name] = out.loc[name, ""] = ari
    return out


def agreement_figure(found: Representations, labels: pd.Series) -> Figure:
    """Draw how the segments of every two ways agree, those in use first."""
    square = _agreements(found, labels)
    n = len(square)
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 0.6 + 0.42 * n))
        for i in range(n):
            for j in range(i + 1):
                value = float(square.iloc[i, j])
                # Not stronger than letters in the colour of the text can be read on, in either theme.
                depth = 0.04 + 0.46 * max(value, 0.0)
                axes.add_patch(Rectangle((j, i), 1, 1, facecolor=theme.ACCENT, alpha=depth, lw=0))
                axes.text(j + 0.5, i + 0.5, _cell(value) if i != j else "", ha="center", va="center", fontsize=9)
        axes.set_xlim(0, n)
        axes.set_ylim(n, 0)
        axes.set_yticks(np.arange(n) + 0.5, [f"{i + 1} {SHORT[name]}" for i, name in enumerate(square)])
        axes.set_xticks(np.arange(n) + 0.5, [str(i + 1) for i in range(n)])
        axes.tick_params(length=0)
        axes.grid(visible=False)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
    return figure


def agreement_caption(known: Ways) -> str:
    """State which way agrees most with the segments in use."""
    top = max(known.divided, key=lambda w: w.agrees)
    same = known.same
    finding = (
        f"{capital(join(same))} {'gives' if len(same) == 1 else 'give'} the segments in use" if same
        else f"Nearest to the segments in use is {top.title}, with an adjusted Rand index of {agreement(top.agrees)}"
    )  # fmt: skip
    return (
        f"**{finding}.** Adjusted Rand index of every two divisions into {word(known.k)} segments: one is the same, zero is chance "
        "on average. Columns have the numbers of the rows."
    )


def agreement_alt(known: Ways) -> str:
    """Describe the matrix by its first column."""
    return (
        "Matrix of agreement. With the segments in use: "
        f"{join([f'{w.title} {agreement(w.agrees)}' for w in known.divided])}."
    )
