"""The line that no playbook crosses, as data: the rules and their reasons, what is protected, and what was checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from ..data import forbidden_tactics as line
from ..data.profile_lexicon import FIELDS, lexicon
from .chat_profiles import named
from .prose import capital, plural, word
from .show import Shown, table

# What the check is shown by; of a page that quotes what no playbook may hold, and of no other.
EXAMPLES = (
    "Only today: decide before midnight.",
    "Write when they feel lonely.",
    "Ask again until they say yes.",
    "Just a few pieces left.",
    "Answer at the length that they write.",
)
ENGLISH = {"protected": "protected traits"}  # rules whose name is no noun


@dataclass(frozen=True)
class Line:
    """What the page tells of the line, and of what was held against it.

    Attributes
    ----------
    version : str
        Of the list.
    names : list of str
        Its rules, in words.
    open, closed : list of str
        Fields of a profile that a playbook may tell of, and all others.
    protected : list of str
        Values that are protected in any field.
    playbooks, texts : int
        Playbooks of this report, and texts in them and in its trials that were held against the list.
    broken : list of str
        Rules that one of these breaks.
    sent : list of str
        What may have been sent to a server for this report.
    """

    version: str
    names: list[str]
    open: list[str]
    closed: list[str]
    protected: list[str]
    playbooks: int
    texts: int
    broken: list[str]
    sent: list[str]


def facts(playbooks: int, texts: Iterable[str], *, profiler: str, way: str, has_text: bool) -> Line:
    """Collect what the sentences on the line need.

    Parameters
    ----------
    playbooks : int
    texts : iterable of str
        What playbooks and trials advise; what they warn of is not among it.
    profiler, way : str
        The settings: who describes subscribers, and how texts become numbers.
    has_text : bool
    """
    held = list(texts)
    sent = [
        what for what, by in (("for profiles", profiler), ("to become numbers", way)) if has_text and by == "server"
    ]
    return Line(
        version=line.VERSION,
        names=[ENGLISH.get(n, n) for n in line.NEVER],
        open=[named(f) for f in line.FIELDS],
        closed=[named(f) for f in FIELDS if f not in line.FIELDS],
        protected=[v for f, values in lexicon().values.items() for v in values if (f, v) in lexicon().protected],
        playbooks=playbooks,
        texts=len(held),
        broken=list(dict.fromkeys(rule for text in held for rule in line.forbidden(text))),
        sent=sent,
    )


def status(known: Line) -> str:
    """Say in a few words whether the line was kept."""
    return f"{plural(len(known.names), 'rule')}, {'broken' if known.broken else 'none broken'}"


def rules_table() -> Shown:
    """Show each rule, and why it is there."""
    frame = pd.DataFrame({
        "rule": [capital(ENGLISH.get(n, n)) for n in line.NEVER], "what every playbook says": list(line.NEVER.values()),
        "why": [line.WHY[n] for n in line.NEVER],
    })  # fmt: skip
    return table(
        frame, "tbl-line",
        f"**{capital(word(len(frame)))} rules bind every playbook.** Version {line.VERSION} of the list, in the words of the list.",
        stack=True,
    )  # fmt: skip


def examples_table() -> Shown:
    """Show what the check finds in a few sentences."""
    found = [line.forbidden(text) for text in EXAMPLES]
    frame = pd.DataFrame({
        "sentence": list(EXAMPLES),
        "breaks": ["; ".join(ENGLISH.get(n, n) for n in rules) or "nothing: may stand in a playbook" for rules in found],
    })  # fmt: skip
    refused = sum(map(bool, found))
    return table(
        frame, "tbl-examples",
        f"**{capital(word(refused))} of {word(len(frame))} made-up sentences {'is' if refused == 1 else 'are'} refused.** "
        "What the check finds in them, as it is run on every text of a playbook.",
        stack=True,
    )  # fmt: skip


def protected_table() -> Shown:
    """Show the values that are protected, by field."""
    words = lexicon()
    rows = [(named(f), [v for v in values if (f, v) in words.protected]) for f, values in words.values.items()]
    kept = [(field, ", ".join(own)) for field, own in rows if own]
    frame = pd.DataFrame([(capital(f), v) for f, v in kept], columns=["field", "protected values"])
    return table(
        frame, "tbl-protected",
        f"**{capital(plural(len(words.protected), 'value', words=True))} in {plural(len(kept), 'field', words=True)} "
        f"{'is' if len(words.protected) == 1 else 'are'} protected.** They may be counted, "
        "and nothing may be offered because of one.",
        stack=True,
    )  # fmt: skip
