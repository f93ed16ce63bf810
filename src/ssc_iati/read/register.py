"""Registers of South-South cooperation that are known by their headers: each is a column mapping that comes with the
program, and a statement of what it maps and what it cannot.

A column that is not there is passed over; what the record has no place for is kept as legacy data, in the register's
own words.
"""

from __future__ import annotations

import glob
import tomllib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ssc_iati.findings import Finding
from ssc_iati.messages import finding
from ssc_iati.read.grid import Grid, place
from ssc_iati.read.lanes import find, shown
from ssc_iati.read.mapping import Feed, Mapping, Names, Sheet

Kind = TypeVar("Kind", bound=Feed)

_NAMES = ("apc-colombia", "tossd")
_FIRST_ROWS = 12
"""Among these rows the headers are sought: above them there may be a title."""


class About(BaseModel):
    """What a register is called, the headers by which it is known, and what the mapping cannot do.

    `also_called` are further spellings of a header.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    source: str
    known_by: Names
    also_called: dict[str, Names] = Field(default_factory=dict)
    says: Names = ()
    cannot: Names = ()


class Register(NamedTuple):
    """A register and its mapping, whose sheet has as yet no name."""

    about: About
    mapping: Mapping


class Recognised(NamedTuple):
    """The mapping for the sheets that are of registers, and what is to be said of that."""

    mapping: Mapping
    findings: list[Finding]


@cache
def registers() -> tuple[Register, ...]:
    """Every register that is known."""
    return tuple(map(_register, _NAMES))


def _register(name: str) -> Register:
    text = files("ssc_iati.read").joinpath("registers", f"{name}.toml").read_text("utf-8")
    raw = tomllib.loads(text, parse_float=Decimal)
    return Register(About.model_validate(raw.pop("register")), Mapping.model_validate(raw))


def recognise(grids: Iterable[Grid]) -> Recognised | None:
    """The mapping of those sheets that are of a register, by their headers; None if none is."""
    sheets: list[Sheet] = []
    findings: list[Finding] = []
    for grid in grids:
        for register in registers():
            row = _header_row(grid, register.about)
            if row is not None:
                number, headers = row
                sheet, missing = _fitted(register, headers)
                named = {"name": glob.escape(grid.sheet or grid.name), "header_row": number}
                sheets.append(sheet.model_copy(update=named))
                values = {"register": register.about.name, "missing": ", ".join(missing) or "-"}
                findings.append(finding("ssc-register-read", place(grid, number), None, **values))
                break
    return Recognised(Mapping(sheet=tuple(sheets)), findings) if sheets else None


def _header_row(grid: Grid, about: About) -> tuple[int, tuple[str, ...]] | None:
    """The row in which the headers of the register stand, and what stands there."""
    rows = ((number, tuple(map(shown, cells))) for number, cells in islice(grid.rows(), _FIRST_ROWS))
    for number, headers in ((grid.header_row, grid.headers), *rows):
        if all(_found(each, about, headers) is not None for each in about.known_by):
            return number, headers
    return None


def _found(header: str, about: About, headers: tuple[str, ...]) -> str | None:
    """The header as the sheet writes it, by any of its spellings."""
    spellings = (header, *about.also_called.get(header, ()))
    return next((headers[at] for each in spellings if (at := find(headers, each)) is not None), None)


def _fitted(register: Register, headers: tuple[str, ...]) -> tuple[Sheet, list[str]]:
    """The mapping for the headers that are there, and those that are not."""
    sheet, about = register.mapping.sheet[0], register.about
    there = {each: _found(each, about, headers) for each in headers_of(sheet)}
    named = {own: actual for own, actual in there.items() if actual is not None}
    feeds = (_renamed(each, named) for each in sheet.also)
    update = {
        "also": tuple(each for each in feeds if each.columns),
        "skip": {named[own]: patterns for own, patterns in sheet.skip.items() if own in named},
        "keep_not": tuple(named[own] for own in sheet.keep_not if own in named),
    }
    return _renamed(sheet, named).model_copy(update=update), [own for own in there if own not in named]


def headers_of(sheet: Sheet) -> list[str]:
    """Every header that the mapping of a sheet names, in order."""
    named = (name for feed in (sheet, *sheet.also) for name in _headers_of(feed))
    return list(dict.fromkeys((*named, *sheet.skip, *sheet.keep_not)))


def _headers_of(feed: Feed) -> Iterator[str]:
    yield from (*feed.columns, *feed.when, *feed.unless)


def _renamed(feed: Kind, named: dict[str, str]) -> Kind:
    """The feed under the headers as the sheet writes them, without the columns that are not there."""
    by_header = ("columns", "values", "split", "together", "times", "when", "unless")
    kept = {
        field: {named.get(own, own): value for own, value in getattr(feed, field).items() if own in named}
        for field in by_header
    }
    return feed.model_copy(update=kept)
