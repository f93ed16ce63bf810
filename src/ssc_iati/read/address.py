"""What a source is called: a path, or the address of a database, whose password nobody is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

_ADDRESS = re.compile(r"([A-Za-z][\w.+-]*)://(.*)", re.DOTALL)
_FILES = frozenset(("http", "https", "ftp", "sftp", "file", "s3", "gs", "gcs", "az", "abfs", "abfss", "memory"))
"""Addresses of files, which are no databases."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database by its address; written as text it shows neither password nor options, which may hold one."""

    url: str = field(repr=False)

    def __str__(self) -> str:
        found = _ADDRESS.match(self.url)
        return f"{found[1]}://{_without_secrets(found[2])}" if found else "?"


def _without_secrets(rest: str) -> str:
    """User, host, port and name of what follows `://`; a file's path, if it begins with one."""
    if rest.startswith("/"):
        return rest.partition("?")[0]
    # From the last @ on, as a password may hold any sign that otherwise parts an address.
    before, at, after = rest.rpartition("@")
    host, slash, name = after.partition("?")[0].partition("/")
    host, colon, port = host.rpartition(":")
    if not port.isdigit() and not port.endswith("]"):
        host, colon, port = (host, "", "") if colon else ("", "", port)
    return f"{before.partition(':')[0]}{at}{host}{colon}{port}{slash}{name}"


Source: TypeAlias = Path | Database


def file_of(shown: str) -> Path:
    """The file of a source that is written as people see it: a path, or a database that is one file."""
    return Path(re.sub(r"\Asqlite(?:\+\w+)?:///", "", shown))


def source_named(text: str) -> Source:
    """The database whose address this is, else the path."""
    found = _ADDRESS.match(text)
    return Path(text) if found is None or found[1].lower() in _FILES else Database(text)
