"""The checks as data: the official ones (IATI Validator, rulesets of 2024-03: codes, rulesets, advisories), and our own
beyond them; the judge applies them.

`codes.csv`, `rulesets.toml` and `own.toml` state them; here they become values. Paths lead from the child of the root.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import StringIO
from types import MappingProxyType
from typing import Any, NamedTuple

from ssc_iati.findings import Severity
from ssc_iati.messages import listed

RULESETS_DATE = "2024-03"
ADVISORY_CATEGORY = "identifiers"
ADVICE = "1000."
"""With this begins the id of every advisory."""


class Rule(NamedTuple):
    """What a finding says of the check that made it: id, severity, category."""

    id: str
    severity: Severity
    category: str


class CodeCheck(NamedTuple):
    """A code that a list must hold: `attribute` of the element at `path` (or its `text()`).

    `vocabulary`: only where the element's vocabulary (`default`, where it states none) is this one.
    """

    rule: Rule
    path: str
    attribute: str
    codelist: str
    vocabulary: str
    default: str


class Check(NamedTuple):
    """A check of the ruleset: the kind of test (a function of `validator.kinds`), and what that kind asks for."""

    rule: Rule
    kind: str
    asks: Mapping[str, Any]


class Context(NamedTuple):
    """The checks of the elements at some paths; `only` and `needs` as `rulesets.toml` explains them."""

    at: tuple[str, ...]
    only: str | None
    needs: str | None
    checks: tuple[Check, ...]


class Advisory(NamedTuple):
    """An attribute that names an activity: `attribute` of the element at `path`."""

    rule: Rule
    path: str
    attribute: str


class Shows(NamedTuple):
    """How a difference shows in a comparison: `+` ours alone, `-` theirs alone; of rules that match a pattern; when."""

    sign: str
    rules: tuple[str, ...]
    when: str


class Difference(NamedTuple):
    """A deliberate difference from the official validator: what it does, what we do, and why.

    `met`: how many findings differed for this reason when the two were last compared; None where no finding can.
    """

    id: str
    title: str
    official: str
    ours: str
    why: str
    shows: tuple[Shows, ...]
    met: int | None = None


@cache
def differences() -> tuple[Difference, ...]:
    """Every deliberate difference from the official validator."""
    rows = tomllib.loads(files(__package__).joinpath("differences.toml").read_text("utf-8"))["difference"]
    return tuple(Difference(**{**row, "shows": tuple(map(_shows, row.get("shows", ())))}) for row in rows)


def _shows(row: dict[str, Any]) -> Shows:
    return Shows(row["sign"], tuple(row["rules"]), row.get("when", ""))


@cache
def code_checks(version: str = "2.03") -> tuple[CodeCheck, ...]:
    """The checks of codes in that version of the standard."""
    rows = csv.DictReader(StringIO(files(__package__).joinpath("codes.csv").read_text("utf-8")))
    return tuple(_code_check(row) for row in rows if _holds(row["versions"], version))


@cache
def contexts(version: str = "2.03") -> tuple[Context, ...]:
    """The checks of the ruleset in that version, in the official order."""
    found = (_context(row, version) for row in _read("rulesets.toml")["context"])
    return tuple(context for context in found if context.checks)


@cache
def own_contexts(version: str = "2.03") -> tuple[Context, ...]:
    """Our own checks beyond the official ones, in that version."""
    return tuple(_context(row, version) for row in _read("own.toml")["context"])


@cache
def own_rule(name: str) -> Rule:
    """A rule of ours; severity and category are those of the list that words it. KeyError if it is none."""
    return Rule(name, *listed(name))


@cache
def offices() -> frozenset[str]:
    """Words in an e-mail address that name an office, not a person."""
    return frozenset(_read("own.toml")["offices"].split())


@cache
def private_providers() -> frozenset[str]:
    """The first parts of the domains of those who provide e-mail to private persons."""
    return frozenset(_read("own.toml")["private_providers"].split())


def mentioning(item: str) -> tuple[str, ...]:
    """The elements of an activity (or organisation) that name an organisation by reference and name, by path."""
    paths: list[str] = _read("own.toml")["mentions"]
    return tuple(path for path in paths if path.split("/")[0] == item)


@cache
def advisories(version: str = "2.03") -> tuple[Advisory, ...]:
    """The advisories of that version."""
    rows = _read("rulesets.toml")["advisory"]
    return tuple(_advisory(row) for row in rows if _holds(row.get("versions", ""), version))


@cache
def code_rule(path: str) -> tuple[str, str] | None:
    """The id and category of the official check of the code at this path of an activity (`sector/@code`), if any."""
    for check in code_checks():
        mark = "" if check.attribute == "text()" else "@"
        if f"{check.path}/{mark}{check.attribute}" == f"iati-activity/{path}":
            return check.rule.id, check.rule.category
    return None


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


def _holds(versions: str, version: str) -> bool:
    """Say whether `2.03`, `2.01-2.02` or nothing (all of them) is said of this version."""
    first, _, last = versions.partition("-")
    return not versions or first <= version <= (last or first)


def _code_check(row: dict[str, str]) -> CodeCheck:
    rule = Rule(row["id"], Severity.ERROR, row["category"])
    return CodeCheck(rule, row["path"], row["attribute"], row["codelist"], row["vocabulary"], row["default"])


def _context(row: dict[str, Any], version: str) -> Context:
    checks = tuple(_check(each) for each in row["checks"] if _holds(each.get("versions", ""), version))
    return Context(tuple(row["at"]), row.get("only"), row.get("needs"), checks)


def _check(row: dict[str, Any]) -> Check:
    asks = {name: asked for name, asked in row.items() if name not in _SAID}
    said = row.get("severity")
    rule = Rule(row["id"], Severity(said), row["category"]) if said else own_rule(row["id"])
    return Check(rule, row["kind"], MappingProxyType(asks))


def _advisory(row: dict[str, Any]) -> Advisory:
    path, _, attribute = row["of"].rpartition("/@")
    return Advisory(Rule(row["id"], Severity.ADVISORY, ADVISORY_CATEGORY), path, attribute)


_SAID = frozenset({"id", "versions", "severity", "category", "kind"})
