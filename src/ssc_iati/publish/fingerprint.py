"""What a run is made of, in two hashes: its source, and all else that decides the bytes (program, lists, settings)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from ssc_iati import __version__
from ssc_iati.read.address import Database, Source
from ssc_iati.read.csv_folder import csv_files
from ssc_iati.standard import editions
from ssc_iati.standard.schemas import schema_folder


class Prints(NamedTuple):
    """The hash of the source's bytes, if it has any; that of program, lists and configuration; when the source was last
    changed (ISO, UTC), if that is known.
    """

    source: str
    setup: str
    source_date: str | None


def prints_of(source: Source, settings: str, target: str) -> Prints:
    """The fingerprint of a run that publishes a source to a place, with settings that are given as text; OSError where
    the source cannot be read. What has no bytes to be hashed, as a database, has none: it is read every time.
    """
    changed = max((each.stat().st_mtime for each in _parts(source)), default=None)
    date = None if changed is None else datetime.fromtimestamp(changed, UTC).isoformat(timespec="microseconds")
    return Prints(content_print(source), setup_print(settings, target), date)


def content_print(source: Source) -> str:
    """The hash of a source's bytes; empty where it has none."""
    parts = _parts(source)
    content = hashlib.sha256()
    for each in parts:
        content.update(f"{each.name}\n".encode("utf-8", "surrogateescape"))
        with each.open("rb") as file:
            content.update(hashlib.file_digest(file, "sha256").digest())
    return content.hexdigest() if parts else ""


def _parts(source: Source) -> list[Path]:
    if isinstance(source, Database):
        return []
    if source.is_dir():
        return sorted(csv_files(source))
    return [source] if source.is_file() else []


def setup_print(settings: str, target: str) -> str:
    """The hash of what the bytes depend on beside the source and the ledger."""
    return hashlib.sha256(f"{program_print()}\n{editions.in_use()}\n{settings}\n{target}".encode()).hexdigest()


@cache
def program_print() -> str:
    """The hash of the program as it is installed, with its lists and schemas."""
    content = hashlib.sha256(__version__.encode())
    for path in sorted(_program_files()):
        content.update(path.name.encode())
        content.update(path.read_bytes())
    return content.hexdigest()


def _program_files() -> Iterator[Path]:
    for folder in (Path(str(files("ssc_iati"))), schema_folder()):
        for path in folder.rglob("*"):
            if path.suffix in {".py", ".toml", ".json", ".txt", ".xsd", ".csv"} and path.is_file():
                yield path
