"""The quick way through a row: one flat function for each grid, compiled from its bindings.

It reads what needs no more than a converter and one place, which is nearly everything; whatever is trouble is left to
the setters of `interpret`, which do the same with more care.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from ssc_iati.check.cells import Trouble
from ssc_iati.check.references import Named
from ssc_iati.record.flat import Scope, flat
from ssc_iati.record.tables import Column
from ssc_iati.record.values import Dated, Ref

Values: TypeAlias = dict[str, Any]
Convert: TypeAlias = Callable[[Any], Any]
QuickRead: TypeAlias = Callable[[list[Any], Values, list[Named]], list[int]]
"""Put the row's values in place, and the keys that they name into the list; the columns that it left alone are given
back.
"""

_Shorthand: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class QuickCell:
    """A column that can be read quickly: where it stands, what converts it, and what that remembers (None for plain
    text).
    """

    index: int
    column: Column
    language: str | None
    convert: Convert
    known: dict[str, Any] | None


def lists_items(column: Column) -> bool:
    """Whether a cell of the column lists codes of which each begins a fact of its own (the SDG goals and targets)."""
    return column.path[0].endswith("+") and column.name.startswith("sdg_")


def quick_read(quick: list[QuickCell]) -> QuickRead:
    """The function that reads these columns."""
    begun = _begun(quick)
    lines = ["def read(raw, values, named):", "    late = []", *(f"    {name} = None" for name in begun.values())]
    scope: Scope = {"Trouble": Trouble}
    for each in quick:
        lines += (f"    {line}" for line in _cell(each, begun, scope))
    lines.append("    return late")
    read: QuickRead = flat("read", "quick row", lines, scope)
    return read


def _begun(quick: list[QuickCell]) -> dict[_Shorthand, str]:
    """A name for each fact that shorthands begin: those that begin the same one (in two languages) share it."""
    shorthands = dict.fromkeys(_shorthand(each.column) for each in quick if each.column.path[0].endswith("+"))
    return {shorthand: f"b{number}" for number, shorthand in enumerate(shorthands)}


def _shorthand(column: Column) -> _Shorthand:
    return column.path[0], tuple(column.wrap.items())


def _cell(each: QuickCell, begun: dict[_Shorthand, str], scope: Scope) -> list[str]:
    index = each.index
    scope[f"f{index}"], scope[f"k{index}"] = each.convert, each.known
    return [
        f"c = raw[{index}]",
        'if c is not None and c != "":',
        *(f"    {line}" for line in _converted(each)),
        f"    if {_left_alone(each.column)}: late.append({index})",
        "    else:",
        *(f"        {line}" for line in (*_stored(each, begun), *_names(each.column))),
    ]


def _converted(each: QuickCell) -> list[str]:
    index = each.index
    if each.column.field.many and not each.column.speaks:
        return [f"v = f{index}(c)"]
    if each.known is None:
        return [f"v = c.strip() if type(c) is str and c.isprintable() else f{index}(c)"]
    return [f"v = k{index}.get(c) if type(c) is str else None", f"if v is None: v = f{index}(c)"]


def _left_alone(column: Column) -> str:
    """What tells trouble, and a blank text, from a value; a text is tested as such, which is quicker."""
    field = column.field
    if column.speaks or not (field.many or field.kind in (bool, Decimal) or field.mark(Dated) is not None):
        return "type(v) is not str or not v"
    return "type(v) is Trouble or not v" if field.many else "type(v) is Trouble"


def _stored(each: QuickCell, begun: dict[_Shorthand, str]) -> list[str]:
    *way, last = each.column.path
    lines, owner = list[str](), "values"
    for step in way:
        if step.endswith("+"):
            owner = begun[_shorthand(each.column)]
            started = _added("values", step[:-1], owner)
            lines += [
                f"if {owner} is None:",
                f"    {owner} = {dict(each.column.wrap)!r}",
                *(f"    {line}" for line in started),
            ]
        else:
            name, empty, inner = (step[:-2], "[{}]", "n[0]") if step.endswith("[]") else (step, "{}", "n")
            lines += [f"n = {owner}.get({name!r})", f"if n is None: n = {owner}[{name!r}] = {empty}", f"t = {inner}"]
            owner = "t"
    return lines + (_added(owner, last, _text(each)) if each.column.speaks else [f"{owner}[{last!r}] = v"])


def _text(each: QuickCell) -> str:
    return f'{{"lang": {each.language!r}, "text": v}}'


def _added(owner: str, name: str, item: str) -> list[str]:
    return [f"if {name!r} in {owner}: {owner}[{name!r}].append({item})", f"else: {owner}[{name!r}] = [{item}]"]


def _names(column: Column) -> list[str]:
    mark = column.field.mark(Ref)
    if mark is None:
        return []
    if column.field.many:
        return [f"named.extend(({mark.collection!r}, key) for key in v)"]
    return [f"named.append(({mark.collection!r}, v))"]
