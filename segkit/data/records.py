"""Records of a delimited text that never end: found before a slower reader loses itself in one."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

CHUNK = 1 << 22
QUOTE, FEED, RETURN = 34, 10, 13


def overlong(file: BinaryIO, most: int) -> int | None:
    """Return the line on which the first record longer than ``most`` bytes begins, if there is one.

    A record ends with a line end outside of quotation marks; blank lines before it belong to it. Memory does not grow with
    the file.

    Parameters
    ----------
    file : binary file
    most : int
        Bytes.

    Examples
    --------
    >>> import io
    >>> overlong(io.BytesIO(b'a,b\\n1,2\\n3,"x\\nx\\nx"\\n'), 8)
    3
    """
    quotes = at = begun = lines = begun_on = 0
    was_end = False
    while chunk := file.read(CHUNK):
        while chunk.endswith(b"\r") and (more := file.read(1)):  # a pair of line ends stays together
            chunk += more
        data = np.frombuffer(chunk, np.uint8)
        inside = (np.cumsum(data == QUOTE, dtype=np.int64) + quotes) & 1
        is_end = (data == FEED) | (data == RETURN)
        after_end = np.concatenate([[was_end], is_end[:-1]])  # such an end only closes a blank line
        ends = np.flatnonzero(is_end & (inside == 0) & ~after_end)
        was_end = bool(is_end[-1])
        starts = np.concatenate([[begun], ends + at + 1])
        stops = np.concatenate([ends + at, [at + len(chunk)]])
        long = np.flatnonzero(stops - starts > most)
        if len(long):
            inner = int(starts[long[0]]) - at
            return begun_on + 1 if inner < 0 else lines + _lines(data[:inner]) + 1
        if len(ends):
            begun_on = lines + _lines(data[: ends[-1] + 1])
        lines += _lines(data)
        begun, at, quotes = int(starts[-1]), at + len(chunk), quotes + int(np.count_nonzero(data == QUOTE))
    return None


def _lines(data: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> int:
    """Count the lines that end here; a pair of line ends is one."""
    pairs = np.count_nonzero((data[:-1] == RETURN) & (data[1:] == FEED))
    return int(np.count_nonzero((data == FEED) | (data == RETURN)) - pairs)
