"""How sure the number of segments is: the rule applied anew to subsamples of the units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..seeds import integer
from ..thresholds import JACCARD, PREDICTION_STRENGTH
from .clusterer import SMALL, Clusterer
from .fits import Labels, side_by_side
from .instability import instability
from .krule import largest, qualifying
from .matrix import Floats, ModelMatrix
from .prediction import PredictionStrength, prediction_strength

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

SHARE = 0.8  # of the units in a subsample
SUBSAMPLES, SPLITS, BOOTSTRAPS = 30, 10, 10  # and how much resampling there is inside each of them, at most
FEWEST = 50  # units: of fewer, half a subsample holds under twenty, and is asked for segments that it cannot have
MOST, HEAVY = 4_000, 2_000  # units of a subsample, which bounds the work; and where fits take longer than k-means


@dataclass(frozen=True)
class KResampling:
    """What the rule answers on subsamples of the units, and how far prediction strengths move from one to the next.

    Attributes
    ----------
    table : DataFrame
        ``k`` (1: none), ``subsamples`` that answer it, ``share``; no row where there are too few units to draw from.
    strengths : DataFrame
        ``k``, ``strength`` (mean over the subsamples), ``error`` (the jackknife's, of the strength on all units; missing
        where fewer than two subsamples have one), ``subsamples`` (that have one).
    params : dict
        ``subsamples``, ``units`` and ``drawn`` (units, or groups of them, in all and in each subsample), ``splits`` and
        ``bootstraps`` inside each; ``grouped``, whether units were drawn in groups.
    seed : int
    """

    table: pd.DataFrame
    strengths: pd.DataFrame
    params: dict[str, Any]
    seed: int

    @property
    def known(self) -> bool:
        """Whether there were enough units to draw from."""
        return len(self.table) > 0

    def share(self, k: int) -> float:
        """Return the share of the subsamples that answer a number; NaN where none was drawn."""
        return float(self.table.loc[self.table["k"] == k, "share"].sum()) if self.known else float("nan")

    def error(self, k: int) -> float:
        """Return the jackknife error of the prediction strength at a number of segments; NaN where it is not known."""
        return float(self.strengths.set_index("k")["error"].get(k, np.nan))

    def to_json(self) -> dict[str, Any]:
        """Return answers and errors as plain values."""
        tables = {"answers": self.table, "strengths": self.strengths}
        return {**{n: t.to_dict("records") for n, t in tables.items()}, "params": self.params, "seed": self.seed}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def k_resampling(
    frame: pd.DataFrame,
    matrix: ModelMatrix,
    ks: Sequence[int],
    *,
    subsamples: int = SUBSAMPLES,
    splits: int = SPLITS,
    bootstraps: int = BOOTSTRAPS,
    strength: float = PREDICTION_STRENGTH,
    jaccard: float = JACCARD,
    groups: ArrayLike | None = None,
    clusterer: Clusterer = SMALL,
    seed: int = 42,
    jobs: int | None = None,
) -> KResampling:
    """Apply the rule for the number of segments to subsamples, each preprocessed, clustered and resampled anew.

    Parameters
    ----------
    frame : DataFrame of shape (n_units, n_features)
        The raw features that ``matrix`` was made of.
    matrix : ModelMatrix
    ks : sequence of int
        Numbers of segments to compare.
    subsamples : int
        Each of ``SHARE`` of the units, without replacement, and of ``MOST`` units at most, or ``HEAVY`` where a fit takes long.
    splits, bootstraps : int
        Of prediction strength and of the similarities inside each subsample. Few of them add an error of their own, by
        which the answers look rather less sure than they are.
    strength, jaccard : float
        What the rule asks; see `krule.decide`.
    groups : array of length n_units, optional
        Who each unit is of, where those were sampled and not the units: they are drawn with all their units.
    clusterer : Clusterer
    seed : int
    jobs : int, optional
        Processes; all processors when not given.

    Notes
    -----
    Shares of answers: a number of segments is an estimate like any other, and moves with the sample (Fang and Wang 2012). A
    bootstrap sample would hold units twice, which halves predict too well; subsamples hold none (Politis, D. N., Romano,
    J. P. and Wolf, M. (1999). Subsampling. Springer).

    Error: the delete-d jackknife (Shao, J. and Wu, C. F. J. (1989). A general theory for jackknife variance estimation. The
    Annals of Statistics, 17, 1176-1197; Efron and Tibshirani 1993, section 11.7), see `jackknife_error`.

    Similarities are looked at only where a strength reaches its threshold, since the rule asks for both.
    """
    values = frame.to_numpy(dtype=np.float64)
    of = np.arange(len(values)) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    number = int(of.max()) + 1
    most = MOST if clusterer.weight == 1 else HEAVY
    drawn = round(min(SHARE, most / len(values)) * number)
    if number < FEWEST:
        subsamples = 0
    asked = (list(ks), splits, bootstraps, strength, jaccard, clusterer)
    plan = [(values, of, drawn, matrix.pipeline, *asked, integer(f"k resampling/{i}", seed)) for i in range(subsamples)]
    found = side_by_side(_answer, plan, what="number of segments", jobs=jobs)
    answers = pd.Series([k for k, _ in found], dtype="int64").value_counts().sort_index()
    table = pd.DataFrame({"k": answers.index, "subsamples": answers.to_numpy()})
    rows = []
    for i, k in enumerate(ks):
        seen = np.array([each[i] for _, each in found if np.isfinite(each[i, 0])]).reshape(-1, 2)
        mean = float(seen[:, 0].mean()) if len(seen) else np.nan
        rows.append((k, mean, jackknife_error(seen[:, 0], seen[:, 1], drawn, number), len(seen)))
    params = {
        "subsamples": subsamples, "units": number, "drawn": drawn, "grouped": groups is not None,
        "splits": splits, "bootstraps": bootstraps, **clusterer.params,
    }  # fmt: skip
    strengths = pd.DataFrame(rows, columns=["k", "strength", "error", "subsamples"])
    return KResampling(table.assign(share=table["subsamples"] / max(subsamples, 1)), strengths, params, seed)


def jackknife_error(measured: Floats, noise: Floats, drawn: int, units: int) -> float:
    """Return the standard error of a statistic of all units, from its values on subsamples.

    Parameters
    ----------
    measured : array of length B
        On each subsample.
    noise : array of length B
        The variance that each value would have on the same subsample, measured again: that of few splits. It is no error of
        the units, and taken off.
    drawn, units : int
        In a subsample, and in all: d = units - drawn are left out.

    Returns
    -------
    float
        The root of drawn / d times the variance over subsamples without noise, zero where noise explains all of it; NaN for
        fewer than two subsamples.

    Examples
    --------
    The mean of 1, 2, 3, 4, 5 has a standard error of 0.71 (the root of 2.5 / 5). Each of the five subsamples leaves one out:

    >>> round(jackknife_error(np.array([3.5, 3.25, 3, 2.75, 2.5]), np.zeros(5), 4, 5) * (4 / 5) ** 0.5, 2)
    0.71
    """
    if len(measured) < 2:
        return float("nan")
    spread = float(measured.var(ddof=1) - np.nan_to_num(noise).mean())
    return float(np.sqrt(drawn / (units - drawn) * max(spread, 0.0)))


def _answer(
    values: Floats,
    of: Labels,
    drawn: int,
    like: Pipeline,
    ks: list[int],
    splits: int,
    bootstraps: int,
    strength: float,
    jaccard: float,
    clusterer: Clusterer,
    seed: int,
) -> tuple[int, Floats]:
    """Return the answer on one subsample, and for each K its prediction strength and the variance due to the splits."""
    from sklearn.base import clone

    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(np.isin(of, rng.choice(int(of.max()) + 1, drawn, replace=False)))
    try:
        x = clone(like).fit_transform(values[rows])
    except ValueError:  # every column is constant in this subsample
        return 1, np.full((len(ks), 2), np.nan)
    part = ModelMatrix(x, pd.RangeIndex(len(x)), (), {}, like, ())
    k, halves = rule_on(part, ks, splits, bootstraps, strength, jaccard, clusterer, seed)
    noise = halves.table["sd"] ** 2 / halves.table["splits"].clip(lower=1)
    return k, np.column_stack([halves.table["strength"], noise])


def rule_on(
    part: ModelMatrix, ks: Sequence[int], splits: int, bootstraps: int, strength: float, jaccard: float,
    clusterer: Clusterer, seed: int,
) -> tuple[int, PredictionStrength]:  # fmt: skip
    """Return what the rule answers for a matrix, in one process, and the prediction strengths behind it.

    Parameters
    ----------
    part : ModelMatrix
    ks, splits, bootstraps, strength, jaccard, clusterer, seed
        As of `k_resampling`.
    """
    halves = prediction_strength(part, ks, splits=splits, clusterer=clusterer, seed=seed, jobs=1)
    strong = [int(k) for k in halves.table.loc[halves.table["strength"] >= strength, "k"]]
    fits = {k: clusterer.fit(part.values, k, seed=seed).labels + 1 for k in strong}
    again = instability(part, fits, bootstraps=bootstraps, clusterer=clusterer, seed=seed, jobs=1)
    return largest(qualifying(halves, again, strength, jaccard)), halves
