"""What needs a person, after a run or at any time: put together from the run and the ledger, and told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ssc_iati.alerts.tell import tell
from ssc_iati.config import Settings
from ssc_iati.findings import Finding, Place, Severity, SourceError
from ssc_iati.messages import finding
from ssc_iati.publication.delivery import Delivery, counted, deliver, expected
from ssc_iati.publication.refusal import Unpublishable
from ssc_iati.publication.registering import addresses
from ssc_iati.publication.session import known_publication, past_publication, private_folder, stamp
from ssc_iati.publish.bulk_data import Expected, check_bulk_data
from ssc_iati.publish.ledger import Ledger, LedgerError, Reading, Release, State, TurnTakenError, ledger_url
from ssc_iati.publish.read_back import ReadBack, read_back
from ssc_iati.publish.registry.dataset import Dataset
from ssc_iati.publish.trouble import WorldError
from ssc_iati.run import Listen, Report

RUN, GUARD, RECORDS, REGISTRY, READERS, PLATFORM = "run", "guard", "records", "registry", "readers", "platform"
BY_HAND = "by hand"
_JUDGED = frozenset({"published", "unchanged", "refused"})
"""The ends of runs that looked at every record."""


def watched(
    run: Callable[[], Report], folder: Path | None, settings: Settings, listen: Listen, *, now: datetime
) -> tuple[Report, Delivery]:
    """Run, deliver what stands, and tell whoever must know; the report of all that, and what became of the release.

    What ends the run is raised, once it was told.
    """
    try:
        report = run()
        delivery = deliver(folder, settings, listen, now=now)
    except Exception as error:
        for each in alert_of_run(folder, settings, now=now, ended=error):
            listen(each)
        raise
    for each in alert_of_run(folder, settings, now=now, ended=report, delivery=delivery):
        listen(each)
    return counted(report, delivery), delivery


def alert_of_run(
    folder: Path | None,
    settings: Settings,
    *,
    now: datetime,
    ended: Report | BaseException,
    delivery: Delivery | None = None,
) -> list[Finding]:
    """Tell what a run brought, if the configuration says to whom; what could not be told, as findings.

    That another run was at work is nobody's trouble.
    """
    if settings.alerts is None or isinstance(ended, TurnTakenError):
        return []
    wrong: dict[str, Iterable[Finding]] = {RUN: _failure(ended)}
    looked = not wrong[RUN]
    if looked:
        wrong[GUARD] = ended.refusals if isinstance(ended, Unpublishable) else []
    if delivery is not None and delivery.done:
        serious = _serious(delivery.findings)
        wrong[REGISTRY] = [each for each in serious if each.category == "registry"]
        wrong[READERS] = [each for each in serious if each.category != "registry"]
        if settings.registry is not None and (delivery.by_hand or settings.registry.token is not None):
            wrong[BY_HAND] = _by_hand(delivery) if delivery.by_hand else []
    return _tell(folder, settings, wrong, now, records=looked)


def look(folder: Path | None, settings: Settings, *, now: datetime) -> list[Finding]:
    """Fetch the files that stand as readers do, and look whether the platform has them; what is wrong is told, too.

    SourceError where nothing was published, or no address is known.
    """
    url, name = past_publication(folder, settings)
    ledger = Reading(url, name)
    try:
        release = ledger.latest()
        results = _read(ledger, release, settings) if release and release.state == State.PUBLISHED else {}
        arrived = _arrived(ledger, release, settings, results, now) if release else []
    finally:
        ledger.close()
    read = [item for each in results.values() for item in each.findings]
    if settings.alerts is None:
        return [*read, *arrived]
    wrong: dict[str, Iterable[Finding]] = {READERS: _serious(read), PLATFORM: _serious(arrived)}
    return [*read, *arrived, *_tell(folder, settings, wrong, now, records=False)]


def _serious(found: Iterable[Finding]) -> list[Finding]:
    return [each for each in found if each.severity.reaches(Severity.ERROR)]


def _by_hand(delivery: Delivery) -> list[Finding]:
    """What a person is to see to, with all that is to be entered: where anything of it changes, it is told anew."""
    return [
        finding("ssc-registry-by-hand", Place(each.file or "", path=_fields(each.wanted)), None, name=each.short_name)
        for each in delivery.outcomes
        if each.wanted is not None
    ]


def _fields(dataset: Dataset) -> str:
    return ", ".join(f"{name}={value}" for name, value in dataset.model_dump().items())


def _failure(ended: Report | BaseException) -> list[Finding]:
    if isinstance(ended, Report | Unpublishable):
        return []
    if isinstance(ended, SourceError | WorldError):
        return [ended.finding]
    problem = type(ended).__name__
    if isinstance(ended, OSError) and ended.strerror:
        problem += f": {ended.strerror}"
    return [finding("ssc-run-failed", Place("ssc-iati"), None, problem=problem)]


# --- What the ledger knows --------------------------------------------------------------------------------------------


def _tell(
    folder: Path | None, settings: Settings, wrong: dict[str, Iterable[Finding]], now: datetime, *, records: bool
) -> list[Finding]:
    """Tell it with the memory of the ledger; where that is out of reach, everything that is wrong is told."""
    if settings.alerts is None:
        return []
    name, ledger = f"-/{settings.publish.file}", None
    try:
        url = ledger_url(settings.publish.ledger, private_folder(folder, settings))
        name = known_publication(url, settings) or name
        ledger = Ledger(url, name)
        if records:
            wrong[RECORDS] = _set_aside(ledger)
        return tell(settings.alerts, name, ledger, wrong, stamp(now))
    except (LedgerError, SourceError):
        return tell(settings.alerts, name, None, wrong, stamp(now))
    finally:
        if ledger is not None:
            ledger.close()


def _set_aside(ledger: Reading) -> list[Finding]:
    """The records that the last run set aside. Only identifiers and rules are told: values may be restricted."""
    run = next((each for each in ledger.runs(last=50) if each.state in _JUDGED), None)
    asides = ledger.set_aside(run.id) if run is not None else []
    return [
        finding(
            "ssc-record-set-aside", Place(ledger.publication), each.identifier or each.key, rules=", ".join(each.rules)
        )
        for each in asides
    ]


def _read(ledger: Reading, release: Release, settings: Settings) -> dict[str, ReadBack]:
    files = ledger.files(release.number)
    urls, options = addresses(settings, files), settings.read_back
    if not urls:
        problem = "neither url in [registry] nor public in [store] says where readers find the files"
        raise SourceError(finding("ssc-config-invalid", Place("[registry]"), problem=problem))
    wanted = {each.name: expected(each, urls[each.name]) for each in files if each.name in urls}
    return {name: read_back(each, attempts=options.attempts, pause=options.pause) for name, each in wanted.items()}


def _arrived(
    ledger: Reading, release: Release, settings: Settings, results: dict[str, ReadBack], now: datetime
) -> list[Finding]:
    """What the Bulk Data Service has of each file that readers get as published, each since it was changed."""
    registry = settings.registry
    if registry is None:
        return []
    files = {each.name: each for each in ledger.files(release.number)}
    got = {name: each.found for name, each in results.items() if each.found is not None and each.same}
    datasets = registry.wanted({name: each.url for name, each in got.items()})
    registered = ledger.registered_on(settings.publish.file)
    went_back = release.made if release.kind == "rollback" else None
    wanted = [
        Expected(each.short_name, each.url, got[name].sha1, _since(files[name].generated, registered, went_back))
        for name, each in datasets.items()
        if each.visibility == "public"
    ]
    return check_bulk_data(registry.bulk_data, wanted, now, due=timedelta(hours=registry.bulk_data_hours))


def _since(*dates: str | None) -> datetime:
    """The last of these moments: since then the platform could have fetched the file."""
    known = [datetime.fromisoformat(each) for each in dates if each is not None]
    return max(known, default=datetime.min.replace(tzinfo=UTC))
