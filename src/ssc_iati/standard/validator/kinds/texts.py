"""What a text may be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from ssc_iati.standard import org_id
from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds.base import (
    NONE,
    Fault,
    Faults,
    Spot,
    Test,
    TextCheck,
    Wants,
    each_hit,
    spots_of,
)
from ssc_iati.standard.validator.numbers import trimmed

_SYMBOLS = re.compile(r"[/&|?]")


def all_different(wants: Wants) -> Test:
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


def begins_with(wants: Wants) -> Test:
    """Each text begins with one of the prefixes and a hyphen; without any prefix none does."""
    rule, of, prefixes = wants.rule, wants.always("of"), wants.many("prefixes")

    def test(element: Element, found: Found, _now: int) -> Faults:
        begin = tuple([f"{said}-" for path in prefixes for _, said in path.hits(element, found)])
        hits = of.hits(element, found)
        for _, text_ in hits:
            if not text_.startswith(begin):
                wrong = [(each, said) for each, said in hits if not said.startswith(begin)]
                prefix = begin[0][:-1] if begin else ""
                return (Fault(rule, spots_of(of, wrong), {"value": wrong[0][1], "prefix": prefix}),)
        return NONE

    return test


def registered(wants: Wants) -> Test:
    """What stands before the second hyphen is the code of a confirmed register of organisations (org-id.guide)."""
    return no_wrong_text(wants, lambda said: not org_id.confirmed("-".join(said.split("-")[:2])))


def no_spaces(wants: Wants) -> Test:
    """No blanks around the text."""
    return no_wrong_text(wants, _has_blanks_around)


def _has_blanks_around(said: str) -> bool:
    return trimmed(said) != said


def no_symbols(wants: Wants) -> Test:
    """None of / & | ? in the text."""
    return no_wrong_text(wants, _SYMBOLS.search)


def no_wrong_text(wants: Wants, is_wrong: Callable[[str], object]) -> Test:
    """One fault that shows at each text that is wrong, if there are any."""
    rule, of = wants.rule, wants.always("of")
    hits = of.hits
    wants.texts = TextCheck((wants.asks["of"],), (of,), is_wrong)

    def test(element: Element, found: Found, _now: int) -> Faults:
        there = hits(element, found)
        for _, said in there:
            if is_wrong(said):
                return each_hit(rule, of, [hit for hit in there if is_wrong(hit[1])])
        return NONE

    return test
