"""References of organisations: of a register that org-id.guide knows, and shaped so that the register can have given
them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ssc_iati.standard import org_id
from ssc_iati.standard.validator.kinds import Test, Wants
from ssc_iati.standard.validator.numbers import trimmed
from ssc_iati.standard.validator.own.grouped import each_value

REMEMBERED = 16_384
_ODD = re.compile(r"""[\s,;<>"{}\\]|^[-.:]|[-.:]$""")
_SYMBOL = re.compile(r"[/&|?]")
_PLACEHOLDER = re.compile(
    r"0+|x+|n[/.]?a\.?|none|null|nan|tb[acd]|unknown|desconocido|desconhecido|inconnu", re.IGNORECASE
)
_LONGEST = 100
_NUMBERED = frozenset({"XM-DAC"})  # registers whose numbers begin with a digit


def of_known_register(wants: Wants) -> Test:
    """Each reference begins with the code of a register; an empty one is none."""
    return each_value(wants, _is_of_none)


def plausible_number(wants: Wants) -> Test:
    """What follows the register's code can be a number of it; `symbols`: the signs / & | ? are looked for too."""
    symbols = wants.asks.get("symbols", False)
    return each_value(wants, _is_odd_or_has_symbols if symbols else _is_odd)


@lru_cache(maxsize=REMEMBERED)
def _is_of_none(reference: str) -> bool:
    bare = trimmed(reference)
    return bool(bare) and not org_id.known(bare) and org_id.prefix_of(bare) is None


@lru_cache(maxsize=REMEMBERED)
def _is_odd(reference: str) -> bool:
    bare = trimmed(reference)
    prefix = org_id.prefix_of(bare)
    if org_id.known(bare):
        return True
    return prefix is not None and not _is_number(bare[len(prefix) + 1 :], prefix)


def _is_odd_or_has_symbols(reference: str) -> bool:
    prefix = org_id.prefix_of(trimmed(reference))
    return _is_odd(reference) or (prefix is not None and _SYMBOL.search(reference) is not None)


def _is_number(text: str, prefix: str) -> bool:
    """Say whether a register could have given it: signs or digits, in one piece, no placeholder, no code once more."""
    if not text or len(text) > _LONGEST or _ODD.search(text) or not any(map(str.isalnum, text)):
        return False
    if text.startswith(f"{prefix}-") or _PLACEHOLDER.fullmatch(text):
        return False
    return prefix not in _NUMBERED or text[0].isdigit()
