"""All findings of our validator beside what lxml takes to parse and to validate with the schema alone; side by side."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import measure
import rich

from ssc_iati.cli import FOUND

SIZES = (1_000, 5_000)
_CONTENDER = Path(__file__).with_name("validating.py")
_NAMES = ("lxml", "official", "ours")
_COMMANDS = ("command-1", "command-2")


def _run(name: str, file: Path | None) -> measure.Cost:
    if name in _COMMANDS:
        command = [measure.PROGRAM, "validate", str(file), "--format", "jsonl", "--jobs", name[-1]]
        return measure.run(command if file else [measure.PROGRAM, "--version"], well=(0, FOUND))
    return measure.run([sys.executable, str(_CONTENDER), name, *([str(file)] if file else [])])


def _least(costs: list[measure.Cost]) -> measure.Cost:
    return measure.Cost(
        min(each.cpu for each in costs),
        min(each.wall for each in costs),
        max(each.largest for each in costs),
        max(each.together for each in costs),
        max(each.processes for each in costs),
    )


def rounds(file: Path | None, repeat: int) -> dict[str, measure.Cost]:
    """The least that each takes, in turn; the most memory. Without a file: for its imports."""
    costs = defaultdict[str, list[measure.Cost]](list)
    for _ in range(repeat):
        for name in (*_NAMES, *_COMMANDS):
            costs[name].append(_run(name, file))
    return {name: _least(each) for name, each in costs.items()}


def measured(folder: Path, repeat: int, sizes: list[int]) -> list[dict[str, float | str]]:
    """A row for each file: few findings and many, at each size."""
    imports = rounds(None, repeat)
    return [_row(folder, count, repeat, imports, faults=faults) for count in sizes for faults in (False, True)]


def _row(
    folder: Path, count: int, repeat: int, imports: dict[str, measure.Cost], *, faults: bool
) -> dict[str, float | str]:
    file = folder / "rich.xml"
    rich.write(file, count, faults=faults)
    costs = rounds(file, repeat)
    lxml, official, ours = (costs[name].cpu for name in _NAMES)
    bare = (ours - imports["ours"].cpu) / (lxml - imports["lxml"].cpu)
    return {
        "activities": count,
        "findings": "many" if faults else "few",
        "MB": round(file.stat().st_size / (1 << 20), 1),
        "lxml CPU s": round(lxml, 2),
        "official rules CPU s": round(official, 2),
        "ratio": round(official / lxml, 2),
        "all checks CPU s": round(ours, 2),
        "ratio ": round(ours / lxml, 2),
        "without imports": round(bare, 2),
        "lxml peak MB": round(costs["lxml"].largest),
        "our peak MB": round(costs["ours"].largest),
        "command wall s": round(costs["command-1"].wall, 2),
        "with --jobs 2": round(costs["command-2"].wall, 2),
        "times as fast": round(costs["command-1"].wall / costs["command-2"].wall, 2),
    }


def _table(rows: list[dict[str, float | str]]) -> str:
    head = list(rows[0])
    lines = [head, ["--:"] * len(head), *([str(value) for value in row.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--activities", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measured(Path(folder), asked.repeat, asked.activities)
    print(_table(rows))
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
