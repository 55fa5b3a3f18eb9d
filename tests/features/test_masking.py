"""Masked texts hold nothing that leads to somebody; the signs that are looked for are other than the expressions of the code."""

from __future__ import annotations

import re
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.features.masking import PLACES, masked

HOLDERS = [place for _, place in PLACES]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to jo.bloggs+x@example.co.uk please", "write to [e-mail] please"),
        ("jo (at) example dot com", "[e-mail]"),
        ("jo[at]example[dot]com", "[e-mail]"),
        ("jo at example dot co dot uk", "[e-mail]"),
        ("jo @ example . com", "[e-mail]"),
        ("jo\uff20example\uff0ecom", "[e-mail]"),  # full width
        ("jo@exa\u200bmple.com", "[e-mail]"),  # an invisible blank
        ("jo@localhost", "[e-mail]"),
        ("https://example.com/a?b=c is mine", "[address] is mine"),
        ("HTTP://EXAMPLE.COM", "[address]"),
        ("hxxp://example.com", "[address]"),
        ("www.example.museum/x", "[address]"),
        ("www dot example dot com", "[address]"),
        ("see example.com, ok", "see [address], ok"),
        ("see sub.domain.example.io/path.", "see [address]"),
        ("bit.ly/2abc and t.me/jo", "[address] and [address]"),
        ("example (dot) org", "[address]"),
        ("my machine is 10.0.0.1", "my machine is [address]"),
        ("+44 7700 900123", "[phone]"),
        ("07700 900123", "[phone]"),
        ("call 555-0100 or 555.0100 or 555 0100", "call [phone] or [phone] or [phone]"),
        ("(212) 555-0100", "[phone]"),
        ("2125550100", "[phone]"),
        ("five five five oh one zero zero", "[phone]"),
        ("\u0665\u0665\u0665-\u0660\u0661\u0660\u0660", "[phone]"),  # Arabic digits
        ("it is @jo_x here", "it is [handle] here"),
        ("my insta is jo.x and snap: jo-x", "my [handle] and [handle]"),
        ("u/jo_x, jo#1234, $jo_bloggs", "[handle], [handle], [handle]"),
        ("IBAN GB29 NWBK 6016 1331 9268 19", "IBAN [number]"),
        ("DE89370400440532013000", "[number]"),
        ("4111 1111 1111 1111", "[number]"),
    ],
)
def test_each_kind_of_mark_has_its_own_holder(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I'm 34, it cost $20 and 1,000,000 people saw it",
        "meet at noon. So we go.",
        "see you at 10:30 or at 8 pm, 100% sure!",
        "I am at home, not at work... no?",
        "version 2.5, chapter 3.1",
        "and/or; he/she",
        "",
        " [e-mail] [phone] ",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert masked(text) == text


NAME = st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=12).map(lambda s: f"q{s}q")
HOST = st.builds(
    lambda parts, top: ".".join([*parts, top]),
    st.lists(st.text(string.ascii_lowercase, min_size=2, max_size=8), min_size=1, max_size=3),
    st.sampled_from(["com", "co.uk", "de", "net", "io", "fans", "xyz"]),
)
AT = st.sampled_from(["@", " @ ", "(at)", " (at) ", " [at] ", "{at}", " AT "])
DOT = st.sampled_from([" dot ", " (dot) ", "[dot]", " DOT "])
SEPARATOR = st.sampled_from(["", " ", "-", ".", ") ", " - ", "/", "_"])
AROUND = st.text(st.sampled_from("ab ,!?\n"), max_size=8)


@st.composite
def phones(draw: st.DrawFn) -> str:
    digits = draw(st.text(string.digits, min_size=7, max_size=12))
    return draw(st.sampled_from(["", "+", "(", "+ "])) + "".join(d + draw(SEPARATOR) for d in digits[:-1]) + digits[-1]


def led(text: str) -> list[str]:
    """What in a masked text still leads to somebody, by plain signs."""
    for holder in HOLDERS:
        text = text.replace(holder, "|")
    signs = [
        r"@\w",
        r"(?i)[a-z]://\w",
        r"(?i)\bwww\.\w",
        r"(?i)\w\.(?:com|net|org|co|uk|de|io|fans|xyz)\b",
        r"(?:\d[\s().\-/_]{0,3}){7}",
    ]
    return [hit for sign in signs for hit in re.findall(sign, text)]


@given(AROUND, NAME, AT, HOST, DOT, st.booleans(), AROUND)
def test_no_address_of_mail_is_left(
    before: str, name: str, at: str, host: str, dot: str, spelt: bool, after: str
) -> None:
    spelt = spelt or at == " AT "  # "at" as a word alone is a sign beside a dot that is one
    found = masked(f"{before} {name}{at}{host.replace('.', dot) if spelt else host} {after}")
    assert led(found) == [] and name not in found and host.split(".")[0] + dot not in found


@given(
    AROUND,
    st.sampled_from(["http://", "https://", "www.", "", "ftp://"]),
    HOST,
    st.sampled_from(["", "/x", "?a=b"]),
    AROUND,
)
def test_no_address_on_the_web_is_left(before: str, scheme: str, host: str, path: str, after: str) -> None:
    found = masked(f"{before} {scheme}{host}{path} {after}")
    assert led(found) == [] and host not in found


@given(AROUND, phones(), AROUND)
def test_no_telephone_number_is_left(before: str, phone: str, after: str) -> None:
    found = masked(f"{before} {phone} {after}")
    assert led(found) == [] and sum(map(str.isdigit, found)) == 0


@given(AROUND, NAME, AROUND)
def test_no_handle_is_left(before: str, name: str, after: str) -> None:
    found = masked(f"{before} @{name} {after}")
    assert led(found) == [] and name not in found


WORDS = ["a", "at", " dot ", "com", "www.", "http", "555", "0100", "GB29", "is ", "insta", "[phone]"]
PIECES = st.sampled_from([*"@.:/#$=+-(0) \n", *WORDS])


@given(st.lists(PIECES, max_size=40).map("".join))
def test_masking_again_changes_nothing_and_leaves_no_sign(text: str) -> None:
    found = masked(text)
    assert masked(found) == found
    assert led(found) == []


@pytest.mark.parametrize(
    "piece", ["a", "a.", "1 ", "@", "a@", "(at)", "a-", "1a", "a at ", "five ", "DE12a", "+1", "_a", " "]
)
def test_long_texts_take_as_long_as_their_length_says(piece: str) -> None:
    begin = time.process_time()
    masked(piece * (30_000 // len(piece)))
    assert time.process_time() - begin < 3  # going back and forth over all of it would take ten seconds and more
