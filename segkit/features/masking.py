"""Texts without what may lead to somebody: such places hold a fixed word instead."""

from __future__ import annotations

import re

from ..data.marks import folded
from ..data.text_marks import EMAIL, HANDLE, NUMBER, PHONE, URL

# In this order: an address of mail holds a host, a number of an account holds digits enough for a telephone.
PLACES: tuple[tuple[re.Pattern[str], str], ...] = (
    (EMAIL, "[e-mail]"),
    (URL, "[address]"),
    (HANDLE, "[handle]"),
    (NUMBER, "[number]"),
    (PHONE, "[phone]"),
)


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
