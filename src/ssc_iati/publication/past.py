"""What was published before, as far as it decides what is now: what a source is merged onto, and which identifiers
last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ssc_iati.check.lasting import Lasting
from ssc_iati.check.partial import Onto
from ssc_iati.config import Settings
from ssc_iati.findings import Place, SourceError
from ssc_iati.merging.mode import Mode
from ssc_iati.messages import finding
from ssc_iati.publish.ledger import Reading
from ssc_iati.publish.plan import former_of
from ssc_iati.record.project import Publisher
from ssc_iati.run import Past

AT_ONCE = 500
DROPPED, RENAMED = "dropped", "renamed"


class Decided(NamedTuple):
    """What was decided of activities that the source does not have any more: which are withdrawn, and which are renamed
    (the new identifier by the former), whether in the configuration or by command, which has the last word.
    """

    dropped: frozenset[str]
    renamed: Mapping[str, str]


def decided(ledger: Reading | None, settings: Settings) -> Decided:
    """All decisions."""
    dropped, renamed = set(settings.identifiers.dropped), dict(settings.identifiers.renamed)
    for each in ledger.decisions() if ledger is not None else ():
        dropped.discard(each.identifier)
        renamed.pop(each.identifier, None)
        if each.kind == RENAMED and each.renamed is not None:
            renamed[each.identifier] = each.renamed
        else:
            dropped.add(each.identifier)
    return Decided(frozenset(dropped), renamed)


def refuse_taken(ledger: Reading, renamed: Mapping[str, str]) -> None:
    """SourceError where an activity would be called what another one is called that stands beside it in the last
    release: it would take the other's place.
    """
    there = former_of(ledger).stands_in if renamed else {}
    for identifier, new in renamed.items():
        if identifier != new and identifier in there and new in there:
            place = Place(ledger.publication)
            raise SourceError(finding("ssc-decision-taken", place, identifier, value=identifier, new=new))


def past_of(ledger: Reading | None, settings: Settings) -> Past:
    """What the ledger knows; None for one that is empty, or that is not known before the source is read.

    SourceError where a source is to be merged and nobody knows onto what, or where what was decided cannot be.
    """
    known = decided(ledger, settings).renamed
    if ledger is not None:
        refuse_taken(ledger, known)
    renamed = {new: former for former, new in known.items()}
    lasting = Lasting(settings.identifiers.former, renamed)
    published = _published(ledger, settings) if ledger is not None else {}
    if settings.source.mode is Mode.WHOLE:
        return Past(lasting, published)
    if ledger is None and settings.publish.ledger is not None:
        problem = "a source that is merged needs the publisher's identifier here, to find in this ledger what it was"
        raise SourceError(finding("ssc-config-invalid", Place("publisher.reporting_org.ref"), problem=problem))
    latest = ledger.latest() if ledger is not None else None
    onto = Onto(settings.source.mode, settings.source.delete, latest.number if latest is not None else 0)
    if ledger is None:
        return Past(lasting, published, onto, ())
    return Past(lasting, published, onto, accepted(ledger), _reporter(ledger, settings))


def _reporter(ledger: Reading, settings: Settings) -> Publisher | None:
    """Who reported in the last release, as its records state it: a table alone does not say it. The configuration goes
    before.
    """
    if settings.publisher.reporting_org is not None:
        return None
    owner = ledger.publication.removesuffix(f"/{settings.publish.file}")
    renamed = owner in settings.identifiers.former
    for each in map(json.loads, accepted(ledger)):
        stated = each.get("reporting_org")
        if stated is not None and (renamed or stated.get("ref") == owner):
            return Publisher.model_validate({"reporting_org": stated})
    return None


def _published(ledger: Reading, settings: Settings) -> dict[str, str]:
    """The identifier of each key, as far as it is not what would be derived from it today."""
    reporter = settings.publisher.reporting_org
    prefix = f"{reporter.ref}-" if reporter is not None and reporter.ref else None
    renamed = decided(ledger, settings).renamed
    found = {key: renamed.get(identifier, identifier) for key, identifier in ledger.keys().items()}
    return {key: each for key, each in found.items() if prefix is None or each != f"{prefix}{key}"}


def accepted(ledger: Reading) -> Iterator[str]:
    """The records of the last release in the order of its files, then those that are withheld: canonical JSON."""
    latest = ledger.latest()
    if latest is None:
        return
    for file in ledger.files(latest.number):
        members = ledger.members(file.listing) if file.listing else []
        for start in range(0, len(members), AT_ONCE):
            some = members[start : start + AT_ONCE]
            known = ledger.known(some)
            yield from (known[each].record for each in some if each in known)
    yield from ledger.withheld()
