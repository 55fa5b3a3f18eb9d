"""What is computed once is found again, whole, and only while what it depends on is unchanged."""

from __future__ import annotations

import errno
import math
import os
import pickle
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segkit import scratch
from segkit.errors import BuildError
from segkit.studies import store
from segkit.studies.base import Study, plain, step, today, write_results
from segkit.studies.store import KEPT, Store, content_key, lock_hash, source_hash


def full(*args: Any, **kwargs: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def files(folder: Path) -> list[str]:
    return sorted(f.name for f in folder.rglob("*") if f.is_file())


def test_a_value_is_made_once(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> list[int]:
        made.append(1)
        return [1, 2]

    for _ in range(2):
        assert Store(tmp_path, "k" * 64).get("a", make) == [1, 2]
    assert len(made) == 1 and Store(tmp_path, "k" * 64).has("a") and not Store(tmp_path, "k" * 64).has("b")


def test_none_is_a_value(tmp_path: Path) -> None:
    made: list[int] = []
    for _ in range(2):
        assert Store(tmp_path, "k").get("a", lambda: made.append(1)) is None
    assert made == [1]


def test_another_key_finds_nothing(tmp_path: Path) -> None:
    Store(tmp_path, "a" * 64).get("x", lambda: 1)
    assert Store(tmp_path, "b" * 64).get("x", lambda: 2) == 2


@pytest.mark.parametrize("damage", ["empty", "cut", "bit", "garbage", "unknown class"])
def test_a_damaged_value_is_made_again(tmp_path: Path, damage: str) -> None:
    kept = Store(tmp_path, "k" * 64)
    kept.get("a", lambda: np.arange(100.0))
    (file,) = kept.path.iterdir()
    content = bytearray(file.read_bytes())
    if damage == "bit":
        content[-200] ^= 1  # within the numbers: the pickle itself stays readable
    body = b"cno_such_module\nThing\n."
    changed = {
        "empty": b"", "cut": bytes(content[:-9]), "bit": bytes(content), "garbage": b"\x80\x05garbage",
        "unknown class": kept._digest("a", body) + body,
    }[damage]  # fmt: skip
    file.write_bytes(changed)
    assert Store(tmp_path, "k" * 64).get("a", lambda: "made again") == "made again"
    assert Store(tmp_path, "k" * 64).get("a", lambda: "a third time") == "made again"


def test_a_value_that_was_copied_from_elsewhere_is_made_again(tmp_path: Path) -> None:
    one, two = Store(tmp_path, "a" * 64), Store(tmp_path, "b" * 64)
    for name in ("x", "y"):
        one.get(name, lambda name=name: f"{name} of one")
    shutil.copyfile(one.path / "x.pickle", one.path / "y.pickle")  # of another step
    two.path.mkdir()
    shutil.copyfile(one.path / "x.pickle", two.path / "x.pickle")  # of another key
    near = Store(tmp_path, "a" * 24 + "c" * 40)  # of another key that has the same folder
    assert not one.has("y") and not two.has("x") and not near.has("x") and one.has("x")
    assert one.get("y", lambda: "made again") == two.get("x", lambda: "made again") == "made again"
    assert near.get("x", lambda: "its own") == "its own" and one.get("x", lambda: "and again") == "and again"


def test_a_failing_computation_leaves_nothing_behind(tmp_path: Path) -> None:
    kept = Store(tmp_path, "k")
    with pytest.raises(ZeroDivisionError) as caught:
        kept.get("a", lambda: 1 / 0)
    assert caught.value.__context__ is None  # no talk of a missing cache file in the traceback
    with pytest.raises((pickle.PicklingError, AttributeError)):
        kept.get("b", lambda: lambda: None)
    assert files(tmp_path) == []


@pytest.mark.parametrize("place", ["replace", "fdopen"])
def test_a_full_disk_keeps_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    path = tmp_path / "results.json"
    scratch.write(path, b"old")
    with monkeypatch.context() as patch:
        patch.setattr(os, place, full)
        with pytest.raises(BuildError, match="No space left") as caught:
            scratch.write(path, b"new and longer")
    assert caught.value.remedy and "results.json" in str(caught.value)
    assert path.read_bytes() == b"old" and files(tmp_path) == ["results.json"]


def test_a_folder_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(BuildError, match="cannot be written"):
        scratch.write(tmp_path / "taken" / "results.json", b"")


def test_prune_keeps_the_newest_and_its_own(tmp_path: Path) -> None:
    for age, name in enumerate("abcdef"):
        folder = Store(tmp_path, name * 64)
        folder.get("x", lambda: 1)
        os.utime(folder.path, (1000 - age, 1000 - age))
    Store(tmp_path, "f" * 64).prune()
    assert sorted(p.name[0] for p in tmp_path.iterdir()) == [*"abc", "f"] and KEPT == 3
    Store(tmp_path / "nowhere", "a").prune()


def test_the_content_key_follows_every_part() -> None:
    parts: dict[str, Any] = {
        "data": "d",
        "real": True,
        "parameters": {"seed": 42, "contacts": {"k": 4, "cap": 10.0}},
        "lock": "l",
    }
    base = content_key(**parts)
    changes: list[dict[str, Any]] = [
        {"data": "e"}, {"real": False}, {"lock": "m"}, {"version": "1"},
        {"parameters": {"seed": 43, "contacts": {"k": 4, "cap": 10.0}}},
        {"parameters": {"seed": 42, "contacts": {"k": 5, "cap": 10.0}}},
        {"parameters": {"seed": 42, "contacts": {"k": 4, "cap": 10.5}}},
    ]  # fmt: skip
    keys = [content_key(**{**parts, **change}) for change in changes]
    assert len({base, *keys}) == len(changes) + 1
    assert content_key(**dict(reversed(parts.items()))) == base


def test_the_source_hash_follows_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "segkit"
    shutil.copytree(store.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "site"))
    own = source_hash()
    monkeypatch.setattr(store, "PACKAGE", copy)
    base = source_hash()
    assert base == own
    (copy / "engine" / "__pycache__").mkdir()
    (copy / "engine" / "__pycache__" / "x.pyc").write_bytes(b"x")
    (copy / "report" / "theme.py").write_text("# no result depends on colours\n")
    assert source_hash() == base and source_hash((".",)) != base
    (copy / "engine" / "segments.py").write_bytes((copy / "engine" / "segments.py").read_bytes() + b"# more\n")
    changed = source_hash()
    (copy / "engine" / "segments.py").rename(copy / "engine" / "parts.py")
    assert len({base, changed, source_hash()}) == 3


def test_the_lock_hash_follows_the_lock(tmp_path: Path) -> None:
    without = lock_hash(tmp_path)
    (tmp_path / "requirements.txt").write_text("numpy==2.4.0\n")
    assert lock_hash(tmp_path) != without


def test_steps_are_kept_on_disk(tmp_path: Path) -> None:
    class Counting(Study):
        calls = 0

        @step  # type: ignore[untyped-decorator]
        def number(self) -> int:
            """Count."""
            Counting.calls += 1
            return 7

    assert [Counting(Store(tmp_path, "k")).number for _ in range(3)] == [7, 7, 7]
    assert Counting.calls == 1 and Counting.number.__doc__ == "Count."


def test_plain_values() -> None:
    mixed = {
        1: np.float64(math.pi), "missing": [float("nan"), pd.NA, pd.NaT, math.inf, None], "when": datetime(2024, 10, 4, 20, 15),
        "stamp": pd.Timestamp("2024-10-04"), "flags": (True, np.bool_(False)), "counts": [np.int64(3), 2**60],
    }  # fmt: skip
    assert plain(mixed) == {
        "1": 3.141592654, "missing": [None] * 5, "when": "2024-10-04 20:15:00", "stamp": "2024-10-04 00:00:00",
        "flags": [True, False], "counts": [3, 2**60],
    }  # fmt: skip


def test_results_are_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.json"
    write_results(path, {"a": "é", "b": float("nan")})
    assert path.read_text("utf-8") == '{\n "a": "é",\n "b": null\n}\n'
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(BuildError):
        write_results(path, {"a": 2})
    assert "é" in path.read_text("utf-8") and files(tmp_path) == ["results.json"]


def test_the_build_date_is_that_of_a_reproducible_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")  # one day after 1970-01-01, UTC
    assert today() == "1970-01-02"
    for wrong in ("tomorrow", "9" * 30):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        with pytest.raises(BuildError, match="SOURCE_DATE_EPOCH"):
            today()


def test_values_are_for_their_owner_only(tmp_path: Path) -> None:
    """They have a row for each contact; also where an earlier version wrote them for all, and whatever the umask is."""
    kept = Store(tmp_path / "results", "k" * 64)
    kept.path.mkdir(parents=True, mode=0o777)
    (kept.path / "a.pickle").write_bytes(b"damaged")
    (kept.path / "a.pickle").chmod(0o666)
    before = os.umask(0)
    try:
        kept.get("a", lambda: 1)
    finally:
        os.umask(before)
    assert (kept.path / "a.pickle").stat().st_mode & 0o777 == 0o600
    assert {p.stat().st_mode & 0o777 for p in (kept.folder, kept.path)} == {0o700}
