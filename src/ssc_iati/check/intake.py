"""The first pass over a source: every row is staged beside its project; what only the whole can show is found here.

Doubled keys and identifiers, rows of no project, headers and tables that nobody knows. Everything else is checked
chunk by chunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ssc_iati.check.cells import Trouble
from ssc_iati.check.convert import as_text
from ssc_iati.check.doubles import IDENTIFIER, KEY, ORGANISATION, PlaceOf, organisation_doubles, project_doubles
from ssc_iati.check.publisher import read_publisher, read_publisher_record
from ssc_iati.check.standing import Standing
from ssc_iati.findings import Finding, Place, Severity, SourceError
from ssc_iati.messages import finding
from ssc_iati.read.address import Source
from ssc_iati.read.grid import Grid, Origins, place, rows_with_problems
from ssc_iati.read.json_records import PROJECTS, JsonRecord, json_document, json_lines
from ssc_iati.read.layout import Bound, bind, is_foreign
from ssc_iati.read.opened import PLAIN, Reading, is_one_csv, kind_of, opened, passed_over
from ssc_iati.read.package import refuse
from ssc_iati.read.spool import FILE
from ssc_iati.read.stage import LOOSE, Chunk, Stage
from ssc_iati.record.labels import suggest_table
from ssc_iati.record.project import RECORD_VERSION, Publisher
from ssc_iati.record.tables import tables
from ssc_iati.record.values import altered
from ssc_iati.text import fold

if TYPE_CHECKING:
    from ssc_iati.read.dialects import Dialect
    from ssc_iati.read.register import Recognised


class Header(NamedTuple):
    """A grid without its rows: what a worker needs to interpret them and to name their places."""

    file: str
    sheet: str | None
    name: str
    header_row: int
    headers: tuple[str, ...]
    origins: Origins | None = None
    plain: bool = False

    @classmethod
    def of(cls, grid: Grid) -> Header:
        """What can travel to another process."""
        return cls(grid.file, grid.sheet, grid.name, grid.header_row, grid.headers, grid.origins, grid.plain)

    def grid(self) -> Grid:
        """The grid again, without rows."""
        named = (self.file, self.sheet, self.name, self.header_row, self.headers)
        return Grid(*named, lambda: iter(()), origins=self.origins, plain=self.plain)


class Intake(NamedTuple):
    """What the first pass gives: the chunks to work on, the publisher that the source names, and what concerns no
    project.
    """

    kind: str
    chunks: list[Chunk]
    projects: int
    publisher: Publisher | None
    findings: list[Finding]


def take_in(
    source: Source,
    shown: str,
    stage_file: Path,
    publisher: Publisher | None = None,
    reading: Reading = PLAIN,
    accepted: Iterable[str] | None = None,
    notes: Mapping[str, object] = {},
) -> Intake:
    """Stage a source of any known layout; SourceError where it cannot be read, and then nothing of it is used.

    `shown` is the path as people gave it; `publisher` that of the configuration, if there is one; `accepted` are the
    records (canonical JSON) onto which the source is to be merged, which are staged with it; None if it is not. `notes`
    are what every chunk needs to know beside.
    """
    kind = kind_of(source, shown, reading)
    stage = Stage(stage_file, shown)
    try:
        for name, value in notes.items():
            stage.note(name, value)
        standing = None if accepted is None else Standing.staged(accepted, stage)
        if isinstance(source, Path) and kind in {"jsonl", "json"}:
            reader = json_lines if kind == "jsonl" else json_document
            return _take_records(kind, reader(source, shown), stage, publisher, standing)
        with opened(source, shown, reading) as grids:
            intake = _take_grids(kind, grids, source, shown, reading, stage, publisher, standing)
            return intake._replace(findings=[*intake.findings, *passed_over(source, shown)])
    except BaseException:
        stage.abandon()
        raise


def _take_grids(
    kind: str,
    grids: list[Grid],
    source: Source,
    shown: str,
    reading: Reading,
    stage: Stage,
    publisher: Publisher | None,
    standing: Standing | None,
) -> Intake:
    register = _register(grids, reading)
    if register is not None:
        return _take_mapped(kind, grids, stage, publisher, register, standing)
    known = _dialect(source, shown, grids, reading, merging=standing is not None)
    if known is not None:
        return _take_dialect(kind, known, grids, stage, source, publisher)
    return _take_tables(kind, grids, stage, publisher, standing)


def _register(grids: list[Grid], reading: Reading) -> Recognised | None:
    """The mapping of the source's columns: the person's own, or that of a register that is known."""
    if reading.mapping is None and (reading.layout is not None or not any(map(is_foreign, grids))):
        return None
    from ssc_iati.read.register import Recognised, recognise  # only here, since most runs do not need it

    return recognise(grids) if reading.mapping is None else Recognised(reading.mapping, [])


def _dialect(source: Source, shown: str, grids: list[Grid], reading: Reading, *, merging: bool) -> Dialect | None:
    """The other tool's layout that the source is in, if it is in one; SourceError where that cannot be told, where it
    is to be merged, and for a single CSV in our own layout that is not: that layout is of many tables.
    """
    if reading.mapping is not None or not isinstance(source, Path):
        return None
    from ssc_iati.read.dialects.detect import recognised  # only here, since it is of no use to a mapping

    found = recognised(grids, reading.layout, shown)
    if found is not None and merging:
        refuse("ssc-merge-layout", shown, layout=found.name)
    if found is None and is_one_csv(source) and not merging:
        refuse("ssc-source-single-csv", shown, folder=str(Path(shown).parent))
    return found


def _take_dialect(
    kind: str, dialect: Dialect, grids: list[Grid], stage: Stage, source: Source, configured: Publisher | None
) -> Intake:
    from ssc_iati.check.dialect_intake import take_dialect  # only here, since most runs do not need it

    stage.note("kind", kind)
    stage.note("headers", {str(number): Header.of(grid) for number, grid in enumerate(grids)})
    own, total, findings = take_dialect(dialect, grids, stage, source, configured)
    return Intake(kind, stage.close(), total, own, findings)


def _take_mapped(
    kind: str,
    grids: list[Grid],
    stage: Stage,
    publisher: Publisher | None,
    register: Recognised,
    standing: Standing | None,
) -> Intake:
    """The tables that a mapping makes of the sheets."""
    from ssc_iati.read.mapped import map_grids  # only here, since most runs do not need it

    made = map_grids(grids, register.mapping, stage.path.with_name(FILE))
    made.findings[:0] = register.findings
    stage.note("originals", [Header.of(each) for each in made.originals])
    serious = next((each for each in made.findings if each.severity.reaches(Severity.ERROR)), None)
    if serious is not None and standing is None and not any(each.name == "projects" for each in made.grids):
        raise SourceError(serious)  # why there are no projects, rather than that there are none
    intake = _take_tables(kind, made.grids, stage, publisher, standing)
    return intake._replace(findings=[*made.findings, *intake.findings])


def _take_tables(
    kind: str, grids: list[Grid], stage: Stage, publisher: Publisher | None, standing: Standing | None
) -> Intake:
    bound, findings = bind(grids, deleting=standing is not None)
    if not _holds_records(bound, merging=standing is not None):
        names = ", ".join(grid.name for grid in grids) or "-"
        where = Place(grids[0].file if grids else kind)
        raise SourceError(_no_projects(where, names))
    stage.note("kind", kind)
    stage.note("headers", {name: Header.of(each.grid) for name, each in bound.items()})
    own = _take_publisher(bound.get("publisher"), stage, findings)
    keys = _Met(0, {}) if standing is None else _Met(standing.total, standing.ordinals, standing)
    keys = keys._replace(reporter=_reporter(publisher, own))
    for root in ("projects", "organisation_files"):
        if root in bound:
            keys = _take_projects(bound[root], stage, findings, keys)
            if root == "projects" and keys.total == 0 and "organisation_files" in bound:
                own = altered(own or Publisher(), iati_file="organisations")
    known = standing.organisations if standing is not None else {}
    _share_organisations(bound, stage, findings, known)
    for each in tables():
        if each.owner in {"projects", "organisation_files"} and each.path and each.name in bound:
            _take_children(bound[each.name], keys, stage, findings)
    if bound.keys() & ROOTS:
        _tell_doubles(stage, _reporter(publisher, own), _placing(bound))
    total = keys.total if standing is None else standing.total
    return Intake(kind, stage.close(), total, own, findings)


ROOTS = ("projects", "organisation_files")


def _holds_records(bound: dict[str, Bound], *, merging: bool) -> bool:
    """Whether there is a table of records; or, to be merged onto them, any table of what belongs to one."""
    parts = {name for name, each in bound.items() if each.table.owner in {"projects", "organisations"}}
    return any(root in bound for root in ROOTS) or (merging and bool(parts))


def _no_projects(where: Place, tables: str) -> Finding:
    """No table of records of our own, and none by which another tool's layout is told: what was looked for."""
    from ssc_iati.read.dialects import dialects
    from ssc_iati.read.dialects.detect import signs

    return finding("ssc-projects-missing", where, tables=tables, signs=signs(dialects()))


