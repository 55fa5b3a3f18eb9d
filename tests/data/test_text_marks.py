"""What points at a person within a text is found in every form, and other words and numbers are left alone."""

from __future__ import annotations

import time

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from segkit.data.messages import POINTERS
from segkit.data.text_marks import EMAIL, HANDLE, MARKS, PHONE, URL, marks


def is_looked_at(text: str) -> bool:
    """Tell whether the loader looks for marks in a text at all."""
    return bool(pc.match_substring_regex(pa.array([text]), POINTERS)[0].as_py())


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.org", "Anna.B+x@mail.example.co.uk", "anna_b@example-1.museum", "a@b.io", "o'neil@example.org",
        "anna (at) example.org", "anna[at]example[dot]org", "anna @ example.org", "anna\uff20example\uff0ecom",
        "zoë@exämple.de", "anna@xn--exmple-cua.de", "anna@[192.0.2.1]", "a&b@example.org", "anna@example.xn--p1ai",
    ],
)  # fmt: skip
def test_addresses_of_mail(address: str) -> None:
    for text in (address, f"write to {address}, please", f"({address})", f"is it {address}?"):
        assert any(address in hit[0] for hit in EMAIL.finditer(text)) and is_looked_at(text)


@pytest.mark.parametrize(
    "number",
    [
        "5550101", "555-0101", "+1 555 010 1234", "(555) 010-1234", "0049.171.5550101", "+44 (0)20 7946 0958", "555 0101 ext 12",
        "5 5 5 0 1 0 1", "5.5.5.0.1.0.1", "555\u2011010\u20111234", "\uff15\uff15\uff15\uff10\uff11\uff10\uff11",
        "5\ufe0f\u20e35\ufe0f\u20e35\ufe0f\u20e30\ufe0f\u20e31\ufe0f\u20e30\ufe0f\u20e31\ufe0f\u20e3", "4111 1111 1111 1111",
        "\u0665\u0665\u0665\u0660\u0661\u0660\u0661", "555_010_1234", "+1\u00a0555\u202f010\u00a01234",
    ],
)  # fmt: skip
def test_numbers_of_telephones(number: str) -> None:
    for text in (number, f"call {number} now", f"tel:{number}.", f"my number{number}"):
        (hit,) = PHONE.finditer(text)
        assert is_looked_at(text)
        assert hit[0] in text and sum(c.isdecimal() for c in hit[0]) == sum(c.isdecimal() for c in number)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a?b=c#d", "http://192.0.2.1:80/x", "HTTP://EXAMPLE.ORG", "www.example.org", "example.com",
        "sub.example.co.uk/path", "t.me/anna_b", "wa.me/15550101", "example[dot]com", "tg://resolve?domain=anna", "mailto:anna",
        "192.0.2.17", "exämple.de", "bit.ly/3xYz", "linktr.ee/anna", "anna.page:8080/x",
    ],
)  # fmt: skip
def test_addresses_of_the_web(address: str) -> None:
    for text in (address, f"look at {address} today", f"({address} )"):
        assert [hit[0] for hit in URL.finditer(text)] == [address] and is_looked_at(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("find me @anna_b", "anna_b"), ("@anna.b!", "anna.b"), ("\uff20anna", "anna"), ("(@a1)", "a1"), ("anna#1234", "anna#1234"),
        ("snap: anna_b", "anna_b"), ("my Insta is: anna.b", "anna.b"), ("IG=@anna", "anna"), ("telegram id: anna99", "anna99"),
        ("u/anna-b", "anna-b"), ("/u/anna", "anna"), ("send to $annab", "annab"), ("username: anna", "anna"),
    ],
)  # fmt: skip
def test_handles(text: str, name: str) -> None:
    assert [found for kind, found in marks(text) if kind == "handle"] == [name]
    assert HANDLE.search(text) and is_looked_at(text)


@pytest.mark.parametrize(
    "text",
    [
        "see you on 2024-01-02 10:00", "from 2019-2020", "01.02.2024", "1/2/24 8:00", "it is $20, or 1,234.50", "5.30 or 12:30:45",
        "I am 25 and 180 cm, 75 kg", "e.g. this, i.e. that", "ok.so we meet at 9", "rock & roll!!! #1", "and/or", "what...ever",
        "me @ 5.30", "3.5/5 stars", "we won 3-2, 4-1", "", "a.m. / p.m.", "room 123456", "\u2764\ufe0f\u2764\ufe0f", "10% off: now",
    ],
)  # fmt: skip
def test_other_words_and_numbers_are_left_alone(text: str) -> None:
    assert list(marks(text)) == []


@pytest.mark.parametrize(
    "unit",
    [
        "a", "1", "a.", "1 ", "@", "a@", "a@a.", "www.", "://", "(",
        "\\w-", "a (at) ", "+", ".", "$a", "$", "of:", "1-", "_", "u/", " ",
    ],
)  # fmt: skip
def test_a_long_text_takes_no_longer_than_its_length(unit: str) -> None:
    text = unit * (32_767 // len(unit))  # the longest cell that is read
    begun = time.perf_counter()
    for pattern in MARKS.values():
        sum(1 for _ in pattern.finditer(text))
    assert time.perf_counter() - begun < 2.0
