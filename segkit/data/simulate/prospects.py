"""A made-up export of contacts of which the truth is known: which touches change anything, and which only look as if they did.

Contacts differ in engagement, which nothing in the file states: engaged contacts are touched more and close more, whatever
touches do. Touches arrive over time, more slowly as it goes on; half of those after a close are still entered; and what is not
closed at the day of the export is open. So contacts that were observed for longer have more touches, and a touch may have come
after the close that it seems to explain. The margins are those that a published report states of its cohort (``PUBLISHED``,
``CONTACTS``, ``LATEST``, ``DAYS``); all else is made up.

Sources: immortal time, S. Suissa (2008). Immortal time bias in pharmacoepidemiology. American Journal of Epidemiology 167(4),
492-499; times of events under covariates that change, P. C. Austin (2012). Generating survival times to simulate Cox proportional
hazards models with time-varying covariates. Statistics in Medicine 31(29), 3946-3958.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segkit.seeds import ROOT, generator

from .made import Simulated
from .prospect_cells import OFFLINE, PLATFORMS, Drawn, write_cells

Effects = Literal["planted", "confounded", "none"]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

ROWS = 11_727
EXTRACTED = np.datetime64("2025-06-30T06:00:00", "s")
OLDEST, YOUNGEST = 1_300, 1  # days from creation to the export
HIGH, LOW = "1A", "1B"

# What the report states of its cohort: shares, rates, means, and numbers of contacts.
PUBLISHED = {
    "share of 1A": 9_330 / ROWS, "closed": 601 / ROWS, "closed in 1A": 0.061, "closed in 1B": 0.012,
    "sessions in 1A": 2.89, "pageviews in 1A": 7.58, "forms in 1A": 1.36, "sessions in 1B": 0.05,
    "likelihood in 1A": 0.722, "likelihood in 1B": 0.909,
}  # fmt: skip
CONTACTS = {"Google_Ads": 8_073, "Facebook": 957, "TikTok": 593, "Instagram": 189, "Twitter": 34, "YouTube": 22}
LATEST = {
    HIGH: {"PAID_SEARCH": 0.525, "DIRECT_TRAFFIC": 0.194, "PAID_SOCIAL": 0.099, "EMAIL_MARKETING": 0.091, "ORGANIC_SEARCH": 0.054,
           "REFERRALS": 0.032, "OTHER_CAMPAIGNS": 0.005},
    LOW: {"OFFLINE": 0.758, "PAID_SOCIAL": 0.215, "PAID_SEARCH": 0.015, "DIRECT_TRAFFIC": 0.012},
}  # fmt: skip
DAYS = {HIGH: (209.8, 150.0), LOW: (238.2, 206.5)}  # mean and median days to the close, of those who closed

# Weibull shape and scale in days of the time to the close: chosen so that DAYS holds among those who closed by the export.
TIMES = {HIGH: (1.0, 275.0), LOW: (1.5, 300.0)}
# How much a standard deviation of engagement multiplies the hazard of closing, and the arrival of touches.
CLOSES, TOUCHES = 1.8, 1.9
RATE = {HIGH: 0.30, LOW: 0.16}  # offline touches within OLDEST days, at average engagement
KEPT = 0.5  # of the touches after a close are entered
MOST = 4  # offline touches that a contact has at most
OFFLINE_RATIO, COMBINATION_RATIO = 1.5, 6.0
COMBINATION = ("Referral", "WhatsApp")
REFERRED = 0.4  # of the offline touches of contacts on the planted platform are of the planted channel
CHANNEL = dict(zip(OFFLINE, (0.26, 0.12, 0.10, 0.19, 0.09, 0.12, 0.09, 0.03), strict=True))
PAID_SOCIAL = {
    "Facebook": 0.56,
    "TikTok": 0.36,
    "Instagram": 0.08,
}  # what contacts whose latest source is PAID_SOCIAL came from
OTHER = {  # share of the contacts of 1A on platforms of which nothing is published
    "LinkedIn": 0.055, "Eventbrite": 0.060, "WhatsApp": 0.075, "MAKE": 0.070, "AtomChat": 0.050, "Organic_Social": 0.060,
}  # fmt: skip
SEARCHED = 0.05  # of the contacts of 1B came from a search that was paid for, and were found again elsewhere
CLICKS = {"Broadcast": 0.06, "LinkedIn": 0.03, "Twitter": 0.004, "Facebook": 0.11}  # mean in 1A
PROMPT, PROMPTLY = 90, 0.25  # without any effect touches come within these days; expected number of them


@dataclass(frozen=True)
class SimulatedProspects(Simulated):
    """A simulated export of contacts.

    Attributes
    ----------
    frame : DataFrame
        One row per contact in order of creation; text columns named as in an export, empty where nothing is known.
    segment : Series
        The planted segment of each contact, ``1A`` or ``1B``, by the row of the file: the header is row 1. It never leaves tests
        and checks.
    hidden : DataFrame
        By row: ``engagement`` (standard deviations), ``touched`` and ``combined`` (days from creation to the first offline touch
        and to the first one of the planted combination, infinite where there is none), ``observed`` (days from creation to the
        close or the export), ``closed``, ``late`` (the last offline touch came in the second half of the time in which touches
        come: it is entered as the latest, the others as the first ones), and whether the contact had a touch on each of the
        offline channels and the platforms.
    true : dict
        What multiplies the hazard of closing: ``offline`` (from the first offline touch on), ``combination`` (besides, from the
        first touch of the planted combination on), and ``engagement`` (a standard deviation of it).
    """

    segment: pd.Series
    hidden: pd.DataFrame
    true: dict[str, float]

    @property
    def truth(self) -> pd.Series:
        """The same by the number of the prospect."""
        return self.segment.set_axis(self.frame["Record ID"])


def simulate_prospects(seed: int = ROOT, effects: Effects = "planted", rows: int = ROWS) -> SimulatedProspects:
    """Simulate an export of contacts.

    Parameters
    ----------
    seed : int
        The root seed.
    effects : {"planted", "confounded", "none"}
        Offline touches multiply the hazard of closing, and one combination of an offline channel and a platform multiplies it
        again; touches change nothing, and engagement brings both touches and closes; or every contact of either segment has one
        hazard, and touches have nothing to do with engagement or time, so that all combinations have one true rate.
    rows : int

    Returns
    -------
    SimulatedProspects

    Examples
    --------
    >>> made = simulate_prospects(42)
    >>> made.frame.shape, made.true["offline"], simulate_prospects(42, "confounded").true["offline"]
    ((11727, 22), 1.5, 1.0)
    """
    rng = generator(f"simulate/prospects/{effects}", seed)
    planted, null = effects == "planted", effects == "none"
    true = {
        "offline": OFFLINE_RATIO if planted else 1.0,
        "combination": COMBINATION_RATIO if planted else 1.0,
        "engagement": 1.0 if null else CLOSES,
    }
    tenure = np.sort(rng.uniform(YOUNGEST, OLDEST, rows))[::-1]
    high = rng.random(rows) < PUBLISHED["share of 1A"]
    engagement = rng.normal(size=rows)
    original, latest = _sources(rng, high)
    platforms = _platforms(rng, high, latest, np.ones(rows) if null else tenure**0.5 * TOUCHES ** (0.7 * engagement))
    when, channel = _touches(rng, high, tenure, engagement, platforms[COMBINATION[1]], null=null)
    met = np.column_stack([when[:, 0], _first(when, channel, platforms)])
    days = _closes(rng, np.ones(rows, dtype=bool) if null else high, engagement, tenure, met, true)
    observed = np.minimum(days, tenure)
    if not null:
        when[(when >= observed[:, None]) & (rng.random(when.shape) >= KEPT)] = np.inf
    channel[~np.isfinite(when)] = -1
    met_within = np.minimum(tenure, PROMPT) if null else tenure
    hidden = pd.DataFrame(
        {
            "engagement": engagement, "touched": when.min(axis=1), "combined": _first(when, channel, platforms),
            "late": np.where(channel >= 0, when, -np.inf).max(axis=1) > met_within / 2,
            "observed": observed, "closed": days < tenure,
            **{name: (channel == number).any(axis=1) for number, name in enumerate(OFFLINE)}, **platforms,
        },
        index=pd.RangeIndex(2, rows + 2, name="row"),
    )  # fmt: skip
    drawn = Drawn(
        hidden=hidden,
        high=high,
        created=EXTRACTED - (tenure * 86_400).astype("timedelta64[s]"),
        span=met_within if null else observed,
        original=original,
        latest=latest,
        channel=channel,
        counts=_counts(rng, high, engagement, np.ones(rows) if null else tenure, latest),
        likelihood=_likelihood(rng, high, engagement),
    )
    segment = pd.Series(np.where(high, HIGH, LOW), index=hidden.index, name="segment", dtype="str")
    return SimulatedProspects(write_cells(rng, drawn), segment, hidden, true)


def _solve(function: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Return where an increasing function reaches a target."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < target else (low, middle)
    return low


def _expected(hazards: Floats, factor: float) -> float:
    """Return the expected share closed."""
    return float(-np.expm1(-factor * hazards).mean())


def _mean_score(logits: Floats, shift: float) -> float:
    return float((1 / (1 + np.exp(-shift - logits))).mean())


def _sources(rng: np.random.Generator, high: Flags) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Draw the original and the latest source of each contact."""
    latest = np.empty(high.size, dtype="U16")
    for name, here in ((HIGH, high), (LOW, ~high)):
        latest[here] = rng.choice(list(LATEST[name]), int(here.sum()), p=list(LATEST[name].values()))
    # The contacts of the commonest platform are those with PAID_SEARCH as one of their sources, the latest or the original one.
    share = PUBLISHED["share of 1A"]
    low = LATEST[LOW]["PAID_SEARCH"] + (1 - LATEST[LOW]["PAID_SEARCH"]) * SEARCHED
    mixed = (CONTACTS["Google_Ads"] / ROWS - (1 - share) * low) / share
    searched = (mixed - LATEST[HIGH]["PAID_SEARCH"]) / (1 - LATEST[HIGH]["PAID_SEARCH"])
    draw = rng.random(high.size)
    from_search = latest == "PAID_SEARCH"
    elsewhere = rng.choice(["DIRECT_TRAFFIC", "ORGANIC_SEARCH", "OFFLINE"], high.size, p=[0.4, 0.4, 0.2])
    original = np.where(from_search & (draw > 0.8), elsewhere, latest)
    moved = ~from_search & (draw < np.where(high, searched, SEARCHED))
    original = np.where(moved, "PAID_SEARCH", original)
    return np.where(~from_search & ~moved & high & (draw > 0.9), "OFFLINE", original), latest


