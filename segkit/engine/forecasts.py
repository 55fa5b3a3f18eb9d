"""Orders and rates that are learnt at an earlier date and applied at a later one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ..seeds import integer
from .buy_till_die import buy_till_die
from .fits import crossing, fit, nearest
from .matching import matched
from .matrix import Floats, fit_matrix

POLICIES = ("segments", "recency", "count", "rfm", "boosting")
BGNBD = "bgnbd"  # the policy that is there where `Roles.life` is given, and the model could be fitted
QUINTILES = (0.2, 0.4, 0.6, 0.8)
BOOSTING = {"max_iter": 100, "learning_rate": 0.05, "max_depth": 3, "min_samples_leaf": 20}
FEWEST = 5  # units that are active, and units that are not, without which nothing can be learnt or judged


@dataclass(frozen=True)
class Snapshot:
    """What was known of the units at a date, and what they did after it.

    Attributes
    ----------
    when, until : datetime
        Features are of events before ``when``; outcomes are of events from then on and before ``until``.
    frame : DataFrame of shape (n_units, n_features)
        Raw features at that date, of the units that had any event by then.
    events : Series of int, length n_units
        Events within the window, on the same index.
    watched : int, optional
        Days of the window on which events could be seen; all of them when not given. That is known of a record and not of its
        units, and tells nothing of which of them are active.
    """

    when: datetime
    until: datetime
    frame: pd.DataFrame
    events: pd.Series
    watched: int | None = None

    @property
    def weeks(self) -> float:
        """How long the window is by the clock of `lives`, in weeks."""
        return ((self.until - self.when).days if self.watched is None else self.watched) / 7

    @property
    def active(self) -> pd.Series:
        """Whether a unit has any event within the window."""
        return self.events > 0

    @property
    def telling(self) -> bool:
        """Whether there are enough units of either kind to learn from."""
        found = int(self.active.sum())
        return min(found, len(self.active) - found) >= FEWEST


@dataclass(frozen=True)
class Outlook:
    """What the length of the record allows.

    Attributes
    ----------
    covered, needed : int
        Days of the record, and days without which nothing can be judged.
    planned, judged : tuple of datetime
        Dates that fit into it, and those of them at which enough units were active and enough were not.
    window, history : int
        Days in which a unit is active or is not, and days of events before anything is learnt.
    """

    covered: int
    needed: int
    planned: tuple[datetime, ...]
    judged: tuple[datetime, ...]
    window: int
    history: int


class Life(NamedTuple):
    """The columns that make a life of a unit: days with events, and days from the first event to the last."""

    days_active: str
    tenure: str


class Roles(NamedTuple):
    """The columns that the rivals use: days since the last event, number of events, amount; and a life, where BG/NBD is one."""

    recency: str
    frequency: str
    amount: str
    life: Life | None = None


@dataclass(frozen=True)
class Forecast:
    """Every policy at one date.

    Attributes
    ----------
    learnt, when : datetime
        The date at which everything was learnt, and the one at which it was applied.
    order : DataFrame of shape (n_units, n_policies)
        What each policy sorts by: larger comes first, and equal values are tied.
    rate : DataFrame of shape (n_units, n_policies)
        The share of active units that each policy expects.
    segment : Series of int
        Segment of each unit at the later date, numbered as those in use.
    events : Series of int
        Events in the window after the later date.
    agreement : float
        Share of the units of the earlier date whose segment there has the number of their segment in use.
    """

    learnt: datetime
    when: datetime
    order: pd.DataFrame
    rate: pd.DataFrame
    segment: pd.Series
    events: pd.Series
    agreement: float

    def of(self, who: NDArray[np.bool_]) -> Forecast:
        """Return the same of some units alone, as it was learnt of all."""
        return replace(
            self, order=self.order[who], rate=self.rate[who], segment=self.segment[who], events=self.events[who]
        )

    @property
    def judged(self) -> bool:
        """Whether enough units are active, and enough are not, to judge an order by."""
        active = int(self.active.sum())
        return FEWEST <= active <= len(self.events) - FEWEST

    @property
    def active(self) -> pd.Series:
        """Whether a unit has any event within the window."""
        return self.events > 0

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies that are there, the segments first."""
        return tuple(self.order.columns)


