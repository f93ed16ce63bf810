"""Converters: what turns one cell into a value of a field, by what the field's declaration says.

A text that is no code of a list, nor a name of one, stays as it is, for the checks to find.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ssc_iati.check import cells
from ssc_iati.check.cells import Locale, Trouble
from ssc_iati.read.grid import Cell
from ssc_iati.record import terms
from ssc_iati.record.fields import Described
from ssc_iati.record.values import Code, CodeBy, Dated, Day, Identifier, Term, Within
from ssc_iati.standard import codelists

Convert = Callable[[Any], Any]
Values = dict[str, Any]

_REMEMBERED = 4_000


def converter(field: Described, locale: Locale) -> Convert:
    """What turns a cell into a value of the field, or into trouble; equal texts are converted once."""
    one = converting(field, locale)
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


class Converted(dict[str, Any]):
    """What texts were converted to, each when it was first asked for; None for what gives no value."""

    __slots__ = ("_one",)

    def __init__(self, one: Convert) -> None:
        super().__init__()
        self._one = sound(one)

    def __missing__(self, text: str) -> Any:  # noqa: ANN401
        if len(self) > _REMEMBERED:
            self.clear()
        value = self[text] = self._one(text)
        return value


def sound(convert: Convert) -> Convert:
    """The converter, with None for what is trouble or says nothing: an empty text, an empty list."""

    def value(cell: Any) -> Any:  # noqa: ANN401
        made = convert(cell)
        return None if type(made) is Trouble or made in ("", []) else made

    return value


def converting(field: Described, locale: Locale) -> Convert:
    """What turns a cell into a value of the field, or into trouble; it remembers nothing."""
    kind = field.kind
    if kind is bool:
        return cells.boolean
    if kind is Decimal:
        bounds = field.mark(Within)
        low, high = (bounds.low, bounds.high) if bounds is not None else (None, None)
        return lambda cell: cells.number(cell, locale, low, high)
    if field.mark(Dated) is not None:
        whole = field.mark(Day) is not None
        return lambda cell: (cells.full_date if whole else cells.partial_date)(cell, locale)
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
