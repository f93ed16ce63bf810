"""An IATI file as a stream of elements, one activity (or organisation) in memory at a time.

XML from outside is hostile: a document type is refused before anything of it is read, nothing is fetched, no entity is
expanded, and a text that would fill the memory ends the reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from ssc_iati.read.iati_xml import ELEMENTS, Namespaces, as_xml
from ssc_iati.read.package import declares_document_type, refuse, refuse_lookalikes

VERSIONS = ("2.01", "2.02", "2.03")
KINDS = {"iati-activities": "iati-activity", "iati-organisations": "iati-organisation"}
_KNOWN = ("version", "generated-datetime", "linked-data-default")


class Root(NamedTuple):
    """What belongs to the file, and not to any activity in it: the values of a `Publisher` (`iati_version`, ...)."""

    kind: str
    values: dict[str, Any]


class XmlFile:
    """An IATI file that is being read; `root` is complete when the elements have been."""

    def __init__(self, path: Path, shown: str) -> None:
        self._path = path
        self.shown = shown
        self._names = Namespaces()
        self._kept: dict[str, str] = {}
        self.root = Root("", {})

    def elements(self) -> Iterator[tuple[int, Any]]:
        """Each activity or organisation with the line where it starts; SourceError where the file is no IATI file."""
        _refuse_unsafe(self._path, self.shown)
        try:
            with self._path.open("rb") as stream:
                yield from self._elements(stream)
        except etree.XMLSyntaxError as error:
            line = error.lineno or 1
            refuse("ssc-xml-broken", self.shown, line=line, detail=error.msg)

    def _elements(self, stream: Any) -> Iterator[tuple[int, Any]]:  # noqa: ANN401
        wanted, top = "", None
        events = etree.iterparse(
            stream,
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
            huge_tree=False,
        )
        for event, element in events:
            if top is None:
                top, wanted = element, self._begin(element)
            elif event == "end" and element.getparent() is top:
                if element.tag == wanted:
                    yield element.sourceline or 0, element
                else:
                    self._keep(ELEMENTS, as_xml(element, self._names))
                _forget(element)
        self._finish()

    def _begin(self, top: Any) -> str:  # noqa: ANN401
        """Read the root's attributes; the name of the elements that are wanted."""
        if top.tag not in KINDS:
            refuse("ssc-xml-not-iati", self.shown, root=etree.QName(top).localname)
        version = top.get("version")
        if version is not None and version.strip() not in VERSIONS:
            refuse("ssc-xml-version", self.shown, version=version, known=", ".join(VERSIONS))
        values: dict[str, Any] = {"iati_version": version, "iati_file": top.tag.removeprefix("iati-")}
        for name, value in top.attrib.items():
            if name in _KNOWN:
                values[_KNOWN_FIELDS[name]] = value
            else:
                self._keep(f"@{self._names.name(name, top.nsmap)}", value)
        if version is None:
            del values["iati_version"]
        self.root = Root(top.tag, values)
        return KINDS[top.tag]

    def _keep(self, place: str, said: str) -> None:
        self._kept[place] = self._kept.get(place, "") + said

    def _finish(self) -> None:
        if self._kept:
            self.root.values["other_xml"] = self._kept
        if declared := self._names.declared():
            self.root.values["namespaces"] = declared


_KNOWN_FIELDS = {
    "version": "iati_version",
    "generated-datetime": "generated_datetime",
    "linked-data-default": "linked_data_default",
}


def _forget(element: Any) -> None:  # noqa: ANN401
    """Let the memory of an element go, and of the white space before it."""
    element.clear()
    parent = element.getparent()
    while element.getprevious() is not None:
        del parent[0]


def _refuse_unsafe(path: Path, shown: str) -> None:
    with path.open("rb") as stream:
        head = stream.read(1024)
        if not head:
            refuse("ssc-source-empty", shown)
        if b"<iati-" not in head:
            refuse_lookalikes(head, shown)
        stream.seek(0)
        if declares_document_type(stream):
            refuse("ssc-xml-document-type", shown)
