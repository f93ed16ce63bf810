"""The whole story of a run, in order, in plain functions: read, check, map, validate, publish, report.

The command line and the flows arrange these steps; none of them knows of either.
"""

from __future__ import annotations

import errno
import hashlib
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ssc_iati.check.assemble import Assembler
from ssc_iati.check.context import Context, Today, merged
from ssc_iati.check.intake import Header, take_in
from ssc_iati.check.lasting import LASTING, Lasting
from ssc_iati.check.partial import Onto
from ssc_iati.check.publisher import locale_of
from ssc_iati.check.taking import Intake
from ssc_iati.config import Settings
from ssc_iati.findings import Finding, Place, Severity, SourceError
from ssc_iati.memory import without_collection
from ssc_iati.messages import finding
from ssc_iati.publish import rejected
from ssc_iati.publish.folder import whole_file
from ssc_iati.publish.rejected import SetAside
from ssc_iati.publish.unmapped import unmapped
from ssc_iati.publish.verdict import ACTIVITIES, Form
from ssc_iati.publish.work import Job, Outcome, make_ready, outcomes, read_part, run_chunk
from ssc_iati.publish.xml_file import ActivitiesFile
from ssc_iati.read.address import Source, file_of
from ssc_iati.read.csv_folder import csv_files
from ssc_iati.read.opened import Reading
from ssc_iati.read.spool import FILE
from ssc_iati.read.stage import Chunk, open_staged
from ssc_iati.record.project import Publisher
from ssc_iati.standard import editions

if TYPE_CHECKING:
    from ssc_iati.workers import Workers

Listen = Callable[[Finding], None]
Progress = Callable[[int, int], None]


class Report(NamedTuple):
    """What a run did. `written` is the file that stands now, None if none was written; `rejected` what was set aside,
    if anything.

    `missing` activities are in the source no more and stay, `held` ones may be such under a new identifier: both wait
    for a decision. `unchanged` says that a publication was found as it should be, and not touched; `rested` that
    nothing had changed since the last run, which was not done again; `refused` that a guard refused it. `release` is
    the number of the release that stands.
    """

    projects: int
    accepted: int
    set_aside: int
    withheld: int
    severities: dict[Severity, int]
    written: Path | None = None
    rejected: Path | None = None
    kept: int = 0
    gone: int = 0
    missing: int = 0
    held: int = 0
    updated: int = 0
    unchanged: bool = False
    added: int = 0
    release: int | None = None
    rested: bool = False
    refused: bool = False

    @property
    def well(self) -> bool:
        """Whether nothing was set aside, and no finding is of error or worse."""
        serious = self.severities.get(Severity.CRITICAL, 0) + self.severities.get(Severity.ERROR, 0)
        return self.set_aside == 0 and serious == 0


class Past(NamedTuple):
    """What was published before, as far as it decides what is now: the records that a source is merged onto (canonical
    JSON), how, and the identifiers that last; `published` gives that of each key, `publisher` who reported, for a
    source that does not say it.
    """

    lasting: Lasting = LASTING
    published: Mapping[str, str] = {}
    onto: Onto | None = None
    accepted: Iterable[str] | None = None
    publisher: Publisher | None = None

    def notes(self) -> dict[str, object]:
        """What every chunk needs to know."""
        return {"published": dict(self.published), **({} if self.onto is None else {"onto": self.onto})}


NOTHING_PAST = Past()


class Prepared(NamedTuple):
    """A source that was read: its chunks, what a worker must know, and what it is merged onto, if it is."""

    intake: Intake
    job: Job
    stage: Path
    onto: Onto | None = None


class Tally:
    """Counts outcomes and passes every finding on, as they come."""

    def __init__(self, listen: Listen) -> None:
        self._listen = listen
        self.severities: Counter[Severity] = Counter()
        self.accepted = self.set_aside = self.withheld = 0
        self.newest: datetime | None = None

    def hear(self, findings: Iterable[Finding]) -> None:
        """Count the findings and pass them on."""
        for each in findings:
            self.severities[each.severity] += 1
            self._listen(each)

    def note(self, outcome: Outcome, *, rendered: bool) -> None:
        """Count a project, and remember the newest date-time that the source gives one."""
        self.hear(outcome.findings)
        updated = moment_of(outcome.updated)
        if updated is not None and (self.newest is None or updated > self.newest):
            self.newest = updated
        if not outcome.accepted:
            self.set_aside += 1
        elif outcome.dropped:
            return
        elif rendered and outcome.xml is None:
            self.withheld += 1
        else:
            self.accepted += 1

    def report(self, projects: int, **more: object) -> Report:
        """The report of the run."""
        counts = (projects, self.accepted, self.set_aside, self.withheld, dict(self.severities))
        return Report(*counts, **more)  # type: ignore[arg-type]


