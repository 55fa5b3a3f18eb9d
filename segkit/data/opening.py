"""Files as they are opened: regular ones only, which are there, and stay as they are while they are read."""

from __future__ import annotations

import io
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError
from . import limits

WATCH = 0.2  # seconds between two looks at a file that is read


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
            raise _unreadable(self.path, error) from None
        self.left -= len(data)
        if self.left < 0:
            raise _changed(self.path)
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
        raise _unreadable(path, error) from None
    try:
        _check_kind(path, os.fstat(handle))
        return SteadyFile(handle, path)
    except BaseException:
        os.close(handle)
        raise


def _check_kind(path: Path, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise InputError("this is a folder", file=path, remedy="Give the file of calls itself.")
    if not stat.S_ISREG(found.st_mode):
        raise InputError("this is not a regular file", file=path, remedy="Give a file of calls.")
    stored = found.st_blocks * 512
    if found.st_size > limits.HOLES and stored < limits.STORED * found.st_size:
        raise InputError(
            f"the file says that it has {found.st_size:,} bytes, and {stored:,} are there; the rest is a hole", file=path,
            remedy="Copy it again; this copy was cut off.",
        )  # fmt: skip


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"the file cannot be read ({error.strerror})", file=path, remedy="Check the path, and the disk.")


def _changed(path: Path) -> InputError:
    return InputError(
        "the file was changed while it was read", file=path, remedy="Wait until its export has ended, then try again."
    )


@contextmanager
def unchanged(path: Path, stop: Callable[[], None]) -> Iterator[None]:
    """Watch a file while the block reads it: when it changes, ``stop`` is called, and the block ends as an error.

    Raises
    ------
    InputError
        The file is another one at the end, or has another size or time of change.
    """
    ended = threading.Event()
    first = _state(path)

    def watch() -> None:
        while not ended.wait(WATCH):
            if _state(path) != first:
                stop()

    watcher = threading.Thread(target=watch, daemon=True, name="watch")
    watcher.start()
    try:
        yield
    except Exception:
        if _state(path) != first:  # what the block found is of no use
            raise _changed(path) from None
        raise
    finally:
        ended.set()
        watcher.join()
    if _state(path) != first:
        raise _changed(path)


def _state(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
