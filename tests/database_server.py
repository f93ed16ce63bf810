"""A PostgreSQL server of the tests' own, started where the machine has one."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
HAS_POSTGRES = bool(PROGRAMS) and importlib.util.find_spec("psycopg") is not None


class PostgresServer:
    """A PostgreSQL server of the test's own, which can be stopped and started anew."""

    def __init__(self, home: Path) -> None:
        self._home, self._port = home, _free_port()
        self._user = "postgres" if os.geteuid() == 0 else None
        self._databases = count()
        if self._user is not None:  # the server refuses to be the superuser's
            shutil.chown(home, self._user)
            for each in (home, *home.parents):
                if not each.stat().st_mode & 0o001:
                    each.chmod(0o755)
        self._ask("initdb", "-U", "tester", "-A", "trust")
        self.start()

    def _ask(self, program: str, *arguments: str) -> None:
        command = [str(PROGRAMS[-1] / program), "-D", str(self._home / "data"), *arguments]
        subprocess.run(command, check=True, capture_output=True, user=self._user, cwd=self._home)

    @property
    def url(self) -> str:
        """The address of its first database."""
        return f"postgresql+psycopg://tester@127.0.0.1:{self._port}/postgres"

    def fresh(self) -> str:
        """The address of an empty database."""
        name = f"fresh{next(self._databases)}"
        engine = sqlalchemy.create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.url.replace("/postgres", f"/{name}")

    def start(self) -> None:
        """Start, or start anew."""
        settings = f"-F -h 127.0.0.1 -p {self._port} -k {self._home}"  # -F: a test need not wait for the disk
        self._ask("pg_ctl", "start", "-w", "-l", str(self._home / "log"), "-o", settings)

    def stop(self) -> None:
        """Stop at once, without a word to whoever is connected."""
        self._ask("pg_ctl", "stop", "-m", "immediate")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL server on this machine, started for the tests; skipped where there is none."""
    if not HAS_POSTGRES:
        pytest.skip("needs PostgreSQL and its driver psycopg")
    server = PostgresServer(tmp_path_factory.mktemp("postgres"))
    yield server
    server.stop()


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> str:
    """The address of an empty database on a server."""
    return postgres_server.fresh()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
