"""What predicts the next period's outcome of units that were not seen: tables of columns, each against the same baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..engine.matrix import Floats
from ..engine.unit_bootstrap import DRAWS, interval, unit_counts
from ..seeds import generator
from .rates import COVERAGE

FOLDS, REPEATS, INNER = 5, 5, 4
PENALTIES = tuple(float(c) for c in 10.0 ** np.arange(-4, 2))  # inverse strengths of the ridge
FEWEST = 10  # groups with the outcome, and groups without it
STEPS, CLOSE, LONGEST = 50, 1e-7, 4.0  # of Newton's method
EDGE = 1e-4  # probabilities are kept so far from 0 and 1 where their logarithm is taken
BETTER, WORSE, UNDECIDED = "better", "worse", "undecided"
MEASURES = ("auc", "brier", "log_loss")
LESS_IS_BETTER = ("brier", "log_loss")


@dataclass(frozen=True)
class NextPeriod:
    """How well each table predicts the outcome, and whether one does so better than another.

    Attributes
    ----------
    table : DataFrame
        One row per table and measure: ``columns`` (its name), ``width``, ``measure`` (``auc``, ``brier``, ``log_loss``),
        ``value``, ``low``, ``high``.
    differences : DataFrame
        One row per comparison and measure: ``columns``, ``other``, ``measure``, ``difference``, ``low``, ``high``, and
        ``verdict``: ``better`` where the interval says that the former predicts better, ``worse``, else ``undecided``.
    units, events, groups : int
    reason : str
        Why there are no numbers; empty where there are.
    params : dict
    seed : int
    """

    table: pd.DataFrame
    differences: pd.DataFrame
    units: int
    events: int
    groups: int
    reason: str
    params: dict[str, Any]
    seed: int

    def verdict(self, columns: str, other: str, measure: str = "auc") -> str:
        """Return whether a table predicts better than another, in a word; undecided where nothing could be measured."""
        rows = self.differences
        own = rows[(rows["columns"] == columns) & (rows["other"] == other) & (rows["measure"] == measure)]
        return str(own["verdict"].iloc[0]) if len(own) else UNDECIDED

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "measures": self.table.to_dict("records"), "differences": self.differences.to_dict("records"),
            "units": self.units, "events": self.events, "groups": self.groups, "reason": self.reason,
            "params": self.params, "seed": self.seed,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def next_period(
    tables: Mapping[str, pd.DataFrame],
    outcome: pd.Series,
    groups: pd.Series,
    *,
    baseline: str | None = None,
    against: tuple[tuple[str, str], ...] = (),
    folds: int = FOLDS,
    repeats: int = REPEATS,
    draws: int = DRAWS,
    level: float = COVERAGE,
    seed: int = 42,
) -> NextPeriod:
    """Predict an outcome from each of some tables, of units whose whole group was not seen.

    Parameters
    ----------
    tables : mapping of str to DataFrame of shape (n_units, n_columns)
        All on the index of the outcome, without missing cells, and made of what was known before the next period began:
        also a vocabulary, or directions of texts, must not be of later texts.
    outcome : Series of bool, length n_units
    groups : Series of length n_units
        Who a unit is of; units of one group are never on both sides, and are drawn together.
    baseline : str, optional
        The table that all others are compared with; the first when not given.
    against : tuple of (str, str)
        More comparisons, the former less the latter.
    folds, repeats : int
        Folds of groups, and how often they are dealt out anew.
    draws : int
        Bootstrap samples of groups.
    level : float
    seed : int

    Raises
    ------
    ValueError
        A table, the outcome or the groups are of other units, or something is missing.

    Notes
    -----
    Logistic regression with a ridge (le Cessie, S. and van Houwelingen, J. C. (1992). Ridge estimators in logistic regression.
    Applied Statistics, 41, 191-201) of standard scores, which like the strength of the penalty are learnt within each
    fold, the latter by the log loss in folds of groups of its own. Every table is fitted in the same folds. Measures are the
    area under the curve, Brier's score and the log loss, averaged over the deals. Areas compare units of one fold, whose
    probabilities are of one model: where a model tells nothing, its probability is the rate of the other folds, which is
    low where the own fold's is high, and would rank units the wrong way round (as `engine.cross_validated.area` has it).

    Intervals are percentiles over a bootstrap of groups, paired where two tables are compared (Efron 1979), with models kept
    as they are. Models of two folds share most of their units, so that what a table wins by luck it wins in several folds:
    intervals are widened about their value by the root of 1 + J / (J - 1) for J folds (Nadeau, C. and Bengio, Y. (2003).
    Inference for the generalization error. Machine Learning, 52, 239-281).
    """
    for what in (*tables.values(), groups):
        if not what.index.equals(outcome.index):
            raise ValueError("a table or the groups are not about the units of the outcome, in one order")
    if any(t.isna().any(axis=None) for t in tables.values()) or outcome.isna().any() or groups.isna().any():
        raise ValueError("a cell, an outcome or a group is missing")
    y = outcome.to_numpy(dtype=bool)
    of = pd.factorize(groups, sort=True)[0].astype(np.int64)
    baseline = baseline if baseline is not None else next(iter(tables), "")
    params = {"folds": folds, "repeats": repeats, "draws": draws, "level": level, "baseline": baseline,
              "penalties": list(PENALTIES)}  # fmt: skip
    size = (len(y), int(y.sum()), int(of.max(initial=-1)) + 1)
    if reason := _reason(y, of):
        table, differences = (pd.DataFrame(columns=list(c)) for c in (_TABLE, _DIFFERENCES))
        return NextPeriod(table, differences, *size, reason, params, seed)
    order = np.argsort(
        outcome.index.map(str).to_numpy(dtype=object), kind="stable"
    )  # so that rows may come in any order
    deals = [_deal(of[order], y[order], folds, generator(f"next period/{r}", seed)) for r in range(repeats)]
    chances = {
        name: _predicted(t.to_numpy(dtype=np.float64)[order], y[order], of[order], deals) for name, t in tables.items()
    }
    counts = np.vstack(list(unit_counts(size[2], draws, "next period/draws", seed)))
    made = {name: _measured(p, y[order], of[order], deals, counts) for name, p in chances.items()}
    pairs = [*((n, baseline) for n in tables if n != baseline), *(p for p in against if p[1] != baseline)]
    widths = {name: t.shape[1] for name, t in tables.items()}
    return NextPeriod(
        pd.DataFrame(_rows(made, widths, folds, level), columns=list(_TABLE)),
        pd.DataFrame(_compared(made, pairs, folds, level), columns=list(_DIFFERENCES)),
        *size, "", params, seed,
    )  # fmt: skip


_TABLE = ("columns", "width", "measure", "value", "low", "high")
_DIFFERENCES = ("columns", "other", "measure", "difference", "low", "high", "verdict")


class _Measured(NamedTuple):
    """Measures of one table: their values, of shape (3,), and those of resamples, of shape (draws, 3)."""

    values: Floats
    drawn: Floats


def _reason(y: NDArray[np.bool_], of: NDArray[np.int64]) -> str:
    """Return why nothing can be predicted; empty where it can."""
    with_it, without = len(np.unique(of[y])), len(np.unique(of[~y]))
    if min(with_it, without) < FEWEST:
        return f"Fewer than {FEWEST} have the outcome, or fewer than {FEWEST} have not."
    return ""


def _deal(of: NDArray[np.int64], y: NDArray[np.bool_], folds: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Deal groups out to folds, those with the outcome and those without it evenly; return the fold of each unit."""
    number = int(of.max()) + 1
    hit = np.bincount(of, weights=y, minlength=number) > 0
    shuffled = rng.permutation(number)
    fold = np.zeros(number, dtype=np.int64)
    fold[np.concatenate([shuffled[hit[shuffled]], shuffled[~hit[shuffled]]])] = np.arange(number) % folds
    return fold[of]


