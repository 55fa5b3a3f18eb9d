"""The search of a finished site for raw identifiers of its data."""

from __future__ import annotations

import copy
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from .. import viewer
from ..data.identifiers import Identifiers
from ..data.provenance import Unsearched
from . import plain
from .plain import APART_MARK, DENSE_LETTER, NOT_WORD, WORD, decode, fold
from .spellings import NATIONAL, SHORTEST, Numbers, Words
from .unpack import ARCHIVES, embedded, unpacked

PAGES = (".html", ".htm", ".xhtml", ".svg", ".xml", ".md")
CODE = (".css", ".js", ".mjs")  # texts that hold no words for readers, but for the index of the search
SEARCH_INDEX = "search-index.js"
TABLES = (".csv", ".json", ".js")  # a comma without quotation marks divides their cells
SHORT = 7  # up to so many digits a number may equal one of the input by chance
NESTED = 3  # an archive within an archive within an archive

STRETCH = re.compile(r"(?<!\d)(?<!\d\.)\d{6,}(?!\d)")
GROUPS = re.compile(  # brackets hold one group; those of an interval, as in 36 (31-40), hold two
    r"\+?\(?\d+(?:(?:\)[ .\-/\n]{0,2}|[ .\-/_\n]{0,2}\((?=\d{1,5}\))|[ .\-/_\n]{1,3})\d+)+"
)
GAP = re.compile(r"[ .\-/_()\n]+|\d+")
THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:(?:,\d{3})+|(?:,\d\d)+,\d{3})(?![\d,])")
POWER = re.compile(r"(?<![\w.])(\d+(?:[.,]\d+)?)(?:e\+?|\s?[x*×.]\s?10\^?)(-?\d{1,2})(?![\d.])")
OPTIONAL = re.compile(r"\(0\)")  # +44 (0)20
DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-./])(?:0?[1-9]|1[0-2])(?:\1(?:0?[1-9]|[12]\d|3[01]))?"
    r"|(?:0?[1-9]|[12]\d|3[01])([-./])(?:0?[1-9]|[12]\d|3[01])\2(?:19|20)\d\d)(?!\d)"
)
# What drawings and styles place: coordinates, of which only a whole number of many digits could be an identifier.
DRAWN = re.compile(r"\b(?:d|points|transform|viewbox|style|stroke-dasharray|[xy][12]?)=\"[^\"]*\"")
COLOUR = re.compile(r"[\"':=\s,(]#$")
DIGEST = re.compile(
    r"(?<![0-9a-z])(?=\d*[a-f])(?:[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-z])|(?<=[\"#(-])[hmp](?=\d*[a-f])[0-9a-f]{10}(?=[\")])"
)
ESCAPED = re.compile(r"&(?:amp;)*(?:lt|#0*60|#x0*3c)|%(?:25)*3c|\\u003c|\\x3c")
EMBEDDED = re.compile(r"data:[\w/+.-]*(?:;[\w=.-]+)*;base64,\s*([A-Za-z0-9+/=\s]+)", re.I)


@dataclass(frozen=True)
class Leak:
    """One place where the site gives an identifier away. It never holds the identifier.

    Attributes
    ----------
    file : str
    kind : str
        ``number``, ``identifier``, ``name`` or ``header cell``.
    line : int
    digits : int
        Of a number: how many.
    """

    file: str
    kind: str
    line: int
    digits: int = 0

    def __str__(self) -> str:
        if 0 < self.digits <= SHORT:
            return f"{self.file}: a number of {self.digits} digits in line {self.line} equals one of the input"
        return f"{self.file}: {'an' if self.kind[0] in 'aeiou' else 'a'} {self.kind} of the input stands in line {self.line}"


