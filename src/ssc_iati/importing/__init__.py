"""What others made -> records, in any of our three layouts or in another tool's. What is wrong with a record is said by
who checks and converts it.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ssc_iati.findings import Place, SourceError
from ssc_iati.importing.from_xml import import_xml
from ssc_iati.messages import finding
from ssc_iati.read.csv_folder import SUFFIXES
from ssc_iati.read.source import refuse_missing
from ssc_iati.run import Listen, Report, Tally

_TABLES = (*SUFFIXES, ".xlsx", ".xlsm")


class Choices(NamedTuple):
    """What an import is told beside its paths: the layout of the source, where that is not to be told from it; that of
    the target, where it is not our own; the language of the reasons beside what is set aside; and the configuration,
    for what another tool's layout does not say.
    """

    source: str | None = None
    target: str | None = None
    language: str = "en"
    config: Path | None = None


AS_IS = Choices()


def import_file(source: Path, target: Path, listen: Listen, choices: Choices = AS_IS) -> Report:
    """Bring a source in: an IATI file, or tables in another tool's layout. `target` is a file of JSON Lines, a
    workbook, or a folder of CSV, as its name says.

    SourceError where the source is of no kind that is known, or the target: nothing is then written.
    """
    layout = _layout(target, choices.target)
    if not source.is_dir():
        refuse_missing(source, str(source))
    if source.resolve() == target.resolve():
        raise SourceError(finding("ssc-target-is-source", Place(str(target))))
    if source.is_dir() or source.suffix.lower() in _TABLES:
        from ssc_iati.importing.from_tables import import_tables  # only here, since it brings all checks with it

        return import_tables(source, layout, target, Tally(listen), choices)
    return import_xml(source, layout, target, Tally(listen), choices.target)


def _layout(target: Path, other: str | None) -> str:
    suffix = target.suffix.lower()
    if suffix in ({".jsonl", ".xlsx"} if other is None else {".xlsx"}) and not target.is_dir():
        return suffix
    if target.is_dir() or not (suffix or target.exists()):
        return "folder"
    raise SourceError(finding("ssc-import-target", Place(str(target)), path=target))
