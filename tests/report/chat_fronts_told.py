"""What the front page of conversations and its decisions may find, made by hand, for the tests of what both say."""

from __future__ import annotations

import math
from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pandas as pd

from segkit.contract import MESSAGES
from segkit.engine.meaning import Card, Cards
from segkit.features.chat_stages import STATES
from segkit.inference.churn import BASE, MODEL, SILENT
from segkit.inference.concentration import Concentration, concentration
from segkit.inference.next_period import NextPeriod
from segkit.inference.trials import Proposals, Question, proposals
from segkit.report import chat_churn, chat_decisions, chat_front, chat_reading

TERMS = MESSAGES.terms
NAN = math.nan
STRANGE = r"\bnan\b|\binf\b|None|\{|\(\s|\s[.,;:]|  |\.\.|,\.|\(\)|–|\. [a-z]|,,|;;"
WORDS = ("natural", "reproducible", "fragile structure", "constructive", "no segmentation")
MODULES = {
    f"_{m.__name__.rpartition('.')[2]}": m for m in (chat_churn, chat_decisions, chat_front, chat_reading)
}  # fmt: skip
ALL = "The same for all: answer in turn."


def cards(*actions: str, sizes: tuple[float, ...] = (60, 40)) -> Cards:
    """Return two segments, of which a size that is not a number may not be told."""
    doing = actions or (ALL, ALL)
    made = [
        Card(i, str(i), f"Kind {i}", f"Kind {i}", "a median of 5 messages in 2 conversations", a, None if math.isnan(n) else int(n),
             None if math.isnan(n) else n / 100, {"messages": 5.0, "conversations": 2.0, "purchases": NAN})
        for i, (a, n) in enumerate(zip(doing, sizes, strict=True), start=1)
    ]  # fmt: skip
    return Cards(tuple(made), 100)


def methods(*found: tuple[str, int, bool, float]) -> Any:
    """Return what text divides into: by method why not, how many, whether by the rule, and what length accounts for."""
    rows = [
        {"method": m, "scope": "all stages", "reason": why, "k": k, "found": ok,
         "verdict": "reproducible" if ok else "no segmentation", "length_r2": r2, "prediction_strength": 0.4, "jaccard": 0.5}
        for m, (why, k, ok, r2) in zip("AB", found, strict=True)
    ]  # fmt: skip
    table = pd.DataFrame(rows).set_index(["method", "scope"])
    numbers = pd.DataFrame(rows)[["method", "scope", "k"]].assign(prediction_strength=0.9, jaccard=0.8)
    return Plain(row=lambda m, s: table.loc[(m, s)], numbers=numbers, params={"strength": 0.8, "jaccard": 0.75})


FEW = "Fewer than 10 documents have words."
KINDS: dict[str, Any] = {
    "no texts": None, "none": methods(("", 4, False, 0.1), ("", 2, False, 0.1)),
    "both": methods(("", 4, True, 0.1), ("", 2, True, 0.7)), "one": methods(("", 4, False, 0.1), ("", 3, True, NAN)),
    "few": methods((FEW, 1, False, NAN), (FEW, 1, False, NAN)), "half": methods(("", 2, False, 0.1), (FEW, 1, False, NAN)),
}  # fmt: skip


def ahead(*verdicts: str, adds: str = "undecided", behaviour: str = "better", texts: bool = True) -> NextPeriod:
    """Return what predicts who writes again: the verdicts of text and of both against length; nothing without any."""
    names = ["length", "text", "text and profile", "behaviour"] if texts else ["behaviour"]
    table = pd.DataFrame({"columns": names, "measure": "auc", "value": 0.7, "low": 0.6, "high": 0.8})
    against = zip(("text", "text and profile", "behaviour"), (*verdicts, behaviour), strict=True) if texts else []
    rows = [(name, "length", "auc", word) for name, word in against]
    rows += [("text and profile", "text", "auc", adds)] if texts else []
    differences = pd.DataFrame(rows, columns=["columns", "other", "measure", "verdict"])
    return NextPeriod(table, differences, 100, 40, 50, "", {"level": 0.95}, 1)


NOTHING = NextPeriod(
    pd.DataFrame(), pd.DataFrame(columns=["columns", "other", "measure", "verdict"]), 9, 3, 4, "Few.", {}, 1
)
AHEAD = {
    "nothing": NOTHING, "no texts": ahead(texts=False), "level": ahead("undecided", "undecided"),
    "better": ahead("better", "better", adds="better"), "one": ahead("undecided", "better", behaviour="undecided"),
    "worse": ahead("worse", "worse", adds="worse"),
}  # fmt: skip

