"""From the cells of a row to its values: a setter for each column, made once.

What cannot be read is a finding at its cell. A cell that states "unknown" leaves its field blank and is remembered in
`unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ssc_iati.check import cells
from ssc_iati.check.cells import Locale, Trouble
from ssc_iati.check.convert import Convert, Values, as_text, converter, sound, valuing
from ssc_iati.check.quick_row import QuickCell, lists_items, quick_read
from ssc_iati.check.references import Named, named
from ssc_iati.findings import Finding
from ssc_iati.messages import finding
from ssc_iati.read.grid import Cell, place
from ssc_iati.read.layout import Bound
from ssc_iati.record.tables import Column, Table
from ssc_iati.record.values import plain

Set = Callable[[Any, Values], Trouble | None]


def setter(column: Column, language: str | None, locale: Locale) -> Set:
    """What puts a cell's value where the column says."""
    convert = converter(column.field, locale)
    if column.speaks:
        return _text_setter(column, language, convert)
    if lists_items(column):
        return _items_setter(column, _each(convert))
    if column.field.many:
        convert = _each(convert)
    return _own_setter(column, convert) if len(column.path) == 1 else _inner_setter(column, convert)


def _own_setter(column: Column, convert: Convert) -> Set:
    """A field of the row's own fact."""
    last = column.path[-1]

    def put(cell: Any, values: Values) -> Trouble | None:  # noqa: ANN401
        value = convert(cell)
        if type(value) is Trouble:
            return None if _stated_unknown(cell, values, last) else value
        values[last] = value
        return None

    return put


def _inner_setter(column: Column, convert: Convert) -> Set:
    """A field of a fact within the row's, or of one that a shorthand begins."""
    reach, last = _way(column.path[:-1], dict(column.wrap)), column.path[-1]
    begins = column.path[0].endswith("+")

    def put(cell: Any, values: Values) -> Trouble | None:  # noqa: ANN401
        value = convert(cell)
        if type(value) is Trouble:
            # What a shorthand would have begun is not there: that it is unknown is said of the row.
            if begins:
                return None if _stated_unknown(cell, values, column.name) else value
            return None if cells.is_unknown(cell) and _stated_unknown(cell, reach(values), last) else value
        reach(values)[last] = value
        return None

    return put


def _text_setter(column: Column, language: str | None, convert: Convert) -> Set:
    """A text, added to those in other languages."""
    reach, last = _way(column.path[:-1], dict(column.wrap)), column.path[-1]

    def put(cell: Any, values: Values) -> Trouble | None:  # noqa: ANN401
        value = convert(cell)
        if type(value) is Trouble:
            return value
        if value:
            reach(values).setdefault(last, []).append({"lang": language, "text": value})
        return None

    return put


def _items_setter(column: Column, convert: Convert) -> Set:
    """A list of codes in one cell, each an item of its own."""
    collection, last = column.path[0][:-1], column.path[-1]

    def put(cell: Any, values: Values) -> Trouble | None:  # noqa: ANN401
        value = convert(cell)
        if type(value) is Trouble:
            return None if _stated_unknown(cell, values, column.name) else value
        values.setdefault(collection, []).extend({**column.wrap, last: each} for each in value)
        return None

    return put


def _each(convert: Convert) -> Convert:
    def every(cell: Any) -> Any:  # noqa: ANN401
        values = []
        for item in cells.split_list(cell):
            value = convert(item)
            if type(value) is Trouble:
                return value
            values.append(value)
        return values

    return every


def _way(steps: tuple[str, ...], wrap: Values) -> Callable[[Values], Values]:
    """The fact below the row that a column fills: nested (`provider`), first of a list (`sectors[]`), or new
    (`tags+`).
    """

    def reach(values: Values) -> Values:
        for step in steps:
            if step.endswith("[]"):
                items = values.setdefault(step[:-2], [{}])
                values = items[0]
            elif step.endswith("+"):
                items = values.setdefault(step[:-1], [])
                values = _wrapped(items, wrap)
            else:
                values = values.setdefault(step, {})
        return values

    return reach


def _wrapped(items: list[Values], wrap: Values) -> Values:
    """The item that this shorthand has begun (a text in a second language joins the first), or a new one."""
    for item in items:
        if wrap.items() <= item.items():
            return item
    items.append(dict(wrap))
    return items[-1]


def _stated_unknown(cell: Cell, values: Values, name: str) -> bool:
    if not cells.is_unknown(cell):
        return False
    values.setdefault("unknown", []).append(name)
    return True


def _quick_cell(index: int, column: Column, language: str | None, locale: Locale) -> QuickCell:
    """A column that is read the quick way."""
    if column.field.many and not column.speaks:
        return QuickCell(index, column, language, sound(_each(converter(column.field, locale))), None)
    return QuickCell(index, column, language, *valuing(column.field, locale))


class Row(NamedTuple):
    """One row of a table, interpreted: its link to its owner and its parent, its values, and what is wrong with it."""

    links: dict[str, str]
    values: Values
    findings: list[Finding]


