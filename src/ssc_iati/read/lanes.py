"""Lanes: how a row of a person's sheet becomes rows of one table, compiled from the mapping for the headers that are
there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import NamedTuple

from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.grid import Cell, Grid, place
from ssc_iati.read.lists import closest, is_in, lists_in, lists_several
from ssc_iati.read.mapping import NUMBER, Feed, Meaning, Sheet, bound_to
from ssc_iati.record.labels import table_named
from ssc_iati.record.tables import Column, Table
from ssc_iati.record.tables import table as table_of
from ssc_iati.record.values import Ref
from ssc_iati.text import fold, states_unknown

_NUMBER = re.compile(r"[-+]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][-+]?\d{1,2})?", re.ASCII)
_NTH = re.compile(r"(?P<header>.+) \[(?P<number>[1-9]\d?)\]")
SPEAK_FOR_ALL = frozenset(("projects", "organisations", "publisher"))
"""Tables whose `certainty` would speak for the whole of a project or an organisation."""
_NO_STATEMENT = frozenset(("key", "certainty", "sources", "visibility"))


class Slot(NamedTuple):
    """One column of the table, and what fills it: a column of the sheet (`at`, with its header), or `given` alone.

    `given` is a constant, or what a blank cell stands for; `meanings` are by the spelling as it is and as folded.
    """

    target: str
    column: Column | None
    at: int | None
    header: str
    given: Cell
    meanings: Mapping[str, Meaning] | None = None
    signs: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    times: Decimal | None = None
    unknown: str = "refuse"
    lists: tuple[str, ...] = ()
    of_source: bool = False
    """Whether what is given is the sheet's own (a header), and no statement of the mapping."""

    @property
    def is_link(self) -> bool:
        """Whether it only leads to another row, and states nothing by itself."""
        return self.column is None

    @property
    def is_many(self) -> bool:
        """Whether one cell of the table may list several values."""
        return self.column is not None and lists_several(self.column)

    @property
    def states(self) -> bool:
        """Whether what the mapping gives here is a statement about the project, and no name of a row or of a list."""
        plain = self.column is None or self.target in _NO_STATEMENT or self.target.endswith(("vocabulary", "_uri"))
        return self.given is not None and not plain and not self.of_source

    @property
    def names_organisation(self) -> bool:
        """Whether it holds the key of an organisation."""
        if self.column is None:
            return self.target == "organisation"
        mark = self.column.field.mark(Ref)
        return mark is not None and mark.collection == "organisations" and not self.is_many


class Condition(NamedTuple):
    """In which rows a lane holds: those in which a cell is one of the patterns, or is none of them (`unless`)."""

    at: int | None
    patterns: tuple[str, ...]
    wanted: bool


class Lane(NamedTuple):
    """The slots of one table, of one numbered group of columns if they are repeated, and the rows in which it holds."""

    table: Table
    slots: tuple[Slot, ...]
    conditions: tuple[Condition, ...] = ()

    @property
    def infers(self) -> bool:
        """Whether its rows say that they are inferred, where the mapping states what the source does not."""
        said = any(each.target == "certainty" for each in self.slots)
        return self.table.name not in SPEAK_FOR_ALL and not said and any(each.states for each in self.slots)


def lanes(sheet: Sheet, grid: Grid) -> tuple[list[Lane], list[Finding]]:
    """Every lane of a sheet, and which of the headers that the mapping names are missing."""
    made: list[Lane] = []
    missing: dict[str, Finding] = {}
    for feed in sheet.feeds():
        linked = _linked(feed, sheet)
        made += (_lane(linked, grid, number, missing) for number in _numbers(linked, grid.headers))
    made += (_keeping(sheet, grid, at, missing) for at in sheet.kept(grid.headers))
    for header in (*sheet.skip, *sheet.fill_down):
        if find(grid.headers, header) is None:
            missing.setdefault(header, _missing(grid, header))
    return made, list(missing.values())


