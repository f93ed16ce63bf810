"""Numbers, and blanks, as the official validator reads them: those of ECMAScript, and those of its XPath.

A text that they take is taken here, however odd: where the official validator is merely lenient, so are we.
"""

from __future__ import annotations

import math
import re

_XPATH = re.compile(r"[ \t\r\n]*-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)[ \t\r\n]*")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_PREFIXED = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_ENDLESS = {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}
_BLANKS = " \t\n\v\f\r\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


def trimmed(text: str) -> str:
    """The text without the blanks around it that ECMAScript trims (non-breaking ones and BOM included)."""
    return text.strip(_BLANKS)


def number(text: str) -> float:
    """The number that ECMAScript makes of the text: blanks around it ignored, nothing is 0, words are NaN."""
    bare = trimmed(text)
    if not bare:
        return 0.0
    if _DECIMAL.fullmatch(bare):
        return float(bare)
    if _PREFIXED.fullmatch(bare):
        return _from_prefixed(bare)
    return _ENDLESS.get(bare, math.nan)


def _from_prefixed(bare: str) -> float:
    try:
        return float(int(bare, 0))
    except OverflowError:
        return math.inf


def xpath_number(text: str) -> float:
    """The number that the official validator's XPath makes of the text, else NaN: ` 5 `, `.5`, `-5`; not `5.`, `+5`,
    `1e3`.
    """
    return float(text) if _XPATH.fullmatch(text) else math.nan
