"""The kinds of checks that `rulesets.toml` names: each makes, of what a check asks for, the test that finds its
faults.

A test is told an element of the context, what was gathered of the activity, and the instant that counts as now; it
gives the faults, mostly none. What each kind tests, and where it is lenient, follows the official validator.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from ssc_iati.standard import org_id
from ssc_iati.standard.rules import Check, Rule
from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.moments import moment
from ssc_iati.standard.validator.numbers import number, trimmed, xpath_number
from ssc_iati.standard.validator.paths import Allows, Hits, Path, compiled

_SYMBOLS = re.compile(r"[/&|?]")
_ALL = 100
_YEAR = 366 * 86_400_000  # in milliseconds: more than 365 whole days
_SHARE = "percentage"


class Spot(NamedTuple):
    """Where a fault shows: an element, or an attribute of it."""

    element: Element
    attribute: str | None = None


class Fault(NamedTuple):
    """What a check found: its rule, where it shows, the values for its words, and their key if it is not the rule's
    own.
    """

    rule: Rule
    spots: tuple[Spot, ...]
    values: Mapping[str, str]
    words: str = ""


Faults = Sequence[Fault]
Test = Callable[[Element, Found, int], Faults]
NONE: tuple[Fault, ...] = ()


class Made(NamedTuple):
    """A test, the paths that must be gathered for it, and perhaps one without which it finds nothing (`idle`)."""

    test: Test
    paths: set[str]
    idle: str | None


def made(check: Check, at: str, kind: Kind) -> Made:
    """The test that a kind makes of a check for the elements at `at`."""
    wants = Wants(check, at)
    test = kind(wants)
    when = check.asks.get("when")
    if when is not None:
        test = _only_when(wants.path(when), test)
    return Made(test, wants.paths, wants.idle)


class Wants:
    """What a check asks for, compiled as it is taken; notes the paths to gather."""

    def __init__(self, check: Check, at: str) -> None:
        self.rule, self.asks, self.at = check.rule, check.asks, at
        self.paths: set[str] = {at}
        self.idle: str | None = None

    def path(self, path: str) -> Path:
        """A path, compiled for the elements that the check looks at."""
        made, needed = compiled(path, self.at)
        self.paths |= needed
        return made

    def one(self, name: str) -> Path:
        """The path that it asks for by that name."""
        return self.path(self.asks[name])

    def always(self, name: str) -> Path:
        """The same; and where nothing stands there, the check finds nothing: it need not be asked then."""
        made, needed = compiled(self.asks[name], self.at)
        self.paths |= needed
        self.idle = next(iter(needed - {self.at}), None)
        return made

    def maybe(self, name: str) -> Path | None:
        """The same, where it may ask for none."""
        return self.path(self.asks[name]) if name in self.asks else None

    def many(self, name: str) -> list[Path]:
        """The paths that it asks for by that name."""
        return [self.path(each) for each in self.asks[name]]


Kind = Callable[[Wants], Test]


def _only_when(condition: Path, test: Test) -> Test:
    return lambda element, found, now: test(element, found, now) if condition.any(element, found) else NONE


# --- What must be there, or must not ----------------------------------------------------------------------------------


def _any_of(wants: Wants) -> Test:
    """At least one of the paths leads to something; existence is enough, an empty one counts."""
    if wants.asks["of"] == ["narrative/text()"]:
        return _says_something(wants.rule)
    rule, (first, *others) = wants.rule, wants.many("of")

    def test(element: Element, found: Found, _now: int) -> Faults:
        if first.any(element, found) or any(path.any(element, found) for path in others):
            return NONE
        return (Fault(rule, (Spot(element),), {}),)

    return test


def _says_something(rule: Rule) -> Test:
    """Some narrative of the element has text of its own; blanks are text."""

    def test(element: Element, _found: Found, _now: int) -> Faults:
        for narrative in element.iterchildren("narrative"):
            if narrative.text or any(child.tail for child in narrative):
                return NONE
        parent = element.getparent()
        return (Fault(rule, (Spot(element),), {"parent": "" if parent is None else str(parent.tag)}),)

    return test


def _none_of(wants: Wants) -> Test:
    """Nothing stands at the path."""
    rule, of = wants.rule, wants.one("of")

    def test(element: Element, found: Found, _now: int) -> Faults:
        return [Fault(rule, (Spot(each, of.attribute),), {"value": value}) for each, value in of.hits(element, found)]

    return test


def _default_or_each(wants: Wants) -> Test:
    """Either the default is there, or every element that could do without it says its own."""
    rule, default = wants.rule, wants.one("default")
    each = [_split(path, wants) for path in wants.asks["each"]]

    def test(element: Element, found: Found, _now: int) -> Faults:
        if default.any(element, found):
            return NONE
        lacking = [one for owners, has in each for one in owners.elements(element, found) if not has(one)]
        if not lacking:
            return NONE
        return (Fault(rule, tuple(map(Spot, lacking)), {"count": str(len(lacking))}),)

    return test


def _split(path: str, wants: Wants) -> tuple[Path, Allows]:
    """`transaction/sector`: the transactions, and whether one has a sector; `//value/@currency` likewise."""
    owners, _, last = path.rpartition("/")
    if last.startswith("@"):
        name = compiled(last, wants.at)[0].attribute or ""
        return wants.path(owners), lambda element: element.get(name) is not None
    return wants.path(owners), lambda element: next(element.iterchildren(last), None) is not None


def _not_both(wants: Wants) -> Test:
    """Something at one set of paths, or at the other, but not at both."""
    rule, ones, others = wants.rule, wants.many("of"), wants.many("and")

    def test(element: Element, found: Found, _now: int) -> Faults:
        if not any(path.any(element, found) for path in ones):
            return NONE
        doubled = [each for path in others for each in path.elements(element, found)]
        return (Fault(rule, tuple(map(Spot, doubled)), {"count": str(len(doubled))}),) if doubled else NONE

    return test


def _here_or_in_each(wants: Wants) -> Test:
    """Something at one of the paths here, or one of the children in each of those elements."""
    rule, here, each = wants.rule, wants.many("here"), wants.always("each")
    children = tuple(wants.asks["children"])

    def test(element: Element, found: Found, _now: int) -> Faults:
        if any(path.any(element, found) for path in here):
            return NONE
        lacking = [one for one in each.elements(element, found) if next(one.iterchildren(*children), None) is None]
        return (Fault(rule, tuple(map(Spot, lacking)), {"count": str(len(lacking))}),) if lacking else NONE

    return test


def _not_here_and_above(wants: Wants) -> Test:
    """Not a child of that name both in the element and in its parent."""
    rule, child = wants.rule, wants.asks["child"]

    def test(element: Element, _found: Found, _now: int) -> Faults:
        parent = element.getparent()
        own = next(element.iterchildren(child), None)
        if own is None or parent is None or (above := next(parent.iterchildren(child), None)) is None:
            return NONE
        return (Fault(rule, (Spot(own), Spot(above)), {}),)

    return test


def _one_of_them(wants: Wants) -> Test:
    """Where there is any of them, one is of the chosen sort."""
    rule, of, must = wants.rule, wants.always("of"), wants.one("must")

    def test(element: Element, found: Found, _now: int) -> Faults:
        there = of.elements(element, found)
        if not there or must.any(element, found):
            return NONE
        return (Fault(rule, tuple(map(Spot, there)), {"count": str(len(there))}),)

    return test


def _as_many_narratives(wants: Wants) -> Test:
    """Together they have at least as many narratives as they are."""
    rule, of = wants.rule, wants.always("of")

    def test(element: Element, found: Found, _now: int) -> Faults:
        there = of.elements(element, found)
        narratives = sum(1 for each in there for _ in each.iterchildren("narrative"))
        if narratives >= len(there):
            return NONE
        said = {"count": str(len(there)), "narratives": str(narratives)}
        return (Fault(rule, tuple(map(Spot, there)), said),)

    return test


# --- Texts ------------------------------------------------------------------------------------------------------------


def _all_different(wants: Wants) -> Test:
    """No two texts at the paths are the same."""
    rule, paths = wants.rule, wants.many("of")

    def test(element: Element, found: Found, _now: int) -> Faults:
        texts = [said for path in paths for _, said in path.hits(element, found)]
        if len(set(texts)) == len(texts):
            return NONE
        times = Counter(texts)
        hits = [(Spot(each, path.attribute), said) for path in paths for each, said in path.hits(element, found)]
        same = [(spot, said) for spot, said in hits if times[said] > 1]
        return (Fault(rule, tuple(spot for spot, _ in same), {"value": same[0][1]}),)

    return test


def _begins_with(wants: Wants) -> Test:
    """Each text begins with one of the prefixes and a hyphen; without any prefix none does."""
    rule, of, prefixes = wants.rule, wants.always("of"), wants.many("prefixes")

    def test(element: Element, found: Found, _now: int) -> Faults:
        begin = tuple([f"{said}-" for path in prefixes for _, said in path.hits(element, found)])
        hits = of.hits(element, found)
        for _, text_ in hits:
            if not text_.startswith(begin):
                wrong = [(each, said) for each, said in hits if not said.startswith(begin)]
                prefix = begin[0][:-1] if begin else ""
                return (Fault(rule, _spots(of, wrong), {"value": wrong[0][1], "prefix": prefix}),)
        return NONE

    return test


def _registered(wants: Wants) -> Test:
    """What stands before the second hyphen is the code of a confirmed register of organisations (org-id.guide)."""
    return _no_wrong_text(wants, lambda said: not org_id.confirmed("-".join(said.split("-")[:2])))


def _no_spaces(wants: Wants) -> Test:
    """No blanks around the text."""
    return _no_wrong_text(wants, lambda said: trimmed(said) != said)


def _no_symbols(wants: Wants) -> Test:
    """None of / & | ? in the text."""
    return _no_wrong_text(wants, _SYMBOLS.search)


def _no_wrong_text(wants: Wants, is_wrong: Callable[[str], object]) -> Test:
    """One fault that shows at each text that is wrong, if there are any."""
    rule, of = wants.rule, wants.always("of")
    hits = of.hits

    def test(element: Element, found: Found, _now: int) -> Faults:
        there = hits(element, found)
        for _, said in there:
            if is_wrong(said):
                return _each(rule, of, [hit for hit in there if is_wrong(hit[1])])
        return NONE

    return test


# --- Dates ------------------------------------------------------------------------------------------------------------


_Dated = tuple[Element, str, int]


def _first(path: Path, element: Element, found: Found) -> _Dated | None:
    """The first text at the path, with its owner, if it is a date: the official validator looks no further."""
    name = path.attribute or ""
    for each in path.elements(element, found):
        said = each.get(name)
        if said is not None:
            instant = moment(said)
            return None if instant is None else (each, said, instant)
    return None


def _not_in_future(wants: Wants) -> Test:
    """The date is not later than now."""
    rule, of = wants.rule, wants.always("of")

    def test(element: Element, found: Found, now: int) -> Faults:
        date = _first(of, element, found)
        if date is None or date[2] <= now:
            return NONE
        return (Fault(rule, (Spot(date[0], of.attribute),), {"value": date[1]}),)

    return test


def _in_order(wants: Wants) -> Test:
    """The first date is not later than the second."""
    rule, first, second = wants.rule, wants.always("first"), wants.one("second")

    def test(element: Element, found: Found, _now: int) -> Faults:
        if (start := _first(first, element, found)) is None or (end := _first(second, element, found)) is None:
            return NONE
        return (_period(rule, first, start, second, end),) if start[2] > end[2] else NONE

    return test


def _at_most_a_year(wants: Wants) -> Test:
    """The second date is at most 365 whole days after the first."""
    rule, first, second = wants.rule, wants.always("first"), wants.one("second")

    def test(element: Element, found: Found, _now: int) -> Faults:
        if (start := _first(first, element, found)) is None or (end := _first(second, element, found)) is None:
            return NONE
        return (_period(rule, first, start, second, end),) if end[2] - start[2] >= _YEAR else NONE

    return test


def _within(wants: Wants) -> Test:
    """The date lies in the period, its ends included; without a period nothing is wrong."""
    rule, of, first, second = wants.rule, wants.always("of"), wants.one("first"), wants.one("second")

    def test(element: Element, found: Found, _now: int) -> Faults:
        date, start, end = (_first(path, element, found) for path in (of, first, second))
        if date is None or start is None or end is None or start[2] <= date[2] <= end[2]:
            return NONE
        said = {"value": date[1], "start": start[1], "end": end[1]}
        return (Fault(rule, (Spot(date[0], of.attribute),), said),)

    return test


def _period(rule: Rule, first: Path, start: _Dated, second: Path, end: _Dated) -> Fault:
    spots = (Spot(start[0], first.attribute), Spot(end[0], second.attribute))
    return Fault(rule, spots, {"start": start[1], "end": end[1]})


# --- Numbers and shares -----------------------------------------------------------------------------------------------


def _is_number(wants: Wants) -> Test:
    """There is a number, as the official validator's XPath reads numbers; to have none is no better."""
    rule, of = wants.rule, wants.one("of")

    def test(element: Element, found: Found, _now: int) -> Faults:
        hits = of.hits(element, found)
        if hits and not math.isnan(xpath_number(hits[0][1])):
            return NONE
        spot = Spot(element, of.attribute if hits else None)
        return (Fault(rule, (spot,), {"value": hits[0][1] if hits else ""}),)

    return test


