"""The server of the site: its files and nothing else, for a browser on this machine and nobody else."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from segkit.errors import BuildError, ConfigError, SegkitError
from segkit.site import serve, swap

SECRET = "not a file of the site"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site beside which, and in which, stands what must not be served."""
    folder = tmp_path / "_site"
    (folder / "chapters").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / ".git").mkdir()
    (folder / "index.html").write_text("front", "utf-8")
    (folder / "chapters" / "index.html").write_text("chapters", "utf-8")
    (folder / "chapters" / "a b é.html").write_text("page", "utf-8")
    (folder / "x.svg").write_text("<svg/>", "utf-8")
    (folder / "empty" / "data.csv").write_text("a\n1\n", "utf-8")
    for hidden in (folder / ".nojekyll", folder / ".git" / "config", tmp_path / "secret.txt"):
        hidden.write_text(SECRET, "utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "up").symlink_to(tmp_path)
    (folder / "inside.html").symlink_to(folder / "index.html")
    os.mkfifo(folder / "pipe.html")
    return folder


@pytest.fixture
def server(site: Path) -> Iterator[serve.Server]:
    with serve.open_server(site, 0) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def ask(
    server: serve.Server, path: str, *, method: str = "GET", host: str | None = None, more: str = ""
) -> tuple[int, str, str]:
    """Send one request as it stands; return status, headers and body."""
    named = f"127.0.0.1:{server.server_port}" if host is None else host
    text = f"{method} {path} HTTP/1.1\r\n" + (f"Host: {named}\r\n" if named else "") + more + "\r\n"
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=30) as line:
        line.sendall(text.encode("latin-1"))
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while got := line.recv(65_536):
            answer += got
    head, _, body = answer.decode().partition("\r\n\r\n")
    return int(head.split()[1]), head, body


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", "front"), ("/index.html", "front"), ("/index.html?x=/../#y", "front"), ("/chapters/", "chapters"),
        ("/chapters/a%20b%20%C3%A9.html", "page"), ("/x.svg", "<svg/>"), ("/empty/data.csv", "a\n1\n"),
    ],
)  # fmt: skip
def test_files_of_the_site_are_there(server: serve.Server, path: str, body: str) -> None:
    assert ask(server, path)[::2] == (200, body)
    status, head, nothing = ask(server, path, method="HEAD")
    assert (status, nothing) == (200, "") and f"Content-Length: {len(body.encode())}" in head


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/%2e%2e/secret.txt", "/%2E%2E%2Fsecret.txt", "/..%2fsecret.txt", "/%252e%252e/secret.txt",
        "/chapters/../../secret.txt", "/chapters/..%5c..%5csecret.txt", "/..\\secret.txt", "//secret.txt", "/./secret.txt",
        "/up/secret.txt", "/link.txt", "/inside.html", "/up/", "/pipe.html", "/.nojekyll", "/.git/config", "/.git/",
        "/%2enojekyll", "/empty/", "/none.html", "/chapters/none.html", "/index.html/", "/index.html/x", "/a%00b",
        "/index.html%00.svg", "/%0d%0aX:%20y",
        "/%ff", "/C:/secret.txt", "/c:%5csecret.txt", "/%5c%5chost%5cshare", "/~root/", "/" + "a" * 5000, "/" + "a/" * 3000,
        "secret.txt", "http://127.0.0.1/index.html", "*", "/\u00ad",
    ],
)  # fmt: skip
def test_nothing_else_is(server: serve.Server, path: str) -> None:
    status, head, body = ask(server, path)
    assert status == 404 and SECRET not in body and "secret" not in head + body
    assert "\nX: y" not in head


def test_a_request_line_without_end_is_refused(server: serve.Server) -> None:
    assert ask(server, "/" + "a" * 70_000)[0] == 414


def test_a_folder_is_asked_for_with_its_slash(server: serve.Server) -> None:
    status, head, _ = ask(server, "/chapters")
    assert status == 301 and "\r\nLocation: /chapters/\r\n" in head
    assert ask(server, "/empty")[0] == 404 and ask(server, "/up")[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "get", "X"])
