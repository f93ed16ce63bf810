"""The words of every finding, by language, and the severity and category of every rule of ours.

`rules.toml` lists the rules (id, severity, category); `en.toml`, `es.toml`, ... word them (message, hint). A
language is a
translation of one file: placeholders in braces are the finding's values.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ssc_iati.findings import Finding, Place, Severity

LANGUAGES = ("en", "es", "pt", "fr")


WORDED_ALIKE = "ssc-code-unknown"
"""The official checks of codes, some 120 ids, share these words."""


class Wording(NamedTuple):
    """What is wrong, and what to do about it."""

    message: str
    hint: str


def finding(rule: str, where: Place, /, identifier: str | None = None, **values: object) -> Finding:
    """Make a finding of one of our rules; its severity and category come from `rules.toml`."""
    severity, category = _rules()[rule]
    return Finding(rule, severity, category, where, identifier, {name: str(value) for name, value in values.items()})


def word(item: Finding, language: str = "en") -> Wording:
    """The finding in words; a rule that the language lacks is said in English."""
    rule = item.rule if item.rule in _rules() else WORDED_ALIKE
    template = _catalogue(language).get(rule) or _catalogue("en")[rule]
    return Wording(template.message.format_map(_Shown(item.values)), template.hint.format_map(_Shown(item.values)))


def rules() -> tuple[str, ...]:
    """The ids of all our rules, in the order of `rules.toml`."""
    return tuple(_rules())


class _Shown(dict[str, str]):
    """Values as a message shows them: long ones cut, missing ones visible."""

    def __missing__(self, name: str) -> str:
        return "?"

    def __getitem__(self, name: str) -> str:
        value = super().__getitem__(name)
        return value if len(value) <= 200 else value[:197] + "..."


def _read(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


@cache
def _rules() -> dict[str, tuple[Severity, str]]:
    return {rule: (Severity(row["severity"]), row["category"]) for rule, row in _read("rules.toml").items()}


@cache
def _catalogue(language: str) -> dict[str, Wording]:
    name = language if language in LANGUAGES else "en"
    return {rule: Wording(row["message"], row["hint"]) for rule, row in _read(f"{name}.toml").items()}
