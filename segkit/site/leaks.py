"""The search of a finished site for raw identifiers of its data."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..data.identifiers import Identifiers, normalise_all

TEXT = {".html", ".htm", ".svg", ".xml", ".json", ".js", ".css", ".csv", ".txt", ".md", ".cff", ".bib", ".map", ""}
SEARCH_INDEX = "search-index.js"  # the one script that holds text of the pages
SHORTEST = 6  # an identifier of fewer digits cannot be told from a count
LONGEST_NAME = 8  # words
# A number as people write it: digits at a stretch, or groups of two to four held together by one kind of mark.
STRETCH = re.compile(r"(?<![\d.])\d{6,}(?![\d])")
GROUPS = re.compile(r"\+?\(?\d{1,4}\)?(?:(?P<mark>[ .\-/\u2011\u2013])[ ]?\(?\d{2,5}\)?)(?:(?P=mark)\d{2,5})*")
THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:[,'’]\d{3})+(?![\d,])")
POWER = re.compile(r"(?<![\d.])(\d)[.,](\d+)[eE]\+?0*(\d{1,2})(?!\d)")
SPACES = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.S | re.I)


@dataclass(frozen=True)
class Leak:
    """One place where the site gives an identifier away. It never holds the identifier."""

    file: str
    kind: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}: a {self.kind} of the input stands in line {self.line}"


class Search:
    """A search for the identifiers of one input.

    Parameters
    ----------
    identifiers : Identifiers
    own_words : iterable of str
        Words that the report's own sources use: a single-word name among them is no sign of a leak.

    Attributes
    ----------
    unsearchable : int
        Identifiers that are too short to be told from counts.
    """

    def __init__(self, identifiers: Identifiers, own_words: Iterable[str] = ()) -> None:
        known = {w.casefold() for w in own_words}
        self.digits: set[str] = set()
        self.texts: set[str] = set()
        self.unsearchable = 0
        folded = normalise_all(identifiers.numbers)
        for raw in identifiers.numbers:
            core = re.sub(r"\D", "", raw).lstrip("0")
            if re.search(r"[^\W\d_]", raw):
                self.texts.add(raw.casefold())
            elif len(core) >= SHORTEST:
                national = re.sub(r"\D", "", folded[raw])  # without its country code, as people at home write it
                self.digits.update(n for n in (core, national) if len(n) >= SHORTEST)
            else:
                self.unsearchable += 1
        self.lengths = sorted({len(d) for d in self.digits}, reverse=True)
        names = {tuple(w.casefold() for w in WORD.findall(n)) for n in identifiers.names}
        self.names = {n for n in names if 1 < len(n) <= LONGEST_NAME}
        self.single = {n[0] for n in names if len(n) == 1 and len(n[0]) > 1 and not n[0].isdigit()} - known
        self.widths = sorted({len(n) for n in self.names})

    def folder(self, site: Path) -> list[Leak]:
        """Search every file of a site; its file names count too."""
        found: list[Leak] = []
        for file in sorted(p for p in site.rglob("*") if p.is_file()):
            name = file.relative_to(site).as_posix()
            if next(self._numbers(name), None) is not None:
                found.append(Leak("a file name", "number", 1))
            content = file.read_bytes()
            if file.suffix.lower() in TEXT:
                found += self.text(content.decode("utf-8", "replace"), name)
            else:
                found += self._binary(content, name)
        return found

    def text(self, text: str, name: str) -> list[Leak]:
        """Search one text file: numbers everywhere; names where a reader, or a spreadsheet, sees them."""
        plain = SPACES.sub(" ", INVISIBLE.sub("", html.unescape(text)))
        found = [Leak(name, "number", plain.count("\n", 0, at) + 1) for at in self._numbers(plain)]
        page = name.endswith((".html", ".htm", ".svg"))
        attributes = " ".join(re.findall(r'(?:alt|title|aria-label|content)="([^"]*)"', text)) if page else ""
        seen = MARKUP.sub(lambda m: "\n" * m[0].count("\n") or " ", text) + "\n" + attributes if page else text
        seen = SPACES.sub(" ", INVISIBLE.sub("", html.unescape(seen)))
        code = name.endswith((".css", ".js")) and not name.endswith(SEARCH_INDEX)
        return found + [Leak(name, "name", line) for line in self._names(seen, single=not code)]

    def _binary(self, content: bytes, name: str) -> list[Leak]:
        text = content.decode("latin-1")
        wide = content.decode("utf-16-le", "ignore")
        hits = [m for t in (text, wide) for m in STRETCH.finditer(t) if self._is_number(m[0])]
        return [Leak(name, "number", 1) for _ in hits]

    def _is_number(self, digits: str) -> bool:
        """Tell whether digits are an identifier, also behind a trunk zero or a country code."""
        core = digits.lstrip("0")
        return core in self.digits or any(
            len(core) - n in range(1, 4) and core[-n:] in self.digits for n in self.lengths
        )

    def _numbers(self, text: str) -> Iterator[int]:
        if not self.digits and not self.texts:
            return
        for pattern in (STRETCH, GROUPS, THOUSANDS):
            for hit in pattern.finditer(text):
                if self._grouped(hit[0]):
                    yield hit.start()
        for hit in POWER.finditer(text):
            whole, part, power = hit[1], hit[2], int(hit[3])
            if power >= len(part) and (whole + part).ljust(power + 1, "0") in self.digits:
                yield hit.start()
        if self.texts:
            for hit in re.finditer(r"[^\s<>\"'(),;]+", text):
                if hit[0].casefold().strip(".:!?") in self.texts:
                    yield hit.start()

    def _grouped(self, text: str) -> bool:
        """Tell whether neighbouring groups, joined, are an identifier."""
        groups = re.findall(r"\d+", text)
        for start in range(len(groups)):
            joined = ""
            for group in groups[start:]:
                joined += group
                if len(joined) > self.lengths[0] + 4 if self.lengths else True:
                    break
                if len(joined) >= SHORTEST and self._is_number(joined):
                    return True
        return False

    def _names(self, text: str, *, single: bool) -> Iterator[int]:
        if not self.names and not self.single:
            return
        for number, line in enumerate(text.splitlines(), 1):
            words = [w.casefold() for w in WORD.findall(line)]
            if single and any(w in self.single for w in words):
                yield number
            for width in self.widths:
                if any(tuple(words[i : i + width]) in self.names for i in range(len(words) - width + 1)):
                    yield number


def own_words(sources: Iterable[Path]) -> set[str]:
    """Return the words of the report's own sources."""
    return {w.casefold() for source in sources for w in WORD.findall(source.read_text("utf-8", "replace"))}
