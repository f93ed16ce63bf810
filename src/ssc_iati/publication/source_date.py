"""How old a source is, beside the one of the last release: an old copy must not take back what was published since.

What a source says itself of its age counts before the time of its file, which a copy or a download makes new. It says
it of itself (`generated-datetime`), or of its records (the newest `last-updated-datetime`). Where both sources say the
same, or one says nothing, the times of the files decide.
"""

from __future__ import annotations

from collections.abc import Mapping

from ssc_iati.merging.mode import Mode
from ssc_iati.publication.session import Asked
from ssc_iati.publish.ledger import Ledger, Release
from ssc_iati.run import Prepared, Tally, moment_of

NOTE = "source"
"""The note of the ledger of what the source of the last release said of its age."""

Stated = Mapping[str, str | None]
Dates = tuple[str | None, str | None]


def stated(prepared: Prepared, tally: Tally) -> Stated:
    """What a source says of its age, once all its outcomes were counted (ISO, UTC). Where records were set aside, which
    may be the newest, the others say nothing.
    """
    generated = moment_of(prepared.job.context.publisher.generated_datetime)
    said = {"generated": generated, "newest": None if tally.set_aside else tally.newest}
    return {name: None if each is None else each.isoformat() for name, each in said.items()}


def note_stated(ledger: Ledger, release: int, said: Stated, changed: str) -> None:
    """Remember what the source of a release said of its age."""
    now = {"release": release, **said}
    if ledger.noted(NOTE) != now:
        ledger.note(NOTE, now, changed)


def dates(ledger: Ledger, former: Release | None, asked: Asked, said: Stated) -> Dates:
    """The age of the source, and that of the last release's; nothing, if it is this very source, or if tables are
    merged, which need not have been written in the order in which they come.
    """
    prints = asked.prints
    if former is None:
        return prints.source_date, None
    made = next((run for run in ledger.runs() if run.id == former.run), None)
    if made is None or made.source_print == prints.source:
        return prints.source_date, None
    if asked.settings.source.mode is not Mode.WHOLE and made.source != asked.source:
        return prints.source_date, None
    known = ledger.noted(NOTE)
    for name, now in said.items():
        before = known.get(name) if known.get("release") == former.number else None
        if now is not None and before is not None and now != before:
            return now, before
    return prints.source_date, made.source_date
