"""What the front page of a site says of each of its studies."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

from . import channel_gaps, chat_front, event_segments, layout, lead_personas, market_front, verdict
from .layout import TONES, kind
from .show import Shown, fragment, to_root

TITLES = {"channels": "Channels", "personas": "Lead personas"}  # of studies that are not called by their name alone


@dataclass(frozen=True)
class StudyCard:
    """One study on the front page: what it is called, what it claims, and what it is about."""

    name: str
    build: str
    kind: str
    headline: str
    claim: str
    facts: str


def card(study: Any) -> StudyCard:
    """Take what the front page says out of a study."""
    at, terms = study.provenance, study.terms
    return StudyCard(
        study.name,
        at.build,
        kind(at),
        verdict.headline(study.verdict),
        claim(study),
        " · ".join([*layout.named(at), layout.extent(at, study.covered, terms)]),
    )


def claim(study: Any) -> str:
    """Say in a sentence what a study found.

    Of leads what they convert at, of prospects whether those reached in two ways close more often, of markets how surely they are
    in their segments, of pairs who write how many come back after a silence, of others who accounts for most events.
    """
    if study.name == "conversations":
        return chat_front.claim(study)
    if study.name == "markets":
        return market_front.claim(study)
    if study.name == "channels":
        return channel_gaps.claim(channel_gaps.omnichannel(study.strategies, study.adjusted, study.landmark))
    if study.name == "personas":
        return lead_personas.claim(study.personas)
    return event_segments.concentration(study.cards, study.profile, study.measures, study.terms)


def cards(found: list[StudyCard]) -> Shown:
    """Show one card per study: claim, verdict, where the data come from, and the way to its pages."""
    return fragment(f'<div class="sk-cards sk-studies">{"".join(map(_card, found))}</div>')


def _card(one: StudyCard) -> str:
    title = html.escape(TITLES.get(one.name, one.name.capitalize()))
    return (
        f'<section class="sk-card"><h3><a href="chapters/{one.name}/index.html">{title}</a></h3>'
        f"<p><strong>{html.escape(one.headline)}</strong></p><p>{html.escape(one.claim)}</p>"
        f'<div class="sk-banner {TONES[one.kind]}" role="note" aria-label="Where the data of {title} come from" '
        f'data-build="{html.escape(one.build)}"><b>{one.kind} data</b> · {html.escape(one.facts)}</div></section>'
    )


def pages(study: Any) -> frozenset[str]:
    """Return the names of the chapters that a study has."""
    folder = study.source.config.root / "chapters" / study.name
    return frozenset(file.stem for file in folder.glob("[!_]*.qmd"))


def page(study: str, name: str, text: str) -> Shown:
    """Link to a page of a study, also from pages that are of none."""
    return Shown(f"[{text}]({to_root()}chapters/{study}/{name})")
