"""The site on this machine, for its own reader: nothing but its files, to nobody but a browser that asks for this address."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from urllib.parse import quote, unquote

from ..errors import BuildError, ConfigError

HOST = "127.0.0.1"
HOSTS = ("localhost", HOST, "[::1]")
WEB_PORT = 80  # the one that an address may leave out
LAST_PORT = 65_535
IDLE = 30  # seconds after which a connection that says nothing is closed
SWAP_SECONDS = 0.5  # a build that puts its site in place leaves none for a moment
TYPES = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".json": "application/json", ".csv": "text/csv; charset=utf-8", ".txt": "text/plain; charset=utf-8",
    ".bib": "text/plain; charset=utf-8", ".cff": "text/plain; charset=utf-8", ".xml": "application/xml",
    ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff": "font/woff", ".woff2": "font/woff2",
}  # fmt: skip
FOLDER = -1  # in place of a file: an address that lacks its last slash
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",  # a page of another site cannot load the search index as a script
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def serve(site: Path, port: int, say: Callable[[str], None], *, host: str = HOST) -> None:
    """Serve a built site on the loopback address until interrupted.

    Parameters
    ----------
    site : path
        The built folder. It is opened anew for each file, so a build may swap it meanwhile.
    port : int
        0 takes any that is free.
    say : callable
        Receives the address.
    host : str
        Where it listens: within a container every address, since others reach only what is published of it. Whoever asks has
        to ask for this machine all the same.

    Raises
    ------
    BuildError
        There is no site, or the port is taken.
    ConfigError
        There is no such port, or it is not for this user.
    """
    if site.is_symlink() or not (site / "index.html").is_file():
        raise BuildError("there is no site yet", file=site, remedy="Run `make site` first.")
    try:
        with open_server(site, port, host) as server:
            say(f"http://{HOST}:{server.server_port}/ (Ctrl-C ends it)")
            server.serve_forever()
    except KeyboardInterrupt:  # also where it comes right behind the address
        say("")


def open_server(site: Path, port: int, host: str = HOST) -> Server:
    """Return a server that listens already.

    Raises
    ------
    BuildError, ConfigError
        As `serve`.
    """
    another = "Give another with --port; --port 0 takes one that is free."
    if not 0 <= port <= LAST_PORT:
        raise ConfigError(f"there is no port {port}: ports go from 0 to {LAST_PORT:,}", remedy=another)
    try:
        return Server(site, port, host)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise BuildError(f"another program uses port {port}", remedy=another) from None
        if error.errno in (errno.EACCES, errno.EPERM):
            raise ConfigError(f"port {port} is for the administrator of this machine", remedy=another) from None
        raise BuildError(f"port {port} cannot be used ({error.strerror})", remedy=another) from None


class Server(ThreadingHTTPServer):
    """A server of one folder on the loopback address."""

    def __init__(self, site: Path, port: int, host: str = HOST) -> None:
        self.site = site
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        """Bind without asking a name server for the name of this machine, which may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a reader who leaves a page before it has loaded is no fault."""


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD for files of the site, and refuses everything else."""

    server: Server
    server_version, sys_version = "segkit", ""
    timeout = IDLE

    def parse_request(self) -> bool:
        """Read the request, and refuse other methods, other hosts, and other sites' scripts and pictures."""
        if not super().parse_request():
            return False
        port = self.server.server_port
        hosts = {f"{h}:{port}" for h in HOSTS} | (set(HOSTS) if port == WEB_PORT else set())
        given = self.headers.get_all("Host", [])
        if self.command not in ("GET", "HEAD"):
            self._refuse(405)
        elif (
            len(given) != 1
            or given[0].strip().lower() not in hosts
            or (
                self.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
                and self.headers.get("Sec-Fetch-Mode") != "navigate"
            )
        ):  # an address that another site made its own
            self._refuse(403)
        else:
            return True
        return False

    def do_GET(self) -> None:  # the name that http.server calls
        """Send a file."""
        parts = components(self.path)
        if parts is None:
            self._refuse(404)
            return
        handle = open_inside(self.server.site, parts)
        if handle is None:
            self._refuse(404)
        elif handle == FOLDER:
            self._refuse(301, "/" + "".join(f"{quote(p)}/" for p in parts))
        else:
            with os.fdopen(handle, "rb") as file:
                self.send_response(200)
                name = parts[-1] or "index.html"
                self.send_header("Content-Type", TYPES.get(Path(name).suffix.lower(), "application/octet-stream"))
                self.send_header("Content-Length", str(os.fstat(handle).st_size))
                self.end_headers()
                if self.command == "GET":
                    shutil.copyfileobj(file, self.wfile)

    do_HEAD = do_GET  # noqa: N815

    def end_headers(self) -> None:
        """End the headers with those that each answer has."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what cannot be read as a request; nothing of it is repeated."""
        self._refuse(code)

    def log_message(self, format: str, *args: object) -> None:
        """Keep no record of what was read."""

    def _refuse(self, code: int, place: str = "") -> None:
        text = f"{code} {self.responses.get(code, ('Refused', ''))[0]}\n".encode()
        self.close_connection = True
        self.send_response(code)
        if place:
            self.send_header("Location", place)
        if code == 405:
            self.send_header("Allow", "GET, HEAD")
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)


