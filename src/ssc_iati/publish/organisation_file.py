"""The publisher's organisation file: what the publisher's table or configuration says of who reports, and no more."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from ssc_iati.map.activity import VERSION
from ssc_iati.publish.xml_file import DECLARATION
from ssc_iati.record.project import Publisher
from ssc_iati.record.values import Texts

Attribute = tuple[str, str | None]


def organisation_file(publisher: Publisher, generated: str) -> bytes | None:
    """The file, dated; None where too little is known for a valid one (an identifier, a type and a name)."""
    said = publisher.reporting_org
    names = said.names if said is not None else ()
    if said is None or said.ref is None or said.type is None or not names:
        return None
    about: list[Attribute] = [("last-updated-datetime", generated)]
    about += [("xml:lang", publisher.language), ("default-currency", publisher.default_currency)]
    reporter: list[Attribute] = [("ref", said.ref), ("type", said.type)]
    if said.secondary_reporter is not None:
        reporter.append(("secondary-reporter", "1" if said.secondary_reporter else "0"))
    lines = [
        f'<iati-organisations version="{VERSION}" generated-datetime={quoteattr(generated)}>',
        f"  <iati-organisation{_attributes(about)}>",
        f"    <organisation-identifier>{escape(said.ref)}</organisation-identifier>",
        *_narratives("name", [], names),
        *_narratives("reporting-org", reporter, names),
        "  </iati-organisation>",
        "</iati-organisations>\n",
    ]
    return (DECLARATION + "\n".join(lines)).encode("utf-8", "surrogatepass")


def _narratives(element: str, attributes: list[Attribute], names: Texts) -> list[str]:
    told = [
        f"      <narrative{_attributes([('xml:lang', each.lang)])}>{escape(each.text)}</narrative>" for each in names
    ]
    return [f"    <{element}{_attributes(attributes)}>", *told, f"    </{element}>"]


def _attributes(values: list[Attribute]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in values if value)
