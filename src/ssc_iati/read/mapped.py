"""A source under a column mapping: its own sheets go in, the tables of the record come out, places still in the sheets.

Each sheet is read once. Rows pass through a spool on disk; memory holds the keys of projects and organisations.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.grid import Cell, Grid, Origin, Origins, Rows, place, rows_with_problems
from ssc_iati.read.lanes import Lane, Made, find, headers_used, is_blank, is_like, lanes, rows_of, shown, texts_of
from ssc_iati.read.layout import bind
from ssc_iati.read.mapping import Mapping, Names, Sheet
from ssc_iati.read.spool import Entry, Spool, made_rows
from ssc_iati.record.labels import table_named
from ssc_iati.record.tables import tables
from ssc_iati.text import fold


class Mapped(NamedTuple):
    """The tables of the record, what was found in the sheets, and the sheets themselves, without their rows."""

    grids: list[Grid]
    findings: list[Finding]
    originals: list[Grid]


class _Read(NamedTuple):
    """A sheet that the mapping covers, and its lanes, each with its number among those of its table."""

    number: int
    grid: Grid
    sheet: Sheet
    lanes: tuple[tuple[int, Lane], ...]


def map_grids(grids: list[Grid], mapping: Mapping, spool_file: Path) -> Mapped:
    """Read every sheet once, and give the tables that the mapping makes of them."""
    findings = [_no_sheet(sheet, grids) for sheet in mapping.sheet if not any(_covers(sheet, each) for each in grids)]
    reads: list[_Read] = []
    count: dict[str, int] = {}
    for number, (grid, sheet) in enumerate(_covered(grids, mapping, findings)):
        made, missing = lanes(sheet, grid)
        findings += [*missing, *_unused(sheet, made, grid)]
        numbered = []
        for lane in made:
            count[lane.table.name] = count.get(lane.table.name, 0) + 1
            numbered.append((count[lane.table.name] - 1, lane))
        reads.append(_Read(number, grid, sheet, tuple(numbered)))
    workshop = _Workshop(reads, Spool(spool_file))
    try:
        for read in reads:
            workshop.take(read, findings)
    finally:
        workshop.spool.close()
    return Mapped(list(workshop.grids(spool_file)), findings, [read.grid for read in reads])


# --- Which sheets -----------------------------------------------------------------------------------------------------


def _covers(sheet: Sheet, grid: Grid) -> bool:
    return any(sheet.means(name, Path(grid.file).name) for name in (grid.name, grid.sheet or grid.name))


def _no_sheet(sheet: Sheet, grids: list[Grid]) -> Finding:
    close = get_close_matches(sheet.called, [each.name for each in grids], n=1)
    values = {"sheet": sheet.called, "suggestion": close[0] if close else "-"}
    return finding("ssc-mapping-sheet-missing", _whole(grids), **values)


def _whole(grids: list[Grid]) -> Place:
    """The source as a whole: the workbook, the one CSV file, or the folder of several."""
    if not grids:
        return Place("?")
    first = grids[0]
    return Place(first.file if first.sheet or len(grids) == 1 else str(Path(first.file).parent))


def _covered(grids: list[Grid], mapping: Mapping, findings: list[Finding]) -> Iterator[tuple[Grid, Sheet]]:
    """Each sheet with the first part of the mapping that covers it; one in the project's own layout maps itself."""
    for grid in grids:
        sheet = next((each for each in mapping.sheet if _covers(each, grid)), None)
        if sheet is not None:
            headed = _headed(grid, sheet.header_row)
            if headed is None:
                findings.append(finding("ssc-mapping-header-row", place(grid), row=sheet.header_row))
            else:
                yield headed, sheet
        elif table_named(grid.name) is not None:
            bound, problems = bind([grid])
            findings += problems
            for each in bound.values():
                columns: dict[str, Names] = {
                    grid.headers[b.index]: (f"{b.name}:{b.language}" if b.language else b.name,) for b in each.bindings
                }
                yield grid, Sheet(table=each.table.name, columns=columns)
        else:
            findings.append(finding("ssc-mapping-sheet-unused", place(grid), sheet=grid.sheet or grid.name))


def _headed(grid: Grid, header_row: int | None) -> Grid | None:
    """The sheet with the headers that stand in this row; None if it has no such row."""
    if header_row is None or header_row == grid.header_row:
        return grid
    if header_row < grid.header_row:
        return None
    for number, cells in grid.rows():
        if number == header_row:
            headers = tuple(shown(cell).strip() for cell in cells)
            rows = partial(_rows_below, grid, header_row, len(headers))
            return Grid(grid.file, grid.sheet, grid.name, header_row, headers, rows, grid.problems)
        if number > header_row:
            return None
    return None


