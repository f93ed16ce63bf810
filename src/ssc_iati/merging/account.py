"""What a merge did to one activity, row by row, and what could not be decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from ssc_iati.record.tables import tables

Values = dict[str, Any]
Loc = tuple[str | int, ...]


class Deed(StrEnum):
    """What became of a row of the source."""

    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"
    LEFT = "left"


class Trouble(NamedTuple):
    """What is wrong with a fact of the source: its place among the given values, the rule, what its message says."""

    loc: Loc
    rule: str
    values: dict[str, object]


class Way(NamedTuple):
    """Where a merge is: the place among the given values, and the lists on the way there."""

    loc: Loc = ()
    lists: tuple[str, ...] = ()

    def into(self, name: str, index: int | None = None) -> Way:
        """One step on: a fact, or an item of a list."""
        if index is None:
            return self._replace(loc=(*self.loc, name), lists=(*self.lists, name))
        return Way((*self.loc, name, index), (*self.lists, name))

    def at(self, index: int) -> Way:
        """The item of this place in the list."""
        return self._replace(loc=(*self.loc, index))

    @property
    def table(self) -> str | None:
        """The table that has the rows of this list, if one has."""
        return _tables().get(self.lists)


@cache
def _tables() -> dict[tuple[str, ...], str]:
    found = {each.path: each.name for each in tables() if each.owner == "projects" and each.path}
    return {(): "projects", ("organisations",): "organisations", ("organisations", "capacities"): "capacities", **found}


def _in_no_column(_: Values) -> bool:
    return False


@dataclass
class Account:
    """Of one activity: how many rows of each table were added, changed, deleted, left; the troubles; and which given
    fact went into which.

    `in_column` tells whether a fact stands in columns of the row above it rather than in a row of its own; `replaced`
    are the tables whose rows the source's take the place of, and `nested` says that what stands below a row is part of
    it, as in JSON.
    """

    language: str | None = None
    in_column: Callable[[Values], bool] = _in_no_column
    replaced: frozenset[str] = frozenset()
    nested: bool = False
    rows: dict[str, dict[Deed, int]] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    moved: list[tuple[Values, Values]] = field(default_factory=list)

    def count(self, way: Way, deed: Deed) -> None:
        """Count a row."""
        of_table = self.rows.setdefault(way.table or "projects", {})
        of_table[deed] = of_table.get(deed, 0) + 1

    def say(self, way: Way, rule: str, **values: object) -> None:
        """Note a trouble."""
        self.troubles.append(Trouble(way.loc, rule, values))
