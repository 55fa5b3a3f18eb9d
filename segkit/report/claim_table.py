"""How sure are we: the claims in one table, counted, and what follows from their verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from .claim import COMMONPLACE, FAILS, HOLDS, OPEN, PARTLY, UNSHOWN, Claim
from .prose import capital, count, join, percent
from .show import Shown, table, tag

# How a sentence names the topics, whose own names are headings.
ABOUT = {
    "How many": "the number of segments", "Apart": "separation", "More than chance": "chance",
    "Stable over samples": "other samples", "Stable over time": "other times", "Independent of our choices": "our choices",
    "Clear": "short rules", "Useful": "prediction", "True": "planted segments",
}  # fmt: skip
VERBS = {
    COMMONPLACE: ("holds as it would without segments", "hold as they would without segments"),
    PARTLY: ("holds partly", "hold partly"), FAILS: ("fails", "fail"), UNSHOWN: ("is inconclusive", "are inconclusive"),
    OPEN: ("cannot be told", "cannot be told"),
}  # fmt: skip
ALWAYS = ("Preprocessing does not decide", "The algorithm does not decide")  # whatever else of the topic is as weak
TONES = {HOLDS: "ok", COMMONPLACE: "mid", PARTLY: "mid", FAILS: "no", UNSHOWN: "mid", OPEN: "mid"}


def claims_frame(claims: Sequence[Claim]) -> pd.DataFrame:
    """Return the claims as a table of plain values, for the CSV."""
    columns = ["topic", "claim", "evidence", "number", "threshold", "common", "verdict", "page"]
    return pd.DataFrame([{name: getattr(c, name) for name in columns} for c in claims], columns=columns)


def claims_table(claims: Sequence[Claim], label: str = "tbl-claims", *, lead: str = "") -> Shown:
    """Show claims with number, threshold and verdict; the caption begins with the lead, else with the count."""
    frame = pd.DataFrame(
        [(c.claim, c.evidence, c.text, c.threshold, c.common, c.verdict) for c in claims],
        columns=["claim", "evidence", "number", "threshold", "without segments", "verdict"],
    )
    note = " Without segments: share of data sets of the population that is hardest to tell from these that pass the threshold too."
    if frame["without segments"].isna().all():
        frame, note = frame.drop(columns="without segments"), ""
    return table(
        frame, label, f"**{lead or capital(tally(claims))}** Verdicts follow from the numbers and thresholds.{note}",
        {"verdict": lambda w: tag(str(w), TONES[str(w)]), "without segments": lambda v: percent(v, 0) if v == v else "–"},
        right=("number", "without segments"), stack=True, export=claims_frame(claims),
    )  # fmt: skip


def front(claims: Sequence[Claim]) -> Shown:
    """Show the claim of each topic that is furthest from holding, for the front page, and those on preparation and algorithm."""
    worst = {HOLDS: 0, OPEN: 1, COMMONPLACE: 2, UNSHOWN: 3, PARTLY: 4, FAILS: 5}
    by_topic: dict[str, Claim] = {}
    for c in claims:
        if c.topic not in by_topic or worst[c.verdict] > worst[by_topic[c.topic].verdict]:
            by_topic[c.topic] = c
    named = [c for c in claims if c in by_topic.values() or c.claim in ALWAYS]
    lead = f"The weakest claim of each question, and how far our choices decide. {tally(claims)}"
    return claims_table(named, "tbl-evidence", lead=lead)


def tally(claims: Sequence[Claim]) -> str:
    """Count the verdicts.

    >>> c = Claim("t", "c", "e", 1.0, "1", "at least 1", "holds", "p")
    >>> tally([c, c])
    'Both of two claims hold.'
    """
    n = len(claims)
    held = sum(c.verdict == HOLDS for c in claims)
    if held == n:
        return "Both of two claims hold." if n == 2 else f"All {count(n)} claims hold."
    counts = [(sum(c.verdict == verdict for c in claims), how) for verdict, how in VERBS.items()]
    rest = [f"{count(m)} {one if m == 1 else several}" for m, (one, several) in counts if m]
    return f"{capital(count(held))} of {count(n)} claims {'holds' if held == 1 else 'hold'}; {join(rest)}."


@dataclass(frozen=True)
class Facts:
    """What the page tells of the claims.

    Attributes
    ----------
    tally : str
    every, without : list of str
        Topics of which every claim holds, and those of which none does, not even partly.
    failed, idle : list of str
        The claims that do not hold, and those that nearly all populations without segments pass as well.
    """

    tally: str
    every: list[str]
    without: list[str]
    failed: list[str]
    idle: list[str]


def facts(claims: Sequence[Claim]) -> Facts:
    """Collect what the sentences of the page need."""
    topics: dict[str, list[str]] = {}
    for c in claims:
        topics.setdefault(ABOUT.get(c.topic, f"“{c.topic.lower()}”"), []).append(c.verdict)
    return Facts(
        tally=tally(claims),
        every=[t for t, own in topics.items() if set(own) == {HOLDS}],
        without=[t for t, own in topics.items() if not {HOLDS, COMMONPLACE, PARTLY, OPEN} & set(own)],
        failed=[f"“{c.claim}”" for c in claims if c.verdict == FAILS],
        idle=[f"“{c.claim}”" for c in claims if c.verdict == COMMONPLACE],
    )