def _predicted(x: Floats, y: NDArray[np.bool_], of: NDArray[np.int64], deals: list[NDArray[np.int64]]) -> Floats:
    """Return the probability of each unit in each deal, by models that have not seen its group; shape (deals, n_units)."""
    from threadpoolctl import threadpool_limits

    out = np.zeros((len(deals), len(y)))
    with threadpool_limits(1):
        for own, fold in zip(out, deals, strict=True):
            for f in range(int(fold.max()) + 1):
                here, there = fold == f, fold != f
                own[here] = _fit(x[there], y[there], of[there], x[here])
    return out


def _fit(x: Floats, y: NDArray[np.bool_], of: NDArray[np.int64], new: Floats) -> Floats:
    """Fit on some units, with the penalty that does best within them, and return probabilities of others."""
    # Which groups are put together within a fold follows from their number, so that each table has the same inner folds.
    inner = np.unique(of, return_inverse=True)[1] % INNER
    losses = np.zeros(len(PENALTIES))
    for f in range(INNER):
        here, there = inner == f, inner != f
        if len(np.unique(y[there])) == 2:
            losses += [_log_loss(p, y[here]).sum() for p in ridge_path(x[there], y[there], x[here], PENALTIES)]
    *_, best = ridge_path(x, y, new, PENALTIES[: int(losses.argmin()) + 1])
    return best


