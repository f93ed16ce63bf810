"""From a value inside a record back to where it was written: the cell of a table, or the path in a JSON record."""

from __future__ import annotations

from typing import Any, Protocol

from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.grid import Grid, place
from ssc_iati.read.layout import Bound
from ssc_iati.record.tables import Column

Loc = tuple[str | int, ...]
Values = dict[str, Any]


class Origin(Protocol):
    """What knows where a record that came by another way than our own tables was written."""

    def place(self, loc: Loc) -> Place | None:
        """Where the value at this place of the record was written."""

    def element(self, element: Any, attribute: str | None) -> Place | None:  # noqa: ANN401 - lxml's own
        """Where an element of the record's XML, or an attribute of it, was written."""


class Draft:
    """A project on its way to be checked: its values, the rows that they came from, and what was found so far.

    `where` is where it begins: its row in a grid, if it is given so. `spots` tells, for the values of each row, the
    table and the row number; `rows` are the rows as they stood; `named` are the keys of other facts that the values
    name. `origin` knows the cells of a record that was read from another tool's layout; `broken` says that a row of it
    cannot be trusted, and nothing of it was read. Where a source is merged, `accepted` is the record that stands, until
    the values are merged onto it, and `deeds` counts, by table, what became of the rows.
    """

    __slots__ = (
        "_where", "accepted", "bound", "broken", "deeds", "findings", "named", "ordinal", "origin", "rows", "spots",
        "values",
    )  # fmt: skip

    def __init__(
        self,
        ordinal: int,
        where: Place | tuple[Grid, int],
        values: Values | None = None,
        findings: list[Finding] | None = None,
        rows: list[tuple[str, int, Any]] | None = None,
        bound: dict[str, Bound] | None = None,
        named: list[tuple[str, str]] | None = None,
    ) -> None:
        self.ordinal = ordinal
        self._where = where
        self.values: Values = {} if values is None else values
        self.findings: list[Finding] = [] if findings is None else findings
        self.spots: dict[int, tuple[str, int]] = {}
        self.rows: list[tuple[str, int, Any]] = [] if rows is None else rows
        self.bound: dict[str, Bound] = {} if bound is None else bound
        self.named: list[tuple[str, str]] = [] if named is None else named
        self.origin: Origin | None = None
        self.broken = False
        self.accepted: Values | None = None
        self.deeds: dict[str, dict[str, int]] = {}

    @property
    def where(self) -> Place:
        """Where the record begins; made when it is first asked for, which it mostly is not."""
        if isinstance(self._where, tuple):
            self._where = place(*self._where)
        return self._where

    @where.setter
    def where(self, where: Place) -> None:
        self._where = where

    @property
    def key(self) -> str | None:
        """The record's key, if it states one."""
        key = self.values.get("key")
        return key if isinstance(key, str) else None

    def say(self, rule: str, loc: Loc, **values: object) -> None:
        """Note a finding about the value at this place of the record."""
        self.findings.append(finding(rule, self.place(loc), None, **values))

    def place(self, loc: Loc) -> Place:
        """Where the value at this place of the record was written."""
        if self.origin is not None:
            return self.origin.place(loc) or self.where
        (table, row), way, tail, values = self._row(loc)
        if table not in self.bound:
            return Place(self.where.file, line=row, path=f"{table}.{shown(tail)}".strip(".") or None)
        bound = self.bound[table]
        return place(bound.grid, row, _index(bound, way, [str(step) for step in tail], values))

    def _row(self, loc: Loc) -> tuple[tuple[str, int | None], str, Loc, Values]:
        """The row nearest to the value, the list that it is an item of, and the way from there; a JSON record is one
        row.
        """
        node: Any = self.values
        spot: tuple[str, int | None] = self.spots.get(id(node), ("", self.where.line))
        owner, start, way = node, 0, ""
        for number, step in enumerate(loc, start=1):
            node = _step(node, step)
            if isinstance(node, dict) and id(node) in self.spots:
                spot, owner, start = self.spots[id(node)], node, number
                way = str(loc[number - 2]) if number > 1 else ""
        return spot, way, loc[start:], owner


def _step(node: Any, step: str | int) -> Any:  # noqa: ANN401
    if isinstance(node, dict):
        return node.get(str(step))
    if isinstance(node, (list, tuple)) and isinstance(step, int) and step < len(node):
        return node[step]
    return None


def _index(bound: Bound, collection: str, tail: list[str], values: Values) -> int | None:
    """The column that fills the field at the end of this way, if the table has one."""
    names = [step for step in tail if not step.isdecimal()]
    level = next((each for each in bound.table.levels if each.collection == collection), None)
    best = None
    for each in bound.bindings:
        if each.column is None or (level is not None and each.column not in level.columns):
            continue
        way = [step.rstrip("[]+") for step in each.column.path]
        if way == names and _same_item(each.column, tail, values):
            return each.index
        if best is None and names and way[: len(names)] == names:
            best = each.index
    if best is None and len(names) == 1:
        return bound.index(names[0])
    return best


def _same_item(column: Column, tail: list[str], values: Values) -> bool:
    """For a shorthand, whether the item is the one that the column makes (the planned start, not the actual one)."""
    if not column.wrap or len(tail) < 2 or not tail[1].isdecimal():
        return True
    item = _step(values.get(tail[0]), int(tail[1]))
    return isinstance(item, dict) and column.wrap.items() <= item.items()


def shown(loc: Loc) -> str:
    """The place as people write it: `transactions[2].value`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).lstrip(".")
