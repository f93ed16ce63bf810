"""What is missing from a source may be there under another identifier: then somebody must say whether it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ssc_iati.publish.ledger import Entry
from ssc_iati.text import fold

KEY, IDENTIFIER, CONTENT, TITLE = "key", "other-identifier", "content", "title"
"""By what an activity is known again, the surest first."""


class Renaming(NamedTuple):
    """An activity that is missing, what it may be called now, and by what it was known again."""

    former: str
    new: str
    sign: str

    @property
    def is_certain(self) -> bool:
        """Whether it is the same record: one that keeps its key."""
        return self.sign == KEY


def renamings(missing: Iterable[Entry], new: Iterable[Entry]) -> list[Renaming]:
    """For each that is missing what it may be called now, as far as one new activity, and no other, bears its marks."""
    marks = {entry.identifier: dict(_marks(entry)) for entry in new}
    free = dict.fromkeys(marks)
    found: list[Renaming] = []
    left = [(entry.identifier, dict(_marks(entry))) for entry in missing]
    for sign in (KEY, IDENTIFIER, CONTENT, TITLE):
        by_mark: dict[str, list[str]] = {}
        for identifier in free:
            for mark in marks[identifier].get(sign, ()):
                by_mark.setdefault(mark, []).append(identifier)
        for former, own in list(left):
            alike = {each for mark in own.get(sign, ()) for each in by_mark.get(mark, ())}
            if len(alike) == 1 and (only := alike.pop()) in free:
                found.append(Renaming(former, only, sign))
                del free[only]
                left.remove((former, own))
    return found


def _marks(entry: Entry) -> Iterator[tuple[str, tuple[str, ...]]]:
    record: dict[str, Any] = json.loads(entry.record or "{}")
    others = {str(each.get("ref")) for each in record.get("other_identifiers", ()) if each.get("ref")}
    titles = (fold(str(each.get("text", ""))) for each in record.get("title", ()))
    yield KEY, (entry.key,) if entry.key else ()
    yield IDENTIFIER, tuple(fold(each) for each in (*sorted(others), entry.identifier))
    yield CONTENT, (_content(record),) if record else ()
    yield TITLE, tuple(dict.fromkeys(each for each in titles if each))


def _content(record: dict[str, Any]) -> str:
    """The hash of all that a record says beside what it is called."""
    said = {name: each for name, each in record.items() if name not in {"key", "iati_identifier", "other_identifiers"}}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
