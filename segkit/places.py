"""Where data come from and as of when they are looked at, as settings give it: a path or an address, and a local clock."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr


def _local(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is not None:
        raise ValueError("give the local clock without an offset, as the data have it")
    return value


Given = Path | SecretStr  # a file or folder, or the address of a warehouse, which may hold a password


def given(text: str) -> Given:
    """Tell an address from a path; an address is kept such that nothing prints it by accident.

    >>> given("sales"), given("postgres://ann:secret@db/sales")
    (PosixPath('sales'), SecretStr('**********'))
    """
    return SecretStr(text) if "://" in text else Path(text)


Place = Annotated[Given | None, BeforeValidator(lambda value: given(value) if isinstance(value, str) else value)]
LocalTime = Annotated[datetime | None, AfterValidator(_local)]
