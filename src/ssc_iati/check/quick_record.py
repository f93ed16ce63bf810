"""The quick way from the values of a record to its project: one pass over what is given.

pydantic visits every field that a model has, and `faults` every field that has a list or a bound; of some hundreds
nearly all are blank. Here the project is made, and its codes are judged, by what the record says alone. A value must be
of exactly the type that the model holds, or a list of such: what else a field takes, or does not take, is left to
pydantic, which says so; a code that is not plainly good is left to `faults`.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from decimal import Decimal
from functools import cache, partial
from itertools import repeat
from typing import Any, NamedTuple, TypeAlias

from ssc_iati.check.codes import Test, Tested, faults, languages, plan
from ssc_iati.record import terms
from ssc_iati.record.fields import Described, describe
from ssc_iati.record.flat import when_called
from ssc_iati.record.project import Project
from ssc_iati.record.values import CodeBy, Dated, Fact, Term, Text, shaped, span

Doubts: TypeAlias = list[object]
"""What `faults` may have something to say of."""

Take: TypeAlias = Callable[[Any, Doubts], Any]
"""Makes of a value, which is not None, what the model holds; UnplainError if it is not of the model's own type."""


class UnplainError(ValueError):
    """A value of which pydantic must say what it is."""


class Read(NamedTuple):
    """A project, and whether it is certain that `faults` finds nothing in it."""

    project: Project
    sound: bool


def read_quickly(values: dict[str, Any]) -> Read | None:
    """The project that pydantic would make of the values; None if that can only be told by asking it.

    Facts that are given, not their values, are taken as they are, as pydantic does. It is a project as `made` makes
    one: what is blank is shared, and pydantic is not told which fields were given.
    """
    doubts: Doubts = []
    try:
        project = _taker(Project)(values, doubts)
    except (KeyError, ValueError):  # a field that the model has not; a value that is not plain, or no date
        return None
    return Read(project, not doubts)


def ready_records() -> None:
    """Make ready what `read_quickly` needs, before it is needed."""
    _taker(Project)


@cache
def _taker(model: type[Fact]) -> Take:
    """What makes a fact of its values."""
    fields, planned = describe(model), plan(model, None)
    blank = {name: field.get_default(call_default_factory=True) for name, field in model.model_fields.items()}
    tested = {each.name: each for each in (*planned.single, *planned.many)}
    plain = {field.name: _plain(field, tested.get(field.name)) for field in fields}
    takes: dict[str, Take] = {}
    for field in fields:
        when_called(field.name, partial(_take, field, tested.get(field.name)), takes)
    doubtful = _doubtful(planned.needed, [tested[each.name] for each in fields if each.mark(CodeBy) is not None])

    def take(given: Any, doubts: Doubts) -> Any:  # noqa: ANN401
        if type(given) is not dict:
            return _as_it_is(model, given, doubts)
        values = blank | given
        for name, value in given.items():
            if type(value) is str:
                good = plain[name]
                if good is not None and value not in good:
                    values[name] = takes[name](value, doubts)
            elif value is not None:
                values[name] = takes[name](value, doubts)
            elif blank[name] is not None:  # pydantic takes None only where it is the default
                raise UnplainError
        fact = shaped(model, values)
        if doubtful is not None and doubtful(fact):
            doubts.append(fact)
        return fact

    return take


def _as_it_is(model: type[Fact], given: Any, doubts: Doubts) -> Any:  # noqa: ANN401
    if type(given) is not model:
        raise UnplainError
    if faults(model, given):
        doubts.append(given)
    return given


def _doubtful(needed: tuple[str, ...], by_another: list[Tested]) -> Callable[[Fact], bool] | None:
    """Whether a fact lacks what it needs, or has a code that its vocabulary has not; None if it cannot."""
    if not needed and not by_another:
        return None

    def doubtful(fact: Fact) -> bool:
        values = fact.__dict__
        for name in needed:
            if not values[name]:
                return True
        for each in by_another:
            value = values[each.name]
            if value is not None and each.test(value, fact) is not None:
                return True
        return False

    return doubtful


_NONE: frozenset[str] = frozenset()
_REMEMBERED = 10_000
_dates: set[str] = set()
"""Dates that were seen to be such; at most as many as are remembered elsewhere."""


def _plain(field: Described, tested: Tested | None) -> AbstractSet[str] | None:
    """The texts that the field holds as they are, and that are good; None if all are."""
    if field.many or field.kind is not str:
        return _NONE
    if field.mark(Dated) is not None:
        return _dates
    term = field.mark(Term)
    if term is not None:
        return frozenset(terms.codes(term.name))
    return None if tested is None or field.mark(CodeBy) is not None else tested.good


def _take(field: Described, tested: Tested | None) -> Take:
    """What takes the values of the field that are not plain texts."""
    if field.kind in _BY_KIND:
        return _BY_KIND[field.kind]
    take = _taker(field.kind) if issubclass(field.kind, Fact) else _single(field, tested)
    return _all(take) if field.many else take


def _single(field: Described, tested: Tested | None) -> Take:
    test = tested.test if tested is not None else None
    if field.kind is Decimal:
        return _number(test)
    if field.mark(Dated) is not None:
        return _date
    return _refused if field.mark(Term) is not None else _text(test)


def _refused(_: Any, __: Doubts) -> Any:  # noqa: ANN401
    """What is no term of the field's list."""
    raise UnplainError


def _all(take: Take) -> Take:
    def take_all(given: Any, doubts: Doubts) -> Any:  # noqa: ANN401
        if type(given) is not list and type(given) is not tuple:
            raise UnplainError
        return tuple(map(take, given, repeat(doubts)))

    return take_all


def _text(test: Test | None) -> Take:
    def take(value: Any, doubts: Doubts) -> Any:  # noqa: ANN401
        if type(value) is not str:
            raise UnplainError
        if test is not None and test(value, None) is not None:
            doubts.append(value)
        return value

    return take


def _number(test: Test | None) -> Take:
    def take(value: Any, doubts: Doubts) -> Any:  # noqa: ANN401
        if type(value) is not Decimal or not value.is_finite():
            raise UnplainError
        if test is not None and test(value, None) is not None:
            doubts.append(value)
        return value

    return take


def _bool(value: Any, _: Doubts) -> Any:  # noqa: ANN401
    if type(value) is not bool:
        raise UnplainError
    return value


def _date(value: Any, _: Doubts) -> Any:  # noqa: ANN401
    if type(value) is not str:
        raise UnplainError
    span(value)
    if len(_dates) >= _REMEMBERED:
        _dates.clear()
    _dates.add(value)
    return value


def _pairs(given: Any, _: Doubts) -> Any:  # noqa: ANN401
    if type(given) is not dict or not all(type(each) is str for pair in given.items() for each in pair):
        raise UnplainError
    return given.copy()


def _texts(given: Any, doubts: Doubts) -> Any:  # noqa: ANN401
    if type(given) is not list and type(given) is not tuple:
        raise UnplainError
    texts = []
    for each in given:
        if type(each) is not dict or len(each) > 2:
            raise UnplainError
        text, lang = each["text"], each["lang"] if len(each) == 2 else None
        if type(text) is not str:
            raise UnplainError
        if lang is not None:
            if type(lang) is not str:
                raise UnplainError
            if lang not in languages():
                doubts.append(lang)
        texts.append(shaped(Text, {"lang": lang, "text": text}))
    return tuple(texts)


_BY_KIND: dict[type, Take] = {Text: _texts, bool: _bool, dict: _pairs}
