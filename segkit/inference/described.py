"""What groups of persons are like, field by field, without telling of fewer than ten of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..disclosure import common
from ..engine.external import PERSONAL_CELL
from .rates import COVERAGE, rate

MOST = 20  # values of a field that are told of one by one
REST = "\0"  # stands for all others, and before them in any order
OUT_OF_REACH = 1e-9  # below it a hidden count is fixed by what is told


@dataclass(frozen=True)
class Value:
    """One value of a field in one group.

    Attributes
    ----------
    value : str
    n : int
        Units of the group that have it.
    share, low, high : float
        Of the units of the group whose value is known, with the interval.
    lift, lift_low, lift_high : float
        The same, divided by the share among all units whose value is known.
    """

    value: str
    n: int
    share: float
    low: float
    high: float
    lift: float
    lift_low: float
    lift_high: float

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "value": self.value, "n": self.n, "share": self.share, "interval": [self.low, self.high], "lift": self.lift,
            "lift_interval": [self.lift_low, self.lift_high],
        }  # fmt: skip


@dataclass(frozen=True)
class Described:
    """One field in one group.

    Attributes
    ----------
    name, label : str
    known : int or None
        Units of the group whose value is known; None below ten.
    values : tuple of Value
        The values that may be told, the commonest first; rare ones are not among them.
    middle : dict of str to float
        Of a number: ``median``, ``lower`` and ``upper`` quartile, and the ``median_of_all``; empty for text.
    commonest : tuple of str
        All values that ten units of the group have, the commonest first, with those whose number may not be told since it
        would give another away: that they are common tells of nobody.
    """

    name: str
    label: str
    known: int | None
    values: tuple[Value, ...] = ()
    middle: dict[str, float] | None = None
    commonest: tuple[str, ...] = ()

    @property
    def leading(self) -> str | None:
        """The commonest value, whether its number may be told or not."""
        return self.commonest[0] if self.commonest else None

    @property
    def primary(self) -> Value | None:
        """The commonest value with its number, None where that may not be told."""
        return next((v for v in self.values if v.value == self.leading), None)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        first = self.primary
        return {
            "label": self.label, "known": self.known, "primary": self.leading,
            "share": first.share if first else None, "values": [v.to_json() for v in self.values], "middle": self.middle,
        }  # fmt: skip


def hidden_cells(counts: NDArray[np.int64], minimum: int = PERSONAL_CELL) -> NDArray[np.bool_]:
    """Tell which cells of a table must be hidden, where the sums of its rows and columns are known.

    Parameters
    ----------
    counts : array of int, shape (n_rows, n_columns)
    minimum : int
        The smallest count that may be shown; zeros may.

    Returns
    -------
    array of bool of the same shape

    Notes
    -----
    Counts from 1 to ``minimum - 1``, and with them the next smallest of each row and column in which fewer than two
    are hidden, or in which those that are add up to fewer than ``minimum`` or to one each; then others until no hidden
    count follows from the sums. The latter is linear algebra: a count is fixed if every solution of the sums that are
    left is zero there (Cox, L. H. (1980). Suppression methodology and statistical disclosure control. Journal of the American
    Statistical Association, 75, 377-385).

    Examples
    --------
    >>> hidden_cells(np.array([[40, 3, 20], [50, 30, 25], [60, 40, 70]])).astype(int).tolist()
    [[0, 1, 1], [0, 1, 1], [0, 0, 0]]
    """
    hide = (counts > 0) & (counts < minimum)
    while True:
        before = int(hide.sum())
        for lines, hidden in ((counts, hide), (counts.T, hide.T)):
            for line, own in zip(lines, hidden, strict=True):
                _complete(line, own, minimum)
        if int(hide.sum()) == before:
            fixed = _fixed(hide)
            for row, column in zip(*np.nonzero(fixed), strict=True):
                if not _one_more(counts[row], hide[row]):
                    _one_more(counts[:, column], hide[:, column])
        if int(hide.sum()) == before:
            return hide


def _one_more(line: NDArray[np.int64], hide: NDArray[np.bool_]) -> bool:
    """Hide the smallest count of a line that is shown; tell whether there was one."""
    shown = np.flatnonzero(~hide & (line > 0))
    if len(shown):
        hide[shown[line[shown].argmin()]] = True
    return bool(len(shown))


def _complete(line: NDArray[np.int64], hide: NDArray[np.bool_], minimum: int) -> None:
    while hide.any():
        number, total = int(hide.sum()), int(line[hide].sum())
        if (number >= 2 and total >= minimum and total > number) or not _one_more(line, hide):
            return


def _fixed(hide: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which hidden cells follow from the sums of their rows and columns."""
    out = np.zeros(hide.shape, dtype=np.bool_)
    rows, columns = np.nonzero(hide)
    if len(rows):
        sums = np.zeros((sum(hide.shape), len(rows)))
        sums[rows, np.arange(len(rows))] = 1
        sums[hide.shape[0] + columns, np.arange(len(rows))] = 1
        free = 1 - np.einsum("ij,ji->i", np.linalg.pinv(sums), sums)  # of the projection on what the sums leave open
        out[rows, columns] = free < OUT_OF_REACH
    return out


