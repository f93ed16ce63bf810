"""A first column mapping, proposed from what a source shows: its headers, and a sample of its values.

Nothing is guessed silently: every line says how certain it is and why, and what is not certain is commented out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import islice
from typing import NamedTuple

from ssc_iati.read.grid import Cell, Grid
from ssc_iati.read.lanes import is_blank, shown
from ssc_iati.read.lists import closest, code_in, lists_of
from ssc_iati.read.mapping import NUMBER
from ssc_iati.record.labels import column_spellings
from ssc_iati.record.tables import Column
from ssc_iati.record.tables import table as table_of
from ssc_iati.record.values import Dated
from ssc_iati.text import fold, states_unknown

CERTAIN = 0.8
"""From here on a line stands; below it is commented out."""
_WORTH_SAYING = 0.5
_SAMPLE = 300
_MOST_VALUES = 40
_BESIDE = ("recipient_countries", "sectors")
_OF_GROUPS = ("participations", "contributions")
_DIGITS = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_DATE = re.compile(r"\d{4}(-\d{1,2}(-\d{1,2})?)?|\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{1,2}[-/.]\d{4}", re.ASCII)
_NUMBER = re.compile(r"[-+]?[\d.,' \u00a0]*\d\s*%?", re.ASCII)

_WORDS = {
    "en": (
        "Proposed by `ssc-iati mapping propose`. Each line says how certain it is; take the # away where it is right.",
        "its own name or label", "its name resembles {0}", "its values are in the list {0}", "no proposal",
        "values that its list does not know, with what comes closest", "{0} columns mapped, {1} to decide: {2}",
    ),
    "es": (
        "Propuesto por `ssc-iati mapping propose`. Cada línea dice qué tan segura es; quite el # donde sea correcta.",
        "su propio nombre o etiqueta", "su nombre se parece a {0}", "sus valores están en la lista {0}",
        "sin propuesta", "valores que su lista no conoce, con lo más parecido",
        "{0} columnas asignadas, {1} por decidir: {2}",
    ),
    "pt": (
        "Proposto por `ssc-iati mapping propose`. Cada linha diz quão segura é; retire o # onde estiver certa.",
        "seu próprio nome ou rótulo", "seu nome se parece com {0}", "seus valores estão na lista {0}",
        "sem proposta", "valores que a lista não conhece, com o mais parecido",
        "{0} colunas mapeadas, {1} por decidir: {2}",
    ),
    "fr": (
        "Proposé par `ssc-iati mapping propose`. Chaque ligne dit sa certitude ; ôtez le # là où elle est juste.",
        "son propre nom ou libellé", "son nom ressemble à {0}", "ses valeurs sont dans la liste {0}",
        "aucune proposition", "valeurs que sa liste ne connaît pas, avec la plus proche",
        "{0} colonnes associées, {1} à décider : {2}",
    ),
}  # fmt: skip


class Words(NamedTuple):
    """What a proposal says beside TOML."""

    opening: str
    named: str
    resembles: str
    listed: str
    nothing: str
    unknown: str
    summary: str


class Guess(NamedTuple):
    """What a header may be: the table and its column, how certain that is (0 to 1), and why."""

    header: str
    table: str
    target: str
    certainty: float
    why: str


class Proposal(NamedTuple):
    """The text of a mapping, and how many columns it maps and leaves to decide."""

    text: str
    mapped: int
    open: int


def words(language: str) -> Words:
    """The words of a proposal in this language."""
    return Words(*_WORDS.get(language, _WORDS["en"]))


def propose(grids: Iterable[Grid], language: str) -> Proposal:
    """A mapping of every sheet that has headers."""
    said = words(language)
    lines = [f"# {said.opening}", "", 'version = "1"']
    mapped = undecided = 0
    for grid in grids:
        sample = _sampled(grid)
        if not sample.values:
            continue
        best = _guessed(sample, said)
        mapped += sum(each.certainty >= CERTAIN for each in best.values())
        undecided += sum(header not in best or best[header].certainty < CERTAIN for header in sample.values)
        lines += ["", *_sheet(grid, sample, best, said)]
    return Proposal("\n".join(lines) + "\n", mapped, undecided)


# --- What a sheet shows -----------------------------------------------------------------------------------------------


class _Sample(NamedTuple):
    """The row of the headers, and some values under each; numbered headers are one, with `{n}`."""

    header_row: int
    values: dict[str, list[Cell]]


def _sampled(grid: Grid) -> _Sample:
    rows: list[tuple[int, list[Cell]]] = [(grid.header_row, list(grid.headers)), *islice(grid.rows(), _SAMPLE)]
    at = _header_at([cells for _, cells in rows[:12]])
    number, headers = rows[at]
    values: dict[str, list[Cell]] = {}
    patterns = _patterns([shown(each).strip() for each in headers])
    for column, pattern in enumerate(patterns):
        if pattern:
            own = (cells[column] for _, cells in rows[at + 1 :] if column < len(cells))
            values.setdefault(pattern, []).extend(cell for cell in own if not is_blank(cell))
    return _Sample(number, values)


def _header_at(rows: list[list[Cell]]) -> int:
    """The first row that is filled as wide as any: above it there may be a title."""
    width = [sum(not is_blank(cell) for cell in cells) for cells in rows]
    return next((at for at, filled in enumerate(width) if filled * 3 >= max(width) * 2), 0)


def _patterns(headers: list[str]) -> list[str]:
    """The headers, those that differ in a number only under one name: `Socio {n}`."""
    by_pattern: dict[str, int] = {}
    made = [_DIGITS.sub(NUMBER, each, count=1) for each in headers]
    for each in made:
        by_pattern[each] = by_pattern.get(each, 0) + 1
    return [each if by_pattern[each] > 1 and NUMBER in each else own for each, own in zip(made, headers, strict=True)]


# --- What it may be ---------------------------------------------------------------------------------------------------


def _guessed(sample: _Sample, said: Words) -> dict[str, Guess]:
    """The best guess for each header; no column of the record is given twice."""
    every = [each for header, values in sample.values.items() for each in _guesses(header, values, said)]
    best: dict[str, Guess] = {}
    taken: set[tuple[str, str]] = set()
    for each in sorted(every, key=lambda guess: -guess.certainty):
        if each.header not in best and (each.table, each.target) not in taken and each.certainty >= _WORTH_SAYING:
            best[each.header] = each
            taken.add((each.table, each.target))
    return best


def _guesses(header: str, values: list[Cell], said: Words) -> Iterator[Guess]:
    tables = _OF_GROUPS if NUMBER in header else ("projects", *_BESIDE)
    name = fold(header.replace(NUMBER, " "))
    for table in tables:
        for column in table_of(table).columns:
            if table in _BESIDE and (column.name != "code" or name in column_spellings("projects")):
                continue
            likeness, spelling = _likeness(name, table, column.name)
            certainty, why = _judged(column, likeness, spelling, values, said)
            if certainty > 0:
                yield Guess(header, table, column.name, round(certainty, 2), why)


def _likeness(name: str, table: str, column: str) -> tuple[float, str]:
    """How far a header resembles a spelling of the column: 1 where it is one."""
    spellings = column_spellings(table)
    if spellings.get(name) == column:
        return 1.0, name
    own = [each for each, meant in spellings.items() if meant == column]
    return max(((_alike(name, each), each) for each in own), default=(0.0, ""))


def _alike(name: str, spelling: str) -> float:
    mine, other = set(name.split()), set(spelling.split())
    shared = len(mine & other) / max(len(mine | other), 1)
    return max(SequenceMatcher(None, name, spelling).ratio() if shared else 0.0, shared)


def _judged(column: Column, likeness: float, spelling: str, values: list[Cell], said: Words) -> tuple[float, str]:
    """How certain a guess is, and why: by its name, borne out or belied by its values."""
    fit, listed = _fit(column, values)
    why = said.named if likeness == 1 else said.resembles.format(spelling)
    if fit is None:
        return (0.95 if likeness == 1 else 0.7 * likeness), why
    if likeness == 1:
        return (1.0 if fit > 0.5 else 0.6), why
    if listed and fit > 0.8 and _tells(values):
        return (0.6 + 0.2 * likeness) * fit, said.listed.format(listed)
    return (0.9 * likeness * fit if likeness > 0.5 else 0.0), why


def _tells(values: list[Cell]) -> bool:
    """Whether values say something by being in a list: small numbers are codes of nearly every list."""
    return any(len(text) > 2 or text.isalpha() for text in (shown(value).strip() for value in values))


def _fit(column: Column, values: list[Cell]) -> tuple[float | None, str]:
    """The share of the values that the column could hold, and the list that knows them; None where any text will do."""
    distinct = [each for each in dict.fromkeys(shown(value).strip() for value in values) if not states_unknown(each)]
    if len(distinct) < 2 and not (distinct and lists_of(column.field)):
        return None, ""
    if column.field.mark(Dated) is not None:
        dates = [isinstance(value, date) or _DATE.fullmatch(shown(value).strip()) is not None for value in values]
        return sum(dates) / len(dates), ""
    if column.field.kind is Decimal:
        return sum(_NUMBER.fullmatch(each) is not None for each in distinct) / len(distinct), ""
    shares = [(_known(name, distinct), name) for name in lists_of(column.field)]
    return max(shares, default=(None, ""), key=lambda share: share[0] or 0.0)


def _known(name: str, texts: list[str]) -> float:
    return sum(code_in(name, each) is not None for each in texts) / len(texts)


# --- In words ---------------------------------------------------------------------------------------------------------


def _sheet(grid: Grid, sample: _Sample, best: dict[str, Guess], said: Words) -> Iterator[str]:
    yield "[[sheet]]"
    yield f"name = {_quoted(grid.name)}"
    if sample.header_row != grid.header_row or sample.header_row > 1:
        yield f"header_row = {sample.header_row}"
    yield 'table = "projects"'
    yield ""
    yield "[sheet.columns]"
    for header in sample.values:
        guess = best.get(header)
        if guess is None:
            yield f'# {_quoted(header)} = ""  # {said.nothing}'
        elif guess.table == "projects":
            yield _line(guess)
    for header, guess in best.items():
        yield from _values(header, guess, sample.values[header], said)
    for table in (*_BESIDE, *_OF_GROUPS):
        yield from _also(table, [each for each in best.values() if each.table == table])


def _line(guess: Guess) -> str:
    mark = "" if guess.certainty >= CERTAIN else "# "
    return f"{mark}{_quoted(guess.header)} = {_quoted(guess.target)}  # {guess.certainty:.2f}: {guess.why}"


def _also(table: str, guesses: list[Guess]) -> Iterator[str]:
    """A further table that the rows feed; commented out as a whole where nothing in it is certain."""
    if not guesses:
        return
    mark = "" if any(each.certainty >= CERTAIN for each in guesses) else "# "
    for each in guesses:
        if (each.table, each.target) == ("participations", "organisation"):
            both = f'{_quoted(each.header)} = ["key", "name"]  # {each.certainty:.2f}'
            yield from _block(mark, "organisations", [both])
    yield from _block(mark, table, [_line(each) for each in guesses])


def _block(mark: str, table: str, columns: list[str]) -> Iterator[str]:
    yield ""
    yield f"{mark}[[sheet.also]]"
    yield f'{mark}table = "{table}"'
    yield f"{mark}[sheet.also.columns]"
    yield from (line if line.startswith("#") else f"{mark}{line}" for line in columns)


def _values(header: str, guess: Guess, values: list[Cell], said: Words) -> Iterator[str]:
    """What the list of the column does not know, each with what comes closest, to be decided."""
    column = next(each for each in table_of(guess.table).columns if each.name == guess.target)
    lists = lists_of(column.field)
    distinct = dict.fromkeys(shown(value).strip() for value in values) if lists else ()
    strange = [each for each in distinct if not states_unknown(each) and not any(code_in(name, each) for name in lists)]
    if strange and len(strange) <= _MOST_VALUES:
        yield ""
        yield f"# [sheet.values.{_quoted(header)}]  # {said.unknown}"
        yield from (f"# {_quoted(each)} = {_quoted(closest(column.field, each) or '')}" for each in strange)


def _quoted(text: str) -> str:
    """A string of TOML, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
