"""The ledger: for every activity of a publication its accepted record, its rendered bytes, hash and dates; and every
release.

SQLite by default, any database that SQLAlchemy knows by URL. A release is prepared here first and then put in place:
a run that
dies between the two is repaired by the next one, which renders the same bytes from the same ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sql

from ssc_iati.findings import Place, SourceError
from ssc_iati.messages import finding

LEDGER_VERSION = "1"
AT_ONCE = 500
"""So many identifiers in one statement: databases bound how many values one may name."""

_tables = sql.MetaData()

_about = sql.Table("about", _tables, sql.Column("name", sql.Text, primary_key=True), sql.Column("value", sql.Text))

_releases = sql.Table(
    "release",
    _tables,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("publication", sql.Text, nullable=False, index=True),
    sql.Column("state", sql.Text, nullable=False),
    sql.Column("generated", sql.Text, nullable=False),
    sql.Column("content", sql.Text, nullable=False),
    sql.Column("activities", sql.Integer, nullable=False),
)

_activities = sql.Table(
    "activity",
    _tables,
    sql.Column("publication", sql.Text, primary_key=True),
    sql.Column("identifier", sql.Text, primary_key=True),
    sql.Column("digest", sql.Text, nullable=False),
    sql.Column("updated", sql.Text, nullable=False),
    sql.Column("first_published", sql.Text, nullable=False),
    sql.Column("record", sql.Text, nullable=False),
    sql.Column("xml", sql.LargeBinary, nullable=False),
    sql.Column("current", sql.Boolean, nullable=False),
)


class Entry(NamedTuple):
    """An activity as it was last published. `record` is its canonical JSON, with its version."""

    identifier: str
    digest: str
    updated: str
    first_published: str
    record: str
    xml: bytes


class Release(NamedTuple):
    """A release; `content` is the hash of what it holds, in order, without date-times."""

    number: int
    state: str
    generated: str
    content: str
    activities: int


class LedgerError(OSError):
    """The ledger cannot be reached, read or written: a full disk, a server gone, a damaged file, another run."""


def ledger_url(place: str | None, folder: Path) -> sql.URL:
    """The database of a publication: the one that the configuration names, else a file in its private folder.

    SourceError where the configuration names none that this installation knows.
    """
    if place is None:
        return sql.URL.create("sqlite", database=str(folder / "ledger.sqlite"))
    try:
        url = sql.make_url(place)
        url.get_dialect().import_dbapi()
    except (sql.exc.ArgumentError, ImportError) as error:
        raise SourceError(finding("ssc-config-invalid", Place("[publish] ledger"), problem=str(error))) from error
    return url


@contextmanager
def _reached() -> Iterator[None]:
    """What a database refuses is trouble of the world, as a full disk is."""
    try:
        yield
    except sql.exc.DatabaseError as error:
        if type(error) not in {sql.exc.OperationalError, sql.exc.DatabaseError}:  # the others are faults of ours
            raise
        raise LedgerError(f"ledger: {error.orig}") from error


class Ledger:
    """The ledger of one publication (a publisher's file in a folder)."""

    def __init__(self, url: str | sql.URL, publication: str) -> None:
        self._publication = publication
        self._engine = sql.create_engine(url)
        with _reached(), self._engine.begin() as connection:
            _tables.create_all(connection)
            for name, value in (("version", LEDGER_VERSION), (self._turn, "")):
                if connection.execute(sql.select(_about.c.value).where(_about.c.name == name)).scalar() is None:
                    connection.execute(_about.insert().values(name=name, value=value))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction: everything of a release, or nothing. Who comes second waits, or gets a LedgerError."""
        with _reached(), self._engine.begin() as connection:
            connection.execute(_about.update().where(_about.c.name == self._turn).values(value="taken"))
            yield Writing(connection, self._publication)

    @property
    def _turn(self) -> str:
        """The row that a run holds while it writes the publication."""
        return f"turn of {self._publication}"

    def latest(self) -> Release | None:
        """The release that was prepared last."""
        with _reached(), self._engine.connect() as connection:
            return _latest(connection, self._publication)

    def published(self, number: int) -> None:
        """Note that a release stands where its readers find it."""
        with _reached(), self._engine.begin() as connection:
            connection.execute(_releases.update().where(_releases.c.number == number).values(state="published"))

    def entries(self) -> list[Entry]:
        """What the last release holds."""
        with _reached(), self._engine.connect() as connection:
            return [Entry(*row) for row in connection.execute(_entries(self._publication).where(_activities.c.current))]


class Writing:
    """The ledger within one transaction."""

    def __init__(self, connection: sql.Connection, publication: str) -> None:
        self._connection = connection
        self._publication = publication

    def known(self, identifiers: Sequence[str]) -> dict[str, Entry]:
        """What was last published under these identifiers."""
        query = _entries(self._publication).where(_activities.c.identifier.in_(identifiers))
        return {row.identifier: Entry(*row) for row in self._connection.execute(query)}

    def put(self, entries: Iterable[Entry]) -> None:
        """Enter activities in place of their former versions."""
        rows = [{"publication": self._publication, "current": True, **each._asdict()} for each in entries]
        if not rows:
            return
        keys = [row["identifier"] for row in rows]
        self._connection.execute(_activities.delete().where(self._own, _activities.c.identifier.in_(keys)))
        self._connection.execute(_activities.insert(), rows)

    def standing(self) -> set[str]:
        """The identifiers of the activities that the last release holds."""
        query = sql.select(_activities.c.identifier).where(self._own, _activities.c.current)
        return set(self._connection.execute(query).scalars())

    def stand(self, identifiers: Iterable[str], *, current: bool) -> None:
        """Say of activities that were once published whether they stand in the release."""
        told = sorted(identifiers)
        for start in range(0, len(told), AT_ONCE):
            mine = _activities.c.identifier.in_(told[start : start + AT_ONCE])
            self._connection.execute(_activities.update().where(self._own, mine).values(current=current))

    def latest(self) -> Release | None:
        """The release before this one."""
        return _latest(self._connection, self._publication)

    def prepare(self, generated: str, content: str, activities: int) -> int:
        """Enter the release that is about to be put in place; its number."""
        values: dict[str, Any] = {"generated": generated, "content": content, "activities": activities}
        made = self._connection.execute(
            _releases.insert().values(publication=self._publication, state="prepared", **values)
        )
        key = made.inserted_primary_key
        return int(key[0]) if key else 0

    @property
    def _own(self) -> sql.ColumnElement[bool]:
        return _activities.c.publication == self._publication


def _entries(publication: str) -> sql.Select[Any]:
    columns = [_activities.c[name] for name in Entry._fields]
    return sql.select(*columns).where(_activities.c.publication == publication)


def _latest(connection: sql.Connection, publication: str) -> Release | None:
    columns = [_releases.c[name] for name in Release._fields]
    query = (
        sql.select(*columns).where(_releases.c.publication == publication).order_by(_releases.c.number.desc()).limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else Release(*row)
