"""Publishing to a folder: what the ledger knows decides the date-times, and the file is there whole or not at all.

The order makes every crash harmless: the new file is written beside the old one; the ledger takes the release, in
one transaction;
the file takes its place; the ledger notes it. A run that died in between is repaired by the next: same ledger, same
bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ssc_iati.config import Settings
from ssc_iati.findings import Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.publish.folder import whole_file
from ssc_iati.publish.ledger import Entry, Ledger, Writing, ledger_url
from ssc_iati.publish.work import Outcome
from ssc_iati.publish.xml_file import ActivitiesFile
from ssc_iati.run import Aside, Listen, Prepared, Progress, Report, Tally, crew, prepare, rejects, work, workspace


def publish(
    source: Path,
    folder: Path,
    settings: Settings,
    listen: Listen,
    *,
    now: datetime,
    jobs: int = 1,
    progress: Progress | None = None,
    language: str = "en",
) -> Report:
    """Publish a source to a folder; `now` is what the date-times of what changed will say.

    SourceError where the source cannot be read, OSError where the folder cannot be written: the last publication is
    then untouched.
    """
    with workspace() as work_folder, crew(jobs) as workers:
        prepared = prepare(source, settings, work_folder, today=now.date(), records=True)
        return release(
            prepared, work(prepared, workers, progress), folder, settings, listen, now=now, language=language
        )


def release(
    prepared: Prepared,
    parts: Iterable[list[Outcome]],
    folder: Path,
    settings: Settings,
    listen: Listen,
    *,
    now: datetime,
    language: str = "en",
) -> Report:
    """Put the outcomes of a prepared source in the place of the last release."""
    folder.mkdir(parents=True, exist_ok=True)
    private = private_folder(folder, settings)
    target = folder / settings.publish.file
    tally = Tally(listen)
    tally.hear(prepared.intake.findings)
    ledger = Ledger(ledger_url(settings.publish.ledger, private), _publication(prepared, settings))
    try:
        with rejects(prepared, private / settings.publish.file, language) as aside:
            made = _Release(ledger, target, stamp(now)).make(parts, tally, aside)
            tally.hear(aside.loose.findings)
    finally:
        ledger.close()
    if made is None:
        tally.hear([finding("ssc-nothing-to-write", Place(str(target)))])
        return tally.report(prepared.intake.projects, written=None, rejected=aside.path)
    return tally.report(prepared.intake.projects, written=target, rejected=aside.path, **made._asdict())


def private_folder(folder: Path, settings: Settings) -> Path:
    """Where the ledger and what was set aside are kept, out of the sight of those who read the folder; SourceError if
    the configuration puts it into their sight.
    """
    whole = folder.resolve()
    private = settings.publish.private or whole.with_name(f"{whole.name}.private")
    if private.resolve().is_relative_to(whole):
        problem = f"publish.private ({private}) lies within the folder that is published"
        raise SourceError(finding("ssc-config-invalid", Place(str(private)), problem=problem))
    private.mkdir(parents=True, exist_ok=True, mode=0o700)
    return private


def stamp(now: datetime) -> str:
    """The date-time as IATI files carry it: UTC, whole seconds."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _publication(prepared: Prepared, settings: Settings) -> str:
    """What the ledger calls this publication: who reports, and in which file."""
    reporter = prepared.job.context.publisher.reporting_org
    return f"{reporter.ref if reporter else '-'}/{settings.publish.file}"


class _Made(NamedTuple):
    """What a release did: kept (set aside, its last good version stays), gone, updated."""

    kept: int
    gone: int
    updated: int
    unchanged: bool


class _Nothing(Exception):  # noqa: N818 - it only leaves the blocks that write, so that they undo what they did
    """No activity to publish."""


class _AsItStands(Exception):  # noqa: N818 - as above: the draft goes, and what stands is not touched
    """The file that was written is the one that stands already."""


