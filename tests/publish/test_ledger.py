"""The ledger, on real databases: what was published under which identifier, every release and every run."""

import os
import sqlite3
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sql

import builders
import ssc_iati
from ssc_iati.config import Settings
from ssc_iati.findings import SourceError
from ssc_iati.publish.ledger import (
    Entry,
    FileEntry,
    Ledger,
    LedgerError,
    Release,
    Run,
    SetAsideEntry,
    TurnTakenError,
    ledger_url,
    publications,
    schema,
)
from ssc_iati.publish.ledger.database import AT_ONCE
from ssc_iati.publish.ledger.owner import STALE, is_dead, me

PUBLICATION = "XM-DAC-41119/activities.xml"
RUN = Run(0, "running", "2026-01-31", None, "", "s.xlsx", "print", None, "setup", None, "2026-01-31", None, None, None)
RELEASE = Release(0, "release", None, None, "prepared", "2026-01-01T00:00:00Z", "c", 0, 0, 0, 0, 0, 0)


def entry(name="a", digest="1", updated="2026-01-01T00:00:00Z"):
    return Entry(f"XM-{name}", digest, updated, updated, "{}", b"<iati-activity>\xc3\xa9</iati-activity>", 3)


def file_of(writing, entries, name="activities.xml"):
    listing = writing.keep_listing([each.identifier for each in entries])
    return FileEntry(name, "activities", "sum", 9, "c", "2026", len(entries), 0, None, listing, b"head")


def enter(ledger, *entries, content="c"):
    """A run that enters a release of these activities; the release's number."""
    ledger.begin(RUN)
    try:
        stood = {each.identifier: each for each in ledger.entries()}
        with ledger.writing() as writing:
            release = RELEASE._replace(content=content, activities=len(entries))
            number = writing.enter(release, [file_of(writing, entries)])
            writing.end(number, sorted(stood.keys() - {each.identifier for each in entries}))
            writing.put(number, [each for each in entries if stood.get(each.identifier) != each])
    finally:
        ledger.end(state="published", ended="2026", release=None)
    return number


@pytest.fixture
def opened(database):
    """Ledgers in one database, closed at the end."""
    ledgers = []

    def made(publication=PUBLICATION):
        ledgers.append(Ledger(ledger_url(database, None), publication))
        return ledgers[-1]

    yield made
    for each in ledgers:
        each.close()


def test_a_server_can_hold_the_ledger(postgres):
    """The one test that says so where there is no server; with one, those above and below use it too."""
    ledger = Ledger(ledger_url(postgres, None), "XM/server.xml")

    enter(ledger, entry())

    assert ledger.entries() == [entry()]
    ledger.close()


def test_a_new_ledger_knows_nothing(opened):
    ledger = opened()

    assert ledger.latest() is None
    assert ledger.entries() == ledger.releases() == ledger.runs() == []


# --- Releases ---------------------------------------------------------------------------------------------------------


def test_what_was_entered_is_known_again(opened, database):
    number = enter(opened(), entry("a"), entry("b"))

    again = opened()
    latest = again.latest()
    assert sorted(again.entries()) == [entry("a"), entry("b")]
    assert latest == RELEASE._replace(number=number, run=latest.run, activities=2)
    assert again.members(again.files(number)[0].listing) == ["XM-a", "XM-b"]
    assert publications(database) == [PUBLICATION]


def test_a_release_is_prepared_until_it_stands_where_its_readers_find_it(opened):
    ledger = opened()
    number = enter(ledger, entry())

    ledger.begin(RUN)
    ledger.published(number, {"activities.xml": "tag"})

    assert ledger.latest().state == "published"
    assert [each.stamp for each in ledger.files(number)] == ["tag"]


def test_a_release_that_never_stood_is_interrupted_by_the_next(opened):
    ledger = opened()
    enter(ledger, entry(), content="one")
    enter(ledger, entry(), content="two")

    assert [(each.number, each.state) for each in ledger.releases()] == [(2, "prepared"), (1, "interrupted")]
    assert ledger.latest().content == "two"


