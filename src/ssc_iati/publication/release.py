"""Publishing: what a source holds takes the place of the last release, if the guard lets it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from ssc_iati.config import Settings
from ssc_iati.findings import Finding, Severity
from ssc_iati.publication.refusal import Unpublishable
from ssc_iati.publication.session import Asked, Session, publication_name
from ssc_iati.publish.assemble import Made, Workshop, assembled
from ssc_iati.publish.fingerprint import prints_of
from ssc_iati.publish.guard import Asked as AskedOfGuard
from ssc_iati.publish.guard import Rule, Verdict, judged
from ssc_iati.publish.ledger import FileEntry, Ledger, Release, Run, SetAsideEntry, State, Writing
from ssc_iati.publish.partition import FRAME, Piece, divided
from ssc_iati.publish.plan import Comparison, Hear, Plan
from ssc_iati.publish.spool import Kind, Spool
from ssc_iati.publish.store import Wanted, put_in_place
from ssc_iati.publish.store.opening import store_address
from ssc_iati.publish.work import Outcome
from ssc_iati.publish.xml_file import size_of
from ssc_iati.run import Aside, Listen, Prepared, Progress, Report, Tally, crew, prepare, rejects, work, workspace


def publish(  # noqa: PLR0913 - all that a run is told
    source: Path,
    folder: Path | None,
    settings: Settings,
    listen: Listen,
    *,
    now: datetime,
    jobs: int = 1,
    progress: Progress | None = None,
    language: str = "en",
    allow: Collection[Rule] = (),
) -> Report:
    """Publish a source to a folder, or to the store that the configuration names; `now` is what the date-times of what
    changed will say.

    SourceError where the source cannot be read, Unpublishable where the guard refuses, OSError where the world fails:
    the last publication is then untouched. A run like the last one, over a publication that stands, does nothing.
    """
    asked = asked_of(source, folder, settings, now)
    with workspace() as work_folder, Session(asked) as session:
        rested = rest(session)
        if rested is not None:
            return rested
        with crew(jobs) as workers:
            prepared = prepare(source, settings, work_folder, today=now.date(), records=True)
            parts = work(prepared, workers, progress)
            return released(session, prepared, parts, listen, language=language, allow=allow)


def asked_of(source: Path, folder: Path | None, settings: Settings, now: datetime) -> Asked:
    """What a run is asked that publishes a source."""
    prints = prints_of(source, settings, store_address(folder, settings))
    return Asked(folder, settings, now, str(source), prints)


def release(  # noqa: PLR0913 - as above
    prepared: Prepared,
    parts: Iterable[list[Outcome]],
    folder: Path | None,
    settings: Settings,
    listen: Listen,
    *,
    now: datetime,
    source: Path,
    language: str = "en",
    allow: Collection[Rule] = (),
) -> Report:
    """Put the outcomes of a prepared source in the place of the last release: for who arranges the steps otherwise."""
    with Session(asked_of(source, folder, settings, now)) as session:
        return released(session, prepared, parts, listen, language=language, allow=allow)


# --- A run like the last ----------------------------------------------------------------------------------------------


def rest(session: Session) -> Report | None:
    """What the last run reported, if this one would do the same: same source, same program, same day for all that looks
    at it, and a release that stands.
    """
    if not session.begun or not session.asked.prints.source:
        return None
    last = next(iter(session.ledger.runs(last=1, ended_well=True)), None)
    latest = session.ledger.latest()
    if last is None or latest is None or last.report is None or not _alike(last, session.asked):
        return None
    if latest.state != State.PUBLISHED or latest.number != last.release or not session.stands(latest):
        return None
    session.ending = {"state": "rested", "release": latest.number, "review": last.review, "report": last.report}
    return _told_again(json.loads(last.report))


def _alike(last: Run, asked: Asked) -> bool:
    day = asked.now.date().isoformat()
    same = (last.source_print, last.setup_print) == (asked.prints.source, asked.prints.setup)
    return same and last.today <= day and (last.review is None or day < last.review)


def _told_again(report: dict[str, object]) -> Report:
    severities = {Severity(name): number for name, number in dict(report["severities"]).items()}  # type: ignore[call-overload]
    paths = {name: Path(str(report[name])) if report[name] else None for name in ("written", "rejected")}
    quiet = {"updated": 0, "added": 0, "gone": 0, "unchanged": True, "rested": True}
    return Report(**{**report, **paths, **quiet, "severities": severities})  # type: ignore[arg-type]


def _as_json(report: Report) -> str:
    return json.dumps(report._asdict(), default=str)


# --- The release ------------------------------------------------------------------------------------------------------


@dataclass
class _Notes:
    """What the ledger is told of a run beside the release."""

    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    aside: list[SetAsideEntry] = field(default_factory=list)
    review: date | None = None

    def hearing(self, listen: Listen) -> Listen:
        """The listener, with the findings counted."""

        def hear(item: Finding) -> None:
            self.found[item.rule, item.severity.value] += 1
            listen(item)

        return hear

    def take(self, outcome: Outcome, aside: Aside) -> None:
        """Set aside what is, and note it, and when to look again."""
        aside.take(outcome)
        if outcome.review is not None:
            self.review = min(outcome.review, self.review or outcome.review)
        if not outcome.accepted:
            rules = tuple(dict.fromkeys(each.rule for each in outcome.findings))
            self.aside.append(SetAsideEntry(outcome.identifier, outcome.key, rules, kept=False))

    def set_aside(self, plan: Plan) -> list[SetAsideEntry]:
        """What was set aside, and of which the last good version stays."""
        kept = {line.identifier for line in plan.lines if line.kind is Kind.KEPT}
        return [each._replace(kept=each.identifier in kept) for each in self.aside]


class _Done(NamedTuple):
    """What putting in place came to: the release that stands, and whether anything was touched."""

    number: int
    unchanged: bool


def released(
    session: Session,
    prepared: Prepared,
    parts: Iterable[list[Outcome]],
    listen: Listen,
    *,
    language: str = "en",
    allow: Collection[Rule] = (),
) -> Report:
    """The outcomes of a prepared source, compared, guarded, made into files, entered, and put in place."""
    settings = session.asked.settings
    session.begin(publication_name(prepared.job.context.publisher, settings))
    draft = Draft(session.ledger, session.asked, session.later)
    notes = _Notes()
    tally = Tally(notes.hearing(listen))
    with Spool(Path(prepared.job.folder) / "spool") as spool:
        with rejects(prepared, session.private / settings.publish.file, language) as aside:
            plan = compared(draft, prepared, parts, tally, spool, take=lambda each: notes.take(each, aside))
            tally.hear(aside.loose.findings)
        verdict, within = judge(draft, plan, allow)
        tally.hear(verdict.refused)
        session.ledger.found(notes.found, notes.set_aside(plan))
        report = tally.report(prepared.intake.projects, rejected=aside.path, **plan.figures())
        if verdict.refused:
            raise Unpublishable(verdict.refused, report._replace(refused=True))
        made = assembled(plan.lines, within, spool, _workshop(session, prepared, plan))
        done = _put(session, plan, made, spool, verdict.allowed)
    session.ledger.let_go(settings.release.keep)
    report = report._replace(written=_written(session), unchanged=done.unchanged, release=done.number)
    session.ending = {
        "state": "unchanged" if done.unchanged else "published",
        "release": done.number,
        "review": notes.review.isoformat() if notes.review else None,
        "report": _as_json(report),
    }
    return report


class Draft(NamedTuple):
    """What a comparison is made with: the ledger, what the run was asked, and the date-time of what changed."""

    ledger: Ledger
    asked: Asked
    later: Callable[[str | None], str]


def compared(
    draft: Draft,
    prepared: Prepared,
    parts: Iterable[list[Outcome]],
    tally: Tally,
    spool: Spool,
    hear: Hear = lambda _: None,
    take: Callable[[Outcome], None] = lambda _: None,
) -> Plan:
    """Compare all outcomes with the last release; every one is told to `take`, every change to `hear`."""
    comparison = Comparison(draft.ledger, spool, draft.later, hear)
    tally.hear(prepared.intake.findings)
    for outcomes in parts:
        for outcome in outcomes:
            tally.note(outcome, rendered=True)
            take(outcome)
        comparison.take(outcomes)
        draft.ledger.beat()
    return comparison.finish()


def judge(draft: Draft, plan: Plan, allow: Collection[Rule]) -> tuple[Verdict, dict[str, str]]:
    """What the guard says of a plan, and the file of each activity."""
    settings, prints = draft.asked.settings, draft.asked.prints
    pieces = [Piece(each.identifier, size_of(each.xml, each.updated), each.first_published) for each in plan.lines]
    limit = settings.guard.size if settings.release.split and Rule.SIZE not in allow else None
    within = divided(pieces, plan.former.stands_in, settings.publish.file, limit)
    sizes: Counter[str] = Counter()
    for each in pieces:
        sizes[within[each.identifier]] += each.size
    whole = {name: size + FRAME for name, size in sizes.items()}
    former = _former_source_date(draft, plan.former.release)
    asked = AskedOfGuard(whole, prints.source_date, former, _taken_back(draft, plan))
    return judged(plan, asked, settings.guard, allow, draft.asked.target), within


def _former_source_date(draft: Draft, former: Release | None) -> str | None:
    """When the source of the last release was last changed; nothing, if it is this very source."""
    if former is None:
        return None
    made = [run for run in draft.ledger.runs() if run.id == former.run]
    if not made or made[0].source_print == draft.asked.prints.source:
        return None
    return made[0].source_date


def _taken_back(draft: Draft, plan: Plan) -> int | None:
    """The release that somebody went back from, if this one would bring its content again."""
    latest = plan.former.release
    if latest is None or latest.kind != "rollback" or latest.back_to is None:
        return None
    undone = [each for each in draft.ledger.releases() if latest.back_to < each.number < latest.number]
    return next((each.number for each in undone if each.content == plan.content), None)


def _workshop(session: Session, prepared: Prepared, plan: Plan) -> Workshop:
    folder = Path(prepared.job.folder) / "files"
    folder.mkdir(exist_ok=True)
    former = {each.name: each for each in plan.former.files}
    return Workshop(folder, session.asked.settings, prepared.job.context.publisher, former, session.later)


def _written(session: Session) -> Path | None:
    folder = session.asked.folder
    return None if folder is None else folder / session.asked.settings.publish.file


# --- Into the ledger, and into place ----------------------------------------------------------------------------------


def _put(session: Session, plan: Plan, made: Sequence[Made], spool: Spool, allowed: dict[str, str]) -> _Done:
    former = plan.former
    if former.release is not None and _same(former.files, made):
        return _put_again(session, former.release, plan, made, spool, allowed)
    number = _enter(session, plan, made, spool, allowed)
    switch(session, number, made)
    return _Done(number, unchanged=False)


def _same(former: Sequence[FileEntry], made: Sequence[Made]) -> bool:
    """Whether the files are those of the last release; a ledger of version 1 knows of one by its content only."""
    if [each.name for each in former] != [each.entry.name for each in made]:
        return False
    both = zip(former, (each.entry for each in made), strict=True)
    return all(a.sha256 == b.sha256 if a.sha256 else a.content == b.content for a, b in both)


def _put_again(
    session: Session, release: Release, plan: Plan, made: Sequence[Made], spool: Spool, allowed: dict[str, str]
) -> _Done:
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
    return _Done(release.number, unchanged=written == 0 and release.state == State.PUBLISHED)


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
