"""Tell what began and what ended since the last time, by each way; what a way could not tell, it tells next time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from ssc_iati.alerts.message import Line, Message
from ssc_iati.alerts.options import AlertOptions
from ssc_iati.alerts.ways import ways
from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding, word
from ssc_iati.publish.trouble import WorldError
from ssc_iati.report.shown import as_line

NOTE = "alerts"

Now = Mapping[str, Iterable[Finding]]
"""What is wrong now, by what was looked at: of what was not looked at nothing is said, neither that it began nor that
it ended.
"""
_Standing = dict[str, dict[str, str]]


class Memory(Protocol):
    """What remembers from run to run what was told: the ledger."""

    def noted(self, name: str) -> dict[str, object]:
        """What was noted under a name."""

    def note(self, name: str, state: Mapping[str, object], changed: str) -> None:
        """Note it for the next time."""


def tell(options: AlertOptions, publication: str, memory: Memory | None, now: Now, moment: str) -> list[Finding]:
    """Tell what began and what ended, by every way that is configured; what could not be told, as findings.

    Without a memory everything that is wrong is told. `moment` is now, ISO.
    """
    lines = {about: {_key(each): as_line(each, options.language) for each in found} for about, found in now.items()}
    known = memory.noted(NOTE) if memory is not None else {}
    state, untold = dict(known), []
    for name, send in ways(options).items():
        stood: dict[str, _Standing] = dict(known.get(name, {}))  # type: ignore[call-overload]
        stands = {about: _standing(stood.get(about, {}), told, moment) for about, told in lines.items()}
        message = _message(publication, {about: stood.get(about, {}) for about in lines}, stands)
        try:
            if message.began or message.ended:
                send(message)
        except OSError as error:
            problem = word(error.finding).message if isinstance(error, WorldError) else error.strerror or str(error)
            untold.append(finding("ssc-alert-untold", Place("[alerts]"), None, channel=name, problem=problem))
        else:
            state[name] = {about: told for about, told in {**stood, **stands}.items() if told}
    try:
        if memory is not None and state != known:
            memory.note(NOTE, state, moment)
    except OSError as error:  # it will be told again: better twice than never
        untold.append(finding("ssc-alert-untold", Place("[alerts]"), None, channel="ledger", problem=str(error)))
    return untold


def _key(item: Finding) -> str:
    """What makes two findings the same trouble on two nights: not the figures in it."""
    return "|".join(part for part in (item.rule, item.identifier, item.where.file, item.where.path) if part)


def _standing(stood: _Standing, lines: Mapping[str, str], moment: str) -> _Standing:
    return {key: stood.get(key, {"text": text, "since": moment}) for key, text in lines.items()}


def _message(publication: str, stood: Mapping[str, _Standing], stands: Mapping[str, _Standing]) -> Message:
    began = _lines(stands, stood)
    return Message(publication, began, _lines(stood, stands))


def _lines(these: Mapping[str, _Standing], others: Mapping[str, _Standing]) -> list[Line]:
    return [
        Line(key, told["text"], told["since"])
        for about, standing in these.items()
        for key, told in standing.items()
        if key not in others[about]
    ]
