"""The reference of what a notebook imports, made from the docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from .show import Shown

SECTION = re.compile(r"^(\w[\w ]*)\n-+$", re.M)
LISTS = ("Parameters", "Attributes", "Returns", "Raises")


def reference(*objects: Any) -> Shown:
    """Describe classes and functions: signature, what it does, each parameter, what comes back, an example.

    Parameters
    ----------
    objects : classes and functions
        With numpydoc docstrings.
    """
    return Shown("\n\n".join(block for thing in objects for block in _described(thing)))


def _described(thing: Any) -> Iterator[str]:
    name = thing.__name__
    anchor = f"sec-{'class' if inspect.isclass(thing) else 'function'}-{name.lower()}"
    yield f"## `{name}` {{#{anchor}}}"
    yield f"```{{.python}}\nsegkit.{name}{_signature(thing)}\n```"
    yield from _sections(thing)
    for label, member in _members(thing):
        yield f"### `{name}.{label}` {{#{anchor}-{label.lower()}}}"
        if callable(member):
            yield f"```{{.python}}\n{label}{_signature(member)}\n```"
        yield from _sections(member)


def _members(thing: Any) -> list[tuple[str, Any]]:
    """Return the methods and properties that a class itself defines, in their order."""
    if not inspect.isclass(thing):
        return []
    own = vars(thing).items()
    kinds = (property, type(lambda: 0))
    named = [(n, m) for n, m in own if not n.startswith("_") and (isinstance(m, kinds) or hasattr(m, "func"))]
    return [(n, m) for n, m in named if inspect.getdoc(m)]


def _signature(thing: Any) -> str:
    """Return the parameters with their defaults; types stand with the parameters below."""
    found = inspect.signature(thing)
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in found.parameters.values() if p.name != "self"]
    return str(found.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def _sections(thing: Any) -> Iterator[str]:
    parts = SECTION.split(inspect.getdoc(thing) or "")
    yield _prose(parts[0])
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        if title in LISTS:
            yield f"**{title}**"
            yield _entries(body)
        elif title == "Examples":
            yield f"```{{.python}}\n{body.strip()}\n```"
        else:
            yield _prose(body)


def _entries(body: str) -> str:
    """Turn an indented numpydoc list into a definition list.

    >>> print(_entries("k : int\\n    How many.\\nseed : int"))
    `k` : int
    :   How many.
    <BLANKLINE>
    `seed` : int
    :   –
    """
    out = []
    for entry in re.split(r"\n(?=\S)", body.strip("\n")):
        head, _, said = entry.partition("\n")
        name, colon, kind = head.partition(" : ")
        shown = ", ".join(f"`{n}`" for n in name.split(", "))
        said = _prose(inspect.cleandoc(said)).replace("\n", " ") or "–"
        out.append(f"{shown}{f' : {kind}' if colon else ''}\n:   {said}")
    return "\n\n".join(out)


def _prose(text: str) -> str:
    """Turn the reStructuredText of docstrings into Markdown: code in double ticks becomes code in single ones."""
    return re.sub(r"``([^`]+)``|`([^`]+)`", lambda hit: f"`{hit[1] or hit[2]}`", text).strip()
