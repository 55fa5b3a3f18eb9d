"""The verdict: a word that follows from plain numbers."""

from __future__ import annotations

import itertools
import json

import pytest

from segkit.engine.verdict import verdict

NULLS = ("exchangeable", "continuous", "copula")
ALL = dict.fromkeys(NULLS, True)
SEGMENTS = {1: 0.95, 2: 0.80}


def test_the_four_words() -> None:
    """The table of Dolnicar and Leisch (2010), with a fourth word for structure that is not found alike everywhere."""
    some = {**ALL, "copula": False}
    assert verdict(ALL, SEGMENTS, 0.9).word == "natural"
    assert verdict(some, SEGMENTS, 0.9).word == "reproducible"
    assert verdict(ALL, SEGMENTS, 0.7).word == "fragile structure"
    assert verdict(some, SEGMENTS, 0.7).word == "constructive"


@pytest.mark.parametrize("answers", list(itertools.product([True, False], repeat=3)))
def test_one_null_that_is_not_beaten_is_enough(answers: tuple[bool, ...]) -> None:
    found = verdict(dict(zip(NULLS, answers, strict=True)), SEGMENTS, 0.9)
    assert found.word == ("natural" if all(answers) else "reproducible")
    assert found.not_beaten == [n for n, beaten in zip(NULLS, answers, strict=True) if not beaten]


@pytest.mark.parametrize(
    ("jaccard", "q05", "stable"),
    [
        ({1: 0.75, 2: 0.75}, 0.8, True),  # both thresholds are reached, not passed
        ({1: 0.99, 2: 0.7499}, 0.99, False),  # one segment is enough
        ({1: 0.99, 2: 0.99}, 0.7999, False),
        ({1: 0.99, 2: float("nan")}, 0.99, False),  # what could not be looked for is not found
        ({1: 0.99, 2: 0.99}, float("nan"), False),
        ({}, 0.99, False),
    ],
)
def test_what_counts_as_stable(jaccard: dict[int, float], q05: float, stable: bool) -> None:
    assert verdict(ALL, jaccard, q05).stable == stable


def test_without_a_null_nothing_is_natural() -> None:
    assert verdict({}, SEGMENTS, 0.9).word == "reproducible"


def test_what_could_not_be_asked_is_not_natural() -> None:
    found = verdict(ALL, SEGMENTS, 0.9, asked=False)
    assert found.word == "reproducible" and found.structured and found.stable and not found.open_borders
    assert found.table["met"].tolist().count("no") == 1 and found.to_json()["borders_asked"] is False
    for beaten, q05 in itertools.product((ALL, {**ALL, "copula": False}), (0.9, 0.7)):
        if (beaten, q05) != (ALL, 0.9):
            assert verdict(beaten, SEGMENTS, q05, asked=False).word == verdict(beaten, SEGMENTS, q05).word
    assert verdict(ALL, SEGMENTS, 0.9, segmented=False, asked=False).word == "no segmentation"


def test_one_border_that_could_be_a_cut_is_enough() -> None:
    cut = {(1, 2): True, (2, 3): False}
    found = verdict(ALL, SEGMENTS, 0.9, borders=cut)
    assert found.word == "reproducible" and found.open_borders == [(2, 3)]
    assert json.loads(json.dumps(found.to_json()))["open_borders"] == [[2, 3]]
    assert verdict(ALL, SEGMENTS, 0.7, borders=cut).word == "fragile structure"
    assert verdict(ALL, SEGMENTS, 0.9, borders=dict.fromkeys(cut, True)).word == "natural"
    assert "no" in found.table.set_index("condition").loc["border of segments 2 and 3 drawn again", "met"]


def test_no_segmentation_whatever_the_numbers() -> None:
    assert verdict(ALL, SEGMENTS, 0.9, segmented=False).word == "no segmentation"


def test_the_result_is_plain_and_keeps_no_hold_of_what_it_was_given() -> None:
    given = dict(ALL)
    found = verdict(given, SEGMENTS, 0.9, threshold=0.7)
    given["copula"] = False
    assert found.structured
    back = json.loads(json.dumps(found.to_json()))
    assert back["word"] == "natural" and back["thresholds"] == {"jaccard": 0.7, "ari_q05": 0.8}
    assert back["beaten"] == ALL


def test_a_bad_fit_is_told_and_changes_no_word() -> None:
    found = verdict(ALL, SEGMENTS, 0.9, misfit=["continuous"])
    assert found.word == verdict(ALL, SEGMENTS, 0.9).word == "natural"
    assert found.to_json()["misfit"] == ["continuous"]
    assert [what for what in found.table["condition"] if "badly" in what] == [
        "beyond the continuous null, which fits badly"
    ]
