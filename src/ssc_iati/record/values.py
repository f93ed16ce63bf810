"""The values that a record is made of, and what can be said of a field: its place in IATI, its list, what it refers to.

A field is declared once, on its model; tables, checks, XML, the extension's schema and the documentation read it
from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from ssc_iati.record import terms

SSC_NAMESPACE = "urn:ssc-iati:extension:1"


@dataclass(frozen=True, slots=True)
class At:
    """Where a field stands in IATI, from its own element: `@ref`, `value/@currency`, `title`, `.` for its own text;
    `ssc:` marks join attributes.
    """

    path: str


@dataclass(frozen=True, slots=True)
class Code:
    """The IATI codelist of a field; a code outside it is a finding, never an error of the model."""

    codelist: str


@dataclass(frozen=True, slots=True)
class CodeBy:
    """The codelist depends on a vocabulary, another field of the same fact; a vocabulary that is not named has no
    list.
    """

    field: str
    lists: tuple[tuple[str, str], ...]
    default: str | None = None

    def codelist(self, vocabulary: str | None) -> str | None:
        """The list that holds for this vocabulary, if there is one."""
        wanted = vocabulary or self.default
        for code, codelist in self.lists:
            if code == wanted:
                return codelist
        return None


@dataclass(frozen=True, slots=True)
class Says:
    """What the field holds, in one line: documentation, templates and the JSON Schema show it."""

    text: str

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "description": self.text}


@dataclass(frozen=True, slots=True)
class Ref:
    """The field holds the key of a fact of this field of the project (`organisations`, `mechanisms`, ...)."""

    collection: str


@dataclass(frozen=True, slots=True)
class Term:
    """The field holds a code of one of the record's own lists (`ssc_iati.record.terms`)."""

    name: str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(terms.codes(self.name)))


@dataclass(frozen=True, slots=True)
class Within:
    """The number lies between these bounds, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Currency(Code):
    """An ISO 4217 code; where it is absent the default of the project holds."""

    codelist: str = "Currency"


@dataclass(frozen=True, slots=True)
class Identifier:
    """An organisation identifier: `{register}-{number}`, the register known to org-id.guide or IATI."""


@dataclass(frozen=True, slots=True)
class Dated:
    """The field is a date, of any precision."""


@dataclass(frozen=True, slots=True)
class Day:
    """Only a date that names its day will do: IATI gives a period or an exchange rate no precision."""


class Fact(BaseModel):
    """What every statement of a record may carry beside its content.

    `key` names the row within its table and project; `sources` are keys of the project's sources; `unknown` names
    the fields
    that the source states to be unknown; `spellings` keeps a field's spelling where it differs from its typed value.
    `other_xml` keeps what stood in IATI XML beyond the standard, by its place from the fact's own element: attributes
    (`@akvo:type`, `value/@akvo:rate`, `category[2]/@akvo:note`) and elements (`*`, `value/*`: as XML).
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_inf_nan="strings", validate_default=False, defer_build=True
    )

    key: Annotated[str | None, Says("Name of this row, so that other rows can refer to it")] = None
    certainty: Annotated[Annotated[str, Term("certainty")] | None, Says("How sure the source is")] = None
    sources: Annotated[tuple[str, ...], Ref("citations"), Says("Keys of the sources that say so")] = ()
    visibility: Annotated[Annotated[str, Term("visibility")] | None, Says("Restricted rows are never published")] = None
    unknown: tuple[str, ...] = ()
    spellings: dict[str, str] = Field(default_factory=dict)
    other_xml: Annotated[
        dict[str, str] | None, Says("What stood in the IATI file beyond the standard, by its place")
    ] = None


SomeModel = TypeVar("SomeModel", bound=BaseModel)


def made(model: type[SomeModel], **values: object) -> SomeModel:
    """A fact of values that need no validation, since a mapping made them: much quicker than pydantic's own way."""
    return shaped(model, blank(model) | values)


def altered(fact: SomeModel, **values: object) -> SomeModel:
    """The fact with some values in place of its own; nothing is validated."""
    return shaped(type(fact), fact.__dict__ | values)


def blank(model: type[BaseModel]) -> dict[str, Any]:
    """The values of a fact that says nothing, to be filled in and `shaped`: quicker than `made`, where it matters."""
    return _defaults(model).copy()


