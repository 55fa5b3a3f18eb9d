"""Stage 6: the files that pages name are copied; links and files that are not there are faults."""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .model import Body, Page, Run, is_external
from .parse import listed

CSS_ADDRESS = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])([^'\")]+)")


def copy_resources(root: Path, out: Path, config: Mapping[str, Any]) -> list[str]:
    """Copy what ``project.resources`` and ``website.favicon`` name; return the faults."""
    faults = []
    patterns = listed((config.get("project") or {}).get("resources"))
    patterns += listed((config.get("website") or {}).get("favicon"))
    for pattern in patterns:
        found = sorted(root.glob(pattern.lstrip("/")))  # with a slash, Quarto looks in the site's own folder only
        files = {f for p in found for f in (p.rglob("*") if p.is_dir() else [p]) if f.is_file()}
        if not files:
            faults.append(f"_quarto.yml: no such file: {pattern}")
        for file in sorted(files):
            _copy(file, out / file.relative_to(root))
    return faults


def stylesheets(page: Page, root: Path) -> list[str]:
    """Return the page's own stylesheets (``format.html.css``) as addresses from the site's root."""
    out = []
    for name in listed(page.meta.get("css")):
        beside = (page.path.parent / name).as_posix()
        out.append(posixpath.normpath(beside if (root / beside).is_file() else name))
    return out


def head(page: Page, root: Path) -> tuple[str, list[str]]:
    """Return what ``include-in-header`` puts into the page's head, and the faults.

    An entry names a file, beside the page or from the site's folder, or gives its text as ``text:``.
    """
    parts, faults = [], []
    for entry in page.meta.get("include-in-header") or []:
        if isinstance(entry, Mapping) and "text" in entry:
            parts.append(str(entry["text"]).strip())
            continue
        name = str(entry.get("file") if isinstance(entry, Mapping) else entry)
        found = [f for f in ((root / page.path).parent / name, root / name) if f.is_file()]
        if found:
            parts.append(found[0].read_text("utf-8").strip())
        else:
            faults.append(f"{page.path.as_posix()}: include-in-header: no such file: {name}")
    return "\n".join(parts), faults


def copy_stylesheets(pages: Iterable[Page], root: Path, out: Path) -> list[str]:
    """Copy the stylesheets that pages ask for, with the files that those name; return the faults."""
    faults = []
    for name in sorted({n for page in pages for n in stylesheets(page, root)}):
        if name.startswith("..") or not (root / name).is_file():
            faults.append(f"_quarto.yml: no such stylesheet: {name}")
            continue
        _copy(root / name, out / name)
        for address in CSS_ADDRESS.findall((root / name).read_text("utf-8")):
            if address.startswith(("data:", "#")):
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), re.split(r"[?#]", address)[0]))
            if is_external(address):
                faults.append(f"{name}: loads from another host: {address}")
            elif target.startswith("..") or not (root / target).is_file():
                faults.append(f"{name}: missing file: {address}")
            else:
                _copy(root / target, out / target)
    return faults


def copy_downloads(runs: Mapping[str, Run], out: Path) -> tuple[int, list[str]]:
    """Copy what pages' cells wrote into ``downloads``; return the number of files and the faults.

    Parameters
    ----------
    runs : mapping
        Page to its run.
    out : path
        The site's folder.
    """
    owner: dict[str, tuple[str, str]] = {}
    faults = []
    for page, run in sorted(runs.items()):
        for name, digest in sorted(run.downloads.items()):
            first, known = owner.setdefault(name, (page, digest))
            if known != digest:
                faults.append(f"{page}: downloads/{name} differs from the one that {first} wrote")
            elif first == page and run.folder is not None:
                _copy(run.folder / name, out / "downloads" / name)
    return len(owner), faults


def check(bodies: list[Body], root: Path, out: Path, later: Collection[str] = ()) -> list[str]:
    """Copy the files that pages name, and return links and files that lead nowhere; ``later`` names files to come."""
    ids = {body.page.href: body.ids for body in bodies}
    faults = []
    for body in bodies:
        name = body.page.path.as_posix()
        for address in body.files:
            if not _file_is_there(body.page, address, root, out):
                faults.append(f"{name}: missing file: {address}")
        for address in body.links:
            if is_external(address):
                continue
            path, _, anchor = unquote(address).partition("#")
            path = path.partition("?")[0]
            beside = posixpath.join(posixpath.dirname(body.page.href), path)
            target = posixpath.normpath(beside) if path else body.page.href
            if target in later:
                continue
            if target in ids:
                if anchor and anchor not in ids[target] and anchor != "top":
                    faults.append(f"{name}: link to no anchor: {address}")
            elif path.endswith((".html", ".qmd", "/")) or not _file_is_there(body.page, path, root, out):
                faults.append(f"{name}: link to nothing: {address}")
    return faults


def _file_is_there(page: Page, address: str, root: Path, out: Path) -> bool:
    path = unquote(re.split(r"[?#]", address)[0])
    target = posixpath.normpath(posixpath.join(page.path.parent.as_posix(), path))
    if target.startswith(("..", "/")) or any(part.startswith(".") for part in target.split("/") if part != "."):
        return False
    if (out / target).is_file():
        return True
    if not (root / target).is_file():
        return False
    _copy(root / target, out / target)
    return True


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
