"""The words of what is said about the standard in use and its updates (`standard.toml`), and how a table is set."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any


def word(key: str, language: str, **values: object) -> str:
    """A line, in the language."""
    return str(_words(language)[key]).format_map(values)


def table(rows: Sequence[Sequence[str]], language: str) -> Iterator[str]:
    """Rows of name, date, two numbers and origin beneath their headings, in columns."""
    every = [_words(language)["columns"], *rows]
    widths = [max(len(row[column]) for row in every) for column in range(4)]
    for name, date, entries, withdrawn, origin in every:
        cells = (name.ljust(widths[0]), date.ljust(widths[1]), entries.rjust(widths[2]), withdrawn.rjust(widths[3]))
        yield "  ".join([*cells, origin])


@cache
def _words(language: str) -> dict[str, Any]:
    every = tomllib.loads(files(__package__).joinpath("standard.toml").read_text("utf-8"))
    found: dict[str, Any] = every.get(language, every["en"])
    return found
