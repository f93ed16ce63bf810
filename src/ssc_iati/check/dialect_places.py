"""From a value of a record, or an element of its XML, back to the cell of the other tool's sheet that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ssc_iati.check.dialect_values import fields_of
from ssc_iati.findings import Place
from ssc_iati.read.dialects.tree import Node, Spot, attribute_name
from ssc_iati.read.grid import Grid, place
from ssc_iati.record.places import NARRATIVE
from ssc_iati.record.values import At, Fact, Text

Loc = tuple[str | int, ...]


class Origin:
    """The tree of elements that a record came from, and the grids of its cells."""

    def __init__(self, root: Node, model: type[Fact], grids: Mapping[int, Grid]) -> None:
        self._root = root
        self._model = model
        self._grids = grids

    def place_of(self, spot: Spot) -> Place:
        """The place of a cell."""
        return place(self._grids[spot.grid], spot.row, spot.column)

    def place(self, loc: Loc) -> Place | None:
        """Where the value at this place of the record was written, or else what it belongs to."""
        node, attribute = _at(self._root, self._model, loc)
        return self._near(node, attribute)

    def element(self, element: Any, attribute: str | None) -> Place | None:  # noqa: ANN401 - lxml's own
        """Where an element of the record's XML, or an attribute of it, was written."""
        node = self._root
        for name, number in _way(element):
            same = [each for each in node.children if each.tag == name]
            if number >= len(same):
                break
            node = same[number]
        return self._near(node, attribute)

    def _near(self, node: Node, attribute: str | None) -> Place | None:
        """The cell of the attribute; else of the text, of anything in the element; else the row that made it."""
        wanted = None if attribute is None else attribute_name(attribute)
        spot = node.spots.get(wanted) or next((spot for _, spot in node.words.values()), None)
        if spot is None and attribute is None:
            spot = next((each for one in node.walk() for each in one.spots.values()), None)
        while spot is None and node.at is None and node.parent is not None:
            node = node.parent
        spot = spot or node.at
        return None if spot is None else self.place_of(spot)


def _way(element: Any) -> list[tuple[str, int]]:  # noqa: ANN401
    """The way to an element from its record: names, and which of its name each is."""
    steps: list[tuple[str, int]] = []
    while element.getparent() is not None and element.tag not in {"iati-activity", "iati-organisation"}:
        before = sum(1 for each in element.itersiblings(preceding=True) if each.tag == element.tag)
        steps.append((element.tag, before))
        element = element.getparent()
    return steps[::-1]


def _at(node: Node, model: type[Fact], loc: Loc) -> tuple[Node, str | None]:
    """The element, and the attribute of it, that the value at this place came from, as far as they are known."""
    steps = list(loc)
    while steps:
        field = fields_of(model).get(str(steps.pop(0)))
        mark = None if field is None else field.mark(At)
        if field is None or mark is None or "@ssc:" in mark.path:
            return node, None
        *way, last = mark.path.split("/")
        number = 0
        if steps and isinstance(steps[0], int):
            number, steps = steps[0], steps[1:]
        if last == ".":
            return node, None
        attribute = last[1:] if last.startswith("@") else None
        way = way if attribute is not None else [*way, last]
        found = _down(node, way, number if field.many and field.kind is not Text else 0)
        if found is None:
            return node, attribute if not way else None
        node = found
        if field.kind is Text:
            return _text(node, number, steps)
        if attribute is not None or not issubclass(field.kind, Fact):
            return node, attribute
        model = field.kind
    return node, None


def _down(node: Node, way: list[str], number: int) -> Node | None:
    """The element at the end of the way: of several, the one of this number."""
    for at, name in enumerate(way):
        same = [each for each in node.children if each.tag == name]
        wanted = number if at == len(way) - 1 else 0
        if wanted >= len(same):
            return None
        node = same[wanted]
    return node


def _text(node: Node, number: int, steps: list[str | int]) -> tuple[Node, str | None]:
    """The narrative of this number, or its language."""
    above = node.parent if node.tag == NARRATIVE else node
    own = [each for each in above or () if each.tag == NARRATIVE]
    if number < len(own):
        node = own[number]
    return node, "xml:lang" if steps[:1] == ["lang"] else None
