"""One build from start to end: results, pages, completion, checks, swap."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import checking, scratch
from .config import Given, project_root
from .errors import BuildError
from .report import citing
from .results import compute
from .site import bundle, engine, lock, swap
from .site.embedded.build import begun
from .site.embedded.build import build as build_embedded
from .site.embedded.execute import Nursery
from .site.sources import SITE_ROOT, sources
from .studies import bound, registry
from .studies.base import today
from .studies.filed import FiledStudy
from .studies.reach import package_hash
from .studies.store import STATE, content_key, lock_hash
from .unchanged import unchanged

Say = Callable[[str], None]
Loaded = tuple[str, Nursery]  # the package of which it is, and where kernels come from
PAGES = ("*.qmd", "chapters/**/*.qmd")
LATER = ("manifest.json", bundle.FILE)  # written once the pages are there


def render(data: Given | None, *, names: Sequence[str] = (), out: Path | None, require_real: bool, say: Say) -> Path:
    """Make the whole site and put it in its place.

    Parameters
    ----------
    data : path, optional
        A file of the user's own.
    names : sequence of str
        The studies; all of them when not given, or the one that the file fits.
    out : path, optional
        Where the site goes; ``_site`` in the project when not given.
    require_real : bool
        Refuse to publish the simulation.
    say : callable
        Receives one line per event.

    Raises
    ------
    SegkitError
        The input, a setting, a page or a check is at fault; the old site stays as it was.
    """
    started = time.perf_counter()
    root = project_root()
    site = out or root / "_site"
    with lock.alone(root / STATE, "segkit render") as held:
        name, why = engine.choose()  # before minutes of work, since it may fail; the same holds for the place
        with swap.beside(site) as draft, _early(name, root, site) as nursery:
            studies = compute(data, names=names, require_real=require_real, say=say)
            say(why)
            faults = _pages(name, root, draft, studies, held, nursery, say)
            checking.complete(draft, studies, name, time.perf_counter() - started)
            _stop_on(faults)
            checking.search(draft, studies, say)
            found = checking.check_again(draft, studies) + checking.agree(draft, studies)
            checking.stop_on(found, "the site stays as it was")
            for study in studies:
                unchanged(study)
            held.check()
    pages = len(list(site.rglob("*.html")))
    say(f"{pages} pages in {time.perf_counter() - started:.1f} s: {site / 'index.html'}")
    if any(study.provenance.private for study in studies):
        say("This site was made from private data. It is for local reading; do not publish it.")
    return site


@contextmanager
def _early(name: str, root: Path, site: Path) -> Iterator[Loaded | None]:
    """Let what pages import be loaded beside the results where a page was written after the site, so that it has to run.

    What has to run beyond that is found out later, and costs its seconds then.
    """
    nursery = None
    with contextlib.suppress(OSError):
        made = (site / "manifest.json").stat().st_mtime
        if name == "embedded" and any(f.stat().st_mtime > made for g in PAGES for f in root.glob(g)):
            package = package_hash()  # before, so that it tells of what has changed while it was loaded
            nursery = begun(root)
    if nursery is None:
        yield None
        return
    try:
        yield package, nursery
    finally:
        nursery.close()


def _fitting(early: Loaded | None) -> Nursery | None:
    """Return what was loaded, unless the package has changed since: pages of one build run one code."""
    return early[1] if early and early[0] == package_hash() else None


def _pages(
    name: str, root: Path, draft: Path, studies: Sequence[FiledStudy], held: lock.Held, early: Loaded | None, say: Say
) -> list[str]:
    env = {bound.STUDY: ",".join(study.store.key for study in studies)}
    with sources(root, [n for n in registry.STUDIES if n not in {study.name for study in studies}]) as base:
        if name == "embedded":
            return _embedded(base, draft, studies, env, early, say)
        if base != root:
            env[SITE_ROOT] = str(base)
        with scratch.folder(base, prefix=swap.QUARTO) as folder:
            made, files = folder / "site", folder / "downloads"
            faults = engine.run_quarto(base, made, {**env, **held.env, "SEGKIT_DOWNLOADS": str(files)})
            shutil.copytree(made, draft, dirs_exist_ok=True)
            if files.is_dir():
                shutil.copytree(files, draft / "downloads", dirs_exist_ok=True)
    return faults


def _embedded(
    base: Path, draft: Path, studies: Sequence[FiledStudy], env: dict[str, str], early: Loaded | None, say: Say
) -> list[str]:
    root, day = studies[0].source.config.root, today()

    def key() -> str:
        return content_key(
            studies=[
                (s.source.key, sorted(s.shelf.current.items()), dataclasses.asdict(s.source.unsearched))
                for s in studies
            ],
            package=package_hash(),
            lock=lock_hash(root),
            day=day,
        )

    fixed = key()
    later = (*LATER, f"v/{citing.build_name(studies[0].provenance)}/index.html")
    report = build_embedded(
        base, draft, cache=root / STATE, key=fixed, jobs=os.cpu_count() or 2, env=env, later=later,
        still=lambda: key() == fixed, nursery=_fitting(early),
    )  # fmt: skip
    say(f"{report.pages} pages, {report.executed} of them executed")
    return list(report.faults)


def _stop_on(faults: list[str]) -> None:
    if faults:
        shown = faults[: checking.SHOWN_FAULTS]
        rest = f"\nand {len(faults) - len(shown)} more" if len(faults) > len(shown) else ""
        raise BuildError(f"{len(faults)} faults in the pages; the site stays as it was:\n" + "\n".join(shown) + rest)