def test_every_release_can_be_told_whole(opened):
    ledger = opened()
    enter(ledger, entry("a"), entry("b"))
    enter(ledger, entry("a", digest="2"), entry("b"))
    enter(ledger, entry("b"))
    enter(ledger, entry("a", digest="2"), entry("b"), entry("c"))

    held = [
        sorted((name, each.digest) for name, each in ledger.held(n, ["XM-a", "XM-b", "XM-c"]).items())
        for n in (1, 2, 3, 4)
    ]

    assert held == [
        [("XM-a", "1"), ("XM-b", "1")],
        [("XM-a", "2"), ("XM-b", "1")],
        [("XM-b", "1")],
        [("XM-a", "2"), ("XM-b", "1"), ("XM-c", "1")],
    ]


def test_what_is_gone_is_remembered_and_can_come_back(opened):
    ledger = opened()
    enter(ledger, entry("a"), entry("b"))
    enter(ledger, entry("b"))
    gone, remembered = ledger.entries(), ledger.known(["XM-a"])

    enter(ledger, entry("a"), entry("b"))

    assert gone == [entry("b")]
    assert remembered == {"XM-a": entry("a")}
    assert sorted(ledger.entries()) == [entry("a"), entry("b")]


def test_more_activities_stand_or_go_at_once_than_a_statement_may_name(opened):
    ledger = opened()
    many = [entry(f"{number:05}") for number in range(2 * AT_ONCE + 1)]

    enter(ledger, *many)
    stood = len(ledger.entries())
    enter(ledger, many[0])

    assert (stood, len(ledger.entries())) == (len(many), 1)


