"""JSON Lines and JSON as records, streamed: every number keeps its digits, and a broken record harms no other."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import partial
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any, NamedTuple, Never, TextIO

from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding

DEPTH_LIMIT = 100
RECORD_LIMIT = 16_000_000
PROJECTS = "projects"
_BLOCK = 1 << 20
_SPACE = re.compile(r"[ \t\n\r]*")
_LAST_WORD = re.compile(r"[\w.+\\-]*\s*")
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")


class JsonRecord(NamedTuple):
    """A value as it stands, the line where it starts, and the member of the document that it belongs to."""

    line: int
    value: object
    section: str = PROJECTS


class _Trouble(NamedTuple):
    rule: str
    values: dict[str, object]


class _Stop(Exception):  # noqa: N818 - it carries a finding out of the scan, and is caught in one place
    def __init__(self, item: Finding) -> None:
        super().__init__(item.rule)
        self.finding = item


class _Reader:
    """The standard decoder, strict where it is lenient; what it met in one record is in `troubles`.

    Troubles are gathered rather than raised, so that the scan still knows where the record ends.
    """

    def __init__(self) -> None:
        self.troubles: list[_Trouble] = []
        self._decoder = JSONDecoder(
            parse_float=self._number,
            parse_int=self._integer,
            parse_constant=self._constant,
            object_pairs_hook=self._object,
        )

    def read(self, text: str, start: int = 0) -> tuple[Any, int]:
        """The value that starts here, and where it ends."""
        self.troubles.clear()
        value, end = self._decoder.raw_decode(text, start)
        if text.count("[", start, end) + text.count("{", start, end) > DEPTH_LIMIT and _depth(value) > DEPTH_LIMIT:
            self.troubles.append(_Trouble("ssc-json-too-deep", {"limit": DEPTH_LIMIT}))
        if _ESCAPED_BYTE.search(text, start, end):
            self.troubles.append(_Trouble("ssc-json-encoding", {}))
        return value, end

    def _number(self, digits: str) -> Decimal | None:
        try:
            return Decimal(digits)
        except InvalidOperation:
            self._constant(digits)
            return None

    def _integer(self, digits: str) -> int | None:
        if len(digits) < 1000:
            return int(digits)
        self._constant(digits)
        return None

    def _constant(self, name: str) -> None:
        self.troubles.append(_Trouble("ssc-json-not-a-number", {"value": name}))

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        value = dict(pairs)
        if len(value) != len(pairs):
            twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
            self.troubles.append(_Trouble("ssc-json-duplicate-key", {"key": twice}))
        return value


def _depth(value: object) -> int:
    """How deep lists and objects stand in each other, without recursion."""
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, (dict, list))]:
        depth += 1
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth


def json_lines(path: Path, shown: str) -> Iterator[JsonRecord | Finding]:
    """One record for each line that says something; a line that cannot be read is a finding, and the others go on."""
    reader, met = _Reader(), False
    with path.open("rb") as stream:
        for number, line in enumerate(iter(partial(stream.readline, RECORD_LIMIT), b""), 1):
            if number == 1 and _is_utf16(line):
                yield finding("ssc-json-utf16", Place(shown, line=1))
                return
            text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
            if text.strip():
                met = True
                yield (
                    _line(reader, text, Place(shown, line=number)) if _whole(stream, line) else _too_long(shown, number)
                )
    if not met:
        yield finding("ssc-json-empty", Place(shown))


def _whole(stream: Any, line: bytes) -> bool:  # noqa: ANN401
    """Say whether the line was read whole; go on to its end if it was not."""
    if len(line) < RECORD_LIMIT or line.endswith(b"\n"):
        return True
    while (rest := stream.readline(_BLOCK)) and not rest.endswith(b"\n"):
        pass
    return False


def _too_long(shown: str, line: int) -> Finding:
    return finding("ssc-json-too-long", Place(shown, line=line), limit=f"{RECORD_LIMIT:,}")


def _is_utf16(head: bytes) -> bool:
    return head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head[:4]


def _line(reader: _Reader, line: bytes, where: Place) -> JsonRecord | Finding:
    try:
        text = line.decode()
        value, end = reader.read(text, _space(text))
    except UnicodeDecodeError:
        return finding("ssc-json-encoding", where)
    except JSONDecodeError as error:
        return finding("ssc-json-line-broken", where, column=error.pos + 1)
    except RecursionError:
        return finding("ssc-json-too-deep", where, limit=DEPTH_LIMIT)
    if (after := _space(text, end)) < len(text):
        return finding("ssc-json-line-broken", where, column=after + 1)
    return _record(reader, JsonRecord(where.line or 0, value), where)


def _space(text: str, start: int = 0) -> int:
    """Where the space that starts here ends."""
    match = _SPACE.match(text, start)
    return match.end() if match else start


def _record(reader: _Reader, record: JsonRecord, where: Place) -> JsonRecord | Finding:
    if not reader.troubles:
        return record
    rule, values = reader.troubles[0]
    return finding(rule, where, None, **values)


def json_document(path: Path, shown: str) -> Iterator[JsonRecord | Finding]:
    """The records of a document: an array of projects, or an object whose members (`projects`, ...) hold them.

    Each item of an array is a record, any other member is one. A critical finding is the last thing said: the document
    could not be read beyond it.
    """
    with path.open("rb") as head:
        wide = _is_utf16(head.read(4))
    if wide:
        yield finding("ssc-json-utf16", Place(shown, line=1))
        return
    # A byte that is no UTF-8 is carried as a surrogate up to the record in which it stands.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        try:
            yield from _document(_Scan(stream, shown))
        except _Stop as stop:
            yield stop.finding


def _document(scan: _Scan) -> Iterator[JsonRecord | Finding]:
    start = scan.peek()
    if not start:
        scan.stop("ssc-json-empty")
    if start == "[":
        yield from _items(scan, PROJECTS)
    elif start == "{":
        yield from _members(scan)
    else:
        scan.stop("ssc-json-document-broken")
    if scan.peek():
        scan.stop("ssc-json-document-broken")


def _members(scan: _Scan) -> Iterator[JsonRecord | Finding]:
    names: set[object] = set()
    for _ in _separated(scan, "{", "}"):
        name = scan.name()
        if name in names:
            scan.stop("ssc-json-document-key", key=name)
        names.add(name)
        scan.expect(":")
        if scan.peek() == "[":
            yield from _items(scan, name)
        else:
            yield scan.record(name)


def _items(scan: _Scan, section: str) -> Iterator[JsonRecord | Finding]:
    for _ in _separated(scan, "[", "]"):
        yield scan.record(section)


def _separated(scan: _Scan, opening: str, closing: str) -> Iterator[None]:
    """Stand before each item between the brackets, in turn."""
    scan.expect(opening)
    if scan.peek() == closing:
        scan.expect(closing)
        return
    yield
    while scan.expect("," + closing) == ",":
        yield


class _Scan:
    """A place in the text of a document, of which only a part is in memory."""

    def __init__(self, stream: TextIO, shown: str) -> None:
        self._stream = stream
        self._shown = shown
        self._reader = _Reader()
        self._text = ""
        self._at = 0
        self._line = 1
        self._ended = False

    def place(self) -> Place:
        """Where the scan is."""
        return Place(self._shown, line=self._line)

    def stop(self, rule: str, **values: object) -> Never:
        """Give up with this finding."""
        raise _Stop(finding(rule, self.place(), None, **values))

    def peek(self) -> str:
        """The next sign that is no space; empty at the end."""
        while True:
            self._advance(_space(self._text, self._at))
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(_BLOCK):
                return ""

    def expect(self, signs: str) -> str:
        """Step over one of these signs."""
        sign = self.peek()
        if not sign:
            self.stop("ssc-json-document-cut")
        if sign not in signs:
            self.stop("ssc-json-document-broken")
        self._advance(self._at + 1)
        return sign

    def name(self) -> str:
        """The name of a member."""
        if self.peek() not in ('"', ""):
            self.stop("ssc-json-document-broken")
        return str(self._value())

    def record(self, section: str) -> JsonRecord | Finding:
        """The value that stands here, or what is wrong within it."""
        self.peek()
        where = self.place()
        value = self._value()
        return _record(self._reader, JsonRecord(where.line or 0, value, section), where)

    def _value(self) -> object:
        wanted = _BLOCK
        while True:
            try:
                value, end = self._reader.read(self._text, self._at)
            except JSONDecodeError as error:
                # The text may only break off where the memory does: look again with twice as much of it.
                if not self._more(wanted):
                    self._broken(error)
            except RecursionError:
                self.stop("ssc-json-document-deep", limit=DEPTH_LIMIT)
            else:
                # A number that ends where the memory does may go on.
                if end < len(self._text) or not self._more(wanted):
                    self._advance(end)
                    return value
            if len(self._text) - self._at > RECORD_LIMIT:
                self.stop("ssc-json-document-long", limit=f"{RECORD_LIMIT:,}")
            wanted *= 2

    def _broken(self, error: JSONDecodeError) -> Never:
        # Nothing but a part of a number, a word or an escape follows: the text ends there, and the fault is no other.
        cut = error.msg.startswith("Unterminated string") or _LAST_WORD.fullmatch(self._text, error.pos)
        self._advance(min(error.pos, len(self._text)))
        self.stop("ssc-json-document-cut" if cut else "ssc-json-document-broken")

    def _advance(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to

    def _more(self, wanted: int) -> bool:
        if not self._ended:
            block = self._stream.read(wanted)
            self._ended = not block
            if block:
                self._text, self._at = self._text[self._at :] + block, 0
        return not self._ended
