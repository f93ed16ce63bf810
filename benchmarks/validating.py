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


def command(path: Path | None, jobs: int) -> None:
    """`ssc-iati validate FILE --format jsonl`, every finding written out, in so many processes."""
    from ssc_iati.cli import FOUND, main

    if path is not None:
        sys.argv = ["ssc-iati", "validate", str(path), "--format", "jsonl", "--jobs", str(jobs)]
        try:
            main()
        except SystemExit as end:
            if end.code != FOUND:
                raise


def run(name: str, file: str = "") -> None:
    """Run the contender of this name; without a file, only what it imports."""
    path = Path(file) if file else None
    if name in {"command-1", "command-2"}:
        command(path, int(name[-1]))
    else:
        {"lxml": lxml, "official": official, "ours": ours}[name](path)


if __name__ == "__main__":
    run(*sys.argv[1:])
