"""The features of a log that is small enough to work out by hand."""

from __future__ import annotations

from datetime import datetime
from math import log

import ibis
import numpy as np
import pytest
from ibis.config import Config
from made_calls import Call, business, table_of

from segkit.config import Hours
from segkit.errors import ConfigError
from segkit.features.events import commonest, event_features, expression
from segkit.features.table import FeatureTable
from segkit.studies.contacts import CALLS as MEASURES

A, B, C = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"
# 2022-01-03 is a Monday, 01-08 and 01-15 are Saturdays, 01-09 and 01-16 are Sundays.
CALLS = [
    Call(A, datetime(2022, 1, 3, 9, 0, 0), 10, "Family"),
    Call(A, datetime(2022, 1, 3, 17, 59, 59), 20, "Family"),
    Call(A, datetime(2022, 1, 9, 19, 0, 0), 40, "Family"),
    Call(A, datetime(2022, 1, 13, 9, 0, 0), 100, "Supplier"),
    Call(B, datetime(2022, 1, 8, 0, 0, 0), 0, "Unknown"),
    Call(B, datetime(2022, 1, 8, 7, 59, 59), 60, "Unknown"),
    Call(B, datetime(2022, 1, 15, 23, 59, 59), 300, "Supplier"),
    Call(C, datetime(2022, 1, 16, 21, 0, 0), 50, None),
]
B_TENURE = 7 + 86_399 / 86_400  # 01-08 00:00:00 to 01-15 23:59:59

EXPECTED = {  # feature: values of A, B and C
    "n_calls": (4, 3, 1),
    "n_days_active": (3, 2, 1),
    "calls_per_active_day": (4 / 3, 3 / 2, 1),
    "calls_per_tenure_day": (4 / 11, 3 / (B_TENURE + 1), 1),
    "log_n_calls": (log(5), log(4), log(2)),
    "total_dur_sec": (170, 360, 50),
    "mean_dur_sec": (42.5, 120, 50),
    "median_dur_sec": (30, 60, 50),
    "p90_dur_sec": (40 + 0.7 * 60, 60 + 0.8 * 240, 50),  # at places 0.9 * 3 = 2.7, 0.9 * 2 = 1.8 and 0
    "log_total_dur": (log(171), log(361), log(51)),
    "log_median_dur": (log(31), log(61), log(51)),
    "long_call_share": (0, 1 / 3, 0),  # from 230 s on, see below
    "recency_days": (3.5, 75_601 / 86_400, 0),  # to 01-16 21:00:00
    "tenure_days": (10, B_TENURE, 0),
    "share_early_morning": (0, 2 / 3, 0),
    "share_business_hours": (3 / 4, 0, 0),
    "share_evening": (1 / 4, 0, 0),
    "share_late_night": (0, 1 / 3, 1),
    "share_open_day": (3 / 4, 1, 0),
    "share_closed_day": (1 / 4, 0, 1),
}
KINDS = {
    "category: Family": (3 / 4, 0, 0),
    "category: Supplier": (1 / 4, 1 / 3, 0),
    "category: Unknown": (0, 2 / 3, 0),
}


@pytest.fixture(scope="module")
def found() -> FeatureTable:
    return event_features(table_of(CALLS), business(), MEASURES)


def test_the_model_sees_twenty_features_in_four_blocks(found: FeatureTable) -> None:
    assert list(found.model_frame.columns) == list(EXPECTED)
    assert {block: len(names) for block, names in found.blocks.items()} == {
        "volume": 5, "duration": 7, "recency": 2, "timing": 6,
    }  # fmt: skip


@pytest.mark.parametrize("name", [*EXPECTED, *KINDS])
def test_a_feature_by_hand(found: FeatureTable, name: str) -> None:
    expected = {**EXPECTED, **KINDS}[name]
    assert found.frame.loc[[A, B, C], name].to_list() == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_a_long_call_is_measured_against_all_calls(found: FeatureTable) -> None:
    # 0, 10, 20, 40, 50, 60, 100, 300: place 0.95 * 7 = 6.65, so 100 + 0.65 * 200
    assert found.thresholds == {"long_call_sec": pytest.approx(230)}


def test_a_given_threshold_is_used_and_includes_calls_of_that_length() -> None:
    given = event_features(table_of(CALLS), business(), MEASURES, large=40)
    assert given.thresholds == {"long_call_sec": 40}
    assert given.frame.loc[[A, B, C], "long_call_share"].to_list() == pytest.approx([2 / 4, 2 / 3, 1])


def test_the_quantile_of_long_calls_is_a_setting() -> None:
    half = event_features(table_of(CALLS), business(long_call_quantile=0.5), MEASURES)
    assert half.thresholds == {"long_call_sec": 45}  # between 40 and 50


def test_quantiles_are_those_of_numpy() -> None:
    rng = np.random.default_rng(7)
    seconds = {unit: rng.integers(0, 7_200, size) for unit, size in ((A, 1), (B, 2), (C, 37))}
    calls = [Call(u, datetime(2022, 5, 3, 8), int(s)) for u, values in seconds.items() for s in values]
    frame = event_features(table_of(calls), business(), MEASURES).frame
    for unit, values in seconds.items():
        assert frame.loc[unit, "median_dur_sec"] == pytest.approx(np.median(values))
        assert frame.loc[unit, "p90_dur_sec"] == pytest.approx(np.quantile(values, 0.9, method="linear"))


