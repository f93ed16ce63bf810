"""The structure of the IATI standard as data: `iati.txt` states it, once; schemas and writers follow it.

A path leads from a global element through children: `iati-activity/transaction/value`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from ssc_iati.standard import VERSIONS
from ssc_iati.standard.structure.notation import NotationError, read
from ssc_iati.standard.structure.values import Attribute, Element, ForeignElements, Part, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Attribute",
    "Element",
    "ForeignElements",
    "NotationError",
    "Part",
    "Shape",
    "attributes",
    "children",
    "element",
    "parts",
    "structure",
    "table",
]


def table() -> str:
    """The text of the table."""
    return files(__package__).joinpath("iati.txt").read_text(encoding="utf-8")


@cache
def parts(version: str = "2.03") -> Mapping[str, Part]:
    """The parts of the standard in that version, by name; KeyError for a version that the table does not state."""
    if version not in VERSIONS:
        raise KeyError(version)
    return MappingProxyType(read(table(), version))


def structure(version: str = "2.03", root: str = "iati-activities") -> Element:
    """The global element of that name, with everything beneath it."""
    for part in parts(version).values():
        if root in part.elements:
            return part.elements[root]
    raise KeyError(f"IATI {version} has no global element {root}")


@cache
def element(path: str, version: str = "2.03") -> Element:
    """The element at the path."""
    root, *steps = path.split("/")
    found = structure(version, root)
    for step in steps:
        found = found.child(step)
    return found


def children(path: str, version: str = "2.03") -> tuple[str, ...]:
    """The names of the children of the element at the path, in the order of the schema."""
    return tuple(child.name for child in element(path, version).children)


def attributes(path: str, version: str = "2.03") -> dict[str, Attribute]:
    """The attributes of the element at the path, by name."""
    return element(path, version).attributes
