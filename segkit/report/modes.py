"""Facts about features with more than one mode, which a scaling may hide."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..engine.modes import Modes
from ..engine.other_scales import OtherScales
from .choices import LEVELS
from .prose import minus
from .show import Shown, table


@dataclass(frozen=True)
class Hidden:
    """The features that the scaling makes small although they have more than one mode.

    Attributes
    ----------
    several : int
        Features with more than one mode.
    looked : int
        Features that were looked at.
    hidden : sequence of str
        Their titles.
    lowered : float
        Of its even share of the variance, what each of them has less than.
    agree : bool
        Whether the rule answers one number under all scalers that were asked.
    """

    several: int
    looked: int
    hidden: Sequence[str]
    lowered: float
    agree: bool


def hidden(found: Modes, scales: OtherScales | None, labels: Mapping[str, str]) -> Hidden:
    """Tell which features the scaling hides, by what pages say for them."""
    several = int((found.table["p"] <= found.params["level"]).sum())
    names, same = [labels.get(n, n) for n in found.hidden], scales is None or scales.agree
    return Hidden(several, len(found.table), names, found.params["lowered"], same)


def scales_table(
    found: OtherScales | None, label: str = "tbl-other-scales", about: str = "", names: Mapping[str, str] | None = None
) -> Shown:
    """Show what the rule answers under each scaler; nothing where the one in use hides no feature.

    Parameters
    ----------
    found : OtherScales or None
    label : str
    about : str
        Sentences on the scaler in use.
    names : mapping, optional
        What scalers are called; as on the page of other choices when not given.
    """
    if found is None:
        return Shown("")
    called = {level: name for (choice, level), name in LEVELS.items() if choice == "scaler"} if names is None else names
    same = (
        "The rule answers one number under every scaler"
        if found.agree
        else "The number of segments hangs on the scaler"
    )
    few = "" if "verdict" in found.table else "Fewer samples are behind the answers of the scalers that are not in use."
    how = "The adjusted Rand index compares its segments with those in use."
    return table(
        found.table.assign(
            in_use=["yes" if u else "" for u in found.table["in_use"]],
            scaler=[called.get(s, s) for s in found.table["scaler"]],
        ), label,
        " ".join(part for part in (f"**{same}.**", about, how, few) if part),
        {"k": lambda k: "none" if k == 1 else str(k), "ari": lambda v: "" if math.isnan(v) else minus(f"{v:.2f}")},
        headings={"in_use": "in use", "k": "segments by the rule", "ari": "adjusted Rand index"}, export=found.table,
    )  # fmt: skip
