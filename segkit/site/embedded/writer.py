"""The first half of stage 3: a page's parts and their outputs, as Markdown for pandoc."""

from __future__ import annotations

import base64
import html
import json
import re
from pathlib import Path
from typing import Any

import yaml

from segkit.text import fenced, markdown

from .execute import INLINE_MIME, option
from .model import ANSI, Cell, Output, Page, Run, Text
from .parse import SHORTCODE, listed, step

ORDER = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/latex", "text/plain")
EXTENSION = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}
DISPLAYED = ("display_data", "execute_result")
SVG = re.compile(r"(?<!`)<svg\b.*?</svg>", re.S)


class Writer:
    """Turns one page into Markdown; figures become files beside the page.

    Parameters
    ----------
    page, run : Page, Run
        The page, and what its cells gave.
    out : path
        The site's folder.

    Attributes
    ----------
    faults : list of str
        What it could not show.
    """

    def __init__(self, page: Page, run: Run, out: Path) -> None:
        self.page, self.run = page, run
        self.folder, self.files = out / page.path.parent, f"{page.path.stem}_files"
        self.faults: list[str] = []
        self._taken: dict[str, int] = {}
        self._cells = 0

    def markdown(self) -> str:
        """Return the whole page as Markdown, and write its figures."""
        blocks = []
        for part, outputs in zip(self.page.parts, self.run.outputs, strict=True):
            blocks.append(self._cell(part, outputs) if isinstance(part, Cell) else self._prose(part, outputs))
        return "\n\n".join(blocks)

    def _prose(self, part: Text, outputs: tuple[Output, ...]) -> str:
        values = [inline_markdown(b, s) for o in outputs for b, s in o.get("data", {}).get(INLINE_MIME, [])]
        text = part.source
        for one, value in reversed(list(zip(part.inline, values, strict=False))):
            text = text[: one.start] + value + text[one.end :]
        return shield_svg(text.replace("`{{python}}", "`{python}"))

    def _cell(self, cell: Cell, outputs: tuple[Output, ...]) -> str:
        self._cells += 1
        if option(self.page, cell, "include", True) in (False, "false"):
            return ""
        shows = option(self.page, cell, "output", True)
        outputs = () if shows in (False, "false") else outputs
        code, label = self._code(cell), str(cell.options.get("label") or "")
        shown = [block for i, o in enumerate(outputs) if (block := self._output(o, cell, outputs[:i], shows == "asis"))]
        if shows == "asis":
            blocks = [text for text, _ in shown]
            if label.startswith(("fig-", "tbl-")):
                return self._display(cell, label, blocks, code)
            return "\n\n".join([code, *blocks])
        streams = [text for text, displayed in shown if not displayed]
        displays = [text for text, displayed in shown if displayed]
        content = "\n\n".join(filter(None, [code, *streams, self._display(cell, label, displays, "")]))
        if not content:
            return ""
        classes = [".cell", *(f".{c}" for c in listed(cell.options.get("classes")))]
        if cell.options.get("column"):
            classes.append(f".column-{cell.options['column']}")
        content = div(" ".join(classes), content, depth=6)
        return "\n".join(cell.indent + line for line in content.splitlines()) if cell.indent else content

    def _code(self, cell: Cell) -> str:
        echo = option(self.page, cell, "echo", True)
        if echo in (False, "false") or not cell.source.strip():
            return ""
        text, language = cell.source, ".python"
        if echo == "fenced":
            kept = {k: v for k, v in cell.options.items() if k != "echo"}
            options = yaml.safe_dump(kept, sort_keys=False).splitlines() if kept else []
            text = "```{python}\n" + "\n".join([*(f"#| {line}" for line in options), text]) + "\n```"
            language = ".markdown"
        fold = {"true": "true", "show": "show"}.get(str(option(self.page, cell, "code-fold")).lower())
        label = cell.options.get("lst-label")
        names = [f"#{label}" if label else "", language, ".cell-code"]
        if option(self.page, cell, "code-line-numbers") in (True, "true"):
            names.append(".numberLines")
        names.append(
            attributes(
                code_fold=fold,
                code_summary=option(self.page, cell, "code-summary") if fold else None,
                lst_cap=cell.options.get("lst-cap"),
                filename=cell.options.get("filename"),
            )
        )
        return fenced(text, "{" + " ".join(filter(None, names)) + "}")

    def _display(self, cell: Cell, label: str, blocks: list[str], lead: str) -> str:
        """Return the displayed outputs, with number, caption and layout where the cell asks for them."""
        if not blocks:
            return lead
        options = cell.options
        kind = label.split("-", 1)[0] if label.startswith(("fig-", "tbl-")) else ""
        name = kind or ("tbl" if "tbl-cap" in options else "fig")
        caption, sub = options.get(f"{name}-cap"), options.get(f"{name}-subcap")
        sub = [""] * len(blocks) if sub is True else sub
        layout = attributes(
            layout_ncol=options.get("layout-ncol"),
            layout_nrow=options.get("layout-nrow"),
            layout=options.get("layout"),
            layout_valign=options.get("layout-valign"),
        )
        if isinstance(caption, list):  # one numbered figure for each output
            items = [
                captioned(f"#{label}-{i}" if kind else ".quarto-figure", block, nth(caption, i - 1))
                for i, block in enumerate(blocks, 1)
            ]
            return "\n\n".join(filter(None, [lead, div(layout or ".cell-output", *items, depth=5)]))
        if kind and sub and len(blocks) > 1:
            blocks = [captioned(f"#{label}-{i}", b, nth(sub, i - 1)) for i, b in enumerate(blocks, 1)]
        if kind or caption or layout:
            names = [f"#{label} .cell-output-display" if kind else ".quarto-figure" if caption else "", layout]
            names.append(attributes(float_cap=one_line(caption) or None))
            blocks = [div(" ".join(filter(None, names)) or ".cell-output", *blocks, depth=5)]
        else:
            blocks = [div(".cell-output .cell-output-display", block, depth=5) for block in blocks]
        return "\n\n".join(filter(None, [lead, *blocks]))

    def _output(self, out: Output, cell: Cell, before: tuple[Output, ...], asis: bool) -> tuple[str, bool] | None:
        """Return one output as Markdown, and whether it is a display (not a stream)."""
        if out["output_type"] == "stream":
            text = ANSI.sub("", out["text"])
            if out["name"] == "stderr":
                return (box("stderr", text), False) if option(self.page, cell, "warning", True) is not False else None
            return (self._asis(text, cell), False) if asis else (box("stdout", text), False)
        if out["output_type"] == "error":
            return box("error", ANSI.sub("", f"{out['ename']}: {out['evalue']}")), False
        data = out.get("data", {})
        mime = next((m for m in ORDER if m in data), None)
        if any("widget" in m or "javascript" in m for m in data) or (mime is None and data):
            self.faults.append(f"{cell.place}: an output of this kind cannot be shown: {', '.join(sorted(data))}")
        if mime is None:
            return None
        value = data[mime] if isinstance(data[mime], str) else "".join(data[mime])
        if mime == "text/html":
            return fenced(tidy_table(value), "{=html}"), True
        if mime in ("text/markdown", "text/latex"):
            return self._asis(value.strip(), cell), True
        if mime in EXTENSION:
            position = sum(1 for o in before if o["output_type"] in DISPLAYED and not set(o["data"]) <= {"text/plain"})
            size = out.get("metadata", {}).get(mime, {})
            return self._image(mime, value, size, nth(cell.options.get("fig-alt"), position), cell), True
        return (self._asis(value, cell) if asis else box("stdout", ANSI.sub("", value))), False

    def _asis(self, text: str, cell: Cell) -> str:
        """Return Markdown that a cell made, with its drawings kept from being read as Markdown."""
        fence = ""
        for line in text.splitlines():
            fence = step(fence, line)
            if not fence and (hit := SHORTCODE.search(line)):
                self.faults.append(f"{cell.place}: the shortcode {hit[1]} is not supported in an output")
        return shield_svg(text)

    def _image(self, mime: str, value: str, size: dict[str, Any], alt: Any, cell: Cell) -> str:
        stem = re.sub(r"[^\w-]", "-", str(cell.options.get("label") or f"cell-{self._cells}"))
        self._taken[stem] = number = self._taken.get(stem, 0) + 1
        file = self.folder / self.files / f"{stem}-{number}.{EXTENSION[mime]}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(value.encode() if mime == "image/svg+xml" else base64.b64decode(value))
        if not str(alt or "").strip():
            self.faults.append(f"{cell.place}: figure without alt text (fig-alt)")
        width = cell.options.get("out-width") or (f"{size['width']}px" if size.get("width") else None)
        height = f"{size['height']}px" if size.get("height") and not cell.options.get("out-width") else None
        names = attributes(fig_alt=one_line(alt), width=width, height=height)
        return f"![]({self.files}/{file.name}){{{names}}}"


