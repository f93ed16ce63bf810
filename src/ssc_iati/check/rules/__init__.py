"""What a project must have and may not contradict, before it can become a valid IATI activity.

Each rule is a generator of faults; ids are those of the official IATI Validator where it has the rule (its ruleset of
2024-03), `ssc-` where it has not. Every project goes through all of them, so they read what nearly every project has
from the dictionary of a fact: an attribute of a pydantic model costs ten times as much. Dates are compared as they will
be published: by the first day that they may mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ssc_iati.check.context import Context
from ssc_iati.check.faults import Fault
from ssc_iati.check.rules import identity, money, partners, places, results
from ssc_iati.record.project import Project

Rule = Callable[[Project, Context], Iterator[Fault]]

RULES: tuple[Rule, ...] = (
    identity.identity,
    identity.reporter,
    identity.texts,
    identity.status,
    identity.dates,
    places.geography,
    places.levels,
    places.sectors,
    places.classifications,
    money.budgets,
    money.planned_disbursements,
    money.transactions,
    partners.partners,
    partners.twice,
    partners.keys,
    results.results,
    results.documents,
    results.other_parts,
)
