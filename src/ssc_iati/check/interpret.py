"""From the cells of a row to its values: a setter for each column, made once.

What cannot be read is a finding at its cell. A cell that states "unknown" leaves its field blank and is remembered in
`unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ssc_iati.check import cells
from ssc_iati.check.cells import Locale, Trouble
from ssc_iati.check.convert import Convert, Values, as_text, converter, remembering
from ssc_iati.check.quick_row import QuickCell, is_quick, quick_read
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
    if column.path[0].endswith("+") and column.name.startswith("sdg_"):
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
        values = [convert(item) for item in cells.split_list(cell)]
        return next((value for value in values if type(value) is Trouble), values)

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


_NO_LINKS: dict[str, str] = {}


def _quick_cells(bound: Bound, locale: Locale) -> list[QuickCell]:
    """The columns that can be read the quick way, each with its converter."""
    found = []
    for each in bound.bindings:
        if each.column is not None and is_quick(each.column):
            convert, known = remembering(each.column.field, locale)
            found.append(
                QuickCell(each.index, each.column, each.language, convert, None if convert is as_text else known)
            )
    return found


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
        levels = {level.key for level in bound.table.levels}
        self._every = [
            (each.column, (each.index, setter(each.column, each.language, locale)))
            for each in bound.bindings
            if each.column
        ]
        self._setters = [each for _, each in self._every]
        quick = _quick_cells(bound, locale)
        self._quick = quick_read(quick)
        indices = {each.index for each in quick}
        self._other = [each for each in self._setters if each[0] not in indices]
        self._by_index = dict(self._setters)
        named = {bound.table.parent, *levels}
        self._links = [(each.index, each.name) for each in bound.bindings if each.name in named]
        self._width = len(bound.grid.headers)
        self._latitude = bound.index("latitude") if bound.table.name == "locations" else None
        self._longitude = bound.index("longitude") if bound.table.name == "locations" else None
        self._headless = {index for index, header in enumerate(bound.grid.headers) if not header.strip()}

    def read(
        self,
        row: int,
        raw: list[Cell],
        setters: list[tuple[int, Set]] | None = None,
        *,
        surplus: bool = True,
        values: Values | None = None,
    ) -> Row:
        """The row's values (added to those given); a blank cell leaves its field out."""
        values = {} if values is None else values
        findings: list[Finding] = []
        if setters is None:
            late = self._quick(raw, values)
            setters = [*self._other, *((index, self._by_index[index]) for index in late)] if late else self._other
        for index, put in setters:
            cell = raw[index]
            if cell is None or cell == "" or (type(cell) is str and not cell[0].isalnum() and cells.is_blank(cell)):
                continue
            trouble = put(cell, values)
            if trouble is not None:
                findings.append(finding(trouble.rule, place(self.bound.grid, row, index), **trouble.values))
        if self._latitude is not None or self._longitude is not None:
            findings.extend(self._point(row, values))
        if surplus and (len(raw) > self._width or self._headless):
            findings.extend(self._surplus(row, raw))
        return Row(self.links(raw) if self._links else _NO_LINKS, values, findings)

    def setters(self, columns: tuple[Column, ...]) -> list[tuple[int, Set]]:
        """The setters of these columns only."""
        return [each for column, each in self._every if column in columns]

    def links(self, raw: list[Cell]) -> dict[str, str]:
        """The keys by which the row refers to its owner, its parent, its levels."""
        found = {}
        for index, name in self._links:
            value = as_text(raw[index])
            if isinstance(value, str) and value:
                found[name] = value
        return found

    @staticmethod
    def says(raw: list[Cell], setters: list[tuple[int, Set]]) -> bool:
        """Whether anything stands in the cells of these setters."""
        return any(not cells.is_blank(raw[index]) for index, _ in setters)

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
        for index, cell in enumerate(raw):
            if (index >= self._width or index in self._headless) and not cells.is_blank(cell):
                yield finding("ssc-cell-without-header", place(self.bound.grid, row, index), value=cell)
                return
