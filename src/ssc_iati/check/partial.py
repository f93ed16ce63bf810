"""Records of which a source says only part, beside those that stand: neither is checked before one is merged onto the
other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ssc_iati.check.erasure import Cleaned, cleaned, fill_marked, stub_of
from ssc_iati.check.interpret import RowReader
from ssc_iati.check.long_form import LongForm
from ssc_iati.check.places import Draft, Loc, Values
from ssc_iati.check.references import named, references
from ssc_iati.check.whole import Parents, add_kept, forget_positions, joined_texts
from ssc_iati.check.whole_records import Staged, by_record
from ssc_iati.findings import Finding, Place
from ssc_iati.read.grid import place
from ssc_iati.read.layout import Bound
from ssc_iati.record.project import Project
from ssc_iati.record.tables import Table, tables
from ssc_iati.text import fold

LEDGER = Place("ledger")
"""Where what stands was said, for findings about what the source does not hold itself."""


class Onto(NamedTuple):
    """What a source is merged onto: how, the token that deletes, the release that stood then."""

    mode: str
    token: str
    release: int | None = None


def standing(texts: Iterable[tuple[int, str]]) -> dict[int, Values]:
    """The records that stand, as they were staged, by their ordinals."""
    found = {}
    for ordinal, text in texts:
        found[ordinal] = json.loads(text)
        found[ordinal].pop("record_version", None)
    return found


def partial_drafts(
    rows: Staged,
    problems: Mapping[int, list[Finding]],
    bound: Mapping[str, Bound],
    reader: Callable[[str], RowReader],
    token: str,
) -> list[Draft]:
    """What tables say of the records of a chunk: `rows` by table, each with the ordinal of its record."""
    return [
        _draft(ordinal, tables, problems.get(ordinal, []), bound, reader, token) for ordinal, tables in by_record(rows)
    ]


def _draft(
    ordinal: int,
    rows: Mapping[str, list[Any]],
    problems: list[Finding],
    bound: Mapping[str, Bound],
    reader: Callable[[str], RowReader],
    token: str,
) -> Draft:
    first = "projects" if "projects" in rows else next(iter(rows))
    draft = Draft(ordinal, place(bound[first].grid, rows[first][0][0]), bound=dict(bound))
    draft.rows.extend((name, *row) for name, own in rows.items() for row in own)
    rows, missing = joined_texts(rows, bound)
    draft.findings.extend(missing)
    for number, cells in rows.get("projects", [])[:1]:
        _fill(draft, reader("projects"), number, cells, draft.values, token)
    parents = Parents(draft, _stub)
    for table in tables():
        if table.name in rows and table.path and table.name != "continuations":
            _children(draft, table, reader(table.name), rows[table.name], parents, token)
    forget_positions(draft.values)
    draft.findings.extend(problems)
    draft.named = named(Project, draft.values)
    return draft


def _children(draft: Draft, table: Table, reader: RowReader, rows: list[Any], parents: Parents, token: str) -> None:
    if table.levels:
        clean = [(number, cleaned(reader.bound, number, cells, token)) for number, cells in rows]
        LongForm(reader, draft).read([(number, row.cells) for number, row in clean])
        _mark_results(draft, reader, clean)
        return
    for number, cells in rows:
        values: Values = {}
        _fill(draft, reader, number, cells, values, token)
        owner = parents.owner(table, reader.bound, number, cells)
        if owner is not None:
            owner.setdefault(table.path[-1], []).append(values)
            parents.note(table.path[-1], values)


def _fill(draft: Draft, reader: RowReader, number: int, cells: list[Any], values: Values, token: str) -> None:
    draft.findings.extend(fill_marked(reader, number, cells, values, token))
    draft.findings.extend(add_kept(reader.bound, number, cells, values))
    draft.spots[id(values)] = (reader.table.name, number)


def _stub(draft: Draft, table: Table, number: int, key: str) -> Values:
    """A fact of which a row below it tells the key: it is found in what stands, or is a finding."""
    stub = stub_of(key, table.parents[0], draft.key or "-")
    draft.spots[id(stub)] = (table.name, number)
    draft.values.setdefault(table.parents[0], []).append(stub)
    return stub


# --- Results, whose rows are of several facts -------------------------------------------------------------------------


def _mark_results(draft: Draft, reader: RowReader, rows: list[tuple[int, Cleaned]]) -> None:
    links: dict[str, str] = {}
    for number, row in rows:
        draft.findings.extend(row.findings)
        own = reader.links(row.cells)
        links = own if "result" in own and own["result"] != links.get("result") else {**links, **own}
        facts = list(_facts_of(draft, links, number))
        if not facts:
            continue
        if row.dropped:
            facts[-1].update(Cleaned([], (), dropped=True).marks(reader.bound))
        for level, fact in zip(reader.table.levels, facts, strict=False):
            columns = tuple(index for index in row.columns if index in reader.indices(level.columns))
            fact.update(row._replace(columns=columns, dropped=False).marks(reader.bound))


def _facts_of(draft: Draft, links: Mapping[str, str], number: int) -> Iterator[Values]:
    """The result, the indicator and the period that a row is of, as far as it goes."""
    owner = draft.values
    for collection in ("results", "indicators", "periods"):
        key = links.get(collection.removesuffix("s"))
        spot = ("results", number)
        found: Values | None = next(
            (
                each
                for each in owner.get(collection, ())
                if (each.get("key") == key if key is not None else draft.spots.get(id(each)) == spot)
            ),
            None,
        )
        if found is None:
            return
        yield found
        owner = found


# --- Records that are whole, or nobody named --------------------------------------------------------------------------


def respell(draft: Draft, organisations: Mapping[str, str]) -> None:
    """Name organisations by the keys under which they stand; `organisations` gives them by their folded spelling."""
    for loc, collection, key in references(Project, draft.values, ()):
        own = organisations.get(fold(key), key) if collection == "organisations" else key
        if own != key:
            respell_at(draft.values, loc, key, own)
    draft.named = named(Project, draft.values)


def respell_at(values: Any, loc: Loc, key: str, own: str) -> None:  # noqa: ANN401 - JSON
    """Put a key in place of another one."""
    *way, last = loc
    for step in way:
        values = values[step]
    held = values[last]
    values[last] = [own if each == key else each for each in held] if isinstance(held, list) else own


def beside(drafts: list[Draft], accepted: dict[int, Values], bound: Mapping[str, Bound]) -> list[Draft]:
    """All records of a chunk in their order: what is said of them, and what stands of them; of most nothing is said."""
    said: dict[int, Draft] = {}
    for draft in drafts:
        first = said.setdefault(draft.ordinal, draft)
        if first is not draft:  # two lines speak of one record, which is set aside: both come back
            first.rows.extend(draft.rows)
    for ordinal, values in accepted.items():
        draft = said.setdefault(ordinal, Draft(ordinal, LEDGER, bound=dict(bound)))
        draft.accepted = values
        own = (each.get("key") for each in values.get("organisations", ()))
        draft.named = [*draft.named, *(("organisations", key) for key in own if isinstance(key, str))]
    return [said[ordinal] for ordinal in sorted(said)]
