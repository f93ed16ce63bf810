"""A record as rows of tables, of which nothing is left out: what no cell can hold stands in the row's column `kept`.

A cell holds a value only if reading it gives the value back. What differs from a cell by white space alone, foreign
XML, odd spellings and the like are kept beside it, as JSON. A row has a key by which the rows below it name it; one
that is no part of the record begins with `#`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

from ssc_iati.check import cells
from ssc_iati.check.convert import Convert, converter
from ssc_iati.check.references import references
from ssc_iati.read.workbook import ERROR_VALUES
from ssc_iati.record.project import Project
from ssc_iati.record.tables import CONTINUED, DETAIL, KEPT, ORDER, POSITION, Column, Detail, Table, table, tables
from ssc_iati.record.values import plain
from ssc_iati.standard import codelists

Cell: TypeAlias = str | Decimal | bool
Row: TypeAlias = dict[str, Cell]
Values: TypeAlias = dict[str, Any]

DOUBLES = 9
"""So many texts of one language get a column each (`title:en`, `title:en#2`); a field with more is kept whole."""
_LOCALE = cells.Locale(".")


class Languages:
    """The columns of a text, language by language, in the order in which they were met."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], dict[str, int]] = {}

    def headers(self, where: str, column: str, languages: Sequence[str | None]) -> list[str]:
        """The header of each text of a field; a second one in the same language has a column of its own."""
        seen: dict[str | None, int] = {}
        found = []
        for language in languages:
            number = seen[language] = seen.get(language, 0) + 1
            name = f"{column}:{language}" if language else column
            found.append(name if number == 1 else f"{name}#{number}")
            self._place(where, column, language or "")
        return found

    def _place(self, where: str, column: str, language: str) -> int:
        places = self._places.setdefault((where, column), {"": 0})
        return places.setdefault(language, len(places))

    def order(self, where: str, header: str) -> tuple[int, int]:
        """The place of a header among those of its column."""
        name, _, number = header.partition("#")
        column, _, language = name.partition(":")
        return self._place(where, column, language), int(number or 1)


