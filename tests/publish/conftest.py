"""A publication to try: records go in, a folder comes out, and the clock stands where the test puts it."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

import builders
from ssc_iati.config import Settings
from ssc_iati.findings import Finding
from ssc_iati.publication import publish
from ssc_iati.publish.guard import Rule
from ssc_iati.publish.ledger import Entry, Ledger, ledger_url
from ssc_iati.publish.options import GuardOptions
from ssc_iati.run import Report

FIRST = datetime(2026, 1, 31, 12, tzinfo=UTC)
PUBLICATION = "XM-DAC-41119/activities.xml"
UNGUARDED = builders.SETTINGS.model_copy(update={"guard": GuardOptions(activities=1, transactions=1)})
"""What two records do not afford: that one of them may go is too much for any guard."""


class Publication:
    """A folder that is published to, again and again."""

    first = FIRST

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "public"
        self.file = self.folder / "activities.xml"
        self.private = home / "public.private"
        self.settings: Settings = UNGUARDED
        self.findings: list[Finding] = []

    def publish(self, *records: dict[str, Any], day: int = 0, jobs: int = 1, allow: Collection[Rule] = ()) -> Report:
        """Publish these records, so many days after the first time."""
        source = builders.write_jsonl(self.home / "source.jsonl", list(records))
        self.findings.clear()
        now = FIRST + timedelta(days=day)
        return publish(source, self.folder, self.settings, self.findings.append, now=now, jobs=jobs, allow=allow)

    @property
    def text(self) -> str:
        """The published file."""
        return self.file.read_text("utf-8")

    @property
    def stamp(self) -> tuple[int, int, bytes]:
        """What changes if the file is so much as touched."""
        stat = self.file.stat()
        return stat.st_ino, stat.st_mtime_ns, self.file.read_bytes()

    @property
    def generated(self) -> str:
        """The file's own date-time."""
        return re.search('generated-datetime="(.*?)"', self.text)[1]

    @property
    def activities(self) -> dict[str, str]:
        """The activities as they stand, by the end of their identifiers."""
        found = re.findall("  <iati-activity .*?</iati-activity>\n", self.text, re.DOTALL)
        return {re.search("<iati-identifier>XM-DAC-41119-(.*?)<", each)[1]: each for each in found}

    @property
    def updated(self) -> dict[str, str]:
        """The date-time of each activity, to the day."""
        return {key: re.search('last-updated-datetime="(.*?)T', each)[1] for key, each in self.activities.items()}

    @property
    def ledger(self) -> list[Entry]:
        """What the ledger holds of the last release."""
        ledger = Ledger(ledger_url(self.settings.publish.ledger, self.private), PUBLICATION)
        try:
            return ledger.entries()
        finally:
            ledger.close()

    @property
    def state(self) -> str:
        """The state of the last release."""
        ledger = Ledger(ledger_url(self.settings.publish.ledger, self.private), PUBLICATION)
        try:
            return ledger.latest().state
        finally:
            ledger.close()

    def litter(self) -> list[str]:
        """What lies in the folders beside what belongs there."""
        belongs = {"activities.xml", "organisation.xml", "ledger.sqlite", "activities.rejected.jsonl"}
        there = {each.name for folder in (self.folder, self.private) if folder.exists() for each in folder.iterdir()}
        return sorted(there - belongs)


@pytest.fixture
def publication(tmp_path: Path) -> Publication:
    return Publication(tmp_path)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Callable[..., Ledger]]:
    """Ledgers of publications in one database, closed at the end."""
    opened: list[Ledger] = []

    def made(publication: str = PUBLICATION, url: str | None = None) -> Ledger:
        opened.append(Ledger(ledger_url(url, tmp_path), publication))
        return opened[-1]

    yield made
    for each in opened:
        each.close()


# --- A database server of the test's own ------------------------------------------------------------------------------


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


@pytest.fixture(params=["sqlite", "postgresql"] if HAS_POSTGRES else ["sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database, empty: a file, and a server's where the machine has one."""
    server = "postgres" if request.param == "postgresql" else None
    return request.getfixturevalue(server) if server else f"sqlite:///{tmp_path / 'some.sqlite'}"
