"""Tables and files that are written for their owner alone, each in one step, as CSV or as Parquet."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from .. import scratch
from ..errors import BuildError, ConfigError
from ..text import cell

CSV, PARQUET = ".csv", ".parquet"


def export(files: Mapping[str, pd.DataFrame | bytes], folder: Path) -> list[Path]:
    """Write files to a folder; each takes the place of one of its name in one step.

    Parameters
    ----------
    files : mapping of str to DataFrame or bytes
        By name. The ending says how a table is written: ``.csv`` (UTF-8, with no cell that a spreadsheet takes for a formula)
        or ``.parquet``; an index with a name becomes columns. Bytes are written as they are.
    folder : path
        Made for its owner alone where there is none; one that is there stays as open as it is, but its new files are
        readable by their owner only.

    Returns
    -------
    list of path
        In the order of the mapping.

    Raises
    ------
    ConfigError
        A name is no name of a file in the folder, or a table has another ending. Nothing is written then.
    BuildError
        The folder cannot be written.
    """
    for name in files:
        if Path(name).name != name or name.startswith("."):
            raise ConfigError("a file to export has no name of a file", remedy="Report it: the study names its files.")
    made = {name: _bytes(name, value) for name, value in files.items()}
    try:
        if not folder.exists():
            scratch.private_folder(folder)
    except OSError as error:
        raise BuildError(
            f"the folder cannot be made ({error.strerror})", file=folder, remedy="Name another with --to."
        ) from error
    for name, content in made.items():
        scratch.write(folder / name, content, private=True)
    return [folder / name for name in made]


def _bytes(name: str, value: pd.DataFrame | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    frame = value.reset_index() if any(n is not None for n in value.index.names) else value
    ending = Path(name).suffix
    if ending == PARQUET:
        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False)
        return buffer.getvalue()
    if ending != CSV:
        raise ConfigError(
            f"a table is written as {CSV} or {PARQUET}", file=name, remedy="Report it: the study names it."
        )
    kept = frame.map(lambda v: cell(v) if isinstance(v, str) else v)
    kept.columns = pd.Index([cell(str(c)) for c in kept.columns])
    return kept.to_csv(index=False, lineterminator="\n").encode()
