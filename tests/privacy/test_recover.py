"""Private sites under attack: nothing of one to four contacts follows from all that five of them publish together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attacks
import matching
import numpy as np
import pandas as pd
import pytest
from declared import undeclared
from private_sites import DESIGNS, Published, Site, make_site
from programme import ContradictionError, Programme
from solver import Attack

# What the attacker can do: planted leaks, each of which must be found.

SEGMENTS = {1: "Core", 2: "Warm", 3: "Rare"}
BANDS = {"early": [0, 7], "day": [8, 23]}
HOURS = {"bands": BANDS, "closed_days": []}
NAMED = {"parameters": {"contacts": {"hours": HOURS, "columns": {"not_business": ["Family"]}}}}


def planted(
    tables: Mapping[str, list[dict[str, Any]]] | None = None,
    results: Mapping[str, Any] | None = None,
    *,
    sizes: tuple[int | None, ...] = (40, 12, 8),
    units: int = 60,
    words: str = "",
    page: str = "index.qmd",
) -> Attack:
    """Return an attack on a site that publishes next to nothing but what is planted."""
    cards = [
        {"id": i, "name": SEGMENTS[i], "size": n, "share": None, "medians": {"n_calls": 2.0} if n else {},
         "archetype": "core" if n else "other"}
        for i, n in enumerate(sizes, 1)
    ]  # fmt: skip
    base = {
        "data": {"rows": 300, "units": units}, "segments": cards, "k": {}, "audit": {},
        "parameters": {"contacts": {"hours": HOURS}},
    }  # fmt: skip
    files = {f"{n}.csv": pd.DataFrame(rows).to_csv(index=False).encode() for n, rows in (tables or {}).items()}
    return Attack(Published(files, {page: words}, {**base, **(results or {})}, {}))


def mix(*means: tuple[float | None, float | None]) -> list[dict[str, Any]]:
    names = ("category: Family", "category: Bank")
    return [{"segment": SEGMENTS[i], **dict(zip(names, row, strict=True))} for i, row in enumerate(means, 1)]


def feature(name: str, segment: int, units: int, *, any_: float | None, mean: float | None = None) -> dict[str, Any]:
    return {
        "segment": segment,
        "name": SEGMENTS[segment],
        "feature": name,
        "units": units,
        "mean": mean,
        "share_any": any_,
    }


LEAKS = {
    "a total gives a hidden size back": (lambda: planted(sizes=(45, 12, None)), "contacts of Rare", 3),
    "the complement of a share": (
        lambda: planted({"segments": [feature("share_early", 1, 40, any_=0.95)]}),
        "others of contacts with any share_early in Core", 2,
    ),
    "a share of the calls and its rest": (
        lambda: planted({"segments": [feature("share_early", 1, 40, any_=0.075), feature("share_day", 1, 40, any_=1.0)]}),
        "contacts with any share_early in Core", 3,
    ),
    "the same count in another file": (
        lambda: planted(results={"pipeline_bootstrap": {"unscaled_columns": {"share_early": 0.03333333333}}}),
        "contacts off the middle of share_early", 2,
    ),
    "a sum over segments": (
        lambda: planted({"recurrence": [
            {"segment": "Core", "contacts": 40, "mean recurrence": 0.9, "seldom": 9, "near another": 0, "both": 0},
            {"segment": "Warm", "contacts": 12, "mean recurrence": 0.9, "seldom": 0, "near another": 0, "both": 0},
        ], "claims": [{"claim": "Few contacts lie between segments", "number": 11 / 60}]}),
        "contacts seldom in Rare", 2,
    ),
    "Cliff's delta of a label": (
        lambda: planted({"segments": [feature(f"category: {c}", 1, 41, any_=None) for c in ("Bank", "Family")]},
                {"effects": {"by_feature": [], "cliffs_delta": {"1": {"category: Bank": 0.0731707317}}}}, sizes=(41, 12, 7)),
        "contacts with any category: Bank in Core", 3,
    ),
    "recall": (
        lambda: planted(results={"rules": {"fidelity": [
            {"leaves": 4, "rules": 2, "recall_2": 0.75, "accuracy": None, "precision_2": None, "kappa": 0.3019390582},
        ]}}),
        "others of contacts told right 4 leaves in Warm", 3,
    ),
    "whom rules are not for": (
        lambda: planted(results={**NAMED, "policy": [{"segment": 1, "contacts": 40, "meant": 37, "overdue_now": None}]}),
        "others of contacts meant in Core", 3,
    ),
    "overdue by the calendar alone": (
        lambda: planted({"silences": [{"segment": 2, "overdue": 8, "overdue_calendar": 10}]}),
        "others of contacts overdue by the calendar in Warm", 2,
    ),
    "overdue in results.json alone": (
        lambda: planted(results={"silences": [{"segment": 3, "overdue": 3, "overdue_calendar": None}]}),
        "contacts overdue in Rare", 3,
    ),
    "who is left, in a sentence": (
        lambda: planted(results=NAMED, words="Left are 9 of 12 in “Warm”.", page="chapters/contacts/decisions.qmd"),
        "others of contacts meant in Warm", 3,
    ),
    "who is most overdue, in a sentence": (
        lambda: planted(page="chapters/contacts/decisions.qmd", words=(
            "The largest share is overdue in “Warm”: by watched days 6 of the 12 contacts [whom the rules are for](#sec-meant), "
            "and by the calendar 10.")),
        "others of contacts overdue by the calendar in Warm", 2,
    ),
    "a line of the rule card": (
        lambda: planted({"rules": [{"rule": "a", "segment": "Core", "contacts": n} for n in (40, "", 17)]}),
        "contacts of line #1", 3,
    ),
    "nested groups": (
        lambda: planted(results={"population": {"min_events_2": {"units": 30}, "min_events_3": {"units": 27}}}),
        "contacts with exactly two calls", 3,
    ),
    "rounded parts of an exact total": (
        lambda: planted({}, sizes=(40, 15, None), units=63, words="Numbers of contacts and calls are rounded"),
        "contacts of Rare", 4,
    ),
    "a mean of means": (
        lambda: planted(results={"silhouette": {"mean": (40 * 0.5 + 17 * 0.25 + 3 * 0.75) / 60, "by_segment": {
            "Core": 0.5, "Warm": 0.25, "Rare": 0.75}}}, sizes=(40, None, None)),
        "contacts of Rare", 3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LEAKS)
def test_the_attacker_finds_a_planted_leak(name: str) -> None:
    make, what, value = LEAKS[name]
    found = {leak.what: leak for leak in make().leaks()}
    hits = [leak for said, leak in found.items() if what in said]
    assert [leak.value for leak in hits] == [value], list(found)


def test_the_attacker_finds_nothing_where_nothing_follows() -> None:
    assert planted(sizes=(45, None, None)).leaks() == []
    rounded = planted({}, sizes=(40, 15, None), words="contacts and calls are rounded")
    assert rounded.leaks() == []


def test_a_programme_answers_with_the_range_that_facts_leave() -> None:
    p = Programme()
    for name in ("a", "b", "c"):
        p.add(name, 0, 10)
    p.say({"a": 1, "b": 1, "c": 1}, 10, "total")
    p.say({"a": 1, "b": -2}, 0, "twice")
    p.between({"c": 1}, 3, 5, "seen")
    ranges = {n: p.solver().range({n: 1.0}) for n in "abc"}
    # a = 2b and a + b = 10 - c, between 5 and 7, so that 3b is 6 and c is 4
    assert {n: (round(r.low), round(r.high)) for n, r in ranges.items()} == {"a": (4, 4), "b": (2, 2), "c": (4, 4)}
    p.say({"c": 1}, 5, "wrong")
    with pytest.raises(ContradictionError):
        p.solver().range({"b": 1.0})


def test_what_is_new_on_a_site_has_to_be_declared() -> None:
    known = {"bands": pd.DataFrame(columns=["band", "events", "share", "first_hour", "last_hour"])}
    assert undeclared(known, {"study": "contacts", "audit": {"bands": {"early": 3}}}, {"map.svg": b""}) == []
    more = {"bands": pd.DataFrame(columns=["band", "callers"]), "callers": pd.DataFrame(columns=["who"])}
    found = undeclared(more, {"callers": [{"n": 1}]}, {"callers.svg": b"", "callers.parquet": b""})
    assert found == [
        "bands.csv: callers", "callers.csv: who", "callers.csv", "results.json: callers.[].n", "callers.svg", "callers.parquet",
    ]  # fmt: skip


def test_values_of_single_contacts_are_told_from_others() -> None:
    rng = np.random.default_rng(3)
    values, units = rng.uniform(0, 1000, 400).round(2), np.arange(400)
    own = matching.compare((f"{i}", f"{v}", values, units) for i, v in enumerate(values[:40]))
    other = matching.compare((f"{i}", f"{v}", values, units) for i, v in enumerate(rng.uniform(0, 1000, 40).round(2)))
    assert own.beyond_chance and len(own.found) == len(own.alone) == 40
    assert not other.beyond_chance


# Five private sites


@pytest.fixture(
    scope="module",
    params=[pytest.param(d, id=d.name, marks=pytest.mark.xdist_group(d.name)) for d in DESIGNS],
)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(request.param, tmp_path_factory.mktemp(request.param.name), tmp_path_factory)


def test_a_design_has_small_cells_to_hide(site: Site) -> None:
    calls = site.truth.calls
    contacts = calls.groupby("category")["unit"].nunique()
    by_hour = calls.assign(band=pd.cut(calls["started_at"].dt.hour, [-1, 7, 17, 20, 23])).groupby("band", observed=True)
    months = calls.groupby(calls["started_at"].dt.to_period("M"))["unit"].nunique()
    sizes = site.truth.labels.value_counts()
    small = [n.between(1, 4).sum() for n in (contacts, by_hour["unit"].nunique(), months, sizes)]
    assert sum(small) >= 2 and 30 <= len(site.truth.frame) <= 130


def test_no_hidden_count_follows_from_all_published_numbers(site: Site) -> None:
    assert [str(leak) for leak in attacks.recovered(site.published, site.truth)] == []


def test_no_label_of_fewer_than_five_contacts_is_named(site: Site) -> None:
    assert attacks.labels_told(site.published, site.truth.calls) == []


def test_no_published_value_is_that_of_a_single_contact(site: Site) -> None:
    truth = site.truth
    own = matching.statistics(site.published, truth)
    assert own.looked_at > 20
    assert own.alone == ()
    assert not own.beyond_chance, own
    anywhere = matching.anywhere(site.published, truth.frame)
    assert not anywhere.beyond_chance, anywhere


def test_all_that_is_published_is_read_or_declared(site: Site) -> None:
    published = site.published
    found = undeclared(published.tables(), published.results, published.downloads)
    assert found == [], "\n".join(found)
    assert json.dumps(published.results["data"]) == json.dumps(published.manifest["data"])
