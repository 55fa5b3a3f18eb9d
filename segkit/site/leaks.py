"""The search of a finished site for raw identifiers of its data."""

from __future__ import annotations

import copy
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from .. import viewer
from ..data.identifiers import Identifiers
from ..data.provenance import Unsearched
from .plain import DENSE_LETTER, NOT_WORD
from .readings import Piece, Reading, pieces, texts
from .spellings import NATIONAL, SHORTEST, Numbers, Words

SHORT = 7  # up to so many digits a number may equal one of the input by chance

GAP = re.compile(r"[ .\-/_()\n]+|\d+")
OPTIONAL = re.compile(r"\(0\)")  # +44 (0)20
DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-./])(?:0?[1-9]|1[0-2])(?:\1(?:0?[1-9]|[12]\d|3[01]))?"
    r"|(?:0?[1-9]|[12]\d|3[01])([-./])(?:0?[1-9]|[12]\d|3[01])\2(?:19|20)\d\d)(?!\d)"
)
COLOUR = re.compile(r"[\"':=\s,(]#$")
DIGEST = re.compile(
    r"(?<![0-9a-z])(?=\d*[a-f])(?:[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-z])|(?<=[\"#(-])[hmp](?=\d*[a-f])[0-9a-f]{10}(?=[\")])"
)


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
        """Search every file of a site, as `folder` does."""
        return folder(site, [(self, clean)])[0]

    def text(self, text: str, name: str) -> list[Leak]:
        """Search one text file: numbers everywhere; names where a reader, a spreadsheet or a script sees them."""
        return _in_order({leak for piece in texts(text, name) for leak in self.piece(piece, name)})

    def piece(self, piece: Piece, name: str) -> Iterator[Leak]:
        """Search what `readings.pieces` made of the file of that name."""
        for view in piece.readings:
            numbers = ((view.text, self._whole(view)), (view.placed, self._parted(view)))
            for text, hits in numbers:
                yield from (Leak(name, "number", piece.line or _line(text, at), size) for at, size in hits)
            yield from (Leak(name, kind, piece.line or _line(view.placed, at)) for at, kind in self._words(view))
        yield from (Leak(name, "number", 1, size) for own in piece.digits if (size := self.numbers.size(own)))

    # Numbers

    def _size(self, digits: str, *, international: bool = False) -> int:
        core = digits.lstrip("0")
        self.candidates[len(core)].add(core)
        return self.numbers.size(digits, international=international)

    def _whole(self, view: Reading) -> Iterator[tuple[int, int]]:
        """Yield the place of each number of the input that is written at a stretch, and how many digits it has."""
        text = view.text
        for hit in view.stretches:
            plus = text[max(0, hit.start() - 1) : hit.start()] == "+" or hit[0].startswith("00")
            size = self._size(hit[0], international=plus)
            if size and not self._stated(text, hit, marks=view.marks):
                yield hit.start(), size

    def _parted(self, view: Reading) -> Iterator[tuple[int, int]]:
        """Yield the place of each number that is written in groups or as a power, and how many digits it has."""
        if not self.numbers.longest:
            return
        yield from ((at, size) for at, digits in view.written if (size := self._size(digits)))
        yield from ((at, size) for at, text in view.groups if (size := self._grouped(text, prose=view.prose)))

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

    def _words(self, view: Reading) -> Iterator[tuple[int, str]]:
        """Yield the place of each name or identifier of letters, and its kind."""
        known, found, text = self.words, view.words, view.placed
        alone = {**known.anywhere, **known.single} if view.single else known.anywhere
        lone = not alone.keys().isdisjoint(found)
        if lone or not known.first.keys().isdisjoint(found):
            if lone:
                yield from ((at, alone[word]) for at, word in zip(view.starts, found, strict=True) if word in alone)
            yield from ((view.starts[at], known.several[form]) for at, form in known.phrases(found))
        if known.dense and not text.isascii() and DENSE_LETTER.search(text):
            for run in re.finditer(r"[\w.\- ]+", text):
                if DENSE_LETTER.search(run[0]):
                    compact = NOT_WORD.sub("", run[0])
                    windows = (compact[i : i + n] for n in known.windows for i in range(len(compact) - n + 1))
                    yield from ((run.start(), known.dense[w]) for w in windows if w in known.dense)


def folder(site: Path, searches: Sequence[tuple[Search, set[str] | None]]) -> list[list[Leak]]:
    """Search every file of a site but a viewer that is the installed one to the letter; file names count too.

    Parameters
    ----------
    site : path
    searches : sequence of (Search, set of str)
        Each with the marks of files, name and content, in which a search of its identity has found nothing: they are
        passed over. Afterwards the set holds those of this site. None where nothing is passed over.

    Returns
    -------
    list of list of Leak
        What each search found.
    """
    found: list[list[Leak]] = [[] for _ in searches]
    marks: list[set[str]] = [set() for _ in searches]
    for search, _ in searches:
        search.candidates.clear()
    for file in sorted(p for p in site.rglob("*") if p.is_file()):
        name, content = file.relative_to(site).as_posix(), file.read_bytes()
        mark = hashlib.sha256(f"{name}\0".encode() + content).hexdigest()
        leaks = {i: set[Leak]() for i, (_, clean) in enumerate(searches) if mark not in (clean or ())}
        if leaks and not viewer.untouched(site, name):
            called = dict.fromkeys(leaks, name)
            for i in leaks:
                if searches[i][0].text(name, "name.txt"):
                    leaks[i].add(Leak("a file name", "number", 1))
                    called[i] = f"a file{file.suffix} whose name holds an identifier"
            for piece in pieces(content, name):
                for i in leaks:
                    leaks[i].update(searches[i][0].piece(piece, called[i]))
        for i in range(len(searches)):
            own = leaks.get(i, set())
            found[i] += _in_order(own)
            if not own:
                marks[i].add(mark)
    for (_, clean), now in zip(searches, marks, strict=True):
        if clean is not None:
            clean.clear()
            clean |= now
    return found


def _in_order(leaks: Set[Leak]) -> list[Leak]:
    return sorted(leaks, key=lambda leak: (leak.kind != "number", leak.line, leak.kind, leak.digits, leak.file))


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


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
