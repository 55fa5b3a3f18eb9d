"""Events, the first questions: what the log holds, and the features that are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import SecretStr

from ...config import Config, EventSettings
from ...data import addresses, kept_events, opening
from ...data.audit import EventAudit, audit_events
from ...data.breaks import Breaks, daily, declared, find_breaks
from ...data.events import EventLog, load_events
from ...data.gates import Quarantined
from ...data.identifiers import Identifiers, raw_identifiers
from ...features.measures import Measures
from ...features.table import FeatureTable
from ...privacy import secret
from ..base import part, step
from ..filed import Covered, FiledStudy
from ..source import Source
from ..store import home

QUARANTINE = "quarantine"  # the folder of rows set aside


def _from_warehouse(path: Path, state: Path) -> bool:
    """Tell whether a file is what a warehouse said; its place says so, since a file of somebody else's may hold anything."""
    return path.is_relative_to(state / addresses.FOLDER)


def _least_units(settings: EventSettings) -> int:
    """Return how many units a study needs: one more than segments."""
    return int(settings.k_min if settings.k == "auto" else settings.k) + 1


class EventData(FiledStudy):
    """The log of one study, its audit, its features, and how they are clustered."""

    measures: Measures

    @staticmethod
    def identifiers(source: Source) -> Identifiers:
        """Return the names and numbers of the units, as the file or the warehouse has them."""
        if not _from_warehouse(source.located.path, home(source.config.root, source.study)):
            return raw_identifiers(source.located.path, source.settings)
        from ...data import event_warehouse  # brings ibis, which pages do without

        return event_warehouse.identifiers(source.located.path, source.settings)

    @classmethod
    def overlaid(cls, address: SecretStr, root: Path) -> Path | None:
        """Return the settings of the table that an address names, which `segkit init` wrote into the project."""
        table = addresses.stands_for(address, root)
        beside = table.with_name(f"{table.name}.toml")
        return beside.resolve() if beside.is_file() else None

    @classmethod
    def collected(cls, address: SecretStr, config: Config) -> Path:
        """Read the table of an address each time; its keyed events are kept in the project, and nothing of the address."""
        from ...data import event_warehouse  # brings ibis, which pages do without

        settings = getattr(config, cls.name)
        place = home(config.root, cls.name) / addresses.FOLDER
        return event_warehouse.collected(
            address.get_secret_value(), settings, secret(), place,
            quarantine=config.root / QUARANTINE, minimum_units=_least_units(settings),
        )  # fmt: skip

    @part
    def log(self) -> EventLog:
        """The typed events; read again when needed, never kept on disk."""
        path, settings = self.source.located.path, self.settings
        if _from_warehouse(path, home(self.source.config.root, self.name)):
            log = kept_events.load(path, settings.contract)
        else:
            aside, least = self.source.config.root / QUARANTINE, _least_units(settings)
            log = load_events(path, settings, key=secret(), quarantine=aside, minimum_units=least)
        if log.fingerprint != self.source.fingerprint:
            raise opening.changed(path)
        return log

    @step
    def extent(self) -> tuple[int, int]:
        """How many events, and how many units."""
        return self.log.rows, self.log.units

    @property
    def covered(self) -> Covered:
        """The time of the first event and of the last."""
        return Covered(self.audit.first, self.audit.last)

    @property
    def exact_dates(self) -> bool:
        """Whether days may be told; else their months are."""
        return bool(self.provenance.public or not self.provenance.real)

    @property
    def set_aside(self) -> Sequence[Quarantined]:
        """Rows that failed a gate, and where they are."""
        return self.audit.load.quarantined

    @property
    def currency(self) -> str:  # type: ignore[override]
        """The currency that the log states."""
        return self.audit.load.currency

    @step
    def audit(self) -> EventAudit:
        """What the log holds, and whether it can be used."""
        return audit_events(self.log, self.settings, self.measures.grain)

    @step
    def breaks(self) -> Breaks:
        """The days on which the log was not watched."""
        asked, first, last = self.settings.breaks, self.audit.first.date(), self.audit.last.date()
        return (
            find_breaks(daily(self.log.events))
            if asked == "found"
            else declared(() if asked == "none" else asked, first, last)
        )

    @step
    def features(self) -> FeatureTable:
        """One row per unit."""
        from ...features.events import (
            event_features,  # brings the query engine, which a page that only reads does without
        )

        return event_features(self.log, self.settings, self.measures)

    @part
    def exposed(self) -> pd.DataFrame:
        """The features with recency and tenure in days on which the log was watched."""
        from ...features.exposure import in_watched_days

        made = self.features
        return in_watched_days(made.frame, made.as_of, self.breaks, self.measures)

    @property
    def limits(self) -> dict[str, Any]:
        """Clipping and cap."""
        return {"clip": self.settings.clip, "cap": self.settings.cap}

    @property
    def differing(self) -> str:
        """In what units of a usable log differ, in words."""
        return f"how often, how much or when they {self.terms.do}"

    @property
    def off_hours(self) -> list[tuple[str, str]]:
        """The timing features that tell of unusual hours, each with words for a sentence."""
        busiest = self.audit.busiest
        words = {b: b.replace("_", " ").removesuffix(" hours") for b in self.settings.hours.bands if b != busiest}
        tells = self.settings.hours.closed_days and not self.measures.by_weekday
        closed = [("share_closed_day", "on closed days")] if tells else []
        return [(f"share_{b}", f"in {w} hours") for b, w in words.items()] + closed

    @property
    def large_quantile(self) -> float:
        """The quantile of all amounts from which an event is large."""
        return float(getattr(self.settings, self.measures.quantile))

    @property
    def has_categories(self) -> bool:
        """Whether the log labels its units."""
        return len(self.audit.units_per_category) > 0

    @property
    def told_labels(self) -> list[str]:
        """The labels that the settings name as no business, of those that enough units carry: others may be of single ones."""
        return [label for label in self.settings.columns.not_business if label in self.features.categories]

    def results(self) -> dict[str, Any]:
        """Return the numbers about data, audit and features."""
        found = super().results()
        found["parameters"][self.name]["columns"]["not_business"] = self.told_labels
        return {
            **found,
            "audit": self.audit.to_json(),
            "breaks": dated(self.breaks.to_json(), exact=self.exact_dates),
            "features": {
                "count": len(self.matrix.columns),
                "blocks": {b: len(names) for b, names in self.features.blocks.items()},
                "dropped_constant": list(self.matrix.dropped),
                "thresholds": dict(self.features.thresholds),
                "largest_before_cap": self.matrix.largest_before_cap,
                "variance_share": self.matrix.table.set_index("block")["variance share"].to_dict(),
            },
        }


def dated(value: Any, *, exact: bool) -> Any:
    """Write dates by their month where the exact ones, which end with the log, would say when a single contact called.

    >>> dated({"a": [datetime(2024, 7, 7)], "b": 1}, exact=False)
    {'a': ['2024-07'], 'b': 1}
    """
    if isinstance(value, dict):
        return {k: dated(v, exact=exact) for k, v in value.items()}
    if isinstance(value, list):
        return [dated(v, exact=exact) for v in value]
    return value.strftime("%Y-%m-%d" if exact else "%Y-%m") if isinstance(value, datetime) else value
