"""Which tests may find something in an activity: told by one function that is written for a version and compiled.

Most tests find nothing in most activities, and calling them takes longer than seeing that they will. So for each kind
of check a condition is stated here, an expression of Python, that is true wherever its test finds something (and may be
true elsewhere: the test decides). A test without a condition is always due where what it needs is there.

In the expressions `e` is the element of the context, and `now` the instant of the run; lists of gathered elements,
tests and helpers stand in them under names that `Names` gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from ssc_iati.standard.rules import Context
from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds import Made, Test, TextCheck
from ssc_iati.standard.validator.kinds.dates import YEAR
from ssc_iati.standard.validator.moments import moment
from ssc_iati.standard.validator.paths import XML, allowed, compiled, parts, text

Due = Callable[[int], list[tuple[Test, Element]]]
_MOST_REMEMBERED, _LONGEST = 4_096, 200


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


def sieve(plans: Sequence[Plan], item: str, found: Found) -> Due:
    """The function that tells which tests are due of the activity whose elements stand in `found`, in the order of the
    plans, each with the element that it is to look at.
    """
    names = Names(found)
    lines = ["def due(now):", " out = []", " add = out.append"]
    for plan in plans:
        if not plan.path.startswith("//"):
            lines += _of_plan(plan, names)
    lines += [*_of_tags([plan for plan in plans if plan.path.startswith("//")], item, names), " return out"]
    due: Due = names.function(lines)
    return due


class Names:
    """The names under which the function knows lists and helpers."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.bound: dict[str, Any] = {"moment": moment, "text": text}
        self._given: dict[Any, str] = {}

    def function(self, lines: list[str]) -> Any:  # noqa: ANN401 - whatever the lines define
        """The function `due` that the lines define."""
        exec("\n".join(lines), self.bound)  # noqa: S102 - written of the rules in this package alone
        return self.bound["due"]

    def of(self, thing: object, key: object = None) -> str:
        """The name of a thing; things of the same key share one."""
        key = key if key is not None else id(thing)
        if key not in self._given:
            self._given[key] = f"x{len(self._given)}"
            self.bound[self._given[key]] = thing
        return self._given[key]

    def gathered(self, path: str) -> str:
        """The name of the list of what is gathered at a path."""
        return self.of(self.found[path], ("list", path))


def _of_plan(plan: Plan, names: Names) -> Iterable[str]:
    needs = f" if {names.gathered(plan.context.needs)} else ()" if plan.context.needs else ""
    yield f" for e in {names.gathered(plan.path)}{needs}:"
    if plan.context.only:
        yield f"  if not {names.of(allowed(plan.context.only))}(e): continue"
    yield from _of_tests(plan, names)


def _of_tags(plans: list[Plan], item: str, names: Names) -> Iterable[str]:
    """Those of elements anywhere: one walk for all."""
    if plans:
        tags = tuple(plan.path[2:] for plan in plans)
        yield f" for e in {names.gathered(item)}[0].iterdescendants(*{tags!r}):"
        for plan in plans:
            yield f"  if e.tag == {plan.path[2:]!r}:"
            yield from (f" {line}" for line in _of_tests(plan, names))


def _of_tests(plan: Plan, names: Names) -> Iterable[str]:
    """A line for each test; what several of them depend on is asked once."""
    texts = _alike(plan)
    asked = dict[str, str]()
    for made in plan.made:
        condition = _whole_condition(made, texts, names)
        if condition and condition not in asked:
            asked[condition] = f"c{len(asked)}"
            yield f"  {asked[condition]} = {condition}"
        where = f"if {asked[condition]}: " if condition else ""
        yield f"  {where}add(({names.of(made.test)}, e))"


def _whole_condition(made: Made, texts: dict[tuple[str, ...], _Texts], names: Names) -> str:
    """That what the test needs is there, nothing that spares it, and its own condition; empty if it is always due."""
    needs = [" or ".join(names.gathered(path) for path in sorted(paths)) for paths in made.needs]
    spared = [f"not {names.gathered(path)}" for path in sorted(made.spared)]
    own = _condition(made, texts, names)
    return " and ".join(f"({each})" for each in dict.fromkeys([*needs, *spared, *([own] if own else ())]))


def _alike(plan: Plan) -> dict[tuple[str, ...], _Texts]:
    """Of the texts that tests of a plan look at, what says that one of them is wrong."""
    found = dict[tuple[str, ...], _Texts]()
    for each in plan.made:
        if each.texts is not None:
            found.setdefault(each.texts.at, _Texts()).checks.append(each.texts)
    return found


