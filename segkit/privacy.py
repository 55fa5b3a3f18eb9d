"""Keyed identifiers, the secret behind them, and the suppression of small cells."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import platformdirs

from . import scratch
from .errors import ConfigError, PrivacyError

DIGITS = 12
SMALL_CELL = 5
ONE_BY_ONE = "one by one"  # how policies treat the units of a cell that is too small to show
NOBODYS = "none"  # the cadence of a segment of which nobody is left whom a rule is for
MIN_SECRET = 16


def key_path() -> Path:
    """Return where the secret is kept: the user's settings folder, never the project's."""
    return Path(platformdirs.user_config_dir("segkit")) / "key"


def secret() -> bytes:
    """Return the secret key: ``SEGKIT_KEY`` if set, else the stored one, made on first use.

    Raises
    ------
    ConfigError
        The key is too short to protect anything, or cannot be stored.
    """
    given = os.environ.get("SEGKIT_KEY")
    if given is not None:
        if len(given) < MIN_SECRET:
            raise ConfigError(
                f"SEGKIT_KEY has {len(given)} characters and needs {MIN_SECRET} at least",
                remedy='Use a long random one, for example: python -c "import secrets; print(secrets.token_hex(32))"',
            )
        return given.encode()
    path = key_path()
    try:
        if not path.exists():
            scratch.private_folder(path.parent)
            # Where another process or thread was first, its key is the one.
            with contextlib.suppress(FileExistsError), scratch.draft(path, private=True, replace=False) as file:
                file.write(secrets.token_hex(32).encode())
        stored = path.read_text("ascii").strip()
    except OSError as error:
        raise ConfigError(
            f"the secret key cannot be stored ({error.strerror})",
            file=path,
            remedy="Make the folder writable, or set SEGKIT_KEY to a long random text.",
        ) from error
    except UnicodeDecodeError:
        stored = ""
    if len(stored) < MIN_SECRET:
        raise ConfigError("the stored secret key is damaged", file=path, remedy="Delete the file; a new key is made.")
    return stored.encode()


def keyed(identifier: str, key: bytes) -> str:
    """Return the published name of an identifier: HMAC-SHA-256 under ``key``, first 12 hex digits.

    Notes
    -----
    A bare hash would not do: the numbers of a country can all be hashed in minutes (RFC 2104 for the keyed form).

    Examples
    --------
    >>> keyed("0123456789", b"k" * 32) == keyed("0123456789", b"K" * 32)
    False
    """
    return hmac.digest(key, identifier.encode(), "sha256").hex()[:DIGITS]


def keyed_all(identifiers: Iterable[str], key: bytes) -> dict[str, str]:
    """Key distinct identifiers, and check that no two of them fall together.

    Raises
    ------
    PrivacyError
        Two identifiers have the same keyed name.
    """
    begun, table = hmac.new(key, digestmod="sha256"), {}  # to read the key anew takes longer than a short text
    for identifier in identifiers:
        own = begun.copy()
        own.update(identifier.encode())
        table[identifier] = own.hexdigest()[:DIGITS]
    if len(set(table.values())) != len(table):
        raise PrivacyError(
            "two contacts have the same keyed name",
            remedy="Set SEGKIT_KEY to another secret; a collision is a matter of chance.",
        )
    return table


def keyed_fingerprint(fingerprint: str, key: bytes) -> str:
    """Return what is published in place of the SHA-256 of a private file, by which whoever has a guess could check it."""
    return hmac.new(key, f"file {fingerprint}".encode(), hashlib.sha256).hexdigest()


def key_fingerprint(key: bytes) -> str:
    """Return a short text that tells keys apart without giving one away."""
    return keyed("segkit key fingerprint", key)


def suppressed(counts: pd.Series, minimum: int = SMALL_CELL) -> pd.Series:
    """Tell which counts of a published total must be hidden.

    Counts from 1 to ``minimum - 1`` are hidden. The total would give them back where they are fewer than two, where
    their sum is itself small, or where all of them are one; there the next smallest is hidden too.

    Parameters
    ----------
    counts : Series of int
        Counts of a partition whose total is known.
    minimum : int
        The smallest count that may be shown.

    Returns
    -------
    Series of bool

    Examples
    --------
    >>> suppressed(pd.Series([50, 3, 20, 9])).tolist()
    [False, True, False, True]
    >>> suppressed(pd.Series([50, 20])).tolist()
    [False, False]
    """
    if counts.isna().any():  # these came through the gate, which rounds the others: nothing follows from them
        return counts.isna()
    hide = (counts > 0) & (counts < minimum)
    if not hide.any():
        return hide
    rest = counts[~hide & (counts > 0)].sort_values(kind="stable")
    for name in rest.index:
        hidden, total = hide.sum(), counts[hide].sum()
        if hidden >= 2 and total >= minimum and total > hidden:
            break
        hide[name] = True
    return hide
