"""The way back: records as the tables of the workbook and of the folder of CSV, by the same model that reads them.

What a table has no room for is never dropped: `CannotHoldError` names it, and JSON holds it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import cache
from graphlib import CycleError, TopologicalSorter
from io import BytesIO
from itertools import count, pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from ssc_iati.check import cells
from ssc_iati.check.interpret import setter
from ssc_iati.check.references import references
from ssc_iati.publish.folder import whole_file
from ssc_iati.record.project import Project, Publisher
from ssc_iati.record.tables import Column, Table, table, tables
from ssc_iati.record.values import plain

Cell: TypeAlias = str | Decimal | bool
Row: TypeAlias = dict[str, Cell]
Values: TypeAlias = dict[str, Any]
Shared: TypeAlias = dict[tuple[str, Cell], list[Row]]

UNKNOWN = "unknown"
_DAY_ZERO = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


class CannotHoldError(ValueError):
    """The tables have no room for this; its text names the project, the table and the field."""


class Sheet(NamedTuple):
    """One table, filled: its name, the headers of the columns that hold something, its rows."""

    name: str
    headers: tuple[str, ...]
    rows: tuple[Row, ...]


# --- Records to rows --------------------------------------------------------------------------------------------------


def rows(project: Project) -> Iterator[tuple[str, Row]]:
    """Every fact of a project as the row of a table: the table's name, and its cells by header."""
    values = _changeable(project.model_dump(exclude_defaults=True))
    key = values["key"] = _key(project)
    _refuse_unreferred(project, key)
    _name_parents(values)
    found: dict[str, list[Row]] = {}
    for each in _deepest_first():
        found[each.name] = list(_rows(each, values, key))
    _refuse_leftovers(values, key)
    for each in tables():
        for row in found.get(each.name, ()):
            yield each.name, row


def _key(project: Project) -> str:
    key = project.key or project.iati_identifier
    if not key:
        raise CannotHoldError("a project without a key or an identifier")
    return key


def _changeable(value: Any) -> Any:  # noqa: ANN401
    """Lists for tuples, so that what a row has taken can be removed; what is left in the end has no room."""
    if isinstance(value, dict):
        return {name: _changeable(each) for name, each in value.items()}
    return [_changeable(each) for each in value] if isinstance(value, (list, tuple)) else value


def _refuse_unreferred(project: Project, key: str) -> None:
    """Tables hold an organisation once for all projects: it belongs to those that refer to it."""
    organisations = {each.key: each for each in project.organisations}
    values = project.model_dump(mode="json", exclude_defaults=True, exclude={"organisations"})
    wanted = {name for _, collection, name in references(Project, values, ()) if collection == "organisations"}
    reached: set[str | None] = set()
    while wanted:
        name = wanted.pop()
        reached.add(name)
        parent = organisations[name].parent if name in organisations else None
        if parent is not None and parent not in reached:
            wanted.add(parent)
    alone = next((each for each in organisations if each not in reached), None)
    if alone is not None:
        raise CannotHoldError(f"project {key}: organisation {alone}, to which nothing in the project refers")


def _name_parents(values: Values) -> None:
    """Rows that others must name get a key: `p1` for a participation with contributions, `r1` and `i1` for results."""
    _number(values.get("participations", ()), "p", lambda each: bool(each.get("contributions")))
    _number(values.get("results", ()), "r")
    for result in values.get("results", ()):
        _number(result.get("indicators", ()), "i")


def _number(facts: Iterable[Values], letter: str, needs: Callable[[Values], bool] = bool) -> None:
    taken = {each.get("key") for each in facts}
    free = (name for name in map(f"{letter}{{}}".format, count(1)) if name not in taken)
    for each in facts:
        if needs(each) and not each.get("key"):
            each["key"] = next(free)


@cache
def _deepest_first() -> tuple[Table, ...]:
    """Facts below others leave them first; the project's shorthands come before the tables that they shorten."""
    every = [each for each in tables() if each.owner != "publisher"]
    return tuple(sorted(every, key=lambda each: not _below_another(each)))


def _below_another(each: Table) -> bool:
    return each.parent is not None or (each.owner == "organisations" and bool(each.path))


def _rows(what: Table, values: Values, key: str) -> Iterator[Row]:
    for links, fact in _facts(what, values, key):
        if what.levels:
            yield from _long_form(what, links, fact)
            continue
        yield {**links, **_cells(what.columns, fact)}
        if fact is not values:
            _refuse_leftovers(fact, f"{key}, table {what.name}")


def _facts(what: Table, values: Values, key: str) -> Iterator[tuple[Row, Values]]:
    """The facts of a table, taken from where they stand, each with the links that lead back there."""
    own: Row = {} if what.owner_column is None else {what.owner_column: key}
    if what.name == "projects":
        yield own, values
    elif what.name == "organisations":
        yield from ((own, each) for each in values.pop(what.name, ()))
    elif _below_another(what):
        above = what.path[0] if what.parent else what.owner
        for parent in values.get(above, ()):
            links = {**own, str(what.parent or what.owner_column): parent.get("key", "")}
            yield from ((links, each) for each in parent.pop(what.path[-1], ()))
    else:
        yield from ((own, each) for each in values.pop(what.path[0], ()))