def test_a_release_that_fails_is_not_entered_at_all(opened):
    ledger = opened()
    enter(ledger, entry("a"))
    ledger.begin(RUN)

    def fail():
        with ledger.writing() as writing:
            number = writing.enter(RELEASE, [file_of(writing, [])])
            writing.put(number, [entry("b")])
            writing.end(number, ["XM-a"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert ledger.entries() == [entry("a")]
    assert [each.number for each in ledger.releases()] == [1]


def test_old_bytes_are_let_go_and_the_dates_and_hashes_stay(opened):
    ledger = opened()
    for digest in "1234":
        enter(ledger, entry("a", digest=digest), entry(f"only-in-{digest}"))
    ledger.begin(RUN)

    ledger.let_go(2)

    held = {number: ledger.held(number, ["XM-a", f"XM-only-in-{number}"]) for number in (1, 2, 3, 4)}
    assert {number: [each.xml is not None for each in row.values()] for number, row in held.items()} == {
        1: [False, False],
        2: [False, False],
        3: [True, True],
        4: [True, True],
    }
    assert [held[number]["XM-a"].digest for number in (1, 2, 3, 4)] == ["1", "2", "3", "4"]
    assert ledger.members(ledger.files(3)[0].listing) == ["XM-a", "XM-only-in-3"]
    with pytest.raises(LedgerError, match="not kept"):
        ledger.members(ledger.files(2)[0].listing)


def test_two_publications_in_one_ledger_do_not_meet(opened):
    mine, other = opened("XM/mine.xml"), opened("XM/other.xml")
    enter(mine, entry("a", digest="mine"), entry("b"))
    enter(other, entry("a", digest="other"), content="theirs")
    mine.begin(RUN)
    other.begin(RUN)
    mine.register("activities.xml", {"id": "mine"}, "2026")
    mine.found({("r", "error"): 2}, [SetAsideEntry("XM-x", "x", ("r",), kept=True)])
    mine.let_go(2)
    mine.end(state="published", ended="2026")

    enter(mine, entry("a", digest="changed"))

    assert [each.digest for each in mine.entries()] == ["changed"]
    assert [each.digest for each in other.entries()] == ["other"]
    assert [(each.number, each.content) for each in mine.releases()] == [(2, "c"), (1, "c")]
    assert [(each.number, each.content) for each in other.releases()] == [(1, "theirs")]
    assert other.registered("activities.xml") is None
    assert [each.state for each in other.runs()] == ["running", "published"]


# --- Runs -------------------------------------------------------------------------------------------------------------


def test_what_a_run_found_and_was_allowed_is_told_again(opened):
    ledger = opened()
    run = ledger.begin(RUN)

    ledger.found({("r", "error"): 2, ("r", "warning"): 1}, [SetAsideEntry(None, "k", ("r", "s"), kept=False)])
    with ledger.writing() as writing:
        writing.override("activities", "too many")
    ledger.end(state="published", ended="2026-02-01", release=7, trouble=None)

    told = ledger.runs()[0]
    assert (told.id, told.state, told.release, told.source_print, told.ended) == (
        run,
        "published",
        7,
        "print",
        "2026-02-01",
    )
    assert told.owner == str(me())
    assert ledger.findings(run) == {("r", "error"): 2, ("r", "warning"): 1}
    assert ledger.set_aside(run) == [SetAsideEntry(None, "k", ("r", "s"), kept=False)]
    assert ledger.overrides(run) == {"activities": "too many"}


def test_what_is_registered_is_kept_as_it_is_given(opened):
    ledger = opened()
    state = {"id": "6702", "metadata": {"url": "https://example.org/á.xml"}, "n": [1, None]}

    ledger.register("activities.xml", {"id": "old"}, "2026-01-01")
    ledger.register("activities.xml", state, "2026-02-01")

    assert opened().registered("activities.xml") == state
    assert ledger.registered("other.xml") is None


def test_two_runs_at_once_are_refused_and_in_turn_are_not(opened):
    first, second = opened(), opened()
    first.begin(RUN)

    with pytest.raises(TurnTakenError, match=str(os.getpid())):
        second.begin(RUN)
    first.end(state="published", ended="2026")
    second.begin(RUN)

    assert [each.state for each in second.runs()] == ["running", "published"]


def test_a_run_of_this_process_that_could_not_say_how_it_ended_holds_no_turn(opened):
    first, second = opened(), opened()
    first.begin(RUN)
    first.close()

    second.begin(RUN)

    assert [each.state for each in second.runs()] == ["running", "died"]


HOLDER = """
import sys, time
from ssc_iati.publish.ledger import Ledger, Run
ledger = Ledger(sys.argv[1], sys.argv[2])
ledger.begin(Run(0, "", "2026", None, "", "s", "p", None, "q", None, "2026-01-31", None, None, None))
print("begun", flush=True)
time.sleep(60)
"""


@pytest.fixture
def other_run(database):
    """Another process that has the turn."""
    path = {"PYTHONPATH": str(Path(ssc_iati.__file__).parents[1])}
    command = [sys.executable, "-c", HOLDER, database, PUBLICATION]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **path}) as running:
        assert running.stdout.readline() == b"begun\n"
        yield running
        running.kill()


def test_a_run_of_another_process_has_its_turn_until_it_is_killed(opened, other_run):
    ledger = opened()
    with pytest.raises(TurnTakenError, match=f"process {other_run.pid}"):
        ledger.begin(RUN)

    other_run.kill()
    other_run.wait()
    ledger.begin(RUN)

    assert [each.state for each in ledger.runs()] == ["running", "died"]


def test_a_run_whose_turn_was_taken_writes_no_more(opened):
    slow, other = opened(), opened()
    slow.begin(RUN)
    with other._begin() as connection:
        connection.execute(schema.turns.update().values(host="elsewhere", born="x|y|1", beat=time.time() - 2 * STALE))
    other.begin(RUN)

    with pytest.raises(TurnTakenError), slow.writing():
        pytest.fail("the turn is another's")
    with pytest.raises(TurnTakenError):
        slow.published(1, {})


