"""Text as the search for identifiers reads it: one spelling, escapes undone, markup taken away; lines stay lines."""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5

NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")
BETWEEN = re.compile(r"(?<=[^\W_])'(?=[^\W_])")  # O'Brien is OBrien, 648'578'192 is 648578192
APOSTROPHES = frozenset("'`´\u2018\u2019\u201b\u02b9\u02bb\u02bc\u2032\uff07")
DOTS = frozenset("·•‧∙⋅・･\u0387")
MINUS = frozenset("\u2212\u2043\u02d7\u2796")
TONES = range(0x1F3FB, 0x1F400)  # skin tones of emoji
# Letters that no decomposition takes apart.
LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
PAIRS = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}  # how the same letters are written without marks
EMOJI = "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001fbff"
# Scripts without blanks between words; Hangul too, whose particles hang on the name.
DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
WORD = re.compile(rf"[^\W_]+|[{EMOJI}]")
DENSE_LETTER = re.compile(f"[{DENSE}]")
NOT_WORD = re.compile(r"[\W_]+")

ENTITY = re.compile(r"&(?:#(\d+)|#x([0-9a-f]+)|([a-z][a-z0-9]*));?")
ENTITIES = {name.lower().rstrip(";"): text for name, text in sorted(html5.items(), reverse=True)}
UNITS = re.compile(r"(?:(?:\\u|%u)[0-9a-f]{4})+")
POINT = re.compile(r"\\u\{([0-9a-f]{1,6})\}|\\x([0-9a-f]{2})")
PERCENT = re.compile(r"(?:%[0-9a-f]{2})+")
STYLED = re.compile(r"\\([0-9a-f]{1,6})[ ]?")  # an escape of style sheets
BACKSLASH = re.compile(r"\\([^\w\s])")
BREAKS = re.compile(r"\\[nrtfv]")
ROUNDS = 3  # an escape within an escape within an escape

TAG = re.compile(
    r"<!--(.*?)-->|<(script|style)\b([^>]*)>(.*?)</\2\s*>|<!\[cdata\[|</?([a-z][\w:.-]*)([^>]*)>|<[!?][^>]*>", re.S
)
DRAWN = frozenset(
    ("circle", "ellipse", "line", "mi", "mn", "mo", "path", "polygon", "polyline", "rect", "use")
)  # no text
# Elements that a reader sees as one beside or below the other; all others do not interrupt a word.
_APART = """
    address article aside blockquote body br button caption dd desc details dialog div dl dt fieldset figcaption figure
    footer form g h1 h2 h3 h4 h5 h6 head header hr img input label li link main meta metadata nav ol optgroup option p
    path pre rect script section select style summary svg table tbody td text textarea tfoot th thead title tr ul use
"""
APART = frozenset(_APART.split())
# Attributes that readers, their browsers or scripts read as text.
SPOKEN = re.compile(
    r"\b(?:alt|title|content|id|name|value|placeholder|label|summary|abbr|download|aria-[\w-]+|data-(?!bs-)[\w-]+"
    r"|(?:xlink:)?href)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)"
)
CALLS = re.compile(r"(?:tel|sms|callto|mailto|sips?|xmpp|skype|whatsapp):")
APART_MARK = "|"


@functools.lru_cache(1 << 16)
def _character(c: str) -> str:
    kind = unicodedata.category(c)
    if kind in ("Mn", "Me", "Cf", "Cs") or ord(c) in TONES:
        return ""
    if kind == "Nd":
        return str(unicodedata.decimal(c))
    if kind in ("Zs", "Zl", "Zp") or c == "\x85":
        return " "
    if kind == "Pd" or c in MINUS:
        return "-"
    if c in APOSTROPHES:
        return "'"
    if c in DOTS:
        return "."
    low = c.casefold()
    if low in LETTERS:
        return LETTERS[low]
    apart = c if "\uac00" <= c <= "\ud7a3" else unicodedata.normalize("NFKD", c)
    return low if apart == c else "".join(map(_character, apart))


def fold(text: str) -> str:
    """Return a text in one spelling.

    Compatibility forms (NFKC), case, combining marks, invisible characters, digits of all scripts, kinds of blanks,
    dashes and apostrophes make no difference.

    Examples
    --------
    >>> fold("Mu\u0308LLER O\u2019Brien \uff16\u0664\u096e\u202f\u2011 7\u200b8")
    'muller obrien 648 - 78'
    """
    if not text.isascii():
        text = NOT_ASCII.sub(lambda hit: "".join(map(_character, unicodedata.normalize("NFC", hit[0]))), text)
    text = CONTROL.sub("", text.lower().replace("\t", " "))
    return BETWEEN.sub("", text) if "'" in text else text


