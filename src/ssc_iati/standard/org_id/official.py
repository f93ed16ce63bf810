"""Reads the list of registers as org-id.guide gives it (JSON) and writes the form that the package keeps.

Source: org-id.guide, Open Data Commons Open Database License (ODbL) 1.0; see the NOTICE beside this.
"""

from __future__ import annotations

import json
import re
from typing import Any

_CODE = re.compile(r"(?=.{4,40}$)[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)+")
_LONGEST = 1000

Register = dict[str, object]


class RegistersError(ValueError):
    """The content is no list of registers that can be used; the argument says more to experts."""


def read(content: bytes) -> list[Register]:
    """The registers, ordered by code: a JSON list, or an object that holds it as `lists`."""
    try:
        raw = json.loads(content)
        every = raw["lists"] if isinstance(raw, dict) else raw
        kept = sorted((_register(one) for one in every), key=lambda one: str(one["code"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RegistersError(f"{type(error).__name__}: {error}") from error
    if not kept:
        raise RegistersError("0")
    return kept


def _register(raw: dict[str, Any]) -> Register:
    """What is kept of a register; what the source leaves open is not confirmed and not deprecated."""
    if not _CODE.fullmatch(raw["code"]):
        raise ValueError(f"{raw['code']!r:.80} is no code of a register")
    return {
        "code": raw["code"],
        "name": _name(raw["name"]),
        "coverage": [str(country) for country in raw.get("coverage") or []],
        "confirmed": bool(raw.get("confirmed")),
        "deprecated": bool(raw.get("deprecated")),
    }


def _name(name: str | dict[str, str]) -> str:
    """The English name; org-id.guide gives names by language, extracts of it a text."""
    text = name if isinstance(name, str) else name["en"]
    return " ".join(text.split())[:_LONGEST]


def written(registers: list[Register], day: str) -> str:
    """The registers as the package keeps them, one a line; `day` (or a month) says of when they are."""
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in registers)
    return f'{{"date": {json.dumps(day)}, "registers": [\n{lines}\n]}}\n'
