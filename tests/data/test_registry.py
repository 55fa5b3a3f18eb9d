"""Tables are found in the stated order, and an address that fails costs little and is said once.

Expected values are facts of the tests' own files and servers, save for the published SHA-256, which is the data set's.
"""

from __future__ import annotations

import dataclasses
import hashlib
import http.server
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from segkit.data import download, registry
from segkit.data.registry import CALLS, CDNOW, Dataset, locate
from segkit.errors import ConfigError, InputError

PUBLISHED = b"date_stamp,time\n1/1/2022,16:03:01\n" * 2000
SHA256 = hashlib.sha256(PUBLISHED).hexdigest()


class Tiny:
    """A simulation in one line."""

    made = 0

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def write_csv(self, path: Path) -> None:
        """Write it."""
        Tiny.made += 1
        path.write_text(f"simulated,{self.seed}\n")


def simulate_tiny(seed: int) -> Tiny:
    """Simulate."""
    return Tiny(seed)


NOWHERE = Dataset(
    name="tiny",
    file_name="tiny.csv",
    title="tiny table",
    url="http://127.0.0.1:1/tiny.csv",  # nothing listens on port 1
    sha256=SHA256,
    licence="CC0 1.0",
    citation="",
    public=True,
    simulate=simulate_tiny,
    study="contacts",
)


