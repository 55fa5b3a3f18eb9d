"""One build from start to end: results, pages, completion, checks, swap."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tqdm.auto import tqdm

from . import scratch
from .config import load, project_root
from .data.draft import draft_settings, write_draft
from .data.identifiers import raw_identifiers
from .errors import BuildError, ColumnError, PrivacyError
from .privacy import keyed_fingerprint, secret
from .report import citing, parts
from .report.manifest import manifest
from .site import addresses, agreement, engine, leaks, lock, policy, swap
from .site.checks import Checks, check_files
from .site.embedded.build import build as build_embedded
from .studies import bound
from .studies.base import plain, today
from .studies.contacts import ContactsStudy
from .studies.events.data import Source
from .studies.events.study import EventStudy
from .studies.reach import package_hash
from .studies.store import STATE, content_key, lock_hash

Say = Callable[[str], None]
SHOWN_FAULTS = 15
UNLIKELY = 0.005  # chance hits in a whole site that need no mention
LATER = ("manifest.json",)  # written once the pages are there
# Words that these use are the report's own, and no sign of a single-word name from the data.
OWN_PAGES = (
    "*.qmd",
    "chapters/**/*.qmd",
    "references.bib",
    "_quarto.yml",
    "segkit.toml",
    "CITATION.cff",
    "CHANGELOG.md",
    "requirements.txt",
)
OWN_CODE = (
    "attack.py",
    "config.py",
    "features/*.py",
    "report/*.py",
    "studies/*.py",
    "site/addresses.py",
    "site/embedded/*.html",
    "site/embedded/*.js",
    "site/embedded/*.lua",
    "site/embedded/*.py",
    "site/embedded/*.txt",
)


def compute(data: Path | None, *, require_real: bool, say: Say) -> EventStudy:
    """Compute what is missing of the study, and write results.json. The caller holds the lock of the project.

    Parameters
    ----------
    data : path, optional
        A file of the user's own. Where its columns are not called as the settings say and nobody has described it yet,
        it is described here if that leaves no question open.
    require_real : bool
        Refuse the simulation.
    say : callable
        Receives one line per event.
    """
    source = ContactsStudy.find(data=data, allow_simulation=not require_real, say=say)
    try:
        return _computed(source, say)
    except ColumnError:
        if source.located.place != "given" or source.overlay or not _described(source.located.path, say):
            raise
    return _computed(ContactsStudy.find(data=data, allow_simulation=not require_real, say=say), say)


def _described(path: Path, say: Say) -> bool:
    """Draft the settings of a file, and write them if they leave no question open."""
    draft = draft_settings(path)
    if draft.confident:
        target = write_draft(path, draft)
        say(f"The columns of {path.name} were recognised; {target} says how. Check it, and change what is wrong.")
    return draft.confident


def _computed(source: Source, say: Say) -> EventStudy:
    state = source.config.root / STATE
    # Pages say what cannot be searched for, so that must be known before them.
    source = dataclasses.replace(source, unsearched=_looking(source).unsearched)
    study = ContactsStudy(source)
    for name in tqdm(study.steps, desc=study.name, delay=2, leave=False, disable=None):
        study.shelf.settle(name)
    at = study.provenance
    _unchanged(study)
    described = citing.head(
        at, source.config.site, today(), study.terms
    )  # what _quarto.yml puts into the head of every page
    scratch.write(state / "head.html", described.encode())
    study.save()
    say(f"contacts: {at.source} data, {at.rows:,} {study.terms.events}, {at.units:,} {study.terms.units}. {at.message}")
    for moved in study.audit.load.quarantined:
        say(f"contacts: {moved.count:,} rows failed the gate {moved.gate!r} and are in {moved.file}")
    return study.released


def _unchanged(study: EventStudy) -> None:
    """Refuse results, or pages, of which a part may have been made under other settings or by other code.

    Raises
    ------
    BuildError, InputError
        Data, settings, package or lock are not what they were.
    """
    source, key = study.source, study.store.key
    source.seen()
    if source.key != key:  # what was kept by this process may be of both
        study.store.drop()
    elif dataclasses.replace(source, config=load(source.config.root, overlay=source.overlay)).key == key:
        return
    raise BuildError(
        "the settings, the package or its lock changed during the build; nothing of it is published",
        remedy="Run the command again, and leave them alone while it runs.",
    )


def within() -> bool:
    """Tell whether this command was started by a build of the same project, which does the work itself."""
    return lock.inside(project_root() / STATE)


def results(data: Path | None, *, require_real: bool, say: Say) -> EventStudy:
    """Compute what is missing of the study, and write results.json, with no other command beside.

    Where Quarto runs this before a render of its own, it is written down which study that render is about.
    """
    state = project_root() / STATE
    with lock.alone(state, "segkit results"):
        study = compute(data, require_real=require_real, say=say)
        if os.environ.get("QUARTO_PROJECT_OUTPUT_DIR"):
            shutil.rmtree(study.store.folder / "downloads", ignore_errors=True)
            bound.record(study.store.folder, study.store.key)
    return study


def render(data: Path | None, *, out: Path | None, require_real: bool, say: Say) -> Path:
    """Make the whole site and put it in its place.

    Parameters
    ----------
    data : path, optional
        A file of the user's own.
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
        with swap.beside(site) as draft:
            study = compute(data, require_real=require_real, say=say)
            say(why)
            faults = _pages(name, root, draft, study, held, say)
            complete(draft, study, name, time.perf_counter() - started)
            _stop_on(faults)
            search(draft, study, say)
            _pass(check_files(draft) + _agree(draft, study), "the site stays as it was")
            _unchanged(study)
            held.check()
    pages = len(list(site.rglob("*.html")))
    say(f"{pages} pages in {time.perf_counter() - started:.1f} s: {site / 'index.html'}")
    if study.provenance.private:
        say("This site was made from private data. It is for local reading; do not publish it.")
    return site


