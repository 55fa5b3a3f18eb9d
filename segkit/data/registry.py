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
from typing import TYPE_CHECKING, Literal, Protocol

import platformdirs

from .. import scratch, seeds
from ..errors import ConfigError, InputError
from ..text import terminal
from .download import download
from .files import fingerprint

if TYPE_CHECKING:  # what only looks for a file does without
    import pandas as pd

Place = Literal["given", "folder", "cache", "address", "simulation"]
Say = Callable[[str], None]

OFFLINE = "SEGKIT_OFFLINE"
NOTED = "SEGKIT_OFFLINE_NOTED"  # tells child processes that the reader knows
_failed: dict[str, str] = {}  # addresses that gave nothing in this process, and why


class Simulation(Protocol):
    """What a simulator returns."""

    @property
    def truth(self) -> pd.Series:
        """The planted segment of each unit, by raw number."""

    def write_csv(self, path: Path) -> None:
        """Write the table to a file."""


@dataclass(frozen=True)
class Dataset:
    """A table that the project knows.

    Attributes
    ----------
    name, file_name, title, citation : str
    url : str
        The canonical address; empty where none is known for this very file.
    sha256 : str
        Of the published file, 64 hex digits.
    licence : str
    public : bool
        Whether one point per unit may be shown.
    simulate : str or callable
        The simulator, called with a seed; as text ``module:function``, imported when it is needed.
    study : str
        The study that it is for.
    simulated : str
        What the simulation is one of, where that is not the published table itself.
    """

    name: str
    file_name: str
    title: str
    url: str
    sha256: str
    licence: str
    citation: str
    public: bool
    simulate: str | Callable[[int], Simulation]
    study: str
    simulated: str = ""

    @property
    def simulation(self) -> str:
        """The title of the simulation."""
        return f"Simulation of {self.simulated or f'the {self.title}'}"


CALLS = Dataset(
    name="walsoft-calls",
    file_name="walsoft_calls.csv",
    title="Walsoft semi-categorised phone dataset",
    url="https://learn.walsoftcomputers.com/machine_learning/walsoft_phonecall/"
    "original_dataset_with_instructions/walsoft_semi_categorized_phone_dataset.csv",
    sha256="1314167f6dc878b65aaa7db744d57399925b6f7ad2788adf10deb4ae9fac2943",
    licence="CC0 1.0",
    citation="P. T. L. Walekhwa (2026). Walsoft semi-categorised phone dataset. Walsoft Computers. CC0 1.0.",
    public=True,
    simulate="segkit.data.simulate.calls:simulate_calls",
    study="contacts",
)
CDNOW = Dataset(
    name="cdnow",
    file_name="cdnow_purchases_sample.csv",
    title="CDNOW sample",
    url="",  # the authors publish the same purchases in another form
    sha256="b1ee71ed342310bbc97462eb6281833e8093a3ec0775afc9c49c8aad9a02219e",
    licence="published for research and teaching by its authors",
    citation="P. S. Fader and B. G. S. Hardie (2001). Forecasting repeat sales at CDNOW: a case study. Interfaces 31(3), "
    "S94-S107. The sample: P. S. Fader, B. G. S. Hardie and K. L. Lee (2005). \u201cCounting your customers\u201d the easy "
    "way: an alternative to the Pareto/NBD model. Marketing Science 24(2), 275-284.",
    public=True,
    simulate="segkit.data.simulate.purchases:simulate_purchases",
    study="customers",
)
BANK = Dataset(
    name="bank-marketing",
    file_name="bank_marketing.csv",
    title="UCI Bank Marketing data",
    url="",  # the repository offers an archive, whose files divide cells by semicolons and number no rows
    sha256="5a9f61194e08ae0690d11b0612e4d478b6c8ad06c3554b46ba9ef56ecb49964a",
    licence="CC BY 4.0",
    citation="S. Moro, P. Cortez and P. Rita (2014). A data-driven approach to predict the success of bank telemarketing. "
    "Decision Support Systems 62, 22-31. The data: UCI Machine Learning Repository, Bank Marketing, "
    "https://doi.org/10.24432/C5K306. CC BY 4.0.",
    public=True,
    simulate="segkit.data.simulate.leads:simulate_leads",
    study="personas",
    simulated="a file of leads",
)
DATASETS = {dataset.study: dataset for dataset in (CALLS, CDNOW, BANK)}


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
    if fingerprint(path) != dataset.sha256:
        raise InputError(
            f"this is not the published {dataset.title}: its SHA-256 is another one",
            file=path,
            remedy="If it is your own log, give it with --data; else fetch the published file again.",
        )
    return _published(dataset, path, "folder", "in the folder that SEGKIT_DATA names")


def _in_cache(dataset: Dataset, say: Say) -> Located | str:
    path = cache_folder() / dataset.file_name
    if not path.is_file():
        return "the cache has no copy"
    if fingerprint(path) == dataset.sha256:
        return _published(dataset, path, "cache", "downloaded earlier and checked")
    with _writing(path):
        path.unlink()
    say(f"The copy of the {dataset.title} in the cache is damaged; it is removed.")
    return "the copy in the cache was damaged"


def _at_address(dataset: Dataset, say: Say) -> Located | str:
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
    path = cache_folder() / "simulated" / f"{dataset.name}-{_simulation_key(function, seed)}.csv"
    record = path.with_suffix(".sha256")
    if not (path.is_file() and record.is_file() and fingerprint(path) == record.read_text("ascii", "replace").strip()):
        with _writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            function(seed).write_csv(path)
            with scratch.draft(record) as file:
                file.write(f"{fingerprint(path)}\n".encode())
    message = f"Simulated data stand in for the {dataset.title}, because {because}."
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
    for thing in (function, seeds):
        source = inspect.getsourcefile(thing)
        digest.update(Path(source).read_bytes() if source else repr(thing).encode())
    return digest.hexdigest()[:12]


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
