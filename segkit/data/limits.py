"""How much of anything is read. Each limit is far above what logs need, and is named where it is reached."""

from __future__ import annotations

COLUMNS = 1_000
NAME = 500  # characters of a column's name
WHOLE = 1e15  # a number of floating point keeps 15 digits; the rest of a longer one is lost
CELL = 32_767  # characters of a cell; a workbook allows no more either
LINE = 2 << 20  # bytes of a record of a delimited text

MEMBERS = 10_000  # files in a workbook
MEMBER = 64 << 20  # bytes up to which a file in a workbook may shrink to any size
RATIO = 200  # times that a larger one may have shrunk
INFLATED = 4 << 30  # bytes of a workbook once unpacked
SHEET = 64 << 20  # cells between the first and the last that are filled

FREE_ROWS = 1 << 20  # rows of a Parquet file of any size
ROWS_PER_BYTE = 8  # a time, a contact and a length do not fit into one bit

MEMORY = 4 << 30  # bytes for a process that reads a foreign format
TEXT = 1 << 30  # bytes that it may write for a file of any size
TEXT_PER_BYTE = 50  # and for each byte of the file
SECONDS = 10.0  # of a processor for a file of any size
SECONDS_PER_BYTE = 5 / (1 << 20)
PATIENCE = 10.0  # times as long by the clock, since other work may be going on

HOLES = 1 << 30  # bytes from which a file must be there, not only claim to be
STORED = 1 / 64  # share of it that must be


def seconds(size: int) -> float:
    """Return how long a process may compute to read a file of so many bytes."""
    return SECONDS + SECONDS_PER_BYTE * size


def text(size: int) -> int:
    """Return how many bytes of text may come of a file of so many bytes."""
    return TEXT + TEXT_PER_BYTE * size