def _linked(feed: Feed, sheet: Sheet) -> Feed:
    """The feed, its rows linked to the project (or the organisation) that the same row of the sheet is of."""
    what = table_of(str(table_named(feed.table)))
    link = what.owner_column
    bound = bound_to(feed.table, feed.targets())
    if link is None or (bound is not None and bound.index(link) is not None):
        return feed
    for owner in sheet.feeds():
        if table_named(owner.table) == what.owner:
            for header, targets in owner.columns.items():
                if "key" in targets:
                    more = {**feed.columns, header: (*feed.columns.get(header, ()), link)}
                    return feed.model_copy(update={"columns": more})
    return feed


def _keeping(sheet: Sheet, grid: Grid, at: int, missing: dict[str, Finding]) -> Lane:
    """What keeps a column as it stands: legacy data, which its header names."""
    header = " ".join(grid.headers[at].split())
    feed = _linked(Feed(table="legacy_data", constants={"name": header, "value": ""}), sheet)
    lane = _lane(feed, grid, None, missing)
    *links, name, value = lane.slots
    kept = value._replace(at=at, header=grid.headers[at], given=None)
    return lane._replace(slots=(*links, name._replace(of_source=True), kept))


def _numbers(feed: Feed, headers: tuple[str, ...]) -> list[int | None]:
    """The numbers of the repeated groups of columns; one group without number where none is repeated."""
    patterns = [each for each in feed.columns if NUMBER in each]
    if not patterns:
        return [None]
    found = {int(match[1]) for each in patterns for header in headers if (match := _numbered(each, header))}
    return [*sorted(found)] or [1]


def _numbered(pattern: str, header: str) -> re.Match[str] | None:
    parts = [re.escape(fold(part)) for part in pattern.split(NUMBER)]
    return re.fullmatch(r"\s*(\d{1,3})\s*".join(parts[:2]) + "".join(parts[2:]), fold(header), re.ASCII)


def _lane(feed: Feed, grid: Grid, number: int | None, missing: dict[str, Finding]) -> Lane:
    targets = feed.targets()
    bound = bound_to(feed.table, targets)
    assert bound is not None  # noqa: S101 - the mapping was checked when it was read
    columns = {targets[each.index]: each.column for each in bound.bindings}
    slots: list[Slot] = []
    for header, several in feed.columns.items():
        at = _found(header, grid, number)
        if at is None:
            name = _with_number(header, number)
            missing.setdefault(name, _missing(grid, name))
            continue
        meanings = _by_spelling(feed.values[header]) if header in feed.values else None
        for target in several:
            given = _given(feed.defaults.get(target), number)
            apart = (feed.split.get(header, ()), feed.together.get(header, ()), feed.times.get(header))
            column = columns[target]
            lists = () if column is None else lists_in(column, feed.constants)
            how = (*apart, feed.unknown or "refuse", lists)
            slots.append(Slot(target, column, at, grid.headers[at], given, meanings, *how))
    for target, value in feed.constants.items():
        slots.append(Slot(target, columns[target], None, "", _given(value, number)))
    return Lane(bound.table, tuple(slots), tuple(_conditions(feed, grid, number, missing)))


def _conditions(feed: Feed, grid: Grid, number: int | None, missing: dict[str, Finding]) -> Iterator[Condition]:
    """In which rows a feed holds; a column that is not there is blank."""
    for headers, wanted in ((feed.when, True), (feed.unless, False)):
        for header, patterns in headers.items():
            at = _found(header, grid, number)
            if at is None:
                name = _with_number(header, number)
                missing.setdefault(name, _missing(grid, name))
            yield Condition(at, patterns, wanted)


def _with_number(text: str, number: int | None) -> str:
    return text if number is None else text.replace(NUMBER, str(number))


def _given(value: object, number: int | None) -> Cell:
    return _with_number(value, number) if isinstance(value, str) else value  # type: ignore[return-value]


def _found(header: str, grid: Grid, number: int | None) -> int | None:
    if NUMBER not in header:
        return find(grid.headers, header)
    matches = ((at, _numbered(header, each)) for at, each in enumerate(grid.headers))
    return next((at for at, match in matches if match and int(match[1]) == number), None)


