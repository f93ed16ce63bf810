"""The activities of a release in the making, on disk: until the last is known, nothing is decided of the first."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from ssc_iati.publish.ledger import Entry


class Kind(StrEnum):
    """What becomes of an activity: `back` was withdrawn and returns as it was; `kept` is set aside and keeps its last
    good version, `aside` has none; `missing` is in the source no more and stays until somebody decides, and `held` is
    what it may have been renamed to, which waits for that.
    """

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    ASIDE = "aside"
    BACK = "back"
    GONE = "gone"
    MISSING = "missing"
    HELD = "held"


class Line(NamedTuple):
    """An activity in the spool: what is decided by, and where its bytes lie. `renewed` says that the ledger does not
    hold it so.
    """

    identifier: str
    kind: Kind
    digest: str
    updated: str
    first_published: str
    transactions: int
    start: int
    xml: int
    record: int
    renewed: bool
    key: str | None = None


class Spool:
    """A file of the run's own; lines are read again in any order, and between others that are added."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("w+b")
        self._end = 0
        self._was_read = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, entry: Entry, kind: Kind, *, renewed: bool) -> Line:
        """Keep an activity."""
        xml, record = entry.xml or b"", entry.record.encode("utf-8", "surrogatepass")
        if self._was_read:
            self._file.seek(self._end)
            self._was_read = False
        self._file.write(xml)
        self._file.write(record)
        start, self._end = self._end, self._end + len(xml) + len(record)
        said = (entry.digest, entry.updated, entry.first_published, entry.transactions or 0)
        return Line(entry.identifier, kind, *said, start, len(xml), len(record), renewed, entry.key)

    def xml(self, line: Line) -> bytes:
        """The activity's rendering."""
        self._was_read = True
        self._file.seek(line.start)
        return self._file.read(line.xml)

    def record(self, line: Line) -> str:
        """The activity's record."""
        self._was_read = True
        self._file.seek(line.start + line.xml)
        return self._file.read(line.record).decode("utf-8", "surrogatepass")

    def entry(self, line: Line) -> Entry:
        """The activity as the ledger will hold it."""
        dates = (line.digest, line.updated, line.first_published)
        return Entry(line.identifier, *dates, self.record(line), self.xml(line), line.transactions, line.key)
