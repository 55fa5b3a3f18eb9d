"""What holds for the features of any log."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_calls import QUICK, Call, business, logs, renamed, table_of

from segkit.config import Hours
from segkit.features.events import event_features
from segkit.features.table import canonical_order
from segkit.studies.contacts import CALLS

SETTINGS = business()
BANDS = [f"share_{b}" for b in Hours().bands]


@QUICK
@given(st.data())
def test_neither_row_order_nor_key_moves_a_value(data: st.DataObject) -> None:
    calls = data.draw(logs)
    one = event_features(table_of(calls), SETTINGS, CALLS)
    shuffled = data.draw(st.permutations(calls))
    two = event_features(table_of(renamed(shuffled)), SETTINGS, CALLS)
    assert np.array_equal(one.frame.to_numpy(), two.frame.to_numpy())
    assert one.fingerprint == two.fingerprint
    assert one.thresholds == two.thresholds


@QUICK
@given(logs)
def test_shares_and_sums_are_consistent(calls: list[Call]) -> None:
    frame = event_features(table_of(calls), SETTINGS, CALLS).frame
    assert frame[BANDS].sum(axis=1).to_numpy() == pytest.approx(1)
    assert (frame["share_open_day"] + frame["share_closed_day"]).to_numpy() == pytest.approx(1)
    assert (frame.filter(like="category: ").sum(axis=1) <= 1 + 1e-12).all()
    assert frame["n_calls"].sum() == len(calls)
    assert frame["total_dur_sec"].sum() == sum(c.seconds for c in calls)
    assert (frame["n_days_active"] <= frame["n_calls"]).all()
    assert (frame["n_days_active"] <= np.floor(frame["tenure_days"]) + 2).all()
    assert (frame["median_dur_sec"] <= frame["p90_dur_sec"]).all()
    assert frame["recency_days"].min() == 0
    assert np.isfinite(frame.to_numpy()).all()


@QUICK
@given(logs, st.integers(1, 400 * 86_400))
def test_a_later_moment_adds_its_days_to_recency_and_nothing_else(calls: list[Call], seconds: int) -> None:
    now = event_features(table_of(calls), SETTINGS, CALLS)
    then = event_features(table_of(calls), SETTINGS, CALLS, as_of=now.as_of + timedelta(seconds=seconds))
    late = then.frame.loc[now.frame.index]
    assert late["recency_days"].to_numpy() == pytest.approx(now.frame["recency_days"] + seconds / 86_400)
    pd.testing.assert_frame_equal(late.drop(columns="recency_days"), now.frame.drop(columns="recency_days"))


@QUICK
@given(st.data())
def test_one_call_twice_is_one_call_more(data: st.DataObject) -> None:
    calls = data.draw(logs)
    again = data.draw(st.sampled_from(calls))
    before = event_features(table_of(calls), SETTINGS, CALLS, large=300).frame
    after = event_features(table_of([*calls, again]), SETTINGS, CALLS, large=300).frame.loc[before.index]
    change = (after - before).loc[again.unit]
    assert change[["n_calls", "n_days_active", "tenure_days", "recency_days"]].to_list() == [1, 0, 0, 0]
    assert change["total_dur_sec"] == again.seconds
    others = before.index != again.unit
    model = before.columns[:20]  # a second label may change which categories are the commonest, not these
    pd.testing.assert_frame_equal(after.loc[others, model], before.loc[others, model])


def test_units_that_tie_in_every_column_leave_the_sorted_values_alone() -> None:
    frame = pd.DataFrame({"x": [2.0, 1.0, 1.0], "y": [0.0, 5.0, 5.0]}, index=["p", "q", "r"])
    turned = frame.iloc[::-1]
    assert np.array_equal(canonical_order(frame).to_numpy(), canonical_order(turned).to_numpy())
    assert list(frame.index) == ["p", "q", "r"]
