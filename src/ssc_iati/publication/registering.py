"""The Registry is brought to say what is published, with the memory of the ledger: what was registered just so is not
asked about again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import sqlalchemy as sql
from pydantic import ValidationError

from ssc_iati.config import Settings
from ssc_iati.findings import SourceError
from ssc_iati.publication.session import Asked, Session, past_publication
from ssc_iati.publish.assemble import COMPANION
from ssc_iati.publish.fingerprint import Prints
from ssc_iati.publish.ledger import FileEntry, Reading, State
from ssc_iati.publish.registry.dataset import Registered
from ssc_iati.publish.registry.options import RegistryOptions
from ssc_iati.publish.registry.outcome import Reconciled
from ssc_iati.publish.registry.reconcile import is_registered, reconcile


def register(
    folder: Path | None,
    settings: Settings,
    options: RegistryOptions,
    *,
    now: datetime,
    dry: bool = False,
    delete: Collection[str] = (),
) -> Reconciled:
    """Register what is published, as far as it is not; `dry` only looks, `delete` names datasets to be taken out.

    The files are those of the release that stands; where no ledger knows the publication, those that the configuration
    names, and everything is asked about. SourceError where the configuration says nothing that could be registered,
    RegistryError where nothing could be done, LedgerError while another run is at work.
    """
    name = _known(folder, settings)
    if name is None:
        urls = options.addresses(tuple(sorted({settings.publish.file, *options.datasets})))
        return reconcile(options, urls, reporter=reporter(settings), dry=dry, delete=delete)
    ledger = Reading(*name)
    try:
        urls, known = standing(ledger, settings, options), remembered(ledger, settings)
    finally:
        ledger.close()
    if dry or (not delete and is_registered(options, urls, known)):
        return reconcile(options, urls, known, reporter=reporter(settings), dry=dry, delete=delete)
    asked = Asked(folder, settings, now, "registry", Prints("", "", None), name[1])
    with Session(asked) as session:
        session.ending = {"state": "undelivered"}
        result = reconciled(session, options, urls, delete=delete)
        session.ending = {"state": "undelivered" if result.failed else "delivered"}
    return result


def reconciled(
    session: Session, options: RegistryOptions, urls: Mapping[str, str], *, delete: Collection[str] = ()
) -> Reconciled:
    """Reconcile, for a run that has the turn, and note what is known afterwards."""
    settings, ledger = session.asked.settings, session.ledger
    known = remembered(ledger, settings)
    result = reconcile(options, urls, known, reporter=reporter(settings), delete=delete)
    if result.registered is not None and result.registered != known:
        ledger.register(settings.publish.file, result.registered.model_dump(mode="json"), session.now)
    return result


def addresses(settings: Settings, files: Iterable[FileEntry]) -> dict[str, str]:
    """Where readers find the XML files of a release, as far as the configuration says: first what is registered."""
    found: dict[str, str] = {}
    for each in files:
        registered = settings.registry.address(each.name) if settings.registry is not None else None
        url = registered or settings.store.address(each.name)
        if url is not None and each.role != COMPANION:
            found[each.name] = url
    return found


def standing(ledger: Reading, settings: Settings, options: RegistryOptions) -> dict[str, str]:
    """The files of the release that stands, each with its address; SourceError where the configuration says none."""
    release = next((each for each in ledger.releases() if each.state == State.PUBLISHED), None)
    urls = addresses(settings, ledger.files(release.number)) if release is not None else {}
    return urls or options.addresses((settings.publish.file,))


def remembered(ledger: Reading, settings: Settings) -> Registered | None:
    """What was registered last, as the ledger noted it."""
    known = ledger.registered(settings.publish.file)
    try:
        return None if known is None else Registered.model_validate(known)
    except ValidationError:  # noted in another form: it is looked for again
        return None


def reporter(settings: Settings) -> str | None:
    """The IATI identifier of who reports, as the configuration says it."""
    known = settings.publisher.reporting_org
    return known.ref if known is not None else None


def _known(folder: Path | None, settings: Settings) -> tuple[sql.URL, str] | None:
    """The ledger that knows the publication, and by which name; None if there is none."""
    if folder is None and settings.publish.private is None:
        return None
    try:
        return past_publication(folder, settings)
    except SourceError as error:
        if error.finding.rule == "ssc-ledger-empty":
            return None
        raise
