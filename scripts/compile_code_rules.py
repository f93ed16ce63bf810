"""Compile the ids of the official codelist checks: `python scripts/compile_code_rules.py RULES.csv`.

The table names each check's id, versions, category, element and attribute; the ids of 2.03 are kept, by path from
the activity.
"""

import csv
import json
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src/ssc_iati/standard/rules/codes.json"
ROOT = "/iati-activities/iati-activity"


def codes(table: Path) -> dict[str, list[str]]:
    """`transaction/value/@currency` -> [id, category]."""
    with table.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["source"] == "codelist" and "2.03" in row["versions"]]
    found: dict[str, list[str]] = {}
    for row in rows:
        if row["context"].startswith(ROOT):
            path = f"{row['context'].removeprefix(ROOT)}/{row['check'].split()[0]}".lstrip("/")
            found.setdefault(path, [row["id"], row["category"]])
    return found


if __name__ == "__main__":
    entries = [f"  {json.dumps(path)}: {json.dumps(rule)}" for path, rule in codes(Path(sys.argv[1])).items()]
    TARGET.write_text("{\n" + ",\n".join(entries) + "\n}\n", encoding="utf-8")
    print(f"{len(entries)} rules in {TARGET}")
