"""A run like the last one does nothing; but what depends on the day is looked at all the same."""

import importlib
import json
import sqlite3
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import builders
from ssc_iati.check.context import LastInstant, Today
from ssc_iati.config import Settings
from ssc_iati.publication import Session, Unpublishable, asked_of, publish, released, rollback
from ssc_iati.publish import fingerprint
from ssc_iati.run import prepare, work, workspace

A, B = (builders.sound_project(key) for key in "AB")
LATER = {"activity_dates": [{"type": "2", "date": "2026-02-10"}]}
"""Actually started on a day that has not come yet."""


@pytest.fixture
def reads(monkeypatch):
    """A mark for each time that the source was read."""
    module, marks = importlib.import_module("ssc_iati.publication.release"), []
    real = module.prepare
    monkeypatch.setattr(module, "prepare", lambda *given, **named: (marks.append(1), real(*given, **named))[1])
    return marks


def again(publication, day):
    """Publish the same file once more, so many days after the first time."""
    now = publication.first + timedelta(days=day)
    return publish(
        publication.home / "source.jsonl",
        publication.folder,
        publication.settings,
        publication.findings.append,
        now=now,
    )


def test_the_same_source_again_is_not_even_read(publication, reads):
    first = publication.publish(A, B, {"key": "C"})
    before = publication.stamp

    report = again(publication, 5)

    assert reads == [1]
    assert publication.stamp == before
    assert (report.rested, report.unchanged, report.updated, report.added, report.gone) == (True, True, 0, 0, 0)
    assert (report.projects, report.accepted, report.set_aside, report.severities, report.well) == (
        first.projects,
        first.accepted,
        first.set_aside,
        first.severities,
        False,
    )
    assert (report.written, report.rejected, report.release) == (first.written, first.rejected, 1)


def test_it_rests_again_and_again(publication, reads):
    publication.publish(A)

    assert [again(publication, day).rested for day in (1, 2, 3)] == [True] * 3
    assert reads == [1]


@pytest.mark.parametrize("day", [4, 10])
def test_what_waited_for_its_day_is_published_when_it_comes(publication, reads, day):
    publication.publish(A, B | LATER, day=4)
    assert list(publication.activities) == ["A"]

    report = again(publication, day)

    assert report.rested is (day == 4)
    assert list(publication.activities) == (["A"] if day == 4 else ["A", "B"])


def test_a_clock_that_went_back_is_a_reason_to_look(publication, reads):
    publication.publish(A, B, day=5)

    assert again(publication, 4).rested is False
    assert publication.updated == {"A": "2026-02-05", "B": "2026-02-05"}


def test_another_program_is_a_reason_to_look(publication, monkeypatch):
    publication.publish(A)
    monkeypatch.setattr(fingerprint, "program_print", lambda: "newer")

    assert again(publication, 1).rested is False


@pytest.mark.parametrize(
    "settings",
    [
        {"publisher": {"default_currency": "EUR"}},
        {"release": {"gzip": True}},
        {"mapping": {"unmapped": "nearest"}},
        {"reject": "warning"},
    ],
)
def test_other_settings_are_a_reason_to_look(publication, settings):
    publication.publish(A)
    said = json.loads(publication.settings.model_dump_json(exclude_none=True, exclude_unset=True))
    mixed = {
        name: {**said.get(name, {}), **value} if isinstance(value, dict) else value for name, value in settings.items()
    }
    publication.settings = Settings.model_validate({**said, **mixed})

    assert again(publication, 1).rested is False


@pytest.mark.parametrize("name", ["activities.xml", "organisation.xml"])
def test_a_file_that_is_not_as_it_was_is_a_reason_to_look(publication, name):
    publication.publish(A)
    whole = (publication.folder / name).read_bytes()
    (publication.folder / name).write_bytes(whole[:-10])

    assert again(publication, 1).rested is False
    assert (publication.folder / name).read_bytes() == whole
    assert again(publication, 2).rested is True


def test_what_was_set_aside_is_written_again_if_somebody_took_it_away(publication):
    report = publication.publish(A, B | {"title": None})
    report.rejected.unlink()

    assert again(publication, 1).rested is False
    assert report.rejected.is_file()


