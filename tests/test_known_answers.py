"""What the facade answers where the answer is known: planted groups, none, and tables of textbooks."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from segkit import known_answers
from segkit.data.known_answers import KNOWN
from segkit.engine.borders import borders
from segkit.engine.krule import CRITERIA
from segkit.engine.matrix import fit_matrix
from segkit.engine.segments import fit_segments
from segkit.engine.verdict import verdict
from segkit.report import known_answers as page
from segkit.studies.reach import reached
from segkit.studies.table import Effort

SOME = Effort(gap=2, splits=8, bootstraps=12, subsamples=2, resamples=10, pipelines=12, nulls=19)
EXPECTED = {  # what the rule and the verdict say; what is not as planted is told on the page
    "iris": (2, "natural"),
    "wine": (3, "reproducible"),  # a gap that is narrow for so few rows
    "faithful": (2, "natural"),
    "ruspini": (4, "reproducible"),  # as with the wines
    "three clouds": (3, "natural"),
    "four on one axis": (2, "constructive"),  # pairs of groups, of four that were planted: the page says so
    "two on one axis": (2, "reproducible"),
    "two strips": (4, "reproducible"),
    "two rings": (1, "no segmentation"),
    "one long cloud": (1, "no segmentation"),
    "one skewed cloud": (1, "no segmentation"),
    "even square": (1, "no segmentation"),
    "noise": (1, "no segmentation"),
}


@pytest.fixture(scope="module")
def some() -> pd.DataFrame:
    """Answers of all tables but the two large ones, whose answers stand on the page."""
    return known_answers.answered(SOME, EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_answer_is_the_one_that_is_told(some: pd.DataFrame, name: str) -> None:
    row = some.set_index("table").loc[name]
    assert (row["rule"], row["verdict"]) == EXPECTED[name]


def test_no_table_without_groups_gets_any(some: pd.DataFrame) -> None:
    assert page.tally(some).without == 4 and page.tally(some).invented == 0


def test_planted_groups_are_where_they_were_put() -> None:
    for name, known in KNOWN.items():
        frame, groups = known.table()
        again, same = known.table()
        pd.testing.assert_frame_equal(frame, again)
        if known.groups == 1 or not known.made:
            assert not known.made or groups is None
            continue
        assert groups is not None and same is not None and (groups == same).all() and len(groups) == len(frame)
        assert len(np.unique(groups)) == known.groups, name
    frame, groups = KNOWN["two on one axis"].table()
    means = frame.groupby(groups).mean()
    assert np.allclose(means.loc[1] - means.loc[0], [6, 0, 0, 0], atol=0.4)


def test_typed_tables_are_those_of_their_publications() -> None:
    ruspini, _ = KNOWN["ruspini"].table()
    labels = KMeans(4, n_init=10, random_state=0).fit_predict(ruspini)
    # R, cluster 2.1.8, tests/pam.Rout.save: pam(ruspini, 4) has sizes 20, 23, 17, 15 and a mean silhouette of 0.737657
    assert sorted(np.bincount(labels)) == [15, 17, 20, 23]
    assert round(silhouette_score(ruspini, labels), 6) == 0.737657
    faithful, _ = KNOWN["faithful"].table()
    # R, number_of_segments.csv in tests/engine/oracles: kmeans(scale(faithful), 2) has an inertia of 79.28340081
    scaled = (faithful - faithful.mean()) / faithful.std()
    assert KMeans(2, n_init=10, random_state=0).fit(scaled).inertia_ == pytest.approx(79.28340081)
    assert len(faithful) == 272


def test_a_group_that_is_cut_in_two_is_not_called_natural() -> None:
    """Three groups, of which the rule makes four: the border through one of them is named, and no other is."""
    frame, groups = KNOWN["as xclara"].table()
    assert groups is not None
    matrix = fit_matrix(frame, {"all": list(frame)})
    for k, word in ((3, "natural"), (4, "reproducible")):
        made = fit_segments(matrix, k)
        found = verdict(
            {"copula": True}, dict.fromkeys(range(1, k + 1), 0.99), 0.99, borders=borders(matrix, made, count=19).again
        )
        assert found.word == word
        for pair in found.open_borders:
            inside = np.bincount(groups[made.labels.isin(pair).to_numpy()])
            assert inside.max() > 0.95 * inside.sum()


def test_answers_are_kept_until_the_code_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Effort] = []

    def answered(effort: Effort) -> pd.DataFrame:
        asked.append(effort)
        return pd.DataFrame({"a": [1]})

    monkeypatch.setattr(known_answers, "answered", answered)
    for _ in range(2):
        assert known_answers.answers(SOME, root=tmp_path)["a"].tolist() == [1]
    assert len(asked) == 1
    known_answers.answers(Effort(), root=tmp_path)
    monkeypatch.setattr(known_answers, "source_hash", lambda modules: "other code")
    known_answers.answers(SOME, root=tmp_path)
    assert len(asked) == 3


def test_what_is_hashed_is_what_computes_and_no_words() -> None:
    hashed = [*reached("segkit.studies.table"), *reached("segkit.data.known_answers"), *known_answers.OWN]
    assert {"segkit.engine.krule", "segkit.studies.evidence", "segkit.segmentation", "segkit.seeds"} <= set(hashed)
    assert not [m for m in hashed if m.startswith("segkit.report")]


def row(table: str, groups: int, rule: int, verdict: str, agreement: float = math.nan, **by: int) -> dict[str, object]:
    return {
        "table": table, "units": 10, "features": 2, "groups": groups, "made": True,
        "scaler": "robust", "rule": rule, "verdict": verdict, "borders": "",
        "agreement": agreement, **{c: by.get(c, 2) for c in CRITERIA},
    }  # fmt: skip


MADE = pd.DataFrame(
    [
        row("right", 2, 2, "natural", 1.0),
        row("ruspini", 4, 4, "fragile structure"),
        row("two rings", 2, 1, "no segmentation"),
        row("noise", 1, 2, "constructive", gap_original_axes=1),
        row("iris", 3, 3, "natural", 0.79),
    ]
)


def test_what_is_wrong_comes_first_with_its_reason() -> None:
    found = page.judged(MADE)
    assert found["table"].tolist() == ["noise", "two rings", "iris", "ruspini", "right"]
    assert found["reader"].tolist() == ["invents groups", "misses groups", "other groups", "too careful", "right"]
    assert [bool(w) for w in found["why"]] == [False, True, True, True, False]
    narrow = page.judged(pd.DataFrame([{**row("wine", 3, 3, "reproducible", 0.9), "borders": "1 | 2"}]))
    assert narrow["reader"].item() == "too careful" and "a border between two of them" in narrow["why"].item()
    n = page.tally(MADE)
    assert (n.right, n.careful, n.wrong, n.invented, n.without) == (1, 1, 3, 1, 1)
    assert page.matched(MADE)[["rule", "silhouette", "gap_original_axes"]].tolist() == [3, 2, 3]
    assert "gap, box of the features" not in n.claimed and "silhouette" in n.claimed
