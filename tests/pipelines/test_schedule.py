"""The schedule as it runs in an agency: a server, a served flow or a worker, a run that is killed. What Prefect does is
seen, not assumed: that schedules fire, that a killed run is noticed and told, that nothing is left running.
"""

import json
import os
import shutil
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
from ssc_iati import config
from ssc_iati.publication import history

HOME = Path(ssc_iati.__file__).parents[2]
PATIENCE = 240
"""Seconds; a schedule's own minute is within."""
pytestmark = [
    pytest.mark.flow,
    pytest.mark.xdist_group("a server of Prefect's"),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc"),
]


class Programs:
    """Programs of the tests, each the leader of its own group, which is ended with them."""

    def __init__(self, home, environment):
        self.home, self.environment = home, environment
        self.running = []

    def start(self, *words):
        log = (self.home / f"log{len(self.running)}").open("wb")
        made = subprocess.Popen(
            [sys.executable, *words],
            env=self.environment,
            cwd=self.home,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.running.append(made)
        return made

    def run(self, *words):
        ended = self.start(*words)
        assert ended.wait(PATIENCE) == 0, (self.home / f"log{len(self.running) - 1}").read_text("utf-8")

    def end(self):
        for each in reversed(self.running):
            with suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL)
            each.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Prefect's own server, as an agency runs it; what must stand in the environment of those who use it."""
    pytest.importorskip("prefect", reason="the package prefect is not installed")
    home = tmp_path_factory.mktemp("server")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    known = {name: os.environ[name] for name in ("PATH", "SSC_IATI_CACHE")}
    known |= {
        "HOME": str(home),
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "2",
        "PREFECT_RUNNER_POLL_FREQUENCY": "2",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "DO_NOT_TRACK": "1",
        "PYTHONPATH": str(HOME / "src"),
    }
    programs = Programs(home, known)
    started = programs.start("-m", "prefect", "server", "start", "--host", "127.0.0.1")
    until(lambda: urllib.request.urlopen(f"{known['PREFECT_API_URL']}/health", timeout=5).status == 200)  # noqa: S310
    yield known
    started.send_signal(signal.SIGTERM)
    started.wait(60)
    left = of_group(started.pid)
    programs.end()
    assert left == [], "the server left somebody behind"


@pytest.fixture
def programs(server, tmp_path):
    made = Programs(tmp_path, server)
    yield made
    made.end()


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


def of_group(group):
    """The processes of a group that still live."""
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, of = each.read_text("utf-8", "replace").rpartition(")")[2].split()[:3]
            if int(of) == group and state != "Z":
                found.append(int(each.parent.name))
    return found


class Office:
    """An agency: a source, a configuration, and the site under which readers find the file, which answers when it is
    told to.
    """

    def __init__(self, home, site):
        self.site, self.out = site, home / "out"
        self.reading, self.go_on = threading.Event(), threading.Event()
        site.pages = Served(self.out)
        site.pages["/hook"] = Page()
        site.pages["/activities.xml"] = Page(status=503, wait=lambda: (self.reading.set(), self.go_on.wait(PATIENCE)))
        self.source = builders.write_jsonl(home / "source.jsonl", [builders.sound_project("A")])
        self.config = home / "publisher.toml"
        self.config.write_text(
            f"""
[publisher]
reporting_org = {{ ref = "XM-DAC-41119", type = "40", names = [{{ text = "Reporting Office" }}] }}
language = "es"
default_currency = "USD"
[publish]
folder = "out"
[store]
public = "{site.url()}"
[alerts.webhook]
url = "{site.url("/hook")}"
""",
            "utf-8",
        )

    def answer(self):
        """Let readers have the file from now on."""
        del self.site.pages["/activities.xml"]
        self.go_on.set()

    def began(self):
        """What each alert said began, by rule."""
        told = [json.loads(each)["began"] for each in self.site.posted]
        return [[each["key"].partition("|")[0] for each in one] for one in told]

    def runs(self):
        """How the runs of the ledger ended, the last first."""
        told = history(self.out, config.load(self.config))
        return [each["state"] for each in told if each["kind"] == "run"]


