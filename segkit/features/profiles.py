"""What people tell of themselves in their messages: nine fields of a closed vocabulary, and the rules that find them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .. import disclosure
from ..data.marks import folded
from ..data.phrases import parts
from ..data.profile_lexicon import CLAUSES, COUNTED, FIELDS, Lexicon, lexicon
from ..errors import InputError

RULES = "rules"
_CLAUSE = re.compile(CLAUSES, re.IGNORECASE)
_EMOJI = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]|(?<!\\w)[:;]-?[)(DPp]")

Found = dict[str, set[str]]


class Told(NamedTuple):
    """What may be told of profiles: their number, and the tables `Profiles.covered` and `Profiles.counts`."""

    people: int
    covered: pd.DataFrame
    counts: pd.DataFrame


@dataclass(frozen=True, repr=False)
class Profiles:
    """The values of each person in each field. Shown and exported are aggregates alone.

    Attributes
    ----------
    table : DataFrame of shape (n_people, 9)
        Indexed by person; a tuple of values in each field, in the order of the vocabulary, empty where nothing is known.
    extractor : str
        Who found them: ``"rules"``, or the name of a model.
    version : str
        Of what found them.
    told : Told, optional
        Where the data are private: what may be told, beside an empty table.
    """

    table: pd.DataFrame
    extractor: str
    version: str
    told: Told | None = None

    @property
    def people(self) -> int:
        """How many are described, as it may be told."""
        return disclosure.total(len(self.table)) if self.told is None else self.told.people

    def __repr__(self) -> str:
        return f"Profiles(people={self.people}, extractor={self.extractor!r}, version={self.version!r})"

    @cached_property
    def multi_hot(self) -> pd.DataFrame:
        """Whether a person has a value: shape (n_people, n_values), bool, a column ``field=value`` for each that there is."""
        columns = lexicon().columns
        place = {name: i for i, name in enumerate(columns)}
        out = np.zeros((len(self.table), len(columns)), dtype=bool)
        for field in FIELDS:
            for row, values in enumerate(self.table[field]):
                for value in values:
                    out[row, place[f"{field}={value}"]] = True
        return pd.DataFrame(out, index=self.table.index, columns=list(columns))

    @property
    def unprotected(self) -> pd.DataFrame:
        """The same without protected values: what segments and models may know."""
        hidden = {f"{field}={value}" for field, value in lexicon().protected}
        return self.multi_hot.loc[:, [name not in hidden for name in self.multi_hot.columns]]

    @property
    def coverage(self) -> pd.Series:
        """Share of the people of whom each field tells anything; NaN without people. Exact: for shares to show, see `covered`."""
        if self.told is not None:
            return self.told.covered.set_index("field")["share"].rename("coverage")
        return pd.Series({f: self.table[f].map(bool).mean() for f in FIELDS}, dtype="float64", name="coverage")

    @property
    def covered(self) -> pd.DataFrame:
        """The same as it may be told: ``field``, ``people``, ``share``; missing where it would tell of fewer than five."""
        if self.told is not None:
            return self.told.covered
        known = pd.Series([int(self.table[f].map(bool).sum()) for f in FIELDS])
        return pd.DataFrame({"field": list(FIELDS), "people": disclosure.count(known), "share": self._shares(known)})

    @property
    def counts(self) -> pd.DataFrame:
        """Values as they may be told: ``field``, ``value``, ``people`` (in fives), ``share`` and ``protected``.

        Numbers that would tell of one to four people, or of all but one to four, are missing.
        """
        if self.told is not None:
            return self.told.counts
        words = lexicon()
        pairs = [(field, value) for field, values in words.values.items() for value in values]
        known = pd.Series(self.multi_hot.sum().to_numpy(dtype=np.int64))
        out = pd.DataFrame(pairs, columns=["field", "value"])
        out["share"] = self._shares(known)
        near_all = (len(self.table) - known).between(1, disclosure.BASE - 1)
        out.insert(2, "people", disclosure.count(known).mask(near_all))
        return out.assign(protected=[pair in words.protected for pair in pairs])

    def _shares(self, known: pd.Series) -> pd.Series:
        return disclosure.share(known, len(self.table)) if len(self.table) else pd.Series(np.nan, index=known.index)

    def to_json(self) -> dict[str, Any]:
        """Return plain values: how many people have which value, None where it would tell of fewer than five."""
        counts, covered = (frame.astype(object).where(frame.notna(), None) for frame in (self.counts, self.covered))
        return {
            "extractor": self.extractor, "version": self.version, "people": self.people,
            "fields": covered.to_dict("records"), "values": counts.to_dict("records"),
        }  # fmt: skip

    def _repr_html_(self) -> str:
        return self.counts.to_html(index=False, border=0, na_rep="–")


def profiles(
    found: Mapping[Any, Mapping[str, Iterable[str]]], index: pd.Index, extractor: str, version: str
) -> Profiles:
    """Put values into the order of the vocabulary; what it does not hold is left out, and who is not in ``index`` too."""
    order = lexicon().values
    rows = []
    for person in index:
        told = {field: set(values) for field, values in found.get(person, {}).items()}
        rows.append([tuple(v for v in order[field] if v in told.get(field, ())) for field in FIELDS])
    table = pd.DataFrame(rows, index=index, columns=list(FIELDS), dtype=object)
    return Profiles(table, extractor, version)


def checked(texts: pd.Series) -> pd.Series:
    """Return texts by person, empty where there is none.

    Raises
    ------
    InputError
        A person is there twice, or has no name.
    """
    index = texts.index
    if index.hasnans or index.has_duplicates:
        raise InputError(
            f"{int(index.isna().sum() + index.duplicated().sum()):,} texts have no person of their own",
            remedy="Give one text for each person, indexed by the keyed id.",
        )
    return texts.astype(object).where(texts.notna(), "")


def profile_rules(texts: pd.Series) -> Profiles:
    r"""Describe people by the words of their own messages, on this machine and always alike.

    Parameters
    ----------
    texts : Series of str
        The messages of each person, one a line, indexed by keyed id; missing where there is none.

    Raises
    ------
    InputError
        A person is there twice.

    Notes
    -----
    A value is found by whole words of one clause, in lower case and without accents; of phrases that overlap within a field,
    the longest counts that begins first. A phrase does not count where one of the words before it denies it, at most
    ``window`` words away, after Chapman, W. W. et al. (2001), A simple algorithm for identifying negated findings and
    diseases in discharge summaries, Journal of Biomedical Informatics, 34, 301-310; nor, in fields about the writer, where the
    clause speaks of somebody else. The style is counted: length, questions, exclamations, emoji, capitals.

    Examples
    --------
    >>> found = profile_rules(pd.Series({"a": "I'm not married.\nMy brother is a nurse", "b": "I am a nurse, and you?"}))
    >>> found.table["job_or_career"].to_dict()
    {'a': (), 'b': ('health care',)}
    """
    words, texts = lexicon(), checked(texts)
    found = {person: _described(folded(text), words) for person, text in texts.items()}
    return profiles(found, texts.index, RULES, words.version)


def _described(text: str, words: Lexicon) -> Found:
    out: Found = {field: set() for field in FIELDS}
    if text.strip():
        for clause in _CLAUSE.split(text.replace("%", " percent ")):
            _read(parts(clause), words, out)
        out[COUNTED] = _style(text, words)
    return out


def _read(clause: tuple[str, ...], words: Lexicon, out: Found) -> None:
    """Add what a clause tells."""
    free: dict[str, int] = {}  # by field, the word from which on a phrase may begin
    denying: list[int] | None = None
    for at, word in enumerate(clause):
        for size in words.sizes.get(word, ()):
            for field, value in words.phrases.get(clause[at : at + size], ()):
                if at < free.get(field, 0):
                    continue
                free[field] = at + size
                denying = _denying(clause, words) if denying is None else denying
                denied = any(0 <= at - end <= words.window for end in denying)
                if value and not denied and not (field in words.of_self and _of_another(clause, at, words)):
                    out[field].add(value)


def _denying(clause: tuple[str, ...], words: Lexicon) -> list[int]:
    """Return where the negations of a clause end."""
    at, ends = 0, []
    while at < len(clause):
        sizes = words.negation_sizes.get(clause[at], ())
        size = next((s for s in sizes if clause[at : at + s] in words.negations), 0)
        if size and words.negations[clause[at : at + size]]:
            ends.append(at + size)
        at += size or 1
    return ends


def _of_another(clause: tuple[str, ...], at: int, words: Lexicon) -> bool:
    """Tell whether the last word before a phrase that says who is spoken of names somebody else."""
    who = [w for w in clause[: at + 1] if w in words.own or (w in words.others and w != clause[at])]
    return bool(who) and who[-1] in words.others


def _style(text: str, words: Lexicon) -> set[str]:
    """Count how messages are written, one a line."""
    lines, rule = [line for line in text.splitlines() if line.strip()], words.style
    if len(lines) < rule.least:
        return set()
    long = sum(len(line.split()) for line in lines) / len(lines)
    share = {
        "asks questions": sum("?" in line for line in lines),
        "exclaims": sum("!" in line for line in lines),
        "uses emoji": sum(_EMOJI.search(line) is not None for line in lines),
        "writes in capitals": sum(line.isupper() and sum(map(str.isalpha, line)) >= rule.capitals for line in lines),
    }
    length = {"brief": long <= rule.brief, "detailed": long >= rule.detailed}
    return {v for v, n in share.items() if n >= rule.often * len(lines)} | {v for v, is_so in length.items() if is_so}
