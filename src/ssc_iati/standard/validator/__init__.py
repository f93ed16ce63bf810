"""The validator of IATI files: what the official one finds, and our own checks beyond it; offline, in bounded memory.

`judged` tells the story of one file: what was found about the file itself, then activity by activity. Memory holds a
batch of activities and the notes of what was found (beyond some 32 MB on disk), whatever the size of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ssc_iati.standard.validator.files import Source, plain

if TYPE_CHECKING:
    from ssc_iati.standard.validator.batch import Judged
    from ssc_iati.standard.validator.file import Judging

__all__ = ["Source", "judged", "plain"]


def judged(
    source: Source, *, now: datetime | None = None, judging: Judging | None = None, own: bool = True
) -> Iterator[Judged]:
    """What was found in a file; `now` is the clock of the rules about dates (with a zone), the present unless said;
    `own`: our own checks beyond the official ones too.

    OSError if the file cannot be read; whatever is wrong in it is a finding.
    """
    from ssc_iati.standard.validator.file import judge_file, one_by_one

    judging = judging or one_by_one
    return judge_file(source.open, source.name, now or datetime.now(UTC), judging, own=own)
