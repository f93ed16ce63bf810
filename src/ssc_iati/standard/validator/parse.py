"""Parses what was cut out of a file, safely: nothing is fetched, no entity is expanded, comments are no part of the
tree.
"""

from __future__ import annotations

import re

from lxml import etree

from ssc_iati.standard.validator.gather import Element


class IllFormedError(Exception):
    """The file is not well-formed XML: what the parser said, and in which line of the file."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem, line)
        self.problem, self.line = problem, line


def parsed(document: bytes, line: int, *, blanks: bool = True) -> Element:
    """The tree of a document whose first line is that line of the file; without `blanks`, those between elements are
    no part of it, which spares half of its nodes.
    """
    parser = _PARSER if blanks else _WITHOUT_BLANKS
    try:
        return etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        if all(each.domain == _NAMESPACES for each in parser.error_log):
            # A prefix that nothing declares breaks no rule of XML itself; the schema will have its say of the name.
            return etree.fromstring(document, _LENIENT)
        raise IllFormedError(_WHERE.sub("", error.msg or "?").strip(), line + (error.lineno or 1) - 1) from None


def _parser(*, recover: bool = False, blanks: bool = True) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",  # what the file itself declares was obeyed when it was decoded
        no_network=True,
        resolve_entities=False,
        load_dtd=False,
        huge_tree=True,
        remove_blank_text=not blanks,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


_PARSER, _WITHOUT_BLANKS, _LENIENT = _parser(), _parser(blanks=False), _parser(recover=True)
_NAMESPACES = etree.ErrorDomains.NAMESPACE
_WHERE = re.compile(r"\s*, line \d+, column \d+$")
