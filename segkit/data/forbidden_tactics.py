"""The line that no playbook crosses (``forbidden_tactics.toml``): what is looked for in its texts, and what it says instead."""

from __future__ import annotations

import functools
import re
import tomllib
from pathlib import Path
from typing import Any

from .phrases import simple

_TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))

VERSION: str = _TABLE["version"]
FIELDS: tuple[str, ...] = tuple(_TABLE["fields"])  # of a profile, that a playbook may tell of
NEVER: dict[str, str] = {rule["name"]: rule["never"] for rule in _TABLE["rules"]}
WHY: dict[str, str] = {rule["name"]: rule["why"] for rule in _TABLE["rules"]}


@functools.cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Return what is looked for, by rule."""
    return {rule["name"]: re.compile(rf"\b(?:{'|'.join(rule['patterns'])})\b") for rule in _TABLE["rules"]}


def forbidden(text: str) -> list[str]:
    """Return the rules that a text breaks, in their order; none where it may stand in a playbook.

    Parameters
    ----------
    text : str
        In English. Case, accents, punctuation and marks that show nothing do not matter.

    Notes
    -----
    Also a text that forbids a tactic matches: a pattern cannot tell "never" from "always", so that what playbooks say against
    tactics are the fixed sentences of `NEVER` alone.

    Examples
    --------
    >>> forbidden("Only today! Write when he feels lonely."), forbidden("Answer at the length that they write.")
    (['vulnerability', 'urgency'], [])
    """
    plain = simple(text)
    return [name for name, pattern in _patterns().items() if pattern.search(plain)]