def _in_range(wants: Wants) -> Test:
    """Each is a number between the limits; nothing counts as 0, and words are no number."""
    least, most = float(wants.asks["min"]), float(wants.asks.get("max", math.inf))
    return _no_wrong_text(wants, lambda said: not least <= number(said) <= most)


Groups = Callable[[Element, Found], Iterable[tuple[str, Sequence[Element]]]]


def _groups(wants: Wants) -> Groups:
    """What a check of shares takes together: all of them, or (`by`) those of each vocabulary, one group after the
    other.
    """
    of, by = wants.always("of"), wants.asks.get("by")
    if by is None:
        return lambda element, found: [("", there)] if (there := of.elements(element, found)) else ()
    above, but, but_number = by.startswith("../"), wants.asks.get("but"), wants.asks.get("but-number")
    name = by.rpartition("@")[2]

    def groups(element: Element, found: Found) -> Iterable[tuple[str, Sequence[Element]]]:
        together: dict[str, list[Element]] = {}
        for each in of.elements(element, found):
            owner = each.getparent() if above else each
            value = None if owner is None else owner.get(name)
            if value is None or value == but or (but_number is not None and xpath_number(value) == but_number):
                continue
            together.setdefault(value, []).append(each)
        return together.items()

    return groups


def _unless(wants: Wants) -> Callable[[Element, Found], bool]:
    path = wants.maybe("unless")
    return path.any if path is not None else lambda _element, _found: False


