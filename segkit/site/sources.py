"""The sources of a site: those of the project, or of a part of its studies."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from .. import scratch

PREFIX = ".segkit-pages-"
SITE_ROOT = "SEGKIT_SITE_ROOT"  # where the pages of a site lie, where that is not the project itself
OF = re.compile(
    r"^<!-- of ([a-z, ]+) -->\n(.*?)^<!-- end of \1 -->\n", re.M | re.S
)  # a part of a page that all studies share
COPIED = ("*.qmd", "*.md", "*.cff", "*.bib", "*.yml", "assets", "chapters", ".segkit/head.html")


@contextmanager
def sources(root: Path, dropped: Collection[str]) -> Iterator[Path]:
    """Give a folder from which an engine makes the site without the pages of some studies.

    Parameters
    ----------
    root : path
        The project.
    dropped : collection of str
        Studies that the site is not about; their chapters are in a folder of their name.

    Yields
    ------
    path
        The project itself where nothing is dropped, else a copy within it that is deleted afterwards.
    """
    if not dropped:
        yield root
        return
    with scratch.folder(root, prefix=PREFIX) as folder:
        for found in (p for pattern in COPIED for p in root.glob(pattern)):
            target = folder / found.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            if found.is_dir():
                shutil.copytree(found, target, dirs_exist_ok=True)
            else:
                shutil.copyfile(found, target)
        for page in (*folder.glob("*.qmd"), *folder.glob("chapters/*.qmd")):
            page.write_text(left(page.read_text("utf-8"), dropped), "utf-8")
        for study in dropped:
            shutil.rmtree(folder / "chapters" / study, ignore_errors=True)
        config = folder / "_quarto.yml"
        gone = tuple(f"chapters/{study}/" for study in dropped)
        settings = without(yaml.safe_load(config.read_text("utf-8")), gone)
        config.write_text(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), "utf-8")
        yield folder


def left(text: str, dropped: Collection[str]) -> str:
    """Take the parts out of a page that are of none but dropped studies.

    >>> left("a\\n<!-- of x, y -->\\nb\\n<!-- end of x, y -->\\nc\\n", ["x", "y"])
    'a\\nc\\n'
    >>> left("<!-- of x, y -->\\nb\\n<!-- end of x, y -->\\n", ["x"])
    'b\\n'
    """

    def part(found: re.Match[str]) -> str:
        return found[2] if set(found[1].split(", ")) - set(dropped) else ""

    return OF.sub(part, text)


def without(value: Any, gone: tuple[str, ...]) -> Any:
    """Take pages, and sections that are left without any, out of the settings of a site.

    >>> without({"contents": [{"section": "A", "contents": ["a/x.qmd"]}, "b.qmd"]}, ("a/",))
    {'contents': ['b.qmd']}
    """
    if isinstance(value, dict):
        return {k: without(v, gone) for k, v in value.items()}
    if isinstance(value, list):
        kept = [without(v, gone) for v in value if not (isinstance(v, str) and v.startswith(gone))]
        return [v for v in kept if not (isinstance(v, dict) and "section" in v and not v.get("contents"))]
    return value
