"""Where data came from."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from ..privacy import SMALL_CELL


@dataclass(frozen=True)
class Unsearched:
    """How many identifiers of a file the search of the finished site cannot look for, by reason.

    Attributes
    ----------
    short : int
        Numbers of so few digits that any count may equal one.
    dense : int
        Numbers whose file has so many of their length that a count equals one by chance.
    common : int
        Names and identifiers of letters that are words of the report itself.
    brief : int
        Names and identifiers of one letter, or of signs alone.
    """

    short: int = 0
    dense: int = 0
    common: int = 0
    brief: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.short + self.dense + self.common + self.brief

    @property
    def in_fives(self) -> Unsearched:
        """The counts rounded up to fives, as a site of private data may tell them.

        >>> Unsearched(short=2, common=10).in_fives
        Unsearched(short=5, dense=0, common=10, brief=0)
        """
        return Unsearched(*(-(-n // SMALL_CELL) * SMALL_CELL for n in astuple(self)))


@dataclass(frozen=True)
class Provenance:
    """Where a study's data came from, as its pages and results.json state it.

    Attributes
    ----------
    real : bool
        False for the simulation.
    public : bool
        Whether single units may be drawn.
    title, licence, citation, place, message : str
        Of the data; ``message`` is one sentence for the reader.
    fingerprint : str
        SHA-256 of the file.
    rows, units : int
    build : str
        Mark of the content key of the results, in letters: what pages, downloads and manifest of one build share.
    unsearched : Unsearched
        What the search of the finished site cannot look for.
    """

    real: bool
    public: bool
    title: str
    licence: str
    citation: str
    place: str
    message: str
    fingerprint: str
    rows: int
    units: int
    build: str = ""
    unsearched: Unsearched = Unsearched()

    @property
    def source(self) -> str:
        """``real`` or ``simulated``."""
        return "real" if self.real else "simulated"

    @property
    def private(self) -> bool:
        """Whether the site is for local reading: real data that no registry calls public."""
        return self.real and not self.public
