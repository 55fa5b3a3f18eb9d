"""Stage 1: the configuration, and source files to pages of text and cells."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from segkit.errors import BuildError

from .model import Cell, Inline, Page, Text

FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})[ \t]*(.*?)[ \t]*$")
CELL = re.compile(r"^\{python\b[^}]*\}$")
OTHER_CELL = re.compile(r"^\{([A-Za-z]\w*)\b[^}]*\}$")
OPTION = re.compile(r"^#\s*\| ?")
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
INLINE = re.compile(r"\{python\}\s+(\S.*)")
INCLUDE = re.compile(r"^[ \t]*\{\{<\s*include\s+(\S+)\s*>\}\}[ \t]*$")
LITERAL_SHORTCODE = re.compile(r"\{\{\{<(.*?)>\}\}\}")
SHORTCODE = re.compile(r"\{\{<\s*(\w[\w-]*)\s*(.*?)\s*>\}\}")
MAX_INCLUDE_DEPTH = 8

# What Quarto would honour and this renderer would silently drop.
QUARTO_ONLY_META = frozenset(
    {"lightbox", "listing", "shortcodes", "params", "comments"} | {"include-before-body", "include-after-body"}
)
QUARTO_ONLY_OPTIONS = frozenset({"renderings", "lightbox", "dependson", "file"})
QUARTO_ONLY_WEBSITE = frozenset(
    {"navbar", "announcement", "comments", "google-analytics", "cookie-consent"}
    | {"margin-header", "margin-footer", "body-header", "body-footer"}
)


class Line(NamedTuple):
    """One line of a page, with the file that it is from."""

    file: str
    number: int
    text: str


def merge(*layers: Mapping[str, Any] | None) -> dict[str, Any]:
    """Merge nested settings; later layers win.

    >>> merge({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}})
    {'a': {'b': 1, 'c': 3}}
    """
    out: dict[str, Any] = {}
    for layer in layers:
        for key, value in (layer or {}).items():
            both = isinstance(value, Mapping) and isinstance(out.get(key), Mapping)
            out[key] = merge(out[key], value) if both else value
    return out


def listed(value: object) -> list[str]:
    """Return a setting that may be one word, several words or a list, as a list.

    >>> listed("a b"), listed(["a"]), listed(None)
    (['a', 'b'], ['a'], [])
    """
    if value is None:
        return []
    if isinstance(value, list):
        return [str(v) for v in value]
    return value.split() if isinstance(value, str) else [str(value)]


def load_config(root: Path) -> dict[str, Any]:
    """Read ``_quarto.yml`` and ``_variables.yml``.

    Raises
    ------
    BuildError
        A file is not YAML, or there is no ``_quarto.yml``.
    """
    if not (root / "_quarto.yml").is_file():
        raise BuildError("no _quarto.yml", file=root, remedy="Name the folder of the site.")
    return {**_hoist(_load_yaml(root / "_quarto.yml", root)), "_variables": _load_yaml(root / "_variables.yml", root)}


def find_sources(root: Path, config: Mapping[str, Any]) -> list[Path]:
    """List the pages that ``project.render`` selects, relative to the root, sorted."""
    patterns = listed((config.get("project") or {}).get("render")) or ["**/*.qmd"]
    wanted = {p for g in patterns if not g.startswith("!") for p in root.glob(g)}
    dropped = {p for g in patterns if g.startswith("!") for p in root.glob(g[1:])}
    found = sorted(p.relative_to(root) for p in wanted - dropped if p.suffix == ".qmd")
    return [p for p in found if not any(x.startswith(("_", ".")) for x in p.parts)]


def load_page(root: Path, path: Path, config: Mapping[str, Any]) -> Page:
    """Read one page.

    Parameters
    ----------
    root : path
        The site's folder.
    path : path
        The page, relative to it.
    config : mapping
        What ``load_config`` gave.

    Raises
    ------
    BuildError
        The front matter, a cell or an include cannot be read; the message names file and line.
    """
    lines = _read_lines(root, path)
    name, start, front = path.as_posix(), 0, {}
    if lines and lines[0].strip() == "---":
        end = next((i for i, s in enumerate(lines[1:], 1) if s.strip() in ("---", "...")), None)
        if end is None:
            raise BuildError("the front matter is not closed", file=f"{name}:1", remedy="End it with a line ---.")
        front, start = _yaml("\n".join(lines[1:end]), name, 2), end + 1
    folders = [root / folder / "_metadata.yml" for folder in reversed(path.parents)]
    layers = [config, *(_hoist(_load_yaml(f, root)) for f in folders), _hoist(front)]
    meta = merge(*layers)
    meta["include-in-header"] = [one for layer in layers for one in _headers(layer)]  # they add up, as with Quarto
    faults = [f"{name}:1: {key}: only Quarto does this" for key in sorted(QUARTO_ONLY_META & meta.keys())]
    for key in ("title", "subtitle", "description"):
        if isinstance(meta.get(key), str):
            meta[key] = _shortcodes(meta[key], meta, f"{name}:1", faults)
            if any(True for _ in _inline(meta[key])):
                faults.append(f"{name}:1: {key}: inline code is not run in front matter")
    expanded = _expand(root, path, lines[start:], start + 1)
    parts = tuple(_split(expanded, meta, faults))
    text = "\n".join([*lines[:start], *(line.text for line in expanded)])
    return Page(path, meta, parts, text, tuple(faults))


def _hoist(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Lift what ``format: html:`` holds to the top, as Quarto does for that format."""
    formats = meta.get("format")
    options = formats.get("html") if isinstance(formats, dict) else None
    return merge(meta, options if isinstance(options, dict) else None)


def _headers(layer: Mapping[str, Any]) -> list[Any]:
    value = layer.get("include-in-header") or []
    return value if isinstance(value, list) else [value]


