"""Tables that hold whole records: rows further below, long texts in parts, and beside the cells what no cell can hold.

The counterpart of `ssc_iati.publish.whole_rows`. A table that a person made has nothing of all this; then none of it is
done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ssc_iati.check.interpret import RowReader
from ssc_iati.check.places import Draft, Values
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


def join_texts(rows: Rows, bound: Mapping[str, Bound]) -> None:
    """Put the parts of long texts together again, in the cells that say where they go on."""
    here = bound.get("continuations")
    key, text = (here.index("key"), here.index("text")) if here is not None else (None, None)
    if "continuations" not in rows or key is None or text is None:
        return
    parts: dict[str, str] = {}
    for _, cells in rows["continuations"]:
        parts[str(cells[key])] = parts.get(str(cells[key]), "") + str(cells[text] or "")
    for name, each in rows.items():
        if name in bound:
            for _, cells in each:
                _join(cells, parts)


def _join(cells: list[Any], parts: Mapping[str, str]) -> None:
    for index, cell in enumerate(cells):
        if type(cell) is str and cell.endswith("]"):
            found = CONTINUED.search(cell)
            if found is not None and found[1] in parts:
                cells[index] = cell[: found.start()] + parts[found[1]]


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


class Parents:
    """The facts of a record that rows below them name, by their key."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
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
