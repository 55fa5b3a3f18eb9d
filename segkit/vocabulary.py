"""What a study calls the things that its sentences are about."""

from __future__ import annotations

from dataclasses import dataclass

from .privacy import SMALL_CELL

VOWELS = tuple("aeiou")
AS_YOU = ("uni", "use", "eu", "one")  # begin with a vowel and sound as a consonant does


def article(noun: str) -> str:
    """Return the indefinite article of a noun.

    >>> [article(n) for n in ("contact", "event", "unit", "user", "order")]
    ['a', 'an', 'a', 'a', 'an']
    """
    return "an" if noun.startswith(VOWELS) and not noun.startswith(AS_YOU) else "a"


@dataclass(frozen=True)
class Vocabulary:
    """Nouns and verbs of one study, in the forms that sentences need; all lower case.

    Parameters
    ----------
    unit, units : str
        What falls into segments.
    who : {"who", "that"}
        The pronoun for several units.
    event, events : str
        What a unit does, and when it did so is recorded.
    do, does, did : str
        The verb for that; ``did`` is past tense and participle.
    amount : str
        What events add up to, beside their number.
    amount_unit : str
        "seconds", or the sign or the code of a currency; empty where it is not known.
    have_amount, has_amount : str
        The verbs between events and their amounts: calls "last" a minute, an order "is worth" ten euros.
    large : str
        An event with a large amount is so: a "long" call.
    approach, approached, approaching : str
        The verb for turning to a unit; the first is the noun as well.
    record : str
        What the data are: a log, an export, a file, a warehouse.
    roles : tuple of (str, str)
        What the columns of the record are used for, in words.
    fewest : int
        The smallest number of units that a page may tell; one where units are no persons.

    Notes
    -----
    Whoever makes a sentence is handed the vocabulary as an argument, and takes it on to those who help with it. Results
    do not carry it, since they are of any units; and it is nowhere kept for a whole process, since one notebook may show
    two studies. A sentence that was not handed one does not pass the type checker.

    Examples
    --------
    >>> v = Vocabulary(unit="order", units="orders")
    >>> f"{v.a_unit} of {v.a_record}, with {v.an_event}"
    'an order of a table, with an event'
    """

    unit: str = "unit"
    units: str = "units"
    who: str = "that"
    event: str = "event"
    events: str = "events"
    do: str = "act"
    does: str = "acts"
    did: str = "acted"
    amount: str = "amount"
    amount_unit: str = ""
    have_amount: str = "are"
    has_amount: str = "is"
    large: str = "large"
    approach: str = "approach"
    approached: str = "approached"
    approaching: str = "approaching"
    record: str = "table"
    roles: tuple[tuple[str, str], ...] = ()
    fewest: int = SMALL_CELL

    @property
    def a_unit(self) -> str:
        """One unit, with its article."""
        return f"{article(self.unit)} {self.unit}"

    @property
    def an_event(self) -> str:
        """One event, with its article."""
        return f"{article(self.event)} {self.event}"

    @property
    def an_approach(self) -> str:
        """One approach, with its article."""
        return f"{article(self.approach)} {self.approach}"

    @property
    def a_record(self) -> str:
        """The record, with its article."""
        return f"{article(self.record)} {self.record}"
