"""The rules of the official IATI ruleset that concern what a mapping writes, coded anew for the tests to judge by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from lxml import etree

from ssc_iati.standard import codelists

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
DAC = (None, "", "1")
LONGEST = timedelta(days=365)


def broken(activity: etree._Element, today: date) -> list[str]:
    """The ids of the rules that an `iati-activity` breaks, and the places of codes that are on no list."""
    judges = (identity, words, dates, sectors, geography, classifications, money, partners, results, codes)
    return sorted({rule for judge in judges for rule in judge(activity, today)})


def identity(activity: etree._Element, _: date) -> Iterator[str]:
    own, reporter = activity.findtext("iati-identifier"), activity.find("reporting-org").get("ref")
    if own == reporter:
        yield "1.1.3"
    if own != own.strip():
        yield "1.3.1"
    if set("/&|?") & set(own):
        yield "1.3.13"


def words(activity: etree._Element, _: date) -> Iterator[str]:
    if activity.get(XML_LANG) is None and any(each.get(XML_LANG) is None for each in activity.iter("narrative")):
        yield "4.1.1"
    for tag, rule in (("title", "4.3.1"), ("description", "4.4.1")):
        if any(not _says(each) for each in activity.iter(tag)):
            yield rule


def dates(activity: etree._Element, today: date) -> Iterator[str]:
    first: dict[str, str] = {}
    for each in activity.findall("activity-date"):
        first.setdefault(each.get("type"), each.get("iso-date"))
    if not {"1", "2"} & first.keys():
        yield "6.11.1"
    now = today.isoformat()
    for before, after, rule in (("1", "3", "11.1.2"), ("2", "4", "11.1.3")):
        if before in first and after in first and first[before] > first[after]:
            yield rule
    for kind, rule in (("2", "11.1.4"), ("4", "11.1.5")):
        if first.get(kind, now) > now:
            yield rule


def sectors(activity: etree._Element, _: date) -> Iterator[str]:
    own, transactions = activity.findall("sector"), activity.findall("transaction")
    below = [each.find("sector") is not None for each in transactions]
    if not own and not any(below):
        yield "6.2.2"
    if own and any(below):
        yield "6.6.2"
    if not own and not all(below):
        yield "6.7.2"
    for vocabulary in {_vocabulary(each) for each in own}:
        shares = [each.get("percentage") for each in own if _vocabulary(each) == vocabulary]
        yield from _shares(shares, ("2.1.1", "2.1.2", "2.1.4"))
    named = [each for each in own if each.get("vocabulary") in {"98", "99"}]
    if sum(len(each.findall("narrative")) for each in named) < len(named):
        yield "2.2.1"


def geography(activity: etree._Element, _: date) -> Iterator[str]:
    countries, regions = activity.findall("recipient-country"), activity.findall("recipient-region")
    of_countries = [each.get("percentage") for each in countries]
    if countries and not regions:
        yield from _shares(of_countries, ("3.1.1", "3.1.2", "3.1.4"))
    for vocabulary in {each.get("vocabulary") for each in regions} - {None}:
        of_regions = [each.get("percentage") for each in regions if each.get("vocabulary") == vocabulary]
        if len(of_regions) > 1 and None in of_regions:
            yield "3.4.1"
        if len(of_regions) == 1 and not countries and of_regions[0] is not None and Decimal(of_regions[0]) != 100:
            yield "3.4.4"
        both = of_regions + of_countries
        if len(both) > 1 and _sum(both) != 100:
            yield "3.4.2"
    transactions = activity.findall("transaction")
    placed = [
        each.find("recipient-country") is not None or each.find("recipient-region") is not None for each in transactions
    ]
    if (countries or regions) and any(placed):
        yield "3.6.2"
    if not countries and not regions and not all(placed):
        yield "3.7.2"


def classifications(activity: etree._Element, _: date) -> Iterator[str]:
    for marker in activity.findall("policy-marker"):
        if marker.get("vocabulary") in DAC and marker.get("significance") is None:
            yield "6.14.1"
        if marker.get("vocabulary") == "99" and marker.find("narrative") is None:
            yield "6.13.1"
    if _twice(activity.findall("default-aid-type")):
        yield "107.1.2"
    if any(_twice(each.findall("aid-type")) for each in activity.findall("transaction")):
        yield "107.2.2"
    for each in activity.iter():
        share = each.get("percentage") if isinstance(each.tag, str) else None
        if share is not None and not 0 <= Decimal(share) <= 100:
            yield "12.x.1"


def money(activity: etree._Element, today: date) -> Iterator[str]:
    if activity.get("default-currency") is None and any(
        each.get("currency") is None for each in activity.iter("value")
    ):
        yield "7.8.1"
    for each in (*activity.findall("budget"), *activity.findall("planned-disbursement")):
        start, end = (_day(each.find(name)) for name in ("period-start", "period-end"))
        if start is not None and end is not None and start > end:
            yield "8.6.3"
        if each.tag == "budget" and end - start > LONGEST:
            yield "7.5.3"
    for each in activity.findall("transaction"):
        if _day(each.find("transaction-date")) > today:
            yield "11.2.1"
        if date.fromisoformat(each.find("value").get("value-date")) > today:
            yield "11.2.2"


FIT = "{urn:ssc-iati:extension:1}fit"
"""What an element bears that the mapping made."""


def _told(partner: etree._Element) -> tuple[str | None, ...]:
    return partner.get("ref"), partner.findtext("narrative"), partner.get("role")


def partners(activity: etree._Element, _: date) -> Iterator[str]:
    rules = {"provider-org": "6.9.1", "receiver-org": "6.9.2", "participating-org": "6.10.1", "owner-org": "6.8.1"}
    for tag, rule in rules.items():
        if any(each.get("ref") is None and each.find("narrative") is None for each in activity.iter(tag)):
            yield rule
    told = activity.findall("participating-org")
    seen = Counter(map(_told, told))
    # A record may state in IATI's own terms the same partner twice, say for two activities of its own: that stands.
    if any(seen[_told(each)] > 1 for each in told if each.get(FIT) is not None):
        yield "one element for each organisation and role"


def results(activity: etree._Element, _: date) -> Iterator[str]:
    for result in activity.findall("result"):
        for indicator in result.findall("indicator"):
            if result.find("reference") is not None and indicator.find("reference") is not None:
                yield "8.11.1"
            figures = [(each, "8.8") for each in indicator.findall("baseline")]
            figures += [(each, "8.9") for each in indicator.findall("period/target")]
            figures += [(each, "8.10") for each in indicator.findall("period/actual")]
            for figure, rule in figures:
                yield from _figure(indicator.get("measure"), figure.get("value"), rule)
            for period in indicator.findall("period"):
                if _day(period.find("period-start")) > _day(period.find("period-end")):
                    yield "8.6.1"


def codes(activity: etree._Element, _: date) -> Iterator[str]:
    """Every code that stands where a list holds."""
    document = etree.ElementTree(activity)
    for path, codelist, seek in _code_paths():
        for value in seek(document):
            if not codelists.has(codelist, str(value)):
                yield f"{path} = {value!r}"


@cache
def _code_paths() -> tuple[tuple[str, str, etree.XPath], ...]:
    found = []
    for mapping in codelists.mappings():
        if not mapping.path.startswith("//iati-activity/"):
            continue
        owner, _, last = mapping.path.rpartition("/")
        condition = f"[{mapping.condition}]" if mapping.condition else ""
        found.append((mapping.path, mapping.codelist, etree.XPath(f"{owner}{condition}/{last}")))
    return tuple(found)


def _figure(measure: str | None, value: str | None, rule: str) -> Iterator[str]:
    if measure in {"1", "2", "3", "4"} and value is None:
        yield f"{rule}.1"
    if measure == "5" and value is not None:
        yield f"{rule}.3"


def _shares(shares: list[str | None], rules: tuple[str, str, str]) -> Iterator[str]:
    each_one, total, alone = rules
    if len(shares) == 1:
        if shares[0] is not None and Decimal(shares[0]) != 100:
            yield alone
        return
    if None in shares:
        yield each_one
    if _sum(shares) != 100:
        yield total


def _sum(shares: list[str | None]) -> Decimal:
    return round(sum((Decimal(each) for each in shares if each is not None), Decimal(0)), 4)


def _vocabulary(each: etree._Element) -> str:
    return each.get("vocabulary") or "1"


def _twice(items: list[etree._Element]) -> bool:
    return any(number > 1 for number in Counter(map(_vocabulary, items)).values())


def _says(each: etree._Element) -> bool:
    return any((narrative.text or "").strip() for narrative in each.iter("narrative"))


def _day(each: etree._Element | None) -> date | None:
    return None if each is None else date.fromisoformat(each.get("iso-date"))
