"""What a release may not do unless somebody allows it: shrink, rename, be empty, be too large, or go back in time.

A refusal is a finding, with the figures that made it; all are told at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from ssc_iati.findings import Finding, Place
from ssc_iati.messages import finding, word
from ssc_iati.publish.options import GuardOptions
from ssc_iati.publish.plan import Plan

SHOWN = 5
"""So many identifiers in a message; the plan names all."""


class Rule(StrEnum):
    """What is guarded against; the word after `--allow`."""

    ACTIVITIES = "activities"
    TRANSACTIONS = "transactions"
    IDENTIFIERS = "identifiers"
    EMPTY = "empty"
    SIZE = "size"
    SOURCE = "source"
    TAKEN_BACK = "taken-back"


NEVER = frozenset({Rule.EMPTY})
"""No file may be empty, whoever allows it: an IATI file without activities is none."""


class Asked(NamedTuple):
    """What the guard looks at beside the plan: the sizes of the files, the source's dates (ISO), what was taken
    back.
    """

    sizes: dict[str, int]
    source_date: str | None
    former_source_date: str | None
    taken_back: int | None


class Verdict(NamedTuple):
    """What the guard refuses, and what it would have, had it not been allowed."""

    refused: list[Finding]
    allowed: dict[str, str]


def judged(plan: Plan, asked: Asked, limits: GuardOptions, allow: Collection[Rule], where: str) -> Verdict:
    """The verdict on a plan; `where` is what the findings are about."""
    refused: list[Finding] = []
    allowed: dict[str, str] = {}
    for rule, values in _objections(plan, asked, limits):
        said = finding(f"ssc-guard-{rule}", Place(where), None, **values, rule=rule.value)
        if rule in allow and rule not in NEVER:
            allowed[rule.value] = word(said).message
        else:
            refused.append(said)
    return Verdict(refused, allowed)


Objection = tuple[Rule, dict[str, object]]


def _objections(plan: Plan, asked: Asked, limits: GuardOptions) -> Iterator[Objection]:
    if not plan.lines:
        yield Rule.EMPTY, {}
        return
    yield from _shrinking(plan, limits)
    if plan.renamed or plan.decided:
        pairs = [f"{old} -> {new}" for old, new in (*plan.renamed, *plan.decided)]
        yield Rule.IDENTIFIERS, {"number": len(pairs), "examples": _some(pairs)}
    for name, size in asked.sizes.items():
        if size > limits.size:
            yield Rule.SIZE, {"file": name, "size": size, "limit": limits.size}
            break
    if asked.source_date is not None and asked.source_date < (asked.former_source_date or ""):
        yield Rule.SOURCE, {"date": asked.source_date, "former": asked.former_source_date}
    if asked.taken_back is not None:
        yield Rule.TAKEN_BACK, {"release": asked.taken_back}


def _shrinking(plan: Plan, limits: GuardOptions) -> Iterator[Objection]:
    stood, gone = len(plan.former.stands_in), len(plan.undecided)
    if stood and gone / stood > limits.activities:
        told = {"number": gone, "of": stood, "share": _percent(gone, stood), "limit": _percent(limits.activities, 1)}
        yield Rule.ACTIVITIES, {**told, "examples": _some(plan.undecided)}
    had, lost = plan.former_transactions, plan.lost_transactions
    if had and lost / had > limits.transactions:
        told = {"number": lost, "of": had, "share": _percent(lost, had), "limit": _percent(limits.transactions, 1)}
        yield Rule.TRANSACTIONS, told


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.3g} %"


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:SHOWN]) + (", ..." if len(listed) > SHOWN else "")
