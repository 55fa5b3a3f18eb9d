"""Archives with one file inside, unpacked a piece at a time: within bounds, with its check sum, and nothing else of them."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError
from . import archives, limits

KINDS = ("zip", "gzip")
GIVE = "Unpack it, and give the file inside."
_LITTER = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")  # what systems add to archives on their own


def unpack(kind: str, file: BinaryIO, path: Path, target: Path) -> None:
    """Write the one file of an archive.

    Parameters
    ----------
    kind : {"zip", "gzip"}
    file : binary file
        The open archive.
    path : path
        What messages call it.
    target : path
        What is written. Names within the archive mean nothing.

    Raises
    ------
    InputError
        The archive is damaged or locked, holds no file or several, or unpacks to more than the limits allow.
    """
    file.seek(0)
    size = 0
    with target.open("xb") as out:
        for piece in _zipped(file, path) if kind == "zip" else _gzipped(file, path):
            size += len(piece)
            if size > limits.INFLATED:
                raise archives.too_large(path, "the archive", limits.INFLATED)
            if size > limits.MEMBER and size > limits.RATIO * path.stat().st_size:
                raise InputError(
                    f"the archive unpacks to more than {limits.RATIO} times its size", file=path,
                    remedy="No log repeats itself so much; it may be meant to fill the disk. " + GIVE,
                )  # fmt: skip
            out.write(piece)


def _gzipped(file: BinaryIO, path: Path) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=file) as packed:
            while piece := packed.read(archives.CHUNK):
                yield piece
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise _damaged(path) from None


def _zipped(file: BinaryIO, path: Path) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and not _is_litter(m.filename)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise _damaged(path) from None
    if len(members) != 1:
        found = f"{len(members):,} files" if members else "no file"
        raise InputError(f"the archive has {found} inside, and one is read", file=path, remedy=GIVE)
    (member,) = members
    if member.flag_bits & 1:
        raise InputError("the archive has a password", file=path, remedy=GIVE)
    if archives.leads_out(member.filename):
        raise _damaged(path)
    check, size = 0, 0
    for piece in archives.inflated(file, member, path):
        check, size = zlib.crc32(piece, check), size + len(piece)
        yield piece
    if (check, size) != (member.CRC, member.file_size):
        raise _damaged(path)


def _is_litter(name: str) -> bool:
    lower = name.lower()
    return lower.startswith(_LITTER[0]) or lower.rsplit("/", 1)[-1] in _LITTER[1:]


def _damaged(path: Path) -> InputError:
    return InputError("the archive is damaged", file=path, remedy=f"Copy it again. {GIVE}")