def test_a_beat_keeps_a_turn_and_a_busy_ledger_does_not_end_the_run(opened, monkeypatch):
    ledger = opened()
    ledger.begin(RUN)
    with ledger._begin() as connection:
        connection.execute(schema.turns.update().values(beat=0))

    ledger.beat()
    with ledger._begin() as connection:
        assert connection.execute(sql.select(schema.turns.c.beat)).scalar() > 0
    monkeypatch.setattr(
        ledger, "_begin", lambda: (_ for _ in ()).throw(LedgerError("ssc-ledger-trouble", "x", problem="busy"))
    )
    ledger._beaten = 0.0
    ledger.beat()


LIVING = me()
BOOT, SPACE, BORN = LIVING.born.split("|")


@pytest.mark.parametrize(
    ("owner", "beat", "one_machine", "dead"),
    [
        (LIVING, -9 * STALE, True, False),
        (LIVING._replace(born=f"{BOOT}|{SPACE}|{int(BORN) - 1}"), 0, True, True),
        (LIVING._replace(pid=2**22 + 1), 0, True, True),
        (LIVING._replace(born=f"other|{SPACE}|{BORN}"), 0, True, True),
        (LIVING._replace(born=f"other|{SPACE}|{BORN}"), 0, False, False),
        (LIVING._replace(born=f"{BOOT}|other|{BORN}"), 0, True, False),
        (LIVING._replace(host="elsewhere"), 0, False, False),
        (LIVING._replace(host="elsewhere"), -STALE - 1, False, True),
        (LIVING._replace(host="elsewhere"), STALE + 1, False, True),
    ],
    ids=[
        "this process, however long it was silent",
        "a number given again",
        "no such process",
        "the machine was started anew",
        "maybe another machine of the same name",
        "in a container beside this one",
        "elsewhere, and lately heard of",
        "elsewhere, and silent",
        "elsewhere, and its clock was set back since",
    ],
)
def test_a_dead_run_is_told_from_a_living_one(owner, beat, one_machine, dead):
    assert is_dead(owner, beat, 0, one_machine=one_machine) is dead


# --- Older ledgers ----------------------------------------------------------------------------------------------------


VERSION_1 = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE release (number INTEGER PRIMARY KEY, publication TEXT NOT NULL, state TEXT NOT NULL,
    generated TEXT NOT NULL, content TEXT NOT NULL, activities INTEGER NOT NULL);
CREATE INDEX ix_release_publication ON release (publication);
CREATE TABLE activity (publication TEXT, identifier TEXT, digest TEXT NOT NULL, updated TEXT NOT NULL,
    first_published TEXT NOT NULL, record TEXT NOT NULL, xml {bytes} NOT NULL, current BOOLEAN NOT NULL,
    PRIMARY KEY (publication, identifier));
INSERT INTO about VALUES ('version', '1'), ('turn of XM/a.xml', 'taken');
INSERT INTO release VALUES (1, 'XM/a.xml', 'published', 'g1', 'c1', 2), (2, 'XM/b.xml', 'published', 'g2', 'c2', 1),
    (3, 'XM/a.xml', 'prepared', 'g3', 'c3', 1);
INSERT INTO activity VALUES ('XM/a.xml', 'XM-1', 'd1', 'u1', 'f1', '{{}}', {one}, {yes}),
    ('XM/a.xml', 'XM-0', 'd0', 'u0', 'f0', '{{}}', {one}, {no}),
    ('XM/b.xml', 'XM-1', 'e1', 'v1', 'h1', '{{}}', {one}, {yes})
