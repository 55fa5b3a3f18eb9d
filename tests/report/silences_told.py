"""Small logs of messages, and what the pages of the study of conversations say of them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from segkit.contract import MESSAGES
from segkit.data.forbidden_tactics import forbidden

TERMS = MESSAGES.terms
STRANGE = re.compile(
    r"\bnan\b|\binf\b|None|\{|\(\s|\s[.,;:]|  |\.\.|,\.|;\.|\(\)|[.:;,][A-Z]|\b1 (?:pairs|messages|silences)\b|\. [a-z]"
)
START = pd.Timestamp("2025-09-01")


def log(rows: list[tuple[str, str, float, bool]]) -> pd.DataFrame:
    """Return messages of (pair, subscriber, hours since the beginning, whether something was bought)."""
    frame = pd.DataFrame(rows, columns=["pair", "subscriber", "hours", "purchased"])
    frame["time"] = (START + pd.to_timedelta(frame["hours"], unit="h")).astype("datetime64[us]")
    return frame.sort_values("time", kind="stable", ignore_index=True)


def busy(pairs: int, *, seed: int = 1, days: float = 14.0) -> pd.DataFrame:
    """Return a log in which half of the pairs write every few hours, and the others stop at a time of their own."""
    rng = np.random.default_rng(seed)
    rows = list[tuple[str, str, float, bool]]()
    for i in range(pairs):
        end = 24 * days if i % 2 else rng.uniform(0, 24 * days)
        times = np.cumsum(rng.exponential(18, size=200))
        rows += [(f"p{i}", f"s{i // 2}", float(t), bool(rng.random() < 0.1)) for t in (0.0, *times[times < end])]
    return log(rows)


def end_of(frame: pd.DataFrame) -> pd.Timestamp:
    """Return the moment of the last message."""
    return pd.Timestamp(frame["time"].max())


def sentences(text: str) -> list[str]:
    """Return the sentences of a page, without marks of emphasis, citations and addresses of links."""
    plain = re.sub(r"\[@[^\]]*\]|\*+|\]\([^)]*\)|\[", "", text)
    return [s for s in re.split(r"(?<=[.:?;])\s+|\n", plain) if s]


def strange(texts: dict[str, str]) -> dict[str, str]:
    """Return the texts that do not read right."""
    flat = {n: re.sub(r"\n+(- )?", " ", t) for n, t in texts.items()}
    bare = {n: re.sub(r" \[@[^\]]*\]|\*+|\]\([^)]*\)|\[", "", t) for n, t in flat.items()}
    return {n: t for n, t in bare.items() if STRANGE.search(t)}


def advises_nothing_forbidden(texts: dict[str, str]) -> None:
    """Check each sentence against the line that is not crossed."""
    found = {(n, s): broken for n, t in texts.items() for s in sentences(t) if (broken := forbidden(s))}
    if found:
        pytest.fail(str(found))
