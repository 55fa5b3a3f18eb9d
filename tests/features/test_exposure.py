"""Recency and tenure in watched days: by hand, and as a log without the silent days would have them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from segkit.data.breaks import Breaks, declared
from segkit.features.exposure import in_watched_days
from segkit.studies.contacts import CALLS
from segkit.studies.customers import PURCHASED

FIRST, LAST = date(2024, 1, 1), date(2024, 12, 30)
AS_OF = datetime(2024, 12, 31)
BREAKS = declared([(date(2024, 3, 1), date(2024, 3, 10)), (date(2024, 10, 1), date(2024, 11, 20))], FIRST, LAST)


def features(events: dict[str, list[datetime]]) -> pd.DataFrame:
    day = timedelta(days=1)
    rows = {u: ((AS_OF - max(t)) / day, (max(t) - min(t)) / day, 5.0) for u, t in events.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["recency_days", "tenure_days", "n_calls"])


@pytest.mark.parametrize("measures", [CALLS, PURCHASED], ids=["contacts", "customers"])
def test_by_hand(measures: object) -> None:
    frame = features(
        {
            "before both": [datetime(2024, 2, 1), datetime(2024, 2, 29, 23, 59, 59)],
            "between": [datetime(2024, 2, 20, 12), datetime(2024, 9, 30)],
            "over both": [datetime(2024, 2, 20), datetime(2024, 11, 21)],
            "after": [datetime(2024, 11, 21), datetime(2024, 11, 22, 6)],
        }
    )
    found = in_watched_days(frame, AS_OF, BREAKS, measures)  # type: ignore[arg-type]
    less = frame - found
    assert less["recency_days"].round(9).to_dict() == {"before both": 61, "between": 51, "over both": 0, "after": 0}
    assert less["tenure_days"].round(9).to_dict() == {"before both": 0, "between": 10, "over both": 61, "after": 0}
    assert (less["n_calls"] == 0).all()


def test_watched_days_are_those_of_a_log_that_leaves_the_silent_days_out() -> None:
    """Each moment moves forward by the days of breaks before it; then nothing is silent any more."""
    rng = np.random.default_rng(4)
    watched = [d for n in range(365) if not silent(d := datetime(2024, 1, 1) + timedelta(days=n))]
    events = {f"u{i}": [watched[j] + timedelta(seconds=int(rng.integers(86_400))) for j in rng.integers(0, len(watched), 4)]
              for i in range(200)}  # fmt: skip
    place = {d: timedelta(days=n) for n, d in enumerate(watched)}
    squeezed = {u: [datetime(2024, 1, 1) + place[datetime(t.year, t.month, t.day)] + (t - datetime(t.year, t.month, t.day))
                    for t in times] for u, times in events.items()}  # fmt: skip
    want = features(squeezed)
    want["recency_days"] -= BREAKS.days  # the moment at which one looks moves, too
    got = in_watched_days(features(events), AS_OF, BREAKS, CALLS)
    pd.testing.assert_frame_equal(got, want, atol=1e-9)


def silent(day: datetime) -> bool:
    return bool(BREAKS.silent(np.datetime64(day), np.datetime64(day + timedelta(days=1))))


def test_a_log_without_breaks_keeps_its_features() -> None:
    frame = features({"u": [datetime(2024, 2, 1), datetime(2024, 6, 1, 7)]})
    none: Breaks = declared([], FIRST, LAST)
    pd.testing.assert_frame_equal(in_watched_days(frame, AS_OF, none, CALLS), frame)
