"""Who is where a year later: facts and table."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine.meaning import Cards
from ..engine.migration import FEW, INACTIVE, NEW, Migration
from ..privacy import suppressed
from ..vocabulary import Vocabulary
from . import prose
from .findings import quoted
from .prose import percent, word
from .show import Shown, table


def state(number: int, cards: Cards | None, terms: Vocabulary, *, short: bool = True) -> str:
    """Return the name of a state: a segment's, no events, not known before."""
    if number in (INACTIVE, NEW):
        return f"No {terms.events}" if number == INACTIVE else "Not known before"
    card = next((c for c in cards or () if c.id == number), None)
    return f"Segment {number}" if card is None else card.short if short else card.name


def in_order(cards: Cards | None, *, origins: bool) -> list[int]:
    """Return the states in the order of the cards, those outside of segments last."""
    own = [c.id for c in cards or ()]
    return [*own, INACTIVE, *([NEW] if origins else [])]


@dataclass(frozen=True)
class Move:
    """Where the units of one segment are a year later, as far as it may be shown.

    Attributes
    ----------
    name : str
        Of the segment, in quotes.
    core : bool
        Whether its units are the most active ones.
    stay, gone : float or None
        Shares of those who are in it again, and of those without events.
    """

    name: str
    core: bool
    stay: float | None
    gone: float | None


def moves(found: Migration, cards: Cards | None) -> list[Move]:
    """Collect who stays and who falls silent, segments in the order of their cards; none where nothing can be told."""
    if found.reason:
        return []
    share = found.visible().set_index(["origin", "destination"])["share"]

    def seen(origin: int, destination: int) -> float | None:
        value = float(share[(origin, destination)])
        return value if math.isfinite(value) else None

    told = (Move(quoted(c), c.archetype == "core", seen(c.id, c.id), seen(c.id, INACTIVE)) for c in cards or ())
    return [m for m in told if m.stay is not None or m.gone is not None]


def moves_table(found: Migration, cards: Cards | None, terms: Vocabulary) -> Shown:
    """Show for each state of the first year who is in it again, and who falls silent, with intervals."""
    seen = found.visible()
    rows = seen.set_index(["origin", "destination"])

    def cell(origin: int, destination: int) -> str | None:
        if (origin, destination) not in rows.index:
            return None
        r = rows.loc[(origin, destination)]
        if not np.isfinite(r["share"]):
            return None
        return f"{percent(r['share'], 0)} ({percent(r['low'], 0)} to {percent(r['high'], 0)})"

    of = rows.groupby(level=0)["of"].first() if len(rows) else pd.Series(dtype="int64")
    hide = suppressed(of) if len(of) else of
    wanted = [s for s in in_order(cards, origins=False) if s in of.index and of[s] > 0]
    frame = pd.DataFrame(
        {
            "first year": [state(s, cards, terms, short=False) for s in wanted],
            terms.units: pd.array([None if hide[s] else of[s] for s in wanted], dtype="Int64"),
            "in the same a year later": [cell(s, s) if s > 0 else None for s in wanted],
            f"no {terms.events} a year later": [cell(s, INACTIVE) for s in wanted],
        }
    )
    level = percent(found.params.get("level", 0.95), 0)
    stays = [(float(rows.loc[(c.id, c.id), "share"]), c) for c in cards or () if (c.id, c.id) in rows.index]
    known = [(s, c) for s, c in stays if np.isfinite(s)]
    finding = (
        f"{quoted(max(known, key=lambda p: p[0])[1])} is the segment that {terms.units} stay in most."
        if len(known) > 1
        else "Who stays, and who falls silent."
    )
    names = {s: state(s, cards, terms, short=False) for s in in_order(cards, origins=True)}
    export = seen.assign(origin=seen["origin"].map(names), destination=seen["destination"].map(names))
    return table(
        frame,
        "tbl-moves",
        f"**{finding}** Shares with {level} intervals, by bootstrap of {terms.units}, by Jeffreys where fewer than {word(FEW)} "
        f"{terms.units} lie in or outside of a cell. Dashes: too few {terms.units} to be shown, or nothing to say. The CSV has all "
        "moves.",
        {terms.units: prose.count},
        export=export.drop(columns="of"),
        right=(terms.units, "in the same a year later", f"no {terms.events} a year later"),
    )
