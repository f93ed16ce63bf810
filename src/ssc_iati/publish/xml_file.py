"""The IATI file around its activities: declaration, root, and the date-times, which stand apart from what is hashed."""

from __future__ import annotations

from typing import BinaryIO

from ssc_iati.map.activity import dated
from ssc_iati.map.writer import quoted
from ssc_iati.publish.verdict import ACTIVITIES, Form
from ssc_iati.record.project import Publisher
from ssc_iati.record.values import SSC_NAMESPACE

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def head_of(generated: str | None, form: Form = ACTIVITIES, publisher: Publisher | None = None) -> bytes:
    """What stands before the first activity: nothing that would keep a reader from seeing at once what the file is."""
    dated_at = "" if generated is None else f' generated-datetime="{quoted(generated)}"'
    root = f'<iati-{form.kind} version="{form.version}"{dated_at}{_of_file(publisher or Publisher())}>'
    return f"{DECLARATION}{root}\n".encode()


class ActivitiesFile:
    """An `iati-activities` file that is being written. Who knows its head already gives it as it was."""

    def __init__(
        self,
        file: BinaryIO,
        generated: str | None = None,
        *,
        head: bytes | None = None,
        form: Form = ACTIVITIES,
        publisher: Publisher | None = None,
    ) -> None:
        self._file = file
        self._form = form
        self._publisher = publisher or Publisher()
        self.activities = 0
        file.write(head_of(generated, form, self._publisher) if head is None else head)

    def add(self, activity: bytes, updated: str | None) -> None:
        """Write an activity, with its `last-updated-datetime`."""
        self._file.write(b"  " + dated(activity, updated) + b"\n")
        self.activities += 1

    def close(self) -> None:
        """Write the end, after what the source's own file had there."""
        last = (self._publisher.other_xml or {}).get("*")
        if last is not None:
            self._file.write(f"  {last}\n".encode())
        self._file.write(f"</iati-{self._form.kind}>\n".encode())


def size_of(length: int, updated: str) -> int:
    """How many bytes an activity whose rendering has this length takes up in a file."""
    return length + len(dated(b"<iati-activity", updated)) - len(b"<iati-activity") + len(b"  \n")


def _of_file(publisher: Publisher) -> str:
    """What the source's own file said in its root, and the prefixes that are used in it."""
    said = ""
    if publisher.linked_data_default is not None:
        said += f' linked-data-default="{quoted(publisher.linked_data_default)}"'
    prefixes = {"ssc": SSC_NAMESPACE} | (publisher.namespaces or {})
    said += "".join(f' xmlns:{prefix}="{quoted(uri)}"' for prefix, uri in prefixes.items())
    for place, value in (publisher.other_xml or {}).items():
        if place.startswith("@"):
            said += f' {place[1:]}="{quoted(value)}"'
    return said
