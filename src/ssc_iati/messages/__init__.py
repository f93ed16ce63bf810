"""The words of every finding, by language, and the severity and category of every rule of ours.

`rules.toml` lists the rules of records (id, severity, category); `en.toml`, `es.toml`, ... word them (message, hint).
The folder `iati` does the same for files of IATI XML, whose readers need other words: there the keys are called
`iati:`, and the official rules are worded, whose severity and category the standard's data know. A language is a
translation of one file: placeholders in braces are the finding's values; `blanks.toml` says what an empty one shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ssc_iati.findings import Finding, Place, Severity
from ssc_iati.sections import Sections

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
    own = _sections("rules.toml")
    return _listed("rules.toml" if rule in own else "iati/rules.toml", rule)


def word(item: Finding, language: str = "en") -> Wording:
    """The finding in words: by its key of words, else by its rule; what the language lacks is said in English."""
    template = _template(language, item.words, item.rule)
    shown = _Shown(item.values, _blanks(language))
    return Wording(template.message.format_map(shown), template.hint.format_map(shown))


def rules() -> tuple[str, ...]:
    """The ids of all our rules of records, in the order of `rules.toml`."""
    return tuple(_sections("rules.toml"))


def iati_rules() -> tuple[str, ...]:
    """The ids of all our own rules of files of IATI XML, in the order of `iati/rules.toml`."""
    return tuple(_sections("iati/rules.toml"))


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


@cache
def _sections(name: str) -> Sections:
    return Sections(files(__package__).joinpath(name).read_text("utf-8"))


@cache
def _listed(name: str, rule: str) -> tuple[Severity, str]:
    row = _sections(name)[rule]
    return Severity(row["severity"]), row["category"]


@cache
def _template(language: str, words: str, rule: str) -> Wording:
    """The first that there is, in the language or else in English, under the key of words, the rule, or the rule of a
    file of IATI XML.
    """
    spoken = dict.fromkeys((language if language in LANGUAGES else "en", "en"))
    for key in (words, rule, IATI + rule, WORDED_ALIKE):
        for each in spoken:
            catalogue, name = _catalogue(each, key)
            if name in catalogue:
                return Wording(catalogue[name]["message"], catalogue[name]["hint"])
    raise KeyError(rule)


def _catalogue(language: str, key: str) -> tuple[Sections, str]:
    """The catalogue that would word a key, and the key's name in it."""
    folder = "iati/" if key.startswith(IATI) else ""
    return _sections(f"{folder}{language}.toml"), key.removeprefix(IATI)


@cache
def _blanks(language: str) -> dict[str, str]:
    return _sections("blanks.toml")[language if language in LANGUAGES else "en"]
