"""Tables that hold whole records: rows further below, long texts in parts, and beside the cells what no cell can hold.

The counterpart of `ssc_iati.publish.whole_rows`. A table that a person made has nothing of all this; then none of it is
done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from ssc_iati.check.interpret import RowReader
from ssc_iati.check.places import Draft, Loc, Values
from ssc_iati.findings import Finding
from ssc_iati.messages import finding
from ssc_iati.read.grid import place
from ssc_iati.read.layout import Bound
from ssc_iati.record.tables import CONTINUED, DETAIL, KEPT, ORDER, POSITION, Table

Rows = Mapping[str, list[Any]]


def is_whole(bound: Mapping[str, Bound]) -> bool:
    """Whether any of the tables says more than a row of cells."""
    return any(
        each.table.whole or each.index(KEPT) is not None or each.index(DETAIL) is not None for each in bound.values()
    )


def joined_texts(rows: Rows, bound: Mapping[str, Bound]) -> tuple[Rows, list[Finding]]:
    """The rows with the parts of long texts together again, in the cells that say where they go on; and the cells whose
    parts are missing. The rows that are given stay as they are.
    """
    parts = _parts(rows, bound.get("continuations"))
    found: dict[str, list[Any]] = {}
    findings: list[Finding] = []
    for name, each in rows.items():
        found[name] = [(number, _joined(cells, parts, bound[name], number, findings)) for number, cells in each]
    return found, findings


def _parts(rows: Rows, bound: Bound | None) -> dict[str, str]:
    key, text = (bound.index("key"), bound.index("text")) if bound is not None else (None, None)
    parts: dict[str, str] = {}
    if key is not None and text is not None:
        for _, cells in rows.get("continuations", ()):
            parts[str(cells[key])] = parts.get(str(cells[key]), "") + str(cells[text] or "")
    return parts


def _joined(
    cells: list[Any], parts: Mapping[str, str], bound: Bound, number: int, findings: list[Finding]
) -> list[Any]:
    whole = cells
    for index, cell in enumerate(cells):
        found = CONTINUED.search(cell) if type(cell) is str and cell.endswith("]") else None
        if found is None:
            continue
        if found[1] not in parts:
            findings.append(finding("ssc-continuation-missing", place(bound.grid, number, index), value=found[1]))
            continue
        whole = list(cells) if whole is cells else whole
        whole[index] = cell[: found.start()] + parts[found[1]]
    return whole


def add_kept(bound: Bound, number: int, cells: list[Any], values: Values) -> list[Finding]:
    """Add to the values of a row what stands in its column `kept`; what is wrong with that."""
    said, findings = kept(bound, number, cells)
    merge(values, said)
    return findings


def kept(bound: Bound, number: int, cells: list[Any]) -> tuple[Values, list[Finding]]:
    """What stands in the column `kept` of a row, and what is wrong with it."""
    index = bound.index(KEPT)
    cell = None if index is None else cells[index]
    if cell is None or cell == "":
        return {}, []
    try:
        said = json.loads(cell) if isinstance(cell, str) else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return {}, [finding("ssc-kept-unreadable", place(bound.grid, number, index), value=cell)]
    return said, []


def merge(values: Values, said: Values) -> None:
    """Add what was kept beside the cells; a cell that was changed since then has the last word."""
    for name, order in said.items():
        if name.endswith(ORDER):
            _reorder(values, name.removesuffix(ORDER), order)
    for name, value in said.items():
        if not name.endswith(ORDER):
            values[name] = _both(values[name], value) if name in values else value


def _reorder(values: Values, name: str, order: Any) -> None:  # noqa: ANN401
    items = values.get(name)
    if (
        isinstance(items, list)
        and isinstance(order, list)
        and sorted(map(str, order)) == sorted(map(str, range(len(items))))
    ):
        values[name] = [items[place] for place in order]


def _both(own: Any, said: Any) -> Any:  # noqa: ANN401
    if isinstance(own, dict) and isinstance(said, dict):
        merge(own, said)
        return own
    if isinstance(own, list) and isinstance(said, list):
        return (
            [_both(mine, other) for mine, other in zip(own, said, strict=False)] + own[len(said) :] + said[len(own) :]
        )
    return said if isinstance(said, str) and isinstance(own, str) and _alike(own, said) else own


def _alike(own: str, said: str) -> bool:
    return " ".join(own.split()).casefold() == " ".join(said.split()).casefold()


MakeStub: TypeAlias = Callable[[Draft, Table, int, str], Values]


class Parents:
    """The facts of a record that rows below them name, by their key; `stub` makes one that the source does not have."""

    def __init__(self, draft: Draft, stub: MakeStub | None = None) -> None:
        self._draft = draft
        self._stub = stub
        self._known: dict[tuple[str, str], Values] = {}

    def note(self, collection: str, values: Values) -> None:
        """Note a fact by its key; a key that is only a position is no part of it."""
        key = values.get("key")
        if isinstance(key, str):
            self._known.setdefault((collection, key), values)
            if key.startswith(POSITION):
                del values["key"]

    def owner(self, table: Table, bound: Bound, number: int, cells: list[Any]) -> Values | None:
        """The fact that a row belongs to; a finding, if there is none."""
        if table.parent is None:
            if len(table.path) == 1:
                return self._draft.values
            owner: Values = self._draft.values.setdefault(table.path[0], {})
            return owner
        index = bound.index(table.parent)
        key = "" if index is None else str(cells[index] or "")
        for collection in table.parents:
            if (collection, key) in self._known:
                return self._known[collection, key]
        if self._stub is not None and key:
            self._known[table.parents[0], key] = stub = self._stub(self._draft, table, number, key)
            return stub
        where = place(bound.grid, number, index)
        values = {"value": key or "-", "table": table.parents[0], "project": self._draft.key or "-"}
        self._draft.findings.append(finding("ssc-parent-unknown", where, **values))
        return None


class Details:
    """The rows of the long form that add one more item to a list, of what the keys in the row name last."""

    def __init__(self, reader: RowReader, draft: Draft) -> None:
        self._reader = reader
        self._draft = draft
        self._bound = reader.bound
        self._by_name = {each.name: (each, reader.indices(each.columns)) for each in reader.table.details}
        self._index = self._bound.index(DETAIL)
        self._known: dict[tuple[str, ...], Values] = {}

    def named(self, cells: list[Any]) -> str | None:
        """The list that the row adds to, if it does."""
        cell = None if self._index is None else cells[self._index]
        return cell.strip() or None if isinstance(cell, str) else None

    def note(self, cells: list[Any], columns: tuple[str, ...], values: Values) -> None:
        """Note a fact by the keys that name it."""
        way = self._way(cells, columns)
        if way:
            self._known[way] = values

    def _way(self, cells: list[Any], columns: tuple[str, ...]) -> tuple[str, ...]:
        found = [(name, self._bound.index(name)) for name in columns]
        return tuple(f"{name}={cells[index]}" for name, index in found if index is not None and cells[index])

    def add(self, name: str, number: int, cells: list[Any]) -> None:
        """Add the row's item; a finding, if the row names nothing that it could belong to."""
        detail, columns = self._by_name.get(name, (None, []))
        owner = None if detail is None else self._known.get(self._way(cells, detail.owners))
        if detail is None or owner is None:
            self._unknown(name, number)
            return
        values, findings = self._reader.part(number, cells, columns, surplus=True)
        said, unreadable = kept(self._bound, number, cells)
        self._draft.findings.extend([*findings, *unreadable])
        items = values.get(detail.collection) or [{}]
        item: Values = items[0]
        merge(item, said.get(detail.name, {}))
        owner.setdefault(detail.collection, []).append(item)
        self._draft.spots[id(item)] = ("results", number)
        if detail.own is not None:
            self.note(cells, (*detail.owners, detail.own), item)

    def _unknown(self, name: str, number: int) -> None:
        where = place(self._bound.grid, number, self._index)
        values = {"value": name, "table": "results", "project": self._draft.key or "-"}
        self._draft.findings.append(finding("ssc-parent-unknown", where, **values))


def forget_positions(values: Values) -> None:
    """Take the keys that are only positions from results and indicators."""
    for result in values.get("results", ()):
        for fact in (result, *result.get("indicators", ())):
            if isinstance(key := fact.get("key"), str) and key.startswith(POSITION):
                del fact["key"]


def other_xml(values: Any, loc: Loc = ()) -> Iterator[tuple[Loc, str]]:  # noqa: ANN401
    """Where a record keeps other XML, and of which places."""
    if isinstance(values, dict):
        if kept_here := values.get("other_xml"):
            yield (*loc, "other_xml"), ", ".join(map(str, kept_here))
        for name, value in values.items():
            yield from other_xml(value, (*loc, name))
    elif isinstance(values, list):
        for index, value in enumerate(values):
            yield from other_xml(value, (*loc, index))
