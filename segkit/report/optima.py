"""What the pages say of starts: whether the optima that are compared are the best that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..engine.algorithms import Algorithms
from ..engine.lloyd import AGAIN, MOST
from .prose import GAP, capital, count, inline, join, word
from .robustness import agreement
from .show import Shown, table

APART = 0.1  # difference of two ARI from which on a result is that of its seed


@inline
def rule() -> str:
    """Say when starts are enough, as the end of a sentence."""
    return f"until the best optimum was found {word(AGAIN)} times and hardly another is to be expected, {count(MOST)} times at most"


@inline
def note(found: Mapping[str, int]) -> str:
    """Say how many partitions have a best that is proved; nothing where starts mean nothing.

    >>> print(note({"fits": 0, "unconverged": 0}) == "", note({"fits": 9, "unconverged": 0})[-31:])
    True So it was for all 9 partitions.
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


def on_seeds(found: Algorithms) -> str:
    """Say in a caption what numbers are of which seed; nothing where no algorithm starts at random."""
    if not found.params.get("seeded"):
        return ""
    return f" Of what starts at random: medians over {word(found.params['seeds'])} seeds."


def seed_table(found: Algorithms) -> Shown:
    """Show how far the ARI of each algorithm that starts at random goes with the seed; nothing where there is none."""
    rows = found.table[found.table["algorithm"].isin(found.params.get("seeded", []))]
    if rows.empty:
        return Shown("")
    apart = rows.loc[rows["ari_high"] - rows["ari_low"] >= APART, "algorithm"].tolist()
    finding = (
        f"{capital(join(apart))} {'hangs' if len(apart) == 1 else 'hang'} on the seed"
        if apart
        else "No result hangs on the seed"
    )
    columns = {"algorithm": "algorithm", "ari_low": "lowest ARI", "ari": "median ARI", "ari_high": "highest ARI"}
    shown = rows[list(columns)].rename(columns=columns)
    return table(
        shown, "tbl-seeds",
        f"**{finding}.** ARI with the partition in use over {word(found.params['seeds'])} seeds, of the algorithms that start at "
        f"random; a result hangs on its seed where two of these lie {APART} or more apart.",
        dict.fromkeys(list(columns.values())[1:], agreement),
    )  # fmt: skip
