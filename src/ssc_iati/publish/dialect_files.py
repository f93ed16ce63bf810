"""Records of IATI as a folder of CSV or a workbook in another tool's layout; what it cannot hold is counted."""

from __future__ import annotations

import csv
import pickle
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from ssc_iati.publish.dialect_paths import in_order, path_rows, plainer
from ssc_iati.publish.dialect_rows import Facts, Lost, Row, node_of, rows_of
from ssc_iati.publish.folder import whole_file
from ssc_iati.publish.tables import as_excel, header_cell, timeless
from ssc_iati.read.dialects import Dialect
from ssc_iati.read.workbook import ERROR_VALUES

CELL = 32_767
"""So many units of UTF-16 fit a cell of a workbook."""
_META = {
    "iati_version": "@version",
    "generated_datetime": "@generated-datetime",
    "linked_data_default": "@linked-data-default",
}
_SILENT = ("iati_file",)


class _Spool:
    """The rows of every sheet, on disk until all of them are known."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, IO[bytes]] = {}
        self.headers: dict[str, dict[str, None]] = {}

    def put(self, name: str, row: Row) -> None:
        """Add a row to a sheet."""
        if name not in self._files:
            self._files[name] = (self._folder / name).open("wb")
            self.headers[name] = {}
        self.headers[name].update(dict.fromkeys(row))
        pickle.dump(row, self._files[name], pickle.HIGHEST_PROTOCOL)

    def close(self) -> None:
        """No more rows."""
        for file in self._files.values():
            file.close()

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of a sheet."""
        with (self._folder / name).open("rb") as file:
            while True:
                try:
                    yield pickle.load(file)  # noqa: S301 - our own spool
                except EOFError:
                    return


def write_in_layout(elements: Iterable[Any], dialect: Dialect, about: Mapping[str, Any], target: Path) -> Lost:
    """Write the records, and what `about` says of their file once they have been read; what could not be written."""
    workbook = target.suffix.lower() == ".xlsx"
    write = _write_workbook if workbook else _write_books if dialect.books else _write_folder
    with tempfile.TemporaryDirectory(prefix="ssc-iati-") as folder:
        spool = _Spool(Path(folder))
        try:
            lost = _fill(spool, elements, dialect, long=write is _write_folder)
        finally:
            spool.close()
        lost += _of_file(dialect, about)
        write(spool, dialect, about, target)
    return lost


def _fill(spool: _Spool, elements: Iterable[Any], dialect: Dialect, *, long: bool) -> Lost:
    lost: Lost = Counter()
    taken: set[str] = set()
    for element in elements:
        rows, missing = (path_rows if dialect.paths else rows_of)(dialect, element)
        key = rows[0][1].get(dialect.sheets[0].activity or "", "") if rows else ""
        if key in taken:
            rows, missing = [], Facts(node_of(element)).left() + Counter({f"{dialect.identifier} (doubled)": 1})
        taken.add(key)
        lost += missing
        for name, row in rows:
            spool.put(name, row if long else _short(row, lost))
    return lost


def _short(row: Row, lost: Lost) -> Row:
    """The row without the texts that no cell of a workbook gives back: too long, or of another meaning there."""
    for header, cell in row.items():
        if len(cell.encode("utf-16-le", "surrogatepass")) // 2 > CELL or cell in ERROR_VALUES or "_x00" in cell:
            lost[f"{header} (no cell of a workbook)"] += 1
            row = {**row, header: ""}
    return row


def _of_file(dialect: Dialect, about: Mapping[str, Any]) -> Lost:
    """What is said of the file, and has no place in the layout."""
    held = {*_SILENT, *_named(dialect)}
    if about.get("iati_version") == "2.03":
        held.add("iati_version")
    return Counter({_META.get(name, name): 1 for name, value in about.items() if name not in held and value})


def _named(dialect: Dialect) -> Iterator[str]:
    """What the layout can say of the file."""
    if "sheet" in dialect.meta:
        yield from _META
    if "file" in dialect.meta:
        yield from dialect.meta["names"]


