"""Populations without segments: p-values, adjustment, power, level, and what a comparison gives."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from levels import beats, seldom
from planted import planted
from sklearn.metrics import silhouette_score

from segkit.engine import nulls
from segkit.engine.copula import copula_draws
from segkit.engine.matrix import Floats, fit_matrix
from segkit.engine.null_statistics import (
    AT_K,
    DECLARED,
    Plan,
    distances_of_margins,
    holm,
    p_value,
    rank_correlations,
    statistics,
)
from segkit.engine.nulls import RISK, Nulls, Replicates, _between, compare
from segkit.seeds import generator

QUICK = Plan(3, bootstraps=0, splits=0, subsamples=0)  # the silhouette and what costs nothing beside it
FULL = Plan(3, (2, 4), bootstraps=6, splits=2, subset=60, subsamples=6)


def copula_of(values: Floats) -> Replicates:
    def draws(count: int, seed: int) -> Iterator[Floats]:
        return copula_draws(values, np.zeros(len(values)), count, seed)

    return draws


def normal_of(values: Floats) -> Replicates:
    """A null of the test's own: one normal law with the observed mean and covariance."""

    def draws(count: int, seed: int) -> Iterator[Floats]:
        rng = generator("tests/normal", seed)
        covariance = np.cov(values, rowvar=False)
        return (rng.multivariate_normal(values.mean(axis=0), covariance, size=len(values)) for _ in range(count))

    return draws


def compared(values: Floats, plan: Plan = QUICK, count: int = 19, seed: int = 1, **nulls: Replicates) -> Nulls:
    frame = pd.DataFrame(values, columns=[f"x{i}" for i in range(values.shape[1])])
    return compare(
        frame, {"all": list(frame.columns)}, nulls or {"copula": copula_of(values)}, plan, count=count, seed=seed, jobs=1
    )  # fmt: skip


@pytest.mark.parametrize(
    ("observed", "less", "p"),
    [
        (5.0, False, 1 / 5),  # (1 + 0) / (4 + 1)
        (4.0, False, 2 / 5),  # a tie is extreme
        (2.5, False, 3 / 5),
        (0.0, False, 5 / 5),
        (0.0, True, 1 / 5),
        (1.0, True, 2 / 5),
        (9.0, True, 5 / 5),
    ],
)
def test_p_values_by_hand(observed: float, less: bool, p: float) -> None:
    assert p_value(observed, np.array([1.0, 2.0, 3.0, 4.0]), less=less) == pytest.approx(p)


def test_p_values_of_what_is_missing() -> None:
    assert p_value(5.0, np.array([1.0, np.nan, 3.0])) == 2 / 4  # it counts as extreme
    assert p_value(5.0, np.array([1.0, np.nan, 3.0]), less=True) == 4 / 4
    assert np.isnan(p_value(np.nan, np.array([1.0, 2.0])))
    assert p_value(0.1 + 0.2, np.array([0.3])) == 1.0  # equal but for rounding


def test_holm_by_hand() -> None:
    # Holm (1979): 4 x 0.005, 3 x 0.01, 2 x 0.03 and 1 x 0.04, none below the one before.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.6]).tolist() == [1, 1]
    some = holm([0.02, float("nan"), 0.01])
    assert np.isnan(some[1]) and some[[0, 2]] == pytest.approx([0.02, 0.02])
    assert len(holm([])) == 0


def test_margins_and_correlations_are_those_of_scipy() -> None:
    from scipy.stats import ks_2samp, spearmanr

    rng = generator("tests/margins")
    a, b = rng.integers(0, 9, (80, 3)).astype(float), rng.integers(2, 9, (50, 3)).astype(float)
    expected = [ks_2samp(x, y).statistic for x, y in zip(a.T, b.T, strict=True)]
    assert distances_of_margins(a, b) == pytest.approx(expected)
    assert rank_correlations(a) == pytest.approx(spearmanr(a).statistic)
    assert rank_correlations(np.ones((5, 2))).tolist() == [[0, 0], [0, 0]]


