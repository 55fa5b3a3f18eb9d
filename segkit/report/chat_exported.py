"""Maps of texts as files for the owner of a log: flat ones as pictures, and ones that turn in any browser without a network."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from . import chat_maps, theme
from .chat_kinds import POOLED, TITLES
from .prose import capital

CAMERA = {"x": 1.4, "y": 1.4, "z": 0.9}


def pictures(study: Any) -> dict[str, bytes]:
    """Draw the documents of a log on its maps, by the clusters of each method over all stages.

    Parameters
    ----------
    study : Study
        As its owner has it: every document is drawn, with its keyed pair.

    Returns
    -------
    dict of str to bytes
        By name of the file: ``map_a.png``, ``map_a.svg`` and ``map_a.html`` of method A, and the same of B. Nothing for
        studies without maps of texts, or where there is no map.
    """
    found, methods = getattr(study, "text_maps", None), getattr(study, "text_methods", None)
    if found is None or methods is None or found.reason:
        return {}
    out: dict[str, bytes] = {}
    for method, name in TITLES.items():
        labels = methods.labels.get((method, POOLED))
        if labels is None:
            continue
        shown = methods.row(method)["found"]
        title = capital(name) + ("" if shown else ": an illustration, since the rule finds no kinds")
        flat, file = _flat(found.flat, labels, title), f"map_{method.lower()}"
        out |= {f"{file}.png": theme.png(flat), f"{file}.svg": theme.svg(flat, file).encode()}
        pyplot.close(flat)
        out[f"{file}.html"] = _solid(found.solid, labels, title)
    return out


def _flat(at: pd.DataFrame, labels: pd.Series, title: str) -> Figure:
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(6.5, 5.2))
        chat_maps.paint(axes, at, labels)
        axes.set_title(title, fontweight="normal")
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.02), ncols=4)
    return figure


def _solid(at: pd.DataFrame, labels: pd.Series, title: str) -> bytes:
    """Return a page that holds its own viewer."""
    from plotly import graph_objects, io  # the site's own pages do without

    traces = [
        graph_objects.Scatter3d(
            x=own["x"], y=own["y"], z=own["z"], name=name, mode="markers", hovertemplate="%{text}",
            text=[", ".join(map(str, key)) for key in own.index],
            marker={"size": 3.5, "opacity": 0.8, "color": colour, "symbol": chat_maps.SYMBOLS[rank % len(chat_maps.SYMBOLS)]},
        )
        for name, colour, rank, own in chat_maps.groups(at, labels)
    ]  # fmt: skip
    figure = graph_objects.Figure(traces)
    axis = {"title": {"text": ""}, "showticklabels": False}
    figure.update_layout(title={"text": title}, scene={"camera": {"eye": CAMERA}, **{f"{a}axis": axis for a in "xyz"}})
    page: str = io.to_html(figure, include_plotlyjs=True, full_html=True, config={"displaylogo": False}, div_id="map")
    return page.encode()
