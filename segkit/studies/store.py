"""Results kept by content: a value is found again only while everything that was read to make it is unchanged."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import pickle
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import scratch

STATE = ".segkit"  # of a project: what its commands keep there, a folder for each study
FORMAT = 1  # of what is kept, and of what is noted
KEPT = 3  # values of each step
DIGEST = 32  # bytes of the SHA-256 before each entry; it is over origin, step and all that follows


def home(root: Path, study: str) -> Path:
    """Return the folder in which a project keeps what belongs to one study."""
    return root / STATE / study


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


@dataclass(frozen=True)
class Entry:
    """A value on disk.

    Attributes
    ----------
    file : path
    reads : mapping of str to str
        What was read to make it, in that order, with a digest of each.
    digest : str
        Of the value; steps that read it depend on it by this.
    body : bytes
        Its pickle.
    """

    file: Path
    reads: Mapping[str, str]
    digest: str
    body: bytes

    @property
    def key(self) -> str:
        """What the value is kept under: a digest of origin, step and everything that was read."""
        return self.file.stem


def fingerprint(value: Any) -> str:
    """Return a digest of a value, which equal bytes of two values give and, as a rule, equal values.

    It does not depend on which parts of the value are one object: of a value that was loaded others are than of a value
    that was just made.
    """
    out = io.BytesIO()
    pickler = pickle.Pickler(out, protocol=5)
    pickler.fast = True  # writes each part out
    try:
        pickler.dump(value)
    except (ValueError, RecursionError):  # a value that holds itself
        return hashlib.sha256(pickle.dumps(value, protocol=5)).hexdigest()
    return hashlib.sha256(out.getvalue()).hexdigest()


class Store:
    """The values of one study on disk, a folder for each step. Copied elsewhere, a value counts as none.

    Parameters
    ----------
    folder : path
        Of the study; its values are in ``results`` below.
    key : str
        The content key of the study as a whole, by which pages and builds know it.
    origin : str, optional
        Digest of what every value depends on, as its data; ``key`` when not given.
    known : mapping, optional
        Keys of the current values by step, as the last run found them; for pages, which do not look for themselves.
    """

    def __init__(self, folder: Path, key: str, origin: str = "", known: Mapping[str, str] | None = None) -> None:
        self.folder, self.key, self.origin, self.known = folder, key, origin or key, dict(known or {})
        self.path = folder / "results"
        self.made: list[Path] = []

    def put(self, step: str, reads: Mapping[str, str], value: Any) -> Entry:
        """Keep a value under all that was read to make it."""
        body = pickle.dumps(value, protocol=5)
        file = self._file(step, self._key(step, reads))
        with contextlib.suppress(OSError):  # what is wrong with the folder is told by the next line
            for folder in (self.path, file.parent):
                scratch.private_folder(folder)
        digest = fingerprint(value)
        content = json.dumps([dict(reads), digest]).encode() + b"\n" + body
        scratch.write(file, self._seal(step, content) + content, private=True)  # a row for each unit
        self.made.append(file)
        return Entry(file, dict(reads), digest, body)

    def has(self, step: str) -> bool:
        """Tell whether there is any value of a step."""
        return any(self._files(step))

    def entries(self, step: str) -> list[Entry]:
        """Return the values of a step that are whole, from the newest on."""
        return [e for f in sorted(self._files(step), key=_age) if (e := self._read(step, f)) is not None]

    def entry(self, step: str, key: str) -> Entry | None:
        """Return one value of a step; None where it is not there or not whole."""
        return self._read(step, self._file(step, key))

    def load(self, entry: Entry) -> Any:
        """Return the value itself.

        Raises
        ------
        Exception
            It is whole, but made by other versions of the packages: unpickling may fail in any way.
        """
        return pickle.loads(entry.body)

    def used(self, entry: Entry) -> None:
        """Mark a value as used now, so that it is kept longest."""
        with contextlib.suppress(OSError):
            os.utime(entry.file)

    def drop(self) -> None:
        """Delete every value that this process has made."""
        for file in self.made:
            file.unlink(missing_ok=True)

    def prune(self) -> None:
        """Delete all but the newest values of each step, so that the folder does not grow without end."""
        for folder in self.path.glob("*/"):
            for old in sorted(folder.glob("*.pickle"), key=_age)[KEPT:]:
                old.unlink(missing_ok=True)

    def _files(self, step: str) -> Iterator[Path]:
        return (self.path / step).glob(f"{self.origin[:8]}-*.pickle")

    def _file(self, step: str, key: str) -> Path:
        return self.path / step / f"{key}.pickle"

    def _key(self, step: str, reads: Mapping[str, str]) -> str:
        return f"{self.origin[:8]}-{content_key(origin=self.origin, step=step, reads=reads)[:24]}"

    def _seal(self, step: str, content: bytes) -> bytes:
        return hashlib.sha256(f"{FORMAT}\0{self.origin}\0{step}\0".encode() + content).digest()

    def _read(self, step: str, file: Path) -> Entry | None:
        """Read an entry; None where there is none, it was made for another place, or a byte has changed."""
        try:
            content = file.read_bytes()
        except OSError:
            return None
        seal, content = content[:DIGEST], content[DIGEST:]
        if seal != self._seal(step, content):
            return None
        head, body = content.split(b"\n", 1)
        reads, digest = json.loads(head)
        found = Entry(file, reads, digest, body)
        return found if found.key == self._key(step, found.reads) else None


def _age(file: Path) -> float:
    try:
        return -file.stat().st_mtime
    except OSError:  # gone in the meantime
        return 0.0
