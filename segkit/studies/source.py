"""The file of a study, and the settings that fit it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import __version__
from ..config import Config
from ..data import files, opening, registry
from ..data.provenance import Unsearched
from ..privacy import key_fingerprint, secret
from . import bound
from .base import Study
from .reach import reached, source_hash
from .store import content_key, lock_hash


@dataclass(frozen=True)
class Source:
    """The file of a study and the settings that fit it; enough to open the study again.

    ``unsearched`` depends on the words of the pages as well, so no result may hang on it. ``modules`` are those that the
    study can reach, and ``known`` the keys of its values, as the last results wrote them down.
    """

    config: Config
    overlay: Path | None
    located: registry.Located
    fingerprint: str
    unsearched: Unsearched = field(default_factory=Unsearched)
    modules: tuple[str, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The content key of the study as a whole: its pages are made under it."""
        return content_key(**self._parts(), secret=key_fingerprint(secret()))

    @property
    def origin(self) -> str:
        """What every value depends on, whatever else it reads: the data, and the names that contacts have here."""
        at = self.located
        return content_key(data=self.fingerprint, real=at.real, public=at.public, secret=key_fingerprint(secret()))

    @property
    def reached(self) -> tuple[str, ...]:
        """The modules that the study can reach."""
        return self.modules or reached(f"{Study.__module__.rpartition('.')[0]}.{self.study}")

    @property
    def study(self) -> str:
        """The name of the study."""
        return self.located.dataset.study

    @property
    def settings(self) -> Any:
        """The settings of the study."""
        return getattr(self.config, self.study)

    @property
    def build(self) -> str:
        """The mark of what pages are made from; the secret is no part of it, since no page depends on it."""
        return bound.mark(content_key(**self._parts()))

    def _parts(self) -> dict[str, Any]:
        return {
            "data": self.fingerprint, "real": self.located.real, "public": self.located.public,
            "parameters": self.config.parameters(self.study), "source": source_hash(self.reached),
            "lock": lock_hash(self.config.root), "version": __version__,
        }  # fmt: skip

    def seen(self) -> dict[str, int]:
        """Return size and time of the file, which must still hold the bytes of the fingerprint.

        Raises
        ------
        InputError
            It holds others by now.
        """
        path = self.located.path
        before = opening.stamp(path)
        files.check_steady(path, before, self.fingerprint)
        return {"bytes": before.size, "modified": before.modified}
