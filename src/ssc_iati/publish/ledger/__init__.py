"""The ledger: of every publication its runs, its releases, every version of every activity, what was found, what was
allowed in spite of a guard, and what is registered.

A release is prepared here first and then put in place: a run that dies between the two is repaired by the next, which
renders the same bytes from the same ledger.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import sqlalchemy as sql

from ssc_iati.publish.ledger import schema
from ssc_iati.publish.ledger.database import AT_ONCE, ledger_url, opened, reached
from ssc_iati.publish.ledger.listing import unpacked
from ssc_iati.publish.ledger.owner import BEAT, Owner, is_dead, me
from ssc_iati.publish.ledger.values import (
    Entry,
    FileEntry,
    LedgerError,
    Release,
    Run,
    SetAsideEntry,
    State,
    TurnTakenError,
)
from ssc_iati.publish.ledger.writing import Writing

__all__ = [
    "Entry",
    "FileEntry",
    "Ledger",
    "LedgerError",
    "Release",
    "Run",
    "SetAsideEntry",
    "State",
    "TurnTakenError",
    "Writing",
    "ledger_url",
    "publications",
]


def publications(url: str | sql.URL) -> list[str]:
    """The publications that a ledger knows of; LedgerError where it cannot be reached."""
    engine = opened(url)
    try:
        with reached(), engine.connect() as connection:
            both = sql.union(sql.select(schema.releases.c.publication), sql.select(schema.runs.c.publication))
            return sorted(connection.execute(both).scalars())
    finally:
        engine.dispose()


class Ledger:
    """The ledger of one publication (a publisher's file), among those of others in the same database."""

    _at_work: ClassVar[set[tuple[str, int]]] = set()
    """The runs of this process that hold a turn: one that could not say how it ended holds it no more."""

    def __init__(self, url: str | sql.URL, publication: str) -> None:
        self.publication = publication
        self._engine = opened(url)
        self._run: int | None = None
        self._beaten = 0.0

    def close(self) -> None:
        """Give the connections back."""
        self._at_work.discard(self._mark(self._run))
        self._engine.dispose()

    def _mark(self, run: int | None) -> tuple[str, int]:
        return str(self._engine.url), run or 0

    # --- Whose turn it is -------------------------------------------------------------------------------------------

    def begin(self, run: Run) -> int:
        """Take the publication's turn and note the run; its id. TurnTakenError while another run lives.

        A run that died is noted as such, and its turn is taken.
        """
        owner = me()
        try:
            with self._begin() as connection:
                self._release_dead(connection)
                values = run._replace(id=0)._asdict() | {"state": "running", "owner": str(owner)}
                values.pop("id")
                made = connection.execute(schema.runs.insert().values(publication=self.publication, **values))
                key = made.inserted_primary_key
                self._run = int(key[0]) if key else 0
                turn = {"publication": self.publication, "run": self._run, "beat": time.time(), **owner._asdict()}
                connection.execute(schema.turns.insert().values(**turn))
        except sql.exc.IntegrityError as error:
            raise TurnTakenError("another run of this publication has just begun") from error
        self._at_work.add(self._mark(self._run))
        return self._run

    def _release_dead(self, connection: sql.Connection) -> None:
        mine = self._of(schema.turns)
        # A change of nothing: SQLite's lock is taken before looking.
        connection.execute(schema.turns.delete().where(mine, schema.turns.c.run < 0))
        row = connection.execute(sql.select(schema.turns).where(mine).with_for_update()).first()
        if row is not None:
            other, one_machine = Owner(row.host, row.pid, row.born), self._engine.dialect.name == "sqlite"
            mine_is_over = other == me() and self._mark(row.run) not in self._at_work
            if not mine_is_over and not is_dead(other, row.beat, time.time(), one_machine=one_machine):
                raise TurnTakenError(f"another run of this publication is at work: {other}")
            connection.execute(schema.turns.delete().where(mine, schema.turns.c.run == row.run))
        silent = (self._of(schema.runs), schema.runs.c.state == "running")
        connection.execute(schema.runs.update().where(*silent).values(state="died"))

    def beat(self) -> None:
        """Say that the run is alive, if it has not said so lately; a ledger that is busy is not waited for."""
        if self._run is None or time.monotonic() - self._beaten < BEAT:
            return
        self._beaten = time.monotonic()
        try:
            with self._begin() as connection:
                self._hold(connection)
        except TurnTakenError:
            raise
        except LedgerError:  # busy or out of reach: what is written next will tell
            return

    def _hold(self, connection: sql.Connection) -> None:
        """Go on only while the turn is this run's."""
        mine = (self._of(schema.turns), schema.turns.c.run == self._run)
        held = connection.execute(schema.turns.update().where(*mine).values(beat=time.time()))
        if held.rowcount != 1:
            raise TurnTakenError("another run has taken over this publication")

    def end(self, **values: object) -> None:
        """Note how the run ended, and leave the turn."""
        with self._begin() as connection:
            mine = (self._of(schema.runs), schema.runs.c.id == self._run)
            connection.execute(schema.runs.update().where(*mine).values(**values))
            turn = (self._of(schema.turns), schema.turns.c.run == self._run)
            connection.execute(schema.turns.delete().where(*turn))
        self._at_work.discard(self._mark(self._run))
        self._run = None

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction: everything of a release, or nothing."""
        with self._begin() as connection:
            self._hold(connection)
            yield Writing(connection, self.publication, self._run or 0)

    def published(self, number: int, stamps: Mapping[str, str | None]) -> None:
        """Note that a release stands where its readers find it, and what the store says of each file."""
        with self._begin() as connection:
            self._hold(connection)
            mine = (self._of(schema.releases), schema.releases.c.number == number)
            connection.execute(schema.releases.update().where(*mine).values(state=State.PUBLISHED))
            for name, stamp in stamps.items():
                file = (self._of(schema.files), schema.files.c.release == number, schema.files.c.name == name)
                connection.execute(schema.files.update().where(*file).values(stamp=stamp))

    def found(self, counts: Mapping[tuple[str, str], int], aside: Sequence[SetAsideEntry]) -> None:
        """Note what the run found: how often each rule, and what was set aside."""
        told = {"publication": self.publication, "run": self._run}
        number = [{**told, "rule": rule, "severity": how, "number": many} for (rule, how), many in counts.items()]
        rows = [
            {**told, "place": place, **each._asdict(), "rules": " ".join(each.rules)}
            for place, each in enumerate(aside)
        ]
        with self._begin() as connection:
            self._hold(connection)
            for table, entered in ((schema.findings, number), (schema.asides, rows)):
                if entered:
                    connection.execute(table.insert(), entered)

    def let_go(self, keep: int) -> None:
        """Keep the bytes of the last so many releases; of older ones the dates and hashes stay."""
        with self._begin() as connection:
            self._hold(connection)
            mine = self._of(schema.releases)
            kept = sql.select(schema.releases.c.number).where(mine).order_by(schema.releases.c.number.desc())
            oldest = connection.execute(kept.offset(max(keep, 1) - 1).limit(1)).scalar()
            if oldest is None:
                return
            gone = (
                self._of(schema.activities),
                schema.activities.c.until <= oldest,
                schema.activities.c.xml.is_not(None),
            )
            connection.execute(schema.activities.update().where(*gone).values(xml=None, record=""))
            self._drop_listings(connection, oldest)

    def _drop_listings(self, connection: sql.Connection, oldest: int) -> None:
        old = (self._of(schema.files), schema.files.c.release < oldest)
        connection.execute(schema.files.update().where(*old).values(listing=None, head=None))
        used = sql.select(schema.files.c.listing).where(self._of(schema.files), schema.files.c.listing.is_not(None))
        unused = (self._of(schema.listings), schema.listings.c.digest.not_in(used))
        connection.execute(schema.listings.delete().where(*unused))

    # --- What is known ----------------------------------------------------------------------------------------------

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
            raise LedgerError("ledger: what this release held, and in which order, is not kept any more")
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

    # --- What is registered -----------------------------------------------------------------------------------------

    def registered(self, name: str) -> dict[str, Any] | None:
        """What the registry's client noted of a file; None if nothing."""
        query = sql.select(schema.registered.c.state).where(self._of(schema.registered))
        row = next(iter(self._read(query.where(schema.registered.c.name == name))), None)
        return None if row is None else dict(json.loads(row[0]))

    def register(self, name: str, state: Mapping[str, Any], changed: str) -> None:
        """Note what the registry holds of a file, in place of what was noted before."""
        row = {"publication": self.publication, "name": name, "state": json.dumps(state), "changed": changed}
        with self._begin() as connection:
            connection.execute(
                schema.registered.delete().where(self._of(schema.registered), schema.registered.c.name == name)
            )
            connection.execute(schema.registered.insert().values(**row))

    # --- The database -----------------------------------------------------------------------------------------------

    def _of(self, table: sql.Table) -> sql.ColumnElement[bool]:
        mine: sql.ColumnElement[bool] = table.c.publication == self.publication
        return mine

    @contextmanager
    def _begin(self) -> Iterator[sql.Connection]:
        with reached(), self._engine.begin() as connection:
            yield connection

    def _read(self, query: sql.Select[Any]) -> Sequence[sql.Row[Any]]:
        with reached(), self._engine.connect() as connection:
            return connection.execute(query).all()


def _columns(table: sql.Table, kind: type[Any]) -> list[sql.Column[Any]]:
    return [table.c[name] for name in kind._fields]
