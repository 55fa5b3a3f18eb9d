"""The small fits behind all resampling."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted import APART, planted
from processes import gone
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.fits import by_size, fit, nearest
from segkit.engine.kinds import distinct
from segkit.engine.lloyd import FIRST, MOST, SAME, EmptySegmentError, enough, search
from segkit.engine.matrix import Floats, ModelMatrix
from segkit.engine.prediction import prediction_strength
from segkit.seeds import generator

CLOUDS = {
    "iris": load_iris().data,
    "normal": generator("tests/fits").normal(size=(300, 6)),
    "planted": planted((60, 40, 50))[0].values,
    "whole numbers": generator("tests/whole").integers(0, 6, size=(240, 4)).astype(float),
}


@pytest.mark.parametrize("name", CLOUDS)
@pytest.mark.parametrize("k", [2, 3, 7, 13])
def test_the_fit_is_that_of_scikit_learn(name: str, k: int) -> None:
    values = CLOUDS[name]
    for seed in (1, 2):
        ours = fit(values, k, seed=seed)
        with threadpool_limits(1):
            theirs = KMeans(k, n_init=10, random_state=seed).fit(values)
        inertia = float(((values - ours.centres[ours.labels]) ** 2).sum())
        # Where values stand on a grid, units half-way between two centres may be cut another way: another optimum.
        if name == "whole numbers" or (name, k) == ("iris", 13):
            assert inertia == pytest.approx(theirs.inertia_, rel=0.03)
        else:
            assert adjusted_rand_score(theirs.labels_, ours.labels) > 0.99
            assert inertia == pytest.approx(theirs.inertia_, rel=1e-6)


def test_fifty_starts_find_what_ten_find() -> None:
    """Optimiser noise does not pass for instability: on bootstrap samples of iris more starts change next to nothing."""
    x, rng, same = CLOUDS["iris"], generator("tests/starts"), []
    for k in (2, 3, 4):
        for seed in range(8):
            drawn = x[rng.integers(len(x), size=len(x))]
            few, many = (fit(drawn, k, seed=seed, restarts=n) for n in (10, 50))
            same.append(adjusted_rand_score(few.labels, many.labels))
    assert np.median(same) == 1 and np.mean(same) > 0.99


def test_centres_are_the_means_and_each_unit_is_at_its_nearest() -> None:
    values = CLOUDS["normal"]
    found = fit(values, 4, seed=3)
    assert np.array_equal(nearest(values, found.centres), found.labels) or (
        np.mean(nearest(values, found.centres) == found.labels) > 0.99  # a run may end a step before its last
    )
    for j in range(4):
        assert found.centres[j] == pytest.approx(values[found.labels == j].mean(axis=0))


def rough() -> Floats:
    """Return twelve tight clouds in the plane, of which three pairs lie close: few starts put a centre into each."""
    rng = generator("tests/rough")
    middles = np.array([[10 * i, 10 * j] for i in range(3) for j in range(3)] + [[0, 1.5], [10, 1.5], [20, 1.5]])
    return np.vstack([m + 0.3 * rng.normal(size=(20, 2)) for m in middles])


def test_starts_go_on_until_the_best_optimum_is_found_again() -> None:
    """The clouds are the best partition into twelve; one start in three finds them."""
    values = rough()
    truth = np.repeat(np.arange(12), 20)
    few = [fit(values, 12, seed=s, restarts=1) for s in range(20)]
    lost = [s for s, found in enumerate(few) if adjusted_rand_score(truth, found.labels) < 1]
    assert len(lost) > 5
    for seed in lost:
        found = fit(values, 12, seed=seed, restarts=1, most=MOST)
        assert found.converged and FIRST <= found.starts < MOST
        assert adjusted_rand_score(truth, found.labels) == 1


def test_the_partition_in_use_starts_again_where_its_own_starts_are_not_enough() -> None:
    """One start of scikit-learn misses the clouds from some seeds; what is in use then has them, and noise is owned up to."""
    values, truth = rough(), np.repeat(np.arange(12), 20)
    for seed in range(6):
        found = KMeansClusterer(1).best(values, 12, seed=seed)
        assert found.converged and adjusted_rand_score(truth, found.labels) > 0.98
    noise = generator("tests/noise").random((300, 8))
    found, plain = KMeansClusterer(10).best(noise, 12, seed=1), KMeans(12, n_init=10, random_state=1).fit(noise)
    assert found.converged is False and found.inertia(noise) <= plain.inertia_ * (1 + SAME)


def test_halves_agree_on_clouds_where_starts_go_on_until_that_is_enough() -> None:
    """Single starts that miss the clouds pass for instability, which is not that of the data."""
    x = rough()
    matrix = ModelMatrix(x, pd.RangeIndex(len(x)), (), {}, None, ())  # type: ignore[arg-type]
    one = KMeansClusterer(1)
    found = [prediction_strength(matrix, [12], splits=6, clusterer=c, jobs=1) for c in (one, one.converging(50))]
    assert found[0].choice() == 1 and found[1].choice() == 12  # by the threshold of the rule
    assert found[1].params["most"] == 50 and one.converging().params["most"] == MOST


def test_the_bound_on_starts_is_kept_and_told() -> None:
    """Noise has so many optima that no number of starts is enough."""
    noise = generator("tests/noise").random((300, 8))
    found = fit(noise, 12, seed=1, restarts=FIRST, most=30)
    assert (found.starts, found.converged) == (30, False)
    assert not search(noise, 12, seed=1, restarts=10).converged
    again = fit(noise, 12, seed=1, restarts=FIRST, most=30)
    assert np.array_equal(found.labels, again.labels) and found.starts == again.starts


def test_more_starts_are_those_that_one_batch_would_have_made() -> None:
    """So a fit of 30 starts in batches is the fit of 30 starts at once, and that of scikit-learn."""
    noise = generator("tests/noise").random((300, 8))
    one, many = fit(noise, 9, seed=4, restarts=30), fit(noise, 9, seed=4, restarts=FIRST, most=30)
    assert np.array_equal(one.labels, many.labels)


def test_an_optimum_that_is_found_at_once_takes_fewer_starts_than_ten() -> None:
    found = fit(CLOUDS["planted"], 3, seed=1, restarts=FIRST, most=MOST)
    assert found.converged and found.starts == FIRST < 10


def test_enough_counts_the_best_and_the_optima_that_may_be_left() -> None:
    """By hand: n starts in w optima leave w (w + 1) / (n (n - 1)) unseen; 12 in 20 starts leave 156 / 380."""
    assert enough([1.0] * 7) and not enough([1.0] * 6)  # 2 / 42 and 2 / 30
    assert enough([1.0] * 3 + [2.0] * 9) and not enough([1.0] * 2 + [2.0] * 90)
    assert enough([1.0, 1.0 + SAME / 2, 1.0] + [2.0] * 9) and not enough([1.0, 1.0 + 3 * SAME, 1.0] + [2.0] * 9)
    assert not enough([1.0] * 9 + [float(i) for i in range(2, 13)])


def test_fewer_rivals_hardly_cost() -> None:
    values = generator("tests/race").random((400, 8))
    for k in (4, 9):
        losses = []
        for seed in range(5):
            all_runs, four = (fit(values, k, seed=seed, rivals=r) for r in (None, 4))
            inertia = [float(((values - f.centres[f.labels]) ** 2).sum()) for f in (all_runs, four)]
            losses.append(inertia[1] / inertia[0] - 1)
        assert max(losses) > -1e-9 and np.mean(losses) < 0.005


def test_far_from_the_origin_and_in_large_units() -> None:
    values = CLOUDS["planted"]
    base = fit(values, 3, seed=1).labels
    moved: Floats = values * 1e6 + 1e9
    assert adjusted_rand_score(base, fit(moved, 3, seed=1).labels) == 1


def test_more_segments_than_distinct_rows_fall_back() -> None:
    values = np.repeat(APART * np.eye(3), 4, axis=0)
    with pytest.raises(EmptySegmentError):
        search(values, 4, seed=1, restarts=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn says that it finds fewer
        found = fit(values, 4, seed=1)
    assert len(np.unique(found.labels)) == 3
    assert fit(values, 1, seed=1).centres.tolist() == [values.mean(axis=0).tolist()]


def test_ties_have_one_segment_each() -> None:
    """A unit in the middle of two centres is counted once."""
    values = np.array([[-1.0], [0.0], [1.0]] * 4)
    found = fit(values, 2, seed=5)
    assert sorted(np.bincount(found.labels)) == [4, 8]


def test_order_by_size_and_distinct_rows() -> None:
    labels = np.array([0, 1, 1, 2, 2, 2])
    assert by_size(labels, np.zeros((3, 1))).tolist() == [2, 1, 0]
    assert len(set(distinct(np.array([[1.0, 2], [1, 2], [3, 4]])).tolist())) == 2


def test_processes_do_not_outlive_the_one_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import os, time\nfrom pathlib import Path\n\n\ndef slow(folder):\n"
        "    Path(folder, str(os.getpid())).touch()\n    time.sleep(20)\n"
    )
    notes = tmp_path / "notes"
    notes.mkdir()
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from slow import slow; from segkit.engine.fits import side_by_side; "
        "side_by_side(slow, [(sys.argv[2],)] * 20, jobs=2)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path), str(notes)], env=environment)
    try:
        deadline = time.monotonic() + 60
        while not any(notes.iterdir()):
            assert time.monotonic() < deadline and parent.poll() is None
            time.sleep(0.05)
    finally:
        parent.kill()
        parent.wait()
    workers = [int(p.name) for p in notes.iterdir()]
    assert all(gone(worker, 15) for worker in workers)
