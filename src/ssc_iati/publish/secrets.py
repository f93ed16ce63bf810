"""Secrets: from the environment, or from a file that only its owner can read. Read when needed, and kept nowhere."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import SecretStr, StringConstraints

from ssc_iati.publish.folder import whole_file
from ssc_iati.publish.trouble import WorldError

_LARGEST = 1 << 16
_OTHERS = 0o777 & ~0o600


SecretName = Annotated[str, StringConstraints(pattern="^[A-Z][A-Z0-9_]{1,63}$")]
"""The name of a variable of the environment, or of a line of the secrets file: capitals, so that no secret passes."""


class SecretsError(WorldError):
    """A secret is not there, or the file of secrets cannot be used."""


@dataclass(frozen=True, repr=False)
class Secrets:
    """Where secrets are looked for: first the environment, then the file, whose lines are NAME=value."""

    environment: Mapping[str, str]
    file: Path | None = None

    def get(self, name: str) -> SecretStr:
        """The secret of this name; SecretsError where there is none, or where others may read the file."""
        found = self.find(name)
        if found is None:
            raise SecretsError("ssc-secret-missing", str(self.file or name), name=name)
        return found

    def find(self, name: str) -> SecretStr | None:
        """The same; None where there is none."""
        value = self.environment.get(name) or self._lines().get(name)
        return SecretStr(value) if value else None

    def keep(self, name: str, value: SecretStr) -> bool:
        """Put the secret's successor in its place in the file; False where it does not stand in the file."""
        if self.file is None or name in self.environment or name not in self._lines():
            return False
        text = _read(self.file)
        with whole_file(self.file) as file:
            for line in text.splitlines(keepends=True):
                new = f"{name}={value.get_secret_value()}\n" if _named(line) == name else line
                file.write(new.encode())
        return True

    def _lines(self) -> dict[str, str]:
        if self.file is None:
            return {}
        pairs = (line.partition("=") for line in _read(self.file).splitlines() if _named(line))
        return {name.strip(): _unquoted(value.strip()) for name, _, value in pairs}


def _named(line: str) -> str | None:
    """The name that a line gives a value to."""
    name, equals, _ = line.partition("=")
    return name.strip() if equals and not line.lstrip().startswith("#") else None


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _read(path: Path) -> str:
    """The file's text, if it is its owner's alone (mode 600, or less) and of a bounded size."""
    try:
        with path.open("rb") as file:
            _refuse_if_open(path, os.fstat(file.fileno()))
            raw = file.read(_LARGEST + 1)
    except SecretsError:
        raise
    except OSError as error:
        raise _unreadable(path, error.strerror or type(error).__name__) from error
    if len(raw) > _LARGEST:
        raise _unreadable(path, f"it has more than {_LARGEST:,} bytes")
    text = raw.decode("utf-8", "replace")
    if "\ufffd" in text:
        raise _unreadable(path, "it is not UTF-8")
    return text


def _unreadable(path: Path, problem: str) -> SecretsError:
    return SecretsError("ssc-secrets-unreadable", str(path), problem=problem)


def _refuse_if_open(path: Path, found: os.stat_result) -> None:
    """Systems without modes of this kind have no say here."""
    if not stat.S_ISREG(found.st_mode):
        raise _unreadable(path, "it is no file")
    if os.name == "posix" and stat.S_IMODE(found.st_mode) & _OTHERS:
        raise SecretsError("ssc-secrets-open", str(path), mode=f"{stat.S_IMODE(found.st_mode):o}")
