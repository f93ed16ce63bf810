"""The ids of the official codelist checks, by the path of the value that they check (IATI Validator, rulesets of
2024-03).
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


@cache
def _codes() -> dict[str, tuple[str, str]]:
    raw = json.loads(files(__package__).joinpath("codes.json").read_text("utf-8"))
    return {path: (rule, category) for path, (rule, category) in raw.items()}


def code_rule(path: str) -> tuple[str, str] | None:
    """The id and category of the official check of the code at this path of an activity (`sector/@code`), if there
    is one.
    """
    return _codes().get(path)