def _rows_below(grid: Grid, header_row: int, width: int) -> Rows:
    for number, cells in grid.rows():
        if number > header_row:
            yield number, cells + [None] * (width - len(cells))


def _unused(sheet: Sheet, made: list[Lane], grid: Grid) -> Iterator[Finding]:
    used = headers_used(sheet, made, grid.headers)
    rest = [header for at, header in enumerate(grid.headers) if at not in used and header.strip()]
    if rest:
        where = place(grid, grid.header_row)
        yield finding("ssc-mapping-headers-unused", where, count=len(rest), headers=", ".join(rest))


# --- Their rows -------------------------------------------------------------------------------------------------------


class _Table:
    """One table in the making: its columns, and where each of its lanes takes them from."""

    def __init__(self, name: str, made: list[tuple[Grid, Lane]]) -> None:
        self.name = name
        self.targets = tuple(dict.fromkeys(chain.from_iterable(texts_of(lane) for _, lane in made)))
        self.origins = tuple(_origin(grid, lane, self.targets) for grid, lane in made)
        self.moved: dict[tuple[int, int], int] = {}
        self.first: dict[str, int] = {}

    def row(self, lane: Lane, made: Made) -> list[Cell]:
        """The cells under the columns of the table."""
        named = {slot.target: cell for slot, cell in zip(lane.slots, made.cells, strict=True)}
        if lane.infers and any(slot.states for slot in made.given):
            named["certainty"] = "inferred"
        return [named.get(target) for target in self.targets]


def _origin(grid: Grid, lane: Lane, targets: tuple[str, ...]) -> Origin:
    at = {slot.target: (slot.at, slot.header) for slot in lane.slots if slot.at is not None}
    lettered = grid.sheet is not None and grid.header_row > 0
    return Origin(grid.file, grid.sheet, tuple(at.get(target) for target in targets), lettered)


class _Workshop:
    """Where rows of sheets become rows of tables."""

    def __init__(self, reads: list[_Read], spool: Spool) -> None:
        self.spool = spool
        made: dict[str, list[tuple[Grid, Lane]]] = {}
        for read in reads:
            for _, lane in read.lanes:
                made.setdefault(lane.table.name, []).append((read.grid, lane))
        self._tables = {name: _Table(name, each) for name, each in made.items()}
        self._spellings: dict[str, str] = {}

    def take(self, read: _Read, findings: list[Finding]) -> None:
        """Read a sheet, row by row."""
        skipped: list[int] = []
        given: dict[tuple[str, str], int] = {}
        above: dict[int, Cell] = {}
        named = {header: find(read.grid.headers, header) for header in (*read.sheet.skip, *read.sheet.fill_down)}
        skip = [(at, each) for header, each in read.sheet.skip.items() if (at := named[header]) is not None]
        filled = [at for header in read.sheet.fill_down if (at := named[header]) is not None]
        for row, cells, found in rows_with_problems(read.grid, findings):
            if any(is_like(cells[at], patterns) for at, patterns in skip):
                skipped.append(row)
                continue
            self.spool.keep(read.number, row, cells)
            self._row(read, row, _filled_down(cells, filled, above), found, given)
            findings += found
        if skipped:
            where = place(read.grid)
            findings.append(finding("ssc-mapping-rows-skipped", where, count=len(skipped), first=skipped[0]))
        if given:
            said = ", ".join(f"{target} = {value} ({count})" for (target, value), count in given.items())
            findings.append(finding("ssc-mapping-not-of-source", place(read.grid), said=said))

    def _row(
        self, read: _Read, row: int, cells: list[Cell], found: list[Finding], given: dict[tuple[str, str], int]
    ) -> None:
        """Every table's rows of one row of a sheet; what is wrong with the row is said of the first of them."""
        found += _surplus(read.grid, row, cells)
        told: list[Finding] = []
        for which, lane in read.lanes:
            made, problems = rows_of(lane, read.grid, row, cells)
            problems = [each for each in problems if each not in told]
            told += problems
            for number, each in enumerate(made):
                table = self._tables[lane.table.name]
                own = problems if number + 1 == len(made) else [one for one in problems if _is_of(one, each)]
                entry = Entry(row * len(table.origins) + which, self._spelled(table, lane, each), [*found, *own])
                found.clear()
                problems = [one for one in problems if one not in own]
                merge = table.name == "organisations" or (table.name == "projects" and read.sheet.merge)
                self._put(table, entry, merge=merge)
                for slot in each.given:
                    if slot.states:
                        spot = slot.target, shown(slot.given)
                        given[spot] = given.get(spot, 0) + 1

    def _spelled(self, table: _Table, lane: Lane, made: Made) -> list[Cell]:
        """The row, in which the key of an organisation is spelt as it was the first time."""
        cells = list(made.cells)
        for at, slot in enumerate(lane.slots):
            cell = cells[at]
            own = slot.target == "key" and table.name == "organisations"
            if isinstance(cell, str) and cell.strip() and (own or slot.names_organisation):
                cells[at] = self._spellings.setdefault(fold(cell) or cell, cell.strip())
        return table.row(lane, Made(cells, made.given))

    def _put(self, table: _Table, entry: Entry, *, merge: bool) -> None:
        key = _key(table, entry) if merge else None
        known = table.first.get(key) if key is not None else None
        if known is not None:
            former = self.spool.find(table.name, known)
            self.spool.change(table.name, known, _merged(table, former, entry))
            return
        sequence = self.spool.put(table.name, entry)
        if key is not None:
            table.first[key] = sequence

    def grids(self, spool_file: Path) -> Iterator[Grid]:
        """The tables, in the order of the record's."""
        for each in tables():
            table = self._tables.get(each.name)
            if table is not None:
                problems: list[Finding] = []
                rows = partial(_made, spool_file, table.name, problems)
                origins = Origins(table.origins, table.moved)
                file, sheet = table.origins[0].file, table.origins[0].sheet
                yield Grid(file, sheet, table.name, 0, table.targets, rows, problems, origins)


