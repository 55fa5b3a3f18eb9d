"""Keyed identifiers, and the secret behind them."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import platformdirs
import pytest

from segkit.errors import ConfigError, PrivacyError
from segkit.privacy import key_fingerprint, key_path, keyed, keyed_all, secret


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a settings folder that does not exist yet, in place of the user's."""
    folder = tmp_path / "settings" / "segkit"
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda name: str(folder))
    monkeypatch.delenv("SEGKIT_KEY", raising=False)
    return folder


def test_the_key_is_hmac_sha_256() -> None:
    # RFC 4231, test cases 1 and 2.
    assert keyed("Hi There", b"\x0b" * 20) == "b0344c61d8db"
    assert keyed("what do ya want for nothing?", b"Jefe") == "5bdcc146bf60"


def test_names_depend_on_the_key_and_so_does_its_fingerprint() -> None:
    one, two = b"k" * 32, b"K" * 32
    assert keyed("0641234567", one) != keyed("0641234567", two)
    assert key_fingerprint(one) == key_fingerprint(bytes(one)) != key_fingerprint(two)
    assert one.hex()[:12] != key_fingerprint(one)


def test_bare_hashes_of_a_number_space_are_undone_and_keyed_ones_are_not() -> None:
    # Six digits stand for the nine of a phone number; the attack below grows by a factor of a thousand, to minutes.
    numbers = ["000000", "271828", "314159", "999999"]
    bare = {hashlib.sha256(n.encode()).hexdigest()[:12] for n in numbers}
    safe = {keyed(n, b"a secret that the attacker lacks") for n in numbers}
    undone_bare, undone_safe = [], []
    for guess in (b"%06d" % n for n in range(10**6)):
        if hashlib.sha256(guess).hexdigest()[:12] in bare:
            undone_bare.append(guess.decode())
        if hmac.digest(b"a guess", guess, "sha256").hex()[:12] in safe:
            undone_safe.append(guess.decode())
    assert undone_bare == numbers
    assert undone_safe == []
    assert not bare & safe


def test_distinct_identifiers_get_distinct_names() -> None:
    names = keyed_all((str(n) for n in range(2_000)), b"k" * 32)
    assert len(set(names.values())) == 2_000
    assert names["7"] == keyed("7", b"k" * 32)
    assert all(len(n) == 12 and set(n) <= set("0123456789abcdef") for n in names.values())


def test_names_that_fall_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segkit.privacy.DIGITS", 1)  # seventeen identifiers for sixteen names
    with pytest.raises(PrivacyError, match="same keyed name") as caught:
        keyed_all([f"55501{n:04}" for n in range(17)], b"k" * 32)
    assert "55501" not in str(caught.value)


def test_a_key_may_be_given(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGKIT_KEY", "sixteen letters!")
    assert secret() == b"sixteen letters!"
    assert not home.exists()


@pytest.mark.parametrize("given", ["", "fifteen letters"])
def test_a_short_key_protects_nothing(home: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("SEGKIT_KEY", given)
    with pytest.raises(ConfigError, match=f"SEGKIT_KEY has {len(given)} characters and needs 16") as caught:
        secret()
    assert not given or given not in str(caught.value)


def test_the_key_is_made_on_first_use_for_its_owner_alone(home: Path) -> None:
    first = secret()
    assert key_path() == home / "key"
    assert len(bytes.fromhex(first.decode())) == 32
    assert stat.S_IMODE((home / "key").stat().st_mode) == 0o600
    assert secret() == first
    assert [f.name for f in home.iterdir()] == ["key"]


def test_two_machines_get_two_keys(home: Path) -> None:
    first = secret()
    (home / "key").unlink()
    assert secret() != first


def test_threads_that_come_first_together_share_one_key(home: Path) -> None:
    together = threading.Barrier(8)

    def use() -> bytes:
        together.wait()
        return secret()

    with ThreadPoolExecutor(8) as pool:
        found = [job.result() for job in [pool.submit(use) for _ in range(8)]]
    assert len(set(found)) == 1
    assert [f.name for f in home.iterdir()] == ["key"]


def test_processes_that_come_first_together_share_one_key(home: Path) -> None:
    code = (
        "import sys, platformdirs; platformdirs.user_config_dir = lambda name: sys.argv[1]\n"
        "from segkit.privacy import secret; sys.stdin.readline(); print(secret().decode())"
    )
    start = [sys.executable, "-c", code, str(home)]
    jobs = [subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    found = {job.communicate("\n", timeout=60)[0].strip() for job in jobs}
    assert found == {secret().decode()}


def test_a_process_that_was_first_wins(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rival = "f" * 64
    link = os.link

    def late(draft: Path, path: Path) -> None:
        path.write_text(rival)
        link(draft, path)

    monkeypatch.setattr(os, "link", late)
    assert secret().decode() == rival
    assert [f.name for f in home.iterdir()] == ["key"]


def test_a_folder_that_cannot_be_made_is_named(home: Path) -> None:
    home.parent.parent.mkdir(exist_ok=True)
    home.parent.write_text("a file where a folder should be")
    with pytest.raises(ConfigError, match="secret key cannot be stored") as caught:
        secret()
    assert caught.value.file == home / "key"
    assert "SEGKIT_KEY" in caught.value.remedy


@pytest.mark.parametrize("damage", [b"", b"short", "ü".encode() * 40])
def test_a_damaged_key_is_not_used(home: Path, damage: bytes) -> None:
    home.mkdir(parents=True)
    (home / "key").write_bytes(damage)
    with pytest.raises(ConfigError, match="secret key is damaged"):
        secret()
    assert (home / "key").read_bytes() == damage
