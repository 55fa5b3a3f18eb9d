"""Invisible characters: which there are, and that none makes another contact, or a contact of nothing."""

from __future__ import annotations

import sys
import unicodedata

from segkit.data import marks


def test_the_ranges_are_those_of_unicode() -> None:
    """Categories Cc and Cf of the Unicode database that comes with Python."""
    listed = {n for a, b in marks.RANGES for n in range(a, b + 1)}
    kinds = {n for n in range(1, sys.maxunicode + 1) if unicodedata.category(chr(n)) in ("Cc", "Cf")}
    assert kinds - listed == {ord(c) for c in "\t\n\r"}
    assert not any(chr(n).isalnum() and unicodedata.category(chr(n)) not in ("Lo",) for n in listed - kinds)
