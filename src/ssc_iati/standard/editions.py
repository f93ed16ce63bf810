"""Which edition of the lists a run uses: the one that came with the package, or a newer one in the user's cache.

The cache holds whole editions, each in a folder of its own that never changes once it is there, and a pointer to one of
them, which is replaced at once. A process asks for the pointer once, when it first needs a list, and keeps to that
edition for its life: nothing changes in the middle of a run. Who starts other processes tells them which edition
(`in_use`, `use`). Each file is checked against its recorded checksum before it is used.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import NamedTuple

from ssc_iati.standard import SNAPSHOT

PACKAGED = "package"
"""The id of the edition that came with the package."""
MANIFEST = "manifest.json"
POINTER = "current"
REGISTERS = "registers.json"
VARIABLE = "SSC_IATI_CACHE"

_ID = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{12}")


class EditionError(OSError):
    """The edition cannot be used: it is damaged, or gone, or another one is in use in this process."""


class Origin(NamedTuple):
    """Where a file of an edition came from: its address, the day, and what tells whether there is a newer one.

    `source` is the SHA-256 of what was fetched, `content` that of the file as it stands in the edition.
    """

    url: str
    fetched: str
    etag: str
    modified: str
    source: str
    content: str


class Edition(NamedTuple):
    """An edition: its id, and the origin of every file that it has of its own (the others are the package's)."""

    id: str = PACKAGED
    files: Mapping[str, Origin] = MappingProxyType({})


_chosen: list[Edition] = []  # at most one, for the life of the process
_choosing = Lock()


def folder() -> Path:
    """The folder of the editions: in SSC_IATI_CACHE, else where the platform keeps a user's cache."""
    asked = os.environ.get(VARIABLE)
    if asked:
        return Path(asked) / "standard"
    from platformdirs import user_cache_path

    return user_cache_path("ssc-iati", appauthor=False) / "standard"


def in_use() -> str:
    """The id of the edition that this process uses; asked first at the start of a run, it settles which."""
    return edition().id


def use(identifier: str) -> None:
    """Use this edition, as whoever started this process does; EditionError if another is in use already."""
    with _choosing:
        if not _chosen:
            _chosen.append(read(identifier))
        if _chosen[0].id != identifier:
            raise EditionError(errno.EBUSY, f"this process uses the lists of {_chosen[0].id} already", identifier)


def edition() -> Edition:
    """The edition that this process uses."""
    with _choosing:
        if not _chosen:
            _chosen.append(read(pointed_at()))
        return _chosen[0]


def content(name: str) -> bytes | None:
    """A file of the edition in use; None if it has none of its own, so that the package's counts."""
    used = edition()
    return stored(used, name) if name in used.files else None


def stored(one: Edition, name: str) -> bytes:
    """A file that an edition has of its own; EditionError if it is not what was stored."""
    path = folder() / one.id / name
    found = _read(path)
    if hashlib.sha256(found).hexdigest() != one.files[name].content:
        raise _damaged(path)
    return found


def pointed_at() -> str:
    """The id of the edition that a new process uses: the package's, if the package has become newer than the cache."""
    try:
        identifier = (folder() / POINTER).read_bytes().decode("ascii", "replace").strip()
    except FileNotFoundError:
        return PACKAGED
    if not _ID.fullmatch(identifier):
        raise _damaged(folder() / POINTER)
    return identifier if identifier[: len(SNAPSHOT)] >= SNAPSHOT else PACKAGED


def read(identifier: str) -> Edition:
    """The edition of that id, whether it is in use or not."""
    if identifier == PACKAGED:
        return Edition()
    path = folder() / identifier / MANIFEST
    try:
        files = json.loads(_read(path))["files"]
        return Edition(identifier, MappingProxyType({name: Origin(**origin) for name, origin in files.items()}))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise _damaged(path) from None


def _damaged(path: Path) -> EditionError:
    remedy = "ssc-iati standard reset goes back to the lists of the package, ssc-iati standard update fetches new ones"
    return EditionError(errno.EIO, f"the lists in the cache are damaged; {remedy}", str(path))
