"""Kernels that begin with everything imported: forked from one process that has done it once (see `zygote`)."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from segkit import scratch

ZYGOTE = Path(__file__).with_name("zygote.py")
# What shows figures asks for its kernel on import, so it is none of them.
ALWAYS = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "ipykernel.zmqshell")
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONHASHSEED": "0",  # sets come out in the same order in every build
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
LAST_WORDS = 1  # seconds
POSSIBLE = sys.platform == "linux" and hasattr(os, "pidfd_open")


def imported(sources: Iterable[str]) -> list[str]:
    """Return the modules that cells import, in order; a cell that is no Python says so when it runs.

    >>> imported(["import numpy as np\\nfrom a.b import c", "%magic"])
    ['numpy', 'a.b', 'a.b.c']
    """
    found: dict[str, None] = {}
    for source in sources:
        with contextlib.suppress(SyntaxError):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Import):
                    found |= dict.fromkeys(a.name for a in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found |= dict.fromkeys((node.module, *(f"{node.module}.{a.name}" for a in node.names)))
    return list(found)


class Forked:
    """A process that another one has forked, as far as kernels are managed by it."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid, self.returncode = pid, None
        self._fd = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return a number once it has ended."""
        return 0 if select.select([self._fd], [], [], 0)[0] else None

    def wait(self) -> int:
        """Wait for its end."""
        select.select([self._fd], [], [])
        return 0

    def send_signal(self, signum: int) -> None:
        """Send it a signal; one that has ended gets none."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._fd, signum)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def __del__(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.close(self._fd)


class Zygote:
    """The process that forks kernels; it starts when the first one is asked for, if nobody has started it before.

    Parameters
    ----------
    modules : iterable of str
        What it imports.
    settings : str
        Text of the ``matplotlibrc``, which is read on import: kernels with another one cannot be forked from it.
    env : mapping
        Environment beside that of this process; each kernel gets its own in place of it.
    """

    def __init__(self, modules: Iterable[str], settings: str, env: Mapping[str, str]) -> None:
        self.modules, self.settings, self.env = [*ALWAYS, *modules], settings, dict(env)
        self._lock, self._stack = threading.Lock(), contextlib.ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None

    async def fork(self, argv: list[str], env: Mapping[str, str], cwd: str) -> Forked | None:
        """Return a new kernel's process; None where there can be none, so that it is started in the ordinary way."""
        self.start()
        if self._link is None:
            return None
        return await asyncio.to_thread(self._fork, self._link, {"argv": argv, "env": dict(env), "cwd": cwd})

    def _fork(self, link: socket.socket, wanted: dict[str, Any]) -> Forked | None:
        with self._lock:
            try:
                link.sendall(json.dumps(wanted).encode() + b"\n")
                return Forked(int(link.makefile("rb").readline()))
            except (OSError, ValueError):
                return None

    def start(self) -> None:
        """Start it, if it has not been and can be, in this thread: the system ends it with the thread that has started it."""
        if self._link is not None or not POSSIBLE:
            return
        folder = self._stack.enter_context(scratch.folder())
        (folder / "matplotlibrc").write_text(self.settings, "utf-8")
        env = {**os.environ, **ENVIRONMENT, **self.env, "MATPLOTLIBRC": str(folder)}
        self._link, theirs = socket.socketpair()
        command = [sys.executable, "-P", str(ZYGOTE), str(theirs.fileno()), str(os.getpid()), *self.modules]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, env=env, pass_fds=[theirs.fileno()], start_new_session=True,
        )  # fmt: skip
        theirs.close()

    def close(self) -> None:
        """End it."""
        if self._link is not None and self._process is not None:
            self._link.close()
            try:
                self._process.wait(LAST_WORDS)
            except subprocess.TimeoutExpired:  # it still loads what nobody needs any more
                self._process.kill()
                self._process.wait()
        self._stack.close()
