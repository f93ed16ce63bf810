"""The compiled schemas, ready to validate with: from the installed package, else the source tree, never the network."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path

from lxml import etree

FILES = {
    "xml": "xml.xsd",
    "common": "iati-common.xsd",
    "activities": "iati-activities-schema.xsd",
    "organisations": "iati-organisations-schema.xsd",
}
EXTENSION_FILE = "ssc-1.xsd"
_DRIVER = """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <xsd:include schemaLocation={iati}/>
  <xsd:import namespace="urn:ssc-iati:extension:1" schemaLocation={ssc}/>
</xsd:schema>"""
_HERE = Path(__file__).resolve()
PACKAGE_FOLDER = _HERE.parents[1] / "_schemas"
SOURCE_FOLDER = _HERE.parents[3] / "schemas"


class SchemaError(LookupError):
    """There is no such schema here."""


@cache
def schema(version: str = "2.03", kind: str = "activities") -> etree.XMLSchema:
    """The schema of that version for documents of that kind: `activities` or `organisations`."""
    return etree.XMLSchema(etree.parse(_path(version, kind), _parser()))


@cache
def activity_schema(version: str = "2.03") -> etree.XMLSchema:
    """The schema of activities together with that of the `ssc` extension: one pass judges both.

    IATI admits foreign elements laxly: where a schema knows them, they are judged; so the two need only stand in one.
    """
    folder = schema_folder()
    driver = _DRIVER.format(iati=_quoted(_path(version, "activities")), ssc=_quoted(folder / "ssc" / EXTENSION_FILE))
    return etree.XMLSchema(etree.fromstring(driver.encode(), _parser(), base_url=folder.as_uri()))


def _path(version: str, kind: str) -> Path:
    path = schema_folder() / "iati" / version / FILES.get(kind, kind)
    if not path.is_file():
        raise SchemaError(f"There is no schema of IATI {version} for {kind}: {path} is missing.")
    return path


def _quoted(path: Path) -> str:
    return f'"{escape(path.as_uri())}"'


def _parser() -> etree.XMLParser:
    return etree.XMLParser(no_network=True, resolve_entities=False)


def schema_folder() -> Path:
    """The folder of all schemas."""
    for folder in (PACKAGE_FOLDER, SOURCE_FOLDER):
        if folder.is_dir():
            return folder
    raise SchemaError(
        f"The schemas are neither in the installed package ({PACKAGE_FOLDER}) "
        f"nor in the source tree ({SOURCE_FOLDER}): "
        "install the package again, or run python -m ssc_iati.standard.compile_xsd in its source tree."
    )
