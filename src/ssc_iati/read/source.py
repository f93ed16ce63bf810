"""Says what a source is, by its content first and its name second, or why it is none of the kinds that are read."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Literal

from ssc_iati.read.csv_folder import SUFFIXES, csv_files
from ssc_iati.read.package import refuse, refuse_documents, refuse_other_formats

Kind = Literal["workbook", "csv-folder", "jsonl", "json"]

_BOOKS = (".xlsx", ".xlsm")
_WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb", ".ods")
_LINES = (".jsonl", ".ndjson", ".jsonlines")
_HEAD = 1 << 16


def sniff(path: Path, shown: str | None = None) -> Kind:
    """The kind of a source; SourceError if it is missing, empty or of no kind that is read."""
    shown = str(path) if shown is None else shown
    if path.is_dir():
        return _folder(path, shown)
    refuse_missing(path, shown)
    return _file(path, shown)


def refuse_missing(path: Path, shown: str) -> None:
    """Return if there is a file; SourceError says what is wrong otherwise."""
    if not path.exists():
        refuse("ssc-source-missing", shown)
    if not path.is_file():
        refuse("ssc-source-unknown", shown)


def _folder(path: Path, shown: str) -> Kind:
    if csv_files(path):
        return "csv-folder"
    if not workbook_files(path):
        refuse("ssc-source-folder-empty", shown)
    return "workbook"


def workbook_files(folder: Path) -> list[Path]:
    """The workbooks directly in the folder, by name, but for those that a program keeps while one is open."""
    files = (each for each in folder.iterdir() if each.suffix.lower() in _BOOKS and each.name[:1] not in {".", "~"})
    return sorted(each for each in files if each.is_file())


def _file(path: Path, shown: str) -> Kind:
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    suffix = path.suffix.lower()
    if not head:
        refuse("ssc-source-empty", shown)
    if suffix in _WORKBOOKS or head.startswith((b"PK", bytes.fromhex("D0CF11E0"))):
        refuse_other_formats(path, shown)
        return "workbook"
    refuse_documents(head[:1024], shown)
    if suffix in SUFFIXES:
        refuse("ssc-source-single-csv", shown, folder=str(Path(shown).parent))
    return _json(head, suffix, shown)


def _json(head: bytes, suffix: str, shown: str) -> Kind:
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if text.startswith(b"["):
        return "json"
    if suffix in _LINES:
        return "jsonl"
    if text.startswith(b"{"):
        return "jsonl" if _many_objects(text) else "json"
    if suffix != ".json":
        refuse("ssc-source-unknown", shown)
    return "json"


def _many_objects(text: bytes) -> bool:
    """Say whether an object ends with its line and another starts on the next, as only JSON Lines has it."""
    first, _, rest = text.partition(b"\n")
    return first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{")