def moment_of(value: str | None) -> datetime | None:
    """A date-time as a source writes it, in UTC, as which it counts without zone; None for what cannot be read."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@contextmanager
def workspace() -> Iterator[Path]:
    """A private folder for a run's staging, gone at its end."""
    with tempfile.TemporaryDirectory(prefix="ssc-iati-") as folder:
        yield Path(folder)


def prepare(
    source: Source,
    settings: Settings,
    folder: Path,
    *,
    today: date | None = None,
    render: bool = True,
    records: bool = False,
    version: str | None = ACTIVITIES.version,
    past: Past = NOTHING_PAST,
) -> Prepared:
    """Read a source into a folder of the run's own; SourceError where it cannot be read.

    `version`: of the IATI that is written; None for that of the source. `past`: what was published before, as far as it
    decides what is now.
    """
    configured = settings.publisher if settings.publisher.model_fields_set else None
    stage = folder / "stage.sqlite"
    reading = _reading(settings)
    try:
        with without_collection():
            intake = take_in(source, str(source), stage, configured, reading, past.accepted, past.notes())
    except sqlite3.OperationalError as error:
        raise OSError(errno.EIO, f"the work folder cannot be written ({error})", str(folder)) from error
    publisher = merged(configured, merged(intake.publisher, past.publisher))
    if reading.mapping is not None:
        publisher = merged(Publisher(**reading.mapping.locale.model_dump(exclude_none=True)), publisher)
    context = Context(publisher, Today.of(today or datetime.now(UTC).date()), settings.reject)
    form = Form(version or publisher.iati_version or ACTIVITIES.version, publisher.iati_file or ACTIVITIES.kind)
    if records and form.kind != ACTIVITIES.kind:  # a publication is of activities
        raise SourceError(finding("ssc-organisation-source-alone", Place(str(source))))
    job = Job(context, settings.mapping, str(folder), render, records, form, past.lasting)
    return Prepared(intake, job, stage, past.onto)


def _reading(settings: Settings) -> Reading:
    """How the configuration says that the source is to be read."""
    if settings.source.mapping is None:
        return Reading(settings.source.tables, layout=settings.source.layout)
    from ssc_iati.read.mapping import read_mapping  # only here, since most runs do not need it

    return Reading(settings.source.tables, read_mapping(settings.source.mapping))


@contextmanager
def crew(jobs: int) -> Iterator[Workers | None]:
    """The processes that work on chunks, if several shall: they start and make ready while the source is read."""
    if jobs <= 1:
        yield None
        return
    from ssc_iati.workers import Workers  # only here, since what it imports takes a while

    lists = editions.in_use()  # the workers read the same lists, whatever comes meanwhile
    with Workers(jobs, run_chunk, partial(make_ready, lists)) as workers:
        yield workers


def work(
    prepared: Prepared, workers: Workers | None = None, progress: Progress | None = None
) -> Iterator[list[Outcome]]:
    """The outcomes of every chunk, in the order of the source."""
    chunks = prepared.intake.chunks
    results = _one_by_one(chunks, prepared.job) if workers is None else _side_by_side(chunks, prepared.job, workers)
    for done, found in enumerate(results, start=1):
        yield found
        if progress is not None:
            progress(done, len(chunks))


def _one_by_one(chunks: list[Chunk], job: Job) -> Iterator[list[Outcome]]:
    for chunk in chunks:
        with without_collection():
            found = list(outcomes(chunk, job))
        yield found


def _side_by_side(chunks: list[Chunk], job: Job, workers: Workers) -> Iterator[list[Outcome]]:
    for part in workers.answers([(chunk, job) for chunk in chunks]):
        yield read_part(part)
        Path(part).unlink()


