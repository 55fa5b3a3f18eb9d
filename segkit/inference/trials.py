"""Proposals for randomised trials: how many have to take part, how long that takes, and when it stops."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..privacy import SMALL_CELL
from .design_effect import DesignEffect, design_effect
from .interim import StopRule, stop_rule
from .rates import COVERAGE, Estimate
from .trial_size import POWER, smallest_rise, trial_size

LONGEST = 182.0  # days: a trial that takes longer is told not to be worth beginning as it is
UNKNOWN, FEW, CEILING = "unknown", "few", "ceiling"
COLUMNS = (
    "key", "share", "rise", "units_per_arm", "clusters_per_arm", "design_effect", "icc", "detectable", "per_day", "days",
    "days_low", "days_high", "feasible",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """What a trial asks.

    Attributes
    ----------
    key : str
    hypothesis : str
    arms : pair of str
        What is done now, and what is tried.
    metric : str
        In words.
    outcome : str
        Which of the observed outcomes it is about.
    lift : float
        The smallest change that matters, as a part of the share that is observed.
    days : float
        For which each one who takes part is observed.
    guard_rails : tuple of str
        What ends the trial whatever the metric says.
    """

    key: str
    hypothesis: str
    arms: tuple[str, str]
    metric: str
    outcome: str
    lift: float
    days: float
    guard_rails: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """One trial.

    Attributes
    ----------
    question : Question
    randomised : str
        What is put into an arm as a whole, whatever units it has.
    design : DesignEffect
        The share as it is, and how alike units of one cluster are.
    rise : float
        The change of the share that the trial is to show, in absolute terms.
    units_per_arm, clusters_per_arm : int
    detectable : float
        The smallest rise that would be shown with as many as the record has, half of them in each arm; NaN where none would.
    per_day : Estimate
        New clusters a day, with an exact Poisson interval.
    days : float
        Until the last one who takes part was observed; infinite where nobody new comes. ``days_low`` and ``days_high``
        are those of the ends of the interval of the flow.
    days_low, days_high : float
    stop : StopRule
    """

    question: Question
    randomised: str
    design: DesignEffect
    rise: float
    units_per_arm: int
    clusters_per_arm: int
    detectable: float
    per_day: Estimate
    days: float
    days_low: float
    days_high: float
    stop: StopRule

    @property
    def feasible(self) -> bool:
        """Whether it ends within half a year."""
        return self.days <= LONGEST

    def to_json(self) -> dict[str, Any]:
        """Return plain values; None for what is infinite or not known."""
        days = {n: _finite(getattr(self, n)) for n in ("days", "days_low", "days_high", "detectable")}
        return {
            **asdict(self.question), "randomised": self.randomised, "design": self.design.to_json(), "rise": self.rise,
            "units_per_arm": self.units_per_arm, "clusters_per_arm": self.clusters_per_arm,
            "per_day": self.per_day.to_json(), **days, "feasible": self.feasible, "stop": self.stop.to_json(),
        }  # fmt: skip


@dataclass(frozen=True)
class Proposals:
    """All trials that can be sized, and why others cannot.

    Attributes
    ----------
    items : tuple of Proposal
        In the order of the questions.
    left_out : mapping of str to str
        Key of a question to why it has no proposal: ``unknown`` (the record does not have its outcome), ``few`` (fewer than
        five clusters, or fewer than five units with the outcome or without it), ``ceiling`` (the share cannot rise so far).
    seed : int
    """

    items: tuple[Proposal, ...]
    left_out: Mapping[str, str]
    seed: int

    @property
    def table(self) -> pd.DataFrame:
        """One row per trial: what its size follows from, and how long it takes in days."""
        rows = [
            (
                p.question.key, p.design.share, p.rise, p.units_per_arm, p.clusters_per_arm, p.design.factor,
                p.design.icc.value, p.detectable, p.per_day.value, p.days, p.days_low, p.days_high, p.feasible,
            )
            for p in self.items
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "trials": [p.to_json() for p in self.items],
            "left_out": dict(self.left_out),
            "longest": LONGEST,
            "seed": self.seed,
        }

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def proposals(
    questions: Sequence[Question],
    observed: Mapping[str, pd.DataFrame],
    *,
    start: pd.Timestamp,
    end: pd.Timestamp,
    cluster: str = "subscriber",
    looks: int = 1,
    seed: int = 42,
    level: float = COVERAGE,
    power: float = POWER,
) -> Proposals:
    """Size a trial for each question from what was observed without one.

    Parameters
    ----------
    questions : sequence of Question
    observed : mapping of str to DataFrame
        By outcome: one row per unit, with ``outcome`` (bool), the column named ``cluster``, and ``time`` (when the unit
        could first have taken part). An outcome that the record does not have is not there.
    start, end : Timestamp
        Of the record.
    cluster : str
        The unit of randomisation: all units of one are in the same arm.
    looks : {1, 2}
        See `interim.stop_rule`.
    seed : int
    level, power : float

    Raises
    ------
    ValueError
        The record ends before it begins, or a unit has no outcome or no cluster.

    Notes
    -----
    Units per arm are those of independent ones (`trial_size`), times the design effect, times what a look half-way costs:
    Donner, A. and Klar, N. (2000). Design and Analysis of Cluster Randomization Trials in Health Research, chapter 5.
    The flow is that of the later half of the record, since those who were there before it began are all seen for the first
    time soon after; its interval is exact: Garwood, F. (1936), Biometrika, 28, 437-442.
    """
    if not end > start:
        raise ValueError(f"a record from {start} to {end}")
    items, left_out = list[Proposal](), dict[str, str]()
    stop = stop_rule(looks, level=level, power=power)
    for question in questions:
        seen = observed.get(question.outcome)
        reason = UNKNOWN if seen is None else _reason(seen, question, cluster)
        if reason or seen is None:
            left_out[question.key] = reason
            continue
        design = design_effect(seen["outcome"], seen[cluster], name=question.key, seed=seed, level=level)
        per_day = _flow(seen.groupby(cluster)["time"].min(), start, end, level)
        items.append(_proposal(question, design, per_day, stop, cluster))
    return Proposals(tuple(items), left_out, seed)


def _reason(seen: pd.DataFrame, question: Question, cluster: str) -> str:
    if seen[["outcome", cluster, "time"]].isna().any(axis=None):
        raise ValueError(f"a unit of {question.outcome} lacks its outcome, {cluster} or time")
    yes = int(seen["outcome"].sum())
    if min(yes, len(seen) - yes, seen[cluster].nunique()) < SMALL_CELL:
        return FEW
    return "" if 0 <= yes / len(seen) * (1 + question.lift) <= 1 else CEILING


def _proposal(question: Question, design: DesignEffect, per_day: Estimate, stop: StopRule, cluster: str) -> Proposal:
    rise, known = design.share * question.lift, {"level": stop.level, "power": stop.power}
    needed = design.factor * stop.inflation
    units = math.ceil(trial_size(design.share, rise, **known) * needed)
    clusters = math.ceil(units / design.mean_size)
    detectable = smallest_rise(design.share, math.floor(design.units / 2 / needed), **known)
    days, most, least = (
        math.ceil(2 * clusters / flow) + question.days if flow > 0 else math.inf
        for flow in (per_day.value, per_day.low, per_day.high)
    )
    return Proposal(question, cluster, design, rise, units, clusters, detectable, per_day, days, least, most, stop)


def _flow(first: pd.Series, start: pd.Timestamp, end: pd.Timestamp, level: float) -> Estimate:
    """Return how many came for the first time, a day, in the later half of the record."""
    from scipy.stats import chi2

    middle = start + (end - start) / 2
    count, days = int((first > middle).sum()), (end - middle) / pd.Timedelta(days=1)
    tail = (1 - level) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    high = float(chi2.ppf(1 - tail, 2 * count + 2)) / 2
    return Estimate(count / days, low / days, high / days, level, 0)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
