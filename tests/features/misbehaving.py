"""A server on this machine that describes people as OpenAI-compatible ones do, and misbehaves as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from segkit.data.profile_lexicon import FIELDS, lexicon

JOBS, PLACES = lexicon().values["job_or_career"], lexicon().values["location_hints"]
Entry = dict[str, Any]
Behaviour = tuple[str, Any]  # its name, and what it needs


def truth(text: str) -> dict[str, tuple[str, ...]]:
    """What is to be said of whoever wrote ``I am number <k>``: no two of the first 150 alike."""
    k = int(text.split("number ")[1].split()[0])
    out: dict[str, tuple[str, ...]] = dict.fromkeys(FIELDS, ())
    return out | {"job_or_career": (JOBS[k % len(JOBS)],), "location_hints": (PLACES[k // len(JOBS)],)}


def texts_of(body: dict[str, Any]) -> dict[str, str]:
    return {p["id"]: p["messages"] for p in json.loads(body["messages"][1]["content"])["people"]}


def honest(body: dict[str, Any]) -> list[Entry]:
    return [{"id": name} | {f: list(v) for f, v in truth(text).items()} for name, text in texts_of(body).items()]


def completion(content: str | None, body: dict[str, Any]) -> dict[str, Any]:
    usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [choice],
        "usage": usage,
    }


class Server:
    """What the server was sent, and how it behaves: ``behave`` gets the number of the request, from 0, and its body."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.raw: list[str] = []
        self.behave: Callable[[int, dict[str, Any]], Behaviour | None] = lambda number, body: None
        self.base = ""
        self.over = threading.Event()


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            body = json.loads(raw)
            number = len(server.bodies)
            server.raw.append(self.path + str(self.headers) + raw)
            server.bodies.append(body)
            kind, what = server.behave(number, body) or ("entries", honest(body))
            if kind == "status":
                status, headers = what
                return self._send(status, "{}", headers)
            if kind == "slow":
                server.over.wait(what)
                kind, what = "entries", honest(body)
            if kind == "entries":
                kind, what = "content", json.dumps({"people": what})
            whole = json.dumps(completion(what, body)) if kind == "content" else what
            return self._send(200, whole, {})

        def _send(self, status: int, text: str, headers: dict[str, str]) -> None:
            try:
                self.send_response(status)
                length = {"Content-Type": "application/json", "Content-Length": str(len(text.encode()))}
                for name, value in (length | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())
            except OSError:  # whoever asked has hung up
                pass

    return Handler


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    server.base = f"http://127.0.0.1:{http.server_port}/v1"
    try:
        yield server
    finally:
        server.over.set()
        http.shutdown()
        http.server_close()
        thread.join(5)
