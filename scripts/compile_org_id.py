"""Compile the org-id.guide register of organisation identifier lists into the package's JSON, one register a line.

Source: org-id.guide, Open Data Commons Open Database License (ODbL) 1.0; see the NOTICE beside the result.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[1] / "src/ssc_iati/standard/org_id/registers.json"


def register(raw: dict[str, Any]) -> dict[str, object]:
    """Give what is kept of a register; what the source leaves open is not confirmed and not deprecated."""
    return {
        "code": raw["code"],
        "name": " ".join(raw["name"].split()),
        "coverage": raw["coverage"] or [],
        "confirmed": bool(raw["confirmed"]),
        "deprecated": bool(raw["deprecated"]),
    }


def main() -> None:
    """Compile the register, ordered by code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="the register as one JSON list")
    raw = json.loads(parser.parse_args().source.read_text(encoding="utf-8"))
    kept = sorted((register(one) for one in raw), key=lambda one: str(one["code"]))
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in kept)
    OUT.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{len(kept)} registers")


if __name__ == "__main__":
    main()