def test_units_are_ordered_by_their_values(found: FeatureTable) -> None:
    assert list(found.frame.index) == [C, B, A]  # by n_calls, the first column
    tied = [Call(B, datetime(2022, 1, 3, 9), 9), Call(A, datetime(2022, 1, 3, 9), 8)]
    assert list(event_features(table_of(tied), business(), MEASURES).frame.index) == [A, B]  # next by total_dur_sec


def test_the_last_call_is_the_moment_unless_settings_or_caller_say_otherwise() -> None:
    later, latest = datetime(2022, 1, 18, 9), datetime(2022, 1, 20, 21)
    table = table_of(CALLS)
    assert event_features(table, business(), MEASURES).as_of == datetime(2022, 1, 16, 21)
    by_setting = event_features(table, business(as_of=later), MEASURES)
    assert (by_setting.as_of, by_setting.frame.loc[A, "recency_days"]) == (later, 5)
    by_caller = event_features(table, business(as_of=later), MEASURES, as_of=latest)
    assert (by_caller.as_of, by_caller.frame.loc[C, "recency_days"]) == (latest, 4)


def test_a_moment_before_the_last_call_is_refused() -> None:
    with pytest.raises(ConfigError, match="as_of lies before the last call"):
        event_features(table_of(CALLS), business(as_of=datetime(2022, 1, 16, 20, 59, 59)), MEASURES)


def test_bands_and_closed_days_are_settings() -> None:
    hours = Hours(bands={"night": (0, 5), "day": (6, 18), "dusk": (19, 23)}, closed_days=("Friday", "Saturday"))
    other = event_features(table_of(CALLS), business(hours), MEASURES)
    assert other.blocks["timing"] == ["share_night", "share_day", "share_dusk", "share_open_day", "share_closed_day"]
    rows = other.frame.loc[[A, B, C]]
    assert rows["share_night"].to_list() == pytest.approx([0, 1 / 3, 0])
    assert rows["share_day"].to_list() == pytest.approx([3 / 4, 1 / 3, 0])
    assert rows["share_dusk"].to_list() == pytest.approx([1 / 4, 1 / 3, 1])
    assert rows["share_closed_day"].to_list() == [0, 1, 0]


def test_a_business_may_be_open_every_day() -> None:
    frame = event_features(table_of(CALLS), business(Hours(closed_days=())), MEASURES).frame
    assert frame["share_closed_day"].to_list() == [0, 0, 0]
    assert frame["share_open_day"].to_list() == [1, 1, 1]


def test_a_log_without_categories_has_no_category_features() -> None:
    bare = event_features(table_of([c._replace(category=None) for c in CALLS]), business(), MEASURES)
    assert list(bare.frame.columns) == list(EXPECTED)
    assert np.array_equal(bare.frame.loc[[A, B, C], "tenure_days"], [10, B_TENURE, 0])


def test_the_commonest_categories_come_first_and_ties_by_name() -> None:
    kinds = ["d", "c", "b", "a", "b", "i", "h", "g", "f", "e"]
    calls = [Call(A, datetime(2022, 1, 3, 9, n), 5, kind) for n, kind in enumerate(kinds)]
    assert commonest(ibis.memtable(table_of(calls))) == ["b", "a", "c", "d", "e", "f", "g", "h"]


def test_every_column_is_described(found: FeatureTable) -> None:
    assert found.table["feature"].to_list() == list(found.frame.columns)
    assert found.table.set_index("feature")["in model"].to_dict() == {
        **dict.fromkeys(EXPECTED, True), **dict.fromkeys(KINDS, False),
    }  # fmt: skip
    assert [c.name for c in MEASURES.columns(list(Hours().bands), ["Family", "Supplier", "Unknown"])] == list(
        found.frame.columns
    )
    assert found.table["meaning"].is_unique
    assert len(set(found.labels.values())) == len(found.labels)


def test_the_calls_stay_as_they_were() -> None:
    table = table_of(CALLS)
    event_features(table, business(), MEASURES)
    assert table.equals(table_of(CALLS))


class Spark(Config):
    """The options that the Spark compiler asks for; only an installed pyspark brings them. These are its defaults."""

    treat_nan_as_null: bool = False


@pytest.mark.parametrize("dialect", ["duckdb", "pyspark", "databricks", "postgres", "snowflake"])
def test_the_expression_compiles_for_other_engines(dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ibis.options, "pyspark", Spark())
    schema = {"unit": "string", "started_at": "timestamp", "amount": "int64", "category": "string"}
    wide = expression(
        ibis.table(schema, name="calls"),
        business(),
        MEASURES,
        as_of=datetime(2022, 2, 1),
        large=230,
        categories=["Family"],
    )
    text = str(ibis.to_sql(wide, dialect=dialect))
    assert all(name in text for name in EXPECTED if not name.startswith("category: "))
    assert "category_0" in text and "Family" in text


def test_a_label_of_few_contacts_is_no_feature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segkit.features.events.SMALL_CELL", 5)
    calls = [Call(f"{i:012x}", datetime(2022, 1, 3), 10, "Four" if i < 4 else "Five") for i in range(9)]
    assert commonest(ibis.memtable(table_of(calls * 2))) == ["Five"]
