"""Which activities a file holds, in their order: kept once, however many releases hold the same."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence


def packed(members: Sequence[str]) -> tuple[str, bytes]:
    """The digest by which the ledger knows these identifiers, and the bytes that it keeps of them."""
    text = json.dumps(list(members), separators=(",", ":")).encode()
    return hashlib.sha256(text).hexdigest(), zlib.compress(text)


def unpacked(body: bytes) -> list[str]:
    """The identifiers again, in order."""
    members: list[str] = json.loads(zlib.decompress(body))
    return members
