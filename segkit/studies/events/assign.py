"""Use of the segments: a saved model of a study of events, applied to new events on this machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import SecretStr

from ... import scratch
from ...config import Config, load
from ...data import addresses
from ...data.events import EventLog, load_events
from ...errors import ConfigError
from ...features.events import event_features
from ...privacy import secret
from ..store import home
from .saved_model import EventModel, check_settings, load_model

if TYPE_CHECKING:
    from ..source import Source
    from .study import EventStudy


def assign_file(
    kind: type[EventStudy],
    source: Source,
    *,
    model: Path | None = None,
    out: Path | None = None,
    as_of: str | None = None,
    say: Callable[[str], None] = print,
) -> Path:
    """Put the units of a file into the segments of a saved model, and write them down on this machine.

    Parameters
    ----------
    kind : type of EventStudy
    source : Source
        The new events, with the settings that fit them.
    model : path, optional
        A saved model; that of the last ``segkit results`` when not given.
    out : path, optional
        The CSV to write; ``<file>-segments.csv`` beside the file when not given.
    as_of : str, optional
        The moment from which recency counts; else the setting, else the last of the new events.
    say : callable
        Receives one line per event.

    Returns
    -------
    path
        The CSV: unit (keyed, under the name of the study for it), segment, name, distance, margin; readable by its owner only.

    Raises
    ------
    InputError, ConfigError
        The model cannot be applied to this file, or the file cannot be used.
    BuildError
        The place cannot be written.
    """
    path = source.located.path
    target = out or path.with_name(f"{path.stem}-segments.csv")
    if target.resolve() == path.resolve():
        raise _replaces(target)

    def read(quarantine: Path) -> EventLog:
        return load_events(path, source.settings, key=secret(), quarantine=quarantine)

    return _written(kind, source.config, read, model, target, as_of, say)


def assign_table(
    kind: type[EventStudy],
    address: SecretStr,
    root: Path | None = None,
    *,
    model: Path | None = None,
    out: Path | None = None,
    as_of: str | None = None,
    say: Callable[[str], None] = print,
) -> Path:
    """Do the same for the rows of the table that an address names, see `assign_file`.

    Nothing of them is kept but the CSV: beside the settings of the table in the project where ``out`` is not given.
    """
    from ...data import event_warehouse  # brings ibis, which files do without

    config = load(root)
    if overlay := kind.overlaid(address, config.root):
        config = load(config.root, overlay=overlay)
    table = addresses.stands_for(address, config.root)

    def read(quarantine: Path) -> EventLog:
        with event_warehouse.opened(address.get_secret_value()) as (asked, name):
            settings = getattr(config, kind.name)
            return event_warehouse.collect(asked, name, settings, secret(), quarantine=quarantine)[0]

    return _written(kind, config, read, model, out or table.with_name(f"{table.name}-segments.csv"), as_of, say)


def _replaces(target: Path) -> ConfigError:
    return ConfigError("the result would replace what is read", file=target, remedy="Name another file with --out.")


def _written(
    kind: type[EventStudy],
    config: Config,
    read: Callable[[Path], EventLog],
    model: Path | None,
    target: Path,
    as_of: str | None,
    say: Callable[[str], None],
) -> Path:
    """Apply a model to the events that are read, and write what it says of each unit."""
    settings = getattr(config, kind.name)
    saved = model or home(config.root, kind.name) / "model.json"
    if target.resolve() == saved.resolve():
        raise _replaces(target)
    found = load_model(saved, kind.name)
    check_settings(found, settings, kind.measures, saved)
    log = read(config.root / "quarantine")
    features = event_features(log, settings, kind.measures, as_of=_moment(as_of), large=found.large)
    table = assigned(found, features.model_frame, kind.terms.unit)
    scratch.write(target, table.to_csv(float_format="%.10g", lineterminator="\n").encode(), private=True)
    say(
        f"{len(table):,} {kind.terms.units} of {log.rows:,} {kind.terms.events}, as of "
        f"{features.as_of:%Y-%m-%d %H:%M:%S}: {target}\n"
        f"This file says something about each {kind.terms.unit}. It is for this machine only; do not publish it."
    )
    for moved in log.audit.quarantined:
        say(f"{moved.count:,} rows failed the gate {moved.gate!r} and are in {moved.file}")
    return target


def assigned(model: EventModel, features: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Return segment, name, distance and margin per keyed unit, sorted by unit.

    Parameters
    ----------
    model : EventModel
    features : DataFrame of shape (n_units, n_features)
        Raw features, computed with the model's bands and its threshold of a large event.
    unit : str
        What the study calls a unit; the name of the first column.
    """
    table = model.numbers.assign(features).rename_axis(unit).sort_index()
    table.insert(1, "name", table["segment"].map({s.id: s.name for s in model.segments}))
    return table


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise ConfigError(
            "--as-of is not a local date and time without an offset",
            remedy="Write it as 2024-10-04 or 2024-10-04T20:15:16.",
        )
    return moment
