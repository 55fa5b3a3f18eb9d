"""Stage 2: run the pages' cells, each page in a kernel of its own, and keep what they gave.

A stored run is valid only for the same content key, page text and Python, and only while every file of it is whole. It
is made in a folder of its own and then renamed, so that a build which fails or is stopped leaves no half of one.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import itertools
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from ... import scratch
from ..swap import PAGE
from .model import Cell, Output, Page, Run, Step, StepError

STUDY = "SEGKIT_STUDY_KEY"  # names the only studies that pages may open
OPENED = "SEGKIT_OPENED"  # the file in which a page notes which it opened
INLINE_MIME = "application/vnd.segkit.inline+json"
ENTRY = "run.json"
FORMAT = 2  # of a stored run
RELEVANT = ("nbclient", "ipykernel", "ipython", "matplotlib")

# Configured, not imported: matplotlib is loaded only by the pages that draw with it.
SETUP = """\
def __inline__(*values):
    from IPython import get_ipython
    from IPython.display import publish_display_data
    bundle = get_ipython().display_formatter.format
    shown = [[{{"text/plain": v}} if isinstance(v, str) else bundle(v)[0], isinstance(v, str)] for v in values]
    publish_display_data({{{mime!r}: shown, "text/plain": ""}})
get_ipython().config.InlineBackend.figure_formats = {{{form!r}}}
get_ipython().config.InlineBackend.print_figure_kwargs = {{"bbox_inches": "tight", "metadata": {{"Date": None}}}}
"""
MATPLOTLIBRC = """\
figure.figsize: {width}, {height}
figure.dpi: {dpi}
savefig.dpi: figure
svg.hashsalt: site
"""


@dataclass(frozen=True)
class Execution:
    """How pages are run.

    Attributes
    ----------
    root, cache : path
        The site's folder, and the folder that holds stored runs.
    key : str
        Content key of everything outside the page's text that its results depend on.
    jobs, timeout : int
        Kernels at a time; seconds for one cell.
    env : mapping
        Environment variables for the cells. They are part of a stored run's identity. Where ``SEGKIT_STUDY_KEY`` is one
        of them, a page that opens another study fails.
    still : callable
        Asked before a new run is stored: whether the key still holds.
    """

    root: Path
    cache: Path
    key: str
    jobs: int = 2
    timeout: int = 600
    env: Mapping[str, str] = field(default_factory=dict)
    still: Callable[[], bool] = lambda: True


def option(page: Page, cell: Cell, name: str, default: Any = None) -> Any:
    """Return a cell's option: its own, else the page's ``execute`` option, else the page's."""
    execute = page.meta.get("execute") or {}
    return cell.options.get(name, execute.get(name, page.meta.get(name, default)))


class Nursery:
    """Where kernels of one build come from. Nothing of it is loaded before a page runs, unless it is told to begin.

    Parameters
    ----------
    pages : list of Page
        What their cells import is there when a kernel starts.
    env : mapping
        Environment of the process that kernels are forked from, beside that of this one.
    """

    def __init__(self, pages: list[Page], env: Mapping[str, str]) -> None:
        self.pages, self.env = pages, env
        self._zygote: Any = None

    def begin(self) -> None:
        """Load now what pages need, in a process beside this one, with the settings of the first page that runs."""
        first = next((page for page in self.pages if _steps(page)), None)
        if first is not None:
            self.zygote(_settings(_figures(first))).start()

    def zygote(self, settings: str) -> Any:
        """Return the process that kernels are forked from; it has the figures' settings that were asked for first."""
        from .forks import Zygote, imported

        if self._zygote is None:
            cells = (part.source for page in self.pages for part in page.parts if isinstance(part, Cell))
            self._zygote = Zygote(imported(dict.fromkeys(cells)), settings, self.env)
        return self._zygote

    def close(self) -> None:
        """End that process."""
        if self._zygote is not None:
            self._zygote.close()


async def run_all(
    pages: list[Page], how: Execution, done: Callable[[], object], nursery: Nursery | None = None
) -> list[Run | StepError]:
    """Run pages side by side and return what each gave, in the order of the pages; call ``done`` after each."""
    gate = asyncio.Semaphore(how.jobs)
    nursery = nursery or Nursery(pages, how.env)

    async def one(page: Page) -> Run | StepError:
        try:
            return await run_page(page, how, gate, nursery)
        except StepError as failure:
            return failure
        finally:
            done()

    try:
        return await asyncio.gather(*(one(page) for page in pages))
    finally:
        nursery.close()


