"""What a run left half done: several files of a store are not switched in one act, and a run may die between two.

The ledger says what was begun, and holds the bytes. Where a part of it is in sight already, it is finished before
anything else, whatever becomes of the run that comes: a mixture of two releases must not stand until somebody mends a
source. Where nothing of it is in sight, the old release stands whole, and the next one is judged by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ssc_iati.publication.placing import switch
from ssc_iati.publication.rollback import held_by, rebuilt
from ssc_iati.publication.session import Session
from ssc_iati.publish.assemble import Made
from ssc_iati.publish.ledger import FileEntry, LedgerError, Release, State
from ssc_iati.publish.store import Wanted, stands
from ssc_iati.run import workspace


def mend(session: Session) -> None:
    """Finish the release that was being put in place when its run died, if a part of it is in sight; OSError where the
    store or the ledger are out of reach.
    """
    latest = session.ledger.latest() if session.begun else None
    if latest is None or latest.state != State.PREPARED or not _in_sight(session, latest):
        return
    with workspace() as folder:
        made: list[Made] = []
        with suppress(LedgerError):  # its bytes are not kept any more: the release that comes takes its place
            made = list(rebuilt(session, latest, held_by(session, latest), folder))
        if _names(each.entry for each in made) == _names(session.ledger.files(latest.number)):
            switch(session, latest.number, made)


def _in_sight(session: Session, latest: Release) -> bool:
    """Whether a file stands that is this release's, and no earlier one's."""
    before = [each for each in session.ledger.releases() if each.number < latest.number]
    former = next((each for each in before if each.state == State.PUBLISHED), None)
    old = _names(session.ledger.files(former.number) if former is not None else [])
    new = [each for each in session.ledger.files(latest.number) if each.sha256 and (each.name, each.sha256) not in old]
    return any(stands(session.store, Wanted(each.name, Path(), each.sha256 or "", each.size or 0)) for each in new)


def _names(files: Iterable[FileEntry]) -> set[tuple[str, str | None]]:
    return {(each.name, each.sha256) for each in files}
