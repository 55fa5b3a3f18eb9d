"""Trials that could be run with subscribers: what they ask, how many they take and how long, as facts and tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..inference.trials import CEILING, FEW, LONGEST, UNKNOWN, Proposal, Proposals
from .prose import capital, count, days, exact, exact_percent, fixed, join, number, percent, plural, word
from .show import Shown, table, tag

REASONS = {
    UNKNOWN: "the log does not have what it asks about",
    FEW: "too few subscribers of the log have had the outcome, or have not",
    CEILING: "the share is so high that it cannot rise as far as asked",
}


@dataclass(frozen=True)
class Trials:
    """What the page tells of trials.

    Attributes
    ----------
    names : list of str
        Of all that could be sized, in words.
    ready : dict of str to float
        Those that end within half a year, to their days, the shortest first.
    slow, endless : list of str
        Those that take longer, and those that would not end, because nobody new comes.
    left : list of (str, str, str)
        Of those that could not be sized: name, hypothesis and reason.
    unseen : list of str
        Those whose rise would not be shown with as many subscribers as the log has.
    rails : list of str
        The guard-rails that all have in common.
    looks : int
        Times at which each is analysed.
    level, power : float
    longest : float
        Days of half a year.
    """

    names: list[str]
    ready: dict[str, float]
    slow: list[str]
    endless: list[str]
    left: list[tuple[str, str, str]]
    unseen: list[str]
    rails: list[str]
    looks: int
    level: float
    power: float
    longest: float = LONGEST

    @property
    def first(self) -> str:
        """The one that takes the fewest days; empty where none ends."""
        return next(iter(self.ready), "")


def name(key: str) -> str:
    """Return what a trial is called inside a sentence.

    >>> name("clear_offer")
    'clear offer'
    """
    return key.replace("_", " ")


def trials(found: Proposals, hypotheses: Mapping[str, str]) -> Trials:
    """Collect what the sentences on trials need.

    Parameters
    ----------
    found : Proposals
    hypotheses : mapping of str to str
        Of all trials that were thought of, also of those that could not be sized, by key.
    """
    items = found.items
    ready = {name(p.question.key): p.days for p in sorted(items, key=lambda p: p.days) if p.feasible}
    stop = items[0].stop if items else None
    return Trials(
        names=[name(p.question.key) for p in items],
        ready=ready,
        slow=[name(p.question.key) for p in items if not p.feasible and math.isfinite(p.days)],
        endless=[name(p.question.key) for p in items if not math.isfinite(p.days)],
        left=[(name(k), hypotheses.get(k, ""), REASONS[r]) for k, r in found.left_out.items()],
        unseen=[name(p.question.key) for p in items if not p.detectable <= p.rise],
        rails=list(_common(found)),
        looks=len(stop.table) if stop else 0,
        level=stop.level if stop else math.nan,
        power=stop.power if stop else math.nan,
    )


def _common(found: Proposals) -> tuple[str, ...]:
    """Return the guard-rails that all trials have."""
    rails = [p.question.guard_rails for p in found.items]
    return tuple(r for r in rails[0] if all(r in own for own in rails)) if rails else ()


def _days(value: float) -> str:
    return days(value) if math.isfinite(value) else "no end"


def _span(p: Proposal) -> str:
    """Write how long a trial takes, and how uncertain that is."""
    low, high = _days(p.days_low), _days(p.days_high)
    return f"{_days(p.days)} ({low} to {high})"


def _points(value: float) -> str:
    return number(100 * value) if math.isfinite(value) else "–"


def trials_table(found: Proposals) -> Shown:
    """Show all trials that could be sized, one row each."""
    items = found.items
    frame = pd.DataFrame({
        "trial": [capital(name(p.question.key)) for p in items], "share now": [p.design.share for p in items],
        "rise": [_points(p.rise) for p in items], "design effect": [p.design.factor for p in items],
        "subscribers per arm": [float(p.clusters_per_arm) for p in items],
        "detectable": [_points(p.detectable) for p in items], "days": [_span(p) for p in items],
        "verdict": ["within half a year" if p.feasible else "too long" for p in items],
    })  # fmt: skip
    most = sum(p.feasible for p in items)
    finding = (
        f"{capital(word(most)) if most else 'None'} of {plural(len(items), 'trial', words=True)} "
        f"{'takes' if most < 2 else 'take'} half a year at most"
    )
    first = items[0].design.icc.level
    return table(
        frame, "tbl-trials",
        f"**{finding}.** Share now: with the outcome in the log. Rise: what the trial is to show, in percentage points. "
        "Detectable: the smallest rise that as many subscribers as the log has would show. "
        f"Days: until all have been observed, in brackets for both ends of the {exact_percent(first)} interval of how many new "
        "subscribers come.",
        {"share now": lambda v: percent(float(v)), "design effect": fixed, "subscribers per arm": count,
         "verdict": lambda v: tag(str(v), "ok" if v == "within half a year" else "no")},
        right=("rise", "detectable", "days"), export=found.table, stack=True,
    )  # fmt: skip


def trial_tables(found: Proposals) -> Shown:
    """Show what is needed to run each trial, a table each."""
    common = _common(found)
    return Shown("\n\n".join(_trial(p, common).markdown for p in found.items))


def _trial(p: Proposal, common: tuple[str, ...]) -> Shown:
    q, d = p.question, p.design
    rest = [r for r in q.guard_rails if r not in common]
    parts = {
        "Hypothesis": q.hypothesis,
        "One arm": f"{q.arms[0]}.",
        "The other": f"{q.arms[1]}.",
        "Unit of randomisation": f"{capital(p.randomised)}: all that one has is in the same arm.",
        "Metric": f"{q.metric}, each observed for {plural(int(q.days), 'day')}.",
        "Rise to be shown": f"From {percent(d.share)} to {percent(d.share + p.rise)}.",
        "Size": f"{count(p.clusters_per_arm)} subscribers in each arm, with {count(p.units_per_arm)} observations of the metric; "
        f"the design effect is {fixed(d.factor)}{_icc(p)}.",
        "Detectable": _detectable(p),
        "Duration": _duration(p),
        "Stop rule": _stop(p),
    } | ({"Guard-rails": " ".join(rest)} if rest else {})  # fmt: skip
    frame = pd.DataFrame({"part": list(parts), "trial": list(parts.values())})
    size = f"{count(p.clusters_per_arm)} subscribers in each arm"
    return table(
        frame, f"tbl-trial-{q.key.replace('_', '-')}", f"**{capital(name(q.key))}: {size}.** What it takes to run this trial.",
        headings={"part": "", "trial": "trial"}, stack=True,
    )  # fmt: skip


def _icc(p: Proposal) -> str:
    return f", since outcomes of one subscriber are alike (intraclass correlation {fixed(p.design.icc.value)})" if (
        math.isfinite(p.design.icc.value)
    ) else ""  # fmt: skip


def _detectable(p: Proposal) -> str:
    if not math.isfinite(p.detectable):
        return "As many subscribers as the log has would show no rise at all."
    word = "enough" if p.detectable <= p.rise else "not enough"
    return f"As many subscribers as the log has would show a rise of {_points(p.detectable)} percentage points or more: {word}."


def _duration(p: Proposal) -> str:
    flow = f"{number(p.per_day.value, 2)} new subscribers a day ({number(p.per_day.low, 2)} to {number(p.per_day.high, 2)})"
    if not math.isfinite(p.days):
        return f"Without an end: there are {flow}."
    high = f"{days(p.days_high)} days" if math.isfinite(p.days_high) else "no end in sight"
    return f"{capital(days(p.days))} days, at {flow}; between {days(p.days_low)} days and {high}."


def _stop(p: Proposal) -> str:
    rows: list[Any] = list(p.stop.table.itertuples())
    if len(rows) == 1:
        bound = exact(round(rows[0].p, 4))
        return f"One analysis, when all have been observed, with p at most {bound}, two-sided. No look at the metric earlier."
    looks = [f"p at most {exact(round(r.p, 4))} at {percent(r.information, 0)} of the observations" for r in rows]
    return (
        f"{capital(plural(len(rows), 'analysis', 'analyses', words=True))}: {join(looks)}. No other look at the metric."
    )
