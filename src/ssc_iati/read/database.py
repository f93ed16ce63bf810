"""A database as grids: tables, views and queries, read in one transaction that cannot write, a few rows at a time.

Values come as the driver gives them, exact numbers and dates as such; no text is made of them on the way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sql

from ssc_iati.findings import Finding, Place, SourceError, UnreachableError
from ssc_iati.messages import finding
from ssc_iati.read.address import Database
from ssc_iati.read.grid import Cell, Grid, Rows, is_blank_row, place
from ssc_iati.text import fold

AT_ONCE = 1_000
"""So many rows are held at a time."""

PATIENCE = "15"
"""So many seconds a server has to answer."""

MIDNIGHT = time()

_OPTIONS: dict[str, Any] = {"stream_results": True, "max_row_buffer": AT_ONCE, "no_parameters": True}

_QUERY = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:\(\s*)*(?:select|with|values)\s", re.IGNORECASE | re.DOTALL)
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
"""The driver that is used where the address names none."""
_READ_ONLY = {
    "sqlite": ("PRAGMA query_only = ON", "BEGIN"),
    "postgresql": ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",),
    "mysql": ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION READ ONLY"),
    "mariadb": ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION READ ONLY"),
    "oracle": ("SET TRANSACTION READ ONLY",),
}
"""What makes the transaction see one state of the data, and change none."""
_LIST_MARK = re.compile(r"[;|\r\n]")
_CAUSE = re.compile(r"\s+")


class _Reading(NamedTuple):
    """An open transaction, and the name of the database as people see it."""

    connection: sql.Connection
    shown: str


class _Selection(NamedTuple):
    """What one grid reads: the name it is to have, what it is called in the database, and the statement."""

    name: str
    sheet: str
    statement: str


@contextmanager
def database_grids(
    database: Database, tables: Mapping[str, str], wanted: Callable[[str], bool] = bool
) -> Iterator[list[Grid]]:
    """The tables and queries that are named, by the names that they are to have; if none is, the tables and views whose
    names are wanted, or the bare names of all, where none is wanted: what else there is may be nobody's to read.

    SourceError if the address or a query cannot be used, UnreachableError if the database cannot be reached. The
    transaction ends with the block, and the grids with it.
    """
    shown = str(database)
    engine = _engine(database, shown)
    try:
        with _reached(shown), engine.connect() as opened:
            for statement in _READ_ONLY.get(opened.dialect.name, ()):
                opened.exec_driver_sql(statement)
            reading = _Reading(opened, shown)
            selections = _selections(reading, tables, wanted)
            opened.execution_options(**_OPTIONS)
            yield [_grid(reading, each) for each in selections] or _bare(reading)
    finally:
        engine.dispose()


def _engine(database: Database, shown: str) -> sql.Engine:
    try:
        url = sql.make_url(database.url)
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        engine = sql.create_engine(_prepared(url, shown), poolclass=sql.NullPool)
    except (ImportError, sql.exc.NoSuchModuleError):
        raise _refused("ssc-database-driver", shown, dialect=shown.partition(":")[0]) from None
    except (sql.exc.ArgumentError, ValueError, TypeError):
        # What cannot be taken apart may show the password at any place: nothing of it is said.
        raise _refused("ssc-database-address", shown) from None
    if "@" in (url.host or ""):
        raise _refused("ssc-database-address", shown)
    return engine


def _prepared(url: sql.URL, shown: str) -> sql.URL:
    """A file of SQLite is opened for reading only, and does not come into being by being asked for; a server that does
    not answer is not waited for.
    """
    if url.get_backend_name() == "postgresql":
        return url.update_query_dict({"connect_timeout": PATIENCE, **url.query})
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return url
    if not Path(url.database).is_file():
        raise _refused("ssc-source-missing", shown)
    name = url.database.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return url.set(database=f"file:{name}").update_query_dict({"mode": "ro", "uri": "true"})


def _refused(rule: str, shown: str, **values: object) -> SourceError:
    return SourceError(finding(rule, Place(shown), None, path=shown, **values))


@contextmanager
def _reached(shown: str) -> Iterator[None]:
    """What a database refuses is trouble of the world, unless it is a query of which more is known."""
    try:
        yield
    except sql.exc.DBAPIError as error:
        said = finding("ssc-database-unreachable", Place(shown), path=shown, detail=_cause(error))
        # What is no database at all will be none the next time either.
        raise (SourceError if type(error) is sql.exc.DatabaseError else UnreachableError)(said) from None


def _cause(error: sql.exc.DBAPIError) -> str:
    """What the driver says, on one line; drivers name no password."""
    return _CAUSE.sub(" ", str(error.orig)).strip()


# --- What is read -----------------------------------------------------------------------------------------------------


def _names(inspector: sql.Inspector) -> list[str]:
    return sorted({*inspector.get_table_names(), *inspector.get_view_names()})


def _bare(reading: _Reading) -> list[Grid]:
    return [
        Grid(reading.shown, each, each, 0, (), lambda: iter(())) for each in _names(sql.inspect(reading.connection))
    ]


def _selections(reading: _Reading, tables: Mapping[str, str], wanted: Callable[[str], bool]) -> list[_Selection]:
    inspector = sql.inspect(reading.connection)
    there = _names(inspector)
    if not tables:
        return [_Selection(name, name, _whole_table(reading, inspector, name)) for name in there if wanted(name)]
    return [_selection(reading, inspector, there, name, asked) for name, asked in tables.items()]


def _selection(reading: _Reading, inspector: sql.Inspector, there: list[str], name: str, asked: str) -> _Selection:
    if asked not in there and _QUERY.match(asked):
        return _Selection(name, name, asked.strip().rstrip(";"))
    schema, _, table = asked.rpartition(".")
    if asked not in there and not inspector.has_table(table, schema or None):
        close = {fold(each): each for each in there}
        found = get_close_matches(fold(asked), close, n=1)
        suggestion = close[found[0]] if found else "-"
        raise _refused("ssc-database-table-missing", reading.shown, table=asked, name=name, suggestion=suggestion)
    return _Selection(name, asked, _whole_table(reading, inspector, asked if asked in there else table, schema or None))


def _whole_table(reading: _Reading, inspector: sql.Inspector, table: str, schema: str | None = None) -> str:
    """All of a table in the order of its primary key, which is the same every time; a view has none."""
    quote = reading.connection.dialect.identifier_preparer.quote_identifier
    name = ".".join(quote(each) for each in (schema, table) if each)
    key = inspector.get_pk_constraint(table, schema)["constrained_columns"]
    order = f" ORDER BY {', '.join(map(quote, key))}" if key else ""
    return f"SELECT * FROM {name}{order}"  # noqa: S608 - names of the database, quoted by its own rules


def _grid(reading: _Reading, what: _Selection) -> Grid:
    headers = _headers(reading, what)
    problems: list[Finding] = []
    named = (reading.shown, what.sheet, what.name, 0, headers)
    rows = partial(_rows, reading, what, Grid(*named, lambda: iter(()), problems))
    return Grid(*named, rows, problems)


def _headers(reading: _Reading, what: _Selection) -> tuple[str, ...]:
    """The names of the columns, for which no row is fetched."""
    # The query may end in a comment, and Oracle knows no AS here.
    statement = f"SELECT * FROM (\n{what.statement}\n) asked WHERE 1 = 0"  # noqa: S608 - the publisher's own query
    with _asked(reading, what, statement) as result:
        return tuple(result.keys())


@contextmanager
def _asked(reading: _Reading, what: _Selection, statement: str) -> Iterator[sql.CursorResult[Any]]:
    """The answer to a statement; what is wrong with the statement itself is the publisher's to mend."""
    try:
        with reading.connection.exec_driver_sql(statement) as result:
            yield result
    except sql.exc.DBAPIError as error:
        lost = error.connection_invalidated
        rule = "ssc-database-unreachable" if lost else "ssc-database-query"
        where = Place(reading.shown, what.sheet)
        said = finding(rule, where, path=reading.shown, table=what.name, detail=_cause(error))
        raise (UnreachableError if lost else SourceError)(said) from None


