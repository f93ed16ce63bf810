"""What the validator says of activities that were written and are not yet published.

They are parsed once, many together; the schema judges them together, every other check of the validator one by one.
Neither says anything that reaches beyond an activity here: what an activity names elsewhere (the advisories) is not
asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from lxml import etree

from ssc_iati.check.context import LastInstant
from ssc_iati.map.activity import Rendered, document
from ssc_iati.standard.rules import ADVICE
from ssc_iati.standard.schemas import activity_schema
from ssc_iati.standard.validator.judge import judge
from ssc_iati.standard.validator.kinds import Fault
from ssc_iati.standard.validator.moments import milliseconds
from ssc_iati.standard.validator.parse import IllFormedError, parsed

VERSION, ITEM = "2.03", "iati-activity"


class Verdict(NamedTuple):
    """What is wrong with one activity: what the schema says, and the faults of all other rules."""

    problems: tuple[str, ...]
    faults: tuple[Fault, ...]


def ready_verdicts() -> None:
    """Make schema and judge ready in this process: who works for many chunks asks for it once."""
    activity_schema(VERSION)
    judge(VERSION, ITEM, own=False)


def verdicts(made: Sequence[Rendered], today: date) -> list[Verdict]:
    """The verdict on each of the activities."""
    if not made:
        return []
    now = _end_of(today)
    try:
        root = parsed(document(made), 1)
    except IllFormedError as error:
        return [Verdict((error.problem,), ())] if len(made) == 1 else _one_by_one(made, today)
    schema = activity_schema(VERSION)
    if not schema.validate(root):
        if len(made) > 1:
            return _one_by_one(made, today)
        problems = dict.fromkeys(each.message for each in schema.error_log)  # type: ignore[attr-defined]
        return [Verdict(tuple(problems), _faults(root[0], now))]
    return [Verdict((), _faults(element, now)) for element in root]


def _one_by_one(made: Sequence[Rendered], today: date) -> list[Verdict]:
    return [verdict for each in made for verdict in verdicts([each], today)]


def _faults(element: etree._Element, now: int) -> tuple[Fault, ...]:
    faults = judge(VERSION, ITEM, own=False).faults(element, now)
    return tuple([fault for fault in faults if not fault.rule.id.startswith(ADVICE)])


def _end_of(day: date) -> int:
    """The last instant of a day: what happens today is not in the future."""
    next_day = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    return LastInstant(milliseconds(next_day) - 1)
