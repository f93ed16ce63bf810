"""Ways through the elements of IATI, in whatever version has them: which are known, and which elements repeat."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ssc_iati.standard import structure
from ssc_iati.standard.structure import Element

VERSIONS = ("2.03", "2.02", "2.01")


@cache
def element_at(names: tuple[str, ...]) -> Element | None:
    """The element at the end of the way, the root's name first, in the newest version that has it."""
    for version in VERSIONS:
        try:
            return structure.element("/".join(names), version)
        except KeyError:
            continue
    return None


@cache
def repeats(names: tuple[str, ...]) -> bool:
    """Whether there may be several of the element in the one above it."""
    found = element_at(names)
    return found is None or found.max is None


def is_known(names: tuple[str, ...], attribute: str | None) -> bool:
    """Whether IATI has this attribute of the element, or a text in it."""
    found = element_at(names)
    if found is None:
        return False
    return found.shape.text is not None if attribute is None else attribute in found.attributes


@cache
def every_place(root: str) -> tuple[str, ...]:
    """Every attribute and every text that a record of IATI 2.03 may have, as places below the root."""
    return tuple(_places(structure.structure("2.03", root), ""))


def _places(element: Element, way: str) -> Iterator[str]:
    for name in element.attributes:
        yield f"{way}@{name}"
    if element.shape.text is not None:
        yield way.rstrip("/")
    for child in element.children:
        yield from _places(child, f"{way}{child.name}/")
