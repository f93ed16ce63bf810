"""Whether what a record keeps of other XML can be written at all: it comes from outside, and goes out as it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat

_PREFIX = re.compile(r"[A-Za-z_][\w.-]*")
_NAME = re.compile(r"([A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*")
_RESERVED = {"xml", "xmlns", "ssc"}


def broken(other_xml: Mapping[str, str]) -> tuple[str, str] | None:
    """The first place whose XML is not sound, and why; None if all of it is."""
    for place, said in other_xml.items():
        way, mark, name = place.rpartition("@")
        if mark and not way.endswith("*"):
            problem = None if _NAME.fullmatch(name) else "no name of an attribute"
        else:
            problem = _unsound(said) if "*" in place.rpartition("/")[2] else None
        if problem is not None:
            return place, problem
    return None


def broken_prefix(namespaces: Mapping[str, str]) -> str | None:
    """The first prefix that cannot be declared; None if all of them can."""
    return next((each for each in namespaces if each in _RESERVED or not _PREFIX.fullmatch(each)), None)


def _unsound(xml: str) -> str | None:
    """Why the elements are no sound XML; whether their prefixes are declared is seen when the whole is judged."""
    parser = expat.ParserCreate()
    try:
        parser.Parse(f"<_>{xml}</_>".encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        return str(error)
    return None
