"""What texts tell: whether they divide conversations into kinds, and whether they say who writes again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..engine.verdict import NONE
from ..inference.next_period import BETTER, FEWEST, UNDECIDED, WORSE, NextPeriod
from ..inference.rates import COVERAGE
from ..thresholds import HALF

METHODS = {"A": "text alone", "B": "text and profile"}
POOLED = "all stages"
LENGTH, TEXT, BOTH, BEHAVIOUR = "length", "text", "text and profile", "behaviour"  # what predicts, as its results say


@dataclass(frozen=True)
class Kind:
    """What one method finds in the texts of all stages.

    Attributes
    ----------
    method, by : str
        Its letter, and what it takes.
    reason : str
        Why there are no numbers, as a clause; empty where there are.
    k : int
        Kinds that are shown.
    found : bool
        Whether they are those of the rule, else an illustration.
    verdict : str
    strength, jaccard : float
        Prediction strength at that number, and the least stability of a kind.
    length : float
        Share of the variance of the log word count that they account for.
    """

    method: str
    by: str
    reason: str = ""
    k: int = 1
    found: bool = False
    verdict: str = NONE
    strength: float = math.nan
    jaccard: float = math.nan
    length: float = math.nan

    @property
    def of_length(self) -> bool:
        """Whether half or more of the differences in length are between these kinds."""
        return self.length >= HALF


@dataclass(frozen=True)
class Kinds:
    """What both methods find; ``strength`` and ``jaccard`` are what the rule asks."""

    methods: list[Kind]
    strength: float = math.nan
    jaccard: float = math.nan

    @property
    def there(self) -> bool:
        """Whether there are texts."""
        return bool(self.methods)

    @property
    def found(self) -> list[Kind]:
        """Methods that find kinds."""
        return [m for m in self.methods if m.found]

    @property
    def without(self) -> list[Kind]:
        """Methods that were tried and find none."""
        return [m for m in self.methods if not m.found and not m.reason]

    @property
    def untried(self) -> list[Kind]:
        """Methods without numbers."""
        return [m for m in self.methods if m.reason]


def kinds(found: Any) -> Kinds:
    """Collect what texts divide into; nothing where there are none.

    Parameters
    ----------
    found : TextMethods or None
    """
    if found is None:
        return Kinds([])
    return Kinds(
        [_kind(found, m) for m in METHODS], float(found.params["strength"]), float(found.params["jaccard"])
    )  # fmt: skip


def _kind(found: Any, method: str) -> Kind:
    row, by = found.row(method, POOLED), METHODS[method]
    if row["reason"]:
        reason = str(row["reason"]).rstrip(".")
        return Kind(method, by, reason[:1].lower() + reason[1:])
    at = found.numbers.set_index(["method", "scope", "k"])
    own = (method, POOLED, int(row["k"]))
    strength, jaccard = (
        float((at.loc[own] if own in at.index else row)[n]) for n in ("prediction_strength", "jaccard")
    )
    return Kind(
        method,
        by,
        "",
        int(row["k"]),
        bool(row["found"]),
        str(row["verdict"]),
        strength,
        jaccard,
        float(row["length_r2"]),
    )


@dataclass(frozen=True)
class Ranked:
    """How well something predicts who writes again: area under the curve with its interval, and whether that beats length."""

    name: str
    auc: float
    low: float
    high: float
    against: str = UNDECIDED


@dataclass(frozen=True)
class Predicted:
    """Who writes again in the last part of the log, and what tells it beforehand.

    Attributes
    ----------
    length : Ranked or None
        The number of words; None without texts.
    texts : list of Ranked
        Text alone, and text and profile; compared with the number of words.
    behaviour : Ranked or None
        What pairs did.
    adds : str
        What profiles are beside text alone: ``better``, ``worse`` or ``undecided``.
    few : int
        Subscribers of either kind below which nothing is tried.
    level : float
    """

    length: Ranked | None
    texts: list[Ranked]
    behaviour: Ranked | None
    adds: str
    few: int = FEWEST
    level: float = COVERAGE

    @property
    def better(self) -> list[Ranked]:
        """Tables with texts that say more than the number of words."""
        return [t for t in self.texts if t.against == BETTER]

    @property
    def worse(self) -> list[Ranked]:
        """Those that say less."""
        return [t for t in self.texts if t.against == WORSE]


def predicted(found: NextPeriod) -> Predicted:
    """Collect what tells who writes again."""
    rows = found.table[found.table["measure"] == "auc"].set_index("columns") if len(found.table) else pd.DataFrame()

    def of(name: str, called: str) -> Ranked | None:
        if name not in rows.index:
            return None
        value, low, high = (float(rows.loc[name, n]) for n in ("value", "low", "high"))
        return Ranked(called, value, low, high, found.verdict(name, LENGTH)) if math.isfinite(value) else None

    texts = [of(TEXT, "text alone"), of(BOTH, "text and profile")]
    return Predicted(
        of(LENGTH, "the number of words"), [t for t in texts if t], of(BEHAVIOUR, "what pairs did"),
        found.verdict(BOTH, TEXT), level=float(found.params.get("level", COVERAGE)),
    )  # fmt: skip
