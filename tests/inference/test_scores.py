"""Scores against outcomes: hand-worked bins, another library's fits and areas, planted calibration and reversal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit, logit

from segkit import inference
from segkit.inference.scores import score_calibration


def test_tenths_keep_ties_together() -> None:
    score = pd.Series([0.1] * 5 + [0.2] * 3 + [0.9, 0.8])
    outcome = pd.Series([1, 0, 0, 0, 0, 1, 1, 0, 1, 1]).astype(bool)
    found = score_calibration(score, outcome, bins=4)
    table = found.table
    assert table["low"].tolist() == [0.1, 0.2, 0.8] and table["high"].tolist() == [0.1, 0.2, 0.9]
    assert table["units"].tolist() == [5, 3, 2] and table["events"].tolist() == [1, 2, 2]
    assert table.loc[0, ["low", "high", "units", "events"]].tolist() == [0.1, 0.1, 5, 1]
    want = inference.rate(1, 5)
    assert table.loc[0, ["rate", "rate_low", "rate_high"]].tolist() == pytest.approx([0.2, want.low, want.high])
    assert found.brier == pytest.approx(((score - outcome) ** 2).mean())
    assert found.brier_constant == pytest.approx(0.25)
    smooth = score_calibration(pd.Series(np.arange(1000) / 1000), pd.Series(np.arange(1000) % 2 == 0))
    assert smooth.table["units"].tolist() == [100] * 10


def test_the_area_is_that_of_another_library_and_its_variance_that_of_delong() -> None:
    """Variances of the placements, counted pair by pair: DeLong, DeLong and Clarke-Pearson 1988, equation 5."""
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(1)
    y = rng.random(80) < 0.4
    s = (rng.normal(size=80) + y).round(1)
    s = pd.Series((s - s.min()) / (s.max() - s.min()))
    found = score_calibration(s, pd.Series(y)).auc
    wins = (s[y].to_numpy()[:, None] > s[~y].to_numpy()) + 0.5 * (s[y].to_numpy()[:, None] == s[~y].to_numpy())
    se = np.sqrt(wins.mean(axis=1).var(ddof=1) / y.sum() + wins.mean(axis=0).var(ddof=1) / (~y).sum())
    assert found.value == pytest.approx(roc_auc_score(y, s)) == pytest.approx(wins.mean())
    assert [found.low, found.high] == pytest.approx(
        [found.value - 1.959964 * se, found.value + 1.959964 * se], rel=1e-6
    )


def test_the_interval_of_the_area_covers_the_known_area() -> None:
    """Scores of hits lie one standard deviation above: the area is the normal probability of 1/sqrt(2). 300 samples."""
    rng, runs, held = np.random.default_rng(2), 300, 0
    truth = stats.norm.cdf(1 / np.sqrt(2))
    for _ in range(runs):
        y = rng.random(200) < 0.3
        area = score_calibration(pd.Series(stats.norm.cdf(rng.normal(size=200) + y)), pd.Series(y)).auc
        held += area.low <= truth <= area.high
    low, high = stats.binom(runs, 0.95).ppf([0.0005, 0.9995])
    assert low <= held <= high


def test_intercept_and_slope_are_those_of_another_library_and_of_the_truth() -> None:
    from statsmodels.api import Logit

    rng = np.random.default_rng(3)
    odds = rng.normal(size=4000)
    y = rng.random(4000) < expit(0.5 * odds - 0.4)
    found = score_calibration(pd.Series(expit(odds)), pd.Series(y))
    both = Logit(y.astype(float), np.column_stack([np.ones(4000), odds])).fit(disp=0)
    assert found.slope == pytest.approx((both.params[1], *both.conf_int()[1]), rel=1e-5)
    assert found.slope[1] < 0.5 < found.slope[2]
    one = Logit(y.astype(float), np.ones((4000, 1)), offset=odds).fit(disp=0)
    assert found.intercept == pytest.approx((one.params[0], *one.conf_int()[0]), rel=1e-5)
    honest = score_calibration(pd.Series(expit(odds)), pd.Series(rng.random(4000) < expit(odds)))
    assert honest.intercept[1] < 0 < honest.intercept[2] and honest.slope[1] < 1 < honest.slope[2]
    assert not honest.upside_down and honest.brier < honest.brier_constant


def test_a_score_that_is_upside_down_is_found_and_so_are_the_groups_that_show_it() -> None:
    """The published case: a predicted 72.2 % where 6.1 % close, and 90.9 % where 1.2 % do."""
    rng = np.random.default_rng(4)
    group = pd.Series(np.repeat(["1A", "1B"], [9330, 2397]))
    score = pd.Series(np.where(group == "1A", rng.beta(7.2, 2.8, 11_727), rng.beta(9.1, 0.9, 11_727)))
    outcome = pd.Series(rng.random(11_727) < np.where(group == "1A", 0.061, 0.012))
    found = score_calibration(score, outcome, group)
    assert found.upside_down and found.contradictions == [("1B", "1A")]
    assert found.by_group["units"].tolist() == [9330, 2397]
    assert found.by_group["score"].tolist() == pytest.approx([0.722, 0.909], abs=0.01)
    assert found.slope[2] < 0 and found.intercept[2] < 0
    flipped = score_calibration(1 - score, outcome, group)
    assert not flipped.upside_down and flipped.contradictions == []
    assert flipped.auc.value == pytest.approx(1 - found.auc.value)


def test_chance_is_not_called_upside_down() -> None:
    """200 scores that tell nothing: the upper limit falls below one half in 2.5 %, up to the 99.9 % limit of the count."""
    rng = np.random.default_rng(5)
    found = [score_calibration(pd.Series(rng.random(150)), pd.Series(rng.random(150) < 0.3)) for _ in range(200)]
    assert sum(f.upside_down for f in found) <= stats.binom(200, 0.025).ppf(0.999)


def test_missing_scores_are_counted_and_nonsense_is_refused() -> None:
    score, outcome = pd.Series([0.2, np.nan, 0.6, 0.6]), pd.Series([True, True, False, False])
    found = score_calibration(score, outcome, pd.Series(["a", "a", None, "b"]))
    assert found.missing == 1 and found.by_group["units"].tolist() == [1, 1]
    assert (found.auc.low, found.auc.high) == (0, 1)  # one hit says nothing of the spread
    assert np.isnan(found.slope).all()  # the scores part the outcomes
    with pytest.raises(ValueError, match="between 0 and 1"):
        score_calibration(score * 100, outcome)
    with pytest.raises(ValueError, match="one score"):
        score_calibration(score[:2], outcome)
    for same in (outcome | True, outcome & False):
        assert np.isnan([score_calibration(score, same).auc.value, score_calibration(score, same).slope[0]]).all()
    empty = score_calibration(score[:0], outcome[:0])
    assert empty.table.empty and np.isnan(empty.brier) and not empty.upside_down


def test_scores_of_zero_and_one_have_finite_log_odds() -> None:
    score = pd.Series([0.0, 1.0, 0.5, 0.3] * 30)
    found = score_calibration(score, pd.Series([False, True, False, True, True, False, True, False] * 15))
    assert np.isfinite([*found.slope, *found.intercept]).all()
    assert found.table["low"].min() == 0 and logit(found.rate) == pytest.approx(0)
    assert "<table" in found._repr_html_() and found.to_json()["upside_down"] is found.upside_down
