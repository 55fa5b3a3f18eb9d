"""What a file is, judged by its content: kind, encoding, delimiter, header. The head is read before anything else."""

from __future__ import annotations

import codecs
import hashlib
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..errors import InputError
from . import formulas, limits
from .headers import HEADLESS, SAVE_AS_CSV, check_header, is_headless, places
from .layouts import find_layout
from .listed import is_backup
from .marks import INVISIBLE
from .opening import Stamp, changed, read_chunks, stamp, tables_of
from .web_tables import is_page

HEAD = 1 << 20  # bytes within which the header must end
UNPACK = "Unpack it, and give the file inside."
# The first bytes of formats that are not read, what they are, and the way out.
REFUSED = (
    (b"\x28\xb5\x2f\xfd", "a zstd archive", UNPACK),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\xfd7zXZ", "an xz archive", UNPACK),
    (b"7z\xbc\xaf", "a 7z archive", UNPACK),
    (b"Rar!", "a rar archive", UNPACK),
    (b"%PDF", "a PDF document", f"Its table cannot be told from its text. {SAVE_AS_CSV}"),
    (b"SQLite format 3", "an SQLite database", "Export its table of calls as CSV (UTF-8) or Parquet."),
    (b"ARROW1", "an Arrow file", "Write it as Parquet or CSV (UTF-8)."),
)
# The first bytes of formats that are.
KNOWN = ((b"PAR1", "parquet"), (b"PK\x03\x04", "zip"), (b"\x1f\x8b", "gzip"), (b"\xd0\xcf\x11\xe0", "xls"))
LOCKED = "EncryptedPackage".encode("utf-16-le")  # the part of an old workbook that is a new one with a password
CONTROLS = bytes(n for n in (*range(32), 127) if n not in b"\t\n\r")
UTF16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Source:
    """A file, and how it is written.

    ``rewrite`` says that the text needs another form before it is read: it is not UTF-8, or mixes line ends. ``line_end`` is
    the last character of its line ends, ``marked`` the number of header cells with invisible characters, and ``plain`` says
    that no cell can have one. The table begins ``start`` bytes into the text, in line ``row`` of those that are not blank;
    where it is ``headless``, that is a record, and the header consists of places.
    """

    path: Path
    format: str
    encoding: str
    delimiter: str | None
    header: tuple[str, ...]
    size: int
    fingerprint: str
    start: int = 0
    row: int = 1
    headless: bool = False
    rewrite: bool = False
    notes: tuple[str, ...] = ()
    line_end: str = "\n"
    marked: int = 0
    plain: bool = False


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits; of a folder, that of the list of its tables and theirs.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    digest = hashlib.sha256()
    if Path(path).is_dir():
        for table in tables_of(path):
            digest.update(f"{fingerprint(table)}  {table.name}\n".encode())
        return digest.hexdigest()
    for chunk in read_chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


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


def kind(path: Path, head: bytes) -> str:
    """Return the kind of a file from its first bytes.

    It is one of csv, parquet, xls, zip, gzip, json, xml and html; whether a zip archive is a workbook, `archives.zip_kind` says.

    Raises
    ------
    InputError
        The file is empty, or of a kind that is not read; the message says which.
    """
    if not head.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise InputError("the file is empty", file=path, remedy="Export it again.")
    for magic, name in KNOWN:
        if head.startswith(magic):
            if name == "xls" and LOCKED in head:
                raise InputError("the workbook has a password", file=path, remedy="Save a copy without it.")
            return name
    for magic, name, remedy in REFUSED:
        if head.startswith(magic):
            raise InputError(f"this is {name}, which is not read", file=path, remedy=remedy)
    if head[257:262] == b"ustar":
        raise InputError("this is a tar archive, which is not read", file=path, remedy=UNPACK)
    if head.startswith(tuple(bom for bom, _ in UTF16)):
        return "html" if is_page(head[2:].replace(b"\0", b"").lstrip()) else "csv"
    if b"\0" in head:
        raise InputError(
            "this is a binary file, or UTF-16 text without its mark",
            file=path,
            remedy=SAVE_AS_CSV,
        )
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if re.match(rb"[\[{]\s*[\[{\]}\"]", start):
        return "json"
    if is_backup(head):
        return "xml"
    if is_page(start):
        return "html"
    if re.match(rb"<(!doctype|\?xml)", start, re.IGNORECASE):
        raise InputError("this is XML, whatever its name says", file=path, remedy=SAVE_AS_CSV)
    return "csv"


