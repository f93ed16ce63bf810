"""Opens a source of tables, of whatever kind: a workbook, a folder of CSV, one CSV under a mapping, a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.address import Database, Source
from ssc_iati.read.csv_folder import SUFFIXES, csv_files, csv_grid, csv_grids
from ssc_iati.read.grid import Grid
from ssc_iati.read.package import refuse
from ssc_iati.read.source import Kind, sniff, workbook_files
from ssc_iati.record.labels import table_named

if TYPE_CHECKING:
    from ssc_iati.read.mapping import Mapping as ColumnMapping

SourceKind: TypeAlias = Kind | Literal["database"]


class Reading(NamedTuple):
    """How a source is to be read: the tables and queries of a database, by name, the mapping of its columns, and the
    name of its layout, where that is not to be told from its headers.
    """

    tables: Mapping[str, str]
    mapping: ColumnMapping | None = None
    layout: str | None = None

    def wants(self, name: str) -> bool:
        """Whether a table of a database is one of the record's, or one that the mapping speaks of."""
        sheets = self.mapping.sheet if self.mapping is not None else ()
        return table_named(name) is not None or any(each.means(name) for each in sheets)


PLAIN = Reading({})


def kind_of(source: Source, shown: str, reading: Reading) -> SourceKind:
    """The kind of a source; SourceError if it is none that can be read so."""
    if isinstance(source, Database):
        return "database"
    kind = "csv-folder" if is_one_csv(source) else sniff(source, shown)
    if reading.mapping is not None and kind in {"json", "jsonl"}:
        refuse("ssc-mapping-no-tables", shown)
    return kind


def is_one_csv(source: Path) -> bool:
    """Whether the source is one CSV file that says something."""
    return source.suffix.lower() in SUFFIXES and source.is_file() and source.stat().st_size > 0


@contextmanager
def opened(source: Source, shown: str, reading: Reading) -> Iterator[list[Grid]]:
    """The tables of a source, which are there until the block ends. What reads them is imported only here, since most
    runs do not need it.
    """
    if isinstance(source, Database):
        from ssc_iati.read.database import database_grids

        with database_grids(source, reading.tables, reading.wants) as grids:
            yield grids
    elif source.is_dir():
        yield csv_grids(source, shown) or _grids_of_workbooks(source, shown)
    elif is_one_csv(source):
        yield [csv_grid(source, shown)]
    else:
        from ssc_iati.read.workbook import workbook_grids

        yield workbook_grids(source, shown)


def passed_over(source: Source, shown: str) -> list[Finding]:
    """What a source holds beside the tables that are read: the workbooks in a folder of CSV files."""
    if isinstance(source, Database) or not source.is_dir() or not csv_files(source):
        return []
    names = ", ".join(each.name for each in workbook_files(source))
    return [finding("ssc-source-folder-mixed", Place(shown), names=names)] if names else []


def _grids_of_workbooks(folder: Path, shown: str) -> list[Grid]:
    """The sheets of every workbook in a folder, one workbook after the other."""
    from ssc_iati.read.workbook import workbook_grids

    books = ((each, f"{shown.rstrip('/')}/{each.name}") for each in workbook_files(folder))
    return [grid for path, name in books for grid in workbook_grids(path, name)]


@contextmanager
def opened_for_mapping(source: Source, shown: str, tables: Mapping[str, str]) -> Iterator[list[Grid]]:
    """The tables of a source of which nothing is known yet; SourceError if it has none."""
    from ssc_iati.read.mapping import Mapping as ColumnMapping
    from ssc_iati.read.mapping import Sheet

    reading = Reading(tables, ColumnMapping(sheet=(Sheet(),)))
    kind_of(source, shown, reading)
    with opened(source, shown, reading) as grids:
        yield grids
