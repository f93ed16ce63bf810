"""Where in IATI each field of a model stands, as one tree of elements: readers and writers of XML walk it.

A tree is compiled from the fields' `At` marks, once for each model. An element of IATI is one of these: a fact of its
own (`transaction`), a list of texts (`title`), a plain text or a code that may repeat (`telephone`, `category/@code`),
or one that belongs to the fact above it (`value`, `period-start`), whose attributes and text are fields of that fact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from ssc_iati.record.fields import Described, describe
from ssc_iati.record.values import At, Fact, Text

NARRATIVE = "narrative"


@dataclass(slots=True)
class Spot:
    """An element: the fields that its attributes, its text and its children fill.

    `repeated` are the fields that its occurrences fill, one after the other: a list of texts takes one occurrence, a
    list of facts all the others. `each` is the attribute by which it repeats (`code` for `category/@code`).
    """

    name: str = ""
    attributes: dict[str, Described] = field(default_factory=dict)
    text: Described | None = None
    repeated: list[Described] = field(default_factory=list)
    each: str | None = None
    children: dict[str, Spot] = field(default_factory=dict)


@cache
def spots(model: type[Fact]) -> Spot:
    """The element of a model with everything below it that belongs to the model's own fields."""
    root = Spot()
    for described in describe(model):
        mark = described.mark(At)
        if mark is not None and "@ssc:" not in mark.path:
            _place(root, mark.path.split("/"), described)
    return root


@cache
def joins(model: type[Fact]) -> dict[str, Described]:
    """The fields that stand in attributes of the `ssc` extension on IATI's own elements: `org`, `value/basis`."""
    marked = ((each, each.mark(At)) for each in describe(model))
    return {
        mark.path.replace("@ssc:", ""): described
        for described, mark in marked
        if mark is not None and "@ssc:" in mark.path
    }


def _place(spot: Spot, steps: list[str], described: Described) -> None:
    step, rest = steps[0], steps[1:]
    if step.startswith("@"):
        if described.many:
            spot.each = step[1:]
            spot.repeated.append(described)
        else:
            spot.attributes[step[1:]] = described
    elif step == ".":
        spot.text = described
    else:
        child = spot.children.setdefault(step, Spot(step))
        if rest:
            _place(child, rest, described)
        elif described.many or issubclass(described.kind, (Fact, Text)):
            child.repeated.append(described)
        else:
            child.text = described
