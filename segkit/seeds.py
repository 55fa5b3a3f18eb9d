"""One root seed; each procedure draws a generator of its own from its own name.

Adding a procedure, or a chapter, therefore moves no other number.
"""

from __future__ import annotations

import hashlib

import numpy as np

ROOT = 42


def _entropy(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def generator(name: str, root: int = ROOT) -> np.random.Generator:
    """Return the generator that belongs to a procedure's name.

    Parameters
    ----------
    name : str
        The procedure, for example ``"contacts/bootstrap"``.
    root : int
        The root seed of the study.

    Examples
    --------
    >>> a, b = generator("one"), generator("one")
    >>> bool(a.random() == b.random())
    True
    >>> bool(generator("one").random() == generator("two").random())
    False
    """
    return np.random.default_rng(np.random.SeedSequence([root, _entropy(name)]))


def integer(name: str, root: int = ROOT) -> int:
    """Return a 32-bit seed for libraries that take an integer (scikit-learn's ``random_state``)."""
    return int(generator(name, root).integers(0, 2**32 - 1))
