"""Where tables come from: a given file, a folder, the cache, the canonical address, or a simulation, in this order."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal

import platformdirs

from .. import scratch, seeds
from ..errors import ConfigError, InputError
from ..text import terminal
from .datasets import BANK, CALLS, CDNOW, COLLEGE, CRM, DATASETS, EXPERIMENT, MESSAGES, SALES, Dataset, Simulation
from .download import download
from .files import fingerprint
from .opening import open_bytes

__all__ = [
    "BANK",
    "CALLS",
    "CDNOW",
    "COLLEGE",
    "CRM",
    "DATASETS",
    "EXPERIMENT",
    "MESSAGES",
    "SALES",
    "Dataset",
    "Located",
    "locate",
    "simulator",
]

Place = Literal["given", "folder", "cache", "address", "simulation"]
Say = Callable[[str], None]

OFFLINE = "SEGKIT_OFFLINE"
NOTED = "SEGKIT_OFFLINE_NOTED"  # tells child processes that the reader knows
NONE = "no real one is published"
_failed: dict[str, str] = {}  # addresses that gave nothing in this process, and why


@dataclass(frozen=True)
class Located:
    """A table that was found.

    Attributes
    ----------
    dataset : Dataset
    path : Path
        The file, absolute.
    place : str
        ``given``, ``folder``, ``cache``, ``address`` or ``simulation``.
    real, public : bool
        Not simulated; and whether one point per unit may be shown.
    message : str
        One sentence for the reader.
    fingerprint : str
        SHA-256 of the file when all this was found to be so; another file has nothing of it.
    """

    dataset: Dataset
    path: Path
    place: Place
    real: bool
    public: bool
    message: str
    fingerprint: str


def tell(message: str) -> None:
    """Say something to the person at the terminal."""
    print(terminal(message), file=sys.stderr, flush=True)


def cache_folder() -> Path:
    """Return the folder of downloads and simulations: ``SEGKIT_CACHE``, else the user's cache."""
    return Path(os.path.abspath(os.environ.get("SEGKIT_CACHE") or platformdirs.user_cache_dir("segkit")))


def locate(
    dataset: Dataset,
    *,
    given: Path | None = None,
    allow_simulation: bool = True,
    seed: int = seeds.ROOT,
    say: Say = tell,
) -> Located:
    """Find a table: given file, ``SEGKIT_DATA``, cache, canonical address, simulation.

    Parameters
    ----------
    dataset : Dataset
        What to find.
    given : path, optional
        A file that the user names. It is used or refused, never replaced.
    allow_simulation : bool
        Whether a simulation may stand in.
    seed : int
        The root seed of the simulation.
    say : callable
        Receives one sentence per event worth telling.

    Raises
    ------
    InputError
        A given file, or the one in ``SEGKIT_DATA``, cannot be used; or real data are required and not found.
    ConfigError
        ``SEGKIT_DATA`` names no folder, or the cache cannot be written.
    """
    if given is not None:
        return _given(dataset, given)
    tried = []
    for search in (_in_folder, _in_cache, _at_address):
        found = search(dataset, say)
        if isinstance(found, Located):
            return found
        tried.append(found)
    if not allow_simulation and not dataset.sha256:
        raise InputError(f"real data are required: no file is given, and {NONE}", remedy="Give a file with --data.")
    if not allow_simulation:
        raise InputError(
            f"real data are required, and the {dataset.title} was not found: no file is given; {'; '.join(tried)}",
            remedy=f"Give a file with --data, or put {dataset.file_name} in a folder and set SEGKIT_DATA to it.",
        )
    return _simulated(dataset, seed, because=tried[-1])


def _published(dataset: Dataset, path: Path, place: Place, where: str) -> Located:
    message = f"Real data: the {dataset.title}, {where}."
    return Located(dataset, path, place, real=True, public=dataset.public, message=message, fingerprint=dataset.sha256)


def _given(dataset: Dataset, given: Path) -> Located:
    path = Path(os.path.abspath(Path(given).expanduser()))
    if dataset.suffix:
        open_bytes(path).close()  # it may be a folder
    elif path.is_file():
        raise InputError("this is a file", file=path, remedy="Give the folder with the tables.")
    found = fingerprint(path)
    if found == dataset.sha256:
        return _published(dataset, path, "given", "in the file that was given")
    message = "Real data: the file that was given; no register calls it public, so no page shows single units."
    return Located(dataset, path, "given", real=True, public=False, message=message, fingerprint=found)