def _placing(bound: dict[str, Bound]) -> PlaceOf:
    """The cell of a row's key."""
    roots = bound if "projects" in bound else {**bound, "projects": bound["organisation_files"]}
    return lambda table, row: place(roots[table].grid, row, roots[table].index("key"))


def _reporter(publisher: Publisher | None, own: Publisher | None) -> str | None:
    for each in (publisher, own):
        if each and each.reporting_org and each.reporting_org.ref:
            return each.reporting_org.ref
    return None


def _take_publisher(bound: Bound | None, stage: Stage, findings: list[Finding]) -> Publisher | None:
    """The publisher, in the one row of its table; a second row is a finding."""
    own: Publisher | None = None
    rows: list[tuple[str, int, Any]] = []
    if bound is None:
        return None
    for row, cells, found in rows_with_problems(bound.grid, findings):
        rows.append(("publisher", row, cells))
        findings += found
        if len(rows) == 1:
            own, problems = read_publisher(bound, row, cells)
            findings += problems
        else:
            findings.append(finding("ssc-publisher-doubled", place(bound.grid, row)))
    stage.note("publisher", rows)
    return own


def _cell(cells: list[Any], index: int | None) -> str | None:
    if index is None or index >= len(cells) or cells[index] is None:
        return None
    value = as_text(cells[index])
    return None if isinstance(value, Trouble) else value or None


