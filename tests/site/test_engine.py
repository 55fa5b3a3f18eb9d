"""Which engine is chosen, and what counts as a fault of Quarto's."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import gone

from segkit.errors import BuildError, ConfigError
from segkit.site import engine


def fake_quarto(folder: Path, version: str, render: str = "") -> None:
    """Write a script that answers like Quarto."""
    folder.mkdir(exist_ok=True)
    script = folder / "quarto"
    script.write_text(f'#!/bin/sh\nif [ "$1" = --version ]; then echo {version}; exit 0; fi\n{render}\n', "utf-8")
    script.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.delenv("SEGKIT_ENGINE", raising=False)
    return folder


@pytest.mark.parametrize(
    ("version", "wish", "chosen"),
    [
        ("1.7.32", "", "quarto"),
        ("1.9.1", "quarto", "quarto"),
        ("2.0", "", "quarto"),
        ("1.6.42", "", "embedded"),
        ("nonsense", "", "embedded"),
        ("1.9.1", "embedded", "embedded"),
    ],
)
def test_choice(path: Path, monkeypatch: pytest.MonkeyPatch, version: str, wish: str, chosen: str) -> None:
    fake_quarto(path, version)
    if wish:
        monkeypatch.setenv("SEGKIT_ENGINE", wish)
    name, why = engine.choose()
    assert name == chosen
    assert why.endswith(".")


def test_without_quarto(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine.choose()[0] == "embedded"
    monkeypatch.setenv("SEGKIT_ENGINE", "quarto")
    with pytest.raises(ConfigError, match="no Quarto is on the PATH"):
        engine.choose()
    fake_quarto(path, "1.6.1")
    with pytest.raises(ConfigError, match=r"1\.6\.1 is too old"):
        engine.choose()


def test_a_warning_in_the_log_is_a_fault(path: Path, tmp_path: Path) -> None:
    """Quarto ends with 0 on unresolved references; only its log tells."""
    log = 'for x; do last="$x"; done; printf "INFO fine\\nWARN: Unable to resolve link\\n[IPKernelApp] WARNING port\\n" > "$last"'
    fake_quarto(path, "1.9.1", log)
    assert engine.run_quarto(tmp_path, tmp_path / "out", {}) == ["Quarto: WARN: Unable to resolve link"]
    assert not (tmp_path / "out.log").exists()


def test_a_failure_is_an_error_with_what_was_said(path: Path, tmp_path: Path) -> None:
    fake_quarto(path, "1.9.1", "echo the cell failed; exit 1")
    with pytest.raises(BuildError, match="the cell failed"):
        engine.run_quarto(tmp_path, tmp_path / "out", {})


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_quarto_and_what_it_started_end_with_the_build(path: Path, tmp_path: Path, stop: signal.Signals) -> None:
    fake_quarto(path, "1.9.1", f"sleep 300 & echo $$ $! > {tmp_path}/pids; mv {tmp_path}/pids {tmp_path}/running; wait")
    code = (
        "import signal, sys; from pathlib import Path; from segkit.site import engine\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "engine.run_quarto(Path(sys.argv[1]), Path(sys.argv[1], 'out'), {})"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.DEVNULL)
    ends = time.monotonic() + 60
    while not (tmp_path / "running").exists():
        assert time.monotonic() < ends
        time.sleep(0.02)
    pids = [int(n) for n in (tmp_path / "running").read_text().split()]
    process.send_signal(stop)
    process.wait(60)
    assert all(gone(pid, 60) for pid in pids)
