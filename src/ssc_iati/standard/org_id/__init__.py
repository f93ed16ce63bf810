"""Organisation identifiers, `{register code}-{number}`: which registers exist, what is wrong with a shape.

Checks of participants and publishers ask here. Source: org-id.guide, ODbL 1.0 (see NOTICE). IATI's own identifiers
(`XI-IATI`) and those of the OECD's donors and multilaterals (`XM-DAC`) are registers of it like any other.
"""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from ssc_iati.standard import editions

_SYMBOL = re.compile(r"[/&|?]")
_LIKE_A_REGISTER = re.compile(r"([A-Za-z]{2}(?:[_-][A-Za-z0-9]{2})?-[A-Za-z][A-Za-z0-9_]*)-")
_APART = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 24  # signs in which a register code can stand, stray ones included


class _Register(NamedTuple):
    name: str
    coverage: tuple[str, ...]
    confirmed: bool
    deprecated: bool


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(editions.content(editions.REGISTERS) or packaged())
    return document


def packaged() -> bytes:
    """The registers as they came with the package, whatever edition is in use."""
    return files(__package__).joinpath(editions.REGISTERS).read_bytes()


@cache
def _registers() -> dict[str, _Register]:
    return {
        one["code"]: _Register(one["name"], tuple(one["coverage"]), one["confirmed"], one["deprecated"])
        for one in _document()["registers"]
    }


def snapshot_date() -> str:
    """The month, or for registers that were fetched the day, of which the registers are."""
    return str(_document()["date"])


def codes() -> tuple[str, ...]:
    """The codes of all registers, in alphabetical order."""
    return tuple(_registers())


def known(prefix: str) -> bool:
    """Say whether a register bears this code."""
    return prefix in _registers()


def confirmed(prefix: str) -> bool:
    """Say whether org-id.guide has confirmed the register; False for one it does not know."""
    return known(prefix) and _registers()[prefix].confirmed


def deprecated(prefix: str) -> bool:
    """Say whether org-id.guide advises against the register; False for one it does not know."""
    return known(prefix) and _registers()[prefix].deprecated


def name(prefix: str) -> str:
    """What a register is called; KeyError for one that is not known."""
    return _registers()[prefix].name


@cache
def for_country(iso2: str) -> tuple[str, ...]:
    """The registers that cover a country and are not deprecated, confirmed ones first."""
    covering = [code for code, one in _registers().items() if iso2 in one.coverage and not one.deprecated]
    return tuple(sorted(covering, key=lambda code: (not confirmed(code), code)))


def prefix_of(identifier: str) -> str | None:
    """The longest known register code that the identifier begins with, a hyphen behind it; case counts."""
    registers, found = _registers(), None
    end = identifier.find("-")
    while 0 <= end <= _LONGEST:
        head = identifier[:end]
        if head in registers:
            found = head
        end = identifier.find("-", end + 1)
    return found


def shape_problem(identifier: str) -> str | None:
    """What is wrong with an identifier: `spaces`, `symbol`, `no-number`, `unknown-prefix`, `no-prefix`, or None."""
    prefix = prefix_of(identifier)
    number = identifier[len(prefix) + 1 :] if prefix else ""
    if identifier != identifier.strip() or number != number.strip():
        return "spaces"
    if _SYMBOL.search(identifier):
        return "symbol"
    if known(identifier) or (prefix and not number):
        return "no-number"
    if prefix:
        return None
    return "unknown-prefix" if _LIKE_A_REGISTER.match(identifier) else "no-prefix"


@cache
def _by_letters() -> dict[str, str]:
    return {_letters(code): code for code in _registers()}


def _letters(text: str) -> str:
    return _APART.sub("", text).upper()


def _by_other_hyphens(identifier: str) -> str | None:
    """Find the longest register that the letters begin with, a number behind it, wherever the hyphens stand."""
    found: str | None = None
    for end in range(1, min(len(identifier), _LONGEST)):
        if _letters(identifier[end:])[:1].isdigit():
            found = _by_letters().get(_letters(identifier[:end]), found)
    return found


def suggest_prefix(identifier: str) -> str | None:
    """The register that was probably meant: in other case, with other or no hyphens, or spelt nearly so."""
    bare = identifier.strip()
    if meant := prefix_of(bare) or prefix_of(bare.upper()) or _by_other_hyphens(bare):
        return meant
    like = _LIKE_A_REGISTER.match(bare)
    close = get_close_matches(like[1].upper(), _registers(), n=1, cutoff=0.8) if like else ()
    return next(iter(close), None)
