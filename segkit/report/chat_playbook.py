"""What whoever answers may go by, segment by segment, and the tests behind it: facts and tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from ..engine.meaning import Cards
from ..engine.verdict import NONE
from ..inference.marked import Marked
from ..privacy import SMALL_CELL
from .prose import GAP, capital, exact_percent, fixed, join, percent, plural
from .show import Shown, table

HOURS, BOUGHT = "hours", "bought"  # kinds of marks; all others are fields of profiles


class Playbook(Protocol):
    """What is advised for one segment; a playbook with a text that no playbook may hold cannot be made."""

    @property
    def segment(self) -> int:
        """Its number."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def action(self) -> str:
        """What to do."""

    @property
    def description(self) -> str:
        """Who is in it."""

    @property
    def traits(self) -> tuple[str, ...]:
        """What stands out in profiles."""

    @property
    def times(self) -> tuple[str, ...]:
        """Hours that stand out."""

    @property
    def style(self) -> str:
        """How they write."""

    @property
    def signs(self) -> str:
        """What to watch for."""

    @property
    def never(self) -> tuple[str, ...]:
        """What not to do."""


@dataclass(frozen=True)
class Plans:
    """What the page tells of playbooks.

    Attributes
    ----------
    segmented : bool
        Whether any segmentation is shown, so that segments may have a handling of their own.
    actions : dict of str to list of str
        What to do, and the segments of which it is said.
    timed, marked : list of str
        Segments with hours, and with values of profiles, that stand out.
    texts : bool
        Whether profiles were among what was tested.
    tested, out : int
        Marks of segments that were tested, and those that stand out.
    moved : float
        Share of the pairs whose labels could be dealt to others.
    level : float
    deals : int
    """

    segmented: bool
    actions: dict[str, list[str]]
    timed: list[str]
    marked: list[str]
    texts: bool
    tested: int
    out: int
    moved: float
    level: float
    deals: int

    @property
    def same(self) -> str:
        """The one action, where all segments have the same; else empty."""
        return next(iter(self.actions)) if len(self.actions) == 1 else ""

    @property
    def segments(self) -> int:
        """How many segments there are."""
        return sum(map(len, self.actions.values()))


def plans(items: Sequence[Playbook], marks: Marked, verdict: str) -> Plans:
    """Collect what the sentences on playbooks need.

    Parameters
    ----------
    items : sequence of Playbook
    marks : Marked
        The tests behind them.
    verdict : str
        The word for the segmentation.
    """
    rows, actions = marks.table, dict[str, list[str]]()
    for p in items:
        actions.setdefault(p.action, []).append(quoted(p.name))
    return Plans(
        segmented=verdict != NONE,
        actions=actions,
        timed=[quoted(p.name) for p in items if p.times],
        marked=[quoted(p.name) for p in items if p.traits],
        texts=any(m[0] not in (HOURS, BOUGHT) for m in rows["mark"]),
        tested=len(rows),
        out=sum(len(marks.standing_out(p.segment)) for p in items),
        moved=marks.moved,
        level=marks.level,
        deals=marks.deals,
    )


def quoted(name: str) -> str:
    """Return the name of a segment as sentences have it."""
    return f"“{name}”"


def status(known: Plans) -> str:
    """Say in a few words whether segments have a handling of their own."""
    if known.same:
        return "the same for all" if known.segments > 1 else "one segment"
    return f"{plural(len(known.actions), 'way')} to answer"


def playbook_tables(items: Sequence[Playbook], *, segmented: bool) -> Shown:
    """Show the playbook of each segment, a table each."""
    return Shown("\n\n".join(_playbook(p, rank, segmented=segmented).markdown for rank, p in enumerate(items, start=1)))


def _playbook(p: Playbook, rank: int, *, segmented: bool) -> Shown:
    parts = {
        "Who they are": p.description,
        "What to do": p.action,
        "How they write": p.style,
        "Hours": f"{capital('; '.join(p.times))}." if p.times else "No hours stand out: answer when they write.",
        "Traits": f"{capital('; '.join(p.traits))}." if p.traits else "None stands out.",
        "Signs": p.signs,
    }
    frame = pd.DataFrame({"part": list(parts), "playbook": list(parts.values())})
    more = (
        "What follows from the record."
        if segmented
        else "A description of these pairs, and no reason to treat them otherwise."
    )
    return table(
        frame, f"tbl-playbook-{rank}", f"**{capital(p.name)}.** {more}", headings={"part": "", "playbook": "playbook"}, stack=True
    )  # fmt: skip