"""
DIALECTS = {
    "sqlite": {"bytes": "BLOB", "one": "X'3C612F3E'", "yes": "1", "no": "0"},
    "postgresql": {"bytes": "BYTEA", "one": "'\\x3C612F3E'", "yes": "true", "no": "false"},
}


@pytest.fixture
def old_ledger(database):
    """A ledger as version 1 made it, with two publications."""
    engine = sql.create_engine(database)
    with engine.begin() as connection:
        for statement in VERSION_1.format(**DIALECTS[engine.dialect.name]).split(";"):
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_ledger_of_version_1_is_brought_up_to_date(old_ledger, opened):
    mine, other = opened("XM/a.xml"), opened("XM/b.xml")

    assert [(each.number, each.state, each.content) for each in mine.releases()] == [
        (3, "prepared", "c3"),
        (1, "published", "c1"),
    ]
    assert [each.number for each in other.releases()] == [2]
    assert [
        (each.identifier, each.digest, each.updated, each.first_published, each.xml) for each in mine.entries()
    ] == [("XM-1", "d1", "u1", "f1", b"<a/>")]
    assert mine.known(["XM-0"])["XM-0"].digest == "d0"
    assert [(each.name, each.generated, each.content, each.activities) for each in mine.files(3)] == [
        ("a.xml", "g3", "c3", 1)
    ]
    assert mine.members(mine.files(3)[0].listing) == ["XM-1"]
    assert [each.digest for each in other.entries()] == ["e1"]


def test_a_migrated_ledger_holds_the_tables_of_a_new_one_and_no_others(old_ledger, opened, database):
    opened()

    engine = sql.create_engine(database)
    tables = sql.inspect(engine).get_table_names()
    engine.dispose()

    assert sorted(tables) == sorted(schema.tables.tables)


def test_a_migration_that_dies_leaves_the_old_ledger(old_ledger, opened, database, monkeypatch):
    from ssc_iati.publish.ledger import migrations

    def die(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "_enter_file", die)
        with pytest.raises(ZeroDivisionError):
            opened("XM/a.xml")

    assert [each.number for each in opened("XM/a.xml").releases()] == [3, 1]


def test_a_ledger_of_a_newer_program_is_not_touched(opened, database):
    ledger = opened()
    with ledger._begin() as connection:
        connection.execute(schema.about.update().values(value="99"))

    with pytest.raises(LedgerError, match="newer"):
        opened()


@pytest.mark.parametrize("prepared", ["published", "prepared"])
def test_a_publication_of_version_1_goes_on_with_its_dates(publication, prepared):
    """What version 1 had published: the same bytes in the folder, and its ledger, made from today's."""
    first, second = builders.sound_project("A"), builders.sound_project("B")
    publication.publish(first, second)
    before = publication.stamp
    _as_version_1(publication.private / "ledger.sqlite", prepared)

    again = publication.publish(first, second, day=5)
    changed = publication.publish(first | {"title": [{"text": "Otra"}]}, second, day=6)

    assert before[2] != publication.stamp[2]
    assert (again.updated, again.gone, changed.updated) == (0, 0, 1)
    assert publication.updated == {"A": "2026-02-06", "B": "2026-01-31"}


def _as_version_1(path, state):
    database = sqlite3.connect(path)
    rows = database.execute(
        "SELECT publication, identifier, digest, updated, first_published, record, xml FROM activities"
    )
    entries = [(*row, 1) for row in rows.fetchall()]
    found = database.execute("SELECT publication, content, generated FROM files WHERE place = 0")
    name, content, generated = found.fetchone()
    for table in schema.tables.tables:
        database.execute(f"DROP TABLE {table}")
    for statement in VERSION_1.format(**DIALECTS["sqlite"]).split(";")[:4]:
        database.execute(statement)
    database.execute("INSERT INTO about VALUES ('version', '1')")
    database.execute("INSERT INTO release VALUES (1, ?, ?, ?, ?, 2)", (name, state, generated, content))
    database.executemany("INSERT INTO activity VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entries)
    database.commit()
    database.close()


# --- Several publications, and trouble --------------------------------------------------------------------------------


def test_two_publications_of_one_ledger_can_be_published_in_turn(publication, database):
    def settings(file):
        return Settings.model_validate(
            {
                "publisher": builders.SETTINGS.publisher,
                "publish": {"file": file, "ledger": database, "private": publication.private},
                "release": {"organisation": "organisation.xml" if file == "activities.xml" else False},
            }
        )

    first, second = builders.sound_project("A"), builders.sound_project("B")
    publication.settings = settings("activities.xml")
    publication.publish(first)
    publication.settings = settings("other.xml")
    publication.publish(second, day=1)
    other = (publication.folder / "other.xml").read_bytes()
    publication.settings = settings("activities.xml")
    before = publication.stamp
    again = publication.publish(first, day=2)

    assert publication.stamp == before
    assert again.unchanged
    assert b"41119-B<" in other
    assert (publication.folder / "other.xml").read_bytes() == other
    assert not (publication.private / "ledger.sqlite").exists()


# --- Trouble ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        "postgresql+psycopg://who:SECRET@example.org/x",
        "no address",
        "unheardof://x",
        "sqlite+unheardof:///x",
        "mysql+oursql://x/y",
    ],
)
def test_an_address_that_means_no_database_here_is_a_fault_of_the_configuration(tmp_path, place):
    with pytest.raises(SourceError) as refused:
        ledger_url(place, tmp_path)

    assert refused.value.finding.rule == "ssc-config-invalid"


