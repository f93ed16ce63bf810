"""The words of every finding, by language, and the severity and category of every rule of ours.

`rules.toml` lists the rules of records (id, severity, category); `en.toml`, `es.toml`, ... word them (message, hint).
The folder `iati` does the same for files of IATI XML, whose readers need other words: there the keys are called
`iati:`, and the official rules are worded, whose severity and category the standard's data know. A language is a
translation of one file: placeholders in braces are the finding's values; `blanks.toml` says what an empty one shows.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ssc_iati.findings import Finding, Place, Severity

LANGUAGES = ("en", "es", "pt", "fr")

IATI = "iati:"
"""Begins the keys of the wording for files of IATI XML."""

NONE = "-"
"""The value that says that there is none: of a message's values, those that `blanks.toml` names are worded."""

WORDED_ALIKE = "ssc-code-unknown"
"""The official checks of codes, some 120 ids, share these words."""


class Wording(NamedTuple):
    """What is wrong, and what to do about it."""

    message: str
    hint: str


def finding(rule: str, where: Place, /, identifier: str | None = None, **values: object) -> Finding:
    """Make a finding of one of our rules; its severity and category come from the lists of rules."""
    severity, category = listed(rule)
    return Finding(rule, severity, category, where, identifier, {name: str(value) for name, value in values.items()})


def listed(rule: str) -> tuple[Severity, str]:
    """Severity and category of one of our rules; KeyError if it is none."""
    return _rules("").get(rule) or _rules("iati/")[rule]


def word(item: Finding, language: str = "en") -> Wording:
    """The finding in words: by its key of words, else by its rule; what the language lacks is said in English."""
    catalogue = _catalogue(language)
    keys = (item.words, item.rule, IATI + item.rule, WORDED_ALIKE)
    template = next(catalogue[key] for key in keys if key in catalogue)
    shown = _Shown(item.values, _blanks(language))
    return Wording(template.message.format_map(shown), template.hint.format_map(shown))


def rules() -> tuple[str, ...]:
    """The ids of all our rules of records, in the order of `rules.toml`."""
    return tuple(_rules(""))


def iati_rules() -> tuple[str, ...]:
    """The ids of all our own rules of files of IATI XML, in the order of `iati/rules.toml`."""
    return tuple(_rules("iati/"))


class _Shown(dict[str, str]):
    """Values as a message shows them: long ones cut, empty ones named, missing ones visible."""

    def __init__(self, values: Mapping[str, str], blanks: Mapping[str, str]) -> None:
        super().__init__(values)
        self._blanks = blanks

    def __missing__(self, name: str) -> str:
        return "?"

    def __getitem__(self, name: str) -> str:
        value = super().__getitem__(name)
        if not value or (value == NONE and name in self._blanks):
            return self._blanks.get(name, self._blanks["any"])
        return value if len(value) <= 200 else value[:197] + "..."


def _read(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


@cache
def _rules(folder: str) -> dict[str, tuple[Severity, str]]:
    listed = _read(f"{folder}rules.toml")
    return {rule: (Severity(row["severity"]), row["category"]) for rule, row in listed.items()}


@cache
def _catalogue(language: str) -> dict[str, Wording]:
    if language not in LANGUAGES:
        return _catalogue("en")
    rows = _read(f"{language}.toml") | {IATI + key: row for key, row in _read(f"iati/{language}.toml").items()}
    words = {key: Wording(row["message"], row["hint"]) for key, row in rows.items()}
    return words if language == "en" else _catalogue("en") | words


@cache
def _blanks(language: str) -> dict[str, str]:
    return _read("blanks.toml")[language if language in LANGUAGES else "en"]