def _rows(reading: _Reading, what: _Selection, grid: Grid) -> Rows:
    grid.problems.clear()
    with _asked(reading, what, what.statement) as result:
        for number, row in enumerate(result, 1):
            cells = list(row)
            for column, value in enumerate(cells):
                if type(value) not in _AS_THEY_ARE:
                    cells[column] = _cell(value, grid, number, column)
            if not is_blank_row(cells):
                yield number, cells


_AS_THEY_ARE = frozenset((type(None), str, int, float, Decimal, bool, date))


def _cell(value: object, grid: Grid, row: int, column: int) -> Cell:
    """A value of a type that no sheet has; what cannot be one value of the record is told."""
    if isinstance(value, datetime):
        # A spreadsheet's date is a midnight, and is taken for one; here a midnight is a moment like any other.
        return value.isoformat() if value.time() == MIDNIGHT else value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (list, tuple)) and all(_is_item(each) for each in value):
        return ";".join(map(str, value)) or None
    if isinstance(value, (str, int, float, Decimal, date)):
        return value
    said = finding("ssc-database-type", place(grid, row, column), type=type(value).__name__)
    grid.problems.append(said)
    return None


def _is_item(value: object) -> bool:
    return isinstance(value, (str, int, Decimal)) and not _LIST_MARK.search(str(value))
