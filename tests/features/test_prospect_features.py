"""Derived columns of prospects, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segkit.features.prospects import STRATEGIES, Prospects, derive, engagement

CHANNELS, PLATFORMS = ("Event", "Phone"), ("Facebook", "TikTok")
AS_OF = pd.Timestamp("2025-07-01")


@pytest.fixture
def made() -> Prospects:
    index = pd.Index(list("abcd"), name="contact")
    frame = pd.DataFrame(
        {
            "clicks": [3.0, np.nan, 0.0, 0.0],
            "sessions": [1.0, 2.0, np.nan, 0.0],
            "pageviews": [4.0, 0.0, np.nan, 0.0],
            "forms": [1.0, 0.0, np.nan, 1.0],
            "created": pd.to_datetime(["2025-01-01 12:00", "2025-06-01 00:00", "2025-05-01 00:00", "2025-06-30 00:00"]),
            "closed": pd.to_datetime(["2025-01-11 11:00", None, "2025-04-30 00:00", None]),
            "stage": ["customer", "lead", "evangelist", None],
        },
        index=index,
    )
    touches = pd.DataFrame(
        {
            "Event": [2, 0, 1, 0], "Phone": [1, 0, 0, 0], "Facebook": [1, 1, 0, 0], "TikTok": [1, 2, 0, 0],
            "online": [True, True, False, False], "system": [False, False, False, True],
            "offline_original": [True, False, True, False], "offline_latest": [True, False, False, False],
            "online_original": [False, True, False, False], "online_latest": [True, True, False, False],
        },
        index=index,
    )  # fmt: skip
    return derive(frame, touches, CHANNELS, PLATFORMS, AS_OF)


def test_strategies_types_and_intensities_follow_from_the_touches(made: Prospects) -> None:
    f = made.frame
    assert f["channel_strategy"].tolist() == ["Omnichannel", "Online Only", "Offline Only", "None"]
    assert f["offline_type"].tolist() == ["Throughout", "Online", "Original Only", "Online"]
    assert f["offline_intensity"].tolist() == ["Medium", "None", "Low", "None"]
    assert f["offline_mentions_total"].tolist() == [3, 0, 1, 0]
    assert f["offline_diversity"].tolist() == [2, 0, 1, 0]
    assert f["is_omnichannel"].tolist() == [True, False, False, False]
    assert set(f["channel_strategy"]) <= set(STRATEGIES)


def test_ties_between_platforms_go_to_the_first_and_none_is_mixed(made: Prospects) -> None:
    assert made.frame["platform_tag"].tolist() == ["Facebook", "TikTok", "Mixed", "Mixed"]


def test_days_are_whole_and_a_close_before_the_creation_has_none(made: Prospects) -> None:
    f = made.frame
    assert f["days_to_close"].tolist()[0] == 10.0  # days of the calendar: nine days and 23 hours pass
    assert f["days_to_close"].isna().tolist() == [False, True, True, True]
    assert f["days_observed"].fillna(-1).tolist() == [10.0, 30.0, -1.0, 1.0]
    assert f["is_closed"].tolist() == [True, False, True, False]
    assert f["is_won"].tolist() == [True, False, True, False]


def test_closed_and_won_are_kept_apart() -> None:
    index = pd.Index(["a"], name="contact")
    frame = pd.DataFrame(
        {"clicks": [0.0], "sessions": [0.0], "pageviews": [0.0], "forms": [0.0], "created": pd.to_datetime(["2025-01-01"]),
         "closed": pd.to_datetime([None]), "stage": ["customer"]}, index=index,
    )  # fmt: skip
    flags = ("online", "offline_original", "offline_latest", "online_original", "online_latest")
    touches = pd.DataFrame({"Event": [0], "Facebook": [0]} | {f: [False] for f in flags}, index=index)
    found = derive(frame, touches, ("Event",), ("Facebook",), AS_OF).frame
    assert found["is_won"].item() and not found["is_closed"].item()
    assert not found["system"].item()  # the literal detector knows no such state


def test_engagement_is_the_sum_of_logarithms_and_empty_counts_are_none(made: Prospects) -> None:
    f = made.frame
    assert f["engagement_score"].tolist()[0] == pytest.approx(np.log(2) + np.log(5) + np.log(2))
    assert f["engagement_score"].tolist()[2] == 0.0
    assert f["social_intensity"].tolist()[0] == pytest.approx(np.log(4))
    table = engagement(made)
    row = table.frame.loc["a"]
    assert row["pageviews_per_session"] == pytest.approx(4 / 2)
    assert row["forms_per_session"] == pytest.approx(1 / 2)
    assert row["forms_per_click"] == pytest.approx(1 / 4)
    assert list(table.blocks) == ["activity", "depth"] and not table.frame.isna().any().any()
    assert list(table.model_frame.columns) == [
        "log_clicks", "log_sessions", "log_pageviews", "log_forms", "pageviews_per_session", "forms_per_session",
        "forms_per_click",
    ]  # fmt: skip


def test_the_order_of_rows_changes_nothing(made: Prospects) -> None:
    other = Prospects(made.frame.iloc[::-1], made.channels, made.platforms, made.as_of)
    pd.testing.assert_frame_equal(engagement(made).frame, engagement(other).frame)


def test_touched_channels_are_flags_with_the_names_of_the_dictionary(made: Prospects) -> None:
    assert made.offline.columns.tolist() == list(CHANNELS) and made.online.columns.tolist() == list(PLATFORMS)
    assert made.offline["Event"].tolist() == [True, False, True, False]
