"""The database that holds the ledger: SQLite by default, any that SQLAlchemy knows by URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy import event

from ssc_iati.findings import Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.publish.ledger.migrations import NewerLedgerError, bring_up_to_date, is_up_to_date
from ssc_iati.publish.ledger.values import LedgerError

AT_ONCE = 500
"""So many identifiers in one statement: databases bound how many values one may name."""
MIGRATING = 5_321_974
"""The key of PostgreSQL's advisory lock under which one program at a time brings a ledger up to date."""


def ledger_url(place: str | None, folder: Path) -> sql.URL:
    """The database of a publication: the one that the configuration names, else a file in its private folder.

    SourceError where the configuration names none that this installation knows, or spells out a password.
    """
    if place is None:
        return sql.URL.create("sqlite", database=str(folder / "ledger.sqlite"))
    try:
        url = sql.make_url(place)
        url.get_dialect().import_dbapi()
    except (sql.exc.ArgumentError, ImportError) as error:
        raise _refused(str(error)) from error
    if url.password is not None:
        raise _refused("a password does not belong here; PostgreSQL's driver reads PGPASSWORD, or a file of passwords")
    return url


def _refused(problem: str) -> SourceError:
    return SourceError(finding("ssc-config-invalid", Place("[publish] ledger"), problem=problem))


def shown(url: sql.URL) -> str:
    """A database as it may be shown: a file's path, or an address without password."""
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


@contextmanager
def reached(engine: sql.Engine) -> Iterator[None]:
    """What a database refuses is trouble of the world, as a full disk is."""
    try:
        yield
    except sql.exc.DatabaseError as error:
        known = {sql.exc.OperationalError, sql.exc.DatabaseError, sql.exc.InternalError}
        if type(error) not in known:  # the others are faults of ours
            raise
        raise LedgerError("ssc-ledger-trouble", shown(engine.url), problem=error.orig) from error


def opened(url: str | sql.URL) -> sql.Engine:
    """The database with a ledger of today's version; LedgerError where it cannot be reached or is newer."""
    engine = sql.create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        _transact_in_full(engine)
    try:
        with reached(engine):
            _bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _bring_up_to_date(engine: sql.Engine) -> None:
    with engine.connect() as connection:
        if is_up_to_date(connection):
            return
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":  # whoever comes second waits before it looks, and finds all done
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            elif engine.dialect.name == "postgresql":
                connection.execute(sql.select(sql.func.pg_advisory_xact_lock(MIGRATING)))
            bring_up_to_date(connection)
    except NewerLedgerError as error:
        raise LedgerError("ssc-ledger-newer", shown(engine.url), version=error) from error


def _transact_in_full(engine: sql.Engine) -> None:
    """Python's own driver begins no transaction for a change of tables; here every transaction is begun by us."""

    @event.listens_for(engine, "connect")
    def _leave_transactions_alone(connection: object, _: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def _begin(connection: sql.Connection) -> None:
        connection.exec_driver_sql("BEGIN")
