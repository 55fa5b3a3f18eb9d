"""What lies on disk for a while: files that are whole or not there, and folders that no crash leaves behind for long.

A process that is killed cannot tidy up, so the next one does. Each half-written file and each temporary folder is locked
by the process that fills it; the system frees the lock when that process ends, however it ends. What is found with a
free lock belongs to nobody and is deleted.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .errors import BuildError

PREFIX = "segkit-run-"
DRAFT = re.compile(r"\..+\.[0-9a-f]{8}\.draft")


def private_folder(path: Path) -> None:
    """Make a folder that its owner alone may enter, or take the others' rights from one that is there.

    Raises
    ------
    OSError
        It cannot be made.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(PermissionError):  # another user's, who has to know
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o700)


@contextmanager
def draft(path: Path, *, private: bool = False, replace: bool = True) -> Iterator[BinaryIO]:
    """Give a file to write that takes the place of ``path`` when the block ends well, and goes when it does not.

    Readers see the old file or the new one. Where this process is killed, the next draft in the folder clears the rest.

    Parameters
    ----------
    path : path
        Its folder must be there.
    private : bool
        Whether only its owner may read the file, whatever the umask says and whoever could read the one before.
    replace : bool
        Whether it may take the place of a file.

    Raises
    ------
    FileExistsError
        There is a file, also where another process was just faster, and it may not be replaced.
    OSError
        The place cannot be written, or the disk is full.
    """
    clear_drafts(path.parent)
    name, handle = _new_draft(path, 0o600 if private else 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            (os.replace if replace else os.link)(name, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            name.unlink()


def write(path: Path, content: bytes | str, *, private: bool = False) -> None:
    """Write a file that takes the place of another in one step; its folder is made where there is none.

    Parameters
    ----------
    path : path
    content : bytes or str
        A text is written in UTF-8.
    private : bool
        Whether only its owner may read the file.

    Raises
    ------
    BuildError
        The place cannot be written, or the disk is full; nothing half-written stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft(path, private=private) as file:
            file.write(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise BuildError(
            f"cannot be written ({error.strerror or error})",
            file=path,
            remedy="Free some disk space, or make the folder writable.",
        ) from error


def _new_draft(path: Path, mode: int) -> tuple[Path, int]:
    """Make and lock a file beside another; again, where someone who clears up was faster than the lock."""
    while True:
        name = path.with_name(f".{path.name}.{secrets.token_hex(4)}.draft")
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        if _locked(handle) is not False and os.fstat(handle).st_nlink:
            return name, handle
        os.close(handle)


@contextmanager
def folder(within: Path | None = None, *, prefix: str = PREFIX) -> Iterator[Path]:
    """Give a temporary folder of the user's own; what earlier processes left of its kind is deleted first.

    Parameters
    ----------
    within : path, optional
        Where it is made; the system's place for temporary files when not given.
    prefix : str
        The kind of folder.

    Raises
    ------
    OSError
        It cannot be made.
    """
    place = Path(tempfile.gettempdir()) if within is None else within
    clear_folders(place, prefix=prefix)
    while True:
        made = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
        try:
            handle = os.open(made, os.O_RDONLY)  # the folder itself is locked: no file in it could be deleted too early
        except FileNotFoundError:  # someone who clears up was faster
            continue
        try:
            if _locked(handle) is not False and made.exists():
                yield made
                return
        finally:
            shutil.rmtree(made, ignore_errors=True)
            os.close(handle)


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Wait until no other process is alone in a folder, and be so until the block ends; the folder is made where there is none.

    Raises
    ------
    OSError
        It cannot be made.
    """
    place.mkdir(parents=True, exist_ok=True)
    handle = os.open(place, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # where locks do not exist, nobody waits
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def clear_drafts(place: Path) -> None:
    """Delete the half-written files that ended processes left in a folder."""
    with contextlib.suppress(OSError):
        for found in place.iterdir():
            if DRAFT.fullmatch(found.name):
                _clear(found)


def clear_folders(place: Path | None = None, *, prefix: str = PREFIX) -> None:
    """Delete the temporary folders that ended processes of this user left in a place."""
    place = Path(tempfile.gettempdir()) if place is None else place
    with contextlib.suppress(OSError):
        for found in place.iterdir():
            if not found.name.startswith(prefix):
                continue
            with contextlib.suppress(OSError):
                seen = found.lstat()
                if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid():
                    continue
                _clear(found)


def _clear(what: Path) -> None:
    """Delete a file or folder if nobody holds its lock."""
    try:
        handle = os.open(what, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    try:
        if _locked(handle):
            if what.is_dir():
                shutil.rmtree(what, ignore_errors=True)
            else:
                what.unlink(missing_ok=True)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool | None:
    """Lock an open file until it is closed; False where another process has it, None where locks do not exist."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