def _each_has_share(wants: Wants) -> Test:
    """Where there are several, each states its share."""
    rule, groups, unless = wants.rule, _groups(wants), _unless(wants)

    def test(element: Element, found: Found, _now: int) -> Faults:
        faults = []
        for vocabulary, together in groups(element, found):
            if len(together) < 2:
                continue
            lacking = [each for each in together if each.get(_SHARE) is None]
            if lacking and not unless(element, found):
                said = {"count": str(len(lacking)), "total": str(len(together)), "vocabulary": vocabulary}
                faults.append(Fault(rule, tuple(map(Spot, lacking)), said))
        return faults

    return test


def _some_share(wants: Wants) -> Test:
    """Where there are several, at least one states its share."""
    rule, groups = wants.rule, _groups(wants)

    def test(element: Element, found: Found, _now: int) -> Faults:
        return [
            Fault(rule, tuple(map(Spot, together)), {"total": str(len(together)), "vocabulary": vocabulary})
            for vocabulary, together in groups(element, found)
            if len(together) > 1 and all(each.get(_SHARE) is None for each in together)
        ]

    return test


def _only_share_is_100(wants: Wants) -> Test:
    """Where there is one alone, it states no share, or 100."""
    rule, groups, unless = wants.rule, _groups(wants), _unless(wants)

    def test(element: Element, found: Found, _now: int) -> Faults:
        faults = []
        for vocabulary, together in groups(element, found):
            if len(together) != 1 or (share := together[0].get(_SHARE)) is None:
                continue
            if xpath_number(share) != _ALL and not unless(element, found):
                said = {"value": share, "vocabulary": vocabulary}
                faults.append(Fault(rule, (Spot(together[0], _SHARE),), said))
        return faults

    return test


