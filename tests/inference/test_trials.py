"""Proposals for trials against statsmodels, published tables, planted clusters and simulated trials."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segkit.inference.design_effect import DesignEffect, design_effect
from segkit.inference.interim import stop_rule
from segkit.inference.trial_size import smallest_rise, trial_size
from segkit.inference.trials import Proposal, Question, proposals

START, END = pd.Timestamp("2026-03-01"), pd.Timestamp("2026-03-15")


def effect(outcomes: Any, clusters: Any, draws: int = 50) -> DesignEffect:
    return design_effect(outcomes, clusters, name="test", seed=1, draws=draws)


def clustered(rng: np.random.Generator, clusters: int, icc: float, share: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes with a planted correlation (a beta-binomial has exactly it), in clusters of 1 to 6."""
    sizes = rng.integers(1, 7, clusters)
    own = rng.beta(share * (1 / icc - 1), (1 - share) * (1 / icc - 1), clusters)
    of = np.repeat(np.arange(clusters), sizes)
    return rng.random(len(of)) < own[of], of


def test_the_correlation_is_that_of_the_analysis_of_variance_of_statsmodels() -> None:
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    y, of = clustered(np.random.default_rng(1), 60, 0.3)
    table = anova_lm(ols("y ~ C(g)", pd.DataFrame({"y": y.astype(float), "g": of})).fit())
    between, within = table["mean_sq"]
    m = np.bincount(of)
    m0 = (m.sum() - (m**2).sum() / m.sum()) / (len(m) - 1)
    assert effect(y, of).icc.value == pytest.approx((between - within) / (between + (m0 - 1) * within), abs=1e-12)


@pytest.mark.parametrize("planted", [0.1, 0.4])
def test_a_planted_correlation_is_found_and_its_interval_holds_it(planted: float) -> None:
    found = effect(*clustered(np.random.default_rng(2), 4000, planted), draws=200)
    assert found.icc.value == pytest.approx(planted, abs=0.03) and found.icc.low < planted < found.icc.high


def test_the_factor_is_what_clusters_do_to_the_variance_of_a_share() -> None:
    """The variance of the share over 3,000 worlds of the same sizes, by that of as many independent units."""
    rng, icc, share = np.random.default_rng(3), 0.25, 0.3
    sizes = rng.integers(1, 7, 100)
    of = np.repeat(np.arange(100), sizes)
    own = rng.beta(share * 3, (1 - share) * 3, (3000, 100))
    shares = (rng.random((3000, len(of))) < own[:, of]).mean(axis=1)
    real = shares.var() / (share * (1 - share) / len(of))
    m = effect(np.arange(len(of)) % 2, of).weighted_size
    assert m == pytest.approx((sizes**2).sum() / sizes.sum())
    assert 1 + (m - 1) * icc == pytest.approx(real, rel=0.08)  # three standard errors of a variance of 3,000


def test_clusters_of_one_unit_or_of_equal_units_by_hand() -> None:
    alone = effect([1, 0, 1, 0], list("abcd"))
    assert alone.factor == 1 and math.isnan(alone.icc.value) and alone.weighted_size == 1
    same = effect([1, 1, 1, 0, 0, 0], list("aaabbb"))
    assert same.icc.value == 1 and same.factor == 3  # three units tell what one does
    even = effect([1, 0, 1, 0, 1, 0], list("aabbcc"))
    assert even.icc.value == pytest.approx(-1) and even.factor == 1  # never less than as many independent units
    flat = effect([1, 1, 1, 1], list("aabb"))
    assert flat.factor == 1 and math.isnan(flat.icc.value)
    for wrong in (([], []), ([1, 2], "ab"), ([1, 0], [None, "a"]), ([1.0, math.nan], list("ab"))):
        with pytest.raises(ValueError, match=r"outcome|units"):
            effect(*wrong)


def test_the_order_of_units_does_not_matter() -> None:
    y, of = clustered(np.random.default_rng(4), 50, 0.3)
    order = np.random.default_rng(5).permutation(len(y))
    assert effect(y, of).to_json() == effect(y[order], of[order]).to_json()


