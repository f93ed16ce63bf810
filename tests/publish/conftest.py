"""A publication to try: records go in, a folder comes out, and the clock stands where the test puts it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import builders
from database_server import HAS_POSTGRES
from ssc_iati.config import Settings
from ssc_iati.findings import Finding
from ssc_iati.publication import publish
from ssc_iati.publish.guard import Rule
from ssc_iati.publish.ledger import Entry, Ledger, ledger_url
from ssc_iati.publish.options import GuardOptions, IdentifierOptions
from ssc_iati.run import Report

FIRST = datetime(2026, 1, 31, 12, tzinfo=UTC)
PUBLICATION = "XM-DAC-41119/activities.xml"
UNGUARDED = builders.SETTINGS.model_copy(
    update={"guard": GuardOptions(activities=1, transactions=1), "identifiers": IdentifierOptions(missing="drop")}
)
"""What two records do not afford: that one of them may go is too much for any guard, and needs a decision."""


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


@pytest.fixture(params=["sqlite", "postgresql"] if HAS_POSTGRES else ["sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database, empty: a file, and a server's where the machine has one."""
    server = "postgres" if request.param == "postgresql" else None
    return request.getfixturevalue(server) if server else f"sqlite:///{tmp_path / 'some.sqlite'}"
