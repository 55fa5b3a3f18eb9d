"""Populations in which fields have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from mixed_made import by_field, made

from segkit.engine.clusterer import KMeansClusterer
from segkit.engine.independent import independent_draws
from segkit.engine.matrix import Floats
from segkit.engine.mixed import Factors
from segkit.engine.null_statistics import Plan, distances_of_margins, rank_correlations
from segkit.engine.nulls import compare


def test_cells_stay_in_their_column_and_stratum_and_missing_ones_where_they_are() -> None:
    frame, _, _ = made(300, missing=0.4)
    values, strata = frame.to_numpy(), np.arange(300) % 3
    kept = values.copy()
    draws = list(independent_draws(values, strata, 3, seed=5))
    assert np.array_equal(values, kept, equal_nan=True)
    for drawn in draws:
        assert np.array_equal(np.isnan(drawn), np.isnan(values))
        for s in range(3):
            own = strata == s
            assert np.array_equal(np.sort(drawn[own], axis=0), np.sort(values[own], axis=0), equal_nan=True)
    again = list(independent_draws(values, strata, 3, seed=5))
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(draws, again, strict=True))
    assert not np.array_equal(draws[0], draws[1], equal_nan=True)


def test_ties_between_fields_are_gone() -> None:
    x = np.random.default_rng(1).normal(size=2000)
    drawn = next(independent_draws(np.column_stack([x, x]), np.zeros(2000), 1, seed=1))
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 4 / np.sqrt(2000)


def test_margins_and_correlations_cope_with_missing_cells() -> None:
    nan = np.nan
    one = np.array([[1.0, 3.0, nan], [2.0, nan, nan], [3.0, 1.0, nan], [4.0, 0.0, nan]])
    assert rank_correlations(one)[0, 1] == pytest.approx(-1)
    assert distances_of_margins(one, one).tolist() == [0, 0, 0]
    assert distances_of_margins(one, np.where(np.isnan(one), 0.0, one))[2] == 1


def test_as_a_null_planted_kinds_beat_it_and_its_margins_are_the_observed_ones() -> None:
    frame, levels, _ = made(250, missing=0.3)
    values = frame.to_numpy()

    def source(count: int, root: int) -> Iterator[Floats]:
        return independent_draws(values, np.zeros(len(values)), count, root)

    plan = Plan(3, bootstraps=0, splits=0, subsamples=0, clusterer=KMeansClusterer(3))
    found = compare(
        frame, by_field(frame), {"independent": source}, plan, count=19, scaler=Factors(levels, dims=3), jobs=1
    )
    assert found.beaten == {"independent": True}
    assert found.fit["distance"].max() == 0 and np.isfinite(found.correlation_error["independent"])
    part = compare(
        frame, by_field(frame), {"independent": source}, plan, count=3, most=100, scaler=Factors(levels), jobs=1
    )
    assert part.params["units"] == 250 and part.params["sampled"] == 100 and "sampled" not in found.params
