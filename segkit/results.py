"""The results of studies: what is missing is computed, and written down for pages to open."""

from __future__ import annotations

import calendar
import dataclasses
import functools
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from . import concurrent, scratch
from .config import Given, load, project_root, read_toml
from .data import addresses
from .data.draft import draft_settings, write_draft
from .errors import ColumnError, ConfigError, SegkitError
from .privacy import keyed_fingerprint, secret
from .progress import bar
from .report import citing
from .site import leaks, lock, plain
from .studies import bound, registry
from .studies.base import today
from .studies.filed import FiledStudy
from .studies.reach import package_hash
from .studies.source import Source
from .studies.store import STATE, content_key
from .unchanged import changed, unchanged

Say = Callable[[str], None]
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
    "data/datasets.py",
    "features/*.py",
    "report/*.py",
    "studies/**/*.py",
    "site/addresses.py",
    "site/embedded/*.html",
    "site/embedded/*.js",
    "site/embedded/*.lua",
    "site/embedded/*.py",
    "site/embedded/*.txt",
)
EVENTLESS = ("personas", "channels", "markets", "conversations")
_prepared: dict[str, tuple[str, leaks.Search]] = {}  # by study, the last search with the key of what it was made from


def compute(data: Given | None, *, names: Sequence[str] = (), require_real: bool, say: Say) -> list[FiledStudy]:
    """Compute what is missing of some studies, and write their results.json. The caller holds the lock of the project.

    Parameters
    ----------
    data : path, optional
        A file of the user's own, or the address of a warehouse; it is for one study.
        Where its columns are not called as the settings say and nobody has
        described it yet, it is described here if that leaves no question open.
    names : sequence of str
        The studies; all of them when not given, or the one that the file fits.
    require_real : bool
        Refuse the simulation of data that have a public address.
    say : callable
        Receives one line per event.
    """
    names = sorted(
        names, key=EVENTLESS.__contains__
    )  # a study of events leads where there is one: shared pages tell of events
    wanted = tuple(names) or (tuple(registry.STUDIES) if data is None else (_study_of(data, say),))
    if data is not None and len(wanted) > 1:
        raise ConfigError(
            "a file is for one study",
            file=data if isinstance(data, Path) else None,
            remedy="Name one study, or leave the choice to the file.",
        )
    package = package_hash()
    failed = None if data is not None else concurrent.compute(wanted, require_real=require_real)
    if package_hash() != package:  # this process would go on with the code that was there before
        raise changed()
    if failed is not None:
        _one(registry.study(failed), data, require_real=require_real, say=say)
    found = [_one(registry.study(name), data, require_real=require_real, say=say) for name in wanted]
    registry.record(found[0].source.config.root, wanted)
    _describe(found[0])
    for study in found:
        _save(study, say)
    return [study.released for study in found]


def _study_of(data: Given, say: Say) -> str:
    """Return the study that a file is for: by the settings beside it, else by its columns.

    Raises
    ------
    ConfigError
        Neither tells.
    """
    tables = next(name for name, kind in registry.STUDIES.items() if not kind.dataset.suffix)
    if not isinstance(data, Path) and not addresses.has_table(data.get_secret_value()):
        return tables
    place = addresses.stands_for(data, Path() if isinstance(data, Path) else project_root())
    beside = place.with_name(place.name + ".toml")
    told = [name for name in read_toml(beside) if name in registry.STUDIES] if beside.is_file() else []
    if len(told) == 1:
        say(f"The settings beside {place.name} are those of the study {told[0]}.")
        return told[0]
    if len(told) > 1:
        raise ConfigError(f"the settings are of {len(told)} studies", file=beside, remedy="Name one with STUDY=.")
    if place.is_dir():
        return tables
    try:
        with addresses.sample(data) as path:
            draft = draft_settings(path)
    except SegkitError:
        return next(iter(registry.STUDIES))  # its loader says what is wrong with the file
    if any(q.key == "study" for q in draft.questions):
        known = " or ".join(registry.STUDIES)
        raise ConfigError(
            "nothing in the file says which study it is for", file=place, remedy=f"Say it with STUDY=NAME: {known}."
        )
    say(f"The columns of {place.name} are those of the study {draft.study}.")
    return draft.study