def _made(spool_file: Path, table: str, problems: list[Finding]) -> Rows:
    problems.clear()
    for number, cells, findings in made_rows(spool_file, table):
        problems += findings
        yield number, cells


def _is_of(problem: Finding, made: Made) -> bool:
    """Whether a finding is of a value of this row, where a row of the sheet makes several."""
    return problem.values.get("value") in made.cells


def _filled_down(cells: list[Cell], filled: list[int], above: dict[int, Cell]) -> list[Cell]:
    if not filled:
        return cells
    cells = list(cells)
    for at in filled:
        if is_blank(cells[at]):
            cells[at] = above.get(at)
        else:
            above[at] = cells[at]
    return cells


def _surplus(grid: Grid, row: int, cells: list[Cell]) -> Iterator[Finding]:
    """What stands beyond the headers, or under none: a row that stray signs have shifted."""
    bare = [at for at, header in enumerate(grid.headers) if not header.strip()]
    at = next((at for at in (*bare, *range(len(grid.headers), len(cells))) if not is_blank(cells[at])), None)
    if at is not None:
        yield finding("ssc-cell-without-header", place(grid, row, at), value=cells[at])


def _key(table: _Table, entry: Entry) -> str | None:
    at = table.targets.index("key") if "key" in table.targets else None
    cell = entry.cells[at] if at is not None else None
    return None if is_blank(cell) else shown(cell).strip()


def _merged(table: _Table, former: Entry, later: Entry) -> Entry:
    """One row of two: what the first leaves blank the later one fills; where they disagree, that is told."""
    cells, said = list(former.cells), {(each.rule, str(each.values)) for each in former.findings}
    findings = [*former.findings, *(each for each in later.findings if (each.rule, str(each.values)) not in said)]
    for at, (mine, other) in enumerate(zip(former.cells, later.cells, strict=True)):
        if is_blank(other) or _agree(mine, other):
            continue
        if is_blank(mine):
            cells[at] = other
            table.moved[former.number, at] = later.number
        else:
            stood = Grid("", None, table.name, 0, table.targets, lambda: iter(()), origins=Origins(table.origins, {}))
            where = place(stood, later.number, at)
            values = {"key": _key(table, former), "field": table.targets[at]}
            findings.append(finding("ssc-rows-disagree", where, **values))
    return Entry(former.number, cells, findings)


def _agree(mine: Cell, other: Cell) -> bool:
    if isinstance(mine, str) and isinstance(other, str):
        return mine.strip() == other.strip() or (bool(fold(mine)) and fold(mine) == fold(other))
    return mine == other