class Search:
    """A search for the identifiers of one input.

    Parameters
    ----------
    identifiers : Identifiers
    own_words : iterable of str
        Words that the report's own sources use, from `own_words`: a single-word name among them is no sign of a leak.
    code : iterable of str
        Texts of the package: a name of several words that stands there is none either.
    known : iterable of str
        Fingerprints that the site states.

    Attributes
    ----------
    unsearched : Unsearched
        How many identifiers cannot be searched, and why.
    """

    def __init__(
        self,
        identifiers: Identifiers,
        own_words: Iterable[str] = (),
        code: Iterable[str] = (),
        known: Iterable[str] = (),
    ) -> None:
        both = {cell: any(c.isalpha() for c in cell) for cell in (*identifiers.numbers, *identifiers.names)}
        digits = {cell for cell, letters in both.items() if not letters and any(c.isdigit() for c in cell)}
        self.numbers = Numbers({cell for cell in (*both, *identifiers.headers) if any(c.isdigit() for c in cell)})
        texts = dict.fromkeys(identifiers.headers - digits, "header cell")
        texts |= dict.fromkeys(identifiers.names - digits, "name")
        texts |= dict.fromkeys(identifiers.numbers - digits, "identifier")
        self.words = Words(texts, frozenset(own_words), code)
        self.known = {k.casefold() for k in known}
        self.candidates: dict[int, set[str]] = defaultdict(set)
        self.unsearched = Unsearched(
            short=len(self.numbers.short & both.keys()),
            dense=len(self.numbers.dense & both.keys()),
            common=len(self.words.common & both.keys()),
            brief=len(self.words.brief & both.keys()),
        )

    def beside(self, told: Set[str]) -> Search:
        """Return this search without names of one word that other studies of the site tell, from data of their own.

        A caller may be called France, and a market is. Names of several words, numbers and headings are searched as ever.
        """
        out, out.words = copy.copy(self), copy.copy(self.words)
        out.words.single = {w: kind for w, kind in self.words.single.items() if kind != "name" or w not in told}
        left = len(self.words.single) - len(out.words.single)
        out.unsearched = replace(self.unsearched, common=self.unsearched.common + left)
        return out

    @property
    def chance(self) -> float:
        """How many of the numbers that were looked at would equal one of the input if their digits were random."""
        return sum(len(found) * self.numbers.share.get(size, 0.0) for size, found in self.candidates.items())

    @property
    def identity(self) -> str:
        """A digest of all that is searched: two searches of one identity find the same in the same file."""
        numbers, words = self.numbers, self.words
        every = (words.several, words.single, words.anywhere, words.dense)
        parts = [sorted(numbers.digits), sorted(numbers.exact), sorted(self.known), *(sorted(w.items()) for w in every)]
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def folder(self, site: Path, clean: set[str] | None = None) -> list[Leak]:
        """Search every file of a site but a viewer that is the installed one to the letter; file names count too.

        Parameters
        ----------
        site : path
        clean : set of str, optional
            Marks of files, name and content, in which a search of this identity has found nothing: they are passed over.
            Afterwards it holds those of this site.
        """
        found: list[Leak] = []
        self.candidates.clear()
        known, now = clean or set(), set()
        for file in sorted(p for p in site.rglob("*") if p.is_file()):
            name, content = file.relative_to(site).as_posix(), file.read_bytes()
            mark = hashlib.sha256(f"{name}\0".encode() + content).hexdigest()
            before = len(found)
            if mark not in known and not viewer.untouched(site, name):
                if self.text(name, "name.txt"):
                    found.append(Leak("a file name", "number", 1))
                    name = f"a file{file.suffix} whose name holds an identifier"
                found += self._content(content, name)
            if len(found) == before:
                now.add(mark)
        if clean is not None:
            clean.clear()
            clean |= now
        return found

    def _content(self, content: bytes, name: str, depth: int = 0) -> list[Leak]:
        """Search a file, or what is packed within one."""
        if depth < NESTED and content.startswith(ARCHIVES):
            parts = unpacked(content)  # a table in an archive is read as one
            found = [leak for own, part in parts for leak in self._content(part, own or name, depth + 1)]
            return [Leak(name, leak.kind, 1, leak.digits) for leak in found] + self._binary(content, name)
        if b"\0" not in content[:4096] or content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return self.text(_text(content), name, depth)
        return self._binary(content, name)

    def _binary(self, content: bytes, name: str) -> list[Leak]:
        texts = [
            content.decode("latin-1"),
            content.decode("utf-16-le", "ignore"),
            content[1:].decode("utf-16-le", "ignore"),
        ]
        hits = [(size, m) for t in texts for m in STRETCH.finditer(t) if (size := self.numbers.size(m[0]))]
        return [Leak(name, "number", 1, size) for size, _ in hits]

    def text(self, text: str, name: str, depth: int = 0) -> list[Leak]:
        """Search one text file: numbers everywhere; names where a reader, a spreadsheet or a script sees them."""
        suffix = Path(name).suffix.lower()
        found = set()
        for view, marks, single in _views(text, name):
            prose = suffix in PAGES and not marks
            placed = DRAWN.sub(_lines_only, view) if marks else view
            hits = self._whole(view, marks=marks)
            found |= {Leak(name, "number", _line(view, at), size) for at, size in hits}
            hits = self._parted(placed, table=suffix in TABLES, prose=prose)
            found |= {Leak(name, "number", _line(placed, at), size) for at, size in hits}
            found |= {Leak(name, kind, _line(placed, at)) for at, kind in self._words(placed, single=single)}
        for hit in EMBEDDED.finditer(text) if depth < NESTED else ():
            line = text.count("\n", 0, hit.start()) + 1
            found |= {Leak(name, f.kind, line, f.digits) for f in self._content(embedded(hit[1]), name, depth + 1)}
        return sorted(found, key=lambda leak: (leak.kind != "number", leak.line, leak.kind, leak.digits))

    # Numbers

    def _size(self, digits: str, *, international: bool = False) -> int:
        core = digits.lstrip("0")
        self.candidates[len(core)].add(core)
        return self.numbers.size(digits, international=international)

    def _whole(self, text: str, *, marks: bool) -> Iterator[tuple[int, int]]:
        """Yield the place of each number of the input that is written at a stretch, and how many digits it has."""
        for hit in STRETCH.finditer(text):
            plus = text[max(0, hit.start() - 1) : hit.start()] == "+" or hit[0].startswith("00")
            size = self._size(hit[0], international=plus)
            if size and not self._stated(text, hit, marks=marks):
                yield hit.start(), size

    def _parted(self, text: str, *, table: bool, prose: bool) -> Iterator[tuple[int, int]]:
        """Yield the place of each number that is written in groups or as a power, and how many digits it has."""
        if not self.numbers.longest:
            return
        for hit in THOUSANDS.finditer(text):
            quoted = text.count('"', text.rfind("\n", 0, hit.start()) + 1, hit.start()) % 2
            if (quoted or not table) and (size := self._size(hit[0].replace(",", ""))):
                yield hit.start(), size
        for hit in POWER.finditer(text):
            value = Decimal(hit[1].replace(",", ".")).scaleb(int(hit[2]))
            if value == value.to_integral_value() and (size := self._size(str(int(value)))):
                yield hit.start(), size
        for hit in GROUPS.finditer(text):
            if size := self._grouped(hit[0], prose=prose):
                yield hit.start(), size

    def _stated(self, text: str, hit: re.Match[str], *, marks: bool) -> bool:
        """Tell whether digits belong to a digest, a colour or a fingerprint."""
        start, end = max(0, hit.start() - 64), hit.end() + 64
        if marks and len(hit[0]) == 6 and COLOUR.search(text[start : hit.start()]):
            return True
        near = text[start:end]
        inside = [(m.start() + start, m.end() + start) for m in DIGEST.finditer(near)]
        inside += [(m.start() + start, m.end() + start) for k in self.known for m in re.finditer(re.escape(k), near)]
        return any(a <= hit.start() and hit.end() <= b for a, b in inside)

    def _grouped(self, text: str, *, prose: bool) -> int:
        """Return how many digits the number has that neighbouring groups make together, or 0."""
        for written in {text, OPTIONAL.sub(" ", text)}:
            parts = GAP.findall(written.lstrip("+( "))
            groups, gaps = parts[::2], [_mark(gap) for gap in parts[1::2]]
            dates = [(m.start(), m.end()) for m in DATE.finditer(written)]
            for first in range(len(groups) - 1):
                joined, marks, single = groups[first], set[str](), int(len(groups[first]) == 1)
                for last in range(first + 1, len(groups)):
                    joined += groups[last]
                    marks |= gaps[last - 1]
                    single += len(groups[last]) == 1
                    if len(joined) > self.numbers.longest + 5 or len(marks - {" "}) > 2:
                        break
                    if len(joined) < SHORTEST or not _as_written(groups[first : last + 1], marks, single, prose=prose):
                        continue
                    size = self._size(joined, international=text[0] == "+" and first == 0)
                    if size and not (dates and _within(parts, first, last, dates, written)):
                        return size
        return 0

    # Words

    def _words(self, text: str, *, single: bool) -> Iterator[tuple[int, str]]:
        """Yield the place of each name or identifier of letters, and its kind."""
        known = self.words
        found = WORD.findall(text)
        alone = {**known.anywhere, **known.single} if single else known.anywhere
        lone = not alone.keys().isdisjoint(found)
        if lone or not known.first.keys().isdisjoint(found):
            starts = [m.start() for m in WORD.finditer(text)]
            if lone:
                yield from ((at, alone[word]) for at, word in zip(starts, found, strict=True) if word in alone)
            yield from ((starts[at], known.several[form]) for at, form in known.phrases(found))
        if known.dense and not text.isascii() and DENSE_LETTER.search(text):
            for run in re.finditer(r"[\w.\- ]+", text):
                if DENSE_LETTER.search(run[0]):
                    compact = NOT_WORD.sub("", run[0])
                    windows = (compact[i : i + n] for n in known.windows for i in range(len(compact) - n + 1))
                    yield from ((run.start(), known.dense[w]) for w in windows if w in known.dense)


