"""One page's kernel: a process of its own, private sockets and folders, one linear-algebra thread."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from ... import scratch
from .forks import ENVIRONMENT, Zygote
from .model import ANSI, Output, Step, StepError

FRAME = re.compile(r"(?:Cell In\[\d+\]|<ipython-input[^>]*>),? line (\d+)")
SOURCE_NAME = re.compile(r" ?\(\d+\.py, line \d+\)")  # what the kernel calls a cell differs from run to run
LONGEST_SOCKET_PATH = 90  # the system's limit is 107 bytes, and zmq adds a suffix
TRACEBACK_LINES = 12
LAST_WORDS = 5  # seconds for a page whose kernel has been ended
FOLDER = "sk-kernel-"
# A kernel ends with the build, also where that is killed: Linux sees to it at once; elsewhere the kernel itself looks every
# second whether its parent is still there.
LAUNCH = """\
import ctypes, os, runpy, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != int(os.environ["JPY_PARENT_PID"]):
        sys.exit(1)  # the build ended before the line above
sys.modules["debugpy"] = None  # no page has a debugger, whose import takes a second
runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)
"""


class Manager(AsyncKernelManager):
    """A kernel's manager that has it forked where that can be."""

    zygote: Zygote | None = None

    async def _async_launch_kernel(self, kernel_cmd: list[str], **more: Any) -> None:
        forked = None
        if self.zygote is not None:
            arguments = kernel_cmd[kernel_cmd.index("-f") :]
            forked = await self.zygote.fork(arguments, more["env"], os.fspath(more["cwd"]))
        if forked is None:
            await super()._async_launch_kernel(kernel_cmd, **more)
            return
        provisioner: Any = self.provisioner
        provisioner.process, provisioner.pid, provisioner.pgid = forked, forked.pid, forked.pid
        self._reconcile_connection_info(provisioner.connection_info)


class _ThisPython(KernelSpecManager):
    """Whatever kernels are installed for this user, pages run in the interpreter that builds them."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        command = [sys.executable, "-c", LAUNCH, "-f", "{connection_file}"]
        return KernelSpec(argv=command, language="python", display_name=kernel_name)


def _short_folder() -> AbstractContextManager[Path]:
    """Make a private folder whose path leaves room for a socket's name; it holds the key to the kernel."""
    usual = tempfile.gettempdir()
    short = "/tmp" if os.name != "nt" and len(os.fsencode(usual)) > LONGEST_SOCKET_PATH - 30 else usual
    return scratch.folder(Path(short))


async def run_steps(
    steps: Sequence[Step],
    folder: Path,
    *,
    setup: str,
    settings: str,
    env: Mapping[str, str],
    timeout: int,
    zygote: Zygote | None = None,
) -> list[list[Output]]:
    """Run code in a fresh kernel and return each step's outputs.

    Parameters
    ----------
    steps : sequence of Step
        What runs, in order.
    folder : path
        The kernel's working folder.
    setup : str
        Code that runs first; its outputs are dropped.
    settings : str
        Text of the ``matplotlibrc`` that figures start from.
    env : mapping
        Environment variables added to this process's own.
    timeout : int
        Seconds that one step may take.
    zygote : Zygote, optional
        Has the kernel forked from it.

    Raises
    ------
    StepError
        A step that may not fail did.
    """
    with _short_folder() as private:
        # Sockets in a private folder: no open port, and no clash between kernels that start together.
        manager = Manager(kernel_name="python3", kernel_spec_manager=_ThisPython())
        manager.zygote = zygote if zygote and zygote.settings == settings else None
        manager.connection_file = f"{private}/kernel.json"
        if os.name != "nt":
            manager.transport, manager.ip = "ipc", f"{private}/s"
        Path(private, "matplotlibrc").write_text(settings, "utf-8")
        # A profile of the user's would run its startup files in the page.
        added = {"IPYTHONDIR": f"{private}/ipython", "MATPLOTLIBRC": str(private), **ENVIRONMENT, **env}
        cells = [nbformat.v4.new_code_cell(s) for s in (setup, *(step.source for step in steps))]
        client = NotebookClient(nbformat.v4.new_notebook(cells=cells), km=manager, timeout=timeout, record_timing=False)
        work = asyncio.ensure_future(_work(client, manager, cells, steps, folder, {**os.environ, **added}, timeout))
        try:
            # Not awaited itself: where a reply and Ctrl-C come together, wait_for of Python 3.11 inside of nbclient drops
            # the cancellation, and the cell would run on.
            await asyncio.wait({work})
            work.result()
        finally:
            work.cancel()
            if client.kc is not None:
                client.kc.stop_channels()
            if manager.has_kernel:
                await manager.shutdown_kernel(now=True)
            await asyncio.wait({work}, timeout=LAST_WORDS)
            if work.done() and not work.cancelled():
                work.exception()  # seen, so that the loop does not print it
    outputs: list[list[Output]] = json.loads(json.dumps([cell.outputs for cell in cells[1:]]))
    return outputs


async def _work(
    client: NotebookClient, manager: Manager, cells: list[Any], steps: Sequence[Step], folder: Path,
    env: Mapping[str, str], timeout: int,
) -> None:  # fmt: skip
    """Start the kernel and run its cells: the set-up first, then one for each step."""
    try:
        # Not nbclient's own set-up: its signal handler would swallow Ctrl-C when kernels run side by side.
        await client.async_start_new_kernel(cwd=str(folder), env=dict(env))
        # Nor its client: that one has a thread for the kernel's heartbeat, which never ends where it is stopped while it
        # starts, and which nobody needs beside the process itself.
        channels = client.kc = manager.client()
        channels.start_channels(hb=False)
        await channels.wait_for_ready(timeout=client.startup_timeout)
        channels.allow_stdin = False
    except RuntimeError as error:
        raise StepError(steps[0].places[0], f"the kernel does not start ({error})") from error
    await _run_cell(client, cells[0], 0, Step(cells[0].source, ("set-up",)), timeout)
    for index, step in enumerate(steps, 1):
        await _run_cell(client, cells[index], index, step, timeout)


async def _run_cell(client: NotebookClient, cell: Any, index: int, step: Step, timeout: int) -> None:
    if step.may_fail:
        cell.metadata["tags"] = ["raises-exception"]
    first = step.places[0]
    try:
        await client.async_execute_cell(cell, index, execution_count=index)
    except CellExecutionError as error:
        raise _failure(error, cell.outputs, step) from None
    except CellTimeoutError:
        raise StepError(first, f"the cell took longer than {timeout} s") from None
    except DeadKernelError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # nbclient turns a cancellation into this error
            raise asyncio.CancelledError from None
        raise StepError(first, "the cell ended its kernel (out of memory, or a crash)") from None


def _failure(error: CellExecutionError, outputs: Sequence[Output], step: Step) -> StepError:
    """Say where a step failed, and how, with the end of its traceback."""
    raised = [out for out in outputs if out["output_type"] == "error"]
    text = ANSI.sub("", "\n".join(raised[-1]["traceback"]) if raised else error.traceback)
    trace = [line.rstrip() for line in text.strip().splitlines()]
    hit = FRAME.search(text)
    line = int(hit[1]) - 1 if hit else 0
    place = step.places[min(line, len(step.places) - 1)]
    message = SOURCE_NAME.sub("", ANSI.sub("", error.evalue)).strip().splitlines() or [""]
    return StepError(place, f"the cell raised {error.ename}: {message[0]}".rstrip(": "), trace[-TRACEBACK_LINES:])
