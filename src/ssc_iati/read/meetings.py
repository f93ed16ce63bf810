"""Keys and identifiers that were met, and which of them are the same as people read them.

Hardly any are: memory holds a number for each, by which that is told. Only where two may be the same, or where the one
closest to another is asked for, all of a kind are put into a table and compared there.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from ssc_iati.read.packing import packed, unpacked
from ssc_iati.text import fold, folded

BUFFERED = 5_000
COMPARED_AT_ONCE = 20_000

SCHEMA = """
CREATE TABLE meeting (kind TEXT, rows BLOB);
CREATE TABLE met (kind TEXT, folded TEXT, owner INTEGER, number INTEGER, value TEXT);
"""


class Met(NamedTuple):
    """A key or identifier that was met: of which owner (a project's ordinal), in which row, how it was written."""

    owner: int
    number: int
    value: str


class _Kind:
    """What was met of one kind: a hash of each as people read it, and those that are not written yet."""

    __slots__ = ("hashes", "rows")

    def __init__(self) -> None:
        self.hashes = array("q")
        self.rows: list[tuple[int, int, str]] = []

    def may_hold_doubles(self) -> bool:
        """Whether two have the same hash; only some are compared at once, which bounds the memory."""
        turns = len(self.hashes) // COMPARED_AT_ONCE + 1
        if turns == 1:
            return len(set(self.hashes)) < len(self.hashes)
        parts = [array("q") for _ in range(turns)]
        for each in self.hashes:
            parts[each % turns].append(each)
        return any(len(set(part)) < len(part) for part in parts)


class Meetings:
    """What was met in a source."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._kinds: dict[str, _Kind] = defaultdict(_Kind)
        self._derived: set[str] = set()

    def meet(self, kind: str, value: str, owner: int, number: int) -> None:
        """Note a key or an identifier; `doubles` tells those that are the same as people read them."""
        met = self._kinds[kind]
        met.hashes.append(hash(folded(value)))
        met.rows.append((owner, number, value))
        if len(met.rows) >= BUFFERED:
            self._database.execute("INSERT INTO meeting VALUES (?, ?)", (kind, packed(met.rows)))
            met.rows.clear()

    def has(self, kind: str, value: str) -> bool:
        """Whether exactly this was met."""
        self._compare(kind)
        query = "SELECT 1 FROM met WHERE kind = ? AND folded = ? AND value = ? LIMIT 1"
        return self._database.execute(query, (kind, fold(value), value)).fetchone() is not None

    def alike(self, kind: str, value: str) -> str | None:
        """Something of this kind that people would take for the value."""
        self._compare(kind)
        query = "SELECT value FROM met WHERE kind = ? AND folded = ? LIMIT 1"
        found = self._database.execute(query, (kind, fold(value))).fetchone()
        return None if found is None else str(found[0])

    def derive(self, kind: str, into: str, folded: str, prefix: str) -> None:
        """Note, for each owner that has one of a kind, which is no double, and none of another: that with this
        prefix. Left out where there is none of the other: with one prefix all differ as they did without.
        """
        if not self._kinds[into].hashes:
            return
        self._tabulate(kind)
        self._tabulate(into)
        self._derived.add(into)
        self._database.execute(
            "INSERT INTO met SELECT ?1, ?2 || folded, owner, number, ?3 || value FROM met WHERE kind = ?4"
            " AND owner NOT IN (SELECT owner FROM met WHERE kind = ?1) AND folded NOT IN"
            " (SELECT folded FROM met WHERE kind = ?4 GROUP BY folded HAVING COUNT(*) > 1)",
            (into, folded, prefix, kind),
        )

    def doubles(self, kind: str) -> Iterator[list[Met]]:
        """Each group of those that are the same as people read them, in the order of the source."""
        if kind not in self._derived and not self._kinds[kind].may_hold_doubles():
            return
        self._tabulate(kind)
        query = (
            "SELECT folded, owner, number, value FROM met WHERE kind = ?1 AND folded IN"
            " (SELECT folded FROM met WHERE kind = ?1 GROUP BY folded HAVING COUNT(*) > 1)"
            " ORDER BY folded, owner, number"
        )
        found = self._database.execute(query, (kind,))
        for _, group in groupby(found, key=itemgetter(0)):
            yield [Met(*row[1:]) for row in group]

    def _compare(self, kind: str) -> None:
        self._tabulate(kind)
        self._database.execute("CREATE INDEX IF NOT EXISTS by_folded ON met (kind, folded)")

    def _tabulate(self, kind: str) -> None:
        """Put what was met of a kind into the table, as far as it is not there yet."""
        written = self._database.execute("SELECT rows FROM meeting WHERE kind = ? ORDER BY rowid", (kind,))
        for (rows,) in written:
            self._put(kind, unpacked(rows))
        self._database.execute("DELETE FROM meeting WHERE kind = ?", (kind,))
        self._put(kind, self._kinds[kind].rows)
        self._kinds[kind].rows.clear()

    def _put(self, kind: str, rows: list[tuple[int, int, str]]) -> None:
        spelt = ((kind, fold(value), owner, number, value) for owner, number, value in rows)
        self._database.executemany("INSERT INTO met VALUES (?, ?, ?, ?, ?)", spelt)
