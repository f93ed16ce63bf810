"""Which rules are asked for: ids and patterns, such as `9.*`, `ssc-*`, `official`, `!6.11.1`."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

from ssc_iati.standard import VERSIONS
from ssc_iati.standard.rules import advisories, code_checks, contexts

OFFICIAL = "official"
OF_THE_FILE = ("0.1.1", "0.2.1", "0.3.1", "0.6.1", "1.1.2")
"""The official rules that stand in no table: of the file as a whole, and of the schema."""
_NEVER_PASSED_OVER = ("0.1.1", "0.2.1", "0.6.1", "ssc-xml-*")
_NOT = ("!", "-")


class Selection(NamedTuple):
    """The rules that count: those that a pattern of `wanted` matches (all, without any) and none of `unwanted` does.

    What keeps a file, or a part of it, from being judged at all counts unless it is unwanted: silence would be taken
    for praise.
    """

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()

    def has(self, rule: str) -> bool:
        """Say whether a rule counts."""
        return _has(self, rule)


def selection(asked: str) -> Selection:
    """Read patterns between commas; those that begin with `!` or `-` leave out."""
    patterns = [each.strip() for each in asked.split(",") if each.strip()]
    wanted = tuple(each for each in patterns if not each.startswith(_NOT))
    return Selection(wanted, tuple(each[1:].strip() for each in patterns if each.startswith(_NOT)))


def matches_any(pattern: str, rules: Iterable[str]) -> bool:
    """Say whether a pattern matches one of the rules."""
    return any(_matches(rule, pattern) for rule in rules)


@cache
def official_rules() -> frozenset[str]:
    """The ids of all official rules."""
    found = set(OF_THE_FILE)
    for version in VERSIONS:
        found |= {check.rule.id for check in code_checks(version)}
        found |= {check.rule.id for context in contexts(version) for check in context.checks}
        found |= {advisory.rule.id for advisory in advisories(version)}
    return frozenset(found)


@cache
def _has(asked: Selection, rule: str) -> bool:
    wanted = (*asked.wanted, *_NEVER_PASSED_OVER) if asked.wanted else ("*",)
    return any(_matches(rule, each) for each in wanted) and not any(_matches(rule, each) for each in asked.unwanted)


def _matches(rule: str, pattern: str) -> bool:
    return not rule.startswith("ssc-") if pattern == OFFICIAL else fnmatchcase(rule, pattern)
