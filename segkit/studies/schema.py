"""The published schemas of results.json: which keys there are, and what they mean."""

from __future__ import annotations

import copy
import json
from importlib.resources import files
from typing import Any

import pandas as pd

NAME = "results.schema.json"
LEADS = "personas"
OWN = (
    LEADS,
    "channels",
    "markets",
    "conversations",
)  # studies whose results have keys of their own, in results.<study>.json


def name_of(study: str) -> str:
    """Return the name under which the schema of a study's results is published.

    >>> name_of("contacts"), name_of("personas")
    ('results.schema.json', 'results.personas.schema.json')
    """
    return f"results.{study}.schema.json" if study in OWN else NAME


def results_schema(study: str = "contacts") -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every results.json of a study meets.

    Parameters
    ----------
    study : str
        Its name, which is what studies of events call their units; some keys are called so.
    """
    return _own(study) if study in OWN else _called(study)


def schemas(studies: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return the schemas that a site of some studies publishes, by name; that of the first comes first.

    >>> list(schemas(("customers", "contacts", "personas")))
    ['results.schema.json', 'results.personas.schema.json']
    """
    out: dict[str, dict[str, Any]] = {}
    for study in studies:
        out.setdefault(name_of(study), results_schema(study))
    return out


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _called(study: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(_read(NAME).replace('"contacts"', json.dumps(study)))
    return schema


def _own(study: str) -> dict[str, Any]:
    """Put the schema of a study together: what all results share, and what is its own; of leads the published cards too."""
    base, own = _called(study), json.loads(_read(f"results.{study}.json"))
    shared = {name: copy.deepcopy(base["properties"][name]) for name in own["shared"]}
    for name in own["nullable"]:  # what only some ways to divide have
        shared[name]["type"] = [shared[name]["type"], "null"]
    properties, defs = {**shared, **own["properties"]}, {**base["$defs"], **own["$defs"]}
    if study == LEADS:
        from ..inference.cards import personas_schema

        cards, described = personas_schema(), properties["personas"]["description"]
        properties["personas"] = {**{k: cards[k] for k in ("type", "required", "properties")}, "description": described}
        defs |= cards["$defs"]
    return {
        "$schema": base["$schema"], "title": own["title"], "description": own["description"], "type": "object",
        "required": [name for name in properties if name not in own["optional"]], "additionalProperties": False,
        "properties": properties, "$defs": defs,
    }  # fmt: skip


def keys(schema: dict[str, Any]) -> pd.DataFrame:
    """List the described keys of the first two levels, with their meaning.

    Returns
    -------
    DataFrame with columns ``key`` and ``meaning``

    Examples
    --------
    >>> inner = {"b": {"description": "B."}, "c": {}}
    >>> keys({"properties": {"a": {"description": "A.", "properties": inner}}}).values.tolist()
    [['a', 'A.'], ['a.b', 'B.']]
    """
    rows = []
    for name, part in schema["properties"].items():
        rows.append((name, part["description"]))
        inner = part.get("properties", {})
        rows += [(f"{name}.{k}", v["description"]) for k, v in inner.items() if "description" in v]
    return pd.DataFrame(rows, columns=["key", "meaning"])