def _platforms(rng: np.random.Generator, high: Flags, latest: NDArray[np.str_], pull: Floats) -> dict[str, Flags]:
    """Draw on which platforms each contact was met; ``pull`` says how much more likely than others."""
    social = latest == "PAID_SOCIAL"
    pool = high & ~social
    pull = pull / pull[pool].mean()
    share = PUBLISHED["share of 1A"]
    of_social = share * LATEST[HIGH]["PAID_SOCIAL"] + (1 - share) * LATEST[LOW]["PAID_SOCIAL"]
    of_pool = share * (1 - LATEST[HIGH]["PAID_SOCIAL"])
    which, below = rng.random(high.size), 0.0
    out: dict[str, Flags] = {}
    for name in PLATFORMS:
        chance = PAID_SOCIAL.get(name, 0.0)
        other = (CONTACTS[name] / ROWS - of_social * chance) / of_pool if name in CONTACTS else OTHER[name]
        met = social & (below <= which) & (which < below + chance)
        out[name] = met | (pool & (rng.random(high.size) < other * pull))
        below += chance
    return out


def _touches(
    rng: np.random.Generator, high: Flags, tenure: Floats, engagement: Floats, enriched: Flags, *, null: bool
) -> tuple[Floats, Ints]:
    """Draw days from the creation to each offline touch, infinite where there is none by the export, and their channels."""
    arrivals = np.cumsum(rng.exponential(size=(high.size, MOST)), axis=1)
    if null:
        when = np.where(arrivals < PROMPTLY, arrivals / PROMPTLY * np.minimum(tenure, PROMPT)[:, None], np.inf)
    else:
        rate = np.where(high, RATE[HIGH], RATE[LOW]) * TOUCHES**engagement
        when = OLDEST * (arrivals / rate[:, None]) ** 2  # expected touches grow with the root of the time
        when[when >= tenure[:, None]] = np.inf
    channel = rng.choice(len(CHANNEL), when.shape, p=list(CHANNEL.values()))
    channel[(rng.random(when.shape) < REFERRED) & enriched[:, None]] = OFFLINE.index(COMBINATION[0])
    return when, channel


