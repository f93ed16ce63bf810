"""The ledger in the hands of a run: whose turn it is, and what a run writes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import sqlalchemy as sql

from ssc_iati.publish.ledger import schema
from ssc_iati.publish.ledger.database import reached
from ssc_iati.publish.ledger.owner import BEAT, Owner, is_dead, me
from ssc_iati.publish.ledger.reading import Reading
from ssc_iati.publish.ledger.values import Decision, LedgerError, Run, SetAsideEntry, State, TurnTakenError
from ssc_iati.publish.ledger.writing import Writing


class Ledger(Reading):
    """The ledger in the hands of a run, which takes its turn before it writes."""

    _at_work: ClassVar[set[tuple[str, int]]] = set()
    """The runs of this process that hold a turn: one that could not say how it ended holds it no more."""

    def __init__(self, url: str | sql.URL, publication: str) -> None:
        super().__init__(url, publication)
        self._run: int | None = None
        self._beaten = 0.0

    def close(self) -> None:
        """Give the connections back, and the turn, if the run could not."""
        self._at_work.discard(self._mark(self._run))
        super().close()

    def _taken(self, owner: Owner | str) -> TurnTakenError:
        return TurnTakenError("ssc-ledger-turn", self.address, owner=owner)

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
            raise self._taken("?") from error
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
                raise self._taken(other)
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
            raise TurnTakenError("ssc-ledger-turn-lost", self.address)

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
        """Note what the run found: how often each rule, and what was set aside. A step that is done again notes it
        again.
        """
        told = {"publication": self.publication, "run": self._run}
        number = [{**told, "rule": rule, "severity": how, "number": many} for (rule, how), many in counts.items()]
        rows = [
            {**told, "place": place, **each._asdict(), "rules": " ".join(each.rules)}
            for place, each in enumerate(aside)
        ]
        with self._begin() as connection:
            self._hold(connection)
            for table, entered in ((schema.findings, number), (schema.asides, rows)):
                connection.execute(table.delete().where(self._of(table), table.c.run == self._run))
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

    def withhold(self, records: Sequence[str]) -> None:
        """Keep the records that were accepted and are not published, in place of those that were kept before."""
        rows = [
            {"publication": self.publication, "place": place, "record": record} for place, record in enumerate(records)
        ]
        with self._begin() as connection:
            self._hold(connection)
            connection.execute(schema.withheld.delete().where(self._of(schema.withheld)))
            if rows:
                connection.execute(schema.withheld.insert(), rows)

    def decide(self, decision: Decision) -> None:
        """Note a decision, in place of an earlier one of the same activity. It takes no turn."""
        table = schema.decisions
        with self._begin() as connection:
            connection.execute(table.delete().where(self._of(table), table.c.identifier == decision.identifier))
            query = sql.select(sql.func.max(schema.runs.c.id)).where(self._of(schema.runs))
            known = decision._replace(run=connection.execute(query).scalar() or 0)
            connection.execute(table.insert().values(publication=self.publication, **known._asdict()))

    def register(self, name: str, state: Mapping[str, Any], changed: str) -> None:
        """Note what the registry holds of a file, in place of what was noted before."""
        self._keep(schema.registered, name, state, changed)

    def note(self, name: str, state: Mapping[str, Any], changed: str) -> None:
        """Note what a later run shall know, in place of what was noted under the name before. It takes no turn."""
        self._keep(schema.notes, name, state, changed)

    def _keep(self, table: sql.Table, name: str, state: Mapping[str, Any], changed: str) -> None:
        row = {"publication": self.publication, "name": name, "state": json.dumps(state), "changed": changed}
        with self._begin() as connection:
            connection.execute(table.delete().where(self._of(table), table.c.name == name))
            connection.execute(table.insert().values(**row))

    @contextmanager
    def _begin(self) -> Iterator[sql.Connection]:
        with reached(self._engine), self._engine.begin() as connection:
            yield connection
