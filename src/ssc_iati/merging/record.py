"""One activity: what a source says of it, onto the record that was accepted last."""

from __future__ import annotations

from collections.abc import Collection
from copy import deepcopy
from functools import cache

from ssc_iati.check.erasure import STUB
from ssc_iati.check.partial import respell_at
from ssc_iati.check.references import references
from ssc_iati.merging.account import Account, Deed, Way
from ssc_iati.merging.facts import merge_fact
from ssc_iati.merging.identity import Values
from ssc_iati.merging.match import key_of, says_the_same
from ssc_iati.merging.mode import Mode
from ssc_iati.merging.replace import clear_below, clear_row, is_in_columns
from ssc_iati.record.project import Project
from ssc_iati.record.tables import Column, table
from ssc_iati.text import fold


def merged(accepted: Values, given: Values, mode: Mode, named: Collection[str], account: Account) -> Values:
    """The accepted record, changed as is given; both are used up.

    `named` are the tables in which the source has rows of this activity (of a JSON record, the names of its members).
    """
    account.language = account.language or given.get("language") or accepted.get("language")
    _respell(accepted, given)
    before = _own(accepted)
    if mode is Mode.REPLACE:
        account.replaced = frozenset(named)
        clear_below(accepted, given, named, account)
        if "projects" in named and not account.nested:
            clear_row(accepted, "projects")
    _clear_lists_of_cells(accepted, given, account)
    merge_fact(Project, accepted, {name: each for name, each in given.items() if name != STUB}, Way(), account)
    if _has_own_row(given, named):
        account.count(
            Way(), Deed.LEFT if says_the_same(Project, _own(accepted), before, account.language) else Deed.CHANGED
        )
    return accepted


def _own(record: Values) -> Values:
    """What the row of the activity itself holds, and no row of another table."""
    return deepcopy(
        {
            name: [each for each in value if is_in_columns(name, each)] if name in _SHORTHANDS else value
            for name, value in record.items()
            if not _is_of_another_table(name, value)
        }
    )


def _is_of_another_table(name: str, value: object) -> bool:
    return isinstance(value, list) and Way((), (name,)).table is not None and name not in _SHORTHANDS


_SHORTHANDS = frozenset(
    column.path[0].removesuffix("+") for column in table("projects").columns if column.path[0].endswith("+")
)
"""The lists of which columns of `projects` hold some items."""


def _has_own_row(given: Values, named: Collection[str]) -> bool:
    """Whether the source has something to say of the activity itself, rather than of rows below it."""
    return "projects" in named or any(
        Way((), (name,)).table is None for name in given if name not in {"key", "iati_identifier", STUB}
    )


def _respell(accepted: Values, given: Values) -> None:
    """Keys of what stands, as they are spelt there: people write them otherwise."""
    for loc, collection, key in references(Project, given, ()):
        known = [own for each in accepted.get(collection, ()) if (own := key_of(each)) is not None]
        alike = [own for own in known if fold(own) == fold(key)]
        if key not in known and len(alike) == 1:
            respell_at(given, loc, key, alike[0])


def _clear_lists_of_cells(accepted: Values, given: Values, account: Account) -> None:
    """A cell that lists codes (`sdg_goals`) overwrites what such a cell said before."""
    for column in _listing_columns():
        collection, last = column.path[0][:-1], column.path[-1]
        items = [each for each in given.get(collection, ()) if account.in_column(each)]
        said = [each.get(last) for each in items if column.wrap.items() <= each.items()]
        if said:
            kept = [
                each
                for each in accepted.get(collection, ())
                if each != {**column.wrap, last: each.get(last)} or each.get(last) in said
            ]
            accepted[collection] = kept


@cache
def _listing_columns() -> tuple[Column, ...]:
    return tuple(each for each in table("projects").columns if each.name.startswith("sdg_"))
