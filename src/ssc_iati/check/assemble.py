"""From staged rows to the values of whole projects: children under their parents, organisations fetched by their
keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from ssc_iati.check.cells import Locale
from ssc_iati.check.interpret import Row, RowReader
from ssc_iati.check.places import Draft, Loc, Values, shown
from ssc_iati.check.records import Sink, interpret_record
from ssc_iati.check.whole import Details, Parents, add_kept, forget_positions, is_whole, join_texts, kept, merge
from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.grid import place
from ssc_iati.read.layout import REASONS, Bound, bind
from ssc_iati.read.stage import LOOSE, Staged
from ssc_iati.record.fields import describe
from ssc_iati.record.organisations import Organisation
from ssc_iati.record.project import RECORD_VERSION, Project
from ssc_iati.record.tables import Level, Table, tables
from ssc_iati.record.values import Fact, Ref

_REMEMBERED = 5_000
_KEYS = ("result", "indicator", "period_key")
_SHARED = ("organisations", "capacities", "!")


class _Shared(NamedTuple):
    """An organisation as it stands in its table: its values, where, and what is wrong with it."""

    values: Values
    spots: dict[int, tuple[str, int]]
    findings: list[Finding]
    rows: list[tuple[str, int, Any]]


class Assembler:
    """Puts the projects of a stage together, chunk by chunk; it remembers the organisations that it met."""

    def __init__(self, staged: Staged, locale: Locale) -> None:
        self._staged = staged
        self._locale = locale
        # JSON has one decimal mark; only a source that says otherwise writes its exact numbers with another.
        self._record_locale = locale._replace(decimal=locale.decimal or ".")
        self._file: str = staged.notes["shown"]
        self._headers = staged.notes.get("headers", {})
        self._bound: dict[str, Bound] = {}
        self._readers: dict[str, RowReader] = {}
        for header in self._headers.values():
            self._bound.update(bind([header.grid()])[0])
        self._organisations: dict[str, _Shared | None] = {}
        self._whole = is_whole(self._bound)
        self._naming = {name: _naming_organisations(bound) for name, bound in self._bound.items()}

    def drafts(self, chunk: int) -> Iterator[Draft]:
        """The projects of a chunk, in the order of the source."""
        rows: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for kind, ordinal, row in self._staged.rows(chunk):
            rows[ordinal][kind].append(row)
        self._fetch_organisations(rows)
        for ordinal in sorted(rows):
            of_project = rows.pop(ordinal)
            yield self._record(ordinal, of_project) if "json" in of_project else self._rows(ordinal, of_project)

    def loose(self) -> Draft:
        """The rows that belong to no project, with the reasons."""
        draft = Draft(LOOSE, Place(self._file), bound=self._bound)
        for kind, _, row in self._staged.rows(LOOSE):
            if kind == "!":
                draft.findings.append(row)
            else:
                draft.rows.append((kind, *row))
        return draft

    def reader(self, name: str) -> RowReader:
        """The reader of a table's rows."""
        if name not in self._readers:
            self._readers[name] = RowReader(self._bound[name], self._locale)
        return self._readers[name]

    # --- JSON ---------------------------------------------------------------------------------------------------------

    def _record(self, ordinal: int, rows: dict[str, list[Any]]) -> Draft:
        line, value = rows["json"][0]
        draft = Draft(ordinal, Place(self._file, line=line), rows=[("json", line, value)], findings=list(rows["!"]))
        if not isinstance(value, dict):
            draft.say("ssc-record-not-an-object", ())
            return draft
        sink: Sink = []
        version = value.get("record_version", RECORD_VERSION)
        if version != RECORD_VERSION:
            draft.say("ssc-record-version", ("record_version",), value=version, known=RECORD_VERSION)
        record = {name: each for name, each in value.items() if name not in {REASONS, "record_version"}}
        # What was imported is exact already: nothing in it is a cell that a person wrote.
        literal = "imported_version" in record
        draft.values = record if literal else interpret_record(Project, record, self._record_locale, (), sink)
        for loc, trouble in sink:
            draft.say(trouble.rule, loc, **trouble.values)
        key = draft.values.get("key")
        draft.key = key if isinstance(key, str) else None
        self._add_organisations(draft)
        return draft

    # --- Tables -------------------------------------------------------------------------------------------------------

    def _rows(self, ordinal: int, rows: dict[str, list[Any]]) -> Draft:
        return self._whole_record(ordinal, rows) if self._whole else self._project(ordinal, rows)

    def _whole_record(self, ordinal: int, rows: dict[str, list[Any]]) -> Draft:
        """A record of tables that may hold more than cells can."""
        root = "projects" if "projects" in rows else "organisation_files"
        join_texts(rows, self._bound)
        number, cells = rows[root][0]
        draft = Draft(ordinal, place(self._bound[root].grid, number), bound=self._bound)
        self._read(draft, root, number, cells, draft.values)
        add_kept(draft, self._bound[root], number, cells, draft.values)
        key = draft.values.get("key")
        draft.key = key if isinstance(key, str) else None
        parents = Parents(draft)
        for table in tables():
            if table.name in rows and table.path and table.name != "continuations":
                self._whole_children(draft, table, rows[table.name], parents)
        forget_positions(draft.values)
        draft.findings.extend(rows.get("!", ()))
        self._add_organisations(draft)
        return draft

    def _whole_children(self, draft: Draft, table: Table, rows: list[Any], parents: Parents) -> None:
        if table.levels:
            _LongForm(self.reader(table.name), draft).read(rows)
            return
        bound = self._bound[table.name]
        for number, cells in rows:
            values: Values = {}
            self._read(draft, table.name, number, cells, values)
            add_kept(draft, bound, number, cells, values)
            owner = parents.owner(table, bound, number, cells)
            if owner is not None:
                owner.setdefault(table.path[-1], []).append(values)
                parents.note(table.path[-1], values)

    def _project(self, ordinal: int, rows: dict[str, list[Any]]) -> Draft:
        number, cells = rows["projects"][0]
        draft = Draft(ordinal, place(self._bound["projects"].grid, number), bound=self._bound)
        self._read(draft, "projects", number, cells, draft.values)
        key = draft.values.get("key")
        draft.key = key if isinstance(key, str) else None
        for table in tables():
            if table.name in rows and table.path:
                self._children(draft, table, rows[table.name])
        draft.findings.extend(rows["!"])
        self._add_organisations(draft)
        return draft

    def _read(self, draft: Draft, table: str, number: int, cells: list[Any], values: Values) -> Row:
        row = self.reader(table).read(number, cells, values=values)
        draft.spots[id(values)] = (table, number)
        if row.findings:
            draft.findings.extend(row.findings)
        draft.rows.append((table, number, cells))
        return row

    def _children(self, draft: Draft, table: Table, rows: list[Any]) -> None:
        if table.levels:
            _LongForm(self.reader(table.name), draft).read(rows)
            return
        for number, cells in rows:
            values: Values = {}
            row = self._read(draft, table.name, number, cells, values)
            owner = self._parent(draft, table, row, number) if table.parent else draft.values
            if owner is not None:
                owner.setdefault(table.path[-1], []).append(values)

    def _parent(self, draft: Draft, table: Table, row: Row, number: int) -> Values | None:
        key = row.links.get(table.parent or "")
        parents = draft.values.get(table.path[0], ())
        found: Values | None = next((each for each in parents if key and each.get("key") == key), None)
        if found is None:
            bound = self._bound[table.name]
            where = place(bound.grid, number, bound.index(table.parent))
            values = {"value": key or "-", "table": table.path[0], "project": draft.key or "-"}
            draft.findings.append(finding("ssc-parent-unknown", where, **values))
        return found

    # --- Organisations ------------------------------------------------------------------------------------------------

    def _add_organisations(self, draft: Draft) -> None:
        """Fetch every organisation that the project names, and those they belong to."""
        own = draft.values.get("organisations")
        stated = own if isinstance(own, list) else ()
        present = {key for each in stated if isinstance(each, dict) and isinstance(key := each.get("key"), str)}
        draft.references = references(Project, draft.values, ())
        wanted = [key for _, collection, key in draft.references if collection == "organisations"]
        found: list[Values] = []
        while wanted:
            key = wanted.pop(0)
            if key in present:
                continue
            present.add(key)
            shared = self._organisation(key)
            if shared is not None:
                found.append(shared.values)
                draft.spots.update(shared.spots)
                draft.findings.extend(shared.findings)
                draft.rows.extend(shared.rows)
                wanted.extend(parent for parent in (shared.values.get("parent"),) if isinstance(parent, str))
        if found and isinstance(own, (list, type(None))):
            draft.values["organisations"] = [*stated, *found]
            for index, each in enumerate(found, start=len(stated)):
                draft.references += references(Organisation, each, ("organisations", index))

    def _fetch_organisations(self, rows: dict[int, dict[str, list[Any]]]) -> None:
        """Fetch at once what the rows of a chunk name; an organisation that is missed is fetched when it is met."""
        keys: set[str] = set()
        for of_project in rows.values():
            for kind, found in of_project.items():
                for index in self._naming.get(kind, ()):
                    keys.update(row[1][index] for row in found if type(row[1][index]) is str)
        if len(self._organisations) + len(keys) > _REMEMBERED:
            self._organisations.clear()
        self._staged.fetch(_SHARED, keys - self._organisations.keys())

    def _organisation(self, key: str) -> _Shared | None:
        if key not in self._organisations:
            if len(self._organisations) >= _REMEMBERED:
                self._organisations.clear()
            self._organisations[key] = self._fetched(key)
        return self._organisations[key]

    def _fetched(self, key: str) -> _Shared | None:
        rows = self._staged.shared("organisations", key)
        if not rows:
            return None
        if "organisations" not in self._bound:
            return self._fetched_record(key, rows)
        draft = Draft(LOOSE, Place(self._file), bound=self._bound)
        for index, (number, cells, problems) in enumerate(rows):
            self._read(draft, "organisations", number, cells, draft.values if index == 0 else {})
            if self._whole and index == 0:
                add_kept(draft, self._bound["organisations"], number, cells, draft.values)
            draft.findings.extend(problems)
        draft.findings.extend(self._staged.shared("!", key))
        if len(rows) > 1:
            grid, others = self._bound["organisations"].grid, [number for number, _, _ in rows]
            where = place(grid, others[0], self._bound["organisations"].index("key"))
            draft.findings.append(
                finding("ssc-organisation-doubled", where, value=key, rows=", ".join(map(str, others)))
            )
        for number, cells, problems in self._staged.shared("capacities", key):
            values: Values = {}
            self._read(draft, "capacities", number, cells, values)
            if self._whole:
                add_kept(draft, self._bound["capacities"], number, cells, values)
            draft.findings.extend(problems)
            draft.values.setdefault("capacities", []).append(values)
        return _Shared(draft.values, draft.spots, draft.findings, draft.rows)

    def _fetched_record(self, key: str, rows: list[Any]) -> _Shared:
        line, value = rows[0]
        sink: Sink = []
        values = interpret_record(Organisation, value, self._record_locale, (), sink)
        where = Place(self._file, line=line)
        findings = [finding(trouble.rule, replace(where, path=_path(loc)), **trouble.values) for loc, trouble in sink]
        findings += self._staged.shared("!", key)
        if len(rows) > 1:
            lines = ", ".join(str(number) for number, _ in rows)
            findings.append(finding("ssc-organisation-doubled", where, value=key, rows=lines))
        spots = {id(values): ("organisations[]", line)}
        return _Shared(values, spots, findings, [("organisation", number, each) for number, each in rows])


