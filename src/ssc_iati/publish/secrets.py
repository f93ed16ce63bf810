"""Secrets: from the environment, or from a file that only its owner may read. They are shown nowhere.

The file holds one `NAME=value` a line; the environment goes first. Names are those of the environment
(`SSC_IATI_STORE_PASSWORD`).
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ssc_iati.findings import Place, SourceError
from ssc_iati.messages import finding

PREFIX = "SSC_IATI_"


def secret(name: str, file: Path | None) -> str | None:
    """The secret of this name (without prefix), None if there is none; SourceError where the file is open to others."""
    said = os.environ.get(PREFIX + name)
    if said is not None or file is None:
        return said
    return _read(file).get(PREFIX + name)


def _read(file: Path) -> dict[str, str]:
    if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise SourceError(finding("ssc-secrets-open", Place(str(file)), path=str(file)))
    lines = (line.partition("=") for line in file.read_text("utf-8").splitlines() if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, sign, value in lines if sign}
