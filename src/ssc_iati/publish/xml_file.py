"""The IATI file around its activities: declaration, root, and the date-times, which stand apart from what is hashed."""

from __future__ import annotations

from typing import BinaryIO

from ssc_iati.map.activity import dated
from ssc_iati.map.writer import quoted
from ssc_iati.publish.verdict import ACTIVITIES, Form
from ssc_iati.record.project import Publisher
from ssc_iati.record.values import SSC_NAMESPACE

_BLANK = "0000-00-00T00:00:00Z"


class ActivitiesFile:
    """An `iati-activities` file that is being written; its `generated-datetime` may be settled when all is known."""

    def __init__(
        self,
        file: BinaryIO,
        generated: str | None = None,
        *,
        settle_later: bool = False,
        form: Form = ACTIVITIES,
        publisher: Publisher | None = None,
    ) -> None:
        self._file = file
        self._form = form
        self._publisher = publisher or Publisher()
        self.activities = 0
        generated = _BLANK if settle_later else generated
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<iati-{form.kind} version="{form.version}"'
        self._settled_at = len((head + ' generated-datetime="').encode())
        if generated is not None:
            head += f' generated-datetime="{quoted(generated)}"'
        file.write(f"{head}{_of_file(self._publisher)}>\n".encode())

    def add(self, activity: bytes, updated: str | None) -> None:
        """Write an activity, with its `last-updated-datetime`."""
        self._file.write(b"  " + dated(activity, updated) + b"\n")
        self.activities += 1

    def close(self, generated: str | None = None) -> None:
        """Write the end; settle `generated-datetime` (twenty characters, UTC) if that was left open."""
        last = (self._publisher.other_xml or {}).get("*")
        if last is not None:
            self._file.write(f"  {last}\n".encode())
        self._file.write(f"</iati-{self._form.kind}>\n".encode())
        if generated is not None:
            self._file.flush()
            self._file.seek(self._settled_at)
            self._file.write(generated.encode())
            self._file.seek(0, 2)


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
