"""What every reader of tables gives: a grid, its headers and its rows as they stand; interpreting cells comes later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from ssc_iati.findings import Finding, Place

Cell: TypeAlias = str | int | float | Decimal | bool | date | datetime | None
Rows: TypeAlias = Iterator[tuple[int, list[Cell]]]


class Origin(NamedTuple):
    """The person's own sheet, from which rows of a table were made: its name, and for each column of the table the
    column of the sheet, counted from 0, with its header; None where the value stands in no cell.

    `lettered` says that its cells have names as spreadsheets give them.
    """

    file: str
    sheet: str | None
    columns: tuple[tuple[int, str] | None, ...]
    lettered: bool


class Origins(NamedTuple):
    """Where the rows of a made table stand: row `number * len(of) + which` is row `number` of the origin `which`.

    `moved` names, by row and column, the row that a cell was taken from, where it is another.
    """

    of: tuple[Origin, ...]
    moved: Mapping[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Grid:
    """One table as it stands in the source: headers and, lazily, its rows.

    `file` is the name shown to people, `sheet` is None for CSV, `name` the sheet's name or the file's without `.csv`.
    `headers` is empty if the table is; `header_row` is 0 where no row holds them, as in a database. `rows` can be
    called again and then reads again: row numbers as the person sees them; blank rows are counted but not given;
    shorter rows end in None, longer ones keep their surplus cells. `problems` grows while rows are read, and starts
    anew when they are read again. `origins` is set for a table that was made from other sheets: places are then those
    of the sheets. `plain` says that every cell is a text or None, and no text has a sign that nobody sees or that XML
    cannot hold.
    """

    file: str
    sheet: str | None
    name: str
    header_row: int
    headers: tuple[str, ...]
    rows: Callable[[], Rows]
    problems: list[Finding] = field(default_factory=list)
    origins: Origins | None = None
    plain: bool = False


def place(grid: Grid, row: int | None = None, column: int | None = None) -> Place:
    """Where a cell, a row or the table is; the column counts from 0."""
    if grid.origins is not None:
        return _original_place(grid.origins, row, column)
    if column is None:
        return Place(grid.file, grid.sheet, row or None)
    header = grid.headers[column] if column < len(grid.headers) else None
    cell = None if grid.sheet is None or row is None or not grid.header_row else f"{letters(column)}{row}"
    return Place(grid.file, grid.sheet, row or None, header or None, cell)


def _original_place(origins: Origins, row: int | None, column: int | None) -> Place:
    """The place in the person's own sheet."""
    if row is not None and column is not None:
        row = origins.moved.get((row, column), row)
    number, which = divmod(row or 0, len(origins.of))
    origin = origins.of[which]
    stands = None if column is None else origin.columns[column]
    if stands is None:
        return Place(origin.file, origin.sheet, number or None)
    index, header = stands
    cell = f"{letters(index)}{number}" if origin.lettered and number else None
    return Place(origin.file, origin.sheet, number or None, header or None, cell)


def rows_with_problems(grid: Grid, strays: list[Finding]) -> Iterator[tuple[int, list[Cell], list[Finding]]]:
    """The rows, each with what the reader found wrong in it; what stands in no row that is given goes to `strays`."""
    seen = 0
    for row, cells in grid.rows():
        found: list[Finding] = []
        if len(grid.problems) > seen:
            seen_as = place(grid, row).row
            for each in grid.problems[seen:]:
                mine = grid.origins is not None or each.where.row == seen_as
                (found if mine else strays).append(each)
            seen = len(grid.problems)
        yield row, cells, found
    strays.extend(grid.problems[seen:])


def letters(column: int) -> str:
    """The spreadsheet's own name of a column that counts from 0: A, B, ... Z, AA."""
    name = ""
    while column >= 0:
        column, digit = divmod(column, 26)
        name, column = chr(65 + digit) + name, column - 1
    return name


def is_blank_row(cells: list[Cell]) -> bool:
    """Say whether nothing, or nothing but spaces, stands in any cell."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)