def test_a_release_that_somebody_went_back_from_does_not_rest(publication):
    publication.publish(A, B)
    publication.publish(A, day=1)
    rollback(1, publication.folder, publication.settings, now=datetime(2026, 3, 1, tzinfo=UTC))

    with pytest.raises(Unpublishable):
        again(publication, 60)


def test_five_thousand_exported_again_write_nothing(publication):
    """The same records in other bytes: every record is looked at, and no file and no version is written."""
    many = [builders.sound_project(f"P{number}") for number in range(5000)]
    publication.publish(*many)
    before = publication.stamp
    database = sqlite3.connect(publication.private / "ledger.sqlite")
    versions = database.execute("SELECT count(*), max(since) FROM activities").fetchall()

    report = publication.publish(*(dict(reversed(each.items())) for each in many), day=9)

    assert (report.rested, report.unchanged, report.release) == (False, True, 1)
    assert publication.stamp == before
    assert database.execute("SELECT count(*), max(since) FROM activities").fetchall() == versions == [(5000, 1)]
    assert database.execute("SELECT count(*) FROM releases").fetchall() == [(1,)]
    database.close()


def test_who_arranges_the_steps_otherwise_publishes_the_same(publication, tmp_path):
    source = builders.write_jsonl(tmp_path / "source.jsonl", [A, B])
    other, settings, now = tmp_path / "other", publication.settings, publication.first
    with workspace() as folder, Session(asked_of(source, other, settings, now)) as session:
        prepared = prepare(source, settings, folder, today=now.date(), records=True)
        released(session, prepared, work(prepared), lambda _: None)
    publication.publish(A, B)

    assert (other / "activities.xml").read_bytes() == publication.file.read_bytes()


# --- The day that remembers -------------------------------------------------------------------------------------------

days = st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 1, 1))
COMPARISONS = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "swapped <": lambda a, b: b < a,
    "swapped >=": lambda a, b: b >= a,
}


@given(today=days, others=st.lists(days, min_size=1, max_size=4), how=st.sampled_from(sorted(COMPARISONS)))
def test_until_the_day_that_is_waited_for_every_comparison_comes_out_as_it_did(today, others, how):
    compare = COMPARISONS[how]
    Today.review()
    found = [compare(other, Today.of(today)) for other in others]
    review = Today.review()

    until = (review or today + timedelta(days=4000)) - timedelta(days=1)
    for later in (today, until, today + (until - today) // 2):
        assert [compare(other, later) for other in others] == found
    assert Today.review() is None


@given(today=days, other=days, how=st.sampled_from(["<", "<=", ">", ">=", "swapped <", "swapped >="]))
def test_its_last_instant_remembers_as_the_day_does(today, other, how):
    """As the validator compares: the start of another day with the end of this one."""
    compare = COMPARISONS[how]
    start, end = _milliseconds(other), LastInstant(_milliseconds(today + timedelta(days=1)) - 1)
    Today.review()
    found = compare(start, end)
    review = Today.review()

    until = (review or today + timedelta(days=4000)) - timedelta(days=1)
    for later in (today, until):
        assert compare(start, _milliseconds(later + timedelta(days=1)) - 1) == found
    assert review == (other if other > today else None)


def _milliseconds(day):
    return (day - date(1970, 1, 1)) // timedelta(milliseconds=1)


def test_what_is_reckoned_from_the_day_may_be_otherwise_tomorrow():
    today = Today.of(date(2026, 1, 31))

    for reckon in (
        lambda: today - timedelta(days=365),
        lambda: today + timedelta(days=1),
        lambda: date(2026, 3, 1) - today,
    ):
        reckon()
        assert Today.review() == date(2026, 2, 1)


def test_nobody_waits_for_a_day_that_no_calendar_has():
    """IATI admits years of five digits, and 9999-12-31 stands for "no end" in many files."""
    today = Today.of(date(2026, 1, 31))
    Today.review()

    assert LastInstant(_milliseconds(date(2026, 2, 1)) - 1) < _milliseconds(date(9999, 12, 31)) * 10
    assert Today.review() is None
    assert today < date.max
    assert Today.review() == date.max
