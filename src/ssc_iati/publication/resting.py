"""A run like the last one, over a publication that stands, does nothing, and says what the last one said."""

from __future__ import annotations

import json
from pathlib import Path

from ssc_iati.findings import Severity
from ssc_iati.publication.session import Asked, Session
from ssc_iati.publish.ledger import Run, State
from ssc_iati.run import Report


def rest(session: Session) -> Report | None:
    """What the last run reported, if this one would do the same: same source, same program, same day for all that looks
    at it, and a release that stands.
    """
    if not session.begun or not session.asked.prints.source:
        return None
    last = next(iter(session.ledger.runs(last=1, ended_well=True)), None)
    latest = session.ledger.latest()
    if last is None or latest is None or last.report is None or not _alike(last, session.asked):
        return None
    if any(each.run >= last.id for each in session.ledger.decisions()):  # it may make a difference
        return None
    if latest.state != State.PUBLISHED or latest.number != last.release or not session.stands(latest):
        return None
    report = _told_again(json.loads(last.report))
    if report.rejected is not None and not report.rejected.exists():
        return None
    session.ending = {"state": "rested", "release": latest.number, "review": last.review, "report": last.report}
    return report


def _alike(last: Run, asked: Asked) -> bool:
    day = asked.now.date().isoformat()
    same = (last.source_print, last.setup_print) == (asked.prints.source, asked.prints.setup)
    return same and last.today <= day and (last.review is None or day < last.review)


def _told_again(report: dict[str, object]) -> Report:
    severities = {Severity(name): number for name, number in dict(report["severities"]).items()}  # type: ignore[call-overload]
    paths = {name: Path(str(report[name])) if report[name] else None for name in ("written", "rejected")}
    quiet = {"updated": 0, "added": 0, "gone": 0, "unchanged": True, "rested": True}
    return Report(**{**report, **paths, **quiet, "severities": severities})  # type: ignore[arg-type]


def kept(report: Report) -> str:
    """A report as the ledger keeps it, to be told again."""
    return json.dumps(report._asdict(), default=str)
