"""Compile the official codelist checks into the package's table: `python scripts/compile_code_rules.py RULES.csv`.

The source names each check's id, versions, category, element, and in words what it tests; the table says it in columns. A check
that can never find anything (its path leads nowhere) is left out.
"""

import csv
import re
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src/ssc_iati/standard/rules/codes.csv"
COLUMNS = ("id", "versions", "category", "path", "attribute", "codelist", "vocabulary", "default")
WORDS = re.compile(r"(?P<of>\S+) in (?P<list>\S+)(?: when @(?P<link>\S+)=(?P<value>\S+) \((?P<default>.*)\))?")
ROOTS = re.compile(r"^/iati-(activities|organisations)/")
NEVER = {"9.1.1": "another version never gets so far", "9.95.1": "no such path", "9.97.1": "no such path"}


def versions(text: str) -> str:
    """`2.02 2.03` -> `2.02-2.03`; all of them -> nothing."""
    named = text.split()
    return "" if len(named) == 3 else "-".join(dict.fromkeys((named[0], named[-1])))


def row(source: dict[str, str]) -> tuple[str, ...]:
    """One check in columns."""
    said = WORDS.fullmatch(source["check"])
    if said is None:
        raise SystemExit(f"{source['id']}: {source['check']!r} cannot be understood")
    default = (said["default"] or "").removeprefix("default ").replace("no default", "")
    return (
        source["id"],
        versions(source["versions"]),
        source["category"],
        ROOTS.sub("", source["context"]),
        said["of"].removeprefix("@"),
        said["list"],
        said["value"] or "",
        default,
    )


def rows(table: Path) -> list[tuple[str, ...]]:
    """Every check that can find something, in the order of the source."""
    with table.open(encoding="utf-8", newline="") as lines:
        official = [each for each in csv.DictReader(lines) if each["source"] == "codelist"]
    return [row(each) for each in official if each["id"] not in NEVER]


if __name__ == "__main__":
    found = rows(Path(sys.argv[1]))
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *found])
    print(f"{len(found)} checks in {TARGET}")
