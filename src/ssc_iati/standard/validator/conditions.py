"""For each kind of check an expression of Python that is true wherever its test finds something, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds import Made, TextCheck
from ssc_iati.standard.validator.kinds.dates import YEAR
from ssc_iati.standard.validator.moments import moment
from ssc_iati.standard.validator.passes import Pass, Passes
from ssc_iati.standard.validator.paths import XML, compiled, parts

_MOST_REMEMBERED, _LONGEST = 4_096, 200


class Conditions:
    """The conditions of the tests of one version, for the passes that ask them."""

    def __init__(self, passes: Passes) -> None:
        self._passes = passes
        self._texts: dict[frozenset[Any], _Texts] = {}
        self._flags: dict[object, str] = {}

    def of(self, made: Made, beside: Iterable[Made], at: Pass) -> str:
        """That what the test needs is there, nothing that spares it, and its own condition; empty if it is always due.

        `beside`: all tests of the context; `at`: the pass over its elements.
        """
        gathered = self._passes.gathered
        needs = [" or ".join(gathered(path) for path in sorted(paths)) for paths in made.needs]
        spared = [f"not {gathered(path)}" for path in sorted(made.spared)]
        own = self._own(made, beside, at)
        return " and ".join(f"({each})" for each in dict.fromkeys([*needs, *spared, *([own] if own else ())]))

    def _own(self, made: Made, beside: Iterable[Made], at: Pass) -> str | None:
        if made.texts is not None:
            return self._wrong_text(made, made.texts, self._alike(made.texts, beside), at)
        asked = Asked(made, at, self._passes)
        condition = (_OF_THE_ACTIVITY if asked.is_top else _BELOW).get(made.check.kind)
        return condition(asked) if condition is not None else None

    def _alike(self, check: TextCheck, beside: Iterable[Made]) -> _Texts:
        """What says that a text is wrong, of the tests beside it that look at the same texts; tests of other texts
        that say the same of them share it.
        """
        beside_it = (each.texts for each in beside if each.texts is not None)
        questions = tuple(dict.fromkeys(each.is_wrong for each in beside_it if each.at == check.at))
        return self._texts.setdefault(frozenset(questions), _Texts(questions))

    def _wrong_text(self, made: Made, check: TextCheck, texts: _Texts, at: Pass) -> str:
        """One of the texts is wrong. Those of the activity are looked at in the passes over the elements that have
        them; of an element below it, its own attribute is, and whatever else it asks for by calling for it.
        """
        steps, chosen, attribute = parts(check.at[0])
        if len(check.at) == 1 and steps in {"", "."} and chosen is None and attribute:
            return self._is_wrong(at.value(_full(attribute)), texts)
        gathered = [compiled(path, made.at)[1] for path in check.at]
        if "/" in made.at or not all(gathered):
            suspect = self._passes.name(texts.is_suspect, ("suspect", id(texts)))
            paths, found = self._passes.name(check.paths, ("paths", made.at, check.at)), self._passes.found
            return f"{suspect}({paths}, e, {self._passes.name(found)})"
        key = (made.at, check.at, id(texts))
        if key not in self._flags:
            self._flags[key] = self._passes.flag()
            for path, (where,) in zip(check.at, gathered, strict=True):
                one, attribute = self._passes.at(where), parts(path)[2]
                said = one.value(_full(attribute)) if attribute else one.taken("text(e)")
                one.ask(f"if {self._is_wrong(said, texts)}: {self._flags[key]} = True")
        return self._flags[key]

    def _is_wrong(self, said: str, texts: _Texts) -> str:
        well = self._passes.name(texts.well)
        is_wrong = self._passes.name(texts.is_wrong, ("wrong", id(texts)))
        return f"{said} is not None and {said} not in {well} and {is_wrong}({said})"


class _Texts:
    """Questions that are asked of the same texts. What was well is remembered: references and links come again and
    again.
    """

    def __init__(self, questions: tuple[Callable[[str], object], ...]) -> None:
        self._questions = questions
        self.well: set[str] = set()

    def is_wrong(self, said: str) -> bool:
        """Whether one of the questions finds something wrong in a text."""
        for finds in self._questions:  # no generator: it would take longer than most tests
            if finds(said):
                return True
        if len(said) <= _LONGEST:
            if len(self.well) >= _MOST_REMEMBERED:
                self.well.clear()
            self.well.add(said)
        return False

    def is_suspect(self, paths: Iterable[Any], element: Element, found: Found) -> bool:
        """Whether one of the questions finds something wrong in one of the texts at the paths."""
        for path in paths:
            for _, said in path.hits(element, found):
                if said not in self.well and self.is_wrong(said):
                    return True
        return False


class Asked:
    """What a check asks for, where, and the names to say it by."""

    def __init__(self, made: Made, at: Pass, passes: Passes) -> None:
        self.asks, self._made, self._at, self._passes = made.check.asks, made, at, passes

    @property
    def is_top(self) -> bool:
        """Whether it is about the activity itself, of which everything is gathered."""
        return "/" not in self._made.at

    def elements(self, path: str) -> str:
        """The list of the elements that a path leads to from the activity."""
        (key,) = compiled(path, self._made.at)[1]
        return self._passes.gathered(key)

    def value(self, attribute: str) -> str:
        """What the element's own attribute says, None if it has none."""
        return self._at.value(_full(attribute))

    def first(self, path: str) -> str:
        """What stands at the first element that a path leads to; None where there is none."""
        steps, _, attribute = parts(path)
        if not steps and attribute:
            return self.value(attribute)
        there = self.elements(path)
        said = f"{there}[0].get({_full(attribute).encode()!r})" if attribute else f"text({there}[0])"
        return self._at.taken(f"{said} if {there} else None")

    def instant(self, path: str) -> str:
        """The instant that this means, None if it is none."""
        first = self.first(path)
        return self._at.taken(f"None if {first} is None else moment({first})")

    def name(self, thing: object, key: object) -> str:
        """The name of a helper; those of one key are one."""
        return self._passes.name(thing, key)