def _names(items: Sequence[Playbook]) -> dict[int, str]:
    return {p.segment: p.name for p in items}


def hours_table(items: Sequence[Playbook], marks: Marked) -> Shown:
    """Show which share of their messages pairs of each segment write in each part of the day."""
    rows, names = marks.table, _names(items)
    rows = rows[[m[0] == HOURS for m in rows["mark"]]].assign(band=lambda f: [m[1] for m in f["mark"]])
    bands = list(dict.fromkeys(rows["band"]))
    wide = rows.pivot(index="segment", columns="band", values="mean")[bands]
    overall = rows.groupby("band")["overall"].first()[bands]
    wide = wide.reindex([s for s in names if s in wide.index])
    frame = pd.DataFrame({"segment": [*(names[int(s)] for s in wide.index), "All pairs"]})
    for band in bands:
        frame[f"{band.replace('-', ' to ')}{GAP}h"] = [*wide[band], overall[band]]
    out = [quoted(p.name) for p in items if p.times]
    finding = f"In {join(out)} hours stand out" if out else "No hours of the day stand out in any segment"
    return table(
        frame, "tbl-hours",
        f"**{finding}.** Mean share of a pair's messages by the clock of the log. What stands out is told by the test, and not by "
        "the look of the shares.",
        dict.fromkeys(frame.columns[1:], _share),
        export=rows[["segment", "band", "mean", "overall", "difference", "p"]], stack=True,
    )  # fmt: skip


def _share(value: Any) -> str:
    return percent(float(value))


def marks_table(items: Sequence[Playbook], marks: Marked, cards: Cards) -> Shown:
    """Show the marks that stand out; all that were tested are in the CSV.

    Parameters
    ----------
    items : sequence of Playbook
    marks : Marked
    cards : Cards
        Sizes of segments, by which a share is not told that would be of fewer than five pairs, or of all but so few.
    """
    sizes = {c.id: c.size for c in cards}
    every = marks.table.assign(kind=[m[0] for m in marks.table["mark"]], value=[m[1] for m in marks.table["mark"]])
    hidden = [not _tellable(r.kind, r.mean, sizes.get(int(r.segment))) for r in every.itertuples()]
    every.loc[hidden, ["mean", "difference"]] = math.nan
    every = every[["segment", "kind", "value", "mean", "overall", "difference", "p"]]
    names, rows = _names(items), every[every["p"] <= 1 - marks.level + 1e-12].sort_values("p", kind="stable")
    frame = pd.DataFrame({
        "segment": [names[int(s)] for s in rows["segment"]], "what": list(map(_what, rows["kind"], rows["value"])),
        "in it": rows["mean"].to_numpy(), "all pairs": rows["overall"].to_numpy(), "p": rows["p"].to_numpy(),
    })  # fmt: skip
    one = len(rows) == 1
    finding = (
        f"{capital(plural(len(rows), 'mark', words=True))} of {len(every)} {'stands' if one else 'stand'} out"
        if len(rows) else f"None of {plural(len(every), 'mark')} stands out"
    )  # fmt: skip
    return table(
        frame, "tbl-marks",
        f"**{finding}.** Share of pairs, or of messages for hours, with p for all marks of all segments together "
        f"(level {exact_percent(1 - marks.level)}). A dash: a share of fewer than five pairs, or of all but so few. "
        "The CSV has every mark.",
        {"in it": _share, "all pairs": _share, "p": lambda v: fixed(float(v), 3)}, export=every, stack=True,
    )  # fmt: skip


def _tellable(kind: str, mean: float, size: int | None) -> bool:
    """Tell whether a share of the pairs of a segment speaks of nobody in particular."""
    if kind == HOURS:
        return True
    if size is None:
        return False
    have = round(mean * size)
    return have in (0, size) or SMALL_CELL <= have <= size - SMALL_CELL


def _what(kind: str, value: str) -> str:
    if kind == BOUGHT:
        return "bought something"
    return f"messages from {value.replace('-', ' to ')} h" if kind == HOURS else f"{kind.replace('_', ' ')}: {value}"