def _first(when: Floats, channel: Ints, platforms: dict[str, Flags]) -> Floats:
    """Return days to the first touch of the planted channel, of contacts on the planted platform."""
    first = np.where(channel == OFFLINE.index(COMBINATION[0]), when, np.inf).min(axis=1)
    return np.where(platforms[COMBINATION[1]], first, np.inf)


def elapsed(days: Floats, high: Flags) -> Floats:
    """Return the share of a contact's lifetime hazard, as it is without any touch, that some days from the creation hold."""
    shape, scale = (np.where(high, *pair) for pair in zip(TIMES[HIGH], TIMES[LOW], strict=True))
    share: Floats = -np.expm1(-((days / scale) ** shape))
    return share


def _closes(
    rng: np.random.Generator, high: Flags, engagement: Floats, tenure: Floats, met: Floats, true: dict[str, float]
) -> Floats:
    """Draw days from the creation to the close, infinite where there never is one.

    The hazard of each contact is a constant times what its engagement and the touches that it had by then multiply it by. The
    constant makes the expected share closed by the export what the report states.
    """
    first, second = elapsed(met[:, 0], high), elapsed(met[:, 1], high)
    once, twice = true["offline"], true["offline"] * true["combination"]
    until = elapsed(tenure, high)
    untouched, single = np.minimum(until, first), np.minimum(until, second)
    base = true["engagement"] ** engagement
    total = base * (
        untouched + once * np.maximum(single - untouched, 0) + twice * (until - np.maximum(single, untouched))
    )
    for name, here in ((HIGH, high), (LOW, ~high)):
        if here.any():
            target = PUBLISHED["closed"] if high.all() else PUBLISHED[f"closed in {name}"]
            own = total[here]
            base[here] *= _solve(partial(_expected, own), target, 0.0, 10.0)
    need = rng.exponential(size=high.size) / base
    met_second = first + once * (second - first)
    spent = np.where(
        need < first,
        need,
        np.where(need < met_second, first + (need - first) / once, second + (need - met_second) / twice),
    )
    shape, scale = (np.where(high, *pair) for pair in zip(TIMES[HIGH], TIMES[LOW], strict=True))
    days: Floats = np.where(spent < 1, scale * (-np.log1p(-np.minimum(spent, 1 - 1e-12))) ** (1 / shape), np.inf)
    return days


