"""What a check says of a record: the rule, the place in the record, and the values that the message shows."""

from __future__ import annotations

from typing import NamedTuple

from ssc_iati.check.places import Loc
from ssc_iati.findings import Severity
from ssc_iati.record.values import Texts


class Fault(NamedTuple):
    """What a check found: the rule, the place in the record, the values of the message.

    `severity` and `category` are set for official checks of codes, which share one wording (`code`).
    """

    rule: str
    loc: Loc
    values: dict[str, object]
    official: tuple[Severity, str] | None = None


def fault(rule: str, loc: Loc, **values: object) -> Fault:
    """A fault in short."""
    return Fault(rule, loc, values)


def has_text(texts: Texts) -> bool:
    """Whether any of the texts says something."""
    for text in texts:  # noqa: SIM110 - called so often that a generator would be felt
        if text.__dict__["text"].strip():
            return True
    return False
