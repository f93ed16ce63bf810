"""Facts lost on the way of IATI files through tables and back, by us and a peer: `benchmarks/round_trips.py FILE...`.

Both write a folder of CSV and read it again; what is counted is what `scripts/round_trip.py` counts. The peer runs in a
process of its own, since it writes to the terminal and may end it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from round_trip import is_valid, parsed, through

from ssc_iati.map.equality import facts, said

PEER = """
import sys, logging
logging.disable(logging.CRITICAL)
from okfn_iati import IatiMultiCsvConverter, IatiOrganisationMultiCsvConverter
source, folder, target, kind = sys.argv[1:]
made = IatiMultiCsvConverter() if kind == "activities" else IatiOrganisationMultiCsvConverter()
made.xml_to_csv_folder(source, folder)
if kind == "activities":
    made.csv_folder_to_xml(folder, target, validate_output=False)
else:
    made.csv_folder_to_xml(folder, target)
"""
LIMIT = 600


class Figures(NamedTuple):
    """What one contender did to one file."""

    lost: int
    added: int
    equal: bool
    valid: bool


def ours(path: Path) -> Figures | None:
    """Through a folder of CSV of ours."""
    with tempfile.TemporaryDirectory() as folder:
        return _figures(path, through(path, Path(folder), "csv")[0])


def peers(path: Path) -> Figures | None:
    """Through the folder of CSV that okfn-iati writes; None where nothing comes out."""
    with tempfile.TemporaryDirectory() as folder:
        target, kind = Path(folder) / "back.xml", str(parsed(path).tag).removeprefix("iati-")
        command = [sys.executable, "-c", PEER, str(path), str(Path(folder) / "csv"), str(target), kind]
        subprocess.run(command, check=False, capture_output=True, timeout=LIMIT)
        return _figures(path, parsed(target) if target.exists() else None)


def _figures(path: Path, back: object) -> Figures | None:
    source = parsed(path)
    if back is None:
        return None
    before, after = facts(source), facts(back)
    return Figures((before - after).total(), (after - before).total(), said(source) == said(back), is_valid(back))


def main() -> None:
    """One row of a table for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    sys.stdout.write("| file | facts | ours: lost, added | valid | okfn-iati: lost, added | valid |\n")
    sys.stdout.write("|---|--:|--:|---|--:|---|\n")
    for path in parser.parse_args().files:
        source = parsed(path)
        total = facts(source).total()
        cells = [f"{path.name} ({source.get('version')})", f"{total:,}"]
        for figures in (ours(path), peers(path)):
            cells += _cells(figures, total)
        sys.stdout.write(f"| {' | '.join(cells)} |\n")
        sys.stdout.flush()


def _cells(figures: Figures | None, total: int) -> list[str]:
    if figures is None:
        return ["nothing comes out", "-"]
    share = f" ({100 * figures.lost / total:.1f} %)" if figures.lost else ""
    return [f"{figures.lost:,}{share}, {figures.added:,}", "yes" if figures.valid else "no"]


if __name__ == "__main__":
    main()
