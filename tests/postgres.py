"""A PostgreSQL server of the tests' own, where the machine has the programs."""

from __future__ import annotations

import importlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from segkit.data.simulate.sales import simulate_sales

TYPES = {
    "order_date": "date", "territory_key": "integer", "product_key": "smallint", "order_quantity": "integer",
    "discount_pct": "numeric(5, 4)", "revenue": "double precision",
}  # fmt: skip
PASSWORD = "a-password-that-stays"
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/bin", "/usr/local/pgsql/bin", "/usr/bin")


def programs() -> Path | None:
    """Return the folder with ``initdb`` and ``postgres``, the newest release first."""
    found = [at for place in PLACES for at in sorted(Path("/").glob(place[1:]), reverse=True)]
    return next((at for at in found if (at / "initdb").is_file() and (at / "postgres").is_file()), None)


def _user() -> str | None:
    """Return as whom the server runs: nobody of importance, since it refuses to run as root."""
    if os.getuid():
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextmanager
def server() -> Iterator[str]:
    """Start a server and give its address, with a password in it; both end with the context."""
    at, user = programs(), _user()
    assert at is not None
    folder = Path(tempfile.mkdtemp(prefix="segkit-postgres-"))
    try:
        if user:
            shutil.chown(folder, user)
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        made = [
            at / "initdb",
            "-D",
            folder / "data",
            "-U",
            "owner",
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "-E",
            "UTF8",
        ]
        subprocess.run([*made, "--locale=C", "--no-sync"], check=True, capture_output=True, user=user, cwd="/")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
        given = [f"--{name}={value}" for name, value in options.items()]
        process = subprocess.Popen(
            [at / "postgres", "-D", folder / "data", *given], user=user, cwd="/",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield _ready(f"postgres://owner:{PASSWORD}@127.0.0.1:{port}/postgres", process)
        finally:
            process.send_signal(signal.SIGINT)  # it waits for no client
            process.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ready(address: str, process: subprocess.Popen[bytes]) -> str:
    import psycopg

    for _ in range(300):
        assert process.poll() is None, "the server ended"
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return address
    raise AssertionError("the server does not answer")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    lack = "no PostgreSQL server on this machine" if programs() is None else ""
    try:
        importlib.import_module("psycopg")
    except ImportError:
        lack = "no driver for PostgreSQL: install segkit[warehouse]"
    if lack:
        pytest.fail(lack) if os.environ.get("CI") == "true" else pytest.skip(lack)
    with server() as started:
        yield started


def fill(address: str, tables: dict[str, pd.DataFrame], within: str = "public", **types: str) -> None:
    """Copy tables to the server, dates and numbers in columns of their types."""
    import psycopg

    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{within}"')
        for name, table in tables.items():
            columns = ", ".join(f'"{c}" {(TYPES | types).get(c, "text")}' for c in table)
            cursor.execute(f'DROP TABLE IF EXISTS "{within}"."{name}"; CREATE TABLE "{within}"."{name}" ({columns})')
            with cursor.copy(f'COPY "{within}"."{name}" FROM STDIN (FORMAT csv)') as copy:
                copy.write(table.to_csv(index=False, header=False))


@pytest.fixture(scope="module")
def tables_folder(address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the simulated tables, which are on the server too."""
    folder, made = tmp_path_factory.mktemp("sales") / "tables", simulate_sales()
    made.write_csv(folder)
    fill(address, made.tables)
    return folder
