"""Borders: kept where groups lie apart, and not shown where one cloud is cut, whatever its shape."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from planted import as_matrix
from populations_made import CORNERS, clouds
from sklearn.isotonic import IsotonicRegression

from segkit.engine import borders
from segkit.engine.borders import Borders, across, one_peak
from segkit.engine.fits import fit
from segkit.engine.matrix import Floats
from segkit.engine.segments import fit_segments
from segkit.seeds import generator

SETS = 12  # of which more than three have a probability of 0.002 at the level (binomial)


def asked_of(values: Floats, k: int, *, count: int = 19, seed: int = 42) -> Borders:
    matrix = as_matrix(values)
    return borders.borders(matrix, fit_segments(matrix, k, seed=1), count=count, seed=seed, jobs=1)


def test_groups_apart_keep_their_borders() -> None:
    found = asked_of(clouds(CORNERS[:3], (60, 60, 60), "borders"), 3)
    assert found.table["again"].all() and (found.table["p_holm"] <= 0.05).all()
    assert (found.table["dip"] > 2 * found.table["null_mean"]).all()
    assert set(found.again.values()) == {True}


def test_two_groups_along_one_column_have_a_border() -> None:
    """A null that keeps margins keeps the two modes of the column; one of clouds with one peak does not."""
    assert asked_of(clouds([(0, 0, 0), (6, 0, 0)], (100, 100), "one axis"), 2).table["again"].all()


def test_a_group_that_is_cut_is_named() -> None:
    """Three groups in four segments: the border through one of them, and no other, is not shown."""
    found = asked_of(clouds(CORNERS[:3], (300, 150, 150), "cut"), 4)
    (pair,) = [own for own, again in found.again.items() if not again]
    rows = found.table[~found.table["again"]]
    assert rows["p"].item() > 0.1 and len(found.table) == 3
    assert pair == (1, 4)  # the halves of the group of 300, beside two of 150
    assert json.loads(json.dumps(found.to_json()))["params"]["level"] == 0.05


ONE: dict[str, Callable[[np.random.Generator], Floats]] = {
    "long": lambda rng: rng.normal(size=(120, 3)) * [4, 1, 1],
    "heavy tails": lambda rng: rng.standard_t(3, size=(120, 3)),
    "skewed": lambda rng: rng.lognormal(0, 0.7, size=(120, 3)),
    "by degree": lambda rng: rng.exponential(size=(120, 1)) * (1 + 0.3 * rng.random((120, 3))),
    "many columns": lambda rng: rng.normal(size=(40, 12)),
}


@pytest.mark.parametrize("name", ONE)
def test_one_cloud_that_is_cut_has_no_border(name: str) -> None:
    rng, false = generator(f"tests/one cloud/{name}"), 0
    for i in range(SETS):
        values = ONE[name](rng)
        false += borders._border(values, fit(values, 2, seed=1).labels, 39, 39, 0.05, i)[2] <= 0.05
    assert false <= 3


def test_a_slice_between_others_has_no_border_of_its_own() -> None:
    """The inner two of four slices of one long cloud are nearly even: to a normal null, their cut would look deep."""
    found = asked_of(generator("tests/slices").normal(size=(400, 2)) * [6, 1], 4)
    assert not found.table["again"].any()


def test_a_unit_does_not_draw_the_line_to_itself() -> None:
    """By hand: (0), (2) against (9), (11). Without itself, the mean of 0's group is 2; halfway to 10 is 6."""
    values, side = np.array([[0.0], [2.0], [9.0], [11.0]]), np.array([0, 0, 1, 1])
    assert across(values, side).tolist() == [-6, -3, 3, 6]
    rng = generator("tests/itself")
    noise, labels = rng.normal(size=(30, 200)), np.repeat([0, 1], 15)
    line = noise[labels == 1].mean(axis=0) - noise[labels == 0].mean(axis=0)
    seen = noise @ line
    assert seen[labels == 1].min() > seen[labels == 0].max()  # drawn with itself, noise lies apart
    placed = across(noise, labels)
    assert placed[labels == 1].min() < placed[labels == 0].max()


def test_a_law_with_one_peak_stays_as_it_is_and_another_is_filled() -> None:
    rng = generator("tests/peak")
    one = np.sort(rng.normal(size=2_000))
    share, at = one_peak(one)
    assert np.abs(np.interp(one, at, share) - (np.arange(2_000) + 0.5) / 2_000).max() < 0.02
    two = np.concatenate([one - 4, one + 4])
    heights = np.diff(one_peak(two)[0])
    peak = int(heights.argmax())
    assert (np.diff(heights[: peak + 1]) >= -1e-12).all() and (np.diff(heights[peak:]) <= 1e-12).all()
    assert heights[90:110].min() > 0  # the valley


@pytest.mark.parametrize("size", [3, 30, 900])
def test_no_other_peak_is_nearer(size: int) -> None:
    """Against scikit-learn, which is asked for each peak in turn."""
    rng = generator(f"tests/nearest peak {size}")
    values = np.concatenate([rng.normal(size=size), rng.exponential(size=size) + 3])
    heights = np.histogram(values, borders.BINS)[0].astype(np.float64)
    left = []
    for peak in range(1, len(heights) + 1):
        parts = (heights[:peak], True), (heights[peak:], False)
        made = [
            IsotonicRegression(increasing=up).fit_transform(np.arange(len(own)), own) for own, up in parts if len(own)
        ]
        left.append(((np.concatenate(made) - heights) ** 2).sum())
    found = np.diff(one_peak(values)[0]) * heights.sum()
    assert ((found - heights) ** 2).sum() == pytest.approx(min(left))


def test_segments_of_few_units_have_no_border_to_test() -> None:
    values = np.vstack([clouds(CORNERS[:1], (40,), "few"), [[50.0, 50.0, 50.0], [50.1, 50.0, 50.0]]])
    found = asked_of(values, 2)
    assert np.isnan(found.table["p"].item()) and not found.table["again"].item()
    assert found.table["drawn"].item() == 0


def test_the_same_seed_gives_the_same_borders() -> None:
    values = clouds(CORNERS[:2], (30, 30), "seed")
    assert asked_of(values, 2).to_json() == asked_of(values, 2).to_json()
