"""Ranked cards of personas, their rates in a table and in sentences, and what simpler rules do."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import escape

from ..engine.external import PERSONAL_CELL
from ..engine.leakage import Leakage
from ..engine.meaning import Card, Cards
from ..engine.verdict import Verdict
from ..inference.card_names import NO_NAME
from ..inference.cards import TOP, Column, Persona, Personas
from ..inference.described import Described, Value
from ..inference.missingness import Missingness
from ..inference.tiers import UNDECIDED
from ..thresholds import TIERS
from ..vocabulary import Vocabulary
from . import prose, theme, verdict
from .prose import GAP, count, inline, percent
from .show import Shown, fragment, tag

TONES = {"PREMIUM": "ok", "HIGH": "ok", "MEDIUM": "mid", "LOW": "no", "MINIMAL": "no"}
FRONT = {"seniority": "seniority", "industry": "industry", "state": "state", "lead_source": "source"}
PARTS = {
    "demographics": "Who they are", "geography": "Where", "professional": "Work", "acquisition": "How they came",
    "other": "Other fields",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What one persona converts at.

    Attributes
    ----------
    name : str
        In quotation marks.
    share, low, high : float
    elsewhere : float or None
        The cross-fitted rate, where it may be told.
    """

    name: str
    share: float
    low: float
    high: float
    elsewhere: float | None


@dataclass(frozen=True)
class Facts:
    """What pages tell of the rates of personas.

    Attributes
    ----------
    count, hidden, undecided : int
        Personas, those too small to be told of, and those of the others without a decided tier.
    share, low, high, level : float
        Of all leads, the interval, and its level.
    leads, conversions : int
    best, worst : Told or None
        The first and the last that are told of; None where fewer than two are.
    """

    count: int
    hidden: int
    undecided: int
    share: float
    low: float
    high: float
    level: float
    leads: int
    conversions: int
    best: Told | None
    worst: Told | None

    @property
    def apart(self) -> bool:
        """Whether the intervals of the first and the last leave a gap."""
        return bool(self.best and self.worst and self.best.low > self.worst.high)

    @property
    def shown(self) -> int:
        """Personas that are told of."""
        return self.count - self.hidden


def told(found: Personas) -> list[Persona]:
    """Return the personas that have numbers, in their order."""
    return [p for p in found if p.conversion is not None]


def _rate(p: Persona) -> Told:
    c = p.conversion.to_json() if p.conversion else {}
    low, high = c["interval"]
    return Told(f"“{p.name}”", c["conversion_rate"], low, high, c["cross_fitted_rate"])


def facts(found: Personas) -> Facts:
    """Collect what the sentences on rates need."""
    shown, all_ = told(found), found.overall
    ends = [_rate(shown[0]), _rate(shown[-1])] if len(shown) > 1 else [None, None]
    return Facts(
        count=len(found),
        hidden=len(found) - len(shown),
        undecided=sum(p.conversion.tier.undecided for p in shown if p.conversion),
        share=all_.share, low=all_.low, high=all_.high, level=all_.level, leads=all_.units, conversions=all_.events,
        best=ends[0],
        worst=ends[1],
    )  # fmt: skip


@inline
def claim(found: Personas) -> str:
    """State in a sentence or two what the personas convert at."""
    known = facts(found)
    rates = [_rate(p).share for p in told(found)]
    overall = f"the overall rate is {percent(known.share)}"
    if len(rates) < 2:
        return f"{prose.capital(overall)}; too few personas are large enough to be compared."
    return f"Personas convert between {percent(min(rates))} and {percent(max(rates))}; {overall}."


@dataclass(frozen=True)
class Warned:
    """What speaks against reading personas as kinds of people.

    Attributes
    ----------
    flag : {"none", "red", "stop"}
    auc, low, high : float
        How well the missing flags alone tell the outcome.
    blocks : int
        Blocks of rows that differ in which fields are filled.
    kept : float
        Share of the leads in the largest, which alone take part.
    leaking : list of str
        Fields that were left out, since they look as if they followed from the outcome.
    """

    flag: str
    auc: float
    low: float
    high: float
    blocks: int
    kept: float
    leaking: list[str]


def warned(gate: Missingness, leaks: Leakage, columns: Sequence[Column]) -> Warned:
    """Collect what the gate found."""
    labels, rows = {c.name: c.label for c in columns}, gate.block_table
    kept = float(rows["share"].iloc[0]) if len(rows) else 1.0
    a = gate.auc
    return Warned(gate.flag, a.value, a.low, a.high, len(rows), kept, [labels.get(n, n) for n in leaks.leaking])


def doubt(found: Verdict, terms: Vocabulary) -> dict[str, str]:
    """Say why the personas may be of no structure, where that is in doubt."""
    known = verdict.facts(found, terms)
    alike = "leads whose fields have nothing to do with each other could look as clearly divided"
    return {"unclear": known.unbeaten if known.open or known.structured else alike}


