"""Zip archives, measured before anyone parses them: what they say of themselves, and what is in them when unpacked."""

from __future__ import annotations

import re
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError
from . import limits
from .headers import SAVE_AS_CSV

CHUNK = 1 << 20
OVERLAP = 256  # bytes kept from one piece to the next, so that nothing looked for is cut in two
LOCAL = 30  # bytes of a member's own header, before its name
DAMAGED = "this is a damaged archive or workbook"
DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# Cells with something in them: a tag that closes itself is only formatted.
REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["'](?:[^<>]*[^<>/])?>""")
BEYOND = re.compile(rb"""\sr\s*=\s*["'][A-Za-z]{3}\d+["'](?:[^<>]*[^<>/])?>""")  # in a column after the 702nd
# The members that tell workbooks from other archives.
WORKBOOKS = {"xlsx": {"xl/workbook.xml"}, "xlsb": {"xl/workbook.bin"}, "ods": {"content.xml", "mimetype"}}
DIAGNOSIS = 10.0  # seconds spent on finding out why a workbook cannot be read


def zip_kind(file: BinaryIO, path: Path) -> str:
    """Return which workbook a zip archive is, or ``"zip"`` where it is none.

    Raises
    ------
    InputError
        It is damaged.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise InputError(DAMAGED, file=path, remedy=SAVE_AS_CSV) from None
    return next((kind for kind, parts in WORKBOOKS.items() if names >= parts), "zip")


def measure(file: BinaryIO, path: Path) -> bool:
    """Check a workbook's archive: its members, their true sizes, and that its XML declares no entities.

    Sizes are counted while unpacking, a piece at a time; what the archive says of them is compared, not believed.

    Parameters
    ----------
    file : binary file
    path : path
        What messages call it.

    Returns
    -------
    bool
        Whether a sheet has cells so far to the right that `farthest` should look at it.

    Raises
    ------
    InputError
        It is no workbook, is locked or damaged, or unpacks to more than the limits allow.
    """
    members = _members(file, path)
    beyond, whole = False, 0
    for member in members:
        tail, size = b"", 0
        for piece in inflated(file, member, path):
            size += len(piece)
            whole += len(piece)
            if whole > limits.INFLATED:
                raise too_large(path, "the workbook", limits.INFLATED)
            if size > limits.MEMBER and size > limits.RATIO * member.compress_size:
                raise InputError(
                    f"a part of the workbook unpacks to more than {limits.RATIO} times its size", file=path,
                    remedy=f"No log repeats itself so much; it may be meant to fill the memory. {SAVE_AS_CSV}",
                )  # fmt: skip
            if _is_xml(member):
                both = tail + piece
                if DECLARES.search(both):
                    raise InputError(
                        "the workbook declares entities, which no spreadsheet program writes", file=path,
                        remedy=SAVE_AS_CSV,
                    )  # fmt: skip
                beyond = beyond or (_is_sheet(member) and BEYOND.search(both) is not None)
                tail = piece[-OVERLAP:]
        if size != member.file_size:
            raise InputError(DAMAGED, file=path, remedy=SAVE_AS_CSV)
    return beyond


def farthest(file: BinaryIO, path: Path) -> InputError | None:
    """Look for the cell that makes a sheet too large, and return the refusal that names it, if there is one."""
    until = time.monotonic() + DIAGNOSIS
    for number, member in enumerate(filter(_is_sheet, _members(file, path)), 1):
        tail, right, low = b"", (0, b""), (0, b"")
        for piece in inflated(file, member, path):
            for letters, digits in set(REFERENCE.findall(tail + piece)):
                name = letters.upper() + digits
                right, low = max(right, (column(letters), name)), max(low, (int(digits), name))
            tail = piece[-OVERLAP:]
            if time.monotonic() > until:
                return None
        if right[0] > limits.COLUMNS or right[0] * low[0] > limits.SHEET:
            at = right[1] if right[0] > limits.COLUMNS else low[1]
            where = f" of sheet {number}" if number > 1 else ""
            return InputError(
                f"cell {at.decode()}{where} makes the sheet {low[0]:,} rows by {right[0]:,} columns; at most "
                f"{limits.COLUMNS:,} columns and {limits.SHEET:,} cells are read",
                file=path,
                remedy=f"Delete what stands far from the table (rows and columns, not only their contents). {SAVE_AS_CSV}",
            )
    return None


def column(letters: bytes) -> int:
    """Return the number of a column from its letters.

    >>> column(b"A"), column(b"Z"), column(b"AA"), column(b"xfd")
    (1, 26, 27, 16384)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _is_xml(member: zipfile.ZipInfo) -> bool:
    return member.filename.lower().endswith((".xml", ".rels", ".vml"))


def _is_sheet(member: zipfile.ZipInfo) -> bool:
    return member.filename.lower().startswith("xl/worksheets/") and _is_xml(member)


def too_large(path: Path, what: str, most: int) -> InputError:
    """Return the refusal of an archive that unpacks to too much."""
    return InputError(f"{what} unpacks to more than {most / (1 << 30):g} GB", file=path, remedy=SAVE_AS_CSV)


def _members(file: BinaryIO, path: Path) -> list[zipfile.ZipInfo]:
    """Return the members of a workbook in the order of their bytes, which must not overlap."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = sorted(archive.infolist(), key=lambda m: m.header_offset)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise InputError(DAMAGED, file=path, remedy=SAVE_AS_CSV) from None
    names = [m.filename for m in members]
    if len(members) > limits.MEMBERS:
        raise InputError(f"the workbook has more than {limits.MEMBERS:,} parts", file=path, remedy=SAVE_AS_CSV)
    if any(m.flag_bits & 1 for m in members):
        raise InputError("the workbook has a password", file=path, remedy="Save a copy without it.")
    ends = [m.header_offset + LOCAL + m.compress_size for m in members]
    overlap = any(end > later.header_offset for end, later in zip(ends, members[1:], strict=False))
    if overlap or len({name.lower() for name in names}) < len(names) or any(map(leads_out, names)):
        raise InputError(DAMAGED, file=path, remedy=SAVE_AS_CSV)
    if sum(m.file_size for m in members) > limits.INFLATED:
        raise too_large(path, "the workbook", limits.INFLATED)
    return members


def leads_out(name: str) -> bool:
    """Tell whether a name in an archive is one of a place outside it."""
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name)


def inflated(file: BinaryIO, member: zipfile.ZipInfo, path: Path) -> Iterator[bytes]:
    """Yield what a member holds, in pieces of a megabyte at most, to the end of its stream whatever its size says."""
    file.seek(member.header_offset)
    head = file.read(LOCAL)
    if len(head) < LOCAL or not head.startswith(b"PK\x03\x04"):
        raise InputError(DAMAGED, file=path, remedy=SAVE_AS_CSV)
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    left = member.compress_size
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError("the workbook is packed in an unusual way", file=path, remedy=SAVE_AS_CSV)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if member.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        packed = file.read(min(CHUNK, left))
        if not packed:
            raise InputError(DAMAGED, file=path, remedy=SAVE_AS_CSV)
        left -= len(packed)
        if inflate is None:
            yield packed
            continue
        try:
            while packed:
                yield inflate.decompress(packed, CHUNK)
                packed = inflate.unconsumed_tail
        except zlib.error:
            raise InputError(DAMAGED, file=path, remedy=SAVE_AS_CSV) from None
    if inflate is not None:
        yield inflate.flush()
    if inflate is not None and not inflate.eof:
        raise InputError(DAMAGED, file=path, remedy=SAVE_AS_CSV)