# Differences of Brier scores: model and base rate, model and time in silence, time in silence and base rate; below zero is better.
SIDES = {"model": (-1, -1, -1), "silence": (-1, 0, -1), "worse": (-1, 1, -1), "open": (-1, 0, 0), "none": (0, 0, 0)}


def churned(kind: str) -> Any:
    """Return forecasts of who stays silent: one of `SIDES`, or "untold"."""
    names, fitted = [BASE, SILENT, MODEL], kind != "untold"
    value = 0.2 if fitted else NAN
    table = pd.DataFrame(dict.fromkeys(("brier", "brier_low", "brier_high", "auc", "auc_low", "auc_high", "mean"), value),
                         index=range(3)).assign(forecast=names)  # fmt: skip
    sides = dict(zip([(MODEL, BASE), (MODEL, SILENT), (SILENT, BASE)], SIDES.get(kind, (NAN,) * 3), strict=True))

    def against(second: str, first: str) -> pd.Series:
        middle = 0.05 * sides[first, second]
        return pd.Series({"difference": middle, "low": middle - 0.02, "high": middle + 0.02})

    return Plain(
        table=table, against=against, fitted=fitted, params={"horizon": 48.0, "alive_hours": 168.0, "level": 0.95},
        snapshots=pd.DataFrame({"pairs": [90], "subscribers": [50], "share": [0.5]}),
        coefficients=pd.DataFrame({"label": [], "odds_ratio": []}),
        calibration=Plain(brier_constant=0.2, intercept=(NAN,) * 3, slope=(NAN,) * 3),
    )  # fmt: skip


def states(pairs: tuple[float, ...] = (40, 30, 10, 8, 7, 5)) -> Any:
    """Return where pairs stand at the end, in each state writing and silent."""
    rows = [(pd.Timestamp("2025-09-08"), s, silent) for s in STATES for silent in (False, True)]
    table = pd.DataFrame(rows, columns=["moment", "state", "silent"]).assign(pairs=list(pairs))
    earlier = table.assign(moment=pd.Timestamp("2025-09-07"), pairs=1.0)
    return Plain(occupation=pd.concat([earlier, table], ignore_index=True), silence_hours=48.0)


NOBODY = states((60, 40, 0, 0, 0, 0))
STAGES = {
    "told": (states(), Plain(leak=0.4)), "known": (states(), Plain(leak=0.0)), "no money": (NOBODY, None),
    "hidden": (states((40, 30, NAN, 8, 7, 5)), Plain(leak=NAN)), "one": (states((1, 0, 0, 0, 0, 0)), Plain(leak=0.0)),
}  # fmt: skip


def shared(amounts: Any) -> Concentration:
    """Return how an amount is shared."""
    return concentration(np.asarray(amounts, dtype=float), name="test", seed=1, draws=99)


MONEY = {"no money": None, "none": shared(np.zeros(100)), "few": shared([5.0, 3]), "steep": shared(0.9 ** np.arange(100.0)),
         "even": shared(np.ones(100))}  # fmt: skip

QUESTIONS = (
    Question("slow", "Slow.", ("As now", "Nothing is sent at night"), "Share of pairs", "a", 0.3, 7, ("Stop.",)),
    Question("fast", "Fast.", ("As now", "Each offer says its price"), "Share of offers", "b", 0.3, 2, ("Stop.",)),
)


def trials(kind: str) -> Proposals:
    """Return proposals: "both" of which the second is the shorter, "long" ones that do not end in time, or "none"."""
    start, end = pd.Timestamp("2025-09-01"), pd.Timestamp("2025-09-29")
    observed = {}
    for name, each, people in (("a", 1, 200), ("b", 4, 400)):
        n = each * people
        came = pd.date_range(start, end, periods=people) if kind == "both" else pd.DatetimeIndex([start] * people)
        observed[name] = pd.DataFrame(
            {
                "outcome": np.arange(n) % 2 == 0,
                "subscriber": np.repeat(np.arange(people), each),
                "time": came.repeat(each),
            }
        )
    return proposals(QUESTIONS, {} if kind == "none" else observed, start=start, end=end, seed=1)


TRIALS = {kind: trials(kind) for kind in ("both", "long", "none")}
