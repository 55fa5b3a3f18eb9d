"""What a study asks of its input, as a declaration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .vocabulary import Vocabulary

Kind = Literal["moment", "time", "duration", "money", "number", "category", "flag", "text", "identifier"]


@dataclass(frozen=True)
class Role:
    """What a column of the input is for.

    Parameters
    ----------
    name : str
        The key in the settings, and what messages call it.
    kind : str
        What its cells are.
    question : str
        What ``segkit init`` asks where the file cannot tell.
    strong, weak : str
        Words of headers that mean the role, in English, German, French, Spanish, Portuguese and Dutch; a strong one weighs
        more.
    unlike : str
        Words of headers that rule the role out.
    required : bool
    gate : str
        The gate of cells that are there and cannot be read; that of empty ones is ``missing``.
    aliases : tuple of str
        Headers of known exports that have the role whatever their case; the first one that a file has is taken.
    """

    name: str
    kind: Kind
    question: str
    strong: str = ""
    weak: str = ""
    unlike: str = ""
    required: bool = False
    gate: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """The columns of one study's input, and its nouns.

    Parameters
    ----------
    study : str
        The name of the study, and of its section of the settings.
    roles : tuple of Role
        In the order of settings and questions.
    terms : Vocabulary
    unit, amount : str
        The roles of who acts, and of how much an event adds up to; empty where nobody does: each row is a unit then.
    timed : bool
        Whether each event needs a time of day.
    """

    study: str
    roles: tuple[Role, ...]
    terms: Vocabulary
    unit: str = ""
    amount: str = ""
    timed: bool = True

    def __getitem__(self, name: str) -> Role:
        return next(role for role in self.roles if role.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all roles."""
        return tuple(role.name for role in self.roles)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the roles that each input has."""
        return tuple(role.name for role in self.roles if role.required)

    @property
    def events(self) -> bool:
        """Whether rows are events of units; else each row is a unit."""
        return bool(self.amount)

    @property
    def gates(self) -> tuple[str, ...]:
        """The gates, in the order in which they are told of."""
        return ("missing", "identifier", "timestamp", self.amount) if self.events else ()

    @property
    def money(self) -> bool:
        """Whether events add up to money, in cents; else to seconds."""
        return self.events and self[self.amount].kind == "money"

    def section(self, part: str) -> str:
        """Return what a message calls a part of the settings.

        >>> Contract("contacts", (), Vocabulary()).section("gates")
        '[contacts.gates]'
        """
        return f"[{self.study}.{part}]"


NAME = Role(
    "name", "text", "Which column has the person's name? It is never shown; its words are searched for on the finished pages.",
    "name nom nombre nome naam fullname vorname nachname", "person contactname customername label",
)  # fmt: skip
