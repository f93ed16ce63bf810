"""The ledger as anybody may look at it: releases and their files, activities and their versions, runs and what they
found.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sql

from ssc_iati.publish.ledger import schema
from ssc_iati.publish.ledger.database import AT_ONCE, opened, reached, shown
from ssc_iati.publish.ledger.listing import unpacked
from ssc_iati.publish.ledger.values import Decision, Entry, FileEntry, LedgerError, Release, Run, SetAsideEntry


def publications(url: str | sql.URL) -> list[str]:
    """The publications that a ledger knows of; LedgerError where it cannot be reached."""
    engine = opened(url)
    try:
        with reached(engine), engine.connect() as connection:
            both = sql.union(sql.select(schema.releases.c.publication), sql.select(schema.runs.c.publication))
            return sorted(connection.execute(both).scalars())
    finally:
        engine.dispose()


class Reading:
    """The ledger of one publication (a publisher's file), among those of others in the same database."""

    def __init__(self, url: str | sql.URL, publication: str) -> None:
        self.publication = publication
        self._engine = opened(url)

    @property
    def address(self) -> str:
        """The database, as it may be shown."""
        return shown(self._engine.url)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def latest(self) -> Release | None:
        """The release that was prepared last."""
        found = self.releases(last=1)
        return found[0] if found else None

    def releases(self, *, last: int | None = None, number: int | None = None) -> list[Release]:
        """The releases, the last first: all, so many, or the one of this number."""
        query = sql.select(*_columns(schema.releases, Release)).where(self._of(schema.releases))
        if number is not None:
            query = query.where(schema.releases.c.number == number)
        return [Release(*row) for row in self._read(query.order_by(schema.releases.c.number.desc()).limit(last))]

    def files(self, number: int) -> list[FileEntry]:
        """The files of a release, in their order."""
        query = sql.select(*_columns(schema.files, FileEntry)).where(self._of(schema.files))
        mine = query.where(schema.files.c.release == number).order_by(schema.files.c.place)
        return [FileEntry(*row) for row in self._read(mine)]

    def members(self, listing: str | None) -> list[str]:
        """The identifiers of the activities in a file, in their order; LedgerError if they were let go."""
        query = sql.select(schema.listings.c.members).where(self._of(schema.listings))
        row = next(iter(self._read(query.where(schema.listings.c.digest == (listing or "")))), None)
        if row is None:
            raise LedgerError("ssc-ledger-let-go", self.address)
        return unpacked(row[0])

    def known(self, identifiers: Sequence[str]) -> dict[str, Entry]:
        """What was last published under these identifiers, whether it stands or not."""
        table, other = schema.activities, schema.activities.alias()
        same = (other.c.publication == table.c.publication, other.c.identifier == table.c.identifier)
        newest = sql.select(sql.func.max(other.c.since)).where(*same).scalar_subquery()
        return self._entries(identifiers, table.c.since == newest)

    def held(self, number: int, identifiers: Sequence[str]) -> dict[str, Entry]:
        """The versions of these activities that a release held."""
        table = schema.activities
        lasted = table.c.until.is_(None) | (table.c.until > number)
        return self._entries(identifiers, table.c.since <= number, lasted)

    def _entries(self, identifiers: Sequence[str], *which: sql.ColumnElement[bool]) -> dict[str, Entry]:
        chosen = sql.select(*_columns(schema.activities, Entry)).where(self._of(schema.activities), *which)
        found: dict[str, Entry] = {}
        for start in range(0, len(identifiers), AT_ONCE):
            some = schema.activities.c.identifier.in_(identifiers[start : start + AT_ONCE])
            found |= {row.identifier: Entry(*row) for row in self._read(chosen.where(some))}
        return found

    def entries(self) -> list[Entry]:
        """What the last release holds."""
        query = sql.select(*_columns(schema.activities, Entry)).where(self._of(schema.activities))
        return [Entry(*row) for row in self._read(query.where(schema.activities.c.until.is_(None)))]

    def keys(self) -> dict[str, str]:
        """The identifier under which each key was published last."""
        table = schema.activities
        query = sql.select(table.c.key, table.c.identifier).where(self._of(table), table.c.key.is_not(None))
        rows = self._read(query.order_by(table.c.until.is_(None), table.c.since, table.c.identifier))
        return {row.key: row.identifier for row in rows}

    def withheld(self) -> list[str]:
        """The records that were accepted with the last release and are not published."""
        table = schema.withheld
        return [
            row.record for row in self._read(sql.select(table.c.record).where(self._of(table)).order_by(table.c.place))
        ]

    def decisions(self) -> list[Decision]:
        """What was decided of activities that the source does not have any more, by their identifiers."""
        table = schema.decisions
        query = sql.select(*_columns(table, Decision)).where(self._of(table)).order_by(table.c.made, table.c.identifier)
        return [Decision(*row) for row in self._read(query)]

    def runs(self, *, last: int | None = None, ended_well: bool = False) -> list[Run]:
        """The runs, the last first; only those that did what they were to do, if that is asked."""
        query = sql.select(*_columns(schema.runs, Run)).where(self._of(schema.runs))
        if ended_well:
            query = query.where(schema.runs.c.state.in_(("published", "unchanged", "rolled back")))
        return [Run(*row) for row in self._read(query.order_by(schema.runs.c.id.desc()).limit(last))]

    def overrides(self, run: int) -> dict[str, str]:
        """The guards that a run overrode, and what each had said."""
        query = sql.select(schema.overrides.c.rule, schema.overrides.c.detail).where(self._of(schema.overrides))
        return {row.rule: row.detail for row in self._read(query.where(schema.overrides.c.run == run))}

    def findings(self, run: int) -> dict[tuple[str, str], int]:
        """How often each rule was found in a run, by rule and severity."""
        table = schema.findings
        query = sql.select(table.c.rule, table.c.severity, table.c.number).where(self._of(table), table.c.run == run)
        return {(row.rule, row.severity): row.number for row in self._read(query)}

    def set_aside(self, run: int) -> list[SetAsideEntry]:
        """What a run set aside, in the order of the source."""
        table = schema.asides
        query = sql.select(*_columns(table, SetAsideEntry)).where(self._of(table), table.c.run == run)
        rows = self._read(query.order_by(table.c.place))
        return [SetAsideEntry(row.identifier, row.key, tuple(row.rules.split()), row.kept) for row in rows]

    def registered(self, name: str) -> dict[str, Any] | None:
        """What the registry's client noted of a file; None if nothing."""
        query = sql.select(schema.registered.c.state).where(self._of(schema.registered))
        row = next(iter(self._read(query.where(schema.registered.c.name == name))), None)
        return None if row is None else dict(json.loads(row[0]))

    def registered_on(self, name: str) -> str | None:
        """When that was noted."""
        query = sql.select(schema.registered.c.changed).where(self._of(schema.registered))
        row = next(iter(self._read(query.where(schema.registered.c.name == name))), None)
        return None if row is None else str(row[0])

    def noted(self, name: str) -> dict[str, Any]:
        """What was noted under a name; nothing if nothing was."""
        query = sql.select(schema.notes.c.state).where(self._of(schema.notes), schema.notes.c.name == name)
        row = next(iter(self._read(query)), None)
        return {} if row is None else dict(json.loads(row[0]))

    def _of(self, table: sql.Table) -> sql.ColumnElement[bool]:
        mine: sql.ColumnElement[bool] = table.c.publication == self.publication
        return mine

    def _read(self, query: sql.Select[Any]) -> Sequence[sql.Row[Any]]:
        with reached(self._engine), self._engine.connect() as connection:
            return connection.execute(query).all()


def _columns(table: sql.Table, kind: type[Any]) -> list[sql.Column[Any]]:
    return [table.c[name] for name in kind._fields]
