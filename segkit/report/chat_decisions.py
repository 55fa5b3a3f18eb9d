"""What follows for those who answer: by segment, after a silence, which trial first, and on what evidence it stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ..data.forbidden_tactics import NEVER
from ..engine.meaning import Cards
from ..engine.verdict import FRAGILE, NATURAL, NONE, REPRODUCIBLE, Verdict
from ..inference.next_period import BETTER, WORSE
from ..inference.trials import LONGEST, Proposals
from ..thresholds import HALF
from ..vocabulary import Vocabulary
from .chat_churn import Against, Forecasts
from .chat_front import Money, Stages
from .chat_reading import Kind, Kinds, Predicted
from .claim import FAILS, HOLDS, OPEN, PARTLY, UNSHOWN, Claim
from .claim_table import claims_table, tally
from .findings import quoted
from .prose import beside, capital, count, exact, fixed, number, percent, percent_beside, plural
from .show import Shown, table


@dataclass(frozen=True)
class Doing:
    """What the cards say to do.

    Attributes
    ----------
    segmented : bool
        Whether there is a segmentation.
    actions : list of (str, list of str)
        Each action, and the segments that it is for.
    small : list of str
        Segments of too few pairs to be told of.
    """

    segmented: bool
    actions: list[tuple[str, list[str]]]
    small: list[str]

    @property
    def same(self) -> str:
        """What to do where that is the same for all, else empty."""
        return self.actions[0][0] if len(self.actions) == 1 else ""


def doing(cards: Cards, verdict: Verdict) -> Doing:
    """Collect what to do with the pairs of each segment; cards have it from the policy."""
    actions = dict.fromkeys(c.action for c in cards)
    return Doing(
        verdict.word != NONE,
        [(a, [quoted(c) for c in cards if c.action == a]) for a in actions],
        [quoted(c) for c in cards if c.size is None],
    )


def status(known: Doing) -> str:
    """Return the status of the page in a few words."""
    if not known.segmented:
        return "the same for all: there is no segmentation"
    return "the same for all segments" if known.same else "actions differ by segment"


def actions_table(cards: Cards, terms: Vocabulary, *, segmented: bool) -> Shown:
    """Show what to do with the pairs of each segment, and what they are called that for."""
    frame = pd.DataFrame({
        "segment": [c.name for c in cards], terms.units: [math.nan if c.size is None else float(c.size) for c in cards],
        "called so for": [c.reason or None for c in cards], "what to do": [c.action for c in cards],
    })  # fmt: skip
    known = len(set(frame["what to do"]))
    finding = "The same for all" if known == 1 else f"{capital(plural(known, 'way', words=True))} to answer"
    ground = (
        "An action of its own follows only where more, or fewer, pairs of a segment bought than of the others, beyond chance"
        if segmented
        else "There is no segmentation: the segments illustrate what a division would look like"
    )
    return table(frame, "tbl-actions", f"**{finding}.** {ground}.", {terms.units: count}, stack=True)


@dataclass(frozen=True)
class Trial:
    """The trial to begin with.

    Attributes
    ----------
    hypothesis, tried, metric : str
        What is tried, and the metric, begin without a capital.
    share, to : float
        The share as it is, and what the trial is to show that it becomes.
    subscribers, each : int
        In each arm, and the units of the metric that they have.
    days, low, high : float
        How long it takes, and from how few to how many days by the interval of how many new subscribers come; the last may be
        infinite.
    level, power : float
    """

    hypothesis: str
    tried: str
    metric: str
    share: float
    to: float
    subscribers: int
    each: int
    days: float
    low: float
    high: float
    level: float
    power: float

    @property
    def may_last(self) -> bool:
        """Whether it may take longer than is worth beginning, by the upper end of its interval."""
        return not self.high <= LONGEST

    @property
    def ends(self) -> bool:
        """Whether there is an upper end."""
        return math.isfinite(self.high)


@dataclass(frozen=True)
class Trials:
    """Which trial comes first.

    Attributes
    ----------
    first : Trial or None
        The one that ends soonest, of those that end in time; None where none does.
    sized, feasible, unsized : int
        Trials that could be sized, those of them that end in time, and those that the log does not allow to size.
    longest : float
        Days, from which on a trial is not worth beginning.
    """

    first: Trial | None
    sized: int
    feasible: int
    unsized: int
    longest: float = LONGEST


def trials(found: Proposals) -> Trials:
    """Choose the trial to begin with."""
    able = [p for p in found.items if p.feasible]
    soonest = min(able, key=lambda p: p.days, default=None)
    first = None
    if soonest is not None:
        p, q = soonest, soonest.question
        tried, metric = (text[:1].lower() + text[1:] for text in (q.arms[1], q.metric))
        first = Trial(
            q.hypothesis, tried, metric, p.design.share, p.design.share + p.rise, p.clusters_per_arm, p.units_per_arm,
            p.days, p.days_low, p.days_high, p.stop.level, p.stop.power,
        )  # fmt: skip
    return Trials(first, len(found.items), len(able), len(found.left_out))


def never() -> Shown:
    """List what is never done; the page on ethics says why."""
    return Shown("\n".join(f"- {text}" for text in NEVER.values()))


def evidence(
    verdict: Verdict, kinds: Kinds, ahead: Predicted, leaving: Forecasts, stages: Stages, money: Money, first: Trials
) -> list[Claim]:
    """Return the claims that decisions could stand on, each with what was found."""
    return [
        _segments(verdict),
        *(_kinds(m, kinds.strength) for m in kinds.methods),
        *_texts(ahead),
        *_silence(leaving),
        *_money(stages, money),
        _trial(first),
    ]


def _segments(verdict: Verdict) -> Claim:
    tone = HOLDS if verdict.word in (NATURAL, REPRODUCIBLE) else PARTLY if verdict.word == FRAGILE else FAILS
    known = [v for v in verdict.jaccard.values() if math.isfinite(v)]
    return Claim("Segments", "Pairs fall into segments that other samples confirm", "all evidence of the segments",
                 min(known, default=math.nan), verdict.word, "natural or reproducible", tone, "sure")  # fmt: skip


def _kinds(one: Kind, asked: float) -> Claim:
    verdict = OPEN if one.reason else HOLDS if one.found else FAILS
    text = beside(one.strength, asked) if not one.reason else "–"
    return Claim("Kinds", f"Conversations fall into kinds by {one.by}", f"prediction strength, method {one.method}",
                 one.strength, text, f"at least {exact(asked)}, and each kind comes back", verdict, "kinds")  # fmt: skip


WORDS = {BETTER: HOLDS, WORSE: FAILS}


def _texts(ahead: Predicted) -> list[Claim]:
    if ahead.length is None:
        return []
    what = "area under the curve, subscribers that were not seen"
    told = [
        Claim("Texts", f"Who writes again is told by {t.name} better than by {ahead.length.name}",
              f"{what}: {fixed(ahead.length.auc)} by {ahead.length.name}", t.auc, fixed(t.auc), "difference above chance",
              WORDS.get(t.against, UNSHOWN), "profiles")
        for t in ahead.texts
    ]  # fmt: skip
    if len(ahead.texts) < 2:
        return told
    text, both = ahead.texts
    return [*told, Claim("Texts", "Profiles add to texts", f"{what}: {fixed(text.auc)} by {text.name}", both.auc,
                         fixed(both.auc), "difference above chance", WORDS.get(ahead.adds, UNSHOWN), "profiles")]  # fmt: skip


def _silence(known: Forecasts) -> list[Claim]:
    def one(claim: str, gap: Against) -> Claim:
        verdict = OPEN if not known.fitted else {1: HOLDS, 0: UNSHOWN, -1: FAILS}[gap.side]
        return Claim("Silence", claim, f"Brier score of {gap.first} less that of {gap.second}, with its interval", gap.difference,
                     gap.told if known.fitted else "–", "below 0, with its interval", verdict, "silence")  # fmt: skip

    return [
        one("The time in silence tells who will not come back", known.silent_against_base),
        one("A model tells it too", known.against_base),
        one("The model tells more than the time in silence", known.against_silent),
    ]


def _money(stages: Stages, money: Money) -> list[Claim]:
    out = []
    if math.isfinite(stages.leak):
        out.append(Claim("Stages", "The published stage of a message is known when it is written",
                         "share of the messages whose stage hangs on later ones", stages.leak, percent(stages.leak), "none",
                         HOLDS if stages.leak == 0 else FAILS, "stages"))  # fmt: skip
    if money.first is not None:
        own = money.first
        verdict = HOLDS if own.low > HALF else FAILS if own.high < HALF else UNSHOWN
        out.append(Claim("Money", f"The first {plural(money.heads, 'subscriber', words=True)} bring most of the revenue",
                         f"share of the revenue, interval {number(own.low * 100)} to {percent(own.high)}", own.value,
                         percent_beside(own.value, HALF), f"over {percent(HALF)}, beyond chance", verdict, "money"))  # fmt: skip
    return out


def _trial(known: Trials) -> Claim:
    first = known.first
    verdict = OPEN if not known.sized else FAILS if first is None else PARTLY if first.may_last else HOLDS
    return Claim("Trials", "A trial of another way to answer ends in time", "days of the shortest one",
                 first.days if first else math.nan, count(first.days) if first else "–",
                 f"at most {number(known.longest, 0)}, with its interval", verdict, "playbook")  # fmt: skip


def evidence_table(claims: Sequence[Claim]) -> Shown:
    """Show the claims with their numbers."""
    return claims_table(claims, "tbl-grounds", lead=f"What decisions could stand on. {tally(claims)}")