def forecast(
    past: Snapshot,
    now: Snapshot,
    blocks: Mapping[str, Sequence[str]],
    in_use: pd.Series,
    roles: Roles,
    *,
    k: int,
    clip: float,
    cap: float,
    seed: int,
    name: str = "",
) -> Forecast | None:
    """Learn all policies at one date and apply them at a later one.

    Parameters
    ----------
    past, now : Snapshot
        The window of ``past`` ends at the date of ``now`` or before, so nothing of the later outcome is learnt.
    blocks : mapping of str to sequence of str
        The features of the segments and of the boosting model.
    in_use : Series of int
        Segments in use, from 1 to ``k``; they give the numbers and nothing else.
    roles : Roles
    k : int
    clip, cap : float
        Of the preprocessing.
    seed : int
    name : str
        Tells several dates apart where random numbers are drawn.

    Returns
    -------
    Forecast or None
        None where too few units differ, or too few are active at either date.

    Raises
    ------
    ValueError
        The window of ``past`` ends after the date of ``now``: it would hold what is to be predicted.

    Notes
    -----
    A unit's place in the order of its segment is the segment's share of active units at the earlier date, so all units
    of a segment are tied. RFM adds up the numbers of the quintiles of recency, frequency and amount; edges that coincide
    count once. Hughes, A. M. (1994). Strategic Database Marketing. The rates of a single column, and of RFM, are isotonic
    regressions at the earlier date. Boosting: histogram-based gradient boosting of scikit-learn, small and untuned: a
    benchmark, not a ceiling. BG/NBD is fitted to what was known at the earlier date, and not to what followed; it sorts by the
    events that it expects in the window, and its rate is its own probability of any.
    """
    if past.until > now.when:
        raise ValueError("what is applied at a date must have been learnt by then")
    if not (past.telling and now.telling):
        return None
    names = [n for group in blocks.values() for n in group]
    try:
        matrix = fit_matrix(past.frame, blocks, clip=clip, cap=cap)
    except ValueError:  # every column is constant
        return None
    if len(np.unique(matrix.values, axis=0)) <= k:
        return None
    found = fit(matrix.values, k, seed=integer(f"usefulness/segments {name}", seed))
    with threadpool_limits(1):
        later = nearest(matrix.pipeline.transform(now.frame[names].to_numpy(dtype=np.float64)), found.centres)
    number, agreement = renumbered(found.labels, in_use.reindex(past.frame.index), k)
    y = past.active.to_numpy()
    shares = np.bincount(found.labels, weights=y, minlength=k) / np.maximum(np.bincount(found.labels, minlength=k), 1)
    order, rate = rivals(past, now, names, roles, integer(f"usefulness/boosting {name}", seed))
    index = now.frame.index
    return Forecast(
        learnt=past.when,
        when=now.when,
        order=pd.DataFrame({"segments": shares[later], **order}, index=index),
        rate=pd.DataFrame({"segments": shares[later], **rate}, index=index),
        segment=pd.Series(number[later], index=index, name="segment"),
        events=now.events.reindex(index),
        agreement=agreement,
    )


