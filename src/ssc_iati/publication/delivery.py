"""After a release stands: it is registered, and fetched as its readers fetch it; if they do not get it, it goes back.

A release that was delivered well is left in peace: nobody is asked anything until something changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ssc_iati.config import Settings
from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding, word
from ssc_iati.publication.registering import addresses, reconciled, remembered
from ssc_iati.publication.rollback import go_back
from ssc_iati.publication.session import Asked, Session, past_publication
from ssc_iati.publish.assemble import ORGANISATION
from ssc_iati.publish.fingerprint import Prints
from ssc_iati.publish.ledger import FileEntry, LedgerError, Reading, Release, State
from ssc_iati.publish.read_back import Published, ReadBack, read_back
from ssc_iati.publish.registry.outcome import Outcome
from ssc_iati.publish.registry.reconcile import is_registered
from ssc_iati.publish.registry.trouble import RegistryError
from ssc_iati.run import Listen, Report

READ_BACK = "read back"
"""The note of the ledger that says which release was read back, and whether it was well."""


class Delivery(NamedTuple):
    """What became of a release after it stood. `outcomes` are the Registry's, to be told to a person where a person
    registers; `failed` says that it is not registered or that readers do not get it, `retry` that a later try may do
    better with nobody doing anything; `back_to` is the release that was put in place again. Where nothing
    was due, nothing is `done`.
    """

    findings: tuple[Finding, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    failed: bool = False
    retry: bool = False
    back_to: int | None = None
    done: bool = False

    @property
    def by_hand(self) -> bool:
        """Whether something is a person's to enter."""
        return any(not each.done and each.error is None for each in self.outcomes)


def deliver(folder: Path | None, settings: Settings, listen: Listen, *, now: datetime) -> Delivery:
    """Register the release that stands, as far as it is not, and read it back, unless that was done.

    SourceError where the configuration says nothing that could be registered; OSError where ledger or store fail. What
    the Registry or the public address refuse is a finding: the publication stands all the same.
    """
    url, name = past_publication(folder, settings)
    ledger = Reading(url, name)
    try:
        release = ledger.latest()
        if release is None or release.state != State.PUBLISHED or not _due(ledger, release, settings):
            return Delivery()
    finally:
        ledger.close()
    asked = Asked(folder, settings, now, f"release {release.number}", Prints("", "", None), name)
    with Session(asked) as session:
        session.ending = {"state": "undelivered"}
        delivery = _delivered(session)
    for each in delivery.findings:
        listen(each)
    return delivery


def counted(report: Report, delivery: Delivery) -> Report:
    """The report of a run, with what was found afterwards."""
    severities = dict(report.severities)
    for each in delivery.findings:
        severities[each.severity] = severities.get(each.severity, 0) + 1
    return report._replace(severities=severities)


# --- What is to be done -----------------------------------------------------------------------------------------------


def _due(ledger: Reading, release: Release, settings: Settings) -> bool:
    urls = addresses(settings, ledger.files(release.number))
    if settings.registry is not None:
        if not urls:  # the same refusal that `registry sync` gives
            settings.registry.addresses((settings.publish.file,))
        if not is_registered(settings.registry, urls, remembered(ledger, settings)):
            return True
    return bool(urls) and settings.read_back.after_publishing and not _was_read(ledger, release)


def _was_read(ledger: Reading, release: Release) -> bool:
    return ledger.noted(READ_BACK) == {"release": release.number, "well": True}


# --- The steps --------------------------------------------------------------------------------------------------------


def _delivered(session: Session) -> Delivery:
    settings, ledger = session.asked.settings, session.ledger
    release = ledger.latest()
    if release is None:
        return Delivery()
    files = ledger.files(release.number)
    urls = addresses(settings, files)
    registered = _register(session, urls)
    if not urls or not settings.read_back.after_publishing or _was_read(ledger, release):
        read = Delivery()
    else:
        read = _read(session, release, files, urls)
    both = (registered, read)
    failed = any(each.failed for each in both)
    if read.back_to is None:  # going back says itself how the run ends
        session.ending = {"state": "undelivered" if failed else "delivered", "release": release.number}
    findings = (*registered.findings, *read.findings)
    retry = failed and all(each.retry for each in both if each.failed)
    return Delivery(findings, registered.outcomes, failed, retry, read.back_to, done=True)


def _register(session: Session, urls: Mapping[str, str]) -> Delivery:
    options = session.asked.settings.registry
    if options is None:
        return Delivery()
    try:
        result = reconciled(session, options, urls)
    except RegistryError as error:
        return Delivery((error.finding,), failed=True, retry=error.retry)
    return Delivery(result.findings, result.outcomes, result.failed, result.retry)


def _read(session: Session, release: Release, files: Iterable[FileEntry], urls: Mapping[str, str]) -> Delivery:
    """Fetch every file; where one is not what was published, and the configuration wants it, go back."""
    results = [fetched(each, urls[each.name], session) for each in files if each.name in urls]
    findings = [item for each in results for item in each.findings]
    well = all(each.same for each in results)
    session.ledger.note(READ_BACK, {"release": release.number, "well": well}, session.now)
    back = None
    if session.asked.settings.read_back.roll_back and any(_is_another(each) for each in results):
        back, said = _gone_back(session, release)
        findings.append(said)
    return Delivery(tuple(findings), failed=not well, retry=False, back_to=back)


def fetched(file: FileEntry, url: str, session: Session) -> ReadBack:
    """What readers get of a file, compared with what the ledger says of it."""
    options, beat = session.asked.settings.read_back, session.ledger.beat
    beat()
    return read_back(expected(file, url), attempts=options.attempts, pause=options.pause)


def expected(file: FileEntry, url: str) -> Published:
    """What should stand under the URL. An organisation file holds one organisation, where nothing else was noted."""
    items = file.activities or 1 if file.role == ORGANISATION else file.activities
    return Published(url, file.size or 0, file.sha256 or "", "", items)


def _is_another(result: ReadBack) -> bool:
    """Whether readers get a file, and another one: no answer at all says nothing against the release."""
    return result.found is not None and not result.same


def _gone_back(session: Session, release: Release) -> tuple[int | None, Finding]:
    """Put the last release before this one in place again; what was gone back to already is not left again."""
    where, values = Place(session.asked.target), {"release": release.number}
    stood = [each for each in session.ledger.releases() if each.number < release.number]
    former = next((each for each in stood if each.state == State.PUBLISHED and each.content != release.content), None)
    if former is None or release.kind == "rollback":
        return None, finding("ssc-nothing-to-go-back-to", where, None, **values)
    try:
        go_back(session, former.number)
    except LedgerError as error:
        return None, finding(
            "ssc-not-gone-back", where, None, former=former.number, problem=word(error.finding).message, **values
        )
    return former.number, finding("ssc-gone-back", where, None, former=former.number, **values)
