"""Results kept by content: a value is found again only while everything that it depends on is unchanged."""

from __future__ import annotations

import contextlib
import hashlib
import json
import pickle
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from .. import scratch

T = TypeVar("T")
PACKAGE = Path(__file__).resolve().parent.parent
ROOMS = (
    "config.py",
    "errors.py",
    "privacy.py",
    "disclosure.py",
    "seeds.py",
    "thresholds.py",
    "data",
    "features",
    "engine",
    "inference",
    "studies",
)
KEPT = 3
DIGEST = 32  # bytes of the SHA-256 before each pickle; it is over key, name and pickle


def source_hash(rooms: tuple[str, ...] = ROOMS) -> str:
    """Hash the package's source: the rooms that results depend on, or others by name (``"."`` for all).

    Parameters
    ----------
    rooms : tuple of str
        Files and folders of the package.
    """
    files: set[Path] = set()
    for room in rooms:
        place = PACKAGE / room
        files.update(place.rglob("*") if place.is_dir() else [place])
    digest = hashlib.sha256()
    for file in sorted(f for f in files if f.is_file() and "__pycache__" not in f.parts):
        digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def lock_hash(root: Path) -> str:
    """Hash the lock of the packages, and the version of Python."""
    lock = root / "requirements.txt"
    text = lock.read_bytes() if lock.is_file() else b""
    return hashlib.sha256(text + sys.version.encode()).hexdigest()


def content_key(**parts: Any) -> str:
    """Return the key of everything that a result depends on.

    Examples
    --------
    >>> content_key(data="a", k=4) == content_key(k=4, data="a")
    True
    >>> content_key(data="a", k=4) == content_key(data="a", k=5)
    False
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


class Store:
    """Values on disk under one content key. Each is bound to its key and name: copied elsewhere, it counts as none.

    Parameters
    ----------
    folder : path
        Where all keys live.
    key : str
        The content key; see `content_key`.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.key = folder, key
        self.path = folder / key[:24]

    def get(self, name: str, make: Callable[[], T]) -> T:
        """Return the stored value of that name, or make and store it. A damaged file counts as none."""
        body = self._body(name)
        if body is not None:
            # Whole, but made by other versions of the packages: unpickling may fail in any way.
            with contextlib.suppress(Exception):
                stored: T = pickle.loads(body)
                return stored
        value = make()
        body = pickle.dumps(value, protocol=5)
        with contextlib.suppress(OSError):  # what is wrong with the folder is told by the next line
            scratch.private_folder(self.folder)
            scratch.private_folder(self.path)
        scratch.write(self._file(name), self._digest(name, body) + body, private=True)  # a row for each contact
        return value

    def has(self, name: str) -> bool:
        """Tell whether a value of that name is stored, whole."""
        return self._body(name) is not None

    def drop(self) -> None:
        """Delete every value under this key."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _file(self, name: str) -> Path:
        return self.path / f"{name}.pickle"

    def _digest(self, name: str, body: bytes) -> bytes:
        return hashlib.sha256(f"{self.key}\0{name}\0".encode() + body).digest()

    def _body(self, name: str) -> bytes | None:
        """Return the pickle of a value, or None where there is none, it was made for another place, or a byte has changed."""
        try:
            content = self._file(name).read_bytes()
        except OSError:
            return None
        digest, body = content[:DIGEST], content[DIGEST:]
        return body if digest == self._digest(name, body) else None

    def prune(self) -> None:
        """Delete all but the newest few keys, so that the cache does not grow without end."""
        if not self.folder.is_dir():
            return
        folders = sorted(
            (f for f in self.folder.iterdir() if f.is_dir()), key=lambda f: f.stat().st_mtime, reverse=True
        )
        for old in folders[KEPT:]:
            if old != self.path:
                shutil.rmtree(old, ignore_errors=True)
