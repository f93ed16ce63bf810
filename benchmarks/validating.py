"""One validation in a process of its own: `validating.py NAME FILE`; what it imports is its own too."""

from __future__ import annotations

import sys
from pathlib import Path


def lxml(path: Path | None) -> None:
    """The parse of lxml and the validation with the schema alone: what nobody who validates can do without."""
    from lxml import etree

    if path is not None:
        schemas = Path(__file__).parents[1] / "schemas/iati/2.03/iati-activities-schema.xsd"
        schema = etree.XMLSchema(etree.parse(schemas))
        schema.validate(etree.parse(path, etree.XMLParser(huge_tree=True)))


def ours(path: Path | None, *, own: bool = True) -> None:
    """All findings of our validator, in this process; those of our own checks too, unless said."""
    from ssc_iati.standard.validator import file, judged, plain  # noqa: F401 - `file` is imported when it is needed

    if path is not None:
        for _ in judged(plain(path), own=own):
            pass


def official(path: Path | None) -> None:
    """The findings of the official rules alone."""
    ours(path, own=False)


def run(name: str, file: str = "") -> None:
    """Run the contender of this name; without a file, only what it imports."""
    path = Path(file) if file else None
    {"lxml": lxml, "official": official, "ours": ours}[name](path)


if __name__ == "__main__":
    run(*sys.argv[1:])
