"""Calls whose dates have no time of day are of use: there are no bands of the day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_log import KEY

from segkit.config import Contacts
from segkit.data.draft import draft_settings
from segkit.data.events import load_events
from segkit.errors import ConfigError, InputError

COLUMNS = {"date": "start", "contact": "number", "duration": "seconds"}


def calls(*behind: str) -> str:
    rows = [f"2024-01-{i + 1:02}{behind[i % len(behind)]},20255501{i % 4:02},{10 + i}" for i in range(28)]
    return "start,number,seconds\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize("behind", ["", " 00:00:00"])
def test_dates_alone_are_read(write: Callable[..., Path], behind: str) -> None:
    path = write(calls(behind))
    log = load_events(path, Contacts.model_validate({"columns": COLUMNS, "hours": {"bands": {}}}), key=KEY)
    assert (log.rows, log.audit.time_of_day) == (28, False)
    with pytest.raises(ConfigError, match="no time of day") as caught:
        load_events(path, Contacts.model_validate({"columns": COLUMNS}), key=KEY)
    assert "bands = {}" in str(caught.value)
    drafted = draft_settings(path)
    assert drafted.confident and "there are no bands of it" in drafted.toml


def test_some_dates_with_a_time_and_some_without_are_refused(write: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="14 dates have a time of day and 14 have none"):
        load_events(write(calls("", " 08:00:00")), Contacts.model_validate({"columns": COLUMNS}), key=KEY)
