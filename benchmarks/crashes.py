"""Runs that are killed: a publication that lives through as many crashes as one likes, each at a random point.

Every round changes the source at random, publishes it in a process of its own, and kills that process (SIGKILL) at a
random line of the code that publishes or at a random moment. Then it looks: is what stands the old release or the new
one, whole? Is every activity there, once? Does the ledger tell the truth? Then it publishes again, undisturbed, and
looks whether all is as if nothing had happened.

    PYTHONPATH=tests python benchmarks/crashes.py --runs 1000 --seed 7
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from lxml import etree

import builders
import ssc_iati
from ssc_iati.config import Settings
from ssc_iati.publication import publish
from ssc_iati.publish.ledger import Ledger, ledger_url

PUBLICATION = "XM-DAC-41119/activities.xml"
OURS = str(Path(ssc_iati.__file__).parent)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
ACTIVITY = re.compile(rb"  <iati-activity .*?</iati-activity>\n", re.DOTALL)
IDENTIFIER = re.compile(rb"<iati-identifier>(.*?)<")
SETTINGS = Settings.model_validate(
    {
        "publisher": builders.SETTINGS.publisher,
        "guard": {"activities": 1, "transactions": 1, "size": 12_000},
        "identifiers": {"missing": "drop"},
        "release": {"gzip": True, "jsonl": True, "checksums": True, "keep": 5},
    }
)
WATCHED = tuple(f"{OURS}/{room}/" for room in ("publication", "publish"))
"""Where runs die by the line: all that plans, enters, makes and puts in place."""


class Fault(Exception):  # noqa: N818 - what must never be seen
    """Something was lost, doubled, half-written or told wrongly."""


Step = Callable[[FrameType, str, object], Any] | None


class World:
    """The records that exist, and what should be published of them."""

    def __init__(self, seed: int, home: Path) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - no secret depends on it
        self.home = home
        self.folder = home / "public"
        self.titles = {f"P{number}": f"Title {number}" for number in range(12)}
        self.broken: set[str] = set()
        self.good: dict[str, str] = {}
        self.day = 0

    def change(self) -> None:
        """Edit, add, drop and break some records."""
        chance, keys = self.chance, sorted(self.titles)
        for key in chance.sample(keys, chance.randint(0, 3)):
            self.titles[key] = f"Title {chance.randint(0, 10**6)}"
        if chance.random() < 0.4 and len(keys) < 20:
            self.titles[f"N{chance.randint(0, 10**6)}"] = "New"
        if chance.random() < 0.4 and len(keys) > 6:
            del self.titles[chance.choice(keys)]
        self.broken = {key for key in sorted(self.titles) if chance.random() < 0.1}
        self.day += 1
        records = [
            builders.sound_project(key, title=None if key in self.broken else [{"text": title}])
            for key, title in self.titles.items()
        ]
        builders.write_jsonl(self.home / "source.jsonl", records)

    def settle(self) -> None:
        """What was published well is what is kept if it breaks tomorrow."""
        fresh = {key: title for key, title in self.titles.items() if key not in self.broken}
        kept = {key: self.good[key] for key in self.broken if key in self.good}
        self.good = fresh | kept

    def publish(self) -> None:
        """One run, on the day that it is in this world."""
        now = FIRST + timedelta(days=self.day)
        publish(self.home / "source.jsonl", self.folder, SETTINGS, lambda _: None, now=now)


# --- Killing ----------------------------------------------------------------------------------------------------------


def killed(world: World, lines: int) -> str:
    """Publish in a process of its own, and kill it somewhere; where it died."""
    at = world.chance.randint(1, lines) if world.chance.random() < 0.7 else None
    delay = world.chance.uniform(0, 0.25)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _live_and_die(world, at, writing)
    os.close(writing)
    if at is None:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as told:
        place = told.read().decode().rpartition("\n")[2]
    if not os.WIFSIGNALED(status):
        return f"finished with {os.waitstatus_to_exitcode(status)}"
    return place or "at a random moment"


def _live_and_die(world: World, at: int | None, writing: int) -> None:
    if at is not None:
        _die_at_line(at, writing)
    status = 70
    with suppress(BaseException):
        world.publish()
        status = 0
    os._exit(status)


def _die_at_line(at: int, writing: int) -> None:
    """Be killed at the so-many-th line of the code that publishes."""
    left = at

    def step(frame: FrameType, event: str, _: object) -> Step:
        nonlocal left
        if not frame.f_code.co_filename.startswith(WATCHED):
            return None
        if event == "line":
            left -= 1
            if left == 0:
                where = f"{Path(frame.f_code.co_filename).relative_to(OURS)}: {frame.f_code.co_name}"
                os.write(writing, where.encode())
                os.kill(os.getpid(), signal.SIGKILL)
        return step

    sys.settrace(step)
    threading.settrace(step)


def lines_of(world: World) -> int:
    """How many lines of the code that publishes a run takes."""
    count = 0

    def step(frame: FrameType, event: str, _: object) -> Step:
        nonlocal count
        if not frame.f_code.co_filename.startswith(WATCHED):
            return None
        count += event == "line"
        return step

    sys.settrace(step)
    try:
        world.publish()
    finally:
        sys.settrace(None)
    return count


# --- Looking ----------------------------------------------------------------------------------------------------------


def look(world: World, before: dict[str, bytes]) -> str:
    """After a crash: what stands is the old release or the new one, all of it, and the ledger says which."""
    ledger = Ledger(ledger_url(None, world.home / "public.private"), PUBLICATION)
    try:
        releases = ledger.releases(last=3)
        known = {(each.name, each.sha256) for release in releases for each in ledger.files(release.number)}
        latest, of_latest = releases[0], {(each.name, each.sha256) for each in ledger.files(releases[0].number)}
    finally:
        ledger.close()
    now = _files(world)
    found = {(name, hashlib.sha256(body).hexdigest()) for name, body in now.items()}
    _must(found <= known, f"a file of no release: {sorted(name for name, _ in found - known)}")
    old = {(name, hashlib.sha256(body).hexdigest()) for name, body in before.items()}
    _must(found in (old, of_latest), "neither the old release nor the new one, whole")
    _must(latest.state != "published" or found == of_latest, "published, says the ledger, but other files stand")
    for name, body in now.items():
        _whole(name, body)
    return str(latest.state)


def look_again(world: World, before: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """After the next run: every activity stands once and as it should, and what did not change is as it was."""
    stands: dict[bytes, bytes] = {}
    for path in sorted(world.folder.glob("activities*.xml")):
        for activity in ACTIVITY.findall(path.read_bytes()):
            name = IDENTIFIER.search(activity)
            _must(name is not None and name[1] not in stands, f"doubled or nameless: {name}")
            stands[name[1] if name else b""] = activity
    wanted = {f"XM-DAC-41119-{key}".encode(): title.encode() for key, title in world.good.items()}
    _must(stands.keys() == wanted.keys(), f"lost or too much: {sorted(stands.keys() ^ wanted.keys())}")
    _must(all(b">" + wanted[name] + b"<" in activity for name, activity in stands.items()), "an old version stands")
    for name, activity in before.items():
        same = name in stands and _undated(activity) == _undated(stands[name])
        _must(not same or activity == stands[name], f"dated anew, though it did not change: {name!r}")
    _sound_ledger(world)
    litter = [each.name for each in world.folder.iterdir() if each.name.startswith(".")]
    _must(not litter, f"left lying about: {litter}")
    return stands


def _sound_ledger(world: World) -> None:
    ledger = Ledger(ledger_url(None, world.home / "public.private"), PUBLICATION)
    try:
        latest, runs = ledger.releases(last=1)[0], ledger.runs()
        wanted = {each.name: each.sha256 for each in ledger.files(latest.number)}
        listed = [name for file in ledger.files(latest.number) if file.listing for name in ledger.members(file.listing)]
        entries = sorted(each.identifier for each in ledger.entries())
    finally:
        ledger.close()
    found = {name: hashlib.sha256(body).hexdigest() for name, body in _files(world).items()}
    _must(latest.state == "published" and found == wanted, "the ledger tells of other files than stand")
    _must(sorted(listed) == entries, "the ledger tells of other activities than its files hold")
    _must(all(run.state != "running" for run in runs), "a dead run counts as being at work")


def _undated(activity: bytes) -> bytes:
    return re.sub(rb' last-updated-datetime="[^"]*"', b"", activity, count=1)


def _files(world: World) -> dict[str, bytes]:
    """What readers find: a name that leads nowhere is no file."""
    found = [each for each in world.folder.iterdir() if not each.name.startswith(".")]
    return {each.name: each.read_bytes() for each in found if each.is_file()}


def _whole(name: str, body: bytes) -> None:
    try:
        if name.endswith(".xml"):
            etree.fromstring(body)
        elif name.endswith(".gz"):
            gzip.decompress(body)
        elif name.endswith(".jsonl"):
            [json.loads(line) for line in body.splitlines()]
    except (ValueError, OSError, EOFError) as error:
        raise Fault(f"{name} is not whole: {error}") from error


def _must(holds: bool, fault: str) -> None:  # noqa: FBT001
    if not holds:
        raise Fault(fault)


# --- The rounds -------------------------------------------------------------------------------------------------------


def rounds(runs: int, seed: int, home: Path) -> dict[str, Any]:
    """So many crashes, and what was seen."""
    world = World(seed, home)
    world.change()
    world.publish()
    world.settle()
    world.change()
    lines = lines_of(world)
    world.settle()
    activities = look_again(world, {})
    died: Counter[str] = Counter()
    states: Counter[str] = Counter()
    faults: list[str] = []
    began = time.monotonic()
    while died.total() - died["by itself"] < runs and not faults:
        world.change()
        before = _files(world)
        where = killed(world, lines)
        try:
            states[look(world, before)] += 1
            world.publish()
            world.settle()
            activities = look_again(world, activities)
        except Fault as fault:
            faults.append(f"round {died.total()}, killed {where}: {fault}")
        died["by itself" if where.startswith("finished") else where] += 1
    seconds = round(time.monotonic() - began, 1)
    crashes = died.total() - died["by itself"]
    told = {"rounds": died.total(), "crashes": crashes, "faults": faults, "seconds": seconds}
    return {
        **told,
        "release after the crash": dict(states),
        "killed in": dict(died.most_common(25)),
        "places": len(died),
    }


def main() -> int:
    """The rounds that the command line asks for; 1 if there was a fault."""
    parser = argparse.ArgumentParser(description="Publish, be killed, look, publish again.")
    parser.add_argument("--runs", type=int, default=1000, help="how many crashes")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crashes-") as home:
        told = rounds(asked.runs, asked.seed, Path(home))
    print(json.dumps(told, indent=1))
    return 1 if told["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
