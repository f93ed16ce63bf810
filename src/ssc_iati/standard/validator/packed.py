"""What is read of packed files: gzip, and what packed files have in common: how much they may hold, how they fail."""

from __future__ import annotations

import gzip
import lzma
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

BLOCK = 1 << 18
FLOOR = 1 << 30
RATIO = 100
TROUBLE = (OSError, EOFError, LookupError, RuntimeError, ValueError, lzma.LZMAError, zipfile.BadZipFile, zlib.error)
"""What reading raises where a file is damaged, locked, or packed in a way that is unknown (NotImplementedError)."""

_LEAST = 18  # bytes: the head and the end of a gzip file


class UnreadableError(Exception):
    """A file cannot be read: `problem` says why, in the system's words."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class TooLargeError(Exception):
    """A packed file holds more than `limit` bytes; the rest was not read."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


def most_unpacked(packed: int) -> int:
    """How many bytes a packed file of this size may hold: XML packs to a tenth or a thirtieth, a bomb to a
    thousandth.
    """
    return max(FLOOR, RATIO * packed)


def unzipped(path: Path, limit: int) -> Iterator[bytes]:
    """The content of a gzip file; TooLargeError beyond the limit."""
    total = 0
    with gzip.open(path) as file:
        while block := file.read(BLOCK):
            total += len(block)
            if total > limit:
                raise TooLargeError(limit)
            yield block


def stated_size(path: Path, packed: int) -> int:
    """The size that a gzip file states of its content; it may lie, and knows no more than 4 GB."""
    if packed < _LEAST:
        return 0
    with path.open("rb") as file:
        file.seek(-4, os.SEEK_END)
        return int.from_bytes(file.read(4), "little")
