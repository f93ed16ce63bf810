"""Replacing: what goes before the rows of a source take the place of those that stand.

A table speaks only for the activities that its rows name, and only for itself: what a row that stands has below it in
other tables stays, and so does what columns of the row above hold.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from ssc_iati.check.erasure import Erased
from ssc_iati.merging.account import Account, Deed, Way
from ssc_iati.merging.erasure import erase
from ssc_iati.merging.identity import Values
from ssc_iati.merging.match import key_of
from ssc_iati.record.tables import INLINE, Column, Table, table, tables
from ssc_iati.text import fold

STANDING = frozenset(("key", "iati_identifier", "imported_version", "namespaces", "other_xml"))
"""What says which activity it is, and from where: no table takes that away by not naming it."""


def clear_row(fact: Values, of_table: str) -> None:
    """Take out of a fact what the columns of its own row hold."""
    what = table(of_table)
    if what.levels:
        for name in fact.keys() - STANDING:
            del fact[name]
        return
    for column in what.columns:
        if column.path[0] not in STANDING:
            _clear(fact, column)
    for name in ("spellings", "unknown"):
        fact.pop(name, None)


def _clear(fact: Values, column: Column) -> None:
    if not column.speaks:
        erase(fact, Erased.of(column, None, plain_only=True))
        return
    while erase(fact, Erased(column.path, None, text=False, wrap=column.wrap, plain_only=True)):
        pass


def clear_below(accepted: Values, given: Values, replaced: Collection[str], account: Account) -> None:
    """Take out the rows of a table whose rows above the source does not name."""
    for each in tables():
        if each.name in replaced and each.parent is not None:
            named = {fold(key) for row in given.get(each.parents[0], ()) if (key := key_of(row)) is not None}
            for owner in accepted.get(each.parents[0], ()):
                if fold(key_of(owner) or "") not in named:
                    _clear_list(owner, each, account)


def _clear_list(owner: Values, what: Table, account: Account) -> None:
    name = what.path[-1]
    stand = owner.get(name, [])
    kept = stand[:1] if keeps_first(what.path) else []
    for _ in stand[len(kept) :]:
        account.count(Way((), what.path), Deed.DELETED)
    if kept:
        owner[name] = kept
    else:
        owner.pop(name, None)


def keeps_first(path: tuple[str, ...]) -> bool:
    """Whether columns of the row above hold the first item of this list, and the table only the further ones."""
    return path[-1] in INLINE and path in _paths()


@cache
def _paths() -> frozenset[tuple[str, ...]]:
    inner = {each.path for each in tables() if len(each.path) > 1 and each.owner == "projects"}
    return frozenset(inner | {("default_aid_types",)})


def is_in_columns(collection: str, fact: Values) -> bool:
    """Whether a column of `projects` says all of this fact (`planned_start`, `description`, `sdg_goals`)."""
    return any(
        column.path[0] == f"{collection}+"
        and column.wrap.items() <= fact.items()
        and fact.keys() <= {*column.wrap, column.path[-1]}
        for column in _shorthands()
    )


@cache
def _shorthands() -> tuple[Column, ...]:
    return tuple(each for each in table("projects").columns if each.path[0].endswith("+"))
