"""The two principal components."""

from __future__ import annotations

import numpy as np
import pytest
from planted import as_matrix
from sklearn.decomposition import PCA

from segkit.engine.matrix import Floats
from segkit.engine.projection import principal_components
from segkit.seeds import generator

SPREADS = np.array([1.0, 6.0, 3.0, 0.5])


@pytest.fixture
def values() -> Floats:
    return generator("tests/projection").normal(5, SPREADS, size=(200, 4))


def test_shares_and_points_are_those_of_scikit_learn(values: Floats) -> None:
    found = principal_components(as_matrix(values))
    fit = PCA(4).fit(values)
    assert found.shares == pytest.approx(fit.explained_variance_ratio_[:2])
    np.testing.assert_allclose(np.abs(found.points), np.abs(fit.transform(values)[:, :2]))
    np.testing.assert_allclose(np.abs(found.loadings.T), np.abs(fit.components_[:2]))
    assert list(found.loadings.index) == ["x0", "x1", "x2", "x3"]
    assert found.points.index[0] == "000000000000"


def test_shares_by_eigenvalues(values: Floats) -> None:
    roots = np.sort(np.linalg.eigvalsh(np.cov(values.T)))[::-1]
    assert principal_components(as_matrix(values)).shares == pytest.approx(roots[:2] / roots.sum())


@pytest.mark.parametrize("turn", [[1, 1, 1, 1], [-1, -1, -1, -1], [1, -1, 1, -1]])
def test_the_largest_weight_of_each_component_is_positive(values: Floats, turn: list[int]) -> None:
    found = principal_components(as_matrix(values * turn))
    for axis in ("first", "second"):
        weights = found.loadings[axis]
        assert weights.loc[weights.abs().idxmax()] > 0
    assert [found.leading(0)[0], found.leading(1)[0]] == ["x1", "x2"]  # the columns of largest spread
    centred = values * turn - (values * turn).mean(axis=0)
    np.testing.assert_allclose(found.points, centred @ found.loadings.to_numpy(), atol=1e-9)


class Turned(PCA):
    """Components turned round, as another version of scikit-learn or of LAPACK may return them."""

    def fit(self, X: Floats, y: None = None) -> Turned:
        super().fit(X)
        self.components_ = -np.asarray(self.components_)  # type: ignore[has-type]
        return self


def test_the_sign_does_not_hang_on_the_library(values: Floats, monkeypatch: pytest.MonkeyPatch) -> None:
    values = values @ np.diag([1, -1, 1, 1]) + np.outer(values[:, 1], [0, 0, 0.4, 0])  # weights of both signs
    before = principal_components(as_matrix(values))
    assert before.loadings["first"].min() < 0
    monkeypatch.setattr("sklearn.decomposition.PCA", Turned)
    after = principal_components(as_matrix(values))
    np.testing.assert_allclose(after.loadings, before.loadings)
    np.testing.assert_allclose(after.points, before.points)


def test_leading_features_by_the_size_of_their_weight(values: Floats) -> None:
    found = principal_components(as_matrix(values))
    sizes = found.loadings["first"].abs()
    assert found.leading(0, most=4) == list(sizes.sort_values(ascending=False).index)
    assert len(found.leading(0)) == 3


def test_one_column_has_a_second_component_of_nothing() -> None:
    column = np.array([[1.0], [2.0], [6.0]])
    found = principal_components(as_matrix(column))
    assert found.shares == (1.0, 0.0)
    assert found.points["x"].to_list() == pytest.approx([-2, -1, 3])
    assert found.points["y"].to_list() == [0, 0, 0]
    assert found.loadings.to_numpy().tolist() == [[1, 0]]


def test_two_calls_are_equal(values: Floats) -> None:
    first, second = (principal_components(as_matrix(values)) for _ in range(2))
    assert first.points.equals(second.points)
    assert first.loadings.equals(second.loadings)
