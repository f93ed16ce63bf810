"""Two versions of a record, field by field: what a person changed, in the place where they wrote it.

The record's declaration tells what a list holds: rows with a key are compared by it, texts by their language, all else
in order. Only what is public is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ssc_iati.record.canonical import from_canonical
from ssc_iati.record.fields import Described, describe
from ssc_iati.record.project import Project
from ssc_iati.record.values import Fact, Text
from ssc_iati.record.visibility import public


class Step(NamedTuple):
    """One step from a record to a value: the model it is in, the field, and which of many (a key, a language, a
    place).
    """

    model: type[Fact]
    field: str
    which: str | None = None


class Difference(NamedTuple):
    """A value that differs: where, and what it was and is; None where there is none."""

    path: tuple[Step, ...]
    before: object
    after: object


def differences(before: str, after: str) -> list[Difference]:
    """What differs between the public views of two canonical records."""
    one, other = (
        public(from_canonical(each)).model_dump(mode="json", exclude_defaults=True) for each in (before, after)
    )
    return list(_facts(Project, one, other, ()))


def _facts(
    model: type[Fact], one: Mapping[str, Any], other: Mapping[str, Any], path: tuple[Step, ...]
) -> Iterator[Difference]:
    for field in describe(model):
        a, b = one.get(field.name), other.get(field.name)
        if a == b:
            continue
        if field.many:
            yield from _many(model, field, a or (), b or (), path)
        else:
            yield from _one(field.kind, a, b, (*path, Step(model, field.name)))


def _one(kind: type, a: Any, b: Any, path: tuple[Step, ...]) -> Iterator[Difference]:  # noqa: ANN401 - JSON
    """A single value: within a fact that both have, what differs in it; else the whole."""
    if issubclass(kind, Fact) and isinstance(a, dict) and isinstance(b, dict):
        yield from _facts(kind, a, b, path)
    elif a != b:
        yield Difference(path, _shown(a), _shown(b))


def _many(
    model: type[Fact], field: Described, a: Sequence[Any], b: Sequence[Any], path: tuple[Step, ...]
) -> Iterator[Difference]:
    name = _text_name if field.kind is Text else _row_name
    one, other = _named(a, name), _named(b, name)
    for which in [*one, *(each for each in other if each not in one)]:
        step = (*path, Step(model, field.name, which))
        yield from _one(field.kind, one.get(which), other.get(which), step)
    if not path and [*one] != [*other] and sorted(one) == sorted(other):
        yield Difference((*path, Step(model, field.name)), ", ".join(one), ", ".join(other))


def _named(rows: Sequence[Any], name: Any) -> dict[str, Any]:  # noqa: ANN401 - one of the two below
    """The rows by what they are called; where two are called alike, by their place."""
    found: dict[str, Any] = {}
    for place, row in enumerate(rows, start=1):
        called = name(row) or str(place)
        found[called if called not in found else f"{called} ({place})"] = row
    return found


def _text_name(row: Any) -> str:  # noqa: ANN401 - JSON
    return str(row.get("lang") or "-")


def _row_name(row: Any) -> str | None:  # noqa: ANN401 - JSON
    """A row's key, else what it is about."""
    if not isinstance(row, dict):
        return None
    return next((str(row[name]) for name in ("key", "organisation", "code", "type") if row.get(name)), None)


def _shown(value: Any) -> object:  # noqa: ANN401 - JSON
    """A value as a person would write it: texts alone, rows as their values."""
    if isinstance(value, dict):
        return value["text"] if set(value) <= {"lang", "text"} and "text" in value else _flat(value)
    return value


def _flat(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_flat(each)}" for name, each in value.items() if name != "lang")
    if isinstance(value, list):
        return ", ".join(_flat(each) for each in value)
    return str(value)
