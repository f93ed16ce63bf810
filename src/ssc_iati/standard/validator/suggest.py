"""The code that was probably meant, where a finding is of a code that no list has: sought only for what is shown."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache

from ssc_iati.findings import Finding
from ssc_iati.standard import codelists
from ssc_iati.standard.validator.codes import AS_TEXT, LINKED, UNKNOWN

_LONGEST = 100  # signs; nothing longer resembles a code, or its name


def with_suggestion(item: Finding) -> Finding:
    """The finding, with the closest code among its values (empty, if none is close) where its words show one."""
    if item.words not in {UNKNOWN, LINKED, AS_TEXT}:
        return item
    close = _closest(item.values["codelist"], item.values["value"])
    return replace(item, values={**item.values, "suggestion": close})


@lru_cache(maxsize=10_000)
def _closest(codelist: str, value: str) -> str:
    """The closest code. A number is no closer to one code than to another, unless only zeros before it are missing."""
    if value.isdigit():
        return _numbers(codelist).get(value.lstrip("0"), "")
    return (codelists.suggest(codelist, value) or "") if len(value) <= _LONGEST else ""


@cache
def _numbers(codelist: str) -> dict[str, str]:
    """The codes of a list that are numbers, by what they are without zeros before them; those that share it are left
    out.
    """
    found: dict[str, list[str]] = {}
    for code in codelists.codes(codelist, active=True):
        if code.isdigit():
            found.setdefault(code.lstrip("0"), []).append(code)
    return {bare: codes[0] for bare, codes in found.items() if len(codes) == 1}