def div(attrs: str, *blocks: str, depth: int = 3) -> str:
    """Put blocks into a fenced div; empty ones are left out."""
    colons = ":" * depth
    return f"{colons} {{{attrs}}}\n" + "\n\n".join(b for b in blocks if b) + f"\n{colons}"


def captioned(name: str, block: str, caption: Any) -> str:
    """Put a block into a div with a caption.

    The caption is an attribute, so that a last paragraph of the block itself is not taken for it.
    """
    return div(f"{name} {attributes(float_cap=one_line(caption) or None)}".strip(), block, depth=4)


def attributes(**values: Any) -> str:
    """Write attributes; those that are None are left out.

    >>> attributes(layout_ncol=2, fig_alt='a "b"', width=None)
    'layout-ncol="2" fig-alt="a &quot;b&quot;"'
    """
    out = []
    for name, value in values.items():
        if value is not None:
            text = value if isinstance(value, str) else json.dumps(value)
            escaped = html.escape(text, quote=True).replace("\\", "\\\\")
            out.append(f'{name.replace("_", "-")}="{escaped}"')
    return " ".join(out)


def nth(value: Any, index: int) -> Any:
    """Return a list's item (None past its end); anything else is the value for every index."""
    return (value[index] if index < len(value) else None) if isinstance(value, list) else value


