"""An activity grown from its rows: elements of IATI as cells fill them, each value still a cell and with its place.

A node has what `ssc_iati.read.iati_xml` asks of an element, so that both come into a record by the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple, TypeAlias

from ssc_iati.findings import Finding
from ssc_iati.messages import finding
from ssc_iati.read.dialects.carried import Key, key_of
from ssc_iati.read.dialects.declared import Column, Dialect, Step
from ssc_iati.read.dialects.headed import Headed
from ssc_iati.read.dialects.ways import repeats
from ssc_iati.read.grid import Cell, place
from ssc_iati.read.iati_xml import LANG
from ssc_iati.read.lanes import is_blank, shown
from ssc_iati.record.places import NARRATIVE
from ssc_iati.text import fold

Row: TypeAlias = tuple[int, list[Cell]]


class Spot(NamedTuple):
    """A cell of a source: the number of its grid, its row, its column (from 0; None for the row as a whole)."""

    grid: int
    row: int
    column: int | None


class Node:
    """An element in the making. `spots` says where each attribute was written, under None where the text was; `words`
    are the parts of a text that stand in several cells; `at` is the row that made it.
    """

    __slots__ = ("at", "attrib", "children", "names", "parent", "spots", "text", "words")

    tail: ClassVar[None] = None
    nsmap: ClassVar[dict[str | None, str]] = {}

    def __init__(self, names: tuple[str, ...], parent: Node | None, at: Spot | None) -> None:
        self.names = names
        self.parent = parent
        self.at = at
        self.attrib: dict[str, Any] = {}
        self.text: Any = None
        self.children: list[Node] = []
        self.spots: dict[str | None, Spot] = {}
        self.words: dict[int, tuple[Any, Spot]] = {}

    @property
    def tag(self) -> str:
        """The name of the element."""
        return self.names[-1]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.children)

    def __len__(self) -> int:
        return len(self.children)

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as an element has it
        """The value of an attribute."""
        return self.attrib.get(name, default)

    def itersiblings(self) -> Iterator[Node]:
        """The elements after this one."""
        siblings = self.parent.children if self.parent is not None else [self]
        return iter(siblings[siblings.index(self) + 1 :])

    def add(self, step: Step, at: Spot | None) -> Node:
        """A new child."""
        child = Node((*self.names, step.name), self, at)
        child.attrib.update((attribute_name(name), value) for name, value in step.given)
        self.children.append(child)
        return child

    def last(self, step: Step) -> Node | None:
        """The last child of this name that says what the step does."""
        return next((each for each in reversed(self.children) if each.is_one(step)), None)

    def is_one(self, step: Step) -> bool:
        """Whether the element has the name, and says what the step does."""
        return self.tag == step.name and all(self.get(attribute_name(name)) == value for name, value in step.given)

    def walk(self) -> Iterator[Node]:
        """The element and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


def attribute_name(name: str) -> str:
    """The name of an attribute as elements have it."""
    return LANG if name == "xml:lang" else name


