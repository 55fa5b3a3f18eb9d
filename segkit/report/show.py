"""Numbered figures and tables as Markdown that every engine reads alike, with their downloads."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup, escape

from .. import scratch, text
from ..config import load, project_root
from ..errors import BuildError
from . import prose, theme
from .manifest import commit

if TYPE_CHECKING:  # see `theme`
    from matplotlib.figure import Figure

Cell = Callable[[Any], str]
SHARE = re.compile(rf"[\d.]+{prose.GAP}%")
WHOLE = re.compile(rf"^(?!0\D|100\D)(\d+){prose.GAP}%$")  # nothing and all are exact, and stay as they are
LABELLED = 3
MOST = 6  # columns of a block of which one label is enough


@dataclass(frozen=True)
class Shown:
    """Markdown that a cell displays."""

    markdown: str

    def _repr_markdown_(self) -> str:
        return self.markdown


_build: list[str] = []  # the study that this process makes a page of, the mark of the build, its folder of downloads


def bind(study: str, build: str, folder: str = "") -> None:
    """Bind what this process shows and leaves for download to one build; pages open with this.

    Parameters
    ----------
    study : str
        Its name.
    build : str
        `Provenance.build` of the study that the page opened.
    folder : str
        Where its files are among the downloads of the site; ends with a slash.

    Raises
    ------
    BuildError
        The process is bound to another build.
    """
    if _build and _build[:2] != [study, build]:
        raise BuildError(
            "one page shows two builds", remedy="Open one study in a page; restart the kernel for another."
        )
    _build[:] = [study, build, folder]


def downloads() -> Path:
    """Return the folder in which a page leaves its downloads: that of its build, so that no two builds mix theirs."""
    given = os.environ.get("SEGKIT_DOWNLOADS")
    if given:
        return Path(given)
    return Path(project_root() / ".segkit", *_build[:1], "downloads", *_build[1:2])


def to_root() -> str:
    """Return the relative address of the site's root from the page that is being made."""
    known = os.environ.get("SEGKIT_PAGE_DEPTH")  # of the embedded engine
    if known:
        return "../" * int(known)
    root = Path(os.environ.get("SEGKIT_SITE_ROOT") or project_root()).resolve()
    return "../" * len(Path.cwd().resolve().relative_to(root).parts)


def save(name: str, content: bytes) -> str:
    """Leave a file among the downloads and return its address from this page."""
    name = "".join(_build[2:]) + name
    scratch.write(downloads() / name, content)
    return f"{to_root()}downloads/{name}"


def raw(fragment: str) -> str:
    """Wrap HTML so that Markdown readers leave it alone."""
    return text.fenced(fragment.strip(), "{=html}")


def fragment(html: str) -> Shown:
    """Show a piece of HTML."""
    return Shown(raw(html))


def line(text: str) -> str:
    """Put a text on one line; no-break spaces stay, and numbers below zero get their sign."""
    return prose.minus(re.sub(r"[ \t\r\n\f\v]+", " ", text).strip())


def figure(drawn: Figure, label: str, caption: str, alt: str) -> Shown:
    """Show a figure with number, caption, alternative text, and its SVG and PNG.

    Parameters
    ----------
    drawn : Figure
    label : str
        ``fig-`` and a name; the files are called by the name.
    caption : str
        The finding first; of Markdown it may have ``**bold**`` and a citation, all else is text.
    alt : str
        What the picture shows, in words, for those who cannot see it.
    """
    from matplotlib import pyplot

    name = label.removeprefix("fig-")
    svg = theme.svg(drawn, name)
    links = [f"[SVG]({save(f'{name}.svg', svg.encode())})", f"[PNG]({save(f'{name}.png', theme.png(drawn))})"]
    links += source_link(drawn)
    pyplot.close(drawn)
    picture = (
        f'<div class="sk-figure" role="img" aria-label="{html.escape(line(alt), quote=True)}">'
        f"{theme.inline(svg, name)}</div>"
    )
    return Shown(f"::: {{#{label}}}\n{raw(picture)}\n\n{text.caption(line(caption))} {' · '.join(links)}\n:::")


def source_link(drawn: Figure) -> list[str]:
    """Return a link to the code that drew a figure, at the commit of this checkout; nothing for code of other people."""
    at = theme.drawn_by(drawn)
    if at is None:
        return []
    root = project_root()
    file, first, last = at
    return [f"[code]({load(root).site.repository}/blob/{commit(root) or 'main'}/{file}#L{first}-L{last})"]


