"""The schedule as it runs in an agency: a server, a served flow, a run that is killed. What Prefect does is seen, not
assumed: that schedules fire, that a killed run is noticed and told, that nothing is left running.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

import builders
import ssc_iati
from site_stand_in import Page, Served

HOME = Path(ssc_iati.__file__).parents[2]
PATIENCE = 240
"""Seconds; a schedule's own minute is within."""


@pytest.fixture
def environment(tmp_path):
    pytest.importorskip("prefect", reason="the package prefect is not installed")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    known = {name: os.environ[name] for name in ("PATH", "SSC_IATI_CACHE")}
    return known | {
        "HOME": str(tmp_path),
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "2",
        "PREFECT_RUNNER_POLL_FREQUENCY": "2",
        "DO_NOT_TRACK": "1",
        "PYTHONPATH": str(HOME / "src"),
    }


@pytest.fixture
def started(environment, tmp_path):
    """Programs of the test, each the leader of its own group, which is ended with the test."""
    running = []

    def start(*words):
        log = (tmp_path / f"log{len(running)}").open("wb")
        made = subprocess.Popen(
            [sys.executable, *words], env=environment, cwd=tmp_path, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        running.append(made)
        return made

    yield start
    for each in reversed(running):
        with suppress(ProcessLookupError):
            os.killpg(each.pid, signal.SIGKILL)
        each.wait()


def until(ask):
    """What the question gives, as soon as it gives something."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with suppress(OSError):
            if found := ask():
                return found
        time.sleep(0.3)
    raise AssertionError("it did not happen in time")


def children(pid):
    """The processes that a process started and that still live."""
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = each.read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(each.parent.name))
    return found


@pytest.mark.flow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_schedule_fires_and_a_run_that_is_killed_is_told(started, environment, site, tmp_path):
    reading, go_on = threading.Event(), threading.Event()
    site.pages = Served(tmp_path / "out")
    site.pages["/hook"] = Page()
    site.pages["/activities.xml"] = Page(status=503, wait=lambda: (reading.set(), go_on.wait(PATIENCE)))
    source = builders.write_jsonl(tmp_path / "source.jsonl", [builders.sound_project("A")])
    config = tmp_path / "publisher.toml"
    config.write_text(
        f"""
[publisher]
reporting_org = {{ ref = "XM-DAC-41119", type = "40", names = [{{ text = "Reporting Office" }}] }}
language = "es"
default_currency = "USD"
[store]
public = "{site.url()}"
[alerts.webhook]
url = "{site.url("/hook")}"
""",
        "utf-8",
    )
    started("-m", "prefect", "server", "start", "--host", "127.0.0.1")
    until(lambda: urllib.request.urlopen(f"{environment['PREFECT_API_URL']}/health", timeout=5).status == 200)  # noqa: S310
    flow = HOME / "pipelines" / "publish.py"
    told = ("--to", tmp_path / "out", "--config", config, "--serve", "--cron", "* * * * *", "--alarm-cron", "0 0 1 1 *")
    served = started(flow, source, *told)

    assert reading.wait(PATIENCE)
    (run,) = children(served.pid)
    os.kill(run, signal.SIGKILL)
    until(lambda: site.posted)
    go_on.set()

    assert [each["key"].partition("|")[0] for each in json.loads(site.posted[0])["began"]] == ["ssc-run-failed"]
    assert (tmp_path / "out" / "activities.xml").is_file()
    served.send_signal(signal.SIGTERM)
    served.wait(60)
    assert children(served.pid) == []