class Growth:
    """One record in the making; `findings` is what is wrong with the way its rows hang together."""

    def __init__(self, dialect: Dialect) -> None:
        self.root = Node((dialect.root,), None, None)
        self.findings: list[Finding] = []
        self._dialect = dialect
        self._known: dict[tuple[str, Key], list[Node]] = {}
        self._groups: dict[tuple[int, tuple[str, ...], str], Node] = {}
        self._above: dict[int, Key] = {}

    def add(self, on: Headed, row: int, cells: list[Cell]) -> None:
        """Add a row; a parent's rows go before those that name it."""
        said = [(index, column) for index, column in on.columns if not is_blank(_cell(cells, index))]
        if all(_only_tells_language(column, on) for _, column in said):
            said = []
        keyed = any(not is_blank(_cell(cells, on.at.get(each))) for each in on.sheet.keys)
        if not said and not keyed:
            return
        if self.root.at is None:
            self.root.at = Spot(on.number, row, None)
        base = self._base(on, row, cells)
        if base is None:
            return
        made: dict[tuple[bool, tuple[Step, ...]], Node] = {}
        for index, column in sorted(said, key=lambda each: _tells_language(each[1])):
            if not column.position and (
                not _tells_language(column) or not column.steps or (column.up, column.steps) in made
            ):
                self._put(
                    on, self._reach(on, row, cells, base, column, made), column, Spot(on.number, row, index), cells
                )
        self._note(on, cells, base)

    # --- The element that a row makes ---------------------------------------------------------------------------------

    def _base(self, on: Headed, row: int, cells: list[Cell]) -> Node | None:
        anchor = self._anchor(on, row, cells)
        steps = self._steps(on, row, cells)
        if anchor is None or steps is None:
            return None
        at = Spot(on.number, row, None)
        for step in steps[:-1]:
            anchor = self._numbered(on, cells, anchor, step, at)
        return anchor if not steps else self._child(anchor, steps[-1], at, goes_on=self._goes_on(on, cells, ()))

    def _steps(self, on: Headed, row: int, cells: list[Cell]) -> tuple[Step, ...] | None:
        if on.sheet.base_by is None:
            return on.sheet.base
        index = on.at.get(on.sheet.base_by)
        said = shown(_cell(cells, index)).strip()
        for value, steps in on.sheet.bases.items():
            if fold(said) == fold(value):
                return steps
        where = place(on.grid, row, index)
        self.findings.append(finding("ssc-term-unknown", where, value=said, suggestion=", ".join(on.sheet.bases)))
        return None

    def _numbered(self, on: Headed, cells: list[Cell], anchor: Node, step: Step, at: Spot) -> Node:
        """The element between the activity and the base: rows of the same number share one."""
        numbered = next((index for index, column in on.columns if column.position and column.up), None)
        number = shown(_cell(cells, numbered)).strip()
        if not number:
            return self._child(anchor, step, at)
        group = (on.number, (*anchor.names, step.name), number)
        if group not in self._groups:
            self._groups[group] = self._child(anchor, step, at)
        return self._groups[group]

    def _anchor(self, on: Headed, row: int, cells: list[Cell]) -> Node | None:
        """The element that the base stands in: the record itself, or the one that the row names by its keys."""
        if on.sheet.parent is None:
            return self.root
        key = key_of(on, cells, on.sheet.join)
        if self._dialect.carries:
            key = self._above[on.number] = key if any(key) else self._above.get(on.number, key)
        found = self._known.get((on.sheet.name, key), [])
        if len(found) == 1:
            return found[0]
        rule = "ssc-layout-join-ambiguous" if found else "ssc-parent-unknown"
        where = place(on.grid, row, on.at.get(next(iter(on.sheet.join))))
        said, identifier = (
            " / ".join(key),
            shown(next((n.text for n in self.root if n.tag == self._dialect.identifier), "-")),
        )
        values = {"value": said, "table": on.sheet.parent, "project": identifier, "count": str(len(found))}
        self.findings.append(finding(rule, where, None, **values))
        return None

    def _note(self, on: Headed, cells: list[Cell], base: Node) -> None:
        """Note the element by the keys with which rows of other sheets will name it."""
        for child in self._dialect.sheets:
            if child.parent == on.sheet.name:
                known = self._known.setdefault((child.name, key_of(on, cells, child.join.values())), [])
                if not any(each is base for each in known):
                    known.append(base)

    # --- The elements below it ----------------------------------------------------------------------------------------

    def _reach(
        self,
        on: Headed,
        row: int,
        cells: list[Cell],
        base: Node,
        column: Column,
        made: dict[tuple[bool, tuple[Step, ...]], Node],
    ) -> Node:
        node = base.parent if column.up and base.parent is not None else base
        for number in range(1, len(column.steps) + 1):
            way = column.steps[:number]
            known = made.get((column.up, way))
            if known is None:
                goes_on = self._goes_on(on, cells, tuple(step.name for step in way))
                known = self._child(node, way[-1], Spot(on.number, row, None), goes_on=goes_on)
                made[column.up, way] = known
            node = known
        return node

    @staticmethod
    def _child(parent: Node, step: Step, at: Spot, *, goes_on: bool = False) -> Node:
        """The child that is there, where there can be only one or the row goes on with the last; else a new one."""
        known = None
        if goes_on or not repeats((*parent.names, step.name)):
            known = parent.last(step)
        return parent.add(step, at) if known is None else known

    @staticmethod
    def _goes_on(on: Headed, cells: list[Cell], names: tuple[str, ...]) -> bool:
        starts = on.sheet.starts.get(names)
        return starts is not None and all(is_blank(_cell(cells, on.at.get(each))) for each in starts)

    def _put(self, on: Headed, node: Node, column: Column, spot: Spot, cells: list[Cell]) -> None:
        cell = cells[spot.column or 0]
        if column.part is not None:
            node.words[column.part] = cell, spot
            return
        name = None if column.attribute is None else attribute_name(column.attribute)
        before = node.text if name is None else node.attrib.get(name)
        if before is not None:
            if shown(before).strip() != shown(cell).strip():
                where = place(on.grid, spot.row, spot.column)
                identifier = shown(next((n.text for n in self.root if n.tag == self._dialect.identifier), "-"))
                self.findings.append(finding("ssc-rows-disagree", where, key=identifier, field=column.header))
            return
        if name is None:
            node.text = cell
        else:
            node.attrib[name] = cell
        node.spots[name] = spot


def _cell(cells: list[Cell], index: int | None) -> Cell:
    return cells[index] if index is not None and index < len(cells) else None


def _tells_language(column: Column) -> bool:
    return column.attribute == "xml:lang" and bool(column.steps) and column.steps[-1].name == NARRATIVE


def _only_tells_language(column: Column, on: Headed) -> bool:
    """Whether the column makes nothing by itself: the language of a text that may not be there."""
    of_base = (
        column.attribute == "xml:lang"
        and not column.steps
        and bool(on.sheet.base)
        and (on.sheet.base[-1].name == NARRATIVE)
    )
    return column.position or of_base or _tells_language(column)
