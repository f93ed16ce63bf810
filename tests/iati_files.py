"""Files of IATI XML for tests: a sound activity (or organisation), elements added to it, and what is found there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree

from ssc_iati.findings import Finding
from ssc_iati.standard import structure
from ssc_iati.standard.validator import Source, judged
from ssc_iati.standard.validator.chunk import Judged

NOW = datetime(2026, 1, 31, tzinfo=UTC)
REPORTER = "XM-DAC-41119"
SOUND = """
<iati-identifier>XM-DAC-41119-{number}</iati-identifier>
<reporting-org ref="XM-DAC-41119" type="40"><narrative>Agency</narrative></reporting-org>
<title><narrative>Water</narrative></title>
<description><narrative>Wells</narrative></description>
<participating-org role="4" ref="XM-DAC-41119"><narrative>Agency</narrative></participating-org>
<activity-status code="2"/>
<activity-date type="2" iso-date="2024-01-01"/>
<recipient-country code="BO"/>
<sector code="14030" vocabulary="1"/>
"""
SOUND_ORGANISATION = """
<organisation-identifier>XM-DAC-41119</organisation-identifier>
<name><narrative>Agency</narrative></name>
<reporting-org ref="XM-DAC-41119" type="40"><narrative>Agency</narrative></reporting-org>
"""


def activity(*more: str, number: int = 1, without: str = "", **attributes: str) -> str:
    """A sound activity with more elements, put in their order; without those of one name, on demand."""
    return _item("iati-activity", "iati-activities", SOUND.format(number=number), more, without, attributes)


def organisation(*more: str, without: str = "", **attributes: str) -> str:
    """A sound organisation with more elements."""
    return _item("iati-organisation", "iati-organisations", SOUND_ORGANISATION, more, without, attributes)


def _item(name: str, root: str, sound: str, more: tuple[str, ...], without: str, attributes: dict[str, str]) -> str:
    said = {"xml:lang": "en", "default-currency": "USD"} | {
        key.replace("lang", "xml:lang").replace("_", "-"): value for key, value in attributes.items()
    }
    start = " ".join([name, *(f'{key}="{value}"' for key, value in said.items() if value)])
    item = etree.fromstring(f"<{start}>{sound}</{name}>")
    item[:] = [each for each in item if each.tag != without]
    item.extend(etree.fromstring(f"<x>{''.join(more)}</x>"))
    order = [each.name for each in structure.structure("2.03", root).child(name).children]
    item[:] = sorted(item, key=lambda each: order.index(each.tag))
    for each in item:
        each.tail = "\n"
    return etree.tostring(item, encoding="unicode")


def file(*items: str, version: str = "2.03") -> bytes:
    """A file of activities, or of organisations."""
    root = "iati-organisations" if items[0].startswith("<iati-organisation") else "iati-activities"
    return "\n".join([f'<{root} version="{version}">', *items, f"</{root}>"]).encode()


def source(data: bytes, name: str = "a.xml") -> Source:
    """The bytes as a file to judge."""
    return Source(name, len(data), lambda: iter((data,)))


def judge(*items: str, own: bool = True, version: str = "2.03") -> list[Judged]:
    """What is found in a file of these items."""
    return list(judged(source(file(*items, version=version)), now=NOW, own=own))


def findings(rule: str, *items: str, version: str = "2.03") -> list[Finding]:
    """The findings of a rule in a file of these items."""
    return [each for each in _all(judge(*items, version=version)) if each.rule == rule]


def rules(*items: str, own: bool = True) -> list[str]:
    """The rules of all that is found in a file of these items."""
    return [each.rule for each in _all(judge(*items, own=own))]


def _all(found: list[Judged]) -> Iterator[Finding]:
    for each in found:
        yield from each.findings
