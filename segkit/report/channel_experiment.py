"""A randomised experiment beside the raw difference of the same people: facts, banner, figures and tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import escape

from ..inference.experiment import ANY, MEANS, SHARES, Experiment
from .channel_gaps import Gap, point, real
from .prose import beside, capital, count, fixed, percent, plural, word
from .show import Shown, fragment, table

DID = {"visit": "visited the website", "conversion": "bought", "spend": "dollars spent"}
OUTCOMES = {"visit": "visits", "conversion": "buys", "spend": "spend"}
ARMS = {ANY: "any e-mail", "Mens E-Mail": "e-mail on men's goods", "Womens E-Mail": "e-mail on women's goods"}


def channel(name: object) -> str:
    """Write by which channels customers had bought.

    >>> channel("Multichannel"), channel("Phone")
    ('several channels', 'phone only')
    """
    return "several channels" if name == "Multichannel" else f"{str(name).lower()} only"


def arm(name: object) -> str:
    """Write what customers were sent.

    >>> arm("Mens E-Mail")
    "e-mail on men's goods"
    """
    return ARMS.get(str(name), str(name))


@dataclass(frozen=True)
class Beside:
    """A difference of two groups of customers.

    Attributes
    ----------
    name : str
        The channel, or what was sent.
    first, second : float
        Shares of the two groups.
    gap : Gap
        The first less the second.
    """

    name: str
    first: float
    second: float
    gap: Gap


@dataclass(frozen=True)
class Outcome:
    """What is told of one outcome.

    Attributes
    ----------
    did : str
        What customers did.
    raw : list of Beside
        Customers of several channels beside those of one, without any e-mail.
    email : Beside
        Any e-mail beside none: the randomised effect.
    arms : list of Beside
        Each e-mail beside none.
    inside : list of Beside
        The effect of any e-mail among customers of each channel.
    p, chi : float
        Test of one effect in all channels (Cochran's Q).
    freedom : int
    """

    did: str
    raw: list[Beside]
    email: Beside
    arms: list[Beside]
    inside: list[Beside]
    chi: float
    p: float
    freedom: int

    @property
    def probability(self) -> str:
        """The p of the test, as a sentence writes it."""
        return "less than 0.001" if self.p < 0.001 else fixed(self.p, 3)

    @property
    def clear(self) -> list[Beside]:
        """The raw differences that are beyond chance."""
        return [b for b in self.raw if b.gap.side]


@dataclass(frozen=True)
class Facts:
    """What the page tells of the experiment.

    Attributes
    ----------
    real : bool
        Whether these are the published data.
    title, citation : str
    customers, sent : int
        All, and those who were sent an e-mail.
    visit, conversion : Outcome
    balanced : float
        p of the test that arms and channels go together; NaN where there is none.
    level : float
        Of the intervals.
    """

    real: bool
    title: str
    citation: str
    customers: int
    sent: int
    visit: Outcome
    conversion: Outcome
    balanced: float
    level: float

    @property
    def outcomes(self) -> list[Outcome]:
        """Both outcomes."""
        return [self.visit, self.conversion]

    @property
    def balance(self) -> str:
        """The p of that test, as a sentence writes it."""
        return probability(self.balanced, self.level)

    @property
    def lot(self) -> bool:
        """Whether arms and channels go together no more than by lot."""
        return not self.balanced < 1 - self.level

    @property
    def varying(self) -> list[Outcome]:
        """Outcomes of which the effect differs between channels beyond chance."""
        return [o for o in self.outcomes if o.p < 1 - self.level]

    @property
    def tested(self) -> bool:
        """Whether it can be tested if the effect differs between channels."""
        return all(math.isfinite(o.p) for o in self.outcomes)


def facts(found: Experiment, trial: Mapping[str, Any]) -> Facts:
    """Collect what the sentences on the experiment need.

    Parameters
    ----------
    found : Experiment
    trial : mapping
        Where it is from: ``real``, ``title``, ``citation``.
    """
    every = found.effects[(found.effects["outcome"] == SHARES[0]) & (found.effects["arm"] == ANY)].iloc[0]
    visit, conversion = (_outcome(found, name) for name in SHARES)
    return Facts(
        bool(trial["real"]), str(trial["title"]), str(trial["citation"]), int(every["units"] + every["control"]),
        int(every["units"]), visit, conversion, real(found.balanced), float(found.params["level"]),
    )  # fmt: skip


def _outcome(found: Experiment, name: str) -> Outcome:
    raw, effects, inside, tests = (
        f[f["outcome"] == name] for f in (found.raw, found.effects, found.by_channel, found.interaction)
    )
    many = raw[raw["channel"] == found.params["multichannel"]].iloc[0]
    others = raw[raw["channel"] != found.params["multichannel"]]
    sent = [
        Beside(arm(r["arm"]), float(r["mean"]), float(r["control_mean"]), _gap(r, "effect"))
        for _, r in effects.iterrows()
    ]
    test = tests.iloc[0]
    return Outcome(
        DID[name],
        [
            Beside(channel(r["channel"]), float(many["mean"]), float(r["mean"]), _gap(r, "difference"))
            for _, r in others.iterrows()
        ],
        next(b for b in sent if b.name == ARMS[ANY]),
        [b for b in sent if b.name != ARMS[ANY]],
        [Beside(channel(r["channel"]), math.nan, math.nan, _gap(r, "effect")) for _, r in inside.iterrows()],
        real(test["chi_squared"]), real(test["p"]), int(test["freedom"]),
    )  # fmt: skip


def _gap(row: pd.Series, name: str) -> Gap:
    return Gap(real(row[name]), real(row["low"]), real(row["high"]))


def probability(p: float, level: float) -> str:
    """Write the p of a test.

    >>> probability(0.1184, 0.95), probability(0.00001, 0.95)
    ('0.118', 'less than 0.001')
    """
    return "less than 0.001" if p < 0.001 else beside(p, 1 - level, digits=3)


def banner(known: Facts) -> Shown:
    """Say where the data of the experiment come from, and that they are of other people than the file."""
    if known.real:
        head, tone = "Real data of an experiment.", "sk-real"
        more = f"{known.title}: {known.citation}"
    else:
        head, tone = "Simulated data of an experiment.", "sk-simulated"
        more = (
            f"{known.title}, since the published file was not found. No customer on this page exists. The "
            "experiment that it imitates: "
            f"{known.citation}"
        )
    return fragment(
        f'<div class="sk-banner {tone}" role="note" aria-label="Where the data of the experiment come from"><b>{head}</b> '
        f"{escape(more)}<br>These are {count(known.customers)} customers of another business, and none of the "
        "prospects of the file.</div>"
    )


def _written(outcome: str, value: Any, *, gap: bool = False) -> str:
    x = real(value)
    if not math.isfinite(x):
        return "–"
    if outcome in MEANS:
        return fixed(x)
    return point(x) if gap else percent(x, 2)


def _between(outcome: str, low: Any, high: Any) -> str:
    if not math.isfinite(real(low) + real(high)):
        return "–"
    return f"{_written(outcome, low, gap=True)} to {_written(outcome, high, gap=True)}"


def _some(clear: int, every: int, noun: str) -> str:
    first, verb = capital(word(clear)) if clear else "None", "is" if clear < 2 else "are"
    return f"{first} of {plural(every, noun, words=True)} {verb} beyond chance"


def raw_table(found: Experiment) -> Shown:
    """Show what customers of each channel did without an e-mail."""
    rows = found.raw
    frame = pd.DataFrame(
        {
            "outcome": [OUTCOMES[o] for o in rows["outcome"]],
            "bought before by": [channel(c) for c in rows["channel"]],
            "customers": rows["units"].to_numpy(),
            "share, or dollars": [_written(o, v) for o, v in zip(rows["outcome"], rows["mean"], strict=True)],
            "several minus these": [
                _written(o, v, gap=True) for o, v in zip(rows["outcome"], rows["difference"], strict=True)
            ],
            "interval": [_between(r["outcome"], r["low"], r["high"]) for _, r in rows.iterrows()],
        }
    )
    clear = int(((rows["low"] > 0) | (rows["high"] < 0)).sum())
    every = int(rows["difference"].notna().sum())
    return table(
        frame, "tbl-trial-raw",
        f"**{_some(clear, every, 'raw difference')}.** Customers who were sent nothing; differences in percentage points, "
        f"of spend in dollars, with {percent(float(found.params['level']), 0)} intervals (Newcombe, of spend Welch).",
        {"customers": count}, right=("share, or dollars", "several minus these", "interval"), export=rows,
    )  # fmt: skip


def effect_table(found: Experiment) -> Shown:
    """Show what each e-mail changed."""
    rows = found.effects
    frame = pd.DataFrame(
        {
            "outcome": [OUTCOMES[o] for o in rows["outcome"]],
            "sent": [arm(a) for a in rows["arm"]],
            "customers": rows["units"].to_numpy(),
            "with it": [_written(o, v) for o, v in zip(rows["outcome"], rows["mean"], strict=True)],
            "without": [_written(o, v) for o, v in zip(rows["outcome"], rows["control_mean"], strict=True)],
            "uplift": [_written(o, v, gap=True) for o, v in zip(rows["outcome"], rows["effect"], strict=True)],
            "interval": [_between(r["outcome"], r["low"], r["high"]) for _, r in rows.iterrows()],
        }
    )
    clear, every = int(((rows["low"] > 0) | (rows["high"] < 0)).sum()), int(rows["low"].notna().sum())
    return table(
        frame, "tbl-trial-effects",
        f"**{_some(clear, every, 'effect')}.** Uplift in percentage points, of spend in dollars a customer, with "
        f"{percent(float(found.params['level']), 0)} intervals. Who got which e-mail was drawn by lot.",
        {"customers": count}, right=("with it", "without", "uplift", "interval"), export=rows,
    )  # fmt: skip
