"""Records as a workbook or a folder of CSV from which they come back whole; rows are spooled: memory stays small.

The tables and their columns are the same whatever the records hold; only what names a language (`title:es`) is added.
"""

from __future__ import annotations

import csv
import pickle
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from ssc_iati.publish.folder import whole_file
from ssc_iati.publish.tables import as_csv, as_excel, header_cell, timeless
from ssc_iati.publish.whole_rows import Languages, Row, Shared, Values, publisher_row, whole_rows
from ssc_iati.record.tables import Table, tables

PART = 16_000
"""A text is cut into parts of so many characters, of which each fits a cell (32,767 units of UTF-16)."""
CELL = 32_000
CONTINUATIONS = "continuations"


class Spool:
    """The rows of every table, on disk until all of them are known."""

    def __init__(self, folder: Path, root: str) -> None:
        self._folder = folder
        self._root = root
        self._files: dict[str, IO[bytes]] = {}
        self._headers: dict[str, set[str]] = {}
        self._shared = Shared()
        self.languages = Languages()

    def add(self, values: Values) -> None:
        """Add the rows of a record."""
        key, further = values["key"], list[Row]()
        for name, row in whole_rows(values, self._root, self.languages, self._shared):
            self._put(name, _cut(row, str(key), further))
        for row in further:
            self._put(CONTINUATIONS, row)

    def add_publisher(self, values: Values) -> None:
        """Add the one row that says what belongs to the file."""
        further: list[Row] = []
        self._put("publisher", _cut(publisher_row(values, self.languages), "", further))
        for row in further:
            self._put(CONTINUATIONS, row)

    def _put(self, name: str, row: Row) -> None:
        if name not in self._files:
            self._files[name] = (self._folder / name).open("wb")
            self._headers[name] = set()
        self._headers[name].update(row)
        pickle.dump(row, self._files[name], pickle.HIGHEST_PROTOCOL)

    def close(self) -> None:
        """No more rows."""
        for file in self._files.values():
            file.close()

    def tables(self) -> Iterator[tuple[str, list[str], Iterator[Row]]]:
        """Each table: its name, its headers, its rows."""
        for each in tables():
            if each.owner in {"publisher", self._root} or each.name == CONTINUATIONS or self._partnership(each):
                yield each.name, self._header(each), self._rows(each.name)

    def _partnership(self, each: Table) -> bool:
        return self._root == "projects" and each.owner == "organisations"

    def _header(self, each: Table) -> list[str]:
        met = self._headers.get(each.name, set())
        found: list[str] = []
        for name in each.header():
            found.append(name)
            more = (header for header in met if header.startswith((f"{name}:", f"{name}#")))
            found += sorted(more, key=lambda header: self.languages.order(each.name, header))
        return found

    def _rows(self, name: str) -> Iterator[Row]:
        if name not in self._files:
            return
        with (self._folder / name).open("rb") as file:
            while True:
                try:
                    yield pickle.load(file)  # noqa: S301 - our own spool
                except EOFError:
                    return


def _cut(row: Row, key: str, further: list[Row]) -> Row:
    """The row with its long texts cut; their further parts are rows of their own."""
    long = [name for name, cell in row.items() if isinstance(cell, str) and len(cell) > PART and _units(cell) > CELL]
    for name in long:
        text = str(row[name])
        link = f"#c{len({each['key'] for each in further}) + 1}"
        row[name] = f"{text[:PART]}[continued: {link}]"
        parts = (text[start : start + PART] for start in range(PART, len(text), PART))
        further += ({"project": key, "key": link, "text": part} for part in parts)
    return row


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def write_tables(records: Iterable[Values], publisher: Values, target: Path, root: str, *, workbook: bool) -> int:
    """Write the records, and what belongs to their file once they have been read; how many records there were."""
    number = 0
    with tempfile.TemporaryDirectory(prefix="ssc-iati-") as folder:
        spool = Spool(Path(folder), root)
        try:
            for number, values in enumerate(records, 1):  # noqa: B007
                spool.add(values)
            spool.add_publisher(publisher)
        finally:
            spool.close()
        (_write_workbook if workbook else _write_folder)(spool, target)
    return number


def _write_folder(spool: Spool, target: Path) -> None:
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        for name, headers, rows in spool.tables():
            with (draft / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(headers)
                writer.writerows([as_csv(row.get(header)) for header in headers] for row in rows)
        _take_place(draft, target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _take_place(draft: Path, target: Path) -> None:
    """Put the folder in its place: files that are no tables stay there."""
    target.mkdir(exist_ok=True)
    for each in tables():
        (target / f"{each.name}.csv").unlink(missing_ok=True)
    for file in sorted(draft.iterdir()):
        file.replace(target / file.name)
    draft.rmdir()


def _write_workbook(spool: Spool, target: Path) -> None:
    from openpyxl import Workbook

    book: Any = Workbook(write_only=True)
    for name, headers, rows in spool.tables():
        page = book.create_sheet(name)
        page.freeze_panes = "A2"
        page.append([header_cell(page, header) for header in headers])
        for row in rows:
            page.append([as_excel(page, row.get(header)) for header in headers])
    packed = BytesIO()
    book.save(packed)
    with whole_file(target) as file:
        file.write(timeless(packed))
