"""An activity of IATI as rows of another tool's layout, as the layout declares; what it has no place for is told.

A fact is an attribute or a text. Each is written once, or reported; elements that several rows could say are said by
the sheet of their own where the activity's row cannot hold all that they say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from lxml import etree

from ssc_iati.check import cells
from ssc_iati.check.cells import Trouble
from ssc_iati.read.dialects import Column, Dialect, Sheet, Step
from ssc_iati.read.dialects.tree import Node, attribute_name
from ssc_iati.read.dialects.ways import element_at, repeats
from ssc_iati.read.iati_xml import LANG
from ssc_iati.record.places import NARRATIVE

Row: TypeAlias = dict[str, str]
Lost: TypeAlias = Counter[str]
"""How often something of each place could not be written."""

_DAY = len("2024-01-31")


def node_of(element: Any, parent: Node | None = None) -> Node:  # noqa: ANN401 - of lxml, or a node
    """The element as a node, with all below it; comments are nothing."""
    node = Node((*(parent.names if parent is not None else ()), str(element.tag)), parent, None)
    node.attrib.update(element.attrib)
    node.text = element.text
    for child in element:
        if isinstance(child.tag, str):
            node.children.append(node_of(child, node))
        if child.tail and not child.tail.isspace():
            node.text = f"{node.text or ''}{child.tail}"
    return node


def place_of(node: Node, name: str | None) -> str:
    """Where a fact stands, as people write it."""
    way = [_bare(each) for each in node.names[1:]]
    return "/".join(way or node.names) if name is None else "/".join((*way, f"@{_bare(name)}"))


def _bare(name: str) -> str:
    return "xml:lang" if name == LANG else etree.QName(name).localname if name.startswith("{") else name


class Facts:
    """What of an activity has been written so far."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self._done: set[tuple[int, str | None]] = set()
        self.lost: Lost = Counter()

    def identifier(self, dialect: Dialect) -> Node | None:
        """The element that names the record; where nothing does, that is told."""
        found = next((each for each in self.root if each.tag == dialect.identifier), None)
        if found is None or not (found.text or "").strip():
            self.lost[f"{dialect.identifier} (missing)"] += 1
            return None
        return found

    def says(self, node: Node, name: str | None) -> bool:
        """Whether there is a fact, which a cell could hold, that has not been written."""
        value = node.text if name is None else node.get(name)
        return not cells.is_blank(value) and (id(node), name) not in self._done

    def note(self, node: Node, name: str | None) -> None:
        """The fact has been written."""
        self._done.add((id(node), name))

    def begun(self, node: Node) -> bool:
        """Whether anything in the element has been written."""
        return any((id(each), name) in self._done for each in node.walk() for name in (None, *each.attrib))

    def left(self) -> Lost:
        """What has not been written."""
        lost = Counter(self.lost)
        for node in self.root.walk():
            for name in node.attrib:
                if (id(node), name) not in self._done:
                    lost[place_of(node, name)] += 1
            empty = not node.attrib and not node.children and cells.is_blank(node.text)
            if empty or self.says(node, None):
                lost[place_of(node, None)] += 1
        return lost


def as_cell(node: Node, name: str | None, lost: Lost) -> str:
    """A fact as a cell says it, so that it can be read in one way only."""
    said = str(node.text if name is None else node.get(name)).strip()
    kind = _kind(node, name)
    if kind == "date" and len(said) > _DAY and not said[_DAY:].isdigit():
        lost[f"{place_of(node, name)} (time zone)"] += 1
        return said[:_DAY]
    if kind == "decimal" and isinstance(cells.number(said), Trouble):
        return f"{said}0" if said.count(".") == 1 else said  # `1.234` could be a thousand and more
    return said


def _kind(node: Node, name: str | None) -> str | None:
    element = element_at(node.names)
    if element is None:
        return None
    if name is None:
        return element.shape.text
    known = element.attributes.get("xml:lang" if name == LANG else name)
    return None if known is None else known.type


# --- Rows -------------------------------------------------------------------------------------------------------------


