"""Equal rows of a matrix, of which units told by a few categories have many: what holds for one holds for all of its kind."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .matrix import Floats

Labels = NDArray[np.int64]
LOOKED = 200  # rows that tell whether it pays to look for equal ones: where all of these differ, most do
WORTH = 0.6  # share of the rows that may be of a kind of their own, or counting them costs what it saves


class Kinds(NamedTuple):
    """The distinct rows of a matrix.

    Attributes
    ----------
    first : array of int, length n_kinds
        A row of each kind.
    of : array of int, length n_rows
        The kind of each row, from 0, in no order that means anything.
    counts : array of int, length n_kinds
    """

    first: Labels
    of: Labels
    counts: Labels


def kinds(values: Floats) -> Kinds:
    """Find the distinct rows; zero and minus zero are one value, and missing values are equal.

    Parameters
    ----------
    values : array of shape (n_rows, n_columns)

    Examples
    --------
    >>> found = kinds(np.array([[1.0, 2.0], [0.0, 2.0], [1.0, 2.0]]))
    >>> sorted(found.counts.tolist()), bool(found.of[0] == found.of[2])
    ([1, 2], True)
    """
    if not values.shape[1]:
        n = len(values)
        return Kinds(np.zeros(min(n, 1), np.int64), np.zeros(n, np.int64), np.full(min(n, 1), n))
    plain = np.ascontiguousarray(values, dtype=np.float64) + 0.0  # minus zero is zero
    words = plain.view(np.uint64)
    # One whole number for each row, which is sorted much faster than the row; two rows with the same one are looked at.
    odd = np.random.Generator(np.random.PCG64(1)).integers(2**63, size=words.shape[1], dtype=np.uint64) * 2 + 1
    found = _numbered(((words ^ (words >> np.uint64(32))) * odd).sum(axis=1, dtype=np.uint64))
    if not np.array_equal(words[found.first[found.of]], words):
        found = _numbered(plain.view(np.dtype((np.void, plain.itemsize * plain.shape[1]))).ravel())
    return found


def _numbered(keys: NDArray[np.uint64] | NDArray[np.void]) -> Kinds:
    _, first, of, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    return Kinds(first.astype(np.int64), of.ravel().astype(np.int64), counts.astype(np.int64))


def repeated(values: Floats) -> Kinds | None:
    """Return the distinct rows where there are so few of them that to work on each once pays; else None."""
    n = len(values)
    some = values[:: max(1, n // LOOKED)]
    if n <= 1 or (n > LOOKED and len(kinds(some).first) == len(some)):
        return None
    found = kinds(values)
    return found if len(found.first) <= WORTH * n else None


def distinct(values: Floats) -> Labels:
    """Return for each row the number of its value among the distinct rows, from 0, in no order that means anything."""
    return kinds(values).of