def test_only_reading_is_possible(server: serve.Server, method: str) -> None:
    status, head, _ = ask(server, "/index.html", method=method)
    assert status == 405 and "Allow: GET, HEAD" in head


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "LOCALHOST:{}", "[::1]:{}"])
def test_the_address_of_this_machine_is_answered(server: serve.Server, host: str) -> None:
    assert ask(server, "/", host=host.format(server.server_port))[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "evil.example:{}", "127.0.0.1", "localhost", "127.0.0.1:1", "127.0.0.1.evil.example:{}",
        "localhost.evil.example:{}", "127.0.0.1:{}.evil.example", "evil.example@127.0.0.1:{}", "0.0.0.0:{}", "127.0.0.1:{},evil",
        "127.0.0.1:{}\r\nHost: evil.example",
    ],
)  # fmt: skip
def test_every_other_address_is_refused(server: serve.Server, host: str) -> None:
    """A name of an attacker's that leads to this machine (DNS rebinding)."""
    status, _, body = ask(server, "/", host=host.format(server.server_port))
    assert status == 403 and "front" not in body


def test_pages_of_other_sites_cannot_load_from_here(server: serve.Server) -> None:
    for where in ("cross-site", "same-site"):
        fetched = f"Sec-Fetch-Site: {where}\r\nSec-Fetch-Mode: no-cors\r\n"
        assert ask(server, "/index.html", more=fetched)[0] == 403
        assert ask(server, "/index.html", more=fetched.replace("no-cors", "navigate"))[0] == 200
    assert ask(server, "/index.html", more="Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: no-cors\r\n")[0] == 200


@pytest.mark.parametrize("path", ["/", "/none.html", "/x.svg", "/chapters"])
def test_every_answer_has_the_headers(server: serve.Server, path: str) -> None:
    _, head, _ = ask(server, path)
    for name, value in serve.HEADERS.items():
        assert f"\r\n{name}: {value}" in head, name
    assert "nosniff" in head and "no-referrer" in head and "Python" not in head


def test_each_answer_is_of_a_whole_site_while_sites_are_swapped(server: serve.Server, site: Path) -> None:
    stop = threading.Event()

    def swaps() -> None:
        while not stop.is_set():
            with swap.beside(site) as draft:
                (draft / "index.html").write_text("front", "utf-8")

    thread = threading.Thread(target=swaps)
    thread.start()
    try:
        found = {ask(server, "/")[::2] for _ in range(100)}
    finally:
        stop.set()
        thread.join()
    assert found == {(200, "front")}


def test_a_port_that_is_taken_is_said(server: serve.Server, site: Path) -> None:
    with pytest.raises(BuildError, match=f"another program uses port {server.server_port}") as caught:
        serve.serve(site, server.server_port, print)
    assert "--port 0" in caught.value.remedy


@pytest.mark.parametrize("port", [-1, 65_536, 10**9])
def test_a_port_that_does_not_exist_is_said(site: Path, port: int) -> None:
    with pytest.raises(ConfigError, match=f"there is no port {port}") as caught:
        serve.serve(site, port, print)
    assert caught.value.remedy


def test_a_port_that_is_not_for_this_user_is_said(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(serve, "Server", refuse)
    with pytest.raises(ConfigError, match="port 80 is for the administrator"):
        serve.serve(site, 80, print)


def test_without_a_site_there_is_nothing_to_serve(tmp_path: Path, site: Path) -> None:
    (tmp_path / "link").symlink_to(site)
    for place in (tmp_path / "nothing", tmp_path, tmp_path / "link"):
        with pytest.raises(SegkitError, match="there is no site yet"):
            serve.serve(place, 0, print)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_quietly(tmp_path: Path, site: Path, stop: signal.Signals) -> None:
    (tmp_path / "segkit.toml").write_text("", "utf-8")
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from segkit.cli import main; sys.exit(main(['serve', '--port', '0']))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None and process.stderr.readline().startswith("http://127.0.0.1:")
    process.send_signal(stop)
    assert process.communicate(timeout=60)[1].strip() == "" and process.returncode == 0