def check_source(
    source: Source,
    settings: Settings,
    listen: Listen,
    *,
    today: date | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Report:
    """Read and check a source; nothing is written."""
    tally = Tally(listen)
    with workspace() as folder, crew(jobs) as workers:
        prepared = prepare(source, settings, folder, today=today, render=False)
        tally.hear(prepared.intake.findings)
        for outcomes in work(prepared, workers, progress):
            for outcome in outcomes:
                tally.note(outcome, rendered=False)
        tally.hear(loose_rows(prepared).findings)
    return tally.report(prepared.intake.projects)


def convert(  # noqa: PLR0913 - each is a choice of who runs it
    source: Source,
    target: Path,
    settings: Settings,
    listen: Listen,
    *,
    today: date | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    language: str = "en",
    upgrade: bool = False,
) -> Report:
    """Records -> one validated IATI file; without ledger, the date-times are those that the source gives.

    What was imported from an older IATI is written in its own version, unless it is to be upgraded. A file that was
    there stays if nothing can take its place.
    """
    with workspace() as folder, crew(jobs) as workers:
        prepared = prepare(source, settings, folder, today=today, version=ACTIVITIES.version if upgrade else None)
        return write_converted(prepared, work(prepared, workers, progress), target, listen, language=language)


def write_converted(
    prepared: Prepared, parts: Iterable[list[Outcome]], target: Path, listen: Listen, *, language: str
) -> Report:
    """Write the accepted to the target, and the others beside it."""
    tally = Tally(listen)
    tally.hear(prepared.intake.findings)
    publisher = prepared.job.context.publisher
    with rejects(prepared, target, language) as aside:
        try:
            with whole_file(target) as file:
                out = ActivitiesFile(file, publisher.generated_datetime, form=prepared.job.form, publisher=publisher)
                for outcomes in parts:
                    for outcome in outcomes:
                        tally.note(outcome, rendered=True)
                        aside.take(outcome)
                        if outcome.xml is not None:
                            out.add(outcome.xml, outcome.updated)
                if out.activities == 0:
                    raise NothingToWriteError  # noqa: TRY301 - it leaves the block that writes, so that nothing is written
                out.close()
            written: Path | None = target
        except NothingToWriteError:
            written = None
            tally.hear([finding("ssc-nothing-to-write", Place(str(target)))])
        tally.hear(aside.loose.findings)
    return tally.report(prepared.intake.projects, written=written, rejected=aside.path)


class NothingToWriteError(Exception):
    """No project was accepted: an empty IATI file is none; what was there stays."""


class Aside:
    """What is set aside in a run, spooled until it can be written."""

    def __init__(self, prepared: Prepared) -> None:
        self._spool = Path(prepared.job.folder) / "aside"
        self._file = self._spool.open("wb")
        self.loose = loose_rows(prepared)
        self._publisher = _notes(prepared).get("publisher", [])
        self.any = bool(self.loose.rows)
        self.path: Path | None = None

    def take(self, outcome: Outcome) -> None:
        """Set a project aside, if it was not accepted."""
        if not outcome.accepted:
            self.any = True
            _dump(SetAside(outcome.rows, outcome.findings), self._file)

    def items(self) -> Iterator[SetAside]:
        """Everything that was set aside."""
        self._file.close()
        if self._publisher:
            yield SetAside(tuple(self._publisher), ())
        with self._spool.open("rb") as file:
            yield from _load_all(file)
        if self.loose.rows:
            yield self.loose

    def close(self) -> None:
        """Close the spool."""
        self._file.close()


def _dump(item: SetAside, file: object) -> None:
    import pickle

    pickle.dump(item, file)  # type: ignore[arg-type]


def _load_all(file: object) -> Iterator[SetAside]:
    import pickle

    while True:
        try:
            yield pickle.load(file)  # type: ignore[arg-type]  # noqa: S301 - our own spool
        except EOFError:
            return


@contextmanager
def rejects(prepared: Prepared, target: Path, language: str) -> Iterator[Aside]:
    """Collect what is set aside; at the end it stands beside the target, and what an earlier run left there is gone.

    SourceError if that, or the target, is the source itself.
    """
    _refuse_own_source(file_of(_notes(prepared)["shown"]), target)
    aside = Aside(prepared)
    try:
        yield aside
        rejected.forget(target)
        if aside.any:
            kind = prepared.intake.kind
            path = rejected.rejected_path(target, kind)
            rejected.write(path, kind, *_as_they_stood(aside.items(), prepared), language)
            aside.path = path
    finally:
        aside.close()


def _refuse_own_source(source: Path, target: Path) -> None:
    """A source that is mended where an earlier run set it aside must not be lost to the next."""
    taken = [target, *(rejected.rejected_path(target, kind) for kind in rejected.SUFFIXES)]
    parts = {source.resolve(), *(each.resolve() for each in (csv_files(source) if source.is_dir() else ()))}
    if any(each.resolve() in parts for each in taken):
        raise SourceError(finding("ssc-target-is-source", Place(str(target))))


def _as_they_stood(items: Iterator[SetAside], prepared: Prepared) -> tuple[Iterator[SetAside], dict[str, Header]]:
    """What was set aside, and the headers of its tables: those of the person's own sheets, if a mapping was used."""
    notes = _notes(prepared)
    if "originals" not in notes:
        # Above the headers nothing need stand: they are looked for in the first row that says something.
        return items, {name: header._replace(header_row=1) for name, header in headers(prepared).items()}
    return unmapped(items, notes["headers"], notes["originals"], prepared.stage.with_name(FILE))


def headers(prepared: Prepared) -> dict[str, Header]:
    """The headers of the source's tables."""
    found: dict[str, Header] = _notes(prepared).get("headers", {})
    return found


def _notes(prepared: Prepared) -> dict[str, Any]:
    with open_staged(str(prepared.stage)) as staged:
        return staged.notes


def loose_rows(prepared: Prepared) -> SetAside:
    """The rows that belong to no project, with the reasons."""
    with open_staged(str(prepared.stage)) as staged:
        draft = Assembler(staged, locale_of(prepared.job.context.publisher)).loose()
        return SetAside(tuple(draft.rows), tuple(draft.findings))


def content_hash(digests: Iterable[str]) -> str:
    """The hash of a file's content: of its activities, in order, without date-times."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()
