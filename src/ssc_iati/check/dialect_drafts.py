"""From staged rows of another tool's layout to records: elements grow from rows, cells are read, then as XML."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from ssc_iati.check.cells import Locale
from ssc_iati.check.dialect_places import Origin
from ssc_iati.check.dialect_values import say
from ssc_iati.check.places import Draft, Values
from ssc_iati.check.references import named
from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.dialects import Dialect, dialect
from ssc_iati.read.dialects.headed import Headed, headed
from ssc_iati.read.dialects.tree import Growth, Node, attribute_name
from ssc_iati.read.grid import Grid, place
from ssc_iati.read.iati_xml import Namespaces, values_of
from ssc_iati.record.fields import describe
from ssc_iati.record.organisation_file import OrganisationFile
from ssc_iati.record.project import Project
from ssc_iati.record.values import Fact

BROKEN = "ssc-row-longer"
"""The rule of a row that has more cells than there are headers: nothing that stands in it can be trusted."""


class DialectNote(NamedTuple):
    """What workers must know of the source: its dialect, and what goes where it is silent."""

    name: str
    version: str
    defaults: Mapping[str, Any] = {}


class DialectDrafts:
    """Makes the records of a stage whose source is in another tool's layout."""

    def __init__(self, note: DialectNote, grids: Mapping[int, Grid], file: str, locale: Locale) -> None:
        self._note = note
        self._grids = grids
        self._file = file
        self._locale = locale
        self._dialect: Dialect = dialect(note.name)
        self._model: type[Fact] = Project if self._dialect.root == "iati-activity" else OrganisationFile

    @cached_property
    def _sheets(self) -> list[Headed]:
        numbers, grids = list(self._grids), list(self._grids.values())
        found, _ = headed(self._dialect, grids)
        return [each._replace(number=numbers[each.number]) for each in found]

    def drafts(self, rows: Mapping[str, list[Any]], problems: Mapping[int, list[Finding]]) -> Iterator[Draft]:
        """The records of a chunk, in the order of the source: `rows` by grid, each with the ordinal of its record."""
        by_record: dict[int, dict[int, list[Any]]] = defaultdict(dict)
        for kind, staged in rows.items():
            for ordinal, row in staged:
                by_record[ordinal].setdefault(int(kind), []).append(row)
        for ordinal in sorted(by_record):
            yield self._draft(ordinal, by_record[ordinal], list(problems.get(ordinal, ())))

    def _draft(self, ordinal: int, rows: Mapping[int, list[Any]], problems: list[Finding]) -> Draft:
        growth = Growth(self._dialect)
        draft = Draft(ordinal, self._first(rows), findings=problems)
        draft.broken = any(each.rule == BROKEN for each in problems)
        for on in self._sheets:
            for number, cells in rows.get(on.number, ()):
                draft.rows.append((str(on.number), number, cells))
                if not draft.broken or on.sheet.root:
                    growth.add(on, number, cells)
        origin = Origin(growth.root, self._model, self._grids)
        draft.origin = origin
        if draft.broken:
            draft.values = self._named(growth.root)
            return draft
        draft.findings += growth.findings
        draft.findings += say(growth.root, self._model, self._locale, origin.place_of, self._dialect.date_order)
        if not self._dialect.paths:
            for node in list(growth.root.walk()):
                _drop_echoes(node)
        draft.findings += self._fill(growth.root, origin)
        draft.values = self._values(growth.root)
        draft.named = named(Project, draft.values) if self._model is Project else []
        return draft

    def _first(self, rows: Mapping[int, list[Any]]) -> Place:
        """The row that the record begins with."""
        on = next(each for each in self._sheets if each.number in rows)
        return place(on.grid, rows[on.number][0][0])

    def _identifier(self, root: Node) -> str | None:
        found = next((each.text for each in root if each.tag == self._dialect.identifier), None)
        return str(found).strip() or None if found is not None else None

    def _named(self, root: Node) -> Values:
        """What a record is told by, of which nothing else was read."""
        identifier = self._identifier(root)
        name = "iati_identifier" if self._model is Project else "identifier"
        return {} if identifier is None else {name: identifier, "key": identifier}

    def _values(self, root: Node) -> Values:
        values = values_of(self._model, root, Namespaces())
        _drop_unread(self._model, values)
        own = values.get("reporting_org", {})
        if "reporting_org" in self._note.defaults and "ref" not in own:
            values["reporting_org"] = {**self._note.defaults["reporting_org"], **own}
        return {**values, "imported_version": self._note.version, "key": self._identifier(root) or "-"}

    def _fill(self, root: Node, origin: Origin) -> Iterator[Finding]:
        """What the publisher's configuration says once for all, where the source is silent."""
        prefix = f"{self._note.defaults.get('prefix')}-"
        for each in root:
            if each.tag != self._dialect.identifier or not each.text or not self._dialect.short:
                continue
            if each.text.startswith(prefix):
                yield finding("ssc-layout-identifier-whole", origin.place_of(each.spots[None]), value=each.text)
            else:
                each.text = f"{prefix}{each.text}"
        for way, value in self._note.defaults.items():
            if way.startswith("@"):
                root.attrib.setdefault(attribute_name(way[1:]), value)


def _drop_unread(model: type[Fact], values: Values) -> None:
    """Leave out the amounts that were blank or could not be read: an empty text is no number."""
    for field in describe(model):
        value = values.get(field.name)
        if value == "" and field.kind is not str:
            del values[field.name]
        elif value and issubclass(field.kind, Fact):
            for each in value if field.many else (value,):
                _drop_unread(field.kind, each)


def _drop_echoes(parent: Node) -> None:
    """Take out what two sheets say of one element: an element all of whose facts stand in one of another sheet."""
    if len(parent.children) < _TWO:
        return
    by_tag: dict[str, list[Node]] = defaultdict(list)
    for each in parent.children:
        by_tag[each.tag].append(each)
    gone: set[int] = set()
    for same in by_tag.values():
        grids = {each.at.grid for each in same if each.at is not None}
        if len(same) > 1 and len(grids) > 1:
            gone |= set(_echoes(same))
    if gone:
        parent.children = [each for each in parent.children if id(each) not in gone]


_TWO = 2


def _echoes(same: list[Node]) -> Iterator[int]:
    """The elements of the sheet that is read first which another sheet's repeat; each repeats one."""
    first = same[0].at
    taken: set[int] = set()
    said = [(each, _facts(each)) for each in same]
    for each, facts in said:
        if each.at is None or first is None or each.at.grid != first.grid:
            continue
        for other, more in said:
            if other.at is not None and other.at.grid != first.grid and id(other) not in taken and facts <= more:
                taken.add(id(other))
                yield id(each)
                break


def _facts(node: Node) -> set[tuple[str, ...]]:
    """What an element says: its attributes and texts, each with its way."""
    found: set[tuple[str, ...]] = set()
    for each in node.walk():
        found |= {(*each.names, name, str(value)) for name, value in each.attrib.items()}
        if each.text is not None:
            found.add((*each.names, str(each.text)))
    return found