async def run_page(page: Page, how: Execution, gate: asyncio.Semaphore, nursery: Nursery) -> Run:
    """Return a page's run: the stored one when it is valid, else a new one, which is then stored.

    Raises
    ------
    StepError
        A cell failed; nothing is stored.
    """
    steps = _steps(page)
    if not steps:
        return Run(tuple(() for _ in page.parts))
    name = identity(page, how)
    shelf = how.cache / "pages" / page.path.with_suffix("").as_posix().replace("/", "--")
    stored = load_run(shelf / name, page)
    if stored:
        return stored
    async with gate:
        shelf.mkdir(parents=True, exist_ok=True)
        with scratch.folder(shelf, prefix=PAGE) as made:
            work = made / "run"
            (work / "downloads").mkdir(parents=True)
            outputs = await _execute(page, how, steps, work, nursery)
            if not how.still():
                raise StepError(steps[0][1].places[0], "the package, its lock or the settings changed during the build")
            _store(work, name, outputs)
            if (shelf / name).exists():  # damaged, else it would have been loaded
                os.replace(shelf / name, made / "damaged")
            os.replace(work, shelf / name)
    for old in shelf.iterdir():
        if old.name != name:
            shutil.rmtree(old, ignore_errors=True)
    run = load_run(shelf / name, page)
    if run is None:
        raise StepError(f"{page.path.as_posix()}:1", "the files that its cells wrote cannot be read back")
    return Run(run.outputs, run.folder, run.downloads, executed=True)


def _steps(page: Page) -> list[tuple[int, Step]]:
    """List what runs: each cell that is evaluated, and the inline expressions of each text as one step."""
    steps = []
    for index, part in enumerate(page.parts):
        if isinstance(part, Cell):
            if part.source.strip() and option(page, part, "eval", True) not in (False, "false"):
                places = tuple(f"{part.file}:{part.first + n}" for n in range(part.source.count("\n") + 1))
                steps.append((index, Step(part.source, places, bool(option(page, part, "error", False)))))
        elif part.inline:
            lines = [f"({one.expression})," for one in part.inline]
            places = tuple(one.place for one in part.inline)
            steps.append((index, Step("\n".join(["__inline__(", *lines, ")"]), (places[0], *places, places[-1]))))
    return steps


def _figures(page: Page) -> dict[str, Any]:
    execute = page.meta.get("execute") or {}
    defaults = {"fig-format": "retina", "fig-width": 7, "fig-height": 5, "fig-dpi": 96}
    return {name: execute.get(name, page.meta.get(name, value)) for name, value in defaults.items()}


def _settings(figures: Mapping[str, Any]) -> str:
    return MATPLOTLIBRC.format(width=figures["fig-width"], height=figures["fig-height"], dpi=figures["fig-dpi"])


@functools.cache
def _version(name: str) -> str:
    return metadata.version(name)  # which reads a file


def identity(page: Page, how: Execution) -> str:
    """Name a run by everything that it depends on."""
    versions = [_version(name) for name in RELEVANT]
    options = [
        [option(page, part, name) for name in ("eval", "error")] for part in page.parts if isinstance(part, Cell)
    ]
    project = page.meta.get("project") or {}
    seed = [FORMAT, how.key, sys.version, versions, page.path.as_posix(), page.text, _figures(page), options,
            project.get("execute-dir"), sorted(how.env.items())]  # fmt: skip
    return hashlib.sha256(json.dumps(seed, default=str).encode()).hexdigest()[:32]


async def _execute(
    page: Page, how: Execution, steps: list[tuple[int, Step]], work: Path, nursery: Nursery
) -> list[list[Output]]:
    downloads, opened = work / "downloads", work / "opened"
    figures = _figures(page)
    at_root = (page.meta.get("project") or {}).get("execute-dir") == "project"
    settings = _settings(figures)
    # Loading the notebook machinery takes seconds, and a site whose pages are all stored needs none of it.
    # Its schema for notebooks has no addresses, for which jsonschema would compile 38 grammars on import: three seconds more.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from .kernel import run_steps

    outputs = await run_steps(
        [step for _, step in steps],
        how.root if at_root else (how.root / page.path).parent,
        setup=SETUP.format(form=figures["fig-format"], mime=INLINE_MIME),
        settings=settings,
        env={
            **how.env,
            "SEGKIT_DOWNLOADS": str(downloads),
            "SEGKIT_PAGE": page.path.as_posix(),
            "SEGKIT_PAGE_DEPTH": str(page.depth),
            OPENED: str(opened),
        },
        timeout=how.timeout,
        zygote=nursery.zygote(settings),
    )
    allowed = {*how.env.get(STUDY, "").split(",")}
    if STUDY in how.env and opened.exists() and not {*opened.read_text("ascii").split()} <= allowed:
        raise StepError(steps[0][1].places[0], "the page opened another study than those that the site is about")
    aligned: list[list[Output]] = [[] for _ in page.parts]
    for (index, _), output in zip(steps, outputs, strict=True):
        aligned[index] = normalised(merged(output), {str(downloads): "downloads", f"{how.root}/": ""})
    return aligned