class Site(http.server.ThreadingHTTPServer):
    """A local web site that counts its visitors."""

    daemon_threads = True
    hits = 0
    release: threading.Event

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that leaves is part of the tests."""


class Answer(http.server.BaseHTTPRequestHandler):
    """One path for each way in which a server can behave."""

    server: Site

    def do_GET(self) -> None:
        """Answer."""
        self.server.hits += 1
        kind = self.path.strip("/")
        if kind == "silent":
            self.server.release.wait(30)
            return
        if kind == "gone":
            self.send_error(404)
            return
        body = b"another file" if kind == "moved" else PUBLISHED
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if kind == "slow":
            step = len(body) // 10 + 1
            for start in range(0, len(body), step):
                self.wfile.write(body[start : start + step])
                time.sleep(0.08)
        elif kind == "halting":
            self.wfile.write(body[:9000])
            self.wfile.flush()
            self.server.release.wait(30)
        else:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEGKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SEGKIT_DATA", raising=False)
    for name in (registry.OFFLINE, registry.NOTED):
        monkeypatch.setenv(name, "")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(registry, "_failed", {})
    monkeypatch.setattr(Tiny, "made", 0)


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site(("127.0.0.1", 0), Answer)
    server.release = threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()


def at(site: Site, kind: str) -> Dataset:
    return dataclasses.replace(NOWHERE, url=f"http://127.0.0.1:{site.server_address[1]}/{kind}")


def put(path: Path, content: bytes = PUBLISHED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


# --- order -----------------------------------------------------------------------------------------------------------


def test_places_in_order(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = at(site, "ok")
    given = put(tmp_path / "mine.csv")
    folder = put(tmp_path / "folder" / "tiny.csv").parent
    cached = put(tmp_path / "cache" / "tiny.csv")
    monkeypatch.setenv("SEGKIT_DATA", str(folder))
    found = [locate(data, given=given), locate(data)]
    monkeypatch.delenv("SEGKIT_DATA")
    found.append(locate(data))
    assert site.hits == 0
    cached.unlink()
    found.append(locate(data))
    assert site.hits == 1
    found.append(locate(data))  # the download is the next run's cache
    assert site.hits == 1
    assert [f.place for f in found] == ["given", "folder", "cache", "address", "cache"]
    assert [f.path for f in found] == [given, folder / "tiny.csv", cached, cached, cached]
    assert all(f.real and f.public and f.message.startswith("Real data: the tiny table") for f in found)
    assert [p.name for p in cached.parent.iterdir()] == ["tiny.csv"]  # no draft is left
    assert cached.read_bytes() == PUBLISHED


def test_registered_calls() -> None:
    # The SHA-256 and the licence of the published file, from its data sheet.
    assert CALLS.sha256 == "1314167f6dc878b65aaa7db744d57399925b6f7ad2788adf10deb4ae9fac2943"
    assert CALLS.licence == "CC0 1.0"
    assert CALLS.public
    assert CALLS.url.startswith("https://learn.walsoftcomputers.com/")
    assert registry.simulator(CALLS).__name__ == "simulate_calls"


# --- a given file ----------------------------------------------------------------------------------------------------


def test_own_file_is_real_and_not_public(tmp_path: Path) -> None:
    found = locate(NOWHERE, given=put(tmp_path / "own.csv", b"a,b\n1,2\n"))
    assert (found.place, found.real, found.public) == ("given", True, False)
    assert "no register calls it public" in found.message


def test_given_file_missing_is_no_fallback(tmp_path: Path) -> None:
    put(tmp_path / "cache" / "tiny.csv")
    with pytest.raises(InputError, match="no such file") as caught:
        locate(NOWHERE, given=tmp_path / "absent.csv")
    assert "absent.csv" in str(caught.value)
    with pytest.raises(InputError, match="folder"):
        locate(NOWHERE, given=tmp_path)


def test_given_relative_path_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "own.csv")
    monkeypatch.chdir(tmp_path)
    assert locate(NOWHERE, given=Path("own.csv")).path == tmp_path / "own.csv"


# --- the folder ------------------------------------------------------------------------------------------------------


def test_folder_with_another_file_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGKIT_DATA", str(put(tmp_path / "tiny.csv", b"own log\n").parent))
    with pytest.raises(InputError, match="SHA-256 is another one") as caught:
        locate(NOWHERE)
    assert "--data" in caught.value.remedy


def test_folder_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGKIT_DATA", str(tmp_path / "absent"))
    with pytest.raises(ConfigError, match="SEGKIT_DATA is set, but there is no such folder"):
        locate(NOWHERE)


def test_folder_without_the_file_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "cache" / "tiny.csv")
    monkeypatch.setenv("SEGKIT_DATA", str(tmp_path))
    assert locate(NOWHERE).place == "cache"


# --- the cache -------------------------------------------------------------------------------------------------------


def test_damaged_cache_is_said_and_fetched_again(site: Site, tmp_path: Path) -> None:
    cached = put(tmp_path / "cache" / "tiny.csv", PUBLISHED[:-1])
    said: list[str] = []
    found = locate(at(site, "ok"), say=said.append)
    assert found.place == "address"
    assert cached.read_bytes() == PUBLISHED
    assert len(said) == 1
    assert "damaged" in said[0]


def test_damaged_cache_is_never_used(tmp_path: Path) -> None:
    cached = put(tmp_path / "cache" / "tiny.csv", b"damaged")
    assert locate(NOWHERE, say=lambda text: None).place == "simulation"
    assert not cached.exists()


def test_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGKIT_CACHE", str(put(tmp_path / "a file") / "below"))
    with pytest.raises(ConfigError, match="cache cannot be written") as caught:
        locate(NOWHERE)
    assert "SEGKIT_CACHE" in caught.value.remedy


def test_cache_folder_without_setting_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEGKIT_CACHE")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: f"/somewhere/{name}")
    assert registry.cache_folder() == Path(os.path.abspath("/somewhere/segkit"))


# --- the address -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("moved", "its address holds another file than the published one"),
        ("gone", "its address answers with HTTP status 404"),
        ("silent", "its address does not answer"),
        ("halting", "the download broke off"),
    ],
)
def test_address_that_fails_is_said_once_and_not_tried_again(
    kind: str, reason: str, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(download, "STALL_SECONDS", 0.5)
    said: list[str] = []
    start = time.monotonic()
    found = [locate(at(site, kind), say=said.append) for _ in range(2)]
    assert time.monotonic() - start < 3
    assert site.hits == 1
    assert [(f.place, f.real) for f in found] == [("simulation", False)] * 2
    assert all(reason in f.message for f in found)
    assert len(said) == 1
    assert reason in said[0]
    assert os.environ["SEGKIT_OFFLINE"] == "1"
    site.release.set()
    time.sleep(0.1)
    assert not (tmp_path / "cache" / "tiny.csv").exists()
    assert not list((tmp_path / "cache").glob(".*"))  # no draft is left


def test_refused_connection_falls_back() -> None:
    said: list[str] = []
    assert locate(NOWHERE, say=said.append).place == "simulation"
    assert said == ["The tiny table is not fetched: its address cannot be reached."]


def test_name_server_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hang(*args: object, **kwargs: object) -> list[object]:
        release.wait(30)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(download, "ANSWER_SECONDS", 0.3)
    start = time.monotonic()
    found = locate(dataclasses.replace(NOWHERE, url="http://tiny.invalid/tiny.csv"), say=lambda text: None)
    release.set()
    assert time.monotonic() - start < 2
    assert "does not answer" in found.message


def test_address_costs_ten_seconds_at_most() -> None:
    # The limit is a requirement: 10 s for an address that does not answer, however it fails.
    assert download.ANSWER_SECONDS <= 9.5
    assert download.CONNECT_SECONDS + download.READ_SECONDS <= 10


def test_download_may_take_long_while_bytes_arrive(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ANSWER_SECONDS", 0.4)
    monkeypatch.setattr(download, "STALL_SECONDS", 0.4)
    start = time.monotonic()
    assert locate(at(site, "slow")).place == "address"
    assert time.monotonic() - start > 0.6


def test_download_without_end_is_ended(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "MOST_BYTES", 10_000)
    assert "far too much" in locate(at(site, "ok"), say=lambda text: None).message


def test_child_process_does_not_try_again(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    locate(at(site, "gone"), say=lambda text: None)
    code = (
        "import dataclasses; from segkit.data.registry import CALLS, locate;"
        f"print(locate(dataclasses.replace(CALLS, url='{at(site, 'gone').url}')).place)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(registry.__file__).parents[2])
    out, err = capfd.readouterr()
    assert out.split() == ["simulation"]
    assert err == ""
    assert site.hits == 1


def test_data_without_a_known_address_are_simulated_and_it_is_said() -> None:
    found = locate(CDNOW, say=lambda text: pytest.fail(text))
    assert not found.real and "because no address of this file is known" in found.message
    with pytest.raises(InputError, match="no address of this file is known"):
        locate(CDNOW, allow_simulation=False)


def test_user_may_forbid_the_address(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGKIT_OFFLINE", "1")
    said: list[str] = []
    for _ in range(2):
        assert locate(at(site, "ok"), say=said.append).place == "simulation"
    assert said == ["The tiny table is not fetched: SEGKIT_OFFLINE is set."]
    assert site.hits == 0
    monkeypatch.setenv("SEGKIT_OFFLINE", "0")
    assert locate(at(site, "ok")).place == "address"


def test_pooch_says_nothing_of_its_own(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    locate(at(site, "ok"))
    assert capfd.readouterr() == ("", "")


# --- the simulation --------------------------------------------------------------------------------------------------


def test_real_data_required() -> None:
    with pytest.raises(InputError) as caught:
        locate(NOWHERE, allow_simulation=False, say=lambda text: None)
    tried = ["no file is given", "SEGKIT_DATA is not set", "the cache has no copy", "its address cannot be reached"]
    assert "; ".join(tried) in str(caught.value)
    assert Tiny.made == 0


def test_simulation_is_written_once_and_checked() -> None:
    def found() -> registry.Located:
        return locate(NOWHERE, say=lambda text: None)

    first = found()
    assert first.public
    assert first.path.parent.name == "simulated"
    assert first.path.read_text() == "simulated,42\n"
    assert found().path == first.path
    assert Tiny.made == 1
    first.path.write_text("damaged")
    assert found().path.read_text() == "simulated,42\n"
    assert Tiny.made == 2
    first.path.with_suffix(".sha256").unlink()
    found()
    assert Tiny.made == 3


def test_whoever_wants_a_simulation_that_is_being_written_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks belong to open files, so that threads wait for each other as processes do."""
    write = Tiny.write_csv

    def slowly(self: Tiny, path: Path) -> None:
        path.write_text("simul")
        time.sleep(0.2)
        write(self, path)

    monkeypatch.setattr(Tiny, "write_csv", slowly)
    with ThreadPoolExecutor(4) as several:
        found = list(several.map(lambda _: locate(NOWHERE, say=lambda text: None), range(4)))
    assert Tiny.made == 1
    assert {(f.path.read_text(), f.fingerprint) for f in found} == {
        ("simulated,42\n", hashlib.sha256(b"simulated,42\n").hexdigest())
    }


def test_simulations_of_other_seeds_have_other_names() -> None:
    paths = {locate(NOWHERE, seed=seed, say=lambda text: None).path for seed in (1, 2)}
    assert {p.read_text() for p in paths} == {"simulated,1\n", "simulated,2\n"}


def test_default_voice_is_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    locate(NOWHERE)
    out, err = capsys.readouterr()
    assert out == ""
    assert "its address cannot be reached" in err
