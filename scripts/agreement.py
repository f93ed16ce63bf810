"""How far our validator agrees with the official one: `python scripts/agreement.py FOLDER`.

FOLDER holds files and `expected.jsonl`, whose lines give for each file the official findings as `[identifier, rule, severity, places]`
(clock at 2026-01-01T00:00:00Z). Findings are compared as sets of (identifier, official rule id); ours beyond the official rules are
left aside, and the official names for what has no identifier of its own, and for doubled ones, are brought to ours.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

from ssc_iati.standard.validator import judged, plain

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COUNTED = re.compile(r"\(\d+\)$")
Pair = tuple[str, str]


def official(findings: list[list[object]], own: set[str]) -> set[Pair]:
    """The official findings in our names."""
    return {(_name(str(each[0] or ""), own), str(each[1])) for each in findings}


def _name(identifier: str, own: set[str]) -> str:
    bare = identifier if identifier in own else COUNTED.sub("", identifier)
    return "" if bare in {"file", "noIdentifier"} else bare


def ours(path: Path) -> tuple[set[Pair], set[str]]:
    """Our findings, and the identifiers of the file's activities."""
    found, named = set[Pair](), set[str]()
    for each in judged(plain(path), now=NOW):
        named.add(each.identifier or "")
        found |= {(each.identifier or "", item.rule) for item in each.findings if not item.rule.startswith("ssc-")}
    return found, named


def main() -> int:
    """Compare, and show each difference; 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", type=int, default=10, help="how many files to name for each difference")
    asked = parser.parse_args()
    differences: defaultdict[str, list[str]] = defaultdict(list)
    files = equal = 0
    took: Counter[str] = Counter()
    for line in (asked.folder / "expected.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        began = time.perf_counter()
        found, own = ours(asked.folder / case["file"])
        took[case["file"]] = round(time.perf_counter() - began, 3)
        wanted = official(case["findings"], own)
        files += 1
        equal += found == wanted
        for identifier, rule in wanted - found:
            differences[f"- {rule}"].append(f"{case['file']}  {identifier}")
        for identifier, rule in found - wanted:
            differences[f"+ {rule}"].append(f"{case['file']}  {identifier}")
    for difference, where in sorted(differences.items(), key=lambda pair: -len(pair[1])):
        print(f"{difference}: {len(where)}")
        print("".join(f"    {each}\n" for each in where[: asked.show]), end="")
    print(f"{equal} of {files} files equal; slowest: {took.most_common(3)}")
    return int(equal != files)


if __name__ == "__main__":
    sys.exit(main())
