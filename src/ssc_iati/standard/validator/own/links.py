"""Links: addresses on the web that a browser can open, and identifiers of the web (URIs)."""

from __future__ import annotations

import re
from functools import lru_cache

from ssc_iati.standard.validator.kinds import Test, Wants
from ssc_iati.standard.validator.own.grouped import each_value

REMEMBERED = 4_096
_LONGEST = 10_000
_ADDRESS = re.compile(
    r"""(?:https?|ftps?)://         # how to get there
        (?:[^\s/?#@]*@)?            # as whom
        (?:\[[0-9a-f:.]+\]          # an address of IP version 6,
          |(?:[^\s/?#@:.\[\]"<>,;\\]+\.)+[^\s/?#@:.\[\]"<>,;\\]+\.?)   # or a name in two parts at least
        (?::\d{1,5})?(?:[/?#].*)?""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_URI = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+:(?!//$)\S+", re.IGNORECASE)


def web_addresses(wants: Wants) -> Test:
    """Each is a whole address."""
    return each_value(wants, _is_no_address)


def web_addresses_if_any(wants: Wants) -> Test:
    """Each that is not empty is a whole address."""
    return each_value(wants, lambda value: bool(value.strip()) and _is_no_address(value))


def uris_if_any(wants: Wants) -> Test:
    """Each that is not empty is an address, or an identifier of another scheme (`urn:`, `doi:`)."""
    return each_value(wants, lambda value: bool(value.strip()) and _is_no_uri(value))


@lru_cache(maxsize=REMEMBERED)
def _is_no_address(value: str) -> bool:
    bare = value.strip()
    return len(bare) > _LONGEST or _ADDRESS.fullmatch(bare) is None


@lru_cache(maxsize=REMEMBERED)
def _is_no_uri(value: str) -> bool:
    bare = value.strip()
    if bare.lower().startswith(("http:", "https:", "ftp:")):
        return _is_no_address(bare)
    return len(bare) > _LONGEST or _URI.fullmatch(bare) is None