def table(
    frame: pd.DataFrame,
    label: str,
    caption: str,
    formats: Mapping[str, Cell] | None = None,
    *,
    headings: Mapping[str, str] | None = None,
    export: pd.DataFrame | None = None,
    right: Collection[str] = (),
    stack: bool = False,
) -> Shown:
    """Show a table with number and caption, and its CSV.

    Parameters
    ----------
    frame : DataFrame
        The first column names the rows.
    label : str
        ``tbl-`` and a name; the file is called by the name.
    caption : str
        The finding first; of Markdown it may have ``**bold**`` and a citation, all else is text.
    formats : mapping of column to callable
        Turns a value into text; numbers without one are written as they are.
    headings : mapping of column to str
        What the reader sees instead of the column's name.
    export : DataFrame, optional
        What the CSV holds, where it is more than what is shown.
    right : collection of str
        Columns of text that are set like numbers.
    stack : bool
        On a phone, set each row as a block instead of letting the table scroll. Where the second column holds numbers, or
        there are many columns, each cell stands on a line of its own beside the heading of its column.
    """
    name = label.removeprefix("tbl-")
    data = frame if export is None else export
    link = f"[CSV]({save(f'{name}.csv', csv(data))})"
    title = re.sub(r"[*_`\[\]]|\(http[^)]*\)", "", line(caption)).split(". ")[0]
    grid = html_table(frame, formats or {}, headings or {}, title, right, stack=stack)
    return Shown(f"::: {{#{label}}}\n{raw(grid)}\n\n{text.caption(line(caption))} {link}\n:::")


def result_link(results: dict[str, object]) -> Shown:
    """Publish results.json with this page, and link to it."""
    content = text.json_text(results, indent=1) + "\n"
    return Shown(f"[results.json]({save('results.json', content.encode())})")


def schema_link(schema: dict[str, object], name: str) -> Shown:
    """Publish the schema of results.json with this page, and link to it."""
    content = text.json_text(schema, indent=1) + "\n"
    return Shown(f"[{name}]({save(name, content.encode())})")


def schema_links(schemas: Mapping[str, dict[str, object]]) -> Shown:
    """Publish the schemas of the results of a site, and link to each."""
    return Shown(" or ".join(schema_link(found, name).markdown for name, found in schemas.items()))


def csv(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV with 10 significant digits; text that a spreadsheet would run as a formula is quoted."""
    safe = frame.copy()
    for column in safe.columns[[not pd.api.types.is_numeric_dtype(t) for t in safe.dtypes]]:
        safe[column] = pd.Series([_quoted(v) for v in safe[column]], index=safe.index, dtype="object")
    safe.columns = pd.Index([_quoted(c) for c in safe.columns])
    content: str = safe.to_csv(index=False, float_format="%.10g", lineterminator="\n")
    return content.encode()


def _quoted(value: object) -> object:
    return text.cell(value) if isinstance(value, str) else value


def html_table(
    frame: pd.DataFrame,
    formats: Mapping[str, Cell],
    headings: Mapping[str, str],
    title: str,
    right: Collection[str] = (),
    *,
    stack: bool = False,
) -> str:
    """Return a table as HTML in a box that scrolls sideways on a narrow screen."""
    numeric = {
        c: c in right or (pd.api.types.is_numeric_dtype(frame[c]) and not pd.api.types.is_bool_dtype(frame[c]))
        for c in frame.columns
    }

    names = [headings.get(c, str(c)) for c in frame.columns]
    wide = stack and (len(names) > MOST or any(numeric[c] for c in frame.columns[1:2]))

    def head(place: int, column: str) -> str:
        side = ' class="num"' if numeric[column] and place else ""
        return f'<th scope="col"{side}>{html.escape(names[place])}</th>'

    def body(place: int, column: str, text: str) -> str:
        if place == 0:
            return f'<th scope="row">{escape(text)}</th>'
        side = ' class="num"' if numeric[column] else ""
        # A row set as a block has no heading above it; the fourth cell is the first that does not say what it is.
        label = (
            f' data-label="{html.escape(names[place], quote=True)}"' if wide or (stack and place == LABELLED) else ""
        )
        return f"<td{side}{label}>{escape(text)}</td>"

    cells = {c: _column(frame[c], formats.get(c, _plain), numeric=numeric[c]) for c in frame.columns}
    rows = [
        "<tr>" + "".join(body(i, c, cells[c][row]) for i, c in enumerate(frame.columns)) + "</tr>"
        for row in range(len(frame))
    ]
    return (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{html.escape(title, quote=True)}">'
        f'<table class="sk-table{" sk-stack" if stack else ""}{" sk-wide" if wide else ""}" '
        f'data-quarto-disable-processing="true"><thead><tr>'
        f"{''.join(head(i, c) for i, c in enumerate(frame.columns))}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _column(values: pd.Series, write: Cell, *, numeric: bool) -> list[str]:
    """Write a column: a dash where nothing is, a minus sign, and shares with as many decimals as their neighbours."""
    blank = values.isna()
    texts = ["–" if b else write(v) for v, b in zip(values, blank, strict=True)]
    if not numeric:
        return texts
    texts = [t if isinstance(t, Markup) else prose.minus(t) for t in texts]
    if any(SHARE.fullmatch(t) and "." in t for t in texts):
        texts = [WHOLE.sub(rf"\g<1>.0{prose.GAP}%", t) for t in texts]
    return texts


def _plain(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def tag(word: str, tone: str) -> Markup:
    """Return a verdict word as a pill; ``tone`` is ``ok``, ``mid`` or ``no``."""
    return Markup('<span class="sk-tag sk-{}">{}</span>').format(tone, word)
