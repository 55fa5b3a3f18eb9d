"""Why identifiers are keyed: what somebody learns from a published hash who can guess the numbers behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .privacy import DIGITS, keyed

PREFIX = "0555"  # made up, like the whole number
MADE_UP = PREFIX + "73914"
UNKNOWN = len(MADE_UP) - len(PREFIX)
KEY = hashlib.sha256(b"a key for the demonstration, of no other use").digest()
GUESS = hashlib.sha256(b"another key, which somebody might guess").digest()


@dataclass(frozen=True)
class Attempt:
    """One enumeration of a number space.

    Attributes
    ----------
    published : str
        What was published.
    method : str
        What the attacker computes for every number.
    tried : int
        Numbers tried.
    matches : int
        Numbers that give what was published.
    recovered : bool
        Whether exactly the number was found that had been published.
    """

    published: str
    method: str
    tried: int
    matches: int
    recovered: bool


def bare(identifier: str) -> str:
    """Return the first hex digits of a plain SHA-256, which is what must not be published.

    Examples
    --------
    >>> bare("abc")
    'ba7816bf8f01'
    """
    return hashlib.sha256(identifier.encode()).hexdigest()[:DIGITS]


def numbers(unknown: int = UNKNOWN, prefix: str = PREFIX) -> Iterator[str]:
    """Yield every number that begins with a prefix and has so many digits more.

    Examples
    --------
    >>> list(numbers(1, "9"))[:3]
    ['90', '91', '92']
    """
    return (f"{prefix}{i:0{unknown}d}" for i in range(10**unknown))


def enumerate_all(published: str, naming: Callable[[str], str], unknown: int = UNKNOWN) -> tuple[int, list[str]]:
    """Try every number of the space, and return how many were tried and which of them give what was published.

    Parameters
    ----------
    published : str
        A published name of one number.
    naming : callable
        What the attacker believes the name was made by.
    unknown : int
        Digits that the attacker does not know.
    """
    tried, found = 0, []
    for candidate in numbers(unknown):
        tried += 1
        if naming(candidate) == published:
            found.append(candidate)
    return tried, found


def attempts() -> tuple[Attempt, ...]:
    """Attack a made-up number four times: published as a bare hash, and as a keyed one.

    The last attempt knows the key. It succeeds, which is why the key stays outside of the project.
    """
    secret, open_name = keyed(MADE_UP, KEY), bare(MADE_UP)
    plan: list[tuple[str, str, str, Callable[[str], str]]] = [
        ("bare SHA-256", "SHA-256 of each number", open_name, bare),
        ("keyed", "SHA-256 of each number", secret, bare),
        ("keyed", "HMAC under a guessed key", secret, lambda n: keyed(n, GUESS)),
        ("keyed", "HMAC under the stolen key", secret, lambda n: keyed(n, KEY)),
    ]
    out = []
    for published, method, target, naming in plan:
        tried, found = enumerate_all(target, naming)
        out.append(Attempt(published, method, tried, len(found), found == [MADE_UP]))
    return tuple(out)
