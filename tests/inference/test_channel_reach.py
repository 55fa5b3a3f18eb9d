"""Reach of channels, use by group, and the shift between two ways of finding touches."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from segkit.inference.engagement_pair import pair
from segkit.inference.groups import means_by
from segkit.inference.reach import reach, shift, use_by


def test_reach_counts_units_and_mentions() -> None:
    events = pd.DataFrame({"Event": [2] * 20 + [0] * 40 + [1] * 20 + [0] * 20, "Phone": 0})
    found = reach({"offline": events}, {"any": events["Event"] > 0})
    row = found.table.set_index("channel").loc["Event"]
    low, high = proportion_confint(40, 100, method="wilson")
    assert (row["units"], row["mentions"], row["mean"]) == (40, 60, 1.5)
    assert row[["low", "high"]].tolist() == pytest.approx([low, high])
    phone = found.table.set_index("channel").loc["Phone"]
    assert phone["units"] == 0 and np.isnan(phone["mean"])
    assert found.signal("any")["units"] == 40 and found.diversity == {"offline": 0.4}


def test_use_is_a_share_within_each_group() -> None:
    groups = pd.Series([1] * 50 + [2] * 50)
    touched = pd.DataFrame({"Event": [True] * 25 + [False] * 25 + [True] * 5 + [False] * 45, "Fax": False})
    found = use_by(groups, touched)
    assert found.wide("rate").loc["Event"].tolist() == [0.5, 0.1]
    assert found.wide("lift").loc["Event"].tolist() == pytest.approx([0.5 / 0.3, 0.1 / 0.3])
    assert found.wide("lift").loc["Fax"].isna().all()


def test_shift_counts_who_changes_and_compares_both_ways() -> None:
    both, one = "Omnichannel", "Online Only"
    first = pd.Series([both] * 60 + [one] * 40)
    second = pd.Series([both] * 40 + [one] * 60)
    outcome = pd.Series([True] * 20 + [False] * 30 + [True] * 10 + [False] * 40)
    reached = {
        n: pd.DataFrame({"Event": (s == both).astype(int)}) for n, s in (("literal", first), ("taxonomy", second))
    }
    found = shift(
        {"literal": first, "taxonomy": second}, reached, {"Event": "offline"}, outcome, both=both, one=one,
        order=(both, one, "None"),
    )  # fmt: skip
    assert found.moved == 20 and found.table.loc[both, one] == 20 and found.table.loc["None", "None"] == 0
    assert found.channels[["literal", "taxonomy"]].values.tolist() == [[60, 40]]
    raw = found.comparisons["taxonomy"]
    low, high = confint_proportions_2indep(20, 40, 10, 60, method="newcomb", compare="diff")
    assert (raw.difference, raw.low, raw.high) == pytest.approx((20 / 40 - 10 / 60, low, high))


def test_means_have_normal_intervals() -> None:
    values = pd.DataFrame({"x": np.arange(10.0)})
    row = means_by(pd.Series(["a"] * 10), values).of("x").loc["a"]
    half = 1.959964 * np.arange(10.0).std(ddof=1) / np.sqrt(10)
    assert row[["mean", "low", "high"]].tolist() == pytest.approx([4.5, 4.5 - half, 4.5 + half], rel=1e-6)


def test_the_published_pair_is_compared_with_one_line() -> None:
    n = 40
    frame = pd.DataFrame(
        {"is_closed": [True] * 10 + [False] * 30, "sessions": [2.0] * 22 + [0.0] * 18, "pageviews": 1.0, "forms": 0.0,
         "engagement_score": 1.0, "likelihood": np.nan, "days_to_close": [5.0, 15.0] * 5 + [np.nan] * 30,
         "latest_source": ["PAID_SEARCH"] * 30 + ["OFFLINE"] * 10},
    )  # fmt: skip
    high = pd.Series([True] * 20 + [False] * 20)
    found = pair(high, frame, pd.Series([1] * 20 + [2] * 20))
    assert found.line_same == (n - 2) / n and found.in_use_ari == 1.0 and found.line_ari < 1.0
    first = found.table.iloc[0]
    assert (first["segment"], first["events"], first["days_to_close"], first["median_days"]) == ("1A", 10, 10.0, 10.0)
    assert np.isnan(first["likelihood"])
    assert found.sources.set_index("source")["1B"].to_dict() == {"PAID_SEARCH": 0.5, "OFFLINE": 0.5}
