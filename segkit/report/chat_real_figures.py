"""What the page on the public log shows: a figure, and tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..inference.churn import BASE, MODEL, SILENT, Churn
from ..inference.silence import Returns
from . import theme
from .channel_gaps import real
from .chat_data import Held, many
from .chat_real import College, Leaving, Return, gone, shares
from .chat_splitting import Split, lasting
from .prose import count, exact, fixed, join, number, percent
from .show import Shown, table

FORECASTS = {BASE: "share of those gone before", SILENT: "time in silence", MODEL: "model"}
MEDIANS = {
    "messages": "messages", "conversations": "conversations", "active_days": "days with a message",
    "days_silent": "days since last message", "days_known": "days since first message",
}  # fmt: skip
DOTS = 0.16  # of a step, by which dots of one panel are apart


def returns_figure(rows: list[Return]) -> Figure:
    """Draw how many silences end, by how long they had lasted and within which time more."""
    afters, withins = (list(dict.fromkeys(getattr(r, n) for r in rows)) for n in ("after", "within"))
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 3.4))
        for i, within in enumerate(withins):
            own = [r for r in rows if r.within == within and r.known]
            x = [afters.index(r.after) + DOTS * (i - (len(withins) - 1) / 2) for r in own]
            tone, mark = theme.PALETTE[i % len(theme.PALETTE)], theme.MARKERS[i % len(theme.MARKERS)]
            axes.vlines(x, [r.low * 100 for r in own], [r.high * 100 for r in own], color=tone, lw=2)
            axes.plot(x, [r.share * 100 for r in own], mark, color=tone, ms=6, label=f"within {exact(within)} h more")
        axes.set_xticks(range(len(afters)), [f"{exact(a)} h" for a in afters])
        axes.set_xlim(-0.5, len(afters) - 0.5)
        axes.set_ylim(0, None)
        axes.yaxis.set_major_formatter(lambda v, _: f"{v:.0f} %")
        axes.grid(axis="x", visible=False)
        axes.set_xlabel("silent for")
        axes.set_ylabel("write again")
        drawn.legend(loc="outside lower center", ncols=2)
    return drawn


def returns_caption(known: College) -> str:
    """State how many return after a short and after a long silence."""
    one, two = known.soonest, known.latest
    if one is None:
        return "**The log is too short to tell who writes again.**"
    first = (
        f"After {exact(one.after)} hours of silence {percent(one.share)} write again within {exact(one.within)} hours"
    )
    rest = "" if two is None else f", after {exact(two.after)} hours {percent(two.share)}"
    return (
        f"**{first}{rest}.** Kaplan-Meier shares [@kaplan1958], with {percent(known.level, 0)} intervals over resampled "
        "people."
    )


def returns_alt(rows: list[Return]) -> str:
    """Describe the dots."""
    told = [
        f"silent for {exact(r.after)} h, within {exact(r.within)} h more {percent(r.share)} ({r.interval})"
        for r in rows
        if r.known
    ]
    return f"Dots with intervals: {'; '.join(told)}." if told else "An empty figure."


def churn_table(found: Churn) -> Shown:
    """Show the three forecasts of who does not return."""
    rows, known = found.table, gone(found)
    frame = pd.DataFrame(
        {
            "forecast": [FORECASTS.get(str(n), str(n)) for n in rows["forecast"]],
            "Brier score": [_two(v) for v in rows["brier"]],
            "its interval": [_limits(a, b) for a, b in zip(rows["brier_low"], rows["brier_high"], strict=True)],
            "area under the curve": [_two(v, 2) for v in rows["auc"]],
            "interval of the area": [_limits(a, b, 2) for a, b in zip(rows["auc_low"], rows["auc_high"], strict=True)],
        }
    )
    return table(
        frame, "tbl-college-churn",
        f"**Who will not write again: {found.verdict}.** Brier score: mean squared distance of forecast and outcome, 0 is best "
        f"[@brier1950]. Asked of pairs that had been silent for {exact(known.alive)} hours at most; {percent(known.level, 0)} "
        "intervals over resampled people.",
        right=tuple(frame.columns[1:]), export=rows, stack=True,
    )  # fmt: skip


def _two(value: Any, digits: int = 3) -> str:
    x = real(value)
    return fixed(x, digits) if math.isfinite(x) else "–"


def _limits(low: Any, high: Any, digits: int = 3) -> str:
    return f"{_two(low, digits)} to {_two(high, digits)}" if math.isfinite(real(low) + real(high)) else "–"


def segments_table(found: Mapping[str, Any]) -> Shown:
    """Show the segments of pairs: how many, and the median of what they do."""
    order = sorted(found["sizes"], key=lambda s: -found["sizes"][s])
    told = {n: name for n, name in MEDIANS.items() if all(n in found["medians"][s] for s in order)}
    frame = pd.DataFrame(
        {
            "segment": [f"Segment {i + 1}" for i in range(len(order))],
            "pairs": [int(found["sizes"][s]) for s in order],
            **{f"{name}, median": [real(found["medians"][s][n]) for s in order] for n, name in told.items()},
        }
    )
    sizes = [str(percent(n / sum(frame["pairs"]))) for n in frame["pairs"]]
    return table(
        frame, "tbl-college-segments",
        f"**Verdict: {found['verdict']}; {join(sizes)} of the pairs.** Pairs of {count(found['least'])} messages or more.",
        {"pairs": count, **dict.fromkeys(frame.columns[2:], lambda v: number(v))}, stack=True,
    )  # fmt: skip


def beside_table(
    known: College, log: Held, split: Split, returns: Returns, leaving: Churn, word: str, kind: str
) -> Shown:
    """Show the answers to the same questions in both logs.

    Parameters
    ----------
    known : College
    log : Held
    split : Split
    returns : Returns
    leaving : Churn
    word : str
        The verdict on the segments of the log of the other pages.
    kind : str
        Where that log is from, in a word.
    """
    a, b, one = known.log, log, known.soonest
    rows = [
        ("days", number(a.days), number(b.days)),
        ("pairs", many(a.pairs), many(b.pairs)),
        ("messages of a pair, median", number(a.median), number(b.median)),
        ("texts", _yes(a.text), _yes(b.text)),
        ("money", _yes(a.money is not None), _yes(b.money is not None)),
        ("line between pauses and silences", _line(known.split), _line(split)),
        ("least rank correlation at another threshold", _two(known.split.least, 2), _two(split.least, 2)),
    ]
    if one is not None:
        same = [r for r in shares(returns) if (r.after, r.within) == (one.after, one.within)]
        asked = f"write again within {exact(one.within)} hours after {exact(one.after)} of silence"
        rows.append((asked, str(percent(one.share)), str(percent(same[0].share)) if same else "–"))
    divided = "cannot be made" if known.divided is None else known.divided.word
    rows += [
        ("telling who will not write again, beside the base rate", _told(known.leaving), _told(gone(leaving))),
        ("segments of pairs", divided, word),
    ]
    every = known.divided is not None and one is not None and known.leaving.fitted
    said = "Every question has an answer among students" if every else "Not every question has an answer among students"
    frame = pd.DataFrame(
        rows, columns=["question", f"students ({'real' if known.real else 'simulated'})", f"subscribers ({kind})"]
    )
    return table(
        frame, "tbl-both", f"**{said}.** The same settings in both logs.", right=tuple(frame.columns[1:]), stack=True
    )


def _yes(there: bool) -> str:
    return "yes" if there else "no"


def _line(split: Split) -> str:
    return lasting(split.line) if split.separates else "none"


def _told(known: Leaving) -> str:
    if not known.fitted:
        return "cannot be told"
    return "better" if known.beats else "no better"
