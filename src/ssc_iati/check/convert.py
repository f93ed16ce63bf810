"""Converters: what turns one cell into a value of a field, by what the field's declaration says.

A text that is no code of a list, nor a name of one, stays as it is, for the checks to find.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

from ssc_iati.check import cells
from ssc_iati.check.cells import Locale, Trouble
from ssc_iati.read.grid import Cell
from ssc_iati.record import terms
from ssc_iati.record.fields import Described
from ssc_iati.record.values import Code, CodeBy, Dated, Day, Identifier, Term, Within
from ssc_iati.standard import codelists

Convert = Callable[[Any], Any]
Values = dict[str, Any]
Valuing: TypeAlias = tuple[Convert, dict[str, Any] | None]

_REMEMBERED = 4_000


def converter(field: Described, locale: Locale) -> Convert:
    """What turns a cell into a value of the field, or into trouble; equal texts are converted once."""
    one = _one(field, locale)
    remembered: dict[str, Any] = {}

    def convert(cell: Any) -> Any:  # noqa: ANN401
        if type(cell) is not str:
            return one(cell)
        known = remembered.get(cell)
        if known is None:
            if len(remembered) > _REMEMBERED:
                remembered.clear()
            known = remembered[cell] = one(cell)
        return known

    return as_text if one is as_text else convert


def valuing(field: Described, locale: Locale) -> Valuing:
    """What turns a cell into a value of the field, or into None if it gives none: trouble, or an empty text. And the
    texts of which it knows the value already, to be asked before it; None if it remembers nothing.
    """
    if field.kind is Decimal:
        return _of_number(field.mark(Within), locale)
    if field.mark(Dated) is not None:
        return _of_date(field.mark(Day) is not None, locale)
    one = _one(field, locale)
    return (sound(one), None) if one is as_text else _remembering(one)


def sound(convert: Convert) -> Convert:
    """The converter, with None in place of what is trouble or says nothing: an empty text, an empty list."""

    def value(cell: Any) -> Any:  # noqa: ANN401
        made = convert(cell)
        return None if _is_none(made) else made

    return value


def _is_none(made: Any) -> bool:  # noqa: ANN401
    return type(made) is Trouble or (not made and made in ("", []))


def _remembering(one: Convert) -> Valuing:
    known: dict[str, Any] = {}
    without: set[str] = set()

    def convert(cell: Any) -> Any:  # noqa: ANN401
        remembered = type(cell) is str
        if remembered and cell in without:
            return None
        made = one(cell)
        if _is_none(made):
            if remembered:
                _make_room(without)
                without.add(cell)
            return None
        if remembered:
            _make_room(known)
            known[cell] = made
        return made

    return convert, known


def _make_room(remembered: dict[str, Any] | set[str]) -> None:
    if len(remembered) > _REMEMBERED:
        remembered.clear()


@cache
def _of_number(bounds: Within | None, locale: Locale) -> Valuing:
    """One for all columns of such numbers: what they are called makes no difference."""
    return _remembering(_number(bounds, locale))


@cache
def _of_date(whole: bool, locale: Locale) -> Valuing:  # noqa: FBT001
    """One for all columns of dates: the same day stands in several."""
    return _remembering(_date(whole, locale))


def _number(bounds: Within | None, locale: Locale) -> Convert:
    low, high = (bounds.low, bounds.high) if bounds is not None else (None, None)
    return lambda cell: cells.number(cell, locale, low, high)


def _date(whole: bool, locale: Locale) -> Convert:  # noqa: FBT001
    read = cells.full_date if whole else cells.partial_date
    return lambda cell: read(cell, locale)


def _one(field: Described, locale: Locale) -> Convert:
    kind = field.kind
    if kind is bool:
        return cells.boolean
    if kind is Decimal:
        return _number(field.mark(Within), locale)
    if field.mark(Dated) is not None:
        return _date(field.mark(Day) is not None, locale)
    return _worded(field)


def _worded(field: Described) -> Convert:
    """The converter of a text, by the list that it is of."""
    if field.mark(Identifier) is not None:
        return _identifier
    term, code, code_by = field.mark(Term), field.mark(Code), field.mark(CodeBy)
    if term is not None:
        return lambda cell: _term(term.name, cell)
    if code is not None:
        return lambda cell: _code((code.codelist,), cell)
    if code_by is not None:
        return lambda cell: _code(tuple(name for _, name in code_by.lists), cell)
    return as_text


def as_text(cell: Cell) -> str | Trouble:
    """The text of a cell, the quick way where nothing in it can be trouble."""
    if type(cell) is str and cell.isprintable():
        return cell.strip()
    return cells.text(cell)


def _term(name: str, cell: Cell) -> str | Trouble:
    word = as_text(cell)
    if isinstance(word, Trouble):
        return word
    known = terms.lookup(name, word)
    if known is not None:
        return known
    close = terms.suggest(name, word)
    return Trouble("ssc-term-unknown", {"value": word, "suggestion": close or ", ".join(terms.codes(name)[:8])})


def _code(names: tuple[str, ...], cell: Cell) -> str | Trouble:
    """A code, or the name of one in the first list that has it; what is neither stays as it is, for the checks to
    find.
    """
    word = as_text(cell)
    if isinstance(word, Trouble):
        return word
    known = next((code for name in names if (code := codelists.lookup(name, word))), None)
    if known is None and cells.is_unknown(word):
        return Trouble("ssc-code-unknown", {"value": word, "codelist": names[0], "suggestion": "-"})
    return known or word


def _identifier(cell: Cell) -> str | Trouble:
    word = as_text(cell)
    unknown = isinstance(word, str) and cells.is_unknown(word)
    return Trouble("ssc-org-id-no-prefix", {"value": str(word), "suggestion": "-"}) if unknown else word
