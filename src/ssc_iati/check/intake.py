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
from ssc_iati.check.doubles import KEY, ORGANISATION, PlaceOf
from ssc_iati.check.publisher import read_publisher
from ssc_iati.check.records_intake import take_records
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
from ssc_iati.read.address import Source
from ssc_iati.read.grid import Grid, Origins, place, rows_with_problems
from ssc_iati.read.json_records import json_document, json_lines
from ssc_iati.read.layout import Bound, bind, is_foreign
from ssc_iati.read.opened import PLAIN, Reading, is_one_csv, kind_of, opened, passed_over
from ssc_iati.read.package import refuse
from ssc_iati.read.spool import FILE
from ssc_iati.read.stage import LOOSE, Stage
from ssc_iati.record.project import Publisher
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
            return take_records(kind, reader(source, shown), stage, publisher, standing)
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
        raise SourceError(no_projects(where, names))
    stage.note("kind", kind)
    stage.note("headers", {name: Header.of(each.grid) for name, each in bound.items()})
    own = _take_publisher(bound.get("publisher"), stage, findings)
    keys = _Met(0, {}) if standing is None else _Met(standing.total, standing.ordinals, standing)
    keys = keys._replace(reporter=reporter_of(publisher, own))
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
        tell_doubles(stage, reporter_of(publisher, own), _placing(bound))
    total = keys.total if standing is None else standing.total
    return Intake(kind, stage.close(), total, own, findings)


ROOTS = ("projects", "organisation_files")


def _holds_records(bound: dict[str, Bound], *, merging: bool) -> bool:
    """Whether there is a table of records; or, to be merged onto them, any table of what belongs to one."""
    parts = {name for name, each in bound.items() if each.table.owner in {"projects", "organisations"}}
    return any(root in bound for root in ROOTS) or (merging and bool(parts))


def _placing(bound: dict[str, Bound]) -> PlaceOf:
    """The cell of a row's key."""
    roots = bound if "projects" in bound else {**bound, "projects": bound["organisation_files"]}
    return lambda table, row: place(roots[table].grid, row, roots[table].index("key"))


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
            names, derived = (key, stated), identifier_of(key, None, _cell(cells, at_reporter) or before.reporter)
            which = claimed(before.standing, names, derived, place(bound.grid, row, at_key), found)
            stage.put(which, bound.table.name, (row, cells))
            put_problems(stage, which, found)
            continue
        stage.put(ordinal, bound.table.name, (row, cells))
        if key is None:
            found.append(finding("ssc-key-missing", place(bound.grid, row, at_key)))
        else:
            ordinals.setdefault(key, ordinal)
        note_met(stage, ordinal, row, key, identifier_of(key, stated, _cell(cells, at_reporter)))
        put_problems(stage, ordinal, found)
    return before._replace(total=ordinal + 1)


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
            put_loose(stage, "organisations", (row, cells), [*found, problem])
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
        put_loose(stage, "capacities", (row, cells), [*found, problem])


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