def _pages(name: str, root: Path, draft: Path, study: EventStudy, held: lock.Held, say: Say) -> list[str]:
    env = {bound.STUDY: study.store.key}
    if name == "embedded":
        day = study.results()["date"]

        def key() -> str:
            return content_key(
                results=study.source.key,
                values=sorted(study.shelf.current.items()),
                unsearched=study.source.unsearched,
                package=package_hash(),
                lock=lock_hash(root),
                day=day,
            )

        fixed = key()
        later = (*LATER, f"v/{citing.build_name(study.provenance)}/index.html")
        report = build_embedded(
            root, draft, cache=root / STATE, key=fixed, jobs=os.cpu_count() or 2, env=env, later=later,
            still=lambda: key() == fixed,
        )  # fmt: skip
        say(f"{report.pages} pages, {report.executed} of them executed")
        return list(report.faults)
    with scratch.folder(root, prefix=swap.QUARTO) as folder:
        made, files = folder / "site", folder / "downloads"
        faults = engine.run_quarto(root, made, {**env, **held.env, "SEGKIT_DOWNLOADS": str(files)})
        shutil.copytree(made, draft, dirs_exist_ok=True)
        if files.is_dir():
            shutil.copytree(files, draft / "downloads", dirs_exist_ok=True)
    return faults


def complete(site: Path, study: EventStudy, engine_name: str, seconds: float) -> None:
    """Add what no page makes: manifest, addresses of builds, and the mark that keeps GitHub Pages from dropping folders."""
    config, at = study.source.config, study.provenance
    facts = plain(manifest(config.root, plain(study.results()), engine=engine_name, seconds=seconds))
    facts = {**facts, "build": at.build, "downloads": agreement.digest(site / "downloads")}
    scratch.write(site / "manifest.json", (json.dumps(facts, indent=1) + "\n").encode())
    kind = "private" if at.private else at.source
    addresses.write_builds(site, facts, kind=kind, repository=config.site.repository, earlier=config.root / "builds")
    addresses.settle_missing_page(site, config.site.url)
    policy.apply(site, engine.quarto_templates)
    scratch.write(site / ".nojekyll", b"")