def shaped(model: type[SomeModel], values: dict[str, Any]) -> SomeModel:
    """A fact of exactly these values, which must be all of its fields; nothing is validated. The values become its own:
    who gives them does not change them any more.
    """
    fact = _new(model)
    _put_values(fact, values)
    _put_set(fact, _SET)
    _put_extra(fact, None)
    _put_private(fact, None)
    return fact


def _putter(name: str) -> Callable[[object, object], None]:
    """What puts an attribute that every model has: its descriptor does it twice as quickly as `object.__setattr__`."""
    put: Callable[[object, object], None] = BaseModel.__dict__[name].__set__
    return put


_new = object.__new__
_put_values, _put_set = _putter("__dict__"), _putter("__pydantic_fields_set__")
_put_extra, _put_private = _putter("__pydantic_extra__"), _putter("__pydantic_private__")
_SET: set[str] = set()


@cache
def _defaults(model: type[BaseModel]) -> dict[str, object]:
    """The defaults of every field; shared, as facts are never changed."""
    return {name: field.get_default(call_default_factory=True) for name, field in model.model_fields.items()}


class Text(BaseModel):
    """A text and its language (ISO 639-1); None where the source does not say, then the default of the project
    holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    lang: str | None = None
    text: str


def _as_texts(value: object) -> object:
    if isinstance(value, str):
        return ({"text": value},)
    if isinstance(value, dict):
        raise PydanticCustomError("texts_by_language", "Write a list of {lang, text}, not an object by language")
    return value


Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_texts)]

_PARTIAL = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)


class Span(NamedTuple):
    """The first and the last day that a date of any precision may mean."""

    first: date
    last: date


def _one_span(value: str) -> Span:
    parts = [int(part) for part in value.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else None
    if len(parts) == 3:
        day = date(*parts)
        return Span(day, day)
    if month is None:
        return Span(date(year, 1, 1), date(year, 12, 31))
    after = date(year + month // 12, month % 12 + 1, 1)
    return Span(date(year, month, 1), date.fromordinal(after.toordinal() - 1))


@lru_cache(maxsize=10_000)
def span(value: str) -> Span:
    """The days of `2011`, `2011-05`, `2011-05-17` or a range `2011/2012-03`; ValueError for what is none of these."""
    if len(value) == len("2011-05-17") and _PARTIAL.fullmatch(value):
        day = date.fromisoformat(value)
        return Span(day, day)
    start, slash, end = value.partition("/")
    if not _PARTIAL.fullmatch(start) or (slash and not _PARTIAL.fullmatch(end)):
        raise ValueError(value)
    first = _one_span(start)
    last = _one_span(end) if slash else first
    if last.last < first.first:
        raise ValueError(value)
    return Span(first.first, last.last)


def precision(value: str) -> str:
    """`day`, `month`, `year` or `range`."""
    return "range" if "/" in value else {10: "day", 7: "month", 4: "year"}[len(value)]


def first_day(value: str) -> str:
    """The first day that the date may mean, as IATI writes it."""
    return value if len(value) == 10 else span(value).first.isoformat()


def _check_date(value: object) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("date_text", "A date is written as text: YYYY-MM-DD, YYYY-MM or YYYY")
    try:
        span(value)
    except ValueError:
        raise PydanticCustomError("date_text", "Not a date: YYYY-MM-DD, YYYY-MM, YYYY or a range of two") from None
    return value


PartialDate = Annotated[str, BeforeValidator(_check_date), Dated()]
"""A date as precise as the source: `2011`, `2011-05`, `2011-05-17`, or a range of two (`2011/2012`)."""

FullDate = Annotated[str, BeforeValidator(_check_date), Dated(), Day()]
"""A date of which the day must be known (`2011-05-17`); that it is, is checked with the record."""


_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)


def is_datetime(value: str) -> bool:
    """Whether IATI takes the text for a date-time: `2026-01-31T12:00:00Z`."""
    if not _DATETIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def plain(value: Decimal) -> str:
    """The number as IATI writes it: no exponent, no thousands mark, every digit kept."""
    return format(value, "f")


Amount = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="json")]
"""An exact number; JSON carries it as text so that no digit is lost."""

Percent = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="json"), Within(0, 100)]
