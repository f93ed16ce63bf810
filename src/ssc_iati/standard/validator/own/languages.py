"""Languages: what `xml:lang` states is the code of one."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import cast

from lxml import etree

from ssc_iati.standard import codelists
from ssc_iati.standard.validator.gather import Element, Found
from ssc_iati.standard.validator.kinds import NONE, Faults, Spot, Test, Wants
from ssc_iati.standard.validator.own.grouped import by_value
from ssc_iati.standard.validator.paths import XML

_LANG = f"{XML}lang"
_STATED = etree.XPath("descendant-or-self::*/@xml:lang", smart_strings=False)


def known_languages(wants: Wants) -> Test:
    """Each language stated anywhere begins with a code of the list (`pt` of `pt-BR`), in any case; none is none."""
    rule = wants.rule

    def test(element: Element, _found: Found, _now: int) -> Faults:
        stated = set(cast("list[str]", _STATED(element)))
        unknown = {value for value in stated if not _exists(value)}
        if not unknown:
            return NONE
        return by_value(
            rule, [(value, Spot(each, _LANG)) for each in element.iter() if (value := each.get(_LANG)) in unknown]
        )

    return test


@lru_cache(maxsize=4_096)
def _exists(value: str) -> bool:
    primary = value.strip().partition("-")[0].lower()
    return not primary or primary in _codes()


@cache
def _codes() -> frozenset[str]:
    return frozenset(code.lower() for code in codelists.codes("Language"))
