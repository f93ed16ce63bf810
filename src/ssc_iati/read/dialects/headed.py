"""Which sheet of a dialect a grid is, and what stands under each of its headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from ssc_iati.findings import Finding
from ssc_iati.messages import finding
from ssc_iati.read.dialects.declared import Column, Dialect, Sheet, Step
from ssc_iati.read.dialects.detect import is_called, sheet_called, spelt
from ssc_iati.read.dialects.ways import every_place, is_known
from ssc_iati.read.grid import Grid, place
from ssc_iati.read.layout import REASONS


class Headed(NamedTuple):
    """A grid as a sheet of the dialect: where its columns stand, and where any header of the dialect does."""

    number: int
    grid: Grid
    sheet: Sheet
    activity: int | None
    columns: tuple[tuple[int, Column], ...]
    at: Mapping[str, int]
    passed: tuple[int, ...] = ()

    def indices(self, headers: Sequence[str]) -> tuple[int | None, ...]:
        """Where these headers stand."""
        return tuple(self.at.get(each) for each in headers)


def headed(dialect: Dialect, grids: Sequence[Grid]) -> tuple[list[Headed], list[Finding]]:
    """The grids that are sheets of the dialect, in its order, and what is strange in the others."""
    found: list[Headed] = []
    problems: list[Finding] = []
    for number, grid in enumerate(grids):
        sheet = _sheet(dialect, grid)
        if sheet is not None and grid.headers:
            one, strange = under_headers(dialect, sheet, grid, number)
            found.append(one)
            problems += strange
        elif grid.headers and not is_meta(dialect, grid) and not is_called(dialect.passed_over, grid.name):
            problems.append(_unknown(dialect, grid))
    order = {each.name: number for number, each in enumerate(dialect.sheets)}
    return sorted(found, key=lambda each: (order[each.sheet.name], each.number)), problems


def is_meta(dialect: Dialect, grid: Grid) -> bool:
    """Whether the grid is the sheet that tells of the file."""
    name = dialect.meta.get("sheet")
    return name is not None and is_called((name,), grid.name)


def _sheet(dialect: Dialect, grid: Grid) -> Sheet | None:
    if not dialect.paths:
        return sheet_called(dialect, grid.name) or _known(dialect, grid)
    sheet = dialect.sheets[0]
    has = sheet.activity in {header.strip() for header in grid.headers}
    return sheet if has and not is_meta(dialect, grid) else None


def _known(dialect: Dialect, grid: Grid) -> Sheet | None:
    """The sheet that is known by these headers."""
    headers = {spelt(dialect, each) for each in grid.headers}
    found = (each for each in dialect.sheets if each.known_by)
    return next((each for each in found if headers.issuperset(spelt(dialect, one) for one in each.known_by)), None)


def _unknown(dialect: Dialect, grid: Grid) -> Finding:
    names = [each.name for each in dialect.sheets]
    close = get_close_matches(grid.name.casefold(), names, n=1)
    return finding("ssc-table-unknown", place(grid), table=grid.name, suggestion=close[0] if close else "-")


def under_headers(dialect: Dialect, sheet: Sheet, grid: Grid, number: int) -> tuple[Headed, list[Finding]]:
    """The columns of a grid, and the headers that mean nothing, or the same twice."""
    known = _headers(dialect, sheet)
    at: dict[str, int] = {}
    columns: list[tuple[int, Column]] = []
    problems: list[Finding] = []
    for index, header in enumerate(grid.headers):
        bare = spelt(dialect, header)
        if not bare or header.strip() == REASONS:
            continue
        own = known.get(bare)
        column = path_column(dialect, bare) if dialect.paths else sheet.columns.get(own or "")
        name = bare if dialect.paths else own
        if name is None or (column is None and own is None):
            problems.append(_strange(dialect, grid, index, known))
        elif name in at:
            problems.append(finding("ssc-column-doubled", place(grid, grid.header_row, index), column=header))
        else:
            at[name] = index
            if column is not None:
                columns.append((index, column))
    activity = at.get(sheet.activity) if sheet.activity is not None else None
    passed = tuple(at[each] for each in sheet.passed if each in at)
    # What numbers several elements in one row puts them in order.
    columns.sort(key=lambda each: [step.number for step in each[1].steps])
    return Headed(number, grid, sheet, activity, tuple(columns), at, passed), problems


def _headers(dialect: Dialect, sheet: Sheet) -> dict[str, str]:
    """Every header of the sheet, by the spelling in which it is compared."""
    names = [*sheet.columns, *sheet.keys, *sheet.passed, *sheet.join]
    names += [each for each in (sheet.activity, sheet.base_by) if each is not None]
    names += [header for child in dialect.sheets if child.parent == sheet.name for header in child.join.values()]
    return {spelt(dialect, each): each for each in names}


def _strange(dialect: Dialect, grid: Grid, index: int, known: Mapping[str, str]) -> Finding:
    header = grid.headers[index]
    wanted = spelt(dialect, header)
    names = {each: each for each in every_place(dialect.root)} if dialect.paths else known
    if dialect.paths:
        wanted = "/".join(each for each in wanted.split("/") if not each.isdecimal())
    close = get_close_matches(wanted, names, n=1)
    suggestion = names[close[0]] if close else "-"
    return finding("ssc-column-unknown", place(grid, grid.header_row, index), column=header, suggestion=suggestion)


def path_column(dialect: Dialect, header: str) -> Column | None:
    """The column under a header that is a path, with numbers for elements that repeat; None where IATI has no such
    place.
    """
    steps = list(_numbered(header.split("/")))
    attribute = steps.pop().name[1:] if steps and steps[-1].name.startswith("@") else None
    names = (dialect.root, *(each.name for each in steps))
    return Column(header, tuple(steps), attribute) if is_known(names, attribute) else None


def _numbered(parts: Sequence[str]) -> Iterator[Step]:
    for at, part in enumerate(parts):
        if not part.isdecimal():
            following = parts[at + 1] if at + 1 < len(parts) else ""
            yield Step(part, (), int(following) if following.isdecimal() and following.isascii() else 0)
