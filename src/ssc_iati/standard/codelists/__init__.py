"""The codelists of the IATI Standard, named in four languages: readers `lookup` words, checks ask `has`.

They are those of the package, or of a newer edition that the user fetched; a process reads each once (`editions`).

Codes, English and French: IATI Standard codelists, iatistandard.org, CC BY 4.0. Spanish, Portuguese, some French: ours.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from ssc_iati.sections import Sections
from ssc_iati.standard import SNAPSHOT, VERSIONS, editions
from ssc_iati.text import fold

_DATA = files(__package__).joinpath("data")
_MAPPING = "mapping"
_BETWEEN = (" - ", " – ", " — ", ": ")


class Mapping(NamedTuple):
    """Which list holds at a path of an IATI file; `condition` is an XPath on the element, if there is one."""

    path: str
    codelist: str
    condition: str | None


@cache
def _document(list_name: str) -> dict[str, Any]:
    if list_name not in lists():
        raise KeyError(list_name)
    document: dict[str, Any] = json.loads(editions.content(f"{list_name}.json") or packaged(list_name))
    return document


def packaged(list_name: str) -> bytes:
    """The list as it came with the package, whatever edition is in use; its form is that of `official.written`."""
    return _DATA.joinpath(f"{list_name}.json").read_bytes()


@cache
def _items(list_name: str) -> dict[str, dict[str, str]]:
    items: dict[str, dict[str, str]] = _document(list_name)["items"]
    return items


@cache
def _translations() -> Sections:
    """By list and code: names in the languages that the standard lacks, and further spellings (`also`)."""
    return Sections(_DATA.joinpath("translations.toml").read_text(encoding="utf-8"))


@cache
def _successors() -> Sections:
    """By list and withdrawn code: the code in its place."""
    return Sections(_DATA.joinpath("successors.toml").read_text(encoding="utf-8"))


def _translated(list_name: str, code: str) -> dict[str, Any]:
    found: dict[str, Any] = _translations().get(list_name, {}).get(code, {})
    return found


@cache
def lists() -> tuple[str, ...]:
    """The names of all lists, in alphabetical order."""
    names = (entry.name.removesuffix(".json") for entry in _DATA.iterdir() if entry.name.endswith(".json"))
    return tuple(sorted(name for name in names if name != _MAPPING))


def snapshot_date() -> str:
    """The month of which the lists in the package are."""
    return SNAPSHOT


def date_of(list_name: str) -> str:
    """The day, or for a list of the package the month, of which a list is."""
    return str(_document(list_name)["date"])


@cache
def codes(list_name: str, *, active: bool = False) -> tuple[str, ...]:
    """The codes of a list in the standard's order, on demand only those in use; KeyError for a list that is none."""
    items = _items(list_name)
    return tuple(code for code in items if not active or status(list_name, code) == "active")


def has(list_name: str, code: str) -> bool:
    """Say whether a list holds a code, withdrawn ones included."""
    return code in _items(list_name)


@cache
def members(list_name: str, version: str = "2.03") -> frozenset[str]:
    """The codes of a list in that version of the standard, withdrawn ones included; none where the version lacks it.

    Only the lists that the standard embeds differ by version; KeyError for a list or a version that is none.
    """
    return frozenset(code for code, item in _items(list_name).items() if _stands(item, version))


def _stands(entry: dict[str, str], version: str) -> bool:
    """Say whether a code or a place is of that version."""
    if version not in VERSIONS:
        raise KeyError(version)
    return entry.get("since", version) <= version <= entry.get("until", version)


def status(list_name: str, code: str) -> str:
    """Tell `active` from `withdrawn`; KeyError for a code that the list does not hold."""
    return _items(list_name)[code].get("status", "active")


def withdrawn(list_name: str, code: str) -> date | None:
    """The day on which a code was withdrawn; None for a code in use, and where the standard does not state the day."""
    day = _items(list_name)[code].get("to") if status(list_name, code) == "withdrawn" else None
    return date.fromisoformat(day) if day else None


def successor(list_name: str, code: str) -> str | None:
    """The code that took the place of a withdrawn one, where that is certain (`successors.toml` says by whom).

    None for a code in use, and where none is known. An amount in a withdrawn currency has another value in the next.
    """
    known: str | None = _successors().get(list_name, {}).get(code)
    return known if known and status(list_name, code) == "withdrawn" and has(list_name, known) else None


def category(list_name: str, code: str) -> str | None:
    """The category that a code belongs to, where its list has any."""
    return _items(list_name)[code].get("category")


def name(list_name: str, code: str, language: str) -> str:
    """What a code is called: in the language, else in English, else by the code; KeyError for a code that is none."""
    item, ours = _items(list_name)[code], _translated(list_name, code)
    official = item.get(language) if language in {"en", "fr"} else None
    return official or ours.get(language) or item.get("en") or code


def named(list_name: str) -> bool:
    """Say whether every code in use has a Spanish and a Portuguese name of its own."""
    return all(_translated(list_name, code).keys() >= {"es", "pt"} for code in codes(list_name, active=True))


def _spellings(list_name: str, code: str) -> set[str]:
    ours = _translated(list_name, code)
    names = {name(list_name, code, language) for language in ("en", "fr", "es", "pt")}
    return {fold(text) for text in names.union(ours.get("also", ()))} - {""}


@cache
def _by_name(list_name: str) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for code in codes(list_name):
        for spelling in _spellings(list_name, code):
            found[spelling].add(code)
    return {spelling: _in_use(list_name, bearers) for spelling, bearers in found.items()}


def _in_use(list_name: str, bearers: set[str]) -> frozenset[str]:
    return frozenset(code for code in bearers if status(list_name, code) == "active") or frozenset(bearers)


@cache
def _by_case(list_name: str) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for code in codes(list_name):
        found[code.casefold()].add(code)
    return {spelling: frozenset(bearers) for spelling, bearers in found.items()}


def _only(bearers: frozenset[str] | None) -> str | None:
    return next(iter(bearers)) if bearers and len(bearers) == 1 else None


def _leading_code(list_name: str, text: str) -> str | None:
    heads = (text.partition(mark)[0].strip() for mark in _BETWEEN if mark in text)
    return next((head for head in heads if has(list_name, head)), None)


def lookup(list_name: str, text: str) -> str | None:
    """The code that a text names: the code itself, `10 - Government`, or its name in any language.

    None when no code or more than one is meant; a code in other case counts where nothing else does.
    """
    bare = text.strip()
    if has(list_name, bare):
        return bare
    named = _by_name(list_name).get(fold(bare))
    return _leading_code(list_name, bare) or _only(named or _by_case(list_name).get(bare.casefold()))


def suggest(list_name: str, text: str) -> str | None:
    """The code in use whose name, or else whose own spelling, comes closest to the text, if any comes close."""
    names = {spelling: found for spelling, found in _by_name(list_name).items() if len(found) == 1}
    close = get_close_matches(fold(text), names, n=1, cutoff=0.75)
    if close:
        return _only(names[close[0]])
    return next(iter(get_close_matches(text.strip(), codes(list_name, active=True), n=1)), None)


@cache
def mappings(version: str = "2.03") -> tuple[Mapping, ...]:
    """Every place of a file of that version that holds a code, with its list; KeyError for a version that is none.

    The order is that of 2.03, with what it no longer has at the end.
    """
    raw = json.loads(_DATA.joinpath(f"{_MAPPING}.json").read_text(encoding="utf-8"))
    standing = (entry for entry in raw if _stands(entry, version))
    return tuple(Mapping(entry["path"], entry["codelist"], entry.get("condition")) for entry in standing)
