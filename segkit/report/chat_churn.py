"""Whether it can be told who stays silent: forecasts, their comparison and their calibration; facts, a figure and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..inference.churn import BASE, FORECASTS, MODEL, SILENT, Churn
from . import theme
from .channel_gaps import between, real
from .chat_stages import DASH, whole
from .prose import capital, count, exact_percent, fixed, number, percent
from .show import Shown, table

DIGITS = 3  # of Brier scores and areas
SPOKEN = {BASE: "the base rate", SILENT: "time in silence", MODEL: "the model"}


@dataclass(frozen=True)
class Forecast:
    """How near a forecast came: Brier score and area under the ROC curve with their intervals, and its mean."""

    name: str
    brier: float
    low: float
    high: float
    auc: float
    least: float
    most: float
    mean: float

    @property
    def told(self) -> str:
        """The Brier score with its interval."""
        return f"{fixed(self.brier, DIGITS)} ({span(self.low, self.high)})"

    @property
    def area(self) -> str:
        """The area with its interval."""
        return f"{fixed(self.auc)} ({span(self.least, self.most, 2)})"


@dataclass(frozen=True)
class Against:
    """A Brier score less another; below zero the first is nearer."""

    first: str
    second: str
    difference: float
    low: float
    high: float

    @property
    def side(self) -> int:
        """1 where the first is nearer beyond chance, -1 where the second is, else 0."""
        return int(self.high < 0) - int(self.low > 0)

    @property
    def told(self) -> str:
        """The difference with its interval."""
        return f"{fixed(self.difference, DIGITS)} ({span(self.low, self.high)})"


@dataclass(frozen=True)
class Forecasts:
    """What the page tells of forecasts of silence.

    Attributes
    ----------
    fitted : bool
        Whether there was enough to learn from and to be tried on, and all of it may be told.
    horizon, alive : float
        Hours without a message that a forecast is of; hours of silence from which on nobody is asked about.
    pairs, subscribers : int or None
        Asked about at the last snapshot.
    gone : float
        Share that stayed silent after it.
    base, silent, model : Forecast
    against_base, against_silent, silent_against_base : Against
        Model and base rate, model and time in silence, time in silence and base rate.
    constant : float
        Brier score of saying the share that did stay silent, which nobody knew.
    lean, slope : tuple of float
        Intercept and slope of the calibration of the model, each with its interval.
    strongest : str
        What weighs most in the model; empty without one.
    raises : bool
        Whether it goes with more silence to come.
    level : float
    """

    fitted: bool
    horizon: float
    alive: float
    pairs: int | None
    subscribers: int | None
    gone: float
    base: Forecast
    silent: Forecast
    model: Forecast
    against_base: Against
    against_silent: Against
    silent_against_base: Against
    constant: float
    lean: tuple[float, float, float]
    slope: tuple[float, float, float]
    strongest: str
    raises: bool
    level: float

    @property
    def use(self) -> str:
        """What to go by: the model, silence, none of them, open where neither is shown to be better, untold."""
        if not self.fitted:
            return "untold"
        if self.silent_against_base.side == 1 and self.against_silent.side < 1:
            return "silence"
        if self.against_base.side == 1:
            return "model" if self.against_silent.side == 1 else "open"
        return "none"

    @property
    def shift(self) -> str:
        """Whether the model says too high or too low a risk on the whole beyond chance; empty where that is not shown."""
        return "low" if self.lean[1] > 0 else "high" if self.lean[2] < 0 else ""

    @property
    def spread(self) -> str:
        """Whether its risks are too timid or too bold beyond chance; empty where that is not shown."""
        return "timid" if self.slope[1] > 1 else "bold" if self.slope[2] < 1 else ""

    @property
    def judged(self) -> bool:
        """Whether its calibration can be told."""
        return self.fitted and all(map(math.isfinite, (*self.lean, *self.slope)))


def facts(found: Churn) -> Forecasts:
    """Collect what sentences tell of forecasts of silence."""
    rows = found.table.set_index("forecast").astype("float64")
    head = ["brier", "brier_low", "brier_high", "auc", "auc_low", "auc_high", "mean"]
    own = {name: Forecast(SPOKEN[name], *(real(rows.loc[name, c]) for c in head)) for name in FORECASTS}
    gaps = [
        Against(SPOKEN[a], SPOKEN[b], *(real(found.against(b, a)[c]) for c in ("difference", "low", "high")))
        for a, b in ((MODEL, BASE), (MODEL, SILENT), (SILENT, BASE))
    ]
    last, weights = found.snapshots.iloc[-1], found.coefficients
    odds = np.log(weights["odds_ratio"].to_numpy(dtype=np.float64))
    most = int(np.nanargmax(np.abs(odds))) if np.isfinite(odds).any() else None
    told = all(math.isfinite(g.difference + g.low + g.high) for g in gaps)
    against_base, against_silent, silent_against_base = gaps
    return Forecasts(
        fitted=found.fitted and told, horizon=float(found.params["horizon"]), alive=float(found.params["alive_hours"]),
        pairs=whole(last["pairs"]), subscribers=whole(last["subscribers"]), gone=real(last["share"]),
        base=own[BASE], silent=own[SILENT], model=own[MODEL], against_base=against_base, against_silent=against_silent,
        silent_against_base=silent_against_base, constant=real(found.calibration.brier_constant),
        lean=_three(found.calibration.intercept), slope=_three(found.calibration.slope),
        strongest="" if most is None else str(weights["label"].iloc[most]),
        raises=most is not None and bool(odds[most] > 0), level=float(found.params["level"]),
    )  # fmt: skip


def _three(values: tuple[float, float, float]) -> tuple[float, float, float]:
    value, low, high = map(real, values)
    return value, low, high


def span(low: float, high: float, digits: int = DIGITS) -> str:
    """Write an interval; a dash where there is none.

    >>> span(0.1, 0.25), span(float("nan"), 0.2)
    ('0.100 to 0.250', '–')
    """
    return f"{fixed(low, digits)} to {fixed(high, digits)}" if math.isfinite(low + high) else "–"


def verdict(known: Forecasts) -> str:
    """Say in a few words what a forecast may go by."""
    return {
        "untold": "no forecast can be tried", "silence": "time in silence does as well as a model", "none": "no forecast gained",
        "model": "a model says more than time in silence", "open": "a model beats the base rate alone",
    }[known.use]  # fmt: skip


def snapshots_table(found: Churn) -> Shown:
    """Show how many pairs are asked about at each snapshot, and how many of them stay silent."""
    rows, known = found.snapshots, facts(found)
    end = rows["moment"].iloc[-1]
    ago = (end - rows["moment"]) / pd.Timedelta(days=1)
    frame = pd.DataFrame({
        "snapshot": ["the last" if a == 0 else f"{number(a)} days before" for a in ago],
        **{c: rows[c].astype("float64") for c in ("pairs", "subscribers", "gone", "share")},
    })  # fmt: skip
    finding = (
        f"{percent(known.gone, 0)} stay silent for {number(known.horizon)} hours after the last snapshot"
        if math.isfinite(known.gone)
        else "Pairs by snapshot"
    )
    return table(
        frame, "tbl-snapshots",
        f"**{finding}.** The model learns from earlier snapshots, and is tried on the last, "
        f"{number(known.horizon)} hours before the end of the log, so that what came of it is known."
        f"{DASH if frame.isna().any(axis=None) else ''}",
        {"pairs": count, "subscribers": count, "gone": count, "share": percent},
        headings={"gone": "stay silent"}, export=rows.assign(moment=rows["moment"].astype(str)), stack=True,
    )  # fmt: skip


def forecasts_table(found: Churn) -> Shown:
    """Show how near each forecast came, and how it ranks."""
    rows, known = found.table, facts(found)
    nearest = min((known.base, known.silent, known.model), key=lambda f: f.brier)
    frame = pd.DataFrame({
        "forecast": rows["forecast"], "brier": rows["brier"].astype("float64"),
        "own": [span(real(a), real(b)) for a, b in zip(rows["brier_low"], rows["brier_high"], strict=True)],
        "auc": rows["auc"].astype("float64"),
        "area": [span(real(a), real(b), 2) for a, b in zip(rows["auc_low"], rows["auc_high"], strict=True)],
        "mean": rows["mean"].astype("float64"),
    })  # fmt: skip
    return table(
        frame, "tbl-forecasts",
        f"**{capital(nearest.name)} has the least error.** Brier: mean squared distance of forecast and outcome [@brier1950], the "
        "lower the nearer. AUC: probability that, of two pairs, the one that stays silent has the higher risk [@hanley1982]; one "
        "half is chance. "
        f"{exact_percent(known.level)} intervals of resampled subscribers. Mean: of the forecasts.",
        {"brier": lambda v: fixed(v, DIGITS), "auc": fixed, "mean": percent},
        headings={"brier": "Brier", "own": "interval", "auc": "AUC", "area": "interval of the AUC"},
        right=("own", "area"), export=rows, stack=True,
    )  # fmt: skip


def differences_table(found: Churn) -> Shown:
    """Show the forecasts beside each other."""
    known = facts(found)
    gaps = (known.against_base, known.against_silent, known.silent_against_base)
    answer = {1: "the first", -1: "the second", 0: "not settled"}
    frame = pd.DataFrame({
        "compared": [f"{g.first} and {g.second}" for g in gaps], "difference": [g.difference for g in gaps],
        "interval": [span(g.low, g.high) for g in gaps], "nearer": [answer[g.side] for g in gaps],
    })  # fmt: skip
    shown = {
        1: "The model comes nearer than time in silence, beyond chance",
        -1: "Time in silence comes nearer than the model, beyond chance",
        0: "That the model comes nearer than time in silence is not settled",
    }[known.against_silent.side]
    return table(
        frame, "tbl-forecast-differences",
        f"**{shown}.** Difference of Brier scores, the first less the second, with {exact_percent(known.level)} intervals: below "
        "zero the first is nearer.",
        {"difference": lambda v: fixed(v, DIGITS)}, headings={"nearer": "nearer beyond chance"}, right=("interval",),
        export=found.comparisons, stack=True,
    )  # fmt: skip


def _calibrated(known: Forecasts) -> str:
    if not known.judged:
        return "Risk and outcome side by side"
    lean = {"high": "The risks are too high in the mean", "low": "The risks are too low in the mean"}
    form = {"timid": "too near to each other", "bold": "too far apart"}
    if known.shift:
        return lean[known.shift] + (f" and {form[known.spread]}" if known.spread else "")
    return f"The risks are {form[known.spread]}" if known.spread else "The risks may hold"


def calibration_figure(found: Churn) -> Figure:
    """Draw the share that stayed silent over the risk that the model had told, with intervals."""
    rows = found.calibration.table.dropna(subset=["score", "rate"]).astype("float64")
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 4.0))
        axes.plot([0, 1], [0, 1], color=theme.MUTE, lw=1, ls=":")
        axes.vlines(rows["score"], rows["rate_low"], rows["rate_high"], color=theme.ACCENT, lw=2, alpha=0.45)
        axes.plot(rows["score"], rows["rate"], "o", color=theme.ACCENT, ms=6, mec=theme.PAPER)
        for side in (axes.xaxis, axes.yaxis):
            side.set_major_formatter(lambda v, _: f"{v * 100:.3g} %")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel("risk that the model told")
        axes.set_ylabel("share that stayed silent")
    return drawn


def calibration_caption(found: Churn) -> str:
    """State whether the risks are off."""
    known = facts(found)
    line = ""
    if known.judged:
        a, b = (f"{fixed(v)} ({span(low, high, 2)})" for v, low, high in (known.lean, known.slope))
        line = f" Intercept {a}, slope {b}; zero and one where risks hold [@cox1958]."
    return (
        f"**{_calibrated(known)}.** Each dot is {number(found.params['least'])} pairs or more, by their risk, with its "
        f"{exact_percent(known.level)} interval, as if pairs were independent; on the dotted line, both are the same.{line}"
    )


def calibration_alt(found: Churn) -> str:
    """Describe the dots."""
    rows = found.calibration.table.dropna(subset=["score", "rate"]).astype("float64")
    parts = [f"risk {percent(a, 0)}, silent {percent(b, 0)}" for a, b in zip(rows["score"], rows["rate"], strict=True)]
    return f"Dots beside a diagonal. {capital('; '.join(parts)) or 'Nothing may be told'}."


def calibration_table(found: Churn) -> Shown:
    """Show risk and outcome by groups of pairs."""
    rows, known = found.calibration.table, facts(found)
    frame = pd.DataFrame({
        "risk": [between(a, b) for a, b in zip(rows["low"], rows["high"], strict=True)],
        "pairs": rows["units"].astype("float64"), "mean": rows["score"].astype("float64"),
        "silent": rows["events"].astype("float64"), "share": rows["rate"].astype("float64"),
        "interval": [between(a, b) for a, b in zip(rows["rate_low"], rows["rate_high"], strict=True)],
    })  # fmt: skip
    return table(
        frame, "tbl-calibration",
        f"**{_calibrated(known)}.** Pairs by the risk that the model told at the last snapshot, and how many of them "
        f"stayed silent for {number(known.horizon)} hours.{DASH if frame.isna().any(axis=None) else ''}",
        {"pairs": count, "silent": count, "mean": percent, "share": percent},
        headings={"mean": "mean risk", "silent": "stayed silent"}, right=("interval",), export=rows, stack=True,
    )  # fmt: skip


def odds_table(found: Churn) -> Shown:
    """Show what the model goes by."""
    rows, known = found.coefficients, facts(found)
    frame = pd.DataFrame({"feature": rows["label"], "odds": rows["odds_ratio"].astype("float64")})
    finding = f"“{capital(known.strongest)}” weighs most" if known.strongest else "What the model goes by"
    return table(
        frame, "tbl-odds",
        f"**{finding}.** Odds ratio of silence for one standard deviation more, all else the same; above one with "
        "more silence to come. From all snapshots, by a logistic regression with a ridge penalty, which draws each towards one. "
        "They are no causes.",
        {"odds": fixed}, headings={"odds": "odds ratio"}, export=rows,
    )  # fmt: skip
