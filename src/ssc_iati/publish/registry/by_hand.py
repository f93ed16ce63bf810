"""For those who have no access to the API: exactly what a person enters in IATI Account, in words and as data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ssc_iati.publish.registry.outcome import Outcome, Step
from ssc_iati.publish.registry.words import words

ACCOUNT = "https://account.iatistandard.org"
_CODED = ("licence_id", "source_type", "visibility")
_TO_DO = (Step.CREATE, Step.UPDATE, Step.DELETE, Step.LEAVE)


def as_json(outcomes: Sequence[Outcome]) -> str:
    """What is to be entered, as one object; fields bear the API's names."""
    entries = [_entry(each) for each in outcomes if each.step in _TO_DO]
    return json.dumps({"where": ACCOUNT, "entries": entries}, ensure_ascii=False, indent=2)


def as_text(outcomes: Sequence[Outcome], language: str) -> str:
    """What is to be entered, step by step, in this language."""
    said = words(language)
    to_do = [each for each in outcomes if each.step in _TO_DO]
    if not to_do:
        return str(said["nothing"])
    steps = [line for each in to_do for line in ("", *_step(each, said))]
    return "\n".join([said["where"].format(address=ACCOUNT), *steps])


def _entry(outcome: Outcome) -> dict[str, Any]:
    entry: dict[str, Any] = {"action": outcome.step.value, "file": outcome.file, "short_name": _present_name(outcome)}
    if outcome.wanted is not None:
        entry |= {"fields": outcome.wanted.model_dump(), "changed": sorted(outcome.changes)}
    return entry


def _present_name(outcome: Outcome) -> str:
    """The short name under which a person finds the dataset today."""
    return outcome.changes.get("short_name", (None, ""))[0] or outcome.short_name


def _step(outcome: Outcome, said: Mapping[str, Any]) -> Iterator[str]:
    yield said["steps"][outcome.step.value].format(name=_present_name(outcome))
    for field, value in outcome.wanted.model_dump().items() if outcome.wanted is not None else ():
        stood = outcome.changes.get(field, (None, ""))[0]
        before = said["before"].format(value=stood) if stood is not None else ""
        meaning = said["values"].get(value) if field in _CODED else None
        shown = f"{meaning} ({value})" if meaning else value
        yield f"    {said['fields'][field]}: {shown}{before}"
