"""What was published of markets in the AdventureWorks sample, found again without the network.

Set SEGKIT_DATA to a folder that holds adventureworks/.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from made_sales import FOLDER, adventureworks

from segkit.engine.representations import Representations, representations
from segkit.engine.sequence_network import NoNetwork
from segkit.engine.sequences import Sequences, linear, sequences
from segkit.features.counted import Counted, counted
from segkit.features.panel import panel
from segkit.features.sales import market_features

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="SEGKIT_DATA names no folder with adventureworks"),
]
PUBLISHED_K = 5


@pytest.fixture(scope="module")
def sold() -> Counted:
    return counted(adventureworks())


@pytest.fixture(scope="module")
def cut(sold: Counted) -> Sequences:
    return sequences(panel(sold, growth="published").table)


@pytest.fixture(scope="module")
def found(sold: Counted, cut: Sequences) -> Representations:
    table = market_features(sold, SimpleNamespace(growth="published"))  # type: ignore[arg-type]
    return representations(table, cut, NoNetwork("It is not asked for."))


def test_the_published_growth_is_far_out_and_ours_is_not(sold: Counted, cut: Sequences) -> None:
    ours = sequences(panel(sold).table)
    # A largest standard score among 360 months cannot be above 19; that of the published growth is past half of it.
    assert cut.largest["revenue_growth"] > 10 > 5 > ours.largest["revenue_growth"]


def test_five_segments_of_ten_markets_leave_two_alone(found: Representations) -> None:
    five = found.scores[found.scores["k"] == PUBLISHED_K].set_index("representation")["singletons"]
    assert five[["series", "components"]].tolist() == [2, 2] and (five >= 1).all()


def test_sequences_follow_the_level_of_revenue(found: Representations) -> None:
    table = found.table.set_index("representation")
    assert 0.65 < table.loc["components", "follows_level"] < 0.8
    assert table.loc["components", "one_dimensional"] > 0.5 > table.loc["series", "follows_level"]


def test_components_reproduce_what_is_held_out_far_better_than_the_mean(cut: Sequences) -> None:
    own = linear(cut)
    assert own.dims == 32 and own.error < own.mean_error / 4
