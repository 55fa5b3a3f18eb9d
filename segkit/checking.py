"""A finished site: what no page makes is added, and all of it is searched and checked before anybody reads it."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from . import results, scratch, viewer
from .config import project_root
from .errors import BuildError, PrivacyError
from .report import citing, layout
from .report.manifest import manifest
from .site import addresses, agreement, bundle, engine, leaks, lock, policy
from .site.checks import Checks, Memory, check_files
from .site.plain import own_words
from .studies import bound, registry
from .studies.base import plain
from .studies.filed import RESULTS, FiledStudy
from .studies.reach import package_hash
from .studies.store import STATE, content_key
from .unchanged import unchanged

Say = Callable[[str], None]
SHOWN_FAULTS = 15
CHECKED = "checked.json"  # the pages of the last site that passed
SEARCHED = "searched"  # the files of the last site in which no identifier was found, by study
UNLIKELY = 0.005  # chance hits in a whole site that need no mention


def opened(root: Path) -> list[FiledStudy]:
    """Open the studies that the site of a project is about."""
    return [registry.open_study(name, root) for name in registry.of_site(root) or (None,)]


def complete(site: Path, studies: Sequence[FiledStudy], engine_name: str, seconds: float) -> None:
    """Add what no page makes: manifest, addresses of builds, all downloads as one file, the mark for folders on GitHub Pages."""
    lead = studies[0]
    config, at = lead.source.config, lead.provenance
    told = {s.name: json.loads((s.store.folder / RESULTS).read_text("utf-8")) for s in studies}
    facts = plain(manifest(config.root, told, lead.name, engine=engine_name, seconds=seconds))
    facts = {**facts, "build": at.build, "downloads": agreement.digest(bundle.files(site / "downloads"))}
    scratch.write(site / "manifest.json", (json.dumps(facts, indent=1) + "\n").encode())
    kind = "private" if at.private else at.source
    addresses.write_builds(site, facts, kind=kind, repository=config.site.repository, earlier=config.root / "builds")
    addresses.settle_missing_page(site, config.site.url)
    add_viewer(site)
    bundle.write(site)
    policy.apply(site, engine.quarto_templates)
    scratch.write(site / ".nojekyll", b"")


def add_viewer(site: Path) -> None:
    """Put the viewer of maps into a site one of whose pages asks for it."""
    asked, own = f'{viewer.ATTRIBUTE}="'.encode(), viewer.source()
    if own is not None and any(asked in page.read_bytes() for page in site.rglob("*.html")):
        (site / viewer.FILE).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(own, site / viewer.FILE)


def check_again(site: Path, studies: Sequence[FiledStudy]) -> Checks:
    """Check the files of a site, of which those are passed over that passed in the last build and are the same."""
    key = content_key(package=package_hash(), python=sys.version)
    return check_files(site, Memory(studies[0].store.folder.parent / CHECKED, key))


def agree(site: Path, studies: Sequence[FiledStudy]) -> Checks:
    """Check that pages, downloads and manifest of a site are all from the results of these studies."""
    started = time.perf_counter()
    at = {registry.folder(study.name): study.provenance for study in studies}
    told = {folder: agreement.Build(p.build, p.fingerprint) for folder, p in at.items()}
    found = agreement.disagreements(site, told, name=citing.build_name(studies[0].provenance))
    return Checks(tuple(found), 0, (agreement.CHECK,), time.perf_counter() - started)


def stop_on(checks: Checks, outcome: str) -> None:
    """Stop on findings, and say what comes of it."""
    if checks.findings:
        shown = "\n".join(str(f) for f in checks.findings[:SHOWN_FAULTS])
        rest = len(checks.findings) - SHOWN_FAULTS
        more = f"\nand {rest} more" if rest > 0 else ""
        count = "1 fault" if len(checks.findings) == 1 else f"{len(checks.findings)} faults"
        raise BuildError(f"{count} in the built pages; {outcome}:\n{shown}{more}")


def search(site: Path, studies: Sequence[FiledStudy], say: Say) -> None:
    """Search the site for the identifiers of the inputs of its studies.

    Raises
    ------
    PrivacyError
        One of them is there.
    InputError
        The file is not the one that the site was made from.
    """
    told = {s.name: own_words(((s.store.folder / RESULTS).read_text("utf-8"),)) for s in studies}
    searches, memories = list[leaks.Search](), list[tuple[Path, str]]()
    for study in studies:
        # In private data, what readers may meet elsewhere is searched nevertheless.
        others = [] if study.provenance.private else [words for name, words in told.items() if name != study.name]
        searches.append(results.looking(study.source).beside(frozenset().union(*others)))
        study.source.seen()
        memory = study.store.folder.parent / SEARCHED / f"{study.name}.json"
        memories.append((memory, content_key(search=searches[-1].identity, package=package_hash())))
    clean = [_clean(*memory) for memory in memories]
    found = leaks.folder(site, list(zip(searches, clean, strict=True)))
    for (memory, key), marks in zip(memories, clean, strict=True):
        scratch.write(memory, json.dumps({"key": key, "clean": sorted(marks)}).encode())
    for study, looking, own in zip(studies, searches, found, strict=True):
        if own:
            _refuse(site, study, looking)
        if looking.unsearched.total:
            say(layout.unsearched(looking.unsearched))


def _refuse(site: Path, study: FiledStudy, looking: leaks.Search) -> NoReturn:
    """Say where identifiers stand; all of the site is looked at again, for how many numbers there are to meet one by chance."""
    found = looking.folder(site)
    shown = "\n".join(str(f) for f in found[:SHOWN_FAULTS])
    rest = f"\nand {len(found) - SHOWN_FAULTS} more" if len(found) > SHOWN_FAULTS else ""
    places = "1 place" if len(found) == 1 else f"{len(found)} places"
    chance = f"\nBy chance alone, {looking.chance:.2g} numbers would equal one." if looking.chance > UNLIKELY else ""
    raise PrivacyError(
        f"the site gives identifiers away in {places}, of the data of {study.name}; it is not put in place:\n"
        f"{shown}{rest}{chance}",
        remedy="Take the place out of the page that makes it; identifiers must stop at the loader.",
    )


def _clean(memory: Path, key: str) -> set[str]:
    """Return the marks of the files in which the same search found nothing."""
    try:
        kept = json.loads(memory.read_text("utf-8"))
        return {str(mark) for mark in kept["clean"]} if kept["key"] == key else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def finish_quarto(say: Say) -> None:
    """Complete a site that ``quarto render`` made without `render`: downloads, manifest, search.

    Raises
    ------
    BuildError
        Another command has computed another study since that render began, or a check found something.
    """
    root = project_root()
    with lock.alone(root / STATE, "segkit finish"):
        _finish(root, say)


def _finish(root: Path, say: Say) -> None:
    site = Path(os.environ.get("QUARTO_PROJECT_OUTPUT_DIR") or root / "_site")
    site = site if site.is_absolute() else root / site
    whole = bool(os.environ.get("QUARTO_PROJECT_RENDER_ALL"))  # a single page has links to pages that are not there yet
    studies = opened(root)
    if any(bound.recorded(study.store.folder) != study.store.key for study in studies):
        raise BuildError(
            "the pages were begun with other results than the last ones, so that they may be of two studies",
            remedy="Run `quarto render` again for the whole project, and no other command meanwhile.",
        )
    if whole:
        shutil.rmtree(site / "downloads", ignore_errors=True)
    for study in studies:
        files = study.store.folder / "downloads" / study.provenance.build
        if files.is_dir():
            shutil.copytree(files, site / "downloads", dirs_exist_ok=True)
    complete(site, studies, "quarto", 0.0)
    search(site, studies, say)
    agreed = agree(site, studies)
    stop_on(check_files(site) + agreed if whole else agreed, "do not publish them")
    for study in studies:
        unchanged(study)


def check(site: Path | None, say: Say, *, browser: bool | None = None) -> None:
    """Check a built site: identifiers of its data, its files, and its pages in a browser.

    Parameters
    ----------
    site : path, optional
        The built folder; ``_site`` in the project when not given.
    say : callable
        Receives one line per group of checks.
    browser : bool, optional
        Whether to look at the pages in a browser. When not given, it is done where one can be driven; in continuous
        integration (``CI=true``) one must be there.

    Raises
    ------
    PrivacyError
        The site gives an identifier away.
    BuildError
        A check found something, or the browser that was asked for is not there.
    """
    root = project_root()
    folder = site or root / "_site"
    if not (folder / "index.html").is_file():
        raise BuildError("there is no site here", file=folder, remedy="Run `make site` first.")
    studies = opened(root)
    agreed = agree(folder, studies)
    stop_on(agreed, "it was made before the last results, or mixes two builds: run `make site`")
    search(folder, studies, say)
    say(f"{folder}: no identifier of the input found")
    files = check_files(folder) + agreed
    outcome = "do not publish them"
    if not _browser_wanted(browser, say):
        stop_on(files, outcome)
        say(f"{_passed(files)}; not looked at in a browser")
        return
    from .site.checks.browser import check_in_browser

    seen = check_in_browser(folder)
    stop_on(files + seen, outcome)
    say(_passed(files))
    say(f"{_passed(seen)}; in a browser")


def _passed(checks: Checks) -> str:
    return f"{checks.pages} pages pass in {checks.seconds:.1f} s: {', '.join(checks.done)}"


def _browser_wanted(wish: bool | None, say: Say) -> bool:
    """Tell whether to use a browser; refuse where one is asked for and cannot be had."""
    if wish is False:
        return False
    from .site.checks.browser import missing

    lack = missing()
    if not lack:
        return True
    if wish or os.environ.get("CI") == "true":
        raise BuildError(
            f"the pages cannot be looked at in a browser: {lack}",
            remedy="Install Chromium and the packages for tests (`make lint` does), or say --no-browser.",
        )
    say(f"The pages are not looked at in a browser: {lack}.")
    return False