def inspect_text(path: Path, head: bytes, wanted: Sequence[str], section: str, *, headless: bool = False) -> Source:
    """Find encoding, delimiter and header of a delimited text, then check its bytes in one pass.

    Parameters
    ----------
    path : path
    head : bytes
        The first bytes of the file.
    wanted : sequence of str
        Columns that the header must have.
    section : str
        The part of the settings that names them.
    headless : bool
        Whether a file without a header is taken, too.

    Raises
    ------
    InputError
        It is not a delimited text with the columns ``wanted``, or bytes of it are no text.
    """
    encoding = next((name for bom, name in UTF16 if head.startswith(bom)), "utf-8")
    text = _head_text(head, encoding)
    lines = text.lstrip("\r\n")
    if len(head) >= HEAD and "\n" not in lines and "\r" not in lines:
        raise InputError("no line ends within the first megabyte", file=path, remedy=SAVE_AS_CSV)
    layout = find_layout(text, wanted)
    if wrapped := formulas.found(lines, layout.delimiter):
        text = "".join(formulas.as_texts([text.replace("\r\n", "\n")], layout.delimiter))
        layout = find_layout(text, wanted)
    header, below = layout.first, list(layout.below)
    headless = is_headless(path, header, wanted, below, section=section, open_=headless)
    header = places(len(header)) if headless else header
    check_header(path, header, wanted, below, section=section)
    scan = _scan(path, encoding, marked=head.startswith(codecs.BOM_UTF8))
    rewrite = scan.encoding != "utf-8" or scan.mixed_line_ends or wrapped
    before = text[: layout.start]
    if rewrite:
        before = before.replace("\r\n", "\n").replace("\r", "\n")
    marked = any(head.startswith(bom) for bom in (codecs.BOM_UTF8, *(bom for bom, _ in UTF16)))
    notes = []
    if wrapped:
        notes.append('Cells are written as formulas of a text (="..."); the texts within were read.')
    if scan.encoding.startswith("utf-16"):
        notes.append("The file is UTF-16; it was read as such.")
    if scan.encoding == "windows-1252":
        notes.append("The file is not UTF-8; it was read as Windows-1252.")
    if scan.blank_lines:
        notes.append("The file has blank lines; rows are counted without them.")
    if headless:
        notes.append(HEADLESS)
    return Source(
        path=path,
        format="csv",
        encoding=scan.encoding,
        delimiter=layout.delimiter,
        header=header,
        size=scan.size,
        fingerprint=scan.sha256,
        start=len(before.encode()) + len(codecs.BOM_UTF8) * marked if layout.start else 0,
        row=layout.row,
        headless=headless,
        rewrite=rewrite,
        notes=tuple(notes),
        line_end=scan.line_end if not rewrite else "\n",
        marked=0 if headless else sum(bool(INVISIBLE.search(name)) for name in layout.written),
        plain=scan.plain,
    )


def _head_text(head: bytes, encoding: str) -> str:
    """Decode the head, which may end within a character; unmarked text that is not UTF-8 is taken as Windows-1252."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        unmarked = encoding == "utf-8" and not head.startswith(codecs.BOM_UTF8)
        text = head.decode("windows-1252" if unmarked else encoding, errors="replace")
    return text.removeprefix("\ufeff")


@dataclass(frozen=True)
class _Scan:
    sha256: str
    size: int
    encoding: str
    blank_lines: bool
    mixed_line_ends: bool
    line_end: str
    plain: bool


def _scan(path: Path, encoding: str, marked: bool) -> _Scan:
    """Read all bytes once: digest, encoding, line ends.

    Unmarked text that is not UTF-8 is taken as Windows-1252, unless it was UTF-8 up to there: then it is damaged.
    """
    digest, size, carry = hashlib.sha256(), 0, b""
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder(encoding)()
    wide = encoding.startswith("utf-16")
    plain = not marked and not wide  # nothing but ASCII so far, and no mark of UTF-8
    returns = pairs = feeds = 0
    blank = odd = False
    for chunk in read_chunks(path):
        digest.update(chunk)
        if len(chunk) > 2 * limits.LINE - 1 and b"\n" not in chunk and b"\r" not in chunk:
            raise endless(path, feeds + 1)
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
        odd = odd or len(chunk.translate(None, CONTROLS)) < len(chunk)
        carry, size = chunk[-1:], size + len(chunk)
    try:
        if decoder is not None:
            decoder.decode(b"", True)
    except UnicodeDecodeError:
        raise _undecodable(path, encoding, feeds + 1) from None
    mixed = bool(feeds and returns) and not feeds == returns == pairs
    end = "\n" if feeds or not returns else "\r"
    return _Scan(digest.hexdigest(), size, encoding, blank and not wide, mixed, end, plain and not odd)


def endless(path: Path, row: int) -> InputError:
    """Return the refusal of a record that does not end within the limit."""
    return InputError(
        f"a line is longer than {limits.LINE >> 20} MB", file=path, rows=[row],
        remedy="Check whether a quotation mark is never closed, or export the file again.",
    )  # fmt: skip


def _undecodable(path: Path, encoding: str, row: int) -> InputError:
    return InputError(
        f"the text begins as {encoding} and holds bytes that are not",
        file=path,
        rows=[row],
        remedy="Export the file again as UTF-8; this copy is damaged.",
    )


def _zero_bytes(path: Path, row: int) -> InputError:
    return InputError("the text holds zero bytes", file=path, rows=[row], remedy="Export it again.")


def rewrite(source: Source, target: IO[bytes]) -> None:
    """Write the text of ``source`` to ``target`` as UTF-8 with one kind of line end, a few megabytes at a time.

    Formulas of nothing but a text become texts.

    Raises
    ------
    InputError
        Bytes of the file have no meaning in its encoding.
    """
    for text in formulas.as_texts(_decoded(source), source.delimiter or ","):
        target.write(text.encode())
    target.flush()


def _decoded(source: Source) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(source.encoding)()
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    rows = 0
    for chunk in itertools.chain(read_chunks(source.path), (b"",)):
        try:
            text = newlines.decode(decoder.decode(chunk, not chunk), not chunk)
        except UnicodeDecodeError as error:
            row = rows + error.object[: error.start].count(b"\n") + 1
            raise _undecodable(source.path, source.encoding, row) from None
        if "\0" in text:
            raise _zero_bytes(source.path, rows + text[: text.index("\0")].count("\n") + 1)
        yield text
        rows += text.count("\n")