def _yaml(text: str, file: str, first: int = 1) -> dict[str, Any]:
    """Read YAML whose first line is line ``first`` of a file."""
    try:
        value = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        place = f"{file}:{first + (mark.line if mark else 0)}"
        raise BuildError(f"not YAML: {problem or 'unreadable'}", file=place, remedy="Mend the line.") from error
    if not isinstance(value, dict):
        raise BuildError("not a mapping of names to values", file=f"{file}:{first}")
    return value


def _load_yaml(path: Path, root: Path) -> dict[str, Any]:
    return _yaml(path.read_text("utf-8-sig"), path.relative_to(root).as_posix()) if path.is_file() else {}


def _read_lines(root: Path, path: Path) -> list[str]:
    try:
        return (root / path).read_text("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise BuildError("not UTF-8 text", file=path, remedy="Save it as UTF-8.") from error


def _expand(root: Path, path: Path, lines: list[str], first: int, depth: int = 0) -> list[Line]:
    """Number the lines and expand includes; fenced text is left alone."""
    out: list[Line] = []
    fence, name = "", path.as_posix()
    for number, text in enumerate(lines, first):
        fence = step(fence, text)
        hit = None if fence else INCLUDE.match(text)
        if not hit:
            out.append(Line(name, number, text))
            continue
        target = Path(posixpath.normpath(path.parent / hit[1] if hit[1][0] != "/" else hit[1].lstrip("/")))
        if not (root / target).is_file():
            raise BuildError(f"include not found: {hit[1]}", file=f"{name}:{number}")
        if depth >= MAX_INCLUDE_DEPTH:
            raise BuildError("includes go round in a circle", file=f"{name}:{number}")
        out += _expand(root, target, _read_lines(root, target), 1, depth + 1)
    return out


def step(fence: str, line: str) -> str:
    """Return the code fence that is open after a line, given the one before it (empty when none).

    >>> step("", "```{python}"), step("```", "```")
    ('```', '')
    """
    hit = FENCE.match(line)
    if not hit:
        return fence
    if not fence:
        return hit[2] if "`" not in hit[3] else ""
    return "" if hit[2].startswith(fence) and not hit[3] else fence


def _split(lines: list[Line], meta: Mapping[str, Any], faults: list[str]) -> Iterator[Text | Cell]:
    pending: list[tuple[Line, bool]] = []  # a line, and whether it is verbatim
    i = 0
    while i < len(lines):
        line = lines[i]
        hit, fence, j = FENCE.match(line.text), step("", line.text), i + 1
        while j < len(lines) and fence:
            fence = step(fence, lines[j].text)
            j += 1
        place = f"{line.file}:{line.number}"
        if hit and CELL.match(hit[3]):
            if fence:
                raise BuildError("the cell is not closed", file=place, remedy="End it with a line of backticks.")
            yield _prose(pending, meta, faults)
            yield _cell(lines[i + 1 : j - 1], line, hit[1], faults)
            pending = []
        else:
            if hit and (other := OTHER_CELL.match(hit[3])):
                faults.append(f"{place}: {other[1]} cells are not run here, only python")
            pending += [(one, bool(hit)) for one in lines[i:j]]
        i = j
    yield _prose(pending, meta, faults)


def _prose(lines: list[tuple[Line, bool]], meta: Mapping[str, Any], faults: list[str]) -> Text:
    text, inline, at = [], [], 0
    for (file, number, raw), verbatim in lines:
        place = f"{file}:{number}"
        line = raw if verbatim else _shortcodes(raw, meta, place, faults)
        if not verbatim:
            inline += [Inline(at + start, at + end, code, place) for start, end, code in _inline(line)]
        text.append(line)
        at += len(line) + 1
    return Text("\n".join(text), tuple(inline))


def _inline(line: str) -> Iterator[tuple[int, int, str]]:
    """Yield where each inline expression of a line starts and ends, and the expression."""
    for span in CODE_SPAN.finditer(line):
        code = INLINE.fullmatch(span[2]) if span[1] == "`" else None
        if code:
            yield span.start(), span.end(), code[1].strip()


def _cell(lines: list[Line], opening: Line, indent: str, faults: list[str]) -> Cell:
    body = [s.text.removeprefix(indent) for s in lines]
    place = f"{opening.file}:{opening.number}"
    n = next((k for k, s in enumerate(body) if not OPTION.match(s)), len(body))
    options = _yaml("\n".join(OPTION.sub("", s) for s in body[:n]), opening.file, opening.number + 1)
    faults += [
        f"{place}: cell option {key}: only Quarto does this" for key in sorted(QUARTO_ONLY_OPTIONS & options.keys())
    ]
    code = body[n:]
    blank = next((k for k, s in enumerate(code) if s.strip()), 0)
    return Cell(
        "\n".join(code).strip("\n"), options, opening.file, opening.number, opening.number + 1 + n + blank, indent
    )


def _shortcodes(line: str, meta: Mapping[str, Any], place: str, faults: list[str]) -> str:
    """Replace ``meta`` and ``var``; any other shortcode is a fault."""

    def one(hit: re.Match[str]) -> str:
        name, arg = hit[1], hit[2].strip("\"' ")
        if name not in ("meta", "var"):
            faults.append(f"{place}: the shortcode {name} is not supported")
            return ""
        value: Any = meta if name == "meta" else meta.get("_variables", {})
        for key in arg.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is None:
            faults.append(f"{place}: the shortcode {name} finds no {arg}")
        return str(value)

    line = LITERAL_SHORTCODE.sub("\0\\1\1", line)
    return SHORTCODE.sub(one, line).replace("\0", "{{<").replace("\1", ">}}")
