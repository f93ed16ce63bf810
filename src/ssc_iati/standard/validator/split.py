"""Cuts an IATI file into batches of whole activities as its bytes come, so that memory does not grow with the file.

Only what bounds an activity is looked at (its tags, comments, CDATA, processing instructions); everything is parsed
afterwards, batch by batch, each wrapped in the file's own root tag. So a file is well-formed if and only if its
head, its batches and its end are.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import NamedTuple

_CLOSING = {b"!--": re.compile(rb"-->"), b"![CDATA[": re.compile(rb"\]\]>"), b"?": re.compile(rb"\?>")}
_TAG_END = re.compile(rb"""(?:[^"'/>]|"[^"]*+"|'[^']*+'|/(?!>))*+(/?>)""")
_IN_TAG = re.compile(rb"""["']|/?>""")
_QUOTES = {b'"': re.compile(rb'"'), b"'": re.compile(rb"'")}
_PROLOG = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_DOCTYPE = re.compile(
    rb"""<!DOCTYPE\s(?:[^"'\[>]|"[^"]*"|'[^']*')*+(\[(?:[^"'\]]|"[^"]*"|'[^']*')*+\]\s*)?>""", re.DOTALL
)
_ROOT = re.compile(rb"""<([^\s/>!?<]+)((?:\s+[^\s=>/<]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*+)\s*(/?)>""")
_BLANK = re.compile(rb"\r\n|[ \t\r\n]")
_LONGEST_TOKEN = 32

BATCH = 1 << 18
HEAD_LIMIT = 1 << 20
ITEM_LIMIT = 32 << 20
NODE_LIMIT = 400_000


class Head(NamedTuple):
    """What stands before the content: `prolog` before the root, as it is; the root's start tag on one line, its end
    tag, and whether it is an empty root, without one.

    `doctype` stands in the prolog, if there is any; `declares` says that it declares something of its own; `length`,
    `line` and `before` (how many signs into the line) say where the content begins.
    """

    prolog: bytes
    tag: bytes
    end: bytes
    empty: bool
    doctype: bytes
    declares: bool
    length: int
    line: int
    before: int


class Item(NamedTuple):
    """Where an activity stands in its batch: from `start` to `end`, and from `gap` what goes before it."""

    gap: int
    start: int
    end: int


class Batch(NamedTuple):
    """Whole activities as they stand in the file, and what stands between them; the first byte is in `line`, `before`
    signs into it.
    """

    number: int
    data: bytes
    line: int
    before: int
    first: int
    items: tuple[Item, ...]


class TooLarge(NamedTuple):
    """An activity that is larger than can be judged in bounded memory: left out whole."""

    line: int
    number: int
    size: int


class Tail(NamedTuple):
    """What stands after the last activity, the root's end tag included."""

    data: bytes
    line: int
    too_large: bool = False


def head(start: bytes) -> Head | None:
    """Read what stands before the content; None if it is no head of an XML file, or not whole."""
    at = _prolog_end(start, 0)
    doctype, declares = b"", False
    if start.startswith(b"<!DOCTYPE", at):
        found = _DOCTYPE.match(start, at)
        if found is None:
            return None
        doctype, declares = found[0], found[1] is not None
        at = _prolog_end(start, found.end())
    root = _ROOT.match(start, at)
    if root is None:
        return None
    tag, end = b"<" + root[1] + _BLANK.sub(b" ", root[2]) + b">", b"</" + root[1] + b">"
    length = root.end()
    line = 1 + start.count(b"\n", 0, length)
    return Head(start[:at], tag, end, bool(root[3]), doctype, declares, length, line, _signs(start, 0, length))


def _prolog_end(start: bytes, at: int) -> int:
    found = _PROLOG.match(start, at)
    return found.end() if found else at


def _signs(data: bytes, start: int, end: int, before: int = 0) -> int:
    """How many signs stand in the last line of a stretch of the data, of which `before` stand before it."""
    broken = data.rfind(b"\n", start, end)
    begin = start if broken < 0 else broken + 1
    return len(data[begin:end].decode("utf-8", "replace")) + (before if broken < 0 else 0)


class Splitter:
    """Cuts what follows a head; give it the blocks, and take batches, what is too large, and the tail, in the file's
    order.

    Positions count from the first byte of the content. What was handed out is dropped before the next block is taken,
    so that the buffer holds at most a batch, one activity of `limit` bytes, and a block.
    """

    def __init__(
        self, content: Iterator[bytes], item: bytes, top: Head, batch: int = BATCH, limit: int = ITEM_LIMIT
    ) -> None:
        self._blocks, self._batch, self._limit = content, batch, limit
        self._buffer, self._base, self._line, self._before = b"", 0, top.line, top.before
        self._token = re.compile(rb"</?%b(?=[\s/>])|<!--|<!\[CDATA\[|<\?" % re.escape(item))
        self._gone = 0  # so much of the buffer was handed out
        self._number = self._index = self._looked = 0
        self._begin = 0  # where the next batch begins
        self._start: int | None = None  # where the activity begins that is open, if one is
        self._items: list[tuple[int, int, int]] = []
        self._left_out: int | None = None  # the line of an activity that is too large, while it is passed over

    def parts(self) -> Iterator[Batch | TooLarge | Tail]:
        """Everything, in order; the tail is last."""
        depth = 0
        for kind, start, end in self._tokens():
            if kind == _GROWN:
                yield from self._slimmed()
                continue
            if kind == _OPEN and depth == 0:
                self._start = start
            depth += kind
            if depth <= 0 and self._start is not None:
                yield from self._closed(end)
            elif depth == 0 and kind == _EMPTY:
                self._start = start
                yield from self._closed(end)
            depth = max(depth, 0)
        if self._left_out is not None:
            yield TooLarge(self._left_out, self._index, self._end - self._begin)
        if self._items:
            yield self._cut()
        yield self._tail()

    @property
    def _end(self) -> int:
        return self._base + len(self._buffer)

    def _closed(self, end: int) -> Iterator[Batch | TooLarge]:
        """An activity ends here."""
        start, self._start = self._start, None
        if self._left_out is None and self._is_dense(start, end):
            if self._items:
                yield self._cut()
            self._left_out = self._line_of(start)
        if self._left_out is not None:
            yield TooLarge(self._left_out, self._index, end - self._begin)
            self._left_out, self._begin = None, end
            self._index += 1
            self._drop(end)
            return
        gap = self._items[-1][2] if self._items else self._begin
        self._items.append((gap, gap if start is None else start, end))
        if end - self._begin >= self._batch:
            yield self._cut()

    def _is_dense(self, start: int | None, end: int) -> bool:
        """Whether an activity holds so many tags and attributes that its tree, not its text, would be too large."""
        if start is None or end - start < NODE_LIMIT:
            return False
        begin, stop = start - self._base, end - self._base
        return self._buffer.count(b"<", begin, stop) // 2 + self._buffer.count(b"=", begin, stop) > NODE_LIMIT

    def _slimmed(self) -> Iterator[Batch]:
        """Another block came: hand out what is whole, and pass over what has grown too large."""
        if len(self._buffer) <= self._limit + self._batch:
            return
        if self._items:
            yield self._cut()
        if self._left_out is None and self._end - self._begin > self._limit:
            self._left_out = self._line_of(self._start)
        if self._left_out is not None:
            self._drop(self._looked)

    def _line_of(self, start: int | None) -> int:
        """The line of an activity's beginning, or, where none is open, of what stands before the next."""
        here = (self._begin if start is None else start) - self._base
        return self._line + self._buffer.count(b"\n", self._gone, here)

    def _cut(self) -> Batch:
        """The activities that are whole, as a batch."""
        begin, end = self._begin, self._items[-1][2]
        data = self._buffer[begin - self._base : end - self._base]
        items = tuple(Item(gap - begin, start - begin, stop - begin) for gap, start, stop in self._items)
        self._drop(begin)
        batch = Batch(self._number, data, self._line, self._before, self._index, items)
        self._number, self._index = self._number + 1, self._index + len(items)
        self._items.clear()
        self._begin = end
        self._drop(end)
        return batch

    def _tail(self) -> Tail:
        self._drop(self._begin)
        if self._left_out is not None:
            return Tail(b"", self._line, too_large=True)
        return Tail(self._buffer[self._gone :], self._line)

    def _drop(self, until: int) -> None:
        """Let go of what stands before a position."""
        start, end = self._gone, until - self._base
        if end > start:
            self._line += self._buffer.count(b"\n", start, end)
            self._before = _signs(self._buffer, start, end, self._before)
            self._gone = end

    def _more(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        with memoryview(self._buffer) as had:
            self._buffer = b"".join((had[self._gone :], block))
        self._base, self._gone = self._base + self._gone, 0
        return True

    # --- Tokens -------------------------------------------------------------------------------------------------------

    def _tokens(self) -> Iterator[tuple[int, int, int]]:
        """What bounds activities: what it does to the depth, where it begins, where it ends; and `_GROWN` after each
        block.
        """
        at = 0
        while True:
            found = yield from self._reach(self._token, at)
            if found is None:
                return
            mark, begin, at = found
            closing = _CLOSING.get(mark.lstrip(b"<"))
            if closing is not None:
                ended = yield from self._reach(closing, at)
                if ended is None:
                    return
                at = ended[2]
                continue
            tag = yield from self._tag_end(at)
            if tag is None:
                return
            is_empty, at = tag
            yield (_CLOSE if mark[1:2] == b"/" else _EMPTY if is_empty else _OPEN), begin, at

    def _tag_end(self, at: int) -> Generator[tuple[int, int, int], None, tuple[bool, int] | None]:
        """Where a tag ends, quoted values passed over; and whether it closes itself."""
        whole = _TAG_END.match(self._buffer, at - self._base)
        if whole is not None:
            return whole[1] == b"/>", self._base + whole.end()
        # The block ends within the tag, which may go on for very long: what was seen of it is not looked at again.
        while True:
            found = yield from self._reach(_IN_TAG, at)
            if found is None:
                return None
            mark, _, at = found
            if mark.endswith(b">"):
                return mark == b"/>", at
            quoted = yield from self._reach(_QUOTES[mark], at)
            if quoted is None:
                return None
            at = quoted[2]

    def _reach(
        self, sought: re.Pattern[bytes], at: int
    ) -> Generator[tuple[int, int, int], None, tuple[bytes, int, int] | None]:
        """The next match from a position on, and where it begins and ends; None if the file ends first."""
        while True:
            found = sought.search(self._buffer, at - self._base)
            # A match at the very end may be half of a longer one (`</iati-activity` of `</iati-activity-x`): the
            # pattern looks ahead.
            if found is not None:
                return found[0], self._base + found.start(), self._base + found.end()
            at = max(at, self._end - _LONGEST_TOKEN)
            self._looked = at
            if not self._more():
                return None
            yield _GROWN, 0, 0


_OPEN, _CLOSE, _EMPTY, _GROWN = 1, -1, 0, 2
