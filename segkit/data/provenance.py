"""Where data came from."""

from __future__ import annotations

from dataclasses import dataclass


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

    @property
    def source(self) -> str:
        """``real`` or ``simulated``."""
        return "real" if self.real else "simulated"

    @property
    def private(self) -> bool:
        """Whether the site is for local reading: real data that no registry calls public."""
        return self.real and not self.public
