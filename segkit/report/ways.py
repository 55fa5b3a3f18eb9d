"""What shared pages say of the way in which segments are made: k-means in most studies, others where fields are mixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .prose import Text

NAMES = {"factors": "k-means", "modes": "k-modes", "classes": "latent classes", "gower": "medoids"}
GOES = {
    "classes": "goes to the class of the other that makes its values most likely",
    "modes": "goes to the mode of the other from which it differs least",
    "gower": "goes to the nearest medoid of the other",
}
CUTS = {
    "classes": "Latent classes take fields to be unrelated within a class; a group in which they are related may be "
    "cut in two, and no "
    "criterion on this page mends that.",
    "modes": "K-modes looks at the commonest values alone, so groups that differ in the less common ones stay "
    "together, and no criterion "
    "on this page mends that.",
    "gower": "Medoids cut long or bent groups across, and no criterion on this page mends that.",
}


@dataclass(frozen=True)
class Way:
    """How segments are made, in the words of pages that several studies share.

    Attributes
    ----------
    mixed : bool
        Whether fields are mixed and mostly words, so that nothing is clipped and no column has a scale of its own.
    centred : bool
        Whether segments have centres to which there are distances.
    name, refitted : Text
        What clusters, and what is done anew where a part of the data is left out.
    goes : Text
        What becomes of a unit that took no part.
    beside : Text
        The word "beside" that begins a sentence, and before it what a feature is, where that has to be said.
    cuts : Text
        What no number of segments mends.
    """

    mixed: bool
    centred: bool
    name: Text
    refitted: Text
    goes: Text
    beside: Text
    cuts: Text


def of(study: Any) -> Way:
    """Return the words for a study; it has a ``way`` where its fields are mixed."""
    way = getattr(study, "way", None)
    name = NAMES.get(way or "factors", str(way))
    return Way(
        mixed=way is not None,
        centred=name == "k-means",
        name=Text(name),
        refitted=Text(f"coding and {name}" if way else "preprocessing and k-means"),
        goes=Text(GOES.get(way or "", "goes to the nearest centre of the other")),
        beside=Text(
            "A feature is a field of the file here, and a block holds the fields that tell of one thing. Beside"
            if way
            else "Beside"
        ),
        cuts=Text(
            CUTS.get(way or "", "K-means cuts long or bent groups across, and no criterion on this page mends that.")
        ),
    )
