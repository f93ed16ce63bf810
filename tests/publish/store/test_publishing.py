"""A whole publication in each kind of store: published, changed, gone back from, and died in the middle of."""

import hashlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import builders
import ssc_iati
from ssc_iati.findings import SourceError
from ssc_iati.messages import word
from ssc_iati.publication import history, publish, rollback
from ssc_iati.publish.options import GuardOptions, IdentifierOptions, ReleaseOptions

A, B, C = (builders.sound_project(key) for key in "ABC")
CHANGED = {"title": [{"text": "Otra cosa"}]}
FIRST = datetime(2026, 1, 31, 12, tzinfo=UTC)


class There:
    """A publication in a store."""

    def __init__(self, place, home):
        self.place, self.home = place, home
        made = builders.SETTINGS.publish.model_copy(update={"private": home / "private"})
        self.settings = builders.SETTINGS.model_copy(
            update={
                "publish": made,
                "store": place.options,
                "guard": GuardOptions(activities=1, transactions=1),
                "identifiers": IdentifierOptions(missing="drop"),
                "release": ReleaseOptions(gzip=True, checksums=True),
            }
        )

    def publish(self, *records, day=0):
        source = builders.write_jsonl(self.home / "source.jsonl", list(records))
        return publish(source, None, self.settings, lambda _: None, now=FIRST + timedelta(days=day))

    def read(self):
        names = ("activities.xml", "activities.xml.gz", "organisation.xml", "organisation.xml.gz", "SHA256SUMS")
        return {name: self.place.read(name) for name in names}

    def sums_hold(self):
        """Whether the files are those that the checksums are of."""
        found = self.read()
        sums = dict(reversed(line.split("  ")) for line in found.pop("SHA256SUMS").decode().splitlines())
        return sums == {name: hashlib.sha256(body).hexdigest() for name, body in found.items()}

    @property
    def states(self):
        return [(each["kind"], each["state"]) for each in history(None, self.settings)]


@pytest.fixture
def there(place, tmp_path):
    return There(place, tmp_path)


def test_what_is_published_changed_and_gone_back_from_is_what_readers_get(there):
    first_report = there.publish(A, B)
    first = there.read()
    rested = there.publish(A, B, day=1)
    there.publish(A | CHANGED, C, day=2)
    second = there.read()
    made = rollback(1, None, there.settings, now=FIRST + timedelta(days=3))

    assert first["activities.xml"].count(b"<iati-identifier>") == 2
    assert (first_report.written, rested.rested) == (None, True)
    assert b"Otra cosa" in second["activities.xml"]
    assert second["organisation.xml"] == first["organisation.xml"]
    assert made.number == 3
    assert there.read() == first
    assert there.states[:3] == [("release", "published")] * 3


def test_a_way_that_is_cut_leaves_each_file_whole_and_the_next_run_repairs(there):
    there.publish(A, B)
    old = there.read()
    there.place.way.cut_after(0 if there.place.way.target else None)
    if there.place.way.target:
        with pytest.raises(OSError, match=r"."):
            there.publish(A | CHANGED, C, day=2)
        assert there.read() == old
    there.place.way.cut_after(None)

    there.publish(A | CHANGED, C, day=3)

    assert there.read()["activities.xml"].count(b"<iati-identifier>") == 2
    assert b"Otra cosa" in there.read()["activities.xml"]
    assert there.states[0] == ("release", "published")


DIE = """
import os, signal, sys, pickle
from pathlib import Path
settings, source, at, step = pickle.loads(bytes.fromhex(sys.argv[1]))
from datetime import UTC, datetime
from ssc_iati.publication import publish
from ssc_iati.publish.store.local import LocalStore
from ssc_iati.publish.store.remote import RemoteStore
for kind in (LocalStore, RemoteStore):
    real = getattr(kind, step, None)
    def dying(self, *given, real=real):
        global at
        at -= 1
        if at == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, *given)
    setattr(kind, step, dying)
publish(source, None, settings, lambda _: None, now=datetime(2026, 2, 5, 12, tzinfo=UTC))
"""


