"""A release that was made goes into the ledger, and its files into their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ssc_iati.publication.past import RENAMED
from ssc_iati.publication.session import Session, clock
from ssc_iati.publish.assemble import Made
from ssc_iati.publish.ledger import Decision, FileEntry, Release, State, Writing
from ssc_iati.publish.plan import Plan
from ssc_iati.publish.spool import Kind, Spool
from ssc_iati.publish.store import Wanted, put_in_place


class Done(NamedTuple):
    """What putting in place came to: the release that stands, and whether anything was touched."""

    number: int
    unchanged: bool


def put(session: Session, plan: Plan, made: Sequence[Made], spool: Spool, allowed: dict[str, str]) -> Done:
    """Enter the release and put it in place; or, if it is the last one again, only what is missing of it."""
    former = plan.former
    if former.release is not None and _same(former.files, made):
        return _put_again(session, former.release, plan, made, spool, allowed)
    number = _enter(session, plan, made, spool, allowed)
    switch(session, number, made)
    return Done(number, unchanged=False)


def _same(former: Sequence[FileEntry], made: Sequence[Made]) -> bool:
    """Whether the files are those of the last release; a ledger of version 1 knows of one by its content only."""
    if [each.name for each in former] != [each.entry.name for each in made]:
        return False
    both = zip(former, (each.entry for each in made), strict=True)
    return all(a.sha256 == b.sha256 if a.sha256 else a.content == b.content for a, b in both)


def _put_again(
    session: Session, release: Release, plan: Plan, made: Sequence[Made], spool: Spool, allowed: dict[str, str]
) -> Done:
    """The last release again: the ledger takes what is seen in no file, the store what it lacks."""
    renewed = [line for line in plan.lines if line.renewed]
    unknown = any(each.sha256 is None for each in plan.former.files)
    if renewed or allowed or unknown:
        with session.ledger.writing() as writing:
            if unknown:
                writing.put_files(release.number, entries_of(made, writing))
            for line in renewed:
                writing.amend(spool.entry(line))
            for rule, detail in allowed.items():
                writing.override(rule, detail)
    written = switch(session, release.number, made)
    return Done(release.number, unchanged=written == 0 and release.state == State.PUBLISHED)


def _enter(session: Session, plan: Plan, made: Sequence[Made], spool: Spool, allowed: dict[str, str]) -> int:
    counts = plan.counts
    with session.ledger.writing() as writing:
        release = Release(
            0,
            "release",
            None,
            None,
            State.PREPARED,
            session.now,
            plan.content,
            len(plan.lines),
            plan.transactions,
            counts[Kind.NEW] + counts[Kind.BACK],
            counts[Kind.CHANGED],
            counts[Kind.GONE],
            counts[Kind.KEPT],
        )
        number = writing.enter(release, entries_of(made, writing))
        writing.end(number, plan.gone)
        renewed = [line for line in plan.lines if line.renewed]
        for start in range(0, len(renewed), 500):
            writing.put(number, [spool.entry(line) for line in renewed[start : start + 500]])
        for rule, detail in allowed.items():
            writing.override(rule, detail)
        for former, new in plan.decided:
            writing.decide(Decision(former, RENAMED, new, clock()))
    return number


def entries_of(made: Sequence[Made], writing: Writing) -> list[FileEntry]:
    """The files as the ledger holds them, with the order of what is in them kept."""
    return [
        each.entry._replace(listing=writing.keep_listing(each.members)) if each.members else each.entry for each in made
    ]


def switch(session: Session, number: int, made: Sequence[Made]) -> int:
    """Let the files of a release take their places; how many were written. Whatever stands from before goes."""
    former = _standing_files(session, number)
    stamps = {(each.name, each.sha256): each.stamp for each in former if each.stamp}
    wanted = [_wanted(each, stamps) for each in made]
    gone = sorted({each.name for each in former} - {each.name for each in wanted})
    written = put_in_place(session.store, wanted, gone, session.ledger.beat)
    session.note_published(number, [each.entry for each in made])
    return written


def _wanted(made: Made, stamps: Mapping[tuple[str, str | None], str]) -> Wanted:
    entry = made.entry
    stamp = stamps.get((entry.name, entry.sha256))
    return Wanted(entry.name, made.path, entry.sha256 or "", entry.size or 0, stamp)


def _standing_files(session: Session, number: int) -> list[FileEntry]:
    """What may stand in the store: the files of the last release that was seen to, and of all that came after."""
    found: list[FileEntry] = []
    for each in session.ledger.releases():
        found = session.ledger.files(each.number) + found
        if each.state == State.PUBLISHED and each.number != number:
            break
    return found