def merged(outputs: list[Output]) -> list[Output]:
    r"""Join the pieces in which text arrived, which depend on timing; lines that a progress bar overwrote are dropped.

    >>> pieces = [("stdout", "a"), ("stderr", "1%\r2%\n"), ("stdout", "b")]
    >>> [o["text"] for o in merged([{"output_type": "stream", "name": n, "text": t} for n, t in pieces])]
    ['ab', '2%\n']
    """
    out: list[Output] = []
    for is_stream, group in itertools.groupby(outputs, lambda o: o["output_type"] == "stream"):
        pieces = list(group)
        if not is_stream:
            out += pieces
            continue
        for name in ("stdout", "stderr"):
            text = "".join(piece["text"] for piece in pieces if piece["name"] == name)
            if text:
                text = re.sub(r"[^\n]*\r(?!\n)", "", text)
                out.append({"output_type": "stream", "name": name, "text": text})
    return out


def normalised(outputs: list[Output], places: Mapping[str, str]) -> list[Output]:
    """Take out of text outputs what differs from build to build: temporary paths, addresses, random table ids.

    >>> normalised([{"output_type": "stream", "text": "<a.B at 0x7f01> in /tmp/x/y"}], {"/tmp/x/": ""})[0]["text"]
    '<a.B at 0x…> in y'
    """
    seen: dict[str, str] = {}

    def number(hit: re.Match[str]) -> str:
        return seen.setdefault(hit[0], f"T_{len(seen) + 1}")

    def clean(text: str) -> str:
        for place, name in places.items():
            text = text.replace(place, name)
        text = re.sub(r"\S*/ipykernel_\d+/\d+\.py", "cell", text)
        text = re.sub(r"[^\s\"'<>=]*/site-packages/", "", text)
        return re.sub(r"\bat 0x[0-9a-f]+", "at 0x…", text)

    for output in outputs:
        for name in ("text", "evalue"):
            if name in output:
                output[name] = clean(output[name])
        data = output.get("data", {})
        for mime in ("text/plain", "text/markdown", "text/html"):
            if isinstance(data.get(mime), str):
                data[mime] = clean(data[mime])
        if isinstance(data.get("text/html"), str):  # a pandas Styler names its table at random
            data["text/html"] = re.sub(r"\bT_[0-9a-f]{5}(?=[_\"\s])", number, data["text/html"])
    return outputs


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _seal(name: str, text: str) -> str:
    """Return the digest of a stored run, which is bound to the identity under which it is kept."""
    return _digest(f"{name}\0{text}".encode())


def _store(work: Path, name: str, outputs: list[list[Output]]) -> None:
    folder = work / "downloads"
    files = sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
    entry = {
        "outputs": outputs,
        "downloads": {p.relative_to(folder).as_posix(): _digest(p.read_bytes()) for p in files},
    }
    text = json.dumps(entry, sort_keys=True)
    (work / ENTRY).write_text(f"{_seal(name, text)}\n{text}", "utf-8")


def load_run(stored: Path, page: Page) -> Run | None:
    """Read a stored run back; None when it is missing, a run of something else, or any part of it is damaged."""
    try:
        digest, text = (stored / ENTRY).read_text("utf-8").split("\n", 1)
        if digest != _seal(stored.name, text):
            return None
        entry = json.loads(text)
        folder = stored / "downloads"
        if any(_digest((folder / name).read_bytes()) != sha for name, sha in entry["downloads"].items()):
            return None
    except (OSError, ValueError):
        return None
    if len(entry["outputs"]) != len(page.parts):
        return None
    return Run(tuple(tuple(o) for o in entry["outputs"]), folder, entry["downloads"])