def tier(p: Persona) -> str:
    """Return the tier as a card says it, with its probability."""
    if p.conversion is None:
        return "–"
    own = p.conversion.tier
    sure = percent(
        min(own.probability, math.nextafter(1, 0)), 0
    )  # no posterior probability is one, but one may round to it
    return f"{UNDECIDED} (likeliest {own.name}, {sure})" if own.undecided else f"{own.name} ({sure} sure)"


def tiers() -> list[tuple[str, float]]:
    """Return the tiers and the rates from which on they begin, the highest first."""
    return list(TIERS.items())


def reading(columns: Sequence[Column]) -> dict[str, Any]:
    """Return what a reader of cards must know: the fields that only describe, and the fewest leads that are told of."""
    return {"sensitive": [c.label for c in columns if c.sensitive], "least": PERSONAL_CELL}


def interval(low: float, high: float) -> str:
    """Write an interval of shares."""
    return f"{prose.number(low * 100)} to {percent(high)}"


def front_facts(found: Personas) -> Callable[[Card], list[tuple[str, str]]]:
    """Return what tells the facts of a card of the front page."""

    def of(card: Card) -> list[tuple[str, str]]:
        p = found[card.id]
        if p.conversion is None:
            return []
        own = p.conversion.own
        rows = [("converts", percent(own.share)), ("interval", interval(own.low, own.high)), ("tier", tier(p))]
        for name, title in FRONT.items():
            d = p.field(name)
            first = next((v for v in d.values if v.value.strip().lower() not in NO_NAME), None) if d else None
            if d and first:
                rows.append((title, f"{first.value}, {percent(first.share, 0)} of {count(d.known or 0)} known"))
        return rows

    return of


def _rows(pairs: Sequence[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{escape(k)}</dt><dd>{escape(v)}</dd>' for k, v in pairs)}</dl>"


def _value(v: Value) -> str:
    return f"{percent(v.share)}, n{GAP}{count(v.n)}, lift{GAP}{v.lift:.1f}"


def _field(d: Described, only: str) -> str:
    """Write one field of a card: how many are known, and the commonest values with their lift."""
    known = f"known of {count(d.known)}" if d.known is not None else f"known of fewer than {prose.word(PERSONAL_CELL)}"
    rows = [(v.value, _value(v)) for v in d.values[:TOP]]
    if d.middle:
        m = {k: prose.number(float(v)) for k, v in d.middle.items()}
        rows = [
            ("median", m["median"]),
            ("middle half", f"{m['lower']} to {m['upper']}"),
            ("of all", m["median_of_all"]),
        ]
    more = "" if rows or d.known is None else ", no value that may be told"
    return f"<p><strong>{escape(d.label)}</strong>{only}: {known}{more}</p>{_rows(rows) if rows else ''}"


def _card(rank: int, p: Persona, colour: str, sensitive: Collection[str], terms: Vocabulary) -> str:
    head = f"<h3>{rank}. {escape(p.name)}</h3>"
    if p.conversion is None or p.size is None or p.share is None:
        few = f"not shown <small>too few {html.escape(terms.units)}</small>"
        return f'<section class="sk-card" style="--c:{colour}">{head}<p class="sk-n">{few}</p></section>'
    c, t = p.conversion, p.conversion.tier
    other = c.to_json()["cross_fitted_rate"]
    rows = [
        ("rate", percent(c.own.share)),
        (f"{percent(c.own.level, 0)} interval ({c.own.method})", interval(c.own.low, c.own.high)),
        ("shrunk rate", f"{percent(t.rate)} ({interval(t.low, t.high)})"),
        ("cross-fitted rate", "–" if other is None else percent(other)),
        ("conversions", count(c.own.events)),
        ("non-conversions", count(c.own.units - c.own.events)),
        ("records", count(c.own.units)),
    ]
    word = tag(tier(p), "mid" if t.undecided else TONES[t.name])
    body = f'<p class="sk-n">{count(p.size)} <small>{percent(p.share)}</small></p><p>{word}</p>{_rows(rows)}'
    for part, title in PARTS.items():
        fields = "".join(_field(d, " (description only)" if n in sensitive else "") for n, d in p.part(part).items())
        near = f"; concentration {p.concentration}" if part == "geography" and p.concentration else ""
        body += f"<h4>{title}{near}</h4>{fields}" if fields else ""
    return f'<section class="sk-card" style="--c:{colour}">{head}{body}</section>'


def full_cards(found: Personas, cards: Cards, columns: Sequence[Column], terms: Vocabulary) -> Shown:
    """Show everything that is told of each persona, the first first; text of the file is escaped."""
    tone, sensitive = theme.colours(cards), {c.name for c in columns if c.sensitive}
    made = "".join(_card(i, p, tone[p.id], sensitive, terms) for i, p in enumerate(found, start=1))
    return fragment(f'<div class="sk-cards sk-studies">{made}</div>')


def dash(frame: pd.DataFrame, terms: Vocabulary) -> str:
    """Explain the dashes of a table, if it has any."""
    least = prose.word(PERSONAL_CELL)
    some = bool(frame.isna().any(axis=None))
    return f" A dash stands for what would tell of fewer than {least} {terms.units}." if some else ""
