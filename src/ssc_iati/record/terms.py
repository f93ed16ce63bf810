"""The record's own code lists: their codes, their labels in four languages, and the spellings that people use.

The lists stand in `terms.toml`; a reader of sources asks `lookup`, a report asks `label`, the model takes `codes`.
"""

from __future__ import annotations

from collections import defaultdict
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ssc_iati.sections import Sections
from ssc_iati.text import fold

LANGUAGES = ("en", "es", "pt", "fr")

LISTS = (
    "phase",
    "modality",
    "instrument",
    "direction",
    "project_status",
    "segib_role",
    "side",
    "function",
    "mechanism_type",
    "relationship_type",
    "contribution_kind",
    "contribution_direction",
    "delivery",
    "amount_status",
    "stage_of_money",
    "valuation_method",
    "share_basis",
    "origin_of_funds",
    "unit",
    "actor_type",
    "legal_nature",
    "sphere",
    "capacity_type",
    "decision_power",
    "certainty",
    "rules_of_access",
    "lesson_kind",
    "location_role",
    "qualifier",
    "visibility",
    "country_share_basis",
    "framework_tossd",
    "tossd_modality",
)
"""The names of the lists, in the order of the file."""


class _Entry(NamedTuple):
    """One code: its label by language, and its further spellings."""

    labels: dict[str, str]
    also: tuple[str, ...]


@cache
def _sections() -> Sections:
    """The file, each code of it read when its labels are asked for: a source that states codes asks for few."""
    return Sections(files(__package__).joinpath("terms.toml").read_text(encoding="utf-8"))


@cache
def _codes() -> dict[str, tuple[str, ...]]:
    found = defaultdict[str, list[str]](list)
    for heading in _sections():
        name, _, code = heading.partition(".")
        found[name].append(code)
    return {name: tuple(own) for name, own in found.items()}


@cache
def _entry(list_name: str, code: str) -> _Entry:
    fields = _sections()[f"{list_name}.{code}"]
    return _Entry({language: fields[language] for language in LANGUAGES}, tuple(fields.get("also", ())))


def codes(list_name: str) -> tuple[str, ...]:
    """The codes of a list, in the order in which they are shown; KeyError for a list that does not exist."""
    return _codes()[list_name]


def label(list_name: str, code: str, language: str) -> str:
    """What a code is called in a language; in English where the language is none of ours."""
    labels = _entry(list_name, code).labels
    return labels.get(language, labels["en"])


def spellings(list_name: str, code: str) -> tuple[str, ...]:
    """Everything by which `lookup` knows a code: itself, its labels, its further spellings."""
    entry = _entry(list_name, code)
    return (code, *entry.labels.values(), *entry.also)


@cache
def _by_spelling(list_name: str) -> dict[str, str]:
    return {fold(spelling): code for code in codes(list_name) for spelling in spellings(list_name, code)}


def lookup(list_name: str, text: str) -> str | None:
    """The code that a text names, whatever its case, accents and punctuation; None when the list does not know it."""
    if text in codes(list_name):
        return text
    return _by_spelling(list_name).get(fold(text))


def suggest(list_name: str, text: str) -> str | None:
    """The code whose spelling comes closest to the text, if any comes close."""
    known = _by_spelling(list_name)
    close = get_close_matches(fold(text), known, n=1)
    return known[close[0]] if close else None
