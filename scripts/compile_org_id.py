"""Compile the org-id.guide register of organisation identifier lists into the package's JSON, one register a line.

Source: org-id.guide, Open Data Commons Open Database License (ODbL) 1.0; see the NOTICE beside the result.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ssc_iati.standard.org_id.official import read, written

SNAPSHOT = "2026-07"
OUT = Path(__file__).parents[1] / "src/ssc_iati/standard/org_id/registers.json"


def main() -> None:
    """Compile the register, ordered by code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="the register as JSON")
    registers = read(parser.parse_args().source.read_bytes())
    OUT.write_text(written(registers, SNAPSHOT), encoding="utf-8")
    print(f"{len(registers)} registers")


if __name__ == "__main__":
    main()
