"""No two pages disagree: every setting is turned, and the pages of each study are compared with each other."""

from __future__ import annotations

import csv
import functools
import operator
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from agreement import contradictions
from made_projects import BARE, project, write_log
from turned_pages import Site, sources, years_of_calls
from turned_pages import site as run

from segkit.config import Config
from segkit.data.files import fingerprint
from segkit.engine import convergence, external, grid
from segkit.engine.projection import NeighbourMap, principal_components
from segkit.studies.contacts import ContactsStudy
from segkit.studies.events import nulls, segments
from segkit.studies.source import Source

pytest_plugins = ["report_project"]

EVIDENCE = "contacts.evidence."
# Odd values, which no other number on a page is likely to have.
LOOSE = {"contacts.k": "auto", "jaccard": 0.6173, "prediction_strength": 0.3391, "level": 0.2371}
STRICT = {"contacts.k": "auto", "jaccard": 0.9913, "prediction_strength": 0.9617, "level": 0.0137}
BETWEEN = {"contacts.k": 3, "jaccard": 0.9377, "prediction_strength": 0.7139}
COLUMNS = {
    "date": "when", "time": "clock", "duration": "minutes", "contact": "who", "name": "called", "category": "kind",
    "weekday": "on", "month": "in", "year": "of",
}  # fmt: skip
OTHER = {
    "seed": 7,
    **{f"contacts.columns.{role}": name for role, name in COLUMNS.items()},
    "contacts.columns.not_business": ("Family",),
    **{f"contacts.gates.{name}": "quarantine" for name in ("missing", "timestamp", "duration", "identifier")},
    "contacts.format.date_order": "day/month/year", "contacts.format.duration_unit": "minutes",
    "contacts.format.time_zone": "Africa/Johannesburg", "contacts.format.normalise_numbers": True,
    "contacts.hours.bands": {"night": (0, 5), "day": (6, 19), "late": (20, 23)}, "contacts.hours.closed_days": ("Saturday",),
    "contacts.k_min": 3, "contacts.k_max": 5, "contacts.restarts": 4, "contacts.clip": 0.0173, "contacts.cap": 7.25,
    "contacts.long_call_quantile": 0.8765, "contacts.neighbour_map": True, "contacts.as_of": datetime(2024, 8, 1, 12),
    "contacts.breaks": ((date(2023, 3, 6), date(2023, 3, 26)),),
    "starts": 2, "gap": 5, "splits": 6, "bootstraps": 7, "subsamples": 8, "resamples": 9, "pipelines": 11, "nulls": 4,
    "null_bootstraps": 5,
}  # fmt: skip

# Other ways in which a file is written: what is read of them is tested with the loader, and no page tells of them.
READ = {
    *(f"contacts.columns.{role}" for role in ("end", "caller", "called", "direction")),
    *(f"contacts.format.{name}" for name in ("date_numbers", "decimal", "missed", "median_limit", "own", "withheld")),
}


def path_of(name: str) -> str:
    return name if name == "seed" or "." in name else EVIDENCE + name


def turn(config: Config, changes: Mapping[str, Any]) -> Config:
    """Return settings of which some have another value."""
    values = config.model_dump(exclude={"root"})
    for name, value in changes.items():
        *way, last = path_of(name).split(".")
        place = functools.reduce(operator.getitem, way, values)
        assert place[last] != value, name
        place[last] = value
    return Config(**values, root=config.root)


def leaves(values: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, Mapping) and key != "bands":
            yield from leaves(value, f"{before}{key}.")
        else:
            yield f"{before}{key}"