def rows_of(dialect: Dialect, element: Any) -> tuple[list[tuple[str, Row]], Lost]:  # noqa: ANN401 - of lxml
    """The rows of a record, each with the name of its sheet, and what they cannot hold."""
    facts = Facts(node_of(element))
    identifier = facts.identifier(dialect)
    if identifier is None:
        return [], facts.left()
    named = _named_in(dialect, facts, str(identifier.text).strip())
    if named is None:
        facts.lost[f"{dialect.identifier} (not the reporting organisation's)"] += 1
        return [], facts.left()
    writing = _Writing(dialect, facts, named)
    for sheet in dialect.sheets:
        writing.write(sheet)
    return writing.rows, facts.left()


def _named_in(dialect: Dialect, facts: Facts, identifier: str) -> str | None:
    """The identifier as the layout has it; None where it is short there, and does not begin with the organisation's,
    which the layout then does not say.
    """
    if not dialect.short:
        return identifier
    for each in facts.root:
        prefix = f"{each.get('ref')}-"
        if each.tag == "reporting-org" and identifier.startswith(prefix) and identifier != prefix:
            facts.note(each, "ref")
            return identifier.removeprefix(prefix)
    return None


class _Writing:
    """The rows of one record in the making."""

    def __init__(self, dialect: Dialect, facts: Facts, identifier: str) -> None:
        self.rows: list[tuple[str, Row]] = []
        self._dialect = dialect
        self._facts = facts
        self._identifier = identifier
        self._of: dict[str, list[tuple[Node, Row]]] = {}

    def write(self, sheet: Sheet) -> None:
        """The rows of a sheet."""
        if not sheet.base and not sheet.bases:
            for anchor, keys in self._anchors(sheet):
                self._go_on(sheet, anchor, keys, self._echoed(sheet) if sheet.parent is None else {})
            return
        met: Counter[int] = Counter()
        for number, (node, row) in enumerate(list(self._bases(sheet)), 1):
            above = id(node.parent)
            if () in sheet.starts and met[above] and not self._says_one(sheet, node, sheet.starts[()]):
                continue
            met[above] += 1
            self._go_on(sheet, node, {**row, **self._keys(sheet, row, number, met[above])}, {})

    def _keys(self, sheet: Sheet, row: Row, number: int, below: int) -> Row:
        """What the columns that only join rows hold: the number of the row, or below the element above, and forms."""
        if not sheet.computed:
            return {key: row.get(key, f"{key.removesuffix('_ref')}_{number}") for key in sheet.keys}
        said = {**row, **({sheet.activity: self._identifier} if sheet.activity is not None else {})}
        said |= {key: str(below) for key in sheet.keys if key not in sheet.computed}
        return {key: sheet.computed[key].format_map(said) if key in sheet.computed else said[key] for key in sheet.keys}

    def _says_one(self, sheet: Sheet, node: Node, headers: Iterable[str], depth: int = 0) -> bool:
        """Whether the element has something left for one of the columns by which a row begins such an element."""
        return any(
            self._facts.says(one, None if column.attribute is None else attribute_name(column.attribute))
            for column in map(sheet.columns.__getitem__, headers)
            for one in _all_below(node, column.steps[depth:])
        )

    def _bases(self, sheet: Sheet) -> Iterator[tuple[Node, Row]]:
        """The elements that rows of the sheet say, each with what its row says already."""
        for anchor, keys in self._anchors(sheet):
            for value, steps in sheet.bases.items() if sheet.bases else (("", sheet.base),):
                for node in _all_below(anchor, steps):
                    if self._undone(node):
                        yield node, {**keys, **({sheet.base_by: value} if sheet.base_by is not None else {})}

    def _undone(self, node: Node) -> bool:
        return any(self._facts.says(each, name) for each in node.walk() for name in (None, *each.attrib))

    def _anchors(self, sheet: Sheet) -> Iterator[tuple[Node, Row]]:
        """The elements that those of the sheet stand in, with the keys that name them; none whose keys name two."""
        if sheet.parent is None:
            yield self._facts.root, {}
            return
        above = self._of.get(sheet.parent, [])
        keyed = [(node, {own: row.get(other, "") for own, other in sheet.join.items()}) for node, row in above]
        met = Counter(tuple(keys.values()) for _, keys in keyed)
        yield from ((node, keys) for node, keys in keyed if met[tuple(keys.values())] == 1)

    def _go_on(self, sheet: Sheet, node: Node, row: Row, echoed: Mapping[str, str]) -> None:
        """The row of an element, and further ones where the layout lets a row go on with the one above."""
        taken = self._take(sheet, node, held=frozenset(echoed))
        if not taken and not sheet.root and (not row or not (sheet.base or sheet.bases)):
            return
        numbers = self._positions(sheet, node)
        first = {**echoed, **row, **taken, **numbers}
        if sheet.activity is not None:
            first[sheet.activity] = self._identifier
        self.rows.append((sheet.name, first))
        self._of.setdefault(sheet.name, []).append((node, first))
        held = frozenset((*echoed, *sheet.starts.get((), ())))
        while self._may_go_on(sheet, node) and (more := self._take(sheet, node, held=held)):
            if sheet.activity is not None and not self._dialect.carries:
                more[sheet.activity] = self._identifier
            self.rows.append((sheet.name, {**row, **more}))

    def _may_go_on(self, sheet: Sheet, node: Node) -> bool:
        """Whether a further row is of the same element."""
        if sheet.base or sheet.bases:
            return () in sheet.starts or (self._dialect.carries and not repeats(node.names))
        return self._dialect.carries

    @staticmethod
    def _positions(sheet: Sheet, node: Node) -> Row:
        found: Row = {}
        for header, column in sheet.columns.items():
            one = node.parent if column.up else node
            if column.position and one is not None and one.parent is not None:
                same = [each for each in one.parent.children if each.tag == one.tag]
                found[header] = str(next(number for number, each in enumerate(same, 1) if each is one))
        return found

    # --- Which facts go into a row ------------------------------------------------------------------------------------

    def _take(self, sheet: Sheet, base: Node, held: frozenset[str]) -> Row:
        row: Row = {}
        made: dict[tuple[bool, tuple[Step, ...]], Node | None] = {}
        for header, column in sorted(sheet.columns.items(), key=lambda each: each[1].attribute == "xml:lang"):
            if column.position or header in held:
                continue
            node = self._find(sheet, base, column, made)
            if node is not None and self._may(node, column, row, sheet):
                said = self._said(node, column)
                if said is not None:
                    row[header] = said
        return row

    def _find(
        self, sheet: Sheet, base: Node, column: Column, made: dict[tuple[bool, tuple[Step, ...]], Node | None]
    ) -> Node | None:
        node: Node | None = base.parent if column.up else base
        for number in range(1, len(column.steps) + 1):
            way = (column.up, column.steps[:number])
            if node is None:
                return None
            if way not in made:
                made[way] = self._choose(sheet, node, way)
            node = made[way]
        return node

    def _choose(self, sheet: Sheet, parent: Node, way: tuple[bool, tuple[Step, ...]]) -> Node | None:
        """The element that the row says: the first that still has something for the columns below this way."""
        step, names, after = way[1][-1], tuple(each.name for each in way[1]), False
        for child in parent.children:
            if not child.is_one(step) or (child.tag == NARRATIVE and not self._facts.says(child, None)):
                continue
            begun = self._facts.begun(child)
            if self._offers(sheet, child, way) and self._may_say(sheet, child, names, begun=begun, after=after):
                return child
            after = after or begun
        return None

    def _may_say(self, sheet: Sheet, node: Node, names: tuple[str, ...], *, begun: bool, after: bool) -> bool:
        """Whether a row may say an element: go on with one that was begun, or begin one; `after` another of its kind it
        must say what tells the two apart.
        """
        if names not in sheet.starts:
            return not begun or not repeats(node.names)
        return begun or not after or self._says_one(sheet, node, sheet.starts[names], len(names))

    def _offers(self, sheet: Sheet, node: Node, way: tuple[bool, tuple[Step, ...]]) -> bool:
        depth = len(way[1])
        below = [each for each in sheet.columns.values() if each.up == way[0] and each.steps[:depth] == way[1]]
        return any(
            self._facts.says(one, None if each.attribute is None else attribute_name(each.attribute))
            for each in below
            for one in _all_below(node, each.steps[depth:])
        )

    def _may(self, node: Node, column: Column, row: Row, sheet: Sheet) -> bool:
        """Whether the fact may stand in this row: a language only beside its text."""
        if column.attribute != "xml:lang" or node.tag != NARRATIVE:
            return True
        beside = [each for each in sheet.columns.values() if each.steps == column.steps and each.attribute is None]
        return any(each.header in row for each in beside)

    def _said(self, node: Node, column: Column) -> str | None:
        name = None if column.attribute is None else attribute_name(column.attribute)
        if column.part is not None:
            words = str(node.text or "").split()
            if len(words) != _COORDINATES:
                return None
            self._facts.note(node, None)
            self._given(node.parent, column.steps[:-1])
            return words[column.part - 1]
        if not self._facts.says(node, name) and not (column.up and node.get(name or "") is not None):
            return None
        self._facts.note(node, name)
        self._given(node, column.steps)
        return as_cell(node, name, self._facts.lost)

    def _given(self, node: Node | None, steps: tuple[Step, ...]) -> None:
        """What the column says by itself has been written with it."""
        for step in reversed(steps):
            if node is None:
                return
            for name, _ in step.given:
                self._facts.note(node, attribute_name(name))
            node = node.parent

    # --- What two sheets could say ------------------------------------------------------------------------------------

    def _echoed(self, sheet: Sheet) -> Mapping[str, str]:
        """The cells of elements that a sheet of their own must say, since the activity's row cannot say all of it: they
        are repeated here, as the tool does, and not counted as written. Blank, where there is no such element.
        """
        found: dict[str, str] = {}
        groups: dict[Step, list[Column]] = {}
        for column in sheet.columns.values():
            if column.steps:
                groups.setdefault(column.steps[0], []).append(column)
        for step, columns in groups.items():
            if not any(_places(columns, ()) <= _places_of(each) for each in self._dialect.sheets):
                continue
            node = next((each for each in self._facts.root if each.is_one(step)), None)
            if node is not None and not self._holds_all(node, step, columns):
                found |= self._repeated(node, columns)
        return found

    def _holds_all(self, node: Node, step: Step, columns: list[Column]) -> bool:
        """Whether the columns can say all that the element does, and no other says the same and more."""
        same = [each for each in self._facts.root if each.tag == node.tag]
        whole = any(each.whole and each.base[0].name == node.tag for each in self._dialect.sheets if each.base)
        if whole and len(same) > 1:
            return False
        said = facts_in(node)
        if any(said <= facts_in(each) for each in same if each is not node):
            return False
        covered = {
            (tuple(one.name for one in column.steps[1:]), column.attribute and attribute_name(column.attribute))
            for column in columns
        }
        covered |= {((), attribute_name(name)) for name, _ in step.given}
        single = all(len({each.tag for each in one.children}) == len(one.children) for one in node.walk())
        return single and all((way, name) in covered for way, name, _ in said)

    @staticmethod
    def _repeated(node: Node, columns: list[Column]) -> dict[str, str]:
        found: dict[str, str] = {}
        for column in columns:
            one = next(iter(_all_below(node, column.steps[1:])), None)
            name = None if column.attribute is None else attribute_name(column.attribute)
            says = one is not None and (one.text if name is None else one.get(name)) is not None
            found[column.header] = as_cell(one, name, Counter()) if one is not None and says else ""
        return found


