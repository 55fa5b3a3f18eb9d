"""What a file is, judged by its content: kind, encoding, delimiter, header. The head is read before anything else."""

from __future__ import annotations

import codecs
import csv
import difflib
import hashlib
import io
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import ColumnError, InputError, printable

HEAD = 1 << 20  # bytes within which the header must end
CHUNK = 1 << 22
DELIMITERS = (",", ";", "\t", "|")
SAVE_AS_CSV = "Save or export it as CSV (UTF-8), .xlsx or Parquet."
# The first bytes of formats that are not read, and what they are.
REFUSED = (
    (b"\xd0\xcf\x11\xe0", "an old .xls workbook, or one with a password"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a rar archive"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"ARROW1", "an Arrow file"),
)
UTF16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Source:
    """A file, and how it is written.

    ``rewrite`` says that the text needs another form before it is read: it is not UTF-8, or mixes line ends.
    """

    path: Path
    format: str
    encoding: str
    delimiter: str | None
    header: tuple[str, ...]
    size: int
    fingerprint: str
    skip: int = 0
    rewrite: bool = False
    notes: tuple[str, ...] = ()


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    digest = hashlib.sha256()
    with open_bytes(path) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True)
class Stamp:
    """What the system says of a file; it cannot be rewritten or replaced without a change of these."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int


def stamp(path: Path) -> Stamp:
    """Return the stamp of a file.

    Raises
    ------
    InputError
        It is gone.
    """
    try:
        at = Path(path).stat()
    except OSError:
        raise changed(path) from None
    return Stamp(at.st_dev, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns)


def check_steady(path: Path, before: Stamp, digest: str) -> None:
    """Refuse a file that is not the one whose stamp was taken and whose digest counts.

    Parameters
    ----------
    path : path
    before : Stamp
        Taken before the first byte was read.
    digest : str
        SHA-256 of the bytes that were read.

    Raises
    ------
    InputError
        It has changed since.
    """
    if fingerprint(path) != digest or stamp(path) != before:
        raise changed(path)


def changed(path: Path) -> InputError:
    """Return the error about a file that another program writes while it is read."""
    return InputError(
        "the file changed while it was read",
        file=path,
        remedy="Wait until it is written, or give a copy that nothing else writes; then run the command again.",
    )


def open_bytes(path: Path) -> BinaryIO:
    """Open a regular file for reading.

    Raises
    ------
    InputError
        There is no such file, it is a folder or a device, or it may not be read.
    """
    path = Path(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError("this is a folder", file=path, remedy="Give the file of calls itself.")
        if not stat.S_ISREG(mode):
            raise InputError("this is not a regular file", file=path, remedy="Give a file of calls.")
        return path.open("rb")
    except FileNotFoundError:
        raise InputError("there is no such file", file=path, remedy="Check the path; it is case-sensitive.") from None
    except PermissionError:
        raise InputError("the file may not be read", file=path, remedy="Give yourself the right to read it.") from None
    except OSError as error:
        raise InputError(f"the file cannot be read ({error.strerror})", file=path, remedy="Check the path.") from None


def kind(path: Path, head: bytes) -> str:
    """Return ``"csv"``, ``"parquet"`` or ``"xlsx"`` from the first bytes of a file.

    Raises
    ------
    InputError
        The file is empty, or of a kind that is not read; the message says which.
    """
    if not head.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise InputError("the file is empty", file=path, remedy="Export the calls again.")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    for magic, name in REFUSED:
        if head.startswith(magic):
            raise InputError(f"this is {name}, which is not read", file=path, remedy=SAVE_AS_CSV)
    if head.startswith(tuple(bom for bom, _ in UTF16)):
        return "csv"
    if b"\0" in head:
        raise InputError(
            "this is a binary file, or UTF-16 text without its mark",
            file=path,
            remedy=SAVE_AS_CSV,
        )
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if re.match(rb"[\[{]\s*[\[{\]}\"]", start):
        raise InputError("this is JSON, which is not read", file=path, remedy=SAVE_AS_CSV)
    if re.match(rb"<(!doctype|html|\?xml|table)", start, re.IGNORECASE):
        raise InputError("this is a web page or XML, whatever its name says", file=path, remedy=SAVE_AS_CSV)
    return "csv"


def inspect_text(path: Path, head: bytes, wanted: Sequence[str]) -> Source:
    """Find encoding, delimiter and header of a delimited text, then check its bytes in one pass.

    Raises
    ------
    InputError
        It is not a delimited text with the columns ``wanted``, or bytes of it are no text.
    """
    encoding = next((name for bom, name in UTF16 if head.startswith(bom)), "utf-8")
    text = _head_text(head, encoding)
    lines = text.lstrip("\r\n")
    skip = len(text[: len(text) - len(lines)].replace("\r\n", "\n"))
    if len(head) >= HEAD and "\n" not in lines and "\r" not in lines:
        raise InputError("no line ends within the first megabyte", file=path, remedy=SAVE_AS_CSV)
    delimiter, header = choose_delimiter(lines, wanted)
    check_header(path, header, wanted)
    scan = _scan(path, encoding, marked=head.startswith(codecs.BOM_UTF8))
    notes = []
    if scan.encoding.startswith("utf-16"):
        notes.append("The file is UTF-16; it was read as such.")
    if scan.encoding == "windows-1252":
        notes.append("The file is not UTF-8; it was read as Windows-1252.")
    if scan.blank_lines:
        notes.append("The file has blank lines; rows are counted without them.")
    return Source(
        path=path,
        format="csv",
        encoding=scan.encoding,
        delimiter=delimiter,
        header=header,
        size=scan.size,
        fingerprint=scan.sha256,
        skip=skip,
        rewrite=scan.encoding != "utf-8" or scan.mixed_line_ends,
        notes=tuple(notes),
    )


def _head_text(head: bytes, encoding: str) -> str:
    """Decode the head, which may end within a character; unmarked text that is not UTF-8 is taken as Windows-1252."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        unmarked = encoding == "utf-8" and not head.startswith(codecs.BOM_UTF8)
        text = head.decode("windows-1252" if unmarked else encoding, errors="replace")
    return text.removeprefix("\ufeff")


