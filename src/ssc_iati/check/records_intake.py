"""The first pass over a JSON source: its projects, its organisations, its publisher, and what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ssc_iati.check.cells import Trouble
from ssc_iati.check.convert import as_text
from ssc_iati.check.doubles import ORGANISATION
from ssc_iati.check.publisher import read_publisher_record
from ssc_iati.check.standing import Standing
from ssc_iati.check.taking import (
    Intake,
    claimed,
    identifier_of,
    no_projects,
    note_met,
    put_loose,
    put_problems,
    reporter_of,
    tell_doubles,
)
from ssc_iati.findings import Finding, Place, Severity, SourceError
from ssc_iati.messages import finding
from ssc_iati.read.json_records import PROJECTS, JsonRecord
from ssc_iati.read.stage import Stage
from ssc_iati.record.labels import suggest_table
from ssc_iati.record.project import RECORD_VERSION, Publisher
from ssc_iati.text import fold


def take_records(
    kind: str,
    records: Iterator[JsonRecord | Finding],
    stage: Stage,
    publisher: Publisher | None,
    standing: Standing | None,
) -> Intake:
    """Stage the records of a JSON source."""
    stage.note("kind", kind)
    records_in = _Records(stage, standing, reporter_of(publisher, None))
    for record in records:
        if isinstance(record, Finding):
            records_in.findings.append(_bearable(record))
        else:
            for part in _parts(record):
                records_in.take(part)
    return records_in.settled(kind, publisher)


class _Records:
    """The parts of a JSON source as they come: projects, organisations, the publisher, and what nobody knows."""

    def __init__(self, stage: Stage, standing: Standing | None, reporter: str | None) -> None:
        self._stage = stage
        self._standing = standing
        self._reporter = reporter
        self._projects = 0
        self._publishers: list[tuple[str, int, Any]] = []
        self._strange: list[str] = []
        self._own: Publisher | None = None
        self.findings: list[Finding] = []

    def take(self, part: JsonRecord) -> None:
        """Stage a part, or note what is wrong with it."""
        if part.section == PROJECTS:
            if self._standing is None:
                _take_record(self._projects, part, self._stage)
            else:
                _take_part(part, self._stage, self._standing, self._reporter)
            self._projects += 1
        elif part.section == "organisations":
            _share_record(part, self._stage, self._standing.organisations if self._standing is not None else {})
        elif part.section == "publisher":
            self._take_publisher(part)
        elif part.section == "record_version":
            self.findings += _version(part, self._where(part))
        else:
            self._strange.append(part.section)
            close = suggest_table(part.section) or "-"
            self.findings.append(finding("ssc-table-unknown", self._where(part), table=part.section, suggestion=close))

    def _where(self, part: JsonRecord) -> Place:
        return Place(self._stage.shown, line=part.line)

    def _take_publisher(self, part: JsonRecord) -> None:
        if self._publishers:
            self.findings.append(finding("ssc-publisher-doubled", self._where(part)))
        else:
            self._own, problems = read_publisher_record(part.value, self._where(part))
            self.findings += problems
        self._publishers.append(("publisher", part.line, part.value))

    def settled(self, kind: str, publisher: Publisher | None) -> Intake:
        """The intake, when the source is at its end."""
        shown = self._stage.shown
        if self._strange and not self._projects and self._standing is None:
            names = ", ".join(dict.fromkeys(self._strange))
            raise SourceError(no_projects(Place(shown), names))
        self._stage.note("publisher", self._publishers)
        tell_doubles(
            self._stage, reporter_of(publisher, self._own), lambda table, line: _record_place(shown, table, line)
        )
        projects = self._projects if self._standing is None else self._standing.total
        return Intake(kind, self._stage.close(), projects, self._own, self.findings)


def _record_place(shown: str, table: str, line: int) -> Place:
    return Place(shown, line=line, path="organisations[].key" if table == "organisations" else None)


def _version(record: JsonRecord, where: Place) -> list[Finding]:
    if record.value == RECORD_VERSION:
        return []
    return [finding("ssc-record-version", where, value=record.value, known=RECORD_VERSION)]


def _parts(record: JsonRecord) -> Iterator[JsonRecord]:
    """A line of JSON Lines may carry what belongs to the file: `{"publisher": ..., "organisations": [...]}`."""
    value = record.value
    if (
        record.section != PROJECTS
        or not isinstance(value, dict)
        or not value
        or not value.keys() <= {"publisher", "organisations"}
    ):
        yield record
        return
    if "publisher" in value:
        yield JsonRecord(record.line, value["publisher"], "publisher")
    organisations = value.get("organisations")
    for each in organisations if isinstance(organisations, list) else [organisations]:
        if each is not None:
            yield JsonRecord(record.line, each, "organisations")


def _bearable(problem: Finding) -> Finding:
    """A broken line is set aside; a file that is cut or is no JSON cannot be used at all."""
    if problem.severity is Severity.CRITICAL:
        raise SourceError(problem)
    return problem


def _share_record(record: JsonRecord, stage: Stage, known: Mapping[str, str]) -> None:
    where = Place(stage.shown, line=record.line, path="organisations[].key")
    key = _member(record.value, "key")
    if key is None:
        put_loose(stage, "organisation", (record.line, record.value), [finding("ssc-key-missing", where)])
        return
    stage.met.meet(ORGANISATION, key, record.line, record.line)
    stage.share("organisations", [(known.get(fold(key), key), (record.line, record.value))])


def _member(value: object, name: str) -> str | None:
    """The text of a member, as the checks will read it: a number is a text too."""
    member = value.get(name) if isinstance(value, dict) else None
    if isinstance(member, bool) or not isinstance(member, (str, int)):
        return None
    said = as_text(member)
    return None if isinstance(said, Trouble) else said or None


def _weight(value: object) -> int:
    """About how many rows of tables a record would fill."""
    return 1 + sum(len(each) for each in value.values() if isinstance(each, list)) if isinstance(value, dict) else 1


def _take_record(ordinal: int, record: JsonRecord, stage: Stage) -> None:
    stage.put(ordinal, "json", (record.line, record.value), _weight(record.value))
    where = Place(stage.shown, line=record.line)
    key, identifier = _member(record.value, "key"), _member(record.value, "iati_identifier")
    if key is None and identifier is None:
        stage.put(ordinal, "!", finding("ssc-key-missing", where))
    reporter = record.value.get("reporting_org") if isinstance(record.value, dict) else None
    note_met(stage, ordinal, record.line, key, identifier_of(key, identifier, _member(reporter, "ref")))


def _take_part(record: JsonRecord, stage: Stage, standing: Standing, reporter: str | None) -> None:
    """A record of which perhaps only part is said, beside the one that stands."""
    where = Place(stage.shown, line=record.line)
    key, identifier = _member(record.value, "key"), _member(record.value, "iati_identifier")
    own = _member(record.value.get("reporting_org"), "ref") if isinstance(record.value, dict) else None
    found: list[Finding] = []
    ordinal = claimed(standing, (key, identifier), identifier_of(key, None, own or reporter), where, found)
    stage.put(ordinal, "json", (record.line, record.value), _weight(record.value))
    put_problems(stage, ordinal, found)