def other_log(path: Path) -> Path:
    """Write the calls as another system would, with one row that cannot be used."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS.values())
        for when, seconds, who, kind in years_of_calls():
            day = f"{when.day}/{when.month}/{when.year}"
            out.writerow(
                [
                    day,
                    f"{when:%H:%M:%S}",
                    f"{seconds / 60:.3f}",
                    who,
                    f"Caller {who}",
                    kind,
                    f"{when:%A}",
                    f"{when:%B}",
                    when.year,
                ]
            )
        out.writerow(["1/2/2023", "10:00:00", "", "5550199999", "Nobody", "Family", "Wednesday", "February", 2023])
    return path


@pytest.fixture(scope="module")
def sites(closed_off: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Site]]:
    """Make the pages of five studies: as set, with other thresholds three times, and with all else turned."""
    folder = project(tmp_path_factory.mktemp("agree"), k=5, restarts=3, settings=BARE)
    (folder / "_quarto.yml").touch()
    levels = grid.Grid.levels
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SEGKIT_JOBS", "1")
        # Less of what no setting says: combinations, draws, seeds, and the map, which takes half a minute to start.
        patch.setattr(grid.Grid, "levels", lambda grid, used: {
            d: [v for i, v in enumerate(found) if i < 2 or v == used[d]] for d, found in levels(grid, used).items()
        })  # fmt: skip
        patch.setattr(nulls, "OTHERS", range(2, 4))
        patch.setattr(external, "external_check", functools.partial(external.external_check, draws=19))
        patch.setattr(convergence, "convergence", functools.partial(convergence.convergence, seeds=range(4)))
        patch.setattr(segments, "neighbour_map", lambda matrix, seed: NeighbourMap(
            principal_components(matrix).points, len(matrix.values), 0.9137, 15, seed
        ))  # fmt: skip
        source = ContactsStudy.find(
            folder, data=write_log(folder / "calls.csv", years_of_calls()), say=lambda message: None
        )

        def made(changes: Mapping[str, Any], source: Source = source) -> Site:
            return run(ContactsStudy(replace(source, config=turn(source.config, changes))), patch)

        found = {"as set": made({}), "loose": made(LOOSE), "strict": made(STRICT), "between": made(BETWEEN)}
        file = other_log(folder / "other.csv")
        mark = fingerprint(file)
        located = replace(source.located, path=file, fingerprint=mark)
        found["other"] = made(OTHER, replace(source, located=located, fingerprint=mark))
        yield found


def test_every_setting_is_turned(sites: dict[str, Site]) -> None:
    turned = {path_of(name) for changes in (LOOSE, STRICT, BETWEEN, OTHER) for name in changes}
    assert set(leaves(sites["as set"].study.source.config.parameters("contacts"))) - turned - READ == set()


@pytest.mark.parametrize("name", ["as set", "loose", "strict", "between", "other"])
def test_no_two_pages_disagree(sites: dict[str, Site], name: str) -> None:
    assert contradictions(sites[name]) == []


def test_the_studies_differ_in_what_they_conclude(sites: dict[str, Site]) -> None:
    # Where all came to the same, equal pages would show little.
    steady = {name: "Each segment is steady enough" in found.pages["stability"] for name, found in sites.items()}
    assert set(steady.values()) == {True, False}, steady
    assert {found.results["k"]["set"] for found in sites.values()} == {"by rule", "by hand"}
    assert len({found.results["k"]["shown"] for found in sites.values()}) > 1
    assert {found.results["verdict"]["testable"] for found in sites.values()} == {True, False}
    assert any("cadence, with" in row["action"] for row in sites["loose"].tables["policy"])


def test_all_pages_of_the_study_are_read(sites: dict[str, Site]) -> None:
    for found in sites.values():
        assert len(found.pages) == len(sources()) > 15
        assert all(len(text) > 500 for text in found.pages.values())
        assert not [page for page, text in found.pages.items() if re.search(r"\bnan\b|<NA>|Shown\(", text)]


def altered(site: Site, page: str, words: str, other: str) -> Site:
    text, n = re.subn(words, other, site.pages[page].replace("\xa0", " "), count=1)
    assert n and text != site.pages[page], (page, words)
    return replace(site, pages={**site.pages, page: text})


@pytest.mark.parametrize(
    ("study", "page", "words", "other"),
    [
        ("loose", "stability", r"setting, 0\.6173:", "setting, 0.75:"),
        ("loose", "stability", r"in use, 0\.6173;", "in use, 0.75;"),
        ("loose", "choices", r"similarity of 0\.6173 or more", "similarity of 0.75 or more"),
        ("loose", "sensitivity", r"from 0\.6173 on it", "from 0.75 on it"),
        ("loose", "interpretation", r"\Z", " A segment comes back from a mean of at least 0.75 on."),
        ("loose", "methods", r"strength of at least\s+0\.3391", "strength of at least 0.8"),
        ("loose", "nulls", r"up to 0\.2371 a", "up to 0.05 a"),
        ("loose", "index", r"Keep a [a-z-]+ cadence", "Keep a monthly or quarterly cadence"),
        ("loose", "interpretation", r"Keep a [a-z-]+ cadence", "Keep a weekly cadence"),
        ("as set", "decisions", r"so the cadence is [a-z-]+", "so the cadence is daily"),
        ("as set", "index", r"\d+ of (\d+) claims", r"1 of \1 claims"),
        ("as set", "decisions", r"segments, set by hand", "segments, by rule"),
        ("as set", "methods", r"K = 5", "K = 4"),
        ("as set", "time", r"Verdict: [a-z ]+ ·", "Verdict: natural ·"),
        ("as set", "audit", r"\d[\d,]* contacts, ", "77 contacts, "),
        ("as set", "usefulness", r"Segments predict", "The segments do not tell"),
        ("as set", "time", r"The borders between segments|Where columns are scaled alike, the borders", "Some borders"),
        ("as set", "time", r"\(PSI [\d.]+\)\.", "(PSI 0.9)."),
        ("as set", "choices", r"segments (hardly depend|depend in part|depend) on", "segments may depend on"),
        ("other", "glossary", r"recency counts: [^.]*\.", "recency counts: the last call."),
        ("other", "features", r"A long call lasts\s+[^.]*? or more", "A long call lasts 2 h or more"),
        ("other", "methods", r"with two starts", "with ten starts"),
        ("other", "audit", r"87\.65 %", "88 %"),
    ],
)  # fmt: skip
def test_a_page_that_says_something_else_is_found(
    sites: dict[str, Site], study: str, page: str, words: str, other: str
) -> None:
    site = sites[study]
    assert set(contradictions(altered(site, page, words, other))) - set(contradictions(site))


@pytest.mark.parametrize("name", ["as set", "loose", "strict", "between", "other"])
def test_a_page_that_concludes_the_opposite_is_found(sites: dict[str, Site], name: str) -> None:
    site, steady, unsteady = sites[name], "Each segment is steady enough", "No segment is steady enough"
    other = unsteady if steady in site.pages["stability"] else steady
    page = altered(site, "stability", rf"{steady}|No segment is steady enough|Rules for “[^.]*\.", other)
    assert contradictions(page)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("policy", "action", "Call them."), ("policy", "cadence", "weekly"), ("policy", "contacts", "7"),
     ("jaccard", "verdict", "doubtful")],
)  # fmt: skip
def test_a_file_that_says_something_else_is_found(sites: dict[str, Site], table: str, column: str, value: str) -> None:
    site = sites["as set"]
    rows = [dict(row) for row in site.tables[table]]
    rows[0][column] = value
    assert contradictions(replace(site, tables={**site.tables, table: rows}))


def test_a_claim_that_concludes_something_else_is_found(sites: dict[str, Site]) -> None:
    site = sites["as set"]
    for i, row in enumerate(site.tables["claims"]):
        if row["topic"] in ("How many", "Apart", "Independent of our choices") and "Preprocessing" not in row["claim"]:
            continue  # told on the page of the claim alone, but for those below
        if (
            row["claim"] in ("Few contacts lie between segments", "The optimiser finds one optimum")
            or "better than recency" in row["claim"]
        ):
            continue
        rows = [dict(r) for r in site.tables["claims"]]
        rows[i]["verdict"] = "holds" if row["verdict"] != "holds" else "does not hold"
        found = [
            f for f in contradictions(replace(site, tables={**site.tables, "claims": rows})) if " claims hold" not in f
        ]
        assert found, row["claim"]
