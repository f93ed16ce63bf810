"""The ledger, on real databases: what was published under which identifier, and every release."""

import sqlite3
from itertools import count

import pytest
import sqlalchemy as sql

import builders
from ssc_iati.config import Settings
from ssc_iati.findings import SourceError
from ssc_iati.publish.ledger import AT_ONCE, Entry, Ledger, LedgerError, ledger_url

PUBLICATION = "XM-DAC-41119/activities.xml"


def entry(name="a", digest="1", updated="2026-01-01T00:00:00Z"):
    return Entry(f"XM-{name}", digest, updated, updated, "{}", b"<iati-activity>\xc3\xa9</iati-activity>")


def enter(ledger, *entries, content="c"):
    """A release of these activities; its number."""
    with ledger.writing() as writing:
        stood, stands = writing.standing(), {each.identifier for each in entries}
        known = writing.known(sorted(stands))
        writing.put([each for each in entries if known.get(each.identifier) != each])
        writing.stand(stood - stands, current=False)
        writing.stand(stands - stood, current=True)
        return writing.prepare("2026-01-01T00:00:00Z", content, len(entries))


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
    assert ledger.entries() == []


def test_what_was_entered_is_known_again(opened):
    number = enter(opened(), entry("a"), entry("b"))

    again = opened()
    assert sorted(again.entries()) == [entry("a"), entry("b")]
    assert again.latest() == (number, "prepared", "2026-01-01T00:00:00Z", "c", 2)


def test_a_release_is_prepared_until_it_stands_where_its_readers_find_it(opened):
    ledger = opened()
    number = enter(ledger, entry())

    ledger.published(number)

    assert ledger.latest().state == "published"


def test_the_latest_release_is_the_one_that_was_prepared_last(opened):
    ledger = opened()
    first = enter(ledger, entry(), content="one")
    second = enter(ledger, entry(), content="two")

    assert first < second
    assert (ledger.latest().number, ledger.latest().content) == (second, "two")


def test_an_activity_takes_the_place_of_its_former_version(opened):
    ledger = opened()
    enter(ledger, entry("a"), entry("b"))

    enter(ledger, entry("a", digest="2"), entry("b"))

    assert sorted(each.digest for each in ledger.entries()) == ["1", "2"]


def test_what_is_gone_is_remembered_and_can_come_back(opened):
    ledger = opened()
    enter(ledger, entry("a"), entry("b"))
    enter(ledger, entry("b"))
    gone = ledger.entries()
    with ledger.writing() as writing:
        remembered = writing.known(["XM-a"])

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

    def fail():
        with ledger.writing() as writing:
            writing.put([entry("b")])
            writing.stand(["XM-a"], current=False)
            writing.prepare("2026-02-01T00:00:00Z", "d", 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert ledger.entries() == [entry("a")]
    assert ledger.latest().content == "c"


def test_two_publications_in_one_ledger_do_not_meet(opened):
    mine, other = opened("XM/mine.xml"), opened("XM/other.xml")
    enter(mine, entry("a", digest="mine"), entry("b"))
    enter(other, entry("a", digest="other"), content="theirs")

    enter(mine, entry("a", digest="changed"))

    assert [each.digest for each in mine.entries()] == ["changed"]
    assert [each.digest for each in other.entries()] == ["other"]
    assert (mine.latest().content, other.latest().content) == ("c", "theirs")


def test_two_publications_of_one_ledger_can_be_published_in_turn(publication, database):
    def settings(file):
        return Settings.model_validate(
            {
                "publisher": builders.SETTINGS.publisher,
                "publish": {"file": file, "ledger": database, "private": publication.private},
            }
        )

    first, second = builders.sound_project("A"), builders.sound_project("B")
    publication.settings = settings("activities.xml")
    publication.publish(first)
    publication.settings = settings("other.xml")
    publication.publish(second, day=1)
    publication.settings = settings("activities.xml")
    before = publication.stamp
    again = publication.publish(first, day=2)

    assert publication.stamp == before
    assert again.unchanged
    assert b"41119-B<" in (publication.folder / "other.xml").read_bytes()
    assert not (publication.private / "ledger.sqlite").exists()


# --- Trouble ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["no address", "unheardof://x", "sqlite+unheardof:///x", "mysql+oursql://x/y"])
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
    numbers = count()

    def fill():
        with ledger.writing() as writing:
            writing._connection.execute(sql.text("PRAGMA max_page_count = 30"))
            for number in numbers:
                writing.put([entry(f"b{number}")._replace(xml=b"x" * 10_000)])

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
    assert database.execute("SELECT value FROM about WHERE name = 'version'").fetchall() == [("1",)]
    assert database.execute("SELECT publication, identifier, current FROM activity").fetchall() == [
        (PUBLICATION, "XM-a", 1)
    ]
    database.close()
