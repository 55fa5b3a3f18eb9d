"""Settings: what ``segkit.toml`` may say, checked before anything runs."""

from __future__ import annotations

import difflib
import re
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from . import thresholds
from .errors import ConfigError

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NAME = r"^[a-z][a-z0-9_]{0,30}\Z"
ADDRESS = re.compile(r"https?://[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?(?:/[\w.~%/+-]*)?\Z", re.ASCII)
LONGEST_ADDRESS = 500
DAY_SHARES = ("open_day", "closed_day")  # features of this name exist beside those of the bands
Action = Literal["stop", "quarantine"]
DateOrder = Literal["month/day/year", "day/month/year", "year-month-day"]
UNANSWERED = "?"  # what a draft of settings writes where only the owner of the file knows the answer


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Columns(_Settings):
    """Which column of the file plays which role. ``date`` may hold date and time together."""

    date: str
    time: str | None = None
    duration: str
    contact: str
    name: str | None = None
    category: str | None = None
    weekday: str | None = None
    month: str | None = None
    year: str | None = None

    @model_validator(mode="after")
    def _once(self) -> Columns:
        used = [v for v in self.model_dump().values() if v]
        twice = {v for v in used if used.count(v) > 1}
        if twice:
            both = ", ".join(role for role, v in self.model_dump().items() if v in twice)
            raise ValueError(f"one column plays several roles: {both}")  # not its name: it may be a cell of data
        return self


class Format(_Settings):
    """How dates, durations and numbers are written."""

    date_order: DateOrder = "month/day/year"
    duration_unit: Literal["seconds", "minutes", "h:mm:ss"] = "seconds"
    time_zone: str | None = None
    normalise_numbers: bool = False

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError, OSError):  # a region without a city is a folder
                if not available_timezones():
                    raise ValueError("this machine has no database of time zones; install the package tzdata") from None
                raise ValueError(f"no time zone is called {value!r}; an example is Europe/Berlin") from None
        return value or None


class Hours(_Settings):
    """Bands of the day, and the days on which the business is closed."""

    bands: dict[str, tuple[int, int]] = Field(
        default_factory=lambda: {
            "early_morning": (0, 7),
            "business_hours": (8, 17),
            "evening": (18, 20),
            "late_night": (21, 23),
        }
    )
    closed_days: tuple[Literal[WEEKDAYS], ...] = ("Sunday",)  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _cover(self) -> Hours:
        for name, (first, last) in self.bands.items():
            if not re.match(NAME, name):
                raise ValueError(f"the band name {name!r} is not lower case letters, digits and underscores")
            if name in DAY_SHARES:
                raise ValueError(f"the band name {name!r} is taken by the shares of open and closed days")
            if not 0 <= first <= last <= 23:
                raise ValueError(
                    f"the band {name!r} does not run from an hour to a later one within 0 to 23; "
                    "split a band that passes midnight in two"
                )
        hours = sorted(h for a, b in self.bands.values() for h in range(a, b + 1))
        if hours != list(range(24)):
            raise ValueError("the bands must cover each hour from 0 to 23 exactly once")
        if len(set(self.closed_days)) == len(WEEKDAYS):
            raise ValueError("a business that is closed every day has no open days to compare with")
        return self


class Gates(_Settings):
    """What happens to rows that cannot be used."""

    missing: Action = "stop"
    timestamp: Action = "stop"
    duration: Action = "stop"
    identifier: Action = "stop"


class Evidence(_Settings):
    """How much resampling stands behind each claim, and from where on a claim counts."""

    starts: int = Field(default=10, ge=1)
    gap: int = Field(default=100, ge=2)
    splits: int = Field(default=50, ge=2)
    bootstraps: int = Field(default=100, ge=2)
    subsamples: int = Field(default=100, ge=2)
    resamples: int = Field(default=100, ge=2)
    pipelines: int = Field(default=200, ge=2)
    nulls: int = Field(default=99, ge=2)
    null_bootstraps: int = Field(default=20, ge=2)
    prediction_strength: float = Field(default=thresholds.PREDICTION_STRENGTH, gt=0, le=1)
    jaccard: float = Field(default=thresholds.JACCARD, gt=0, le=1)
    level: float = Field(default=thresholds.LEVEL, gt=0, lt=1)


