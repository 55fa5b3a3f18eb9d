"""Windows of months, and the principal components of them, against values worked out by hand and scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from panels_made import made_panel
from sklearn.decomposition import PCA

from segkit.engine.sequences import linear, sequences


def test_windows_are_all_runs_of_months_within_a_market() -> None:
    table = made_panel(markets=3, months=9).assign(still=4.0)
    cut = sequences(table, 4)
    assert cut.values.shape == (3 * 6, 4, 3) and cut.dropped == ("still",) and cut.length == 4
    scores = (table - table.mean()) / table.std(ddof=0)
    for i in (0, 5, 6, 17):
        name, last = cut.markets[cut.market[i]], cut.last[i]
        window = pd.date_range(end=last, periods=4, freq="MS")
        expected = scores.loc[name].loc[window, list(cut.variables)]
        assert cut.values[i] == pytest.approx(expected.to_numpy())
    assert cut.largest.to_numpy() == pytest.approx(scores.drop(columns="still").abs().max().to_numpy())
    assert cut.level.to_numpy() == pytest.approx(np.log1p(table["revenue"].groupby("market").mean().to_numpy()))


def test_what_is_held_out_shares_no_month_with_what_is_learned() -> None:
    cut = sequences(made_panel(markets=2, months=36), 6)
    learned, tried = cut.split()
    first = cut.last - pd.DateOffset(months=5)
    # The last nine of 36 months are held out: four windows of each market lie within them, 22 before.
    assert tried.sum() == 2 * 4 and learned.sum() == 2 * 22
    assert cut.last[learned].max() < first[tried].min() == pd.Timestamp("2023-04-01")


def test_with_few_months_nothing_is_held_out() -> None:
    cut = sequences(made_panel(markets=2, months=8), 6)
    learned, tried = cut.split()
    assert learned.all() and not tried.any()
    assert np.isnan(linear(cut).error)


def test_a_panel_that_is_too_short_or_still_is_refused() -> None:
    with pytest.raises(ValueError, match="5 months have no windows of 6"):
        sequences(made_panel(months=5), 6)
    still = made_panel(months=8)
    still[:] = 3.0
    with pytest.raises(ValueError, match="nothing changes"):
        sequences(still, 6)


def test_components_are_those_of_scikit_learn() -> None:
    cut = sequences(made_panel(), 6)
    found = linear(cut, 3)
    learned, tried = cut.split()
    other = PCA(3, svd_solver="full").fit(cut.flat[learned])
    back = other.inverse_transform(other.transform(cut.flat[tried]))
    assert found.error == pytest.approx(((cut.flat[tried] - back) ** 2).mean())
    assert found.mean_error == pytest.approx(((cut.flat[tried] - other.mean_) ** 2).mean())
    scores = PCA(3, svd_solver="full").fit_transform(cut.flat)
    means = pd.DataFrame(scores).groupby(cut.market).mean().to_numpy()
    assert np.abs(found.values) == pytest.approx(np.abs(means))


def test_no_more_components_than_there_are_directions() -> None:
    t = np.arange(12.0)
    index = pd.MultiIndex.from_product([["a", "b"], pd.date_range("2021-01-01", periods=12, freq="MS")])
    index.names = ["market", "month"]
    table = pd.DataFrame({"revenue": np.concatenate([t, 5 + 2 * t])}, index=index)
    found = linear(sequences(table, 4))
    assert found.dims == 2 and found.error == pytest.approx(0, abs=1e-20)  # straight lines have a height and a slope
