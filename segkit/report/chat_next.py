"""Whether texts and profiles predict who writes again, of subscribers that were not seen: facts, a figure and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..inference.next_period import FEWEST, MEASURES, UNDECIDED, NextPeriod
from ..thresholds import CHANCE
from . import theme
from .chat_profiles import Told, between, decimals, known
from .prose import capital, count, exact_percent, fixed, join
from .show import Shown, table, tag

LENGTH, TEXT, BOTH, BEHAVIOUR = "length", "text", "text and profile", "behaviour"
NAMES = {LENGTH: "number of words", TEXT: "texts", BOTH: "texts with profiles", BEHAVIOUR: "behaviour"}
JUDGES = {"auc": "AUC", "brier": "Brier score", "log_loss": "log loss"}
TONES = {"better": "ok", "worse": "no", UNDECIDED: "mid"}


def named(columns: str) -> str:
    """Return what a table of columns is called inside a sentence.

    >>> named("length")
    'number of words'
    """
    return NAMES.get(columns, columns)


@dataclass(frozen=True)
class Gap:
    """By how much one table of columns predicts better than another, by one measure.

    Attributes
    ----------
    judge : str
        The measure, in words.
    difference, low, high : float
    verdict : str
        ``better``, ``worse`` or ``undecided``.
    """

    judge: str
    difference: float
    low: float
    high: float
    verdict: str

    @property
    def size(self) -> str:
        """The difference without its sign."""
        return decimals(abs(self.difference), 3)

    @property
    def interval(self) -> str:
        """Its interval."""
        return between(self.low, self.high, 3)

    @property
    def known(self) -> bool:
        """Whether the numbers may be told."""
        return all(map(known, (self.difference, self.low, self.high)))


@dataclass(frozen=True)
class Versus:
    """One table of columns beside another.

    Attributes
    ----------
    name, other : str
    area : Gap
        By the area under the curve, which decides.
    rest : list of Gap
        By the other measures.
    """

    name: str
    other: str
    area: Gap
    rest: list[Gap]

    @property
    def verdict(self) -> str:
        """The word for it."""
        return self.area.verdict

    @property
    def unlike(self) -> list[Gap]:
        """Other measures that say something else."""
        return [g for g in self.rest if g.verdict != self.verdict]


@dataclass(frozen=True)
class Ahead:
    """What the page tells of the next period.

    Attributes
    ----------
    there : bool
        Whether it could be measured.
    units, events, groups : int
        Pairs, those of them that wrote again, and subscribers.
    folds, repeats : int
    level : float
        Of the intervals.
    areas : dict of str to float
        Table of columns to its area under the curve, the largest first, in words.
    profile, text, behaviour : Versus or None
        Texts with profiles beside texts; texts, and behaviour, beside the number of words; None where there are no texts.
    """

    there: bool
    units: int
    events: int
    groups: int
    folds: int
    repeats: int
    level: float
    areas: dict[str, float]
    profile: Versus | None
    text: Versus | None
    behaviour: Versus | None
    fewest: int = FEWEST

    @property
    def share(self) -> float:
        """The share of pairs that wrote again; NaN where there is no pair."""
        return self.events / self.units if self.units else math.nan

    @property
    def flat(self) -> float:
        """Brier's score of giving every pair that share."""
        return self.share * (1 - self.share)

    @property
    def best(self) -> str:
        """What ranks pairs best; empty where nothing is told."""
        return next(iter(self.areas), "")


def ahead(found: NextPeriod) -> Ahead:
    """Collect what the sentences on the next period need."""
    rows, p = found.table, found.params
    areas = rows[rows["measure"] == "auc"].dropna(subset="value").sort_values("value", ascending=False, kind="stable")
    profile, text, behaviour = (_versus(found, *pair) for pair in ((BOTH, TEXT), (TEXT, LENGTH), (BEHAVIOUR, LENGTH)))
    return Ahead(
        there=not found.reason,
        units=found.units,
        events=found.events,
        groups=found.groups,
        folds=int(p["folds"]),
        repeats=int(p["repeats"]),
        level=float(p["level"]),
        areas={named(str(n)): float(v) for n, v in zip(areas["columns"], areas["value"], strict=True)},
        profile=profile,
        text=text,
        behaviour=behaviour,
    )


def _real(value: Any) -> float:
    return float(value) if known(value) else math.nan


def _versus(found: NextPeriod, columns: str, other: str) -> Versus | None:
    rows = found.differences
    own = rows[(rows["columns"] == columns) & (rows["other"] == other)].set_index("measure")
    if any(m not in own.index for m in MEASURES):
        return None
    area, *rest = (
        Gap(
            JUDGES[m],
            _real(own.at[m, "difference"]),
            _real(own.at[m, "low"]),
            _real(own.at[m, "high"]),
            str(own.at[m, "verdict"]),
        )
        for m in MEASURES
    )
    return Versus(named(columns), named(other), area, rest)


def status(who: Told, seen: Ahead) -> str:
    """Say in a few words whether profiles help.

    >>> from types import SimpleNamespace as Plain
    >>> status(Plain(there=False), None), status(Plain(there=True), Plain(profile=Plain(verdict="better")))
    ('no texts', 'profiles help to tell who writes again')
    """
    if not who.there:
        return "no texts"
    if seen.profile is None:
        return "whether profiles help: not tested"
    ends = {"better": "help to tell who writes again", "worse": "make it harder to tell who writes again"}
    return f"profiles {ends.get(seen.profile.verdict, 'not shown to help')}"


