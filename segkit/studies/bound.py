"""Which study a process may open: pages are made from one, and from no other that comes meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from .. import scratch
from ..errors import BuildError

STUDY = "SEGKIT_STUDY_KEY"  # the keys of the only studies that this process may open, between commas
OPENED = "SEGKIT_OPENED"  # a file that gets the key of each study that this process opens
IN_QUARTO = "QUARTO_DOCUMENT_PATH"  # Quarto sets it where it runs the cells of a page
RECORD = "quarto.json"
LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
MARK = 16


def mark(key: str) -> str:
    """Return the mark of a content key that stands in pages: letters only, so that no search takes it for a number.

    Examples
    --------
    >>> mark("0123456789abcdef" * 4)
    'abcdefghijklmnop'
    """
    return key[:MARK].translate(LETTERS)


def admit(key: str, state: Path | None = None) -> None:
    """Note that this process opens a study, and refuse one that it was not started for.

    Parameters
    ----------
    key : str
        The content key of the study.
    state : path, optional
        The project's folder of that study, where a render by Quarto alone has left its record.

    Raises
    ------
    BuildError
        The build that started this process is about another study.
    """
    if os.environ.get(OPENED):
        with Path(os.environ[OPENED]).open("a", encoding="ascii") as file:
            file.write(f"{key}\n")
    expected = os.environ.get(STUDY)
    if not expected and state is not None and os.environ.get(IN_QUARTO):
        expected = recorded(state)
    if expected and key not in expected.split(","):
        raise BuildError(
            "this page belongs to a build of another study: data, settings or package have changed since it began",
            remedy="Build again, and leave data and settings alone while it runs."
            + (f" Outside of a build, unset {STUDY}." if os.environ.get(STUDY) else ""),
        )


def record(state: Path, key: str) -> None:
    """Write down which study a render by Quarto alone is about: between its scripts, no process of ours holds the lock."""
    scratch.write(state / RECORD, json.dumps({"key": key}).encode())


def recorded(state: Path) -> str:
    """Return the key that `record` wrote; nothing where there is none."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads((state / RECORD).read_text("utf-8"))["key"])
    return ""
