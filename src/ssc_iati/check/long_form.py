"""Results in long form: from rows that name their result and their indicator to results, indicators and periods."""

from __future__ import annotations

from typing import Any

from ssc_iati.check.interpret import RowReader
from ssc_iati.check.places import Draft, Values
from ssc_iati.check.references import named
from ssc_iati.check.whole import Details, kept, merge
from ssc_iati.messages import finding
from ssc_iati.read.grid import place
from ssc_iati.record.project import Project
from ssc_iati.record.tables import Level

KEYS = ("result", "indicator", "period_key")


class LongForm:
    """Results: each row names its result and its indicator; what stands twice must agree, each row adds a period."""

    def __init__(self, reader: RowReader, draft: Draft) -> None:
        self._reader = reader
        self._draft = draft
        self._levels = [(level, reader.indices(level.columns)) for level in reader.table.levels]
        self._found: dict[tuple[str, ...], Values] = {}
        self._details = Details(reader, draft)

    def read(self, rows: list[Any]) -> None:
        """Add the rows of one project."""
        last: dict[str, str] = {}
        for number, cells in rows:
            links = self._reader.links(cells)
            if "result" in links and links["result"] != last.get("result"):
                last = {}
            last = {**last, **links}
            detail = self._details.named(cells)
            if detail is None:
                self._row(number, cells, last)
            else:
                self._details.add(detail, number, cells)
        self._draft.named.extend(named(Project, {"results": self._draft.values.get("results")}))

    def _row(self, number: int, cells: list[Any], links: dict[str, str]) -> None:
        owner, way, missing = self._draft.values, list[str](), False
        more, findings = kept(self._reader.bound, number, cells)
        self._draft.findings.extend(findings)
        for depth, (level, columns) in enumerate(self._levels):
            read, findings = self._reader.part(number, cells, columns, surplus=depth == 0)
            self._draft.findings.extend(findings)
            values = {key: value for key, value in read.items() if key != "key"}
            if more:
                merge(values, more.get(level.collection.removesuffix("s"), {}))
            key = None if level.key is None else links.get(level.key)
            if level.key is not None and key is None:
                if not missing and any(self._reader.says(cells, below) for _, below in self._levels[depth:]):
                    self._missing(level, number)
                missing = True
            elif missing:
                continue
            elif key is not None:
                way.append(key)
                owner = self._same(owner, level, tuple(way), values, number)
                self._details.note(cells, KEYS[: depth + 1], owner)
            elif values:
                self._add(owner, level, values, number)
                self._details.note(cells, KEYS, values)

    def _add(self, owner: Values, level: Level, values: Values, number: int) -> None:
        owner.setdefault(level.collection, []).append(values)
        self._draft.spots[id(values)] = ("results", number)

    def _same(self, owner: Values, level: Level, way: tuple[str, ...], values: Values, number: int) -> Values:
        """The fact of this key, begun by an earlier row or by this one; a second, other statement is a finding."""
        known = self._found.get(way)
        if known is None:
            known = self._found[way] = {"key": way[-1], **values}
            self._add(owner, level, known, number)
            return known
        for name, value in values.items():
            if known.setdefault(name, value) != value:
                columns = [column.name for column in level.columns if column.path[0].rstrip("[]") == name]
                index = next((at for each in columns if (at := self._reader.bound.index(each)) is not None), None)
                where = place(self._reader.bound.grid, number, index)
                self._draft.findings.append(finding("ssc-rows-disagree", where, key=way[-1], field=name))
        return known

    def _missing(self, level: Level, number: int) -> None:
        bound = self._reader.bound
        where = place(bound.grid, number, bound.index(level.key))
        self._draft.findings.append(finding("ssc-key-missing", where))
