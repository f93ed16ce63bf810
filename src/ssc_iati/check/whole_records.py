"""Records of tables that hold them whole: row by row under what they belong to, with what the cells could not hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from ssc_iati.check.interpret import RowReader
from ssc_iati.check.long_form import LongForm
from ssc_iati.check.places import Draft, Values
from ssc_iati.check.references import named
from ssc_iati.check.whole import Parents, add_kept, forget_positions, joined_texts, other_xml
from ssc_iati.findings import Finding
from ssc_iati.read.grid import place
from ssc_iati.read.layout import Bound
from ssc_iati.record.project import Project
from ssc_iati.record.tables import Table, tables

Staged = Mapping[str, list[tuple[int, Any]]]
ROOTS = ("projects", "organisation_files")


def whole_drafts(
    rows: Staged, problems: Mapping[int, list[Finding]], bound: Mapping[str, Bound], reader: Callable[[str], RowReader]
) -> list[Draft]:
    """The records of a chunk, in the order of the source: `rows` by table, each with the ordinal of its record."""
    return [_draft(ordinal, tables, problems.get(ordinal, []), bound, reader) for ordinal, tables in by_record(rows)]


def by_record(rows: Staged) -> list[tuple[int, Mapping[str, list[Any]]]]:
    """The rows of each record by table, in the order of the records."""
    found: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for name, staged in rows.items():
        for ordinal, row in staged:
            found[ordinal][name].append(row)
    return sorted(found.items())


def _draft(
    ordinal: int,
    rows: Mapping[str, list[Any]],
    problems: list[Finding],
    bound: Mapping[str, Bound],
    reader: Callable[[str], RowReader],
) -> Draft:
    root = next(each for each in ROOTS if each in rows)
    draft = Draft(ordinal, place(bound[root].grid, rows[root][0][0]), bound=dict(bound))
    draft.rows.extend((name, *row) for name, own in rows.items() for row in own)
    rows, missing = joined_texts(rows, bound)
    ((number, cells), *_) = rows[root]
    draft.findings.extend(missing)
    _fill(draft, reader(root), number, cells, draft.values)
    parents = Parents(draft)
    for table in tables():
        if table.name in rows and table.path and table.name != "continuations":
            _children(draft, table, reader(table.name), rows[table.name], parents)
    forget_positions(draft.values)
    if root == "projects" and "imported_version" not in draft.values:
        for loc, place_ in other_xml(draft.values):
            draft.say("ssc-other-xml-alone", loc, place=place_)
    draft.findings.extend(problems)
    draft.named = named(Project, draft.values) if root == "projects" else []
    return draft


def _children(draft: Draft, table: Table, reader: RowReader, rows: list[Any], parents: Parents) -> None:
    if table.levels:
        LongForm(reader, draft).read(rows)
        return
    for number, cells in rows:
        values: Values = {}
        _fill(draft, reader, number, cells, values)
        owner = parents.owner(table, reader.bound, number, cells)
        if owner is not None:
            owner.setdefault(table.path[-1], []).append(values)
            parents.note(table.path[-1], values)


def _fill(draft: Draft, reader: RowReader, number: int, cells: list[Any], values: Values) -> None:
    """The values of a row, with what its cells could not hold."""
    draft.findings.extend(reader.fill(number, cells, values, []))
    draft.findings.extend(add_kept(reader.bound, number, cells, values))
    draft.spots[id(values)] = (reader.table.name, number)
