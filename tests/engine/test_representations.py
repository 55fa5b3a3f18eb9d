"""Markets in several representations, with planted groups, eigenvalues worked out by hand, and a network that is made up."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from panels_made import made_panel
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler

from segkit.engine.representations import TITLES, Representations, balanced, representations
from segkit.engine.sequence_network import Network, NoNetwork, leading, rank_correlation
from segkit.engine.sequences import Sequences, sequences

PLANTED = np.arange(8) % 2


@pytest.fixture(scope="module")
def cut() -> Sequences:
    return sequences(made_panel(), 6)


@pytest.fixture(scope="module")
def features(cut: Sequences) -> SimpleNamespace:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {"level": cut.level, "season": PLANTED + rng.normal(0, 0.1, 8), "share": PLANTED + rng.normal(0, 0.1, 8),
         "mix": PLANTED + rng.normal(0, 0.1, 8)}, index=cut.markets,
    )  # fmt: skip
    blocks = {"series": ["level", "season"], "structure": ["share", "mix"]}
    return SimpleNamespace(frame=frame.sort_values("mix"), blocks=blocks)  # not in the order of the sequences


@pytest.fixture(scope="module")
def network(cut: Sequences) -> Network:
    """An embedding of one dimension, which is the level, with a little noise."""
    level, rng = cut.level.to_numpy(), np.random.default_rng(3)
    values = level[:, None] * np.ones(32) + rng.normal(0, 0.01, (8, 32))
    embedding = pd.DataFrame(values, index=cut.markets, columns=[f"dimension {i + 1}" for i in range(32)])
    return Network(embedding, pd.DataFrame(), 0.3, 0.2, 1.0, 1.0, 1.0, len(cut.values), 8, {}, 42)


@pytest.fixture(scope="module")
def found(features: SimpleNamespace, cut: Sequences, network: Network) -> Representations:
    return representations(features, cut, network)


def test_all_stand_side_by_side(found: Representations) -> None:
    assert list(found.items) == list(TITLES) and not any(r.missing for r in found.items.values())
    columns = found.table.set_index("representation")["columns"].to_dict()
    assert columns == {
        "level": 1, "statics": 2, "series": 2, "components": columns["components"], "embedding": 32, "hybrid": 34,
        "concatenation": 34,
    }  # fmt: skip
    assert set(found.scores["k"]) == {2, 3, 4, 5, 6} and len(found.scores) == 7 * 5
    assert len(found.agreement) == 5 * 7 * 6 / 2


def test_an_embedding_that_is_the_level_is_called_so(found: Representations) -> None:
    table = found.table.set_index("representation")
    assert table.loc["embedding", "one_dimensional"] > 0.99
    assert table.loc[["level", "embedding"], "follows_level"].tolist() == pytest.approx([1, 1])
    assert table.loc["statics", "follows_level"] < 0.8
    pairs = found.agreement.set_index(["k", "a", "b"])["ari"]
    assert pairs.loc[(2, "level", "embedding")] == 1


def test_planted_groups_are_found_where_they_are(found: Representations) -> None:
    agrees = {
        name: adjusted_rand_score(PLANTED, found.items[name].labels[2].reindex([f"m{i}" for i in range(8)]))
        for name in ("statics", "level", "embedding")
    }
    assert agrees["statics"] == 1
    assert max(agrees["level"], agrees["embedding"]) < 0.5  # sizes have nothing to do with the groups


def test_silhouettes_are_those_of_scikit_learn_in_both_spaces(
    found: Representations, features: SimpleNamespace
) -> None:
    common = StandardScaler().fit_transform(features.frame)
    for row in found.scores.itertuples():
        one = found.items[row.representation]
        labels = one.labels[row.k].to_numpy()
        assert one.matrix is not None
        assert row.silhouette == pytest.approx(silhouette_score(one.matrix.values, labels))
        assert row.common == pytest.approx(silhouette_score(common, labels))
        assert sum(row.sizes) == 8 and row.singletons == row.sizes.count(1)


def test_blocks_of_the_hybrid_have_a_first_eigenvalue_of_one(found: Representations) -> None:
    matrix = found.items["hybrid"].matrix
    assert matrix is not None
    at = 0
    for names in matrix.blocks.values():
        values = matrix.values[:, at : at + len(names)]
        assert np.linalg.eigvalsh(np.cov(values.T, bias=True))[-1] == pytest.approx(1)
        at += len(names)
    assert list(matrix.blocks) == ["embedding", "structure"]
    plain = found.items["concatenation"].matrix
    assert plain is not None and plain.table["variance share"].tolist()[0] > 0.8  # thirty-two columns outweigh two
    assert balanced({"a": np.ones((3, 2))})["a"].tolist() == np.zeros((3, 2)).tolist()


def test_without_a_network_the_others_stand_and_the_reason_is_told(features: SimpleNamespace, cut: Sequences) -> None:
    found = representations(features, cut, NoNetwork("keras is not installed."))
    missing = found.table.set_index("representation")["missing"]
    assert missing[missing != ""].to_dict() == dict.fromkeys(
        ["embedding", "hybrid", "concatenation"], "keras is not installed."
    )
    assert set(found.scores["representation"]) == {"level", "statics", "series", "components"}
    assert "keras" in found._repr_html_() and found.to_json()["scores"]


def test_structure_that_never_varies_is_missing(features: SimpleNamespace, cut: Sequences, network: Network) -> None:
    alone = SimpleNamespace(frame=features.frame, blocks={"series": ["level", "season"]})
    found = representations(alone, cut, network)
    assert {n for n, r in found.items.items() if r.missing} == {"statics", "hybrid", "concatenation"}


def test_markets_in_any_order_give_the_same(
    features: SimpleNamespace, cut: Sequences, network: Network, found: Representations
) -> None:
    turned = SimpleNamespace(frame=features.frame.iloc[::-1], blocks=features.blocks)
    other = representations(turned, cut, network)
    pd.testing.assert_frame_equal(other.agreement, found.agreement)
    pd.testing.assert_frame_equal(other.scores, found.scores)


def test_the_first_component_is_that_of_the_covariance() -> None:
    values = np.random.default_rng(4).normal(size=(9, 3)) * [3, 1, 1]
    share, scores = leading(values)
    sizes, axes = np.linalg.eigh(np.cov(values.T))
    assert share == pytest.approx(sizes[-1] / sizes.sum())
    assert np.abs(scores) == pytest.approx(np.abs((values - values.mean(axis=0)) @ axes[:, -1]))
    assert rank_correlation(scores, -np.exp(scores)) == pytest.approx(1)
    assert np.isnan(rank_correlation(scores, np.ones(9)))
