"""Somebody decides what became of an activity that the source does not have any more; the ledger notes it."""

from __future__ import annotations

from pathlib import Path

from ssc_iati.config import Settings
from ssc_iati.findings import Place, SourceError
from ssc_iati.messages import finding
from ssc_iati.publication.past import DROPPED, RENAMED, refuse_taken
from ssc_iati.publication.session import clock, past_publication
from ssc_iati.publish.ledger import Decision, Ledger


def decide(identifier: str, new: str | None, folder: Path | None, settings: Settings) -> Decision:
    """Note that an activity is withdrawn, or that it is called otherwise now; the next release does so.

    SourceError where nothing was published under this identifier, or it would be called what it is called, or what
    another one is called that stands.
    """
    url, name = past_publication(folder, settings)
    decision = Decision(identifier, DROPPED if new is None else RENAMED, new, clock())
    ledger = Ledger(url, name)
    try:
        if identifier not in ledger.known([identifier]) or identifier == new:
            raise SourceError(finding("ssc-decision-unknown", Place(name), identifier, value=identifier))
        if new is not None:
            refuse_taken(ledger, {identifier: new})
        ledger.decide(decision)
    finally:
        ledger.close()
    return decision


def decisions(folder: Path | None, settings: Settings) -> list[Decision]:
    """What was decided so far."""
    url, name = past_publication(folder, settings)
    ledger = Ledger(url, name)
    try:
        return ledger.decisions()
    finally:
        ledger.close()