def _one(kind: type[FiledStudy], data: Given | None, *, require_real: bool, say: Say) -> FiledStudy:
    source = None
    find = functools.partial(concurrent.find, kind, data, require_real=require_real, say=say)
    try:
        source = find()
        return _computed(kind, source, say)
    except ColumnError:
        if not _described(kind, data, source, say):
            raise
    return _computed(kind, find(), say)


def _described(kind: type[FiledStudy], data: Given | None, source: Source | None, say: Say) -> bool:
    """Draft the settings of a file or a table that has none, and write them if they leave no question open."""
    root = project_root()
    place = data if data is not None else getattr(load(root), kind.name).data
    if source is None:  # what a table lacks is seen before there is a source
        if place is None or isinstance(place, Path) or kind.overlaid(place, root):
            return False
    elif source.located.place != "given" or source.overlay:
        return False
    else:
        place = source.located.path
    with addresses.sample(place) as path:
        draft = draft_settings(path, study=kind.name)
    if draft.confident:
        at = addresses.stands_for(place, root)
        target = write_draft(at, draft)
        say(f"The columns of {at.name} were recognised; {target} says how. Check it, and change what is wrong.")
    return draft.confident


def _computed(kind: type[FiledStudy], source: Source, say: Say) -> FiledStudy:
    # Pages say what cannot be searched for, so that must be known before them.
    source = dataclasses.replace(source, unsearched=looking(source).unsearched)
    study = kind(source)
    for name in bar(study.steps, study.name):
        study.shelf.settle(name)
    unchanged(study)
    return study


def _save(study: FiledStudy, say: Say) -> None:
    unchanged(study)
    study.save()
    at, terms = study.provenance, study.terms
    events = f"{at.rows:,} {terms.events}, " if study.covered else ""
    say(f"{study.name}: {at.source} data, {events}{at.units:,} {terms.units}. {at.message}")
    if study.beside:
        say(f"{study.name}: the segment of each of the {terms.units} is in {study.beside}, which only you can read.")
    for moved in study.set_aside:
        say(f"{study.name}: {moved.count:,} rows failed the gate {moved.gate!r} and are in {moved.file}")


def _describe(study: FiledStudy) -> None:
    """Write what _quarto.yml puts into the head of every page."""
    described = citing.head(study.provenance, study.source.config.site, today(), study.terms)
    scratch.write(study.source.config.root / STATE / "head.html", described.encode())


def within() -> bool:
    """Tell whether this command was started by a build of the same project, which does the work itself."""
    return lock.inside(project_root() / STATE)


def results(data: Given | None, *, names: Sequence[str] = (), require_real: bool, say: Say) -> list[FiledStudy]:
    """Compute what is missing of some studies, and write their results.json, with no other command beside.

    Where Quarto runs this before a render of its own, it is written down which studies that render is about.
    """
    with lock.alone(project_root() / STATE, "segkit results"):
        found = compute(data, names=names, require_real=require_real, say=say)
        if os.environ.get("QUARTO_PROJECT_OUTPUT_DIR"):
            for study in found:
                shutil.rmtree(study.store.folder / "downloads", ignore_errors=True)
                bound.record(study.store.folder, study.store.key)
    return found


def looking(source: Source) -> leaks.Search:
    """Prepare the search for the identifiers of a file; the same one again while file, settings and words are the same.

    A build asks twice: its pages say what cannot be searched for, and at its end they are searched.

    Raises
    ------
    InputError
        The file is not the one of the fingerprint any more.
    """
    pages = [f for pattern in OWN_PAGES for f in source.config.root.glob(pattern)]
    code = [f for pattern in OWN_CODE for f in Path(__file__).parent.glob(pattern)]
    own, texts = (tuple(f.read_text("utf-8", "replace") for f in files) for files in (pages, code))
    own += (" ".join([*calendar.month_name, *calendar.day_name]),)  # as dates are written
    known = tuple(f[:n] for f in (source.fingerprint, keyed_fingerprint(source.fingerprint, secret())) for n in (8, 64))
    settings = source.settings.model_dump(mode="json")
    made_of = content_key(path=source.located.path, settings=settings, own=own, code=texts, known=known)
    if _prepared.get(source.study, ("", None))[0] != made_of:
        identifiers = registry.study(source.study).identifiers(source)
        search = leaks.Search(identifiers, plain.own_words(own + texts), code=texts, known=known)
        source.seen()  # else what was read may be of other bytes than the fingerprint
        _prepared[source.study] = made_of, search
    return _prepared[source.study][1]
