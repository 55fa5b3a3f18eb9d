"""Small results of the study of conversations, made by hand, for the tests of what its pages say of texts, playbooks and trials."""

from __future__ import annotations

import math
import re
from itertools import product

import numpy as np
import pandas as pd

from segkit.contract import MESSAGES
from segkit.features.profiles import Profiles, profile_rules
from segkit.inference.next_period import MEASURES, NextPeriod

TERMS = MESSAGES.terms
STRANGE = r"(?i:\bnan\b)|\binf\b|None(?! (of|stands|is))|\{|\(\s|\s[.,;]|  |\.\.|\. [a-z]|,,|;;|: \."
NAN = math.nan
LINES = (
    "I am 34 years old",
    "I'm married",
    "I am a nurse",
    "haha, tell me more?",
    "is there a discount?",
    "I am divorced",
)
LESS = ("brier", "log_loss")


def strange(text: str) -> str:
    """Return what no sentence may have, where a text has it: an unknown number, a blank too many, a lower case begin."""
    hit = re.search(STRANGE, re.sub(r"\n+(- )?", " ", text))
    return text if hit else ""


def profiles(kind: str = "some") -> Profiles:
    """Make profiles of forty people: "some" values, "none", "few" of whom nothing may be told, "all" alike, or by "server"."""
    texts = [""] * 40
    if kind in ("some", "server"):
        texts = ["\n".join(LINES[: i % (len(LINES) + 1)]) for i in range(40)]
    if kind == "few":
        texts[:3] = [LINES[0]] * 3
    if kind == "all":
        texts = ["\n".join(LINES)] * 40
    found = profile_rules(pd.Series(texts, [f"s{i}" for i in range(40)]))
    return Profiles(found.table, "a <b>model</b>", "9") if kind == "server" else found


def later(
    profile: str = "undecided",
    text: str = "undecided",
    behaviour: str = "better",
    *,
    texts: bool = True,
    few: bool = False,
    told: bool = True,
    brier: str = "",
) -> NextPeriod:
    """Make what predicts the next period, with these words by AUC, and another one by Brier's score where it is given."""
    names = ["length", "text", "text and profile", "behaviour"] if texts else ["behaviour"]
    areas = dict(zip(names, (0.6, 0.7, 0.72, 0.9), strict=False))
    params = {"folds": 5, "repeats": 5, "draws": 1000, "level": 0.95, "baseline": names[0]}
    rows = [
        (n, 1 + i, m, *((a, a - 0.05, a + 0.05) if told else (NAN,) * 3))
        for i, (n, a) in enumerate(areas.items()) for m in MEASURES
    ]  # fmt: skip
    pairs = [("text", "length", text), ("text and profile", "length", "undecided"), ("behaviour", "length", behaviour),
             ("text and profile", "text", profile)]  # fmt: skip
    gaps = [_gap(*pair, measure, brier, told=told) for pair, measure in product(pairs if texts else [], MEASURES)]
    table = pd.DataFrame([] if few else rows, columns=["columns", "width", "measure", "value", "low", "high"])
    differences = pd.DataFrame(
        [] if few else gaps, columns=["columns", "other", "measure", "difference", "low", "high", "verdict"]
    )
    return NextPeriod(
        table, differences, 0 if few else 90, 0 if few else 40, 30, "Fewer than 10." if few else "", params, 1
    )


def _gap(columns: str, other: str, word: str, measure: str, brier: str, *, told: bool) -> tuple[object, ...]:
    word = brier if brier and measure == "brier" else word
    gap = {"better": 0.1, "worse": -0.1, "undecided": 0.01}[word] * (-1 if measure in LESS else 1)
    return columns, other, measure, *((gap, gap - 0.05, gap + 0.05) if told else (NAN,) * 3), word


def outcomes(share: float = 0.5, subscribers: int = 40, *, every: float = 1.0) -> pd.DataFrame:
    """Make what a log has of an outcome, three times for each subscriber; a new one comes after so many hours."""
    of = np.repeat(np.arange(subscribers), 3)
    time = pd.Timestamp("2026-01-01") + pd.to_timedelta(every * of, unit="h")
    drawn = np.random.default_rng(1).random(len(of)) < share
    return pd.DataFrame({"outcome": drawn, "subscriber": [f"s{i}" for i in of], "time": time})