def find(headers: tuple[str, ...], wanted: str) -> int | None:
    """The column under a header, as it is written or as people read it; `Header [2]` is the second of that name."""
    if wanted in headers:
        return headers.index(wanted)
    alike = [at for at, header in enumerate(headers) if fold(header) == fold(wanted) and header.strip()]
    if alike:
        return alike[0]
    nth = _NTH.fullmatch(wanted)
    if nth is None:
        return None
    same = [at for at, header in enumerate(headers) if fold(header) == fold(nth["header"])]
    return same[int(nth["number"]) - 1] if int(nth["number"]) <= len(same) else None


def _missing(grid: Grid, header: str) -> Finding:
    close = {fold(each): each for each in grid.headers if each.strip()}
    found = get_close_matches(fold(header), close, n=1)
    suggestion = close[found[0]] if found else "-"
    return finding("ssc-mapping-header-missing", place(grid, grid.header_row), header=header, suggestion=suggestion)


def _by_spelling(meanings: Mapping[str, Meaning]) -> dict[str, Meaning]:
    folded = {fold(each): meaning for each, meaning in meanings.items() if fold(each)}
    return {**folded, **meanings}


# --- One row ----------------------------------------------------------------------------------------------------------


class Made(NamedTuple):
    """A row of a table: its cells in the order of the lane's slots, and the slots that the mapping filled itself."""

    cells: list[Cell]
    given: list[Slot]


def rows_of(lane: Lane, grid: Grid, row: int, cells: list[Cell]) -> tuple[list[Made], list[Finding]]:
    """The rows that a lane makes of a row of the sheet: none where the sheet says nothing for it."""
    found: list[Finding] = []
    if not all(_holds(each, cells) for each in lane.conditions):
        return [], []
    values = [_values(slot, grid, row, cells, found) for slot in lane.slots]
    pairs = list(zip(values, lane.slots, strict=True))
    if not any(any(each is not None for each in said) for said, slot in pairs if _says(slot, lane)) and not found:
        return [], []
    several = [len(said) for said, slot in pairs if _fans(slot) and said]
    if len(set(several)) > 1:
        found.append(_uneven(lane, grid, row, values))
    number = max(several, default=1)
    return [_made(lane, values, at) for at in range(number)], found


def _holds(condition: Condition, cells: list[Cell]) -> bool:
    cell = cells[condition.at] if condition.at is not None and condition.at < len(cells) else None
    return is_like(cell, condition.patterns) is condition.wanted


def is_like(cell: Cell, patterns: tuple[str, ...]) -> bool:
    """Whether a cell is one of the patterns (`*` and `?` stand for anything), as people read them."""
    text = shown(cell).strip()
    return any(fnmatchcase(text.casefold(), each.casefold()) or _same(text, each) for each in patterns)


def _same(text: str, pattern: str) -> bool:
    return bool(fold(text)) and fold(text) == fold(pattern) and not set("*?[") & set(pattern)


def _says(slot: Slot, lane: Lane) -> bool:
    return slot.at is not None and (not slot.is_link or lane.table.owner_column is None)


def _fans(slot: Slot) -> bool:
    return bool(slot.signs) and not slot.is_many


def _made(lane: Lane, values: list[list[Cell]], at: int) -> Made:
    cells: list[Cell] = []
    given: list[Slot] = []
    for slot, said in zip(lane.slots, values, strict=True):
        own = said[at] if _fans(slot) and at < len(said) else said[0] if said and not _fans(slot) else None
        if own is None and slot.given is not None:
            own = slot.given
            given.append(slot)
        cells.append(own)
    return Made(cells, given)


def _values(slot: Slot, grid: Grid, row: int, cells: list[Cell], found: list[Finding]) -> list[Cell]:
    """What a cell of the sheet says for a slot: one value, or several where they are parted by a sign; none if it is
    blank.
    """
    cell = cells[slot.at] if slot.at is not None and slot.at < len(cells) else None
    if is_blank(cell):
        return []
    if not slot.signs or _is_one(slot, shown(cell).strip()):
        return [_meant(slot, grid, row, cell, found)]
    parts = [part.strip() for part in re.split("|".join(map(re.escape, slot.signs)), shown(cell))]
    meant = [_meant(slot, grid, row, part, found) for part in parts if part]
    if not slot.is_many:
        return meant if slot.unknown == "refuse" else [each for each in meant if each is not None]
    return [";".join(shown(each) for each in meant if each is not None) or None]


