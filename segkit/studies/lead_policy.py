"""What to do with personas: one handling for each, that follows from its value tier, and only where it may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..engine.verdict import NONE
from ..inference.cards import Persona
from ..inference.tiers import Tier
from ..thresholds import DECIDED

FIRST, NEXT, AUTOMATED = (
    "Contact first, in person.",
    "Contact next, by a message of their own.",
    "Automated messages only.",
)
HANDLING = {"PREMIUM": FIRST, "HIGH": FIRST, "MEDIUM": NEXT, "LOW": AUTOMATED, "MINIMAL": AUTOMATED}
DESCRIBED = "Description only: no handling follows."
FEW = "Too few leads to tell: no handling of their own."
STOPPED, UNDEFENDED, UNSEGMENTED = "gate", "ways", "verdict"


@dataclass(frozen=True)
class Handling:
    """What to do with the leads of one persona.

    Attributes
    ----------
    persona : int
    tier : str
        As its card says it; empty where there are too few leads to tell.
    treated : str
        The tier that the handling goes by; empty where there is none.
    action : str
    """

    persona: int
    tier: str
    treated: str
    action: str


@dataclass(frozen=True)
class LeadPolicy:
    """The handlings of all personas.

    Attributes
    ----------
    rows : tuple of Handling
        In the order of the cards.
    barred : tuple of str
        Why nothing is recommended: ``gate`` (missing fields predict the outcome), ``ways`` (no way of dividing finds more
        than in leads whose fields are unrelated), ``verdict`` (there is no segmentation); empty where handlings are.
    """

    rows: tuple[Handling, ...]
    barred: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """Whether any handling is recommended."""
        return not self.barred

    @property
    def actions(self) -> dict[int, str]:
        """What each card says, by persona."""
        return {row.persona: row.action for row in self.rows}


def reached(tier: Tier) -> str:
    """Return the highest tier that the rate reaches with the probability that decides.

    Notes
    -----
    For a tier that is decided this is the tier itself; an undecided one counts as the highest that is sure enough, which is
    a lower one than the likeliest where the rate may well be below that.
    """
    above = 0.0
    for name, probability in tier.probabilities.items():  # from the highest down
        above += probability
        if above >= DECIDED:
            return name
    return name


def lead_policy(personas: Iterable[Persona], *, flag: str, defensible: bool, verdict: str) -> LeadPolicy:
    """Return what to do with each persona.

    Parameters
    ----------
    personas : iterable of Persona
        In their order.
    flag : {"none", "red", "stop"}
        Of the gate.
    defensible : bool
        Whether any way of dividing finds more than in leads whose fields are unrelated.
    verdict : str
        The word of the verdict.
    """
    tests = {STOPPED: flag == "stop", UNDEFENDED: not defensible, UNSEGMENTED: verdict == NONE}
    barred = tuple(name for name, yes in tests.items() if yes)
    return LeadPolicy(tuple(_handling(p, barred=bool(barred)) for p in personas), barred)


def _handling(persona: Persona, *, barred: bool) -> Handling:
    if persona.conversion is None:
        return Handling(persona.id, "", "", DESCRIBED if barred else FEW)
    tier = persona.conversion.tier
    if barred:
        return Handling(persona.id, tier.said, "", DESCRIBED)
    treated = reached(tier)
    note = f" Its tier is undecided, and it is treated as {treated}." if tier.undecided else ""
    return Handling(persona.id, tier.said, treated, HANDLING[treated] + note)
