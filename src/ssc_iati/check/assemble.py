"""From staged rows to the values of whole projects: children under their parents, organisations fetched by their
keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ssc_iati.check.cells import Locale
from ssc_iati.check.erasure import fill_marked, marked, stub_of
from ssc_iati.check.interpret import RowReader
from ssc_iati.check.long_form import LongForm
from ssc_iati.check.partial import Onto, beside, partial_drafts, respell, standing
from ssc_iati.check.places import Draft, Loc, Values, shown
from ssc_iati.check.records import Sink, interpret_record
from ssc_iati.check.references import Named, named
from ssc_iati.check.standing import ACCEPTED
from ssc_iati.check.whole import add_kept, is_whole
from ssc_iati.check.whole_records import whole_drafts
from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.grid import place
from ssc_iati.read.layout import REASONS, Bound, bind
from ssc_iati.read.stage import LOOSE, Staged
from ssc_iati.record.organisations import Organisation
from ssc_iati.record.project import RECORD_VERSION, Project
from ssc_iati.record.tables import tables

if TYPE_CHECKING:
    from ssc_iati.check.dialect_drafts import DialectDrafts

_REMEMBERED = 5_000
DIALECT = "dialect"
"""The note of a stage whose source is in another tool's layout: what its records are made by."""

Rows: TypeAlias = dict[str, list[Any]]
"""The rows of a chunk as they were staged, table by table: each with the ordinal of its project."""
Problems: TypeAlias = dict[int, list[Finding]]
"""What was found of a project, by its ordinal, when it was staged."""


_Shared: TypeAlias = tuple[
    Values, dict[int, tuple[str, int]], Sequence[Finding], list[tuple[str, int, Any]], list[Named]
]
"""An organisation as it stands in its table: its values, where, what is wrong with it, its rows, and the keys that it
names.
"""


class _Gathered(NamedTuple):
    """An organisation while its rows are gathered."""

    values: Values
    spots: dict[int, tuple[str, int]]
    findings: list[Finding]
    rows: list[tuple[str, int, Any]]
    named: list[Named]