def killed(there, source, step, at):
    """Publish in a process of its own that is killed when it would do the step for the so-many-th time; was it?"""
    told = pickle.dumps((there.settings, source, at, step)).hex()
    path = {"PYTHONPATH": str(Path(ssc_iati.__file__).parents[1])}
    ended = subprocess.run([sys.executable, "-c", DIE, told], check=False, env={**os.environ, **path}, timeout=60)
    return ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("step", "at"), [("stage", 2), ("staged_digest", 1), ("switch", 1), ("sweep", 1)])
def test_a_run_that_is_killed_at_a_step_leaves_each_file_whole_and_the_next_run_repairs(there, step, at):
    there.publish(A, B)
    old = there.read()
    source = builders.write_jsonl(there.home / "source.jsonl", [A | CHANGED, C])

    assert killed(there, source, step, at)

    between = there.read()
    there.publish(A | CHANGED, C, day=9)
    new = there.read()

    assert all(between[name] in {old[name], new[name]} for name in new)
    assert b'last-updated-datetime="2026-02-05T12:00:00Z"' in new["activities.xml"]
    assert there.states[0] == ("release", "published")


@pytest.mark.parametrize("place", ["s3", "sftp"], indirect=True)
@pytest.mark.parametrize("at", [2, 3])
def test_what_died_between_two_switches_is_finished_by_the_next_run_whatever_becomes_of_it(there, at):
    """Far away, files are switched one after the other: a mixture does not wait for a source that can be published."""
    there.publish(A, B)
    first = there.read()
    source = builders.write_jsonl(there.home / "source.jsonl", [A | CHANGED, C])
    assert killed(there, source, "_move", at)
    mixed = there.read()

    with pytest.raises(SourceError):
        there.publish(day=7)

    finished = there.read()
    assert mixed["activities.xml"] == finished["activities.xml"] != first["activities.xml"]
    assert mixed != finished
    assert b'last-updated-datetime="2026-02-05T12:00:00Z"' in finished["activities.xml"]
    assert there.sums_hold()
    assert there.states[0] == ("release", "published")


@pytest.mark.parametrize("place", ["s3", "sftp"], indirect=True)
def test_what_died_before_the_first_switch_is_not_finished_for_a_source_that_cannot_be_read(there):
    there.publish(A, B)
    first = there.read()
    source = builders.write_jsonl(there.home / "source.jsonl", [A | CHANGED, C])
    assert killed(there, source, "_move", 1)

    with pytest.raises(SourceError):
        there.publish(day=7)

    assert there.read() == first
    assert there.states[0] == ("release", "prepared")


@pytest.mark.parametrize("place", ["s3"], indirect=True)
def test_a_server_that_is_killed_in_the_middle_and_comes_back_empty_gets_everything_anew(there, own_s3_server):
    """A real process, killed while a file is on its way to it."""
    server, way = own_s3_server, there.place.way
    bucket = there.settings.store.url.split("/")[2]
    way.target = server.port
    server.make(bucket)
    there.publish(A, B)
    way.pause = 0.05
    many = [builders.sound_project(f"P{number}") for number in range(300)]
    died = threading.Timer(1.0, server.kill)
    died.start()

    with pytest.raises(OSError, match=r"."):
        there.publish(*many, day=2)
    died.join()
    between = there.states[0]
    way.pause = 0
    server.start()
    server.make(bucket)
    there.publish(*many, day=3)

    assert between == ("release", "prepared")
    assert there.read()["activities.xml"].count(b"<iati-identifier>") == len(many)
    assert there.sums_hold()
    assert there.states[0] == ("release", "published")


@pytest.mark.parametrize("place", ["s3"], indirect=True)
def test_a_store_that_refuses_is_trouble_of_the_world_and_said_in_any_language(there):
    nowhere = there.settings.store.model_copy(update={"url": "s3://no-such-bucket/iati"})
    there.settings = there.settings.model_copy(update={"store": nowhere})

    with pytest.raises(OSError, match=r".") as refused:
        there.publish(A)

    assert there.states[0] == ("release", "prepared")
    assert "No se puede acceder al lugar donde se publica" in word(refused.value.finding, "es").message


def test_a_store_needs_a_private_place(place):
    settings = builders.SETTINGS.model_copy(update={"store": place.options})

    with pytest.raises(SourceError) as refused:
        publish(Path("source.jsonl"), None, settings, lambda _: None, now=FIRST)

    assert refused.value.finding.rule == "ssc-config-invalid"
