"""The matrix that is clustered."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segkit.engine.matrix import fit_matrix
from segkit.seeds import generator

BLOCKS = {"size": ["calls", "days"], "flat": ["same"], "pace": ["gap", "also_same"]}


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = generator("tests/matrix")
    return pd.DataFrame(
        {
            "calls": rng.lognormal(2, 2, 400),
            "unused": rng.normal(size=400),
            "days": rng.poisson(3, 400).astype(float),
            "same": 4.0,
            "gap": np.where(rng.random(400) < 0.1, np.nan, rng.normal(100, 20, 400)),
            "also_same": 0.0,
        },
        index=[f"{i:012x}" for i in range(400)],
    )


def test_constant_columns_and_blocks_without_columns_go(frame: pd.DataFrame) -> None:
    matrix = fit_matrix(frame, BLOCKS)
    assert matrix.columns == ("calls", "days", "gap")
    assert matrix.blocks == {"size": ["calls", "days"], "pace": ["gap"]}
    assert matrix.dropped == ("same", "also_same")
    assert matrix.values.shape == (400, 3)
    assert matrix.index.equals(frame.index)


def test_values_are_the_chain_by_hand(frame: pd.DataFrame) -> None:
    matrix = fit_matrix(frame, BLOCKS, clip=0.05, cap=2.5)
    for place, name in enumerate(matrix.columns):
        column = frame[name].to_numpy()
        clipped = np.clip(column, *np.nanquantile(column, [0.05, 0.95]))
        filled = np.where(np.isnan(clipped), np.nanmedian(clipped), clipped)
        low, middle, high = np.quantile(filled, [0.25, 0.5, 0.75])
        scaled = (filled - middle) / (high - low)
        np.testing.assert_allclose(matrix.values[:, place], np.clip(scaled, -2.5, 2.5), atol=1e-12)
    assert np.abs(matrix.values).max() == 2.5 < matrix.largest_before_cap


def test_new_units_are_measured_with_the_fitted_limits(frame: pd.DataFrame) -> None:
    matrix = fit_matrix(frame, BLOCKS)
    names = ["calls", "days", "same", "gap", "also_same"]
    again = matrix.pipeline.transform(frame[names].to_numpy()[:7])
    np.testing.assert_array_equal(again, matrix.values[:7])
    beyond = frame[names].quantile(0.99).to_numpy()[None, :]
    far = matrix.pipeline.transform(beyond * [1e6, 1, 1, 1, 1])
    np.testing.assert_allclose(far, matrix.pipeline.transform(beyond))


def test_shares_of_the_variance(frame: pd.DataFrame) -> None:
    matrix = fit_matrix(frame, BLOCKS)
    variance = matrix.values.var(axis=0)
    assert matrix.variance_shares.to_dict() == pytest.approx(
        dict(zip(matrix.columns, variance / variance.sum(), strict=True))
    )
    assert matrix.variance_shares.sum() == pytest.approx(1)
    table = matrix.table.set_index("block")
    assert table["features"].to_dict() == {"size": 2, "pace": 1}
    assert table.loc["pace", "variance share"] == pytest.approx(variance[2] / variance.sum())
    assert table["variance share"].sum() == pytest.approx(1)


def test_the_features_stay_as_they_were(frame: pd.DataFrame) -> None:
    before = frame.copy(deep=True)
    matrix = fit_matrix(frame, BLOCKS)
    matrix.values[:] = 0
    pd.testing.assert_frame_equal(frame, before)


def test_constants_alone_are_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="every column is constant"):
        fit_matrix(frame, {"flat": ["same", "also_same"]})


def test_a_stored_matrix_opens_without_scikit_learn_and_still_transforms(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 4, 8, 16], "b": [3.0, 1, 2, 5, 4]})
    matrix = fit_matrix(frame, {"one": ["a"], "two": ["b"]})
    file = tmp_path / "matrix.pickle"
    file.write_bytes(pickle.dumps(matrix))
    code = (
        "import pickle, sys; from pathlib import Path\n"
        f"m = pickle.loads(Path({str(file)!r}).read_bytes())\n"
        "print('sklearn' in sys.modules, m.table['variance share'].sum().round(9), m.largest_before_cap)\n"
        "print(m.pipeline.transform([[2.0, 1.0]]).tolist(), 'sklearn' in sys.modules)\n"
        "print(pickle.loads(pickle.dumps(m)).pipeline.transform([[2.0, 1.0]]).tolist())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second, third = done.stdout.splitlines()
    assert first == f"False 1.0 {matrix.largest_before_cap}"
    assert second == f"{matrix.values[1:2].tolist()} True" and third == f"{matrix.values[1:2].tolist()}"
    with pytest.raises(AttributeError, match="no attribute 'pipes'"):
        matrix.pipes  # noqa: B018
