"""The rule card as a tree: one question after the other, and at each end a segment."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..engine.meaning import Cards
from ..engine.rules import Rule, RuleCard
from ..features.table import FeatureTable
from ..vocabulary import Vocabulary
from . import theme
from .findings import quoted
from .prose import capital, join, plural
from .rules import condition

OPEN = (-math.inf, math.inf)
WIDE = 17  # letters in a line of a question


@dataclass(frozen=True)
class Node:
    """A question of the tree, or an end of it.

    Attributes
    ----------
    feature : str
        Empty at an end.
    threshold : float
        Up to it, units go to the first of ``below``, beyond it to the second.
    below : tuple of Node
    segment : int
        At an end, what the tree says.
    """

    feature: str
    threshold: float
    below: tuple[Node, ...]
    segment: int

    @property
    def ends(self) -> list[Node]:
        """The ends below a node, itself where it is one."""
        return [end for child in self.below for end in child.ends] if self.below else [self]

    @property
    def depth(self) -> int:
        """How many questions lie between a node and the furthest end."""
        return 1 + max(child.depth for child in self.below) if self.below else 0


def grown(rules: Sequence[Rule]) -> Node | None:
    """Put the rules of a tree together again; nothing where they are of none.

    Examples
    --------
    >>> few, many = ({"x": (-math.inf, 3.0)}, {"x": (3.0, math.inf)})
    >>> tree = grown([Rule(few, 1, 9, 9), Rule(many, 2, 5, 5)])
    >>> tree.feature, tree.threshold, [end.segment for end in tree.ends]
    ('x', 3.0, [1, 2])
    """
    if len(rules) == 1:
        return Node("", math.nan, (), rules[0].segment)
    asked = {(f, t): None for r in rules for f, bounds in r.bounds.items() for t in bounds if math.isfinite(t)}
    for feature, at in asked:  # in the order in which the tree asks
        first = [r for r in rules if r.bounds.get(feature, OPEN)[1] <= at]
        second = [r for r in rules if r.bounds.get(feature, OPEN)[0] >= at]
        if first and second and len(first) + len(second) == len(rules):
            below = (grown(first), grown(second))
            if below[0] is not None and below[1] is not None:
                return Node(feature, at, (below[0], below[1]), 0)
    return None


def tree(found: RuleCard) -> Node | None:
    """Return the tree of the rules that are shown; nothing where there is no question in it."""
    node = grown(found.cards[found.best]) if found.best is not None else None
    return node if node is not None and node.below else None


def figure(root: Node, cards: Cards, features: FeatureTable, terms: Vocabulary) -> Figure:
    """Draw the questions from left to right, and at each end its segment."""
    ends = root.ends
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 0.5 + 0.62 * len(ends)))
        places = {id(end): float(y) for y, end in enumerate(ends)}
        _branch(axes, root, 0, root.depth, places, cards, features, terms)
        axes.set_xlim(-0.5, root.depth + 0.75)
        axes.set_ylim(len(ends) - 0.4, -0.6)
        axes.axis("off")
    return drawn


def _branch(
    axes: Axes, node: Node, depth: int, last: int, places: dict[int, float], cards: Cards, features: FeatureTable,
    terms: Vocabulary,
) -> float:  # fmt: skip
    """Draw a node and all below it, and return its height."""
    if not node.below:
        y, order = places[id(node)], cards.order
        tone, mark = theme.colours(cards)[node.segment], theme.MARKERS[order.index(node.segment) % len(theme.MARKERS)]
        axes.plot([depth, last], [y, y], color=theme.LINE, lw=1.5, zorder=1)
        axes.plot(last, y, mark, color=tone, ms=9, mec=theme.PAPER, zorder=3)
        axes.text(last + 0.12, y, textwrap.fill(cards[node.segment].short, 12), va="center", fontsize=9.5)
        return y
    heights = [_branch(axes, child, depth + 1, last, places, cards, features, terms) for child in node.below]
    y = sum(heights) / 2
    for height, answer in zip(heights, ("yes", "no"), strict=True):
        axes.plot([depth, depth, depth + 1], [y, height, height], color=theme.LINE, lw=1.5, zorder=1)
        axes.text(depth + 0.05, height, answer, fontsize=8.5, color=theme.MUTE, ha="left", va="bottom")
    asks = textwrap.fill(f"{_asks(node, features, terms)}?", WIDE)
    box = {"boxstyle": "round,pad=0.25", "facecolor": theme.TINT, "edgecolor": theme.LINE}
    axes.text(depth, y, asks, ha="center", va="center", fontsize=8.5, bbox=box, zorder=4)
    return y


def _asks(node: Node, features: FeatureTable, terms: Vocabulary) -> str:
    return capital(condition(node.feature, (-math.inf, node.threshold), features, terms))


def caption(root: Node, features: FeatureTable, terms: Vocabulary) -> str:
    """State what the tree asks first."""
    questions = len(root.ends) - 1
    return (
        f"**The first question is: {_asks(root, features, terms)}?** The same rules as a tree of "
        f"{plural(questions, 'question', words=True)}: go up where the answer is yes, down where it is no."
    )


def alt(root: Node, cards: Cards, features: FeatureTable, terms: Vocabulary) -> str:
    """Describe the tree from left to right."""

    def told(node: Node) -> str:
        if not node.below:
            return quoted(cards[node.segment])
        yes, no = (told(child) for child in node.below)
        return f"{_asks(node, features, terms)}? If so, {yes}; if not, {no}"

    return f"A tree. {told(root)}. Segments at its ends: {join(list(dict.fromkeys(quoted(cards[e.segment]) for e in root.ends)))}."
