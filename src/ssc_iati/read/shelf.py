"""Rows that any project may ask for, by key: they lie on disk some to a block, in the order in which they came.

An index of marks tells in which blocks the rows of a key may lie. Projects that stand near each other mostly name what
stands near each other too: a block that is fetched then serves several. Memory holds four bytes for each row while the
shelf is filled, and eight where it is read.
"""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from zlib import crc32

from ssc_iati.read.packing import packed, unpacked

PER_BLOCK = 4
"""So many rows: few enough that it costs little to fetch them all for the sake of one."""
WRITTEN_AT_ONCE = 1_000  # blocks
SORTED_AT_ONCE = 20_000  # marks, about
_BITS = 32
"""Of a mark; and of the number of a block, which stands behind it in the index."""
_ASKED_AT_ONCE = 32

SCHEMA = """
CREATE TABLE block (number INTEGER PRIMARY KEY, rows BLOB);
CREATE TABLE marks (part INTEGER PRIMARY KEY, places BLOB);
"""
_FETCH = f"SELECT rows FROM block WHERE number IN ({', '.join('?' * _ASKED_AT_ONCE)}) ORDER BY number"  # noqa: S608
_NO_BLOCK = -1


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
        if len(self._full) == WRITTEN_AT_ONCE:
            self._write_blocks()

    def _write_blocks(self) -> None:
        self._database.executemany("INSERT INTO block VALUES (?, ?)", self._full)
        self._full.clear()

    def _write_index(self) -> None:
        """The marks in order, each with its block; sorted in parts, which bounds the memory."""
        number = len(self._marks) // SORTED_AT_ONCE + 1
        parts = [array("Q") for _ in range(number)]
        for position, mark in enumerate(self._marks):
            parts[mark * number >> _BITS].append(mark << _BITS | position // PER_BLOCK)
        rows = ((part, array("Q", sorted(places)).tobytes()) for part, places in enumerate(parts))
        self._database.executemany("INSERT INTO marks VALUES (?, ?)", rows)


class Shelved:
    """A shelf that was filled, for reading."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._places = array("Q")
        for (places,) in database.execute("SELECT places FROM marks ORDER BY part"):
            self._places.frombytes(places)

    def find(self, keys: Collection[str]) -> dict[str, dict[str, list[Any]]]:
        """The rows of each of these keys, by kind, in the order in which they were laid down."""
        found: dict[str, dict[str, list[Any]]] = {key: {} for key in keys}
        for block in self._read(sorted(self._blocks(keys))):
            for key, kind, row in block:
                if key in found:
                    found[key].setdefault(kind, []).append(row)
        return found

    def _blocks(self, keys: Collection[str]) -> set[int]:
        """Where rows of these keys lie; perhaps others too, since two keys may have one mark."""
        places, blocks = self._places, set[int]()
        for mark in map(_mark, keys):
            first, after = mark << _BITS, (mark + 1) << _BITS
            at = bisect_left(places, first)
            while at < len(places) and places[at] < after:
                blocks.add(places[at] - first)
                at += 1
        return blocks

    def _read(self, numbers: list[int]) -> Iterator[list[tuple[str, str, Any]]]:
        for start in range(0, len(numbers), _ASKED_AT_ONCE):
            some = numbers[start : start + _ASKED_AT_ONCE]
            some += [_NO_BLOCK] * (_ASKED_AT_ONCE - len(some))
            for (block,) in self._database.execute(_FETCH, some):
                yield unpacked(block)
