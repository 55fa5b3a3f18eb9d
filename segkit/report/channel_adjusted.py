"""Omnichannel prospects beside those touched online only, where both are alike otherwise: facts, a figure and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..inference.adjusted import Adjusted
from ..thresholds import UNLIKE
from . import theme
from .channel_gaps import Gap, measured, real
from .channel_names import intake
from .prose import capital, count, exact, fixed, percent, plural
from .show import Shown, table

NAMES = {"engagement_score": "engagement score", "social_intensity": "clicks", "tenure": "days in the database"}
SHOWN = 14  # traits that the figure shows
ARMS = (  # who the two arms are; the longer words first
    ("unexposed unit", "prospect touched online only"), ("exposed unit", "omnichannel prospect"),
    ("the exposed from the unexposed", "omnichannel prospects from those touched online only"),
    ("a like in the other arm", "anybody like them in the other group"),
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What the page tells of the comparison of like with like.

    Attributes
    ----------
    raw, alike : Gap
        How much more often omnichannel prospects close than those touched online only: as they are, and alike.
    both_alike, online_alike : float
        Their rates where they are alike.
    ratio, e_value, e_limit : float
        Of these rates; how strongly an unmeasured trait would have to go with both, see `inference.adjusted.e_value`.
    measured, idle : list of str
        In what they are alike; and what was to be taken account of, but has one value only.
    why : str
        Why there is no such comparison; empty where there is one, or it may not be told.
    unlike_before, unlike_after, traits : int
        Columns of the model whose standardised difference is above the threshold before and after weighting; all of them.
    worst : str
        The trait in which they are most unlike before; empty where there is none.
    worst_before, worst_after : float
    units, effective : float
        Prospects that are compared, and how many equally weighted ones they are worth.
    aside : int
        Prospects with nobody like them in the other group.
    unlike : float
        The threshold.
    level : float
        Of the intervals.
    """

    raw: Gap
    alike: Gap
    both_alike: float
    online_alike: float
    ratio: float
    e_value: float
    e_limit: float
    measured: list[str]
    idle: list[str]
    why: str
    unlike_before: int
    unlike_after: int
    traits: int
    worst: str
    worst_before: float
    worst_after: float
    units: float
    effective: float
    aside: int
    unlike: float
    level: float

    @property
    def explained(self) -> float:
        """The share of the raw difference that goes; NaN where that has no meaning."""
        if not (self.raw.known and self.alike.known) or not self.raw.side:
            return math.nan
        return 1 - self.alike.difference / self.raw.difference

    @property
    def fate(self) -> str:
        """What becomes of the raw difference.

        ``unknown`` (it cannot be told), ``alone`` (nothing beside it), ``stays`` (both lie beyond chance on one side),
        ``goes`` (the raw one alone does), ``turns`` (opposite sides), ``appears`` (the adjusted one alone does), ``none``.
        """
        if not self.raw.known:
            return "unknown"
        if not self.alike.known:
            return "alone"
        one, two = self.raw.side, self.alike.side
        if one and two:
            return "stays" if one == two else "turns"
        return "goes" if one else "appears" if two else "none"


def why_not(reason: str) -> str:
    """Say in the words of the page why there is no comparison.

    >>> why_not("no unexposed unit has the outcome")
    'no prospect touched online only has closed'
    """
    for theirs, ours in ARMS:
        reason = reason.replace(theirs, ours)
    return reason.replace("has the outcome", "has closed")


def trait(name: str) -> str:
    """Write what readers see of a column of the model.

    >>> trait("tenure squared"), trait("intake = 202510"), trait("intake = (rare)"), trait("engagement_score")
    ('days in the database, squared', 'intake spring 2025', 'intake, rare values', 'engagement score')
    """
    squared = name.endswith(" squared")
    head, _, value = name.removesuffix(" squared").partition(" = ")
    if head == "intake" and value.isdigit():
        return f"intake {intake(value).removeprefix('special intake ')}{', special' if value.endswith('05') else ''}"
    head = NAMES.get(head, head)
    value = {"(rare)": ", rare values", "(missing)": " missing"}.get(value, f" {value}" if value else "")
    return f"{head}{value}{', squared' if squared else ''}"


def balance_of(found: Adjusted) -> pd.DataFrame:
    """Return the traits, the most unlike first, with their standardised differences before and after weighting."""
    rows = found.balance.copy()
    rows[["before", "after"]] = rows[["before", "after"]].apply(pd.to_numeric, errors="coerce").astype("float64")
    rows.insert(1, "trait", [trait(str(c)) for c in rows["covariate"]])
    at = rows["before"].abs().sort_values(ascending=False, kind="stable").index
    return rows.loc[at].reset_index(drop=True)


def facts(found: Adjusted) -> Facts:
    """Collect what the sentences of the page need."""
    rows, gap = balance_of(found).dropna(), Gap(real(found.difference), real(found.low), real(found.high))
    first = rows.iloc[0] if len(rows) else None
    raw, (alike, idle) = found.raw, measured(found)
    return Facts(
        raw=Gap(real(raw.difference), real(raw.low), real(raw.high)),
        alike=gap,
        both_alike=real(found.exposed_share),
        online_alike=real(found.unexposed_share),
        ratio=real(found.ratio),
        e_value=real(found.e_value),
        e_limit=real(found.e_value_limit),
        measured=alike,
        idle=idle,
        why="" if gap.known else why_not(found.reason),
        unlike_before=int((rows["before"].abs() > UNLIKE).sum()),
        unlike_after=int((rows["after"].abs() > UNLIKE).sum()),
        traits=len(rows),
        worst="" if first is None else str(first["trait"]),
        worst_before=math.nan if first is None else float(first["before"]),
        worst_after=math.nan if first is None else float(first["after"]),
        units=sum(real(n) for n in found.units),
        effective=sum(real(n) for n in found.effective),
        aside=sum(int(n) for n in found.set_aside.values() if math.isfinite(real(n))),
        unlike=UNLIKE,
        level=float(found.params["level"]),
    )