def _is_one(slot: Slot, text: str) -> bool:
    """Whether a whole cell is one value that is known, and no list of several; of codes, signs say more than that."""
    named = slot.meanings or {}
    return text in named or fold(text) in named or (text[:1].isalpha() and is_in(slot.lists, text))


def _meant(slot: Slot, grid: Grid, row: int, cell: Cell, found: list[Finding]) -> Cell:
    """The value in the record's own words; what neither the mapping nor the list of the column knows is told."""
    text = shown(cell).strip()
    if slot.times is not None:
        return _multiplied(slot, grid, row, cell, found)
    if any(each in text for each in slot.together):
        _tell(found, "ssc-mapping-names-together", place(grid, row, slot.at), value=text)
    if slot.meanings is None and slot.unknown == "refuse":
        return cell
    named = slot.meanings or {}
    meaning = named.get(text, named.get(fold(text)) if fold(text) else None)
    if isinstance(meaning, dict):
        meaning = meaning.get(slot.target, "")
    if meaning is not None:
        return None if meaning == "" else meaning
    if not slot.lists or is_in(slot.lists, text) or states_unknown(text):
        return cell
    if slot.unknown != "pass" and slot.column is not None:
        rule = "ssc-mapping-value-kept" if slot.unknown == "keep" else "ssc-mapping-value-unknown"
        close = closest(slot.column.field, text, named) or "-"
        _tell(found, rule, place(grid, row, slot.at), value=text, column=slot.target, suggestion=close)
    return None


def _tell(found: list[Finding], rule: str, where: Place, **values: object) -> None:
    """Say it once of a cell that fills several columns."""
    known = [each.values.get("value") for each in found if each.where == where]
    if values["value"] not in known:
        found.append(finding(rule, where, None, **values))


def _multiplied(slot: Slot, grid: Grid, row: int, cell: Cell, found: list[Finding]) -> Cell:
    """A number of a sheet that counts in thousands; no sign for thousands is guessed at."""
    text = shown(cell).strip()
    if not _NUMBER.fullmatch(text):
        where = place(grid, row, slot.at)
        _tell(found, "ssc-mapping-number", where, value=text, times=str(slot.times))
        return None
    product = (Decimal(text) * (slot.times or 1)).normalize()
    return product.quantize(Decimal(1)) if product == product.to_integral_value() else product


def _uneven(lane: Lane, grid: Grid, row: int, values: list[list[Cell]]) -> Finding:
    parted = [(slot, said) for slot, said in zip(lane.slots, values, strict=True) if _fans(slot) and said]
    columns = ", ".join(dict.fromkeys(slot.header for slot, _ in parted))
    counts = ", ".join(str(len(said)) for _, said in parted)
    return finding("ssc-mapping-split-uneven", place(grid, row, parted[0][0].at), columns=columns, counts=counts)


def is_blank(cell: Cell) -> bool:
    """Whether nothing stands in a cell, or nothing but spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def shown(cell: Cell) -> str:
    """A cell as text, as a person would have written it in the mapping: a whole number has no `.0`."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def headers_used(sheet: Sheet, made: list[Lane], headers: tuple[str, ...]) -> set[int]:
    """The columns of a sheet of which the mapping says something, be it that they are not meant."""
    said = (*sheet.ignore, *sheet.skip, *sheet.fill_down)
    named = {at for each in said if (at := find(headers, each)) is not None}
    named |= {each.at for lane in made for each in lane.conditions if each.at is not None}
    return named | {slot.at for lane in made for slot in lane.slots if slot.at is not None}


def texts_of(lane: Lane) -> Iterator[str]:
    """The targets of a lane, in order, and `certainty` where its rows are to say that they are inferred."""
    yield from (slot.target for slot in lane.slots)
    if lane.infers:
        yield "certainty"
