"""Publishing to a folder: date-times move with content only, and the file is there whole or not at all."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sql
from lxml import etree
from sqlalchemy.engine.default import DefaultDialect

import builders
import ssc_iati
from ssc_iati import publication as publication_module
from ssc_iati.config import PublishOptions, Settings
from ssc_iati.findings import SourceError
from ssc_iati.publication import Unpublishable
from ssc_iati.publication import session as session_module
from ssc_iati.publish.guard import Rule
from ssc_iati.publish.ledger import Ledger, LedgerError, Writing
from ssc_iati.publish.plan import Comparison
from ssc_iati.publish.store import at_once
from ssc_iati.publish.store.local import LocalStore
from ssc_iati.publish.xml_file import ActivitiesFile
from ssc_iati.standard.schemas import activity_schema

A, B, C = (builders.sound_project(key) for key in "ABC")
CHANGED = {"title": [{"text": "Otra cosa"}]}
BROKEN = {"title": None}
LATER = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def settled(publication):
    """A publication of two records."""
    publication.publish(A, B)
    return publication


# --- Date-times -------------------------------------------------------------------------------------------------------


def test_what_is_published_is_valid_and_holds_every_record(settled):
    root = etree.fromstring(settled.file.read_bytes())

    assert activity_schema().validate(root), activity_schema().error_log
    assert list(settled.activities) == ["A", "B"]
    assert settled.generated == "2026-01-31T12:00:00Z"
    assert settled.updated == {"A": "2026-01-31", "B": "2026-01-31"}


def test_the_same_records_again_leave_file_and_ledger_untouched(settled):
    before, ledger = settled.stamp, settled.ledger

    report = settled.publish(A, B, day=5)

    assert settled.stamp == before
    assert settled.ledger == ledger
    assert (report.unchanged, report.updated, report.gone, report.kept, report.written) == (True, 0, 0, 0, settled.file)


def test_the_same_records_give_the_same_bytes_elsewhere(settled, publication, tmp_path):
    other = type(publication)(tmp_path / "elsewhere")
    other.home.mkdir()

    other.publish(A, B)

    assert other.file.read_bytes() == settled.file.read_bytes()


def test_many_processes_give_the_same_bytes(publication, tmp_path):
    many = [builders.sound_project(f"P{number}") for number in range(600)]
    other = type(publication)(tmp_path / "elsewhere")
    other.home.mkdir()

    publication.publish(*many)
    other.publish(*many, jobs=2)

    assert other.file.read_bytes() == publication.file.read_bytes()
    assert len(publication.activities) == 600


def test_one_changed_record_moves_its_own_date_time_and_that_of_the_file(settled):
    before = settled.activities

    report = settled.publish(A | CHANGED, B, day=5)

    assert settled.updated == {"A": "2026-02-05", "B": "2026-01-31"}
    assert settled.activities["B"] == before["B"]
    assert settled.generated == "2026-02-05T12:00:00Z"
    assert (report.unchanged, report.updated) == (False, 1)


def test_a_record_that_changes_back_is_updated_again(settled):
    settled.publish(A | CHANGED, B, day=5)
    settled.publish(A, B, day=6)

    assert settled.updated["A"] == "2026-02-06"


def test_a_change_that_nobody_may_see_moves_nothing_but_is_in_the_ledger(settled):
    before = settled.stamp
    secret = {"contacts": [{"emails": ["who@example.org"]}]}

    report = settled.publish(A | secret, B, day=5)

    assert settled.stamp == before
    assert report.updated == 0
    assert [("who@example.org" in each.record) for each in settled.ledger] == [True, False]


def test_a_new_record_leaves_the_others_as_they_are(settled):
    before = settled.activities

    report = settled.publish(A, B, C, day=5)

    assert {key: settled.activities[key] for key in "AB"} == before
    assert settled.updated["C"] == "2026-02-05"
    assert (report.updated, report.gone) == (1, 0)


def test_records_stand_in_the_order_of_the_source(settled):
    settled.publish(B, A, day=5)

    assert list(settled.activities) == ["B", "A"]
    assert settled.updated == {"A": "2026-01-31", "B": "2026-01-31"}
    assert settled.generated == "2026-02-05T12:00:00Z"


def test_a_record_that_is_gone_from_the_source_is_gone(settled):
    report = settled.publish(A, day=5)

    assert list(settled.activities) == ["A"]
    assert [each.identifier for each in settled.ledger] == ["XM-DAC-41119-A"]
    assert report.gone == 1


def test_one_gone_and_one_new_are_counted_apart(settled):
    report = settled.publish(A, C, day=5)

    assert (report.gone, report.updated, report.accepted) == (1, 1, 2)


def test_a_record_that_comes_back_as_it_was_keeps_its_date_time(settled):
    settled.publish(A, day=5)
    settled.publish(A, B, day=6)

    assert settled.updated == {"A": "2026-01-31", "B": "2026-01-31"}
    assert settled.generated == "2026-02-06T12:00:00Z"


def test_a_clock_that_goes_back_takes_no_date_time_back(settled):
    settled.publish(A | CHANGED, B, day=5)

    settled.publish(A, B | CHANGED, day=-20)

    assert settled.updated == {"A": "2026-02-05", "B": "2026-01-31"}
    assert settled.generated == "2026-02-05T12:00:00Z"
    assert "Otra cosa" in settled.activities["B"]


def test_the_date_time_of_the_source_is_not_that_of_the_publication(publication):
    publication.publish(A | {"last_updated_datetime": "2020-02-02T02:02:02Z"})

    assert publication.updated == {"A": "2026-01-31"}
    assert publication.text.count("last-updated-datetime") == 1


# --- What was set aside -----------------------------------------------------------------------------------------------


def test_a_record_that_is_set_aside_keeps_its_last_good_version(settled):
    before = settled.stamp

    report = settled.publish(A | BROKEN, B, day=5)

    assert settled.stamp == before
    assert (report.set_aside, report.kept, report.gone, report.well) == (1, 1, 0, False)
    assert report.rejected == settled.private / "activities.rejected.jsonl"


def test_a_record_that_is_set_aside_and_was_never_good_is_not_there(settled):
    report = settled.publish(A, B, C | BROKEN, day=5)

    assert list(settled.activities) == ["A", "B"]
    assert (report.set_aside, report.kept) == (1, 0)


def test_a_mended_record_takes_the_place_of_its_last_good_version(settled):
    settled.publish(A | BROKEN, B, day=5)

    report = settled.publish(A | CHANGED, B, day=6)

    assert settled.updated == {"A": "2026-02-06", "B": "2026-01-31"}
    assert (report.set_aside, report.rejected) == (0, None)
    assert settled.litter() == []
    assert not (settled.private / "activities.rejected.jsonl").exists()


@pytest.mark.parametrize("withdrawn", [(B,), (A | {"visibility": "restricted"}, B)], ids=["gone", "restricted"])
def test_what_was_withdrawn_does_not_come_back_as_a_last_good_version(settled, withdrawn):
    settled.publish(*withdrawn, day=5)
    assert list(settled.activities) == ["B"]

    report = settled.publish(A | BROKEN, B, day=6)

    assert list(settled.activities) == ["B"]
    assert (report.set_aside, report.kept) == (1, 0)


def test_records_that_share_an_identifier_keep_one_last_good_version_between_them(settled):
    report = settled.publish(A, A, B, day=5)

    assert settled.text.count("<iati-identifier>") == 2
    assert (report.set_aside, report.kept) == (2, 1)


def test_a_record_that_becomes_restricted_is_withheld_and_gone(settled):
    report = settled.publish(A | {"visibility": "restricted"}, B, day=5)

    assert list(settled.activities) == ["B"]
    assert (report.withheld, report.gone, report.set_aside) == (1, 1, 0)


def test_where_nothing_is_accepted_the_old_file_stays(settled):
    before, ledger = settled.stamp, settled.ledger

    with pytest.raises(Unpublishable) as refused:
        settled.publish(C | BROKEN, day=5, allow=set(Rule))

    assert (refused.value.report.written, refused.value.report.refused) == (None, True)
    assert settled.stamp == before
    assert settled.ledger == ledger
    assert [each.rule for each in settled.findings][-1] == "ssc-guard-empty"
    assert settled.litter() == []


def test_where_nothing_was_ever_accepted_there_is_no_file(publication):
    with pytest.raises(Unpublishable):
        publication.publish(A | BROKEN)

    assert not publication.folder.exists()
    assert publication.litter() == []


# --- Secrets ----------------------------------------------------------------------------------------------------------


def test_what_readers_must_not_see_is_kept_from_them(publication):
    secret = {
        "contacts": [{"emails": ["SECRET@example.org"]}],
        "participations": [
            *A["participations"],
            {"organisation": "APC", "function": "liaison", "visibility": "restricted", "note": [{"text": "SECRET"}]},
        ],
    }

    publication.publish(A | secret, B | secret | BROKEN)

    public = b"".join(each.read_bytes() for each in publication.folder.rglob("*") if each.is_file())
    private = b"".join(each.read_bytes() for each in publication.private.rglob("*") if each.is_file())
    assert b"SECRET" not in public
    assert b"SECRET" in private
    assert sorted(each.name for each in publication.folder.iterdir()) == ["activities.xml", "organisation.xml"]


def test_the_private_folder_is_its_owners_alone(settled):
    assert stat.S_IMODE(settled.private.stat().st_mode) == 0o700
    assert sorted(each.name for each in settled.private.iterdir()) == ["ledger.sqlite"]


def test_a_configuration_may_say_where_the_private_folder_is(publication, tmp_path):
    publication.settings = builders.SETTINGS.model_copy(
        update={"publish": Settings.model_validate({"publish": {"private": tmp_path / "kept"}}).publish}
    )

    publication.publish(A)

    assert (tmp_path / "kept" / "ledger.sqlite").is_file()
    assert not publication.private.exists()


@pytest.mark.parametrize("name", ["a?b", "100%41", "with space", "é#1", "a:b@c"])
def test_a_folder_may_have_any_name(tmp_path, publication, name):
    other = type(publication)(tmp_path / name)
    other.home.mkdir()

    other.publish(A)
    other.publish(A, day=5)

    assert other.updated == {"A": "2026-01-31"}
    assert (other.private / "ledger.sqlite").is_file()


# --- Trouble of the world ---------------------------------------------------------------------------------------------


class CrashError(Exception):
    """The run dies here."""


def crash(*_, **__):
    raise CrashError


def dying(function, time=1):
    """The function, which dies when it is called for the so-many-th time."""
    calls = count(1)
    return lambda *given, **named: crash() if next(calls) >= time else function(*given, **named)


STEPS = {
    "before the ledger is opened": (session_module, "Ledger"),
    "before the turn is taken": (Ledger, "begin"),
    "in the middle of the comparison": (Comparison, "take"),
    "in the middle of the file": (ActivitiesFile, "add"),
    "before the file is closed": (ActivitiesFile, "close"),
    "before the transaction": (Ledger, "writing"),
    "before the release is entered": (Writing, "enter"),
    "before the gone are marked": (Writing, "end"),
    "before the activities are entered": (Writing, "put"),
    "before the turn is committed": (DefaultDialect, "do_commit", 1),
    "before the findings are committed": (DefaultDialect, "do_commit", 2),
    "before the release is committed": (DefaultDialect, "do_commit", 3),
    "before the file is staged": (LocalStore, "stage"),
    "before the draft is flushed": (os, "fsync"),
    "before the draft is read back": (LocalStore, "staged_digest"),
    "before the file takes its place": (LocalStore, "switch"),
    "after the file took its place": (at_once, "sync_folder"),
    "before the ledger notes it": (Ledger, "published"),
    "before old bytes are let go": (Ledger, "let_go"),
    "before the end is noted": (Ledger, "end"),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_dies_at_any_step_is_repaired_by_the_next(settled, publication, tmp_path, monkeypatch, step):
    """The file is always the old one or the new one; the next run gives what an undisturbed one would have given."""
    undisturbed = type(publication)(tmp_path / "undisturbed")
    shutil.copytree(settled.home, undisturbed.home, ignore=shutil.ignore_patterns("undisturbed"))
    undisturbed.publish(A | CHANGED, C, day=5)
    old, new = settled.file.read_bytes(), undisturbed.file.read_bytes()

    with monkeypatch.context() as patch:
        owner, name, *time = STEPS[step]
        patch.setattr(owner, name, dying(getattr(owner, name), *time))
        with pytest.raises(CrashError):
            settled.publish(A | CHANGED, C, day=5)
    between = settled.file.read_bytes()
    litter = settled.litter()
    settled.publish(A | CHANGED, C, day=5)

    assert between in {old, new}
    assert [each for each in litter if each.endswith(".draft")] == []
    assert settled.file.read_bytes() == new
    assert settled.ledger == undisturbed.ledger
    assert settled.state == "published"


def test_a_run_that_died_is_repaired_later_with_the_date_times_that_the_ledger_took(settled, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "switch", crash)
        with pytest.raises(CrashError):
            settled.publish(A | CHANGED, B, day=5)
    assert settled.state == "prepared"

    settled.publish(A | CHANGED, B, day=9)

    assert settled.updated == {"A": "2026-02-05", "B": "2026-01-31"}
    assert settled.generated == "2026-02-05T12:00:00Z"
    assert settled.state == "published"


def test_a_published_file_that_was_lost_or_altered_is_made_anew(settled):
    whole = settled.file.read_bytes()

    settled.file.write_bytes(whole[:1000])
    altered = settled.publish(A, B, day=5)
    mended = settled.file.read_bytes()
    settled.file.unlink()
    settled.publish(A, B, day=6)

    assert altered.unchanged is False
    assert mended == whole
    assert settled.file.read_bytes() == whole


class FullFile:
    """A file on a disk that is full after so many bytes."""

    def __init__(self, file, room):
        self._file, self._room = file, room

    def write(self, data):
        self._room -= len(data)
        if self._room < 0:
            raise OSError(28, "No space left on device")
        return self._file.write(data)

    def __getattr__(self, name):
        return getattr(self._file, name)


@pytest.mark.parametrize("room", [0, 200, 4000])
def test_a_full_disk_leaves_the_last_publication(settled, monkeypatch, room):
    before, ledger = settled.stamp, settled.ledger
    made = ActivitiesFile.__init__
    monkeypatch.setattr(
        ActivitiesFile, "__init__", lambda self, file, *rest, **more: made(self, FullFile(file, room), *rest, **more)
    )

    with pytest.raises(OSError, match="No space left"):
        settled.publish(A | CHANGED, B, C, day=5)

    assert settled.stamp == before
    assert settled.ledger == ledger
    assert settled.litter() == []


def run_program(*arguments, largest_file=None):
    """The program, in a process of its own that can write no file of more bytes than this."""
    resource = pytest.importorskip("resource") if largest_file is not None else None
    command = [sys.executable, "-c", "from ssc_iati.cli import main; main()", *map(str, arguments)]
    limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))) if resource else None
    environment = {**os.environ, "PYTHONPATH": str(Path(ssc_iati.__file__).parents[1]), "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, preexec_fn=limit)


CONFIG = """[publisher]
reporting_org = { ref = "XM-DAC-41119", type = "40", names = [{ text = "Reporting Office" }] }
language = "es"
default_currency = "USD"
"""


@pytest.fixture
def program(tmp_path):
    """The program with a configuration: what it is asked, and its exit code and words."""
    config = tmp_path / "publisher.toml"
    config.write_text(CONFIG, "utf-8")
    fixed = ("--config", config, "--now", "2026-01-31")
    return lambda *arguments, **more: run_program("publish", *arguments, *fixed, **more)


@pytest.mark.parametrize("room", [600_000, 900_000])
def test_a_disk_that_is_full_ends_in_exit_code_3_and_leaves_the_file_whole(program, tmp_path, room):
    few = builders.write_jsonl(tmp_path / "few.jsonl", [A, B])
    many = builders.write_jsonl(
        tmp_path / "many.jsonl", [builders.sound_project(f"P{number}") for number in range(500)]
    )
    first = program(few, "--to", tmp_path / "out")
    before = (tmp_path / "out" / "activities.xml").read_bytes()

    second = program(many, "--to", tmp_path / "out", largest_file=room)

    assert (first.returncode, second.returncode) == (0, 3), second.stderr
    assert second.stderr.count("\n") == 1
    assert (tmp_path / "out" / "activities.xml").read_bytes() == before
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["activities.xml", "organisation.xml"]


def test_a_folder_that_cannot_be_made_ends_in_exit_code_3(program, tmp_path):
    source = builders.write_jsonl(tmp_path / "source.jsonl", [A])
    (tmp_path / "file").touch()

    ended = program(source, "--to", tmp_path / "file" / "out")

    assert (ended.returncode, "Traceback" in ended.stderr) == (3, False)
    assert ended.stderr.count("\n") == 1


def test_a_folder_that_may_not_be_written_leaves_the_last_publication(settled, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    before = settled.stamp
    monkeypatch.setattr(LocalStore, "stage", refuse)

    with pytest.raises(PermissionError):
        settled.publish(A | CHANGED, day=5)

    assert settled.stamp == before
    assert settled.state == "prepared"


def test_nothing_accepted_is_refused_with_exit_code_4(program, tmp_path):
    source = builders.write_jsonl(tmp_path / "source.jsonl", [A | BROKEN])

    ended = program(source, "--to", tmp_path / "out")

    assert ended.returncode == 4
    assert "ssc-guard-empty" in ended.stdout
    assert not (tmp_path / "out" / "activities.xml").exists()


def test_a_source_that_cannot_be_read_leaves_the_last_publication(settled):
    before = settled.stamp

    with pytest.raises(SourceError):
        publication_module.publish(
            settled.home / "missing.xlsx", settled.folder, settled.settings, settled.findings.append, now=LATER
        )

    assert settled.stamp == before


def test_a_ledger_that_is_locked_is_trouble_of_the_world(settled, monkeypatch):
    before = settled.stamp
    engine = sql.create_engine
    monkeypatch.setattr(sql, "create_engine", lambda url, **more: engine(url, connect_args={"timeout": 0.1}, **more))
    other = sqlite3.connect(settled.private / "ledger.sqlite")
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(LedgerError, match="locked"):
        settled.publish(A | CHANGED, day=5)

    other.close()
    assert settled.stamp == before
    assert settled.litter() == []


def test_a_private_folder_within_the_published_one_is_refused(tmp_path):
    settings = Settings(publish=PublishOptions(private=tmp_path / "public" / "hidden"))

    with pytest.raises(SourceError) as refused:
        publication_module.private_folder(tmp_path / "public", settings)

    assert refused.value.finding.rule == "ssc-config-invalid"
    assert not (tmp_path / "public" / "hidden").exists()
