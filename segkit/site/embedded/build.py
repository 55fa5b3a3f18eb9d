"""Join the stages: a folder of sources to a folder of pages."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import Callable, Collection, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import pypandoc
from tqdm import tqdm

from segkit import scratch
from segkit.errors import BuildError

from . import body, links, parse, search
from .chrome import Chrome
from .execute import Execution, Nursery, run_all
from .model import Body, BuildReport, Page, Run, StepError

HERE = Path(__file__).parent
ASSETS = ("site.css", "site.js", "theme.js", "math.woff2", "MATH-FONT-LICENSE.txt")
Result = TypeVar("Result")
EMPTY: Mapping[str, str] = MappingProxyType({})


def build(
    root: Path,
    out: Path,
    *,
    cache: Path | None,
    key: str,
    jobs: int = 2,
    timeout: int = 600,
    env: Mapping[str, str] = EMPTY,
    later: Collection[str] = (),
    progress: bool = True,
    still: Callable[[], bool] = lambda: True,
    nursery: Nursery | None = None,
) -> BuildReport:
    """Render a site.

    Parameters
    ----------
    root : path
        The folder with ``_quarto.yml``.
    out : path
        An empty folder, which gets the whole site. The caller puts it in its place.
    cache : path or None
        Where runs of pages are kept; None keeps nothing.
    key : str
        Content key of everything outside the pages' text that their results depend on (data, settings, the package's
        source, the lock). A stored run of another key is never shown.
    jobs : int
        Pages at a time.
    timeout : int
        Seconds that one cell may take.
    env : mapping
        Environment variables for the cells; part of a stored run's identity. Cells also get ``SEGKIT_DOWNLOADS`` (a
        folder whose files are published as ``downloads/``), ``SEGKIT_PAGE`` (the page's source) and
        ``SEGKIT_PAGE_DEPTH`` (number of folders between the page and the root). With ``SEGKIT_STUDY_KEY`` among them, a
        page that notes the key of another study in the file ``SEGKIT_OPENED`` fails.
    later : collection of str
        Files that the caller adds afterwards, so that links to them are not dead.
    progress : bool
        Show a progress bar when stderr is a terminal.
    still : callable
        Asked before the run of a page is stored: whether ``key`` still holds. If not, the page fails.
    nursery : Nursery, optional
        From `begun`, where the caller knew before that pages have to run. It is closed here.

    Returns
    -------
    BuildReport
        Counts, seconds for each stage, and the faults: the caller decides what they mean.

    Raises
    ------
    BuildError
        A source cannot be read, or cells failed: one error that names all of them by file and line.
    """
    root, out = root.resolve(), out.resolve()
    try:
        with ExitStack() as stack:
            shelf = cache.resolve() if cache else _private_folder(stack)
            return _build(root, out, Execution(root, shelf, key, jobs, timeout, env, still), later, progress, nursery)
    except OSError as error:
        place = error.filename or out
        raise BuildError(
            f"a file of the site cannot be written ({error.strerror})",
            file=place,
            remedy="Free some disk space, or make the folder writable.",
        ) from error


def begun(root: Path) -> Nursery | None:
    """Begin to load what the pages of a site import, beside this process; None where a page cannot be read.

    Modules are loaded as they are now: of a build that began with others this is no nursery.
    """
    try:
        config = parse.load_config(root)
        nursery = Nursery(_load_pages(root, config), {})
    except BuildError:
        return None  # the build will say so
    nursery.begin()
    return nursery


def _build(
    root: Path, out: Path, how: Execution, later: Collection[str], progress: bool, nursery: Nursery | None
) -> BuildReport:
    if out.is_dir() and any(out.iterdir()):
        raise BuildError("the folder for the site is not empty", file=out)
    out.mkdir(parents=True, exist_ok=True)
    clock = _Clock()
    config = parse.load_config(root)
    pages = _load_pages(root, config)
    clock.lap("read")
    runs = _execute(pages, how, progress, nursery)
    clock.lap("execute")
    n_downloads, faults = links.copy_downloads({p.path.as_posix(): r for p, r in zip(pages, runs, strict=True)}, out)
    pandoc = pypandoc.get_pandoc_path()
    bodies = _render(pages, runs, root, out, pandoc, how)
    clock.lap("pandoc")
    faults += _write(bodies, config, root, out, pandoc, later)
    clock.lap("write")
    faults += [fault for one in bodies for fault in one.faults]
    return BuildReport(
        pages=len(pages),
        executed=sum(run.executed for run in runs),
        seconds=clock.laps,
        faults=tuple(sorted(set(faults))),
        downloads=n_downloads,
    )


def _private_folder(stack: ExitStack) -> Path:
    return stack.enter_context(scratch.folder())


class _Clock:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name], self._last = now - self._last, now


def _load_pages(root: Path, config: Mapping[str, object]) -> list[Page]:
    pages, faults = [], []
    for path in parse.find_sources(root, config):
        try:
            pages.append(parse.load_page(root, path, config))
        except BuildError as error:
            faults.append(str(error))
    if faults:
        raise BuildError("\n".join([*faults, f"{len(faults)} pages cannot be read"]))
    if not pages:
        raise BuildError("project.render selects no page", file=root / "_quarto.yml")
    return pages


def _execute(pages: list[Page], how: Execution, progress: bool, nursery: Nursery | None) -> list[Run]:
    hidden = not (progress and sys.stderr.isatty())
    with tqdm(total=len(pages), desc="pages", unit="page", disable=hidden, file=sys.stderr) as bar:
        results = _complete(run_all(pages, how, bar.update, nursery))
    failed: dict[str, list[str]] = {}  # a cell that pages include fails in each of them, and is told once
    for page, result in zip(pages, results, strict=True):
        if isinstance(result, StepError):
            failed.setdefault(str(result), []).append(page.path.as_posix())
    if failed:
        raise _failure(failed, len(pages))
    return [result for result in results if isinstance(result, Run)]


def _failure(failed: Mapping[str, list[str]], n_pages: int) -> BuildError:
    """Gather what failed, each with the pages that it failed in, into one error."""
    told = []
    for text, names in failed.items():
        its_own = text.startswith(f"{names[0]}:")
        told.append(text if its_own else f"{text}\n    in {', '.join(names)}")
    count = f"{sum(map(len, failed.values()))} of {n_pages} pages failed"
    return BuildError(
        "\n\n".join([*told, count]), remedy="Mend the cells, or let one fail on purpose with the option error: true."
    )


def _complete(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end, also where this thread is inside of an event loop already (a notebook)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, work).result()


def _render(pages: list[Page], runs: list[Run], root: Path, out: Path, pandoc: str, how: Execution) -> list[Body]:
    shelf, used = how.cache / "bodies", set[Path]()
    shelf.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(how.jobs) as pool:
        made = list(pool.map(lambda page, run: body.render(page, run, root, out, pandoc, shelf, used), pages, runs))
    for old in {*shelf.iterdir()} - used:
        old.unlink(missing_ok=True)
    return made


def _write(
    bodies: list[Body], config: Mapping[str, object], root: Path, out: Path, pandoc: str, later: Collection[str]
) -> list[str]:
    """Write the pages and what they need; return the faults."""
    chrome = Chrome(config, bodies, root, pandoc)
    for one in bodies:
        target = out / one.page.href
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(chrome.wrap(one), "utf-8")
    libs = out / "site_libs"
    libs.mkdir()
    for name in ASSETS:
        shutil.copyfile(HERE / name, libs / name)
    (libs / "search-index.js").write_text(search.index(bodies), "utf-8")
    faults = links.copy_resources(root, out, config)
    faults += links.copy_stylesheets([one.page for one in bodies], root, out)
    return chrome.faults + faults + links.check(bodies, root, out, later)