class _Texts:
    """The tests of the same texts. What was well is remembered: references and links come again and again."""

    def __init__(self) -> None:
        self.checks: list[TextCheck] = []
        self.well: set[str] = set()

    def is_wrong(self, said: str) -> bool:
        """Whether one of the tests finds something wrong in a text."""
        for each in self.checks:  # no generator: it would take longer than most tests
            if each.is_wrong(said):
                return True
        if len(said) <= _LONGEST:
            if len(self.well) >= _MOST_REMEMBERED:
                self.well.clear()
            self.well.add(said)
        return False

    def is_suspect(self, element: Element, found: Found) -> bool:
        """Whether one of the tests finds something wrong in one of the texts."""
        for path in self.checks[0].paths:
            for _, said in path.hits(element, found):
                if said not in self.well and self.is_wrong(said):
                    return True
        return False


# --- Conditions -------------------------------------------------------------------------------------------------------


class _Asked(NamedTuple):
    """What a check asks for, where, and the names to say it by."""

    asks: Any
    at: str
    names: Names

    @property
    def is_top(self) -> bool:
        """Whether it is about the activity itself, of which everything is gathered."""
        return "/" not in self.at

    def elements(self, path: str) -> str:
        """The list of the elements that a path leads to from the activity."""
        (key,) = compiled(path, self.at)[1]
        return self.names.gathered(key)

    def first(self, path: str) -> str:
        """What stands at the first element that a path leads to."""
        attribute = parts(path)[2]
        return f"{self.elements(path)}[0].get({_full(attribute)!r})" if attribute else f"text({self.elements(path)}[0])"


Condition = Callable[[_Asked], str | None]


def _condition(made: Made, texts: dict[tuple[str, ...], _Texts], names: Names) -> str | None:
    asked = _Asked(made.check.asks, made.at, names)
    if made.texts is not None:
        return _wrong_text(made.texts, texts[made.texts.at], asked)
    kind = made.check.kind
    condition = (_OF_THE_ACTIVITY if asked.is_top else _BELOW).get(kind)
    return condition(asked) if condition is not None else None


def _wrong_text(check: TextCheck, texts: _Texts, asked: _Asked) -> str:
    own = [parts(path) for path in check.at]
    if len(own) == 1 and own[0][0] in {"", "."} and own[0][1] is None and own[0][2]:
        well, is_wrong = asked.names.of(texts.well), asked.names.of(texts.is_wrong, ("wrong", id(texts)))
        return f"(v := e.get({_full(own[0][2])!r})) is not None and v not in {well} and {is_wrong}(v)"
    return f"{asked.names.of(texts.is_suspect, ('suspect', id(texts)))}(e, {asked.names.of(asked.names.found)})"


def _full(attribute: str) -> str:
    return attribute.replace("xml:", XML)


def _any_of_lists(asked: _Asked) -> str | None:
    if any(parts(path)[2] for path in asked.asks["of"]):
        return None
    return " and ".join(f"not {each}" for each in map(asked.elements, asked.asks["of"]))


def _any_of_own(asked: _Asked) -> str | None:
    """None of its attributes is there, nor is its first child what is sought."""
    told = [_lacks(path) for path in asked.asks["of"]]
    return " and ".join(each for each in told if each) if all(told) else None


def _lacks(path: str) -> str | None:
    steps, chosen, attribute = parts(path)
    if attribute and not steps and chosen is None:
        return f"e.get({_full(attribute)!r}) is None"
    child, _, deeper = steps.partition("/")
    if attribute or chosen or not child or deeper not in {"", "text()"}:
        return None
    says = " and e[0].text" if deeper else ""
    return f"not (len(e) and e[0].tag == {child!r}{says})"


def _none_of_own(asked: _Asked) -> str | None:
    steps, chosen, attribute = parts(asked.asks["of"])
    return f"e.get({_full(attribute)!r}) is not None" if attribute and not steps and not chosen else None


def _no_default(asked: _Asked) -> str | None:
    steps, _, attribute = parts(asked.asks["default"])
    return f"e.get({_full(attribute)!r}) is None" if attribute and not steps else None


def _none_is_the_one(asked: _Asked) -> str:
    return f"{asked.elements(asked.asks['of'])} and not {asked.elements(asked.asks['must'])}"


