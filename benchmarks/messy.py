"""How long a messy folder in another tool's layout takes: `python benchmarks/messy.py --activities 477 --repeat 5`.

The folder is that of the tests: sound activities, and some broken in every known way. The least of the rounds counts,
of CPU time and of wall time; reading is measured within a process, the command as a whole process.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))


from messy_folder import messy_folder

IN_PROCESS = """
import sys, time
from datetime import date
from pathlib import Path
from ssc_iati.config import Settings
from ssc_iati.importing import import_file
from ssc_iati.run import check_source
source, target = Path(sys.argv[1]), Path(sys.argv[2])
for name, act in (
    ("read (import)", lambda: import_file(source, target, lambda _: None)),
    ("read and check", lambda: check_source(source, Settings(), lambda _: None, today=date(2026, 11, 24))),
):
    act()
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    print(f"{name}\\t{time.process_time() - cpu}\\t{time.perf_counter() - wall}")
"""


def main() -> None:
    """Measure, and print the least of the rounds."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--activities", type=int, default=477)
    ask.add_argument("--repeat", type=int, default=5)
    asked = ask.parse_args()
    best: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in"
        broken = messy_folder(source, asked.activities)
        for _ in range(asked.repeat):
            for name, *spent in _round(source, Path(folder)):
                cpu, wall = map(min, spent, best.get(name, spent))
                best[name] = cpu, wall
    print(f"{asked.activities} activities, {len(broken)} of them broken")
    for name, (cpu, wall) in best.items():
        print(f"{name}: {cpu:.2f} s CPU, {wall:.2f} s")


def _round(source: Path, folder: Path) -> Iterator[tuple[str, float, float]]:
    told = subprocess.run(
        [sys.executable, "-c", IN_PROCESS, source, folder / "out.jsonl"], capture_output=True, text=True, check=True
    )
    for line in told.stdout.splitlines():
        name, cpu, wall = line.split("\t")
        yield name, float(cpu), float(wall)
    command = [str(Path(sys.executable).with_name("ssc-iati")), "convert", str(source), "-o", str(folder / "out.xml")]
    before, began = _children(), time.perf_counter()
    subprocess.run(command, capture_output=True, check=False)  # it ends with 1, as something is set aside
    yield "ssc-iati convert, the whole process", _children() - before, time.perf_counter() - began


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
