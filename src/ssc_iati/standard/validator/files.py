"""Files to judge, as the validator takes them: a name to show, and their bytes in blocks, as often as asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

BLOCK = 1 << 18


class Source(NamedTuple):
    """A file to judge: its name as it is shown, its size in bytes (for progress), and its bytes from the beginning."""

    name: str
    size: int
    open: Callable[[], Iterator[bytes]]


def plain(path: Path) -> Source:
    """A file that stands as it is; OSError when it is opened and cannot be read."""
    return Source(str(path), path.stat().st_size, lambda: _blocks(path))


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