def _identifier(key: str | None, stated: str | None, reporter: str | None) -> str | None:
    """The identifier of a project that states one, or a reporter of its own."""
    return stated or (f"{reporter}-{key}" if key and reporter else None)


class _Met(NamedTuple):
    """The projects of a source: how many, and the ordinal of each key; those that stand, if it is merged onto them."""

    total: int
    ordinals: dict[str, int]
    standing: Standing | None = None
    reporter: str | None = None

    def means(self, key: str | None) -> tuple[int, ...]:
        """The project that a key means, as far as that is clear."""
        if self.standing is not None:
            return self.standing.find(key)
        return (self.ordinals[key],) if key is not None and key in self.ordinals else ()


def _take_projects(bound: Bound, stage: Stage, findings: list[Finding], before: _Met) -> _Met:
    """The records of a table; those of the table before it go first."""
    ordinals = before.ordinals
    ordinal = before.total - 1
    at_key, at_identifier, at_reporter = map(bound.index, ("key", "iati_identifier", "reporting_org_ref"))
    for row, cells, found in rows_with_problems(bound.grid, findings):
        ordinal += 1
        key, stated = _cell(cells, at_key), _cell(cells, at_identifier)
        if before.standing is not None:
            names, derived = (key, stated), _identifier(key, None, _cell(cells, at_reporter) or before.reporter)
            which = _claimed(before.standing, names, derived, place(bound.grid, row, at_key), found)
            stage.put(which, bound.table.name, (row, cells))
            _put_problems(stage, which, found)
            continue
        stage.put(ordinal, bound.table.name, (row, cells))
        if key is None:
            found.append(finding("ssc-key-missing", place(bound.grid, row, at_key)))
        else:
            ordinals.setdefault(key, ordinal)
        _meet(stage, ordinal, row, key, _identifier(key, stated, _cell(cells, at_reporter)))
        _put_problems(stage, ordinal, found)
    return before._replace(total=ordinal + 1)


def _put_problems(stage: Stage, ordinal: int, found: list[Finding]) -> None:
    for problem in found:
        stage.put(ordinal, "!", problem)


def _claimed(
    standing: Standing, names: tuple[str | None, ...], derived: str | None, where: Place, found: list[Finding]
) -> int:
    """The ordinal of the record that these names mean among those that stand, or of a new one."""
    if not any(names):
        found.append(finding("ssc-key-missing", where))
    ordinal, problem = standing.claim(names, derived, where)
    found += [problem] if problem is not None else []
    return ordinal


def _meet(stage: Stage, ordinal: int, number: int, key: str | None, identifier: str | None) -> None:
    if key is not None:
        stage.met.meet(KEY, key, ordinal, number)
    if identifier is not None:
        stage.met.meet(IDENTIFIER, identifier, ordinal, number)


def _tell_doubles(stage: Stage, reporter: str | None, place_of: PlaceOf) -> None:
    """Put what stands twice beside the projects and organisations that it concerns."""
    for owner, problem in project_doubles(stage, reporter, place_of):
        stage.put(owner, "!", problem)
    stage.share("!", list(organisation_doubles(stage, place_of)))