def _path(loc: Loc) -> str:
    return f"organisations[].{shown(loc)}"


class _LongForm:
    """Results: each row names its result and its indicator; what stands twice must agree, each row adds a period."""

    def __init__(self, reader: RowReader, draft: Draft) -> None:
        self._reader = reader
        self._draft = draft
        self._levels = [(level, reader.setters(level.columns)) for level in reader.table.levels]
        self._details = Details(reader, draft)
        self._found: dict[tuple[str, ...], Values] = {}

    def read(self, rows: list[Any]) -> None:
        """Add the rows of one project."""
        last: dict[str, str] = {}
        for number, cells in rows:
            links = self._reader.links(cells)
            self._draft.rows.append(("results", number, cells))
            if "result" in links and links["result"] != last.get("result"):
                last = {}
            last = {**last, **links}
            detail = self._details.named(cells)
            if detail is None:
                self._row(number, cells, last)
            else:
                self._details.add(detail, number, cells)

    def _row(self, number: int, cells: list[Any], links: dict[str, str]) -> None:
        owner, way, missing = self._draft.values, list[str](), False
        more = kept(self._draft, self._reader.bound, number, cells)
        for depth, (level, setters) in enumerate(self._levels):
            row = self._reader.read(number, cells, setters, surplus=depth == 0)
            self._draft.findings.extend(row.findings)
            values = {key: value for key, value in row.values.items() if key != "key"}
            if more:
                merge(values, more.get(level.collection.removesuffix("s"), {}))
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
                self._details.note(cells, _KEYS[: depth + 1], owner)
            elif values:
                self._add(owner, level, values, number)
                self._details.note(cells, _KEYS, values)

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


