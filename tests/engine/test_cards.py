"""Cards of personas: counts by hand, names by their rules, and nothing that tells of fewer than ten."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from leads_made import FIELDS, ids, noise, table
from scipy.optimize import linprog

from segkit.inference import Rate, rate
from segkit.inference.card_names import Known, base_name, distinctive, names_of
from segkit.inference.cards import Personas, personas, personas_schema
from segkit.inference.described import Described, Value, described, hidden_cells
from segkit.inference.tiers import tiers
from segkit.seeds import generator
from segkit.studies.base import plain

PARTS = {
    "state": "geography", "industry": "professional", "job_title": "professional", "education": "professional",
    "age_range": "demographic", "experience": "demographic", "gender": "demographic", "lead_source": "acquisition",
}  # fmt: skip
SCHEMA = Draft202012Validator(personas_schema())


@dataclass(frozen=True)
class Declared:
    name: str
    part: str
    sensitive: bool = False
    kind: str = "category"

    @property
    def label(self) -> str:
        return self.name.replace("_", " ").capitalize()


COLUMNS = [Declared(f, PARTS[f], f in ("age_range", "gender")) for f in FIELDS]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return table(1200, "tests/cards")


@pytest.fixture(scope="module")
def labels(frame: pd.DataFrame) -> pd.Series:
    """Three personas, each with a state and an industry of its own for most of its leads."""
    own = pd.Series(generator("tests/cards/labels").choice([1, 2, 3], size=1200, p=[0.5, 0.3, 0.2]), index=frame.index)
    frame["state"] = frame["state"].where(frame["state"] != "NY", own.map({1: "IL", 2: "TX", 3: "CA"}))
    frame["industry"] = frame["industry"].where(
        frame["industry"] != "Finance", own.map({1: "Retail", 2: "Health", 3: "Technology"})
    )
    return own


@pytest.fixture(scope="module")
def outcome(labels: pd.Series) -> pd.Series:
    rates = labels.map({1: 0.015, 2: 0.35, 3: 0.62})
    return pd.Series(generator("tests/cards/outcome").uniform(size=1200) < rates, index=labels.index)


@pytest.fixture(scope="module")
def seniority(frame: pd.DataFrame) -> pd.Series:
    words = {"manager": "Management", "owner": "C-Suite", "engineer": "Professional", "analyst": "Unclassified"}
    return frame["job_title"].map(words)


@pytest.fixture(scope="module")
def cards(frame: pd.DataFrame, labels: pd.Series, outcome: pd.Series, seniority: pd.Series) -> Personas:
    return personas(
        frame,
        COLUMNS,
        outcome,
        labels,
        seniority=seniority,
        cross_fitted={2: rate(90, 300)},
        evidence={2: {"jaccard": 0.8}},
    )


# Numbers


def test_conversion_is_that_counted_by_hand(cards: Personas, labels: pd.Series, outcome: pd.Series) -> None:
    assert [p.id for p in cards] == [3, 2, 1]
    assert [p.name.rpartition(" - ")[2] for p in cards] == ["PREMIUM", "HIGH", "MINIMAL"]
    valued = tiers([1, 2, 3], outcome.groupby(labels).sum(), labels.value_counts().sort_index())
    for p in cards:
        own = outcome[labels == p.id]
        assert p.conversion is not None and p.size == len(own)
        assert p.conversion.own == rate(int(own.sum()), len(own))
        assert p.conversion.tier == valued.by_group[p.id]
    told = cards[2].to_json()["conversion_metrics"]
    assert told["cross_fitted_rate"] == 0.3 and cards[1].to_json()["conversion_metrics"]["cross_fitted_rate"] is None
    weighted = sum(p.size * p.conversion.own.share for p in cards if p.size and p.conversion) / len(outcome)
    assert cards.overall.share == pytest.approx(weighted) == pytest.approx(outcome.mean())


def test_shares_and_lifts_are_of_known_values(cards: Personas, frame: pd.DataFrame, labels: pd.Series) -> None:
    found = cards[2].field("state")
    own = frame["state"][labels == 2].dropna()
    assert found is not None and found.known == len(own)
    assert found.primary is not None and found.primary.value == "TX"
    assert found.primary.share == pytest.approx((own == "TX").mean())
    everyone = (frame["state"].dropna() == "TX").mean()
    expected: Rate = rate(int((own == "TX").sum()), len(own))
    assert found.primary.lift == pytest.approx(expected.share / everyone)
    assert [found.primary.lift_low, found.primary.lift_high] == pytest.approx(
        [expected.low / everyone, expected.high / everyone]
    )


@pytest.mark.parametrize(("share", "word"), [(0.75, "High"), (0.7, "Medium"), (0.4, "Medium"), (0.39, "Low")])
def test_concentration_goes_by_the_share_of_the_first_state(share: float, word: str) -> None:
    n, most = 1000, round(1000 * share)
    state = ["IL"] * most + [f"S{i % 3}" for i in range(n - most)]
    frame = pd.DataFrame({"state": state}, index=ids(n)).astype("str")
    found = personas(frame, COLUMNS, noise(n, "t"), pd.Series(1, index=frame.index))
    assert found[1].concentration == word


def test_numbers_are_told_by_values_that_units_have_in_common() -> None:
    frame = pd.DataFrame({"age": np.repeat([30.0, 40.0, 50.0, np.nan], 40)}, index=ids(160))
    found = personas(
        frame, [Declared("age", "demographic", True, "number")], noise(160, "t"), pd.Series(1, frame.index)
    )
    field = found[1].field("age")
    assert field is not None and field.known == 120
    assert field.middle == {"lower": 30, "median": 40, "upper": 50, "median_of_all": 40}
    SCHEMA.validate(plain(found.to_json()))


# What is published


def test_what_is_published_meets_its_schema(cards: Personas) -> None:
    Draft202012Validator.check_schema(personas_schema())
    told = json.loads(json.dumps(plain(cards.to_json())))
    SCHEMA.validate(told)
    first = told["personas"][0]
    assert {
        "persona_name", "cluster_id", "cluster_size", "cluster_percentage", "conversion_metrics", "demographics", "geography",
        "professional", "acquisition", "evidence",
    } <= set(first)  # fmt: skip
    assert first["geography"]["primary_state"] == "CA" and len(first["geography"]["top_states"]) == 3
    assert told["personas"][1]["evidence"] == {"jaccard": 0.8}
    with pytest.raises(Exception, match="minimum"):
        first["cluster_size"] = 7
        SCHEMA.validate(told)
    assert "<table" in cards._repr_html_() and len(cards.table) == 3


def test_a_persona_of_few_has_no_numbers(frame: pd.DataFrame, outcome: pd.Series, seniority: pd.Series) -> None:
    few = pd.Series([1] * 1100 + [2] * 60 + [3] * 36 + [4] * 4, index=frame.index)
    found = personas(frame, COLUMNS, outcome, few, seniority=seniority, evidence={4: {"jaccard": 1}})
    for p in (3, 4):  # the next smallest would give the smallest away
        assert found[p].size is None and found[p].conversion is None and not found[p].fields and not found[p].evidence
    assert {found[3].name, found[4].name} == {"Too small to describe 1", "Too small to describe 2"}
    assert [p.id for p in found][-2:] == [3, 4]
    SCHEMA.validate(plain(found.to_json()))


def told_counts(found: Personas) -> list[int]:
    return [v.n for p in found for _, d in p.fields.values() for v in d.values]


def test_no_value_of_fewer_than_ten_is_told() -> None:
    frame = table(160, "tests/cards/few", 0.5)
    labels = pd.Series(np.arange(160) % 3 + 1, index=frame.index)
    found = personas(frame, COLUMNS, noise(160, "t"), labels)
    assert told_counts(found) and min(told_counts(found)) >= 10
    for p in found:
        for _, d in p.fields.values():
            assert d.known is None or (d.known >= 10 and sum(v.n for v in d.values) <= d.known)


tables = st.lists(
    st.lists(st.one_of(st.integers(0, 15), st.integers(0, 90)), min_size=4, max_size=4), min_size=2, max_size=5
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(tables)
def test_no_hidden_count_follows_from_the_sums(rows: list[list[int]]) -> None:
    """By linear programming: what is hidden may be smaller or larger than it is, if anything is left to hide it with."""
    counts = np.array(rows)
    hide = hidden_cells(counts)
    assert hide[(counts > 0) & (counts < 10)].all() and not hide[counts == 0].any()
    at = np.argwhere(hide)
    if not len(at) or (hide | (counts == 0)).all():
        return
    sums = np.zeros((sum(counts.shape), len(at)))
    sums[at[:, 0], np.arange(len(at))] = sums[counts.shape[0] + at[:, 1], np.arange(len(at))] = 1
    total = sums @ counts[hide]
    for i, (r, c) in enumerate(at):
        if counts[r, c] >= 10 or (hide[r] | (counts[r] == 0)).all() or (hide[:, c] | (counts[:, c] == 0)).all():
            continue
        ends = [linprog(s * np.eye(len(at))[i], A_eq=sums, b_eq=total, bounds=(0, None)).fun * s for s in (1, -1)]
        assert ends[1] - ends[0] >= 0.99


def test_a_count_that_links_two_others_is_not_left_alone() -> None:
    """Rows and columns with two hidden cells each can still fix the one cell that joins two squares."""
    counts = np.full((4, 4), 40)
    for r, c in ((0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 2), (2, 3), (3, 2), (3, 3)):
        counts[r, c] = 6
    hide = hidden_cells(counts)
    assert hide.sum() > 9 and hide[1, 2]


# Names


def test_a_value_is_named_though_its_number_would_give_others_away() -> None:
    values = pd.Series(["Construction"] * 82 + ["Retail"] * 5 + ["Finance"] * 3 + ["Retail"] * 90, dtype="str")
    labels = pd.Series([1] * 90 + [2] * 90)
    found = described(values, labels, name="industry", label="Industry")[1]
    assert found.leading == "Construction" and found.primary is None and found.values == ()
    assert found.to_json()["primary"] == "Construction" and found.to_json()["share"] is None


def told(name: str, *values: tuple[str, float, float], label: str = "") -> Described:
    made = (Value(v, 50, share, share - 0.05, share + 0.05, lift, lift - 0.1, lift + 0.1) for v, share, lift in values)
    return Described(name, label or name.capitalize(), 100, tuple(made), None, tuple(v for v, _, _ in values))


@pytest.mark.parametrize(
    ("known", "name"),
    [
        (("Management", "Retail", "IL"), "Management in Retail"),
        (("Management", "Retail", None), "Management - Retail Sector"),
        (("Management", None, "IL"), "Management (IL)"),
        (("C-Suite", None, None), "C-Suite Professionals"),
        (("Professional", None, None), "Professionals"),
        ((None, "Retail", "IL"), "Leads in Retail"),
        ((None, None, "IL"), "Leads (IL)"),
        ((None, None, None), "Mixed leads"),
    ],
)
def test_names_follow_the_rules(known: tuple[str | None, str | None, str | None], name: str) -> None:
    assert base_name(Known(*known, ())) == name


def test_without_the_three_a_persona_is_named_by_what_sets_it_apart() -> None:
    fields = (
        told("channel", ("phone", 0.6, 1.2), ("unknown", 0.4, 3.0)),
        told("job", ("student", 0.3, 2.5), ("clerk", 0.1, 9)),
    )
    assert distinctive(fields) == "Job: student"
    assert base_name(Known(None, None, None, fields)) == "Job: student"
    assert distinctive((told("channel", ("phone", 0.6, 1.05)),)) is None  # within chance
    for lower, upper, name in ((1, 4, "High visits"), (-3, -1, "Low visits"), (-1, 4, None), (0, 4, None)):
        middle = {"lower": lower, "median": 0, "upper": upper, "median_of_all": 0}
        assert distinctive((Described("visits", "Visits", 50, (), middle),)) == name


def test_equal_names_are_told_apart() -> None:
    same = {p: Known("Management", "Retail", s, ()) for p, s in ((1, "IL"), (2, "TX"), (3, "IL"))}
    found = names_of(same, {1: "HIGH", 2: "HIGH", 3: "LOW"}, [1, 2, 3])
    assert found == {
        1: "Management in Retail, IL - HIGH",
        2: "Management in Retail, TX - HIGH",
        3: "Management in Retail - LOW",
    }
    sources = {p: Known("Management", None, "IL", (told("source", (w, 0.5, 1)),)) for p, w in ((1, "web"), (2, "mail"))}
    assert set(names_of(sources, {1: "LOW", 2: "LOW"}, [1, 2]).values()) == {
        "Management (IL), web - LOW", "Management (IL), mail - LOW",
    }  # fmt: skip
    loans = {
        p: Known("Management", None, None, (told("loan", (w, 0.5, 2)),)) for p, w in ((1, "yes"), (2, "no"), (3, "no"))
    }
    assert names_of(loans, dict.fromkeys(loans, "LOW"), [1, 2, 3]) == {
        1: "Management Professionals, Loan: yes - LOW", 2: "Management Professionals, Loan: no A - LOW",
        3: "Management Professionals, Loan: no B - LOW",
    }  # fmt: skip
    nothing = {p: Known(None, None, None, ()) for p in (1, 2)}
    assert names_of(nothing, {1: "LOW", 2: "LOW"}, [2, 1]) == {2: "Mixed leads A - LOW", 1: "Mixed leads B - LOW"}


def test_no_name_rests_on_unknown_words_on_few_or_on_what_is_sensitive(frame: pd.DataFrame, outcome: pd.Series) -> None:
    odd = frame.assign(
        state="Unknown", industry=pd.Series(["Retail"] * 9 + [None] * 1191, index=frame.index, dtype="str")
    )
    labels = pd.Series(np.where(frame["gender"] == "female", 1, 2), index=frame.index)
    unclassified = pd.Series("Unclassified", index=frame.index)
    found = personas(odd.drop(columns=["job_title"]), COLUMNS, outcome, labels, seniority=unclassified)
    for p in found:
        assert not any(w in p.name for w in ("Unknown", "Retail", "Unclassified", "female", "Gender"))
    assert len({p.name for p in found}) == 2


# Properties


def test_rows_reordered_and_nothing_changed(
    cards: Personas, frame: pd.DataFrame, labels: pd.Series, outcome: pd.Series, seniority: pd.Series
) -> None:
    before = frame.copy(deep=True)
    again = personas(
        frame.iloc[::-1], COLUMNS, outcome.sample(frac=1, random_state=1), labels, seniority=seniority,
        cross_fitted={2: rate(90, 300)}, evidence={2: {"jaccard": 0.8}},
    )  # fmt: skip
    assert again == cards
    pd.testing.assert_frame_equal(frame, before)
    mixed = pd.Series(generator("tests/cards/mixed").permutation(outcome.to_numpy()), index=outcome.index)
    other = personas(frame, COLUMNS, mixed, labels, seniority=seniority)
    assert {p.conversion.tier.said for p in other if p.conversion} <= {"HIGH", "MEDIUM", "undecided"}
    assert other[1].fields == cards[1].fields


def test_columns_of_one_value_and_of_none() -> None:
    frame = pd.DataFrame(
        {"state": ["IL"] * 60, "gender": pd.Series([None] * 60, dtype="str").tolist()}, index=ids(60)
    ).astype("str")
    found = personas(frame, COLUMNS, noise(60, "t"), pd.Series(1, index=frame.index))
    assert found[1].name.startswith("Leads (IL) - ")
    empty = found[1].field("gender")
    assert empty is not None and empty.known is None and empty.values == ()
    assert described(frame["gender"], pd.Series(1, frame.index), name="g", label="G")[1].known is None
    SCHEMA.validate(plain(found.to_json()))


def test_a_lead_without_a_segment_is_refused(frame: pd.DataFrame, labels: pd.Series, outcome: pd.Series) -> None:
    with pytest.raises(ValueError, match="3 leads have no outcome or no segment"):
        personas(frame, COLUMNS, outcome, labels.iloc[3:])
