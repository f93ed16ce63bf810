"""The quick way through a row: one flat function for each grid, compiled from its bindings.

It reads what needs no more than a converter and one place, which is nearly everything; whatever is trouble is left to
the setters of `interpret`, which do the same with more care.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from ssc_iati.check.references import Named
from ssc_iati.record.flat import Scope, flat
from ssc_iati.record.tables import Column
from ssc_iati.record.values import Ref

Values: TypeAlias = dict[str, Any]
QuickRead: TypeAlias = Callable[[list[Any], Values, list[Named]], tuple[int, ...]]
"""Put the row's values into a dictionary that is empty yet, and the keys that they name into the list; the columns that
it left alone are given back.
"""

_Shorthand: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class QuickCell:
    """A column that can be read quickly: where it stands, what converts it (to None where it gives no value), and the
    texts whose values are known already (None if nothing is remembered).
    """

    index: int
    column: Column
    language: str | None
    convert: Callable[[Any], Any]
    known: dict[str, Any] | None


def lists_items(column: Column) -> bool:
    """Whether a cell of the column lists codes of which each begins a fact of its own (the SDG goals and targets)."""
    return column.path[0].endswith("+") and column.name.startswith("sdg_")


def quick_read(quick: list[QuickCell], *, plain: bool) -> QuickRead:
    """The function that reads these columns; `plain`: of a grid whose cells are all of plain text."""
    begun = _begun(quick)
    lines = ["def read(raw, values, named):", "    late = ()", *(f"    {name} = None" for name in begun.values())]
    scope: Scope = {}
    made: set[tuple[str, ...]] = set()
    for each in quick:
        scope[f"f{each.index}"] = each.convert
        if each.known is not None:
            scope[f"k{each.index}"] = each.known.get
        lines += (f"    {line}" for line in _cell(each, begun, made, plain=plain))
    lines.append("    return late")
    read: QuickRead = flat("read", "quick row", lines, scope)
    return read


def _begun(quick: list[QuickCell]) -> dict[_Shorthand, str]:
    """A name for each fact that shorthands begin: those that begin the same one (in two languages) share it."""
    shorthands = dict.fromkeys(_shorthand(each.column) for each in quick if each.column.path[0].endswith("+"))
    return {shorthand: f"b{number}" for number, shorthand in enumerate(shorthands)}


def _shorthand(column: Column) -> _Shorthand:
    return column.path[0], tuple(column.wrap.items())


def _cell(each: QuickCell, begun: dict[_Shorthand, str], made: set[tuple[str, ...]], *, plain: bool) -> list[str]:
    return [
        f"c = raw[{each.index}]",
        "if c:" if plain else 'if c is not None and c != "":',
        *(f"    {line}" for line in _converted(each, plain=plain)),
        f"    if {'not v' if each.known is None else 'v is None'}: late += ({each.index},)",
        "    else:",
        *(f"        {line}" for line in (*_stored(each, begun, made), *_names(each.column))),
    ]


def _converted(each: QuickCell, *, plain: bool) -> list[str]:
    index = each.index
    if each.known is not None:
        known = f"k{index}(c)" if plain else f"k{index}(c) if type(c) is str else None"
        return [f"v = {known}", f"if v is None: v = f{index}(c)"]
    if each.column.field.many and not each.column.speaks:
        return [f"v = f{index}(c)"]
    return ["v = c.strip()" if plain else f"v = c.strip() if type(c) is str and c.isprintable() else f{index}(c)"]


def _stored(each: QuickCell, begun: dict[_Shorthand, str], made: set[tuple[str, ...]]) -> list[str]:
    """What puts the value in its place; what no column before it may have made is made without a look."""
    *way, last = each.column.path
    lines, owner, place = list[str](), "values", tuple[str, ...]()
    for step in way:
        if step.endswith("+"):
            owner = begun[_shorthand(each.column)]
            place = (owner,)
            started = _added("values", (step[:-1],), owner, made)
            lines += [
                f"if {owner} is None:",
                f"    {owner} = {dict(each.column.wrap)!r}",
                *(f"    {line}" for line in started),
            ]
        else:
            name, empty, inner = (step[:-2], "[{}]", "n[0]") if step.endswith("[]") else (step, "{}", "n")
            place = (*place, name)
            if place in made:
                lines += [f"n = {owner}.get({name!r})", f"if n is None: n = {owner}[{name!r}] = {empty}"]
            else:
                lines += [f"n = {owner}[{name!r}] = {empty}"]
                made.add(place)
            lines += [f"t = {inner}"]
            owner = "t"
    place = (*place, last)
    return lines + (_added(owner, place, _text(each), made) if each.column.speaks else [f"{owner}[{last!r}] = v"])


def _text(each: QuickCell) -> str:
    return f'{{"lang": {each.language!r}, "text": v}}'


def _added(owner: str, place: tuple[str, ...], item: str, made: set[tuple[str, ...]]) -> list[str]:
    name = place[-1]
    if place not in made:
        made.add(place)
        return [f"{owner}[{name!r}] = [{item}]"]
    return [f"if {name!r} in {owner}: {owner}[{name!r}].append({item})", f"else: {owner}[{name!r}] = [{item}]"]


def _names(column: Column) -> list[str]:
    mark = column.field.mark(Ref)
    if mark is None:
        return []
    if column.field.many:
        return [f"named.extend(({mark.collection!r}, key) for key in v)"]
    return [f"named.append(({mark.collection!r}, v))"]
