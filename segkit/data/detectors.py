"""Which channels and platforms the texts of a prospect name: as published, and by a taxonomy.

Each distinct value of a history is read once, so that files of any length cost what their distinct values cost.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from .calendar_words import unaccented
from .cells import Cells
from .channel_words import CHANNELS, FILLED, OFFLINE, ONLINE, PLATFORMS, SYSTEM, published, words
from .histories import split
from .marks import folded
from .phrases import parts, simple

Kind = Literal["source", "drill", "text"]
Field: TypeAlias = "Sequence[str | None] | Cells"
Ints = NDArray[np.int64]

# What a column of texts holds: an enumeration, what stands below one, or words and addresses.
KINDS: dict[str, Kind] = {
    "original_source": "source", "original_1": "drill", "original_2": "drill", "acquisition": "text",
    "latest_source": "source", "referrer": "text",
}  # fmt: skip
DIGITAL = (
    "EMAIL_MARKETING",
    "PAID_SEARCH",
    "ORGANIC_SEARCH",
    "PAID_SOCIAL",
    "SOCIAL_MEDIA",
)  # below: campaigns and words sought
LATEST = ("latest_source", "referrer")  # the others are of the first touch
FLAGS = (*CHANNELS, ONLINE, SYSTEM, *DIGITAL)  # what is counted in each text
LONGEST_HOST = 253  # characters (RFC 1035)
_PLACE = {name: i for i, name in enumerate(FLAGS)}
_BELOW = ("original_1", "original_2")

NUMBER = "[0-9]{3,}"
_MAIL = re.compile(r"(?<!\S)(?!\S{0,30}://)\S+@\S+")
_ENDS = "com|net|org|edu|gov|info|biz|app|dev|io|[a-z]{2}"
_ADDRESS = re.compile(
    rf"[a-z][a-z0-9+.\-]{{0,30}}://\S+|\bwww\.\S+|(?<![\w@.\-])(?:[a-z0-9\-]+\.)+(?:{_ENDS})(?![\w\-])(?:[:/?#]\S*)?",
    re.IGNORECASE,
)
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.\-]*://)?(?:[^/?#@]*@)?([a-z0-9.\-]+)")


def literal(fields: Mapping[str, Field]) -> pd.DataFrame:
    """Count channels as published: any occurrence of any word in the lower-case text, also within other words.

    Missing values count as the text that was filled in for them ("unknown"), and with it as an offline channel. That is wrong
    in known ways, and kept for comparison with :func:`taxonomy`.

    Parameters
    ----------
    fields : mapping
        Texts with their histories by the name of their column (``original_source``, ``original_1``, ``original_2``,
        ``acquisition``, ``latest_source``, ``referrer``), all of the same length; None where there is none.

    Returns
    -------
    DataFrame
        One row per prospect: int64 counts of the 8 offline channels and 12 platforms, then bool ``offline_original``,
        ``offline_latest``, ``online_original``, ``online_latest``, ``online`` (any platform) and ``system`` (always false).
    """
    counts = {name: _published(field) for name, field in fields.items()}
    return _frame(counts)


def taxonomy(fields: Mapping[str, Field]) -> pd.DataFrame:
    """Count channels by whole words, exact sources first.

    The rules, for each value of a history:

    1. In a column of sources, a value of the enumeration (or its label) is just that: all but ``OFFLINE`` are online, paid
       search and organic social are platforms as well, and none is an offline channel.
    2. Drill-downs that name how a record was made (an import, an interface) are no touch; nor are words for a missing value.
    3. Of an address on the web, host and query may name a platform, and nothing names an offline channel. Addresses of mail
       name nothing.
    4. All other text is read by whole words without accents, in the singular or in the plural, the longest first and each
       once, in English and in Spanish, also where they are glued to digits or, with capitals, to each other; some phrases are no
       touch, and webinars and other events on the web are online.
    5. Below a digital source stand campaigns and words that were sought, which are no offline touch; unless the history of the
       source has ``OFFLINE`` too.

    Parameters, Returns
        As of :func:`literal`; ``online`` is any platform, source but ``OFFLINE``, or webinar, and ``system`` is the source
        ``OFFLINE`` where no offline channel is named: created outside of any tracked session, and no touch of a human being.
    """
    counts = {name: _counted(field, KINDS[name]) for name, field in fields.items()}
    if "original_source" in counts:
        source = counts["original_source"] > 0
        digital = source[:, [_PLACE[name] for name in DIGITAL]].any(axis=1) & ~source[:, _PLACE[SYSTEM]]
        for name in counts.keys() & set(_BELOW):
            counts[name][digital, : len(OFFLINE)] = 0
    return _frame(counts)


DETECTORS: dict[str, Callable[[Mapping[str, Field]], pd.DataFrame]] = {"taxonomy": taxonomy, "literal": literal}


def source_of(text: str) -> str | None:
    """Return the enumeration's value of a text, if it is one or a label of one.

    >>> source_of("Búsqueda orgánica"), source_of("PAID_SOCIAL"), source_of("feria")
    ('ORGANIC_SEARCH', 'PAID_SOCIAL', None)
    """
    return words().sources.get(simple(text))


def _read(text: str, kind: Kind) -> list[str]:
    """Return what one value names."""
    if kind == "source" and (source := source_of(text)) is not None:
        platform = words().platform_of.get(source, "")
        found = [] if source == SYSTEM else [ONLINE]
        return found + [name for name in (source, platform) if name in _PLACE]
    if kind == "drill" and simple(text) in words().technical:
        return []
    rest, addresses = _parted(text)
    named = words().found(rest)
    for address in addresses:
        named |= _platforms(address)
    return list(named.values())


def _parted(text: str) -> tuple[str, list[str]]:
    """Return a text without addresses, and those of the web."""
    if "." not in text and "@" not in text and ":" not in text:
        return text, []
    left = unaccented(folded(text))
    if left.lower().startswith(("http://", "https://")) and " " not in left:
        return "", [left.lower()]
    if "@" in left:
        left = _MAIL.sub(" ", left)
    return _ADDRESS.sub(" ", left), [address.lower() for address in _ADDRESS.findall(left)]


def _platforms(address: str) -> dict[tuple[str, ...], str]:
    """Return the platforms that the host of an address names, else its query."""
    hit = _HOST.match(address)
    found = _hosts(hit[1].removeprefix("www.").rstrip(".")) if hit else {}
    return found or _only_platforms(words().found(address.partition("?")[2]))


@functools.lru_cache(maxsize=10_000)
def _hosts(host: str) -> dict[tuple[str, ...], str]:
    known, labels = words(), host[-LONGEST_HOST:].split(".")
    domain = next((d for i in range(len(labels)) if (d := ".".join(labels[i:])) in known.domains), None)
    if domain:
        return {(domain,): known.domains[domain]}
    named = (known.found(label) for label in labels[:-1] if parts(label) in known.meaning)
    return _only_platforms({word: meaning for found in named for word, meaning in found.items()})


def _only_platforms(found: dict[tuple[str, ...], str]) -> dict[tuple[str, ...], str]:
    return {word: meaning for word, meaning in found.items() if meaning in PLATFORMS}


def _distinct(field: Field) -> tuple[Sequence[str], Ints]:
    """Return the distinct texts of a column, and which of them each row has (-1 for none).

    Numbers of three digits and more are in no word: texts that differ in these alone are one.
    """
    if isinstance(field, Cells):
        texts, codes = field.texts, field.codes
    else:
        codes, found = pd.factorize(np.array(field, dtype=object))
        texts = tuple(found)
    masked = pc.replace_substring_regex(pa.array(texts, pa.string()), NUMBER, "0").dictionary_encode()
    again = np.append(masked.indices.to_numpy(zero_copy_only=False), -1)
    return masked.dictionary.to_pylist(), again[codes]


def _counted(field: Field, kind: Kind) -> Ints:
    """Return what each row of a column names, summed over its history."""
    texts, codes = _distinct(field)
    read: dict[str, list[int]] = {}
    at: list[int] = []
    which: list[int] = []
    for i, text in enumerate(texts):
        for value in split(text) if "//" in text else (text,):
            if value not in read:
                read[value] = [_PLACE[name] for name in _read(value, kind)]
            which += read[value]
            at += [i] * len(read[value])
    table = np.zeros((len(texts) + 1, len(FLAGS)), dtype=np.int64)
    np.add.at(table, (np.array(at, dtype=np.int64), np.array(which, dtype=np.int64)), 1)
    return table[codes]


def _published(field: Field) -> Ints:
    """Return how often the published words occur in each row of a column."""
    texts, codes = _distinct(field)
    low = pa.array([*(text.lower() for text in texts), FILLED], pa.string())
    table = np.zeros((len(texts) + 1, len(FLAGS)), dtype=np.int64)
    for i, found in enumerate(published().values()):
        for word in found:
            table[:, i] += pc.count_substring(low, word).to_numpy()
    return table[codes]


def _frame(counts: Mapping[str, Ints]) -> pd.DataFrame:
    rows = len(next(iter(counts.values())))
    nothing = np.zeros((rows, len(FLAGS)), dtype=np.int64)
    latest = sum((c for name, c in counts.items() if name in LATEST), nothing)
    original = sum((c for name, c in counts.items() if name not in LATEST), nothing)
    total = original + latest
    out = pd.DataFrame(total[:, : len(CHANNELS)], columns=list(CHANNELS))
    last = len(OFFLINE)
    online = [*range(last, len(CHANNELS)), _PLACE[ONLINE]]
    out["offline_original"], out["offline_latest"] = ((c[:, :last] > 0).any(axis=1) for c in (original, latest))
    out["online_original"], out["online_latest"] = ((c[:, online] > 0).any(axis=1) for c in (original, latest))
    out["online"] = out["online_original"] | out["online_latest"]
    made = (original[:, _PLACE[SYSTEM]] > 0) | ((latest[:, _PLACE[SYSTEM]] > 0) & ~out["online_original"])
    out["system"] = made & ~(total[:, :last] > 0).any(axis=1)
    return out