def ridge_path(x: Floats, y: NDArray[np.bool_], new: Floats, penalties: Sequence[float]) -> Iterator[Floats]:
    """Yield the probabilities of new units by logistic regression of standard scores, for each strength of a ridge.

    Parameters
    ----------
    x : array of shape (n_units, n_columns)
    y : array of bool, length n_units
        Of both kinds.
    new : array of shape (m, n_columns)
    penalties : sequence of float
        Inverse strengths C, from strong to weak: what is least is C times the sum of the log losses, plus half the sum of the
        squared coefficients; the intercept is free.

    Yields
    ------
    array of length m
    """
    from scipy.special import expit

    known, held = _scored(x, new)
    # A ridge does not mind a rotation, so there need be no more columns than units.
    u, size, turn = np.linalg.svd(known, full_matrices=False)
    keep = size > 1e-9 * size.max(initial=0)
    columns = np.column_stack([np.ones(len(known)), (u * size)[:, keep]])
    ahead = np.column_stack([np.ones(len(held)), held @ turn[keep].T])
    at = np.zeros(columns.shape[1])
    at[0] = np.log(y.mean() / (1 - y.mean()))
    for penalty in penalties:
        ridge = np.full(len(at), 1 / penalty)
        ridge[0] = 0.0
        for _ in range(STEPS):
            p = expit(columns @ at)
            slope = columns.T @ (p - y) + ridge * at
            curve = (columns * (p * (1 - p))[:, None]).T @ columns
            curve[np.diag_indices_from(curve)] += ridge
            step = np.linalg.solve(curve, slope)
            # Far from the least point Newton's steps may be too long; no log odds moves by more than four at once.
            step *= min(1.0, LONGEST / max(np.abs(columns @ step).max(), 1e-300))
            at = at - step
            if np.abs(step).max() < CLOSE:
                break
        yield expit(ahead @ at)


def _scored(known: Floats, new: Floats) -> tuple[Floats, Floats]:
    """Return standard scores by the former of the two; a column that does not vary there tells nothing."""
    mean, spread = known.mean(axis=0), known.std(axis=0)
    varies = spread > 1e-12
    factor = np.where(varies, 1 / np.where(varies, spread, 1), 0)
    return (known - mean) * factor, (new - mean) * factor


def _log_loss(p: Floats, y: NDArray[np.bool_]) -> Floats:
    """Return the log loss of each probability; the outcome goes along the last axis."""
    inside = p.clip(EDGE, 1 - EDGE)
    return -np.log(np.where(y, inside, 1 - inside))


def _measured(
    p: Floats, y: NDArray[np.bool_], of: NDArray[np.int64], deals: list[NDArray[np.int64]], counts: Floats
) -> _Measured:
    """Measure probabilities, once as they are and once in each resample of groups."""
    weights = np.vstack([np.ones(counts.shape[1]), counts])[:, of]
    losses = (weights @ each.mean(axis=0) / weights.sum(axis=1) for each in ((p - y) ** 2, _log_loss(p, y)))
    right, pairs = np.zeros((2, len(weights)))
    for own, fold in zip(p, deals, strict=True):
        for f in range(int(fold.max()) + 1):
            here = fold == f
            won, number = _ranked(own[here], y[here], weights[:, here])
            right, pairs = right + won, pairs + number
    area = np.divide(right, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)
    found = np.column_stack([area, *losses])
    return _Measured(found[0], found[1:])


def _ranked(p: Floats, y: NDArray[np.bool_], weights: Floats) -> tuple[Floats, Floats]:
    """Return for each row of weights how many pairs of a unit with and one without the outcome are ranked right, and all."""
    place = np.unique(p.round(12), return_inverse=True)[1]
    at = np.zeros((len(p), int(place.max(initial=-1)) + 1))
    at[np.arange(len(p)), place] = 1.0
    hits, misses = (weights * y) @ at, (weights * ~y) @ at
    below = np.cumsum(misses, axis=1) - misses / 2  # ties count one half
    return (hits * below).sum(axis=1), hits.sum(axis=1) * misses.sum(axis=1)


def _wider(value: Floats, drawn: Floats, folds: int, level: float) -> tuple[Floats, Floats]:
    """Return the percentile interval of resamples, widened about the value."""
    factor = np.sqrt(1 + folds / (folds - 1))
    low, high = (value + factor * (end - value) for end in interval(drawn, level))
    return low, high


def _rows(
    made: Mapping[str, _Measured], widths: Mapping[str, int], folds: int, level: float
) -> Iterator[tuple[Any, ...]]:
    for name, found in made.items():
        low, high = _wider(found.values, found.drawn, folds, level)
        low[0], high[0] = max(0.0, low[0]), min(1.0, high[0])
        low[1:] = low[1:].clip(0)
        for i, measure in enumerate(MEASURES):
            yield name, widths[name], measure, float(found.values[i]), float(low[i]), float(high[i])


def _compared(
    made: Mapping[str, _Measured], pairs: list[tuple[str, str]], folds: int, level: float
) -> Iterator[tuple[Any, ...]]:
    for name, other in pairs:
        gap = made[name].values - made[other].values
        low, high = _wider(gap, made[name].drawn - made[other].drawn, folds, level)
        for i, measure in enumerate(MEASURES):
            above, below = low[i] > 0, high[i] < 0
            if measure in LESS_IS_BETTER:
                above, below = below, above
            word = BETTER if above else WORSE if below else UNDECIDED
            yield name, other, measure, float(gap[i]), float(low[i]), float(high[i]), word
