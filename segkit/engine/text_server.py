"""Vectors of texts from a server that speaks as OpenAI's or Voyage's does; each text is asked for once, and kept."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import math
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import scratch
from ..errors import ConfigError, SegkitError, printable
from ..progress import bar
from .matrix import Floats

VERSION = 1  # of what is kept: another number, and everything is asked for anew
PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})  # answers after which it pays to ask again
REPAIRS = 2  # times that some texts are sent together, where the answer is not about each of them
LONGEST_WAIT = 60.0  # seconds
LARGEST_ANSWER = 256 * 2**20  # bytes


class AgainError(Exception):
    """An answer after which the server may be asked again, perhaps after some seconds."""

    def __init__(self, problem: str, after: float | None = None) -> None:
        super().__init__(problem)
        self.after = after


class UnusableError(AgainError):
    """An answer that is not about each text once, or cannot be read."""


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: texts and key go to the address that was named, and to no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


@dataclass(frozen=True)
class EmbeddingServer:
    """A server of vectors.

    Attributes
    ----------
    base : str
        Address up to the version, for example ``https://api.openai.com/v1``.
    model : str
    key : str
        Sent as a bearer token; none where it is empty.
    cache : path, optional
        A folder. Vectors are kept there under the SHA-256 of text, model, address and version; texts are not.
    batch : int
        Texts in one request.
    attempts : int
        How often one request is made.
    timeout : float
        Seconds.
    sleep : callable
        Waits for some seconds.
    """

    base: str
    model: str
    key: str = field(default="", repr=False)
    cache: Path | None = None
    batch: int = 64
    attempts: int = 5
    timeout: float = 60.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __post_init__(self) -> None:
        if not self.base.startswith(("https://", "http://")):
            raise ConfigError(
                "the server of vectors has no address", remedy="Give one such as https://api.openai.com/v1, as `base`."
            )

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Return one vector for each text, those that are kept without asking.

        Parameters
        ----------
        texts : sequence of str
            Masked already, none of them empty.

        Returns
        -------
        array of shape (n_texts, n_dims)

        Raises
        ------
        SegkitError
            The server refuses, or fails as often as it is asked. What was had before is kept.
        """
        names = [self._name(text) for text in texts]
        found = {name: kept for name in set(names) if (kept := self._kept(name)) is not None}
        lacking = {name: text for name, text in zip(names, texts, strict=True) if name not in found}
        wanted = list(lacking.items())
        batches = [wanted[i : i + self.batch] for i in range(0, len(wanted), self.batch)]
        for some in bar(batches, "vectors", len(batches)):
            for (name, _), vector in zip(some, self._asked([text for _, text in some]), strict=True):
                found[name] = vector
                self._keep(name, vector)
        if len({len(v) for v in found.values()}) > 1:
            raise SegkitError("the server gave vectors of different lengths", remedy="Empty the cache, and ask again.")
        return np.array([found[name] for name in names], dtype=np.float64)

    def _name(self, text: str) -> str:
        return hashlib.sha256("\x00".join([str(VERSION), self.base, self.model, text]).encode()).hexdigest()

    def _kept(self, name: str) -> NDArray[np.float32] | None:
        if self.cache is None:
            return None
        try:
            kept = np.load(self._file(name), allow_pickle=False)
        except (OSError, ValueError, EOFError):  # not there, or no such file
            return None
        return np.asarray(kept, dtype=np.float32) if kept.ndim == 1 and np.isfinite(kept).all() else None

    def _keep(self, name: str, vector: NDArray[np.float32]) -> None:
        if self.cache is not None:
            file = io.BytesIO()
            np.save(file, vector)
            scratch.write(self._file(name), file.getvalue(), private=True)

    def _file(self, name: str) -> Path:
        assert self.cache is not None
        return self.cache / name[:2] / f"{name}.npy"

    def _asked(self, texts: list[str]) -> list[NDArray[np.float32]]:
        """Ask for some texts; one by one where the answer to all of them is not about each."""
        try:
            return self._tried(texts)
        except AgainError as error:
            if len(texts) == 1 or not isinstance(error, UnusableError):
                raise self._failed(str(error)) from None
        return [self._asked([text])[0] for text in texts]

    def _tried(self, texts: list[str]) -> list[NDArray[np.float32]]:
        for attempt in range(1, self.attempts + 1):
            try:
                return _in_order(self._sent(texts), len(texts))
            except AgainError as error:
                if attempt == min(self.attempts, REPAIRS if isinstance(error, UnusableError) else self.attempts):
                    raise
                # Twice as long each time, unless the server says how long.
                self.sleep(min(LONGEST_WAIT, 0.5 * 2**attempt if error.after is None else error.after))
        raise AssertionError  # there is one attempt at least

    def _sent(self, texts: list[str]) -> bytes:
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {self.key}"} if self.key else {})}
        body = json.dumps({"model": self.model, "input": texts}).encode()
        request = urllib.request.Request(f"{self.base.rstrip('/')}/embeddings", body, headers, method="POST")
        try:
            with urllib.request.build_opener(_Stays).open(request, timeout=self.timeout) as answer:
                content: bytes = answer.read(LARGEST_ANSWER)
                return content
        except urllib.error.HTTPError as error:
            with error:
                if error.code in PASSING:
                    raise AgainError(f"it answers {error.code}", _seconds(error.headers.get("Retry-After"))) from None
            raise self._failed(f"it answers {error.code}") from None
        except (OSError, http.client.HTTPException) as error:  # no connection, a time-out, a cut answer
            raise AgainError(f"no answer ({type(error).__name__})") from None

    def _failed(self, problem: str) -> SegkitError:
        # What a server says of an error may quote the text or the key, so it is not passed on.
        return SegkitError(
            f"the server of vectors cannot be used: {problem}", file=printable(self.base),
            remedy="Check address, model and key, and run it again; vectors that were had are kept.",
        )  # fmt: skip


def _seconds(after: str | None) -> float | None:
    """Return how many seconds a server asks to wait (RFC 9110, 10.2.3: a number, or a date).

    >>> _seconds("2"), _seconds("Thu, 01 Jan 1970 00:00:00 GMT"), _seconds("soon")
    (2.0, 0.0, None)
    """
    if after is None:
        return None
    try:
        wait = float(after)
    except ValueError:
        try:
            wait = (parsedate_to_datetime(after) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, wait) if math.isfinite(wait) else None


def _in_order(content: bytes, number: int) -> list[NDArray[np.float32]]:
    """Return the vectors of an answer by the index that each of them carries, in single precision, as they are kept."""
    try:
        found = [
            (item["index"], np.asarray(item["embedding"], dtype=np.float32)) for item in json.loads(content)["data"]
        ]
    except (ValueError, KeyError, TypeError):
        raise UnusableError("its answer cannot be read") from None
    if any(type(i) is not int for i, _ in found) or sorted(i for i, _ in found) != list(range(number)):
        raise UnusableError("its answer is not about each text once")
    vectors = dict(found)
    if any(v.ndim != 1 or not len(v) or not np.isfinite(v).all() for v in vectors.values()):
        raise UnusableError("its answer holds something that is no vector")
    return [vectors[i] for i in range(number)]
