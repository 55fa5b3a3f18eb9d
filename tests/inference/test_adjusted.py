"""Adjusted differences against published figures, algebra, another library and planted truth."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit

from segkit import inference
from segkit.inference.adjusted import adjusted, e_value
from segkit.inference.designs import POOLED, design, without_unlike
from segkit.inference.logistic import fit_logistic


def made(rng: np.random.Generator, n: int, effect: float = 0.0) -> tuple[pd.Series, pd.Series, pd.DataFrame]:
    """Return exposure, outcome and covariates, where an engaged contact is more often exposed and closes more often."""
    engaged = rng.normal(size=n)
    period = rng.choice(["spring", "fall", "winter"], n, p=[0.5, 0.3, 0.2])
    exposed = rng.random(n) < expit(-0.5 + 0.8 * engaged + 0.6 * (period == "fall"))
    base = 0.25 + 0.08 * np.tanh(engaged) + 0.05 * (period == "fall")
    outcome = rng.random(n) < base + effect * exposed
    return pd.Series(exposed), pd.Series(outcome), pd.DataFrame({"engaged": engaged, "period": period})


def test_the_e_value_is_that_of_the_paper() -> None:
    """VanderWeele and Ding 2017: breastfeeding and respiratory death, risk ratio 3.9 (1.8 to 8.7): 7.26 and 3.0."""
    found = e_value(3.9, 1.8, 8.7)
    assert [round(found[0], 2), round(found[1], 1)] == [7.26, 3.0]
    assert e_value(1 / 3.9, 1 / 8.7, 1 / 1.8) == pytest.approx(found)  # a ratio below one is inverted
    assert e_value(1.2, 0.9, 1.6) == pytest.approx((1.2 + np.sqrt(0.24), 1.0))
    assert np.isnan(e_value(np.nan, 1, 2)).all()


def test_coefficients_and_their_errors_are_those_of_another_library() -> None:
    from statsmodels.api import Logit

    exposed, _, covariates = made(np.random.default_rng(1), 800)
    covariates.loc[::9, "engaged"] = np.nan
    columns, names = design(covariates)
    assert names[:3] == ["engaged", "engaged squared", "engaged = (missing)"]
    fit = fit_logistic(columns, exposed.to_numpy(float))
    want = Logit(exposed.to_numpy(float), columns).fit(disp=0, tol=1e-12)
    assert fit.coefficients == pytest.approx(want.params, abs=1e-7)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(want.bse, rel=1e-6)
    offset = fit_logistic(columns[:, :1], exposed.to_numpy(float), offset=columns[:, 1])
    want = Logit(exposed.to_numpy(float), columns[:, :1], offset=columns[:, 1]).fit(disp=0, tol=1e-12)
    assert offset.coefficients == pytest.approx(want.params, abs=1e-7)


def test_overlap_weights_balance_every_mean_exactly() -> None:
    exposed, outcome, covariates = made(np.random.default_rng(2), 600)
    found = adjusted(exposed, outcome, covariates)
    assert found.balance["covariate"].tolist()[:2] == ["engaged", "engaged squared"]
    assert found.balance["before"].abs().max() > 0.5
    assert found.balance["after"].abs().max() < 1e-9
    x = covariates["engaged"]
    assert found.balance.loc[0, "before"] == pytest.approx(
        (x[exposed].mean() - x[~exposed].mean()) / np.sqrt((x[exposed].var(ddof=0) + x[~exposed].var(ddof=0)) / 2)
    )
    inverse = adjusted(exposed, outcome, covariates, weights="inverse")
    assert 1e-6 < inverse.balance["after"].abs().max() < 0.2
    counts = found.overlap[["exposed", "unexposed"]].sum()
    assert counts.tolist() == list(found.units) == [exposed.sum(), (~exposed).sum()]
    assert all(1 < e < n for e, n in zip(found.effective, found.units, strict=True))


@pytest.mark.parametrize("weights", ["overlap", "inverse"])
def test_in_strata_the_weights_are_those_worked_by_hand(weights: str) -> None:
    """One binary trait: the model is saturated, e is the share exposed in each stratum, and weights are plain fractions."""
    cells = {("u", True): (12, 40), ("u", False): (10, 60), ("v", True): (30, 60), ("v", False): (8, 20)}
    rows = [(t, z, i < e) for (t, z), (e, n) in cells.items() for i in range(n)]
    frame = pd.DataFrame(rows, columns=["trait", "exposed", "outcome"])
    found = adjusted(frame["exposed"], frame["outcome"], frame[["trait"]], weights=weights)  # type: ignore[arg-type]
    # Overlap: each stratum counts n e (1 - e) = 24 and 15; inverse: each counts n = 100 and 80.
    u, v = (24, 15) if weights == "overlap" else (100, 80)
    assert found.exposed_share == pytest.approx((u * 12 / 40 + v * 30 / 60) / (u + v))
    assert found.unexposed_share == pytest.approx((u * 10 / 60 + v * 8 / 20) / (u + v))
    assert found.raw.difference == pytest.approx(42 / 100 - 18 / 80)
    if weights == "inverse":  # standardisation, whose variance with fixed strata is that of the cells
        inside = sum(
            (m / 180) ** 2 * p * (1 - p) / n
            for m, p, n in [(100, 0.3, 40), (100, 1 / 6, 60), (80, 0.5, 60), (80, 0.4, 20)]
        )
        gaps = np.array([0.3 - 1 / 6, 0.1])
        between = (np.array([100, 80]) / 180 @ (gaps - np.array([100, 80]) / 180 @ gaps) ** 2) / 180
        half = stats.norm.ppf(0.975) * np.sqrt((inside + between) * 180 / 177)
        assert [found.low, found.high] == pytest.approx([found.difference - half, found.difference + half], rel=1e-6)


@pytest.mark.parametrize("weights", ["overlap", "inverse"])
def test_where_a_trait_confounds_the_raw_difference_is_wrong_and_the_adjusted_one_covers_the_truth(
    weights: str,
) -> None:
    """200 samples of 700 with an effect of 0.06: 99.9 % limits of the count of intervals that hold it."""
    rng, runs, truth = np.random.default_rng(3), 200, 0.06
    held = raw = 0
    for _ in range(runs):
        found = adjusted(*made(rng, 700, truth), weights=weights)  # type: ignore[arg-type]
        held += found.low <= truth <= found.high
        raw += found.raw.low <= truth <= found.raw.high
    low, high = stats.binom(runs, 0.95).ppf([0.0005, 0.9995])
    assert low <= held <= high
    assert raw < low


def test_no_effect_and_no_event_are_told_apart() -> None:
    exposed, outcome, covariates = made(np.random.default_rng(4), 300)
    for change, reason in [
        ((exposed & False, outcome), "no exposed unit"),
        ((exposed | True, outcome), "no unexposed unit"),
        ((exposed, outcome & ~exposed), "no exposed unit has the outcome"),
        ((exposed, outcome | ~exposed), "every unexposed unit has the outcome"),
    ]:
        found = adjusted(*change, covariates)
        assert reason in found.reason
        assert np.isnan([found.difference, found.low, found.ratio, found.e_value]).all() and found.balance.empty
    assert adjusted(exposed, outcome & ~exposed, covariates).raw.difference < 0  # which is known all the same


def test_separation_is_said_and_not_hidden_behind_huge_coefficients() -> None:
    exposed, outcome, covariates = made(np.random.default_rng(5), 300)
    covariates["gives_away"] = np.where(exposed, 1.0, 0.0) + np.random.default_rng(5).uniform(0, 0.5, 300)
    found = adjusted(exposed, outcome, covariates)
    assert "part the exposed" in found.reason and np.isnan(found.difference)
    assert np.isfinite(found.raw.difference)


def test_units_without_a_like_are_set_aside_and_counted() -> None:
    exposed, outcome, covariates = made(np.random.default_rng(6), 500)
    covariates["period"] = covariates["period"].where(~exposed | (covariates["period"] != "winter"), "fall")
    found = adjusted(exposed, outcome, covariates)
    alone = int((covariates["period"] == "winter").sum())
    assert found.set_aside == {"period": alone} and sum(found.units) == 500 - alone
    assert found.raw.first.units + found.raw.second.units == 500
    covariates.loc[covariates.index[exposed][:3], "engaged"] = np.nan  # a gap that no unexposed contact has
    assert adjusted(exposed, outcome, covariates).set_aside == {"engaged": 3, "period": alone}
    covariates.loc[:, "engaged"] = covariates["engaged"].fillna(0)
    found = adjusted(exposed, outcome, covariates)
    same = adjusted(*(part[covariates["period"] != "winter"] for part in (exposed, outcome, covariates)))
    assert (same.difference, same.low) == pytest.approx((found.difference, found.low))


def test_designs_pool_rare_values_and_leave_out_what_says_nothing_new() -> None:
    frame = pd.DataFrame({
        "kind": ["a"] * 300 + ["b"] * 190 + [None] * 6 + ["x", "y", "z", "z"], "flag": np.arange(500) % 2 == 0,
        "twice": (np.arange(500) % 2 == 0) * 2.0, "same": 7.0, "gone": np.nan,
    })  # fmt: skip
    columns, names = design(frame)
    assert names == ["kind = b", "kind = (missing)", f"kind = {POOLED}", "flag = True"] or names == [
        "kind = b", "kind = (missing)", f"kind = {POOLED}", "flag = False",
    ]  # fmt: skip
    assert np.linalg.matrix_rank(columns) == columns.shape[1] == 5
    with pytest.raises(ValueError, match="n has an infinite value"):
        design(pd.DataFrame({"n": [1.0, np.inf]}))


def test_setting_aside_goes_on_until_everybody_has_a_like() -> None:
    """Of two categories: without the exposed of value a, those of value p are all unexposed, and then the last of b are exposed."""
    frame = pd.DataFrame({"one": list("aaabbbcc") * 10, "two": list("pppppqqq") * 10})
    exposed = np.array([1, 1, 1, 0, 0, 1, 0, 1] * 10, dtype=bool)
    kept, aside = without_unlike(frame, exposed)
    assert aside == {"one": 30 + 10, "two": 20}
    assert set(zip(frame[kept]["one"], frame[kept]["two"], strict=True)) == {("c", "q")}


def test_a_hundred_thousand_units_take_seconds() -> None:
    exposed, outcome, covariates = made(np.random.default_rng(7), 128_903, 0.02)
    covariates["other"] = np.random.default_rng(8).choice([f"v{i}" for i in range(20)], len(exposed))
    start = time.process_time()  # of this process, since others may use the machine too
    found = adjusted(exposed, outcome, covariates)
    assert time.process_time() - start < 4  # where nothing else runs, less than one
    assert found.low < 0.02 < found.high and found.high - found.low < 0.02


def test_results_can_be_shown_and_stored() -> None:
    found = adjusted(*made(np.random.default_rng(9), 200))
    assert found.table["comparison"].tolist() == ["raw", "adjusted"] and "<table" in found._repr_html_()
    assert found.to_json()["difference"] == [found.difference, found.low, found.high]
    assert inference.difference((1, 2), (5, 5)).level == found.params["level"]
