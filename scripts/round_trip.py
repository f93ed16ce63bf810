"""What is lost on the way of IATI files through each layout and back: `python scripts/round_trip.py FOLDER`.

Every XML file below FOLDER (or the files that are named) goes to JSON Lines, a folder of CSV and a workbook, and comes back.
For each layout: the facts (elements, attributes and texts, each with its way) that are gone or new, whether the trees are
equal (white space normalised, comments aside, in their order), and whether the file is valid in its own version as before.
Exit code 1 if a schema-valid file does not come back as it was.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from ssc_iati.config import Settings
from ssc_iati.findings import SourceError
from ssc_iati.importing import import_file
from ssc_iati.map.equality import facts, said
from ssc_iati.run import convert
from ssc_iati.standard.schemas import schema

LAYOUTS = {"jsonl": "records.jsonl", "csv": "records", "workbook": "records.xlsx"}
VERSIONS = ("2.01", "2.02", "2.03")


class Trip(NamedTuple):
    """What became of a file on its way through a layout."""

    file: str
    version: str
    valid: bool
    layout: str
    facts: int
    lost: int
    added: int
    equal: bool
    still_valid: bool
    seconds: float
    trouble: str = ""

    @property
    def well(self) -> bool:
        """Whether a valid file came back as it was; others are told, and not judged."""
        return not self.valid or (self.equal and self.still_valid)


def trips(path: Path, shown: str, layouts: tuple[str, ...]) -> Iterator[Trip]:
    """The ways of one file."""
    source = parsed(path)
    if source is None:
        return
    version, valid = source.get("version", "-"), is_valid(source)
    before, wanted = facts(source), said(source)
    for layout in layouts:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            back, trouble = through(path, Path(folder), layout)
        spent = time.perf_counter() - start
        after = facts(back) if back is not None else type(before)()
        yield Trip(
            shown, version, valid, layout, before.total(), (before - after).total(), (after - before).total(),
            back is not None and said(back) == wanted, back is not None and is_valid(back), round(spent, 3), trouble,
        )  # fmt: skip


def through(path: Path, folder: Path, layout: str) -> tuple[Any, str]:
    """The file as it comes back; None, and why, where it does not."""
    records, target = folder / LAYOUTS[layout], folder / "back.xml"
    try:
        import_file(path, records, lambda _: None)
        report = convert(records, target, Settings(), lambda _: None)
    except SourceError as error:
        return None, error.finding.rule
    trouble = f"{report.set_aside} set aside" if report.set_aside else ""
    return (parsed(target) if target.exists() else None), trouble


def parsed(path: Path) -> Any:  # noqa: ANN401
    """The root of a file, if it is sound XML."""
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True)
    try:
        return etree.parse(path, parser).getroot()
    except etree.XMLSyntaxError:
        return None


def is_valid(root: Any) -> bool:  # noqa: ANN401
    """Whether the file is valid IATI, in the version that it states."""
    kind = str(root.tag).removeprefix("iati-")
    if root.get("version") not in VERSIONS or kind not in {"activities", "organisations"}:
        return False
    try:
        return bool(schema(root.get("version"), kind).validate(root))
    except etree.XMLSchemaValidateError:  # what the judge itself stumbles over
        return False


def main() -> None:
    """Tell every trip, then the sums."""
    arguments = _arguments()
    paths = [file for each in arguments.paths for file in (sorted(each.rglob("*.xml")) if each.is_dir() else [each])]
    made: list[Trip] = []
    for path in paths:
        for trip in trips(path, str(path), tuple(arguments.layouts)):
            made.append(trip)
            if arguments.all or not trip.well:
                sys.stdout.write(json.dumps(trip._asdict(), ensure_ascii=False) + "\n")
    for line in _sums(made):
        sys.stdout.write(line + "\n")
    sys.exit(0 if all(trip.well for trip in made) else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--layouts", nargs="+", choices=list(LAYOUTS), default=list(LAYOUTS))
    parser.add_argument("--all", action="store_true", help="tell the trips that went well, too")
    return parser.parse_args()


def _sums(made: list[Trip]) -> Iterator[str]:
    yield f"{'':10} {'files':>6} {'facts':>9} {'lost':>6} {'added':>6} {'equal':>6} {'valid':>6} {'seconds':>8}"
    for valid in (True, False):
        yield "schema-valid files" if valid else "other files that are sound XML"
        for layout in LAYOUTS:
            some = [trip for trip in made if trip.layout == layout and trip.valid == valid]
            yield (
                f"{layout:10} {len(some):6} {sum(trip.facts for trip in some):9} {sum(trip.lost for trip in some):6}"
                f" {sum(trip.added for trip in some):6} {sum(trip.equal for trip in some):6}"
                f" {sum(trip.still_valid for trip in some):6} {sum(trip.seconds for trip in some):8.1f}"
            )


if __name__ == "__main__":
    main()