@pytest.fixture
def office(tmp_path, site):
    return Office(tmp_path, site)


def test_a_schedule_fires_and_a_run_that_is_killed_is_told(programs, office):
    flow = HOME / "pipelines" / "publish.py"
    told = ("--config", office.config, "--serve", "--cron", "* * * * *", "--alarm-cron", "0 0 1 1 *")
    served = programs.start(flow, office.source, *told)

    assert office.reading.wait(PATIENCE)
    (run,) = children(served.pid)
    os.kill(run, signal.SIGKILL)
    until(lambda: office.site.posted)
    office.answer()

    assert office.began() == [["ssc-run-failed"]]
    assert (office.out / "activities.xml").is_file()
    served.send_signal(signal.SIGTERM)
    served.wait(60)
    assert of_group(served.pid) == []


def deployed(programs, office):
    """The deployments of `prefect.yaml`, with the paths of this office and a schedule that fires every few seconds."""
    import yaml  # Prefect brings it

    told = yaml.safe_load((HOME / "prefect.yaml").read_text("utf-8"))
    for each in told["deployments"]:
        each["parameters"] |= {"config_file": str(office.config)}
    nightly = next(each for each in told["deployments"] if each["name"] == "nightly")
    nightly["parameters"] |= {"source": str(office.source)}
    nightly["schedules"] = [{"interval": 6}]
    (programs.home / "prefect.yaml").write_text(yaml.safe_dump(told), "utf-8")
    shutil.copytree(HOME / "pipelines", programs.home / "pipelines", ignore=shutil.ignore_patterns("__pycache__"))
    programs.run("-m", "prefect", "work-pool", "create", "--type", "process", "local")
    programs.run("-m", "prefect", "--no-prompt", "deploy", "--all")


def runs_of(server):
    """The flow runs of the pool that were due, the first first, as the server tells."""
    question = json.dumps({"sort": "EXPECTED_START_TIME_ASC", "limit": 50}).encode()
    asked = urllib.request.Request(  # noqa: S310
        f"{server['PREFECT_API_URL']}/flow_runs/filter", question, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
        return [each for each in json.load(answer) if each["work_pool_name"] == "local"]


def states(server):
    """How those stand that began, and were not dropped."""
    return [each["state_name"] for each in runs_of(server) if each["start_time"] and each["state_name"] != "Cancelled"]


def test_a_worker_runs_what_is_deployed_once_at_a_time_and_starts_clean_after_a_run_that_is_killed(
    server, programs, office
):
    deployed(programs, office)
    worker = programs.start("-m", "prefect", "worker", "start", "--pool", "local")

    assert office.reading.wait(PATIENCE)
    assert (office.out / "activities.xml").is_file()
    until(lambda: "Cancelled" in [each["state_name"] for each in runs_of(server)])  # the schedule fired again: dropped
    (run,) = until(lambda: children(worker.pid))
    assert office.runs() == ["running", "published"]
    os.kill(run, signal.SIGKILL)
    office.answer()
    until(lambda: "Completed" in states(server))

    assert states(server)[:1] == ["Crashed"]
    assert office.runs()[:2] == ["delivered", "rested"]
    assert office.runs()[-2:] == ["died", "published"]
    assert office.began()[0] == ["ssc-run-failed"]
    worker.send_signal(signal.SIGTERM)
    worker.wait(60)
    until(lambda: not of_group(worker.pid))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_single_run_that_is_killed_leaves_no_server_behind(server, tmp_path, site, how):
    office = Office(tmp_path, site)
    alone = Programs(tmp_path, {name: value for name, value in server.items() if not name.startswith("PREFECT_API")})
    run = alone.start(HOME / "pipelines" / "publish.py", office.source, "--config", office.config)
    assert office.reading.wait(PATIENCE)
    assert len(of_group(run.pid)) == 2

    run.send_signal(how)
    run.wait(60)
    office.answer()

    until(lambda: not of_group(run.pid))
