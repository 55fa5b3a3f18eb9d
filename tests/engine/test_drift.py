"""Drift: the population stability index in closed form, distances by hand, and planted breaks."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from segkit.engine.drift import chance, decile_edges, drift, no_drift, psi, psi_of
from segkit.seeds import generator


def test_the_index_in_closed_form() -> None:
    """Siddiqi (2006): the sum over bins of (q - p) ln(q / p); here with 0.5 added to each count."""
    by_hand = (0.75 - 0.25) * math.log(3) + (0.25 - 0.75) * math.log(1 / 3)
    assert (
        psi_of(np.array([24.5, 74.5]), np.array([74.5, 24.5])) == pytest.approx(by_hand) == pytest.approx(math.log(3))
    )
    empty = psi_of(np.array([9, 0]), np.array([0, 9]))
    assert empty == pytest.approx(2 * 0.9 * math.log(19))  # 9.5 to 0.5, finite thanks to the smoothing
    same = np.array([3, 5, 9])
    assert psi_of(same, same) == 0 and psi_of(same, np.array([9, 5, 3])) == pytest.approx(
        psi_of(np.array([9, 5, 3]), same)
    )


def test_a_value_on_an_edge_lies_below_it() -> None:
    edges = np.array([0.0, 1.0])
    a, b = np.array([0.0] * 4 + [1.0] * 3 + [2.0] * 2), np.array([-5.0, 0.0, 0.5, 1.0, 1.5, 9.0])
    assert psi(a, b, edges) == pytest.approx(psi_of(np.array([4, 3, 2]), np.array([2, 2, 2])))


def test_equal_edges_are_merged_and_none_lies_at_the_end() -> None:
    ties = np.array([0.0] * 60 + [0.5] * 10 + [1.0] * 30)
    assert decile_edges(ties).tolist() == [0.0, 0.5]  # the 80th and 90th percentiles are the largest value
    assert decile_edges(np.zeros(10)).tolist() == []
    assert psi(np.zeros(10), np.ones(10), decile_edges(np.zeros(10))) == 0  # one bin tells nothing; Wasserstein does
    reference = generator("tests/drift/edges").normal(size=5000)
    counts = np.bincount(np.searchsorted(decile_edges(reference), reference), minlength=10)
    assert (counts == 500).all()


def test_by_chance_the_index_is_as_large_as_said() -> None:
    """Yurdakul and Naranjo (2020): (bins - 1)(1/n + 1/m) on average between samples of one population."""
    rng, found = generator("tests/drift/chance"), []
    edges = np.arange(0.1, 0.95, 0.1)
    for _ in range(400):
        found.append(psi(rng.uniform(size=400), rng.uniform(size=300), edges))
    assert np.mean(found) == pytest.approx(chance(10, 400, 300), rel=0.06)


def windows(shift_from: int, count: int = 5) -> tuple[dict[str, pd.DataFrame], dict[str, pd.Series]]:
    """Windows of one population, in which a feature moves from one window on, and a fifth of the units with it."""
    rng, frames, labels = generator("tests/drift/windows"), {}, {}
    for j in range(count):
        index = [f"{j}{i:04}" for i in range(600)]
        moves = np.where((j >= shift_from) & (rng.uniform(size=600) < 0.5), 1.5, 0)
        frames[f"w{j}"] = pd.DataFrame(
            {"moves": rng.normal(size=600) + moves, "stays": rng.exponential(size=600), "flat": 1.0}, index=index
        )
        labels[f"w{j}"] = pd.Series(np.where(frames[f"w{j}"]["moves"] > 1, 2, 1), index=index)
    return frames, labels


@pytest.mark.parametrize("shift_from", [2, 4, 9])
def test_a_break_is_found_where_it_is_and_nowhere_else(shift_from: int) -> None:
    found = drift(*windows(shift_from), k=2)
    rows = found.table.pivot(index="window", columns="feature", values="psi")
    far = found.table.pivot(index="window", columns="feature", values="wasserstein")
    for j in range(1, 5):
        moved = j >= shift_from
        assert (rows.loc[f"w{j}", "moves"] > 0.25) == moved == (far.loc[f"w{j}", "moves"] > 0.25)
        assert (found.segment_psi[f"w{j}"] > 0.1) == moved
        assert rows.loc[f"w{j}", "stays"] < 0.1 and far.loc[f"w{j}", "stays"] < 0.15
        assert rows.loc[f"w{j}", "flat"] == 0 and math.isnan(far.loc[f"w{j}", "flat"])
    assert found.reference == "w0" and found.last()["window"].unique().tolist() == ["w4"]
    assert found.last()["psi"].is_monotonic_decreasing


def test_the_distance_is_in_standard_deviations_of_the_reference() -> None:
    frame = pd.DataFrame({"x": [0.0, 2.0, 4.0, 6.0]})
    found = drift({"a": frame, "b": frame + 3}, {"a": pd.Series([1] * 4), "b": pd.Series([1, 1, 1, 2])}, k=3)
    assert found.table.loc[0, "wasserstein"] == pytest.approx(3 / np.sqrt(5))
    assert found.segments["units"].to_list() == [4, 0, 0, 3, 1, 0]
    assert found.segments.groupby("window")["share"].sum().to_list() == [1, 1]


def test_order_and_names_of_units_do_not_matter() -> None:
    frames, labels = windows(2)
    order = generator("tests/drift/order").permutation(600)
    shuffled = {n: f.iloc[order].set_axis(range(600)) for n, f in frames.items()}
    again = drift(shuffled, {n: s.iloc[order] for n, s in labels.items()}, k=2)
    pd.testing.assert_frame_equal(again.table, drift(frames, labels, k=2).table, rtol=1e-12)


def test_results_are_plain_also_where_there_is_nothing() -> None:
    back = json.loads(json.dumps(drift(*windows(2), k=2).to_json()))
    assert set(back["features"]) == {"w1", "w2", "w3", "w4"} == set(back["segment_psi"])
    assert back["features"]["w4"]["moves"]["psi"] > 0.25
    none = no_drift("the log is too short")
    assert json.loads(json.dumps(none.to_json()))["reason"] == "the log is too short"
    assert none.last().empty and "<table" in none._repr_html_()