def _shares_sum_to_100(wants: Wants) -> Test:
    """Where there are several (or several shares), the shares stated sum to 100 to four decimals."""
    rule, groups, unless = wants.rule, _groups(wants), _unless(wants)
    with_them, counts_shares = wants.maybe("with"), wants.asks.get("counting") == "shares"

    def test(element: Element, found: Found, _now: int) -> Faults:
        faults = []
        for vocabulary, together in groups(element, found):
            others = with_them.elements(element, found) if with_them is not None else []
            stated = [(each, share) for each in (*together, *others) if (share := each.get(_SHARE)) is not None]
            if (len(stated) if counts_shares else len(together) + len(others)) < 2:
                continue
            total = sum(number(share) for _, share in stated)
            if _is_100(total) or unless(element, found):
                continue
            spots = tuple(Spot(each, _SHARE) for each, _ in stated) or tuple(map(Spot, together))
            faults.append(Fault(rule, spots, {"sum": f"{total:.10g}", "vocabulary": vocabulary}))
        return faults

    return test


def _is_100(total: float) -> bool:
    return math.isfinite(total) and math.floor(total * 10_000 + 0.5) == _ALL * 10_000


def _at_most_one(wants: Wants) -> Test:
    """Not more than one (of each vocabulary)."""
    rule, groups = wants.rule, _groups(wants)

    def test(element: Element, found: Found, _now: int) -> Faults:
        return [
            Fault(rule, tuple(map(Spot, together)), {"count": str(len(together)), "vocabulary": vocabulary})
            for vocabulary, together in groups(element, found)
            if len(together) > 1
        ]

    return test


