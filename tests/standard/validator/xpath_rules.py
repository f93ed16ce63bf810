"""The conditions of the official rulesets (IATI Standard, CC BY 4.0), restated as XPath and evaluated one by one: slow,
plain, and written from the official wording, not from our tables, so that the two can be held against each other.

Numbers are not XPath's own: `number-of` reads them as the official validator's XPath does. Dates are those of DATES:
what a text means was observed, not computed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files
from io import StringIO
from math import floor, isnan, nan

from lxml import etree

from ssc_iati.standard import codelists

DAY = 86_400_000
NOW = 1_767_225_600_000  # 2026-01-01
# What V8 makes of a text: milliseconds, or nothing.
DATES = {
    "2019-06-01": 1_559_347_200_000,
    "2019-06-01Z": 1_559_347_200_000,
    "2020-01-01": 1_577_836_800_000,
    "2020-05-31": 1_590_883_200_000,
    "2020-12-31": 1_609_372_800_000,
    "2021-01-01": 1_609_459_200_000,
    " 2021-01-01 ": 1_609_459_200_000,
    "2020-02-30": 1_583_020_800_000,  # runs over into March
    "1/31/2020": 1_580_428_800_000,
    "Jan 1 2999": 32_472_144_000_000,
    "2999": 32_472_144_000_000,
    "2026-01-01": NOW,
    "2026-01-02": NOW + DAY,
    "2026-01-02T00:00:00": NOW + DAY,
    "2020-01-01+02:00": None,
    "2020-13-01": None,
    "2020-01-32": None,
    "soon": None,
    "": None,
}
REGISTERED = {"GB-CHC-1234": True, "GB-CHC": True, "XM-DAC-5-1": True, "US-EIN-12": True}
JS_BLANKS = " \t\n\r\u00a0\u2003\ufeff"

DAC = "[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]"
OWN = "[@vocabulary = '$1']"
ALL, LATE, EARLY = ("2.01", "2.02", "2.03"), ("2.03",), ("2.01", "2.02")
ACT, ORG = "iati-activity", "iati-organisation"
PERIOD = ("period-start/@iso-date", "period-end/@iso-date")
PROVIDER = f"{ACT}/transaction/provider-org | {ACT}/planned-disbursement/provider-org"
RECEIVER = f"{ACT}/transaction/receiver-org | {ACT}/planned-disbursement/receiver-org"
COUNTED = "[@measure='1' or @measure='2' or @measure='3' or @measure='4']"
WORDED = "[@measure='5']"
RESULTS = (
    ("8.8", "result/indicator{}/baseline"),
    ("8.9", "result/indicator{}/period/target"),
    ("8.10", "result/indicator{}/period/actual"),
)
MONEY = (".//value", ".//forecast", ".//loan-status")

Rule = tuple[str, tuple[str, ...], str, str, tuple[object, ...]]  # id, versions, context, type, what the type asks


def _rules() -> Iterator[Rule]:
    yield "1.1.3", ALL, ACT, "unique", ("reporting-org/@ref | iati-identifier",)
    yield (
        "1.1.21",
        ALL,
        ACT,
        "startswith",
        ("reporting-org/@ref | other-identifier[@type='B1']/@ref", "iati-identifier"),
    )
    yield "1.14.8", ALL, ACT, "registered", ("reporting-org/@ref",)
    yield "1.18.8", ALL, ORG, "registered", ("reporting-org/@ref",)
    yield "6.11.1", ALL, ACT, "true", ("activity-date[@type='1' or @type='2']",)
    yield "6.2.2", ALL, ACT, "true", ("sector | transaction/sector",)
    yield from _texts()
    yield from _presence()
    yield from _dates()
    yield from _shares()
    yield from _results()


def _texts() -> Iterator[Rule]:
    for rule, context, path in (
        ("1.3.1", ACT, "iati-identifier"),
        ("1.14.1", ACT, "reporting-org/@ref"),
        ("1.16.1", ACT, "other-identifier[@type='B1']/@ref"),
        ("1.6.1", ACT, "other-identifier[@type='A3']/@ref"),
        ("1.7.1", ACT, "related-activity/@ref"),
        ("1.11.1", f"{ACT}/other-identifier/owner-org", "@ref"),
        ("1.10.1", PROVIDER, "@ref"),
        ("1.4.1", PROVIDER, "@provider-activity-id"),
        ("1.15.1", RECEIVER, "@ref"),
        ("1.5.1", RECEIVER, "@receiver-activity-id"),
        ("1.8.1", f"{ACT}/participating-org", "@ref"),
        ("1.9.1", f"{ACT}/participating-org", "@activity-id"),
        ("1.12.1", ORG, "organisation-identifier"),
        ("1.17.1", ORG, "recipient-org-budget/recipient-org/@ref"),
        ("1.18.1", ORG, "reporting-org/@ref"),
    ):
        yield rule, ALL, context, "no_spaces", (path,)
    for rule, context, path in (
        ("1.3.13", ACT, "iati-identifier"),
        ("1.14.13", ACT, "reporting-org/@ref"),
        ("1.11.13", f"{ACT}/other-identifier/owner-org", "@ref"),
        ("1.10.13", PROVIDER, "@ref"),
        ("1.15.13", RECEIVER, "@ref"),
        ("1.8.13", f"{ACT}/participating-org", "@ref"),
        ("1.12.13", ORG, "organisation-identifier"),
        ("1.18.13", ORG, "reporting-org/@ref"),
    ):
        yield rule, ALL, context, "no_symbols", (path,)


def _presence() -> Iterator[Rule]:
    yield "4.1.1", ALL, ACT, "true", ("@xml:lang or not(.//narrative[not(@xml:lang)])",)
    yield "4.5.1", ALL, ORG, "true", ("@xml:lang or not(.//narrative[not(@xml:lang)])",)
    yield "4.3.1", ALL, "*//title", "true", ("narrative/text()",)
    yield "4.4.1", ALL, "*//description", "true", ("narrative/text()",)
    yield "6.7.2", ALL, ACT, "true", ("sector or not(transaction[not(sector)])",)
    lacking = " | ".join(f"{each}[not(@currency)]" for each in MONEY)
    yield "7.8.1", ALL, ACT, "true", (f"@default-currency or not({lacking})",)
    yield "7.8.2", ALL, ORG, "true", (f"@default-currency or not({lacking})",)
    yield "6.8.1", ALL, f"{ACT}/other-identifier/owner-org", "true", ("@ref or narrative",)
    yield "6.9.1", ALL, PROVIDER, "true", ("@ref or narrative",)
    yield "6.9.2", ALL, RECEIVER, "true", ("@ref or narrative",)
    yield "6.10.1", ALL, f"{ACT}/participating-org", "true", ("@ref or narrative",)
    yield "6.14.1", ALL, f"{ACT}/policy-marker{DAC}", "true", ("@significance",)
    yield "6.13.1", ALL, f"{ACT}/policy-marker[@vocabulary='99']", "true", ("narrative",)
    yield "6.6.2", ALL, ACT, "true", ("not(count(sector) > 0) or count(transaction/sector) < 1",)
    here, below = (
        "(recipient-country or recipient-region)",
        "transaction/recipient-country or transaction/recipient-region",
    )
    yield "3.6.2", ALL, ACT, "true", (f"not{here} or not({below})",)
    yield "3.7.2", ALL, ACT, "true", (f"{here} or not(transaction[not{here}])",)
    other = "sector[number-of(@vocabulary) = 98 or number-of(@vocabulary) = 99]"
    yield "2.2.1", ALL, ACT, "true", (f"not(count({other}) > 0) or count({other}/narrative) >= count({other})",)
    for rule, versions, path in (
        ("102.1.1", ALL, "sector"),
        ("107.1.1", LATE, "default-aid-type"),
        ("107.2.1", LATE, "transaction/aid-type"),
    ):
        any_ = f"count({path}[not(@vocabulary='')]) + count({path}[not(@vocabulary='1')]) > 0"
        yield rule, versions, ACT, "true", (f"not({any_}) or count({path}{DAC}) > 0",)
    for rule, context, path in (("107.1.2", ACT, "default-aid-type"), ("107.2.2", f"{ACT}/transaction", "aid-type")):
        yield rule, LATE, context, "true", (f"count({path}{DAC}) <= 1",)
        yield (
            rule,
            LATE,
            context,
            "loop",
            (f"{path}[number-of(@vocabulary) != 1]/@vocabulary", f"count({path}{OWN}) <= 1"),
        )


def _dates() -> Iterator[Rule]:
    yield "11.1.1", ALL, ACT, "past", ("@last-updated-datetime",)
    yield "11.4.1", ALL, ORG, "past", ("@last-updated-datetime",)
    for rule, kind in (("11.1.4", "2"), ("11.1.5", "4")):
        yield rule, ALL, ACT, "past", (f"activity-date[@type='{kind}']/@iso-date",)
    yield "11.2.1", ALL, ACT, "past", ("transaction/transaction-date/@iso-date",)
    yield "11.2.2", ALL, ACT, "past", ("transaction/value/@value-date",)
    for rule, less, more in (("11.1.2", "1", "3"), ("11.1.3", "2", "4")):
        dates = (f"activity-date[@type='{less}']/@iso-date", f"activity-date[@type='{more}']/@iso-date")
        yield rule, ALL, ACT, "date_order", dates
    yield "8.6.1", ALL, f"{ACT}/result/indicator/period", "date_order", PERIOD
    yield "8.6.3", ALL, f"{ACT}/planned-disbursement", "date_order", PERIOD
    budgets = ("total-budget", "recipient-country-budget", "recipient-org-budget", "recipient-region-budget")
    for context in (f"{ACT}/budget", *(f"{ORG}/{each}" for each in (*budgets, "total-expenditure"))):
        yield "8.6.3", ALL, context, "date_order", PERIOD
        yield "7.5.3", ALL, context, "time_limit", PERIOD
    yield "11.3.1", ALL, f"{ORG}/recipient-country-budget", "between", ("budget-line/value/@value-date", *PERIOD)


def _shares() -> Iterator[Rule]:
    groups = (  # each has a share, the only one is 100, the sum is 100
        ("2.1.1", "2.1.4", "2.1.2", "sector" + DAC, "", "count({}/@percentage) > 1"),
        ("3.1.1", "3.1.4", "3.1.2", "recipient-country", "not(recipient-region)", "count({}) > 1"),
    )
    for each, only, total, path, given, several in groups:
        and_ = f" and {given}" if given else ""
        yield each, ALL, ACT, "true", (f"not(count({path}) > 1{and_}) or count({path}) = count({path}/@percentage)",)
        yield only, ALL, ACT, "true", (f"not(count({path}) = 1{and_}) or {_none_or_100(path)}",)
        yield total, ALL, ACT, "sum", (several.format(path) + and_, f"{path}/@percentage")
    sector, region, item = f"sector{OWN}", f"recipient-region{OWN}", f"country-budget-items{OWN}/budget-item"
    others, regions, budgets = (
        "sector[@vocabulary != '1']/@vocabulary", "recipient-region/@vocabulary", "country-budget-items/@vocabulary",
    )  # fmt: skip
    yield (
        "2.1.1",
        ALL,
        ACT,
        "loop",
        (others, f"not(count({sector}) > 1) or count({sector}) = count({sector}/@percentage)"),
    )
    yield "2.1.4", ALL, ACT, "loop", (others, f"not(count({sector}) = 1) or {_none_or_100(sector)}")
    yield (
        "3.4.1",
        ALL,
        ACT,
        "loop",
        (regions, f"not(count({region}) > 1) or count({region}) = count({region}/@percentage)"),
    )
    only = f"not(count({region}) = 1 and not(recipient-country)) or {_none_or_100(region)}"
    yield "3.4.4", ALL, ACT, "loop", (regions, only)
    both = f"{region}/@percentage | recipient-country/@percentage"
    yield "3.4.2", ALL, ACT, "loop_sum", (regions, f"count({region}) + count(recipient-country) > 1", both)
    yield "7.9.1", LATE, ACT, "loop", (budgets, f"not(count({item}) > 1) or {item}/@percentage")
    yield "7.9.2", LATE, ACT, "loop_sum", (budgets, f"count({item}) > 1", f"{item}/@percentage")
    yield "7.9.4", LATE, ACT, "loop", (budgets, f"not(count({item}) = 1) or {_none_or_100(item)}")
    for rule, path in (
        ("12.1", "recipient-country"),
        ("12.1", "recipient-region"),
        ("12.3", "sector"),
        ("12.2", "capital-spend"),
        ("12.2", "country-budget-items/budget-item"),
    ):
        yield f"{rule}.1", LATE, ACT, "range", (f"{path}/@percentage", 0, 100)
        yield f"{rule}.2", EARLY, ACT, "range", (f"{path}/@percentage", 0, 10**400)


def _none_or_100(path: str) -> str:
    return f"not({path}/@percentage) or {path}/@percentage[number-of(.) = 100]"


def _results() -> Iterator[Rule]:
    yield "8.11.1", ALL, f"{ACT}/result/indicator", "true", ("count(reference[1] | ../reference[1]) <= 1",)
    for rule, path in RESULTS:
        yield f"{rule}.1", LATE, f"{ACT}/{path.format(COUNTED)}", "true", ("@value",)
        yield f"{rule}.2", LATE, f"{ACT}/{path.format(COUNTED)}", "true", ("number-of(@value) = number-of(@value)",)
        yield f"{rule}.3", LATE, f"{ACT}/{path.format(WORDED)}", "true", ("not(@value)",)


RULES = tuple(_rules())
ADVISORIES = (
    ("1000.0.1", ("2.02", "2.03"), f"{ACT}/participating-org/@activity-id"),
    ("1000.0.2", ("2.02", "2.03"), f"{ACT}/planned-disbursement/provider-org/@provider-activity-id"),
    ("1000.0.3", ("2.02", "2.03"), f"{ACT}/planned-disbursement/receiver-org/@receiver-activity-id"),
    ("1000.0.4", ALL, f"{ACT}/transaction/provider-org/@provider-activity-id"),
    ("1000.0.5", ALL, f"{ACT}/transaction/receiver-org/@receiver-activity-id"),
    ("1000.0.6", ALL, f"{ACT}/related-activity/@ref"),
)
CODES = tuple(csv.DictReader(StringIO(files("ssc_iati.standard.rules").joinpath("codes.csv").read_text("utf-8"))))


def broken(activity: etree._Element, version: str, here: set[str]) -> set[str]:
    """The ids of the rules that an activity or organisation breaks, alone in a document of its own root; `here` are the
    identifiers of its file.
    """
    evaluate = etree.XPathEvaluator(activity.getroottree(), extensions={(None, "number-of"): _number_of})
    root = etree.QName(activity.getroottree().getroot()).localname
    found = {
        rule
        for rule, versions, context, kind, asks in RULES
        if version in versions and not all(_holds(each, kind, asks) for each in evaluate(_from(root, context)))
    }
    for rule, versions, path in ADVISORIES:
        if version in versions and any(each and each not in here for each in evaluate(_from(root, path))):
            found.add(rule)
    return found | {row["id"] for row in CODES if not all(_codes_hold(row, version, root, evaluate))}


def _from(root: str, context: str) -> str:
    return " | ".join(f"/{root}/{each.strip()}" for each in context.split("|"))


def _codes_hold(row: dict[str, str], version: str, root: str, evaluate) -> Iterator[bool]:
    first, _, last = row["versions"].partition("-")
    if row["versions"] and not first <= version <= (last or first):
        return
    path, attribute = row["path"], row["attribute"]
    if row["vocabulary"]:
        above = "../" if path.endswith("/budget-item") else ""
        chosen = f"{above}@vocabulary = '{row['vocabulary']}'"
        if row["default"] == row["vocabulary"]:
            chosen += f" or {above}@vocabulary = '' or not({above}@vocabulary)"
        path += f"[{chosen}]"
    members = codelists.members(row["codelist"], version)
    reached = evaluate(f"/{root}/{path}" if attribute == "text()" else f"/{root}/{path}/@{attribute}")
    for each in reached:
        yield (each if isinstance(each, str) else str(each.xpath("string()"))) in members


def _holds(element: etree._Element, kind: str, asks: tuple) -> bool:
    return _TYPES[kind](element, *asks)


def _evaluated(element: etree._Element, path: str):
    return element.xpath(path, extensions={(None, "number-of"): _number_of})


def _all_texts(element: etree._Element, path: str) -> list[str]:
    return [each if isinstance(each, str) else str(each.xpath("string()")) for each in _evaluated(element, path)]


def _true(element, condition):
    return bool(_evaluated(element, condition))


def _loop(element, foreach, condition):
    return all(_true(element, condition.replace("$1", value)) for value in set(_all_texts(element, foreach)))


def _sum(element, condition, path):
    return not _true(element, condition) or _sums_to_100(_all_texts(element, path))


def _loop_sum(element, foreach, condition, path):
    values = set(_all_texts(element, foreach))
    return all(_sum(element, condition.replace("$1", each), path.replace("$1", each)) for each in values)


def _sums_to_100(texts: list[str]) -> bool:
    total = sum(map(_js_number, texts))
    return not isnan(total) and floor(total * 10_000 + 0.5) / 10_000 == 100


def _unique(element, path):
    texts = _all_texts(element, path)
    return len(texts) == len(set(texts))


def _starts_with(element, prefixes, path):
    begin = [each + "-" for each in _all_texts(element, prefixes)]
    return all(any(each[: len(one)] == one for one in begin) for each in _all_texts(element, path))


def _is_registered(element, path):
    return all(REGISTERED.get(each, False) for each in _all_texts(element, path))


def _no_spaces(element, path):
    return not any(each and (each[0] in JS_BLANKS or each[-1] in JS_BLANKS) for each in _all_texts(element, path))


def _no_symbols(element, path):
    return not any(sign in each for each in _all_texts(element, path) for sign in "/&|?")


def _date(element, path) -> int | None:
    return DATES[texts[0]] if (texts := _all_texts(element, path)) else None


def _past(element, path):
    date = _date(element, path)
    return date is None or date <= NOW


def _date_order(element, less, more):
    first, second = _date(element, less), _date(element, more)
    return first is None or second is None or first <= second


def _time_limit(element, less, more):
    first, second = _date(element, less), _date(element, more)
    return first is None or second is None or (second - first) // DAY <= 365


def _between(element, path, less, more):
    date, first, second = _date(element, path), _date(element, less), _date(element, more)
    return None in {date, first, second} or first <= date <= second


def _range(element, path, least, most):
    return all(least <= _js_number(each) <= most for each in _all_texts(element, path))


# What the two readings of numbers make of the odd texts; all others are plain decimals or no numbers.
_ODD_JS = {"": 0.0, "5.": 5.0, "+5": 5.0, "1e2": 100.0, "0x10": 16.0}
_ODD_XPATH = {"": nan, "5.": nan, "+5": nan, "1e2": nan, "0x10": nan}


def _js_number(text: str) -> float:
    return _plain(text, _ODD_JS)


def _number_of(_context, value) -> float:
    texts = [value] if isinstance(value, str) else list(value)
    return _plain(texts[0], _ODD_XPATH) if texts else nan


def _plain(text: str, odd: dict[str, float]) -> float:
    bare = text.strip(" ")
    if bare in odd:
        return odd[bare]
    digits = bare.removeprefix("-").replace(".", "", 1)
    return float(bare) if digits.isdigit() else nan


_TYPES = {
    "true": _true,
    "loop": _loop,
    "sum": _sum,
    "loop_sum": _loop_sum,
    "unique": _unique,
    "startswith": _starts_with,
    "registered": _is_registered,
    "no_spaces": _no_spaces,
    "no_symbols": _no_symbols,
    "past": _past,
    "date_order": _date_order,
    "time_limit": _time_limit,
    "between": _between,
    "range": _range,
}
