"""Runs that die, runs that meet, a database that is started anew: what stands is the old release or the new one."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

import builders
import ssc_iati
from ssc_iati.config import Settings
from ssc_iati.publication import publish
from ssc_iati.publish.ledger import Ledger, LedgerError, TurnTakenError, ledger_url
from ssc_iati.publish.store.local import LocalStore

ROOT = Path(__file__).parents[2]
PUBLICATION = "XM-DAC-41119/activities.xml"
A, B, C = (builders.sound_project(key) for key in "ABC")
CHANGED = {"title": [{"text": "Otra cosa"}]}
MANY = [builders.sound_project(f"P{number}") for number in range(400)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are killed as POSIX does it")
def test_fifty_runs_that_are_killed_lose_double_and_halve_nothing():
    """Each in a process of its own, at a random line or moment; `benchmarks/crashes.py` tells what is looked at."""
    command = [sys.executable, ROOT / "benchmarks" / "crashes.py", "--runs", "50", "--seed", "11"]
    path = os.pathsep.join([str(Path(ssc_iati.__file__).parents[1]), str(ROOT / "tests")])
    environment = {**os.environ, "PYTHONPATH": path}

    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=300)

    told = json.loads(ended.stdout)
    assert (told["faults"], ended.returncode) == ([], 0)
    assert told["crashes"] == 50
    assert told["places"] > 10


@pytest.fixture
def program(tmp_path):
    """The program, in a process of its own, publishing to a folder with a configuration."""
    config = tmp_path / "publisher.toml"
    config.write_text(
        '[publisher]\nlanguage = "es"\ndefault_currency = "USD"\n[publisher.reporting_org]\n'
        'ref = "XM-DAC-41119"\ntype = "40"\nnames = "Oficina"\n[guard]\nactivities = 1\ntransactions = 1\n'
        '[identifiers]\nmissing = "drop"\n'
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(ssc_iati.__file__).parents[1]), "LC_ALL": "C.UTF-8"}

    def start(*words):
        command = [sys.executable, "-c", "from ssc_iati.cli import main; main()", *map(str, words)]
        common = ["--to", str(tmp_path / "public"), "--config", str(config)]
        return subprocess.Popen([*command, *common], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)

    return start


def run(started):
    out, told = started.communicate(timeout=120)
    return started.returncode, out.decode(), told.decode()


def wait_until(true):
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("it does not come to that")


def at_work(folder):
    """Whether a run has the turn of the publication in this folder."""
    if not (folder / "public.private" / "ledger.sqlite").is_file():
        return False
    try:
        ledger = Ledger(ledger_url(None, folder / "public.private"), PUBLICATION)
    except LedgerError:
        return False
    told = [each.state for each in ledger.runs(last=1)]
    ledger.close()
    return told == ["running"]


def test_two_runs_at_once_are_refused_and_the_first_goes_on(program, tmp_path):
    source = builders.write_jsonl(tmp_path / "many.jsonl", MANY)
    first = program("publish", source)
    wait_until(lambda: at_work(tmp_path))
    os.kill(first.pid, signal.SIGSTOP)

    code, _, told = run(program("publish", source, "--lang", "es"))
    planned = run(program("plan", source))
    os.kill(first.pid, signal.SIGCONT)
    done = run(first)

    assert (code, f"process {first.pid}" in told, "Traceback" in told) == (3, True, False)
    assert "Otra ejecución de esta publicación está en marcha" in told
    assert planned[0] == 0
    assert done[0] == 0
    assert (tmp_path / "public" / "activities.xml").read_bytes().count(b"<iati-identifier>") == len(MANY)
    history = [json.loads(line) for line in run(program("history", "--format", "jsonl"))[1].splitlines()]
    assert [each["state"] for each in history] == ["published", "published"]


def test_a_run_that_was_killed_is_noticed_and_the_next_one_publishes(program, tmp_path):
    source = builders.write_jsonl(tmp_path / "many.jsonl", MANY)
    first = program("publish", source)
    wait_until(lambda: at_work(tmp_path))
    first.kill()
    first.communicate()

    assert run(program("publish", source))[0] == 0

    history = [json.loads(line) for line in run(program("history", "--format", "jsonl"))[1].splitlines()]
    assert [each["state"] for each in history if each["kind"] == "run"] == ["published", "died"]


def test_a_clock_that_went_back_while_a_run_was_dead_changes_nothing(publication, monkeypatch):
    publication.publish(A, B, day=9)
    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "switch", lambda *_: (_ for _ in ()).throw(OSError(5, "cut")))
        with pytest.raises(OSError, match="cut"):
            publication.publish(A | CHANGED, B, day=10)

    publication.publish(A | CHANGED, B | CHANGED, day=-300)

    assert publication.updated == {"A": "2026-02-10", "B": "2026-02-09"}
    assert publication.generated == "2026-02-10T12:00:00Z"
    assert publication.state == "published"


# --- A database server that is started anew ---------------------------------------------------------------------------


@pytest.fixture
def served(postgres_server, publication):
    """A publication whose ledger is on a server."""
    publication.settings = Settings.model_validate(
        {
            "publisher": builders.SETTINGS.publisher,
            "guard": {"activities": 1, "transactions": 1},
            "identifiers": {"missing": "drop"},
            "publish": {"ledger": postgres_server.fresh(), "private": publication.private},
        }
    )
    return publication


MOMENTS = {
    "before the turn": (Ledger, "begin"),
    "before the release is entered": (Ledger, "writing"),
    "before the files are staged": (LocalStore, "stage"),
    "before a file takes its place": (LocalStore, "switch"),
    "before the ledger notes it": (Ledger, "published"),
    "before the end is noted": (Ledger, "end"),
}


@pytest.mark.parametrize(
    ("how", "moment"),
    [*(("gone", each) for each in MOMENTS), *(("started anew", each) for each in list(MOMENTS)[1:6:2])],
)
def test_a_database_that_goes_in_the_middle_of_a_run_harms_nothing(served, postgres_server, monkeypatch, moment, how):
    """Started anew between two steps, it is not even noticed; gone for good, the run fails and the next one repairs."""
    served.publish(A, B)
    old = served.file.read_bytes()
    owner, name = MOMENTS[moment]
    real, times = getattr(owner, name), []

    def interrupted(*given, **named):
        if not times:
            times.append(1)
            postgres_server.stop()
            if how == "started anew":
                postgres_server.start()
        return real(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, interrupted)
        try:
            served.publish(A | CHANGED, C, day=5)
            failed = False
        except OSError:
            failed = True
    between = served.file.read_bytes()
    if how == "gone":
        postgres_server.start()
    served.publish(A | CHANGED, C, day=5)

    assert failed is (how == "gone")
    assert between == old or between == served.file.read_bytes()
    assert list(served.activities) == ["A", "C"]
    assert served.updated == {"A": "2026-02-05", "C": "2026-02-05"}
    assert served.state == "published"


def test_a_database_that_is_started_anew_within_the_transaction_loses_it_whole(served, postgres_server, monkeypatch):
    from ssc_iati.publish.ledger import Writing

    served.publish(A, B)
    before, ledger = served.stamp, served.ledger
    put = Writing.put

    def interrupted(self, *given):
        postgres_server.stop()
        postgres_server.start()
        return put(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr(Writing, "put", interrupted)
        with pytest.raises(LedgerError):
            served.publish(A | CHANGED, C, day=5)

    assert served.stamp == before
    assert served.ledger == ledger
    served.publish(A | CHANGED, C, day=6)
    assert served.updated == {"A": "2026-02-06", "C": "2026-02-06"}


def test_two_hosts_share_a_server_and_one_is_refused(served):
    """As from another machine: nothing but the beat tells whether that run lives."""
    served.publish(A, B)
    ledger = Ledger(served.settings.publish.ledger, PUBLICATION)
    ledger.begin(ledger.runs()[0])
    with ledger._begin() as connection:
        connection.exec_driver_sql("UPDATE turns SET host = 'elsewhere', born = 'other|other|1'")
    source = builders.write_jsonl(served.home / "s.jsonl", [A, C])
    now = datetime(2026, 3, 1, tzinfo=UTC)

    with pytest.raises(TurnTakenError, match="elsewhere"):
        publish(source, served.folder, served.settings, lambda _: None, now=now)
    with ledger._begin() as connection:
        connection.exec_driver_sql("UPDATE turns SET beat = 0")
    publish(source, served.folder, served.settings, lambda _: None, now=now)
    ledger.close()

    assert list(served.activities) == ["A", "C"]
