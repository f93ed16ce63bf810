"""Where an element or attribute stands in the file: line and character of its own first sign, and its path.

The parser tells only the line in which a start tag ends. Where one tag of the name stands in that line, and no earlier
one ends in it, that is the tag; where it is not so, the tags of the activity's text are counted.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate

from ssc_iati.standard.validator.gather import Element
from ssc_iati.standard.validator.kinds import Spot
from ssc_iati.standard.validator.paths import XML

_TAG = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?=[^/!?])", re.DOTALL)
_WHOLE = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*+>""")
_ATTRIBUTE = re.compile(rb"""\s([^\s=]+)\s*=\s*("[^"]*"|'[^']*')""")
_TOLD = 65_535  # lines from here on the parser does not tell truly
_AFTER_NAME = (b" ", b">", b"/", b"\n", b"\r", b"\t", b"")
_ROOTS = {"iati-activity": "iati-activities", "iati-organisation": "iati-organisations"}


Where = tuple[int, int | None, str | None]  # line, character, path


class Text:
    """The text that a tree was parsed from: `data` in UTF-8, whose first byte stands in `line` of the file, `before`
    signs into it.
    """

    def __init__(self, data: bytes, line: int, before: int = 0) -> None:
        self.data, self.line, self.before = data, line, before
        self._counted = (0, 0, 0)

    @cached_property
    def _begins(self) -> list[int]:
        """Where each line begins; at last, where one more would."""
        data = self.data
        if data.count(b"\r") == data.count(b"\r\n") and not data.endswith(b"\n"):
            lines = data.splitlines(keepends=True)
            return [*[*accumulate(map(len, lines), initial=0)][:-1], len(data) + 1]
        return list(accumulate((len(line) + 1 for line in data.split(b"\n")), initial=0))

    @cached_property
    def _ascii(self) -> bool:
        return self.data.isascii()

    def position(self, offset: int) -> tuple[int, int]:
        """Line and character, both from 1, of a byte."""
        row = bisect_right(self._begins, offset) - 1
        signs = offset - self._begins[row] if self._ascii else self._signs(row, offset)
        return self.line + row, signs + 1 + (0 if row else self.before)

    def row(self, number: int) -> tuple[int, int]:
        """Where a line of the text (from 0) begins and ends."""
        return self._begins[number], self._begins[number + 1] - 1

    def _signs(self, row: int, offset: int) -> int:
        """How many signs stand before a byte in its line: counted on from the last one asked, since a line may be the
        whole file.
        """
        last, at, signs = self._counted
        if last != row or at > offset:
            at, signs = self._begins[row], 0
        signs += len(self.data[at:offset].decode("utf-8", "replace"))
        self._counted = row, offset, signs
        return signs


class Places:
    """The places in one activity, the `index`-th of its file; its text stands in `text` from `start` to `end`."""

    def __init__(self, activity: Element, text: Text, start: int, end: int, index: int) -> None:
        self._activity, self._text, self._start, self._end = activity, text, start, end
        self._tree = activity.getroottree()
        self._above = len(self._tree.getpath(activity))
        top = str(activity.tag)
        self._own = f"/{_ROOTS.get(top, '*')}/{top}[{index + 1}]"

    def of(self, spot: Spot) -> Where:
        """The place of an element, or of an attribute's value."""
        element, attribute = spot
        at, path = self._offset(element), self._own + self._tree.getpath(element)[self._above :]
        if attribute is not None:
            name = attribute.replace(XML, "xml:")
            at, path = self._value(at, name), f"{path}/@{name}"
        line, character = self._text.position(at)
        return line, character, path

    def _offset(self, element: Element) -> int:
        """Where the element's start tag begins."""
        line = element.sourceline
        if isinstance(line, int) and line < _TOLD:
            at = self._only(str(element.tag).encode(), *self._text.row(line - 1))
            if at is not None:
                return at
        return self._tags[self._ordinals[element]]

    def _only(self, name: bytes, begin: int, end: int) -> int | None:
        """Where the only tag of a name begins that ends in a line; None if that cannot be seen at once."""
        begin, end, data, opening = max(begin, self._start), min(end, self._end), self._text.data, b"<" + name
        at = data.find(opening, begin, end)
        if at < 0 or data.find(opening, at + 1, end) >= 0 or data.find(b"<!", begin, end) >= 0:
            return None
        if data[at + len(opening) : at + len(opening) + 1] not in _AFTER_NAME:
            return None
        last = data.rfind(b"<", self._start, begin)
        if last >= 0 and data.startswith(opening, last):
            ended = _WHOLE.match(data, last, begin)
            return at if ended else None
        return at

    @cached_property
    def _tags(self) -> list[int]:
        """Where each start tag begins, in the order of the text."""
        found = _TAG.finditer(self._text.data, self._start, self._end)
        return [each.start() for each in found if each.end() - each.start() == 1]

    @cached_property
    def _ordinals(self) -> dict[Element, int]:
        return {element: number for number, element in enumerate(self._activity.iter())}

    def _value(self, tag: int, name: str) -> int:
        """Where the value of an attribute begins (its quote), in the tag that begins at an offset."""
        wanted = name.encode()
        for each in _ATTRIBUTE.finditer(self._text.data, tag, self._end):
            if each[1] == wanted:
                return each.start(2)
        return tag
