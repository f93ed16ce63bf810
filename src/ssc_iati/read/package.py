"""Looks a workbook over before it is opened: that it is one, that it unpacks to a sane size, that no entity can grow.

openpyxl parses sheets with expat, which expands the entities of a document type; no workbook needs one.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EINVAL
from pathlib import Path
from typing import IO, Never
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812 - the name that the library should have given it

from ssc_iati.findings import Place, SourceError
from ssc_iati.messages import finding

TOTAL_LIMIT = 2 << 30
STRINGS_LIMIT = 256 << 20
RATIO_LIMIT = 200
RATIO_FROM = 20_000_000
PARTS_LIMIT = 10_000
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BROKEN_ZIP = (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, ZlibError)
_MEDIA = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".bin", ".bmp", ".svg")


def refuse_unsafe(path: Path, shown: str) -> None:
    """Return if this is a workbook that can be opened without harm; SourceError says what it is otherwise."""
    refuse_other_formats(path, shown)
    with damage_refused(shown, *_BROKEN_ZIP), ZipFile(path) as archive:
        parts = archive.infolist()
        _refuse_other_packages(archive, {part.filename for part in parts}, shown)
        _refuse_bombs(parts, shown)
        _refuse_document_types(archive, parts, shown)


@contextmanager
def damage_refused(shown: str, *signs: type[Exception]) -> Iterator[None]:
    """Turn what a damaged workbook makes its readers raise into a SourceError that says so."""
    try:
        yield
    except OSError as error:
        # A place in the file that cannot be, or a package without its workbook; any other is an error of the disk.
        if error.errno not in (None, EINVAL):
            raise
        refuse("ssc-workbook-damaged", shown, detail=str(error))
    except signs as error:
        refuse("ssc-workbook-damaged", shown, detail=str(error) or type(error).__name__)


def refuse(rule: str, shown: str, **values: object) -> Never:
    """Raise the finding of this rule about the whole source."""
    raise SourceError(finding(rule, Place(shown), None, path=shown, **values))


def refuse_other_formats(path: Path, shown: str) -> None:
    """Name what is not even a zip file: nothing, a PDF, a web page, an old or an encrypted workbook."""
    with path.open("rb") as stream:
        head = stream.read(1024)
    if not head:
        refuse("ssc-source-empty", shown)
    if head.startswith(_OLE):
        refuse("ssc-workbook-encrypted" if _holds(path, _ENCRYPTED) else "ssc-workbook-old-xls", shown)
    refuse_documents(head, shown)
    if not head.startswith(b"PK"):
        refuse("ssc-source-unknown", shown)


def refuse_documents(head: bytes, shown: str) -> None:
    """Name what people often send in place of a table, by its first bytes."""
    refuse_lookalikes(head, shown)
    if _start_of(head).startswith(b"<"):
        refuse("ssc-source-xml", shown)


def refuse_lookalikes(head: bytes, shown: str) -> None:
    """Name a PDF or a web page, whatever its file is called."""
    start = _start_of(head)
    if start.startswith(b"%pdf-"):
        refuse("ssc-source-pdf", shown)
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<style")) or b"<html" in start:
        refuse("ssc-source-html", shown)


def _start_of(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()


def _holds(path: Path, needle: bytes) -> bool:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as view:
        return view.find(needle) >= 0


def _refuse_other_packages(archive: ZipFile, names: set[str], shown: str) -> None:
    if "mimetype" in names and b"opendocument" in _start(archive, "mimetype"):
        refuse("ssc-workbook-ods", shown)
    if "xl/workbook.bin" in names:
        refuse("ssc-workbook-xlsb", shown)
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/workbook") for name in names):
        refuse("ssc-workbook-other-zip", shown)


def _start(archive: ZipFile, name: str) -> bytes:
    with archive.open(name) as stream:
        return stream.read(200)


def _refuse_bombs(parts: list[ZipInfo], shown: str) -> None:
    # zipfile gives no byte more than a part declares, so that the declared sizes can be relied on.
    if len(parts) > PARTS_LIMIT or sum(part.file_size for part in parts) > TOTAL_LIMIT or any(map(_swells, parts)):
        refuse("ssc-workbook-too-large", shown)


def _swells(part: ZipInfo) -> bool:
    if part.filename.lower().endswith("sharedstrings.xml") and part.file_size > STRINGS_LIMIT:
        return True
    return part.file_size > RATIO_FROM and part.file_size > RATIO_LIMIT * max(part.compress_size, 1)


def _refuse_document_types(archive: ZipFile, parts: list[ZipInfo], shown: str) -> None:
    for part in parts:
        if not part.is_dir() and not part.filename.lower().endswith(_MEDIA):
            with archive.open(part) as stream:
                if declares_document_type(stream):
                    refuse("ssc-workbook-entities", shown, part=part.filename)


def declares_document_type(stream: IO[bytes]) -> bool:
    """Parse up to the first element, in whatever encoding; what is no XML is no danger here."""
    seen: list[bool] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: seen.append(True)
    parser.StartElementHandler = lambda *_: seen.append(False)
    try:
        while not seen and (block := stream.read(4096)):
            parser.Parse(block)
    except expat.ExpatError:
        # An entity may have been declared before the fault.
        return True in seen
    return True in seen
