"""How this report, its package and its data are cited: for people, for reference managers, for search engines."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from .. import __version__
from ..config import Site
from ..data.provenance import Provenance
from ..text import json_text
from ..vocabulary import Vocabulary
from .prose import inline
from .show import Shown, fragment, save, to_root

AUTHOR = "segkit contributors"
LICENCES = {"CC0 1.0": "https://creativecommons.org/publicdomain/zero/1.0/"}
TEXT_LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def title(terms: Vocabulary) -> str:
    """Return the title of the report."""
    return f"Who is behind the {terms.events}: a segmentation report"


@dataclass(frozen=True)
class Entry:
    """One thing to cite: what it is, the reference in words, and its BibTeX."""

    what: str
    reference: str
    bibtex: str


def bibtex(kind: str, key: str, **fields: str) -> str:
    """Write one BibTeX entry; empty fields are left out.

    Examples
    --------
    >>> print(bibtex("misc", "a2026", title="A", year="2026", url=""))
    @misc{a2026,
      title = {A},
      year = {2026}
    }
    """
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}"


def build_name(provenance: Provenance) -> str:
    """Return the name of this build: the version, and the start of the data's fingerprint."""
    return f"{__version__}-{provenance.fingerprint[:8]}"


@inline
def name(provenance: Provenance) -> str:
    """Return the name of this build for a sentence."""
    return build_name(provenance)


def build_link(provenance: Provenance) -> Shown:
    """Link to the page of this build, which stands below ``v/``."""
    place = f"v/{build_name(provenance)}/"
    return Shown(f"[{place}]({to_root()}{place}index.html)")


def releases_link(site: Site) -> Shown:
    """Link to the releases, which keep whole sites."""
    return Shown(f"[its release]({site.repository}/releases)")


def about(provenance: Provenance, site: Site, terms: Vocabulary, address: str) -> Shown:
    """Say who made the report, what it is about, whom to ask, and where the data are; ``address`` is that of the public file."""
    published = provenance.real and provenance.public
    data = (
        f"[{address}]({address})"
        if published and address
        else "they are not published"
        if provenance.private
        else ("they are simulated, and each build makes them anew" if not provenance.real else "no address is known")
    )
    lines = {
        "Author": f"{AUTHOR}.",
        "Abstract": f"{title(terms)}. The {terms.units} of {terms.a_record} are divided into segments, each claim about them is "
        "tested, and every number is computed from the data.",
        "Questions": f"[the issues of the repository]({site.repository}/issues).",
        "Data": f"{data}{'' if data.startswith('[') else '.'}",
        "DOI": "none is registered; the address of a release takes its place.",
    }
    return Shown("\n".join(f"- **{name}**: {text}" for name, text in lines.items()))


def entries(
    provenance: Provenance, site: Site, built: str, terms: Vocabulary, others: Sequence[Provenance] = ()
) -> list[Entry]:  # fmt: skip
    """List what can be cited: the report, the package, the data of this study and others where they are published."""
    year = str(date.fromisoformat(built).year)
    brief = provenance.fingerprint[:8]
    kind = "" if provenance.real else " Simulated data."
    address = "" if provenance.private else site.url
    out = [
        Entry(
            "The report",
            f"{AUTHOR} ({year}). {title(terms)}. Version {__version__}, data fingerprint {brief}.{kind} {address}".strip(),
            bibtex(
                "techreport", f"segkit{year}", author=f"{{{AUTHOR}}}", title=title(terms), institution="segkit", year=year,
                number=f"{__version__}, data {brief}", note=kind.strip(), url=address,
            ),
        ),
        Entry(
            "The package",
            f"{AUTHOR} ({year}). segkit: segmentation reports whose every number is computed. Version {__version__}. "
            f"{site.repository}",
            bibtex(
                "software", "segkit", author=f"{{{AUTHOR}}}",
                title="segkit: segmentation reports whose every number is computed", version=__version__, year=year,
                url=site.repository, license="MIT",
            ),
        ),
    ]  # fmt: skip
    return out + [_data(p, i, named=bool(others)) for i, p in enumerate((provenance, *others)) if p.citation]


