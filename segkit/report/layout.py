"""Parts of a page that are neither figure nor table: banner, cards, footer, citation."""

from __future__ import annotations

import html
import platform
from collections.abc import Callable, Sequence
from datetime import datetime

from markupsafe import escape

from .. import __version__
from ..config import Site
from ..data.provenance import Provenance, Unsearched
from ..engine.meaning import Card, Cards
from ..vocabulary import Vocabulary
from . import citing, prose, theme
from .manifest import packages
from .show import Shown, fragment, to_root

Facts = Callable[[Card], Sequence[tuple[str, str]]]  # what a card tells of its segment: name and value, ready to read
TONES = {"Real": "sk-real", "Simulated": "sk-simulated", "Private": "sk-private"}


def unsearched(left: Unsearched, *, most: str = "") -> str:
    """Say how many identifiers the search of the finished site cannot look for, and why; ``most`` is said before each number.

    >>> unsearched(Unsearched(short=2, common=1)), unsearched(Unsearched())
    ('The search for identifiers cannot look for 3 of them: 2 numbers are too short and 1 name is a word of this report.', '')
    """
    kinds = (
        (left.short, "number", "is too short", "are too short"),
        (left.dense, "number", "is one of so many of its length that a count may equal it",
         "are so many of one length that a count may equal one"),
        (left.common, "name", "is a word of this report", "are words of this report"),
        (left.brief, "name", "is a single letter or sign", "are single letters or signs"),
    )  # fmt: skip
    why = [f"{most}{prose.plural(n, noun)} {one if n == 1 else many}" for n, noun, one, many in kinds if n]
    them = "one of them" if left.total == 1 else f"{most}{prose.count(left.total)} of them"
    return f"The search for identifiers cannot look for {them}: {prose.join(why)}." if why else ""


def kind(provenance: Provenance) -> str:
    """Return one word for where data come from."""
    return "Private" if provenance.private else provenance.source.capitalize()


def extent(provenance: Provenance, covered: tuple[datetime, datetime] | None, terms: Vocabulary) -> str:
    """Say how much data there are, and the time that they cover where they have one."""
    units = f"{prose.count(provenance.units)} {terms.units}"
    if covered is None:
        return units
    span = prose.span(*covered, exact=provenance.public or not provenance.real)
    return f"{prose.count(provenance.rows)} {terms.events}, {units}, {span}"


def named(provenance: Provenance) -> list[str]:
    """Return the title of published data, which also says where they are fictional; nothing of other data."""
    return [provenance.title] if provenance.real and provenance.public else []


def banner(
    provenance: Provenance, covered: tuple[datetime, datetime] | None, built: str, terms: Vocabulary, verdict: str = "",
    *, study: str = "",
) -> Shown:  # fmt: skip
    """Say at the top of a page whether its data are real, which they are, and what may be said of the segments.

    The study is named on pages that belong to none, where the site has several.
    """
    facts = [
        *named(provenance),
        *([f"Study of {study}"] if study else []),
        *([f"Verdict: {verdict}"] if verdict else []),
        extent(provenance, covered, terms),
        f"fingerprint {provenance.fingerprint[:8]}",
        f"segkit {__version__}",
        f"built {built}",
    ]
    if not provenance.real:
        word = "Simulated data."
        more = (
            "The data of this study are made up: no person, number or business in them exists. What is computed from them "
            "shows what the report looks like, nothing else."
        )
    elif provenance.private:
        word = "Private data."
        more = (
            "This site is for local reading: it was made from a file that no registry calls public. Do not publish it. Numbers of "
            f"{prose.counted(terms)} are rounded, shares follow from the rounded ones, and what would tell of fewer than "
            f"five {terms.units} is left out."
        )
        left = unsearched(provenance.unsearched, most="at most ")
        more += f" {left}" if left else ""
    else:
        word, more = "Real data", ""
    tone = TONES[kind(provenance)]
    links = f'<a href="{to_root()}manifest.json">manifest</a>'
    lead = f"<b>{word}</b> {more}<br>" if more else f"<b>{word}</b> · "
    return fragment(
        f'<div class="sk-banner {tone}" role="note" aria-label="Where the data come from" '
        f'data-build="{html.escape(provenance.build)}">{lead}'
        f"{html.escape(' · '.join(facts))} · {links}</div>"
    )


def footer(provenance: Provenance, built: str) -> Shown:
    """Close a page with its provenance."""
    versions = packages()
    made = ", ".join(f"{n} {versions[n]}" for n in ("scikit-learn", "pandas", "duckdb") if n in versions)
    licence = f" ({html.escape(provenance.licence)})" if provenance.licence else ""
    return fragment(
        f'<div class="sk-provenance">{kind(provenance)} data. {html.escape(provenance.title)}{licence}, '
        f"fingerprint {provenance.fingerprint[:8]}. "
        f"Made on {built} by segkit {__version__} with Python {platform.python_version()}, {made}. "
        f'Text and figures CC BY 4.0, code MIT. <a href="{to_root()}index.html#cite-this-report">Cite this report</a>.</div>'
    )


def status(provenance: Provenance, verdict: str, terms: Vocabulary) -> Shown:
    """Show the status line of a chapter: data, units, verdict."""
    return fragment(
        f'<p class="sk-status"><span>{kind(provenance).lower()} data</span>'
        f"<span>{prose.count(provenance.units)} {terms.units}</span><span>{html.escape(prose.minus(verdict))}</span></p>"
    )


def card_grid(cards: Cards, facts: Facts, terms: Vocabulary) -> Shown:
    """Show one card per segment: who, how many, what to do."""
    tone = theme.colours(cards)
    return fragment(f'<div class="sk-cards">{"".join(_card(c, facts(c), tone[c.id], terms) for c in cards)}</div>')


def _card(card: Card, facts: Sequence[tuple[str, str]], colour: str, terms: Vocabulary) -> str:
    if card.size is None or card.share is None:
        why = "it would give a small segment away" if card.medians else f"too few {terms.units}"
        size = f'<p class="sk-n">not shown <small>{why}</small></p>'
    else:
        size = f'<p class="sk-n">{prose.count(card.size)} <small>{prose.percent(card.share)}</small></p>'
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return (
        f'<section class="sk-card" style="--c:{theme.themed(colour)}"><h3>{escape(card.short)}</h3>{size}'
        f"<dl>{rows}</dl><p>{escape(card.action)}</p></section>"
    )


def box(title: str, word: str, text: str, link: str) -> Shown:
    """Show the box beside the map: a word, and what it means."""
    return fragment(
        f'<div class="sk-box"><h3>{escape(title)}</h3><p class="sk-word">{escape(word)}</p><p>{escape(text)}</p>{link}</div>'
    )


def bullets(items: list[str]) -> Shown:
    """Show a list of plain sentences; Markdown in them is shown, not read."""
    return Shown("\n".join(f"- {prose.Text(item)._repr_markdown_()}" for item in items))


def citation(provenance: Provenance, site: Site, built: str, terms: Vocabulary) -> Shown:
    """Show how to cite this build."""
    report, *rest = citing.entries(provenance, site, built, terms)
    data = [e for e in rest if e.what == "The data"]
    return fragment(
        f'<div class="sk-cite"><p>{html.escape(report.reference)}</p>'
        f"{''.join(f'<p>The data: {html.escape(e.reference)}</p>' for e in data)}"
        f'<details><summary>BibTeX</summary><pre tabindex="0">{html.escape(report.bibtex)}</pre></details></div>'
    )