def decode(folded: str, *, style: bool = False) -> str:
    r"""Undo the escapes of HTML, JSON, JavaScript, addresses and, with ``style``, of style sheets, however nested.

    Examples
    --------
    >>> decode(r"&amp;#54;4%38\u0035\x378\/1")
    '648578/1'
    """
    text = folded
    for _ in range(ROUNDS):
        before = text
        if "&" in text:
            text = ENTITY.sub(_entity, text)
        if "\\" in text or "%u" in text:
            text = UNITS.sub(_units, text)
            text = POINT.sub(lambda hit: _point(int(hit[1] or hit[2], 16)), text)
            text = STYLED.sub(lambda hit: _point(int(hit[1], 16)), text) if style else text
            text = BREAKS.sub(" ", BACKSLASH.sub(r"\1", text))
        if "%" in text:
            text = PERCENT.sub(_percent, text)
        if text == before:
            break
    return folded if text == folded else fold(text)


def _entity(hit: re.Match[str]) -> str:
    if hit[3]:
        return ENTITIES.get(hit[3], hit[0]).replace("\n", " ")
    digits, base = (hit[1], 10) if hit[1] else (hit[2], 16)
    return _point(int(digits[:12], base))  # browsers read more digits as one number too, that of no character


def _point(code: int) -> str:
    return " " if code in (10, 13) or code > sys.maxunicode else chr(code)


def _units(hit: re.Match[str]) -> str:
    codes = bytes.fromhex(re.sub(r"\\u|%u", "", hit[0])).decode("utf-16-be", "replace")
    return codes.replace("\n", " ")


def _percent(hit: re.Match[str]) -> str:
    code = bytes.fromhex(hit[0].replace("%", ""))
    try:
        return code.decode("utf-8").replace("\n", " ")
    except UnicodeDecodeError:
        return code.decode("latin-1").replace("\n", " ")


@dataclass(frozen=True)
class Marked:
    """A text with markup, read in three ways.

    Attributes
    ----------
    joined : str
        Without its tags: ``<b>555</b>012`` is one number, and cells of a table are apart.
    spaced : str
        With a blank or a mark for each tag.
    spoken : str
        What tags and comments hold for readers: alternative texts, titles, names, anchors, linked data.
    """

    joined: str
    spaced: str
    spoken: str


def read(text: str) -> Marked:
    """Take the markup of a folded text away. Lines keep their numbers in all three readings."""
    joined: list[str] = []
    spaced: list[str] = []
    spoken: list[str] = []
    at = waiting = 0
    within = False  # a word
    for hit in TAG.finditer(text):
        part, lines = text[at : hit.start()], hit[0].count("\n")
        at = hit.end()
        name = hit[2] or hit[5] or ""
        apart = name in APART or (not name and hit[1] is None)
        spaced += part, APART_MARK if apart else " ", "\n" * lines
        spoken += "\n" * part.count("\n"), "" if name in DRAWN else _spoken(hit), "\n" * lines
        if waiting and (end := NOT_WORD.search(part)):  # the lines of a tag within a word come after the word
            part, waiting = part[: end.start()] + "\n" * waiting + part[end.start() :], 0
        joined.append(part)
        within = part[-1:].isalnum() if part else within
        if within and not apart:
            waiting += lines
        else:
            joined += "\n" * (waiting + lines), APART_MARK if apart else ""
            waiting = 0
    rest = text[at:]
    joined += rest, "\n" * waiting
    return Marked("".join(joined), "".join([*spaced, rest]), "".join(spoken) + "\n" * rest.count("\n"))


def _spoken(hit: re.Match[str]) -> str:
    """Return what one tag or comment holds for readers, on one line."""
    if hit[1] is not None:
        found = TAG.sub("", hit[1])
    elif hit[2]:
        found = hit[4] if "ld+json" in hit[3] else ""
    else:
        found = " ".join(_values(hit[6])) if hit[6] else ""
    return found.replace("\n", " ") + APART_MARK if found else ""


def _values(attributes: str) -> Iterator[str]:
    for hit in SPOKEN.finditer(attributes):
        value = hit[1].strip("\"'")
        if "href" in hit[0][:10] and not CALLS.match(value):  # of an address only the anchor, or whom it calls
            value = value.partition("#")[2]
        yield value


@functools.lru_cache(2)  # the studies of a site have the same
def own_words(sources: tuple[str, ...]) -> frozenset[str]:
    """Return the words of the report's own sources."""
    return frozenset(w for source in sources for w in WORD.findall(fold(source)))
