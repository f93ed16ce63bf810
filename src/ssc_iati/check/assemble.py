"""From staged rows to the values of whole projects: children under their parents, organisations fetched by their
keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from ssc_iati.check.cells import Locale
from ssc_iati.check.interpret import RowReader
from ssc_iati.check.places import Draft, Loc, Values, shown
from ssc_iati.check.records import Sink, interpret_record
from ssc_iati.check.references import Named, named
from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.grid import place
from ssc_iati.read.layout import REASONS, Bound, bind
from ssc_iati.read.stage import LOOSE, Staged
from ssc_iati.record.organisations import Organisation
from ssc_iati.record.project import RECORD_VERSION, Project
from ssc_iati.record.tables import Level, Table, tables
from ssc_iati.record.values import Ref

_REMEMBERED = 5_000

Rows: TypeAlias = dict[str, list[Any]]
"""The rows of one project as they were staged, table by table."""


class _Shared(NamedTuple):
    """An organisation as it stands in its table: its values, where, what is wrong with it, its rows, and the keys that
    it names.
    """

    values: Values
    spots: dict[int, tuple[str, int]]
    findings: list[Finding]
    blocks: list[tuple[str, Sequence[tuple[int, Any]]]]
    named: list[Named]


class Assembler:
    """Puts the projects of a stage together, chunk by chunk; it remembers the organisations that it met."""

    def __init__(self, staged: Staged, locale: Locale) -> None:
        self._staged = staged
        self._locale = locale
        # JSON has one decimal mark; only a source that says otherwise writes its exact numbers with another.
        self._record_locale = locale._replace(decimal=locale.decimal or ".")
        self._file: str = staged.notes["shown"]
        self._bound: dict[str, Bound] = {}
        for header in staged.notes.get("headers", {}).values():
            self._bound.update(bind([header.grid()])[0])
        self._tables = [
            each for each in tables() if each.path and each.owner == "projects" and each.name in self._bound
        ]
        self._readers: dict[str, RowReader] = {}
        self._organisations: dict[str, _Shared | None] = {}
        self._naming = {name: _naming_organisations(bound) for name, bound in self._bound.items()}

    def drafts(self, chunk: int) -> Iterator[Draft]:
        """The projects of a chunk, in the order of the source."""
        rows: dict[int, Rows] = defaultdict(dict)
        for kind, ordinal, row in self._staged.rows(chunk):
            rows[ordinal].setdefault(kind, []).append(row)
        self._fetch_organisations(rows)
        for ordinal in sorted(rows):
            of_project = rows.pop(ordinal)
            yield self._record(ordinal, of_project) if "json" in of_project else self._project(ordinal, of_project)

    def loose(self) -> Draft:
        """The rows that belong to no project, with the reasons."""
        draft = Draft(LOOSE, Place(self._file), bound=self._bound)
        for kind, _, row in self._staged.rows(LOOSE):
            if kind == "!":
                draft.findings.append(row)
            else:
                draft.blocks.append((kind, (row,)))
        return draft

    def reader(self, name: str) -> RowReader:
        """The reader of a table's rows."""
        if name not in self._readers:
            self._readers[name] = RowReader(self._bound[name], self._locale)
        return self._readers[name]

    # --- JSON ---------------------------------------------------------------------------------------------------------

    def _record(self, ordinal: int, rows: Rows) -> Draft:
        line, value = rows["json"][0]
        draft = Draft(ordinal, Place(self._file, line=line), blocks=[("json", rows["json"])])
        draft.findings.extend(rows.get("!", ()))
        if not isinstance(value, dict):
            draft.say("ssc-record-not-an-object", ())
            return draft
        sink: Sink = []
        version = value.get("record_version", RECORD_VERSION)
        if version != RECORD_VERSION:
            draft.say("ssc-record-version", ("record_version",), value=version, known=RECORD_VERSION)
        record = {name: each for name, each in value.items() if name not in {REASONS, "record_version"}}
        draft.values = interpret_record(Project, record, self._record_locale, (), sink)
        for loc, trouble in sink:
            draft.say(trouble.rule, loc, **trouble.values)
        key = draft.values.get("key")
        draft.key = key if isinstance(key, str) else None
        draft.named = named(Project, draft.values)
        self._add_organisations(draft)
        return draft

    # --- Tables -------------------------------------------------------------------------------------------------------

    def _project(self, ordinal: int, rows: Rows) -> Draft:
        number, cells = rows["projects"][0]
        draft = Draft(ordinal, place(self._bound["projects"].grid, number), bound=self._bound)
        draft.findings.extend(self.reader("projects").fill(number, cells, draft.values, draft.named))
        draft.spots[id(draft.values)] = ("projects", number)
        draft.blocks.append(("projects", rows["projects"]))
        key = draft.values.get("key")
        draft.key = key if isinstance(key, str) else None
        for table in self._tables:
            if table.name in rows:
                self._children(draft, table, rows[table.name])
        draft.findings.extend(rows.get("!", ()))
        self._add_organisations(draft)
        return draft

    def _children(self, draft: Draft, table: Table, rows: list[Any]) -> None:
        draft.blocks.append((table.name, rows))
        reader = self.reader(table.name)
        if table.levels:
            _LongForm(reader, draft).read(rows)
            return
        name, collection, fill = table.name, table.path[-1], reader.fill
        for number, cells in rows:
            values: Values = {}
            findings = fill(number, cells, values, draft.named)
            if findings:
                draft.findings.extend(findings)
            owner = draft.values if table.parent is None else self._parent(draft, reader, number, cells)
            if owner is None:
                continue
            draft.spots[id(values)] = (name, number)
            if collection in owner:
                owner[collection].append(values)
            else:
                owner[collection] = [values]

    def _parent(self, draft: Draft, reader: RowReader, number: int, cells: list[Any]) -> Values | None:
        """The fact that a row of a grandchild belongs to."""
        table = reader.table
        key = reader.links(cells).get(table.parent or "")
        parents = draft.values.get(table.path[0], ())
        found: Values | None = next((each for each in parents if key and each.get("key") == key), None)
        if found is None:
            where = place(reader.bound.grid, number, reader.bound.index(table.parent))
            values = {"value": key or "-", "table": table.path[0], "project": draft.key or "-"}
            draft.findings.append(finding("ssc-parent-unknown", where, **values))
        return found

    # --- Organisations ------------------------------------------------------------------------------------------------

    def _add_organisations(self, draft: Draft) -> None:
        """Fetch every organisation that the project names, and those they belong to."""
        own = draft.values.get("organisations")
        stated = own if isinstance(own, list) else ()
        present = {key for each in stated if isinstance(each, dict) and isinstance(key := each.get("key"), str)}
        found: list[Values] = []
        for collection, key in draft.named:  # it grows by what the organisations name in their turn
            if collection != "organisations" or key in present:
                continue
            present.add(key)
            shared = self._organisation(key)
            if shared is not None:
                found.append(shared.values)
                draft.spots.update(shared.spots)
                draft.findings.extend(shared.findings)
                draft.blocks.extend(shared.blocks)
                draft.named.extend(shared.named)
        if found and isinstance(own, (list, type(None))):
            draft.values["organisations"] = [*stated, *found]

    def _fetch_organisations(self, rows: dict[int, Rows]) -> None:
        """Fetch at once what the rows of a chunk name; an organisation that is missed is fetched when it is met."""
        keys: set[str] = set()
        for of_project in rows.values():
            for kind, found in of_project.items():
                for index in self._naming.get(kind, ()):
                    keys.update([row[1][index] for row in found if type(row[1][index]) is str])
        if len(self._organisations) + len(keys) > _REMEMBERED:
            self._organisations.clear()
        self._staged.fetch(keys - self._organisations.keys())

    def _organisation(self, key: str) -> _Shared | None:
        if key not in self._organisations:
            if len(self._organisations) >= _REMEMBERED:
                self._organisations.clear()
            self._organisations[key] = self._fetched(self._staged.shared(key), key)
        return self._organisations[key]

    def _fetched(self, shared: Mapping[str, list[Any]], key: str) -> _Shared | None:
        rows = shared.get("organisations")
        if not rows:
            return None
        if "organisations" not in self._bound:
            return self._fetched_record(key, rows, shared.get("!", []))
        found = _Shared({}, {}, [], [], [])
        for index, row in enumerate(rows):
            self._add_row(found, "organisations", row, found.values if index == 0 else {})
        found.findings.extend(shared.get("!", ()))
        if len(rows) > 1:
            grid, others = self._bound["organisations"].grid, [number for number, _, _ in rows]
            where = place(grid, others[0], self._bound["organisations"].index("key"))
            found.findings.append(
                finding("ssc-organisation-doubled", where, value=key, rows=", ".join(map(str, others)))
            )
        for row in shared.get("capacities", ()):
            values: Values = {}
            self._add_row(found, "capacities", row, values)
            found.values.setdefault("capacities", []).append(values)
        return found

    def _add_row(self, found: _Shared, table: str, row: Any, values: Values) -> None:  # noqa: ANN401 - as it was staged
        number, cells, problems = row
        found.findings.extend(self.reader(table).fill(number, cells, values, found.named))
        found.findings.extend(problems)
        found.spots[id(values)] = (table, number)
        found.blocks.append((table, ((number, cells),)))

    def _fetched_record(self, key: str, rows: list[Any], problems: list[Finding]) -> _Shared:
        line, value = rows[0]
        sink: Sink = []
        values = interpret_record(Organisation, value, self._record_locale, (), sink)
        where = Place(self._file, line=line)
        findings = [finding(trouble.rule, replace(where, path=_path(loc)), **trouble.values) for loc, trouble in sink]
        findings += problems
        if len(rows) > 1:
            lines = ", ".join(str(number) for number, _ in rows)
            findings.append(finding("ssc-organisation-doubled", where, value=key, rows=lines))
        spots = {id(values): ("organisations[]", line)}
        return _Shared(values, spots, findings, [("organisation", rows)], named(Organisation, values))


