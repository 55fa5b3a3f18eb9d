"""Stage 3: a page and its run, to HTML, with pandoc and the filter ``quarto.lua``."""

from __future__ import annotations

import dataclasses
import hashlib
import html
import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segkit import scratch
from segkit.errors import BuildError

from . import markup, model, search
from .model import Body, Page, Run, Section
from .parse import listed
from .writer import Writer

HERE = Path(__file__).parent
FILTER = HERE / "quarto.lua"
READER = "markdown"
TIMEOUT = 120  # seconds for one page in pandoc
MARK = "<!--segkit:part-->"  # between the parts of pandoc's answer
# Only these reach pandoc: any other name would shadow a variable of its template.
PASSED = (
    *("title", "subtitle", "description", "lang", "number-sections", "number-depth"),
    *("bibliography", "csl", "link-citations", "nocite", "citation-abbreviations"),
)


def render(page: Page, run: Run, root: Path, out: Path, pandoc: str, shelf: Path, used: set[Path]) -> Body:
    """Make a page's body; its figures go into ``out``, and what was made of its text is kept on ``shelf``, noted in ``used``.

    Raises
    ------
    BuildError
        Pandoc failed on the page.
    """
    writer = Writer(page, run, out)
    text = writer.markdown()
    meta = {name: page.meta[name] for name in PASSED if name in page.meta}
    faults = [*page.faults, *writer.faults]
    for name in ("bibliography", "csl"):
        if meta.get(name):
            found = [_find(one, root, page) for one in listed(meta[name])]
            faults += [f"{page.path.as_posix()}: {name} not found: {one}" for one in found if not Path(one).is_file()]
            meta[name] = found if name == "bibliography" else found[0]
    filters = [_find(one, root, page) for one in listed(page.meta.get("filters"))]
    faults += [f"{page.path.as_posix()}: filter not found: {one}" for one in filters if not Path(one).is_file()]
    there = [f for f in filters if Path(f).is_file()]
    read = [Path(f) for f in (*there, *listed(meta.get("bibliography")), *listed(meta.get("csl")))]
    kept = shelf / f"{_mark(page, text, meta, read, pandoc)}.json"
    try:
        made = _kept(json.loads(kept.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        made = _make(page, text, meta, (root / page.path).parent, there, pandoc)
        scratch.write(kept, json.dumps(dataclasses.astuple(made), default=sorted).encode())
    used.add(kept)
    finished = made.finished
    name = page.path.as_posix()
    faults += [f"{name}: {fault}" for fault in (*made.warnings, *finished.faults)]
    return Body(
        page=page,
        html=finished.html,
        toc=made.toc if page.meta.get("toc", True) is True else "",
        title_html=made.title or html.escape(str(page.meta.get("title") or page.path.stem)),
        subtitle=made.subtitle,
        description=made.description,
        sections=made.sections,
        ids=finished.ids,
        links=finished.links,
        files=finished.files,
        faults=tuple(faults),
    )


@dataclass(frozen=True)
class _Made:
    """What is made of a page's text alone, whatever site is around it."""

    title: str
    subtitle: str
    description: str
    toc: str
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]
    finished: markup.Finished


def _make(page: Page, text: str, meta: dict[str, Any], folder: Path, filters: list[str], pandoc: str) -> _Made:
    answer, warnings = _pandoc(page, text, meta, folder, filters, pandoc)
    title, subtitle, description, toc, written = (part.strip() for part in answer.split(MARK, 4))
    finished = markup.finish(written)
    return _Made(title, subtitle, description, toc, tuple(warnings), search.sections(finished.html), finished)


def _kept(told: list[Any]) -> _Made:
    """Read back what was kept.

    Raises
    ------
    ValueError, TypeError
        It is something else.
    """
    title, subtitle, description, toc, warnings, sections, (finished, ids, links, files, faults) = told
    whole = markup.Finished(finished, frozenset(ids), tuple(links), tuple(files), tuple(faults))
    return _Made(title, subtitle, description, toc, tuple(warnings), tuple((a, b, c) for a, b, c in sections), whole)


def _mark(page: Page, text: str, meta: dict[str, Any], read: list[Path], pandoc: str) -> str:
    """Name what is made of a page's text by all that is read for it."""
    binary = Path(pandoc).stat()
    digest = hashlib.sha256(json.dumps(
        [READER, page.path.as_posix(), page.meta.get("toc-depth", 3), text, meta, str(pandoc), binary.st_size, binary.st_mtime_ns],
        default=str, sort_keys=True,
    ).encode())  # fmt: skip
    code = [Path(str(module.__file__)) for module in (markup, model, search)]
    for file in (Path(__file__), *code, *sorted(HERE.glob("*.lua")), *read):
        digest.update(file.read_bytes() if file.is_file() else b"")
    return digest.hexdigest()[:32]


def render_inline(texts: list[str], pandoc: str) -> list[str]:
    """Turn one-line Markdown texts (a footer's) into HTML, in one call."""
    if not texts:
        return []
    source = f"\n\n```{{=html}}\n{MARK}\n```\n\n".join(texts)
    done = subprocess.run(
        [pandoc, "-f", READER, "-t", "html5", "--wrap=none"], input=source, capture_output=True, text=True, check=True,
        encoding="utf-8", timeout=TIMEOUT,
    )  # fmt: skip
    return [re.sub(r"^<p>(.*)</p>$", r"\1", part.strip(), flags=re.S) for part in done.stdout.split(MARK)]


def _pandoc(
    page: Page, text: str, meta: dict[str, Any], folder: Path, filters: list[str], pandoc: str
) -> tuple[str, list[str]]:
    with tempfile.TemporaryDirectory() as private:
        template, values = Path(private, "parts.html"), Path(private, "meta.json")
        template.write_text(f"\n{MARK}\n".join(f"${p}$" for p in ("title", "subtitle", "description", "toc", "body")))
        values.write_text(json.dumps(meta, default=str), "utf-8")
        command = [
            pandoc, "--from", READER, "--to", "html5", "--mathml", "--section-divs", "--wrap=none", "--toc",
            f"--toc-depth={page.meta.get('toc-depth', 3)}", f"--metadata-file={values}", f"--template={template}",
            f"--lua-filter={FILTER}", *(f"--lua-filter={one}" for one in filters),
        ]  # fmt: skip
        command += ["--citeproc"] if meta.get("bibliography") else []
        try:
            done = subprocess.run(
                command, input=text, capture_output=True, text=True, encoding="utf-8", cwd=folder, timeout=TIMEOUT,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise BuildError(f"pandoc took longer than {TIMEOUT} s", file=page.path) from None
    errors = done.stderr.replace(private, "")
    if done.returncode:
        raise BuildError(f"pandoc failed: {errors.strip()[-2000:]}", file=page.path)
    return done.stdout, _messages(errors)


def _messages(errors: str) -> list[str]:
    """Join each of pandoc's warnings into one line."""
    found: list[str] = []
    for line in errors.splitlines():
        if not line.strip():
            continue
        if found and not re.match(r"\[\w+\]", line):
            found[-1] += " " + line.strip()
        else:
            found.append(line.strip())
    return [re.sub(r"^\[(?:WARNING|fault)\] ", "", line) for line in found]


def _find(name: str, root: Path, page: Page) -> str:
    folders = ((root / page.path).parent, root)
    return next((str(f / name) for f in folders if (f / name).is_file()), name)
