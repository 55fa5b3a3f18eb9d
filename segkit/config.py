"""Settings: what ``segkit.toml`` may say, checked before anything runs."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError, field_validator

from .errors import ConfigError
from .event_settings import (
    SIDES,
    WEEKDAYS,
    Columns,
    Contacts,
    Customers,
    DateOrder,
    EventSettings,
    Evidence,
    Format,
    Gates,
    Hours,
    PurchaseColumns,
    PurchaseFormat,
    PurchaseHours,
    Settings,
    StudySettings,
)
from .lead_settings import LeadColumns, Personas
from .message_settings import Conversations, MessageColumns, ProfileServer, TextSpace
from .places import Given, given
from .prospect_settings import Channels, ProspectColumns
from .sale_settings import Markets, SaleColumns, SaleTables

__all__ = [
    "SIDES",
    "UNANSWERED",
    "WEEKDAYS",
    "Channels",
    "Columns",
    "Config",
    "Contacts",
    "Conversations",
    "Customers",
    "DateOrder",
    "EventSettings",
    "Evidence",
    "Format",
    "Gates",
    "Given",
    "Hours",
    "LeadColumns",
    "Markets",
    "MessageColumns",
    "Personas",
    "ProfileServer",
    "ProspectColumns",
    "PurchaseColumns",
    "PurchaseFormat",
    "PurchaseHours",
    "SaleColumns",
    "SaleTables",
    "StudySettings",
    "TextSpace",
    "given",
    "load",
    "merge",
    "project_root",
    "read_toml",
]

ADDRESS = re.compile(r"https?://[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?(?:/[\w.~%/+-]*)?\Z", re.ASCII)
LONGEST_ADDRESS = 500
UNANSWERED = "?"  # what a draft of settings writes where only the owner of the file knows the answer


class Site(Settings):
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


class Config(Settings):
    """All settings, with the folder that relative paths start from."""

    seed: int = 42
    site: Site = Site()
    contacts: Contacts
    customers: Customers = Customers.model_validate({})
    personas: Personas = Personas.model_validate({})
    channels: Channels = Channels.model_validate({})
    markets: Markets = Markets.model_validate({})
    conversations: Conversations = Conversations.model_validate({})
    root: Path = Path()

    def parameters(self, study: str) -> dict[str, Any]:
        """Return what the results of a study depend on: every setting of it but places and addresses."""
        settings: StudySettings = getattr(self, study)
        return {"seed": self.seed, study: settings.model_dump(mode="json", exclude={"data"})}


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
