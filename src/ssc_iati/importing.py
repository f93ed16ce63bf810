"""IATI XML -> records, in any of the three layouts. What is wrong with a record is said by who checks and converts it.

Activities stream through one at a time, into a spool on disk; only when the whole file has been read does anything take
the target's place.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from ssc_iati.findings import Finding, Place, SourceError
from ssc_iati.map.activity import VERSION
from ssc_iati.map.read_back import read_back
from ssc_iati.messages import finding
from ssc_iati.publish.folder import whole_file
from ssc_iati.publish.whole_rows import visible
from ssc_iati.publish.whole_tables import write_tables
from ssc_iati.read.iati_xml import Namespaces, values_of
from ssc_iati.read.source import refuse_missing
from ssc_iati.read.xml_file import XmlFile
from ssc_iati.record.organisation_file import OrganisationFile
from ssc_iati.record.project import RECORD_VERSION, Project
from ssc_iati.record.tables import POSITION
from ssc_iati.run import Listen, Report, Tally, workspace

Values = dict[str, Any]
MOST_STRANGE = 10
"""So many names that IATI does not know are told of one activity."""


def import_file(source: Path, target: Path, listen: Listen) -> Report:
    """Bring an IATI file in: `target` is a file of JSON Lines, a workbook, or a folder of CSV, as its name says.

    SourceError where the source is no IATI file, or the target of no kind that is known: nothing is then written.
    """
    layout = _layout(target)
    refuse_missing(source, str(source))
    if source.resolve() == target.resolve():
        raise SourceError(finding("ssc-target-is-source", Place(str(target))))
    tally = Tally(listen)
    file = XmlFile(source, str(source))
    made = records(file, tally)
    first = list(islice(made, 1))
    number = _write(layout, chain(first, made), file, target)
    if "iati_version" not in file.root.values:
        tally.hear([finding("ssc-xml-version-missing", Place(str(source)), path=source)])
    tally.accepted = number
    return tally.report(number, written=target)


def _layout(target: Path) -> str:
    suffix = target.suffix.lower()
    if suffix in {".jsonl", ".xlsx"} and not target.is_dir():
        return suffix
    if target.is_dir() or not (suffix or target.exists()):
        return "folder"
    raise SourceError(finding("ssc-import-target", Place(str(target)), path=target))


def records(file: XmlFile, tally: Tally) -> Iterator[Values]:
    """The values of each record of the file, each with a key of its own: see `_keyed`."""
    taken: set[str] = set()
    for number, (line, element) in enumerate(file.elements(), 1):
        names = Namespaces()
        model = Project if file.root.kind == "iati-activities" else OrganisationFile
        values = values_of(model, element, names)
        if declared := names.declared():
            values["namespaces"] = declared
        values["imported_version"] = file.root.values.get("iati_version", VERSION)
        _keyed(values, number, taken)
        where, identifier = Place(file.shown, line=line), values.get("iati_identifier")
        tally.hear(_strange(names, where, identifier))
        if names.extended and model is Project:
            values = _with_partnership(values, element, where, taken, tally)
        taken.add(values["key"])
        yield values


def _keyed(values: Values, number: int, taken: set[str]) -> None:
    """The key of a record is its identifier; its number in the file where that is missing, taken, or names no row."""
    identifier = (values.get("iati_identifier") or values.get("identifier") or "").strip()
    values["key"] = identifier if _names(identifier) and identifier not in taken else f"{POSITION}{number}"


def _with_partnership(values: Values, element: Any, where: Place, taken: set[str], tally: Tally) -> Values:  # noqa: ANN401
    """The record that the extension tells, if that can be told."""
    found = read_back(values, element)
    if found is None or found.values["key"] in taken:
        return values
    if found.disagree:
        identifier, fields = values.get("iati_identifier"), ", ".join(found.disagree)
        tally.hear([finding("ssc-extension-disagrees", where, identifier, fields=fields)])
    return found.values


_MOST = 200


def _names(identifier: str) -> bool:
    """Whether the identifier can name rows: a word or a few, that any cell gives back."""
    plain = identifier.isprintable() and visible(identifier) == identifier
    return plain and not identifier.startswith(POSITION) and 0 < len(identifier) <= _MOST


def _strange(names: Namespaces, where: Place, identifier: str | None) -> Iterator[Finding]:
    for name in list(dict.fromkeys(names.strange))[:MOST_STRANGE]:
        yield finding("ssc-xml-unknown", where, identifier, value=name)


def _write(layout: str, made: Iterator[Values], file: XmlFile, target: Path) -> int:
    if layout == ".jsonl":
        return _write_lines(made, file, target)
    root = "organisation_files" if file.root.kind == "iati-organisations" else "projects"
    return write_tables(made, file.root.values, target, root, workbook=layout == ".xlsx")


def _write_lines(made: Iterator[Values], file: XmlFile, target: Path) -> int:
    number = 0
    with workspace() as folder:
        spool = folder / "records"
        with spool.open("wb") as out:
            for number, record in enumerate(made, 1):  # noqa: B007
                _write_line(out, {"record_version": RECORD_VERSION, **record})
        with whole_file(target) as out, spool.open("rb") as read:
            _write_line(out, {"publisher": file.root.values})
            shutil.copyfileobj(read, out)
    return number


def _write_line(out: BinaryIO, value: Values) -> None:
    out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n")
