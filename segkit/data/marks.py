"""Characters that nobody sees: they make two contacts of one, or a contact of nothing, so they are taken out and counted."""

from __future__ import annotations

import re
import unicodedata

# Unicode's controls and formats (categories Cc and Cf) but for tab and line ends; then what shows nothing without being one
# of them: joiner of graphemes, fillers of Hangul and Khmer, variation selectors, the Braille cell without dots. One rule
# for keys, names and labels: joiners within emoji and Indic words go as well, which changes how they look and not who it is.
_RANGES = """
1-8 b-c e-1f 7f-9f ad 34f 600-605 61c 6dd 70f 890-891 8e2 115f-1160 17b4-17b5 180b-180f 200b-200f 202a-202e 2060-2064
2066-206f 2800 3164 fe00-fe0f feff ffa0 fff9-fffb 110bd 110cd 13430-1343f 1bca0-1bca3 1d173-1d17a e0000-e01ff
"""
RANGES = tuple((int(a, 16), int(b or a, 16)) for a, _, b in (part.partition("-") for part in _RANGES.split()))
IN_SQL = "[" + "".join(rf"\x{{{a:x}}}-\x{{{b:x}}}" for a, b in RANGES) + "]"  # for the engine's regular expressions
INVISIBLE = re.compile("[" + "".join(f"{chr(a)}-{chr(b)}" for a, b in RANGES) + "]")
BLANKS = "\t\n\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def visible(text: str) -> str:
    r"""Return a text without invisible characters and surrounding blanks.

    >>> visible("\u200f555\u00ad0101\ufeff "), visible("\u2066\u3164\u2069")
    ('5550101', '')
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    return INVISIBLE.sub("", text).strip(BLANKS)


def folded(text: str) -> str:
    r"""Return the one form of texts that read alike: compatibility forms (NFKC) are one, digits of every script are 0 to 9.

    >>> folded("\uff10\uff16\u0664"), folded("Zoe\u0308") == folded("Zo\u00eb")
    ('064', True)
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
