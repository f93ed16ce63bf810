"""What was set aside goes back to its owner: the rows as they stood, in the layout of the source, with the reasons
beside.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from ssc_iati.check.intake import Header
from ssc_iati.findings import Finding
from ssc_iati.messages import word
from ssc_iati.publish.folder import whole_file
from ssc_iati.read.layout import REASONS
from ssc_iati.text import fold

OWN = {"projects", "organisation_files"}
SHARED = {"publisher", "organisations", "capacities"}
SUFFIXES = {"workbook": ".xlsx", "csv-folder": ".csv", "database": ".csv", "jsonl": ".jsonl", "json": ".json"}


class SetAside(NamedTuple):
    """A project, or rows of none, that could not go on."""

    rows: tuple[Any, ...]
    findings: tuple[Finding, ...]


def rejected_path(target: Path, kind: str) -> Path:
    """Where the rejected of a target go: `activities.rejected.csv` (a folder) beside `activities.xml`."""
    return target.with_name(f"{target.stem}.rejected{SUFFIXES[kind]}")


def forget(target: Path) -> None:
    """Remove what an earlier run set aside for this target."""
    for suffix in SUFFIXES.values():
        path = target.with_name(f"{target.stem}.rejected{suffix}")
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def write(path: Path, kind: str, items: Iterable[SetAside], headers: dict[str, Header], language: str) -> None:
    """Write what was set aside; the path is a folder for a source of CSV."""
    if kind in {"jsonl", "json"}:
        _write_records(path, items, language, array=kind == "json")
    elif kind == "workbook":
        _write_workbook(path, _rows(items, headers, language), headers)
    else:
        _write_folder(path, _rows(items, headers, language), headers)


def _reasons(findings: Iterable[Finding], language: str) -> str:
    worded = (word(each, language) for each in findings)
    return " | ".join(dict.fromkeys(f"{each.message} {each.hint}" for each in worded))


def _rows(items: Iterable[SetAside], headers: dict[str, Header], language: str) -> Iterator[tuple[str, list[Any]]]:
    """Each row with its reasons: on the project's own row all those that stand on no other.

    A row that projects share (an organisation's) is given once, or it would come back as a double.
    """
    names = {(header.file, header.sheet): name for name, header in headers.items()}
    given: set[tuple[str, int]] = set()
    for item in items:
        placed = {(name, number) for name, number, _ in item.rows}
        chief = next((row for row in item.rows if row[0] in OWN), item.rows[0] if item.rows else None)
        by_row: dict[tuple[str, int], list[Finding]] = {}
        for each in item.findings:
            spot = names.get((each.where.file, each.where.sheet), ""), each.where.row or 0
            by_row.setdefault(spot if spot in placed else ("", 0), []).append(each)
        for row in item.rows:
            name, number, cells = row
            if (name, number) in given:
                continue
            if name in SHARED:
                given.add((name, number))
            reasons = by_row.get((name, number), [])
            if row is chief:
                reasons = reasons + by_row.get(("", 0), [])
            yield name, _with_reasons(cells, headers[name], _reasons(reasons, language))


def _with_reasons(cells: list[Any], header: Header, reasons: str) -> list[Any]:
    """The row under its header, the reasons after the last column; what stood beyond it still does."""
    width = len(header.headers)
    own = [cells[index] if index < len(cells) else None for index in _kept(header)]
    return [*own, reasons, *cells[width:]]


def _kept(header: Header) -> list[int]:
    """The columns that the source gave; the reasons of an earlier run are not among them."""
    return [index for index, name in enumerate(header.headers) if fold(name) != fold(REASONS)]


def _above(header: Header) -> list[list[Any]]:
    """Blank rows, so that the headers stand in the row in which a mapping looks for them."""
    return [[] for _ in range(header.header_row - 1)]


def _header(header: Header) -> list[str]:
    return [*(header.headers[index] for index in _kept(header)), REASONS]


def _write_folder(path: Path, rows: Iterator[tuple[str, list[Any]]], headers: dict[str, Header]) -> None:
    draft = path.with_name(f".{path.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        _write_files(draft, rows, headers)
        shutil.rmtree(path, ignore_errors=True)
        draft.rename(path)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _write_files(folder: Path, rows: Iterator[tuple[str, list[Any]]], headers: dict[str, Header]) -> None:
    with ExitStack() as files:
        writers: dict[str, Any] = {}
        for name, row in rows:
            if name not in writers:
                # A byte that is no UTF-8 goes back as the byte that it was.
                file = (folder / f"{headers[name].name}.csv").open(
                    "w", encoding="utf-8-sig", errors="surrogateescape", newline=""
                )
                writers[name] = csv.writer(files.enter_context(file))
                writers[name].writerows(_above(headers[name]))
                writers[name].writerow(_header(headers[name]))
            writers[name].writerow(row)


def _write_workbook(path: Path, rows: Iterator[tuple[str, list[Any]]], headers: dict[str, Header]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheets: dict[str, Any] = {}
    for name, row in rows:
        if name not in sheets:
            sheets[name] = book.create_sheet(headers[name].name)
            for above in _above(headers[name]):
                sheets[name].append(above)
            sheets[name].append([_cell(sheets[name], each) for each in _header(headers[name])])
        sheets[name].append([_cell(sheets[name], each) for each in row])
    if not sheets:
        book.create_sheet("projects")
    with whole_file(path) as file:
        book.save(file)


def _cell(sheet: Any, value: Any) -> Any:  # noqa: ANN401
    """The cell as it stood: a text that begins with `=` is a text, and no formula."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)[:32_767])
    cell.data_type = "s"
    return cell


def _write_records(path: Path, items: Iterable[SetAside], language: str, *, array: bool) -> None:
    with whole_file(path) as file:
        first = True
        file.write(b"[\n" if array else b"")
        for record in _records(items, language):
            file.write(b"" if first or not array else b",\n")
            file.write(_json(record) + (b"" if array else b"\n"))
            first = False
        file.write(b"\n]\n" if array else b"")


def _records(items: Iterable[SetAside], language: str) -> Iterator[dict[str, Any]]:
    """The publisher, and each project with its reasons; what it shares with others stands beside it, once."""
    given: set[tuple[object, ...]] = set()
    for item in items:
        reasons = _reasons(item.findings, language)
        for name, line, value in item.rows:
            if name == "json":
                yield {**(value if isinstance(value, dict) else {"value": value}), REASONS: reasons}
                continue
            which = (name, line, str(value.get("key")) if isinstance(value, dict) else None)
            if which not in given:
                given.add(which)
                yield {"publisher": value} if name == "publisher" else {"organisations": [value]}


def _json(value: object) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, default=_plain).encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=_plain).encode()


def _plain(value: object) -> object:
    """A number keeps its digits: as a number where JSON's readers keep them too, else as text."""
    if isinstance(value, Decimal):
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    return str(value)