class EventSettings(_Settings):
    """What the settings of all studies of events have."""

    data: Path | None = None
    k: int | Literal["auto"] = "auto"
    k_min: int = Field(2, ge=2)
    k_max: int = Field(12, le=50)
    restarts: int = Field(50, ge=1)
    clip: float = Field(0.01, ge=0, lt=0.5)
    cap: float = Field(10.0, gt=0)
    neighbour_map: bool = True
    as_of: datetime | None = None
    hours: Hours = Hours()
    evidence: Evidence = Evidence()

    @field_validator("k", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        if value != "auto" and (type(value) is not int or not 2 <= value <= 50):
            raise ValueError('give a whole number from 2 to 50, or "auto"')
        return value

    @field_validator("as_of")
    @classmethod
    def _local(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is not None:
            raise ValueError("give the local clock without an offset, as the events have it")
        return value

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.k_max < self.k_min:
            raise ValueError("k_max is below k_min")
        return self


class Contacts(EventSettings):
    """The contacts study."""

    long_call_quantile: float = Field(0.95, gt=0, lt=1)
    columns: Columns
    format: Format = Format()
    gates: Gates = Gates()


class Site(_Settings):
    """Where the report lives. Both addresses become links of every page."""

    repository: str = "https://github.com/segkit/segkit"
    url: str = "https://segkit.github.io/segkit/"

    @field_validator("repository", "url")
    @classmethod
    def _address(cls, value: str) -> str:
        if len(value) > LONGEST_ADDRESS or not ADDRESS.match(value):
            raise ValueError(
                "this is no plain web address: http:// or https://, a host without user and password, and a path of "
                "letters, digits and ._~%/+- only"
            )
        return value


class Config(_Settings):
    """All settings, with the folder that relative paths start from."""

    seed: int = 42
    site: Site = Site()
    contacts: Contacts
    root: Path = Path()

    def parameters(self) -> dict[str, Any]:
        """Return what results depend on: every setting but places and addresses."""
        return {"seed": self.seed, "contacts": self.contacts.model_dump(mode="json", exclude={"data"})}


def _message(error: ValidationError) -> str:
    lines = []
    for fault in error.errors():
        where = ".".join(str(x) for x in fault["loc"])
        text = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            known = _known_keys(fault["loc"][:-1])
            near = difflib.get_close_matches(str(fault["loc"][-1]), known, n=1)
            text = "no such setting" + (f"; do you mean {near[0]}" if near else "")
        lines.append(f"{where or 'settings'}: {text}")
    return "; ".join(lines)


def _known_keys(loc: tuple[int | str, ...]) -> list[str]:
    model: Any = Config
    for part in loc:
        model = model.model_fields[str(part)].annotation if str(part) in model.model_fields else model
    return list(getattr(model, "model_fields", {}))


def merge(*layers: dict[str, Any]) -> dict[str, Any]:
    """Merge nested settings; later layers win, and a table of bands or columns replaces the one before it.

    >>> merge({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}})
    {'a': {'b': 1, 'c': 3}}
    """
    out: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            nested = isinstance(value, dict) and isinstance(out.get(key), dict) and key not in ("bands", "columns")
            out[key] = merge(out[key], value) if nested else value
    return out


def read_toml(path: Path) -> dict[str, Any]:
    """Read one settings file.

    Raises
    ------
    ConfigError
        The file cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the settings cannot be read ({error})", file=path) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"the settings are not TOML: {error}", file=path, remedy="Mend the line that it names."
        ) from error


def load(root: Path | None = None, *, overlay: Path | None = None) -> Config:
    """Load ``segkit.toml`` of a project, with the settings of one data file laid over it.

    Parameters
    ----------
    root : path, optional
        The project's folder; else the nearest one above the current folder that has a ``segkit.toml``.
    overlay : path, optional
        A second settings file whose values win (``calls.csv.toml`` beside ``calls.csv``).

    Raises
    ------
    ConfigError
        A setting is unknown, missing, undecided or out of range; the message names it.
    """
    root = project_root() if root is None else root
    path = root / "segkit.toml"
    layers = [read_toml(path), *([read_toml(overlay)] if overlay else [])]
    named = overlay or path
    merged = merge(*layers)
    open_questions = list(_undecided(merged))
    if open_questions:
        raise ConfigError(
            f"{_settings(len(open_questions))} still to be decided: {', '.join(open_questions)}",
            file=named,
            remedy='Replace each "?" by the answer; the comment above it says what to look for.',
        )
    if "root" in merged:
        raise ConfigError("root: no such setting", file=named, remedy="Delete it; the folder follows from the file.")
    try:
        return Config(**merged, root=root)
    except ValidationError as error:
        raise ConfigError(
            _message(error), file=named, remedy="Mend the setting, or delete it to get the default."
        ) from error


def _settings(count: int) -> str:
    return "1 setting is" if count == 1 else f"{count} settings are"


def _undecided(table: dict[str, Any], prefix: str = "") -> Any:
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _undecided(value, f"{name}.")
        elif value == UNANSWERED or (isinstance(value, list) and UNANSWERED in value):
            yield name


def project_root(start: Path | None = None) -> Path:
    """Return the nearest folder, from here upward, that has a ``segkit.toml``.

    Raises
    ------
    ConfigError
        There is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "segkit.toml").is_file():
            return folder
    raise ConfigError("no segkit.toml here or above", file=here, remedy="Run the command inside the report's folder.")