def _in_folder(dataset: Dataset, say: Say) -> Located | str:
    named = os.environ.get("SEGKIT_DATA")
    if not named:
        return "SEGKIT_DATA is not set"
    folder = Path(os.path.abspath(Path(named).expanduser()))
    if not folder.is_dir():
        raise ConfigError(
            "SEGKIT_DATA is set, but there is no such folder",
            file=folder,
            remedy="Correct the path (a relative one starts from the current folder), or unset SEGKIT_DATA.",
        )
    path = folder / dataset.file_name
    if not os.path.lexists(path):
        return f"the folder in SEGKIT_DATA has no {dataset.file_name}"
    if not dataset.sha256:
        raise InputError(
            f"{NONE}, so that nothing tells what this file is",
            file=path,
            remedy="If it is your own export, give it with --data.",
        )
    if fingerprint(path) != dataset.sha256:
        raise InputError(
            f"this is not the published {dataset.title}: its SHA-256 is another one",
            file=path,
            remedy="If it is your own log, give it with --data; else fetch the published file again.",
        )
    return _published(dataset, path, "folder", "in the folder that SEGKIT_DATA names")


def _in_cache(dataset: Dataset, say: Say) -> Located | str:
    path = cache_folder() / dataset.file_name
    if (
        not dataset.sha256 or not path.is_file()
    ):  # what nobody published was never put there: the file is somebody's own
        return "the cache has no copy"
    if fingerprint(path) == dataset.sha256:
        return _published(dataset, path, "cache", "downloaded earlier and checked")
    with _writing(path):
        path.unlink()
    say(f"The copy of the {dataset.title} in the cache is damaged; it is removed.")
    return "the copy in the cache was damaged"


def _at_address(dataset: Dataset, say: Say) -> Located | str:
    if not dataset.sha256:
        return NONE
    if not dataset.url:
        return "no address of this file is known"
    if dataset.url in _failed:
        return _failed[dataset.url]
    if os.environ.get(OFFLINE, "0") not in ("", "0"):
        reason = f"{OFFLINE} is set, so that its address is not tried"
        if not os.environ.get(NOTED):
            os.environ[NOTED] = "1"
            say(f"The {dataset.title} is not fetched: {OFFLINE} is set.")
        return reason
    path = cache_folder() / dataset.file_name
    with _writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with scratch.folder(path.parent, prefix=".download-") as folder:
            draft = folder / path.name
            problem = download(dataset.url, draft, title=dataset.title)
            if problem is None and fingerprint(draft) != dataset.sha256:
                problem = "its address holds another file than the published one, which is discarded"
            if problem is None:
                os.replace(draft, path)
                return _published(dataset, path, "address", "downloaded from its address and checked")
    _failed[dataset.url] = problem
    os.environ[OFFLINE] = os.environ[NOTED] = "1"  # child processes do not try again
    say(f"The {dataset.title} is not fetched: {problem}.")
    return problem


def _simulated(dataset: Dataset, seed: int, because: str) -> Located:
    function = simulator(dataset)
    path = cache_folder() / "simulated" / f"{dataset.name}-{_simulation_key(function, seed)}{dataset.suffix}"
    record = path.with_name(f"{path.stem}.sha256")
    with _writing(path), scratch.alone(path.parent):  # what one process writes, another would read by halves
        whole = path.exists() and record.is_file() and fingerprint(path) == record.read_text("ascii", "replace").strip()
        if not whole:
            function(seed).write_csv(path)
            with scratch.draft(record) as file:
                file.write(f"{fingerprint(path)}\n".encode())
    message = f"Simulated data stand in for {dataset.stood_in_for}, because {because}."
    known = record.read_text("ascii").strip()
    return Located(dataset, path, "simulation", real=False, public=True, message=message, fingerprint=known)


def simulator(dataset: Dataset) -> Callable[[int], Simulation]:
    """Return the function that simulates a table from a seed."""
    if not isinstance(dataset.simulate, str):
        return dataset.simulate
    module, _, name = dataset.simulate.partition(":")
    function: Callable[[int], Simulation] = getattr(importlib.import_module(module), name)
    return function


def _simulation_key(function: Callable[[int], Simulation], seed: int) -> str:
    """Return what a simulated file depends on, as 12 hex digits; NumPy may change its streams between releases."""
    import numpy

    digest = hashlib.sha256(f"{seed} {numpy.__version__} ".encode())
    things: list[ModuleType | Callable[[int], Simulation]] = [function, *_neighbours(function), seeds]
    for thing in things:
        source = inspect.getsourcefile(thing)
        digest.update(Path(source).read_bytes() if source else repr(thing).encode())
    return digest.hexdigest()[:12]


def _neighbours(function: Callable[[int], Simulation]) -> list[ModuleType]:
    """Return the other modules of a simulator's package that its own module takes anything from."""
    package, _, _ = function.__module__.rpartition(".")
    if not package:
        return []
    names = {getattr(thing, "__module__", None) or "" for thing in vars(sys.modules[function.__module__]).values()}
    return [sys.modules[name] for name in sorted(names - {function.__module__}) if name.startswith(f"{package}.")]


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"the cache cannot be written ({error.strerror})",
            file=path,
            remedy="Set SEGKIT_CACHE to a folder that you may write.",
        ) from error
