"""Publishing: what a source holds takes the place of the last release, if the guard lets it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from ssc_iati.config import Settings
from ssc_iati.findings import Finding
from ssc_iati.publication.judging import Draft, compared, judge, waiting
from ssc_iati.publication.mending import mend
from ssc_iati.publication.organisation import Render, organisation_of
from ssc_iati.publication.past import past_of
from ssc_iati.publication.placing import put
from ssc_iati.publication.refusal import Unpublishable
from ssc_iati.publication.resting import kept, rest
from ssc_iati.publication.session import Asked, Session, contents_of, publication_name
from ssc_iati.publication.source_date import note_stated, stated
from ssc_iati.publish.assemble import Workshop, assembled
from ssc_iati.publish.fingerprint import content_print, prints_of
from ssc_iati.publish.guard import Rule
from ssc_iati.publish.ledger import LedgerError, SetAsideEntry
from ssc_iati.publish.plan import Plan
from ssc_iati.publish.spool import Kind, Spool
from ssc_iati.publish.store.opening import store_address
from ssc_iati.publish.work import Outcome
from ssc_iati.read.address import Source, source_named
from ssc_iati.run import Aside, Listen, Prepared, Progress, Report, Tally, crew, prepare, rejects, work, workspace


def publish(  # noqa: PLR0913 - all that a run is told
    source: Source,
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
        mend(session)
        rested = rest(session)
        if rested is not None:
            return rested
        with crew(jobs) as workers:
            past = past_of(session.ledger if session.begun else None, settings)
            prepared = prepare(source, settings, work_folder, today=now.date(), records=True, past=past)
            parts = work(prepared, workers, progress)
            return released(session, prepared, parts, listen, language=language, allow=allow)


def asked_of(source: Source, folder: Path | None, settings: Settings, now: datetime) -> Asked:
    """What a run is asked that publishes a source."""
    prints = prints_of(source, _told(settings), store_address(folder, settings.store))
    return Asked(folder, settings, now, str(source), prints)


def _told(settings: Settings) -> str:
    """The settings as text, with the column mapping and the source of the organisation file that they name: another
    mapping makes another publication.
    """
    named = (settings.source.mapping, settings.release.organisation_source)
    prints = [content_print(source_named(str(each))) for each in named if each is not None]
    return "\n".join((settings.model_dump_json(), *prints))


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
        self.look_again(outcome.review)
        if not outcome.accepted:
            rules = tuple(dict.fromkeys(each.rule for each in outcome.findings))
            self.aside.append(SetAsideEntry(outcome.identifier, outcome.key, rules, kept=False))

    def look_again(self, review: date | None) -> None:
        """Look again on this day, or sooner."""
        if review is not None:
            self.review = min(review, self.review or review)

    def set_aside(self, plan: Plan) -> list[SetAsideEntry]:
        """What was set aside, and of which the last good version stays."""
        kept = {line.identifier for line in plan.lines if line.kind is Kind.KEPT}
        waiting = [SetAsideEntry(each.identifier, None, (each.rule,), kept=True) for each in plan.findings]
        return [each._replace(kept=each.identifier in kept) for each in self.aside] + waiting


def released(
    session: Session,
    prepared: Prepared,
    parts: Iterable[list[Outcome]],
    listen: Listen,
    *,
    language: str = "en",
    allow: Collection[Rule] = (),
) -> Report:
    """The outcomes of a prepared source, compared, guarded, made into files, entered, and put in place: for `publish`,
    and for who arranges the steps otherwise, and may do this one again.
    """
    settings = session.asked.settings
    publisher = prepared.job.context.publisher
    session.begin(publication_name(publisher, settings, session.url))
    mend(session)
    _refuse_other_past(session, prepared)
    draft = Draft(session.ledger, session.asked, session.later, frozenset(allow))
    notes = _Notes()
    tally = Tally(notes.hearing(listen))
    organisation = organisation_of(publisher, settings, Path(prepared.job.folder), session.asked.now.date())
    tally.hear(organisation.findings)
    notes.look_again(organisation.review)
    with Spool(Path(prepared.job.folder) / "spool") as spool:
        with rejects(prepared, session.private / settings.publish.file, language) as aside:
            plan = compared(draft, prepared, parts, tally, spool, take=lambda each: notes.take(each, aside))
            tally.hear(aside.loose.findings)
        said = stated(prepared, tally)
        verdict, within = judge(draft, plan, allow, said)
        tally.hear(waiting(plan, verdict))
        tally.hear(verdict.refused)
        session.ledger.found(notes.found, notes.set_aside(plan))
        report = tally.report(prepared.intake.projects, rejected=aside.path, **plan.figures())
        if verdict.refused:
            raise Unpublishable(verdict.refused, report._replace(refused=True))
        made = assembled(plan.lines, within, spool, _workshop(session, prepared, plan, organisation.render))
        done = put(session, plan, made, spool, verdict.allowed)
    session.ledger.withhold(plan.withheld)
    note_stated(session.ledger, done.number, said, session.now)
    session.ledger.let_go(settings.release.keep)
    report = report._replace(written=_written(session), unchanged=done.unchanged, release=done.number)
    session.ending = {
        "state": "unchanged" if done.unchanged else "published",
        "release": done.number,
        "review": notes.review.isoformat() if notes.review else None,
        "report": kept(report),
    }
    return report


def _refuse_other_past(session: Session, prepared: Prepared) -> None:
    """What was merged onto one release must not take the place of another."""
    latest = session.ledger.latest()
    if prepared.onto is not None and prepared.onto.release != (latest.number if latest is not None else 0):
        raise LedgerError("ssc-ledger-moved", session.ledger.address)


def _workshop(session: Session, prepared: Prepared, plan: Plan, organisation: Render | None) -> Workshop:
    folder = Path(prepared.job.folder) / "files"
    folder.mkdir(exist_ok=True)
    former = {each.name: each for each in plan.former.files}
    return Workshop(folder, contents_of(session.asked.settings), organisation, former, session.later)


def _written(session: Session) -> Path | None:
    folder = session.asked.folder
    return None if folder is None else folder / session.asked.settings.publish.file
