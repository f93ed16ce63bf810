"""Which tests may find something in an activity: told by one function that is written for a version and compiled.

Most tests find nothing in most activities, and calling them takes longer than seeing that they will. So for each kind
of check `conditions` states an expression that is true wherever its test finds something (and may be true elsewhere:
the test decides). A test without a condition is always due where what it needs is there.

The function goes once over the elements at each path and takes each of their attributes once, for the codes and for all
other tests. A test has a rank, by which those that are due are put in order at last, if there are any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Protocol

from ssc_iati.standard.rules import Advisory, Context
from ssc_iati.standard.validator.codes import Codes, CodeTest
from ssc_iati.standard.validator.conditions import Conditions
from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds import Fault, Faults, Made, Spot, Test
from ssc_iati.standard.validator.passes import DUE, Pass, Passes, add
from ssc_iati.standard.validator.paths import allowed

Due = Callable[[int], tuple[list[tuple[int, CodeTest, Element]], list[tuple[int, Test, Element]]]]
"""Of the instant that counts as now: the tests of codes and the other tests that are due, each with its rank and the
element that it is to look at.
"""


class Plan(Protocol):
    """A context for one of its paths, and its tests."""

    @property
    def path(self) -> str:
        """The path; `//name` is that element anywhere beneath the activity."""

    @property
    def context(self) -> Context:
        """What is said of the context."""

    @property
    def made(self) -> Sequence[Made]:
        """Its tests."""


def sieve(codes: Codes, plans: Sequence[Plan], advisories: Iterable[Advisory], item: str, found: Found) -> Due:
    """The function that tells which tests are due of the activity whose elements stand in `found`: those of codes, and
    the others in the order of the plans, advisories last.
    """
    passes = Passes(item, found)
    conditions = Conditions(passes)
    codes.ask(passes)
    for plan in plans:
        if not plan.path.startswith("//"):
            _ask(plan, passes, conditions)
    anywhere = list(_of_tags([plan for plan in plans if plan.path.startswith("//")], passes, conditions))
    for each in advisories:
        _advise(each, passes)
    due: Due = passes.function(anywhere)
    return due


def _ask(plan: Plan, passes: Passes, conditions: Conditions) -> None:
    """Have the pass over the elements of a context ask what its tests ask."""
    one, context = passes.at(plan.path), plan.context
    needs = [passes.gathered(context.needs)] if context.needs else []
    only = [f"{passes.name(allowed(context.only))}(e)"] if context.only else []
    questions = list(_of_tests(plan, one, passes.rank(), passes, conditions))
    where = " and ".join([*needs, *only])
    one.ask(*([f"if {where}:", *(f" {line}" for line in questions)] if where else questions))


def _of_tests(plan: Plan, one: Pass, rank: int, passes: Passes, conditions: Conditions) -> Iterator[str]:
    """Lines for the tests of a plan; what several of them in a row depend on is asked once."""
    asked = [(conditions.of(made, plan.made, one), add(DUE, rank, passes.name(made.test))) for made in plan.made]
    for condition, alike in groupby(asked, key=lambda each: each[0]):
        adding = "; ".join(statement for _, statement in alike)
        yield f"if {condition}: {adding}" if condition else adding


def _of_tags(plans: Sequence[Plan], passes: Passes, conditions: Conditions) -> Iterator[str]:
    """Lines for elements anywhere: one walk for all."""
    if plans:
        rank = passes.rank()
        tags = tuple(plan.path[2:] for plan in plans)
        yield f"for e in {passes.gathered(passes.item)}[0].iterdescendants(*{tags!r}):"
        for plan in plans:
            one = Pass()
            one.ask(*_of_tests(plan, one, rank, passes, conditions))
            yield f" if e.tag == {plan.path[2:]!r}:"
            yield from (f"  {line}" for line in one.lines())


def _advise(advisory: Advisory, passes: Passes) -> None:
    one = passes.at(advisory.path)
    test = passes.name(partial(_advice, advisory), ("advice", advisory))
    one.ask(f"if {one.value(advisory.attribute)}: {add(DUE, passes.rank(), test)}")


def _advice(advisory: Advisory, element: Element, _found: Found, _now: int) -> Faults:
    value = element.get(advisory.attribute, "")
    return (Fault(advisory.rule, (Spot(element, advisory.attribute),), {"value": value}),)