@pytest.mark.parametrize(
    ("level", "c", "inflations"),
    [(0.95, 1.977, {0.8: 1.008, 0.9: 1.007}), (0.99, 2.580, {0.8: 1.001, 0.9: 1.001}), (0.9, 1.678, {0.8: 1.016, 0.9: 1.014})],
)  # fmt: skip
def test_bounds_and_inflation_are_the_published_ones(level: float, c: float, inflations: dict[float, float]) -> None:
    """Jennison, C. and Turnbull, B. W. (2000). Group Sequential Methods, tables 2.3 and 2.4, K = 2."""
    for power, inflation in inflations.items():
        found = stop_rule(2, level=level, power=power)
        assert found.table["z"].to_list() == pytest.approx([c * math.sqrt(2), c], abs=1e-3)
        assert found.inflation == pytest.approx(inflation, abs=6e-4)


def test_one_look_is_the_ordinary_test() -> None:
    found = stop_rule()
    assert found.table["z"].to_list() == pytest.approx([1.959964]) and found.table["p"].to_list() == pytest.approx(
        [0.05]
    )
    assert found.inflation == 1 and found.to_json()["table"][0]["information"] == 1
    with pytest.raises(ValueError, match="looks"):
        stop_rule(3)


def test_two_looks_keep_error_and_power() -> None:
    """400,000 trials: the statistic half-way, and at the end, of sums of independent halves."""
    rule = stop_rule(2)
    halves = np.random.default_rng(6).normal(size=(2, 400_000))
    drift = (1.959964 + 0.841621) * math.sqrt(rule.inflation)
    for mean, stopped in ((0.0, 0.05), (drift, 0.8)):
        first, second = halves + mean / math.sqrt(2)
        z = np.abs([first, (first + second) / math.sqrt(2)])
        bounds = rule.table["z"].to_numpy()
        assert ((z[0] > bounds[0]) | (z[1] > bounds[1])).mean() == pytest.approx(stopped, abs=0.002)


@pytest.mark.parametrize(("share", "rise"), [(0.2, 0.05), (0.45, 0.09), (0.33, 0.0825)])
def test_the_size_is_about_that_of_the_normal_test_of_statsmodels(share: float, rise: float) -> None:
    """`NormalIndPower` goes by the difference of arcsines, which is close where shares are not near 0 or 1."""
    from statsmodels.stats.power import NormalIndPower
    from statsmodels.stats.proportion import proportion_effectsize

    size = NormalIndPower().solve_power(proportion_effectsize(share + rise, share), alpha=0.05, power=0.8, ratio=1)
    assert trial_size(share, rise) == pytest.approx(size, rel=0.01)


def question(key: str = "a", **changed: Any) -> Question:
    given = {
        "hypothesis": "H",
        "arms": ("as now", "other"),
        "metric": "share",
        "outcome": "bought",
        "lift": 0.25,
        "days": 7.0,
    }
    return Question(key, **(given | changed))  # type: ignore[arg-type]


def record(clusters: int = 200, seed: int = 7) -> pd.DataFrame:
    """Return pairs of subscribers; those with an even number are there from the first day, the others come over the record."""
    y, of = clustered(np.random.default_rng(seed), clusters, 0.3)
    days = np.where(of % 2 == 0, 0.5, 14 * (of + 0.5) / clusters)
    return pd.DataFrame({"subscriber": of.astype(str), "outcome": y, "time": START + pd.to_timedelta(days, unit="D")})


def one(frame: pd.DataFrame, looks: int = 1, **changed: Any) -> Proposal:
    return proposals([question(**changed)], {"bought": frame}, start=START, end=END, looks=looks).items[0]


