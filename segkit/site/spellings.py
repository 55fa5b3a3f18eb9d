"""The forms that an identifier may take on a page: digits with and without codes, words in other orders and spellings."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from decimal import Decimal
from itertools import groupby

from ..data.identifiers import TWO_DIGITS, normalise_all
from .plain import DENSE_LETTER, NOT_WORD, PAIRS, WORD, fold

SHORTEST = 6  # a number of fewer digits cannot be told from a count
NATIONAL = 8  # digits that must remain when a country code is taken from a number that does not say that it has one
DENSE = 0.01  # share of all numbers of a length from which on a count equals one of the input by chance
PREFIX = 8  # words of a longer name that suffice, since pages cut long labels
SLUG = 6  # letters that words written without blanks must have

NUMERIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:e[+-]?\d{1,3})?")
WRAPPED = re.compile(r"^[=\s\"']+|[\s\"';]+$")
SCHEME = re.compile(r"^(?:tel|sms|callto|mailto|sips?|xmpp|skype|whatsapp|phone|fax|mobile)\b\W*")
EXTENSION = re.compile(r"(?<=\d)\s*(?:ext|extension|x|#|app|poste|durchwahl|dw)\W*\d{1,6}$")
SEVERAL = re.compile(r"[;,|&]| / | or | and ")
TELEPHONE = re.compile(r"\+?\(?\d(?:[ ()./-]{0,3}\d)+")
MADE_UP = re.compile(r"\d{1,2}")  # how a report numbers its tables, figures and segments


def code_sizes(digits: str) -> Iterator[int]:
    """Yield the length of the country code with which digits may begin (ITU-T E.164), if any.

    >>> list(code_sizes("27648578192")), list(code_sizes("353155501")), list(code_sizes("0648"))
    ([2], [3], [])
    """
    if digits[0] in "17":
        yield 1
    elif digits[:2] in TWO_DIGITS:
        yield 2
    elif digits[0] != "0":
        yield 3


def digit_forms(cell: str) -> set[str]:
    """Return the digits of the numbers that a cell holds, without leading zeros.

    >>> sorted(digit_forms('="0648 578 192"')), sorted(digit_forms("6.48578192E8")), sorted(digit_forms("12 x"))
    (['648578192'], ['648578192'], [])
    """
    text = WRAPPED.sub("", fold(cell))
    text = EXTENSION.sub("", SCHEME.sub("", text))
    if NUMERIC.fullmatch(text):
        value = Decimal(text.replace(",", "."))
        if value == value.to_integral_value() and abs(value) < 10**20 and ("e" in text or re.search(r"[.,]0+$", text)):
            return {str(abs(int(value)))}
    letters = re.search(r"[^\W\d_]", text)
    found = TELEPHONE.findall(text) if letters else [text, *SEVERAL.split(text)]
    digits = {re.sub(r"\D", "", part).lstrip("0") for part in found}
    return {d for d in digits if len(d) >= (NATIONAL if letters else 1)}


class Numbers:
    """The numbers of an input, in every form in which they are searched.

    Parameters
    ----------
    cells : iterable of str

    Attributes
    ----------
    digits : set of str
        Digits without leading zeros, with and without country code.
    exact : set of str
        Short numbers that leading zeros make long enough; only as they stand.
    share : dict
        Share of all numbers of a length that are in the input, by length.
    short, dense : set of str
        Cells that cannot be searched.
    """

    def __init__(self, cells: Iterable[str]) -> None:
        cleaned = {cell: WRAPPED.sub("", unicodedata.normalize("NFKC", cell)) for cell in cells}
        national = normalise_all(set(cleaned.values()))
        plain: dict[str, set[str]] = {}
        self.digits: set[str] = set()
        self.exact: set[str] = set()
        self.short: set[str] = set()
        for cell, text in cleaned.items():
            forms = digit_forms(cell)
            plain[cell] = {f for f in forms if len(f) >= SHORTEST}
            if not plain[cell]:
                if not re.search(r"[^\W\d_]", cell):
                    self.short.add(cell)
                    digits = re.sub(r"\D", "", fold(text))
                    self.exact.update([digits] if len(digits) >= SHORTEST else [])
                continue
            bare = fold(national[text])
            if not re.search(r"[^\W\d_]", bare):
                forms.add(re.sub(r"\D", "", bare).lstrip("0"))
            self.digits.update(f for f in forms if len(f) >= SHORTEST)
            for form in plain[cell]:
                homes = (form[size:].lstrip("0") for size in code_sizes(form))
                self.digits.update(home for home in homes if len(home) >= NATIONAL)
        sizes = Counter(map(len, self.digits))
        self.share = {size: n / (9 * 10 ** (size - 1)) for size, n in sizes.items()}
        crowded = {size for size, share in self.share.items() if share > DENSE}
        self.digits = {d for d in self.digits if len(d) not in crowded}
        self.dense = {cell for cell, forms in plain.items() if any(len(f) in crowded for f in forms)}
        self.longest = max((size for size in sizes if size not in crowded), default=0)

    def size(self, digits: str, *, international: bool = False) -> int:
        """Return how many digits the identifier has that these are, also behind a country code; 0 if they are none."""
        core = digits.lstrip("0")
        if digits in self.exact or core in self.digits:
            return len(core)
        if SHORTEST < len(core) <= self.longest + 3:
            for size in code_sizes(core):
                home = core[size:].lstrip("0")
                if len(home) >= (SHORTEST if international else NATIONAL) and home in self.digits:
                    return len(home)
        return 0


def spellings(text: str) -> Iterator[tuple[str, ...]]:
    r"""Yield the words of a name or of an identifier of letters, in the spellings and orders in which they may stand.

    >>> list(spellings("M\u00fcller, Anna"))[:3], len(set(spellings("M\u00fcller, Anna")))
    ([('muller', 'anna'), ('anna', 'muller'), ('mulleranna',)], 6)
    """
    text = unicodedata.normalize("NFC", text)
    plain = fold(text)
    others = [
        "".join(PAIRS.get(c, c) for c in text.casefold()),
        re.sub("(?<=[aou])e", "", plain),
        text.replace("'", " "),
    ]
    seen: dict[tuple[str, ...], None] = {}
    for variant in [plain, *map(fold, others), fold(re.sub(r"['’`´]", " ", text)), SCHEME.sub("", plain)]:
        words = tuple(WORD.findall(variant))
        letters = tuple(w for w in words if w[0].isalnum())  # without emoji
        apart = tuple(re.findall(r"\d+|[^\W\d_]+", " ".join(letters)))  # CEL01 as CEL 01
        initials = tuple(
            w
            for single, group in groupby(letters, lambda w: len(w) == 1)
            for w in (["".join(group)] if single else group)
        )
        for form in (words, letters, apart, initials):
            if not form or (form is apart and sum(map(len, form)) < SLUG):
                continue
            seen[form] = None
            if 1 < len(form) <= PREFIX:
                seen[form[-1:] + form[:-1]] = seen[form[1:] + form[:1]] = None
                slug = "".join(form)
                if len(slug) >= SLUG:
                    seen[slug,] = None
            elif len(form) > PREFIX:
                seen[form[:PREFIX]] = None
    yield from seen


class Words:
    """Names, header cells and identifiers of letters, in every spelling in which they are searched.

    Parameters
    ----------
    texts : mapping of str to str
        Each text, and what kind of thing it is.
    own : set of str
        Words of the report's own sources: one of them alone is no sign of a leak.
    code : iterable of str
        Texts of the package: several words that stand there together are none either.

    Attributes
    ----------
    several : dict
        Words in order, to their kind.
    single : dict
        Words that are searched where readers look, to their kind.
    anywhere : dict
        Several words written as one: they are searched in scripts and tags too.
    dense : dict
        Texts in scripts without blanks, to their kind.
    common, brief : set of str
        Texts that cannot be searched.
    """

    def __init__(self, texts: Mapping[str, str], own: Set[str] = frozenset(), code: Iterable[str] = ()) -> None:
        self.own = own
        self.several: dict[tuple[str, ...], str] = {}
        self.single: dict[str, str] = {}
        self.anywhere: dict[str, str] = {}
        self.dense: dict[str, str] = {}
        self.brief: set[str] = set()
        plain: dict[str, tuple[str, ...]] = {}
        for text, kind in texts.items():
            compact = NOT_WORD.sub("", fold(text))
            forms = list(spellings(text))
            if len(compact) > 1 and DENSE_LETTER.search(compact):
                self.dense[compact] = kind
            elif not forms or len(compact) == 1:
                self.brief.add(text)
            else:
                plain[text] = forms[0]
                for form in forms:
                    self._add(form, kind, glued=len(form) < len(forms[0]))
        self._index()
        for source in code:
            for _, form in list(self.phrases(WORD.findall(fold(source)))):
                self.several.pop(form, None)
        self._index()
        self.common = {t for t, f in plain.items() if f not in self.several and (len(f) > 1 or f[0] not in self.single)}

    def _add(self, form: tuple[str, ...], kind: str, *, glued: bool) -> None:
        own = sum(word in self.own and not word.isdigit() for word in form)  # which numbers a source holds says nothing
        counted = own and own + sum(bool(MADE_UP.fullmatch(word)) for word in form) == len(form) > own  # Table 1
        long = sum(map(len, form)) > 2 or not form[0].isalnum()  # two emoji say more than two letters
        if len(form) > 1 and long and not counted:
            self.several[form] = kind
        elif len(form) == 1 and not own and not form[0].isdigit() and (len(form[0]) > 1 or not form[0].isalnum()):
            (self.anywhere if glued else self.single)[form[0]] = kind

    def _index(self) -> None:
        lengths: dict[str, set[int]] = defaultdict(set)
        for form in self.several:
            lengths[form[0]].add(len(form))
        self.first = {word: sorted(sizes) for word, sizes in lengths.items()}
        self.windows = sorted({len(text) for text in self.dense})

    def phrases(self, words: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield where several words of the input stand together."""
        first = self.first
        for at in [i for i, word in enumerate(words) if word in first]:
            for size in first[words[at]]:
                form = tuple(words[at : at + size])
                if form in self.several:
                    yield at, form
