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
from segkit.studies import reach
from segkit.studies.base import Study, plain, step, today, write_results
from segkit.studies.reach import package_hash, source_hash
from segkit.studies.store import KEPT, Entry, Store, content_key, fingerprint, lock_hash


def full(*args: Any, **kwargs: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def files(folder: Path) -> list[str]:
    return sorted(f.name for f in folder.rglob("*") if f.is_file())


READS = {"code a": "1", "step b": "2"}


def kept(folder: Path, key: str = "k" * 64, step: str = "a", value: Any = 1) -> tuple[Store, Entry]:
    store = Store(folder, key)
    return store, store.put(step, READS, value)


def test_a_value_is_found_with_what_was_read_to_make_it(tmp_path: Path) -> None:
    store, entry = kept(tmp_path, value=[1, 2])
    (found,) = Store(tmp_path, "k" * 64).entries("a")
    assert store.load(found) == [1, 2] and found == entry and list(found.reads) == list(READS)
    assert store.entries("b") == [] and store.entry("a", found.key) == found


def test_the_fingerprint_follows_the_value_and_not_how_it_is_held() -> None:
    name = "".join(["a", "name"])
    shared, apart = [name, name], [name, "".join(["a", "name"])]
    assert pickle.dumps(shared) != pickle.dumps(apart) and fingerprint(shared) == fingerprint(apart)
    assert fingerprint(shared) != fingerprint([name, "another"])
    shared.append(shared)  # type: ignore[arg-type]
    assert fingerprint(shared) == fingerprint(shared)


def test_none_is_a_value(tmp_path: Path) -> None:
    store, _ = kept(tmp_path, value=None)
    assert store.load(store.entries("a")[0]) is None


def test_another_origin_finds_nothing(tmp_path: Path) -> None:
    kept(tmp_path, "a" * 64)
    assert Store(tmp_path, "b" * 64).entries("a") == []
    assert Store(tmp_path, "b" * 64, origin="a" * 64).entries("a") != [], "other pages of the same data"


def test_other_reads_are_another_value(tmp_path: Path) -> None:
    store, entry = kept(tmp_path)
    other = store.put("a", {**READS, "step b": "3"}, 2)
    assert other.key != entry.key and other.digest != entry.digest
    assert [store.load(e) for e in store.entries("a")] in ([1, 2], [2, 1])


@pytest.mark.parametrize("damage", ["empty", "cut", "bit", "garbage", "reads"])
def test_a_damaged_value_counts_as_none(tmp_path: Path, damage: str) -> None:
    store, entry = kept(tmp_path, value=np.arange(100.0))
    content = bytearray(entry.file.read_bytes())
    if damage == "bit":
        content[-200] ^= 1  # within the numbers: the pickle itself stays readable
    changed = {
        "empty": b"", "cut": bytes(content[:-9]), "bit": bytes(content), "garbage": b"\x80\x05garbage",
        "reads": bytes(content).replace(b'"1"', b'"7"'),
    }[damage]  # fmt: skip
    entry.file.write_bytes(changed)
    assert store.entries("a") == [] and store.entry("a", entry.key) is None


def test_a_value_that_was_copied_from_elsewhere_counts_as_none(tmp_path: Path) -> None:
    one, entry = kept(tmp_path, "a" * 64)
    two = Store(tmp_path, "b" * 64)
    near = Store(tmp_path, "a" * 24 + "c" * 40)  # of another origin whose files have the same names
    assert near.entries("a") == [] and one.entries("a") == [entry]
    for store, name in ((one, "c"), (two, "a")):  # of another step, of another origin
        there = store.put(name, READS, "its own")
        shutil.copyfile(entry.file, there.file)
        assert store.entries(name) == []
    renamed = entry.file.with_name(f"{entry.key[:-4]}0000.pickle")  # of other reads
    entry.file.rename(renamed)
    assert one.entries("a") == []


def test_a_failing_computation_leaves_nothing_behind(tmp_path: Path) -> None:
    class Failing(Study):
        @step  # type: ignore[untyped-decorator]
        def never(self) -> float:
            return 1 / 0

        @step  # type: ignore[untyped-decorator]
        def unkept(self) -> Any:
            return lambda: None

    study = Failing(Store(tmp_path, "k"))
    with pytest.raises(ZeroDivisionError) as caught:
        study.never  # noqa: B018
    assert caught.value.__context__ is None  # no talk of a missing cache file in the traceback
    with pytest.raises((pickle.PicklingError, AttributeError)):
        study.unkept  # noqa: B018
    assert files(tmp_path) == []


def test_what_cannot_be_unpickled_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting(Study):
        @step  # type: ignore[untyped-decorator]
        def number(self) -> int:
            return 7

    with monkeypatch.context() as patch:
        patch.setattr(pickle, "dumps", lambda value, protocol: b"cno_such_module\nThing\n.")
        assert Counting(Store(tmp_path, "k")).number == 7
    for made in (1, 0):
        study = Counting(Store(tmp_path, "k"))
        assert study.number == 7 and len(study.store.made) == made


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


def test_prune_keeps_the_newest_of_each_step(tmp_path: Path) -> None:
    store = Store(tmp_path, "k")
    for name in ("x", "y"):
        for age in range(5 if name == "x" else 1):
            os.utime(store.put(name, {"n": str(age)}, age).file, (1000 - age, 1000 - age))
    store.used(store.entries("x")[-1])  # the oldest, which the last run has found again
    store.prune()
    assert [store.load(e) for e in store.entries("x")] == [4, 0, 1] and KEPT == 3
    assert [store.load(e) for e in store.entries("y")] == [0]
    Store(tmp_path / "nowhere", "a").prune()


def test_what_a_broken_run_has_made_is_dropped(tmp_path: Path) -> None:
    _, entry = kept(tmp_path)
    store = Store(tmp_path, "k" * 64)
    store.put("b", READS, 2)
    store.drop()
    assert store.entries("b") == [] and store.entries("a") == [entry]


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
    for name in ("__init__", "one", "two"):
        (tmp_path / "few").mkdir(exist_ok=True)
        (tmp_path / "few" / f"{name}.py").write_text(f"# {name}\n")
    monkeypatch.syspath_prepend(tmp_path)
    names = ("few", "few.one")
    base = source_hash(names)
    (tmp_path / "few" / "two.py").write_text("# another\n")
    assert source_hash(names) == base and source_hash(reversed(names)) == base
    assert source_hash((*names, "few.two")) != base
    (tmp_path / "few" / "one.py").write_text("# more\n")
    changed = source_hash(names)
    (tmp_path / "few" / "one").mkdir()
    (tmp_path / "few" / "one" / "__init__.py").write_text("# in its place\n")  # is imported before the file
    shadowed = source_hash(names)
    shutil.rmtree(tmp_path / "few" / "one")
    (tmp_path / "few" / "one.py").unlink()
    assert len({base, changed, shadowed, source_hash(names)}) == 4


def test_the_package_hash_follows_every_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "segkit" / "studies"
    copy.mkdir(parents=True)
    monkeypatch.setattr(reach, "__file__", str(copy / "reach.py"))
    (copy / "reach.py").write_text("")
    base = package_hash()
    (copy / "__pycache__").mkdir()
    (copy / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert package_hash() == base
    (tmp_path / "segkit" / "page.html").write_text("")
    assert package_hash() != base


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
    write_results(path, plain({"a": "é", "b": float("nan")}))
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
    store = Store(tmp_path, "k" * 64)
    before = os.umask(0)
    try:
        (store.path / "a").mkdir(parents=True, mode=0o777)
        entry = store.put("a", READS, 1)
        entry.file.write_bytes(b"damaged")
        entry.file.chmod(0o666)
        store.put("a", READS, 1)
    finally:
        os.umask(before)
    assert entry.file.stat().st_mode & 0o777 == 0o600
    assert {p.stat().st_mode & 0o777 for p in (store.path, entry.file.parent)} == {0o700}
