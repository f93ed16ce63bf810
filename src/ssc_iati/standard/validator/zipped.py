"""The XML files in a zip archive, read where they lie: no path in it is ever one of this machine's."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile, ZipInfo

from ssc_iati.standard.validator.packed import BLOCK, TooLargeError, UnreadableError, most_unpacked

_BEGINNINGS = (b"PK\3\4", b"PK\5\6")
_ENDS = re.compile(rb"PK\x05\x06.{8}(?P<short>.{4})|PK\x06\x06.{36}(?P<long>.{8})", re.DOTALL)
_END_WITHIN = (1 << 16) + 128
_DIRECTORY_LIMIT = 8 << 20  # bytes: some 80,000 files; what is read of it takes ten times as much memory
_OF_A_MAC = "__MACOSX/"


class Member(NamedTuple):
    """A file in an archive: its name there, its size, and its bytes."""

    name: str
    size: int
    open: Callable[[], Iterator[bytes]]


def begins(start: bytes) -> bool:
    """Say whether a file that starts so is a zip archive."""
    return start.startswith(_BEGINNINGS)


def members(path: Path, packed: int) -> Iterator[Member]:
    """The XML files in an archive of that size; those beyond what it may hold together fail when they are opened.

    UnreadableError if there is none; TooLargeError if its directory is too large.
    """
    _refuse_large_directory(path, packed)
    limit, total, found = most_unpacked(packed), 0, False
    with ZipFile(path) as archive:
        listed = archive.infolist()
    for index, info in enumerate(listed):
        if _wanted(info):
            found = True
            # What is stated is what is read at most; so a lie about it does no harm.
            fits = total + info.file_size <= limit
            total += info.file_size if fits else 0
            open_ = partial(_blocks, path, index) if fits else partial(_too_large, limit)
            yield Member(info.filename, info.file_size if fits else 0, open_)
    if not found:
        raise UnreadableError("the archive holds no XML file")


def close() -> None:
    """Let go of the archive that was read last."""
    _opened.cache_clear()


def _wanted(info: ZipInfo) -> bool:
    return info.filename.lower().endswith(".xml") and not info.filename.startswith(_OF_A_MAC)


def _refuse_large_directory(path: Path, packed: int) -> None:
    """The directory of an archive is read whole: not if its end says that it is too large."""
    with path.open("rb") as file:
        file.seek(max(0, packed - _END_WITHIN))
        end = file.read(_END_WITHIN)
    sizes = [int.from_bytes(each["long"] or each["short"], "little") for each in _ENDS.finditer(end)]
    if any(_DIRECTORY_LIMIT < size <= packed for size in sizes):
        raise TooLargeError(_DIRECTORY_LIMIT)


def _blocks(path: Path, index: int) -> Iterator[bytes]:
    archive = _opened(path, _state(path), os.getpid())
    with archive.open(archive.infolist()[index]) as file:
        while block := file.read(BLOCK):
            yield block


@lru_cache(maxsize=1)
def _opened(path: Path, _state: tuple[int, ...], _process: int) -> ZipFile:
    """The archive, opened once for all its files: its directory may be long. No two processes share one."""
    return ZipFile(path)


def _state(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _too_large(limit: int) -> Iterator[bytes]:
    raise TooLargeError(limit)
