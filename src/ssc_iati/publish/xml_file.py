"""The IATI file around its activities: declaration, root, and the date-times, which stand apart from what is hashed."""

from __future__ import annotations

from typing import BinaryIO

from ssc_iati.map.activity import VERSION, dated
from ssc_iati.map.writer import quoted
from ssc_iati.record.values import SSC_NAMESPACE

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def head_of(generated: str | None) -> bytes:
    """What stands before the first activity: nothing that would keep a reader from seeing at once what the file is."""
    dated_at = "" if generated is None else f' generated-datetime="{quoted(generated)}"'
    root = f'<iati-activities version="{VERSION}"{dated_at} xmlns:ssc="{SSC_NAMESPACE}">'
    return f"{DECLARATION}{root}\n".encode()


class ActivitiesFile:
    """An `iati-activities` file that is being written. Who knows its head already gives it as it was."""

    def __init__(self, file: BinaryIO, generated: str | None = None, *, head: bytes | None = None) -> None:
        self._file = file
        self.activities = 0
        file.write(head_of(generated) if head is None else head)

    def add(self, activity: bytes, updated: str | None) -> None:
        """Write an activity, with its `last-updated-datetime`."""
        self._file.write(b"  " + dated(activity, updated) + b"\n")
        self.activities += 1

    def close(self) -> None:
        """Write the end."""
        self._file.write(b"</iati-activities>\n")


def size_of(length: int, updated: str) -> int:
    """How many bytes an activity whose rendering has this length takes up in a file."""
    return length + len(dated(b"<iati-activity", updated)) - len(b"<iati-activity") + len(b"  \n")
