"""From an older ledger to today's, in order, in the transaction that opens it.

Steps of our own rather than a tool for migrations: the ledger is a file on somebody's laptop that must come up to date
by itself when a newer program opens it, and has nobody who would run a command.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import sqlalchemy as sql

from ssc_iati.publish.ledger import schema
from ssc_iati.publish.ledger.listing import packed

Migration = Callable[[sql.Connection], None]


class NewerLedgerError(Exception):
    """The ledger is of a version, which is told, that this program does not know."""


def is_up_to_date(connection: sql.Connection) -> bool:
    """Whether the ledger is of today's version."""
    return _version(connection) == schema.LEDGER_VERSION


def bring_up_to_date(connection: sql.Connection) -> None:
    """Make the ledger one of today's version; NewerLedgerError if it is newer than this program."""
    found = _version(connection)
    if found > schema.LEDGER_VERSION:
        raise NewerLedgerError(found)
    if found == schema.LEDGER_VERSION:
        return
    schema.tables.create_all(connection)
    for step in MIGRATIONS[found - 1 :] if found else ():
        step(connection)
    connection.execute(schema.about.delete().where(schema.about.c.name == "version"))
    connection.execute(schema.about.insert().values(name="version", value=str(schema.LEDGER_VERSION)))


def _version(connection: sql.Connection) -> int:
    if not sql.inspect(connection).has_table("about"):
        return 0
    value = connection.execute(sql.select(schema.about.c.value).where(schema.about.c.name == "version")).scalar()
    return int(value or 0)


def _keep_histories(connection: sql.Connection) -> None:
    """Version 1 kept the last version of each activity, and of releases the number, hash and date only.

    What stood becomes the content of the last release; what had been withdrawn stood before the first that is known.
    """
    old = sql.MetaData()
    old.reflect(connection, only=["release", "activity"])
    release, activity = old.tables["release"], old.tables["activity"]
    last: dict[str, int] = {}
    for row in connection.execute(sql.select(release).order_by(release.c.number)).mappings():
        last[row["publication"]] = row["number"]
        connection.execute(schema.releases.insert().values(**_release(row)))
    _move_activities(connection, activity, last)
    for publication, number in last.items():
        row = connection.execute(sql.select(release).where(release.c.number == number)).mappings().one()
        _enter_file(connection, publication, row)
    connection.execute(schema.about.delete().where(schema.about.c.name.like("turn of %")))
    activity.drop(connection)
    release.drop(connection)


def _release(row: sql.RowMapping) -> dict[str, object]:
    known = {"publication": row["publication"], "number": row["number"], "state": row["state"]}
    counts = {"activities": row["activities"], "added": 0, "changed": 0, "gone": 0, "kept": 0}
    return {**known, **counts, "kind": "release", "made": row["generated"], "content": row["content"]}


def _move_activities(connection: sql.Connection, activity: sql.Table, last: dict[str, int]) -> None:
    columns = ("publication", "identifier", "digest", "updated", "first_published", "record", "xml")
    for publication, number in last.items():
        mine = activity.c.publication == publication
        for stands, since, until in ((True, number, None), (False, 0, number)):
            chosen = sql.select(*(activity.c[name] for name in columns), sql.literal(since), sql.literal(until))
            query = chosen.where(mine, activity.c.current.is_(stands))
            connection.execute(schema.activities.insert().from_select([*columns, "since", "until"], query))


def _enter_file(connection: sql.Connection, publication: str, row: sql.RowMapping) -> None:
    """The file of the last release. The order within it was not kept: it is settled by the next release."""
    stands = (schema.activities.c.publication == publication, schema.activities.c.until.is_(None))
    query = sql.select(schema.activities.c.identifier).where(*stands).order_by(schema.activities.c.identifier)
    members = list(connection.execute(query).scalars())
    digest, body = packed(members)
    connection.execute(schema.listings.insert().values(publication=publication, digest=digest, members=body))
    known = {"publication": publication, "release": row["number"], "name": publication.rpartition("/")[2]}
    told = {"content": row["content"], "generated": row["generated"], "activities": len(members), "listing": digest}
    connection.execute(schema.files.insert().values(**known, **told, place=0, role="activities"))


def _take_notes(_: sql.Connection) -> None:
    """Version 2 had no notes; the table is made with all that are missing."""


def _name_keys(connection: sql.Connection) -> None:
    """Version 3 told the key of an activity in its record only, and kept no decisions and nothing that is withheld."""
    table = schema.activities
    if "key" not in {each["name"] for each in sql.inspect(connection).get_columns(table.name)}:
        connection.execute(sql.text("ALTER TABLE activities ADD COLUMN key TEXT"))
    which = (table.c.publication, table.c.identifier, table.c.since)
    for publication, identifier, since in connection.execute(sql.select(*which)).all():
        mine = (table.c.publication == publication, table.c.identifier == identifier, table.c.since == since)
        record = connection.execute(sql.select(table.c.record).where(*mine)).scalar()
        key = json.loads(record or "{}").get("key")
        if isinstance(key, str):
            connection.execute(table.update().where(*mine).values(key=key))


MIGRATIONS: tuple[Migration, ...] = (_keep_histories, _take_notes, _name_keys)
"""The step from each version to the next: the first leads from version 1 to 2."""
