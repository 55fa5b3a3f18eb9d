"""Downloads that end: an address that does not answer, or never stops, costs a few seconds and no more."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path
from typing import Any

from .. import __version__

# An address that does not answer costs this much and no more, name resolution and redirects included.
ANSWER_SECONDS = 9.0
CONNECT_SECONDS = 4.0
READ_SECONDS = 5.0
STALL_SECONDS = 9.0  # a running download may take long, but not pause longer
QUIET_SECONDS = 2.0  # before a progress bar appears
MOST_BYTES = 1 << 30


class _EndedError(Exception):
    """A download that nobody waits for any more, or that never ends."""


class _Progress:
    """Follows a download in the form that pooch asks for: when its last bytes came, and a bar if it takes long."""

    def __init__(self, title: str) -> None:
        self.total = 0
        self.received = 0
        self.last: float | None = None
        self.abandoned = False
        self._full = False
        self._title = title
        self._bar: Any = None

    def update(self, size: int) -> None:
        """Count bytes."""
        if self.abandoned or self.received > MOST_BYTES:
            raise _EndedError
        if self._full:
            return
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(
                desc=self._title, total=self.total or None, unit="B", unit_scale=True, delay=QUIET_SECONDS, disable=None
            )
        self.last = time.monotonic()
        self.received += size
        self._bar.update(size)

    def reset(self) -> None:
        """Stop counting: pooch resets a bar at the end, to fill it."""
        self._full = True

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()


def download(url: str, draft: Path, *, title: str) -> str | None:
    """Fetch an address into ``draft``; return why it failed, or None.

    Parameters
    ----------
    url : str
    draft : path
    title : str
        What the progress bar calls it.

    Notes
    -----
    A thread of its own does the work, because neither a name server nor a chain of redirects obeys a time limit.
    """
    start = time.monotonic()
    progress = _Progress(title)
    outcome: list[str | None] = []
    done = threading.Event()

    def run() -> None:
        try:
            outcome.append(_fetch(url, draft, progress))
        finally:
            progress.close()
            if progress.abandoned:
                with contextlib.suppress(OSError):
                    draft.unlink(missing_ok=True)
            done.set()

    threading.Thread(target=run, daemon=True, name=f"fetch {title}").start()
    while not done.wait(0.02):
        now = time.monotonic()
        silent = now - start > ANSWER_SECONDS if progress.last is None else now - progress.last > STALL_SECONDS
        if silent:
            progress.abandoned = True
            return "its address does not answer" if progress.last is None else "the download broke off"
    return outcome[0] if outcome else "the download failed"


def _fetch(url: str, draft: Path, progress: _Progress) -> str | None:
    import pooch
    import requests

    downloader = pooch.HTTPDownloader(
        progressbar=progress,
        chunk_size=4096,
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        headers={"User-Agent": f"segkit/{__version__}"},
    )
    try:
        downloader(url, str(draft), None)
    except requests.HTTPError as error:
        status = "an error" if error.response is None else f"HTTP status {error.response.status_code}"
        return f"its address answers with {status}"
    except requests.RequestException:
        return "its address cannot be reached" if progress.last is None else "the download broke off"
    except _EndedError:
        return "its address sends far too much"
    except OSError as error:
        return f"the download cannot be stored ({error.strerror})"
    except Exception as error:  # a malformed answer must not stop a build
        return f"the download failed ({type(error).__name__})"
    return None
