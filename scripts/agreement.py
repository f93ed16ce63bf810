"""How far our validator agrees with the official one: `python scripts/agreement.py FOLDER`.

FOLDER holds files and `expected.jsonl`, whose lines give for each file the official findings as `[identifier, rule, severity,
places]` (clock at 2026-01-01T00:00:00Z). Findings are compared as sets of (identifier, official rule id); ours beyond the official
rules are left aside, and the official names for what has no identifier of its own, and for doubled ones, are brought to ours. What
differs is counted under the deliberate difference (`standard/rules/differences.toml`) that explains it; the exit code is 1 if one
does not.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from ssc_iati.standard.rules import Shows, differences
from ssc_iati.standard.validator import judged, plain

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COUNTED = re.compile(r"\(\d+\)$")
UNEXPLAINED = "UNEXPLAINED"
Pair = tuple[str, str]


class Case(NamedTuple):
    """One file: the official findings and ours, the identifiers of its activities, and what else explains a difference."""

    name: str
    wanted: set[Pair]
    found: set[Pair]
    own: set[str]
    reported: bool
    nested: bool

    def differences(self) -> Iterator[tuple[str, Pair]]:
        """What only one of the two says: `-` theirs alone, `+` ours alone."""
        yield from (("-", pair) for pair in sorted(self.wanted - self.found))
        yield from (("+", pair) for pair in sorted(self.found - self.wanted))


def official(findings: list[list[Any]], own: set[str]) -> set[Pair]:
    """The official findings in our names."""
    return {(_name(str(each[0] or ""), own), str(each[1])) for each in findings}


def _name(identifier: str, own: set[str]) -> str:
    bare = identifier if identifier in own else COUNTED.sub("", identifier)
    return "" if bare in {"file", "noIdentifier"} else bare


def ours(path: Path) -> tuple[set[Pair], set[str]]:
    """Our findings, and the identifiers of the activities in which there are any."""
    found, named = set[Pair](), set[str]()
    for each in judged(plain(path), now=NOW):
        named.add(each.identifier or "")
        found |= {(each.identifier or "", item.rule) for item in each.findings if not item.rule.startswith("ssc-")}
    return found, named


def case(line: dict[str, Any], folder: Path) -> Case:
    """Judge the file of a line of `expected.jsonl`."""
    path = folder / line["file"]
    found, own = ours(path)
    return Case(line["file"], official(line["findings"], own), found, own, line.get("valid") is not None, nested(path))


def nested(path: Path) -> bool:
    """Whether activities stand within other elements than the root."""
    root = etree.parse(path, etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False)).getroot()
    items = () if root is None else root.iterdescendants("iati-activity", "iati-organisation")
    return any(each.getparent() is not root for each in items)


def explained(sign: str, pair: Pair, about: Case) -> str:
    """The id of the deliberate difference that explains a difference; of several the first."""
    for difference in differences():
        if any(_shows(each, sign, pair, about) for each in difference.shows):
            return difference.id
    return UNEXPLAINED


def _shows(shows: Shows, sign: str, pair: Pair, about: Case) -> bool:
    identifier, rule = pair
    holds = {
        "": True,
        "file": identifier == "",
        "elsewhere": identifier != "" and identifier not in about.own,
        "no-report": not about.reported,
        "nested": about.nested,
    }
    return shows.sign == sign and holds[shows.when] and any(fnmatch(rule, pattern) for pattern in shows.rules)


def main() -> int:
    """Compare, and show what differs by the reason; 1 if anything is unexplained."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", type=int, default=10, help="how many differences to name for each reason")
    asked = parser.parse_args()
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    took: Counter[str] = Counter()
    equal = files = 0
    for line in (asked.folder / "expected.jsonl").read_text("utf-8").splitlines():
        began = time.perf_counter()
        about = case(json.loads(line), asked.folder)
        took[about.name] = round(time.perf_counter() - began, 3)
        files, equal = files + 1, equal + (about.found == about.wanted)
        for sign, pair in about.differences():
            reasons[explained(sign, pair, about)].append(f"{sign} {pair[1]}  {about.name}  {pair[0]}")
    for reason, found in sorted(reasons.items()):
        print(f"{reason}: {len(found)}")
        print("".join(f"    {each}\n" for each in found[: asked.show]), end="")
    print(f"{equal} of {files} files equal; slowest: {took.most_common(3)}")
    return int(UNEXPLAINED in reasons)


if __name__ == "__main__":
    sys.exit(main())
