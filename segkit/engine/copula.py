"""Populations that keep each feature's margin and the rank correlations, and nothing beyond them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from ..seeds import generator
from .matrix import Floats
from .null_statistics import ranks


def copula_draws(values: Floats, strata: ArrayLike, count: int, seed: int) -> Iterator[Floats]:
    """Draw data sets from a Gaussian copula fitted within strata.

    Parameters
    ----------
    values : array of shape (n_units, n_columns)
    strata : array of length n_units
        Units are drawn within their stratum, so that what follows from belonging to it stays true.
    count : int
    seed : int

    Yields
    ------
    array of shape (n_units, n_columns)
        Each column holds exactly the observed values, stratum by stratum, in another arrangement.

    Notes
    -----
    Normal scores of the ranks give a correlation matrix; vectors are drawn from the normal law with it, and their ranks
    choose among the sorted values of each column (Iman and Conover 1982, with a drawn instead of a fixed arrangement).
    Ties among the observed values weaken correlations, so these are kept approximately.
    """
    strata = np.asarray(strata)
    rows = [np.flatnonzero(strata == s) for s in np.unique(strata)]
    factors = [normal_factor(values[r]) for r in rows]
    ordered = [np.sort(values[r], axis=0) for r in rows]
    for b in range(count):
        rng = generator(f"copula {b}", seed)
        out = np.empty_like(values)
        for own, factor, columns in zip(rows, factors, ordered, strict=True):
            drawn = rng.standard_normal((len(own), factor.shape[0])) @ factor
            out[own] = _arranged(columns, drawn)
        yield out


def normal_factor(values: Floats) -> Floats:
    """Return a matrix F so that F'F is the correlation matrix of the normal scores."""
    from scipy.special import ndtri

    scores: Floats = ndtri((ranks(values) - 0.5) / len(values))
    scores -= scores.mean(axis=0)
    norms = np.sqrt((scores**2).sum(axis=0))
    scores = np.divide(scores, norms, out=np.zeros_like(scores), where=norms > 1e-12)
    correlation = scores.T @ scores
    # A column that does not vary has no correlation; any arrangement of equal values is the same.
    size, direction = np.linalg.eigh(correlation)
    factor: Floats = (direction * np.sqrt(np.clip(size, 0, None))).T
    return factor


def _arranged(columns: Floats, drawn: Floats) -> Floats:
    """Put sorted columns into the order of other values; rounding aside, equal columns of these give equal orders."""
    places = np.ascontiguousarray(drawn.T).round(9)  # a row for each column, which is sorted many times faster
    order = places.argsort(axis=1)
    found = np.take_along_axis(places, order, axis=1)
    if (found[:, 1:] == found[:, :-1]).any():  # only where two are equal does the way of sorting matter
        order = places.argsort(axis=1, kind="stable")
    np.put_along_axis(places, order, columns.T, axis=1)
    return places.T
