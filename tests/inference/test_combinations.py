"""Pairs of channels: nobody wins where all are equal, a planted winner is found, and shrinkage is that worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segkit import inference
from segkit.inference.combinations import Combinations, combinations
from segkit.inference.priors import Prior, posterior_of

EACH, CELLS, RATE = 30, (8, 12), 0.051


def equal_cells() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return 30 contacts in each of 96 pairs."""
    cell = np.repeat(np.arange(CELLS[0] * CELLS[1]), EACH)
    offline = pd.DataFrame({f"off{i}": cell // CELLS[1] == i for i in range(CELLS[0])})
    return offline, pd.DataFrame({f"on{i}": cell % CELLS[1] == i for i in range(CELLS[1])})


def test_where_all_pairs_are_equal_the_luckiest_does_not_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 exports: a winner in at most 5 % of them, up to the 99.9 % limit of the count; the highest raw rate means 17.2 %."""
    monkeypatch.setattr("segkit.inference.winners.DRAWS", 100)  # which of them is the best is not asked here
    rng, runs = np.random.default_rng(1), 200
    cells = equal_cells()
    found = [combinations(*cells, pd.Series(rng.random(len(cells[0])) < RATE)) for _ in range(runs)]
    assert sum(bool(f.winners) for f in found) <= stats.binom(runs, 0.05).ppf(0.999)
    top = [f.table["share"].max() for f in found]
    k = np.arange(EACH + 1)  # the largest of 96 binomial shares has this mean
    law = stats.binom(EACH, RATE).cdf(k) ** 96
    want = (np.diff(np.concatenate([[0], law])) @ k) / EACH
    assert want == pytest.approx(0.172, abs=0.0005)  # more than three times the rate of each
    assert np.mean(top) == pytest.approx(want, abs=3.3 * np.std(top) / np.sqrt(runs))


def planted() -> Combinations:
    rng = np.random.default_rng(2)
    offline, online = equal_cells()
    chance = np.where(offline["off3"] & online["on5"], 0.5, RATE)
    return combinations(offline, online, pd.Series(rng.random(len(offline)) < chance))


def test_a_planted_winner_is_found_and_nothing_else() -> None:
    found = planted()
    assert found.winners == [("off3", "on5")] == [found.luckiest]
    row = found.table.set_index(["offline", "online"]).loc[("off3", "on5")]
    assert row["p_best"] > 0.9 and row["q"] < 0.01
    assert found.overall < row["low"] < row["posterior"] < row["share"]


def test_pairs_overlap_and_are_tested_against_all_others_counted_once() -> None:
    """By hand: pair (a, x) has contacts 0 and 1, of six; Fisher's test of one of two against one of four."""
    offline = pd.DataFrame({"a": [1, 1, 0, 1, 0, 0], "b": [0, 1, 1, 0, 0, 0]}).astype(bool)
    online = pd.DataFrame({"x": [1, 1, 1, 0, 0, 1]}).astype(bool)
    found = combinations(offline, online, pd.Series([True, False, False, True, False, False]), minimum=2)
    assert found.table[["offline", "online", "units", "events"]].to_numpy().tolist() == [
        ["a", "x", 2, 1], ["b", "x", 2, 0],
    ]  # fmt: skip
    assert found.everyone == (2, 6)
    want = [stats.fisher_exact([[1, 1], [1, 3]])[1], stats.fisher_exact([[0, 2], [2, 2]])[1]]
    assert found.table["p"].to_numpy() == pytest.approx(want)
    assert found.winners == []
    few = combinations(offline, online, pd.Series([True] * 6), minimum=3)
    assert not few.table["enough"].any() and few.luckiest is None and few.winners == []


def test_shrinkage_is_that_worked_by_hand() -> None:
    """Of a beta prior of mean m, worth w: (w m + x) / (w + n). With w = 60 and m = 0.05, five of 30 become 8 of 90."""
    row = posterior_of([5], [30], Prior(np.array([3.0]), np.array([57.0]), np.ones(1))).iloc[0]
    law = stats.beta(8, 82)
    assert row.tolist() == pytest.approx([8 / 90, law.ppf(0.025), law.ppf(0.975)], abs=2e-6)


def test_everyone_must_hold_every_group() -> None:
    with pytest.raises(ValueError, match="more events or units than everyone"):
        inference.best_of_many("ab", [3, 4], [10, 10], everyone=(3, 30))
    one = inference.best_of_many("a", [3], [10], everyone=(5, 40)).table
    assert one.loc[0, "p"] == one.loc[0, "q"] == pytest.approx(stats.fisher_exact([[3, 7], [2, 28]])[1])


def test_rows_must_agree_and_results_can_be_stored() -> None:
    with pytest.raises(ValueError, match="one row of each table"):
        combinations(*equal_cells(), pd.Series([True]))
    found = planted()
    assert found.to_json()["winners"] == [["off3", "on5"]] and "<table" in found._repr_html_()
