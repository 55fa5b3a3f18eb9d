"""A process that has imported what pages import, and forks a kernel for each of them. It runs by itself, on Linux.

Called with the number of a socket, the build's process, and the names of modules. A line of JSON on the socket asks for a
kernel: its arguments, environment and working folder; the answer is the number of its process.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys

PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """Let the system end this process with its parent, also where that is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it ended before the line above


def serve(link: socket.socket) -> None:
    """Fork a kernel for each line, until the other side closes."""
    own = os.getpid()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended kernels are no zombies
    with link.makefile("rb") as lines:
        for line in lines:
            pid = os.fork()
            if pid == 0:
                become_kernel(own, link, **json.loads(line))
            link.sendall(b"%d\n" % pid)


def become_kernel(parent: int, link: socket.socket, argv: list[str], env: dict[str, str], cwd: str) -> None:
    """Run a kernel in this process, and end with it."""
    try:
        end_with(parent)
        os.setsid()
        link.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(env, JPY_PARENT_PID=str(parent))
        sys.argv = ["ipykernel_launcher", *argv]
        runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)
    finally:
        os._exit(0)  # whatever this process was before, it does not go on with it


if __name__ == "__main__":
    end_with(int(sys.argv[2]))
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # of all kernels; read when their module is imported
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # no page has a debugger, whose import takes each kernel a second
    for name in sys.argv[3:]:
        with contextlib.suppress(Exception):  # a page that imports it says what is wrong with it
            importlib.import_module(name)
    gc.freeze()  # what is here already is not looked at by each kernel, and so stays shared
    serve(socket.socket(fileno=int(sys.argv[1])))
    os._exit(0)  # without the farewells of libraries, which find what kernels share