class Shared:
    """The organisations that the tables have: each once, whatever projects name it, as the first of them says it."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def has(self, key: str, said: str) -> bool:
        """Whether the tables have this organisation, with these words."""
        return self._said.get(key) == said

    def takes(self, key: str, said: str) -> bool:
        """Whether the tables can have it: no project has said other things of one with this key."""
        return key not in self._said and self._said.setdefault(key, said) == said


def whole_rows(values: Values, root: str, languages: Languages, shared: Shared) -> Iterator[tuple[str, Row]]:
    """Every row of a record: the name of its table, its cells by header. `root` is the table of the record itself."""
    rows = _Rows(values, root, languages)
    if root == "projects":
        yield from rows.organisations(shared)
    yield from rows.made()


def publisher_row(values: Values, languages: Languages) -> Row:
    """What belongs to the file, in the one row of its table; and how the numbers of these tables are written."""
    what, values = table("publisher"), deepcopy(values)
    row = _Rows({"key": "", **values}, what.name, languages).cells(what.name, what.columns, values)
    return {**row, "decimal_mark": ".", **({KEPT: as_json(values)} if values else {})}


class _Rows:
    """The rows of one record in the making; what a row has taken is no longer in the record's values."""

    def __init__(self, values: Values, root: str, languages: Languages) -> None:
        self._values = values
        self._root = root
        self._languages = languages
        self._key = values["key"]
        self._numbers = 0
        self._found: dict[str, list[Row]] = {}

    def made(self) -> Iterator[tuple[str, Row]]:
        own = table(self._root)
        first = _Taken(own.name, self._values, self._languages)
        for column in own.columns:
            if column.path[0].endswith("+"):
                first.take(column)
        for each in _deepest_first(self._root):
            self._found[each.name] = list(self._of_table(each))
        self._found[own.name] = [first.row | self._row(own, {}, self._values)]
        for each in tables():
            for row in self._found.get(each.name, ()):
                yield each.name, row

    def organisations(self, shared: Shared) -> Iterator[tuple[str, Row]]:
        """Rows of the organisations that the project names; those that tables cannot share are kept in its own row."""
        stated: list[Values] = self._values.pop("organisations", [])
        named = _named_organisations(self._values, stated)
        kept = []
        for each in stated:
            key, said = str(each.get("key")), as_json(each)
            if key in named and shared.takes(key, said):
                yield from self._organisation(key, each)
            elif key not in named or not shared.has(key, said):
                kept.append(each)
        if kept:
            self._values["organisations"] = kept

    def _organisation(self, key: str, organisation: Values) -> Iterator[tuple[str, Row]]:
        for each in organisation.pop("capacities", []):
            yield "capacities", self._row(table("capacities"), {"organisation": key}, each)
        yield "organisations", self._row(table("organisations"), {}, organisation)

    def _of_table(self, what: Table) -> Iterator[Row]:
        owner = {} if what.owner_column is None else {what.owner_column: self._key}
        if what.parent is not None:
            for parent in self._parents(what):
                links = {**owner, what.parent: self._named(parent)}
                for fact in self._further(what, parent):
                    yield self._row(what, links, self._keyed(fact))
        elif what.details:
            for fact in self._values.pop(what.path[0], ()):
                yield from _LongForm(self, what, owner).rows(fact)
        else:
            holder = self._values.get(what.path[0], {}) if len(what.path) > 1 else self._values
            for fact in self._further(what, holder):
                yield self._row(what, owner, self._keyed(fact))

    def _parents(self, what: Table) -> Iterator[Values]:
        for name in what.parents:
            yield from self._values.get(name, ())

    def _further(self, what: Table, holder: Values) -> list[Values]:
        """The items that get rows of their own: all but the first, where the row above has columns for that."""
        collection = what.path[-1]
        items: list[Values] = holder.get(collection, [])
        if not items:
            return []
        if what.name not in _INLINE_TABLES:
            del holder[collection]
            return items
        holder[collection] = items[:1]
        return items[1:]

    def _named(self, fact: Values) -> str:
        """The key of a fact, by which others name its row."""
        return str(self._keyed(fact)["key"])

    def _keyed(self, fact: Values) -> Values:
        if not fact.get("key"):
            fact["key"] = self.position()
        return fact

    def position(self) -> str:
        """A key for a row that has none, of no meaning beyond this record's tables."""
        self._numbers += 1
        return f"{POSITION}{self._numbers}"

    def _row(self, what: Table, links: Row, fact: Values) -> Row:
        row = {**links, **self.cells(what.name, what.columns, fact)}
        if fact:
            row[KEPT] = as_json(fact)
        return row

    def cells(self, where: str, columns: tuple[Column, ...], fact: Values) -> Row:
        """The cells that these columns can take of a fact; what they take whole is no longer in it."""
        taken = _Taken(where, fact, self._languages)
        if where == "locations":
            _part_point(fact)
        for column in columns:
            if not column.path[0].endswith("+"):
                taken.take(column)
        taken.prune()
        return taken.row


def _named_organisations(values: Values, stated: list[Values]) -> set[str]:
    """The keys of the organisations that the project's own rows name, and of those that these belong to."""
    wanted = [key for _, collection, key in references(Project, values, ()) if collection == "organisations"]
    parents = {each.get("key"): each.get("parent") for each in stated}
    found: set[str] = set()
    while wanted:
        key = wanted.pop()
        if key not in found:
            found.add(key)
            wanted += [parent for parent in (parents.get(key),) if isinstance(parent, str)]
    return found


@cache
def _deepest_first(root: str) -> tuple[Table, ...]:
    """The tables of what a record has several of; facts below others leave them first."""
    own = [each for each in tables() if each.owner == root and each.path and each.name != "continuations"]
    return tuple(sorted(own, key=lambda each: each.parent is None))


