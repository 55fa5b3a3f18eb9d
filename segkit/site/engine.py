"""Which engine makes the pages, and Quarto's side of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ..errors import BuildError, ConfigError

ENGINES = ("quarto", "embedded")
NEEDED = (1, 7)
PINNED = "1.9.38"  # with which the published pages are made, and both engines are compared
# Every kernel that Quarto starts prints this one; it is about the kernel's port, not about the pages.
HARMLESS = re.compile(r"IPKernelApp")
# Runs a command until it ends or the one that asked for it does, however that ends: then its end of the pipe is closed,
# and everything that the command started goes as well.
GUARD = """\
import os, signal, subprocess, sys, threading
for stop in (signal.SIGINT, signal.SIGTERM):
    signal.signal(stop, lambda *_: None)
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
def watch():
    os.read(0, 1)
    os.killpg(child.pid, signal.SIGKILL)
threading.Thread(target=watch, daemon=True).start()
sys.exit(abs(child.wait()))
"""


def quarto_version() -> tuple[int, ...] | None:
    """Return the version of the Quarto on the PATH, or None where there is none that runs."""
    found = shutil.which("quarto")
    if not found:
        return None
    try:
        done = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    hit = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", done.stdout.strip())
    return tuple(int(x) for x in hit.groups(default="0")) if hit else None


def choose() -> tuple[str, str]:
    """Choose the engine: ``SEGKIT_ENGINE`` if set, else Quarto where a new enough one is on the PATH.

    Returns
    -------
    tuple of str
        The engine, and one sentence that says why.

    Raises
    ------
    ConfigError
        ``SEGKIT_ENGINE`` names no engine, or asks for a Quarto that is not there.
    """
    wish = os.environ.get("SEGKIT_ENGINE", "")
    if wish and wish not in ENGINES:
        raise ConfigError(f"SEGKIT_ENGINE is {wish!r}", remedy=f"Set it to {' or '.join(ENGINES)}, or unset it.")
    if wish == "embedded":
        return "embedded", "The embedded engine makes the pages, as SEGKIT_ENGINE says."
    version = quarto_version()
    text = ".".join(map(str, version)) if version else ""
    if version and version[:2] >= NEEDED:
        return "quarto", f"Quarto {text} makes the pages."
    needed = ".".join(map(str, NEEDED))
    if wish == "quarto":
        problem = f"Quarto {text} is too old" if version else "no Quarto is on the PATH"
        raise ConfigError(
            f"SEGKIT_ENGINE asks for Quarto, but {problem}",
            remedy=f"Install Quarto {needed} or newer, try `make quarto`, or unset SEGKIT_ENGINE.",
        )
    why = f"Quarto {text} is older than {needed}" if version else "no Quarto is on the PATH"
    return "embedded", f"The embedded engine makes the pages ({why})."


def quarto_templates() -> str:
    """Return the templates from which Quarto writes scripts into its pages, one after the other.

    Raises
    ------
    BuildError
        Quarto does not say where they are, or they are not there.
    """
    try:
        done = subprocess.run(["quarto", "--paths"], capture_output=True, text=True, timeout=60, check=True)
        share = Path(done.stdout.split("\n")[1].strip())
        files = sorted((share / "formats" / "html" / "templates").glob("quarto-html-*.ejs"))
        if not files:
            raise FileNotFoundError(share)
        return "\n".join(f.read_text("utf-8") for f in files)
    except (OSError, IndexError, subprocess.SubprocessError) as error:
        raise BuildError(
            "the templates of Quarto cannot be found, so its scripts cannot be told from others",
            remedy="Check that `quarto --paths` names its folders, or use SEGKIT_ENGINE=embedded.",
        ) from error


def run_quarto(root: Path, out: Path, env: Mapping[str, str]) -> list[str]:
    """Render the project with Quarto into a folder.

    Quarto exits with 0 on unresolved references and dead links, so its log is read, and a warning counts as a fault.

    Parameters
    ----------
    root : path
        The folder with ``_quarto.yml``.
    out : path
        A folder inside ``root``.
    env : mapping
        Added to the environment.

    Returns
    -------
    list of str
        One fault per warning.

    Raises
    ------
    BuildError
        Quarto failed; the message holds the end of what it said.
    """
    log = out.with_name(out.name + ".log")
    command = ["quarto", "render", "--output-dir", str(out.relative_to(root)), "--no-clean", "--log", str(log)]
    settings = {**os.environ, "QUARTO_PYTHON": sys.executable, **env}
    settings["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{settings['PATH']}"
    heard, held = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", GUARD, *command],
            cwd=root, env=settings, stdin=heard, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        said, _ = process.communicate()
        lines = (log.read_text("utf-8", "replace") if log.is_file() else "").splitlines()
    finally:
        os.close(held)
        os.close(heard)
        process.wait()
        log.unlink(missing_ok=True)
    if process.returncode:
        raise BuildError("Quarto failed:\n" + "\n".join((said or "").strip().splitlines()[-25:]))
    return [f"Quarto: {s.strip()}" for s in lines if re.search(r"\bWARN", s) and not HARMLESS.search(s)]
