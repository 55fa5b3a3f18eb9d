"""Addresses of single tables: ``postgres://host/database?table=schema.name``. They may hold passwords, so none is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote_plus

from ..config import Given, given
from ..errors import ConfigError

__all__ = ["FOLDER", "given", "has_table", "sample", "split_table", "stands_for"]

TABLE = "table="
FOLDER = "warehouse"  # of what a warehouse said


def has_table(address: str) -> bool:
    """Tell whether an address names a table.

    >>> has_table("duckdb:///calls.duckdb?table=calls"), has_table("postgres://db/sales?sslmode=require")
    (True, False)
    """
    return any(part.startswith(TABLE) for part in address.partition("?")[2].split("&"))


def split_table(address: str) -> tuple[str, str]:
    """Return the address of a database, and the table of it that an address names.

    Raises
    ------
    ConfigError
        It names none, or several.

    Examples
    --------
    >>> split_table("postgres://ann:pw@db/log?table=tel.calls&sslmode=require")
    ('postgres://ann:pw@db/log?sslmode=require', 'tel.calls')
    """
    place, _, options = address.partition("?")
    parts = [part for part in options.split("&") if part]
    named = [unquote_plus(part.removeprefix(TABLE)).strip() for part in parts if part.startswith(TABLE)]
    if len(named) != 1 or not named[0]:
        raise ConfigError(
            "the address does not say which table has the events" if not any(named) else "the address names several tables",
            remedy="End it with ?table=NAME or ?table=SCHEMA.NAME; a view will do as well.",
        )  # fmt: skip
    rest = "&".join(part for part in parts if not part.startswith(TABLE))
    return place + (f"?{rest}" if rest else ""), named[0]


def stands_for(place: Given, root: Path) -> Path:
    """Return the path beside which settings of data stand, as ``<path>.toml``: the file, or in a project one called as a table.

    >>> stands_for(given("duckdb:///log.duckdb?table=tel.calls"), Path("project")).as_posix()
    'project/tel.calls'
    """
    if isinstance(place, Path):
        return place
    return root / (re.sub(r"[^\w.-]", "_", split_table(place.get_secret_value())[1]).lstrip(".") or "table")


@contextmanager
def sample(place: Given) -> Iterator[Path]:
    """Give a file to look at: the one that is given, or for a while one with some rows of the table of an address."""
    if isinstance(place, Path):
        yield place
        return
    from . import event_warehouse  # brings ibis, which files do without

    with event_warehouse.sampled(place.get_secret_value()) as found:
        yield found