def components(path: str) -> list[str] | None:
    """Split the path of a request into names; None for one that no file of a site has. An empty last name asks for a folder.

    Examples
    --------
    >>> components("/chapters/a%20b.html?x#y"), components("/")
    (['chapters', 'a b.html'], [''])
    >>> [components(p) for p in ("/../x", "/%2e%2e/x", "/.nojekyll", "//host/x", "/a%00b", "/a%5cb", "/%ff", "x")]
    [None, None, None, None, None, None, None, None]
    """
    plain = path.split("?", 1)[0].split("#", 1)[0]
    if not plain.startswith("/"):
        return None
    try:
        parts = unquote(plain, errors="strict").split("/")[1:]
    except UnicodeDecodeError:
        return None
    if any(not part or part.startswith(".") for part in parts[:-1]) or parts[-1].startswith("."):
        return None
    if any("\\" in part or not part.isprintable() for part in parts):
        return None
    return parts


def open_inside(site: Path, parts: list[str]) -> int | None:
    """Open a regular file below a folder by its names, following no link.

    Returns
    -------
    int or None
        A file descriptor; `FOLDER` where the names lead to a folder with a page; None where they lead to nothing.
    """
    nofollow = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        at = _open_site(site, nofollow | os.O_DIRECTORY)
    except OSError:
        return None
    root = os.fstat(at)
    try:
        for name in parts[:-1]:
            below = os.open(name, nofollow | os.O_DIRECTORY, dir_fd=at)
            os.close(at)
            at = below
        handle = os.open(
            parts[-1] or "index.html", nofollow | os.O_NONBLOCK, dir_fd=at
        )  # a pipe would wait for a writer
    except (OSError, ValueError):
        return open_inside(site, parts) if _swapped(site, root) else None
    finally:
        os.close(at)
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return handle
    found = stat.S_ISDIR(mode) and _has_page(handle)
    os.close(handle)
    return FOLDER if found else None


def _open_site(site: Path, flags: int) -> int:
    ends = time.monotonic() + SWAP_SECONDS
    while True:
        try:
            return os.open(site, flags)
        except FileNotFoundError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.01)


def _swapped(site: Path, opened: os.stat_result) -> bool:
    """Tell whether another site has taken the place of the one that was opened, whose files are going."""
    try:
        now = site.lstat()
    except OSError:
        return True
    return (now.st_dev, now.st_ino) != (opened.st_dev, opened.st_ino)


def _has_page(folder: int) -> bool:
    try:
        return stat.S_ISREG(os.stat("index.html", dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False
