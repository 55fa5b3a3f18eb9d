"""Whether the score of the database can be trusted: facts, a figure and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..inference.scores import ScoreCalibration
from ..thresholds import CHANCE, FAIR
from ..vocabulary import Vocabulary
from . import theme
from .channel_gaps import between, real
from .prose import capital, count, fixed, inline, join, percent, word
from .show import Shown, table

NUMBERS = ["low", "high", "units", "score", "events", "rate", "rate_low", "rate_high"]


@dataclass(frozen=True)
class Told:
    """What the score predicts of some prospects, and what came of them."""

    name: str
    score: float
    rate: float


@dataclass(frozen=True)
class Facts:
    """What the page tells of the score.

    Attributes
    ----------
    found : bool
        Whether the file has one.
    auc, low, high : float
        Area under the ROC curve with its interval; NaN where it cannot be told.
    upside : bool
        Whether who scores higher closes less often, beyond chance.
    score, rate : float
        Predicted and observed of all prospects with a score.
    worst, best : Told or None
        Of the tenth of prospects with the lowest scores, and of that with the highest.
    segments : list of Told
        The highest score first.
    contrary : list of str
        Pairs of segments of which the one with the higher score closes less often, beyond chance.
    brier, constant : float
        Mean squared error of the score, and of saying the overall rate of everybody.
    missing : int
        Prospects without a score.
    level : float
    fair, chance : float
        From which area on a ranking is of use, and what a coin reaches.
    """

    found: bool
    auc: float
    low: float
    high: float
    upside: bool
    score: float
    rate: float
    worst: Told | None
    best: Told | None
    segments: list[Told]
    contrary: list[str]
    brier: float
    constant: float
    missing: int
    level: float
    fair: float = FAIR
    chance: float = CHANCE

    @property
    def judged(self) -> bool:
        """Whether it can be told how the score ranks."""
        return self.found and math.isfinite(self.auc + self.low + self.high)

    @property
    def word(self) -> str:
        """What is to be said of the ranking: none, unknown, upside, coin, weak or fair."""
        if not self.found:
            return "none"
        if not self.judged:
            return "unknown"
        if self.upside:
            return "upside"
        if not self.low > self.chance:
            return "coin"
        return "fair" if self.auc >= self.fair else "weak"

    @property
    def gap(self) -> float:
        """Predicted less observed, of all."""
        return self.score - self.rate

    @property
    def worse(self) -> bool:
        """Whether the overall rate, said of everybody, would be the better prediction."""
        return self.brier > self.constant


def facts(found: ScoreCalibration | None) -> Facts:
    """Collect what the sentences on the score need."""
    nan = math.nan
    if found is None:
        return Facts(False, nan, nan, nan, False, nan, nan, None, None, [], [], nan, nan, 0, nan)
    rows = _numbers(found.table).dropna(subset=["score", "rate"])
    ends = (
        [Told("", float(r["score"]), float(r["rate"])) for _, r in rows.iloc[[0, -1]].iterrows()]
        if len(rows) > 1
        else None
    )
    segments = [Told(str(r["group"]), real(r["score"]), real(r["rate"])) for _, r in found.by_group.iterrows()]
    told = [s for s in segments if math.isfinite(s.score + s.rate)]
    names = {s.name for s in told}
    return Facts(
        found=True,
        auc=real(found.auc.value),
        low=real(found.auc.low),
        high=real(found.auc.high),
        upside=bool(found.upside_down),
        score=real(found.score),
        rate=real(found.rate),
        worst=ends[0] if ends else None,
        best=ends[1] if ends else None,
        segments=sorted(told, key=lambda s: -s.score),
        contrary=[f"“{a}” scores above “{b}”" for a, b in found.contradictions if {str(a), str(b)} <= names],
        brier=real(found.brier),
        constant=real(found.brier_constant),
        missing=0 if pd.isna(found.missing) else int(found.missing),
        level=float(found.params["level"]),
    )  # fmt: skip


@inline
def verdict(known: Facts) -> str:
    """Say in a few words what can be said of the score."""
    return {
        "none": "no score", "unknown": "score cannot be judged", "upside": "the score is upside down",
        "coin": "the score ranks like a coin", "weak": "the score ranks weakly", "fair": "the score ranks usefully",
    }[known.word]  # fmt: skip


def _numbers(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[NUMBERS].apply(pd.to_numeric, errors="coerce").astype("float64")


def finding(known: Facts) -> str:
    """State how far the score is off."""
    if not math.isfinite(known.score + known.rate):
        return "How far the score is off cannot be told"
    said = f"The score predicts {percent(known.score)} of the prospects to close, and {percent(known.rate)} did"
    if known.best and known.worst and known.word == "upside":
        most, least = percent(known.best.rate), percent(known.worst.rate)
        said += f"; of those with the highest scores, {most}, of those with the lowest, {least}"
    return said


def figure(found: ScoreCalibration) -> Figure:
    """Draw observed shares against predicted ones, by tenths of the prospects."""
    rows = _numbers(found.table).dropna(subset=["score", "rate"])
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 4.2))
        axes.axline((0, 0), slope=1, color=theme.MUTE, lw=1, ls=":")
        axes.annotate(
            "as predicted", (0.5, 0.5), (6, -12), textcoords="offset points", color=theme.MUTE, fontsize=9, rotation=0
        )
        axes.vlines(rows["score"], rows["rate_low"], rows["rate_high"], color=theme.ACCENT, lw=2)
        axes.plot(rows["score"], rows["rate"], "o-", color=theme.ACCENT, ms=6, lw=1)
        for setter in (axes.xaxis, axes.yaxis):
            setter.set_major_formatter(lambda v, _: f"{v * 100:.0f} %")
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlabel("likelihood to close, predicted")
        axes.set_ylabel("share closed, observed")
    return drawn


def caption(found: ScoreCalibration) -> str:
    """State how far the score is off, and how it ranks."""
    known = facts(found)
    area = (
        f" Area under the ROC curve {fixed(known.auc)} ({fixed(known.low)} to {fixed(known.high)}) [@hanley1982]."
        if known.judged
        else ""
    )
    return (
        f"**{finding(known)}.** Each dot is a tenth of the prospects, by their scores, with its "
        f"{percent(known.level, 0)} interval; on "
        f"the dotted line, the share that closed is the one predicted.{area}"
    )


def alt(found: ScoreCalibration) -> str:
    """Describe the dots."""
    rows = _numbers(found.table).dropna(subset=["score", "rate"])
    parts = [
        f"predicted {percent(a, 0)}, observed {percent(b)}" for a, b in zip(rows["score"], rows["rate"], strict=True)
    ]
    return f"Dots beside a diagonal. {'; '.join(parts) or 'Nothing may be told'}."


def bins_table(found: ScoreCalibration, terms: Vocabulary) -> Shown:
    """Show predicted and observed shares by tenths of the prospects."""
    rows = _numbers(found.table)
    frame = pd.DataFrame(
        {
            "score": [between(a, b) for a, b in zip(rows["low"], rows["high"], strict=True)],
            terms.units: rows["units"],
            "predicted": rows["score"],
            "closed": rows["events"],
            "observed": rows["rate"],
            "interval": [between(a, b) for a, b in zip(rows["rate_low"], rows["rate_high"], strict=True)],
        }
    )
    return table(
        frame, "tbl-score-tenths",
        f"**{finding(facts(found))}.** Tenths of the {terms.units} by their score; those with one score stay together.",
        {terms.units: count, "closed": count, "predicted": percent, "observed": percent},
        right=("interval",), export=found.table,
    )  # fmt: skip


def segment_table(found: ScoreCalibration, terms: Vocabulary) -> Shown:
    """Show predicted and observed shares by segment."""
    rows = found.by_group
    frame = pd.DataFrame(
        {
            "segment": rows["group"].astype(str),
            terms.units: [real(v) for v in rows["units"]],
            "predicted": [real(v) for v in rows["score"]],
            "closed": [real(v) for v in rows["events"]],
            "observed": [real(v) for v in rows["rate"]],
            "interval": [between(a, b) for a, b in zip(rows["low"], rows["high"], strict=True)],
        }
    ).sort_values("predicted", ascending=False, kind="stable", ignore_index=True)
    known = facts(found)
    said = (
        f"{join(known.contrary)} and closes less often"
        if len(known.contrary) == 1
        else f"{capital(word(len(known.contrary)))} pairs of segments are in the wrong order beyond chance"
        if known.contrary
        else "No two segments are in the wrong order beyond chance"
    )
    return table(
        frame, "tbl-score-segments",
        f"**{said}.** Mean score and share closed of each segment, with {percent(known.level, 0)} intervals.",
        {terms.units: count, "closed": count, "predicted": percent, "observed": percent},
        right=("interval",), export=rows,
    )  # fmt: skip
