"""What the structure of the standard is made of: small frozen values, read from the table by `notation`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that an element may or must carry; `type` is an expression of the notation (`date`, `A|B("x")`)."""

    name: str
    type: str = "string"
    required: bool = False
    is_global: bool = False


@dataclass(frozen=True, slots=True)
class ForeignElements:
    """The place among the children where any number of elements of other namespaces may stand."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What an element contains and carries; `name` only if it is a shared shape, used as it is."""

    name: str | None = None
    text: str | None = None
    content: tuple[Element | ForeignElements, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    foreign_attributes: bool = True


@dataclass(frozen=True, slots=True)
class Element:
    """An element at its place: how often it stands there (`max` None: without limit), and its shape."""

    name: str
    shape: Shape
    min: int = 1
    max: int | None = 1
    is_global: bool = False

    @property
    def children(self) -> tuple[Element, ...]:
        """The children in the order that the standard demands."""
        return tuple(item for item in self.shape.content if isinstance(item, Element))

    @property
    def attributes(self) -> dict[str, Attribute]:
        """The attributes by name."""
        return {attribute.name: attribute for attribute in self.shape.attributes}

    def child(self, name: str) -> Element:
        """The child of that name; the standard gives no element two children declarations of one name."""
        for child in self.children:
            if child.name == name:
                return child
        raise KeyError(f"{self.name} has no child {name}")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the standard that is one schema file: what it declares, and the parts that it uses."""

    name: str
    version: str
    uses: tuple[str, ...]
    attributes: Mapping[str, Attribute]
    shapes: Mapping[str, Shape]
    elements: Mapping[str, Element]
