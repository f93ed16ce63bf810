"""The words about the Registry that are no finding's: what was done, and what a person is to enter."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from ssc_iati.publish.registry.access import Access
from ssc_iati.publish.registry.outcome import Outcome


@cache
def words(language: str) -> Mapping[str, Any]:
    """The words in this language, English where it is none of ours."""
    spoken = tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))
    own: dict[str, Any] = spoken.get(language, spoken["en"])
    return own | {"values": spoken["licences"] | own["values"]}


def outcome_line(outcome: Outcome, language: str) -> str:
    """What became of a dataset, in one line."""
    said = words(language)
    became = said["failed"] if outcome.error else said["done" if outcome.done else "to_do"][outcome.step.value]
    changes = "".join(f"; {field}: {stood or '-'} -> {value}" for field, (stood, value) in outcome.changes.items())
    return f"{outcome.short_name} ({outcome.file or '-'}): {became}{changes}"


def access_line(access: Access, language: str) -> str:
    """What the Registry admits us to, in one line."""
    told = access._asdict() | {"scopes": "?" if access.scopes is None else " ".join(access.scopes) or "-"}
    shown: dict[str, object] = {name: "-" if value is None else value for name, value in told.items()}
    return str(words(language)["access"]).format(**shown)