# Tables of further items: the row above has columns for the first.
_INLINE_TABLES = frozenset(
    (
        "default_aid_types",
        "conditions",
        "location_ids",
        "location_divisions",
        "transaction_sectors",
        "transaction_aid_types",
    )
)


def as_json(value: Any) -> str:  # noqa: ANN401
    """The value as the column `kept` holds it."""
    # A spreadsheet takes `_x000D_` for a control character.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("_x00", "\\u005fx00")


# --- One fact ---------------------------------------------------------------------------------------------------------


class _Taken:
    """What the columns take of one fact."""

    def __init__(self, where: str, fact: Values, languages: Languages) -> None:
        self.row: Row = {}
        self._where = where
        self._fact = fact
        self._languages = languages
        self._touched: set[int] = {id(fact)}

    def take(self, column: Column) -> None:
        """The cells of a column, if it can take what the fact has for it."""
        if column.path[0].endswith("+"):
            self._shorthand(column)
            return
        holder, way = self._fact, [self._fact]
        for step in column.path[:-1]:
            below = holder.get(step.removesuffix("[]"))
            if step.endswith("[]"):
                if not below:
                    return
                way.append(below)
                below = below[0]
            if not below:
                return
            way.append(below)
            holder = below
        if column.path[-1] in holder and self._put(column, holder):
            self._touched.update(map(id, way))

    def _put(self, column: Column, holder: Values) -> bool:
        """Put the field into its cells, and take it out of the fact if they hold it exactly."""
        last = column.path[-1]
        value = holder[last]
        made = self._texts(column, value) if column.speaks else _cells(column, value)
        if made is None:
            return False
        self.row.update(made.row)
        if made.rest is None:
            del holder[last]
        else:
            holder[last] = made.rest
        if made.order is not None:
            holder[f"{last}{ORDER}"] = made.order
        return True

    def _texts(self, column: Column, texts: list[Values]) -> _Made | None:
        """A column for each language; the places of the texts where columns cannot keep their order."""
        shown = [visible(each["text"]) for each in texts]
        languages = [_language(each.get("lang")) for each in texts]
        if not texts or not all(shown) or None in languages or _most(languages) > DOUBLES:
            return None
        headers = self._languages.headers(self._where, column.name, languages)
        places = [self._languages.order(self._where, header) for header in headers]
        in_order = sorted(range(len(texts)), key=places.__getitem__)
        order = None if in_order == list(range(len(texts))) else [in_order.index(place) for place in range(len(texts))]
        exact = [
            {name: value for name, value in each.items() if value != (said if name == "text" else language)}
            for each, said, language in zip(texts, shown, languages, strict=True)
        ]
        return _Made(dict(zip(headers, shown, strict=True)), exact if any(exact) else None, order)

    def _shorthand(self, column: Column) -> None:
        """The first items of a list, as long as they say nothing but what the shorthand says."""
        collection, last = column.path[0][:-1], column.path[-1]
        items, many = self._fact.get(collection, []), column.name.startswith("sdg_")
        said: list[Any] = []
        while items and items[0] == {**column.wrap, last: items[0].get(last)} and (many or not said):
            if last not in items[0] or _exactly(column, items[0][last], self) is None:
                break
            said.append(items.pop(0)[last])
        if many and said:
            self.row[column.name] = "; ".join(said)
        elif said:
            made = _exactly(column, said[0], self)
            self.row.update(made or {})
        if not items and collection in self._fact and self._where == "projects":
            del self._fact[collection]

    def texts(self, column: Column, value: list[Values]) -> _Made | None:
        """The cells of a text column."""
        return self._texts(column, value)

    def prune(self) -> None:
        """Take out of the fact what was emptied; what was empty before says something and stays."""
        for name in [name for name, value in self._fact.items() if self._is_emptied(value)]:
            del self._fact[name]

    def _is_emptied(self, value: Any) -> bool:  # noqa: ANN401
        if isinstance(value, list):
            for item in value:
                if isinstance(item, dict) and id(value) in self._touched:
                    self._prune(item)
            return not value or (
                id(value) in self._touched and all(item == {} and id(item) in self._touched for item in value)
            )
        if isinstance(value, dict) and id(value) in self._touched:
            self._prune(value)
            return not value
        return False

    def _prune(self, fact: Values) -> None:
        for name in [name for name, value in fact.items() if self._is_emptied(value)]:
            del fact[name]


