"""Numbers, and shares that sum to 100."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds.base import NONE, Fault, Faults, Spot, Test, Wants
from ssc_iati.standard.validator.kinds.texts import no_wrong_text
from ssc_iati.standard.validator.numbers import number, xpath_number

_ALL = 100
_SHARE = "percentage"


def is_number(wants: Wants) -> Test:
    """There is a number, as the official validator's XPath reads numbers; to have none is no better."""
    rule, of = wants.rule, wants.one("of")

    def test(element: Element, found: Found, _now: int) -> Faults:
        hits = of.hits(element, found)
        if hits and not math.isnan(xpath_number(hits[0][1])):
            return NONE
        spot = Spot(element, of.attribute if hits else None)
        return (Fault(rule, (spot,), {"value": hits[0][1] if hits else ""}),)

    return test


def in_range(wants: Wants) -> Test:
    """Each is a number between the limits; nothing counts as 0, and words are no number."""
    least, most = float(wants.asks["min"]), float(wants.asks.get("max", math.inf))
    return no_wrong_text(wants, lambda said: not least <= number(said) <= most)


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
    if "unless" not in wants.asks:
        return lambda _element, _found: False
    return wants.spares([wants.asks["unless"]])[0].any


def each_has_share(wants: Wants) -> Test:
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


def some_share(wants: Wants) -> Test:
    """Where there are several, at least one states its share."""
    rule, groups = wants.rule, _groups(wants)

    def test(element: Element, found: Found, _now: int) -> Faults:
        return [
            Fault(rule, tuple(map(Spot, together)), {"total": str(len(together)), "vocabulary": vocabulary})
            for vocabulary, together in groups(element, found)
            if len(together) > 1 and all(each.get(_SHARE) is None for each in together)
        ]

    return test


def only_share_is_100(wants: Wants) -> Test:
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


def shares_sum_to_100(wants: Wants) -> Test:
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


def at_most_one(wants: Wants) -> Test:
    """Not more than one (of each vocabulary)."""
    rule, groups = wants.rule, _groups(wants)

    def test(element: Element, found: Found, _now: int) -> Faults:
        return [
            Fault(rule, tuple(map(Spot, together)), {"count": str(len(together)), "vocabulary": vocabulary})
            for vocabulary, together in groups(element, found)
            if len(together) > 1
        ]

    return test