def _respelt(rows: Iterator[tuple[str, object]], known: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    """The rows, under the keys by which organisations that stand are known."""
    return rows if not known else ((known.get(fold(key), key), row) for key, row in rows)


def _share_organisations(
    bound: dict[str, Bound], stage: Stage, findings: list[Finding], known: Mapping[str, str]
) -> None:
    """Organisations and their capacities: shared by all projects, fetched by key when a project names them."""
    if "organisations" in bound:
        stage.share("organisations", _respelt(_organisation_rows(bound["organisations"], stage, findings), known))
    if "capacities" in bound:
        stage.share("capacities", _respelt(_capacity_rows(bound["capacities"], stage, findings, known), known))


def _organisation_rows(bound: Bound, stage: Stage, findings: list[Finding]) -> Iterator[tuple[str, object]]:
    index = bound.index("key")
    for row, cells, found in rows_with_problems(bound.grid, findings):
        key = _cell(cells, index)
        if key is None:
            problem = finding("ssc-key-missing", place(bound.grid, row, index))
            _put_loose(stage, "organisations", (row, cells), [*found, problem])
        else:
            stage.met.meet(ORGANISATION, key, row, row)
            yield key, (row, cells, found)


def _capacity_rows(
    bound: Bound, stage: Stage, findings: list[Finding], known: Mapping[str, str]
) -> Iterator[tuple[str, object]]:
    index = bound.index("organisation")
    for row, cells, found in rows_with_problems(bound.grid, findings):
        key = _cell(cells, index)
        if key is not None and (fold(key) in known or stage.met.has(ORGANISATION, key)):
            yield key, (row, cells, found)
            continue
        where = place(bound.grid, row, index)
        problem = finding("ssc-key-missing", where)
        if key is not None:
            close = stage.met.alike(ORGANISATION, key) or "-"
            problem = finding("ssc-reference-unknown", where, value=key, table="organisations", suggestion=close)
        _put_loose(stage, "capacities", (row, cells), [*found, problem])


def _put_loose(stage: Stage, kind: str, row: object, problems: list[Finding]) -> None:
    stage.put(LOOSE, kind, row)
    for each in problems:
        stage.put(LOOSE, "!", each)


def _take_children(bound: Bound, keys: _Met, stage: Stage, findings: list[Finding]) -> None:
    index = bound.index(bound.table.owner_column)
    ordinals, put, name = keys.ordinals, stage.put, bound.table.name
    for row, cells, found in rows_with_problems(bound.grid, findings):
        raw = cells[index] if index is not None and index < len(cells) else None
        ordinal = ordinals.get(raw) if type(raw) is str else None
        if ordinal is None:
            key = _cell(cells, index)
            means = keys.means(key)
            ordinal = means[0] if len(means) == 1 else LOOSE
            if ordinal == LOOSE:
                found.append(_orphan(bound, row, key, stage, several=len(means)))
        put(ordinal, name, (row, cells))
        for problem in found:
            put(ordinal, "!", problem)


def _orphan(bound: Bound, row: int, key: str | None, stage: Stage, *, several: int = 0) -> Finding:
    where = place(bound.grid, row, bound.index(bound.table.owner_column))
    if key is None:
        return finding("ssc-key-missing", where)
    if several:
        return finding("ssc-merge-ambiguous", where, number=several, rows=key)
    close = stage.met.alike(KEY, key) or "-"
    return finding("ssc-project-unknown", where, value=key, suggestion=close)


def _take_records(
    kind: str,
    records: Iterator[JsonRecord | Finding],
    stage: Stage,
    publisher: Publisher | None,
    standing: Standing | None,
) -> Intake:
    stage.note("kind", kind)
    records_in = _Records(stage, standing, _reporter(publisher, None))
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
            raise SourceError(_no_projects(Place(shown), names))
        self._stage.note("publisher", self._publishers)
        _tell_doubles(
            self._stage, _reporter(publisher, self._own), lambda table, line: _record_place(shown, table, line)
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
        _put_loose(stage, "organisation", (record.line, record.value), [finding("ssc-key-missing", where)])
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
    _meet(stage, ordinal, record.line, key, _identifier(key, identifier, _member(reporter, "ref")))


def _take_part(record: JsonRecord, stage: Stage, standing: Standing, reporter: str | None) -> None:
    """A record of which perhaps only part is said, beside the one that stands."""
    where = Place(stage.shown, line=record.line)
    key, identifier = _member(record.value, "key"), _member(record.value, "iati_identifier")
    own = _member(record.value.get("reporting_org"), "ref") if isinstance(record.value, dict) else None
    found: list[Finding] = []
    ordinal = _claimed(standing, (key, identifier), _identifier(key, None, own or reporter), where, found)
    stage.put(ordinal, "json", (record.line, record.value), _weight(record.value))
    _put_problems(stage, ordinal, found)
