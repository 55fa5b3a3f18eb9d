"""An excerpt of a large text: whole lines of its beginning and from places all over it, enough to draft settings from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import scratch
from . import files
from .opening import open_bytes

LARGE = 64 << 20  # bytes from which a text is not looked at as a whole
FIRST, PART, PARTS = 4 << 20, 1 << 20, 6  # bytes of the beginning, of each other part, and how many of these


@contextmanager
def excerpt(path: Path) -> Iterator[Path | None]:
    """Give a temporary file with an excerpt of a delimited text, called as the text; None where it is small, or of another kind.

    Drafting then takes no longer for a gigabyte than for some megabytes. Lines are whole. A part in which a quotation mark is
    not closed is left out, since it may begin within a cell.
    """
    with open_bytes(path) as file:
        size, head = os.fstat(file.fileno()).st_size, file.read(files.HEAD)
        wide = head.startswith(tuple(bom for bom, _ in files.UTF16))
        if size < LARGE or wide or files.kind(path, head) != "csv" or b"\n" not in head:
            yield None
            return
        with scratch.folder() as folder:
            target = folder / path.name
            with target.open("xb") as out:
                file.seek(0)
                out.write(_lines(file.read(FIRST), whole_start=True))
                for i in range(1, PARTS + 1):
                    file.seek(FIRST + (size - FIRST - PART) * i // PARTS)
                    out.write(_lines(file.read(PART)))
            yield target


def _lines(chunk: bytes, *, whole_start: bool = False) -> bytes:
    r"""Return the whole lines of a part; nothing where it may begin within a cell.

    >>> _lines(b"lf\n1,2\n3,"), _lines(b'x\ny",2\n3,4\n')
    (b'1,2\n', b'')
    """
    start = 0 if whole_start else chunk.find(b"\n") + 1
    whole = chunk[start : chunk.rfind(b"\n") + 1]
    return whole if whole.count(b'"') % 2 == 0 else b""
