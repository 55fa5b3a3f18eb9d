"""Files as they are opened: regular ones only, which are there, and stay as they are while they are read."""

from __future__ import annotations

import errno
import io
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError
from . import limits

CHUNK = 1 << 22
TABLES = (".csv", ".parquet")  # what a folder of tables holds
WATCH = 0.2  # seconds between two looks at a file that is read


@dataclass(frozen=True)
class Stamp:
    """What the system says of a file; it cannot be rewritten or replaced without a change of these."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int


def tables_of(folder: Path) -> list[Path]:
    """Return the tables of a folder, by name."""
    return sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in TABLES and not p.name.startswith("."))


def stamp(path: Path) -> Stamp:
    """Return the stamp of a file; of a folder, its own with the size and the last changes of its tables.

    Raises
    ------
    InputError
        It is gone.
    """
    try:
        at = Path(path).stat()
        parts = [t.stat() for t in tables_of(path)] if stat.S_ISDIR(at.st_mode) else [at]
    except OSError:
        raise changed(path) from None
    size, whole = sum(p.st_size for p in parts), [at, *parts]
    return Stamp(at.st_dev, at.st_ino, size, max(p.st_mtime_ns for p in whole), max(p.st_ctime_ns for p in whole))


def changed(path: Path) -> InputError:
    """Return the error about a file that another program writes while it is read."""
    return InputError(
        "the file changed while it was read",
        file=path,
        remedy="Wait until it is written, or give a copy that nothing else writes; then run the command again.",
    )


class SteadyFile(io.BufferedReader):
    """A regular file that ends where it ended when it was opened; one that grows meanwhile is refused."""

    def __init__(self, handle: int, path: Path) -> None:
        super().__init__(io.FileIO(handle, "rb"))
        self.path, self.left = path, os.fstat(handle).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """Read some bytes.

        Raises
        ------
        InputError
            There are more bytes than the file had, or they cannot be read.
        """
        try:
            data = super().read(size)
        except OSError as error:
            raise unreadable(self.path, error) from None
        self.left -= len(data)
        if self.left < 0:
            raise changed(self.path)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place in the file."""
        at = super().seek(offset, whence)
        self.left = os.fstat(self.fileno()).st_size - at
        return at


def open_bytes(path: Path) -> BinaryIO:
    """Open a regular file for reading.

    Raises
    ------
    InputError
        There is no such file, it is a folder or a device, it is mostly holes, or it may not be read.
    """
    path = Path(path)
    try:
        _check_kind(path, path.stat())  # before it is opened: to open some devices does something
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe put there meanwhile would wait for ever
    except FileNotFoundError:
        raise InputError("there is no such file", file=path, remedy="Check the path; it is case-sensitive.") from None
    except PermissionError:
        raise InputError("the file may not be read", file=path, remedy="Give yourself the right to read it.") from None
    except OSError as error:
        raise unreadable(path, error) from None
    try:
        _check_kind(path, os.fstat(handle))
        return SteadyFile(handle, path)
    except BaseException:
        os.close(handle)
        raise


def _check_kind(path: Path, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise InputError("this is a folder", file=path, remedy="Give the file itself.")
    if not stat.S_ISREG(found.st_mode):
        raise InputError("this is not a regular file", file=path, remedy="Give the file of a log.")
    stored = found.st_blocks * 512
    if found.st_size > limits.HOLES and stored < limits.STORED * found.st_size:
        raise InputError(
            f"the file says that it has {found.st_size:,} bytes, and {stored:,} are there; the rest is a hole", file=path,
            remedy="Copy it again; this copy was cut off.",
        )  # fmt: skip


def read_chunks(path: Path, size: int | None = None) -> Iterator[bytes]:
    """Yield the bytes of a file, some megabytes at a time.

    Raises
    ------
    InputError
        It cannot be opened, or cannot be read to its end.
    """
    with open_bytes(path) as file:
        try:
            while chunk := file.read(size or CHUNK):
                yield chunk
        except OSError as error:
            raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError) -> InputError:
    """Return the refusal of a file that the machine does not give: no fault of what is in it."""
    if error.errno in (errno.EIO, errno.ESTALE, errno.ENXIO, errno.ETIMEDOUT):
        what, remedy = (
            "the disk or the network drive fails",
            "Copy the file to another disk, and try again with the copy.",
        )
    else:
        what, remedy = "the file cannot be read", "Check the path and the rights."
    return InputError(f"{what} ({error.strerror or type(error).__name__})", file=path, remedy=remedy)


@contextmanager
def unchanged(path: Path, stop: Callable[[], None]) -> Iterator[None]:
    """Watch a file while the block reads it: when it changes, ``stop`` is called, and the block ends as an error.

    Raises
    ------
    InputError
        The file is another one at the end, or has another size or time of change.
    """
    ended = threading.Event()
    first = stamp(path)

    def other() -> bool:
        try:
            return stamp(path) != first
        except InputError:
            return True

    def watch() -> None:
        while not ended.wait(WATCH):
            if other():
                stop()

    watcher = threading.Thread(target=watch, daemon=True, name="watch")
    watcher.start()
    try:
        yield
    except Exception:
        if other():  # what the block found is of no use
            raise changed(path) from None
        raise
    finally:
        ended.set()
        watcher.join()
    if other():
        raise changed(path)
