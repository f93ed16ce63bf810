"""The quick way through a row: one flat function for each grid, compiled from its bindings.

It reads the cells that need no more than their converter, which is nearly all of them; whatever is trouble, or fills
a place
that must be looked for, is left to the setters of `interpret`, which do the same with more care.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from ssc_iati.check.cells import Trouble
from ssc_iati.record.tables import Column

Values: TypeAlias = dict[str, Any]
Convert: TypeAlias = Callable[[Any], Any]
QuickRead: TypeAlias = Callable[[list[Any], Values], list[int]]
"""Put the row's values in place; the columns that it left alone are given back."""


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


def is_quick(column: Column) -> bool:
    """Whether the column fills one field of the row's own fact, or of a fact within it, or one of its texts."""
    plain = all(step.isidentifier() for step in column.path)
    one = not column.field.many or column.speaks
    return plain and one and not column.wrap and len(column.path) <= (1 if column.speaks else 2)


def quick_read(quick: list[QuickCell]) -> QuickRead:
    """The function that reads these columns."""
    lines = ["def read(raw, values):", "    late = []"]
    scope: dict[str, Any] = {"Trouble": Trouble}
    for each in quick:
        lines += (f"    {line}" for line in _cell(each, scope))
    lines.append("    return late")
    exec(compile("\n".join(lines), "<quick row>", "exec"), scope)  # noqa: S102 - our own text, of our own names
    read: QuickRead = scope["read"]
    return read


def _cell(each: QuickCell, scope: dict[str, Any]) -> list[str]:
    index = each.index
    scope[f"f{index}"], scope[f"k{index}"] = each.convert, each.known
    return [
        f"c = raw[{index}]",
        'if c is not None and c != "":',
        *(f"    {line}" for line in _converted(each)),
        f'    if type(v) is Trouble or v == "": late.append({index})',
        *(f"    {line}" for line in _stored(each)),
    ]


def _converted(each: QuickCell) -> list[str]:
    index = each.index
    if each.known is None:
        return [f"v = c.strip() if type(c) is str and c.isprintable() else f{index}(c)"]
    return [f"v = k{index}.get(c) if type(c) is str else None", f"if v is None: v = f{index}(c)"]


def _stored(each: QuickCell) -> list[str]:
    if each.column.speaks:
        name = each.column.path[0]
        text = f'{{"lang": {each.language!r}, "text": v}}'
        return [
            f"elif {name!r} in values: values[{name!r}].append({text})",
            f"else: values[{name!r}] = [{text}]",
        ]
    if len(each.column.path) == 1:
        return [f"else: values[{each.column.path[0]!r}] = v"]
    outer, inner = each.column.path
    return [
        f"elif {outer!r} in values: values[{outer!r}][{inner!r}] = v",
        f"else: values[{outer!r}] = {{{inner!r}: v}}",
    ]