def test_statistics_are_those_of_scikit_learn_and_of_planted_segments() -> None:
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

    matrix, truth = planted([40, 30, 20])
    found = statistics(matrix.values, FULL, 1)
    assert set(found) == {*AT_K, "silhouette_k2", "silhouette_k4"}
    assert found["silhouette"] == pytest.approx(silhouette_score(matrix.values, truth))
    assert found["davies_bouldin"] == pytest.approx(davies_bouldin_score(matrix.values, truth))
    assert found["calinski_harabasz"] == pytest.approx(calinski_harabasz_score(matrix.values, truth))
    centred = matrix.values - matrix.values.mean(axis=0)
    within = sum(((matrix.values[truth == t] - matrix.values[truth == t].mean(axis=0)) ** 2).sum() for t in range(3))
    assert found["inertia"] == pytest.approx(within / (centred**2).sum())
    # Segments thirty standard deviations apart are found in every resample.
    assert found["prediction_strength"] == found["jaccard"] == 1
    assert found["instability"] == found["pac"] == 0
    assert found["silhouette"] > max(found["silhouette_k2"], found["silhouette_k4"])


def test_statistics_of_too_few_distinct_units_are_missing() -> None:
    values = np.repeat([[0.0, 0.0], [1.0, 0.0], [0.0, 5.0]], 10, axis=0)
    found = statistics(values, FULL, 1)
    assert np.isfinite(found["silhouette_k2"])
    assert all(np.isnan(found[name]) for name in (*AT_K, "silhouette_k4"))


def test_planted_segments_beat_every_null() -> None:
    matrix, _ = planted([40, 30, 20])
    found = compared(matrix.values, FULL, copula=copula_of(matrix.values), normal=normal_of(matrix.values))
    assert found.beaten == {"copula": True, "normal": True}
    for null in found.names:
        rows = found.table[found.table["null"] == null].set_index("statistic")
        assert rows.loc[["inertia", "davies_bouldin", "calinski_harabasz"], "p"].tolist() == [1 / 20] * 3
        # 19 sets that are all less extreme leave p open; 159 such sets do not: 0.9995 = 1 - (1 - 0.05) ** 159 at least.
        assert rows.loc["silhouette", ["p", "drawn", "settled"]].tolist() == [1 / 160, 159, True]
        assert rows["drawn"].drop("silhouette").unique().tolist() == [19]
        assert rows.loc["silhouette", "effect"] > 0 > rows.loc["inertia", "effect"]
        assert (rows["effect"] - (rows["observed"] - rows["null_mean"])).abs().max() == 0


def beyond(share: float) -> Replicates:
    """Sets of which so many, at random, are the planted groups themselves and so as extreme; the others are noise."""

    def draws(count: int, seed: int) -> Iterator[Floats]:
        for b in range(count):
            rng = generator(f"tests/beyond {b}", seed)
            yield planted([14, 13, 13])[0].values if rng.random() < share else rng.normal(size=(40, 3))

    return draws


@pytest.mark.parametrize(("share", "answer"), [(0.2, False), (0.01, True), (0.14, False)])
def test_drawing_goes_on_until_the_side_of_the_level_is_settled(share: float, answer: bool) -> None:
    values = planted([14, 13, 13])[0].values
    found = compared(values, mixed=beyond(share))
    row = found.row("mixed")
    assert found.beaten["mixed"] is answer and row["settled"]
    assert (row["drawn"] + 1) % 20 == 0 and row["p_low"] <= row["p"] <= row["p_high"]
    # Stopped at its own time, it is the p that as many sets give at once.
    own = found.draws[DECLARED].to_numpy()
    assert len(own) == row["drawn"] and row["p"] == p_value(row["observed"], own)
    again = compared(values, count=int(row["drawn"]), mixed=beyond(share))
    np.testing.assert_array_equal(again.draws[DECLARED].to_numpy()[: len(own)], own)