def described(
    values: pd.Series,
    labels: pd.Series,
    *,
    name: str,
    label: str,
    hidden: frozenset[int] = frozenset(),
    level: float = COVERAGE,
) -> dict[int, Described]:
    """Describe a field by group.

    Parameters
    ----------
    values : Series
        Text with NA, or numbers with NaN.
    labels : Series of int, on the same index
    name, label : str
        Of the field.
    hidden : set of int
        Groups of which nothing may be told.
    level : float
        Of the intervals.

    Notes
    -----
    Values that fewer than ten units have, and those that are not among the ``MOST`` commonest, are counted together and
    not told. The interval of a lift is that of the share, divided by the share of all: the latter is taken as known.
    """
    groups = sorted(labels.unique())
    if pd.api.types.is_numeric_dtype(values):
        return {g: _middle(values, labels == g, name, label, g in hidden) for g in groups}
    at, kinds = pd.factorize(values.astype("str"))  # -1 where missing
    known = at >= 0
    sizes = pd.Series(np.bincount(at[known], minlength=len(kinds)), index=[str(kind) for kind in kinds])
    kept = sizes[sizes >= PERSONAL_CELL].sort_index().sort_values(ascending=False, kind="stable").index[:MOST]
    names = sorted(kept) if len(kept) == len(sizes) else [REST, *sorted(kept)]
    place = pd.Index(names, dtype=object).get_indexer(sizes.index).clip(min=0)[at[known]]
    cells = np.searchsorted(groups, labels.to_numpy()[known]) * len(names) + place
    counts = np.bincount(cells, minlength=len(groups) * len(names)).reshape(len(groups), len(names))
    hide = hidden_cells(counts) if counts.size else np.zeros(counts.shape, dtype=np.bool_)
    everyone = counts.sum(axis=0) / max(counts.sum(), 1)
    out = {}
    for row, g in enumerate(groups):
        n = int(counts[row].sum())
        found = []
        for column, value in enumerate(names):
            count = int(counts[row, column])
            if value != REST and count >= PERSONAL_CELL and not hide[row, column] and g not in hidden:
                r = rate(count, n, level=level)
                lifts = (float(x / everyone[column]) for x in (r.share, r.low, r.high))
                found.append(Value(str(value), count, r.share, r.low, r.high, *lifts))
        found.sort(key=lambda v: (-v.n, v.value))
        common_ones = [] if g in hidden else [
            (-int(c), str(v)) for v, c in zip(names, counts[row], strict=True) if v != REST and c >= PERSONAL_CELL
        ]  # fmt: skip
        told = n if n >= PERSONAL_CELL and g not in hidden else None
        out[g] = Described(name, label, told, tuple(found), None, tuple(v for _, v in sorted(common_ones)))
    return out


def _middle(values: pd.Series, own: pd.Series, name: str, label: str, hidden: bool) -> Described:
    """Return median and quartiles of a number, in a form that several units have in common."""
    everyone, x = (v.dropna().to_numpy(dtype=np.float64) for v in (values, values[own]))
    if hidden or len(x) < PERSONAL_CELL:
        return Described(name, label, None)
    found = {w: common(float(np.quantile(x, q)), x) for w, q in (("lower", 0.25), ("median", 0.5), ("upper", 0.75))}
    found["median_of_all"] = common(float(np.median(everyone)), everyone)
    return Described(name, label, len(x), (), {w: v for w, v in found.items() if math.isfinite(v)})
