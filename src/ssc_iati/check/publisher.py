"""The publisher that a source names, in a table or in JSON, and how its cells are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from pydantic import ValidationError

from ssc_iati.check.cells import Locale
from ssc_iati.check.interpret import RowReader
from ssc_iati.check.records import Sink, interpret_record
from ssc_iati.check.whole import add_kept
from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding
from ssc_iati.read.grid import Cell, place
from ssc_iati.read.layout import Bound
from ssc_iati.record.foreign import broken, broken_prefix
from ssc_iati.record.project import Publisher
from ssc_iati.record.values import is_datetime


def locale_of(publisher: Publisher | None) -> Locale:
    """How the source writes numbers and dates, if it says so."""
    if publisher is None:
        return Locale()
    return Locale(cast("Any", publisher.decimal_mark), cast("Any", publisher.date_order))  # checked when it was read


def read_publisher(bound: Bound, row: int, raw: list[Cell]) -> tuple[Publisher | None, list[Finding]]:
    """The publisher that a table names, in its one row."""
    read = RowReader(bound, Locale()).read(row, raw)
    unreadable = add_kept(bound, row, raw, read.values)
    publisher, problems = _publisher(read.values, place(bound.grid, row))
    return publisher, read.findings + unreadable + problems


def read_publisher_record(value: object, where: Place) -> tuple[Publisher | None, list[Finding]]:
    """The publisher that a JSON source names."""
    sink: Sink = []
    # What a file of IATI says of itself is exact already: nothing in it is a cell that a person wrote.
    if isinstance(value, dict) and "iati_version" not in value:
        value = interpret_record(Publisher, value, Locale(), (), sink)
    troubles = [finding(trouble.rule, where, **trouble.values) for _, trouble in sink]
    publisher, problems = _publisher(value, where)
    return publisher, troubles + problems


def _publisher(value: object, where: Place) -> tuple[Publisher | None, list[Finding]]:
    try:
        publisher = Publisher.model_validate(value)
    except ValidationError as error:
        return None, [
            finding("ssc-publisher-invalid", where, problem=each["msg"], field=each["loc"]) for each in error.errors()
        ]
    problems = [
        finding("ssc-publisher-invalid", where, problem=problem, field=name)
        for name, problem in publisher_problems(publisher)
    ]
    return (None if problems else publisher), problems


def publisher_problems(publisher: Publisher) -> list[tuple[str, str]]:
    """What the publisher says that nothing can be made of: the field, and what stands there."""
    admitted: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("decimal_mark", (".", ",").__contains__),
        ("date_order", ("dmy", "mdy", "ymd").__contains__),
        # What a file of IATI says of itself stands as it is.
        ("generated_datetime", is_datetime if publisher.iati_version is None else bool),
        ("iati_version", ("2.01", "2.02", "2.03").__contains__),
        ("iati_file", ("activities", "organisations").__contains__),
    )
    return [
        (name, value)
        for name, admits in admitted
        if (value := getattr(publisher, name)) is not None and not admits(value)
    ] + _foreign_problems(publisher)


def _foreign_problems(publisher: Publisher) -> list[tuple[str, str]]:
    unsound, prefix = broken(publisher.other_xml or {}), broken_prefix(publisher.namespaces or {})
    found = [("other_xml", ": ".join(unsound))] if unsound is not None else []
    return found + ([("namespaces", prefix)] if prefix is not None else [])
