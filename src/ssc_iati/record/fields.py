"""What a model's declaration says of each of its fields: the one place from which everything else is derived."""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import Annotated, NamedTuple, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

from ssc_iati.record.values import Says

Mark = TypeVar("Mark")


class Described(NamedTuple):
    """One field: its name, the type of its value (of one of its values, if it holds many), and its marks."""

    name: str
    kind: type
    many: bool
    marks: tuple[object, ...]

    def mark(self, kind: type[Mark]) -> Mark | None:
        """The first mark of this kind, if the field has one."""
        return next((mark for mark in self.marks if isinstance(mark, kind)), None)

    @property
    def says(self) -> str:
        """What the field holds, in one line."""
        words = self.mark(Says)
        return words.text if words else ""


@cache
def describe(model: type[BaseModel]) -> tuple[Described, ...]:
    """Every field of the model, in the order of declaration."""
    return tuple(
        _described(name, field.annotation, tuple(field.metadata)) for name, field in model.model_fields.items()
    )


def _described(name: str, annotation: object, marks: tuple[object, ...]) -> Described:
    many = False
    while True:
        origin, inner = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            annotation, marks = inner[0], marks + inner[1:]
        elif origin in (Union, UnionType):
            annotation = next(each for each in inner if each is not NoneType)
        elif origin is tuple:
            annotation, many = inner[0], True
        elif origin is dict:
            return Described(name, dict, many, marks)
        else:
            assert isinstance(annotation, type)  # noqa: S101 - every field of a record is declared so
            return Described(name, annotation, many, marks)