def _agree(site: Path, study: EventStudy) -> Checks:
    """Check that pages, downloads and manifest of a site are all from the results of this study."""
    started, at = time.perf_counter(), study.provenance
    name = citing.build_name(at)
    found = agreement.disagreements(site, build=at.build, fingerprint=at.fingerprint, name=name)
    return Checks(tuple(found), 0, (agreement.CHECK,), time.perf_counter() - started)


def _stop_on(faults: list[str]) -> None:
    if faults:
        shown = faults[:SHOWN_FAULTS]
        rest = f"\nand {len(faults) - len(shown)} more" if len(faults) > len(shown) else ""
        raise BuildError(f"{len(faults)} faults in the pages; the site stays as it was:\n" + "\n".join(shown) + rest)


def _pass(checks: Checks, outcome: str) -> None:
    """Stop on findings, and say what comes of it."""
    if checks.findings:
        shown = "\n".join(str(f) for f in checks.findings[:SHOWN_FAULTS])
        rest = len(checks.findings) - SHOWN_FAULTS
        more = f"\nand {rest} more" if rest > 0 else ""
        count = "1 fault" if len(checks.findings) == 1 else f"{len(checks.findings)} faults"
        raise BuildError(f"{count} in the built pages; {outcome}:\n{shown}{more}")


def _looking(source: Source) -> leaks.Search:
    """Prepare the search for the identifiers of a file."""
    identifiers = raw_identifiers(source.located.path, source.config.contacts)
    pages = [f for pattern in OWN_PAGES for f in source.config.root.glob(pattern)]
    code = [f for pattern in OWN_CODE for f in Path(__file__).parent.glob(pattern)]
    return leaks.Search(
        identifiers,
        leaks.own_words([*pages, *code]),
        code=[f.read_text("utf-8", "replace") for f in code],
        known=[f[:n] for f in (source.fingerprint, keyed_fingerprint(source.fingerprint, secret())) for n in (8, 64)],
    )


def search(site: Path, study: EventStudy, say: Say) -> None:
    """Search the site for the identifiers of the study's input.

    Raises
    ------
    PrivacyError
        One of them is there.
    InputError
        The file is not the one that the site was made from.
    """
    looking = _looking(study.source)
    study.source.seen()
    found = looking.folder(site)
    if found:
        shown = "\n".join(str(f) for f in found[:SHOWN_FAULTS])
        rest = f"\nand {len(found) - SHOWN_FAULTS} more" if len(found) > SHOWN_FAULTS else ""
        raise PrivacyError(
            f"the site gives identifiers away in {len(found)} places; it is not put in place:\n{shown}{rest}"
            + (
                f"\nBy chance alone, {looking.chance:.2g} numbers would equal one." if looking.chance > UNLIKELY else ""
            ),
            remedy="Take the place out of the page that makes it; identifiers must stop at the loader.",
        )
    if looking.unsearched.total:
        say(parts.unsearched(looking.unsearched))


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
    study = ContactsStudy.opened(root)
    state = study.store.folder
    if bound.recorded(state) != study.store.key:
        raise BuildError(
            "the pages were begun with other results than the last ones, so that they may be of two studies",
            remedy="Run `quarto render` again for the whole project, and no other command meanwhile.",
        )
    if whole:
        shutil.rmtree(site / "downloads", ignore_errors=True)
    files = state / "downloads" / study.provenance.build
    if files.is_dir():
        shutil.copytree(files, site / "downloads", dirs_exist_ok=True)
    complete(site, study, "quarto", 0.0)
    search(site, study, say)
    agreed = _agree(site, study)
    _pass(check_files(site) + agreed if whole else agreed, "do not publish them")
    _unchanged(study)


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
    study = ContactsStudy.opened(root)
    agreed = _agree(folder, study)
    _pass(agreed, "it was made before the last results, or mixes two builds: run `make site`")
    search(folder, study, say)
    say(f"{folder}: no identifier of the input found")
    files = check_files(folder) + agreed
    outcome = "do not publish them"
    if not _browser_wanted(browser, say):
        _pass(files, outcome)
        say(f"{_passed(files)}; not looked at in a browser")
        return
    from .site.checks.browser import check_in_browser

    seen = check_in_browser(folder)
    _pass(files + seen, outcome)
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
