"""Whether everything in a built site is from one build: pages, downloads, manifest, addresses."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import bundle
from .checks.findings import Finding

CHECK = "one build"
MARKS = re.compile(r'\bdata-build="([^"]*)"|<meta\b[^>]*\bname="?segkit-build"?[^>]*\bcontent="?([^">\s]*)')
BANNER = 'class="sk-banner '
BUILDS = "v"  # pages of single builds, archived ones among them
LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def digest(files: Iterable[tuple[str, bytes]]) -> str:
    """Return a digest of files, by name and content; in letters, as no number may be found in it."""
    whole = hashlib.sha256()
    for name, content in files:
        whole.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\0".encode())
    return whole.hexdigest().translate(LETTERS)


@dataclass(frozen=True)
class Build:
    """What the parts of a site say of one study: the mark of the build, and the SHA-256 of the data."""

    mark: str
    fingerprint: str


def disagreements(site: Path, builds: Mapping[str, Build], *, name: str) -> list[Finding]:
    """Find what in a site is not from one build.

    Parameters
    ----------
    site : path
        The built folder.
    builds : mapping of str to Build
        By folder below the downloads, of the leading study first; pages carry the mark of one of them.
    name : str
        Of the build, below ``v/``.
    """
    marks = {build.mark for build in builds.values()}
    return [*_pages(site, marks), *_records(site, builds, name)]


def _pages(site: Path, marks: set[str]) -> Iterator[Finding]:
    for page in sorted(site.rglob("*.html")):
        path = page.relative_to(site)
        if path.parts[0] == BUILDS:
            continue
        text = page.read_text("utf-8", "replace")
        found = {a or b for a, b in MARKS.findall(text)}
        if found - marks:
            yield Finding(path.as_posix(), CHECK, "the page was made from other results than the last ones")
        elif not found and (BANNER in text or path.as_posix() == "index.html"):
            yield Finding(path.as_posix(), CHECK, "the page does not say from which results it was made")


def _records(site: Path, builds: Mapping[str, Build], name: str) -> Iterator[Finding]:
    lead = next(iter(builds.values()))
    downloads = digest(bundle.files(site / "downloads"))
    expected = {"manifest.json": lead, f"{BUILDS}/{name}/manifest.json": lead}
    expected |= {f"downloads/{folder}results.json": build for folder, build in builds.items()}
    for file, build in expected.items():
        facts = _read(site / file)
        data = facts.get("data")
        is_manifest = file.endswith("manifest.json")
        if not isinstance(data, dict) or data.get("fingerprint") != build.fingerprint:
            yield Finding(file, CHECK, "it is about other data than the last results, or cannot be read")
        elif is_manifest and facts.get("build") != build.mark:
            yield Finding(file, CHECK, "it is about another build than the last results")
        elif is_manifest and facts.get("downloads") != downloads:
            yield Finding(file, CHECK, "the downloads are not those of this build")
    if digest(bundle.packed(site)) != downloads:
        yield Finding(bundle.FILE, CHECK, "it does not hold the downloads of this site")


def _read(file: Path) -> dict[str, Any]:
    try:
        facts = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}
