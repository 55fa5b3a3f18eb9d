"""What to do with channels: by segment, by what the evidence allows, and which trial would tell what it does not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from ..data.export_audit import ExportAudit
from ..engine.meaning import Cards
from ..inference.groups import GroupRates
from ..inference.rates import COVERAGE
from ..inference.trial_size import POWER, smallest_rise, trial_size
from ..vocabulary import Vocabulary
from .channel_gaps import ONLINE, between, gap_of, point, real
from .channel_segments import by_segment
from .findings import quoted
from .prose import capital, count, number, percent, plural
from .show import Shown, table

RISES = (0.2, 0.5, 1.0)  # of the present rate
MONTH = 30.44  # days


class Handling(Protocol):
    """What to do with one segment."""

    @property
    def segment(self) -> int:
        """Its number."""

    @property
    def kind(self) -> str:
        """One of first, same, last, none."""

    @property
    def action(self) -> str:
        """The handling."""


@dataclass(frozen=True)
class Facts:
    """What the page tells of segments.

    Attributes
    ----------
    allowed : bool
        Whether anything is recommended.
    first, same, last : list of str
        Segments that close more often than all others, no differently, and less often.
    """

    allowed: bool
    first: list[str]
    same: list[str]
    last: list[str]


def facts(policy: Sequence[Handling], cards: Cards) -> Facts:
    """Collect what the sentences on segments need."""
    kinds = {h.segment: h.kind for h in policy}

    def of(kind: str) -> list[str]:
        return [quoted(c) for c in cards if kinds.get(c.id) == kind]

    return Facts(not of("none"), of("first"), of("same"), of("last"))


@dataclass(frozen=True)
class Trial:
    """A randomised trial at the present rate.

    Attributes
    ----------
    share : float
        Of prospects reached online only, or of all where there are none, that closed; NaN where it may not be told.
    all_of_them : bool
        Whether it is that of all prospects.
    sizes : list of tuple of float
        Rise of the rate as a share of it, the rate that it leads to, and the prospects that each arm needs.
    monthly : float
        Such prospects that are added in a month; NaN where the file covers no time.
    units : int
        Such prospects in the file.
    smallest : float
        The smallest rise that as many prospects as the file has would show, half of them in each arm; NaN if none would be.
    level, power : float
    """

    share: float
    all_of_them: bool
    sizes: list[tuple[float, float, int]]
    monthly: float
    units: int
    smallest: float
    level: float = COVERAGE
    power: float = POWER

    @property
    def middle(self) -> tuple[float, float, int] | None:
        """The rise in the middle; None where there is no trial."""
        return self.sizes[len(self.sizes) // 2] if self.sizes else None

    def months(self, arm: int) -> float:
        """Return how long it takes until both arms are full; NaN where the pace is not known."""
        return 2 * arm / self.monthly if self.monthly > 0 else math.nan

    @property
    def least(self) -> str:
        """The smallest rise in percentage points; empty where none would be shown."""
        return point(self.smallest) if math.isfinite(self.smallest) else ""

    @property
    def fits(self) -> bool:
        """Whether the file has as many prospects as a trial of the rise in the middle needs."""
        return self.middle is not None and 2 * self.middle[2] <= self.units

    @property
    def middle_rate(self) -> float:
        """The rate that it leads to."""
        return self.middle[1] if self.middle else math.nan

    @property
    def arm(self) -> int:
        """Prospects that each arm needs to show it; zero where there is no trial."""
        return self.middle[2] if self.middle else 0

    @property
    def middle_months(self) -> float | None:
        """Months until both arms are full; None where the pace is not known."""
        found = self.months(self.arm)
        return found if math.isfinite(found) else None


def trial(strategies: GroupRates, audit: ExportAudit) -> Trial:
    """Return what a trial of one more kind of touch would need.

    Parameters
    ----------
    strategies : GroupRates
        By strategy.
    audit : ExportAudit
    """
    rows = strategies.table.set_index("group")
    own = real(rows.loc[ONLINE, "rate"]) if ONLINE in rows.index else math.nan
    every = real(audit.closed) / audit.units if audit.units else math.nan
    fallback = not 0 < own < 1
    share = every if fallback else own
    pool = audit.units if fallback else int(rows.loc[ONLINE, "units"])
    share = share if 0 < share < 1 else math.nan
    rises = [r for r in RISES if share * (1 + r) <= 1]  # none where the share is not known
    days = (audit.last - audit.first).days
    return Trial(
        share=share,
        all_of_them=fallback,
        sizes=[(r, share * (1 + r), trial_size(share, share * r)) for r in rises],
        monthly=pool / days * MONTH if days > 0 else math.nan,
        units=pool,
        smallest=smallest_rise(share, pool // 2) if rises else math.nan,
    )


def trial_table(found: Trial, terms: Vocabulary) -> Shown:
    """Show how many prospects a trial needs, by the rise that it is to show."""
    if not found.sizes:
        return Shown("")
    frame = pd.DataFrame(
        {
            "rise": [f"by {percent(r, 0)}" if r != 1 else "twofold" for r, _, _ in found.sizes],
            "to": [to for _, to, _ in found.sizes],
            "each arm": [float(n) for *_, n in found.sizes],
            "both arms": [2.0 * n for *_, n in found.sizes],
            "months": [found.months(n) for *_, n in found.sizes],
        }
    )
    r, _, n = found.sizes[0]
    return table(
        frame,
        "tbl-trial",
        f"**A rise of the rate from {percent(found.share)} by {percent(r, 0)} of it takes {count(n)} {terms.units} "
        f"in each arm.** Two equal arms, a two-sided test at {percent(1 - found.level, 0)} and a power of "
        f"{percent(found.power, 0)} [@fleiss2003]; months are those until as many such {terms.units} are added as both arms "
        "need, at the mean pace of the file.",
        {"to": percent, "each arm": count, "both arms": count, "months": number},
        right=("rise",),
    )


def policy_table(policy: Sequence[Handling], rates: GroupRates, cards: Cards) -> Shown:
    """Show what to do with each segment, and why."""
    doing, rows = {h.segment: h for h in policy}, by_segment(rates)
    shown = [c for c in cards if c.id in doing and c.id in rows]
    told = [rows[c.id] for c in shown]
    frame = pd.DataFrame({
        "segment": [c.name for c in shown],
        "closes": [real(r["rate"]) for r in told],
        "interval": [between(r["low"], r["high"]) for r in told],
        "against all others": [
            f"{gap_of(r).points} points ({gap_of(r).interval})" if gap_of(r).known else "–" for r in told
        ],
        "handling": [doing[c.id].action for c in shown],
    })  # fmt: skip
    known = facts(policy, cards)
    apart = len(known.first) + len(known.last)
    finding = (
        "No handling follows; the rates describe" if not known.allowed
        else "No segment is handled otherwise than the others" if not apart
        else f"{capital(plural(apart, 'segment', words=True))} {'differs' if apart == 1 else 'differ'} in closing beyond chance"
    )  # fmt: skip
    return table(
        frame, "tbl-handling",
        f"**{finding}.** A handling follows where the rate differs from that of all other segments beyond chance, for all "
        f"segments together [@holm1979]; intervals, of {percent(float(rates.params['level']), 0)}, stand for each alone.",
        {"closes": percent}, right=("interval", "against all others"), stack=True,
    )  # fmt: skip