def test_a_p_at_the_level_is_left_open_and_few_sets_that_can_never_reach_it_are_not_added_to() -> None:
    values = planted([14, 13, 13])[0].values
    near = compared(values, mixed=beyond(0.05)).row("mixed")
    assert near["drawn"] == 399 and not near["settled"] and near["p_low"] < 0.05 < near["p_high"]
    few = compared(values, count=18, mixed=beyond(0.0))
    assert few.row("mixed")["drawn"] == 18 and not few.testable and not few.row("mixed")["settled"]


@pytest.mark.parametrize("p", [0.01, 0.04, 0.045, 0.055, 0.06, 0.1])
def test_an_answer_is_seldom_one_that_more_drawing_would_turn(p: float) -> None:
    """Of 4,000 tests at most two per cent stop on the wrong side; Clopper and Pearson are cautious, so it is far fewer."""
    rng, wrong, level, between = np.random.default_rng(7), 0, 0.05, functools.cache(_between)
    steps = rng.binomial(100, p, size=(4000, 20)).cumsum(axis=1)
    for sums in steps:
        for look, extreme in enumerate(sums.tolist(), 1):
            low, high = between(extreme, 100 * look, 1 - RISK)
            if not low <= level <= high:
                wrong += (high < level) != (p < level)
                break
    assert wrong / 4000 <= 0.02


def test_the_interval_of_p_is_that_of_the_library() -> None:
    from statsmodels.stats.proportion import proportion_confint

    for extreme, n in ((0, 19), (3, 99), (99, 99), (50, 1999)):
        assert _between(extreme, n, 0.95) == pytest.approx(proportion_confint(extreme, n, method="beta"), abs=1e-12)


def beaten_by(values: Floats, null: Replicates, seed: int) -> bool:
    frame = pd.DataFrame(values)
    return beats(frame, {"all": list(frame.columns)}, null, QUICK, seed)


def test_a_set_that_three_of_nineteen_rule_out_beats_no_nineteen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nulls, "MOST", 1)
    values = planted([14, 13, 13])[0].values
    answers = set()
    for seed in range(3):
        found = compared(values, seed=seed, null=beyond(0.08))
        few = compared(values, count=3, seed=seed, null=beyond(0.08))
        assert found.draws[DECLARED][:3].tolist() == few.draws[DECLARED].tolist()
        assert beaten_by(values, beyond(0.08), seed) is found.beaten["null"]
        answers.add(found.beaten["null"])
    assert answers == {True, False}


def test_a_copula_rejects_at_its_level_where_it_is_true() -> None:
    """Sets from one Gaussian copula, tested at 1 in 20: thirty of which six may reject would be wrong no less often."""

    def rejections() -> Iterator[bool]:
        for i in range(100):
            rng = generator(f"tests/level {i}")
            x = np.exp(rng.multivariate_normal([0, 0, 0], 0.5 * np.eye(3) + 0.5, size=40))
            yield beaten_by(x, copula_of(x), i)

    assert seldom(rejections(), 0.05, 0.3, alarm=0.001, miss=0.02)


def test_heavy_tails_without_segments_are_not_natural() -> None:
    """Lognormal features, correlated, without groups: they beat a normal law every time, and a copula hardly ever.

    At 1 in 20, three or more of six have a chance of 2 in 1000. That a normal law is beaten by tails alone is why it is
    no null of the studies.
    """
    beaten = {"copula": 0, "normal": 0}
    for i in range(6):
        x = np.exp(generator(f"tests/tails {i}").multivariate_normal([0, 0, 0], 0.75 * np.eye(3) + 0.75, size=60))
        beaten["copula"] += beaten_by(x, copula_of(x), i)
        beaten["normal"] += beaten_by(x, normal_of(x), i)
    assert beaten["copula"] <= 2
    assert beaten["normal"] >= 5


