"""Closing after a landmark, by the touches that there were by then: facts, figure and table."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..inference.landmark import Landmark
from ..vocabulary import Vocabulary
from . import theme
from .channel_gaps import Claim, Gap, Later, point, real
from .prose import count, join, percent
from .show import Shown, table


@dataclass(frozen=True)
class From:
    """What closes from one day on.

    Attributes
    ----------
    day : int
        After the prospect was added.
    units, exposed : float
        Prospects compared, and those of them reached both online and offline by then; NaN where it may not be told.
    undated : float
        Prospects set aside, since it cannot be told whether both touches came in time.
    until : int
        Days from then on, within which shares are compared: the longest limit that both reach; 0 where there is none.
    share, others : float
        Closed within these, of prospects reached both ways by the day, and of the others.
    gap : Gap
        The first less the second.
    alike : Gap
        The same where both are alike in what the adjusted comparison knows; empty where there is none.
    """

    day: int
    units: float
    exposed: float
    undated: float
    until: int
    share: float
    others: float
    gap: Gap
    alike: Gap


@dataclass(frozen=True)
class Facts:
    """What the page tells of landmarks.

    Attributes
    ----------
    dated : bool
        Whether the file has dates of both kinds of touches.
    raw : Gap
        Shares closed of prospects with both touches at the end of the file, however late, less those of all others.
    days : list of From
        By landmark.
    level : float
        Of the intervals.
    """

    dated: bool
    raw: Gap
    days: list[From]
    level: float

    @property
    def known(self) -> list[From]:
        """The landmarks at which shares can be compared."""
        return [d for d in self.days if d.gap.known]

    @property
    def empty(self) -> list[str]:
        """The landmarks at which they cannot."""
        return [str(d.day) for d in self.days if not d.gap.known]

    @property
    def undated(self) -> int:
        """The most prospects that are set aside at a landmark."""
        return int(max((d.undated for d in self.days if math.isfinite(d.undated)), default=0))

    @property
    def agree(self) -> str:
        """How the landmarks and the raw difference agree; see `channel_gaps.Claim.agree`."""
        later = [Later(d.day, d.until, d.gap) for d in self.known]
        return Claim(math.nan, math.nan, self.raw, Gap(), "", later, self.dated, self.level, []).agree


def facts(found: Landmark) -> Facts:
    """Collect what the sentences on landmarks need."""
    days = []
    for _, row in found.table.iterrows():
        own = found.after[found.after["landmark"] == row["landmark"]].sort_values("until")
        fine = own[own[["difference", "low", "high"]].apply(pd.to_numeric, errors="coerce").notna().all(axis=1)]
        last = fine.iloc[-1] if len(fine) else None
        days.append(
            From(
                int(row["landmark"]), real(row["units"]), real(row["exposed"]), real(row["undated"]),
                0 if last is None else int(last["until"]),
                math.nan if last is None else real(last["share_exposed"]),
                math.nan if last is None else real(last["share_unexposed"]),
                Gap() if last is None else Gap(*(real(last[n]) for n in ("difference", "low", "high"))),
                Gap() if last is None else _alike(found, int(row["landmark"]), int(last["until"])),
            )
        )  # fmt: skip
    raw = Gap(real(found.raw.difference), real(found.raw.low), real(found.raw.high))
    return Facts(bool(found.dated), raw, days, float(found.params["level"]))


def _alike(found: Landmark, day: int, until: int) -> Gap:
    own = found.adjusted.get((day, until))
    return Gap() if own is None or own.reason else Gap(real(own.difference), real(own.low), real(own.high))


def finding(known: Facts) -> str:
    """State on which side of zero the differences lie."""
    if not known.known:
        return "From no landmark on can shares be compared"
    limits = {d.until for d in known.known}
    within = f"within {limits.pop()} days" if len(limits) == 1 else "within the longest limit"
    clear = [d for d in known.known if d.gap.side]
    if not clear:
        return f"From no landmark on is there a difference beyond chance {within}"
    days = join([f"day {d.day}" for d in clear])
    if len({d.gap.side for d in clear}) > 1:
        return f"From {days} on there are differences beyond chance {within}, of both signs"
    said = "more" if clear[0].gap.side > 0 else "less"
    return f"From {days} on, those reached both ways by then close {said} often than the others {within}"


def figure(found: Landmark) -> Figure:
    """Draw the difference as it is in the end, and from each landmark on."""
    known = facts(found)
    rows = [("by the touches\nin the end", known.raw)] + [
        (f"by those of day {d.day},\n{d.until} days on", d.gap) for d in known.known
    ]
    rows = [(name, gap) for name, gap in rows if gap.known]
    with theme.style():
        drawn, axes = pyplot.subplots(figsize=(5.0, 1.0 + 0.62 * max(len(rows), 1)))
        axes.axvline(0, color=theme.MUTE, lw=1, ls=":")
        for y, (_, gap) in enumerate(rows):
            colour = theme.ACCENT if y or not known.raw.known else theme.MUTE
            axes.hlines(y, gap.low * 100, gap.high * 100, color=colour, lw=2.5)
            axes.plot(gap.difference * 100, y, "o" if y else "s", color=colour, ms=7)
        axes.set_yticks(range(len(rows)), [name for name, _ in rows])
        axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
        axes.set_xlabel("difference in share closed, percentage points")
        axes.grid(axis="y", visible=False)
    return drawn


def caption(found: Landmark) -> str:
    """State the finding."""
    known = facts(found)
    return (
        f"**{finding(known)}.** Share closed of prospects reached both online and offline less that of all others, with "
        f"{percent(known.level, 0)} intervals: first by all touches in the export, then, of those still open on a "
        "day, by the touches "
        "that they had by then."
    )


def alt(found: Landmark) -> str:
    """Describe the dots."""
    known = facts(found)
    parts = [f"in the end {point(known.raw.difference)} ({known.raw.interval})"] if known.raw.known else []
    parts += [f"from day {d.day} on {point(d.gap.difference)} ({d.gap.interval})" for d in known.known]
    return f"Dots with intervals. Difference in percentage points: {'; '.join(parts) or 'not known'}."


def landmark_table(found: Landmark, terms: Vocabulary) -> Shown:
    """Show how many are compared at each landmark, and what they close at."""
    sizes = found.table.set_index("landmark")
    rows = found.after
    of = [sizes.loc[d] for d in rows["landmark"]]
    gaps = [Gap(real(r["difference"]), real(r["low"]), real(r["high"])) for _, r in rows.iterrows()]
    frame = pd.DataFrame(
        {
            "from day": [f"{int(d)}, for {int(u)} days" for d, u in zip(rows["landmark"], rows["until"], strict=True)],
            "both ways by then": [real(s["exposed"]) for s in of],
            "others": [real(s["unexposed"]) for s in of],
            "both ways, closed": [real(v) for v in rows["share_exposed"]],
            "others, closed": [real(v) for v in rows["share_unexposed"]],
            "difference": [point(g.difference) if g.known else "–" for g in gaps],
            "its interval": [g.interval for g in gaps],
            "days open, difference": [real(v) for v in rows["mean_difference"]],
        }
    )
    known = facts(found)
    return table(
        frame, "tbl-landmark",
        f"**{finding(known)}.** {terms.units.capitalize()} still open on the day, by the touches that they had by "
        "then; shares closed "
        f"after it (Kaplan-Meier), differences in percentage points with {percent(known.level, 0)} intervals. The "
        "CSV also has how many "
        "had closed by then, were not watched so long, or are set aside.",
        {"both ways by then": count, "others": count, "both ways, closed": percent, "others, closed": percent,
         "days open, difference": lambda v: f"{v:+.1f}"},
        right=("difference", "its interval"), export=rows.merge(found.table, on="landmark"),
    )  # fmt: skip