# --- Shared -----------------------------------------------------------------------------------------------------------


def _each(rule: Rule, path: Path, hits: Hits) -> Faults:
    """One fault that shows at each of the hits, if there are any."""
    return (Fault(rule, _spots(path, hits), {"value": hits[0][1]}),) if hits else NONE


def _spots(path: Path, hits: Hits) -> tuple[Spot, ...]:
    return tuple(Spot(each, path.attribute) for each, _ in hits)


KINDS: dict[str, Kind] = {
    "all_different": _all_different,
    "any_of": _any_of,
    "as_many_narratives": _as_many_narratives,
    "at_most_a_year": _at_most_a_year,
    "at_most_one": _at_most_one,
    "begins_with": _begins_with,
    "default_or_each": _default_or_each,
    "each_has_share": _each_has_share,
    "here_or_in_each": _here_or_in_each,
    "in_order": _in_order,
    "in_range": _in_range,
    "is_number": _is_number,
    "no_spaces": _no_spaces,
    "no_symbols": _no_symbols,
    "none_of": _none_of,
    "not_both": _not_both,
    "not_here_and_above": _not_here_and_above,
    "not_in_future": _not_in_future,
    "one_of_them": _one_of_them,
    "only_share_is_100": _only_share_is_100,
    "registered": _registered,
    "shares_sum_to_100": _shares_sum_to_100,
    "some_share": _some_share,
    "within": _within,
}
