"""Databases as a source, real ones: what comes out is what is in there, and nothing is ever written."""

import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from uuid import UUID

import pytest
import sqlalchemy as sql
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import SETTINGS, TODAY, sound_tables, write_csv
from ssc_iati.config import SourceOptions
from ssc_iati.findings import SourceError, UnreachableError
from ssc_iati.read.address import Database, source_named
from ssc_iati.read.database import database_grids
from ssc_iati.read.grid import place
from ssc_iati.run import convert


def converted(source, target, tables=None):
    heard = []
    settings = SETTINGS.model_copy(update={"source": SourceOptions(tables=tables or {})})
    report = convert(source, target, settings, heard.append, today=TODAY, language="es")
    return report, heard


def refusal(address, tables):
    def read():
        with database_grids(Database(address), tables) as grids:
            return [list(grid.rows()) for grid in grids]

    with pytest.raises(SourceError) as raised:
        read()
    return raised.value


def test_a_database_gives_what_the_folder_gives_whatever_the_order_of_its_rows(fill, tmp_path):
    tables = sound_tables("P-1", "P-2", "P-3")
    shuffled = {name: rows if name == "projects" else rows[::-1] for name, rows in tables.items()}

    first, heard = converted(Database(fill(tables=shuffled)), tmp_path / "database.xml")
    second, _ = converted(write_csv(tmp_path / "folder", tables), tmp_path / "folder.xml")

    assert heard == []
    assert first.accepted == second.accepted == 3
    lines = [sorted((tmp_path / name).read_text().splitlines()) for name in ("database.xml", "folder.xml")]
    assert lines[0] == lines[1]


def test_tables_and_headers_may_be_written_in_spanish(fill, tmp_path):
    tables = sound_tables("P-1")
    tables["Proyectos"] = [
        {
            "Código": "P-1",
            "título (es)": "Semillas",
            "Descripción": "x",
            "Estado": "Implementación",
            "Inicio real": "2024-03-01",
        }
    ]
    del tables["projects"]
    tables["unrelated"] = [{"other": "of theirs"}]

    report, heard = converted(Database(fill(tables=tables)), tmp_path / "a.xml")

    assert (report.accepted, heard) == (1, [])


def test_what_is_nobodys_business_in_a_database_is_not_even_asked_for(fill, tmp_path):
    address = fill(
        "CREATE TABLE base (x INTEGER)", "CREATE VIEW broken AS SELECT x FROM base", tables=sound_tables("P-1")
    )
    if address.startswith("sqlite"):
        fill("DROP TABLE base")  # the view stays, and cannot be read

    report, heard = converted(Database(address), tmp_path / "a.xml")

    assert (report.accepted, heard) == (1, [])


def test_a_database_without_projects_says_what_it_has(fill):
    with pytest.raises(SourceError) as raised:
        converted(Database(fill(tables={"one": [{"a": "1"}], "two": [{"a": "1"}]})), None)

    assert (raised.value.finding.rule, raised.value.finding.values["tables"]) == ("ssc-projects-missing", "one, two")


def test_queries_and_tables_are_named_in_the_configuration(fill, tmp_path):
    tables = {f"t_{name}": rows for name, rows in sound_tables("P-1", "P-2").items()}
    named = {name.removeprefix("t_"): name for name in tables}
    named["projects"] = "SELECT key, title, description, status, actual_start FROM t_projects WHERE key = 'P-2' -- '%'"
    named["participations"] = "SELECT * FROM t_participations WHERE project LIKE '%2';"
    named["recipient_countries"] = "SELECT * FROM t_recipient_countries WHERE project = 'P-2'"
    named["sectors"] = "WITH mine AS (SELECT * FROM t_sectors) SELECT * FROM mine WHERE project = 'P-2'"

    report, heard = converted(Database(fill(tables=tables)), tmp_path / "a.xml", named)

    assert (report.accepted, report.projects, heard) == (1, 1, [])
    assert "XM-DAC-41119-P-2" in (tmp_path / "a.xml").read_text()


def test_a_place_in_a_database_is_table_row_and_column(fill, tmp_path):
    tables = sound_tables("P-1")
    tables["projects"][0]["status"] = "no such thing"

    _, heard = converted(Database(fill(tables=tables)), tmp_path / "a.xml")

    (where,) = {each.where for each in heard if each.rule == "ssc-term-unknown"}
    assert (where.sheet, where.row, where.column, where.cell) == ("projects", 1, "status", None)
    assert "://" in where.file


def test_what_is_set_aside_is_a_folder_of_csv_that_can_be_read_again(fill, tmp_path):
    tables = sound_tables("P-1", "P-2")
    tables["projects"][1]["title"] = None

    report, _ = converted(Database(fill(tables=tables)), tmp_path / "a.xml")

    assert (report.set_aside, report.rejected.name) == (1, "a.rejected.csv")
    text = (report.rejected / "projects.csv").read_text("utf-8-sig")
    (report.rejected / "projects.csv").write_text(text.replace("P-2,,", "P-2,Otro título,"))
    again, _ = converted(report.rejected, tmp_path / "b.xml")
    assert (again.projects, again.accepted) == (1, 1)