def choose_delimiter(text: str, wanted: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Choose the delimiter under which the first line names most wanted columns, then most columns at all.

    >>> choose_delimiter("date;time\\n1;2\\n", ["date"])
    (';', ('date', 'time'))
    """
    found = []
    for delimiter in DELIMITERS:
        try:
            header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        except csv.Error:  # a cell longer than the reader's limit: not a header
            continue
        names = tuple(name.strip() for name in header)
        found.append((len(set(names) & set(wanted)), len(names), -DELIMITERS.index(delimiter), delimiter, names))
    if not found:
        return ",", ()
    best = max(found)
    return best[3], best[4]


def check_header(path: Path, header: Sequence[str], wanted: Sequence[str]) -> None:
    """Check that a header has the columns ``wanted``, and none twice.

    Raises
    ------
    InputError
        A column is missing (with the nearest name in the file), or a name occurs twice.
    """
    missing = [name for name in wanted if name not in header]
    if missing:
        near = difflib.get_close_matches(missing[0].lower(), [h.lower() for h in header], n=1, cutoff=0.5)
        close = next((h for h in header if near and h.lower() == near[0]), None)
        hint = f'The nearest name in the file is "{printable(close)}". ' if close else ""
        others = ", ".join(f'"{printable(name)}"' for name in missing[1:])
        raise ColumnError(
            "the file has no such column" + (f", nor {others}" if others else ""),
            file=path,
            column=missing[0],
            remedy=f"{hint}Correct [contacts.columns] (delete the line of a column that the file does not have), "
            f"or run `segkit init {path.name}`.",
        )
    twice = next((name for name in header if name and list(header).count(name) > 1), None)
    if twice is not None:
        raise InputError("two columns have this name", file=path, column=twice, remedy="Rename one of them.")
    if len(header) < 2 and not wanted:
        raise InputError("this is not a table with several columns", file=path, remedy=SAVE_AS_CSV)


@dataclass(frozen=True)
class _Scan:
    sha256: str
    size: int
    encoding: str
    blank_lines: bool
    mixed_line_ends: bool


def _scan(path: Path, encoding: str, marked: bool) -> _Scan:
    """Read all bytes once: digest, encoding, line ends.

    Unmarked text that is not UTF-8 is taken as Windows-1252, unless it was UTF-8 up to there: then it is damaged.
    """
    digest, size, carry = hashlib.sha256(), 0, b""
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder(encoding)()
    wide = encoding.startswith("utf-16")
    plain = not marked and not wide  # nothing but ASCII so far, and no mark of UTF-8
    returns = pairs = feeds = 0
    blank = False
    with open_bytes(path) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            if not wide and b"\0" in chunk:
                raise _zero_bytes(path, feeds + chunk[: chunk.index(b"\0")].count(b"\n") + 1)
            if decoder is not None and not (plain and chunk.isascii()):
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    before = error.object[: error.start]
                    if not (plain and before.isascii()):
                        raise _undecodable(path, encoding, feeds + before.count(b"\n") + 1) from None
                    encoding, decoder = "windows-1252", None
                plain = plain and chunk.isascii()
            both = carry + chunk
            pairs += both.count(b"\r\n")
            feeds, returns = feeds + chunk.count(b"\n"), returns + chunk.count(b"\r")
            inner = both.rstrip(b"\r\n")
            blank = blank or b"\n\n" in inner or b"\n\r\n" in inner
            carry, size = chunk[-1:], size + len(chunk)
    try:
        if decoder is not None:
            decoder.decode(b"", True)
    except UnicodeDecodeError:
        raise _undecodable(path, encoding, feeds + 1) from None
    mixed = bool(feeds and returns) and not feeds == returns == pairs
    return _Scan(digest.hexdigest(), size, encoding, blank and not wide, mixed)


def _undecodable(path: Path, encoding: str, row: int) -> InputError:
    return InputError(
        f"the text begins as {encoding} and holds bytes that are not",
        file=path,
        rows=[row],
        remedy="Export the file again as UTF-8; this copy is damaged.",
    )


def _zero_bytes(path: Path, row: int) -> InputError:
    return InputError("the text holds zero bytes", file=path, rows=[row], remedy="Export the calls again.")


def rewrite(source: Source, target: Path) -> None:
    """Write the text of ``source`` to ``target`` as UTF-8 with one kind of line end, a few megabytes at a time.

    Raises
    ------
    InputError
        Bytes of the file have no meaning in its encoding.
    """
    decoder = codecs.getincrementaldecoder(source.encoding)()
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    rows = 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open_bytes(source.path) as file, os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
        while True:
            chunk = file.read(CHUNK)
            try:
                text = newlines.decode(decoder.decode(chunk, not chunk), not chunk)
            except UnicodeDecodeError as error:
                row = rows + error.object[: error.start].count(b"\n") + 1
                raise _undecodable(source.path, source.encoding, row) from None
            if "\0" in text:
                raise _zero_bytes(source.path, rows + text[: text.index("\0")].count("\n") + 1)
            out.write(text)
            rows += text.count("\n")
            if not chunk:
                return
