"""Answers about masked texts, kept on disk for their owner alone."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from .. import scratch
from ..data.profile_lexicon import FIELDS
from ..errors import BuildError
from .profile_requests import Values, known


def entry_key(text: str, model: str, version: str) -> str:
    """Return the name under which an answer is kept: SHA-256 of masked text, model, prompt version and schema version.

    Parameters
    ----------
    text : str
        As it is sent.
    model : str
    version : str
        Of prompt and schema: `segkit.features.profile_requests.version`.
    """
    whole = json.dumps([text, model, version])
    return hashlib.sha256(whole.encode()).hexdigest()


@dataclass(frozen=True)
class ProfileCache:
    """A folder of answers, one file each. Neither texts nor ids are in it; a damaged file counts as none.

    Parameters
    ----------
    folder : path
        Made when the first answer is kept, for its owner alone.
    """

    folder: Path

    def path(self, key: str) -> Path:
        """Return where an answer is kept."""
        return self.folder / key[:2] / f"{key}.json"

    def get(self, key: str) -> Values | None:
        """Return the values under a key, None where there are none that can be relied on."""
        try:
            found = json.loads(self.path(key).read_text("utf-8"))
            values, unknown = known(found["values"])
            whole = found["key"] == key and found["digest"] == _digest(key, values) and not unknown
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return values if whole else None

    def put(self, key: str, values: Values) -> None:
        """Keep the values of an answer; the file is whole or not there.

        Raises
        ------
        BuildError
            The folder cannot be written.
        """
        path = self.path(key)
        try:
            scratch.private_folder(self.folder)
            scratch.private_folder(path.parent)
        except OSError as error:
            raise BuildError(
                f"cannot be made ({error.strerror})", file=path.parent, remedy="Make it writable."
            ) from error
        text = json.dumps({"key": key, "values": values, "digest": _digest(key, values)})
        scratch.write(path, text, private=True)


def _digest(key: str, values: Values) -> str:
    return hashlib.sha256(json.dumps([key, [values[f] for f in FIELDS]]).encode()).hexdigest()
