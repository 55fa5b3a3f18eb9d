"""Which rule places each unit: the shortest conjunction of conditions that holds for a segment and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .rules import readable

QUANTILES = (0.5, 1 / 3, 2 / 3, 0.25, 0.75)  # thresholds, the first that will do is taken
LONGEST = 3  # conditions
MOST = 30_000  # sets of units that are kept for each length; only among many units are there more
AT_MOST, ABOVE, IS = "at most", "above", "is"
Masks = NDArray[np.bool_]


@dataclass(frozen=True)
class Condition:
    """One condition: a feature above or at most a threshold, or a category that it is.

    Attributes
    ----------
    feature : str
    kind : {"at most", "above", "is"}
    value : float or object
    quantile : float
        Of the threshold among the units; NaN for a category.
    """

    feature: str
    kind: str
    value: Any
    quantile: float = float("nan")

    def holds(self, frame: pd.DataFrame) -> Masks:
        """Tell for which units it holds; it does not where the feature is missing."""
        column = frame[self.feature]
        if self.kind == IS:
            return np.asarray(column.eq(self.value).fillna(False), dtype=np.bool_)
        values = column.to_numpy(dtype=np.float64)
        with np.errstate(invalid="ignore"):
            return values > self.value if self.kind == ABOVE else values <= self.value

    def __str__(self) -> str:
        return f"{self.feature} {self.kind} {self.value}"


@dataclass(frozen=True)
class Placing:
    """The rule of one segment.

    Attributes
    ----------
    segment : int
    conditions : tuple of Condition
        All must hold; empty where no condition tells the segment from others.
    units, holds, others : int
        Units of the segment, those of them for which the rule holds, and units of other segments for which it does.
    chance : float
        Share of all sets of as many units that a rule of this length or a shorter one would tell exactly; NaN where the
        rule is not exact. Near one, a rule says nothing: any set would have had one.
    """

    segment: int
    conditions: tuple[Condition, ...]
    units: int
    holds: int
    others: int
    chance: float

    @property
    def exact(self) -> bool:
        """Whether it holds for all units of the segment and for no other."""
        return self.holds == self.units and not self.others


@dataclass(frozen=True)
class PlacingRules:
    """One rule per segment, and for which units it holds.

    Attributes
    ----------
    rules : tuple of Placing
        In the order of segments.
    table : DataFrame
        One row per unit: ``unit``, ``segment``, ``rule`` (in plain words where it holds for the unit, else empty), ``holds``,
        ``also`` (other segments whose rule holds for it as well, joined by commas).
    params : dict
    """

    rules: tuple[Placing, ...]
    table: pd.DataFrame
    params: dict[str, Any] = field(default_factory=dict)

    def of(self, segment: int) -> Placing:
        """Return the rule of a segment."""
        return next(r for r in self.rules if r.segment == segment)

    def to_json(self) -> dict[str, Any]:
        """Return the rules as plain values."""
        return {
            "rules": {
                str(r.segment): {
                    "conditions": [vars(c) for c in r.conditions], "units": r.units, "holds": r.holds,
                    "others": r.others, "exact": r.exact, "chance": r.chance,
                }
                for r in self.rules
            },
            "units": self.table.to_dict("records"), "params": self.params,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def placing_rules(
    frame: pd.DataFrame,
    labels: pd.Series,
    *,
    names: Mapping[str, str] | None = None,
    longest: int = LONGEST,
    quantiles: Sequence[float] = QUANTILES,
) -> PlacingRules:
    """Look for the shortest rule of each segment.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        Raw features. Numbers are cut at quantiles, rounded by `rules.readable`; everything else is a category.
    labels : Series of int
        Segment per unit, on the same index; units in segment 0 are in none and belong to the others.
    names : mapping of str to str, optional
        Names of features for readers, in the table.
    longest : int
        Conditions at most.
    quantiles : sequence of float

    Notes
    -----
    All conjunctions are looked at: of those that hold for the same units the shortest stays, the first in the order of
    ``quantiles`` and columns among equals. The best has the highest Jaccard similarity with the segment, then the fewest
    conditions. With a dozen features and ten units some rule tells almost any set of units; ``chance`` counts how many.
    """
    own = labels.reindex(frame.index).to_numpy(dtype=np.int64)
    n = len(own)
    conditions = list(_conditions(frame, quantiles))
    masks, made, lengths = _sets(np.array([c.holds(frame) for c in conditions]).reshape(-1, n), longest)
    rules = []
    for segment in np.unique(own[own > 0]):
        member = own == segment
        right, wrong = (masks & member).sum(axis=1), (masks & ~member).sum(axis=1)
        score = right / (member.sum() + wrong)
        best = min(range(len(masks)), key=lambda i: (-score[i], lengths[i], i), default=None)
        if best is None or not right[best]:
            rules.append(Placing(int(segment), (), int(member.sum()), 0, 0, float("nan")))
            continue
        size = int(member.sum())
        exact = right[best] == size and not wrong[best]
        alike = (masks.sum(axis=1) == size) & (lengths <= lengths[best])
        chance = float(alike.sum() / comb(n, size)) if exact else float("nan")
        chosen = tuple(conditions[i] for i in made[best])
        rules.append(Placing(int(segment), chosen, size, int(right[best]), int(wrong[best]), chance))
    params = {
        "longest": longest,
        "quantiles": list(quantiles),
        "conditions": len(conditions),
        "sets": len(masks),
        "all": len(masks) < MOST,
    }
    return PlacingRules(tuple(rules), _units(frame, own, rules, names or {}), params)


def _units(frame: pd.DataFrame, own: np.ndarray, rules: Sequence[Placing], names: Mapping[str, str]) -> pd.DataFrame:
    held = {
        r.segment: np.logical_and.reduce([c.holds(frame) for c in r.conditions]) for r in rules if r.conditions
    }  # fmt: skip
    said = {
        r.segment: " and ".join(f"{names.get(c.feature, c.feature)} {c.kind} {c.value}" for c in r.conditions)
        for r in rules
    }
    rows = []
    for i, (unit, segment) in enumerate(zip(frame.index, own, strict=True)):
        holds = bool(segment in held and held[segment][i])
        also = ", ".join(str(s) for s, mask in held.items() if s != segment and mask[i])
        rows.append((unit, int(segment), said[segment] if holds else "", holds, also))
    return pd.DataFrame(rows, columns=["unit", "segment", "rule", "holds", "also"])


def _conditions(frame: pd.DataFrame, quantiles: Sequence[float]) -> Iterator[Condition]:
    """Yield conditions in the order of preference: categories, then thresholds by quantile."""
    numbers = [c for c in frame if pd.api.types.is_numeric_dtype(frame[c]) and not pd.api.types.is_bool_dtype(frame[c])]
    for name in frame:
        if name not in numbers:
            yield from (Condition(name, IS, v) for v in sorted(frame[name].dropna().unique(), key=str))
    for q in quantiles:
        for name in numbers:
            values = frame[name].dropna().to_numpy(dtype=np.float64)
            if len(values):
                at = readable(float(np.quantile(values, q)), whole=bool((values == np.round(values)).all()))
                yield from (Condition(name, kind, at, q) for kind in (AT_MOST, ABOVE))


def _sets(base: Masks, longest: int) -> tuple[Masks, list[tuple[int, ...]], np.ndarray]:
    """Return the distinct sets of units that conjunctions hold for, the conditions of each, and their number."""
    n = base.shape[1]
    seen: dict[bytes, int] = {}
    masks: list[np.ndarray] = []
    made: list[tuple[int, ...]] = []

    def add(mask: np.ndarray, parts: tuple[int, ...]) -> bool:
        key = np.packbits(mask).tobytes()
        if key in seen or not mask.any() or mask.all():
            return False
        seen[key] = len(masks)
        masks.append(mask)
        made.append(parts)
        return True

    singles = [i for i, mask in enumerate(base) if add(mask, (i,))]
    level = list(range(len(masks)))
    for _ in range(longest - 1):
        following: list[int] = []
        for at in level:
            both = base[singles] & masks[at]
            new = (both.any(axis=1) & (both != masks[at]).any(axis=1)).nonzero()[0]
            for j in new:
                if len(following) < MOST and add(both[j], (*made[at], singles[j])):
                    following.append(len(masks) - 1)
        level = following
    lengths = np.array([len(m) for m in made], dtype=np.int64)
    return np.array(masks, dtype=np.bool_).reshape(-1, n), made, lengths
