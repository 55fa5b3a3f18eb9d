"""One writer at a time: a lock that names its holder, ends with it, and lets its children in by a token."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..errors import BuildError, printable

TOKEN = "SEGKIT_BUILD_TOKEN"  # what a child shows of the holder of the lock
BUSY = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)


@dataclass(frozen=True)
class Held:
    """The lock of a project while it is held.

    Attributes
    ----------
    file : path
    env : mapping
        What the environment of children needs, so that they may write for the holder.
    """

    file: Path
    env: dict[str, str]
    inode: int

    def check(self) -> None:
        """Refuse to go on where somebody has removed the lock, since another build may have begun.

        Raises
        ------
        BuildError
            The file is another one, or gone.
        """
        try:
            same = self.file.stat().st_ino == self.inode
        except OSError:
            same = False
        if not same:
            raise BuildError(
                "the lock of this build was removed while it ran, so that another may have begun",
                file=self.file,
                remedy="Leave the folder .segkit alone while a build runs, and start again.",
            )


@contextmanager
def alone(state: Path, command: str = "segkit") -> Iterator[Held]:
    """Hold the lock of a project: every command that writes into it does, since two at once would mix their data.

    A child of the holder, which shows the holder's token in its environment, comes in beside it. The system frees the
    lock when its holder ends, however it ends.

    Parameters
    ----------
    state : path
        The folder ``.segkit`` of the project.
    command : str
        What holds it, for those who find it held.

    Raises
    ------
    BuildError
        Another command holds it; the token is none of a running build; or the file system cannot lock.
    """
    file = state / "lock"
    if inside(state):
        yield Held(file, {TOKEN: os.environ[TOKEN]}, file.stat().st_ino)
        return
    handle = _locked(file)
    token = secrets.token_hex(16)
    try:
        about = {"pid": os.getpid(), "command": command, "since": f"{datetime.now():%Y-%m-%d %H:%M:%S}"}
        _write(handle, json.dumps({**about, "token": _digest(token)}))
        yield Held(file, {TOKEN: token}, os.fstat(handle).st_ino)
    finally:
        os.ftruncate(handle, 0)
        os.close(handle)


def inside(state: Path) -> bool:
    """Tell whether this process works for the one that holds the lock of a project.

    Raises
    ------
    BuildError
        There is a token, and no running build of this project gave it.
    """
    token = os.environ.get(TOKEN)
    if not token:
        return False
    if _holder(state / "lock").get("token") != _digest(token) or not _taken(state / "lock"):
        raise BuildError(
            f"{TOKEN} names no running build of this project",
            file=state / "lock",
            remedy="The build that started this command has ended, or the variable was set by hand: unset it.",
        )
    return True


@contextmanager
def claimed(folder: Path) -> Iterator[bool]:
    """Mark a folder as in use for as long as the block and this process last; false where another does already."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield _flock(handle, folder)
    finally:
        os.close(handle)


def _locked(file: Path) -> int:
    """Open and lock the file; once more where somebody removed it between the two."""
    while True:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise BuildError(
                f"the lock cannot be made ({error.strerror})",
                file=file,
                remedy="Make the folder writable, or free some disk space.",
            ) from error
        try:
            free = _flock(handle, file)
            if free and file.exists() and file.stat().st_ino == os.fstat(handle).st_ino:
                return handle
            if not free:
                raise _busy(file)
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _flock(handle: int, place: Path) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in BUSY:
            return False
        raise BuildError(
            f"the file system cannot lock files ({error.strerror})",
            file=place,
            remedy="Put the project on a local disk: without a lock, two builds at once would mix their data.",
        ) from error
    return True


def _taken(file: Path) -> bool:
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        return not _flock(handle, file)
    finally:
        os.close(handle)


def _busy(file: Path) -> BuildError:
    at = _holder(file)
    who = f" (process {at['pid']}: {at['command']}, since {at['since']})" if at else ""
    return BuildError(
        f"another build of this project is running{who}", remedy="Wait until it has ended, then try again."
    )


def _holder(file: Path) -> dict[str, str]:
    """Return what the holder wrote; nothing where it wrote nothing yet, or was killed."""
    try:
        at = json.loads(file.read_text("utf-8"))
        return {name: printable(at[name], 100) for name in ("pid", "command", "since", "token")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _write(handle: int, text: str) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, text.encode(), 0)
