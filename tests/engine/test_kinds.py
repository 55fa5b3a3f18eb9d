"""Rows that are equal: what is found for each kind once is what is found for every unit."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_samples
from threadpoolctl import threadpool_limits

from segkit.engine.clusterer import LARGE, kmeans
from segkit.engine.fits import fit
from segkit.engine.kinds import distinct, kinds, repeated
from segkit.engine.mixed_clusterers import ClassesClusterer
from segkit.engine.separation import separations
from segkit.engine.silhouettes import silhouettes
from segkit.seeds import generator

RNG = generator("tests/kinds")
KNOWN = RNG.normal(size=(90, 5))
ROWS = RNG.integers(len(KNOWN), size=600)
REPEATED = KNOWN[ROWS]


def test_rows_are_of_one_kind_if_and_only_if_they_are_equal() -> None:
    values = np.array([[0.0, np.nan], [-0.0, np.nan], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    found = kinds(values)
    assert [found.of.tolist().count(k) for k in found.of.tolist()] == [2, 2, 2, 1, 2]
    assert np.array_equal(np.nan_to_num(values[found.first[found.of]]), np.nan_to_num(values))
    assert np.array_equal(np.bincount(found.of), found.counts)
    assert len(kinds(np.empty((4, 0))).first) == 1 and len(kinds(np.empty((0, 3))).first) == 0


def test_powers_of_two_are_told_apart() -> None:
    """Their bits differ in few places only, which is hard on the whole numbers that stand for rows."""
    values = 2.0 ** generator("tests/kinds/powers").integers(-8, 8, size=(20_000, 4))
    assert len(kinds(values).first) == len(np.unique(values, axis=0))
    assert np.array_equal(np.sort(kinds(values).counts), np.sort(np.unique(values, axis=0, return_counts=True)[1]))


def test_two_rows_with_the_same_number_are_still_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    from segkit.engine import kinds as module

    once, calls = module._numbered, []

    def numbered(keys: np.ndarray) -> module.Kinds:
        calls.append(keys.dtype.kind)
        return once(keys % 2 if keys.dtype.kind == "u" else keys)

    monkeypatch.setattr(module, "_numbered", numbered)
    assert len(np.unique(distinct(REPEATED))) == len(np.unique(ROWS)) and calls == ["u", "V"]


def test_it_is_told_where_that_pays() -> None:
    assert repeated(RNG.normal(size=(900, 2))) is None and repeated(KNOWN) is None
    found = repeated(REPEATED)
    assert found is not None and len(found.first) == len(np.unique(ROWS))


@pytest.mark.parametrize("k", [2, 5])
def test_k_means_of_equal_units_is_that_of_all_units(k: int) -> None:
    """Against scikit-learn, from the same draws; and against units that hardly differ, so that each is worked on."""
    ours = fit(REPEATED, k, seed=3)
    with threadpool_limits(1):
        theirs = KMeans(k, n_init=10, random_state=3).fit(REPEATED)
    assert adjusted_rand_score(theirs.labels_, ours.labels) == 1
    apart = REPEATED + 1e-9 * RNG.normal(size=REPEATED.shape)
    assert repeated(apart) is None
    assert np.array_equal(fit(apart, k, seed=3).labels, ours.labels)


def test_very_many_units_are_refined_as_if_each_counted() -> None:
    values = KNOWN[RNG.integers(len(KNOWN), size=LARGE + 1)]
    found, _ = kmeans(values, 3, restarts=6, seed=2)
    assert len(found.labels_) == len(values)
    inertia = ((values - found.cluster_centers_[found.labels_]) ** 2).sum()
    assert found.inertia_ == pytest.approx(inertia)
    with threadpool_limits(1):
        again = KMeans(3, n_init=1, init=found.cluster_centers_).fit(values)
    assert again.inertia_ == pytest.approx(inertia, rel=1e-3) and again.inertia_ <= inertia * (1 + 1e-9)


def test_silhouettes_of_equal_units() -> None:
    """Against scikit-learn, also where equal units are in two segments."""
    parts = [(REPEATED[:, 0] > 0).astype(np.int64), RNG.integers(3, size=len(REPEATED))]
    ours = silhouettes(REPEATED, parts)
    for i, part in enumerate(parts):
        assert ours[:, i] == pytest.approx(silhouette_samples(REPEATED, part), abs=1e-7)
    some = np.arange(0, len(REPEATED), 7)
    assert silhouettes(REPEATED, parts, some) == pytest.approx(ours[some])


def test_separation_of_equal_units() -> None:
    parts = [(REPEATED[:, 0] > 0).astype(np.int64), RNG.integers(3, size=len(REPEATED))]
    far = np.linalg.norm(REPEATED[:, None] - REPEATED[None], axis=2)
    for part, (found, _) in zip(parts, separations(REPEATED, parts), strict=True):
        nearest = np.sort(np.where(part[:, None] == part[None], np.inf, far).min(axis=1))
        assert found == pytest.approx(nearest[: len(nearest) // 10].mean(), abs=1e-6)


def test_latent_classes_of_repeated_units_have_their_likelihood() -> None:
    """With every unit twice, the same classes; the log-likelihood of a one-class model is in closed form."""
    codes = generator("tests/kinds/classes").integers(3, size=400)
    values = np.column_stack([np.full(400, -1.0), np.eye(3)[codes] * np.sqrt(0.5)])
    counts = np.bincount(codes)
    expected = float((counts * np.log(counts / counts.sum())).sum())
    one, two = (ClassesClusterer(2).model(v, 1, seed=1) for v in (values, np.vstack([values, values])))
    assert one.loglik == pytest.approx(expected) and two.loglik == pytest.approx(2 * expected)
    assert one.units == 400 and two.units == 800
