"""IATI XML -> records, or another tool's tables.

Activities stream through one at a time, into a spool on disk; only when the whole file has been read does anything take
the target's place.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from ssc_iati.findings import Finding, Place
from ssc_iati.map.activity import VERSION
from ssc_iati.map.read_back import read_back
from ssc_iati.messages import finding
from ssc_iati.publish.folder import whole_file
from ssc_iati.publish.whole_rows import visible
from ssc_iati.publish.whole_tables import write_tables
from ssc_iati.read.dialects.detect import dialect_for
from ssc_iati.read.iati_xml import Namespaces, values_of
from ssc_iati.read.xml_file import KINDS, Root, XmlFile
from ssc_iati.record.organisation_file import OrganisationFile
from ssc_iati.record.project import RECORD_VERSION, Project
from ssc_iati.record.tables import POSITION
from ssc_iati.run import Report, Tally, workspace

Values = dict[str, Any]
MOST_STRANGE = 10
"""So many names that IATI does not know are told of one activity."""


def import_xml(source: Path, layout: str, target: Path, tally: Tally, other: str | None) -> Report:
    """Bring an IATI file in: in our own layout, or in another tool's of this name."""
    file = XmlFile(source, str(source))
    made: Iterator[Any] = records(file, tally) if other is None else (element for _, element in file.elements())
    first = list(islice(made, 1))
    counted = _Counted(chain(first, made))
    if other is None:
        write(layout, counted, file.root, target)
    else:
        write_other(counted, file.root, target, tally, other)
    if "iati_version" not in file.root.values:
        tally.hear([finding("ssc-xml-version-missing", Place(str(source)), path=source)])
    tally.accepted = counted.number
    return tally.report(counted.number, written=target)


class _Counted:
    """What passes through, and how many there were."""

    def __init__(self, items: Iterator[Any]) -> None:
        self._items = items
        self.number = 0

    def __iter__(self) -> Iterator[Any]:
        for item in self._items:
            self.number += 1
            yield item


def records(file: XmlFile, tally: Tally) -> Iterator[Values]:
    """The values of each record of the file, each with a key of its own: see `keyed`."""
    taken: set[str] = set()
    for number, (line, element) in enumerate(file.elements(), 1):
        names = Namespaces()
        model = Project if file.root.kind == "iati-activities" else OrganisationFile
        values = values_of(model, element, names)
        if declared := names.declared():
            values["namespaces"] = declared
        values["imported_version"] = file.root.values.get("iati_version", VERSION)
        keyed(values, number, taken)
        where, identifier = Place(file.shown, line=line), values.get("iati_identifier")
        tally.hear(_strange(names, where, identifier))
        if names.extended and model is Project:
            values = _with_partnership(values, element, where, taken, tally)
        taken.add(values["key"])
        yield values


def keyed(values: Values, number: int, taken: set[str]) -> None:
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


def write(layout: str, made: Iterable[Values], root: Root, target: Path) -> None:
    """Write records in our own layout, and what belongs to their file once they have been read."""
    if layout == ".jsonl":
        _write_lines(made, root, target)
    else:
        of = "organisation_files" if root.kind == "iati-organisations" else "projects"
        write_tables(made, root.values, target, of, workbook=layout == ".xlsx")


def write_other(elements: Iterable[Any], root: Root, target: Path, tally: Tally, name: str) -> None:
    """Write elements of IATI in another tool's layout; what it cannot hold is told, place by place."""
    from ssc_iati.publish.dialect_files import write_in_layout  # only here, since most imports do not need it

    dialect = dialect_for(name, KINDS[root.kind], str(target))
    for place, number in sorted(write_in_layout(elements, dialect, root.values, target).items()):
        values = {"layout": dialect.name, "place": place, "count": str(number)}
        tally.hear([finding("ssc-layout-cannot-hold", Place(str(target)), None, **values)])


def _write_lines(made: Iterable[Values], root: Root, target: Path) -> None:
    with workspace() as folder:
        spool = folder / "records"
        with spool.open("wb") as out:
            for record in made:
                _write_line(out, {"record_version": RECORD_VERSION, **record})
        with whole_file(target) as out, spool.open("rb") as read:
            _write_line(out, {"publisher": root.values})
            shutil.copyfileobj(read, out)


def _write_line(out: BinaryIO, value: Values) -> None:
    out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n")