def _long_form(what: Table, links: Row, fact: Values, depth: int = 0) -> Iterator[Row]:
    """A row for each fact of the last level; the first of them says what holds for all."""
    level = what.levels[depth]
    if level.key is not None:
        links = {**links, level.key: fact.pop("key")}
    own = _cells(level.columns, fact)
    below = fact.pop(what.levels[depth + 1].collection, ()) if depth + 1 < len(what.levels) else ()
    _refuse_leftovers(fact, f"{links}, table {what.name}")
    made = [row for each in below for row in _long_form(what, links, each, depth + 1)] or [links]
    yield {**made[0], **own}
    yield from made[1:]


# --- Facts to cells ---------------------------------------------------------------------------------------------------


def _cells(columns: tuple[Column, ...], values: Values) -> Row:
    row: Row = {}
    if any(column.name == "latitude" for column in columns):
        _part_point(values)
    short = _shorthands(columns, values)
    for column in columns:
        if column.name in short:
            _put(row, column, short[column.name])
            continue
        steps, last = _way(column)
        holder = _holder(values, steps)
        if last in holder:
            _put(row, column, holder.pop(last))
        elif last in holder.get(UNKNOWN, ()) and _takes_unknown(column):
            holder[UNKNOWN].remove(last)
            row[column.name] = UNKNOWN
    return row


def _way(column: Column) -> tuple[tuple[str, ...], str]:
    """The way to the fact that holds the column's field, and the field; of a shorthand the row itself speaks."""
    return ((), column.name) if column.path[0].endswith("+") else (column.path[:-1], column.path[-1])


def _holder(values: Values, steps: tuple[str, ...]) -> Values:
    """The fact that holds the column's field: nested, or the first of a list; an empty one if there is none."""
    for step in steps:
        below = values.get(step.removesuffix("[]"), {})
        values = (below[0] if below else {}) if step.endswith("[]") else below
    return values


def _put(row: Row, column: Column, value: Any) -> None:  # noqa: ANN401
    if column.speaks:
        for text in value:
            header = f"{column.name}:{text['lang']}" if text.get("lang") else column.name
            if header in row:
                raise CannotHoldError(f"column {column.name}: two texts in one language ({text['text']})")
            row[header] = _readable(column, text["text"])
    elif isinstance(value, list):
        row[column.name] = _joined(column, value)
    else:
        row[column.name] = _readable(column, value) if isinstance(value, str) else value


def _readable(column: Column, value: str) -> str:
    if cells.text(value) != value:
        raise CannotHoldError(f"column {column.name}: {value!r}, which a cell would not keep as it is")
    return value


def _joined(column: Column, items: list[str]) -> str:
    joined = "; ".join(items)
    if cells.split_list(joined) != items:
        raise CannotHoldError(f"column {column.name}: an item that itself reads as a list ({joined})")
    return joined


def _takes_unknown(column: Column) -> bool:
    """Whether the reader takes "unknown" in this column as such; in a text it is a word like any other."""
    values: Values = {}
    read = setter(column, None, cells.Locale())(UNKNOWN, values) is None
    return read and UNKNOWN in _holder(values, _way(column)[0])


def _shorthands(columns: tuple[Column, ...], values: Values) -> dict[str, Any]:
    """What the shorthands say exactly: the first items of a list, as long as they stand in the order of the columns."""
    found: dict[str, Any] = {}
    for column in columns:
        if not column.path[0].endswith("+"):
            continue
        items, last, many = values.get(column.path[0][:-1], []), column.path[-1], column.name.startswith("sdg_")
        said: list[Any] = []
        while items and items[0] == {**column.wrap, last: items[0].get(last)} and (many or not said):
            said.append(items.pop(0)[last])
        if said:
            found[column.name] = said if many else said[0]
    return found


def _part_point(values: Values) -> None:
    """The columns for latitude and longitude instead of IATI's one text for both."""
    parts = str(values.get("pos", "")).split(" ")
    degrees = [cells.number(part, cells.Locale(".")) for part in parts]
    numbers = [each for each in degrees if isinstance(each, Decimal)]
    if len(numbers) == 2 and " ".join(map(plain, numbers)) == values["pos"]:
        values["latitude"], values["longitude"] = numbers
        del values["pos"]


def _refuse_leftovers(values: Values, where: str) -> None:
    left = _leftover(values)
    if left is not None:
        raise CannotHoldError(f"project {where}: no column for {left}")


def _leftover(value: Any) -> str | None:  # noqa: ANN401
    """The way to the first value that no cell has taken."""
    if not isinstance(value, (dict, list)):
        return ""
    named = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in named:
        rest = _leftover(each)
        if rest is not None:
            return f"{name}.{rest}".rstrip(".")
    return None


