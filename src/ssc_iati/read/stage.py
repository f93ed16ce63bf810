"""The staging post: every row on disk, beside the project it belongs to, so that child rows may stand in any order.

A chunk holds the rows of a few dozen projects; a chunk is what a process takes, and a task of a flow takes some. Memory
holds the projects' keys, a few bytes for whatever else has a key, and one buffer of rows, however large the source is.
The file is SQLite, private to the run.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ssc_iati.read import meetings, shelf
from ssc_iati.read.meetings import Meetings
from ssc_iati.read.packing import packed, unpacked
from ssc_iati.read.shelf import Shelf, Shelved

CHUNK = 32
"""So many projects: as many as, with all that is made of them, a processor's cache holds; enough that what is done once
for each chunk hardly counts.
"""
BUFFERED_ROWS = 20_000
LOOSE = -1

# Most of what is written is as large as such a page: it goes to the disk, and comes from it, in few pieces.
_SCHEMA = """
PRAGMA page_size=8192;
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
CREATE TABLE part (chunk INTEGER, kind TEXT, seq INTEGER, rows BLOB, PRIMARY KEY (chunk, kind, seq)) WITHOUT ROWID;
CREATE TABLE note (name TEXT PRIMARY KEY, value BLOB);
"""


class Chunk(NamedTuple):
    """Some projects of a stage: all that a worker is told."""

    stage: str
    number: int


class Stage:
    """A staging file that is being filled; close it before its chunks are taken. `shown` names the source to people."""

    def __init__(self, path: Path, shown: str) -> None:
        self.path = path
        self.shown = shown
        self._database = sqlite3.connect(path)
        self._database.executescript(_SCHEMA + shelf.SCHEMA + meetings.SCHEMA)
        self.note("shown", shown)
        self._buffers: dict[str, dict[int, list[Any]]] = defaultdict(partial(defaultdict, list))
        self._buffered = 0
        self._sequence = 0
        self._shelf = Shelf(self._database)
        self.met = Meetings(self._database)

    def put(self, ordinal: int, kind: str, row: object, weight: int = 1) -> None:
        """Stage a row of the project of this ordinal; `LOOSE` for a row that belongs to none. The weight of a record
        is the number of rows that it would fill.
        """
        self._buffers[kind][ordinal // CHUNK].append((ordinal, row))
        self._buffered += weight
        if self._buffered >= BUFFERED_ROWS:
            self._flush()

    def share(self, kind: str, rows: Iterable[tuple[str, object]]) -> None:
        """Stage rows that any project may ask for, by key."""
        self._shelf.lay(kind, rows)

    def note(self, name: str, value: object) -> None:
        """Keep what every chunk needs to know."""
        self._database.execute("INSERT INTO note VALUES (?, ?)", (name, packed(value)))

    def close(self) -> list[Chunk]:
        """Finish; the chunks, in the order of the source."""
        self._flush()
        self._shelf.close()
        self._database.commit()
        chunks = self._database.execute("SELECT DISTINCT chunk FROM part WHERE chunk >= 0 ORDER BY chunk").fetchall()
        self._database.close()
        return [Chunk(str(self.path), number) for (number,) in chunks]

    def abandon(self) -> None:
        """Close without finishing."""
        self._database.close()

    def _flush(self) -> None:
        self._sequence += 1
        parts = (
            (chunk, kind, self._sequence, packed(rows))
            for kind, chunks in self._buffers.items()
            for chunk, rows in chunks.items()
        )
        self._database.executemany("INSERT INTO part VALUES (?, ?, ?, ?)", parts)
        self._buffers.clear()
        self._buffered = 0


class Staged:
    """A finished staging file, for reading; one connection for each process that takes chunks."""

    def __init__(self, path: str) -> None:
        # Nobody writes to it any more: without being told so, SQLite would ask and lock before each look.
        self._database = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        self._shelf = Shelved(self._database)
        self._fetched: dict[str, dict[str, list[Any]]] = {}
        notes = self._database.execute("SELECT name, value FROM note")
        self.notes: dict[str, Any] = {name: unpacked(value) for name, value in notes}

    def tables(self, number: int) -> dict[str, list[tuple[int, Any]]]:
        """The rows of everything in a chunk, kind by kind, in the order in which they were staged: each with its
        ordinal.
        """
        tables: dict[str, list[tuple[int, Any]]] = {}
        query = "SELECT kind, rows FROM part WHERE chunk = ? ORDER BY kind, seq"
        for kind, rows in self._database.execute(query, (number,)):
            tables.setdefault(kind, []).extend(unpacked(rows))
        return tables

    def rows(self, number: int) -> Iterator[tuple[str, int, Any]]:
        """Kind, ordinal and row of everything in a chunk, in the order in which it was staged."""
        for kind, rows in self.tables(number).items():
            for ordinal, row in rows:
                yield kind, ordinal, row

    def fetch(self, keys: Collection[str]) -> None:
        """Fetch the shared rows of many keys at once; `shared` then gives them, until the next time."""
        self._fetched = self._shelf.find(keys)

    def shared(self, key: str) -> Mapping[str, list[Any]]:
        """The shared rows of this key, by kind."""
        if key not in self._fetched:
            before = self._fetched
            self.fetch((key,))
            self._fetched.update(before)
        return self._fetched[key]

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def open_staged(path: str) -> closing[Staged]:
    """The staged file, closed at the end of a `with`."""
    return closing(Staged(path))
