"""One word for what the evidence allows to say of the segments, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from ..thresholds import AGREEMENT, JACCARD

NATURAL, REPRODUCIBLE, FRAGILE, CONSTRUCTIVE = "natural", "reproducible", "fragile structure", "constructive"
NONE = "no segmentation"


@dataclass(frozen=True)
class Verdict:
    """The verdict, and the numbers from which it follows.

    Attributes
    ----------
    word : str
        ``natural``, ``reproducible``, ``fragile structure``, ``constructive``, or ``no segmentation``.
    beaten : mapping of str to bool
        Per null, from weak to strict, whether the declared statistic is beyond what it explains.
    jaccard : mapping of int to float
        Mean bootstrap Jaccard similarity per segment.
    ari_q05 : float
        5 % quantile of the adjusted Rand index over bootstraps of the whole chain.
    threshold : float
        Of the Jaccard similarities.
    agreement : float
        Of the quantile.
    testable : bool
        Whether the nulls could be beaten at all with so many data sets.
    misfit : tuple of str
        The nulls that fit features that decide most badly. They change no word: whether one of them is beaten shows little.
    borders : mapping of (int, int) to bool
        Per border between neighbouring segments, whether it would be drawn again; empty where that was not asked.
    asked : bool
        Whether borders could be asked at all. Of what cannot be asked, nobody knows that it is natural.
    """

    word: str
    beaten: Mapping[str, bool]
    jaccard: Mapping[int, float]
    ari_q05: float
    threshold: float
    agreement: float = AGREEMENT
    testable: bool = True
    misfit: tuple[str, ...] = ()
    borders: Mapping[tuple[int, int], bool] = field(default_factory=dict)
    asked: bool = True

    @property
    def structured(self) -> bool:
        """Whether every null is beaten."""
        return bool(self.beaten) and all(self.beaten.values())

    @property
    def recovered(self) -> bool:
        """Whether every segment is found again in bootstrap samples."""
        return bool(self.jaccard) and all(v >= self.threshold for v in self.jaccard.values())  # NaN is not found again

    @property
    def agrees(self) -> bool:
        """Whether the whole chain, refitted to bootstrap samples, gives much the same partition."""
        return self.ari_q05 >= self.agreement

    @property
    def stable(self) -> bool:
        """Whether the partition is stable: both of the above."""
        return self.recovered and self.agrees

    @property
    def not_beaten(self) -> list[str]:
        """The nulls that explain the partition well enough."""
        return [null for null, beaten in self.beaten.items() if not beaten]

    @property
    def open_borders(self) -> list[tuple[int, int]]:
        """The borders that could as well be cuts through one cloud."""
        return [pair for pair, again in self.borders.items() if not again]

    @property
    def table(self) -> pd.DataFrame:
        """What the word follows from: each condition, and whether it is met."""
        low = min(self.jaccard.values(), default=float("nan"))
        rows = [
            *(
                (f"beyond the {null} null" + ", which fits badly" * (null in self.misfit), beaten)
                for null, beaten in self.beaten.items()
            ),
            *((f"border of segments {a} and {b} drawn again", again) for (a, b), again in self.borders.items()),
            *([] if self.asked else [("borders drawn again, which could not be asked", False)]),
            (f"every segment found again: {low:.2f}, at least {self.threshold:g}", self.recovered),
            (f"the whole chain refitted: {self.ari_q05:.2f}, at least {self.agreement:g}", self.agrees),
        ]
        return pd.DataFrame([(what, "yes" if met else "no") for what, met in rows], columns=["condition", "met"])

    def _repr_html_(self) -> str:
        return f"<p><b>{self.word}</b></p>{self.table.to_html(index=False, border=0)}"

    def to_json(self) -> dict[str, Any]:
        """Return the word and what it follows from."""
        return {
            "word": self.word, "stable": self.stable, "beaten": dict(self.beaten), "recovered": self.recovered,
            "agrees": self.agrees, "testable": self.testable, "ari_q05": self.ari_q05,
            "misfit": list(self.misfit), "open_borders": [list(pair) for pair in self.open_borders],
            "borders_asked": self.asked,
            "thresholds": {"jaccard": self.threshold, "ari_q05": self.agreement},
        }  # fmt: skip


def verdict(
    beaten: Mapping[str, bool],
    jaccard: Mapping[int, float],
    ari_q05: float,
    *,
    threshold: float = JACCARD,
    agreement: float = AGREEMENT,
    segmented: bool = True,
    testable: bool = True,
    misfit: Sequence[str] = (),
    borders: Mapping[tuple[int, int], bool] | None = None,
    asked: bool = True,
) -> Verdict:
    """Put the evidence in a word.

    Parameters
    ----------
    beaten : mapping of str to bool
        Per null, whether it is beaten.
    jaccard : mapping of int to float
        Mean bootstrap Jaccard similarity per segment; NaN where a segment could not be looked for.
    ari_q05 : float
        5 % quantile of the adjusted Rand index over bootstraps of the whole chain.
    threshold, agreement : float
        From which a segment, and the partition, counts as stable.
    segmented : bool
        Whether the rule for the number of segments found any, or somebody set their number by hand.
    testable : bool
        Whether enough data sets were drawn for a null to be beaten; the word is the same, its reason is not.
    misfit : sequence of str
        Nulls that fit features that decide most badly.
    borders : mapping of (int, int) to bool, optional
        Per border between neighbouring segments, whether it would be drawn again; see `borders.borders`.
    asked : bool
        Whether borders could be asked; of coded words they cannot.

    Notes
    -----
    The words follow Dolnicar and Leisch (2010), who tell natural, reproducible and constructive segmentation apart: by
    all nulls beaten and stable, stable alone, and neither. Structure that is there but not found alike in every sample
    has a word of its own. Nulls tell whether there are groups; that each segment is one is asked of its border (as Liu et al.
    2008 do of each split), so that with a border that could be a cut through one cloud, or where borders cannot be asked,
    stable segments are reproducible alone.

    Examples
    --------
    >>> verdict({"a": True, "b": False}, {1: 0.9, 2: 0.8}, 0.85).word
    'reproducible'
    >>> verdict({"a": True}, {1: 0.9, 2: 0.8}, 0.85, borders={(1, 2): False}).word
    'reproducible'
    """
    found = Verdict(
        "",
        dict(beaten),
        dict(jaccard),
        float(ari_q05),
        threshold,
        agreement,
        testable,
        tuple(misfit),
        dict(borders or {}),
        asked,
    )
    word = {
        (True, True): NATURAL if asked and not found.open_borders else REPRODUCIBLE, (False, True): REPRODUCIBLE,
        (True, False): FRAGILE, (False, False): CONSTRUCTIVE,
    }[found.structured, found.stable]  # fmt: skip
    return replace(found, word=word if segmented else NONE)
