"""Files that passed every check: passed over while they, and all that the checks asked of the rest of the site, are the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ... import scratch

Question = tuple[str, ...]  # its kind, and what it is about
Answer = str | int | bool | None


@dataclass(frozen=True)
class Passed:
    """A page or a drawing in which nothing was found.

    Attributes
    ----------
    anchors : frozenset of str
        Where a link into it can lead; other pages ask for them.
    asked : mapping
        What its checks asked of the rest of the site, with the answers on which the outcome depends.
    """

    anchors: frozenset[str] = frozenset()
    asked: Mapping[Question, Answer] = field(default_factory=dict)


def mark(name: str, content: bytes) -> str:
    """Return the digest of a file, by name and content."""
    return hashlib.sha256(f"{name}\0".encode() + content).hexdigest()


@dataclass(frozen=True)
class Memory:
    """Where it is kept which files of the last site passed.

    Attributes
    ----------
    file : path
    key : str
        Of the code that checks: what other code let pass counts for nothing.
    """

    file: Path
    key: str

    def read(self) -> dict[str, Passed]:
        """Return what passed, by mark; nothing where the memory is of other code, damaged or not there."""
        try:
            kept = json.loads(self.file.read_text("utf-8"))
            if kept["key"] != self.key:
                return {}
            return {
                str(name): Passed(frozenset(map(str, anchors)), {tuple(question): answer for question, answer in asked})
                for name, (anchors, asked) in kept["passed"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def write(self, passed: Mapping[str, Passed]) -> None:
        """Keep what passed in place of what did before."""
        told = {name: [sorted(one.anchors), [*one.asked.items()]] for name, one in sorted(passed.items())}
        scratch.write(self.file, json.dumps({"key": self.key, "passed": told}).encode())
