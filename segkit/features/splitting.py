"""After how much silence a conversation is over: what the threshold changes, and where the gaps themselves would put it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..seeds import generator, integer
from .conversations import HOURS, SECONDS_PER_HOUR, Floats, MessageLog, conversations, runs
from .pairs import behaviour

THRESHOLDS = (0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 24.0)  # hours
BY_THRESHOLD = ("messages_per_conversation", "usual_gap", "conversation_length", "conversations_per_day")
FEWEST = 50  # gaps below which no mixture is fitted
MOST = 20_000  # gaps that a mixture is fitted to; a sample where there are more
EVIDENCE = 10.0  # of the difference of BIC from which on it is called very strong: Kass and Raftery (1995)
APART = 2.0  # standard deviations between two means from which on two normal distributions are told apart: Ashman et al. (1994)
LIGHT = 0.05  # share of the gaps that a part of the mixture has at least
FLOOR = 1e-3  # of the variance of a part, so that it does not fall onto gaps that tie


@dataclass(frozen=True)
class GapMixture:
    """Two normal distributions of the logarithm of gaps: those within conversations, and those between them.

    Attributes
    ----------
    hours : float
        The gap between the two means that is as probable under the one as under the other; NaN where there is none.
    short, long : float
        Hours; the geometric means of the two parts.
    spread : tuple of float
        Standard deviations of the two, of the natural logarithm.
    weight : float
        Share of the gaps that are of the long part.
    evidence : float
        BIC of one normal distribution less that of two; above 0 speaks for two.
    apart : float
        Distance of the means by the root of the mean variance (Ashman's D).
    separates : bool
        Whether the gaps are of two kinds that can be told apart: strong evidence, means that are far from each other, and no
        part with hardly any gaps. Where they are not, ``hours`` is no reason to change a threshold.
    gaps, ties : int
        Gaps that are used, and gaps of no length, which have no logarithm.
    """

    hours: float
    short: float
    long: float
    spread: tuple[float, float]
    weight: float
    evidence: float
    apart: float
    separates: bool
    gaps: int
    ties: int

    @property
    def table(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([asdict(self)])

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {"spread": list(self.spread)}

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


@dataclass(frozen=True)
class Splitting:
    """Conversations at each threshold.

    Attributes
    ----------
    table : DataFrame
        One row per threshold: ``hours``, ``conversations``, ``mean_messages``, ``single`` (share of one message only),
        ``mean_duration_hours``, ``with_purchase`` (share; NaN without money), ``agreement`` (the least of the rank
        correlations below).
    moved : DataFrame
        One row per threshold and feature that hangs on it: ``hours``, ``feature``, ``correlation`` (Spearman's, over pairs, with
        the feature at the chosen threshold; NaN where all pairs are alike).
    chosen : float
        Hours.
    mixture : GapMixture
    """

    table: pd.DataFrame
    moved: pd.DataFrame
    chosen: float
    mixture: GapMixture

    @property
    def least(self) -> float:
        """The least rank correlation at any threshold; NaN where there is none."""
        return float(self.moved["correlation"].min())

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "thresholds": self.table.to_dict("records"), "moved": self.moved.to_dict("records"), "chosen": self.chosen,
            "mixture": self.mixture.to_json(),
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def splitting(
    messages: MessageLog, hours: Sequence[float] = THRESHOLDS, *, chosen: float = HOURS, seed: int = 42
) -> Splitting:
    """Split a log at several thresholds, and ask its gaps for one.

    Parameters
    ----------
    messages : Messages
    hours : sequence of float
    chosen : float
        The threshold in use; it is added to ``hours``.
    seed : int

    Raises
    ------
    ValueError
        The frame is not sorted by time, or a threshold is not above 0.
    """
    at = behaviour(messages, chosen)
    rows, moved = [], []
    for limit in sorted({*map(float, hours), float(chosen)}):
        found = conversations(messages, limit)
        other = behaviour(messages, limit)
        own = [(limit, name, _rank_correlation(other[name], at[name])) for name in BY_THRESHOLD]
        counts = found["message_count"]
        bought = float((found["purchase_count"] > 0).mean()) if "purchase_count" in found else np.nan
        moved += own
        rows.append((
            limit, len(found), counts.mean(), (counts == 1).mean(), found["duration_hours"].mean(), bought,
            pd.Series([c for _, _, c in own]).min(),
        ))  # fmt: skip
    names = ["hours", "conversations", "mean_messages", "single", "mean_duration_hours", "with_purchase", "agreement"]
    gaps = runs(messages.frame).gap
    return Splitting(
        pd.DataFrame(rows, columns=names), pd.DataFrame(moved, columns=["hours", "feature", "correlation"]), float(chosen),
        gap_mixture(gaps[~np.isnan(gaps)] / SECONDS_PER_HOUR, seed=seed),
    )  # fmt: skip


def _rank_correlation(one: pd.Series, two: pd.Series) -> float:
    first, second = one.rank(), two.reindex(one.index).rank()
    if first.nunique() < 2 or second.nunique() < 2:
        return np.nan
    return float(first.corr(second))


def gap_mixture(gaps: Floats, *, seed: int = 42) -> GapMixture:
    """Fit a mixture of two normal distributions to the logarithm of gaps.

    Parameters
    ----------
    gaps : array of float
        Hours between messages of a pair that follow each other.
    seed : int

    Notes
    -----
    The parts are as probable where pi_1 f_1(x) = pi_2 f_2(x), a quadratic equation in x. Evidence: Schwarz, G. (1978).
    Estimating the dimension of a model. The Annals of Statistics, 6, 461-464; how much is strong: Kass, R. E. and Raftery,
    A. E. (1995). Bayes factors. JASA, 90, 773-795. Two normal distributions may describe one skewed shape better than one
    does, hence the distance too: Ashman, K. M., Bird, C. M. and Zepf, S. E. (1994). Detecting bimodality in astronomical
    datasets. The Astronomical Journal, 108, 2348-2361. That gaps are of two kinds: Halfaker, A. et al. (2015). User session
    identification based on strong regularities in inter-activity time. WWW 2015, 410-418. Gaps of a pair are alike, so that
    the evidence of many gaps of few pairs is less than it seems.
    """
    from sklearn.mixture import GaussianMixture

    logs = np.log(gaps[gaps > 0])
    ties = int((gaps <= 0).sum())
    if len(logs) < FEWEST or len(np.unique(logs)) < 3:
        return GapMixture(np.nan, np.nan, np.nan, (np.nan, np.nan), np.nan, np.nan, np.nan, False, len(logs), ties)
    if len(logs) > MOST:
        logs = np.sort(generator("features/splitting/sample", seed).choice(logs, MOST, replace=False))
    x, state = logs[:, None], integer("features/splitting/mixture", seed)
    one = GaussianMixture(1, reg_covar=FLOOR, random_state=state).fit(x)
    two = GaussianMixture(2, reg_covar=FLOOR, n_init=3, max_iter=500, random_state=state).fit(x)
    order = np.argsort(two.means_[:, 0])
    mean, sd = two.means_[order, 0], np.sqrt(two.covariances_[order, 0, 0])
    weight, evidence = two.weights_[order], float(one.bic(x) - two.bic(x))
    apart = float((mean[1] - mean[0]) / np.sqrt((sd**2).mean()))
    crossing = _crossing(mean, sd, weight)
    separates = bool(evidence > EVIDENCE and apart > APART and weight.min() >= LIGHT and np.isfinite(crossing))
    return GapMixture(
        float(np.exp(crossing)), float(np.exp(mean[0])), float(np.exp(mean[1])), (float(sd[0]), float(sd[1])),
        float(weight[1]), evidence, apart, separates, len(logs), ties,
    )  # fmt: skip


def _crossing(mean: Floats, sd: Floats, weight: Floats) -> float:
    """Return where between the means the two parts are as probable; NaN where they are so nowhere."""
    a, b, c = 1 / (2 * sd**2), -mean / sd**2, mean**2 / (2 * sd**2) + np.log(sd / weight)
    roots = np.roots([a[0] - a[1], b[0] - b[1], c[0] - c[1]])
    inside = [r.real for r in roots if abs(r.imag) < 1e-9 and mean[0] < r.real < mean[1]]
    return float(inside[0]) if inside else np.nan
