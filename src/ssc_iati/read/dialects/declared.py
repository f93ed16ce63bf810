"""The declarations of dialects, read from their TOML files; the notation is described in the package."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple, TypeAlias

NAMES = (
    "okfn",
    "okfn-organisations",
    "flatten-tool",
    "flatten-tool-organisations",
    "iati-publisher",
    "iati-publisher-csv",
    "aidstream",
)
"""Every dialect, by the name of its file."""

Root: TypeAlias = Literal["iati-activity", "iati-organisation"]
IDENTIFIERS: Mapping[str, str] = {"iati-activity": "iati-identifier", "iati-organisation": "organisation-identifier"}

_STEP = re.compile(r"(?P<name>[A-Za-z][\w.-]*)(?P<given>(?:\[@[\w:-]+='[^']*'\])*)")
_GIVEN = re.compile(r"\[@([\w:-]+)='([^']*)'\]")
_STEPS = re.compile(r"(?:[^/\[]|\[[^\]]*\])+")
_WORD = re.compile(r"#(\d)\Z")
_ATTRIBUTE = re.compile(r"(?:\A|/)@([\w:-]+)\Z")
_UP = "../"
_POSITION = "position()"


class Step(NamedTuple):
    """One element on a way: its name, the attributes that tell it from others, its number if that is said."""

    name: str
    given: tuple[tuple[str, str], ...] = ()
    number: int = 0


class Column(NamedTuple):
    """What the cells under a header fill: an attribute of the element at the end of the steps, or its text.

    `up`: the way starts at the element above the base. `part`: they are only this word of the text, from 1. `position`:
    they are the element's number, and say nothing else.
    """

    header: str
    steps: tuple[Step, ...] = ()
    attribute: str | None = None
    up: bool = False
    part: int | None = None
    position: bool = False
    added: bool = False


class Sheet(NamedTuple):
    """A sheet or a CSV file of a dialect; see the notation in the package."""

    name: str
    columns: Mapping[str, Column]
    names: tuple[str, ...] = ()
    root: bool = False
    base: tuple[Step, ...] = ()
    bases: Mapping[str, tuple[Step, ...]] = {}
    base_by: str | None = None
    activity: str | None = None
    parent: str | None = None
    join: Mapping[str, str] = {}
    starts: Mapping[tuple[str, ...], tuple[str, ...]] = {}
    whole: bool = False
    added: bool = False
    passed: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    known_by: tuple[str, ...] = ()
    book: str = ""
    computed: Mapping[str, str] = {}

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header of the tool's own, in order; those that are added stand last when they are written."""
        own = [name for name, column in self.columns.items() if not column.added]
        first = [each for each in (self.activity, self.base_by) if each is not None]
        return tuple(dict.fromkeys((*first, *self.join, *self.keys, *own, *self.passed)))


class Sign(NamedTuple):
    """A sheet by which a dialect is told, and the headers that it must have; `*` is any sheet."""

    sheet: str
    headers: tuple[str, ...]
    without: tuple[str, ...] = ()


class Dialect(NamedTuple):
    """A layout of another tool."""

    name: str
    family: str
    root: Root
    says: str
    sheets: tuple[Sheet, ...]
    signs: tuple[Sign, ...]
    paths: bool = False
    carries: bool = False
    merges: bool = False
    short: bool = False
    cannot: tuple[str, ...] = ()
    meta: Mapping[str, Any] = {}
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    passed_over: tuple[str, ...] = ()

    @property
    def identifier(self) -> str:
        """The element that identifies a record."""
        return IDENTIFIERS[self.root]

    @property
    def books(self) -> tuple[str, ...]:
        """The workbooks that its sheets stand in, where there are several."""
        return tuple(dict.fromkeys(each.book for each in self.sheets if each.book))

    def sheet(self, name: str) -> Sheet:
        """The sheet of this name; KeyError if there is none."""
        return next(each for each in self.sheets if each.name == name)


@cache
def dialect(name: str) -> Dialect:
    """The dialect of this name; KeyError if there is none."""
    if name not in NAMES:
        raise KeyError(name)
    raw = tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
    return Dialect(
        name=name,
        family=raw.get("family", name),
        root=raw.get("root", "iati-activity"),
        says=raw["says"],
        sheets=tuple(_sheet(each) for each in raw.get("sheet", ())),
        signs=tuple(
            Sign(each["sheet"], tuple(each["headers"]), tuple(each.get("without", ()))) for each in raw["detect"]
        ),
        paths=raw.get("headers") == "paths",
        carries=raw.get("carries", False),
        merges=raw.get("merges", False),
        short=raw.get("short", False),
        cannot=tuple(raw.get("cannot", ())),
        meta=raw.get("meta", {}),
        date_order=raw.get("date_order"),
        passed_over=tuple(raw.get("passed_over", ())),
    )


def dialects() -> Iterator[Dialect]:
    """Every dialect."""
    return map(dialect, NAMES)


def _sign(raw: Mapping[str, Any]) -> Sign:
    return Sign(raw["sheet"], tuple(raw["headers"]), tuple(raw.get("without", ())))


def _sheet(raw: Mapping[str, Any]) -> Sheet:
    join = raw.get("join", {})
    columns = [column_at(header, place) for header, place in raw.get("columns", {}).items()]
    columns += [column_at(header, place, added=True) for header, place in raw.get("added_columns", {}).items()]
    return Sheet(
        name=raw["name"],
        columns={each.header: each for each in columns},
        names=(raw["name"], *raw.get("names", ())),
        root=raw.get("root", False),
        base=steps_of(raw["base"]) if "base" in raw else (),
        bases={value: steps_of(way) for value, way in raw.get("bases", {}).items()},
        base_by=raw.get("base_by"),
        activity=raw.get("activity"),
        parent=raw.get("parent"),
        join=join if isinstance(join, dict) else {each: each for each in join},
        starts={_names(way): tuple(headers) for way, headers in raw.get("starts", {}).items()},
        whole=raw.get("whole", False),
        added=raw.get("added", False),
        passed=tuple(raw.get("passed", ())),
        keys=tuple(raw.get("keys", ())),
        known_by=tuple(raw.get("known_by", ())),
        book=raw.get("book", ""),
        computed=raw.get("computed", {}),
    )


def _names(way: str) -> tuple[str, ...]:
    return () if way == "." else tuple(way.split("/"))


def steps_of(way: str) -> tuple[Step, ...]:
    """The steps of a way without attribute; ValueError where it is none."""
    return tuple(map(_step, _STEPS.findall(way)))


def _step(text: str) -> Step:
    found = _STEP.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return Step(found["name"], tuple((name, value) for name, value in _GIVEN.findall(found["given"])))


def column_at(header: str, place: str, *, added: bool = False) -> Column:
    """The column of a header whose cells fill this place; ValueError where it is none."""
    up = place.startswith(_UP)
    way = place.removeprefix(_UP)
    if way == _POSITION:
        return Column(header, up=up, position=True, added=added)
    part, attribute = _WORD.search(way), _ATTRIBUTE.search(way)
    end = part or attribute
    way = way if end is None else way[: end.start()]
    steps = () if way in {"", "."} else steps_of(way)
    return Column(header, steps, attribute[1] if attribute else None, up, int(part[1]) if part else None, added=added)