def _exactly(column: Column, value: Any, taken: _Taken) -> Row | None:  # noqa: ANN401
    """The cells, if they hold the value with nothing beside them."""
    if column.speaks:
        made = taken.texts(column, value)
    elif isinstance(value, str) and cells.split_list(value) != [value] and column.name.startswith("sdg_"):
        made = None
    else:
        made = _cells(column, value)
    return made.row if made is not None and made.rest is None and made.order is None else None


class _Made:
    """Cells, what must be kept beside them, and the order of texts that columns cannot show."""

    __slots__ = ("order", "rest", "row")

    def __init__(self, row: Row, rest: Any = None, order: list[int] | None = None) -> None:  # noqa: ANN401
        self.row = row
        self.rest = rest
        self.order = order


def _cells(column: Column, value: Any) -> _Made | None:  # noqa: ANN401
    """The cell of a column that is no text, if reading it gives the value."""
    if isinstance(value, bool):
        return _Made({column.name: value})
    if column.field.many:
        return _list(column, value, _convert(column))
    shown = visible(value) if isinstance(value, str) else ""
    return _one(column, value, shown, _convert(column)(shown)) if shown else None


def _one(column: Column, value: str, shown: str, read: object) -> _Made | None:
    """The cell that shows a value, of which it is known what reading it gives."""
    if isinstance(read, Decimal):
        return _Made({column.name: read}) if plain(read) == value else None
    if isinstance(read, cells.Trouble):  # it stands where people look for it, and will be found there
        return _Made({column.name: shown}, value)
    return _Made({column.name: shown}, None if shown == value else value) if read == shown else None


def _list(column: Column, items: list[Any], convert: Convert) -> _Made | None:
    if not items or not all(isinstance(item, str) and item == visible(item) for item in items):
        return None
    joined = "; ".join(items)
    read = cells.split_list(joined)
    return _Made({column.name: joined}) if read == items and [convert(item) for item in read] == items else None


_CONVERTERS: dict[int, Convert] = {}


def _convert(column: Column) -> Convert:
    known = _CONVERTERS.get(id(column))
    if known is None:
        known = _CONVERTERS[id(column)] = converter(column.field, _LOCALE)
    return known


def visible(text: str) -> str:
    """The text as a cell shows it and gives it back; nothing, if no cell can."""
    shown = text.replace("\r\n", "\n").replace("\r", "\n")
    read = cells.text(shown)
    if not isinstance(read, str) or CONTINUED.search(read) or "_x00" in read or read in ERROR_VALUES:
        return ""
    return read


@cache
def _language(language: str | None) -> str | None:
    """The language as a header names it (none for a text that names none); None if no header can."""
    if language is None:
        return ""
    named = language.lower()
    return named if len(named) == len("en") and codelists.has("Language", named) else None


def _most(languages: list[str | None]) -> int:
    return max(map(languages.count, languages))


def _part_point(fact: Values) -> None:
    """The columns for latitude and longitude instead of IATI's one text for both."""
    degrees = [cells.number(part, _LOCALE) for part in str(fact.get("pos", "")).split(" ")]
    numbers = [each for each in degrees if isinstance(each, Decimal)]
    if len(numbers) == len(degrees) == 2 and " ".join(map(plain, numbers)) == fact["pos"]:
        latitude, longitude = numbers
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            fact["latitude"], fact["longitude"] = map(plain, numbers)
            del fact["pos"]


# --- Results ----------------------------------------------------------------------------------------------------------


