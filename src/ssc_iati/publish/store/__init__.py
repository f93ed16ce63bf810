"""Where the files of a publication stand: a folder of this machine, or any place that fsspec knows.

A release is put in place in three steps: every file that is not there already is staged beside its place; it is read
back and compared; then all are switched, and what the release does not hold any more goes. In a folder of this machine
that is one act: a reader finds the old release or the new one. Elsewhere it is one act for each file, so a reader finds
each file whole, the old one or the new one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from ssc_iati.publish.trouble import WorldError

Beat = Callable[[], None]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class StoreError(WorldError):
    """The store cannot be reached, or does not hold what was put there."""


class Wanted(NamedTuple):
    """A file that shall stand in the store: its name, where its bytes lie, their hash, and what the store said of it
    when it last took its place.
    """

    name: str
    path: Path
    sha256: str
    size: int
    stamp: str | None = None


class Store(Protocol):
    """What a place must be able to do. Names are checked before they come here; errors are OSError."""

    address: str
    """The place, as it may be shown."""

    def stamp(self, name: str) -> str | None:
        """What tells a file from what may take its place (size, and tag or time); None if it is not there."""

    def digest(self, name: str) -> str | None:
        """The SHA-256 of the bytes that readers get; None if the file is not there."""

    def stage(self, name: str, path: Path) -> None:
        """Lay bytes beside the place of a file."""

    def staged_digest(self, name: str) -> str | None:
        """The SHA-256 of what was staged, as the place gives it back."""

    def switch(self, names: Sequence[str], gone: Sequence[str]) -> None:
        """Let what was staged under these names take the files' places, and take away what is gone, as far as it is
        there; each file in one act, and all in one where the place can.
        """

    def sweep(self) -> None:
        """Take away whatever was staged, by this run or by one that died."""

    def close(self) -> None:
        """Give connections back."""


def safe(name: str) -> str:
    """The name, if it stays within the store; ValueError if it would not."""
    if NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} is no name of a file in a store")
    return name


def stands(store: Store, file: Wanted, *, thorough: bool = False) -> bool:
    """Whether a file stands as wanted: by its stamp, if one is known, else by its bytes."""
    stamp = store.stamp(safe(file.name))
    if stamp is None:
        return False
    if not thorough and file.stamp is not None and stamp == file.stamp:
        return True
    return store.digest(file.name) == file.sha256


def put_in_place(store: Store, files: Sequence[Wanted], gone: Iterable[str], beat: Beat) -> int:
    """Make the store hold these files and not those that are gone; how many were written.

    OSError where that fails: each file is then the old one or the new one, whole; in a folder, all are.
    """
    missing = [file for file in files if not stands(store, file)]
    gone = [safe(name) for name in gone]
    try:
        for file in missing:
            beat()
            store.stage(safe(file.name), file.path)
        for file in missing:
            beat()
            _verify(store, file)
        if missing or gone:
            store.switch([file.name for file in missing], gone)
    finally:
        with suppress(OSError):  # what is left of it stands in nobody's way, and the next run takes it away
            store.sweep()
    return len(missing)


def _verify(store: Store, file: Wanted) -> None:
    if store.staged_digest(file.name) != file.sha256:
        raise StoreError("ssc-store-altered", store.address, file=file.name)
