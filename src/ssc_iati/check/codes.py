"""Every code, organisation identifier and bounded number of a record, against its list; one plan for each model."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

from ssc_iati.check.faults import Fault
from ssc_iati.check.places import Loc
from ssc_iati.findings import Severity
from ssc_iati.record import activity, crs, money, project, results
from ssc_iati.record.fields import Described, describe
from ssc_iati.record.flat import Scope, flat, when_called
from ssc_iati.record.values import At, Code, CodeBy, Currency, Fact, Identifier, Text, Within, is_datetime
from ssc_iati.standard import codelists, org_id
from ssc_iati.standard.rules import code_rule

_REMEMBERED = 10_000

Gather = Callable[[Any, Loc, list[Fault]], None]
Test = Callable[[Any, Any], tuple[str, dict[str, object]] | None]


class Tested(NamedTuple):
    """A field that is tested; what is in `good` needs no test."""

    name: str
    good: frozenset[str]
    test: Test
    path: str | None


class _Below(NamedTuple):
    """A field that holds facts, and what makes the gatherer of their faults."""

    name: str
    many: bool
    gatherer: Callable[[], Gather]


class Plan(NamedTuple):
    """What is tested in the facts of a model, at one path of the activity."""

    needed: tuple[str, ...]
    single: tuple[Tested, ...]
    many: tuple[Tested, ...]
    texts: tuple[str, ...]
    below: tuple[_Below, ...]


def faults(model: type[Fact], fact: Fact) -> list[Fault]:
    """Everything in the fact, and below it, that its declared lists and bounds do not admit."""
    found: list[Fault] = []
    _gatherer(model, "")(fact, (), found)
    return found


@cache
def _gatherer(model: type[Fact], path: str | None) -> Gather:
    """One flat function for the facts of a model: most values are blank, or good, and that must be told at once."""
    tested = plan(model, path)
    scope: Scope = {"Fault": Fault, "found_fault": _fault, "language": _state, "good": languages()}
    lines = ["def gather(fact, loc, found):", "    d = fact.__dict__"]
    for name in tested.needed:
        lines += [
            f"    if not d[{name!r}]: found.append(Fault('ssc-field-missing', (*loc, {name!r}), {{'field': {name!r}}}))"
        ]
    for each in (*tested.single, *tested.many):
        lines += (f"    {line}" for line in _tested(each, scope, many=each in tested.many))
    for name in tested.texts:
        lines += (f"    {line}" for line in _spoken(name))
    for inner in tested.below:
        lines += (f"    {line}" for line in _nested(inner, scope))
    gather: Gather = flat("gather", f"faults of {model.__name__}", lines, scope)
    return gather


def _tested(each: Tested, scope: Scope, *, many: bool) -> list[str]:
    mark = f"{len(scope)}"
    scope[f"good{mark}"], scope[f"test{mark}"], scope[f"path{mark}"] = each.good, each.test, each.path
    said = f"found.append(found_fault(f, (*loc, {each.name!r}), path{mark}))"
    test = f"(f := test{mark}(v, fact)) is not None: {said}"
    if many:
        return [f"for v in d[{each.name!r}]:", f"    if v not in good{mark} and {test}"]
    return [f"v = d[{each.name!r}]", f"if v is not None and v not in good{mark} and {test}"]


def _spoken(name: str) -> list[str]:
    return [
        f"for i, t in enumerate(d[{name!r}]):",
        "    if t.lang is not None and t.lang not in good and (f := language('Language', t.lang)) is not None:",
        f"        found.append(Fault(f[0], (*loc, {name!r}, i, 'lang'), f[1]))",
    ]


def _nested(each: _Below, scope: Scope) -> list[str]:
    gather = f"gather{len(scope)}"
    when_called(gather, each.gatherer, scope)
    if each.many:
        return [f"for i, v in enumerate(d[{each.name!r}]): {gather}(v, (*loc, {each.name!r}, i), found)"]
    return [f"v = d[{each.name!r}]", f"if v is not None: {gather}(v, (*loc, {each.name!r}), found)"]


@cache
def languages() -> frozenset[str]:
    """The languages in use, ISO 639-1."""
    return frozenset(codelists.codes("Language", active=True))


def _fault(found: tuple[str, dict[str, object]], loc: Loc, path: str | None) -> Fault:
    rule, values = found
    official = code_rule(path) if path and rule == "ssc-code-unknown" else None
    if official is None:
        return Fault(rule, loc, values)
    return Fault(official[0], loc, values, (Severity.ERROR, official[1]))


def plan(model: type[Fact], path: str | None) -> Plan:
    """What is tested in the facts of a model; `path` is where the activity has them, None outside of it."""
    single, many, below = list[Tested](), list[Tested](), list[_Below]()
    for field in describe(model):
        where = _path(field, path)
        if issubclass(field.kind, Fact):
            if _has_tests(field.kind):
                below.append(_Below(field.name, field.many, partial(_gatherer, field.kind, where)))
        elif (test := _form(model, field.name) or _test(field)) is not None:
            (many if field.many else single).append(Tested(field.name, _good(field), test, where))
    texts = tuple(field.name for field in describe(model) if field.kind is Text)
    return Plan(_NEEDED.get(model, ()), tuple(single), tuple(many), texts, tuple(below))


def _good(field: Described) -> frozenset[str]:
    """The codes that are in use; most values are among them."""
    code = field.mark(Code)
    return frozenset(codelists.codes(code.codelist, active=True)) if code is not None else frozenset()


def _path(field: Described, above: str | None) -> str | None:
    mark = field.mark(At)
    if mark is None or above is None:
        return None
    return f"{above}/{mark.path}".lstrip("/")


@cache
def _has_tests(model: type[Fact]) -> bool:
    if model in _NEEDED or any((model, field.name) in _FORMS for field in describe(model)):
        return True
    return any(
        _has_tests(field.kind) if issubclass(field.kind, Fact) else field.kind is Text or _test(field)
        for field in describe(model)
    )


def _test(field: Described) -> Test | None:
    bounds, code, by = field.mark(Within), field.mark(Code), field.mark(CodeBy)
    if bounds is not None:
        return lambda value, _: _outside(value, bounds)
    if code is not None:
        codelist = code.codelist
        state = _currency_state if isinstance(code, Currency) else _state
        return lambda value, _: state(codelist, value)
    if by is not None:
        return lambda value, fact: _state_by(by, value, fact)
    return _identifier if field.mark(Identifier) is not None else None


# What IATI's schema demands of elements that no rule of its own is about.
_NEEDED: dict[type[Fact], tuple[str, ...]] = {
    activity.LocationId: ("code", "vocabulary"),
    activity.Administrative: ("code", "vocabulary"),
    activity.CountryBudgetItems: ("vocabulary", "items"),
    activity.BudgetItem: ("code",),
    activity.Condition: ("type", "text"),
    activity.AidType: ("code",),
    activity.MailingAddress: ("text",),
    crs.OtherFlag: ("code",),
    crs.LoanStatus: ("year", "value_date"),
    crs.Forecast: ("year",),
    crs.Fss: ("extraction_date",),
    money.TransactionSector: ("code",),
    money.TransactionCountry: ("code",),
    money.TransactionRegion: ("code",),
    results.ResultReference: ("code", "vocabulary"),
    results.IndicatorReference: ("code", "vocabulary"),
}

_NUMBER = re.compile(r"[+-]?\d{1,9}", re.ASCII).fullmatch
_DEGREES = r"-?\d{1,3}(?:\.\d+)?"
# Texts that the schema admits in one form only, each with an example.
_FORMS: dict[tuple[type[Fact], str], tuple[Callable[[str], object], str]] = {
    (project.Project, "last_updated_datetime"): (is_datetime, "2026-01-31T12:00:00Z"),
    (project.Project, "hierarchy"): (_NUMBER, "1"),
    (activity.Location, "pos"): (re.compile(f"{_DEGREES} {_DEGREES}", re.ASCII).fullmatch, "14.0818 -87.2068"),
    (activity.Administrative, "level"): (re.compile(r"\d{1,9}", re.ASCII).fullmatch, "1"),
    (activity.LegacyData, "iati_equivalent"): (re.compile(r"[\w.:-]+").fullmatch, "activity-status"),
    (results.Baseline, "year"): (re.compile(r"0*[1-9]\d{0,8}", re.ASCII).fullmatch, "2024"),
}


def _form(model: type[Fact], name: str) -> Test | None:
    if (model, name) not in _FORMS:
        return None
    admits, example = _FORMS[model, name]

    def test(value: str, _: object) -> tuple[str, dict[str, object]] | None:
        return None if admits(value) else ("ssc-form-unknown", {"value": value, "field": name, "example": example})

    return test


def _outside(value: Decimal, bounds: Within) -> tuple[str, dict[str, object]] | None:
    if bounds.low <= value <= bounds.high:
        return None
    return "ssc-number-outside", {"value": value, "low": bounds.low, "high": bounds.high}


@lru_cache(_REMEMBERED)
def _state(codelist: str, code: str) -> tuple[str, dict[str, object]] | None:
    if not codelists.has(codelist, code):
        return "ssc-code-unknown", {"value": code, "codelist": codelist, "suggestion": _suggestion(codelist, code)}
    if codelists.status(codelist, code) != "active":
        return "ssc-code-withdrawn", {"value": code, "codelist": codelist}
    return None


def _currency_state(codelist: str, code: str) -> tuple[str, dict[str, object]] | None:
    """Currencies go out of use; what was paid in one stays so: only unknown ones are faults."""
    found = _state(codelist, code)
    return found if found is not None and found[0] == "ssc-code-unknown" else None


def _suggestion(codelist: str, text: str) -> str:
    close = codelists.suggest(codelist, text)
    return f"{close} ({codelists.name(codelist, close, 'en')})" if close else "-"


def _state_by(by: CodeBy, code: str, fact: Any) -> tuple[str, dict[str, object]] | None:  # noqa: ANN401
    codelist = by.codelist(getattr(fact, by.field))
    return None if codelist is None else _state(codelist, code)


@lru_cache(_REMEMBERED)
def _shape(identifier: str) -> tuple[str, dict[str, object]] | None:
    register, _, number = identifier.rpartition("-")
    if number.isalnum() and org_id.known(register) and not org_id.known(identifier):
        return None  # nearly all are so; what else may be right, or is wrong, is told at more length
    problem = org_id.shape_problem(identifier)
    if problem is None:
        return None
    return f"ssc-org-id-{problem}", {"value": identifier, "suggestion": org_id.suggest_prefix(identifier) or "-"}


def _identifier(identifier: str, _: object) -> tuple[str, dict[str, object]] | None:
    return _shape(identifier)