class _LongForm:
    """The rows of one result: one for each period, and one for each of what else there may be several of."""

    def __init__(self, rows: _Rows, what: Table, owner: Row) -> None:
        self._rows = rows
        self._what = what
        self._owner = owner
        self._details = {each.name: each for each in what.details}

    def rows(self, result: Values) -> Iterator[Row]:
        links = {**self._owner, "result": self._rows._named(result)}  # noqa: SLF001
        del result["key"]
        indicators = result.pop("indicators", [])
        more = [*self._detail("reference", result, links, inline=True), *self._detail("document", result, links)]
        own = self._level(0, result, "result")
        below = [row for each in indicators for row in self._indicator(each, links)]
        yield from _headed(links, own, below if not more else [])
        yield from more
        if more:
            yield from below

    def _indicator(self, indicator: Values, links: Row) -> Iterator[Row]:
        links = {**links, "indicator": self._rows._named(indicator)}  # noqa: SLF001
        del indicator["key"]
        periods = indicator.pop("periods", [])
        more = [
            *self._detail("document", indicator, links),
            *self._detail("indicator-reference", indicator, links, inline=True),
            *self._figures("baseline", indicator, links),
        ]
        own = self._level(1, indicator, "indicator")
        below = [row for each in periods for row in self._period(each, links)]
        yield from _headed(links, own, below if not more else [])
        yield from more
        if more:
            yield from below

    def _period(self, period: Values, links: Row) -> Iterator[Row]:
        own_key = period.pop("key", None)
        named = {**links, "period_key": own_key or self._rows.position()}
        more = [*self._figures("target", period, named), *self._figures("actual", period, named)]
        own = self._level(2, period, "period")
        if own_key is not None or more or not own:
            links = named
        yield {**links, **own}
        yield from more

    def _level(self, depth: int, fact: Values, name: str) -> Row:
        row = self._rows.cells("results", self._what.levels[depth].columns, fact)
        if fact:
            row[KEPT] = as_json({name: fact})
        return row

    def _figures(self, name: str, owner: Values, links: Row) -> Iterator[Row]:
        """Baselines, targets, actual values: in the row of what they belong to if there is one, and it is plain."""
        detail = self._details[name]
        items = owner.get(detail.collection, [])
        if not items or (len(items) == 1 and _is_plain(items[0])):
            return
        del owner[detail.collection]
        for each in items:
            key = {str(detail.own): each.pop("key", None) or self._rows.position()}
            below = [
                row
                for inner in ("location", "dimension", "document")
                for row in self._detail(inner, each, {**links, **key})
            ]
            yield self._item(detail, each, {**links, **key})
            yield from below

    def _detail(self, name: str, owner: Values, links: Row, *, inline: bool = False) -> Iterator[Row]:
        detail = self._details[name]
        items = owner.pop(detail.collection, [])
        if inline and items:
            owner[detail.collection], items = items[:1], items[1:]
        for each in items:
            yield self._item(detail, each, links)

    def _item(self, detail: Detail, fact: Values, links: Row) -> Row:
        holder = {detail.collection: [fact]}
        row = {**links, DETAIL: detail.name, **self._rows.cells("results", detail.columns, holder)}
        left = holder.get(detail.collection, [{}])[0]
        if left:
            row[KEPT] = as_json({detail.name: left})
        return row


def _is_plain(figure: Values) -> bool:
    """Whether the columns beside its owner's can take it: at most one dimension, no place, no document."""
    return figure.keys() <= {"iso_date", "year", "value", "comment", "dimensions", "spellings"} and (
        len(figure.get("dimensions", ())) <= 1
    )


def _headed(links: Row, own: Row, below: list[Row]) -> Iterator[Row]:
    """The first row below says what holds for all of them as well; without any, a row says it alone."""
    if not below:
        yield {**links, **own}
        return
    first, *others = below
    yield {**first, **own, **_both_kept(first, own)}
    yield from others


def _both_kept(first: Row, own: Row) -> Row:
    if KEPT not in first or KEPT not in own:
        return {}
    return {KEPT: as_json({**json.loads(str(own[KEPT])), **json.loads(str(first[KEPT]))})}
