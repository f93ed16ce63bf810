"""From cells to the values of a record: one converter for each column, made once, by what the field's declaration says.

A cell that states "unknown" leaves its field blank and is remembered in `unknown`. What cannot be read is a finding
at its cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from ssc_iati.check import cells
from ssc_iati.check.cells import Locale, Trouble
from ssc_iati.check.quick_row import QuickCell, is_quick, quick_read
from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.grid import Cell, place
from ssc_iati.read.layout import Bound
from ssc_iati.record import terms
from ssc_iati.record.fields import Described, describe
from ssc_iati.record.project import Publisher
from ssc_iati.record.tables import Column, Table
from ssc_iati.record.values import Code, CodeBy, Dated, Day, Fact, Identifier, Term, Text, Within, is_datetime, plain
from ssc_iati.standard import codelists

Convert = Callable[[Any], Any]
Values = dict[str, Any]

_REMEMBERED = 4_000


def converter(field: Described, locale: Locale) -> Convert:
    """What turns a cell into a value of the field, or into trouble; equal texts are converted once."""
    return remembering(field, locale)[0]


def remembering(field: Described, locale: Locale) -> tuple[Convert, dict[str, Any]]:
    """The converter, and what it remembers: texts that it has converted, with their values."""
    one = _one(field, locale)
    remembered: dict[str, Any] = {}

    def convert(cell: Any) -> Any:  # noqa: ANN401
        if type(cell) is not str:
            return one(cell)
        known = remembered.get(cell)
        if known is None:
            if len(remembered) > _REMEMBERED:
                remembered.clear()
            known = remembered[cell] = one(cell)
        return known

    return (convert if one is not _text else _text), remembered


def _one(field: Described, locale: Locale) -> Convert:
    kind = field.kind
    if kind is bool:
        return cells.boolean
    if kind is Decimal:
        bounds = field.mark(Within)
        low, high = (bounds.low, bounds.high) if bounds is not None else (None, None)
        return lambda cell: cells.number(cell, locale, low, high)
    if field.mark(Dated) is not None:
        whole = field.mark(Day) is not None
        return lambda cell: (cells.full_date if whole else cells.partial_date)(cell, locale)
    return _worded(field)


def _worded(field: Described) -> Convert:
    """The converter of a text, by the list that it is of."""
    if field.mark(Identifier) is not None:
        return _identifier
    term, code, code_by = field.mark(Term), field.mark(Code), field.mark(CodeBy)
    if term is not None:
        return lambda cell: _term(term.name, cell)
    if code is not None:
        return lambda cell: _code((code.codelist,), cell)
    if code_by is not None:
        return lambda cell: _code(tuple(name for _, name in code_by.lists), cell)
    return _text


def _text(cell: Cell) -> str | Trouble:
    if type(cell) is str and cell.isprintable():
        return cell.strip()
    return cells.text(cell)


def _term(name: str, cell: Cell) -> str | Trouble:
    word = _text(cell)
    if isinstance(word, Trouble):
        return word
    known = terms.lookup(name, word)
    if known is not None:
        return known
    close = terms.suggest(name, word)
    return Trouble("ssc-term-unknown", {"value": word, "suggestion": close or ", ".join(terms.codes(name)[:8])})


def _code(names: tuple[str, ...], cell: Cell) -> str | Trouble:
    """A code, or the name of one in the first list that has it; what is neither stays as it is, for the checks to
    find.
    """
    word = _text(cell)
    if isinstance(word, Trouble):
        return word
    known = next((code for name in names if (code := codelists.lookup(name, word))), None)
    if known is None and cells.is_unknown(word):
        return Trouble("ssc-code-unknown", {"value": word, "codelist": names[0], "suggestion": "-"})
    return known or word


def _identifier(cell: Cell) -> str | Trouble:
    word = _text(cell)
    unknown = isinstance(word, str) and cells.is_unknown(word)
    return Trouble("ssc-org-id-no-prefix", {"value": str(word), "suggestion": "-"}) if unknown else word


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
                QuickCell(each.index, each.column, each.language, convert, None if convert is _text else known)
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
            value = _text(raw[index])
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


def locale_of(publisher: Publisher | None) -> Locale:
    """How the source writes numbers and dates, if it says so."""
    if publisher is None:
        return Locale()
    return Locale(cast("Any", publisher.decimal_mark), cast("Any", publisher.date_order))  # checked when it was read


def read_publisher(bound: Bound, row: int, raw: list[Cell]) -> tuple[Publisher | None, list[Finding]]:
    """The publisher that a table names, in its one row."""
    read = RowReader(bound, Locale()).read(row, raw)
    publisher, problems = _publisher(read.values, place(bound.grid, row))
    return publisher, read.findings + problems


def read_publisher_record(value: object, where: Place) -> tuple[Publisher | None, list[Finding]]:
    """The publisher that a JSON source names."""
    sink: Sink = []
    if isinstance(value, dict):
        value = interpret_record(Publisher, value, Locale(), (), sink)
    troubles = [finding(trouble.rule, where, **trouble.values) for _, trouble in sink]
    publisher, problems = _publisher(value, where)
    return publisher, troubles + problems


def _publisher(value: object, where: Place) -> tuple[Publisher | None, list[Finding]]:
    try:
        publisher = Publisher.model_validate(value)
    except ValidationError as error:
        return None, [
            finding("ssc-publisher-invalid", where, problem=each["msg"], field=each["loc"]) for each in error.errors()
        ]
    problems = [
        finding("ssc-publisher-invalid", where, problem=problem, field=name)
        for name, problem in publisher_problems(publisher)
    ]
    return (None if problems else publisher), problems


def publisher_problems(publisher: Publisher) -> list[tuple[str, str]]:
    """What the publisher says that nothing can be made of: the field, and what stands there."""
    admitted: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("decimal_mark", (".", ",").__contains__),
        ("date_order", ("dmy", "mdy", "ymd").__contains__),
        ("generated_datetime", is_datetime),
    )
    return [
        (name, value)
        for name, admits in admitted
        if (value := getattr(publisher, name)) is not None and not admits(value)
    ]


Loc = tuple[str | int, ...]
Sink = list[tuple[Loc, Trouble]]
ReadValue = Callable[[Any, Loc, Sink], Any]


def interpret_record(model: type[Fact], record: Values, locale: Locale, loc: Loc, sink: Sink) -> Values:
    """A nested record as JSON gives it, its texts read as cells are; what cannot be read is left out and told to the
    sink.
    """
    readers = _readers(model, locale)
    values: Values = {}
    stated: list[str] = []
    for name, value in record.items():
        reader = readers.get(name)
        if reader is None:
            values[name] = value
        elif not cells.is_blank(value):
            read = reader(value, (*loc, name), sink)
            if read is _UNKNOWN:
                stated.append(name)
            elif read is not None:
                values[name] = read
    if stated and isinstance(values.get("unknown", []), list):
        values["unknown"] = [*values.get("unknown", []), *stated]
    return values


_UNKNOWN = object()
"""What a reader gives for a value that states not to be known."""
_UNREAD = object()
"""What it gives for a text that cannot be read."""


@cache
def _readers(model: type[Fact], locale: Locale) -> dict[str, ReadValue]:
    return {field.name: _value_reader(field, locale) for field in describe(model)}


def _value_reader(field: Described, locale: Locale) -> ReadValue:
    if field.kind is dict:
        return _dictionary
    if field.kind is Text:
        return _texts
    one = _fact_reader(field.kind, locale) if issubclass(field.kind, Fact) else _scalar_reader(field, locale)
    if not field.many:
        return one

    def every(value: Any, loc: Loc, sink: Sink) -> Any:  # noqa: ANN401
        if not isinstance(value, list):
            return value
        read = [one(each, (*loc, index), sink) for index, each in enumerate(value)]
        known = [each for each in read if each is not None and each is not _UNKNOWN]
        return _UNKNOWN if _UNKNOWN in read and not known else known

    return every


def _texts(value: Any, loc: Loc, sink: Sink) -> Any:  # noqa: ANN401
    """Texts with their languages, or one text alone; a text that no XML can hold is left out."""
    if not isinstance(value, list):
        said = _said(value, loc, sink)
        return None if said is _UNREAD else said
    read = [_dictionary(each, (*loc, index), sink) for index, each in enumerate(value)]
    return [
        each for each, stood in zip(read, value, strict=True) if not isinstance(stood, dict) or len(each) == len(stood)
    ]


def _dictionary(value: Any, loc: Loc, sink: Sink) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        return value
    read = {name: _said(each, (*loc, name), sink) for name, each in value.items()}
    return {name: each for name, each in read.items() if each is not _UNREAD}


def _said(value: Any, loc: Loc, sink: Sink) -> Any:  # noqa: ANN401
    if not isinstance(value, str):
        return value
    read = _text(value)
    if isinstance(read, Trouble):
        sink.append((loc, read))
        return _UNREAD
    return read


def _fact_reader(model: type[Fact], locale: Locale) -> ReadValue:
    def read(value: Any, loc: Loc, sink: Sink) -> Any:  # noqa: ANN401
        return interpret_record(model, value, locale, loc, sink) if isinstance(value, dict) else value

    return read


def _scalar_reader(field: Described, locale: Locale) -> ReadValue:
    convert = converter(field, locale)

    def read(value: Any, loc: Loc, sink: Sink) -> Any:  # noqa: ANN401
        if not isinstance(value, (str, int, float, Decimal)):
            return value
        if isinstance(value, bool):
            return value if field.kind is bool else str(value)
        result = convert(value)
        if isinstance(result, Trouble):
            if cells.is_unknown(value):
                return _UNKNOWN
            sink.append((loc, result))
            return None
        return result

    return read
