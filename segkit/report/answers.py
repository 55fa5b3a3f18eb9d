"""What a manager asks: one answer to each question, with its condition; pages that answer the same say it of these facts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ..engine.algorithms import Algorithms
from ..engine.flow import SegmentFlow
from ..engine.jaccard import Jaccard
from ..engine.krule import KDecision
from ..engine.meaning import Cards
from ..engine.multiverse import Multiverse
from ..vocabulary import Vocabulary
from . import actions, buy_till_die, capacity, choices, drifting, moving, over_time, published, resampling, rules
from .findings import quoted
from .prose import join
from .robustness import agreement


@dataclass(frozen=True)
class Basis:
    """On which segments rules can be built: those that other samples and other choices give too.

    Attributes
    ----------
    compared : bool
        Whether other preparations and other algorithms were compared.
    rules, chosen, lost : list of str
        Segments that come back in other samples, and under most preparations and most algorithms where these were compared;
        those that come back in samples, and hang on our choices; and those that do not come back in samples.
    """

    compared: bool
    rules: list[str]
    chosen: list[str]
    lost: list[str]

    @property
    def clause(self) -> str:
        """What follows for rules where other samples give the same segments; it goes on after a comma."""
        if not self.compared:
            return "so rules can be built on them as far as other samples go; other choices were not compared"
        if not self.rules:
            return (
                "but no segment comes back under most other preparations and most other algorithms, so that rules for any of "
                "them rest on our choices"
            )
        if not (self.chosen or self.lost):
            return "and so do most other preparations and most other algorithms, so that rules can be built on them"
        loose = self.chosen + self.lost
        return (
            f"and most other preparations and most other algorithms give {join(self.rules)} too, so that rules can be built on "
            f"{'it' if len(self.rules) == 1 else 'them'}; {join(loose)} {'hangs' if len(loose) == 1 else 'hang'} on our choices"
        )


def basis(found: Jaccard, many: Multiverse, others: Algorithms, cards: Cards) -> Basis:
    """Collect on which segments rules can be built, of those of which something may be said."""
    again, known = (
        choices.recurring(many, others, cards),
        [c for c in resampling.told_of(found, cards) if c.size is not None],
    )
    lost = resampling.recovery(found, cards).lost
    kept = [name for name in map(quoted, known) if name not in lost]
    rules_ = [name for name in kept if name in again.firm or not again.enough]
    return Basis(again.enough, rules_, [name for name in kept if name not in rules_], lost)


@dataclass(frozen=True)
class Smallest:
    """The smallest segment that may be shown.

    Attributes
    ----------
    name : str
    units : int
    similarity : str
        Its mean Jaccard similarity with what bootstrap samples give.
    least : float
        What is asked.
    verdict : {"lost", "chosen", "rules"}
        Whether samples do not give it, our choices alone do, or both give it.
    """

    name: str
    units: int
    similarity: str
    least: float
    verdict: str


def smallest(found: Jaccard, on: Basis, cards: Cards) -> Smallest | None:
    """Return whether the smallest segment can be relied on; nothing where none may be told of."""
    known = [c for c in resampling.told_of(found, cards) if c.size is not None]
    if not known:
        return None
    card = min(known, key=lambda c: c.size or 0)
    name, mean = quoted(card), float(found.means()[card.id])
    verdict = "lost" if name in on.lost else "chosen" if name in on.chosen else "rules"
    return Smallest(name, card.size or 0, agreement(mean, found.least), found.least, verdict)


@dataclass(frozen=True)
class Fewer:
    """What one segment fewer costs.

    Attributes
    ----------
    k : int
        How many these are.
    higher : float or None
        By which share the inertia rises; None where it was not fitted.
    joined : list of list of str
        Segments in use that share most of their units with one segment there, as far as several do.
    meets : bool
        Whether that number meets the rule.
    """

    k: int
    higher: float | None
    joined: list[list[str]]
    meets: bool


def fewer(flow: SegmentFlow, decision: KDecision, higher: float | None, cards: Cards, fewest: int) -> Fewer:
    """Return which segments fall together where there is one fewer, and what that costs."""
    k = len(cards) - 1
    edges = flow.edges[(flow.edges["k"] == k) & (flow.edges["units"] >= fewest)]
    origin = {int(r.next): int(r.segment) for r in edges.sort_values("units").itertuples()}  # the largest comes last
    groups: dict[int, list[str]] = {}
    for card in cards:
        if card.id in origin and card.size is not None:
            groups.setdefault(origin[card.id], []).append(quoted(card))
    meets = decision.table.set_index("k")["qualifies"]
    return Fewer(k, higher, [names for names in groups.values() if len(names) > 1], bool(meets.get(k, False)))


@dataclass(frozen=True)
class Facts:
    """What the answers are made of; each is what the page with the evidence is made of too.

    Attributes
    ----------
    illustration : bool
        Whether by the rule there is no segmentation.
    first, overdue, rhythms, meant
        See `actions`.
    smallest : Smallest or None
    fewer : Fewer
    drift, kept, refit, moves, reached, rule
        Of the pages on time, decisions and rules.
    alive : float or None
        The share of units that have not stopped, by a model that fits.
    """

    illustration: bool
    first: actions.First
    overdue: list[actions.Late]
    rhythms: list[actions.Rhythm]
    meant: actions.Meant
    smallest: Smallest | None
    fewer: Fewer
    drift: drifting.Facts
    kept: over_time.Kept
    refit: over_time.Company
    moves: list[moving.Move]
    reached: capacity.Facts | None
    rule: rules.Short | None
    alive: float | None


def facts(study: Any, terms: Vocabulary) -> Facts:
    """Collect the answers of a study of events."""
    cards, table = study.cards, study.policy.table
    on = basis(study.jaccard, study.multiverse, study.algorithms, cards)
    life, price = buy_till_die.facts(study.buy_till_die, terms), published.price(study.segments, study.k_selection)
    return Facts(
        illustration=study.k_decision.illustration,
        first=actions.first_on_list(cards, table, terms, study.usefulness),
        overdue=actions.overdue(table, terms),
        rhythms=[r for r in actions.cadence(table) if r.gap is not None],
        meant=actions.meant(table, study.settings.columns.not_business, study.features, terms),
        smallest=smallest(study.jaccard, on, cards),
        fewer=fewer(study.segment_flow, study.k_decision, price.higher, cards, terms.fewest),
        drift=drifting.facts(study.drift, study.features.labels),
        kept=over_time.kept(study.time_frozen),
        refit=over_time.company(study.time_refit),
        moves=[m for m in moving.moves(study.migration, study.time_cards) if m.core and m.gone is not None],
        reached=capacity.facts(study.capacity, study.outlook, terms),
        rule=rules.short(study.rule_card, cards),
        alive=life.alive if life.fits and not life.cannot and math.isfinite(life.alive) else None,
    )