_COORDINATES = 2


def _places_of(sheet: Sheet) -> set[tuple[tuple[str, ...], str | None]]:
    """The attributes and texts of the activity that the rows of a sheet of its elements can say."""
    if not sheet.base or sheet.parent is not None:
        return set()
    base = tuple(each.name for each in sheet.base)
    up = [each for each in sheet.columns.values() if each.up]
    own = [each for each in sheet.columns.values() if not each.up]
    return _places(own, base) | _places(up, base[:-1])


def _places(columns: Iterable[Column], base: tuple[str, ...]) -> set[tuple[tuple[str, ...], str | None]]:
    return {((*base, *(one.name for one in each.steps)), each.attribute) for each in columns if not each.position}


def facts_in(node: Node) -> set[tuple[tuple[str, ...], str | None, str]]:
    """What an element says: its attributes and texts, each with the way to it."""
    depth = len(node.names)
    return {
        (each.names[depth:], name, str(value).strip())
        for each in node.walk()
        for name, value in ((None, each.text), *each.attrib.items())
        if value is not None and (name is not None or str(value).strip())
    }


def _all_below(node: Node, steps: tuple[Step, ...]) -> list[Node]:
    """Every element at the end of the steps."""
    found = [node]
    for step in steps:
        found = [child for each in found for child in each.children if child.is_one(step)]
    return found
