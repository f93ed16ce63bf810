"""E-mail addresses that seem to be a person's: a hint, since what is published stays public.

By the shape of the address alone: a given and a family name, or an account with a provider for private persons. What
names an office (`info`, `contacto`, `secretaria`) is none, whoever provides it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import digits

from ssc_iati.standard.rules import offices, private_providers
from ssc_iati.standard.validator.kinds import Test, Wants
from ssc_iati.standard.validator.own.grouped import each_value
from ssc_iati.text import fold

_LONGEST = 320  # signs: an address cannot be longer
_ADDRESS = re.compile(r"(?P<who>[^\s@<>,;:]+)@(?P<where>[^\s@<>,;:]+\.[^\s@<>,;:]+)")
_NAMES = re.compile(
    r"""[a-z](?:\.?[a-z])?[._][a-z]{3,}\d{0,4}                      # m.perez, j.m.silva
      | [a-z]{2,}(?:-[a-z]{2,})?(?:[._][a-z]{2,}(?:-[a-z]{2,})?){1,3}\d{0,4}   # maria.perez, jean-paul_dupont
    """,
    re.VERBOSE,
)
_BEGINNINGS = ("info", "contact", "contato", "admin", "oficina", "secret", "project", "proye", "projet")


def no_person(wants: Wants) -> Test:
    """None of the addresses seems to be a person's; the message shows no more of it than its first sign and domain."""
    return each_value(wants, _is_personal, _veiled)


@lru_cache(maxsize=4_096)
def _is_personal(value: str) -> bool:
    bare = value.strip().removeprefix("mailto:")
    parts = _ADDRESS.fullmatch(bare) if len(bare) <= _LONGEST else None
    if parts is None:
        return False
    who, where = parts["who"].partition("+")[0], fold(parts["where"]).split()
    if not where or _names_an_office(who):
        return False
    return where[0] in private_providers() or _NAMES.fullmatch(_unaccented(who)) is not None


def _names_an_office(who: str) -> bool:
    words = fold(who).split()
    return not words or words[0].startswith(_BEGINNINGS) or any(word.rstrip(digits) in offices() for word in words)


def _unaccented(who: str) -> str:
    return "".join(fold(sign) or sign for sign in who.lower())


def _veiled(value: str) -> str:
    bare = value.strip().removeprefix("mailto:")
    return f"{bare[0]}…@{bare.rpartition('@')[2]}"
