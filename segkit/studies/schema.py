"""The published schema of results.json: which keys there are, and what they mean."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pandas as pd

NAME = "results.schema.json"


def results_schema(units: str = "contacts") -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every results.json meets.

    Parameters
    ----------
    units : str
        What the study calls its units; some keys are called so.
    """
    text = files(__package__).joinpath(NAME).read_text("utf-8").replace('"contacts"', json.dumps(units))
    schema: dict[str, Any] = json.loads(text)
    return schema


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