def test_a_proposal_follows_from_its_parts() -> None:
    frame = record()
    found = one(frame)
    design = design_effect(frame["outcome"], frame["subscriber"], name="a", seed=42)
    assert found.design == design and found.rise == 0.25 * design.share and design.factor > 1.3
    assert found.units_per_arm == math.ceil(trial_size(design.share, found.rise) * design.factor)
    assert found.clusters_per_arm == math.ceil(found.units_per_arm / (len(frame) / 200))
    assert found.detectable == smallest_rise(design.share, int(len(frame) / 2 / design.factor))
    assert found.per_day.value == 50 / 7  # of a hundred that come over a fortnight, half come in its later half
    assert found.days == math.ceil(2 * found.clusters_per_arm * 7 / 50) + 7
    assert found.days_low < found.days < found.days_high and found.randomised == "subscriber"


def test_the_interval_of_the_flow_is_the_exact_one() -> None:
    """Garwood's limits of a Poisson count of 10 are 4.795 and 18.39 (Ulm 1990, American Journal of Epidemiology, 131)."""
    found = one(record(40)).per_day
    assert found.value * 7 == 10
    assert (found.low * 7, found.high * 7) == pytest.approx((4.795, 18.390), abs=2e-3)


def test_a_look_half_way_costs_its_inflation() -> None:
    fixed, looked = one(record()), one(record(), looks=2)
    assert looked.units_per_arm / fixed.units_per_arm == pytest.approx(looked.stop.inflation, abs=2e-3)
    assert len(looked.stop.table) == 2 and looked.detectable > fixed.detectable


def test_a_proposed_trial_shows_what_it_promises() -> None:
    """400 trials of the proposed size, whole clusters in one arm; the variance is that of the means of clusters."""
    frame = record(2000)
    found, rng = one(frame), np.random.default_rng(8)
    icc, n, share = max(found.design.icc.value, 0.0), found.clusters_per_arm, found.design.share
    shown = 0
    for _ in range(400):
        arms = []
        for target in (share, share + found.rise):
            y, of = clustered(rng, n, icc, target)
            of = pd.Series(y).groupby(of).agg(["sum", "size"])
            mean = of["sum"].sum() / of["size"].sum()
            rest = of["sum"] - mean * of["size"]  # the variance of a ratio (Cochran 1977, section 2.11)
            arms.append((mean, n * rest.var() / of["size"].sum() ** 2))
        (one_, v1), (two, v2) = arms
        shown += abs(two - one_) / math.sqrt(v1 + v2) > 1.959964
    assert shown / 400 == pytest.approx(0.8, abs=0.06)  # three standard errors


def test_what_cannot_be_sized_is_left_out_with_its_reason() -> None:
    frame = record()
    few = frame.assign(outcome=[True] * 4 + [False] * (len(frame) - 4))
    most = frame.assign(outcome=[False] * 9 + [True] * (len(frame) - 9))
    asked = [
        question("a"),
        question("b", outcome="tipped"),
        question("c", outcome="few"),
        question("d", outcome="most"),
    ]
    seen = {"bought": frame, "few": few, "most": most, "four": frame[frame["subscriber"].isin(list("0123"))]}
    found = proposals([*asked, question("e", outcome="four")], seen, start=START, end=END)
    assert [p.question.key for p in found.items] == ["a"]
    assert found.left_out == {"b": "unknown", "c": "few", "d": "ceiling", "e": "few"}


def test_where_nobody_new_comes_a_trial_never_ends() -> None:
    found = one(record().assign(time=START))
    assert math.isinf(found.days) and math.isinf(found.days_high) and not found.feasible and found.days_low < math.inf
    assert found.to_json()["days"] is None
    assert one(record(2000)).feasible


def test_results_are_repeatable_plain_and_without_names() -> None:
    frame = record()
    kept = frame.copy()
    first, again = (proposals([question()], {"bought": frame}, start=START, end=END) for _ in range(2))
    text = json.dumps(first.to_json(), allow_nan=False)
    assert text == json.dumps(again.to_json()) and first.table.equals(again.table) and "<table" in first._repr_html_()
    pd.testing.assert_frame_equal(frame, kept)
    none = proposals([], {}, start=START, end=END)
    assert none.table.empty and none.to_json()["trials"] == []


def test_a_record_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="record from"):
        proposals([question()], {}, start=END, end=START)
    with pytest.raises(ValueError, match="lacks its outcome"):
        one(record().assign(subscriber=None))