def _sheets(spool: _Spool, dialect: Dialect) -> Iterator[tuple[str, dict[str, str], Iterator[Row]]]:
    """Each sheet: its name, its headers by the names of the rows' cells, its rows."""
    if dialect.paths:
        for name, met in spool.headers.items():
            yield name, plainer(in_order(dialect.root, met)), spool.rows(name)
        return
    for sheet in dialect.sheets:
        met = spool.headers.get(sheet.name, {})
        if met:
            added = [each for each in met if each not in sheet.headers]
            yield sheet.name, {each: each for each in (*sheet.headers, *added)}, spool.rows(sheet.name)


def _meta(dialect: Dialect, about: Mapping[str, Any]) -> dict[str, str]:
    return {shown: about[name] for name, shown in _META.items() if about.get(name)} if "sheet" in dialect.meta else {}


def _write_folder(spool: _Spool, dialect: Dialect, about: Mapping[str, Any], target: Path) -> None:
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        if meta := _meta(dialect, about):
            _write_csv(draft / f"{dialect.meta['sheet']}.csv", meta.keys(), [list(meta.values())])
        for name, headers, rows in _sheets(spool, dialect):
            _write_csv(
                draft / f"{name}.csv", headers.values(), ([row.get(each, "") for each in headers] for row in rows)
            )
        said = [f"{name}: {about[name]}" for name in dialect.meta.get("names", ()) if about.get(name)]
        if said:
            (draft / dialect.meta["file"]).write_text("\n".join(said) + "\n", "utf-8")
        _take_place(draft, target, dialect)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _write_csv(path: Path, headers: Iterable[str], rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)  # its lines end in CR and LF, so that it puts a text with either in quotes
        writer.writerow(headers)
        writer.writerows(rows)


def _take_place(draft: Path, target: Path, dialect: Dialect) -> None:
    """Put the folder in its place: files that are none of the layout's stay there."""
    target.mkdir(exist_ok=True)
    for each in dialect.sheets:
        (target / f"{each.name}.csv").unlink(missing_ok=True)
    for file in sorted(draft.iterdir()):
        file.replace(target / file.name)
    draft.rmdir()


def _write_workbook(spool: _Spool, dialect: Dialect, about: Mapping[str, Any], target: Path) -> None:
    book = _new_book()
    if meta := _meta(dialect, about):
        _write_sheet(book, dialect.meta["sheet"], meta.keys(), [list(meta.values())])
    for name, headers, rows in _sheets(spool, dialect):
        _write_sheet(book, name, headers.values(), ([row.get(each, "") for each in headers] for row in rows))
    _save(book, target)


def _write_books(spool: _Spool, dialect: Dialect, _: Mapping[str, Any], target: Path) -> None:
    """A folder of workbooks: every sheet of each that has any row, and those of the tool that hold no data."""
    target.mkdir(exist_ok=True)
    rows = {name: (headers, found) for name, headers, found in _sheets(spool, dialect)}
    for name in dialect.books:
        own = [each for each in dialect.sheets if each.book == name]
        if not any(each.name in rows for each in own):
            (target / f"{name}.xlsx").unlink(missing_ok=True)
            continue
        book = _new_book()
        for blank in dialect.passed_over if name == dialect.books[0] else ():
            book.create_sheet(blank)
        for each in own:
            headers, found = rows.get(each.name, ({one: one for one in each.headers}, iter(())))
            _write_sheet(book, each.name, headers.values(), ([row.get(one, "") for one in headers] for row in found))
        _save(book, target / f"{name}.xlsx")


def _new_book() -> Any:  # noqa: ANN401 - of openpyxl
    from openpyxl import Workbook

    return Workbook(write_only=True)


def _save(book: Any, target: Path) -> None:  # noqa: ANN401
    packed = BytesIO()
    book.save(packed)
    with whole_file(target) as file:
        file.write(timeless(packed))


def _write_sheet(book: Any, name: str, headers: Iterable[str], rows: Iterable[list[str]]) -> None:  # noqa: ANN401
    page = book.create_sheet(name[:31])
    page.freeze_panes = "A2"
    page.append([header_cell(page, header) for header in headers])
    for row in rows:
        page.append([as_excel(page, cell) if cell else None for cell in row])
