"""A column mapping: what the columns of a person's own sheets are in the record, declared in one TOML file.

Everything in it is checked when it is read: tables, columns, and every value that it gives.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ssc_iati.findings import Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.read.grid import Grid
from ssc_iati.read.layout import Binding, Bound, bind
from ssc_iati.read.lists import closest, is_listed, lists_several
from ssc_iati.record.labels import suggest_table, table_named
from ssc_iati.text import fold

Scalar: TypeAlias = str | bool | int | Decimal | datetime | date
Meaning: TypeAlias = Scalar | dict[str, Scalar]
NUMBER = "{n}"
"""Stands in a header for the number of a repeated group of columns: `Socio {n}`."""


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_several)]


class Feed(BaseModel):
    """What rows of a sheet give to one table of the record.

    `columns` leads from the sheet's headers to columns of the table (`title:es`); `values` from what stands in a
    column to what it means, for one target or, as a table, for several; `constants` hold in every row, `defaults`
    where the cell is blank; `split` names the signs that part several values in a cell, `together` those that may do
    so, at which nothing is parted; `times` what numbers are multiplied by, in sheets that count in thousands; `when`
    and `unless` in which rows the feed holds. `unknown` is what becomes of a value that no list knows: it is refused,
    or left to `keep`, with or without a word.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str = ""
    columns: dict[str, Names] = Field(default_factory=dict)
    constants: dict[str, Scalar] = Field(default_factory=dict)
    defaults: dict[str, Scalar] = Field(default_factory=dict)
    values: dict[str, dict[str, Meaning]] = Field(default_factory=dict)
    split: dict[str, Names] = Field(default_factory=dict)
    together: dict[str, Names] = Field(default_factory=dict)
    times: dict[str, Annotated[Decimal, Field(gt=0)]] = Field(default_factory=dict)
    when: dict[str, Names] = Field(default_factory=dict)
    unless: dict[str, Names] = Field(default_factory=dict)
    unknown: Literal["refuse", "keep", "pass"] | None = None

    def targets(self) -> tuple[str, ...]:
        """Every column of the table that is given something."""
        mapped = [each for targets in self.columns.values() for each in targets]
        return tuple(dict.fromkeys((*mapped, *self.constants)))


class Sheet(Feed):
    """One sheet, CSV file, table or query of the source, or several that are called alike (`*`, `?`).

    `also` are further tables that its rows feed; `skip` says which rows are none (`"" ` is a blank cell); `fill_down`
    in which columns a blank cell repeats the one above; `merge` that several rows may be of one project; `ignore`
    which columns are not meant for the record; `keep` of which (`*`, `?`) the record keeps what stands there, as legacy
    data under their headers, but for those in `keep_not`.
    """

    name: str | None = None
    file: str | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    skip: dict[str, Names] = Field(default_factory=dict)
    fill_down: Names = ()
    merge: bool = False
    ignore: Names = ()
    keep: Names = ()
    keep_not: Names = ()
    also: tuple[Feed, ...] = ()

    def feeds(self) -> tuple[Feed, ...]:
        """Every table that its rows feed; what a value means in a column, and what becomes of one that nobody knows,
        holds for all of them.
        """
        own = (self,) if self.table else ()
        return (*own, *(each.model_copy(update=self._shared(each)) for each in self.also))

    def _shared(self, feed: Feed) -> dict[str, object]:
        return {"values": {**self.values, **feed.values}, "unknown": feed.unknown or self.unknown}

    def kept(self, headers: tuple[str, ...]) -> list[int]:
        """The columns of which the record keeps what stands there as it is."""
        return [at for at, each in enumerate(headers) if each.strip() and self._keeps(each)]

    def _keeps(self, header: str) -> bool:
        passed_over = {fold(each) for each in (*self.ignore, *self.keep_not)}
        named = any(fold(each) == fold(header) or fnmatchcase(header, each) for each in self.keep)
        return named and fold(header) not in passed_over

    def means(self, name: str, file: str | None = None) -> bool:
        """Whether a sheet of this name, in a file of that, is one of those that are meant."""
        asked = ((self.name, name), (self.file, file))
        return all(one is None or fnmatchcase((other or "").casefold(), one.casefold()) for one, other in asked)

    @property
    def called(self) -> str:
        """What it is called in the mapping."""
        return self.name or self.file or "*"