def verdict(told: Facts) -> str:
    """Say in a few words what becomes of the raw difference, for the status line."""
    return {
        "stays": "a difference, also where alike", "goes": "no difference where alike", "turns": "turns around where alike",
        "appears": "a difference only where alike", "none": "no difference beyond chance", "alone": "not compared where alike",
    }.get(told.fate, "not compared")  # fmt: skip


def comparison_table(found: Adjusted) -> Shown:
    """Show the difference of all prospects as they are, and of those who are alike."""
    told = facts(found)
    frame = pd.DataFrame(
        {
            "comparison": ["as they are", "alike in what was measured"],
            "omnichannel": [real(found.raw.first.share), told.both_alike],
            "online only": [real(found.raw.second.share), told.online_alike],
            "difference": [f"{g.points} points" if g.known else "–" for g in (told.raw, told.alike)],
            "its interval": [g.interval for g in (told.raw, told.alike)],
        }
    )
    finding = {
        "stays": "The difference stays beyond chance where like is compared with like",
        "goes": "Where like is compared with like, no difference beyond chance is left",
        "turns": "Where like is compared with like, the difference turns around",
        "appears": "A difference beyond chance appears only where like is compared with like",
        "none": "Neither difference lies beyond chance",
    }.get(told.fate, "Like cannot be compared with like")
    return table(
        frame, "tbl-adjusted",
        f"**{finding}.** Shares that closed, and differences in percentage points with {percent(told.level, 0)} intervals: of all "
        "by Newcombe [@newcombe1998], of those alike by overlap weights [@li2018] with a sandwich variance that counts the weights "
        "as estimated [@lunceford2004].",
        {"omnichannel": percent, "online only": percent}, right=("difference", "its interval"), export=found.table, stack=True,
    )  # fmt: skip


def balance_figure(found: Adjusted) -> Figure:
    """Draw how unlike both groups are in each trait, before and after weighting."""
    rows = balance_of(found).dropna().head(SHOWN)
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 1.2 + 0.29 * max(len(rows), 1)))
        at = np.arange(len(rows))
        before, after = rows["before"].abs(), rows["after"].abs()
        axes.axvline(UNLIKE, color=theme.MUTE, lw=1, ls=":")
        axes.hlines(at, after, before, color=theme.LINE, lw=2)
        axes.plot(before, at, "s", color=theme.PAPER, mec=theme.SECOND, mew=2, ms=6.5, label="before", ls="none")
        axes.plot(after, at, "o", color=theme.ACCENT, ms=6.5, label="after", ls="none")
        axes.set_yticks(at, list(rows["trait"]))
        axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
        axes.set_xlim(left=-0.02 * max(1.0, float(before.max()) if len(rows) else 1.0))
        axes.locator_params(axis="x", nbins=5)
        axes.set_xlabel("difference in standard deviations")
        axes.grid(axis="y", visible=False)
        drawn.legend(loc="outside upper right", ncols=2)
    return drawn


def balance_caption(found: Adjusted) -> str:
    """State in how many traits the groups are unlike before weighting, and in how many after."""
    told = facts(found)
    more = f" The {SHOWN} traits of {told.traits} that are most unlike before." if told.traits > SHOWN else ""
    return (
        f"**Before weighting the groups are unlike in {_of(told.unlike_before)} of {plural(told.traits, 'trait')}, after it in "
        f"{_of(told.unlike_after)}.** Absolute standardised mean differences; above the dotted line ({exact(UNLIKE)}) groups are "
        f"called unlike [@austin2009].{more}"
    )


def _of(n: int) -> str:
    return count(n) if n else "none"


def balance_alt(found: Adjusted) -> str:
    """Describe the traits that are most unlike."""
    rows = balance_of(found).dropna().head(6)
    parts = [f"{r.trait}, {fixed(abs(r.before))} before and {fixed(abs(r.after))} after" for r in rows.itertuples()]
    return f"Two marks per trait. {capital('; '.join(parts)) or 'Nothing may be told'}."


def balance_table(found: Adjusted) -> Shown:
    """Show how unlike both groups are in each trait."""
    rows, told = balance_of(found), facts(found)
    frame = rows.head(SHOWN)[["trait", "before", "after"]]
    finding = (
        f"Both groups are most unlike in {told.worst}: {fixed(told.worst_before)} standard deviations before weighting, "
        f"{fixed(told.worst_after)} after"
        if told.worst
        else "Nothing may be told of how unlike both groups are"
    )
    return table(
        frame, "tbl-balance",
        f"**{finding}.** Omnichannel less online only, in standard deviations before weighting. The CSV has all "
        f"{plural(len(rows), 'trait')}.",
        {"before": fixed, "after": fixed}, export=rows,
    )  # fmt: skip
