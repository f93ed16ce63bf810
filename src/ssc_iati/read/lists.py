"""Whether a text is of the list of a column, and what comes closest where it is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from ssc_iati.record import terms
from ssc_iati.record.fields import Described
from ssc_iati.record.tables import Column
from ssc_iati.record.values import Code, CodeBy, Term
from ssc_iati.standard import codelists
from ssc_iati.text import fold


def lists_of(field: Described) -> tuple[str, ...]:
    """The lists that hold for a field: one of the record's own (`term:phase`), or codelists of IATI."""
    term, code, code_by = field.mark(Term), field.mark(Code), field.mark(CodeBy)
    if term is not None:
        return (f"term:{term.name}",)
    if code is not None:
        return (code.codelist,)
    return tuple(dict.fromkeys(name for _, name in code_by.lists)) if code_by is not None else ()


def lists_in(column: Column, beside: Mapping[str, object]) -> tuple[str, ...]:
    """The lists that hold for a column, beside what is given in the same row: where the vocabulary is said, its own."""
    code_by = column.field.mark(CodeBy)
    vocabulary = {**beside, **column.wrap}.get(code_by.field) if code_by is not None else None
    if code_by is None or vocabulary is None:
        return lists_of(column.field)
    return tuple(name for number, name in code_by.lists if number == str(vocabulary))


def lists_several(column: Column) -> bool:
    """Whether one cell of a column may list several values."""
    return (column.field.many and not column.speaks) or column.name.startswith("sdg_")


def code_in(name: str, text: str) -> str | None:
    """The code of a list that a text means, as a code or as a name in any of the four languages."""
    if name.startswith("term:"):
        return terms.lookup(name.removeprefix("term:"), text)
    return codelists.lookup(name, text)


def is_in(lists: Iterable[str], text: str) -> bool:
    """Whether one of the lists knows the text."""
    return any(code_in(name, text) is not None for name in lists)


def is_listed(field: Described, text: str) -> bool:
    """Whether the field has no list, or one that knows the text."""
    lists = lists_of(field)
    return not lists or is_in(lists, text)


def closest(field: Described, text: str, also: Iterable[str] = ()) -> str | None:
    """What resembles a text most: of these words, else of the field's lists."""
    words = {fold(each): each for each in also}
    close = get_close_matches(fold(text), words, n=1)
    if close:
        return words[close[0]]
    found = (_suggested(name, text) for name in lists_of(field))
    return next((each for each in found if each is not None), None)


def _suggested(name: str, text: str) -> str | None:
    if name.startswith("term:"):
        return terms.suggest(name.removeprefix("term:"), text)
    return codelists.suggest(name, text)
