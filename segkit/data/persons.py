"""Words of the file that pages show, categories and headings: none may be the number, the address or the name of a contact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pyarrow as pa

from ..config import EventSettings
from ..contract import Contract
from ..errors import InputError
from ..privacy import SMALL_CELL
from .headers import REMEDY, known_heading, points_at_someone
from .identifiers import SHORTEST, is_empty
from .marks import folded
from .tables import Table
from .withheld import is_withheld

FEW = 5  # values that any column may have; beyond, more than one for two contacts is no category
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def judge(table: Table, settings: EventSettings) -> None:
    """Give the rows of ``parsed`` a fault whose category points at a person, and refuse columns that are no categories.

    A category is published, so it is refused where

    - it has the form of an identifier: an e-mail or SIP address, or seven digits and more with the marks of telephone
      numbers between them, anywhere in the text;
    - it is the identifier or the name of a contact after folding (marks, case, punctuation, forms of letters), or holds one
      that can be told from other words: a name of several words, an identifier of letters and digits, six digits.

    A role may be both: contacts called "Supplier" in a category Supplier. Equal texts are therefore taken for a label where
    at least five contacts have the category, and all contacts that bear the name are among them. Numbers below six digits
    are not compared, since they cannot be told from codes, nor are the words for a withheld number.

    A column with more values than half its contacts describes persons, whatever its values look like, and is refused whole.

    Raises
    ------
    InputError
        The column is no category, or a configured column is called like a contact.
    """
    roles, contract = settings.columns, settings.contract
    headings = [name for name in roles.used.values() if not known_heading(name)]
    if not roles.category and not headings:
        return
    if roles.category:
        _check_variety(table, roles.category, contract)
        labels = _texts(table, "SELECT DISTINCT category FROM parsed WHERE fault IS NULL AND category IS NOT NULL")
    else:
        labels = []
    shaped = [label for label in labels if points_at_someone(label)]
    persons = _Persons(table, settings)
    if any(persons.called(heading) for heading in headings):
        raise InputError(
            f"the name of a column is also the name of {contract.terms.a_unit}; the first row looks like data",
            file=table.source.path,
            rows=[1],
            remedy=REMEDY,
        )
    rest = [label for label in labels if label not in set(shaped)]
    equal = {label: found for label in rest if (found := persons.called(label))}
    held = [label for label in rest if label not in equal and persons.within(label)]
    _mark(table, "category_shape", shaped)
    _mark(table, "category_person", [*held, *_no_roles(table, settings, equal)])


def _check_variety(table: Table, column: str, contract: Contract) -> None:
    (values,) = table.one("SELECT count(DISTINCT category) FROM parsed WHERE fault IS NULL")
    if values <= FEW:
        return
    (units,) = table.one("SELECT count(DISTINCT identifier) FROM parsed WHERE fault IS NULL AND category IS NOT NULL")
    if 2 * values > units:
        raise InputError(
            f"the column has {values:,} values for {units:,} {contract.terms.units}, so it describes persons and is no category",
            file=table.source.path,
            column=column,
            remedy=f"Name another column as `category` in {contract.section('columns')}, or delete the line.",
        )


def _texts(table: Table, sql: str) -> list[str]:
    return [text for (text,) in table.connection.execute(sql).fetchall()]


def _words(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(folded(text).casefold()))


class _Persons:
    """The identifiers and names of a file, by their folded words."""

    def __init__(self, table: Table, settings: EventSettings) -> None:
        name = settings.columns.name
        texts = _texts(table, "SELECT DISTINCT identifier FROM parsed WHERE fault IS NULL")
        if name:
            cell = table.text(name)
            texts += _texts(table, f"SELECT DISTINCT {cell} AS x FROM raw WHERE NOT {is_empty(cell)}")
        self.known: dict[tuple[str, ...], list[str]] = {}
        self.digits: set[str] = set()
        for text in texts:
            words = _words(text)
            if self._telling(words):
                self.known.setdefault(words, []).append(text)
                digits = "".join(words).lstrip("0")
                if digits.isdigit() and len(digits) >= SHORTEST:
                    self.digits.add(digits)
        self.longest = max(map(len, self.known), default=0)

    @staticmethod
    def _telling(words: tuple[str, ...]) -> bool:
        """Tell whether words can be told from codes and from words for nobody."""
        whole = "".join(words)
        return not is_withheld(" ".join(words)) and len(whole) >= (SHORTEST if whole.isdigit() else 2)

    def called(self, text: str) -> list[str]:
        """Return the identifiers and names that a text equals."""
        return self.known.get(_words(text), [])

    def within(self, text: str) -> bool:
        """Tell whether a text holds a name of several words, an identifier of letters and digits, or a number."""
        words = _words(text)
        for start in range(len(words)):
            for stop in range(start + 1, min(len(words), start + self.longest) + 1):
                part = words[start:stop]
                whole = "".join(part)
                if whole.isdigit():
                    held = whole.lstrip("0") in self.digits
                else:
                    mixed = len(whole) >= 4 and any(c.isdigit() for c in whole)
                    held = (len(part) > 1 or mixed) and part in self.known
                if held:
                    return True
        return False


def _no_roles(table: Table, settings: EventSettings, equal: Mapping[str, list[str]]) -> list[str]:
    """Return the categories of fewer than five contacts, and those of which a contact of that name is no member."""
    if not equal:
        return []
    pairs = [(label, text) for label, texts in equal.items() for text in texts]
    frame = pa.table({"label": [a for a, _ in pairs], "person": [b for _, b in pairs]})
    table.connection.register("equal_texts", frame)
    name = table.text(settings.columns.name)
    found = table.connection.execute(f"""
        WITH sizes AS (
            SELECT category AS label, count(DISTINCT identifier) AS size FROM parsed
            WHERE fault IS NULL AND category IN (SELECT label FROM equal_texts) GROUP BY category
        ), strangers AS (
            SELECT DISTINCT label FROM parsed JOIN raw ON parsed.id = raw.rowid
            JOIN equal_texts ON person = identifier OR person = {name}
            WHERE fault IS NULL AND category IS DISTINCT FROM label
        )
        SELECT label FROM sizes WHERE size < {SMALL_CELL} OR label IN (SELECT label FROM strangers)
    """).fetchall()
    table.connection.unregister("equal_texts")
    return [label for (label,) in found]


def _mark(table: Table, fault: str, labels: Iterable[str]) -> None:
    if listed := list(labels):
        table.connection.register("faulty_labels", pa.table({"label": listed}))
        table.connection.execute(
            f"UPDATE parsed SET fault = '{fault}' WHERE fault IS NULL AND category IN (SELECT label FROM faulty_labels)"
        )
        table.connection.unregister("faulty_labels")
