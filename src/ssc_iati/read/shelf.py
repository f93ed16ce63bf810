"""Rows that any project may ask for, by key: they lie on disk some to a block, in the order in which they came.

An index of marks tells in which blocks the rows of a key may lie. Projects that stand near each other mostly name what
stands near each other too: a block that is fetched then serves several. Memory holds four bytes for each row.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from zlib import crc32

from ssc_iati.read.packing import packed, unpacked

PER_BLOCK = 16
"""So many rows: few enough that it costs little to fetch them all for the sake of one."""
_WRITTEN_AT_ONCE = 1_000  # blocks
_PER_PAGE = 64  # marks
_INDEXED_AT_ONCE = 500_000  # marks
_REMEMBERED = 20_000  # marks

SCHEMA = """
CREATE TABLE block (number INTEGER PRIMARY KEY, rows BLOB);
CREATE TABLE page (number INTEGER PRIMARY KEY, blocks BLOB);
CREATE TABLE pages (number INTEGER);
"""


def _mark(key: str) -> int:
    """A number for the key, the same in every process, as Python's own hash is not."""
    return crc32(key.encode("utf-8", "surrogatepass"))


class Shelf:
    """A shelf that is being filled."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._marks = array("I")
        self._block: list[tuple[str, str, object]] = []
        self._full: list[tuple[int, bytes]] = []
        self._blocks = 0

    def lay(self, kind: str, rows: Iterable[tuple[str, object]]) -> None:
        """Put rows on the shelf, each under its key."""
        for key, row in rows:
            self._marks.append(_mark(key))
            self._block.append((key, kind, row))
            if len(self._block) == PER_BLOCK:
                self._put_away()

    def close(self) -> None:
        """Write what is left, and the index."""
        self._put_away()
        self._write_blocks()
        self._write_index()

    def _put_away(self) -> None:
        self._full.append((self._blocks, packed(self._block)))
        self._blocks += 1
        self._block = []
        if len(self._full) == _WRITTEN_AT_ONCE:
            self._write_blocks()

    def _write_blocks(self) -> None:
        self._database.executemany("INSERT INTO block VALUES (?, ?)", self._full)
        self._full.clear()

    def _write_index(self) -> None:
        """For each mark its blocks, many marks to a page; only some of the pages at once, which bounds the memory."""
        turns = len(self._marks) // _INDEXED_AT_ONCE + 1
        pages = turns * (len(self._marks) // (turns * _PER_PAGE) + 1)
        for turn in range(turns):
            made: dict[int, dict[int, list[int]]] = defaultdict(dict)
            for position, mark in enumerate(self._marks):
                if mark % turns == turn:
                    made[mark % pages].setdefault(mark, []).append(position // PER_BLOCK)
            rows = ((number, packed(page)) for number, page in made.items())
            self._database.executemany("INSERT INTO page VALUES (?, ?)", rows)
        self._database.execute("INSERT INTO pages VALUES (?)", (pages,))


class Shelved:
    """A shelf that was filled, for reading; it remembers some of the index."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        (self._pages,) = database.execute("SELECT number FROM pages").fetchone()
        self._known: set[int] = set()
        self._places: dict[int, list[int]] = {}

    def find(self, keys: Collection[str]) -> dict[str, dict[str, list[Any]]]:
        """The rows of each of these keys, by kind, in the order in which they were laid down."""
        found: dict[str, dict[str, list[Any]]] = {key: {} for key in keys}
        for number in sorted(self._blocks(keys)):
            for key, kind, row in self._read("SELECT rows FROM block WHERE number = ?", number, ()):
                if key in found:
                    found[key].setdefault(kind, []).append(row)
        return found

    def _blocks(self, keys: Collection[str]) -> set[int]:
        """Where rows of these keys lie; perhaps others too, since two keys may have one mark."""
        blocks: set[int] = set()
        for mark in map(_mark, keys):
            page = mark % self._pages
            if page not in self._known:
                self._learn(page)
            blocks.update(self._places.get(mark, ()))
        return blocks

    def _learn(self, page: int) -> None:
        if len(self._places) > _REMEMBERED:
            self._known.clear()
            self._places.clear()
        self._known.add(page)
        self._places.update(self._read("SELECT blocks FROM page WHERE number = ?", page, {}))

    def _read(self, query: str, number: int, otherwise: Any) -> Any:  # noqa: ANN401 - as it was packed
        found = self._database.execute(query, (number,)).fetchone()
        return otherwise if found is None else unpacked(found[0])
