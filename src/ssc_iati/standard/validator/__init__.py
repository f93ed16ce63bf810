"""The validator of IATI files: what the official one finds, and our own checks beyond it; offline, in bounded memory.

`judged` tells the story of one file: what was found about the file itself, then activity by activity. Memory holds a
batch of activities and the notes of what was found (beyond some 32 MB on disk), whatever the size of the file.
`reports` and `validate` do the same for files, folders and archives, in several processes if asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ssc_iati.standard.validator.files import Source, plain

if TYPE_CHECKING:
    from ssc_iati.standard.validator.chunk import Chunk, Judged
    from ssc_iati.standard.validator.file import About, Judging
    from ssc_iati.standard.validator.many import FileReport, reports, validate

__all__ = ["About", "Chunk", "FileReport", "Judged", "Source", "judged", "plain", "reports", "validate"]

_ROOMS = {
    "About": "file",
    "Chunk": "chunk",
    "FileReport": "many",
    "Judged": "chunk",
    "reports": "many",
    "validate": "many",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds by that name
    """What is not asked for need not be imported: a publication needs the judge, and not what reads files."""
    if name not in _ROOMS:
        raise AttributeError(f"{__name__} has no {name}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)


def judged(
    source: Source, *, now: datetime | None = None, judging: Judging | None = None, own: bool = True
) -> Iterator[Judged]:
    """What was found in a file; `now` is the clock of the rules about dates (with a zone), the present unless said;
    `own`: our own checks beyond the official ones too.

    OSError if the file cannot be read; whatever is wrong in it is a finding.
    """
    from ssc_iati.standard.validator.file import judge_file, one_by_one

    moment = now or datetime.now(UTC)
    for chunk in judge_file(source.open, source.name, moment, judging or one_by_one, own=own):
        yield from chunk.judged()
