"""Going back: an earlier release takes its place again, bit by bit, and the ledger notes that somebody went back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from ssc_iati.config import Settings
from ssc_iati.findings import Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.publication.placing import entries_of, switch
from ssc_iati.publication.session import Asked, Session, contents_of, past_publication
from ssc_iati.publish.assemble import ACTIVITIES, COMPANION, Made, companions, digest_of, write_activities
from ssc_iati.publish.fingerprint import Prints
from ssc_iati.publish.ledger import Entry, FileEntry, LedgerError, Release, State
from ssc_iati.run import workspace

AT_ONCE = 500


def rollback(number: int, folder: Path | None, settings: Settings, *, now: datetime) -> Release:
    """Put an earlier release in place again; the release that this makes, or the one that stands, if it is that.

    SourceError where there is no such release, LedgerError where its bytes are not kept any more; what stands stays.
    """
    _, name = past_publication(folder, settings)
    asked = Asked(folder, settings, now, f"release {number}", Prints("", "", None), name)
    with Session(asked) as session:
        return go_back(session, number)


def go_back(session: Session, number: int) -> Release:
    """The same, for a run that has the turn already."""
    with workspace() as work_folder:
        wanted = _wanted(session, number)
        held = held_by(session, wanted)
        made = list(rebuilt(session, wanted, held, work_folder))
        done = _entered(session, wanted, held, made)
        switch(session, done, made)
    session.ending = {"state": "rolled back", "release": done}
    return session.ledger.releases(number=done)[0]


def _wanted(session: Session, number: int) -> Release:
    found = session.ledger.releases(number=number)
    if not found or found[0].state != State.PUBLISHED:
        raise SourceError(finding("ssc-release-unknown", Place(session.asked.target), release=number))
    return found[0]


def held_by(session: Session, release: Release) -> dict[str, Entry]:
    """The activities that a release held, in the order of its files."""
    held: dict[str, Entry] = {}
    for file in session.ledger.files(release.number):
        if file.role == ACTIVITIES:
            held |= session.ledger.held(release.number, session.ledger.members(file.listing))
    return held


def rebuilt(session: Session, release: Release, held: dict[str, Entry], folder: Path) -> Iterator[Made]:
    """The release's files, from the ledger alone, each what it was, to the last bit; beside them, what is asked for
    today.
    """
    files = session.ledger.files(release.number)
    made = [_file(session, each, held, folder) for each in files if each.role != COMPANION]
    yield from made
    records = (held[name].record for each in made for name in each.members)
    yield from companions(made, records, folder, contents_of(session.asked.settings))


def _file(session: Session, file: FileEntry, held: dict[str, Entry], folder: Path) -> Made:
    path = folder / file.name
    members = session.ledger.members(file.listing) if file.role == ACTIVITIES else []
    if file.head is None or any(name not in held or held[name].xml is None for name in members):
        raise LedgerError("ssc-ledger-let-go", session.ledger.address)
    if file.role == ACTIVITIES:
        write_activities(path, file.head, ((held[name].xml or b"", held[name].updated) for name in members))
    else:
        path.write_bytes(file.head)
    if file.sha256 != digest_of(path):
        raise LedgerError("ssc-ledger-remade", session.ledger.address, file=file.name)
    return Made(file._replace(stamp=None), path, tuple(members))


def _entered(session: Session, wanted: Release, held: dict[str, Entry], made: Sequence[Made]) -> int:
    """Enter the going back as a release of its own, unless it is what stands."""
    latest = session.ledger.latest()
    if latest is not None and latest.content == wanted.content and _names(session, latest) == _names(session, wanted):
        return latest.number
    standing = {each.identifier: each for each in session.ledger.entries()}
    differs = [each for name, each in held.items() if _version(standing.get(name)) != _version(each)]
    gone = sorted(standing.keys() - held.keys())
    back = sum(each.identifier not in standing for each in differs)
    with session.ledger.writing() as writing:
        counts = {"added": back, "changed": len(differs) - back, "gone": len(gone), "kept": 0}
        values = {"kind": "rollback", "back_to": wanted.number, "made": session.now, **counts}
        number = writing.enter(wanted._replace(**values), entries_of(made, writing))  # type: ignore[arg-type]
        writing.end(number, gone)
        for start in range(0, len(differs), AT_ONCE):
            writing.put(number, differs[start : start + AT_ONCE])
    return number


def _names(session: Session, release: Release) -> list[tuple[str, str | None]]:
    return [(each.name, each.sha256) for each in session.ledger.files(release.number)]


def _version(entry: Entry | None) -> str | None:
    if entry is None:
        return None
    record = hashlib.sha256(entry.record.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{entry.digest} {entry.updated} {record}"