# --- Rows to sheets ---------------------------------------------------------------------------------------------------


def sheets(projects: Iterable[Project], publisher: Publisher | None = None) -> list[Sheet]:
    """Every table that holds something, in the order of the model; organisations once each."""
    filled: dict[str, list[Row]] = {each.name: [] for each in tables()}
    filled["publisher"].append(_publisher_row(publisher or Publisher()))
    shared: Shared = {}
    for project in projects:
        own: Shared = {}
        for name, row in rows(project):
            if table(name).owner == "organisations":
                own.setdefault((name, row["key" if name == "organisations" else "organisation"]), []).append(row)
            else:
                filled[name].append(row)
        _share(shared, own, {each.key for each in project.organisations})
    for (name, _), said in shared.items():
        filled[name].extend(said)
    return [_sheet(each, filled[each.name]) for each in tables() if filled[each.name] or each.name == "projects"]


def _share(shared: Shared, own: Shared, keys: set[str | None]) -> None:
    """Enter a project's organisations; two projects that say different things of one cannot share it."""
    for name in ("organisations", "capacities"):
        for key in sorted(filter(None, keys)):
            said = own.get((name, key), [])
            if shared.setdefault((name, key), said) != said:
                raise CannotHoldError(f"organisation {key}, of which two projects say different things (table {name})")


def _publisher_row(publisher: Publisher) -> Row:
    """The publisher's own words, and how the numbers of these tables are written."""
    values = _changeable(publisher.model_dump(exclude_defaults=True))
    row = _cells(table("publisher").columns, values)
    _refuse_leftovers(values, "-, table publisher")
    return {**row, "decimal_mark": "."}


def _sheet(what: Table, filled: list[Row]) -> Sheet:
    order = {name: number for number, name in enumerate(what.header())}
    languages = _languages(filled)
    present = {header for row in filled for header in row}
    headers = sorted(present, key=lambda each: (order[each.partition(":")[0]], languages[each], each))
    if what.name == "projects" and not headers:
        headers = ["key"]
    return Sheet(what.name, tuple(headers), tuple(filled))


def _languages(filled: list[Row]) -> dict[str, int]:
    """A place for each header, so that a text's languages stand in the order in which the records have them."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for row in filled:
        for before, after in pairwise(row):
            if before.partition(":")[0] == after.partition(":")[0]:
                sorter.add(after, before)
    try:
        order = list(sorter.static_order())
    except CycleError:
        order = []
    places = {header: number for number, header in enumerate(order)}
    return {header: places.get(header, len(places)) for row in filled for header in row}


# --- Sheets to files --------------------------------------------------------------------------------------------------


def write_csv_folder(projects: Iterable[Project], publisher: Publisher | None, folder: Path) -> None:
    """One CSV file for each table, as spreadsheets open it (UTF-8 with its mark); files of tables now empty go."""
    made = sheets(projects, publisher)
    folder.mkdir(parents=True, exist_ok=True)
    for each in tables():
        (folder / f"{each.name}.csv").unlink(missing_ok=True)
    for sheet in made:
        with (folder / f"{sheet.name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(sheet.headers)
            writer.writerows([_as_csv(row.get(header)) for header in sheet.headers] for row in sheet.rows)


def _as_csv(value: Cell | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value) if isinstance(value, Decimal) else value or ""


def write_workbook(projects: Iterable[Project], publisher: Publisher | None, path: Path) -> None:
    """One sheet for each table; the same records give the same bytes."""
    book = Workbook(write_only=True)
    for sheet in sheets(projects, publisher):
        page = book.create_sheet(sheet.name)
        page.freeze_panes = "A2"
        page.append([_header_cell(page, header) for header in sheet.headers])
        for row in sheet.rows:
            page.append([_as_excel(page, row.get(header)) for header in sheet.headers])
    packed = BytesIO()
    book.save(packed)
    with whole_file(path) as file:
        file.write(_timeless(packed))


def _header_cell(page: Any, header: str) -> Any:  # noqa: ANN401
    cell = _as_excel(page, header)
    cell.font = Font(bold=True)
    return cell


def _as_excel(page: Any, value: Cell | None) -> Any:  # noqa: ANN401
    """A number where a spreadsheet keeps every digit of it, else text; a text that begins with `=` is no formula."""
    if isinstance(value, Decimal):
        number = int(value) if value == value.to_integral_value() else float(value)
        if plain(Decimal(repr(number))) == plain(value) and len(value.as_tuple().digits) <= 15:
            return number
        value = plain(value)
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(page, value)
    cell.data_type = "s"
    return cell


def _timeless(packed: BytesIO) -> bytes:
    """The package without the moment at which it was made."""
    out = BytesIO()
    with ZipFile(packed) as before, ZipFile(out, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            info = ZipInfo(name, _DAY_ZERO)
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            after.writestr(info, content)
    return out.getvalue()