def one_line(text: Any) -> str:
    """Join the lines of a text."""
    return re.sub(r"\s*\n\s*", " ", str(text)).strip() if text else ""


def box(kind: str, text: str) -> str:
    """Show a stream's text verbatim."""
    return div(f".cell-output .cell-output-{kind}", fenced(text.rstrip("\n"), "{.text .plain}"), depth=5)


def tidy_table(value: str) -> str:
    """Drop what pandas adds to its tables' look."""
    value = re.sub(r"<style scoped>.*?</style>\s*", "", value, flags=re.S)
    return value.replace('<table border="1" class="dataframe">', '<table class="dataframe">').strip()


def inline_markdown(bundle: dict[str, str], is_text: bool) -> str:
    r"""Return an inline value as Markdown: a string is escaped, an object that says how it shows is not.

    >>> inline_markdown({"text/plain": "a_b"}, True)
    'a\\_b'
    """
    if "text/markdown" in bundle:
        return bundle["text/markdown"]
    if "text/html" in bundle:
        return f"`{bundle['text/html']}`{{=html}}"
    text = bundle.get("text/plain", "")
    return markdown(text) if is_text else text


def shield_svg(text: str) -> str:
    """Mark inline drawings as raw HTML, so that their text is not read as Markdown.

    >>> print(shield_svg("a <svg><text>1--2</text></svg> b"))
    a `<svg><text>1--2</text></svg>`{=html} b
    """
    if "<svg" not in text:
        return text
    out: list[str] = []
    open_text: list[str] = []
    fence = ""

    def flush() -> None:
        if open_text:
            out.append(SVG.sub(_raw_svg, "\n".join(open_text)))
            open_text.clear()

    for line in text.split("\n"):
        after = step(fence, line)
        if fence or after:
            flush()
            out.append(line)
        else:
            open_text.append(line)
        fence = after
    flush()
    return "\n".join(out)


def _raw_svg(hit: re.Match[str]) -> str:
    before = hit.string[: hit.start()].rpartition("\n")[2]
    after = hit.string[hit.end() :].partition("\n")[0]
    if not before.strip() and not after.strip():
        return f"\n{before}```{{=html}}\n{hit[0]}\n{before}```\n"
    ticks = "`" * (1 + max([0, *(len(m) for m in re.findall(r"`+", hit[0]))]))
    return f"{ticks}{hit[0]}{ticks}{{=html}}".replace("\n", " ")
