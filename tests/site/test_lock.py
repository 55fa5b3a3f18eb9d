"""One writer at a time: who comes in, who is refused, and with which words."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from segkit.errors import BuildError
from segkit.site import lock

WAITING = (
    "import sys, time; from pathlib import Path; from segkit.site import lock\n"
    "with lock.alone(Path(sys.argv[1]), 'segkit render'):\n"
    "    print('held', flush=True)\n"
    "    time.sleep(60)\n"
)
ENTERING = "import sys; from pathlib import Path; from segkit.site import lock\nwith lock.alone(Path(sys.argv[1])): print('in')"


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(lock.TOKEN, raising=False)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", WAITING, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def enter(state: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Ask for the lock in a process of its own."""
    command = [sys.executable, "-c", ENTERING, str(state)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **env}, timeout=120)


def test_who_comes_second_is_told_who_came_first(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    said = rf"another build of this project is running \(process {other.pid}: segkit render, since \d{{4}}-"
    with pytest.raises(BuildError, match=said) as refused, lock.alone(tmp_path):
        pass
    assert "Wait" in refused.value.remedy


def test_the_lock_of_a_killed_holder_is_free(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert str(other.pid) in (tmp_path / "lock").read_text(), "what it wrote is still there"
    with lock.alone(tmp_path):
        pass
    assert (tmp_path / "lock").read_text() == ""


def test_not_even_the_same_process_holds_it_twice(tmp_path: Path) -> None:
    with lock.alone(tmp_path), pytest.raises(BuildError, match="another build"), lock.alone(tmp_path):
        pass
    with lock.alone(tmp_path):
        pass


def test_a_child_with_the_token_comes_in_and_no_other(tmp_path: Path) -> None:
    with lock.alone(tmp_path) as held:
        assert enter(tmp_path, **held.env).stdout == "in\n"
        assert "another build" in enter(tmp_path).stderr
        assert "names no running build" in enter(tmp_path, **{lock.TOKEN: "1"}).stderr
        assert held.env[lock.TOKEN] not in held.file.read_text(), "who can read the file is no child yet"
    for late in (held.env, {lock.TOKEN: "1"}):
        assert "names no running build" in enter(tmp_path, **late).stderr
    assert enter(tmp_path).stdout == "in\n"


def test_the_token_of_a_killed_holder_is_worth_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.joinpath("lock").write_text(
        f'{{"pid": 1, "command": "x", "since": "y", "token": "{lock._digest("secret")}"}}', "utf-8"
    )
    monkeypatch.setenv(lock.TOKEN, "secret")
    with pytest.raises(BuildError, match="names no running build"):
        lock.inside(tmp_path)


def test_a_lock_that_is_removed_stops_its_holder(tmp_path: Path) -> None:
    with lock.alone(tmp_path) as first:
        first.check()
        first.file.unlink()
        with pytest.raises(BuildError, match="was removed while it ran"):
            first.check()
        with lock.alone(tmp_path) as second:
            second.check()
            with pytest.raises(BuildError, match="was removed while it ran"):
                first.check()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_locks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(handle: int, how: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(lock.fcntl, "flock", refuse)
    with pytest.raises(BuildError, match="cannot lock files") as caught, lock.alone(tmp_path):
        pass
    assert "local disk" in caught.value.remedy and str(tmp_path) in str(caught.value)


def test_a_lock_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious", "utf-8")
    (tmp_path / "lock").symlink_to(tmp_path / "mine")
    with pytest.raises(BuildError, match="the lock cannot be made"), lock.alone(tmp_path):
        pass
    assert (tmp_path / "mine").read_text("utf-8") == "precious"


def test_the_lock_does_not_pass_to_processes_that_outlive_its_holder(tmp_path: Path) -> None:
    with lock.alone(tmp_path):
        sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"], close_fds=False)
    try:
        time.sleep(0.05)
        with lock.alone(tmp_path):
            pass
    finally:
        sleeper.kill()
        sleeper.wait()