def _data(provenance: Provenance, place: int, *, named: bool) -> Entry:
    """Cite the data of one study; the first has the key without a number."""
    return Entry(
        f"The data, {provenance.title}" if named else "The data",
        provenance.citation,
        bibtex("misc", f"segkitdata{place + 1 if place else ''}", title=provenance.title, note=provenance.citation,
               howpublished=f"SHA-256 {provenance.fingerprint[:8]}"),
    )  # fmt: skip


def shown(found: list[Entry]) -> Shown:
    """Show each reference with its BibTeX to open."""
    return fragment(
        "".join(
            f'<div class="sk-cite"><p><b>{html.escape(e.what)}.</b> {html.escape(e.reference)}</p>'
            f'<details><summary>BibTeX of {html.escape(e.what[0].lower() + e.what[1:])}</summary>'
            f'<pre tabindex="0">{html.escape(e.bibtex)}</pre></details></div>'
            for e in found
        )
    )  # fmt: skip


def file(found: list[Entry]) -> Shown:
    """Publish every entry as one BibTeX file, and link to it."""
    text = "\n\n".join(e.bibtex for e in found) + "\n"
    return Shown(f"[cite.bib]({save('cite.bib', text.encode())})")


def head(provenance: Provenance, site: Site, built: str, terms: Vocabulary) -> str:
    """Return what goes into the head of every page: Highwire tags for reference managers, JSON-LD for search engines.

    Pages of private or simulated data ask search engines to stay away instead, and name no address.
    """
    tags = {
        "segkit-build": provenance.build,
        "citation_title": title(terms),
        "citation_author": AUTHOR,
        "citation_publication_date": built.replace("-", "/"),
        "citation_technical_report_institution": "segkit",
        "citation_technical_report_number": build_name(provenance),
        "citation_language": "en",
    }
    if provenance.real and provenance.public:
        tags["citation_public_url"] = site.url
    else:
        tags["robots"] = "noindex, nofollow"
    lines = [f'<meta name="{name}" content="{html.escape(value, quote=True)}">' for name, value in tags.items()]
    text = json_text(linked(provenance, site, built, terms), indent=1, html=True)
    return "\n".join([*lines, f'<script type="application/ld+json">\n{text}\n</script>']) + "\n"


def linked(provenance: Provenance, site: Site, built: str, terms: Vocabulary) -> dict[str, Any]:
    """Describe the report and its data in the terms of schema.org."""
    kind = {"real": "Real data", "simulated": "Simulated data"}[provenance.source]
    what = f"{provenance.units:,} {terms.units}"
    if terms.events != terms.units:  # a lead is both
        what = f"{terms.an_event} {terms.record} of {provenance.rows:,} {terms.events} with {what}"
    data: dict[str, Any] = {
        "@type": "Dataset",
        "@id": "#data",
        "name": provenance.title,
        "description": f"{kind}: {what}, from which every number of the report is computed.",
        "identifier": "" if provenance.private else f"sha256:{provenance.fingerprint}",
        "license": LICENCES.get(provenance.licence, provenance.licence),
        "creditText": provenance.citation,
        "isAccessibleForFree": provenance.public and provenance.real,
    }
    report: dict[str, Any] = {
        "@type": "Report",
        "@id": "#report",
        "name": title(terms),
        "author": {"@type": "Organization", "name": AUTHOR},
        "publisher": {"@type": "Organization", "name": "segkit"},
        "datePublished": built,
        "version": build_name(provenance),
        "reportNumber": build_name(provenance),
        "inLanguage": "en-GB",
        "license": TEXT_LICENCE,
        "url": "" if provenance.private else site.url,
        "isBasedOn": [{"@id": "#data"}, {"@type": "SoftwareSourceCode", "codeRepository": site.repository}],
    }
    return {"@context": "https://schema.org", "@graph": [_filled(report), _filled(data)]}


def _filled(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in entry.items() if v != ""}
