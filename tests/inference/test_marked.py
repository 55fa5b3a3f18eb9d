"""What stands out in segments of clustered units: planted marks, no marks, and a permutation test by others."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from segkit.inference.marked import Marked, marked


def made(
    rng: np.random.Generator, clusters: int = 60, most: int = 3, own: float = 1.0
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return four marks of units that are alike within clusters, labels that clusters mostly share, and the clusters."""
    of = np.repeat(np.arange(clusters), rng.integers(1, most + 1, clusters))
    values = own * rng.normal(size=(clusters, 4))[of] + 0.3 * rng.normal(size=(len(of), 4))
    labels = np.where(rng.random(len(of)) < 0.9, rng.integers(1, 4, clusters)[of], rng.integers(1, 4, len(of)))
    index = pd.Index([f"p{i}" for i in range(len(of))], name="pair")
    return pd.DataFrame(values, index, list("abcd")), pd.Series(labels, index), pd.Series(of, index)


def found_in(marks: pd.DataFrame, labels: pd.Series, clusters: pd.Series, deals: int = 199, seed: int = 1) -> Marked:
    return marked(marks, labels, clusters, name="test", seed=seed, deals=deals)


def test_a_planted_mark_is_found_and_no_other() -> None:
    marks, labels, clusters = made(np.random.default_rng(1))
    marks.loc[labels == 2, "c"] += 2
    found = found_in(marks, labels, clusters)
    out = found.standing_out(2)
    assert out["mark"].to_list() == ["c"] and out["difference"][0] > 1 and found.moved == 1
    row = found.table.set_index(["segment", "mark"]).loc[(2, "c")]
    assert row["mean"] == pytest.approx(marks.loc[labels == 2, "c"].mean()) and row["overall"] == pytest.approx(
        marks["c"].mean()
    )


def test_marks_that_clusters_share_are_no_sign_of_segments() -> None:
    """Error of naming any mark of any segment in 200 worlds without one; tests of single units would err in most of them."""
    from scipy.stats import f_oneway

    named, naive = 0, 0
    for world in range(200):
        marks, labels, clusters = made(np.random.default_rng(world))
        found = found_in(marks, labels, clusters, deals=99)
        named += any(len(found.standing_out(s)) for s in (1, 2, 3))
        naive += any(f_oneway(*(marks.loc[labels == s, c] for s in (1, 2, 3))).pvalue < 0.05 / 4 for c in marks)
    assert named / 200 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200) and naive / 200 > 0.2


def test_clusters_of_one_unit_are_tested_as_by_others() -> None:
    """With one mark, two segments and independent units it is the permutation test of two means of scipy."""
    from scipy.stats import permutation_test

    rng = np.random.default_rng(3)
    x = pd.DataFrame({"a": rng.normal(size=40)})
    labels = pd.Series(np.repeat([1, 2], [15, 25]))
    x.loc[labels == 1, "a"] += 1.0
    own = found_in(x, labels, pd.Series(range(40)), deals=4999).table["p"]
    theirs = permutation_test(
        (x["a"][labels == 1], x["a"][labels == 2]), lambda a, b: abs(a.mean() - b.mean()), alternative="greater",
        n_resamples=4999, rng=np.random.default_rng(4),
    ).pvalue  # fmt: skip
    assert 0.01 < theirs < 0.2
    # The overall mean is fixed, so that both segments are one test; three standard errors of two shares of 5,000 deals.
    assert own.to_list() == pytest.approx([theirs, theirs], abs=3 * np.sqrt(2 * theirs * (1 - theirs) / 5000))


def test_small_segments_and_their_complements_have_no_row() -> None:
    marks, labels, clusters = made(np.random.default_rng(5))
    few = clusters.isin([0, 1, 2, 3])
    assert set(found_in(marks, labels.where(~few, 9), clusters).table["segment"]) == {1, 2, 3}
    assert found_in(marks, labels * 0 + 1, clusters).table.empty
    assert found_in(marks, pd.Series(1, labels.index).where(~few, 2), clusters).table.empty


def test_labels_that_cannot_move_show_nothing() -> None:
    """Each cluster has a size of its own: no deal differs from the data, and every p is one."""
    of = np.repeat(np.arange(14), np.arange(1, 15))
    labels = pd.Series(np.where(of % 2, 1, 2))
    found = found_in(pd.DataFrame({"a": labels * 5.0}), labels, pd.Series(of))
    assert found.moved == 0 and (found.table["p"] == 1).all() and len(found.table) == 2


def test_neither_order_of_units_nor_names_of_clusters_matter_and_nothing_is_changed() -> None:
    marks, labels, clusters = made(np.random.default_rng(6), most=1)
    kept = marks.copy(), labels.copy(), clusters.copy()
    first = found_in(marks, labels, clusters)
    order = np.random.default_rng(7).permutation(len(marks))
    again = found_in(marks.iloc[order], labels.iloc[order], clusters.iloc[order])
    pd.testing.assert_frame_equal(first.table, again.table)
    assert json.dumps(first.to_json()) == json.dumps(found_in(marks, labels, clusters).to_json())
    assert "<table" in first._repr_html_()
    for a, b in zip(kept, (marks, labels, clusters), strict=True):
        assert a.equals(b)


def test_what_is_not_of_the_same_units_is_refused() -> None:
    marks, labels, clusters = made(np.random.default_rng(8))
    with pytest.raises(ValueError, match="same units"):
        found_in(marks, labels[::-1], clusters)
    with pytest.raises(ValueError, match="lacks"):
        found_in(marks.mask(marks > 1), labels, clusters)