class _Release:
    """One release in the making."""

    def __init__(self, ledger: Ledger, target: Path, now: str) -> None:
        self._ledger = ledger
        self._target = target
        self._now = now
        self._kept = self._updated = 0
        self._content = hashlib.sha256()
        self._stood: set[str] = set()
        self._stands: set[str] = set()

    def make(self, parts: Iterable[list[Outcome]], tally: Tally, aside: Aside) -> _Made | None:
        """Write the file and the ledger; None if there is nothing to publish, and then nothing has changed."""
        number, before = 0, _digest(self._target)
        unchanged = False
        try:
            with whole_file(self._target) as file:
                number = self._write(file, parts, tally, aside)
                _leave_what_stands(before, file)
        except _Nothing:
            return None
        except _AsItStands:
            unchanged = True
        self._ledger.published(number)
        return _Made(self._kept, len(self._stood - self._stands), self._updated, unchanged)

    def _write(self, file: BinaryIO, parts: Iterable[list[Outcome]], tally: Tally, aside: Aside) -> int:
        """Write the draft, and enter the release in the ledger; its number."""
        out = ActivitiesFile(file, settle_later=True)
        with self._ledger.writing() as writing:
            former = writing.latest()
            self._stood = writing.standing()
            for outcomes in parts:
                for outcome in outcomes:
                    tally.note(outcome, rendered=True)
                    aside.take(outcome)
                self._add(outcomes, out, writing)
            if out.activities == 0:
                raise _Nothing
            writing.stand(self._stood - self._stands, current=False)
            writing.stand(self._stands - self._stood, current=True)
            content = self._content.hexdigest()
            if former is not None and former.content == content:
                out.close(former.generated)
                return former.number
            generated = self._later(former.generated if former else None)
            out.close(generated)
            return writing.prepare(generated, content, out.activities)

    def _later(self, former: str | None) -> str:
        """Now; or, on a clock that went back, no earlier than what was said before."""
        return max(self._now, former) if former is not None else self._now

    def _add(self, outcomes: list[Outcome], out: ActivitiesFile, writing: Writing) -> None:
        known = writing.known([each.identifier for each in outcomes if each.identifier])
        changed: list[Entry] = []
        for outcome in outcomes:
            former = known.get(outcome.identifier or "")
            entry = self._entry(outcome, former)
            if entry is None or entry.identifier in self._stands:
                continue
            if outcome.xml is None:
                self._kept += 1
            if former is None or entry.digest != former.digest:
                self._updated += 1
            if entry != former:
                changed.append(entry)
            self._stands.add(entry.identifier)
            self._content.update(f"{entry.identifier}\n{entry.digest}\n{entry.updated}\n".encode())
            out.add(entry.xml, entry.updated)
        writing.put(changed)

    def _entry(self, outcome: Outcome, former: Entry | None) -> Entry | None:
        """The activity as the ledger will hold it, if it is published; unchanged content keeps its dates.

        What was set aside keeps its last good version, while that stands: what was withdrawn does not come back so.
        """
        if outcome.xml is None or outcome.digest is None:
            return former if former is not None and not outcome.accepted and former.identifier in self._stood else None
        record = outcome.record or ""
        if former is not None and former.digest == outcome.digest:
            return former._replace(record=record)
        updated = self._later(former.updated if former else None)
        first = former.first_published if former else updated
        return Entry(outcome.identifier or "", outcome.digest, updated, first, record, outcome.xml)


def _digest(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _leave_what_stands(before: str | None, file: BinaryIO) -> None:
    if before is not None and before == _digest_of_draft(file):
        raise _AsItStands


def _digest_of_draft(file: BinaryIO) -> str:
    """The digest of what was written so far; the draft has no name that is ours to know."""
    file.flush()
    handle = os.dup(file.fileno())
    with os.fdopen(handle, "rb") as again:
        again.seek(0)
        return hashlib.file_digest(again, "sha256").hexdigest()
