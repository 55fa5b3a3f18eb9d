"""Whether processes still run."""

from __future__ import annotations

import os
import time
from pathlib import Path


def alive(process: int) -> bool:
    """Tell whether a process runs; one that has ended and that nobody has asked about since does not."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat")
        return not Path("/proc/self/stat").is_file() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def gone(process: int, seconds: float = 10) -> bool:
    """Wait until a process has ended, up to some seconds, and tell whether it has."""
    deadline = time.monotonic() + seconds
    while alive(process) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not alive(process)
