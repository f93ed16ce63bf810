"""The ledger within the one transaction that enters a release: everything of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sql

from ssc_iati.publish.ledger.database import AT_ONCE
from ssc_iati.publish.ledger.listing import packed
from ssc_iati.publish.ledger.schema import activities, decisions, files, listings, overrides, releases
from ssc_iati.publish.ledger.values import Decision, Entry, FileEntry, Release, State


class Writing:
    """What a run may write while it holds the publication's turn."""

    def __init__(self, connection: sql.Connection, publication: str, run: int) -> None:
        self._connection = connection
        self._publication = publication
        self._run = run

    def enter(self, release: Release, made: Sequence[FileEntry]) -> int:
        """Enter the release that is about to be put in place; its number. One that was not seen to stand before it is
        interrupted.
        """
        query = sql.select(sql.func.max(releases.c.number)).where(releases.c.publication == self._publication)
        number = (self._connection.execute(query).scalar() or 0) + 1
        unseen = (releases.c.publication == self._publication, releases.c.state == State.PREPARED)
        self._connection.execute(releases.update().where(*unseen).values(state=State.INTERRUPTED))
        values = release._replace(number=number, run=self._run, state=State.PREPARED)._asdict()
        self._connection.execute(releases.insert().values(publication=self._publication, **values))
        self.put_files(number, made)
        return number

    def put_files(self, number: int, made: Sequence[FileEntry]) -> None:
        """State the files of a release."""
        self._connection.execute(files.delete().where(self._of(files), files.c.release == number))
        rows = [
            {"publication": self._publication, "release": number, "place": place, **each._asdict()}
            for place, each in enumerate(made)
        ]
        if rows:
            self._connection.execute(files.insert(), rows)

    def keep_listing(self, members: Sequence[str]) -> str:
        """Keep the order of a file's activities; the digest by which it is known."""
        digest, body = packed(members)
        known = sql.select(listings.c.digest).where(self._of(listings), listings.c.digest == digest)
        if self._connection.execute(known).first() is None:
            row = {"publication": self._publication, "digest": digest, "members": body}
            self._connection.execute(listings.insert().values(**row))
        return digest

    def put(self, number: int, entries: Iterable[Entry]) -> None:
        """Enter new versions of activities, from this release on."""
        rows = [{"publication": self._publication, "since": number, **each._asdict()} for each in entries]
        if rows:
            self.end(number, [row["identifier"] for row in rows])
            self._connection.execute(activities.insert(), rows)

    def end(self, number: int, identifiers: Sequence[str]) -> None:
        """The versions of these activities that stand do so no more, from this release on."""
        for mine in self._standing(identifiers):
            self._connection.execute(activities.update().where(*mine).values(until=number))

    def amend(self, entry: Entry) -> None:
        """State anew the record of a version that stands: what changed in it is seen in no file."""
        for mine in self._standing([entry.identifier]):
            self._connection.execute(
                activities.update()
                .where(*mine)
                .values(record=entry.record, transactions=entry.transactions, key=entry.key)
            )

    def override(self, rule: str, detail: str) -> None:
        """Note that a guard was overridden, and what it had said."""
        row = {"publication": self._publication, "run": self._run, "rule": rule, "detail": detail}
        self._connection.execute(overrides.insert().values(**row))

    def decide(self, decision: Decision) -> None:
        """Note a decision, in place of an earlier one of the same activity."""
        self._connection.execute(
            decisions.delete().where(self._of(decisions), decisions.c.identifier == decision.identifier)
        )
        known = decision._replace(run=self._run - 1)
        self._connection.execute(decisions.insert().values(publication=self._publication, **known._asdict()))

    def _standing(self, identifiers: Sequence[str]) -> Iterable[tuple[sql.ColumnElement[bool], ...]]:
        for start in range(0, len(identifiers), AT_ONCE):
            chosen = activities.c.identifier.in_(identifiers[start : start + AT_ONCE])
            yield self._of(activities), activities.c.until.is_(None), chosen

    def _of(self, table: sql.Table) -> sql.ColumnElement[bool]:
        mine: sql.ColumnElement[bool] = table.c.publication == self._publication
        return mine
