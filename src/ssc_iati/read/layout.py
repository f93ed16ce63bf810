"""Which table a grid is, and which column stands under each of its headers, in whatever of the four languages they
are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ssc_iati.findings import Finding
from ssc_iati.messages import finding
from ssc_iati.read.grid import Grid, place
from ssc_iati.record.labels import column_label, column_named, suggest_column, suggest_table, table_named
from ssc_iati.record.tables import Column, Table, table
from ssc_iati.standard import codelists
from ssc_iati.text import fold

REASONS = "_reasons"
"""The header under which rejected rows carry their reasons; it is passed over when they come back."""

DELETE = "delete"
"""The header (or the member of a JSON record) under which a source that is merged deletes whole rows."""
_DELETES = frozenset(("delete", "borrar", "eliminar", "apagar", "excluir", "supprimer"))

_DOUBLE = re.compile(r"#[2-9]$")
_LANGUAGE = re.compile(
    r"^(?P<name>.+?)\s*(?:[:_.-]\s*(?P<bare>[A-Za-z]{2})|[(\[]\s*(?P<enclosed>[A-Za-z]{2})\s*[)\]])$"
)


@dataclass(frozen=True, slots=True)
class Binding:
    """What stands under one header: a column of the table (in a language), or a link (`project`, a parent, a level's
    key). `number` tells further texts in one language apart (`title:en#2`).
    """

    index: int
    name: str
    column: Column | None
    language: str | None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """A grid and the table that it is."""

    grid: Grid
    table: Table
    bindings: tuple[Binding, ...]

    def index(self, name: str | None) -> int | None:
        """Where the column of this name stands."""
        return next((each.index for each in self.bindings if each.name == name), None)


def is_delete(header: str) -> bool:
    """Whether a header, in any of the languages, is that of the column that deletes rows."""
    return fold(header) in _DELETES


def bind(grids: list[Grid], *, deleting: bool = False) -> tuple[dict[str, Bound], list[Finding]]:
    """The tables that the grids are, by name, and what could not be told apart. `deleting`: they may have a column that
    deletes rows.
    """
    bound: dict[str, Bound] = {}
    problems: list[Finding] = []
    for grid in grids:
        name = table_named(grid.name)
        if name is None:
            problems.append(_unknown_table(grid))
        elif name in bound:
            problems.append(finding("ssc-table-doubled", place(grid), table=grid.name, other=bound[name].grid.name))
        elif grid.headers:
            bound[name], found = _bound(grid, table(name), deleting=deleting)
            problems.extend(found)
    return bound, problems


def is_foreign(grid: Grid) -> bool:
    """Whether a grid is none of the record's tables, be it that it is called like one: it has hardly any of its
    columns.
    """
    name = table_named(grid.name)
    if name is None:
        return True
    headers = [each for each in grid.headers if each.strip()]
    return sum(_binding(table(name), each, 0) is not None for each in headers) * 2 < len(headers)


def _unknown_table(grid: Grid) -> Finding:
    close = suggest_table(grid.name)
    return finding("ssc-table-unknown", place(grid), table=grid.name, suggestion=close or "-")


def _bound(grid: Grid, what: Table, *, deleting: bool) -> tuple[Bound, list[Finding]]:
    bindings: dict[tuple[str, str | None, str], Binding] = {}
    problems: list[Finding] = []
    for index, header in enumerate(grid.headers):
        if not header.strip() or fold(header) == fold(REASONS) or (deleting and is_delete(header)):
            continue
        binding = _binding(what, header, index)
        if binding is None:
            problems.append(_unknown_column(grid, what, index))
        elif (binding.name, binding.language, binding.number) in bindings:
            problems.append(finding("ssc-column-doubled", place(grid, grid.header_row, index), column=header))
        else:
            bindings[binding.name, binding.language, binding.number] = binding
    problems.extend(_missing_links(grid, what, {name for name, _, _ in bindings}))
    return Bound(grid, what, tuple(bindings.values())), problems


def _binding(what: Table, header: str, index: int) -> Binding | None:
    name, language = column_named(what.name, header), None
    number = _DOUBLE.search(header) if name is None else None
    if number is not None:
        header = header[: number.start()]
        name = column_named(what.name, header)
    parts = _LANGUAGE.match(header.strip())
    if name is None and parts:
        name, language = column_named(what.name, parts["name"]), (parts["bare"] or parts["enclosed"]).lower()
    column = next((each for each in what.columns if each.name == name), None)
    if name is None or (language and (column is None or not column.speaks or not codelists.has("Language", language))):
        return None
    return Binding(index, name, column, language, number[0] if number is not None else "")


def _unknown_column(grid: Grid, what: Table, index: int) -> Finding:
    header = grid.headers[index]
    close = suggest_column(what.name, header)
    shown = f"{close} ({column_label(what.name, close, 'en')})" if close else "-"
    return finding("ssc-column-unknown", place(grid, grid.header_row, index), column=header, suggestion=shown)


def _missing_links(grid: Grid, what: Table, names: set[str]) -> Iterator[Finding]:
    needed = {what.owner_column, what.parent, *(level.key for level in what.levels)}
    if what.name in {"projects", "organisations"}:
        needed.add("key")
    for name in sorted(each for each in needed if each is not None and each not in names):
        yield finding("ssc-column-missing", place(grid, grid.header_row), column=name, table=what.name)