def test_sets_with_heavy_tails_could_seldom_be_natural() -> None:
    """With the chances to be wrong of fifty sets of which six may be: 0.4 % at 1 in 25, and 2 % at 1 in 4."""

    def natural() -> Iterator[bool]:
        for i in range(100):
            rng = generator(f"tests/many tails {i}")
            x = np.exp(rng.multivariate_normal([0, 0, 0], 0.75 * np.eye(3) + 0.75, size=60))
            yield beaten_by(x, copula_of(x), i)

    assert seldom(natural(), 0.04, 0.25, alarm=0.004, miss=0.02)


def test_segments_that_a_single_margin_shows_do_not_beat_a_copula() -> None:
    """The known failure that the pages name: it keeps a margin with two peaks, and with it the segments."""
    rng = generator("tests/line")
    x = np.column_stack([np.repeat([0.0, 40.0], 40) + rng.normal(size=80), rng.normal(size=80)])
    found = compared(x, Plan(2, bootstraps=0, splits=0, subsamples=0))
    assert found.row("copula")["observed"] > 0.3 and abs(found.row("copula")["effect"]) < 0.1
    assert not found.beaten["copula"]


@pytest.fixture(scope="module")
def noise() -> Floats:
    return generator("tests/noise").normal(size=(60, 2))