def areas_figure(found: NextPeriod) -> Figure:
    """Draw the area under the curve of each table of columns, with its interval."""
    rows = found.table[found.table["measure"] == "auc"]
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 1.1 + 0.42 * len(rows)))
        axes.axvline(CHANCE, color=theme.INK, lw=1.2)
        for i, r in enumerate(rows.itertuples()):
            axes.plot([r.low, r.high], [i, i], color=theme.ACCENT, lw=3, alpha=0.5, solid_capstyle="round")
            axes.plot(r.value, i, "o", color=theme.ACCENT, ms=7, mec=theme.PAPER)
        axes.set_yticks(range(len(rows)), [named(str(c)) for c in rows["columns"]])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(min(0.4, float(rows["low"].min()) - 0.03), 1.02)
        axes.set_xlabel("area under the curve (AUC); the line is chance")
        axes.grid(axis="y", visible=False)
    return figure


def areas_caption(found: NextPeriod) -> str:
    """State what ranks pairs best, and whether profiles add to texts."""
    seen = ahead(found)
    finding = f"Of pairs that were not seen, {seen.best} {'ranks' if seen.best in _ONE else 'rank'} best"
    p = seen.profile
    more = "" if p is None else f"; profiles {_ADDS[p.verdict]}"
    return (
        f"**{finding}{more}.** Who writes again in the next period, predicted from each. Bars are {exact_percent(seen.level)} "
        "intervals; whether two differ is told by the interval of their difference, in the table below, and not by bars that "
        "overlap."
    )


_ONE = (NAMES[BEHAVIOUR], NAMES[LENGTH])  # of these a sentence speaks as of one thing
_ADDS = {"better": "add to texts", "worse": "take from what texts tell", UNDECIDED: "are not shown to add to texts"}


def areas_alt(found: NextPeriod) -> str:
    """Describe marks and bars."""
    rows = found.table[found.table["measure"] == "auc"]
    said = [f"{named(str(r.columns))} {decimals(r.value)} ({between(r.low, r.high)})" for r in rows.itertuples()]
    return f"Marks with bars along the area under the curve, and a line at {fixed(CHANCE)}. {capital('; '.join(said))}."


def measures_table(found: NextPeriod) -> Shown:
    """Show each measure of each table of columns."""
    rows = found.table
    own = rows.assign(said=[f"{decimals(v, 3)} ({between(a, b, 3)})" if known(v) else "–"
                            for v, a, b in zip(rows["value"], rows["low"], rows["high"], strict=True)])  # fmt: skip
    wide = own.pivot(index="columns", columns="measure", values="said").reindex(rows["columns"].unique())
    widths = rows.groupby("columns")["width"].first()
    frame = pd.DataFrame({"predicted from": [capital(named(str(c))) for c in wide.index],
                          "columns": widths.reindex(wide.index).to_numpy()})  # fmt: skip
    for name in MEASURES:
        frame[JUDGES[name]] = wide[name].to_numpy()
    seen = ahead(found)
    areas = list(seen.areas.values())
    finding = f"The AUC is between {decimals(min(areas))} and {decimals(max(areas))}" if areas else "No AUC is told"
    return table(
        frame, "tbl-measures",
        f"**{finding}.** With {exact_percent(seen.level)} intervals over subscribers. AUC: higher is better, and "
        f"{fixed(CHANCE)} is chance. Brier score and log loss: lower is better; "
        f"to give every pair the same probability has a Brier score of {decimals(seen.flat, 3)}.",
        {"columns": count}, right=tuple(JUDGES.values()), export=rows, stack=True,
    )  # fmt: skip


def differences_table(found: NextPeriod) -> Shown:
    """Show each comparison by each measure, with its word; first those of other tables than the baseline."""
    rows = found.differences.sort_values("other", key=lambda o: o == found.params["baseline"], kind="stable")
    frame = pd.DataFrame({
        "compared": [f"{capital(named(str(c)))} less {named(str(o))}" for c, o in zip(rows["columns"], rows["other"], strict=True)],
        "measure": [JUDGES[str(m)] for m in rows["measure"]], "difference": [decimals(d, 3) for d in rows["difference"]],
        "interval": [between(a, b, 3) for a, b in zip(rows["low"], rows["high"], strict=True)],
        "verdict": rows["verdict"].to_numpy(),
    })  # fmt: skip
    sure = rows[(rows["measure"] == "auc") & (rows["verdict"] != UNDECIDED)]
    said = [_predicted(named(str(r.columns)), str(r.verdict), named(str(r.other))) for r in sure.itertuples()]
    finding = capital(join(said)) if said else "By AUC no difference is beyond chance"
    return table(
        frame, "tbl-differences",
        f"**{finding}.** The former less the latter, of the same pairs and the same folds. Of the AUC a difference above zero is "
        "better, of the others one below zero.",
        {"verdict": lambda v: tag(str(v), TONES[str(v)])}, right=("difference", "interval"), export=rows, stack=True,
    )  # fmt: skip


def _predicted(columns: str, verdict: str, other: str) -> str:
    return f"{columns} {'predicts' if columns in _ONE else 'predict'} {verdict} than {other}"