def _counts(
    rng: np.random.Generator, high: Flags, engagement: Floats, tenure: Floats, latest: NDArray[np.str_]
) -> dict[str, Ints]:
    """Draw sessions, pageviews, forms and clicks: more of them with engagement and time in 1A, hardly any in 1B."""
    pull = tenure**0.3 * np.exp(0.8 * engagement)
    pull = pull / pull[high].mean()
    visits, pages, forms = (PUBLISHED[f"{name} in 1A"] for name in ("sessions", "pageviews", "forms"))
    sessions = np.where(high, 1 + rng.poisson((visits - 1) * pull), rng.random(high.size) < PUBLISHED["sessions in 1B"])
    filled = rng.random(high.size)
    low = filled < np.where(latest == "PAID_SOCIAL", 0.3, 0.04)
    counts = {
        "Number of Sessions": sessions,
        "Number of Pageviews": sessions + rng.poisson(np.where(high, (pages - visits) * pull, 0.5 * sessions)),
        "Number of Form Submissions": np.where(
            high, (filled < 0.97) * (1 + rng.poisson((forms / 0.97 - 1) * pull)), low
        ),
    }
    for name, mean in CLICKS.items():
        counts[f"{name} Clicks"] = rng.poisson(np.where(high, mean * pull, 0.0))
    return counts


def _likelihood(rng: np.random.Generator, high: Flags, engagement: Floats) -> Floats:
    """Draw a score that is the higher the less engaged a contact is, and higher in the segment that closes less."""
    logit = -0.5 * engagement + rng.normal(0, 0.5, high.size)
    for name, here in ((HIGH, high), (LOW, ~high)):
        own = logit[here]
        logit[here] += _solve(partial(_mean_score, own), PUBLISHED[f"likelihood in {name}"], -9, 9)
    score: Floats = 1 / (1 + np.exp(-logit))
    return score
