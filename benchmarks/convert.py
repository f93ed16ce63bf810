"""CSV -> IATI XML, side by side in one run: okfn-iati without validation, ours in one and two processes, the floor."""

from __future__ import annotations

import argparse
import cProfile
import hashlib
import json
import pstats
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import content
import measure
from lxml import etree

CONTENDERS = {
    "okfn": "okfn-iati 0.4.3, no validation",
    "ours-1": "ours, --jobs 1",
    "ours-2": "ours, --jobs 2",
    "floor": "floor",
}
SIZES = (5_000, 50_000)
PROFILED = 1_000
_CONTENDER = Path(__file__).with_name("contender.py")
_SPACE = "{urn:ssc-iati:"


class Output(NamedTuple):
    """What a contender wrote: bytes, activities, elements of IATI's own, elements of the extension."""

    size: int
    activities: int
    core: int
    extension: int


def output(path: Path) -> Output:
    """Count what stands in a file."""
    tags: Counter[str] = Counter()
    for _, element in etree.iterparse(path):
        tags[element.tag] += 1
        if element.tag == "iati-activity":
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    extension = sum(number for tag, number in tags.items() if tag.startswith(_SPACE))
    return Output(path.stat().st_size, tags["iati-activity"], tags.total() - extension, extension)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _run(name: str, folder: Path) -> measure.Cost:
    source, target = folder / ("okfn" if name == "okfn" else "ours"), folder / f"{name}.xml"
    if name.startswith("ours-"):
        jobs = name.removeprefix("ours-")
        return measure.run([measure.PROGRAM, "convert", str(source), "--output", str(target), "--jobs", jobs])
    return measure.run([sys.executable, str(_CONTENDER), name, str(source), str(target)])


# --- Side by side -----------------------------------------------------------------------------------------------------


def compare(projects: int, repeat: int, *, shuffled: bool) -> dict[str, Any]:
    """Every contender in turn, and again; the least CPU and wall time of each, the greatest peaks."""
    costs: dict[str, list[measure.Cost]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        content.write(folder, projects, shuffled=shuffled)
        for _ in range(repeat):
            for name in CONTENDERS:
                costs[name].append(_run(name, folder))
        found = {name: _best(costs[name]) | output(folder / f"{name}.xml")._asdict() for name in CONTENDERS}
        same = _digest(folder / "ours-1.xml") == _digest(folder / "ours-2.xml")
    return {
        "projects": projects,
        "repeat": repeat,
        "shuffled": shuffled,
        "contenders": found,
        "ratios": ratios(found),
        "same_bytes": same,
        "same_core_elements": len({each["core"] for each in found.values()}) == 1,
    }


def _best(costs: list[measure.Cost]) -> dict[str, Any]:
    return {
        "cpu": min(cost.cpu for cost in costs),
        "wall": min(cost.wall for cost in costs),
        "largest": max(cost.largest for cost in costs),
        "together": max(cost.together for cost in costs),
        "processes": max(cost.processes for cost in costs),
        "runs": [cost._asdict() for cost in costs],
    }


def ratios(found: dict[str, dict[str, Any]]) -> dict[str, float]:
    """What matters: ours against the peer, and against the least that must be done."""

    def ratio(what: str, ours: str, other: str) -> float:
        return round(found[ours][what] / found[other][what], 3)

    return {
        "CPU, ours --jobs 1 / okfn": ratio("cpu", "ours-1", "okfn"),
        "CPU, ours --jobs 2 / okfn": ratio("cpu", "ours-2", "okfn"),
        "wall, ours --jobs 1 / okfn": ratio("wall", "ours-1", "okfn"),
        "wall, ours --jobs 2 / okfn": ratio("wall", "ours-2", "okfn"),
        "CPU, ours --jobs 1 / floor": ratio("cpu", "ours-1", "floor"),
        "CPU, ours --jobs 2 / floor": ratio("cpu", "ours-2", "floor"),
        "peak of the largest process, ours --jobs 1 / okfn": ratio("largest", "ours-1", "okfn"),
    }


def comparison(found: dict[str, Any]) -> Iterable[str]:
    """The comparison as Markdown."""
    order = ", child rows shuffled" if found["shuffled"] else ""
    yield f"{found['projects']:,} projects, least of {found['repeat']} interleaved runs{order}:"
    yield ""
    yield (
        "| | CPU s | wall s | peak MB, largest process | sum of peaks MB "
        "| output MB | activities | IATI elements | of the extension |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for name, each in found["contenders"].items():
        seconds = f"{each['cpu']:.2f} | {each['wall']:.2f} | {each['largest']:.0f} | {each['together']:.0f}"
        counts = f"{each['activities']:,} | {each['core']:,} | {each['extension']:,}"
        yield f"| {CONTENDERS[name]} | {seconds} | {each['size'] / 1e6:.1f} | {counts} |"
    yield ""
    yield "| ratio | |"
    yield "|---|--:|"
    yield from (f"| {name} | {value:.2f} |" for name, value in found["ratios"].items())
    yield ""
    yield f"As many IATI elements in every output: {_said(found['same_core_elements'])}."
    yield f"The same bytes from ours with one process and with two: {_said(found['same_bytes'])}."


def _said(yes: bool) -> str:  # noqa: FBT001
    return "yes" if yes else "NO"


# --- Memory -----------------------------------------------------------------------------------------------------------


def memory(sizes: Iterable[int]) -> list[dict[str, Any]]:
    """The peaks of ours at each size, child rows in any order."""
    found = []
    for projects in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            content.write(folder, projects, shuffled=True)
            costs = {name: _run(name, folder) for name in ("ours-1", "ours-2")}
            found += [{"projects": projects, "name": name, **cost._asdict()} for name, cost in costs.items()]
    return found


def memories(found: list[dict[str, Any]]) -> Iterable[str]:
    """The peaks as Markdown."""
    yield "Child rows shuffled:"
    yield ""
    yield "| | projects | CPU s | wall s | peak MB, largest process | sum of peaks MB |"
    yield "|---|--:|--:|--:|--:|--:|"
    for each in found:
        figures = f"{each['cpu']:.2f} | {each['wall']:.2f} | {each['largest']:.0f} | {each['together']:.0f}"
        yield f"| {CONTENDERS[each['name']]} | {each['projects']:,} | {figures} |"


# --- Profile ----------------------------------------------------------------------------------------------------------


def profile(projects: int) -> None:
    """Where ours spends its time, in one process."""
    from ssc_iati.config import Settings
    from ssc_iati.run import convert

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        content.write(folder, projects)
        profiler = cProfile.Profile()
        profiler.runcall(convert, folder / "ours", folder / "ours.xml", Settings(), print)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


def main() -> None:
    """Measure what the options ask for, and show it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=5_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--shuffle", action="store_true", help="child rows in any order")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    says = f"compare the peaks of ours only, at {SIZES} unless said"
    parser.add_argument("--memory", type=int, nargs="*", metavar="PROJECTS", help=says)
    parser.add_argument("--profile", action="store_true", help=f"profile ours only, at {PROFILED} projects")
    asked = parser.parse_args()
    if asked.profile:
        profile(PROFILED)
        return
    found: Any
    if asked.memory is None:
        found = compare(asked.projects, asked.repeat, shuffled=asked.shuffle)
        print(*comparison(found), sep="\n")
    else:
        found = memory(asked.memory or SIZES)
        print(*memories(found), sep="\n")
    if asked.json is not None:
        asked.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
