"""The attack that the page on privacy runs: it succeeds on a bare hash, and needs the key for a keyed name."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from segkit import attack
from segkit.privacy import keyed
from segkit.report import methods


@pytest.fixture(scope="module")
def tries() -> tuple[attack.Attempt, ...]:
    return attack.attempts()


def test_a_bare_hash_gives_the_number_back(tries: tuple[attack.Attempt, ...]) -> None:
    assert [(a.published, a.recovered) for a in tries] == [
        ("bare SHA-256", True), ("keyed", False), ("keyed", False), ("keyed", True)
    ]  # fmt: skip
    assert [a.matches for a in tries] == [1, 0, 0, 1]
    assert {a.tried for a in tries} == {10**attack.UNKNOWN}  # all of them, and nothing else


def test_names_are_those_of_the_standard() -> None:
    # FIPS 180-4, example of SHA-256 for "abc"; RFC 2104 by the standard library's one-shot form.
    assert attack.bare("abc") == "ba7816bf8f01"
    assert keyed("123", attack.KEY) == hmac.digest(attack.KEY, b"123", hashlib.sha256).hex()[:12]


def test_enumeration_finds_every_match() -> None:
    tried, found = attack.enumerate_all("x", lambda n: "x" if n.endswith(("07", "42")) else n, unknown=2)
    assert (tried, found) == (100, [attack.PREFIX + "07", attack.PREFIX + "42"])


def test_the_number_itself_is_on_no_page(
    tries: tuple[attack.Attempt, ...], monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "segkit.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    shown = methods.attack_table(tries).markdown
    assert attack.MADE_UP not in shown and "10^" not in shown
    assert shown.count("recovered") == 2 and "100,000" in shown
    assert attack.MADE_UP not in (tmp_path / ".segkit" / "downloads" / "attack.csv").read_text("utf-8")


def test_a_failed_demonstration_does_not_praise_itself(tries: tuple[attack.Attempt, ...]) -> None:
    assert "gives the number back" in methods.attack_finding(tries)
    assert "cannot be relied on" in methods.attack_finding([tries[0], _broken(tries[1])])


def _broken(attempt: attack.Attempt) -> attack.Attempt:
    return attack.Attempt(attempt.published, attempt.method, attempt.tried, 1, recovered=True)
