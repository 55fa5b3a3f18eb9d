"""Every page says where its data come from, and private data show less."""

from __future__ import annotations

import dataclasses
import html
import re
from pathlib import Path

import pandas as pd
import pytest

from segkit.config import Site
from segkit.data import registry
from segkit.data.provenance import Unsearched
from segkit.report import event_audit, event_segments, layout
from segkit.report.manifest import commit, manifest
from segkit.studies.contacts import CALLS, TERMS, ContactsStudy

pytest_plugins = ["report_project"]
pytestmark = pytest.mark.usefixtures("downloads")

BUILT = "2026-01-01"


def words(shown: layout.Shown) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", shown.markdown))


def published(study: ContactsStudy) -> ContactsStudy:
    """Return a study as it would be if its file were the published one."""
    at = dataclasses.replace(study.source.located, real=True, public=True)
    return ContactsStudy(dataclasses.replace(study.source, located=at))


def test_simulated_data_say_so_at_the_top_and_at_the_bottom(simulated: ContactsStudy) -> None:
    p = simulated.provenance
    assert "Simulated data." in words(layout.banner(p, simulated.covered, BUILT, TERMS))
    foot = words(layout.footer(p, BUILT))
    assert "Simulated data." in foot and "Simulation of the Walsoft" in foot
    assert "CC0" not in foot  # the licence of a file that was not used
    cited = words(layout.citation(p, Site(), BUILT, TERMS))
    assert "Simulated data." in cited and "Walekhwa" not in cited
    assert "simulated data" in words(layout.status(p, "usable", TERMS))


def test_private_data_are_for_local_reading(private: ContactsStudy) -> None:
    banner = words(layout.banner(private.provenance, private.covered, BUILT, TERMS))
    assert "Private data." in banner and "local reading" in banner and "Do not publish it." in banner
    assert "Jan\u00a02022 to " in banner and "3\u00a0Jan" not in banner  # no date of a single call
    assert "Simulated" not in banner and "calls.csv" not in banner
    foot = words(layout.footer(private.provenance, BUILT))
    assert "Private data." in foot and "calls.csv" in foot


def test_a_private_site_says_how_many_identifiers_cannot_be_searched_for(private: ContactsStudy) -> None:
    at = dataclasses.replace(private.provenance, unsearched=Unsearched(short=2, dense=1, common=1200, brief=1).in_fives)
    said = words(layout.banner(at, private.covered, BUILT, TERMS))
    assert (
        "local reading" in said
        and "cannot look for at most 1,215 of them: at most 5 numbers are too short, at most 5 numbers are" in said
    )
    assert "at most 1,200 names are words of this report and at most 5 names are single letters or signs." in said
    for other in (private.provenance, dataclasses.replace(at, public=True), dataclasses.replace(at, real=False)):
        assert "cannot look for" not in words(layout.banner(other, private.covered, BUILT, TERMS))


def test_published_data_are_named_with_licence_and_citation(private: ContactsStudy) -> None:
    p = dataclasses.replace(private.provenance, public=True)
    assert "Real data" in words(layout.banner(p, private.covered, BUILT, TERMS))
    assert "3\u00a0Jan\u00a02022" in words(layout.banner(p, private.covered, BUILT, TERMS))
    assert f"· {p.title} ·" in words(layout.banner(p, private.covered, BUILT, TERMS))
    at = published(private).provenance
    assert (at.title, at.licence) == (registry.CALLS.title, registry.CALLS.licence)
    assert "CC0 1.0" in words(layout.footer(at, BUILT)) and "Walekhwa" in words(
        layout.citation(at, Site(), BUILT, TERMS)
    )


def test_extremes_of_durations_are_for_public_data_only(private: ContactsStudy, downloads: Path) -> None:
    event_audit.amounts(private.audit, TERMS, public=True)
    shown = pd.read_csv(downloads / "amounts.csv")
    assert shown["quantile"].min() == 0 and shown["quantile"].max() == 1
    text = event_audit.amounts(private.audit, TERMS, public=False).markdown
    hidden = pd.read_csv(downloads / "amounts.csv")
    assert hidden["quantile"].tolist() == [0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
    assert f">{shown['amount'].max():g}<" not in text


def test_the_highest_month_is_named_for_public_data_only(private: ContactsStudy) -> None:
    assert "the highest is" in event_audit.months_alt(private.audit, TERMS, public=True)
    assert "the highest is" not in event_audit.months_alt(private.audit, TERMS, public=False)


@pytest.mark.parametrize("title", ["<script>x</script>.csv", 'a"b.csv', "$x$.csv"])
def test_the_name_of_a_file_is_text(private: ContactsStudy, title: str) -> None:
    p = dataclasses.replace(private.provenance, title=title)
    shown = layout.footer(p, BUILT)
    assert "<script" not in shown.markdown and title[1:] in words(shown)


def test_status_and_cards_escape(private: ContactsStudy) -> None:
    assert "<b>" not in layout.status(private.provenance, "<b>", TERMS)._repr_markdown_()
    cards = private.cards
    bad = dataclasses.replace(cards, items=(dataclasses.replace(cards.items[0], short="<i>", action="<u>"),))
    shown = layout.card_grid(bad, event_segments.facts_of(CALLS, TERMS, {}), TERMS).markdown
    assert "<i>" not in shown and "<u>" not in shown
    assert "<q>" not in layout.box("<q>", "<q>", "<q>", "").markdown


def test_the_manifest_describes_the_build(simulated: ContactsStudy, tmp_path: Path) -> None:
    results = {"date": BUILT, "data": {"rows": 1}, "parameters": {"seed": 42}}
    other = {"date": "2025-01-01", "data": {"rows": 2}, "parameters": {"seed": 7}}
    told = {"orders": other, "contacts": results}
    found = manifest(tmp_path, told, "contacts", engine="embedded", seconds=1.26)
    assert found["built"] == BUILT and found["seconds"] == 1.3 and found["commit"] is None
    assert found["packages"]["scikit-learn"] and found["parameters"] == {"seed": 42} and found["data"] == {"rows": 1}
    assert found["studies"] == {name: {k: one[k] for k in ("data", "parameters")} for name, one in told.items()}


def test_the_commit_is_read_wherever_git_keeps_it(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    assert commit(tmp_path) is None
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    assert commit(tmp_path) is None  # nothing is committed yet
    (git / "packed-refs").write_text("# pack-refs\n" + "b" * 40 + " refs/heads/main\n")
    assert commit(tmp_path) == "b" * 40
    (git / "refs" / "heads" / "main").write_text("a" * 40 + "\n")
    assert commit(tmp_path) == "a" * 40
    (git / "HEAD").write_text("c" * 40 + "\n")
    assert commit(tmp_path) == "c" * 40
