"""Text from outside is flattened where it comes in, and escaped where it goes out; everything else passes it on as it is.

Where it comes in: `flat`, called by the loader for categories, names of columns and files, and notes. Where it goes out:
`markdown` and `caption` for Markdown, `fenced` for blocks that Markdown leaves alone, `json_text` for JSON, `cell` for CSV,
`terminal` for messages; HTML is escaped by ``html.escape`` and by MarkupSafe's types.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

LONGEST = 80  # characters of a label from outside
# Letters and marks that show nothing: fillers, joiners, variation selectors (Unicode, Default_Ignorable_Code_Point).
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufdd0-\ufdef\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
GONE = frozenset({"Cf", "Cs", "Co"})  # marks of direction and joining, halves of pairs, private characters
BLANK = frozenset({"Cc", "Zl", "Zp", "Zs"})  # controls, separators of lines and paragraphs, blanks of any width
# What no line of a terminal and no script may hold as it is; classes of `unicodedata` cannot stand in an expression.
UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e0fff]"
)
# Any ASCII punctuation may be escaped (CommonMark 2.4; pandoc, all_symbols_escapable). An apostrophe inside a word is a
# letter of it, and a comma, a semicolon, a question mark or a per cent sign begins nothing.
SPECIAL = re.compile(r"""([\\`*_{}\[\]()<>#+\-.!$|~^@&:=/"]|(?<!\w)'|'(?!\w))""")
OWN_MARKS = re.compile(r"(\*\*|\[@[a-z]+\d{4}\])")  # bold, and a citation
FORMULA = re.compile(
    r"(^|[;\t|])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])"
)  # OWASP, CSV injection; also behind other separators


def flat(text: object, limit: int | None = LONGEST) -> str:
    r"""Make one line of visible characters of a text from outside, with single blanks and in one spelling (NFC).

    Examples
    --------
    >>> flat("a\r\n```\x1b[31m b\u202e\u200b"), flat("x" * 100, 5), flat("\ufeff\u2028")
    ('a ``` [31m b', 'xxxx…', '')
    """
    raw = str(text)
    if not (raw.isascii() and raw.isprintable()):
        kinds = ((c, unicodedata.category(c)) for c in unicodedata.normalize("NFC", raw))
        kept = (" " if kind in BLANK or c == "\u2800" else c for c, kind in kinds if not _unseen(c, kind))
        raw = unicodedata.normalize("NFC", "".join(kept))
    line = " ".join(raw.split())
    return line if limit is None or len(line) <= limit else line[: limit - 1] + "…"


def _unseen(c: str, kind: str) -> bool:
    return kind in GONE or ord(c) & 0xFFFE == 0xFFFE or UNSEEN.match(c) is not None


def terminal(text: object) -> str:
    r"""Make a message safe to print: its lines stay, what steers a terminal or turns the text around does not.

    >>> terminal("row\x1b[2J 7\nnext\u202e")
    'row?[2J 7\nnext?'
    """
    return UNSAFE.sub("?", str(text))


def markdown(text: str) -> str:
    r"""Escape a text such that every reader of Markdown sets it as it is.

    >>> markdown("a_b {{< x >}}, Cliff's 'y'")
    "a\\_b \\{\\{\\< x \\>\\}\\}, Cliff's \\'y\\'"
    """
    return SPECIAL.sub(r"\\\1", text)


def caption(text: str) -> str:
    r"""Escape a caption but for the two marks that our own captions have: bold, and a citation.

    >>> caption("**Half of $x$.** From [@lloyd1982], [y](z).")
    '**Half of \\$x\\$\\.** From [@lloyd1982], \\[y\\]\\(z\\)\\.'
    """
    parts = OWN_MARKS.split(text)
    return "".join(part if i % 2 else markdown(part) for i, part in enumerate(parts))


def fenced(text: str, attributes: str) -> str:
    """Fence a text with more backticks than stand in a row anywhere in it.

    >>> fenced("a ``` b", "{=html}").split()[0]
    '````{=html}'
    """
    ticks = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{ticks}{attributes}\n{text}\n{ticks}"


def json_text(value: Any, *, indent: int | None = None, html: bool = False) -> str:
    r"""Write JSON with letters as they are, and escapes for what no text file should hold.

    Parameters
    ----------
    value : object
    indent : int, optional
        Else without needless blanks.
    html : bool
        Whether it stands inside an element of a page, which no text may close.

    Examples
    --------
    >>> json_text({"é": "\x9b\u2028</script>"}, html=True)
    '{"é":"\\u009b\\u2028\\u003c/script>"}'
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=None if indent else (",", ":"))
    text = UNSAFE.sub(lambda hit: json.dumps(hit[0])[1:-1], text)
    return text.replace("<", "\\u003c") if html else text


def cell(text: str) -> str:
    r"""Write the text of a CSV cell on one line, such that no spreadsheet takes it for a formula, however it divides lines.

    >>> cell("=1+1"), cell("a;\t-2"), cell("a\r\nb - c")
    ("'=1+1", "a;' -2", 'a b - c')
    """
    line = re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text)
    return FORMULA.sub(r"\1'", line)
