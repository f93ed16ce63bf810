"""Rows on their way through a mapping, on disk: of the sheets as they stood, and of the tables made of them.

The file is SQLite, private to the run, and lies beside the stage: what is set aside finds its own rows there again.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from ssc_iati.findings import Finding
from ssc_iati.read.grid import Cell

FILE = "mapped.sqlite"

_SCHEMA = """
CREATE TABLE made (name TEXT, seq INTEGER, content BLOB, PRIMARY KEY (name, seq)) WITHOUT ROWID;
CREATE TABLE original (sheet INTEGER, number INTEGER, content BLOB, PRIMARY KEY (sheet, number)) WITHOUT ROWID;
"""


class Entry(NamedTuple):
    """A row of a table: its number, its cells, and what is wrong with it."""

    number: int
    cells: list[Cell]
    findings: list[Finding]


class Spool:
    """A spool that is being filled."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA + "BEGIN;")
        self._sequence = 0

    def keep(self, sheet: int, number: int, cells: list[Cell]) -> None:
        """Keep a row of a sheet as it stood."""
        self._database.execute("INSERT INTO original VALUES (?, ?, ?)", (sheet, number, _packed(cells)))

    def put(self, table: str, entry: Entry) -> int:
        """Add a row to a table; by what it can be found again."""
        self._sequence += 1
        self._database.execute("INSERT INTO made VALUES (?, ?, ?)", (table, self._sequence, _packed(tuple(entry))))
        return self._sequence

    def find(self, table: str, sequence: int) -> Entry:
        """A row that was added."""
        query = "SELECT content FROM made WHERE name = ? AND seq = ?"
        return _entry(self._database.execute(query, (table, sequence)).fetchone()[0])

    def change(self, table: str, sequence: int, entry: Entry) -> None:
        """Put a row in the place of one that was added."""
        query = "UPDATE made SET content = ? WHERE name = ? AND seq = ?"
        self._database.execute(query, (_packed(tuple(entry)), table, sequence))

    def close(self) -> None:
        """Finish; the rows can be read from now on."""
        self._database.execute("COMMIT")
        self._database.close()


def made_rows(path: Path, table: str) -> Iterator[Entry]:
    """The rows of a table, in the order in which they were added."""
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT content FROM made WHERE name = ? ORDER BY seq"
        for (content,) in database.execute(query, (table,)):
            yield _entry(content)


class Originals:
    """The rows of the sheets as they stood; to be closed."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path)

    def row(self, sheet: int, number: int) -> list[Cell]:
        """A row of a sheet."""
        query = "SELECT content FROM original WHERE sheet = ? AND number = ?"
        cells: list[Cell] = pickle.loads(self._database.execute(query, (sheet, number)).fetchone()[0])  # noqa: S301 - our own file
        return cells

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _packed(value: object) -> bytes:
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def _entry(content: bytes) -> Entry:
    return Entry(*pickle.loads(content))  # noqa: S301 - our own file
