"""From a nested record, as JSON gives it, to its values: texts are read as cells are."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

from ssc_iati.check import cells
from ssc_iati.check.cells import Locale, Trouble
from ssc_iati.check.convert import Values, as_text, converter
from ssc_iati.record.fields import Described, describe
from ssc_iati.record.values import Fact, Text

Loc = tuple[str | int, ...]
Sink = list[tuple[Loc, Trouble]]
ReadValue = Callable[[Any, Loc, Sink], Any]


def interpret_record(model: type[Fact], record: Values, locale: Locale, loc: Loc, sink: Sink) -> Values:
    """A nested record as JSON gives it, its texts read as cells are; what cannot be read is left out and told to the
    sink.
    """
    readers = _readers(model, locale)
    values: Values = {}
    stated: list[str] = []
    for name, value in record.items():
        reader = readers.get(name)
        if reader is None:
            values[name] = value
        elif not cells.is_blank(value):
            read = reader(value, (*loc, name), sink)
            if read is _UNKNOWN:
                stated.append(name)
            elif read is not None:
                values[name] = read
    if stated and isinstance(values.get("unknown", []), list):
        values["unknown"] = [*values.get("unknown", []), *stated]
    return values


_UNKNOWN = object()
"""What a reader gives for a value that states not to be known."""
_UNREAD = object()
"""What it gives for a text that cannot be read."""


@cache
def _readers(model: type[Fact], locale: Locale) -> dict[str, ReadValue]:
    return {field.name: _value_reader(field, locale) for field in describe(model)}


def _other_xml(value: Any, loc: Loc, sink: Sink) -> Any:  # noqa: ANN401
    """What is kept of other XML stands only in what was imported, which is not read here."""
    if isinstance(value, dict) and value:
        sink.append((loc, Trouble("ssc-other-xml-alone", {"place": ", ".join(map(str, value))})))
    return value


def _value_reader(field: Described, locale: Locale) -> ReadValue:
    if field.name == "other_xml":
        return _other_xml
    if field.kind is dict:
        return _dictionary
    if field.kind is Text:
        return _texts
    one = _fact_reader(field.kind, locale) if issubclass(field.kind, Fact) else _scalar_reader(field, locale)
    if not field.many:
        return one

    def every(value: Any, loc: Loc, sink: Sink) -> Any:  # noqa: ANN401
        if not isinstance(value, list):
            return value
        read = [one(each, (*loc, index), sink) for index, each in enumerate(value)]
        known = [each for each in read if each is not None and each is not _UNKNOWN]
        return _UNKNOWN if _UNKNOWN in read and not known else known

    return every


def _texts(value: Any, loc: Loc, sink: Sink) -> Any:  # noqa: ANN401
    """Texts with their languages, or one text alone; a text that no XML can hold is left out."""
    if not isinstance(value, list):
        said = _said(value, loc, sink)
        return None if said is _UNREAD else said
    read = [_dictionary(each, (*loc, index), sink) for index, each in enumerate(value)]
    return [
        each for each, stood in zip(read, value, strict=True) if not isinstance(stood, dict) or len(each) == len(stood)
    ]


def _dictionary(value: Any, loc: Loc, sink: Sink) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        return value
    read = {name: _said(each, (*loc, name), sink) for name, each in value.items()}
    return {name: each for name, each in read.items() if each is not _UNREAD}


def _said(value: Any, loc: Loc, sink: Sink) -> Any:  # noqa: ANN401
    if not isinstance(value, str):
        return value
    read = as_text(value)
    if isinstance(read, Trouble):
        sink.append((loc, read))
        return _UNREAD
    return read


def _fact_reader(model: type[Fact], locale: Locale) -> ReadValue:
    def read(value: Any, loc: Loc, sink: Sink) -> Any:  # noqa: ANN401
        return interpret_record(model, value, locale, loc, sink) if isinstance(value, dict) else value

    return read


def _scalar_reader(field: Described, locale: Locale) -> ReadValue:
    convert = converter(field, locale)

    def read(value: Any, loc: Loc, sink: Sink) -> Any:  # noqa: ANN401
        if not isinstance(value, (str, int, float, Decimal)):
            return value
        if isinstance(value, bool):
            return value if field.kind is bool else str(value)
        result = convert(value)
        if isinstance(result, Trouble):
            if cells.is_unknown(value):
                return _UNKNOWN
            sink.append((loc, result))
            return None
        return result

    return read
