"""All downloads of a site as one file, for whoever keeps a report."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .. import scratch

FILE = "downloads.zip"
SINCE = (1980, 1, 1, 0, 0, 0)  # the first moment of the format: two builds of the same give the same bytes


def write(site: Path) -> None:
    """Pack what a site offers for download into one archive beside the pages."""
    folder, packed = site / "downloads", io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files(folder):
            archive.writestr(zipfile.ZipInfo(name, SINCE), content, zipfile.ZIP_DEFLATED)
    scratch.write(site / FILE, packed.getvalue())


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of all files below a folder, by path."""
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield file.relative_to(folder).as_posix(), file.read_bytes()


def packed(site: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of all files that the archive of a site holds; nothing where there is none that can be read."""
    try:
        with zipfile.ZipFile(site / FILE) as archive:
            yield from [(name, archive.read(name)) for name in archive.namelist()]
    except (OSError, zipfile.BadZipFile):
        return
