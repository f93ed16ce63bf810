"""What publishing would do, said beforehand; and nothing is changed by saying it."""

import sqlite3
from collections import Counter
from datetime import timedelta

import pytest

import builders
from ssc_iati.publication import plan
from ssc_iati.publish.options import GuardOptions
from ssc_iati.publish.spool import Kind
from ssc_iati.record.difference import differences
from ssc_iati.report import planned

A, B, C = (builders.sound_project(key) for key in "ABC")
CHANGED = {"title": [{"lang": "es", "text": "Otra cosa"}]}
BROKEN = {"title": None}


def planning(publication, *records, day=5, settings=None):
    """The plan for these records, and what was told of each activity."""
    source = builders.write_jsonl(publication.home / "planned.jsonl", list(records))
    told = []
    made = plan(
        source,
        publication.folder,
        settings or publication.settings,
        publication.findings.append,
        told.append,
        now=publication.first + timedelta(days=day),
    )
    return made, [(each.kind, each.identifier.rpartition("-")[2]) for each in told], told


@pytest.fixture
def settled(publication):
    publication.publish(A, B)
    return publication


def test_every_kind_is_told(settled):
    settled.publish(A, B, C, day=1)
    settled.publish(A, B, day=2)

    made, told, _ = planning(
        settled, A | CHANGED, B | BROKEN, C, builders.sound_project("D"), builders.sound_project("E") | BROKEN
    )

    assert told == [(Kind.CHANGED, "A"), (Kind.KEPT, "B"), (Kind.BACK, "C"), (Kind.NEW, "D"), (Kind.ASIDE, "E")]
    assert made.counts == Counter(
        {Kind.CHANGED: 1, Kind.KEPT: 1, Kind.BACK: 1, Kind.NEW: 1, Kind.ASIDE: 1, Kind.GONE: 0}
    )
    assert (made.former, made.refused, made.files) == (3, [], {"activities.xml": 4})


def test_what_did_not_change_is_only_counted(settled):
    made, told, _ = planning(settled, A, B)

    assert told == []
    assert made.counts[Kind.UNCHANGED] == 2


def test_what_is_gone_is_told_last(settled):
    _, told, _ = planning(settled, C, A)

    assert told == [(Kind.NEW, "C"), (Kind.GONE, "B")]


def test_what_was_set_aside_says_why(settled):
    _, _, (kept,) = planning(settled, A | BROKEN, B)

    assert kept.rules == ("4.3.1",)


def test_what_changed_is_told_field_by_field_in_the_words_of_the_table(settled):
    _, _, (change,) = planning(settled, A | CHANGED, B)

    lines = list(planned.as_lines(change.kind, change.identifier, differences(change.before, change.after), (), "es"))

    assert lines[0] == "modificada: XM-DAC-41119-A"
    assert "    Título [es]: (nada) -> Otra cosa" in lines


def test_a_change_of_the_settings_alone_is_told_as_such(settled):
    other = settled.settings.model_copy(
        update={"publisher": settled.settings.publisher.model_copy(update={"default_currency": "EUR"})}
    )
    _, told, changes = planning(settled, A, B, settings=other)

    assert told == [(Kind.CHANGED, "A"), (Kind.CHANGED, "B")]
    assert differences(changes[0].before, changes[0].after) != []


def test_a_plan_for_the_first_release_needs_no_ledger(publication):
    made, told, _ = planning(publication, A, B | BROKEN)

    assert told == [(Kind.NEW, "A"), (Kind.ASIDE, "B")]
    assert made.former is None
    assert not publication.folder.exists()
    assert not publication.private.exists()


def test_a_plan_changes_nothing(settled):
    before = {each: each.read_bytes() for each in settled.home.rglob("*") if each.is_file()}

    planning(settled, A | CHANGED, B | BROKEN, C)

    after = {
        each: each.read_bytes() for each in settled.home.rglob("*") if each.is_file() and each.name != "planned.jsonl"
    }
    assert after == before


def test_a_plan_can_be_made_while_a_run_has_the_turn(settled):
    database = sqlite3.connect(settled.private / "ledger.sqlite")
    database.execute(
        "INSERT INTO turns (publication, run, host, pid, born, beat) SELECT publication, id, 'x', 1, '', 0 FROM runs"
    )
    database.commit()

    _, told, _ = planning(settled, A | CHANGED, B)

    assert told == [(Kind.CHANGED, "A")]
    database.close()


def test_what_the_guard_would_refuse_is_said(settled):
    guarded = settled.settings.model_copy(update={"guard": GuardOptions()})

    made, _, _ = planning(settled, A, settings=guarded)

    assert [each.rule for each in made.refused] == ["ssc-guard-activities"]
    assert settled.findings[-1].rule == "ssc-guard-activities"


@pytest.mark.parametrize("language", ["en", "es", "pt", "fr"])
def test_a_plan_is_worded_in_four_languages(language):
    lines = {kind: list(planned.as_lines(kind, "XM-1", [], ("r",), language)) for kind in planned.KINDS}

    assert all(each[0].endswith(": XM-1 (r)") for each in lines.values())
    assert len({each[0] for each in lines.values()}) == len(planned.KINDS)
    assert "2" in planned.summary({"new": 2, "gone": 0}, 1, language)
    assert planned.summary({}, None, language)
