"""Populations in which fields have nothing to do with each other, and are missing where they are missing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from ..seeds import generator
from .matrix import Floats


def independent_draws(values: Floats, strata: ArrayLike, count: int, seed: int) -> Iterator[Floats]:
    """Draw data sets whose known cells are permuted, each column by itself, within strata.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
        Numbers or codes of categories; NaN where missing.
    strata : array of length n_units
        Cells stay in their stratum: a stacked export, a pattern of missing fields.
    count : int
    seed : int

    Yields
    ------
    array of shape (n_units, n_columns)
        Each column holds the observed values, stratum by stratum, in another arrangement; missing cells stay where they
        are, so that what is due to them alone is in these populations too.

    Notes
    -----
    The null of mutual independence, by permutation: Pitman, E. J. G. (1937). Significance tests which may be applied to
    samples from any populations. Supplement to the Journal of the Royal Statistical Society, 4, 119-130. All that
    segments can be made of is gone, ties between two fields as well: a rejection says that fields are related, not that
    there are groups.

    Examples
    --------
    >>> table = np.array([[0.0, 5.0], [1.0, np.nan], [1.0, 7.0]])
    >>> drawn = next(independent_draws(table, [0, 0, 0], 1, seed=1))
    >>> np.sort(drawn[:, 0]).tolist(), bool(np.isnan(drawn[1, 1]))
    ([0.0, 1.0, 1.0], True)
    """
    strata = np.asarray(strata)
    groups = [np.flatnonzero(strata == s) for s in np.unique(strata)]
    cells = [
        (j, rows[~np.isnan(values[rows, j])]) for rows in groups for j in range(values.shape[1])
    ]  # which can be told once, for all draws
    for b in range(count):
        rng = generator(f"independent {b}", seed)
        out = values.copy()
        for j, known in cells:
            out[known, j] = values[rng.permutation(known), j]
        yield out
