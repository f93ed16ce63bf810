"""The ledger: of every publication its runs, its releases, every version of every activity, what was found, what was
allowed in spite of a guard, and what is registered.

A release is prepared here first and then put in place: a run that dies between the two is repaired by the next, which
renders the same bytes from the same ledger.
"""

from ssc_iati.publish.ledger.database import ledger_url
from ssc_iati.publish.ledger.reading import Reading, publications
from ssc_iati.publish.ledger.turn import Ledger
from ssc_iati.publish.ledger.values import (
    Decision,
    Entry,
    FileEntry,
    LedgerError,
    Release,
    Run,
    SetAsideEntry,
    State,
    TurnTakenError,
)
from ssc_iati.publish.ledger.writing import Writing

__all__ = [
    "Decision",
    "Entry",
    "FileEntry",
    "Ledger",
    "LedgerError",
    "Reading",
    "Release",
    "Run",
    "SetAsideEntry",
    "State",
    "TurnTakenError",
    "Writing",
    "ledger_url",
    "publications",
]
