"""Planted topics are found by both methods, words about nothing are no segments, and what length alone tells is told."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.api import OLS

from segkit.engine.matching import rand_index
from segkit.engine.text_segments import density, explained, one_cloud, text_blocks
from segkit.engine.text_space import Words, embed, word_counts
from segkit.seeds import generator
from segkit.studies.table import Effort
from segkit.studies.text_methods import POOLED, TextMethods, text_methods

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))
from corpora import corpus, of_length, shuffled

# As many tasks as one process does.
QUICK = Effort(gap=1, splits=6, bootstraps=8, subsamples=2, resamples=2, pipelines=8, nulls=8, level=0.12)


def items(index: pd.Index, rate: float = 0.2, number: int = 12) -> pd.DataFrame:
    drawn = generator("tests/items").random((len(index), number)) < rate
    return pd.DataFrame(drawn.astype(int), index=index, columns=[f"item {i}" for i in range(number)])


def stages_of(documents: pd.Series) -> pd.Series:
    return pd.Series(documents.index.get_level_values("stage"), index=documents.index)


def segmented(
    documents: pd.Series, groups: pd.Series, profile: pd.DataFrame | None = None, **more: object
) -> TextMethods:
    space = embed(documents, Words(12), groups=groups)
    stages = more.pop("stages", pd.Series("1", index=documents.index))
    given = {"k_max": 4, "effort": QUICK, **more}
    return text_methods(space.values, word_counts(documents), stages, profile=profile, **given)  # type: ignore[arg-type]


@cache
def planted() -> tuple[TextMethods, pd.Series]:
    documents, groups, truth = corpus((50, 40))
    documents = documents.copy()
    documents.iloc[[0, 40, 89]] = ["", None, "?"]
    # Stage 3 has too few documents.
    stages = pd.Series(np.where(np.arange(90) < 45, 1, 2), index=documents.index).where(np.arange(90) < 83, 3)
    return segmented(
        documents, groups, items(documents.index), stages=stages, behaviour=items(documents.index, 0.5, 3)
    ), truth


def test_two_topics_are_two_segments_in_each_stage_and_pooled() -> None:
    found, truth = planted()
    for method in "AB":
        for scope in (POOLED, "stage 1", "stage 2"):
            row, labels = found.row(method, scope), found.labels[method, scope]
            assert (row["rule"], row["k"], row["found"], row["reason"]) == (2, 2, True, "")
            assert rand_index(truth.loc[labels.index], labels) == pytest.approx(1)
            assert row["p"] == pytest.approx(1 / 63) and row["verdict"] == "natural"
            assert found.agreement[scope] == pytest.approx(1)
    assert abs(found.row("A")["ari_behaviour"]) < 0.2


def test_blank_texts_have_no_segment_and_shift_nobody_elses() -> None:
    found, truth = planted()
    blank = truth.index[[0, 40, 89]]
    for method in "AB":
        labels = found.labels[method, POOLED]
        assert list(labels.index) == list(truth.index.drop(blank))
        assert found.row(method)["blank"] == 3 and found.row(method)["documents"] == 87


def test_a_stage_of_few_documents_has_a_reason_in_place_of_numbers() -> None:
    found, _ = planted()
    row = found.row("A", "stage 3")
    assert row["documents"] == 6 and row["blank"] == 1
    assert row["reason"] == "Fewer than 10 documents have words."
    assert pd.isna(row["k"]) and pd.isna(row["found"]) and ("A", "stage 3") not in found.labels
    assert "stage 3" not in found.agreement


def test_results_tell_of_no_document() -> None:
    found, truth = planted()
    told = json.dumps(found.to_json(), default=str) + repr(found) + found._repr_html_()
    assert not any(pair in told for pair in truth.index.get_level_values(0)) and "garden" not in told


def test_words_about_nothing_are_no_segments() -> None:
    documents, groups, _ = corpus((50, 40))
    found = segmented(shuffled(documents), groups, items(documents.index))
    for method in "AB":
        row = found.row(method)
        assert row["rule"] == 1 and not row["found"] and row["verdict"] == "no segmentation"
    assert found.row("A")["p"] > 0.12


def test_a_corpus_of_short_and_long_texts_is_exposed_by_the_word_count() -> None:
    documents, lengths = of_length(90)
    space = embed(documents)
    found = text_methods(
        space.values, word_counts(documents), pd.Series(1, index=documents.index), k_max=3, effort=QUICK
    )
    row = found.row("A")
    assert row["ari_words"] > 0.9 and row["length_r2"] > 0.9
    assert rand_index(found.labels["A", POOLED], lengths.loc[found.labels["A", POOLED].index] > 50) > 0.9
    assert found.row("B")["reason"] == "There are no profiles."


def test_a_profile_alone_may_part_documents() -> None:
    documents, groups, _ = corpus((90,))
    half = pd.Series(np.arange(90) % 2, index=documents.index)
    profile = pd.DataFrame({f"item {i}": half for i in range(3)})
    found = segmented(documents, groups, profile)
    assert found.row("A")["rule"] == 1 and found.row("B")["rule"] == 2
    assert rand_index(found.labels["B", POOLED], half) == 1
    nobody = segmented(documents, groups, profile * 0)
    assert nobody.row("B")["reason"] == "The profile is the same in all documents."


@pytest.mark.parametrize("count", [0, 1, 9, 10, 12, 29])
def test_any_number_of_documents_is_no_fault(count: int) -> None:
    documents, _, _ = corpus((count // 2, count - count // 2))
    groups = pd.Series(range(count), index=documents.index)
    found = segmented(documents, groups, items(documents.index), effort=Effort(1, 2, 2, 2, 2, 2, 2))
    assert len(found.table) == 2 * (1 + bool(count))
    json.dumps(found.to_json(), default=str)
    assert (found.row("A")["reason"] == "") == (count >= 10)


def test_documents_that_are_all_the_same_have_a_reason() -> None:
    documents = pd.Series(["one and the same"] * 20)
    found = segmented(documents, pd.Series(range(20)))
    assert found.row("A")["reason"] == "The text is the same in all documents."
    documents.iloc[10:] = "another one"
    assert segmented(documents, pd.Series(range(20))).row("A")["reason"] == "Too few documents differ from each other."


def test_frames_of_other_documents_are_refused() -> None:
    documents, groups, _ = corpus((10, 10))
    space = embed(documents, groups=groups)
    with pytest.raises(ValueError, match="in one order"):
        text_methods(space.values, word_counts(documents)[::-1], stages_of(documents))
    with pytest.raises(ValueError, match="in one order"):
        text_methods(space.values, word_counts(documents), stages_of(documents), profile=items(documents.index[1:]))


# What it is made of


def test_blocks_have_an_equal_say_and_plain_ones_do_not() -> None:
    rng = generator("tests/blocks")
    text = pd.DataFrame(rng.normal(0, 0.03, (50, 8)))
    profile = pd.DataFrame((rng.random((50, 100)) < 0.5).astype(int))
    found = text_blocks(text, profile)
    shares = found.shares.set_index(["scaling", "block"])["share"]
    variance = found.frame.var(ddof=0)
    assert variance[found.blocks["text"]].sum() == pytest.approx(1)
    assert variance[found.blocks["profile"]].sum() == pytest.approx(1)
    assert shares["balanced"].tolist() == pytest.approx([0.5, 0.5])
    # In closed form: variances of 0.03^2 and of a quarter; as standard scores, of one for each item.
    assert shares["plain", "profile"] == pytest.approx(25 / (25 + 8 * 0.0009), abs=1e-3)
    inertia = text.var(ddof=0).sum()
    assert shares["standard scores", "profile"] == pytest.approx(100 / (100 + inertia), abs=1e-9)


def test_draws_of_one_cloud_stay_on_the_sphere_and_keep_profiles() -> None:
    documents, groups, _ = corpus((40, 40))
    space = embed(documents, Words(10), groups=groups)
    profile = items(documents.index)
    found = text_blocks(space.values, profile)
    text = found.blocks["text"]
    (drawn,) = one_cloud(found)(1, 5)
    drawn = pd.DataFrame(drawn, index=documents.index, columns=found.frame.columns)
    radius = np.linalg.norm(found.frame[text], axis=1)
    assert np.linalg.norm(drawn[text], axis=1) == pytest.approx(radius)
    own = found.frame[found.blocks["profile"]]
    assert np.sort(drawn[found.blocks["profile"]], axis=0) == pytest.approx(np.sort(own, axis=0))
    # Two topics are two heaps on the second dimension: few documents are near its middle, and of one cloud most are.
    middle = [t[text[1]].abs().lt(t[text[1]].std() / 2).mean() for t in (found.frame, drawn)]
    assert middle[0] < 0.1 < 0.2 < middle[1]


def test_documents_of_one_person_keep_one_profile_in_each_draw() -> None:
    documents, groups, _ = corpus((40, 40))
    space = embed(documents, Words(10), groups=groups)
    each = items(pd.Index(groups.unique()))
    found = text_blocks(space.values, each.loc[groups].set_axis(documents.index))
    profile = found.blocks["profile"]
    for persons in (groups, None):
        (drawn,) = one_cloud(found, persons)(1, 5)
        values = pd.DataFrame(drawn, index=documents.index, columns=found.frame.columns)[profile]
        kinds = pd.concat([values, groups.rename("of")], axis=1).drop_duplicates().groupby("of").size()
        assert (kinds == 1).all() == (persons is not None)
    # Its items are as common among persons as they were.
    (drawn,) = one_cloud(found, groups)(1, 5)
    values = pd.DataFrame(drawn, index=documents.index, columns=found.frame.columns)[profile]
    first = ~groups.duplicated()
    assert values[first].mean().tolist() == pytest.approx(found.frame.loc[first, profile].mean().tolist())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_explained_variance_is_that_of_a_regression_on_segments(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    labels, x = np.concatenate([np.arange(k), rng.integers(k, size=30)]), rng.normal(size=30 + k)
    assert explained(labels, x) == pytest.approx(OLS(x, pd.get_dummies(labels).to_numpy(float)).fit().rsquared_adj)
    assert np.isnan(explained(labels, np.full(len(x), 0.1)))


def test_density_tells_clusters_and_noise_with_their_spread() -> None:
    rng = generator("tests/density")
    apart = np.vstack([rng.normal(c, 0.1, (40, 2)) for c in (0, 10)])
    found = density(apart)
    assert (found.clusters, found.clusters_low, found.clusters_high) == (2, 2, 2)
    assert found.noise_low <= 0.1 and found.noise_low <= found.noise_high
    assert density(apart) == found
