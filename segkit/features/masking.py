"""Texts without what may lead to somebody: such places hold a fixed word instead."""

from __future__ import annotations

import re

from ..data.marks import folded
from ..data.text_marks import EMAIL, HANDLE, PHONE, URL

# What text_marks leaves out, since most of it points at nobody: here a text leaves the machine, so rather too much is taken.
# Each expression begins where a word does and never gives a part of it back, so that a text costs what its length is.
_LABEL = r"[^\W_][\w\-]*+"
_HOST = r"(?<![\w\-])[\w\-]++"
_LOCAL = r"(?<![\w.+\-])[\w.+\-]++"
_DOT = r"(?:\s*[(\[{<]\s*(?:dot|punto|\.)\s*[)\]}>]\s*|\s+(?:dot|punto)\s+)"  # written out
_TOP = (  # common endings of hosts, and every country's
    "com|net|org|edu|gov|info|biz|app|dev|xyz|online|site|store|shop|club|live|chat|social|links?|pages?|fans|vip|blog|email|mail|art|"
    "fun|games|media|videos?|photos?|studio|team|tech|today|top|tube|web|website|wiki|world|cam|dating|love|sexy?|porn|adult|xxx|"
    "cloud|space|life|name|mobi|tel|pro|[a-z]{2}"
)
_NETWORK = (
    "insta(?:gram)?|ig|snap(?:chat)?|telegram|tg|kik|whats ?app|wapp|twitter|tik ?tok|discord|skype|facebook|fb|onlyfans|reddit|"
    "wechat|viber|cash ?app|venmo|paypal"
)
_DIGIT = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|\d)"

# Whatever is glued to both sides of an at sign; names and hosts with their signs written out, or between blanks.
_EMAIL = re.compile(
    rf"(?<![^\s@<>()\[\]{{}}])[^\s@<>()\[\]{{}}]++@[^\s@]*\w"
    rf"|{_LOCAL}(?:\s*@\s*|\s*[(\[{{<]\s*at\s*[)\]}}>]\s*){_LABEL}(?:(?:\.|\s+\.\s+|{_DOT}){_LABEL}){{1,5}}"
    rf"|{_LOCAL}\s+at\s+{_LABEL}(?:{_DOT}{_LABEL}){{1,5}}",
    re.IGNORECASE,
)
# Schemes with one slash or in disguise; hosts with dots written out; endings that are words as well.
_URL = re.compile(
    rf"(?<![a-z])[a-z][a-z0-9+.\-]{{0,30}}:/{{1,2}}\S+|[a-z]:/{{1,2}}\S+|\bh(?:tt|xx)ps?\b:?\S*|\bwww\d?(?:\.|{_DOT})\S+(?:{_DOT}\S+){{0,5}}"
    rf"|{_HOST}\.(?:{_LABEL}\.){{0,9}}(?:{_TOP})(?!\w)(?:[:/?#]\S*)?"
    rf"|{_HOST}(?:{_DOT}{_LABEL}){{0,5}}{_DOT}(?:{_TOP})(?!\w)(?:\s*(?:/|slash\s)\s*\S+)?",
    re.IGNORECASE,
)
_HANDLE = re.compile(
    rf"@\s?\w[\w.\-]*|\b(?:{_NETWORK})\s*(?:handle|name|user(?:name)?|id|tag)?\s*(?:[:=\-]+|\bis\b)\s*[\w.$\-]*\w",
    re.IGNORECASE,
)
# Accounts: IBAN (ISO 13616: two letters, two digits, up to 30 letters and digits), and cards of 13 to 19 digits.
_NUMBER = re.compile(
    r"\b[a-z]{2}\d{2}(?=(?:[ a-z\-]{0,8}\d){8})(?:[ \-]?[a-z0-9]{4}){2,7}(?:[ \-]?[a-z0-9]{1,3})?\b|\d(?:[ \-]?\d){12,}",
    re.IGNORECASE,
)
# Seven digits whatever they are, dates too; fewer behind a plus; digits in words.
_PHONE = re.compile(
    r"\+?\s?\(?\d(?:[\s().\-/_*\u00b7\u2022\u2010-\u2015]{0,4}\d){6,}|\+\s?\d(?:[\s().\-/]{0,3}\d){3,}"
    rf"|\b{_DIGIT}(?:[\s.\-]{{0,3}}{_DIGIT}){{6,}}\b",
    re.IGNORECASE,
)
PLACES: tuple[tuple[re.Pattern[str], str], ...] = (
    (EMAIL, "[e-mail]"), (_EMAIL, "[e-mail]"),  # before the host that they hold
    (_NUMBER, "[number]"), (PHONE, "[phone]"), (_PHONE, "[phone]"),  # before hosts that are numbers, and would take a part
    (URL, "[address]"), (_URL, "[address]"),
    (HANDLE, "[handle]"), (_HANDLE, "[handle]"),
)  # fmt: skip


def masked(text: str) -> str:
    """Return a text without addresses of mail and of the web, telephone numbers, handles and numbers of accounts.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        In one spelling (NFKC, digits 0 to 9, nothing invisible), with ``[e-mail]``, ``[address]``, ``[handle]``, ``[number]``
        and ``[phone]`` where such things were. Masking it again changes nothing.

    Notes
    -----
    Too much is masked rather than too little. Names of people stay: no expression tells them from other words.

    Examples
    --------
    >>> masked("mail me: jo (at) example dot com, or 555.0100"), masked("I am 34, and you?")
    ('mail me: [e-mail], or [phone]', 'I am 34, and you?')
    """
    text = folded(text)
    while (
        True
    ):  # what is taken out may bring together what was apart; each round has fewer signs left, so there is a last
        before = text
        for pattern, place in PLACES:
            text = pattern.sub(place, text)
        if text == before:
            return text