def rivals(
    past: Snapshot, now: Snapshot, names: Sequence[str], roles: Roles, seed: int
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return what each rival sorts by at the later date, and the share of active units that it expects.

    Parameters
    ----------
    past, now : Snapshot
    names : sequence of str
        The features of the boosting model.
    roles : Roles
    seed : int
    """
    y = past.active.to_numpy()
    columns = {
        "recency": (-past.frame[roles.recency].to_numpy(), -now.frame[roles.recency].to_numpy()),
        "count": (past.frame[roles.frequency].to_numpy(), now.frame[roles.frequency].to_numpy()),
        "rfm": rfm(past.frame, now.frame, roles),
    }
    order = {policy: at for policy, (_, at) in columns.items()}
    rate = {policy: isotonic(before, y, at) for policy, (before, at) in columns.items()}
    chance = boosted(past.frame[list(names)], y, now.frame[list(names)], seed)
    order, rate = {**order, "boosting": chance}, {**rate, "boosting": chance}
    model = buy_till_die(*lives(past.frame, roles.recency, roles.life)).params if roles.life else None
    if roles.life and model:
        at = lives(now.frame, roles.recency, roles.life)
        order, rate = order | {BGNBD: model.expected(now.weeks, *at)}, rate | {BGNBD: model.active(now.weeks, *at)}
    return order, rate


def lives(frame: pd.DataFrame, recency: str, life: Life) -> tuple[Floats, Floats, Floats]:
    """Return the repeats, the time of the last and the age of each unit, in weeks, from features at a date.

    Days with events count as one event each; where there is one such day, the first event is the last, whatever its hours.

    Examples
    --------
    >>> frame = pd.DataFrame({"since": [7.0, 3.5], "days": [3, 1], "tenure": [14.0, 0.2]})
    >>> [v.round(2).tolist() for v in lives(frame, "since", Life("days", "tenure"))]
    [[2.0, 0.0], [2.0, 0.0], [3.0, 0.53]]
    """
    x = np.maximum(frame[life.days_active].to_numpy(dtype=np.float64) - 1, 0)
    tenure, since = (frame[c].to_numpy(dtype=np.float64) / 7 for c in (life.tenure, recency))
    return x, np.where(x > 0, tenure, 0.0), tenure + since


def renumbered(labels: np.ndarray, in_use: pd.Series, k: int) -> tuple[np.ndarray, float]:
    """Give fitted segments the numbers of those in use, so that as many units as possible keep theirs (Kuhn 1955).

    Parameters
    ----------
    labels : array of int, length n_units
        From 0 to ``k`` less one.
    in_use : Series of length n_units
        From 1 to ``k``, in the same order; missing for units that have none.

    Returns
    -------
    array of int, length k
        The number of each fitted segment.
    float
        Share of the units that keep theirs; NaN where none has one.

    Examples
    --------
    >>> number, kept = renumbered(np.array([0, 0, 1, 1]), pd.Series([2, 2, 1, 2]), 2)
    >>> number.tolist(), kept
    ([2, 1], 0.75)
    """
    known = in_use.notna().to_numpy()
    counts = crossing(labels[known], in_use.to_numpy()[known].astype(np.int64) - 1, k, k)
    number = np.argsort(matched(counts))  # of each fitted segment, the one in use
    return number + 1, float(counts[np.arange(k), number].sum() / known.sum()) if known.any() else np.nan


def rfm(past: pd.DataFrame, now: pd.DataFrame, roles: Roles) -> tuple[Floats, Floats]:
    """Return the sum of the quintile numbers of recency, frequency and amount, with the quintiles of the earlier date."""
    totals = np.zeros(len(past)), np.zeros(len(now))
    for column, sign in ((roles.recency, -1.0), (roles.frequency, 1.0), (roles.amount, 1.0)):
        edges = np.unique(np.quantile(sign * past[column].to_numpy(), QUINTILES))
        for total, frame in zip(totals, (past, now), strict=True):
            total += np.searchsorted(edges, sign * frame[column].to_numpy(), side="right")
    return totals


def isotonic(before: Floats, y: np.ndarray, at: Floats) -> Floats:
    """Return the share of active units as a rising step function of a column, learnt at the earlier date."""
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(before, y.astype(np.float64))
    return np.asarray(model.predict(at), dtype=np.float64)


def boosted(before: pd.DataFrame, y: np.ndarray, at: pd.DataFrame, seed: int) -> Floats:
    """Return the probabilities of a small boosting model that was learnt at the earlier date."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    with threadpool_limits(1):
        model = HistGradientBoostingClassifier(**BOOSTING, early_stopping=False, random_state=seed)
        model.fit(before.to_numpy(dtype=np.float64), y)
        chance = model.predict_proba(at.to_numpy(dtype=np.float64))[:, 1]
    return np.asarray(chance, dtype=np.float64)
