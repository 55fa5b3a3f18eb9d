"""Blocks of rows that differ in which fields are filled, as exports that were put under each other do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..seeds import generator
from ..thresholds import FIELDS, FILLED
from .fits import Labels
from .matrix import Floats

MOST = 6  # blocks
DRAWN = 10_000  # rows that classes are fitted to; of more, so many are drawn
STILL = 1e-6  # of the log likelihood: a step that gains less is the last one
STARTS, SHORT, LONG = 10, 15, 300  # short runs from random starts, then one long run from the best of them
WORD = 62  # fields that one whole number holds
SMALLEST = 1e-6  # the least probability of a flag


@dataclass(frozen=True)
class Blocks:
    """Which block each row belongs to.

    Attributes
    ----------
    labels : Series of int
        Block per row; 1 is the largest.
    filled : DataFrame of shape (n_blocks, n_fields)
        Share of the rows of a block in which a field is filled.
    criterion : DataFrame
        One row per number of classes that was tried: ``classes``, ``log_likelihood``, ``bic``, ``icl``.
    """

    labels: pd.Series
    filled: pd.DataFrame
    criterion: pd.DataFrame

    @property
    def number(self) -> int:
        """How many blocks there are."""
        return len(self.filled)


class _Classes(NamedTuple):
    loglik: float
    weights: Floats
    odds: Floats  # probability that a field is missing, of shape (n_classes, n_fields)
    member: Floats  # of shape (n_patterns, n_classes)


def blocks_of(flags: pd.DataFrame, *, seed: int) -> Blocks:
    """Find blocks of rows that differ in which fields are filled.

    Parameters
    ----------
    flags : DataFrame of bool, shape (n_rows, n_fields)
        Whether a field is missing.
    seed : int

    Notes
    -----
    Latent classes within which flags are independent, fitted by expectation and maximisation over the distinct patterns:
    one class is a file whose fields go missing independently of each other. Their number is that of the smallest
    integrated classification likelihood, -2 log L + p log n + 2 H, with H the entropy of the memberships, which asks for
    classes that hardly overlap (Biernacki, C., Celeux, G. and Govaert, G. (2000). Assessing a mixture model for clustering
    with the integrated completed likelihood. IEEE Transactions on Pattern Analysis and Machine Intelligence, 22, 719-725);
    with one class it is the BIC, which more classes must therefore beat. Starts as Biernacki, Celeux and Govaert (2003),
    Computational Statistics and Data Analysis, 41, 561-575. Classes are one block unless the share of filled rows differs
    by half or more in a quarter of the fields, and in two at least: one field with a gap makes no export.
    Above ``DRAWN`` rows the classes are fitted to a sample, and all rows join their likeliest class.

    Examples
    --------
    >>> flags = pd.DataFrame({"a": [True, False] * 40, "b": [False, True] * 40, "c": [False, True] * 40})
    >>> blocks_of(flags, seed=1).filled.to_numpy().tolist()
    [[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]]
    """
    values = flags.to_numpy(dtype=np.bool_)
    varies = values.any(axis=0) & ~values.all(axis=0) if len(values) else np.zeros(values.shape[1], dtype=np.bool_)
    own, place, counts = patterns(values[:, varies])
    labels = np.zeros(len(values), dtype=np.int64)
    tried: list[tuple[int, float, float, float]] = []
    if int(varies.sum()) >= 2:
        drawn = counts
        if counts.sum() > DRAWN:
            drawn = generator("filled/rows", seed).multivariate_hypergeometric(counts, DRAWN, method="marginals")
        seen = drawn > 0
        best, tried = _chosen(own[seen].astype(np.float64), drawn[seen].astype(np.float64), seed)
        member, _ = _expected(own.astype(np.float64), best.weights, best.odds)
        labels = member.argmax(axis=1)[place]
    labels = _joined(labels, ~values)
    sizes = np.bincount(labels) if len(labels) else np.zeros(1, dtype=np.int64)
    shares = np.array(
        [(~values[labels == b]).mean(axis=0) if n else np.zeros(values.shape[1]) for b, n in enumerate(sizes)]
    )
    order = sorted(range(len(sizes)), key=lambda b: (-sizes[b], *shares[b]))
    names = {old: new for new, old in enumerate(order, start=1)}
    return Blocks(
        labels=pd.Series([names[int(b)] for b in labels], index=flags.index, name="block", dtype="int64"),
        filled=pd.DataFrame(shares[order], index=pd.RangeIndex(1, len(sizes) + 1, name="block"), columns=flags.columns),
        criterion=pd.DataFrame(tried, columns=["classes", "log_likelihood", "bic", "icl"]),
    )


def patterns(flags: np.ndarray) -> tuple[np.ndarray, Labels, Labels]:
    """Return the distinct rows in a fixed order, the number of each row's own among them, and how often each occurs.

    Parameters
    ----------
    flags : array of bool, shape (n_rows, n_fields)

    Examples
    --------
    >>> kinds, place, counts = patterns(np.array([[True, False], [False, True], [True, False]]))
    >>> kinds.tolist(), place.tolist(), counts.tolist()
    ([[False, True], [True, False]], [1, 0, 1], [1, 2])
    """
    if flags.shape[1] < WORD:  # as one whole number, which is sorted much faster
        codes = flags @ (1 << np.arange(flags.shape[1], dtype=np.int64)[::-1])
        _, first, place, counts = np.unique(codes, return_index=True, return_inverse=True, return_counts=True)
        return flags[first], place.ravel().astype(np.int64), counts.astype(np.int64)
    kinds, place, counts = np.unique(flags, axis=0, return_inverse=True, return_counts=True)
    return kinds, place.ravel().astype(np.int64), counts.astype(np.int64)


def _chosen(patterns: Floats, counts: Floats, seed: int) -> tuple[_Classes, list[tuple[int, float, float, float]]]:
    """Try one class more until two in a row make it no better."""
    n, fields = counts.sum(), patterns.shape[1]
    best, least, worse = None, math.inf, 0
    tried = []
    for g in range(1, min(MOST, len(patterns)) + 1):
        found = _fitted(patterns, counts, g, seed)
        bic = -2 * found.loglik + (g * fields + g - 1) * math.log(n)
        entropy = -float((counts[:, None] * found.member * np.log(np.maximum(found.member, 1e-300))).sum())
        tried.append((g, found.loglik, bic, bic + 2 * entropy))
        if best is None or bic + 2 * entropy < least - 1e-6:
            best, least, worse = found, bic + 2 * entropy, 0
        else:
            worse += 1
        if worse == 2:
            break
    assert best is not None
    return best, tried


def _fitted(patterns: Floats, counts: Floats, g: int, seed: int) -> _Classes:
    """Fit latent classes from several random starts."""
    if g == 1:
        return _steps(patterns, counts, np.ones((len(patterns), 1)), 1)
    rng = generator(f"filled/{g}", seed)
    begun = []
    for _ in range(STARTS):
        # Patterns join the nearest of some that are drawn by their weight, as it were the first step of k-means.
        centres = patterns[rng.choice(len(patterns), size=g, replace=False, p=counts / counts.sum())]
        far = (patterns[:, None, :] != centres[None]).sum(axis=2) + rng.uniform(0, 0.5, size=(len(patterns), g))
        near = np.eye(g)[far.argmin(axis=1)]
        begun.append(_steps(patterns, counts, 0.9 * near + 0.1 / g, SHORT))
    return _steps(patterns, counts, max(begun, key=lambda c: c.loglik).member, LONG)


def _steps(patterns: Floats, counts: Floats, member: Floats, most: int) -> _Classes:
    """Expectation and maximisation until the likelihood stands still."""
    n, before = counts.sum(), -math.inf
    for _ in range(most):
        weighted = member * counts[:, None]
        size = weighted.sum(axis=0)
        odds = ((weighted.T @ patterns) / np.maximum(size, 1e-12)[:, None]).clip(SMALLEST, 1 - SMALLEST)
        weights = (size / n).clip(SMALLEST)
        member, logs = _expected(patterns, weights, odds)
        loglik = float(counts @ logs)
        if loglik - before < STILL * abs(loglik):
            break
        before = loglik
    return _Classes(loglik, weights, odds, member)


def _expected(patterns: Floats, weights: Floats, odds: Floats) -> tuple[Floats, Floats]:
    """Return the probability of each class for each pattern, and the log likelihood of the pattern."""
    log = np.log(weights) + patterns @ (np.log(odds) - np.log(1 - odds)).T + np.log(1 - odds).sum(axis=1)
    top = log.max(axis=1, keepdims=True)
    likely = np.exp(log - top)
    total = likely.sum(axis=1, keepdims=True)
    return likely / total, (top + np.log(total)).ravel()


def _joined(labels: Labels, filled: np.ndarray) -> Labels:
    """Join classes that differ in too few fields, the two that differ in the fewest first."""
    least = max(2, math.ceil(FIELDS * filled.shape[1]))
    while True:
        present = np.unique(labels)
        if len(present) < 2:
            return np.unique(labels, return_inverse=True)[1].ravel().astype(np.int64)
        shares = {b: filled[labels == b].mean(axis=0) for b in present}
        apart = {
            (int((np.abs(shares[a] - shares[b]) >= FILLED).sum()), float(np.abs(shares[a] - shares[b]).sum()), a, b)
            for i, a in enumerate(present)
            for b in present[i + 1 :]
        }
        fewest, _, a, b = min(apart)
        if fewest >= least:
            return np.unique(labels, return_inverse=True)[1].ravel().astype(np.int64)
        labels = np.where(labels == b, a, labels)
