"""A conversion that is not ours, in a process of its own: `contender.py NAME SOURCE TARGET`."""

from __future__ import annotations

import sys
from pathlib import Path


def okfn(source: Path, target: Path) -> bool:
    """okfn-iati, its validation of the output off; it has none of the CSV in this direction."""
    from okfn_iati.multi_csv_converter import IatiMultiCsvConverter

    return IatiMultiCsvConverter().csv_folder_to_xml(source, target, validate_output=False)


def floor(source: Path, target: Path) -> bool:
    """The least that must be done."""
    from floor import convert

    convert(source, target)
    return True


def main(name: str, source: str, target: str) -> int:
    """Run the contender of this name."""
    return not {"okfn": okfn, "floor": floor}[name](Path(source), Path(target))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
