"""The compiled steps of k-means against the plain ones, for every shape that they treat in a way of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numba
import numpy as np
import pytest
from sklearn.cluster import KMeans, kmeans_plusplus

from segkit.engine import lloyd_kernel as kernel
from segkit.engine.lloyd import _Board, refined, search
from segkit.engine.matrix import Floats
from segkit.seeds import generator

FAR = 1e-12  # a step that ends no run before it stands still


def cloud(n: int, columns: int, name: str) -> Floats:
    """Return units around five centres."""
    draw = generator(f"tests/lloyd/{name}")
    return draw.normal(size=(5, columns))[draw.integers(5, size=n)] + draw.normal(size=(n, columns)) / 2


def plainly(units: Floats, centres: Floats, steps: int) -> tuple[Floats, Floats]:
    """Take so many steps of Lloyd one after the other; return the means, and what they explain."""
    for _ in range(steps):
        side = ((units[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        sizes = np.bincount(side, minlength=len(centres))
        centres = np.array([units[side == j].mean(axis=0) for j in range(len(centres))])
    return centres, (sizes[:, None] * centres**2).sum()


@pytest.mark.parametrize("columns", [1, 3, 4, 5, 9])
@pytest.mark.parametrize("n", [5 * kernel.FEW, 1_000, 1_000 + kernel.FEW // 2])
def test_steps_are_those_of_lloyd(n: int, columns: int) -> None:
    values = cloud(n, columns, f"{n} {columns}")
    board = _Board(values)
    for k in (2, 3, 6):
        for steps in (1, 4):
            starts = board.starts(k, np.random.RandomState(k), 3)
            ends = starts.copy()
            explained, state = kernel.walked(board.across, board.own, board.counts, ends, FAR, steps)
            assert set(state.tolist()) <= {kernel.GOING, kernel.ENDED}
            for run in range(3):
                means, most = plainly(values - values.mean(axis=0), starts[run], steps)
                assert ends[run] == pytest.approx(means, abs=1e-5)
                assert explained[run] == pytest.approx(most, rel=1e-5)


@pytest.mark.parametrize("columns", [1, 4, 6])
def test_starts_are_those_that_scikit_learn_draws(columns: int) -> None:
    values = cloud(300, columns, f"starts {columns}")
    board = _Board(values)
    for k in (2, 5, 11):
        ours, own = board.starts(k, np.random.RandomState(k), 4), np.random.RandomState(k)
        for run in range(4):
            theirs, _ = kmeans_plusplus(values - values.mean(axis=0), k, random_state=own)
            assert ours[run] == pytest.approx(theirs, abs=1e-5)


def test_a_unit_that_is_many_counts_as_many() -> None:
    values = cloud(60, 3, "many").round(1)
    many = np.repeat(values, generator("tests/lloyd/many").integers(2, 9, size=60), axis=0)
    board = _Board(many)
    assert len(board.own) < len(many) / 2
    starts = board.starts(4, np.random.RandomState(1), 5)
    ends = starts.copy()
    explained, _ = kernel.walked(board.across, board.own, board.counts, ends, FAR, 3)
    for run in range(5):
        means, most = plainly(many - many.mean(axis=0), starts[run], 3)
        assert ends[run] == pytest.approx(means, abs=1e-5) and explained[run] == pytest.approx(most, rel=1e-5)


def test_of_two_centres_as_near_the_first_has_the_unit_and_one_without_units_is_lost() -> None:
    board = _Board(np.array([[-2.0], [0.0], [2.0]]))
    ends = np.array([[[-2.0], [2.0]], [[2.0], [-2.0]], [[0.0], [9.0]]])
    _, state = kernel.walked(board.across, board.own, board.counts, ends, FAR, 50)
    assert ends[:2].ravel().tolist() == [-1, 2, 1, -2]
    assert state.tolist() == [kernel.ENDED, kernel.ENDED, kernel.LOST]


def test_steps_run_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = numba.njit

    def nowhere(function: Any, **more: Any) -> Any:
        if more.get("cache"):
            raise RuntimeError("cannot cache function: no locator available for file")
        return honest(function, **more)

    monkeypatch.setattr(numba, "njit", nowhere)
    assert kernel.compiled(lambda x: x + 1)(1) == 2


def test_one_thread_holds_for_the_library_that_compiled_steps_multiply_with() -> None:
    code = (
        "from segkit.engine.fits import fit, one_thread\n"
        "import numpy as np\n"
        "from threadpoolctl import threadpool_info\n"
        "fit(np.eye(40), 2, seed=1)\n"
        "with one_thread():\n"
        "    print(*[lib['num_threads'] for lib in threadpool_info() if lib['user_api'] == 'blas'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"1"}


def test_the_best_runs_that_differ_are_taken_to_their_ends_on_all_units() -> None:
    values = cloud(4_000, 3, "refined")
    found = search(values[:500], 7, seed=3, restarts=40, most=40)
    few = found.differing(3)
    assert len(few) == 3 and found.starts == len(found.ends) == 40
    assert few[0].tolist() == found.centres.tolist() and len({tuple(np.sort(f[:, 0]).round(2)) for f in few}) == 3
    theirs = [KMeans(7, init=start, n_init=1).fit(values) for start in few]
    best = min(theirs, key=lambda fit: fit.inertia_)
    ours = refined(values, few)
    inertia = float((((values[:, None] - ours) ** 2).sum(axis=2)).min(axis=1).sum())
    assert inertia == pytest.approx(best.inertia_, rel=1e-3) and len({round(f.inertia_) for f in theirs}) > 1
