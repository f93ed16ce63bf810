"""An Excel workbook as grids, streamed: openpyxl opens it, and its cells are read as the person sees them.

A workbook comes from anywhere, so it is looked over before anything is unpacked (`ssc_iati.read.package`).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache, partial
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 - the name that the library should have given it

from lxml.etree import XMLSyntaxError, iterparse
from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import FORMULA_TAG, INLINE_STRING, ROW_TAG, VALUE_TAG

from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.grid import Cell, Grid, Rows, is_blank_row, letters
from ssc_iati.read.package import damage_refused, refuse_unsafe

CELL_LIMIT = 32_767
ERROR_VALUES = frozenset(
    ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!")
)
# What zipfile and the XML parsers raise over a file that breaks off, and openpyxl over one that contradicts itself.
_BROKEN_OFF = (BadZipFile, EOFError, LookupError, ParseError, ValueError, XMLSyntaxError, ZlibError)
_CONTRADICTORY = (*_BROKEN_OFF, ArithmeticError, AttributeError, NotImplementedError, RuntimeError, TypeError)
# Excel writes control characters, which XML cannot hold, as `_x000D_`.
_ESCAPED_CONTROL = re.compile("_x00([01][0-9A-F]|7F)_")


class _Sheet(NamedTuple):
    """What the rows of one sheet need, taken out of openpyxl's workbook so that no file stays open between readings."""

    path: Path
    file: str
    title: str
    part: str
    strings: Any
    epoch: datetime
    dates: frozenset[int]
    durations: frozenset[int]
    percents: frozenset[int]


def workbook_grids(path: Path, shown: str) -> list[Grid]:
    """The sheets of a workbook as grids, hidden ones too; SourceError if it is none, or is not safe to open."""
    refuse_unsafe(path, shown)
    with damage_refused(shown, *_CONTRADICTORY):
        return [_grid(sheet) for sheet in _sheets(path, shown)]


def _sheets(path: Path, shown: str) -> list[_Sheet]:
    # Opened here, because openpyxl leaves a file open whose workbook it cannot read.
    with path.open("rb") as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about fonts, charts and validations, of which nothing is used
        opener: Any = _Opener(stream, read_only=True, data_only=True, keep_links=False)
        opener.read()
        book = opener.wb
    sheets = [sheet for sheet in book.worksheets if isinstance(sheet, ReadOnlyWorksheet)]
    formats: tuple[Any, ...] = (book.epoch, *map(frozenset, _formats(book)))
    book.close()
    return [_Sheet(path, shown, sheet.title, *_part(sheet), *formats) for sheet in sheets]


def _part(sheet: Any) -> tuple[str, Any]:  # noqa: ANN401
    return sheet._worksheet_path, sheet._shared_strings  # noqa: SLF001


def _formats(book: Any) -> tuple[set[int], set[int], set[int]]:  # noqa: ANN401
    percents = {number for number, style in enumerate(book._cell_styles) if "%" in _format(book, style.numFmtId)}  # noqa: SLF001
    return book._date_formats, book._timedelta_formats, percents  # noqa: SLF001


def _format(book: Any, number: int) -> str:  # noqa: ANN401
    # Formats of the workbook's own are counted from 164.
    own: list[str] = book._number_formats  # noqa: SLF001
    return own[number - 164] if 0 <= number - 164 < len(own) else BUILTIN_FORMATS.get(number, "")


def _grid(sheet: _Sheet) -> Grid:
    problems: list[Finding] = []
    header_row, cells = next(_filled(sheet, problems), (1, []))
    problems.clear()
    headers = tuple("" if cell is None else str(cell) for cell in cells)
    rows = partial(_rows, sheet, header_row, len(headers), problems)
    return Grid(sheet.file, sheet.title, sheet.title, header_row, headers, rows, problems)


def _rows(sheet: _Sheet, header_row: int, width: int, problems: list[Finding]) -> Rows:
    if not width:
        return
    problems.clear()
    with damage_refused(sheet.file, *_BROKEN_OFF):
        for number, cells in _filled(sheet, problems):
            if number > header_row:
                cells.extend([None] * (width - len(cells)))
                yield number, cells


def _filled(sheet: _Sheet, problems: list[Finding]) -> Rows:
    with ZipFile(sheet.path) as archive, archive.open(sheet.part) as source:
        for number, cells in _Rows(sheet, source, problems).stored():
            while cells and cells[-1] is None:
                cells.pop()
            if not is_blank_row(cells):
                yield number, cells


class _Opener(ExcelReader):
    """openpyxl's own opening, kept to what values need: a fault in a chart or in the author's name costs no data."""

    def read(self) -> None:
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        self.read_worksheets()

    def read_chartsheet(self, sheet: object, rel: object) -> None:
        """Pass over a sheet that holds a chart and no cells."""


