"""The dip test against published values, and columns that a scaling hides."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from segkit.data.known_answers import KNOWN
from segkit.engine.matrix import fit_matrix
from segkit.engine.modes import dip, even_dips, modes, spread

# Quality of 63 departments of statistics (Scully 1982), the example of Hartigan and Hartigan (1985)
FACULTY = np.repeat(
    [30, 33, 35, 36, 37, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 57, 59, 60, 61, 62, 63, 66, 70, 72],
    [1, 1, 1, 1, 2, 5, 4, 1, 1, 3, 2, 2, 2, 2, 3, 1, 2, 1, 2, 5, 2, 2, 1, 3, 4, 4, 1, 1, 1, 2],
)  # fmt: skip


@pytest.mark.parametrize(
    ("values", "published"),
    [  # R, diptest: tests/ex1.Rout.save and tests/mechler-ex.Rout.save
        (FACULTY, 0.05952381),
        ([1, 1, 2, 2], 1 / 4),  # the largest that there is
        (np.cumsum(range(4)), 1 / 8),
        ([0, 1, 3, 4, 6], 2 / 15),
        ([0, 2, 3, 5, 6], 2 / 15),
        ([1, *[2] * 9], 0.05),
        ([198, 198, 1961, 2898, 3184, 3687, 4336, 4987, 5661, 6530, 7476, 8555], 1 / 12),
        ([198, 1961, 2898, 3184, 3687, 4336, 4987, 5661, 6530, 7476, 8555, 9912], 1 / 24),
    ],
)
def test_dips_are_the_published_ones(values: np.ndarray, published: float) -> None:
    assert dip(values) == pytest.approx(published, abs=5e-9)


def test_the_geyser_has_the_dip_that_r_finds() -> None:
    assert dip(KNOWN["faithful"].table()[0]["eruption"]) == pytest.approx(0.0924, abs=5e-5)


def test_even_samples_have_the_published_quantiles() -> None:
    # R, diptest, qDiptab for n = 100: the median, 80, 90 and 95 % quantiles
    found = np.quantile(even_dips(100), [0.5, 0.8, 0.9, 0.95])
    assert np.allclose(found, [0.03546, 0.04273, 0.04715, 0.05113], rtol=0.08)


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=40), st.integers(1, 9), st.integers(-9, 9))
@settings(max_examples=60, deadline=None)
def test_a_dip_knows_no_scale_and_no_direction(values: list[int], factor: int, shift: int) -> None:
    one = dip(values)
    assert 1 / (2 * len(values)) - 1e-12 <= one <= 0.25 + 1e-12
    assert dip(np.array(values) * factor + shift) == pytest.approx(one)
    assert dip(-np.array(values)) == pytest.approx(one)


@given(st.lists(st.integers(0, 6), min_size=2, max_size=40))
def test_equal_values_are_spread_in_their_own_room(values: list[int]) -> None:
    found = spread(np.array(values, dtype=float))
    assert (np.diff(found) >= 0).all() and len(found) == len(values)
    at = np.unique(values)
    bounds = (at[1:] + at[:-1]) / 2
    assert (np.searchsorted(bounds, found) == np.searchsorted(at, np.sort(values))).all()


def test_counts_on_few_values_have_one_mode() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"orders": rng.poisson(2, 300), "seen": rng.integers(0, 2, 300), "spent": rng.lognormal(size=300)}
    )
    found = modes(frame, fit_matrix(frame, {"all": list(frame)})).table
    assert (found["p"] > 0.05).all()


def test_groups_that_pass_for_spread_are_named() -> None:
    frame, _ = KNOWN["two on one axis"].table()
    found = modes(frame, fit_matrix(frame, {"all": list(frame)}))
    assert found.hidden == ["x0"]
    row = found.table.set_index("column").loc["x0"]
    assert row["p"] == 1 / 200 and row["share"] < 0.17 and row["even"] == 0.25
    assert modes(frame, fit_matrix(frame, {"all": list(frame)}, scaler=StandardScaler())).hidden == []


def test_missing_values_take_no_part() -> None:
    frame, _ = KNOWN["two on one axis"].table()
    frame.iloc[::7, 0] = np.nan
    assert modes(frame, fit_matrix(frame, {"all": list(frame)})).hidden == ["x0"]
