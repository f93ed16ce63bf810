"""Databases and mappings on the command line: what it says, in whose language, and never a password."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from builders import sound_tables, write_csv, write_workbook

MINISTRY = Path(__file__).parents[1] / "fixtures" / "ministry"
PASSWORD = "S3CRET-of-nobody"  # noqa: S105 - the test looks for it everywhere


def run(*arguments, cwd, **environment):
    command = [sys.executable, "-c", "from ssc_iati.cli import main; main()", *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env={**os.environ, **environment}, check=False
    )
    assert PASSWORD not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "source.sqlite"
    connection = sqlite3.connect(path)
    for name, rows in sound_tables("P-1").items():
        headers, marks = ", ".join(f'"{each}"' for each in rows[0]), ", ".join("?" * len(rows[0]))
        connection.execute(f"CREATE TABLE {name} ({headers})")
        insert = f"INSERT INTO {name} VALUES ({marks})"  # noqa: S608 - the test's own names
        connection.executemany(insert, [tuple(row.values()) for row in rows])
    connection.commit()
    connection.close()
    return f"sqlite:///{path}?timeout=5&note={PASSWORD}"


def test_a_database_is_a_source_like_any_other(database, tmp_path):
    done = run("convert", database, "-o", "a.xml", "--now", "2026-01-31", cwd=tmp_path)

    assert done.returncode == 1  # nobody is said to report
    assert "P-1" in done.stdout
    assert PASSWORD not in (tmp_path / "a.rejected.csv" / "projects.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("address", "code", "rule", "words"),
    [
        (f"postgresql://user:{PASSWORD}@127.0.0.1:1/db", 3, "ssc-database-unreachable", "No se puede abrir"),
        (f"postgresql://user:{PASSWORD}@at@127.0.0.1:1/db", 2, "ssc-database-address", "No se puede leer"),
        (f"nosuch://user:{PASSWORD}@host/db", 2, "ssc-database-driver", "controlador"),
        (f"postgresql://user:{PASSWORD}/db", 2, "ssc-database-address", "No se puede leer"),
        (f"sqlite:///none.sqlite?password={PASSWORD}", 2, "ssc-source-missing", "No hay ningún archivo"),
    ],
)
@pytest.mark.parametrize("debug", ["", "1"])
def test_what_cannot_be_reached_is_said_in_the_users_language(tmp_path, address, code, rule, words, debug):
    done = run("check", address, "--lang", "es", "--format", "jsonl", cwd=tmp_path, SSC_IATI_DEBUG=debug)

    assert done.returncode == code
    assert words in done.stderr
    assert json.loads(done.stdout)["rule"] == rule


def test_a_wrong_table_in_the_configuration_is_wrong_usage(database, tmp_path):
    (tmp_path / "publisher.toml").write_text("[source.tables]\nprojects = 'projetcs'\n")

    done = run("check", database, "--config", "publisher.toml", "--lang", "fr", cwd=tmp_path)

    assert done.returncode == 2
    assert "le plus proche est : projects" in done.stderr


def test_the_configuration_may_name_the_mapping(tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "mapping.toml").write_text((MINISTRY / "mapping.toml").read_text("utf-8"), "utf-8")
    (tmp_path / "m" / "publisher.toml").write_text(
        "[source]\nmapping = 'mapping.toml'\n[publisher]\nlanguage = 'es'\ndefault_currency = 'USD'\n"
        "[publisher.reporting_org]\nref = 'XM-DAC-41119'\ntype = '40'\nnames = 'x'\n"
    )

    options = ("--to", "out", "--config", "m/publisher.toml", "--lang", "pt")
    done = run("publish", MINISTRY / "fichas.csv", *options, cwd=tmp_path)

    assert done.returncode == 1
    assert "3 aceitos, 1 separados" in done.stderr
    assert (tmp_path / "out" / "activities.xml").exists()
    assert (tmp_path / "out.private" / "activities.rejected.csv" / "fichas.csv").exists()


def test_a_mapping_that_is_wrong_is_wrong_usage(tmp_path):
    (tmp_path / "mapping.toml").write_text("[[sheet]]\ntable = 'projects'\ncolumns = {a = 'titel'}\n")

    done = run("check", MINISTRY / "fichas.csv", "--mapping", "mapping.toml", "--lang", "en", cwd=tmp_path)

    assert done.returncode == 2
    assert "there is no column titel" in done.stderr


def test_a_mapping_is_proposed_once_and_never_overwritten(tmp_path):
    first = run("mapping", "propose", MINISTRY / "fichas.csv", "-o", "m.toml", "--lang", "fr", cwd=tmp_path)
    text = (tmp_path / "m.toml").read_text("utf-8")
    second = run("mapping", "propose", MINISTRY / "fichas.csv", "-o", "m.toml", cwd=tmp_path)

    assert (first.returncode, second.returncode) == (0, 2)
    assert "colonnes associées" in first.stderr
    assert (tmp_path / "m.toml").read_text("utf-8") == text
    assert run("check", MINISTRY / "fichas.csv", "--mapping", "m.toml", cwd=tmp_path).returncode in {1, 2}


def test_a_mapping_is_proposed_for_a_database(database, tmp_path):
    done = run("mapping", "propose", database, "-o", "m.toml", "--lang", "en", cwd=tmp_path)

    assert done.returncode == 0
    assert '"title" = "title"' in (tmp_path / "m.toml").read_text()


def test_a_mapping_cannot_be_proposed_for_what_has_no_columns(tmp_path):
    write_csv(tmp_path / "empty", {})
    done = run("mapping", "propose", "empty", "-o", "m.toml", "--lang", "en", cwd=tmp_path)

    assert done.returncode == 2
    assert not (tmp_path / "m.toml").exists()


def test_the_database_is_not_overwritten_by_what_is_made_of_it(database, tmp_path):
    before = (tmp_path / "source.sqlite").read_bytes()

    done = run("convert", database, "-o", "source.sqlite", cwd=tmp_path)

    assert done.returncode == 2
    assert (tmp_path / "source.sqlite").read_bytes() == before


def test_a_run_rests_only_while_source_and_mapping_are_the_same(tmp_path):
    (tmp_path / "mapping.toml").write_text((MINISTRY / "mapping.toml").read_text("utf-8"), "utf-8")
    settings = (
        "[publisher]\nlanguage = 'es'\n[publisher.reporting_org]\nref = 'XM-DAC-41119'\ntype = '40'\nnames = 'x'\n"
    )
    (tmp_path / "publisher.toml").write_text(settings)
    asked = (
        "publish",
        MINISTRY / "fichas.csv",
        "--to",
        "out",
        "--mapping",
        "mapping.toml",
        "--config",
        "publisher.toml",
    )

    run(*asked, cwd=tmp_path)
    text = (tmp_path / "mapping.toml").read_text("utf-8").replace('"bilateral-ssc"', '"regional-ssc"')
    (tmp_path / "mapping.toml").write_text(text, "utf-8")
    run(*asked, cwd=tmp_path)

    assert "regional-ssc" in (tmp_path / "out" / "activities.xml").read_text("utf-8")


def test_a_database_is_read_every_time(database, tmp_path):
    settings = (
        "[publisher]\nlanguage = 'es'\n[publisher.reporting_org]\nref = 'XM-DAC-41119'\ntype = '40'\nnames = 'x'\n"
    )
    (tmp_path / "publisher.toml").write_text(settings)
    run("publish", database, "--to", "out", "--config", "publisher.toml", cwd=tmp_path)
    with sqlite3.connect(tmp_path / "source.sqlite") as connection:
        connection.execute("UPDATE projects SET title = 'Otro título'")
    connection.close()

    run("publish", database, "--to", "out", "--config", "publisher.toml", cwd=tmp_path)
    plan = run("plan", database, "--to", "out", "--config", "publisher.toml", cwd=tmp_path)

    assert "Otro título" in (tmp_path / "out" / "activities.xml").read_text("utf-8")
    assert plan.returncode == 0
    assert PASSWORD.encode() not in b"".join(
        each.read_bytes() for each in (tmp_path / "out.private").rglob("*") if each.is_file()
    )


def test_workbooks_beside_csv_files_are_not_passed_over_silently(tmp_path):
    write_csv(tmp_path / "both", sound_tables("P-1"))
    write_workbook(tmp_path / "both" / "more.xlsx", sound_tables("P-2"))

    done = run("check", "both", "--lang", "es", cwd=tmp_path)

    assert "more.xlsx" in done.stdout
    assert "ssc-source-folder-mixed" in done.stdout


def test_a_formula_without_a_result_is_shown_with_its_cell(tmp_path):
    tables = sound_tables("P-1")
    tables["projects"][0]["title"] = "=A2"
    write_workbook(tmp_path / "book.xlsx", tables)

    done = run("check", "book.xlsx", "--lang", "es", cwd=tmp_path)

    column = chr(ord("A") + list(tables["projects"][0]).index("title"))
    assert f"projects, fila 2, {column}2" in done.stdout
