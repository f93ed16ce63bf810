"""The first pass over a source in another tool's layout: every row is staged beside its activity, as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ssc_iati.check.assemble import DIALECT
from ssc_iati.check.cells import Trouble
from ssc_iati.check.convert import as_text
from ssc_iati.check.dialect_drafts import BROKEN, DialectNote
from ssc_iati.check.doubles import IDENTIFIER, project_doubles
from ssc_iati.findings import Finding, Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.read.dialects import Dialect
from ssc_iati.read.dialects.carried import Carried, Key, key_of
from ssc_iati.read.dialects.headed import Headed, headed, is_meta
from ssc_iati.read.grid import Cell, Grid, place, rows_with_problems
from ssc_iati.read.lanes import is_blank
from ssc_iati.read.package import refuse
from ssc_iati.read.stage import LOOSE, Stage
from ssc_iati.read.xml_file import VERSIONS
from ssc_iati.record.project import Publisher

VERSION = "2.03"
_MOST_META = 1 << 16
_META = {
    "@version": "iati_version",
    "@generated-datetime": "generated_datetime",
    "@linked-data-default": "linked_data_default",
    "linked_data_default": "linked_data_default",
}


class _Taking:
    """The rows of a source on their way to the stage, each to its record."""

    def __init__(self, dialect: Dialect, stage: Stage) -> None:
        self.dialect = dialect
        self.stage = stage
        self.ordinals: dict[str, int] = {}
        self.total = 0
        self.owners: dict[tuple[str, Key], int] = {}
        self.findings: list[Finding] = []

    def take(self, on: Headed) -> None:
        """Stage the rows of a sheet."""
        above = LOOSE
        longer: list[tuple[int, Finding]] = []
        aligned = False
        carried = Carried(on)
        strays: list[Finding] = []
        for row, stored, found in rows_with_problems(on.grid, strays):
            if carried.is_filled_by_formulas_alone(stored):
                continue
            cells = carried.take(row, stored, found)
            ordinal = above = self._owner(on, row, cells, carried.key, above, found)
            if self.dialect.carries and carried.again and not on.sheet.root:
                values = {"value": " / ".join(carried.key), "table": on.sheet.name}
                found.append(finding("ssc-layout-identifier-again", place(on.grid, row, on.activity), None, **values))
            self._note(on, cells, ordinal)
            self.stage.put(ordinal, str(on.number), (row, cells))
            surplus = _surplus(on, row, cells)
            aligned = aligned or len(cells) <= len(on.grid.headers)
            if surplus is not None:
                longer.append((ordinal, surplus))
            for each in found:
                self.stage.put(ordinal, "!", each)
        self.findings += carried.without_formulas(strays)
        # A blank column beyond the headers on every row is how some programs end their lines.
        for ordinal, each in longer:
            if aligned or each.values["value"]:
                self.stage.put(ordinal, "!", each)

    def _owner(self, on: Headed, row: int, cells: list[Cell], key: Key, above: int, found: list[Finding]) -> int:
        """The record that a row belongs to; a finding, if that cannot be told."""
        if on.sheet.activity is None and on.sheet.parent is not None:
            return self._below(on, row, key, found)
        identifier = _identifier(cells, on.activity)
        begins = on.sheet.root
        where = place(on.grid, row, on.activity)
        if identifier is None:
            if self.dialect.carries and above != LOOSE:
                return above
            found.append(finding("ssc-key-missing", where))
            return self._begin(row, on, None) if begins and not self.dialect.merges else LOOSE
        known = self.ordinals.get(identifier)
        if begins and (known is None or not self.dialect.merges):
            return self._begin(row, on, identifier)
        if known is None:
            close = self.stage.met.alike(IDENTIFIER, identifier) or "-"
            found.append(finding("ssc-project-unknown", where, value=identifier, suggestion=close))
            return LOOSE
        return known

    def _below(self, on: Headed, row: int, key: Key, found: list[Finding]) -> int:
        """The record of the row of another sheet that this one names by its keys."""
        owner = self.owners.get((on.sheet.name, key))
        if owner is None:
            where = place(on.grid, row, on.at.get(next(iter(on.sheet.join))))
            values = {"value": " / ".join(key) or "-", "table": on.sheet.parent, "project": "-"}
            found.append(finding("ssc-parent-unknown", where, None, **values))
        return LOOSE if owner is None else owner

    def _note(self, on: Headed, cells: list[Cell], ordinal: int) -> None:
        """Note whose row it is, for the sheets that name it by its keys."""
        if ordinal == LOOSE:
            return
        for child in self.dialect.sheets:
            if child.parent == on.sheet.name and child.activity is None:
                self.owners.setdefault((child.name, key_of(on, cells, child.join.values())), ordinal)

    def _begin(self, row: int, on: Headed, identifier: str | None) -> int:
        ordinal = self.total
        self.total += 1
        if identifier is not None:
            self.ordinals.setdefault(identifier, ordinal)
            self.stage.met.meet(IDENTIFIER, identifier, ordinal, row * _SHEETS + on.number)
        return ordinal


_SHEETS = 10_000
"""More sheets than a source has: rows of several sheets are told apart by `row * _SHEETS + sheet`."""


def take_dialect(
    dialect: Dialect, grids: list[Grid], stage: Stage, source: object, configured: Publisher | None
) -> tuple[Publisher, int, list[Finding]]:
    """Stage the rows; what the source says of itself, how many records it has, and what concerns none of them."""
    defaults = _defaults(configured)
    if dialect.short and "prefix" not in defaults:
        raise SourceError(finding("ssc-layout-prefix-missing", Place(grids[0].file), layout=dialect.family))
    sheets, strange = headed(dialect, grids)
    taking = _Taking(dialect, stage)
    taking.findings += strange
    for on in sheets:
        taking.findings += _homeless(on)
    for on in sorted(sheets, key=lambda each: not each.sheet.root):
        taking.take(on)
    by_number = {on.number: on for on in sheets}
    for owner, problem in project_doubles(stage, None, lambda _, number: _place(by_number, number)):
        stage.put(owner, "!", problem)
    publisher = _publisher(dialect, grids, source)
    stage.note(DIALECT, tuple(DialectNote(dialect.name, publisher.iati_version or VERSION, defaults)))
    return publisher, taking.total, taking.findings


def _place(by_number: dict[int, Headed], number: int) -> Place:
    row, sheet = divmod(number, _SHEETS)
    return place(by_number[sheet].grid, row, by_number[sheet].activity)


def _identifier(cells: list[Cell], index: int | None) -> str | None:
    cell = cells[index] if index is not None and index < len(cells) else None
    said = None if is_blank(cell) else as_text(cell)
    return None if isinstance(said, Trouble) else said


def _surplus(on: Headed, row: int, cells: list[Cell]) -> Finding | None:
    """A row that is longer than the headers: something in it has been shifted."""
    width = len(on.grid.headers)
    if len(cells) <= width:
        return None
    first = next((cell for cell in cells[width:] if not is_blank(cell)), "")
    return finding(BROKEN, place(on.grid, row), value=first, cells=len(cells), headers=width)


def _homeless(on: Headed) -> Iterator[Finding]:
    """The columns that hold what IATI has no place for, if anything stands in them."""
    told: set[int] = set()
    if not on.passed:
        return
    for row, cells in on.grid.rows():
        for index in on.passed:
            if index not in told and index < len(cells) and not is_blank(cells[index]):
                told.add(index)
                yield finding("ssc-layout-column-homeless", place(on.grid, row, index), column=on.grid.headers[index])


# --- What the source says of itself -----------------------------------------------------------------------------------


def _publisher(dialect: Dialect, grids: list[Grid], source: object) -> Publisher:
    """The version and the address for linked data, from the sheet or file that tells of the source."""
    values = {} if dialect.root == "iati-activity" else {"iati_file": "organisations"}
    for name, value in (*_of_sheet(dialect, grids), *_of_file(dialect, source)):
        if name in _META:
            values[_META[name]] = value
    version = values.get("iati_version", VERSION)
    if version not in VERSIONS:
        refuse("ssc-xml-version", str(source), version=version, known=", ".join(VERSIONS))
    return Publisher.model_validate(values)


def _of_sheet(dialect: Dialect, grids: list[Grid]) -> Iterator[tuple[str, str]]:
    """Names with their values, side by side or one above the other."""
    for grid in grids:
        if is_meta(dialect, grid):
            rows = [[_said(cell) for cell in cells] for _, cells in grid.rows()]
            headers = [header.strip() for header in grid.headers]
            if rows:
                yield from zip(headers, rows[0], strict=False)
            beside = (row[:2] for row in (headers, *rows) if len(row) > 1 and not row[1].startswith("@"))
            yield from ((name, value) for name, value in beside)


def _said(cell: Cell) -> str:
    said = as_text(cell)
    return "" if isinstance(said, Trouble) else said


def _of_file(dialect: Dialect, source: object) -> Iterator[tuple[str, str]]:
    path = source / dialect.meta["file"] if isinstance(source, Path) and "file" in dialect.meta else None
    if path is None or not path.is_file():
        return
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        for line in stream.read(_MOST_META).splitlines():
            name, mark, value = line.partition(":")
            if mark and value.strip():
                yield name.strip(), value.strip()


def _defaults(publisher: Publisher | None) -> dict[str, Any]:
    """What the configuration says once for all of its records."""
    if publisher is None:
        return {}
    reporter = publisher.reporting_org.ref if publisher.reporting_org is not None else None
    said: dict[str, Any] = {
        "@default-currency": publisher.default_currency,
        "@xml:lang": publisher.language,
        "prefix": reporter,
    }
    if publisher.reporting_org is not None:
        said["reporting_org"] = publisher.reporting_org.model_dump(exclude_defaults=True)
    return {name: value for name, value in said.items() if value is not None}
