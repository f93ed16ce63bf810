"""The world in the way of a publication, in everybody's language: one exception that carries the finding."""

from __future__ import annotations

from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding, word


class WorldError(OSError):
    """Ledger, store, Registry or secrets refuse or fail: raised with the finding that says what and where.

    Nothing in it is a secret: it may be logged and shown.
    """

    def __init__(self, rule: str, where: str, **values: object) -> None:
        self.finding: Finding = finding(rule, Place(where), None, **values)
        super().__init__(f"{where}: {word(self.finding).message}")