Condition = Callable[[Asked], str | None]


def _full(attribute: str) -> str:
    return attribute.replace("xml:", XML)


# --- Of the activity itself -------------------------------------------------------------------------------------------


def _any_of_lists(asked: Asked) -> str | None:
    if any(parts(path)[2] for path in asked.asks["of"]):
        return None
    return " and ".join(f"not {each}" for each in map(asked.elements, asked.asks["of"]))


def _no_default(asked: Asked) -> str | None:
    steps, _, attribute = parts(asked.asks["default"])
    return f"{asked.value(attribute)} is None" if attribute and not steps else None


def _none_is_the_one(asked: Asked) -> str:
    return f"not {asked.elements(asked.asks['must'])}"


def _same_text(asked: Asked) -> str | None:
    if len(asked.asks["of"]) != 2:
        return None
    one, other = map(asked.elements, asked.asks["of"])
    same = " == ".join(asked.first(path) for path in asked.asks["of"])
    return f"len({one}) > 1 or len({other}) > 1 or ({one} and {other} and {same})"


def _begins_otherwise(asked: Asked) -> str:
    of, prefix = asked.elements(asked.asks["of"]), asked.elements(asked.asks["prefixes"][0])
    begin = f"({asked.first(asked.asks['prefixes'][0])} or '') + '-'"
    return f"len({of}) > 1 or not {prefix} or not {asked.first(asked.asks['of'])}.startswith({begin})"


def _first_is_no_past(asked: Asked) -> str:
    path = asked.asks["of"]
    instant = asked.instant(path)
    late = f"({instant} is None or {instant} > now)"
    # Of its own attribute the test finds nothing where it has none; of an element's it looks at the next then.
    return late if parts(path)[0] else f"{asked.first(path)} is not None and {late}"


def _firsts_out_of_order(asked: Asked) -> str:
    """There is no saying that the second date is not earlier than the first."""
    first, second = (asked.instant(asked.asks[name]) for name in ("first", "second"))
    return f"{first} is None or {second} is None or {first} > {second}"


def _several(asked: Asked) -> str:
    return f"len({asked.elements(asked.asks['of'])}) > 1"


def _several_of_one(asked: Asked) -> str:
    lists = [asked.elements(asked.asks[name]) for name in ("first", "second")]
    return f"{' and '.join(lists)} and ({' or '.join(f'len({each}) > 1' for each in lists)})"


def _several_together(asked: Asked) -> str:
    lists = [asked.elements(asked.asks[name]) for name in ("of", "with") if name in asked.asks]
    return " + ".join(f"len({each})" for each in lists) + " > 1"


def _odd_only_share(asked: Asked) -> str:
    of = asked.elements(asked.asks["of"])
    odd = f"{of}[0].get(b'percentage') not in (None, '100')"
    return f"len({of}) > 1 or {odd}" if "by" in asked.asks else f"len({of}) == 1 and {odd}"


def _there(asked: Asked) -> str:
    return asked.elements(asked.asks["of"])


# --- Of an element below it -------------------------------------------------------------------------------------------


def _any_of_own(asked: Asked) -> str | None:
    """None of its attributes is there, nor is its first child what is sought."""
    told = [_lacks(path, asked) for path in asked.asks["of"]]
    return " and ".join(each for each in told if each) if all(told) else None


def _lacks(path: str, asked: Asked) -> str | None:
    steps, chosen, attribute = parts(path)
    if attribute and not steps and chosen is None:
        return f"{asked.value(attribute)} is None"
    child, _, deeper = steps.partition("/")
    if attribute or chosen or not child or deeper not in {"", "text()"}:
        return None
    says = " and c.text" if deeper else ""
    return f"not (len(e) and (c := e[0]).tag == {child!r}{says})"


def _none_of_own(asked: Asked) -> str | None:
    steps, chosen, attribute = parts(asked.asks["of"])
    return f"{asked.value(attribute)} is not None" if attribute and not steps and not chosen else None


def _odd_own_period(asked: Asked) -> str | None:
    """One question for the order and for the length of a period."""
    paths = tuple(parts(asked.asks[name]) for name in ("first", "second"))
    if any("/" in steps or not steps or chosen or not attribute for steps, chosen, attribute in paths):
        return None
    period = _Period(*((steps, _full(attribute or "")) for steps, _, attribute in paths))
    return f"{asked.name(period.is_odd, ('period', paths))}(e)"


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


def _names_an_activity(asked: Asked) -> str:
    return asked.value("provider-activity-id")


_OF_THE_ACTIVITY: dict[str, Condition] = {
    "all_different": _same_text,
    "all_in_order": _several_of_one,
    "any_of": _any_of_lists,
    "at_most_one": _several,
    "begins_with": _begins_otherwise,
    "default_or_each": _no_default,
    "each_has_share": _several,
    "in_order": _firsts_out_of_order,
    "later_ones_not_in_future": _several,
    "no_overlap": _several,
    "not_in_future": _first_is_no_past,
    "one_of_them": _none_is_the_one,
    "only_share_is_100": _odd_only_share,
    "shares_sum_to_100": _several_together,
    "some_share": _several,
    "states": _there,
}
_BELOW: dict[str, Condition] = {
    "any_of": _any_of_own,
    "at_most_a_year": _odd_own_period,
    "in_order": _odd_own_period,
    "none_of": _none_of_own,
    "not_of_receiver": _names_an_activity,
}
