"""What may go wrong between us and the Registry: one exception, and a table of what each means to the caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ssc_iati.publish.trouble import WorldError


class Trouble(NamedTuple):
    """What a trouble means: `retry`, the same call may succeed later with nobody doing anything; `look`, what stands in
    the Registry is not what we thought, or not known: look before anything is written again.
    """

    retry: bool = False
    look: bool = False


TROUBLES: Mapping[str, Trouble] = {
    "ssc-secret-missing": Trouble(),
    "ssc-secrets-open": Trouble(),
    "ssc-secrets-unreadable": Trouble(),
    "ssc-registry-token-command": Trouble(retry=True),
    "ssc-registry-token-malformed": Trouble(),
    "ssc-registry-token-refused": Trouble(),
    "ssc-registry-refused": Trouble(),
    "ssc-registry-unauthorised": Trouble(),
    "ssc-registry-forbidden": Trouble(),
    "ssc-registry-missing": Trouble(look=True),
    "ssc-registry-name-taken": Trouble(look=True),
    "ssc-registry-busy": Trouble(retry=True),
    "ssc-registry-fault": Trouble(retry=True, look=True),
    "ssc-registry-not-offered": Trouble(),
    "ssc-registry-unreachable": Trouble(retry=True, look=True),
    "ssc-registry-unexpected": Trouble(look=True),
    "ssc-registry-moving": Trouble(retry=True),
    "ssc-registry-organisation-unknown": Trouble(),
    "ssc-registry-organisation-differs": Trouble(),
    "ssc-registry-url-doubled": Trouble(),
    "ssc-registry-altered": Trouble(),
    "ssc-registry-delete-wanted": Trouble(),
}

STATUSES: Mapping[int, str] = {
    400: "ssc-registry-refused",
    401: "ssc-registry-unauthorised",
    403: "ssc-registry-forbidden",
    404: "ssc-registry-missing",
    409: "ssc-registry-name-taken",
    429: "ssc-registry-busy",
    501: "ssc-registry-not-offered",
}
"""What the Registry means by each status; any other from 500 on is a fault of its own."""


class RegistryError(WorldError):
    """The Registry, or the way to it, refuses or fails."""

    @property
    def trouble(self) -> Trouble:
        """What it means to the caller."""
        return TROUBLES[self.finding.rule]

    @property
    def retry(self) -> bool:
        """Whether the same call may succeed later, with nobody doing anything."""
        return self.trouble.retry


def rule_of(status: int) -> str:
    """The trouble that an answer of this status, which is none of those hoped for, tells of."""
    return STATUSES.get(status, "ssc-registry-fault" if status >= 500 else "ssc-registry-unexpected")
