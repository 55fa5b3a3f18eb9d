"""How large a trial has to be, and which groups stand out of many: against statsmodels and counted by hand."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest

from segkit.inference.groups import compared
from segkit.inference.standouts import standouts
from segkit.inference.trial_size import smallest_rise, trial_size


@pytest.mark.parametrize(("share", "rise"), [(0.05, 0.025), (0.051, 0.0102), (0.3, -0.1), (0.5, 0.25), (0.01, 0.01)])
@pytest.mark.parametrize(("level", "power"), [(0.95, 0.8), (0.9, 0.9)])
def test_a_trial_is_as_large_as_statsmodels_makes_it(share: float, rise: float, level: float, power: float) -> None:
    from statsmodels.stats.proportion import power_proportions_2indep, samplesize_proportions_2indep_onetail

    units = trial_size(share, rise, level=level, power=power)
    alpha = 1 - level
    assert units == math.ceil(samplesize_proportions_2indep_onetail(rise, share, power, alpha=alpha))
    reached = [power_proportions_2indep(rise, share, n, alpha=alpha).power for n in (units, units - 2)]
    assert reached[0] >= power - 1e-9 and reached[1] < power


def test_a_trial_shows_a_difference_as_often_as_it_promises() -> None:
    units, runs = trial_size(0.1, 0.05), 4000
    rng = np.random.default_rng(1)
    one, two = rng.binomial(units, 0.15, runs) / units, rng.binomial(units, 0.1, runs) / units
    middle = (one + two) / 2
    shown = np.abs(one - two) / np.sqrt(2 * middle * (1 - middle) / units) > 1.959964
    assert shown.mean() == pytest.approx(0.8, abs=0.02)  # three standard errors


def test_the_smallest_rise_is_where_the_size_is_reached() -> None:
    for share, units in product((0.01, 0.05, 0.4), (200, 5000)):
        rise = smallest_rise(share, units)
        assert trial_size(share, rise) <= units < trial_size(share, rise * 0.99)
    assert math.isnan(smallest_rise(0.05, 1)) and math.isnan(smallest_rise(0.0, 100))


@pytest.mark.parametrize(("share", "rise"), [(0.0, 0.1), (1.0, -0.1), (0.5, 0.6), (0.5, 0.0), (math.nan, 0.1)])
def test_no_trial_is_sized_without_a_difference(share: float, rise: float) -> None:
    with pytest.raises(ValueError, match="no trial"):
        trial_size(share, rise)


def test_groups_stand_out_by_the_test_of_two_shares_and_holm() -> None:
    from scipy.stats import fisher_exact
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import proportions_ztest

    counts = {"a": (120, 900), "b": (40, 600), "c": (35, 500), "d": (0, 3)}
    found = standouts(compared(list(counts), *zip(*counts.values(), strict=True)), level=0.95)  # type: ignore[arg-type]
    events, units = sum(e for e, _ in counts.values()), sum(n for _, n in counts.values())
    p = [proportions_ztest([e, events - e], [n, units - n])[1] for e, n in list(counts.values())[:3]]
    p.append(fisher_exact([[0, 3], [events, units - 3 - events]])[1])  # d is too small for the normal test
    adjusted = multipletests(p, method="holm")[1]
    assert found["group"].tolist() == ["a", "c", "b"] and found["p"].tolist() == pytest.approx([p[0], p[2], p[1]])
    assert found["p_holm"].tolist() == pytest.approx([adjusted[0], adjusted[2], adjusted[1]])


def test_hardly_any_group_stands_out_where_all_are_alike() -> None:
    rng = np.random.default_rng(2)
    named = 0
    for _ in range(200):
        units = rng.integers(150, 1500, 12)
        table = compared([f"g{i}" for i in range(12)], rng.binomial(units, 0.05).tolist(), units.tolist())
        named += len(standouts(table, level=0.95)) > 0
    assert named / 200 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)


def test_groups_that_may_not_be_told_take_no_part() -> None:
    table = compared(["a", "b", "c"], [120, 40, 30], [900, 900, 800]).astype({"events": object, "units": object})
    table.loc[2, ["events", "units"]] = None
    assert standouts(table, level=0.95)["group"].tolist() == ["a", "b"]
    assert standouts(table.iloc[:0], level=0.95).empty and standouts(table.iloc[:1], level=0.95).empty
    assert isinstance(standouts(table, level=0.95), pd.DataFrame)