def _path(loc: Loc) -> str:
    return f"organisations[].{shown(loc)}"


class _LongForm:
    """Results: each row names its result and its indicator; what stands twice must agree, each row adds a period."""

    def __init__(self, reader: RowReader, draft: Draft) -> None:
        self._reader = reader
        self._draft = draft
        self._levels = [(level, reader.indices(level.columns)) for level in reader.table.levels]
        self._found: dict[tuple[str, ...], Values] = {}

    def read(self, rows: list[Any]) -> None:
        """Add the rows of one project."""
        last: dict[str, str] = {}
        for number, cells in rows:
            links = self._reader.links(cells)
            if "result" in links and links["result"] != last.get("result"):
                last = {}
            last = {**last, **links}
            self._row(number, cells, last)
        self._draft.named.extend(named(Project, {"results": self._draft.values.get("results")}))

    def _row(self, number: int, cells: list[Any], links: dict[str, str]) -> None:
        owner, way, missing = self._draft.values, list[str](), False
        for depth, (level, columns) in enumerate(self._levels):
            read, findings = self._reader.part(number, cells, columns, surplus=depth == 0)
            self._draft.findings.extend(findings)
            values = {key: value for key, value in read.items() if key != "key"}
            key = None if level.key is None else links.get(level.key)
            if level.key is not None and key is None:
                if not missing and any(self._reader.says(cells, below) for _, below in self._levels[depth:]):
                    self._missing(level, number)
                missing = True
            elif missing:
                continue
            elif key is not None:
                way.append(key)
                owner = self._same(owner, level, tuple(way), values, number)
            elif values:
                self._add(owner, level, values, number)

    def _add(self, owner: Values, level: Level, values: Values, number: int) -> None:
        owner.setdefault(level.collection, []).append(values)
        self._draft.spots[id(values)] = ("results", number)

    def _same(self, owner: Values, level: Level, way: tuple[str, ...], values: Values, number: int) -> Values:
        """The fact of this key, begun by an earlier row or by this one; a second, other statement is a finding."""
        known = self._found.get(way)
        if known is None:
            known = self._found[way] = {"key": way[-1], **values}
            self._add(owner, level, known, number)
            return known
        for name, value in values.items():
            if known.setdefault(name, value) != value:
                columns = [column.name for column in level.columns if column.path[0].rstrip("[]") == name]
                index = next((at for each in columns if (at := self._reader.bound.index(each)) is not None), None)
                where = place(self._reader.bound.grid, number, index)
                self._draft.findings.append(finding("ssc-rows-disagree", where, key=way[-1], field=name))
        return known

    def _missing(self, level: Level, number: int) -> None:
        bound = self._reader.bound
        where = place(bound.grid, number, bound.index(level.key))
        self._draft.findings.append(finding("ssc-key-missing", where))


def _naming_organisations(bound: Bound) -> tuple[int, ...]:
    """The columns of a table that hold the key of one organisation."""
    columns = [(each.index, each.column) for each in bound.bindings if each.column is not None]
    marks = [(index, column.field.mark(Ref)) for index, column in columns if not column.field.many]
    return tuple(index for index, mark in marks if mark is not None and mark.collection == "organisations")
