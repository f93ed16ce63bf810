"""Bytes of an IATI file to bytes in UTF-8, block by block, by what the file's first bytes say of their encoding."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

_DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_HEAD = 1024
# Text encodings to Python, but nothing that a file of XML is in.
_NO_FILES = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})


class EncodingError(ValueError):
    """The encoding that the file declares is unknown, or its bytes are not in it; the message names the encoding."""


def in_utf8(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks in UTF-8, without a byte order mark; UTF-8 itself passes as it is, and the parser judges it."""
    first = _head(blocks)
    name, skip = _encoding(first)
    if name == "utf-8":
        yield first[skip:]
        yield from blocks
        return
    yield from _recoded(name, first, blocks)


def _head(blocks: Iterator[bytes]) -> bytes:
    head = b""
    for block in blocks:
        head += block
        if len(head) >= _HEAD:
            break
    return head


def _encoding(head: bytes) -> tuple[str, int]:
    """The encoding, and how many bytes of a mark in UTF-8 stand before the text."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, len(mark) if name == "utf-8" else 0
    for start, name in _UNMARKED:
        if head.startswith(start):
            return name, 0
    declared = _DECLARED.match(head)
    return (_known(declared[1].decode("ascii")) if declared else "utf-8"), 0


def _known(name: str) -> str:
    try:
        found = codecs.lookup(name)
    except LookupError:
        raise EncodingError(name) from None
    is_of_text = found._is_text_encoding  # noqa: SLF001 - the only way to tell an encoding of text from, say, zip
    if not is_of_text or found.name in _NO_FILES:
        raise EncodingError(name)
    # What says UTF-16 in bytes that are plainly not is, as parsers have it, what the bytes are.
    return "utf-8" if found.name in {"ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"} else found.name


def _recoded(name: str, first: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        yield decoder.decode(first).encode()
        for block in blocks:
            yield decoder.decode(block).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError:
        raise EncodingError(name) from None
