"""What Prefect adds to a publication: the flow against a running server, beside the plain call of the library.

Both publish the same source to an empty folder with as many processes, each in a new process of its own, in turn; then
both find the same source unchanged. The server is Prefect's own, on loopback, with a home that is thrown away.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import content
import measure

HOME = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
PATIENCE = 180
FIXED, EACH = 5.0, 0.02
"""What Prefect may add, in seconds: to a run, and for each task."""

CONTENDERS = ("plain", "flow")


# --- One contender, in its own process --------------------------------------------------------------------------------


def contend(name: str, source: Path, target: Path, jobs: int) -> None:
    config = source.parent / "publisher.toml"
    run = {"plain": plainly, "flow": as_flow}[name]
    run(source, target, config, jobs)


def plainly(source: Path, target: Path, config: Path, jobs: int) -> None:
    from ssc_iati.config import load
    from ssc_iati.publication import publish, watched
    from ssc_iati.read.address import source_named

    settings = load(config)

    def run() -> Any:  # noqa: ANN401
        return publish(source_named(str(source)), target, settings, lambda _: None, now=NOW, jobs=jobs)

    watched(run, target, settings, lambda _: None, now=NOW)


def as_flow(source: Path, target: Path, config: Path, jobs: int) -> None:
    sys.path[0] = str(HOME)  # a module of this folder has the name of one that Prefect needs
    from pipelines.publish import publish

    publish(source, target, config, NOW, jobs=jobs)


# --- The server -------------------------------------------------------------------------------------------------------


@contextmanager
def server(folder: Path) -> Iterator[dict[str, str]]:
    """Prefect's server, as long as it is needed; what must stand in the environment of those who use it."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    known = {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "server.log").open("wb") as log:
        started = subprocess.Popen(
            command, env={**os.environ, **known}, stdout=log, stderr=log, cwd=folder, start_new_session=True
        )
    try:
        _wait_for(f"{known['PREFECT_API_URL']}/health")
        yield known
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGTERM)
        try:
            started.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


def _wait_for(address: str) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - loopback
            if answer.status == 200:
                return
        time.sleep(0.3)
    raise TimeoutError("the server did not start")


def task_runs(api: str) -> tuple[int, str]:
    """How many tasks the last flow run had, and how it ended, as the server tells."""
    run = _asked(f"{api}/flow_runs/filter", {"sort": "START_TIME_DESC", "limit": 1})[0]
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:  # the server notes task runs a while after they were
        number = _asked(f"{api}/task_runs/count", {"flow_runs": {"id": {"any_": [run["id"]]}}})
        time.sleep(2)
        if number and number == _asked(f"{api}/task_runs/count", {"flow_runs": {"id": {"any_": [run["id"]]}}}):
            return number, run["state_name"]
    return 0, run["state_name"]


def _asked(address: str, question: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    body, kind = json.dumps(question).encode(), {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(address, body, kind), timeout=60) as answer:  # noqa: S310
        return json.load(answer)


# --- Side by side -----------------------------------------------------------------------------------------------------


def compare(projects: int, repeat: int, jobs: int) -> dict[str, Any]:
    """Both in turn, and again; the least CPU and wall time of each."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        content.write(folder, projects)
        (folder / "publisher.toml").write_text("[guard]\nsize = 2_000_000_000\n", "utf-8")
        costs: dict[str, list[measure.Cost]] = {}
        with server(folder) as known:
            os.environ.update(known)
            for turn in range(repeat):
                for name in CONTENDERS:
                    for again in ("", ", unchanged"):
                        costs.setdefault(name + again, []).append(_run(name, folder, turn, jobs))
                        if (name, again) == ("flow", ""):
                            tasks = task_runs(known["PREFECT_API_URL"])
        same = len({(folder / f"{name}-{repeat - 1}" / "activities.xml").read_bytes() for name in CONTENDERS}) == 1
    return figures(costs, tasks) | {"projects": projects, "repeat": repeat, "jobs": jobs, "same_bytes": same}


def _run(name: str, folder: Path, turn: int, jobs: int) -> measure.Cost:
    command = [sys.executable, __file__, "--contender", name, str(folder / "ours"), str(folder / f"{name}-{turn}")]
    return measure.run([*command, "--jobs", str(jobs)])


def figures(costs: dict[str, list[measure.Cost]], tasks: tuple[int, str]) -> dict[str, Any]:
    """The least of each, and what Prefect added."""
    wall = {name: min(each.wall for each in found) for name, found in costs.items()}
    cpu = {name: min(each.cpu for each in found) for name, found in costs.items()}
    peak = {name: max(each.together for each in found) for name, found in costs.items()}
    return {
        "wall": wall,
        "cpu": cpu,
        "peaks": peak,
        "tasks": tasks[0],
        "ended": tasks[1],
        "added_wall": wall["flow"] - wall["plain"],
        "added_cpu": cpu["flow"] - cpu["plain"],
        "allowed": FIXED + EACH * tasks[0],
        "all": {name: [each._asdict() for each in found] for name, found in costs.items()},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=50_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path, help="where the figures go, too")
    parser.add_argument("--contender", nargs=3, metavar=("NAME", "SOURCE", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.contender:
        name, source, target = asked.contender
        contend(name, Path(source), Path(target), asked.jobs)
        return 0
    found = compare(asked.projects, asked.repeat, asked.jobs)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print("| | wall s | CPU s | sum of peaks MB |\n|---|--:|--:|--:|")
    for name, wall in found["wall"].items():
        print(f"| {name} | {wall:.2f} | {found['cpu'][name]:.2f} | {found['peaks'][name]:.0f} |")
    told = (found["added_wall"], found["added_cpu"], found["tasks"], found["allowed"])
    print("\nadded: {:.2f} s wall, {:.2f} s CPU, {} tasks; allowed: {:.2f} s".format(*told))
    print(f"the same bytes: {'yes' if found['same_bytes'] else 'no'}; the run: {found['ended']}")
    return 0 if found["same_bytes"] and found["added_wall"] <= found["allowed"] else 1


if __name__ == "__main__":
    sys.exit(main())