class _Rows:
    """The rows of one sheet, as they are stored: a row far down, or a claim of a million rows, costs nothing.

    One pass sees a formula and its stored value together. What a cell should not hold is a finding at that cell.
    """

    def __init__(self, sheet: _Sheet, source: Any, problems: list[Finding]) -> None:  # noqa: ANN401
        self.sheet = sheet
        self.source = source
        self.problems = problems
        self.row = 0
        self.column = 0

    def stored(self) -> Iterator[tuple[int, list[Cell]]]:
        """Row numbers and cells; a column that is not stored is None."""
        for _, row in iterparse(self.source, tag=ROW_TAG, resolve_entities=False):
            self.row = int(row.get("r", self.row + 1))
            self.column = 0
            yield self.row, self._cells(row)
            _forget(row)

    def _cells(self, row: Any) -> list[Cell]:  # noqa: ANN401
        cells: list[Cell] = []
        for element in row:
            name = element.get("r")
            self.column = _column(name.rstrip("0123456789")) if name else self.column + 1
            # A cell without content is a border or a colour; a million of them must not cost minutes.
            if len(element):
                cells.extend([None] * (self.column - len(cells)))
                cells[self.column - 1] = self._cell(element)
        return cells

    def _cell(self, element: Any) -> Cell:  # noqa: ANN401
        raw = formula = None
        for part in element:
            if part.tag == VALUE_TAG:
                raw = part.text
            elif part.tag == FORMULA_TAG:
                formula = part
            elif part.tag == INLINE_STRING:
                inline: Any = Text.from_tree(part)
                return self._text(inline.content)
        kind = element.get("t", "n")
        if raw:
            return self._typed(kind, raw, element.get("s"))
        # A formula whose result is an empty text stores an empty value of type `str`: that is a result.
        if formula is not None and kind != "str":
            self._trouble("ssc-workbook-formula-empty")
        return None

    def _typed(self, kind: str, raw: str, style: str | None) -> Cell:
        try:
            if kind == "n":
                return self._number(raw, int(style or 0))
            if kind == "s":
                return self._text(self.sheet.strings[int(raw)])
            if kind in ("b", "d"):
                return bool(int(raw)) if kind == "b" else _day(from_ISO8601(raw))  # type: ignore[no-untyped-call]
        except (LookupError, OverflowError, ValueError):
            self._trouble("ssc-workbook-cell-unreadable", value=raw)
            return None
        return self._text(raw)

    def _number(self, raw: str, style: int) -> Cell:
        value = int(raw) if raw.isdecimal() else float(raw)
        if not isfinite(value):
            raise ValueError(raw)
        if style in self.sheet.dates:
            return _moment(value, self.sheet.epoch, style in self.sheet.durations)
        if style in self.sheet.percents:
            return f"{(Decimal(repr(_as_shown(value))) * 100).normalize():f}%"
        return int(value) if value == int(value) else _as_shown(value)

    def _text(self, value: str) -> Cell:
        if value in ERROR_VALUES:
            self._trouble("ssc-workbook-error-value", value=value)
            return None
        if len(value) > CELL_LIMIT:
            self._trouble("ssc-workbook-cell-long", length=len(value))
        if "_x00" in value:
            value = _ESCAPED_CONTROL.sub(lambda match: chr(int(match[1], 16)), value)
        return value

    def _trouble(self, rule: str, **values: object) -> None:
        cell = f"{letters(self.column - 1)}{self.row}"
        place = Place(self.sheet.file, self.sheet.title, self.row, cell=cell)
        self.problems.append(finding(rule, place, None, **values))


@cache
def _column(name: str) -> int:
    """The number of a column, from 1; ValueError beyond the last that a spreadsheet has, which `ZZZ` exceeds."""
    return column_index_from_string(name)


def _forget(row: Any) -> None:  # noqa: ANN401
    """Let the memory of a row go, and of those before it."""
    row.clear()
    while row.getprevious() is not None:
        del row.getparent()[0]


@lru_cache(maxsize=65536)
def _moment(value: float, epoch: datetime, duration: bool) -> Cell:  # noqa: FBT001
    return _day(from_excel(value, epoch, timedelta=duration))


def _day(moment: datetime | date | time | timedelta | None) -> Cell:
    if isinstance(moment, datetime) and moment.time() == time():
        return moment.date()
    return moment if isinstance(moment, (date, type(None))) else str(moment)


def _as_shown(value: float) -> float:
    """The number without the noise of binary arithmetic, when fifteen digits, which Excel keeps, say it far shorter."""
    exact = repr(value)
    short = f"{value:.15g}"
    return float(short) if len(short) + 4 <= len(exact) else value
