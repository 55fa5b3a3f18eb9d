"""Where the fields are in a disjunctive matrix, and an order of its rows and columns that does not hang on codes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .fits import Labels
from .matrix import Floats

SLACK = 1e-9  # below which a column is the same for all units


@dataclass(frozen=True)
class Table:
    """The cells of a disjunctive matrix.

    Attributes
    ----------
    hits : array of shape (n_units, n_categories)
        One where a unit has a category, field by field.
    numbers : array of shape (n_units, n_numbers)
        In ranges of the column.
    """

    hits: Floats
    numbers: Floats

    def take(self, rows: Labels) -> Table:
        """Return some of the units."""
        return Table(self.hits[rows], self.numbers[rows])


@dataclass(frozen=True)
class Layout:
    """Which columns of a disjunctive matrix are the categories of which field.

    Attributes
    ----------
    hits, numbers : arrays of int
        Columns with indicators, field by field, the categories of a field in an order that does not depend on its
        codes; and columns with numbers.
    starts : array of int
        Where each field begins among the indicators.
    hit_weights, number_weights : arrays
        By field and number: how many times a difference counts (1, unless blocks were reweighted).
    """

    hits: NDArray[np.int64]
    numbers: NDArray[np.int64]
    starts: NDArray[np.int64]
    hit_weights: Floats
    number_weights: Floats

    @classmethod
    def of(cls, values: Floats) -> Layout:
        """Find the fields: each opens with a column of one negative value, see `mixed.Disjunctive`.

        Raises
        ------
        ValueError
            There is no such column.
        """
        low, high = values.min(axis=0), values.max(axis=0)
        opens = np.flatnonzero((high - low < SLACK) & (high < -1e-6))
        if not len(opens) or opens[0]:
            raise ValueError("this way to cluster needs a disjunctive matrix, see mixed.Disjunctive")
        common = _common(values)
        hits: list[int] = []
        starts, numbers, hit_weights, number_weights = [], [], [], []
        for first, end in zip(opens, [*opens[1:], values.shape[1]], strict=True):
            own, weight = np.arange(first + 1, end), float(values[0, first] ** 2)
            if len(own) > 1:
                starts.append(len(hits))
                hits += own[np.argsort(-common[own], kind="stable")].tolist()
                hit_weights.append(weight)
            elif len(own):
                numbers.append(int(own[0]))
                number_weights.append(weight)
        return cls(
            np.array(hits, dtype=np.int64), np.array(numbers, dtype=np.int64), np.array(starts, dtype=np.int64),
            np.array(hit_weights), np.array(number_weights),
        )  # fmt: skip

    @cached_property
    def widths(self) -> NDArray[np.int64]:
        """How many categories each field has."""
        return np.diff(np.append(self.starts, len(self.hits)))

    @cached_property
    def weights(self) -> Floats:
        """The weight of each indicator."""
        return np.repeat(self.hit_weights, self.widths)

    def read(self, values: Floats) -> Table:
        """Return the cells; what is no indicator, as in reference sets from a box, is taken for the nearest to one."""
        scale = np.sqrt(2 / np.maximum(self.weights, 1e-300))
        hits = (values[:, self.hits] * scale).clip(0.0, 1.0)
        hits[hits > 1 - 1e-6] = 1.0
        return Table(hits, values[:, self.numbers] / np.sqrt(np.maximum(self.number_weights, 1e-300)))

    def known(self, hits: Floats) -> Floats:
        """Return how far each field is known, shape (n_rows, n_fields)."""
        if not len(self.starts):
            return np.zeros((len(hits), 0))
        return np.asarray(np.add.reduceat(hits, self.starts, axis=1)).clip(max=1.0)

    def over_fields(self, counts: Floats) -> Floats:
        """Return beside each category, the last axis, the sum over its field; shape as given."""
        if not len(self.starts):
            return counts
        return np.repeat(np.add.reduceat(counts, self.starts, axis=-1), self.widths, axis=-1)


def _common(values: Floats) -> Floats:
    """Return a number for each column that depends on what it holds and not on where it stands."""
    first = values.sum(axis=0)
    rows = (values * np.cos(first)).sum(axis=1)
    # The sum decides; which units have the column settles ties.
    return first + 1e-4 * np.cos(rows) @ values / max(len(values), 1)


def row_order(values: Floats) -> Labels:
    """Return an order of the rows that depends neither on their order nor on that of the columns.

    Notes
    -----
    Rows are sorted by a sum of their cells, weighted by what is in the columns. Rows are tied only where they are equal,
    but for columns that cannot be told from each other.
    """
    common = _common(values)
    key = (values * np.cos(37.0 * common)).sum(axis=1)
    return np.argsort(key.round(10), kind="stable")


def occupied(labels: Labels, cost: Floats, k: int) -> Labels:
    """Give every empty segment the unit that fits worst where it is.

    Parameters
    ----------
    labels : array of int, length n_units
    cost : array of length n_units
        How badly a unit fits.
    k : int
    """
    out, worst = labels.copy(), iter(np.argsort(-cost, kind="stable"))
    for j in np.flatnonzero(np.bincount(labels, minlength=k) == 0):
        out[next(i for i in worst if (out == out[i]).sum() > 1)] = j
    return out
