"""The keys that the facts of a record name of each other: which, and where they stand."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

from ssc_iati.check.places import Loc, Values
from ssc_iati.record.fields import describe
from ssc_iati.record.values import Fact, Ref

Named: TypeAlias = tuple[str, str]
"""A collection of the project, and a key that it should hold."""

Reference: TypeAlias = tuple[Loc, str, str]
_Plan: TypeAlias = dict[str, tuple[str | None, Any]]


@cache
def _plan(model: type[Fact]) -> _Plan:
    """The fields of a model that hold keys, with their collection, or facts below that do, with their plan."""
    plan: _Plan = {}
    for field in describe(model):
        mark = field.mark(Ref)
        if mark is not None:
            plan[field.name] = (mark.collection, None)
        elif issubclass(field.kind, Fact):
            plan[field.name] = (None, _plan(field.kind))
    return plan


def references(model: type[Fact], values: Values, loc: Loc) -> list[Reference]:
    """Every key that the values hold of another fact: where it stands, the collection it refers to, the key."""
    found: list[Reference] = []
    _gather(_plan(model), values, loc, found)
    return found


def named(model: type[Fact], values: Values) -> list[Named]:
    """Every key that the values name, wherever it stands."""
    return [(collection, key) for _, collection, key in references(model, values, ())]


def _gather(plan: _Plan, values: Values, loc: Loc, found: list[Reference]) -> None:
    for name, value in values.items():
        if name not in plan:
            continue
        collection, below = plan[name]
        if collection is not None:
            keys = value if isinstance(value, list) else (value,)
            found += (((*loc, name), collection, key) for key in keys if isinstance(key, str))
        elif isinstance(value, dict):
            _gather(below, value, (*loc, name), found)
        elif isinstance(value, list):
            for index, each in enumerate(value):
                if isinstance(each, dict):
                    _gather(below, each, (*loc, name, index), found)
