"""Foreign formats are parsed in a process of their own, with limits: a parser that fails takes nothing else with it.

A new interpreter is started, not a copy of this process: DuckDB, Arrow and the linear algebra have threads, and a copy of
a process with threads may hang on a lock that nobody holds any more. The new one imports the parser and little else. It
gets the open file, not its name, so that neither the name nor what is put in its place means anything; and it writes into
an open file that has no name, which vanishes with the last process that has it open.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import ColumnError, InputError
from . import limits

ROOT = Path(__file__).resolve().parents[2]
START = "import sys; sys.path.insert(0, sys.argv[1]); from segkit.data.child import main; main()"
# A child sees nothing of the environment that it does not need, least of all the secret key.
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
ERRORS = {error.__name__: error for error in (InputError, ColumnError)}
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux's prctl


class ParserLostError(Exception):
    """The process that parsed a file ended without an answer; the text says why, as a clause."""


def ask(task: str, path: Path, source: BinaryIO, target: BinaryIO, **details: Any) -> dict[str, Any]:
    """Let a process of its own read a file.

    Parameters
    ----------
    task : {"sheet", "parquet", "json", "xml", "html"}
    path : path
        What messages call the file.
    source : binary file
        The open file.
    target : binary file
        Where the rows are written, as plain text columns in a format that needs no trust.
    **details
        What else the task needs; JSON.

    Returns
    -------
    dict
        What the task says of the file.

    Raises
    ------
    InputError
        The file cannot be used; as the child raised it.
    ParserLostError
        The child crashed, or reached a limit of memory or time.
    """
    size = os.fstat(source.fileno()).st_size
    seconds = limits.seconds(size)
    request = {
        "task": task, "path": str(path), "source": source.fileno(), "target": target.fileno(), "details": details,
        "parent": os.getpid(), "seconds": seconds, "memory": limits.MEMORY, "text": limits.text(size),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", START, str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a crash dump may quote cells
        env={name: os.environ[name] for name in KEPT if name in os.environ},
        pass_fds=(source.fileno(), target.fileno()),
    )
    try:
        said, _ = process.communicate(json.dumps(request).encode(), timeout=limits.PATIENCE * seconds)
    except subprocess.TimeoutExpired:
        raise ParserLostError(_too_slow(seconds)) from None
    finally:
        process.kill()
        process.communicate()
    return _answer(path, said, process.returncode, seconds)


def _too_slow(seconds: float) -> str:
    return f"takes more than the {seconds:.0f} seconds that a file of this size is given"


def _answer(path: Path, said: bytes, code: int, seconds: float) -> dict[str, Any]:
    if code == -signal.SIGXCPU:
        raise ParserLostError(_too_slow(seconds))
    try:
        answer = json.loads(said)
    except ValueError:
        raise ParserLostError(f"ends the process that reads it, which has {limits.MEMORY >> 30} GB of memory") from None
    if "lost" in answer:
        raise ParserLostError(str(answer["lost"]))
    if "error" in answer:
        raise ERRORS[answer.pop("error")](answer.pop("problem"), file=path, **answer)
    return dict(answer)


def main() -> None:
    """Do what the parent asks for on stdin, within its limits, and answer on stdout."""
    request = json.load(sys.stdin)
    reply = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whatever a library prints is no answer
    _bound(request)
    json.dump(_attempt(request), reply)
    reply.flush()
    os._exit(0)  # what was parsed need not be taken apart


def _bound(request: Mapping[str, Any]) -> None:
    """Take the limits, and end when the parent ends, even when it is killed."""
    whole = int(request["seconds"]) + 1
    wanted = {"CORE": 0, "CPU": whole, "FSIZE": request["text"], "AS": request["memory"]}
    for name, most in wanted.items():
        with contextlib.suppress(ValueError, OSError):  # a system that does not know this limit, or has a lower one
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != request["parent"]:
        os._exit(1)


def _attempt(request: Mapping[str, Any]) -> dict[str, Any]:
    path, source, target = Path(request["path"]), request["source"], request["target"]
    details = request["details"]
    wanted, section = details.get("wanted", ()), details.get("section", "")
    try:
        if request["task"] == "sheet":
            from .sheets import rewrite_sheet

            return dataclasses.asdict(rewrite_sheet(path, wanted, source, target, section, details["headless"]))
        if request["task"] == "html":
            from .web_tables import rewrite_page

            return rewrite_page(path, source, target)
        if request["task"] in ("json", "xml"):
            from .listed import rewrite_backup, rewrite_json

            read = rewrite_json if request["task"] == "json" else rewrite_backup
            return dataclasses.asdict(read(path, wanted, source, target, section))
        from .parquet import rewrite_parquet

        return rewrite_parquet(path, wanted, source, target, section)
    except InputError as error:
        return {
            "error": type(error).__name__, "problem": error.problem, "column": error.column, "rows": error.rows,
            "count": error.count, "remedy": error.remedy,
        }  # fmt: skip
    except MemoryError:
        return {"lost": f"needs more than the {request['memory'] >> 30} GB of memory that it is given"}
    except OSError as error:
        if error.errno == 27:  # EFBIG, from the limit above
            return {"lost": f"gives more than {request['text'] / (1 << 30):.1f} GB of text"}
        return {"lost": f"cannot be read ({error.strerror})"}
