"""The saved model of a study of events: what puts the units of new events into its segments, and whether it may."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import __version__, scratch
from ...config import EventSettings, Hours
from ...data.opening import unreadable
from ...engine.model import SavedModel
from ...errors import ConfigError, InputError, printable
from ...features.measures import Measures
from ...text import json_text

if TYPE_CHECKING:
    from .segments import EventSegments

FORMAT = 2
LARGEST = 16 << 20  # bytes of a saved model; those of real logs have some thousand
AGAIN = "Run `segkit results` on the log that the segments come from; it writes the model anew."


@dataclass(frozen=True)
class NamedSegment:
    """A segment of a saved model: its number, name, kind, and what to do."""

    id: int
    name: str
    archetype: str
    action: str


@dataclass(frozen=True)
class EventModel:
    """Everything that puts the units of new events into the segments of a log.

    Attributes
    ----------
    numbers : SavedModel
        Preprocessing and centres.
    hours : Hours
        Bands of the day and closed days.
    large : float
        The amount from which an event is large; of the log, not of the new events.
    segments : tuple of NamedSegment
    as_of_rule : {"last event", "set"}
        What recency counted from in the log.
    as_of : str
        That moment.
    fingerprint : str
        SHA-256 of the log.
    seed : int
    study : str
        Its name.
    version : str
        Of the package.
    """

    numbers: SavedModel
    hours: Hours
    large: float
    segments: tuple[NamedSegment, ...]
    as_of_rule: str
    as_of: str
    fingerprint: str
    seed: int
    study: str
    version: str = __version__

    @classmethod
    def of(cls, study: EventSegments) -> EventModel:
        """Take the model out of a study."""
        table = study.features
        return cls(
            numbers=SavedModel.of(table.blocks, study.matrix, study.segments),
            hours=study.settings.hours,
            large=table.thresholds[study.measures.limit],
            study=study.name,
            segments=tuple(NamedSegment(c.id, c.name, c.archetype, c.action) for c in study.cards),
            as_of_rule="set" if study.settings.as_of else "last event",
            as_of=table.as_of.isoformat(sep=" "),
            fingerprint=study.source.fingerprint,
            seed=study.segments.seed,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the model as plain values, with a digest over all of them."""
        body = {
            "format": FORMAT,
            "study": self.study,
            "version": self.version,
            "log": {
                "fingerprint": self.fingerprint, "as_of": self.as_of, "as_of_rule": self.as_of_rule,
                "k": self.numbers.k, "seed": self.seed,
            },
            "hours": self.hours.model_dump(mode="json"),
            "large": self.large,
            "numbers": self.numbers.to_json(),
            "segments": [asdict(s) for s in self.segments],
        }  # fmt: skip
        return {**body, "digest": _digest(body)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> EventModel:
        """Read what `to_json` gave.

        Raises
        ------
        ValueError
            Something is missing, changed, or does not fit the rest.
        """
        body = {name: value for name, value in stored.items() if name != "digest"}
        if _digest(body) != stored.get("digest"):
            raise ValueError("its contents do not match its digest")
        try:
            log = stored["log"]
            model = cls(
                numbers=SavedModel.from_json(stored["numbers"]),
                hours=Hours(**stored["hours"]),
                large=float(stored["large"]),
                study=str(stored["study"]),
                segments=tuple(NamedSegment(**s) for s in stored["segments"]),
                as_of_rule=str(log["as_of_rule"]),
                as_of=str(log["as_of"]),
                fingerprint=str(log["fingerprint"]),
                seed=int(log["seed"]),
                version=str(stored["version"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"a part is missing or has another form: {error}") from error
        if sorted(s.id for s in model.segments) != list(range(1, model.numbers.k + 1)):
            raise ValueError("its segments are not those of its centres")
        return model


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def save_model(path: Path, study: EventSegments) -> None:
    """Write the model of a study, readable by its owner only."""
    text = json_text(EventModel.of(study).to_json(), indent=1)
    scratch.write(path, (text + "\n").encode(), private=True)


def load_model(path: Path, study: str) -> EventModel:
    """Read a saved model, and refuse one that this version cannot apply.

    Raises
    ------
    InputError
        There is none, it is damaged, or another format or another minor version made it.
    """
    if not path.is_file():
        raise InputError("there is no saved model", file=path, remedy=AGAIN)
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except OSError as error:
        raise unreadable(path, error) from None
    try:
        if len(text) > LARGEST:
            raise ValueError("too long")
        stored = json.loads(text.decode())
        made_as = (stored["format"], stored["study"])
        version = printable(stored["version"], 20)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError("the saved model is damaged: it cannot be read as one", file=path, remedy=AGAIN) from error
    if made_as != (FORMAT, study):
        raise InputError(
            f"the saved model has format {made_as[0]} of the study {made_as[1]}; this version reads format {FORMAT} "
            f"of the study {study}",
            file=path,
            remedy=AGAIN,
        )
    if _minor(version) != _minor(__version__):
        raise InputError(
            f"the saved model was made by segkit {version}, and this is {__version__}: between the two, features may "
            "have changed their meaning",
            file=path,
            remedy=f"{AGAIN} Or use segkit {version}.",
        )
    try:
        return EventModel.from_json(stored)
    except ValueError as error:
        raise InputError(f"the saved model is damaged: {error}", file=path, remedy=AGAIN) from error


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def check_settings(model: EventModel, settings: EventSettings, measures: Measures, path: Path) -> None:
    """Refuse a model whose features mean something else than those of the new events.

    Raises
    ------
    ConfigError
        Bands or closed days differ.
    InputError
        The features differ.
    """
    mine, theirs = settings.hours, model.hours
    differ = [
        name
        for name, same in (
            ("bands", dict(mine.bands) == dict(theirs.bands)),
            ("closed_days", set(mine.closed_days) == set(theirs.closed_days)),
        )
        if not same
    ]
    if differ:
        raise ConfigError(
            f"the settings of the new {measures.events} and of the saved model differ in {' and '.join(differ)}, so the timing "
            "features of the two cannot be compared",
            file=path,
            remedy=f"Set [{model.study}.hours] for the new {measures.events} as "
            "it was for the log of the model, or make a model anew.",
        )
    found = measures.columns(list(mine.bands), ())
    expected = {b: tuple(c.name for c in found if c.block == b) for b in measures.blocks}
    known = dict(model.numbers.blocks)
    if {b: set(n) for b, n in known.items()} != {b: set(n) for b, n in expected.items()}:
        names = set(model.numbers.features) ^ {n for group in expected.values() for n in group}
        raise InputError(
            "the saved model uses other features than this version computes"
            + (f": {', '.join(sorted(names))}" if names else ", or has them in other blocks"),
            file=path,
            remedy=AGAIN,
        )
