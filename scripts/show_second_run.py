"""The second half of `make demo`: a cell of the source is edited, and the publication follows, then goes back.

python scripts/show_second_run.py SOURCE FOLDER      after SOURCE (a folder of CSV) was published to FOLDER
"""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from pathlib import Path

ACTIVITY = re.compile(rb"  <iati-activity .*?</iati-activity>\n", re.DOTALL)
COLUMN, ADDED = "title:en", ", second year"


def main() -> int:
    """Edit, plan, publish, look, go back, look again; 1 if anything is not as it should be."""
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    edited = folder.parent / "source"
    shutil.copytree(source, edited, dirs_exist_ok=True)
    before = (folder / "activities.xml").read_bytes()

    say(f"One title is edited in {edited / 'projects.csv'}:")
    say(f"  {edit(edited / 'projects.csv')}")
    ask("plan", str(edited), "--to", str(folder))
    ask("publish", str(edited), "--to", str(folder))
    after = (folder / "activities.xml").read_bytes()
    changed, same = compared(before, after)
    say(f"{changed} activity updated, {same} others byte-identical.")
    ask("history", "--to", str(folder))
    ask("rollback", "1", "--to", str(folder))
    back = (folder / "activities.xml").read_bytes() == before
    say(f"{folder / 'activities.xml'} is {'again' if back else 'NOT'} that of release 1, to the last bit.")
    return 0 if changed == 1 and back else 1


def edit(table: Path) -> str:
    """Add words to the title of the first project; what was edited."""
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    column = rows[0].index(COLUMN)
    rows[1][column] += ADDED
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return f"{rows[1][0]}, {COLUMN}: {rows[1][column]}"


def compared(before: bytes, after: bytes) -> tuple[int, int]:
    """How many activities differ, and how many do not."""
    pairs = list(zip(ACTIVITY.findall(before), ACTIVITY.findall(after), strict=True))
    same = sum(one == other for one, other in pairs)
    return len(pairs) - same, same


def ask(*words: str) -> None:
    """Show a command and what it says."""
    say(f"\n$ ssc-iati {' '.join(words)}")
    command = [sys.executable, "-c", "from ssc_iati.cli import main; main()", *words, "--lang", "en"]
    subprocess.run(command, check=False, stderr=subprocess.STDOUT)  # noqa: S603 - our own program


def say(line: str) -> None:
    """A line, before whatever comes next."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
