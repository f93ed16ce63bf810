"""The IATI file around its activities: declaration, root, and the date-times, which stand apart from what is hashed."""

from __future__ import annotations

from typing import BinaryIO

from ssc_iati.map.activity import VERSION, dated
from ssc_iati.map.writer import quoted
from ssc_iati.record.values import SSC_NAMESPACE

_BLANK = "0000-00-00T00:00:00Z"


class ActivitiesFile:
    """An `iati-activities` file that is being written; its `generated-datetime` may be settled when all is known."""

    def __init__(self, file: BinaryIO, generated: str | None = None, *, settle_later: bool = False) -> None:
        self._file = file
        self.activities = 0
        generated = _BLANK if settle_later else generated
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="{VERSION}"'
        self._settled_at = len((head + ' generated-datetime="').encode())
        if generated is not None:
            head += f' generated-datetime="{quoted(generated)}"'
        file.write(f'{head} xmlns:ssc="{SSC_NAMESPACE}">\n'.encode())

    def add(self, activity: bytes, updated: str | None) -> None:
        """Write an activity, with its `last-updated-datetime`."""
        self._file.write(b"  " + dated(activity, updated) + b"\n")
        self.activities += 1

    def close(self, generated: str | None = None) -> None:
        """Write the end; settle `generated-datetime` (twenty characters, UTC) if that was left open."""
        self._file.write(b"</iati-activities>\n")
        if generated is not None:
            self._file.flush()
            self._file.seek(self._settled_at)
            self._file.write(generated.encode())
            self._file.seek(0, 2)
