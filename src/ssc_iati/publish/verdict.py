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
from ssc_iati.map.activity import VERSION, Rendered, document
from ssc_iati.standard.schemas import activity_schema, schema
from ssc_iati.standard.validator.judge import Judge, judge
from ssc_iati.standard.validator.kinds import Fault
from ssc_iati.standard.validator.moments import milliseconds
from ssc_iati.standard.validator.parse import IllFormedError, parsed


class Form(NamedTuple):
    """What kind of IATI file is written, and in which version: that of the source, if it is IATI itself."""

    version: str = VERSION
    kind: str = "activities"

    @property
    def item(self) -> str:
        """The element that the file consists of."""
        return {"activities": "iati-activity", "organisations": "iati-organisation"}[self.kind]

    @property
    def schema(self) -> etree.XMLSchema:
        """The schema that judges it; activities with the extension."""
        return activity_schema(self.version) if self.kind == "activities" else schema(self.version, self.kind)

    @property
    def judge(self) -> Judge:
        """What judges it beside the schema: the official rules, since the checks of the record have said the rest."""
        return judge(self.version, self.item, own=False, advice=False)


ACTIVITIES = Form()


class Verdict(NamedTuple):
    """What is wrong with one activity: what the schema says, and the faults of all other rules."""

    problems: tuple[str, ...]
    faults: tuple[Fault, ...]


def ready_verdicts() -> None:
    """Make schema and judge ready in this process: who works for many chunks asks for it once."""
    activity_schema(VERSION)
    _ = ACTIVITIES.judge


def verdicts(made: Sequence[Rendered], today: date, form: Form = ACTIVITIES) -> list[Verdict]:
    """The verdict on each of the activities."""
    if not made:
        return []
    now = _end_of(today)
    try:
        # Blanks between elements mean nothing in what the schema admits, and what it does not is looked at alone.
        root = parsed(document(made, form.version, form.kind), 1, blanks=len(made) == 1)
    except IllFormedError as error:
        return [Verdict((error.problem,), ())] if len(made) == 1 else _one_by_one(made, today, form)
    by = form.schema
    if not by.validate(root):
        if len(made) > 1:
            return _one_by_one(made, today, form)
        problems = dict.fromkeys(each.message for each in by.error_log)  # type: ignore[attr-defined]
        return [Verdict(tuple(problems), _faults(root[0], now, form.judge))]
    judging = form.judge
    found = [Verdict((), _faults(element, now, judging)) for element in root]
    judging.forget()
    return found


def _one_by_one(made: Sequence[Rendered], today: date, form: Form) -> list[Verdict]:
    return [verdict for each in made for verdict in verdicts([each], today, form)]


def _faults(element: etree._Element, now: int, by: Judge) -> tuple[Fault, ...]:
    return tuple(by.faults(element, now))


def _end_of(day: date) -> int:
    """The last instant of a day: what happens today is not in the future."""
    next_day = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    return LastInstant(milliseconds(next_day) - 1)