def test_a_comparison_follows_from_its_seed_and_changes_nothing(noise: Floats) -> None:
    before = noise.copy()
    one, again, other = (compared(noise, FULL, 5, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.table, again.table, check_exact=True)
    pd.testing.assert_frame_equal(one.draws, again.draws, check_exact=True)
    assert not one.draws.equals(other.draws)
    assert np.array_equal(noise, before)


def test_a_null_more_moves_no_other_number(noise: Floats) -> None:
    alone = compared(noise, FULL, 5, copula=copula_of(noise))
    both = compared(noise, FULL, 5, normal=normal_of(noise), copula=copula_of(noise))
    pd.testing.assert_series_equal(alone.row("copula"), both.row("copula"), check_names=False, check_exact=True)
    assert both.names == ["normal", "copula"]


def test_the_table_and_the_fit_are_what_the_draws_say(noise: Floats) -> None:
    found = compared(noise, FULL, 7)
    drawn = found.draws.drop(columns=["null", "replicate"])
    assert list(drawn.columns) == list(found.table["statistic"]) == list(FULL.names)
    assert found.table["null_mean"].tolist() == pytest.approx(drawn.mean().tolist())
    by_hand = [(1 + (drawn["silhouette"] >= found.row("copula")["observed"]).sum()) / 8]
    assert [found.row("copula")["p"]] == by_hand
    others = found.table[found.table["statistic"] != "silhouette"]
    assert others["p_holm"].tolist() == pytest.approx(holm(others["p"].tolist()).tolist())
    assert np.isnan(found.row("copula")["p_holm"])
    assert found.fit["distance"].tolist() == [0, 0]  # a copula keeps the margins
    assert 0 < found.correlation_error["copula"] < 0.2
    plain = json.loads(json.dumps(found.to_json()))["copula"]
    assert {"observed", "null_mean", "p"} <= set(plain["silhouette"])
    assert plain["fit"]["margins"] == {"x0": 0, "x1": 0}
    assert "silhouette_k4" in found._repr_html_()


def test_a_partition_that_is_known_is_measured_as_it_is(noise: Floats) -> None:
    """Against scikit-learn, of labels that no k-means would give; at the other number the units are divided here."""
    frame, labels = pd.DataFrame(noise, columns=["x", "y"]), np.arange(len(noise)) % 3 + 1
    plan, blocks = Plan(3, (2,), bootstraps=0, splits=0, subsamples=0), {"all": ["x", "y"]}
    sources = {"same": lambda count, seed: [noise] * count}
    found = compare(frame, blocks, sources, plan, count=3, partitions={3: labels}, jobs=1)
    matrix = fit_matrix(frame, blocks).values
    assert found.row("same")["observed"] == pytest.approx(silhouette_score(matrix, labels))
    other = found.row("same", "silhouette_k2")
    assert other["observed"] == pytest.approx(other["null_mean"], abs=0.05)
    assert found.params["fits"] == 1 + 3 * 2
    sampled = compare(frame, blocks, sources, plan, count=3, most=40, partitions={3: labels}, jobs=1)
    assert sampled.params["fits"] == 2 + 3 * 2  # of a sample no partition is known


def test_data_sets_without_segments_to_find_count_as_extreme() -> None:
    """Three of four sets are constant, one has a silhouette below the observed one: p = (1 + 3) / 5."""
    matrix, _ = planted([30, 20, 10])

    def some(count: int, seed: int) -> Iterator[Floats]:
        flat = np.zeros_like(matrix.values)
        yield from (flat, generator("tests/some").normal(size=matrix.values.shape), flat, flat)
        assert (count, seed) == (4, 1)

    found = compared(matrix.values, QUICK, 4, some=some)
    assert found.row("some")["usable"] == 1
    assert found.row("some")["p"] == (1 + 3) / 5
    assert found.beaten == {"some": False}


def test_a_null_that_fits_what_decides_badly_is_named() -> None:
    """Segments differ in the first column alone; a null that moves it is a bad fit, and one that moves the other is none."""
    rng = generator("tests/bad fit")
    values = np.column_stack([np.repeat([0.0, 9.0], [240, 60]), rng.normal(size=300)])
    values[:, 0] += rng.normal(size=300)  # quartiles are of the larger segment, so that the other one lies far off

    def moved(column: int) -> Replicates:
        def draw(count: int, seed: int) -> Iterator[Floats]:
            for drawn in copula_of(values)(count, seed):
                drawn[:, column] += 3.0 * drawn[:, column].std()
                yield drawn

        return draw

    found = compared(values, replace(QUICK, k=2), 3, decisive=moved(0), other=moved(1), kept=copula_of(values))
    assert found.deciding == ["x0"]
    weights = found.fit.set_index(["null", "feature"])["weight"]
    assert weights["kept", "x0"] > 0.95 and weights["kept"].sum() == pytest.approx(1)
    assert list(found.badly("decisive")) == ["x0"] and found.badly("other") == found.badly("kept") == {}
    assert found.to_json()["decisive"]["fit"]["badly"] == ["x0"] and found.to_json()["other"]["fit"]["badly"] == []


def test_of_few_units_samples_are_apart_by_themselves() -> None:
    """Smirnov's 5 % point for two samples of 60 is 1.358 x sqrt(2 / 60) = 0.248; of 3,000 it is 0.035, and 0.1 is asked."""
    noise = generator("tests/few").normal(size=(60, 2))
    few = compared(noise, QUICK, 2)
    assert few.limit == pytest.approx(0.248, abs=5e-4)
    assert replace(few, params={**few.params, "units": 3000}).limit == 0.1
    assert replace(few, params={**few.params, "units": 3000, "sampled": 60}).limit == few.limit


def test_features_of_other_columns_than_those_that_are_clustered_have_no_weight() -> None:
    from sklearn.decomposition import PCA

    frame = pd.DataFrame(generator("tests/columns").normal(size=(40, 3)), columns=list("abc"))
    blocks, values = {"all": list("abc")}, frame.to_numpy()
    found = compare(frame, blocks, {"copula": copula_of(values)}, QUICK, count=2, scaler=PCA(2), seed=1, jobs=1)
    assert found.fit["weight"].isna().all() and found.deciding == list("abc")
    alike = compared(np.ones((20, 2)), QUICK, 2)
    assert alike.fit["weight"].isna().all() and alike.badly("copula") == {}
