"""Databases to read from: SQLite, and PostgreSQL where the machine has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql

from database_server import HAS_POSTGRES

Fill = Callable[..., str]


@pytest.fixture(params=["sqlite", "postgresql"] if HAS_POSTGRES else ["sqlite"])
def fill(request: pytest.FixtureRequest, tmp_path: Path) -> Fill:
    """Fills a database, empty before, and gives its address: statements first, then tables of texts."""
    kind = request.param
    address = f"sqlite:///{tmp_path / 'source.sqlite'}" if kind == "sqlite" else request.getfixturevalue("postgres")

    def filled(*statements: str, tables: dict[str, list[dict[str, Any]]] | None = None) -> str:
        engine = sql.create_engine(address)
        with engine.begin() as connection:
            for each in statements:
                connection.exec_driver_sql(each)
            for name, rows in (tables or {}).items():
                _table(connection, name, rows)
        engine.dispose()
        return address

    return filled


def _table(connection: sql.Connection, name: str, rows: list[dict[str, Any]]) -> None:
    headers = list(dict.fromkeys(header for row in rows for header in row))
    table = sql.Table(name, sql.MetaData(), *(sql.Column(header, sql.Text) for header in headers))
    table.create(connection)
    connection.execute(table.insert(), [{header: row.get(header) for header in headers} for row in rows])
