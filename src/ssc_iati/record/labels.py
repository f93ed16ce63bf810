"""What tables and columns are called in four languages, and which of them a person's header means.

The words stand in `labels.json`: the first of a list is the label, the others are spellings that people write as well.
A column answers to its own name, to the words for it in its table and to those for it in every table.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import NamedTuple, TypeAlias

from ssc_iati.record.tables import table as table_of
from ssc_iati.record.tables import tables
from ssc_iati.text import fold

_Words: TypeAlias = Mapping[str, str | list[str]]


class _Labels(NamedTuple):
    """The file: words by language, of tables, of columns everywhere, and of columns in one table."""

    tables: Mapping[str, _Words]
    columns: Mapping[str, _Words]
    table_columns: Mapping[str, Mapping[str, _Words]]


@cache
def _labels() -> _Labels:
    return _Labels(**json.loads(files(__package__).joinpath("labels.json").read_text(encoding="utf-8")))


def table_label(table: str, language: str) -> str:
    """What a table is called in a language; in English where the language is none of ours."""
    return _first(_labels().tables[table], language)


def column_label(table: str, column: str, language: str) -> str:
    """What a column of a table is called in a language; in English where the language is none of ours."""
    labels = _labels()
    return _first(labels.table_columns.get(table, {}).get(column) or labels.columns[column], language)


@cache
def _own_names() -> dict[str, frozenset[str]]:
    """Tables and their columns by the names that programs write, for which no spelling need be looked up."""
    return {each.name: frozenset(each.header()) for each in tables()}


def table_named(text: str) -> str | None:
    """The table that a sheet's or file's name means, by its own name or a label in any language."""
    return text if text in _own_names() else _tables_by_spelling().get(fold(text))


def column_named(table: str, text: str) -> str | None:
    """The column of a table that a header means, by its own name or a label in any language."""
    return text if text in _own_names()[table] else column_spellings(table).get(fold(text))


def suggest_table(text: str) -> str | None:
    """The table whose name or label comes closest to the text, if any comes close."""
    return _closest(text, _tables_by_spelling())


def suggest_column(table: str, text: str) -> str | None:
    """The column of a table whose name or label comes closest to the text, if any comes close."""
    return _closest(text, column_spellings(table))


def _first(words: _Words, language: str) -> str:
    said = words.get(language, words["en"])
    return said if isinstance(said, str) else said[0]


def _all(words: _Words) -> Iterator[str]:
    for said in words.values():
        yield from (said,) if isinstance(said, str) else said


def _table_spellings(table: str) -> tuple[str, ...]:
    return tuple(_all(_labels().tables.get(table, {})))


def _column_spellings(table: str, column: str) -> tuple[str, ...]:
    labels = _labels()
    in_table = labels.table_columns.get(table, {}).get(column, {})
    return (*_all(in_table), *_all(labels.columns.get(column, {})))


@cache
def _tables_by_spelling() -> Mapping[str, str]:
    return _by_spelling({each.name: _table_spellings(each.name) for each in tables()})


@cache
def column_spellings(table: str) -> Mapping[str, str]:
    """The column that each spelling means, folded, in any of the languages."""
    return _by_spelling({column: _column_spellings(table, column) for column in table_of(table).header()})


def _by_spelling(spellings: Mapping[str, tuple[str, ...]]) -> Mapping[str, str]:
    """What each folded spelling names: own names go first, and a label that two share names neither."""
    meant: dict[str, set[str]] = defaultdict(set)
    for name, texts in spellings.items():
        for text in texts:
            meant[fold(text)].add(name)
    unshared = {text: min(names) for text, names in meant.items() if len(names) == 1}
    return unshared | {fold(name): name for name in spellings}


def _closest(text: str, known: Mapping[str, str]) -> str | None:
    close = get_close_matches(fold(text), known, n=1)
    return known[close[0]] if close else None
