"""What the pages say of starts: whether the optima that are compared are the best that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..engine.lloyd import AGAIN, MOST
from .prose import GAP, count, inline, join, word


@inline
def rule() -> str:
    """Say when starts are enough, as the end of a sentence."""
    return f"until the best optimum was found {word(AGAIN)} times and hardly another is to be expected, {count(MOST)} times at most"


@inline
def note(found: Mapping[str, int]) -> str:
    """Say how many partitions have a best that is proved; nothing where starts mean nothing.

    >>> print(note({"fits": 0, "unconverged": 0}) == "", note({"fits": 9, "unconverged": 0})[-33:])
    True So it was for all nine partitions.
    """
    fits, left = found.get("fits", 0), found.get("unconverged", 0)
    if not fits:
        return ""
    first = f"A worse optimum would pass for a difference, so k-means is started {rule()}."
    if not left:
        return f"{first} So it was for {'the one partition' if fits == 1 else f'all {count(fits)} partitions'}."
    rest = "that partition" if left == 1 else "these"
    return (
        f"{first} That was not enough for {count(left)} of {count(fits)} partitions: of {rest} a better one may exist."
    )


def at_k(ks: Sequence[int]) -> str:
    """Say at which numbers of segments a better partition may exist; nothing where there is none.

    >>> at_k([]), at_k([7, 8]).replace("\\xa0", " ")
    ('', ' At K = 7 and 8, 200 starts were not enough to find the best optimum again: a better partition may exist.')
    """
    if not ks:
        return ""
    more = f"{count(MOST)} starts were not enough to find the best optimum again: a better partition may exist."
    return f" At K{GAP}={GAP}{join([str(k) for k in ks])}, {more}"
