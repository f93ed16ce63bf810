"""What every reader of tables gives: a grid, its headers and its rows as they stand; interpreting cells comes later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from ssc_iati.findings import Finding, Place

Cell: TypeAlias = str | int | float | Decimal | bool | date | datetime | None
Rows: TypeAlias = Iterator[tuple[int, list[Cell]]]


@dataclass(frozen=True, slots=True)
class Grid:
    """One table as it stands in the source: headers and, lazily, its rows.

    `file` is the name shown to people, `sheet` is None for CSV, `name` the sheet's name or the file's without `.csv`.
    `headers` is empty if the table is. `rows` can be called again and then reads again: row numbers as the person sees
    them; blank rows are counted but not given; shorter rows end in None, longer ones keep their surplus cells.
    `problems` grows while rows are read, and starts anew when they are read again.
    """

    file: str
    sheet: str | None
    name: str
    header_row: int
    headers: tuple[str, ...]
    rows: Callable[[], Rows]
    problems: list[Finding] = field(default_factory=list)


def place(grid: Grid, row: int | None = None, column: int | None = None) -> Place:
    """Where a cell, a row or the table is; the column counts from 0."""
    if column is None:
        return Place(grid.file, grid.sheet, row)
    header = grid.headers[column] if column < len(grid.headers) else None
    cell = None if grid.sheet is None or row is None else f"{letters(column)}{row}"
    return Place(grid.file, grid.sheet, row, header or None, cell)


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
