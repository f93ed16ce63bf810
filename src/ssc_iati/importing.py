"""IATI XML -> records, in any of the three layouts: nothing is judged here but whether the file can be read at all.

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

from ssc_iati.publish.folder import whole_file
from ssc_iati.publish.whole_tables import write_tables
from ssc_iati.read.iati_xml import Namespaces, values_of
from ssc_iati.read.xml_file import XmlFile
from ssc_iati.record.organisation_file import OrganisationFile
from ssc_iati.record.project import RECORD_VERSION, Project
from ssc_iati.run import workspace

Values = dict[str, Any]


def import_file(source: Path, target: Path) -> int:
    """Bring an IATI file in; how many records that were. The target's name tells the layout."""
    file = XmlFile(source, str(source))
    if target.suffix.lower() != ".jsonl":
        made = records(file)
        first = list(islice(made, 1))
        root = "organisation_files" if file.root.kind == "iati-organisations" else "projects"
        workbook = target.suffix.lower() == ".xlsx"
        return write_tables(chain(first, made), file.root.values, target, root, workbook=workbook)
    with workspace() as folder:
        spool = folder / "records"
        with spool.open("wb") as out:
            number = 0
            for number, record in enumerate(records(file), 1):  # noqa: B007
                _write_line(out, {"record_version": RECORD_VERSION, **record})
        with whole_file(target) as out, spool.open("rb") as read:
            _write_line(out, {"publisher": file.root.values})
            shutil.copyfileobj(read, out)
    return number


def records(file: XmlFile) -> Iterator[Values]:
    """The values of each record of the file, keyed by its identifier; by its number where that is missing or taken."""
    taken: set[str] = set()
    for number, (_, element) in enumerate(file.elements(), 1):
        model = Project if file.root.kind == "iati-activities" else OrganisationFile
        names = Namespaces()
        values = values_of(model, element, names)
        identifier = (values.get("iati_identifier") or values.get("identifier") or "").strip()
        key = identifier if identifier and identifier not in taken else f"#{number}"
        taken.add(key)
        beside = {"namespaces": declared} if (declared := names.declared()) else {}
        yield {"key": key, "imported_version": file.root.values.get("iati_version", "2.03"), **beside, **values}


def _write_line(out: BinaryIO, value: Values) -> None:
    out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n")