def test_rows_are_streamed(fill):
    """More rows than any memory holds: the first of them come at once."""
    address = fill()
    endless = "SELECT generate_series(1, 1000000000000) AS key"
    if address.startswith("sqlite"):
        endless = (
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS key FROM n LIMIT 1000000000000"
        )

    with database_grids(Database(address), {"projects": endless}) as (grid,):
        rows = grid.rows()
        first = list(islice(rows, 5))
        rows.close()

    assert first == [(number, [number]) for number in range(1, 6)]


def test_all_tables_are_of_one_moment(fill):
    address = fill(tables={"a": [{"key": "1"}], "b": [{"key": "1"}]})
    with database_grids(Database(address), {"a": "a", "b": "b"}) as (first, second):
        seen = list(first.rows())
        if address.startswith("postgresql"):
            fill("INSERT INTO b VALUES ('2')")
        else:
            with pytest.raises(sql.exc.OperationalError, match="locked"):
                fill("PRAGMA busy_timeout = 0", "INSERT INTO b VALUES ('2')")
        assert list(second.rows()) == seen


def test_a_table_comes_in_the_order_of_its_key(fill):
    address = fill(
        "CREATE TABLE t (n INTEGER PRIMARY KEY, v TEXT)", "INSERT INTO t VALUES (3, 'c'), (1, 'a'), (2, NULL)"
    )

    with database_grids(Database(address), {"t": "t"}) as (grid,):
        assert [row for _, row in grid.rows()] == [[1, "a"], [2, None], [3, "c"]]


@pytest.mark.parametrize(
    "query",
    [
        "WITH x AS (SELECT 1) DELETE FROM a",
        "SELECT 1; DELETE FROM a",
        "WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x",
    ],
)
def test_nothing_is_written_whatever_the_query_says(fill, query):
    address = fill(tables={"a": [{"key": "1"}]})

    error = refusal(address, {"a": query})

    assert error.finding.rule == "ssc-database-query"
    with database_grids(Database(address), {"a": "a"}) as (grid,):
        assert [row for _, row in grid.rows()] == [["1"]]


def test_a_database_opened_for_reading_takes_no_writing(fill):
    """Not even from a statement that the database would take for a query."""
    address = fill(tables={"a": [{"key": "1"}]})
    if address.startswith("postgresql"):
        fill("CREATE SEQUENCE numbers")
        error = refusal(address, {"a": "SELECT nextval('numbers') AS key"})
        assert "read-only" in error.finding.values["detail"]
        return
    with (
        database_grids(Database(address), {"a": "a"}) as (grid,),
        pytest.raises(sql.exc.OperationalError, match="readonly"),
    ):
        grid.rows.args[0].connection.exec_driver_sql("DELETE FROM a")


@pytest.mark.parametrize(
    ("asked", "rule", "suggestion"),
    [
        ("proyecto", "ssc-database-table-missing", "Proyectos"),
        ("DELETE FROM Proyectos", "ssc-database-table-missing", "Proyectos"),
        ("SELECT * FROM nowhere", "ssc-database-query", None),
        ("SELECT nothing FROM", "ssc-database-query", None),
    ],
)
def test_what_cannot_be_asked_is_named(fill, asked, rule, suggestion):
    error = refusal(fill(tables={"Proyectos": [{"key": "1"}]}), {"projects": asked})

    assert not isinstance(error, UnreachableError)
    assert error.finding.rule == rule
    assert error.finding.values.get("suggestion") == suggestion


def test_a_missing_file_is_not_made(tmp_path):
    error = refusal(f"sqlite:///{tmp_path}/none.sqlite", {})

    assert error.finding.rule == "ssc-source-missing"
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_database_is_refused_for_good(tmp_path):
    (tmp_path / "a.sqlite").write_text("key,title\n" * 500)

    error = refusal(f"sqlite:///{tmp_path}/a.sqlite", {})

    assert (error.finding.rule, isinstance(error, UnreachableError)) == ("ssc-database-unreachable", False)


@pytest.mark.parametrize("name", ["100%.sqlite", "a b.sqlite", "é#1.sqlite", "a@b.sqlite"])
def test_a_file_may_be_called_almost_anything(tmp_path, name):
    database = sqlite3.connect(tmp_path / name)
    database.executescript("CREATE TABLE projects (key TEXT); INSERT INTO projects VALUES ('1');")
    database.close()

    with database_grids(Database(f"sqlite:///{tmp_path}/{name}"), {}) as (grid,):
        assert list(grid.rows()) == [(1, ["1"])]


# --- Values -----------------------------------------------------------------------------------------------------------

_NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(_NUMBERS | st.none(), _TEXTS), min_size=1, max_size=5))
def test_values_of_sqlite_come_as_they_are(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("values") / "a.sqlite"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE t (k INTEGER PRIMARY KEY, n, t TEXT)")
    database.executemany("INSERT INTO t VALUES (?, ?, ?)", [(at, *row) for at, row in enumerate(rows)])
    database.commit()
    database.close()

    with database_grids(Database(f"sqlite:///{path}"), {"t": "t"}) as (grid,):
        found = [cells for _, cells in grid.rows()]

    assert found == [[at, *row] for at, row in enumerate(rows)]
    assert [[type(cell) for cell in cells] for cells in found] == [[int, type(number), str] for number, _ in rows]


def test_values_of_postgresql_come_as_the_database_types_them(postgres):
    asked = """
        SELECT 1234567890123456789.0123456789::numeric AS exact, 0.1::float8 AS near, DATE '2024-02-29' AS day,
               TIMESTAMPTZ '2024-03-05 10:00:00+00' AS moment, TIMESTAMP '2024-03-05 00:00:00' AS midnight,
               true AS yes, NULL::text AS nothing, '5f3e9c1e-0000-4000-8000-000000000001'::uuid AS id,
               ARRAY['a','b'] AS several, '{"a": 1}'::json AS nested, ARRAY['a;b'] AS torn
    """
    with database_grids(Database(postgres), {"t": asked}) as (grid,):
        ((_, cells),) = grid.rows()
        problems = [(each.rule, each.where.column, each.values["type"]) for each in grid.problems]

    assert cells[:3] == [Decimal("1234567890123456789.0123456789"), 0.1, date(2024, 2, 29)]
    assert cells[3].astimezone(UTC) == datetime(2024, 3, 5, 10, tzinfo=UTC)
    assert cells[4:8] == ["2024-03-05T00:00:00", True, None, str(UUID("5f3e9c1e-0000-4000-8000-000000000001"))]
    assert cells[8:] == ["a;b", None, None]
    assert problems == [("ssc-database-type", "nested", "dict"), ("ssc-database-type", "torn", "list")]


def test_typed_values_reach_the_activity_unchanged(postgres, tmp_path):
    tables = {
        "projects": "SELECT 7 AS key, 'Título' AS title, 'x' AS description, 'implementation' AS status,"
        " DATE '2024-03-01' AS actual_start, false AS humanitarian,"
        " TIMESTAMPTZ '2024-03-05 00:00:00+00' AS last_updated_datetime",
        "organisations": "SELECT 'APC' AS key, 'Agencia' AS name, 'cooperation-agency' AS actor_type",
        "participations": "SELECT 7 AS project, 'APC' AS organisation, 'implementation-followup' AS phase,"
        " 'provider' AS side, 'funder' AS function",
        "budgets": "SELECT 7::numeric AS project, DATE '2024-01-01' AS period_start, DATE '2024-12-31' AS period_end,"
        " 12345678901234.05::numeric(20,2) AS value, DATE '2024-01-01' AS value_date",
        "recipient_countries": "SELECT 7 AS project, 'HN' AS code",
        "sectors": "SELECT 7 AS project, 31166 AS code",
    }
    report, heard = converted(Database(postgres), tmp_path / "a.xml", tables)

    assert (report.accepted, heard) == (1, [])
    text = (tmp_path / "a.xml").read_text()
    assert ">12345678901234.05</value>" in text
    assert 'humanitarian="0"' in text
    assert 'last-updated-datetime="2024-03-05T00:00:00' in text


# --- Addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://user:secret@host:5432/db", "postgresql://user@host:5432/db"),
        ("postgresql+psycopg://user:se%40cret@host/db?sslpassword=secret", "postgresql+psycopg://user@host/db"),
        ("postgresql://user:se@cret@host/db", "postgresql://user@host/db"),
        ("postgresql://user:se/cr?et#@host/db", "postgresql://user@host/db"),
        ("postgresql://user:secret/db", "postgresql://user/db"),
        ("postgresql:///db?password=secret", "postgresql:///db"),
        ("postgresql://[::1]:5432/db", "postgresql://[::1]:5432/db"),
        ("sqlite:////home/a@b/x.sqlite", "sqlite:////home/a@b/x.sqlite"),
        ("sqlite:///x.sqlite", "sqlite:///x.sqlite"),
    ],
)
def test_an_address_is_shown_without_its_password(address, shown):
    source = source_named(address)

    assert str(source) == shown
    assert "secret" not in f"{source!r}{source}"
    assert not {"cret", "cr?et"} & set(str(source).replace("@", "/").split("/"))


@given(st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1))
def test_no_password_is_shown_however_it_is_written(rest):
    password = f"S3CRET{rest}S3CRET"

    assert "S3CRET" not in str(Database(f"postgresql://user:{password}@host/db"))


@pytest.mark.parametrize("text", ["book.xlsx", "https://host/book.xlsx", "s3://bucket/a.csv", "C:/folder", "a:b"])
def test_what_is_no_database_is_a_path(text):
    assert not isinstance(source_named(text), Database)


def test_a_place_in_a_table_without_header_row_has_no_row_for_its_headers(fill):
    with database_grids(Database(fill(tables={"a": [{"key": "1"}]})), {}) as (grid,):
        assert place(grid, grid.header_row, 0).row is None