class Assembler:
    """Puts the projects of a stage together, chunk by chunk; it remembers the organisations that it met."""

    def __init__(self, staged: Staged, locale: Locale) -> None:
        self._staged = staged
        self._locale = locale
        # JSON has one decimal mark; only a source that says otherwise writes its exact numbers with another.
        self._record_locale = locale._replace(decimal=locale.decimal or ".")
        self._file: str = staged.notes["shown"]
        self.onto: Onto | None = staged.notes.get("onto")
        self.published: dict[str, str] = staged.notes.get("published", {})
        self._bound: dict[str, Bound] = {}
        headers = staged.notes.get("headers", {})
        self._dialect = None
        if DIALECT in staged.notes:
            self._dialect = _of_dialect(staged.notes[DIALECT], headers, self._file, locale)
            headers = {}
        for header in headers.values():
            self._bound.update(bind([header.grid()], deleting=self.onto is not None)[0])
        self._tables = [
            each for each in tables() if each.path and each.owner == "projects" and each.name in self._bound
        ]
        self._whole = is_whole(self._bound)
        self._in_cells_alone = "organisations" in self._bound and self.onto is None and not self._whole
        self._readers: dict[str, RowReader] = {}
        self._organisations: dict[str, _Shared | None] = {}

    def drafts(self, chunk: int) -> list[Draft]:
        """The projects of a chunk, in the order of the source.

        Table by table, not project by project: what reads the rows of one table then stays in the processor's cache.
        """
        rows: Rows = self._staged.tables(chunk)
        problems: Problems = defaultdict(list)
        for ordinal, problem in rows.pop("!", ()):
            problems[ordinal].append(problem)
        if self._dialect is not None:
            return list(self._dialect.drafts(rows, problems))
        if self.onto is not None:
            drafts = self._partial(rows, problems, self.onto.token)
        elif "json" in rows:
            drafts = self._records(rows, problems)
        elif self._whole:
            drafts = whole_drafts(rows, problems, self._bound, self.reader)
        else:
            drafts = self._projects(rows, problems)
        self._add_organisations(drafts)
        return drafts

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

    # --- What is merged -----------------------------------------------------------------------------------------------

    def _partial(self, rows: Rows, problems: Problems, token: str) -> list[Draft]:
        accepted = standing(rows.pop("accepted", ()))
        if "json" in rows:
            drafts = self._records({"json": _marked(rows["json"], token)}, problems)
            for draft, (_, row) in zip(drafts, sorted(rows["json"], key=itemgetter(0)), strict=True):
                draft.rows = [("json", *row)]
        else:
            drafts = partial_drafts(rows, problems, self._bound, self.reader, token)
        for draft in drafts:
            respell(draft, self._staged.notes["organisations"])
        return beside(drafts, accepted, self._bound)

    # --- JSON ---------------------------------------------------------------------------------------------------------

    def _records(self, rows: Rows, problems: Problems) -> list[Draft]:
        ordered = sorted(rows["json"], key=itemgetter(0))
        return [self._record(ordinal, line, value, problems[ordinal]) for ordinal, (line, value) in ordered]

    def _record(self, ordinal: int, line: int, value: object, problems: list[Finding]) -> Draft:
        draft = Draft(ordinal, Place(self._file, line=line), rows=[("json", line, value)], findings=problems)
        if not isinstance(value, dict):
            draft.say("ssc-record-not-an-object", ())
            return draft
        sink: Sink = []
        version = value.get("record_version", RECORD_VERSION)
        if version != RECORD_VERSION:
            draft.say("ssc-record-version", ("record_version",), value=version, known=RECORD_VERSION)
        record = {name: each for name, each in value.items() if name not in {REASONS, "record_version"}}
        # What was imported is exact already: nothing in it is a cell that a person wrote.
        exact = "imported_version" in record
        draft.values = record if exact else interpret_record(Project, record, self._record_locale, (), sink)
        for loc, trouble in sink:
            draft.say(trouble.rule, loc, **trouble.values)
        draft.named = named(Project, draft.values)
        return draft

    # --- Tables -------------------------------------------------------------------------------------------------------

    def _projects(self, rows: Rows, problems: Problems) -> list[Draft]:
        reader, made = self.reader("projects"), list[Draft]()
        grid, bound, fill = reader.bound.grid, self._bound, reader.fill
        for ordinal, (number, cells) in sorted(rows["projects"], key=itemgetter(0)):
            draft = Draft(ordinal, (grid, number), bound=bound)
            draft.findings += fill(number, cells, draft.values, draft.named)
            draft.spots[id(draft.values)] = ("projects", number)
            draft.rows.append(("projects", number, cells))
            made.append(draft)
        drafts = {draft.ordinal: draft for draft in made}
        for table in self._tables:
            if table.name in rows:
                (self._long_form if table.levels else self._children)(self.reader(table.name), rows[table.name], drafts)
        for ordinal, found in problems.items():
            drafts[ordinal].findings += found
        return made

    def _children(self, reader: RowReader, rows: list[Any], drafts: dict[int, Draft]) -> None:
        """Put the rows of a table under what they belong to."""
        name, parent, collection, fill = reader.table.name, reader.table.parent, reader.table.path[-1], reader.fill
        for ordinal, (number, cells) in rows:
            draft = drafts[ordinal]
            draft.rows.append((name, number, cells))
            values: Values = {}
            findings = fill(number, cells, values, draft.named)
            if findings:
                draft.findings.extend(findings)
            owner = draft.values if parent is None else self._parent(draft, reader, number, cells)
            if owner is None:
                continue
            draft.spots[id(values)] = (name, number)
            if collection in owner:
                owner[collection].append(values)
            else:
                owner[collection] = [values]

    @staticmethod
    def _long_form(reader: RowReader, rows: list[Any], drafts: dict[int, Draft]) -> None:
        of_projects: dict[int, list[Any]] = defaultdict(list)
        for ordinal, row in rows:
            of_projects[ordinal].append(row)
        for ordinal, own in of_projects.items():
            LongForm(reader, drafts[ordinal]).read(own)

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

    def _add_organisations(self, drafts: list[Draft]) -> None:
        """Fetch every organisation that the projects name, and those they belong to."""
        keys = {key for draft in drafts for collection, key in draft.named if collection == "organisations"}
        if len(self._organisations) + len(keys) > _REMEMBERED:
            self._organisations.clear()
        new = keys - self._organisations.keys()
        self._staged.fetch(new)
        for key in new:
            self._organisations[key] = self._fetched(self._staged.shared(key), key)
        for draft in drafts:
            self._add_own(draft)

    def _add_own(self, draft: Draft) -> None:
        own = draft.values.get("organisations")
        present, held = (set[str](), set[str]()) if own is None and draft.accepted is None else _stated(draft)
        found: list[Values] = []
        place_of, known = draft.spots, self._organisations
        for collection, key in draft.named:  # it grows by what the organisations name in their turn
            if collection != "organisations" or key in present:
                continue
            present.add(key)
            shared = known[key] if key in known else self._organisation(key)
            if shared is None:
                continue
            values, spots, findings, rows, names = shared
            if rows or key not in held:
                found.append(values)
                place_of |= spots
                draft.findings += findings
                draft.rows += rows
                draft.named += names
        if found and isinstance(own, (list, type(None))):
            draft.values["organisations"] = [*(own or ()), *found]

    def _organisation(self, key: str) -> _Shared | None:
        if len(self._organisations) >= _REMEMBERED:
            self._organisations.clear()
        self._organisations[key] = self._fetched(self._staged.shared(key), key)
        return self._organisations[key]

    def _fetched(self, shared: Mapping[str, list[Any]], key: str) -> _Shared | None:
        rows = shared.get("organisations", [])
        if len(rows) == len(shared) == 1 and self._in_cells_alone:
            return self._of_one_row(*rows[0])
        if not rows and self.onto is not None:
            return self._of_those_that_stand(shared, key)
        if not rows:
            return None
        if "organisations" not in self._bound:
            return self._fetched_record(key, rows, shared.get("!", []))
        found = _Gathered({}, {}, [], [], [])
        for index, row in enumerate(rows):
            self._add_row(found, "organisations", row, found.values if index == 0 else {})
        found.findings.extend(shared.get("!", ()))
        if len(rows) > 1:
            grid, others = self._bound["organisations"].grid, [number for number, _, _ in rows]
            where = place(grid, others[0], self._bound["organisations"].index("key"))
            found.findings.append(
                finding("ssc-organisation-doubled", where, value=key, rows=", ".join(map(str, others)))
            )
        self._add_capacities(found, shared)
        return found

    def _of_one_row(self, number: int, cells: list[Any], problems: list[Finding]) -> _Shared:
        """What nearly every organisation is: one row, of which all that it says stands in its cells."""
        values: Values = {}
        names: list[Named] = []
        findings = self.reader("organisations").fill(number, cells, values, names)
        rows = [("organisations", number, cells)]
        return values, {id(values): rows[0][:2]}, [*findings, *problems], rows, names

    def _add_capacities(self, found: _Gathered, shared: Mapping[str, list[Any]]) -> None:
        for row in shared.get("capacities", ()):
            values: Values = {}
            self._add_row(found, "capacities", row, values)
            found.values.setdefault("capacities", []).append(values)

    def _of_those_that_stand(self, shared: Mapping[str, list[Any]], key: str) -> _Shared | None:
        """An organisation of which the source has no row: as it stands in other records, with its new capacities."""
        stands = shared.get(ACCEPTED, [])
        if not stands and "capacities" not in shared:
            return None
        values = dict(stands[0]) if stands else stub_of(key, "organisations", "-")
        found = _Gathered(values, {}, [], [], named(Organisation, values))
        self._add_capacities(found, shared)
        return found

    def _add_row(self, found: _Gathered, table: str, row: Any, values: Values) -> None:  # noqa: ANN401 - as it was staged
        number, cells, problems = row
        if self.onto is None:
            found.findings.extend(self.reader(table).fill(number, cells, values, found.named))
        else:
            found.findings.extend(fill_marked(self.reader(table), number, cells, values, self.onto.token))
            found.named.extend(named(Organisation, values))
        if self._whole:
            found.findings.extend(add_kept(self._bound[table], number, cells, values))
        found.findings.extend(problems)
        found.spots[id(values)] = (table, number)
        found.rows.append((table, number, cells))

    def _fetched_record(self, key: str, rows: list[Any], problems: list[Finding]) -> _Shared:
        line, value = rows[0]
        sink: Sink = []
        value = value if self.onto is None else marked(value, self.onto.token)
        values = interpret_record(Organisation, value, self._record_locale, (), sink)
        where = Place(self._file, line=line)
        findings = [finding(trouble.rule, replace(where, path=_path(loc)), **trouble.values) for loc, trouble in sink]
        findings += problems
        if len(rows) > 1:
            lines = ", ".join(str(number) for number, _ in rows)
            findings.append(finding("ssc-organisation-doubled", where, value=key, rows=lines))
        spots = {id(values): ("organisations[]", line)}
        own = [("organisation", number, each) for number, each in rows]
        return values, spots, findings, own, named(Organisation, values)


def _stated(draft: Draft) -> tuple[set[str], set[str]]:
    """The keys of the organisations that a record holds itself, and of those that it held before it was merged."""
    own = draft.values.get("organisations")
    stated = own if isinstance(own, list) else ()
    present = {key for each in stated if isinstance(each, dict) and isinstance(key := each.get("key"), str)}
    return present, {each.get("key") for each in (draft.accepted or {}).get("organisations", ())}


def _of_dialect(note: Any, headers: Any, file: str, locale: Locale) -> DialectDrafts:  # noqa: ANN401 - as it was staged
    """What makes records of another tool's layout; imported only here, since most runs do not need it."""
    from ssc_iati.check.dialect_drafts import DialectDrafts, DialectNote

    grids = {int(number): header.grid() for number, header in headers.items()}
    return DialectDrafts(DialectNote(*note), grids, file, locale)


def _marked(rows: list[Any], token: str) -> list[Any]:
    return [(ordinal, (line, marked(value, token))) for ordinal, (line, value) in rows]


def _path(loc: Loc) -> str:
    return f"organisations[].{shown(loc)}"
