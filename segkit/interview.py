"""``segkit init``: draft the settings of a file, and ask its owner for what the file cannot tell."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from .config import Given, project_root
from .data import addresses
from .data.draft import Draft, draft_settings, write_draft
from .data.draft_format import Question
from .errors import ConfigError, InputError, printable
from .site.lock import alone
from .studies.store import STATE
from .text import terminal

Say = Callable[[str], None]


def run(
    file: Path,
    given: Sequence[str],
    *,
    force: bool,
    say: Say,
    ask: Callable[[str], str] | None = None,
    study: str | None = None,
    sample: Path | None = None,
) -> int:
    """Draft settings, ask, and write them beside the file.

    Parameters
    ----------
    file : path
        The log; or a name in the project's folder, for a table that has a sample.
    given : sequence of str
        Answers as ``key=value``.
    force : bool
        Replace settings that are there already.
    say : callable
        Receives one line per event.
    ask : callable, optional
        Puts a question and returns the answer; ``input`` where there is a terminal, nobody otherwise.
    study : str, optional
        The study that the file is for; asked where neither this nor its columns say.
    sample : path, optional
        A file with rows of the table that is meant; the log itself when not given.

    Returns
    -------
    int
        0 when the settings can be used as they are, 2 when answers are still missing.

    Raises
    ------
    InputError
        The file cannot be read, or is a stream.
    ConfigError
        The answers end before the questions do; nothing is written then.
    """
    if file.parent in (Path("/dev"), Path("/dev/fd")) or Path("/proc") in file.parents:
        raise InputError(  # even where a regular file stands behind it, the settings would be written there
            "this is a stream of a program and no file, and settings stand beside a file", file=file,
            remedy="Save the log as a file, and give that.",
        )  # fmt: skip
    answers = {**({"study": study} if study else {}), **_parse(given)}
    if not force and file.with_name(file.name + ".toml").exists():
        raise InputError(
            "these settings exist already",
            file=file.with_name(file.name + ".toml"),
            remedy="Edit them, or give --force to draft them again.",
        )
    if ask is None and sys.stdin is not None and sys.stdin.isatty():
        ask = input
    looked_at = sample or file
    draft = draft_settings(looked_at, answers)
    asked: set[str] = set(answers)
    while ask is not None and (open_now := [q for q in draft.questions if q.key not in asked]):
        question = open_now[0]
        asked.add(question.key)
        draft, answers = _put(looked_at, question, answers, ask, say, draft)
    with _alone_in(file.parent):
        path = write_draft(file, draft, force=force)
    say(f"{path}: written")
    missing = [q for q in draft.questions if q.required]
    then = f"make site DATA={printable(file.name, 200)}" if sample is None else "segkit results, with the same address"
    for question in draft.questions:
        mark = "to be answered" if question.required else "has a default"
        say(f"  {question.key} ({mark}): {question.prompt} {question.reason}")
    if missing:
        if any(q.key == "study" for q in missing):
            called = printable(file.name, 200) if sample is None else "ADDRESS"
            say(f"Say which study it is for: segkit init {called} --force --study NAME")
        say(f'Replace each "?" in {path.name}, then: {then}')
        return 2
    say(f"Next: {then}")
    return 0


def drafted(place: Given, given: Sequence[str], **how: Any) -> int:
    """Do the same for a file or for the table of an address, whose settings go into the project that one is in."""
    if isinstance(place, Path):
        return run(place, given, **how)
    try:
        root = project_root()
    except ConfigError:  # in none
        root = Path.cwd()
    with addresses.sample(place) as sample:
        return run(addresses.stands_for(place, root), given, sample=sample, **how)


def _alone_in(folder: Path) -> AbstractContextManager[object]:
    """Hold the lock of the project that a folder is of: settings that change during a build would spoil it."""
    try:
        root = project_root(folder)
    except ConfigError:  # of none
        return nullcontext()
    return alone(root / STATE, "segkit init")


def _put(
    file: Path, question: Question, answers: Mapping[str, str], ask: Callable[[str], str], say: Say, draft: Draft
) -> tuple[Draft, dict[str, str]]:
    """Ask one question until the answer fits; an empty answer leaves it as drafted."""
    options = f" [{' / '.join(question.options)}]" if question.options else ""
    say(f"{question.prompt} {question.reason}")
    while True:
        try:
            reply = ask(terminal(f"{question.key}{options}: ")).strip()
        except EOFError:
            raise ConfigError(
                "the answers ended before the questions did, and nothing was written",
                file=file,
                remedy="Run it again (Enter leaves a question as drafted), or answer beforehand: "
                f"--answer {question.key}=VALUE. Without a terminal, the draft is written with what is open marked by a ?.",
            ) from None
        if not reply:
            return draft, dict(answers)
        tried = {**answers, question.key: reply}
        try:
            return draft_settings(file, tried), tried
        except ConfigError as error:
            say(str(error))


def _parse(given: Sequence[str]) -> dict[str, str]:
    answers = {}
    for text in given:
        key, mark, value = text.partition("=")
        if not mark or not key.strip():
            raise ConfigError(
                f"the answer {printable(text)!r} is not of the form key=value",
                remedy="For example: --answer date_order=day/month/year",
            )
        answers[key.strip()] = value.strip()
    return answers