Reference = tuple[Loc, str, str]
_Plan = dict[str, tuple[str | None, Any]]


@cache
def _plan(model: type[Fact]) -> _Plan:
    """The fields of a model that hold keys, with their collection, or facts below that do, with their plan."""
    plan: _Plan = {}
    for field in describe(model):
        mark = field.mark(Ref)
        if mark is not None:
            plan[field.name] = (mark.collection, None)
        elif issubclass(field.kind, Fact):
            plan[field.name] = (None, _plan(field.kind))
    return plan


def references(model: type[Fact], values: Values, loc: Loc) -> list[Reference]:
    """Every key that the values hold of another fact: where it stands, the collection it refers to, the key."""
    found: list[Reference] = []
    _gather(_plan(model), values, loc, found)
    return found


def _gather(plan: _Plan, values: Values, loc: Loc, found: list[Reference]) -> None:
    for name in plan if len(plan) < len(values) else values:
        if name not in values or name not in plan:
            continue
        value, (collection, below) = values[name], plan[name]
        if collection is not None:
            keys = value if isinstance(value, list) else (value,)
            found += (((*loc, name), collection, key) for key in keys if isinstance(key, str))
        elif isinstance(value, dict):
            _gather(below, value, (*loc, name), found)
        elif isinstance(value, list):
            for index, each in enumerate(value):
                if isinstance(each, dict):
                    _gather(below, each, (*loc, name, index), found)