def test_a_password_in_an_address_is_not_repeated(tmp_path):
    with pytest.raises(SourceError) as refused:
        ledger_url("unheardof://who:SECRET@example.org/x", tmp_path)

    assert "SECRET" not in str(refused.value.finding)


def test_a_ledger_that_cannot_be_opened_is_trouble_of_the_world(tmp_path):
    with pytest.raises(LedgerError, match="unable to open"):
        Ledger(f"sqlite:///{tmp_path / 'missing' / 'ledger.sqlite'}", PUBLICATION)


def test_a_file_that_is_no_ledger_is_trouble_of_the_world(tmp_path):
    (tmp_path / "ledger.sqlite").write_text("This is no database. " * 500)

    with pytest.raises(LedgerError, match="not a database"):
        Ledger(ledger_url(None, tmp_path), PUBLICATION)


def test_a_disk_that_is_full_is_trouble_of_the_world_and_the_ledger_stays(tmp_path):
    ledger = Ledger(ledger_url(None, tmp_path), PUBLICATION)
    enter(ledger, entry("a"))
    ledger.begin(RUN)
    numbers = count()

    def fill():
        with ledger.writing() as writing:
            writing._connection.execute(sql.text("PRAGMA max_page_count = 60"))
            for number in numbers:
                writing.put(2, [entry(f"b{number}")._replace(xml=b"x" * 10_000)])

    with pytest.raises(LedgerError, match="full"):
        fill()

    assert next(numbers) > 1
    ledger.close()
    ledger = Ledger(ledger_url(None, tmp_path), PUBLICATION)
    assert ledger.entries() == [entry("a")]
    ledger.close()


def test_a_ledger_file_is_a_plain_sqlite_database(tmp_path):
    ledger = Ledger(ledger_url(None, tmp_path), PUBLICATION)
    enter(ledger, entry())
    ledger.close()

    database = sqlite3.connect(tmp_path / "ledger.sqlite")
    assert database.execute("SELECT value FROM about WHERE name = 'version'").fetchall() == [("4",)]
    assert database.execute("SELECT publication, identifier, since, until FROM activities").fetchall() == [
        (PUBLICATION, "XM-a", 1, None)
    ]
    database.close()


def test_a_ledger_of_version_3_learns_the_keys_of_its_activities(database):
    ledger = Ledger(database, PUBLICATION)
    enter(ledger, entry("a")._replace(record='{"record_version":"1","key":"a"}'), entry("b")._replace(record=""))
    ledger.close()
    engine = sql.create_engine(database)
    with engine.begin() as connection:
        for statement in (
            "ALTER TABLE activities DROP COLUMN key",
            "DROP TABLE decisions",
            "DROP TABLE withheld",
            "UPDATE about SET value = '3' WHERE name = 'version'",
        ):
            connection.execute(sql.text(statement))
    engine.dispose()

    ledger = Ledger(database, PUBLICATION)

    assert ledger.keys() == {"a": "XM-a"}
    assert (ledger.decisions(), ledger.withheld()) == ([], [])
    ledger.close()