class Writing(BaseModel):
    """How the sheets write numbers and dates, where their form leaves it open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decimal_mark: Literal[".", ","] | None = None
    date_order: Literal["dmy", "mdy", "ymd"] | None = None


class Mapping(BaseModel):
    """A whole mapping."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal["1"] = "1"
    locale: Writing = Writing()
    sheet: Annotated[tuple[Sheet, ...], Field(min_length=1)]


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file; SourceError where it cannot be read, or says what nobody knows."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except OSError as error:
        raise _refused(path, [error.strerror or "?"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused(path, [str(error)]) from error
    try:
        mapping = Mapping.model_validate(raw)
    except ValidationError as error:
        raise _refused(path, [_said(each["loc"], each["msg"]) for each in error.errors()]) from error
    problems = [f"{sheet.called}: {problem}" for sheet in mapping.sheet for problem in _problems(sheet)]
    if problems:
        raise _refused(path, problems)
    return mapping


def _refused(path: Path, problems: list[str]) -> SourceError:
    return SourceError(finding("ssc-mapping-invalid", Place(str(path)), problem="; ".join(problems)))


def _said(loc: tuple[Any, ...], message: str) -> str:
    return f"{'.'.join(map(str, loc))}: {message}"


def bound_to(table: str, targets: tuple[str, ...]) -> Bound | None:
    """The columns of a table that these targets are; None if there is no such table."""
    name = table_named(table)
    return bind([Grid("", None, name, 0, targets, lambda: iter(()))])[0].get(name) if name else None


def _problems(sheet: Sheet) -> Iterator[str]:
    feeds = sheet.feeds()
    if not sheet.keep and any(each.unknown in {"keep", "pass"} for each in feeds):
        yield "unknown: what is not refused must be kept: say keep = ..."
    if not feeds:
        yield "it feeds no table: say table = ..."
    for feed in feeds:
        bound = bound_to(feed.table, feed.targets())
        if table_named(feed.table) is None:
            yield f"there is no table {feed.table}; the closest is {suggest_table(feed.table) or '-'}"
        elif bound is None:
            yield f"{feed.table}: nothing is mapped to it"
        else:
            yield from (f"{feed.table}: {each}" for each in _feed_problems(feed, bound))


def _feed_problems(feed: Feed, bound: Bound) -> Iterator[str]:
    targets = feed.targets()
    names = {targets[each.index]: each for each in bound.bindings}
    yield from (f"there is no column {each}, or it is mapped twice" for each in targets if each not in names)
    mapped = [each for several in feed.columns.values() for each in several]
    twice = {each for each in mapped if mapped.count(each) > 1 or each in feed.constants}
    yield from (f"{each} is given by more than one column" for each in sorted(twice))
    yield from (f"defaults: no column is mapped to {each}" for each in feed.defaults if each not in mapped)
    yield from (f"split: {each} is not mapped" for each in feed.split if each not in feed.columns)
    yield from (
        f"split: {each}: say the sign that parts the values" for each, sign in feed.split.items() if not all(sign)
    )
    yield from (f"times: {each} is not mapped" for each in feed.times if each not in feed.columns)
    yield from (f"together: {each} is not mapped" for each in feed.together if each not in feed.columns)
    yield from (f"split: a row of {feed.table} holds one {each}" for each in _parted(feed, names))
    for target, value in (*feed.constants.items(), *feed.defaults.items(), *_meant(feed)):
        column = names[target].column if target in names else None
        if column is not None and value != "" and NUMBER not in str(value) and not is_listed(column.field, str(value)):
            yield f"{target}: {value} is not in its list; the closest is {closest(column.field, str(value)) or '-'}"


def _parted(feed: Feed, names: dict[str, Binding]) -> Iterator[str]:
    """The targets of cells with several values, in tables in which a row of the sheet is one row."""
    if table_named(feed.table) in {"projects", "publisher"}:
        for each in (target for header in feed.split for target in feed.columns.get(header, ())):
            column = names[each].column if each in names else None
            if column is None or not lists_several(column):
                yield each


def _meant(feed: Feed) -> Iterator[tuple[str, Scalar]]:
    """Every value that the mapping gives to a column, by its target."""
    for header, targets in feed.columns.items():
        for meaning in feed.values.get(header, {}).values():
            if isinstance(meaning, dict):
                yield from meaning.items()
            else:
                yield from ((each, meaning) for each in targets)
