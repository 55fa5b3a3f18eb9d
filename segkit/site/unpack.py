"""What is packed within the files of a site: metadata of pictures, archives, documents, data addresses."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

LARGEST_PART = 64 << 20  # bytes that are unpacked from one part
ARCHIVES = (b"\x89PNG\r\n\x1a\n", b"\x1f\x8b", b"PK\x03\x04", b"%PDF")


def embedded(text: str) -> bytes:
    """Return what a data address holds in base64; nothing where it is none."""
    try:
        return base64.b64decode(re.sub(r"\s", "", text) + "==", validate=False)
    except binascii.Error:
        return b""


def unpacked(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of a picture, an archive or a document in which text is packed, with the name of each that has one."""
    try:
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for part in archive.infolist():
                    yield "", part.filename.encode()
                    with archive.open(part) as file:
                        yield part.filename, file.read(LARGEST_PART)
        elif content.startswith(b"\x1f\x8b"):
            with gzip.open(io.BytesIO(content)) as file:
                yield "", file.read(LARGEST_PART)
        elif content.startswith(b"%PDF"):
            for hit in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S):
                yield "", _inflated(hit[1])
        else:
            yield from (("", part) for part in _png(content))
    except (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return  # damaged: its bytes are searched as they are


def _inflated(packed: bytes) -> bytes:
    return zlib.decompressobj().decompress(packed, LARGEST_PART)


def _png(content: bytes) -> Iterator[bytes]:
    """Yield the texts of a picture's metadata (PNG, chunks tEXt, zTXt, iTXt and eXIf)."""
    at = 8
    while at + 8 <= len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        body = content[at + 8 : at + 8 + size]
        at += 12 + size
        if kind in (b"tEXt", b"eXIf"):
            yield body.replace(b"\0", b" ")
        elif kind == b"zTXt":
            key, _, packed = body.partition(b"\0")
            yield key + b" " + _inflated(packed[1:])
        elif kind == b"iTXt":
            key, _, rest = body.partition(b"\0")
            *fields, text = rest[2:].split(b"\0", 2)
            yield b" ".join((key, *fields, _inflated(text) if rest[:1] == b"\1" else text))
