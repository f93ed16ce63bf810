"""What the ledger tells: values, not rows."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ssc_iati.publish.trouble import WorldError


class LedgerError(WorldError):
    """The ledger cannot be reached, read or written: a full disk, a server gone, a damaged file, another run."""


class TurnTakenError(LedgerError):
    """Another run is at work on the same publication, or has taken over from this one."""


class Entry(NamedTuple):
    """An activity as it was last published. `record` is its canonical JSON, with its version; `xml` its rendering
    without date-time, None where a retention rule has let it go.
    """

    identifier: str
    digest: str
    updated: str
    first_published: str
    record: str
    xml: bytes | None
    transactions: int | None = None
    key: str | None = None


class FileEntry(NamedTuple):
    """A file of a release. `content` is the hash of what it holds, in order, without the file's own date-time.

    `head` is what stands before the first activity (of a small file, the whole of it); `listing` the digest of the
    identifiers within; `stamp` what the store said of the file when it took its place. A ledger of version 1 kept
    neither `sha256` nor `size`.
    """

    name: str
    role: str
    sha256: str | None
    size: int | None
    content: str | None
    generated: str | None
    activities: int
    transactions: int | None
    url: str | None
    listing: str | None
    head: bytes | None
    stamp: str | None = None


class State(StrEnum):
    """What is known of a release."""

    PREPARED = "prepared"
    PUBLISHED = "published"
    INTERRUPTED = "interrupted"


class Release(NamedTuple):
    """A release. It is prepared until it was seen to stand whole; interrupted if another took its place before."""

    number: int
    kind: str
    back_to: int | None
    run: int | None
    state: str
    made: str
    content: str
    activities: int
    transactions: int | None
    added: int
    changed: int
    gone: int
    kept: int


class Run(NamedTuple):
    """A run. `review` is the first day on which what it compared with its own day may come out otherwise."""

    id: int
    state: str
    started: str
    ended: str | None
    owner: str
    source: str
    source_print: str
    source_date: str | None
    setup_print: str
    release: int | None
    today: str
    review: str | None
    report: str | None
    trouble: str | None


class Decision(NamedTuple):
    """What somebody decided of an activity that the source does not have any more: that it is `dropped`, or that it is
    `renamed`, and to what. `run` is the last run that did not know it.
    """

    identifier: str
    kind: str
    renamed: str | None
    made: str
    run: int = 0


class SetAsideEntry(NamedTuple):
    """A record that a run set aside, with the ids of the rules, and whether its last good version stayed."""

    identifier: str | None
    key: str | None
    rules: tuple[str, ...]
    kept: bool