def _views(text: str, name: str) -> Iterator[tuple[str, bool, bool]]:
    """Yield a text in all its readings; for each, whether it has markup, and whether readers see every word of it."""
    suffix = Path(name).suffix.lower()
    page, code = suffix in PAGES, suffix in CODE and not name.endswith(SEARCH_INDEX)
    raw = fold(text)
    decoded = decode(raw, style=suffix == ".css")
    yield raw, page or code, not page and not code
    if decoded is not raw:
        yield decoded, page or code, not page and not code
    if page:
        marked = plain.read(raw)
        yield decode(marked.joined), False, True
        yield decode(marked.spaced), False, True
        yield decode(marked.spoken), False, True
    if ESCAPED.search(raw) if page else plain.TAG.search(decoded):  # markup within a text or a value
        again = plain.read(decoded)
        yield from ((view, False, not code) for view in (again.joined, again.spaced, again.spoken))


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _lines_only(hit: re.Match[str]) -> str:
    return APART_MARK + "\n" * hit[0].count("\n")


def _mark(gap: str) -> set[str]:
    """Return the marks that hold two groups together, a blank only where there is nothing else; brackets say nothing."""
    marks = set(gap) - set(" \n()")
    return marks or ({" "} if not set(gap) & set("()") else set())


def _as_written(groups: list[str], marks: set[str], single: int, *, prose: bool) -> bool:
    """Tell whether groups of digits look like one number: not like a decimal, a list of them, or numbered ticks."""
    if single * 2 > len(groups) and sum(map(len, groups)) < NATIONAL:
        return False
    if "." in marks:
        decimal = len(groups) == 2 and not (prose and groups[0] != "0" and len(groups[0]) > 1)
        return len(marks) == 1 and not decimal
    return True


def _within(parts: list[str], first: int, last: int, dates: list[tuple[int, int]], text: str) -> bool:
    """Tell whether digits are those of a date."""
    before = len(text) - len(text.lstrip("+( "))
    start = before + sum(map(len, parts[: 2 * first]))
    end = before + sum(map(len, parts[: 2 * last + 1]))
    return any(start < b and a < end for a, b in dates)


def _text(content: bytes) -> str:
    for mark, code in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if content.startswith(mark):
            return content[len(mark) :].decode(code, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
