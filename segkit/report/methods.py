"""Facts, tables and words of the pages behind the report: methods, privacy, reproducibility, missing pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from typing import Any

import pandas as pd
from markupsafe import Markup

from ..attack import Attempt
from ..config import Config, Site
from ..data.provenance import Provenance
from ..engine.clusterer import LARGE, REFINED, SUBSAMPLE
from ..engine.lloyd import AGAIN, MOST, UNSEEN
from ..engine.silhouettes import EXACT
from ..privacy import SMALL_CELL
from ..thresholds import TIERS
from ..vocabulary import Vocabulary
from . import prose
from .citing import build_name
from .manifest import packages
from .prose import inline
from .show import Shown, table, tag

K_MEANS = "k-means"
HIDDEN = "columns."  # names of the input's columns stand on the audit page
SCOPES = {  # by the name of a setting, or by how the name begins, below the section of its study
    "seed": "random draws", "k": "segments", "k_min": "indices", "k_max": "indices", "restarts": "k-means",
    "clip": "preprocessing", "cap": "preprocessing", "as_of": "features", "breaks": "days that count",
    "neighbour_map": "maps",
}  # fmt: skip
FAMILIES = {"evidence.": "evidence", "format.": "loader", "hours.": "features", "gates.": "loader"}


def parameter_table(config: Config, study: str) -> Shown:
    """Show every setting that results depend on, with its value."""
    rows = [(name, _value(value), _scope(name)) for name, value in _flat(config.parameters(study))]
    frame = pd.DataFrame(
        [r for r in rows if not _own(r[0]).startswith(HIDDEN)], columns=["setting", "value", "where it acts"]
    )
    finding = f"{prose.capital(prose.count(len(frame)))} settings decide what is computed."
    return table(
        frame, "tbl-parameters", f"**{finding}** Change one, and every result that depends on it is computed anew."
    )


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    out: list[tuple[str, Any]] = []
    for key, value in values.items():
        nested = isinstance(value, Mapping)
        out += _flat(value, f"{prefix}{key}.") if nested else [(f"{prefix}{key}", value)]
    return out


def _value(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(" to ".join(v) if isinstance(v, list | tuple) else str(v) for v in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _own(name: str) -> str:
    """Return the name of a setting without the section of its study."""
    return name.partition(".")[2] or name


def _scope(name: str) -> str:
    own = _own(name)
    if own.endswith("_quantile"):  # a threshold that a feature is made with
        return "features"
    return SCOPES.get(own) or next((scope for start, scope in FAMILIES.items() if own.startswith(start)), "results")


def direct_requirements(lines: Sequence[str] | None = None) -> list[str]:
    """Return the names of the packages that segkit asks for itself, without those for development.

    Examples
    --------
    >>> direct_requirements(['numpy<3,>=2', 'Ibis_Framework[duckdb]>=12', 'pytest>=8; extra == "dev"'])
    ['ibis-framework', 'numpy']
    """
    lines = (metadata.requires("segkit") or []) if lines is None else lines
    names = [re.match(r"[\w.-]+", line) for line in lines if "extra ==" not in line]
    return sorted({re.sub(r"[-_.]+", "-", hit[0]).lower() for hit in names if hit})


def package_table() -> Shown:
    """Show the versions with which this build was made, of the packages that segkit asks for itself."""
    known = packages()
    rows = [(name, known.get(name, "not installed")) for name in direct_requirements()]
    frame = pd.DataFrame(rows, columns=["package", "version"])
    finding = f"This build used {prose.count(len(frame))} packages of its own choice."
    rest = len(known) - len(frame)
    more = f" The manifest lists {prose.count(rest)} more that these bring." if rest > 0 else ""
    return table(frame, "tbl-packages", f"**{finding}**{more}")


def attack_table(attempts: Sequence[Attempt]) -> Shown:
    """Show what each enumeration found."""
    frame = pd.DataFrame(
        [(a.published, a.method, "recovered" if a.recovered else "not found", a.tried, a.matches) for a in attempts],
        columns=["published", "attacker computes", "number", "numbers tried", "matches"],
    )
    return table(
        frame.drop(columns="matches"), "tbl-attack",
        f"**{attack_finding(attempts)}** One made-up number, each time the same.",
        {"numbers tried": prose.count, "number": _found}, export=frame,
    )  # fmt: skip


def _found(word: object) -> Markup:
    return tag(str(word), "no" if word == "recovered" else "ok")


@inline
def attack_finding(attempts: Sequence[Attempt]) -> str:
    """Say what the enumerations show."""
    open_hash = [a.recovered for a in attempts if a.published.startswith("bare")]
    guarded = [a.recovered for a in attempts if a.published == "keyed" and "stolen" not in a.method]
    if all(open_hash) and not any(guarded):
        return "A bare hash gives the number back; a keyed one does not while its key is secret."
    return "The enumeration did not go as it should: the keyed names cannot be relied on."


@inline
def smallest_cell() -> str:
    """Say in a word how many units a published cell covers at least."""
    return prose.word(SMALL_CELL)


@inline
def licence(provenance: Provenance, terms: Vocabulary) -> str:
    """Say whose the data are and what may be done with them."""
    if not provenance.real:
        return (
            "The data of this build are simulated. They were drawn by the package from a fixed seed, with segments "
            "planted in them; no person, number or business in them exists, and nobody's rights touch them."
        )
    if provenance.private:
        return (
            "The data of this build are a file of your own. No registry of the package calls it public, so every page says that "
            f"it is for local reading, single {terms.units} are not drawn, and search engines are asked to stay away."
        )
    return (
        f"The data of this build are the {provenance.title}, published by their owner under {provenance.licence}. "
        "The copy that was read is the published one: its SHA-256 was compared."
    )


@inline
def as_of(when: datetime | None, terms: Vocabulary) -> str:
    """Say from which moment recency counts."""
    return (
        f"the time of the last {terms.event} in the {terms.record}"
        if when is None
        else "the time that the settings name"
    )


def method_verdict(study: Any) -> str:
    """Return the verdict of the methods page: what was fitted."""
    if study.profile is None:  # of leads, which have fields
        return f"{study.loop.name}, K = {study.segments.k}, on {len(study.features.columns)} fields"
    return f"k-means, K = {study.segments.k}, on {len(study.matrix.columns)} features"


@inline
def way(study: Any) -> str:
    """Return what divides the units, in words."""
    return str(study.loop.params.get("clusterer", K_MEANS))


@inline
def starts(params: Mapping[str, Any], kind: str = K_MEANS) -> str:
    """Say how many starts a resampled fit has, and of what; nothing of the latter where ``kind`` is empty.

    >>> starts({"restarts": 10}), starts({"restarts": 1, "clusterer": "k-modes"}), starts({"restarts": 5}, "")
    ('ten starts of k-means', 'one start of k-modes', 'five starts')
    >>> print(starts({"restarts": 7, "most": 200}))
    as many starts of k-means as are enough, 200 at most
    """
    if "most" in params:
        return f"as many starts of {kind or K_MEANS} as are enough, {prose.count(params['most'])} at most"
    number = int(params["restarts"])
    some = f"{prose.word(number)} {'start' if number == 1 else 'starts'}"
    other = params.get("clusterer")
    if not kind:
        return some
    if other:
        return f"{some} of {other}"
    return f"{some} of {kind}" if kind == K_MEANS else some.replace(" start", f" {kind} start")


@inline
def tiers() -> str:
    """Say where value tiers begin."""
    return prose.join([f"{prose.exact_percent(edge)} ({name})" for name, edge in TIERS.items()])


def privacy_verdict(provenance: Provenance) -> str:
    """Return the verdict of the privacy page."""
    if not provenance.real:
        return "nobody to protect"
    return "for local reading" if provenance.private else f"public data, {provenance.licence}"


def build_verdict(provenance: Provenance) -> str:
    """Return the verdict of the page on reproducibility."""
    return f"build {build_name(provenance)}"


@dataclass(frozen=True)
class Effort:
    """How much is computed, and on which units.

    Attributes
    ----------
    restarts, refined, subsample : int
        Starts of k-means; where they are tried on a sample, the best that are refined on all units, and its size.
    sampled : bool
        Whether they are.
    most, again : int
        Starts at the most, and how often the best optimum has to be found.
    unseen : float
        The share of starts that may be expected to end in other optima.
    every : bool
        Whether each silhouette is computed.
    exact : int
        How many are, where not each is.
    """

    restarts: int
    sampled: bool
    every: bool
    refined: int = REFINED
    subsample: int = SUBSAMPLE
    exact: int = EXACT
    most: int = MOST
    again: int = AGAIN
    unseen: float = UNSEEN


def effort(restarts: int, units: int) -> Effort:
    """Tell how much is computed for so many units."""
    return Effort(restarts, sampled=units > LARGE and restarts > REFINED, every=units <= EXACT)


def ways_on(provenance: Provenance, site: Site) -> Shown:
    """Link to the places from which everything can be reached, by whole addresses where the site is published."""
    base = site.url if provenance.real and provenance.public else ""
    links = [
        ("Front page", f"{base}index.html"), ("How to cite, and older builds", f"{base}chapters/cite.html"),
        ("Report a problem", f"{site.repository}/issues/new"),
    ]  # fmt: skip
    return Shown(" · ".join(f"[{text}]({address})" for text, address in links))
