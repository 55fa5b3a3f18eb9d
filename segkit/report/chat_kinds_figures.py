"""Pictures of the kinds that texts divide conversations into: what each number of them reaches, and what weighs how much."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..engine.text_segments import PLAIN, PROFILE, STANDARD, TEXT
from . import theme
from .chat_kinds import POOLED, PUBLISHED, SCALINGS, TITLES, Kinds
from .prose import capital, fixed, join, percent, word


def number_figure(found: Any, known: Kinds) -> Figure:
    """Draw what each number of kinds reaches over all stages, and what the rule asks for."""
    rows = found.numbers[found.numbers["scope"] == POOLED]
    asked = (
        ("prediction_strength", "prediction strength", known.strength),
        ("jaccard", "least Jaccard similarity", known.jaccard),
    )
    looks = {"A": (theme.ACCENT, "o", "-"), "B": (theme.SECOND, "s", "--")}
    with theme.style():
        figure, axes = pyplot.subplots(2, 1, figsize=(5.0, 4.4), sharex=True)
        for panel, (column, title, least) in zip(axes, asked, strict=True):
            for method, own in rows.groupby("method"):
                colour, mark, dash = looks[str(method)]
                panel.plot(
                    own["k"],
                    own[column],
                    color=colour,
                    marker=mark,
                    ls=dash,
                    lw=1.8,
                    label=capital(TITLES[str(method)]),
                )
            _asked(panel, least)
            panel.set_title(title, fontweight="normal")
        axes[-1].set_xlabel("number of kinds")
        axes[-1].set_xticks(sorted(set(rows["k"])))
        handles, names = axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=2)
    return figure


def _asked(panel: Axes, least: float) -> None:
    panel.axhline(least, color=theme.MUTE, lw=1, ls=":")
    panel.annotate("asked", (1, least), (-2, 2), xycoords=("axes fraction", "data"), textcoords="offset points", ha="right",
                   fontsize=9, color=theme.MUTE)  # fmt: skip
    panel.set_ylim(0, 1.05)


def number_caption(known: Kinds) -> str:
    """Say where the published number stands."""
    good = [f["title"] for f in known.five if f["qualifies"]]
    finding = (
        "No number of kinds reaches what is asked" if not [t for t in known.pooled if t.found] and not good
        else f"{capital(word(PUBLISHED))} kinds reach what is asked with {join(good)}" if good
        else "Some number of kinds reaches what is asked, the published one does not"
    )  # fmt: skip
    return f"**{finding}.** All documents together. A number of kinds has to reach both lines."


def number_alt(known: Kinds) -> str:
    """Describe the curves at the published number."""
    told = [f"{f['title']} {fixed(f['strength'])} and {fixed(f['jaccard'])}" for f in known.five]
    at = f" At {word(PUBLISHED)} kinds: {join(told)}." if told else ""
    return f"Two panels of curves over the number of kinds: prediction strength, and the least Jaccard similarity.{at}"


def shares_figure(known: Kinds) -> Figure:
    """Draw how the inertia is shared out between text and profile."""
    own = [(SCALINGS[s], known.shares[s]) for s in SCALINGS if s in known.shares]
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 1.1 + 0.42 * len(own)))
        at, part = np.arange(len(own)), np.array([share for _, share in own])
        axes.barh(at, 1 - part, 0.6, color=theme.ACCENT, label=capital(TEXT))
        axes.barh(at, part, 0.6, left=1 - part, color=theme.SECOND, label=capital(PROFILE))
        for y, share in enumerate(part):
            axes.text(1.02, y, percent(float(share)), va="center", fontsize=9.5)
        axes.set_yticks(at, [name for name, _ in own])
        axes.invert_yaxis()
        axes.set_xlim(0, 1.18)
        axes.set_xticks([0, 0.5, 1], ["0", "half", "all"])
        axes.set_xlabel("share of the inertia")
        axes.grid(axis="y", visible=False)
        figure.legend(loc="outside lower center", ncols=2)
    return figure


def shares_caption(known: Kinds) -> str:
    """Say what the profile has without weights."""
    return (
        f"**Joined without weights, the profile has {percent(known.shares[PLAIN])} of the inertia, and "
        f"{percent(known.shares[STANDARD])} as standard scores.** Inertia: sum of the variances, which distances are made of. All "
        "documents together; beside each bar, what the profile has."
    )


def shares_alt(known: Kinds) -> str:
    """Describe the bars."""
    return f"Bars of two parts. Share of the profile: {join([f'{SCALINGS[s]} {percent(v)}' for s, v in known.shares.items()])}."
