"""Profiles by rules: whole words, denials, other people, ages, style; and what is shown of them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.data import profile_lexicon
from segkit.data.phrases import parts
from segkit.data.profile_lexicon import CLAUSES, COUNTED, FIELDS, lexicon
from segkit.errors import InputError
from segkit.features.profiles import Profiles, profile_rules, profiles


def told(text: str, field: str) -> tuple[str, ...]:
    return profile_rules(pd.Series({"p": text})).table.loc["p", field]


@pytest.mark.parametrize(
    ("text", "field", "values"),
    [
        ("I'm a nurse", "job_or_career", ("health care",)),
        ("NURSES like me; I am one of the Nurses", "job_or_career", ("health care",)),
        ("I love nursery rhymes", "job_or_career", ()),
        ("Grüße aus Berlin", "location_hints", ("Europe",)),
        ("greetings from MONTRÉAL", "location_hints", ("Canada",)),
        ("I\u2019m single", "relationship_status", ("single",)),
        ("every single day", "relationship_status", ()),
        ("I just got married!", "life_events", ("wedding",)),
        ("I just got married!", "relationship_status", ("married",)),
        ("my wife is a teacher", "relationship_status", ("married",)),
        ("my late wife loved it", "relationship_status", ("widowed",)),
        ("got a discount? how much is it", "purchase_motivations", ("price and value",)),
        ("a new video just for me please", "purchase_motivations", ("custom content", "new content")),
    ],
)
def test_values_are_found_by_whole_words(text: str, field: str, values: tuple[str, ...]) -> None:
    assert told(text, field) == values


@pytest.mark.parametrize(
    ("text", "field", "values"),
    [
        ("I'm not married", "relationship_status", ("single",)),
        ("I am no longer married", "relationship_status", ()),
        ("not really a good nurse", "job_or_career", ()),  # three words between
        ("not always a very good nurse", "job_or_career", ("health care",)),  # four
        ("No, I am a nurse", "job_or_career", ("health care",)),
        ("I'm not a nurse but a teacher", "job_or_career", ("education",)),
        ("not only a nurse", "job_or_career", ("health care",)),
        ("never been in London", "location_hints", ()),
        ("I don\u2019t live in London. I live in Paris", "location_hints", ("Europe",)),
        ("can't wait to see London", "location_hints", ("United Kingdom and Ireland",)),
    ],
)  # fmt: skip
def test_what_is_denied_does_not_count(text: str, field: str, values: tuple[str, ...]) -> None:
    assert told(text, field) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("are you a nurse?", ()),
        ("my brother is a nurse", ()),
        ("my wife works as a nurse", ()),
        ("my friend, I am a nurse", ("health care",)),
        ("I told you I am a nurse", ("health care",)),
        ("she said that we nurses are late", ("health care",)),
    ],
)
def test_what_is_said_of_others_is_not_the_writers(text: str, values: tuple[str, ...]) -> None:
    assert told(text, "job_or_career") == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("I'm 34 years old", ("25 to 34",)),
        ("34 y/o here", ("25 to 34",)),
        ("i am 35", ("35 to 44",)),
        ("just turning 65", ("65 or more",)),
        ("im 17", ("under 18",)),
        ("I am 30 minutes away", ()),
        ("I'm 30% sure", ()),
        ("my 15 year old is here", ()),
        ("a 20 year old whisky", ()),
        ("30 dollars for 45 photos", ()),
    ],
)
def test_ages_are_read_from_numbers(text: str, values: tuple[str, ...]) -> None:
    assert told(text, "age_indicators") == values


@pytest.mark.parametrize("age", range(18, 100))
def test_each_age_is_in_the_one_value_that_holds_it(age: int) -> None:
    (value,) = told(f"I am {age}", "age_indicators")
    low, high = (int(n) for n in [*re.findall(r"\d+", value), "99"][:2])
    assert low <= age <= high


def test_the_style_is_counted_in_messages() -> None:
    assert told("hi\nhow are you?\nOK!", COUNTED) == ("brief", "asks questions", "exclaims")  # a third each, two words
    assert told("hi\nhow are you?", COUNTED) == ()  # too few messages
    assert told("\n".join(["word " * 15] * 3), COUNTED) == ("detailed",)
    assert told("\n".join(["word " * 10] * 3), COUNTED) == ()
    assert told("HELLO THERE\nhi \U0001f600\nhi :)\nyo", COUNTED) == ("brief", "uses emoji")  # one of four in capitals


def test_people_without_text_have_nothing_and_keep_their_place() -> None:
    texts = pd.Series(["I am a nurse", None, "", float("nan")], index=["b", "a", "d", "c"], dtype=object)
    before = texts.copy()
    found = profile_rules(texts)
    assert list(found.table.index) == ["b", "a", "d", "c"]
    assert found.table.loc[["a", "d", "c"]].map(len).to_numpy().sum() == 0
    assert found.coverage["job_or_career"] == 0.25
    pd.testing.assert_series_equal(texts, before)


def test_a_person_who_is_there_twice_is_an_error_that_names_nobody() -> None:
    with pytest.raises(InputError, match="1 texts have no person of their own") as caught:
        profile_rules(pd.Series(["x", "y"], index=["secret", "secret"]))
    assert "secret" not in str(caught.value)


def test_each_value_has_a_column_and_holds_whoever_has_it() -> None:
    found = profile_rules(pd.Series({"a": "I'm married and a nurse", "b": "nothing", "c": "I am in London"}))
    hot = found.multi_hot
    assert list(hot.columns) == [f"{f}={v}" for f in FIELDS for v in lexicon().values[f]]
    assert hot.loc[:, hot.any()].apply(lambda c: [i for i in hot.index if c[i]]).to_dict("list") == {
        "job_or_career=health care": ["a"],
        "location_hints=United Kingdom and Ireland": ["c"],
        "relationship_status=married": ["a"],
    }


def test_what_is_protected_is_counted_and_is_nothing_that_models_know() -> None:
    found = profile_rules(pd.Series({"a": "I'm a widower and a nurse", "b": "I am 71 years old and I am in London"}))
    assert {"relationship_status=widowed", "age_indicators=65 or more"} < set(
        found.multi_hot.columns[found.multi_hot.any()]
    )
    known = found.unprotected
    assert list(known.columns[known.any()]) == [
        "job_or_career=health care",
        "location_hints=United Kingdom and Ireland",
    ]
    assert found.multi_hot.shape[1] - known.shape[1] == len(lexicon().protected)


def test_values_outside_of_the_vocabulary_never_enter_a_profile() -> None:
    found = profiles({"a": {"life_events": ["travel", "lottery"], "x": ["y"]}, "z": {}}, pd.Index(["a"]), "m", "1")
    assert found.table.loc["a", "life_events"] == ("travel",) and found.multi_hot.to_numpy().sum() == 1


# What is shown


def many(counts: dict[str, int], n: int) -> Profiles:
    """Profiles of ``n`` people, of whom so many have each life event."""
    people = [f"{i:012x}" for i in range(n)]
    found = {p: {"life_events": [v for v, c in counts.items() if i < c]} for i, p in enumerate(people)}
    return profiles(found, pd.Index(people), "rules", "1")


def test_what_is_shown_of_profiles_names_nobody_and_hides_small_cells() -> None:
    found = many({"travel": 3, "wedding": 47, "birthday": 20, "graduation": 50}, 50)
    people = found.counts.set_index("value")["people"]
    assert people[["travel", "wedding"]].isna().all()  # three have it; all but three have it
    assert people[["birthday", "graduation", "retirement"]].tolist() == [20, 50, 0]
    values = {v["value"]: v for v in found.to_json()["values"]}
    assert (values["travel"]["people"], values["travel"]["share"]) == (None, None)
    assert (values["birthday"]["people"], values["birthday"]["share"]) == (20, 0.4)
    said = repr(found) + found._repr_html_() + str(found.to_json())
    assert not any(person in said for person in found.table.index)


# The vocabulary


def test_every_field_has_values_and_every_value_has_words_or_is_counted() -> None:
    words = lexicon()
    meant = {pair for meanings in words.phrases.values() for pair in meanings}
    assert tuple(words.values) == FIELDS and len(FIELDS) == 9
    assert {(f, v) for f in FIELDS if f != COUNTED for v in words.values[f]} == {(f, v) for f, v in meant if v}


def test_no_phrase_holds_what_parts_clauses() -> None:
    table = tomllib.loads(Path(profile_lexicon.__file__).with_suffix(".toml").read_text("utf-8"))
    found = [w for f in FIELDS for entry in table[f].values() for w in entry["words"]]
    assert len(found) > 300
    assert [w for w in found if re.search(CLAUSES, w) or w != w.lower() or not parts(w)] == []


def test_what_ethics_forbids_to_act_on_is_protected_and_nothing_looks_for_distress() -> None:
    words = lexicon()
    assert {v for _, v in words.protected} == {
        "under 18", "65 or more", "between jobs", "separated or divorced", "widowed", "company", "on impulse",
    }  # fmt: skip
    every = " ".join([*words.columns, *(" ".join(p) for p in words.phrases)])
    assert not re.search(
        r"lonely|lonel|depress|desperat|grief|grieving|suicid|sick|cancer|addict|debt|gay|muslim|jew|black", every
    )


@given(st.text(max_size=200))
def test_any_text_is_read_and_read_alike_again(text: str) -> None:
    one = profile_rules(pd.Series({"a": text, "b": ""}))
    assert one.table.equals(profile_rules(pd.Series({"a": text, "b": ""})).table)
    assert set(one.multi_hot.columns) == set(lexicon().columns)
