"""Several studies at once, each in a process of its own, which keeps what it computes for this one to find."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from .config import Given
from .engine.fits import end_with, processors
from .errors import SegkitError
from .progress import QUIET, bar
from .studies import registry
from .studies.filed import FiledStudy
from .studies.source import Source
from .unchanged import unchanged

LOOK = 0.1  # seconds between two looks at which have ended
BRIEF = ("markets",)  # takes a fifth of the time of others: begun last, it fills the gap that the others leave


def find(
    kind: type[FiledStudy],
    data: Given | None = None,
    *,
    require_real: bool,
    say: Callable[[str], None] = lambda _: None,
) -> Source:
    """Find the data of a study; the simulation of data that have a public address only where these need not be real."""
    return kind.find(data=data, allow_simulation=not (require_real and kind.dataset.url), say=say)


def compute(names: Sequence[str], *, require_real: bool) -> str | None:
    """Compute studies of the project's own data, as many at once as there are processors.

    One study alone leaves processors idle in every step that cannot be shared out. Where all but one are there already,
    nothing is done here.

    Parameters
    ----------
    names : sequence of str
    require_real : bool
        Refuse the simulation of data that have a public address.

    Returns
    -------
    str or None
        The study that failed first, where one did: the others are stopped, and whoever computes it here learns why.
    """
    if min(processors(), len(names)) < 2:
        return None
    missing = [
        name for name in sorted(names, key=BRIEF.__contains__) if not _stands(registry.study(name), require_real)
    ]
    workers = min(processors(), len(missing))
    if workers < 2:
        return None
    place = os.pathsep.join([str(Path(__file__).parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    env = {**os.environ, "SEGKIT_JOBS": str(processors() // workers), QUIET: "1", "PYTHONPATH": place}
    running = dict[str, subprocess.Popen[bytes]]()
    ended = bar(list(missing), "studies")
    next(ended)
    try:
        while missing or running:
            while missing and len(running) < workers:
                name = missing.pop(0)
                running[name] = subprocess.Popen(_command(name, require_real), env=env, stdin=subprocess.DEVNULL)
            time.sleep(LOOK)
            for name in [n for n, process in running.items() if process.poll() is not None]:
                if running.pop(name).returncode:
                    return name
                next(ended, None)
        return None
    finally:
        for process in running.values():
            process.kill()
            process.wait()


def _command(name: str, require_real: bool) -> list[str]:
    return [sys.executable, "-m", __name__, name, "real" * require_real, str(os.getpid())]


def _stands(kind: type[FiledStudy], require_real: bool) -> bool:
    try:
        return kind(find(kind, require_real=require_real)).shelf.stands()
    except SegkitError:
        return False


def main(name: str, real: str, parent: str) -> int:
    """Compute what is missing of one study; of what is wrong, only that something is will be known."""
    end_with(int(parent))
    kind = registry.study(name)
    try:
        study = kind(find(kind, require_real=bool(real)))
        for step in study.steps:
            study.shelf.settle(step)
        unchanged(study)  # else what was kept may be of two kinds of code, and is dropped
    except Exception:  # whatever it is: it is met again, and told, where the study is computed next
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