def _same_text(asked: _Asked) -> str | None:
    if len(asked.asks["of"]) != 2:
        return None
    one, other = map(asked.elements, asked.asks["of"])
    same = " == ".join(asked.first(path) for path in asked.asks["of"])
    return f"len({one}) > 1 or len({other}) > 1 or ({one} and {other} and {same})"


def _begins_otherwise(asked: _Asked) -> str:
    of, prefix = asked.elements(asked.asks["of"]), asked.elements(asked.asks["prefixes"][0])
    begin = f"({asked.first(asked.asks['prefixes'][0])} or '') + '-'"
    return f"len({of}) > 1 or not {prefix} or ({of} and not {asked.first(asked.asks['of'])}.startswith({begin}))"


def _first_is_no_past(asked: _Asked) -> str:
    path = asked.asks["of"]
    if not parts(path)[0]:
        return f"(v := e.get({_full(parts(path)[2] or '')!r})) is not None and ((m := moment(v)) is None or m > now)"
    first = asked.first(path)
    return f"{asked.elements(path)} and ((v := {first}) is None or (m := moment(v)) is None or m > now)"


def _firsts_out_of_order(asked: _Asked) -> str:
    paths = asked.asks["first"], asked.asks["second"]
    first, second = (asked.first(path) for path in paths)
    there = " and ".join(asked.elements(path) for path in paths)
    return f"{there} and {asked.names.of(_is_odd_period)}({first}, {second})"


def _is_odd_period(first: str | None, second: str | None) -> bool:
    """Whether there is no saying that the second date comes within the year after the first."""
    if first is None or second is None or (start := moment(first)) is None or (end := moment(second)) is None:
        return True
    return start > end


def _odd_own_period(asked: _Asked) -> str | None:
    """One question for the order and for the length of a period."""
    paths = tuple(parts(asked.asks[name]) for name in ("first", "second"))
    if any("/" in steps or not steps or chosen or not attribute for steps, chosen, attribute in paths):
        return None
    period = _Period(*((steps, _full(attribute or "")) for steps, _, attribute in paths))
    return f"{asked.names.of(period.is_odd, ('period', paths))}(e)"


class _Period:
    """A period between two children; those that are in order are remembered, since they come again and again."""

    def __init__(self, first: tuple[str, str], second: tuple[str, str]) -> None:
        self._first, self._second = first, second
        self._well: set[tuple[str | None, str | None]] = set()

    def is_odd(self, element: Element) -> bool:
        """Whether its dates are not both there, in order, and within a year."""
        (first, of_first), (second, of_second) = self._first, self._second
        start = end = None
        for child in element:
            if child.tag == first:
                start = start or child.get(of_first)
            elif child.tag == second:
                end = end or child.get(of_second)
        if (start, end) in self._well:
            return False
        if start is None or end is None or (begin := moment(start)) is None or (over := moment(end)) is None:
            return True
        if begin > over or over - begin >= YEAR:
            return True
        if len(self._well) >= _MOST_REMEMBERED:
            self._well.clear()
        self._well.add((start, end))
        return False


def _several(asked: _Asked) -> str:
    return f"len({asked.elements(asked.asks['of'])}) > 1"


def _several_together(asked: _Asked) -> str:
    lists = [asked.elements(asked.asks[name]) for name in ("of", "with") if name in asked.asks]
    return " + ".join(f"len({each})" for each in lists) + " > 1"


def _odd_only_share(asked: _Asked) -> str:
    of = asked.elements(asked.asks["of"])
    odd = f"{of}[0].get('percentage') not in (None, '100')"
    return f"len({of}) > 1 or ({of} and {odd})" if "by" in asked.asks else f"len({of}) == 1 and {odd}"


_OF_THE_ACTIVITY: dict[str, Condition] = {
    "all_different": _same_text,
    "any_of": _any_of_lists,
    "at_most_one": _several,
    "begins_with": _begins_otherwise,
    "default_or_each": _no_default,
    "each_has_share": _several,
    "in_order": _firsts_out_of_order,
    "not_in_future": _first_is_no_past,
    "one_of_them": _none_is_the_one,
    "only_share_is_100": _odd_only_share,
    "shares_sum_to_100": _several_together,
    "some_share": _several,
}
_BELOW: dict[str, Condition] = {
    "any_of": _any_of_own,
    "at_most_a_year": _odd_own_period,
    "in_order": _odd_own_period,
    "none_of": _none_of_own,
}
