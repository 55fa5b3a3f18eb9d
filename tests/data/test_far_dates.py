"""Rows years away from all others are named, and quiet logs raise no alarm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_log import KEY

from segkit.config import Contacts
from segkit.data.events import EventLog, load_events
from segkit.data.far_dates import bounds
from segkit.errors import InputError

DAYS = [date(2024, 1, 1) + timedelta(days=i) for i in range(40)]


def made(write: Callable[..., Path], days: list[date], **settings: Any) -> EventLog:
    rows = [f"{day} 08:00:00,20255501{i % 4:02},{10 + i}" for i, day in enumerate(days)]
    columns = {"date": "start", "contact": "number", "duration": "seconds"}
    path = write("start,number,seconds\n" + "\n".join(rows) + "\n")
    return load_events(path, Contacts.model_validate({"columns": columns} | settings), key=KEY)


@pytest.mark.parametrize("year", [1970, 2014, 2027, 2034])
def test_a_typing_error_in_a_year_is_named(write: Callable[..., Path], year: int) -> None:
    days = [*DAYS[:3], DAYS[3].replace(year=year), *DAYS[4:]]
    with pytest.raises(InputError, match="1 row has a date years before or after all other calls") as caught:
        made(write, days)
    assert list(caught.value.rows) == [5]
    assert "as_of" in caught.value.remedy and '"quarantine"' in caught.value.remedy
    aside = made(write, days, gates={"timestamp": "quarantine"})
    assert aside.rows == 39 and aside.audit.timestamp_failures == 1


def test_the_owner_may_say_that_the_log_reaches_so_far(write: Callable[..., Path]) -> None:
    days = [*DAYS, date(2034, 1, 1)]
    assert made(write, days, as_of="2034-01-01").rows == 41
    with pytest.raises(InputError, match="years before or after"):
        made(write, days, as_of="2033-12-31")


def test_errors_at_both_ends_are_found_together(write: Callable[..., Path]) -> None:
    with pytest.raises(InputError) as caught:
        made(write, [date(1970, 1, 1), *DAYS, date(2034, 1, 1)])
    assert list(caught.value.rows) == [2, 43]


@pytest.mark.parametrize(
    "days",
    {
        "every day": np.arange(400),
        "seasons of a month, eight years long": np.concatenate([365 * y + np.arange(30) for y in range(8)]),
        "a call in three years": np.arange(0, 30 * 1095, 1095),
        "a pause of four years in the middle": np.concatenate([np.arange(50), 1500 + np.arange(50)]),
        "a last call after almost two years": np.append(np.arange(50), 779),
        "a pause of two years, and a last call after nine": np.concatenate([np.arange(20), 750 + np.arange(20), [4000]]),
        "nine rows": np.append(np.arange(8), 5000),
        "a second period of many rows": np.concatenate([np.arange(50), 5000 + np.arange(6)]),
        "one day": np.zeros(1, int),
    }.items(),
    ids=lambda named: named[0],
)  # fmt: skip
def test_quiet_logs_raise_no_alarm(days: tuple[str, np.ndarray]) -> None:
    assert bounds(days[1], np.ones(len(days[1]), int)) == (days[1][0], days[1][-1])


@pytest.mark.parametrize("seed", range(20))
def test_random_logs_raise_no_alarm(seed: int) -> None:
    """Silences between calls are gamma with a shape of a tenth: bursts, and pauses of up to years."""
    random = np.random.default_rng(seed)
    days = np.unique(np.cumsum(random.gamma(0.1, 10 * random.choice([1, 30, 200]), 3_000)).astype(int))
    assert bounds(days, np.ones(len(days), int)) == (days[0], days[-1])
