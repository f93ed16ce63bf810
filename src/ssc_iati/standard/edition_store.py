"""Keeps editions in the cache: each is there whole or not at all, and new processes take to it from one moment on."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ssc_iati.standard import editions
from ssc_iati.standard.editions import MANIFEST, POINTER, Edition, EditionError, Origin


class File(NamedTuple):
    """A file of an edition, in the package's form, and where it came from."""

    content: bytes
    origin: Origin


def keep(files: Mapping[str, File], today: date) -> Edition:
    """Store an edition beside those that are there; none is ever changed, since a run may be using it."""
    manifest = json.dumps({"files": {name: files[name].origin._asdict() for name in sorted(files)}}, indent=1).encode()
    identifier = f"{today.isoformat()}-{hashlib.sha256(manifest).hexdigest()[:12]}"
    place = editions.folder() / identifier
    draft = _draft()
    draft.mkdir(parents=True)
    try:
        for name, file in files.items():
            _write(draft / name, file.content)
        _write(draft / MANIFEST, manifest)
        if not _sound(identifier):
            shutil.rmtree(place, ignore_errors=True)
            draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return editions.read(identifier)


def point(one: Edition) -> None:
    """Let new processes use the edition, from one moment to the next."""
    draft = _draft()
    _write(draft, f"{one.id}\n".encode())
    draft.replace(editions.folder() / POINTER)


def reset() -> None:
    """Let new processes use the lists of the package; what was fetched stays, for runs that are using it."""
    (editions.folder() / POINTER).unlink(missing_ok=True)


def _sound(identifier: str) -> bool:
    """Whether the edition is there, as it was stored."""
    try:
        one = editions.read(identifier)
        return all(editions.stored(one, name) for name in one.files)
    except EditionError:
        return False


def _draft() -> Path:
    """A name that nobody else takes, in the folder where what has it will get its own."""
    return editions.folder() / f".draft-{os.getpid()}-{secrets.token_hex(4)}"


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it is on the disk before anything refers to it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
