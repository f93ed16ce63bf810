"""What a written token says of a source that is merged: the value of its cell is deleted, or its whole row.

A row is read without it; what it deletes is marked in the values of the row's fact, for who merges them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ssc_iati.check.interpret import RowReader
from ssc_iati.findings import Finding
from ssc_iati.messages import finding
from ssc_iati.read.grid import place
from ssc_iati.read.layout import DELETE, Bound, is_delete
from ssc_iati.record.tables import Column

ERASED, DROPPED, STUB = "\0erased", "\0dropped", "\0stub"
"""Marks in the values of a fact: what of it is deleted; that it is deleted itself; that the source names it only for
the rows below it, with what to say if there is none. No field can be called so.
"""

Values = dict[str, Any]


def stub_of(key: str, table: str, project: str) -> Values:
    """The mark of a fact that is named only for the rows below it."""
    return {"key": key, STUB: {"value": key, "table": table, "project": project}}


class Erased(NamedTuple):
    """A value that is deleted: the way to it from the row's own fact, as a column has it; of a text the language."""

    path: tuple[str, ...]
    language: str | None = None
    text: bool = False
    wrap: Mapping[str, str] = {}
    plain_only: bool = False

    @classmethod
    def of(cls, column: Column, language: str | None, *, plain_only: bool = False) -> Erased:
        """What a column holds; `plain_only` spares an item of which it does not say all."""
        return cls(column.path, language, column.speaks, column.wrap, plain_only)


def is_token(value: object, token: str) -> bool:
    """Whether a cell holds the token, and nothing else."""
    return isinstance(value, str) and value.strip().casefold() == token.casefold()


# --- Rows of tables ---------------------------------------------------------------------------------------------------


class Cleaned(NamedTuple):
    """A row without the tokens: the columns in which they stood, whether the row itself is deleted, what is wrong."""

    cells: list[Any]
    columns: tuple[int, ...] = ()
    dropped: bool = False
    findings: tuple[Finding, ...] = ()

    def marks(self, bound: Bound) -> Values:
        """The marks that the row puts on its fact."""
        columns = {each.index: each for each in bound.bindings}
        told = [columns[index] for index in self.columns if index in columns]
        erased = [Erased.of(each.column, each.language) for each in told if each.column is not None]
        return {**({ERASED: erased} if erased else {}), **({DROPPED: True} if self.dropped else {})}


def cleaned(bound: Bound, number: int, cells: list[Any], token: str) -> Cleaned:
    """A row as it is read, and what its tokens delete."""
    own = next((index for index, header in enumerate(bound.grid.headers) if is_delete(header)), None)
    found = tuple(index for index, cell in enumerate(cells) if index != own and is_token(cell, token))
    says = cells[own] if own is not None and own < len(cells) else None
    if not found and own is None:
        return Cleaned(cells)
    kept = [None if index in found or index == own else cell for index, cell in enumerate(cells)]
    if says in {None, ""} or is_token(says, token):
        return Cleaned(kept, found, bool(says))
    problem = finding("ssc-delete-unclear", place(bound.grid, number, own), value=says, token=token)
    return Cleaned(kept, found, False, (problem,))


def fill_marked(reader: RowReader, number: int, cells: list[Any], values: Values, token: str) -> list[Finding]:
    """Add the row's values to those given, and its marks; what is wrong with the row."""
    row = cleaned(reader.bound, number, cells, token)
    found = reader.fill(number, row.cells, values, [])
    values.update(row.marks(reader.bound))
    return [*found, *row.findings]


# --- Records as JSON gives them ---------------------------------------------------------------------------------------


def marked(values: Any, token: str) -> Any:  # noqa: ANN401 - JSON
    """A record with what the token deletes taken out and marked; `"delete": token` deletes the fact that holds it."""
    if isinstance(values, list):
        return [marked(each, token) for each in values]
    if not isinstance(values, dict):
        return values
    made: Values = {}
    erased: list[Erased] = []
    for name, value in values.items():
        if name == DELETE and is_token(value, token):
            made[DROPPED] = True
        elif is_token(value, token) or (isinstance(value, list) and any(is_token(each, token) for each in value)):
            erased.append(Erased((name,)))
        elif isinstance(value, list) and (gone := [each for each in value if _is_text(each, token)]):
            erased += [Erased((name,), each.get("lang"), text=True) for each in gone]
            made[name] = marked([each for each in value if each not in gone], token)
        else:
            made[name] = marked(value, token)
    return {**made, ERASED: erased} if erased else made


def _is_text(value: object, token: str) -> bool:
    return isinstance(value, dict) and value.keys() <= {"lang", "text"} and is_token(value.get("text"), token)
