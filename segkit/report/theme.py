"""Colours and type of figures, the same in both themes and on every page."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ..engine.meaning import Cards

if TYPE_CHECKING:  # whoever draws has loaded it; a build that shows what is kept draws nothing
    from matplotlib.figure import Figure

# Figures are drawn with these; on a page each becomes the custom property of the same name, so that it follows the theme.
INK, MUTE, LINE, PAPER, TINT, ACCENT = "#1d2330", "#5b6472", "#e3e6ec", "#fefefe", "#f6f7f9", "#0b6e75"
# By rank, the order of the cards: first Okabe and Ito (2008) and a grey, told apart by readers with any colour vision, then
# colours for those who ask for many segments. Neighbours differ in lightness or, like the third and the fourth, in their
# marks, which go by rank as well; so grey prints work too.
PALETTE = (
    "#0072b2", "#e69f00", "#cc79a7", "#8a8f98", "#009e73", "#d55e00", "#56b4e9", "#b8a800", "#6a3d9a", "#7f5539", "#3a5a40",
    "#b56576",
)  # fmt: skip
FIRST = PALETTE[0]  # too dark for dark paper, where the style sheet has a lighter one of the same hue
PROPERTIES = {INK: "ink", MUTE: "mute", LINE: "line", PAPER: "paper", TINT: "tint", ACCENT: "accent", FIRST: "first"}
SECOND = PALETTE[1]  # of two kinds that are no segments
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
SIZE = (5.0, 3.4)
LARGEST = 1.25  # of its own size, how far a figure grows on a wide page
# A label from the data may hold a dollar sign. Some texts are made only when a figure is saved, so it holds then as well.
PLAIN: dict[Any, Any] = {"text.parse_math": False, "text.usetex": False}
PACKAGE = Path(__file__).resolve().parents[1]
# A tag of a drawing, a comment, or its style; all else is written in the picture and stays as it is.
MARKUP = re.compile(r"<style\b.*?</style>|<!--.*?-->|<[^>]*>", re.S)
_drawn_by: WeakKeyDictionary[Figure, CodeType] = WeakKeyDictionary()


def colours(cards: Cards) -> dict[int, str]:
    """Give each segment the colour of its rank among the cards; a segment has the same one on every page."""
    return {card.id: PALETTE[rank % len(PALETTE)] for rank, card in enumerate(cards)}


def themed(colour: str) -> str:
    """Return a colour for the style of an element, so that it follows the theme where figures do.

    >>> themed(FIRST), themed(SECOND)
    ('var(--sk-first,#0072b2)', '#e69f00')
    """
    return f"var(--sk-{PROPERTIES[colour]},{colour})" if colour in PROPERTIES else colour


def style() -> contextlib.AbstractContextManager[None]:
    """Draw in the house style, and note which function did."""
    return _styled(sys._getframe(1).f_code)


@contextmanager
def _styled(code: CodeType) -> Iterator[None]:
    from matplotlib import pyplot, rc_context

    before = set(pyplot.get_fignums())
    settings: dict[Any, Any] = {
        "figure.figsize": SIZE, "figure.dpi": 96, "savefig.dpi": 200, "figure.constrained_layout.use": True,
        "figure.facecolor": PAPER, "axes.facecolor": PAPER, "savefig.facecolor": PAPER,
        "font.family": ["DejaVu Sans"], "font.size": 10.5, "axes.titlesize": 10.5, "axes.labelsize": 10,
        "xtick.labelsize": 9.5, "ytick.labelsize": 9.5, "legend.fontsize": 9.5,
        "text.color": INK, "axes.labelcolor": MUTE, "axes.titlecolor": INK, "xtick.color": LINE, "ytick.color": LINE,
        "xtick.labelcolor": MUTE, "ytick.labelcolor": MUTE, "axes.edgecolor": LINE, "grid.color": LINE,
        "axes.grid": True, "axes.axisbelow": True, "axes.spines.top": False, "axes.spines.right": False,
        "axes.titlelocation": "left", "axes.titleweight": "bold", "legend.frameon": False, "svg.fonttype": "none",
        **PLAIN,
    }  # fmt: skip
    with rc_context(settings):
        yield
        for number in set(pyplot.get_fignums()) - before:
            _drawn_by[pyplot.figure(number)] = code


def drawn_by(figure: Figure) -> tuple[str, int, int] | None:
    """Return the file, from the package's folder on, and the first and last line of the function that drew a figure.

    None for a figure that was drawn elsewhere, for example in a chapter of the reader's own.
    """
    code = _drawn_by.get(figure)
    file = Path(code.co_filename) if code else PACKAGE
    if code is None or PACKAGE not in file.parents:
        return None
    lines = [line for *_, line in code.co_lines() if line is not None]
    return file.relative_to(PACKAGE.parent).as_posix(), code.co_firstlineno, max(lines)


def svg(figure: Figure, name: str) -> str:
    """Return a figure as SVG text, with text kept as text, identical for identical figures.

    What the layout has settled is kept: a PNG of the figure has it too, and need not look for it again, which takes longer
    than to draw it.
    """
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context({**PLAIN, "svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    figure.set_layout_engine("none")
    return buffer.getvalue()


def png(figure: Figure) -> bytes:
    """Return a figure as PNG, for slides and documents."""
    from matplotlib import rc_context

    buffer = io.BytesIO()
    with rc_context(PLAIN):
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def inline(text: str, name: str) -> str:
    """Make an SVG part of a page: own ids, colours of the page's theme, size of the column.

    Parameters
    ----------
    text : str
        From `svg`.
    name : str
        Prefix of all ids, since a page may hold several figures.
    """
    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.S)
    head, rest = MARKUP.sub(lambda hit: _own(hit[0], name), body).split(">", 1)
    width = re.search(r'viewBox="[\d.]+ [\d.]+ ([\d.]+)', head)
    head = re.sub(r'\s(?:width|height)="[^"]*"', "", head)
    if width:  # a narrow figure is narrow so that a phone can show its letters, and need not fill a desk
        head += f' style="max-width:{LARGEST * float(width[1]) * 96 / 72:.0f}px"'
    return f'{head} aria-hidden="true" focusable="false">{rest}'.strip()


def _own(markup: str, name: str) -> str:
    """Make one tag, or one style element, part of a page."""
    markup = re.sub(r'\bid="|url\(#|xlink:href="#', rf"\g<0>{name}-", markup)
    # A style element inside a page would reach every drawing of the page.
    markup = markup.replace("*{stroke-linejoin", ".sk-figure *{stroke-linejoin")
    if markup.startswith("<svg"):
        return markup
    for colour in PROPERTIES:
        markup = markup.replace(colour, themed(colour))
    # Six decimals of a point are no information; two keep pages light.
    return re.sub(r"(\d+\.\d{2})\d+", r"\1", markup)
