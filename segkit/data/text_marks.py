"""What points at a person within a text: e-mail addresses, telephone numbers, addresses of the web, and handles.

The patterns err towards finding too much, since what they miss may be published. Each looks at a character a bounded number
of times, so that a long text costs what its length is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_AT = r"[@\uff20\ufe6b]"
_DOT = r"[.\uff0e\u3002]"
_SPELT = r"[ \t]{0,2}[\[({<][ \t]{0,2}%s[ \t]{0,2}[\])}>][ \t]{0,2}"  # as in "anna (at) example (dot) org"
_LOCAL = r"\w.!#$%&'*+/=?^`{|}~\-"
_LABEL = r"[^\W_](?:[\w\-]{0,61}[^\W_])?"
_TOP = r"(?:xn--[\w\-]{2,59}|[^\W\d_]{2,63})"
EMAIL = re.compile(
    rf"(?<![{_LOCAL}])[{_LOCAL}]+(?:[ \t]?{_AT}[ \t]?|{_SPELT % 'at'})"
    rf"(?:(?:{_LABEL}(?:{_DOT}|{_SPELT % 'dot'})){{1,9}}{_TOP}|\[[\da-f.:]{{3,45}}\])(?![^\W_])",
    re.I,
)

# A scheme, or www, with whatever follows; a name that ends in a domain that is no common word; any name with a path.
_SCHEME = r"(?:[a-z][a-z0-9+.\-]{1,20}:/{2}|(?:mailto|tel|sms|callto|skype|whatsapp|sips?):(?=\S))"
_DOMAINS = (
    "com net org info biz edu gov app dev shop store online site website page link bio club fans live chat xyz top vip tv io co "
    "gg ly cc eu uk us de fr es nl ch pl br mx ar ca au nz jp cn kr ru ua ro cz dk se fi gr hu ie il za tr ph gl ee sh"
)
URL = re.compile(
    rf"(?<![a-z0-9]){_SCHEME}[^\s<>\"]+"
    rf"|(?<![\w.@\uff20\-])www{_DOT}[^\s<>\"]+"
    rf"|(?<![\w.@\uff20\-])(?:{_LABEL}(?:{_DOT}|{_SPELT % 'dot'})){{1,9}}"
    rf"(?:(?:{_DOMAINS.replace(' ', '|')})(?![\w\-@\uff20])(?:[/:?#][^\s<>\"]*)?|{_TOP}(?::\d{{1,5}})?/[^\s<>\"]+)"
    r"|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]\d)(?::\d{1,5})?(?:/[^\s<>\"]*)?",
    re.I,
)

# Seven digits and more, with the marks between them that telephone numbers have, or that hide one: blanks, brackets, dots,
# dashes, slashes, keycaps. Dates, with a time of day or without, and two years are none.
_BETWEEN = r"[\s()./\\\-\u2010-\u2015\u2212\u00b7\u2022_*|~\ufe0f\u20e3]"
_YEAR = r"(?:19|20)\d\d"
_DATE = (
    rf"(?:{_YEAR}([./\-])\d{{1,2}}\1\d{{1,2}}|\d{{1,2}}([./\-])\d{{1,2}}\2(?:{_YEAR}|\d\d))"
    r"(?:[ T]{1,2}\d{1,2}[:.]\d\d(?:[:.]\d\d)?)?"
)
PHONE = re.compile(
    rf"(?<!\d)(?!(?:{_DATE}|{_YEAR}\s?[\-\u2010-\u2015/]\s?{_YEAR})(?![./\-]?\d))"
    rf"(?:\+{_BETWEEN}{{0,3}})?\(?\d(?:{_BETWEEN}{{0,3}}\d){{6,}}(?:\s?(?:ext\.?|x)\s?\d{{1,5}})?",
    re.I,
)

# ``@name``; a name with four digits behind a number sign; and what stands behind the name of a service and a colon.
_SERVICES = (
    "snap|snapchat|sc|insta|instagram|ig|telegram|tg|kik|discord|whatsapp|wa|twitter|tiktok|skype|signal|line|wechat|facebook|"
    "fb|messenger|reddit|twitch|paypal|venmo|cashapp|onlyfans|of|user ?name|handle"
)
HANDLE = re.compile(
    rf"(?<![\w.]){_AT}(?P<at>[\w][\w.\-]{{0,61}}\w|\w)"
    r"|(?<![\w#])(?P<tag>\w[\w.]{1,31}#\d{4})(?!\w)"
    rf"|(?<!\w)(?:{_SERVICES})(?:[ \t](?:is|id|name|user|handle)){{0,2}}[ \t]?[:=][ \t]{{0,3}}(?P<named>[\w][\w.\-]{{1,61}}\w)"
    r"|(?<![\w/])/?u/(?P<user>[\w\-]{3,20})(?!\w)"
    rf"|(?<!\w)\$(?P<cash>[^\W\d_]\w{{2,19}})(?!\w)",
    re.I,
)
MARKS = {
    "email": EMAIL,
    "url": URL,
    "handle": HANDLE,
    "phone": PHONE,
}  # in the order in which they are taken out of a text


def marks(text: str) -> Iterator[tuple[str, str]]:
    """Yield what points at a person in a text: its kind, a key of `MARKS`, and its words without what introduces them.

    Each pattern looks at the whole text, so that one passage may be told of more than once.

    Examples
    --------
    >>> list(marks("mail me: anna.b@example.org or 0555 010 1234, insta: anna_b"))
    [('email', 'anna.b@example.org'), ('handle', 'anna_b'), ('phone', '0555 010 1234')]
    >>> list(marks("see you on 2024-01-02 10:00, at 5.30 or so, it is $20"))
    []
    """
    for kind, pattern in MARKS.items():
        for hit in pattern.finditer(text):
            yield kind, hit[hit.lastgroup or 0] if kind == "handle" else hit[0]
