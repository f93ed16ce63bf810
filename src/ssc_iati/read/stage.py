"""The staging post: every row on disk, beside the project it belongs to, so that child rows may stand in any order.

A chunk holds the rows of a few dozen projects; a chunk is what a process takes, and a task of a flow takes some. Memory
holds the projects' keys and one buffer of rows, however large the source is. The file is SQLite, private to the run.
"""

from __future__ import annotations

import marshal
import pickle
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import count, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from ssc_iati.text import fold

CHUNK = 32
"""So many projects: as many as, with all that is made of them, a processor's cache holds; enough that what is done once
for each chunk hardly counts.
"""
BUFFERED_ROWS = 20_000
LOOSE = -1
_AT_ONCE = 500

_SCHEMA = """
CREATE TABLE part (chunk INTEGER, kind TEXT, seq INTEGER, rows BLOB, PRIMARY KEY (chunk, kind, seq)) WITHOUT ROWID;
CREATE TABLE shared (key TEXT, kind TEXT, seq INTEGER, rows BLOB, PRIMARY KEY (key, kind, seq)) WITHOUT ROWID;
CREATE TABLE met (kind TEXT, folded TEXT, owner INTEGER, number INTEGER, value TEXT);
CREATE TABLE note (name TEXT PRIMARY KEY, value BLOB);
"""


def _packed(value: Any) -> bytes:  # noqa: ANN401
    """The value as bytes: texts and numbers in the quicker form, what it cannot hold (exact numbers, dates) in the
    other.
    """
    try:
        return b"m" + marshal.dumps(value, 2)
    except ValueError:
        return b"p" + pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def _unpacked(packed: bytes) -> Any:  # noqa: ANN401
    """The value again; the bytes are our own, from a file that only this run writes."""
    body = memoryview(packed)[1:]
    return marshal.loads(body) if packed[:1] == b"m" else pickle.loads(body)  # noqa: S301, S302


class Met(NamedTuple):
    """A key or identifier that was met: of which owner (a project's ordinal), in which row, how it was written."""

    owner: int
    number: int
    value: str


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
        self._database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        self.note("shown", shown)
        self._buffers: dict[tuple[int, str], list[Any]] = {}
        self._buffered = 0
        self._sequence = 0
        self._shares = count()
        self._met: list[tuple[str, str, int, int, str]] = []

    def put(self, ordinal: int, kind: str, row: object, weight: int = 1) -> None:
        """Stage a row of the project of this ordinal; `LOOSE` for a row that belongs to none. The weight of a record
        is the number of rows that it would fill.
        """
        self._buffers.setdefault((ordinal // CHUNK, kind), []).append((ordinal, row))
        self._buffered += weight
        if self._buffered >= BUFFERED_ROWS:
            self._flush()

    def share(self, kind: str, rows: Iterable[tuple[str, object]]) -> None:
        """Stage rows that any project may ask for, by key."""
        packed = ((key, kind, next(self._shares), _packed(row)) for key, row in rows)
        self._database.executemany("INSERT INTO shared VALUES (?, ?, ?, ?)", packed)

    def shares(self, kind: str, key: str) -> bool:
        """Whether there are shared rows of this key."""
        query = "SELECT 1 FROM shared WHERE key = ? AND kind = ?"
        return self._database.execute(query, (key, kind)).fetchone() is not None

    def meet(self, kind: str, value: str, owner: int, number: int) -> None:
        """Note a key or an identifier; `doubles` tells those that are the same as people read them."""
        self._met.append((kind, fold(value), owner, number, value))
        if len(self._met) >= BUFFERED_ROWS:
            self._write_met()

    def alike(self, kind: str, value: str) -> str | None:
        """Something of this kind that people would take for the value."""
        self._write_met()
        self._database.execute("CREATE INDEX IF NOT EXISTS by_folded ON met (kind, folded)")
        query = "SELECT value FROM met WHERE kind = ? AND folded = ? LIMIT 1"
        found = self._database.execute(query, (kind, fold(value))).fetchone()
        return None if found is None else str(found[0])

    def derive(self, kind: str, into: str, folded: str, prefix: str) -> None:
        """Note, for each owner that has one of a kind, which is no double, and none of another: that with this
        prefix.
        """
        self._write_met()
        self._database.execute(
            "INSERT INTO met SELECT ?1, ?2 || folded, owner, number, ?3 || value FROM met WHERE kind = ?4"
            " AND owner NOT IN (SELECT owner FROM met WHERE kind = ?1) AND folded NOT IN"
            " (SELECT folded FROM met WHERE kind = ?4 GROUP BY folded HAVING COUNT(*) > 1)",
            (into, folded, prefix, kind),
        )

    def doubles(self, kind: str) -> Iterator[list[Met]]:
        """Each group of those that are the same as people read them, in the order of the source."""
        self._write_met()
        query = (
            "SELECT folded, owner, number, value FROM met WHERE kind = ?1 AND folded IN"
            " (SELECT folded FROM met WHERE kind = ?1 GROUP BY folded HAVING COUNT(*) > 1)"
            " ORDER BY folded, owner, number"
        )
        found = self._database.execute(query, (kind,))
        for _, group in groupby(found, key=itemgetter(0)):
            yield [Met(*row[1:]) for row in group]

    def note(self, name: str, value: object) -> None:
        """Keep what every chunk needs to know."""
        self._database.execute("INSERT INTO note VALUES (?, ?)", (name, _packed(value)))

    def close(self) -> list[Chunk]:
        """Finish; the chunks, in the order of the source."""
        self._flush()
        self._database.commit()
        chunks = self._database.execute("SELECT DISTINCT chunk FROM part WHERE chunk >= 0 ORDER BY chunk").fetchall()
        self._database.close()
        return [Chunk(str(self.path), number) for (number,) in chunks]

    def abandon(self) -> None:
        """Close without finishing."""
        self._database.close()

    def _write_met(self) -> None:
        self._database.executemany("INSERT INTO met VALUES (?, ?, ?, ?, ?)", self._met)
        self._met.clear()

    def _flush(self) -> None:
        self._sequence += 1
        packed = ((chunk, kind, self._sequence, _packed(rows)) for (chunk, kind), rows in self._buffers.items())
        self._database.executemany("INSERT INTO part VALUES (?, ?, ?, ?)", packed)
        self._buffers.clear()
        self._buffered = 0


class Staged:
    """A finished staging file, for reading; one connection for each process that takes chunks."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
        self._fetched: dict[str, dict[str, list[Any]]] = {}
        notes = self._database.execute("SELECT name, value FROM note")
        self.notes: dict[str, Any] = {name: _unpacked(value) for name, value in notes}

    def rows(self, number: int) -> Iterator[tuple[str, int, Any]]:
        """Kind, ordinal and row of everything in a chunk, in the order in which it was staged."""
        query = "SELECT kind, rows FROM part WHERE chunk = ? ORDER BY kind, seq"
        for kind, packed in self._database.execute(query, (number,)):
            for ordinal, row in _unpacked(packed):
                yield kind, ordinal, row

    def fetch(self, keys: Collection[str]) -> None:
        """Fetch the shared rows of many keys at once; `shared` then gives them, until the next time."""
        self._fetched = {key: {} for key in keys}
        wanted = list(keys)
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            query = (
                f"SELECT key, kind, rows FROM shared WHERE key IN ({','.join('?' * len(some))}) ORDER BY key, kind, seq"  # noqa: S608 - only marks
            )
            for key, kind, packed in self._database.execute(query, some):
                self._fetched[key].setdefault(kind, []).append(_unpacked(packed))

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
