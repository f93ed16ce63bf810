"""Values as bytes, for files that only this run writes and reads."""

from __future__ import annotations

import marshal
import pickle
from typing import Any

_VERSION = 4
"""Of marshal's format: the one in which texts of ASCII stand as they are."""
_PICKLED = 0x80
"""The byte that every pickle begins with, and nothing that was marshalled."""


def packed(value: Any) -> bytes:  # noqa: ANN401
    """The value as bytes: texts and numbers in the quicker form, what it cannot hold (exact numbers, dates) in the
    other.
    """
    try:
        return marshal.dumps(value, _VERSION)
    except ValueError:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def unpacked(packed: bytes) -> Any:  # noqa: ANN401
    """The value again; the bytes are our own, from a file that only this run writes."""
    return pickle.loads(packed) if packed[0] == _PICKLED else marshal.loads(packed)  # noqa: S301, S302
