"""Typed events of keyed units as they are kept on disk, with what was seen when they were read: no raw identifier."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..contract import Contract
from ..errors import BuildError
from .contracts import ARROW, validate
from .events import EventLog, LoadAudit
from .files import fingerprint
from .gates import Quarantined
from .opening import open_bytes
from .purchases import Purchases

AUDIT = b"segkit"  # the key of the file's own metadata
NAME = "warehouse.parquet"
_KINDS: dict[str, Any] = {kind.__name__: kind for kind in (Quarantined, Purchases)}


def save(log: EventLog, folder: Path) -> None:
    """Write a log to a folder that is its owner's; the same log is the same bytes."""
    audit = {f.name: _plain(getattr(log.audit, f.name)) for f in dataclasses.fields(LoadAudit) if f.name != "contract"}
    text = json.dumps(audit, ensure_ascii=False)
    buffer = io.BytesIO()
    pq.write_table(log.events.replace_schema_metadata({AUDIT: text.encode()}), buffer)
    path = folder / NAME
    path.touch(0o600)
    path.write_bytes(buffer.getvalue())


def load(path: Path, contract: Contract) -> EventLog:
    """Read a log that `save` wrote.

    Raises
    ------
    BuildError
        The file is damaged.
    """
    digest = fingerprint(path)
    try:
        with open_bytes(path) as file:
            table = pq.read_table(file)
        audit = {name: _value(given) for name, given in json.loads(table.schema.metadata[AUDIT]).items()}
        events = pa.table({name: table.column(name).combine_chunks() for name in ARROW.names}, schema=ARROW)
        seen = LoadAudit(**audit, contract=contract)
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise BuildError(
            "what the warehouse said is damaged", file=path, remedy="Run `segkit results` again."
        ) from error
    units = len(events.column("unit").combine_chunks().dictionary)
    return EventLog(validate(events, contract), seen, digest, events.num_rows, units)


def _plain(value: Any) -> Any:
    """Return a value of an audit as JSON has them; tables and records carry their kind."""
    if isinstance(value, pd.DataFrame):
        return {"frame": {str(name): column.tolist() for name, column in value.items()}}
    if dataclasses.is_dataclass(value):
        kind = type(value).__name__
        return {kind: {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _value(given: Any) -> Any:
    if isinstance(given, list):
        return tuple(_value(item) for item in given)
    if not isinstance(given, dict):
        return given
    ((kind, fields),) = given.items()
    if kind == "frame":
        return pd.DataFrame(fields)
    made = {name: _value(item) for name, item in fields.items()}
    return _KINDS[kind](**{name: Path(item) if name == "file" else item for name, item in made.items()})
