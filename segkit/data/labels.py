"""Categories as labels: one line of visible characters each, and no two that were different become one unsaid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import pyarrow as pa

from ..text import LONGEST, flat
from .tables import Table


def labels(texts: Iterable[str]) -> dict[str, str | None]:
    """Return the label of each category; None where nothing of it can be seen.

    Categories that differ in blanks, invisible characters or the spelling of accents only have one label. Long ones that
    begin alike are numbered, in alphabetical order.

    Examples
    --------
    >>> labels(["a b", "a\\u00a0b", "\\u200b", "c"]) == {"a b": "a b", "a\\u00a0b": "a b", "\\u200b": None, "c": "c"}
    True
    """
    out: dict[str, str | None] = {}
    whole_of: dict[str, str] = {}
    label_of: dict[str, str] = {}
    alike: Counter[str] = Counter()
    for text in sorted(texts):
        whole = flat(text, limit=None)
        if whole and whole not in label_of:
            label = first = flat(whole)
            while whole_of.setdefault(label, whole) != whole:
                alike[first] += 1
                end = f"… ({alike[first] + 1})"
                label = whole[: LONGEST - len(end)] + end
            label_of[whole] = label
        out[text] = label_of.get(whole)
    return out


def flatten(table: Table, events: str) -> Sequence[str]:
    """Replace the categories of table ``parsed`` by their labels, and return what the reader should know of it.

    Parameters
    ----------
    table : Table
    events : str
        What the rows are.
    """
    run = table.connection.execute
    found = labels(c for (c,) in run("SELECT DISTINCT category FROM parsed WHERE category IS NOT NULL").fetchall())
    changed = {text: label for text, label in found.items() if label != text}
    if not changed:
        return ()
    told = {"text": pa.array(changed, pa.string()), "label": pa.array(changed.values(), pa.string())}
    table.connection.register("told", pa.table(told))
    run("UPDATE parsed SET category = told.label FROM told WHERE parsed.category = told.text")
    table.connection.unregister("told")
    seen = [label for label in found.values() if label is not None]
    merged, empty = len(seen) - len(set(seen)), len(found) - len(seen)
    notes = [
        f"{_categories(len(changed))} written without line breaks, needless blanks, invisible characters and what is beyond "
        f"{LONGEST} characters."
    ]
    if merged:
        notes.append(
            f"{_categories(merged)} counted with another one that looks the same: nothing that can be seen differs."
        )
    if empty:
        notes.append(f"{_categories(empty)} made of nothing that can be seen; these {events} count as having none.")
    return notes


def _categories(count: int) -> str:
    return f"{count:,} {'category is' if count == 1 else 'categories are'}"
