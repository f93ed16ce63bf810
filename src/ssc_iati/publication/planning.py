"""What publishing would do, said and not done: nothing is written, neither in the store nor in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sql

from ssc_iati.config import Settings
from ssc_iati.findings import Finding
from ssc_iati.publication.judging import Draft, compared, judge, waiting
from ssc_iati.publication.organisation import organisation_of
from ssc_iati.publication.past import past_of
from ssc_iati.publication.release import asked_of
from ssc_iati.publication.session import known_publication, private_place, publication_name, stamp
from ssc_iati.publication.source_date import stated
from ssc_iati.publish.guard import Rule
from ssc_iati.publish.ledger import Ledger, LedgerError, ledger_url
from ssc_iati.publish.plan import Hear
from ssc_iati.publish.spool import Kind, Spool
from ssc_iati.read.address import Source
from ssc_iati.run import Listen, Progress, Report, Tally, crew, loose_rows, prepare, work, workspace


class Planned(NamedTuple):
    """What was planned: the report that publishing would give, how many activities of each kind, the release that it is
    compared with (None for the first), in which files, and what the guard would refuse; of a source that is merged what
    becomes of the rows of each table; and what waits for somebody's decision.
    """

    report: Report
    counts: Counter[Kind]
    former: int | None
    files: Counter[str]
    refused: list[Finding]
    rows: Mapping[str, Counter[str]]
    waiting: list[Finding]


def plan(  # noqa: PLR0913 - all that a run is told
    source: Source,
    folder: Path | None,
    settings: Settings,
    listen: Listen,
    hear: Hear,
    *,
    now: datetime,
    jobs: int = 1,
    progress: Progress | None = None,
    allow: Collection[Rule] = (),
) -> Planned:
    """Compare a source with the last release; every activity that is not as it was is told to `hear`, and every finding
    to `listen`. SourceError where the source cannot be read.
    """
    asked = asked_of(source, folder, settings, now)
    moment = stamp(now)
    tally = Tally(listen)
    with workspace() as work_folder, crew(jobs) as workers:
        url = _copied(private_place(folder, settings), settings, work_folder)
        with _looked_at(url, known_publication(url, settings)) as ledger:
            past = past_of(ledger, settings)
            prepared = prepare(source, settings, work_folder, today=now.date(), records=True, past=past)
        publisher = prepared.job.context.publisher
        with (
            _looked_at(url, publication_name(publisher, settings, url)) as ledger,
            Spool(work_folder / "spool") as spool,
        ):
            assert ledger is not None  # noqa: S101 - it has a name
            organisation = organisation_of(publisher, settings, work_folder, now.date())
            tally.hear(organisation.findings)
            draft = Draft(ledger, asked, lambda former: max(moment, former or ""), frozenset(allow))
            found = compared(draft, prepared, work(prepared, workers, progress), tally, spool, hear)
            tally.hear(loose_rows(prepared).findings)
            verdict, within = judge(draft, found, allow, stated(prepared, tally))
    waits = waiting(found, verdict)
    tally.hear(waits)
    tally.hear(verdict.refused)
    report = tally.report(prepared.intake.projects, **found.figures())
    former = found.former.release.number if found.former.release else None
    return Planned(report, found.counts, former, Counter(within.values()), verdict.refused, found.rows, waits)


def _copied(private: Path, settings: Settings, work_folder: Path) -> sql.URL:
    """The ledger, as it is found: a file is looked at in a copy, which may be brought up to date; one that is not there
    is empty.
    """
    url = ledger_url(settings.publish.ledger, private)
    if url.get_backend_name() != "sqlite":
        return url
    file, copy = Path(url.database or ""), work_folder / "ledger.sqlite"
    if file.is_file():
        _copy(file, copy)
    return sql.URL.create("sqlite", database=str(copy))


@contextmanager
def _looked_at(url: sql.URL, name: str | None) -> Iterator[Ledger | None]:
    """The ledger of a publication; None as long as nobody knows which it is."""
    if name is None:
        yield None
        return
    ledger = Ledger(url, name)
    try:
        yield ledger
    finally:
        ledger.close()


def _copy(file: Path, copy: Path) -> None:
    """A copy as of one moment: a run that is writing is let finish, and one that died half-way is left out."""
    import sqlite3

    there = f"{file.resolve().as_uri()}?mode=rw"
    try:
        with closing(sqlite3.connect(there, uri=True)) as ledger, closing(sqlite3.connect(copy)) as target:
            ledger.backup(target)
    except sqlite3.DatabaseError as error:
        raise LedgerError("ssc-ledger-trouble", str(file), problem=error) from error
