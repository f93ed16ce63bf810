"""Codes that their list has withdrawn, where what they are said of is not older than that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time

from ssc_iati.standard import codelists
from ssc_iati.standard.rules import own_rule
from ssc_iati.standard.validator.gather import Element
from ssc_iati.standard.validator.kinds import NONE, Fault, Faults, Spot
from ssc_iati.standard.validator.moments import milliseconds, moment

_RULE = "ssc-iati-code-withdrawn"
_WITH_SUCCESSOR = f"iati:{_RULE}-successor"
_OWN_DATE = "value-date"
_DATES = {
    "transaction": ("transaction-date",),
    "budget": ("period-end",),
    "planned-disbursement": ("period-end", "period-start"),
    "iati-activity": ("activity-date[@type='4']", "activity-date[@type='3']"),
}


def together(faults: Iterable[Fault]) -> Iterator[Fault]:
    """The faults, those of one withdrawn code as one that shows at all its places, at the end."""
    gone = dict[tuple[str, ...], list[Fault]]()
    for each in faults:
        if each.rule.id == _RULE:
            gone.setdefault(tuple(each.values.values()), []).append(each)
        else:
            yield each
    for first, *others in gone.values():
        yield first._replace(spots=(*first.spots, *(each.spots[0] for each in others)))


def withdrawn_fault(list_name: str, code: str, spot: Spot) -> Faults:
    """The fault of a withdrawn code; none where the thing was over when the code still held."""
    day = codelists.withdrawn(list_name, code)
    dated = None if day is None else _date(spot.element)
    if day is not None and dated is not None and dated < milliseconds(datetime.combine(day, time(), UTC)):
        return NONE
    said = {"value": code, "codelist": list_name}
    successor = codelists.successor(list_name, code)
    if successor is None:
        return (Fault(own_rule(_RULE), (spot,), said),)
    return (Fault(own_rule(_RULE), (spot,), said | {"successor": successor}, _WITH_SUCCESSOR),)


def _date(element: Element) -> int | None:
    """The date of what a code is said of: of the value, the transaction, the period, else the end of the activity."""
    if (own := moment(element.get(_OWN_DATE, ""))) is not None:
        return own
    for each in (element, *element.iterancestors()):
        for path in _DATES.get(str(each.tag), ()):
            child = each.find(path)
            if child is not None and (date := moment(child.get("iso-date", ""))) is not None:
                return date
    return None