class RowReader:
    """Interprets the rows of one grid; its setters are made once."""

    def __init__(self, bound: Bound, locale: Locale) -> None:
        self.bound = bound
        self.table: Table = bound.table
        self._locale = locale
        self._columns = {each.index: each for each in bound.bindings if each.column is not None}
        self._setters: dict[int, Set] = {}
        quick = [
            _quick_cell(each.index, each.column, each.language, locale)
            for each in bound.bindings
            if each.column is not None and not lists_items(each.column)
        ]
        self._quick = quick_read(quick, plain=bound.grid.plain)
        self._other = sorted(self._columns.keys() - {each.index for each in quick})
        named = {bound.table.parent, *(level.key for level in bound.table.levels)}
        self._links = [(each.index, each.name) for each in bound.bindings if each.name in named]
        self._width = len(bound.grid.headers)
        self._latitude = bound.index("latitude") if bound.table.name == "locations" else None
        self._longitude = bound.index("longitude") if bound.table.name == "locations" else None
        self._has_point = self._latitude is not None or self._longitude is not None
        self._headless = {index for index, header in enumerate(bound.grid.headers) if not header.strip()}
        self._quick_is_all = not (self._other or self._has_point or self._headless)

    def read(self, row: int, raw: list[Cell]) -> Row:
        """The row's links, its values, and what is wrong with it; a blank cell leaves its field out."""
        values: Values = {}
        findings = self.fill(row, raw, values, [])
        return Row(self.links(raw), values, list(findings))

    def fill(self, row: int, raw: list[Cell], values: Values, names: list[Named]) -> Sequence[Finding]:
        """Put the row's values into a dictionary that is empty yet, and the keys that they name into the list; what is
        wrong with the row.
        """
        late = self._quick(raw, values, names)
        if self._quick_is_all and not late and len(raw) <= self._width:
            return ()
        findings = self._put((*self._other, *late), row, raw, values)
        if self._has_point:
            findings.extend(self._point(row, values))
        findings.extend(self._surplus(row, raw))
        if late or self._other:
            names.extend(named(self.table.model, values))
        return findings

    def part(self, row: int, raw: list[Cell], columns: Sequence[int], *, surplus: bool) -> tuple[Values, list[Finding]]:
        """The values of some columns only, and what is wrong in them; on demand also what stands under no header."""
        values: Values = {}
        findings = self._put(columns, row, raw, values)
        if surplus:
            findings.extend(self._surplus(row, raw))
        return values, findings

    def _put(self, columns: Iterable[int], row: int, raw: list[Cell], values: Values) -> list[Finding]:
        findings: list[Finding] = []
        for index in columns:
            cell = raw[index]
            if cell is None or cell == "" or (type(cell) is str and not cell[0].isalnum() and cells.is_blank(cell)):
                continue
            trouble = self._setter(index)(cell, values)
            if trouble is not None:
                findings.append(finding(trouble.rule, place(self.bound.grid, row, index), **trouble.values))
        return findings

    def _setter(self, index: int) -> Set:
        if index not in self._setters:
            binding = self._columns[index]
            assert binding.column is not None  # noqa: S101 - only those are kept
            self._setters[index] = setter(binding.column, binding.language, self._locale)
        return self._setters[index]

    def indices(self, columns: tuple[Column, ...]) -> list[int]:
        """Where these columns stand, in the order of the row."""
        return [index for index, each in self._columns.items() if each.column in columns]

    def links(self, raw: list[Cell]) -> dict[str, str]:
        """The keys by which the row refers to its owner, its parent, its levels."""
        found = {}
        for index, name in self._links:
            value = as_text(raw[index])
            if isinstance(value, str) and value:
                found[name] = value
        return found

    @staticmethod
    def says(raw: list[Cell], columns: Iterable[int]) -> bool:
        """Whether anything stands in these columns."""
        return any(not cells.is_blank(raw[index]) for index in columns)

    def _point(self, row: int, values: Values) -> Iterator[Finding]:
        """Latitude and longitude, as IATI writes a point: both, each within its bounds, with a space between."""
        degrees = [values.pop(name, None) for name in ("latitude", "longitude")]
        if degrees == [None, None]:
            return
        sound = True
        for name, index, value, bound in zip(
            ("latitude", "longitude"), (self._latitude, self._longitude), degrees, (90, 180), strict=True
        ):
            where = place(self.bound.grid, row, index)
            if value is None:
                sound = False
                yield finding("ssc-field-missing", where, field=name)
            elif not -bound <= value <= bound:
                sound = False
                yield finding("ssc-number-outside", where, value=value, low=-bound, high=bound)
        if sound:
            values["pos"] = " ".join(map(plain, degrees))

    def _surplus(self, row: int, raw: list[Cell]) -> Iterator[Finding]:
        """What stands beyond the headers, or under none: the first such cell tells of all."""
        if not self._headless and len(raw) <= self._width:
            return
        for index, cell in enumerate(raw):
            if (index >= self._width or index in self._headless) and not cells.is_blank(cell):
                yield finding("ssc-cell-without-header", place(self.bound.grid, row, index), value=cell)
                return
