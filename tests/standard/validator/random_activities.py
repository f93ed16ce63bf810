"""Random activities and organisations that touch every official check: values good, bad and odd, at every place that a
check looks at; no schema is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from xml.sax.saxutils import escape, quoteattr

from xpath_rules import ACT, CODES, DATES, ORG, REGISTERED

from ssc_iati.standard import codelists

REFS = (*REGISTERED, "X-1", "X-1-9", " X-1", "X-1\u00a0", "X/1", "X&1", "gb-chc-1", "GB", "")
ACTIVITIES = (*REFS, "Y-1", "Y-1 ")
SHARES = ("100", "100", "50", "50", "25", "33.3333", "33.33334", "99.99999", "0", "-1", "150", "100.00", " 50 ", ".5")
SHARES += ("5.", "+5", "1e2", "0x10", "", "half")
VOCABULARIES = ("1", "1", "", "2", "99", "98", " 98", "098", "7", "8", "4", "A4", "1.0")
VALUES = ("5", " 5 ", ".5", "-5", "007.50", "5.", "+5", "1e2", "", "many")
WORDS = ("Water", " ", "", "<!-- nothing -->", "<![CDATA[Water]]>", "<![CDATA[]]>", "<b/>", "<b/>after", "<b>in</b>")

_SOME_DATES = ("2019-06-01", "2020-02-30", "1/31/2020", "2026-01-01", "2026-01-02", "2999", "soon")

# What the rulesets look at, beside the codes: attributes by path (`*` for a text), and the pools of their values.
_PLACES: dict[str, dict[str, tuple[str, ...]]] = {
    ACT: {"xml:lang": ("en",), "last-updated-datetime": tuple(DATES)},
    ORG: {"xml:lang": ("en",), "last-updated-datetime": tuple(DATES)},
    f"{ACT}/iati-identifier": {"*": REFS},
    f"{ORG}/organisation-identifier": {"*": REFS},
    f"{ACT}/reporting-org": {"ref": REFS},
    f"{ORG}/reporting-org": {"ref": REFS},
    f"{ACT}/other-identifier": {"ref": REFS, "type": ("B1", "A3", "A1", "x")},
    f"{ACT}/other-identifier/owner-org": {"ref": REFS},
    f"{ACT}/participating-org": {"ref": REFS, "activity-id": ACTIVITIES},
    f"{ACT}/related-activity": {"ref": ACTIVITIES},
    f"{ACT}/activity-date": {"iso-date": _SOME_DATES, "type": ("1", "2", "3", "4", "9")},
    f"{ACT}/sector": {"percentage": SHARES, "vocabulary": VOCABULARIES},
    f"{ACT}/recipient-country": {"percentage": SHARES},
    f"{ACT}/recipient-region": {"percentage": SHARES, "vocabulary": ("1", "2", "99", "")},
    f"{ACT}/capital-spend": {"percentage": SHARES},
    f"{ACT}/country-budget-items": {"vocabulary": ("1", "2", "")},
    f"{ACT}/country-budget-items/budget-item": {"percentage": SHARES},
    f"{ACT}/default-aid-type": {"vocabulary": VOCABULARIES},
    f"{ACT}/policy-marker": {"vocabulary": ("1", "99", "", "2")},
    f"{ACT}/tag": {"vocabulary": ("1", "2", "3", "99", "")},
    f"{ACT}/location/administrative": {"vocabulary": ("A4", "A1", "")},
    f"{ACT}/crs-add/channel-code": {"*": ("21000", " 21000", "x", "")},
    f"{ACT}/transaction/transaction-date": {"iso-date": tuple(DATES)},
    f"{ACT}/transaction/value": {"value-date": tuple(DATES)},
    f"{ACT}/transaction/provider-org": {"ref": REFS, "provider-activity-id": ACTIVITIES},
    f"{ACT}/transaction/receiver-org": {"ref": REFS, "receiver-activity-id": ACTIVITIES},
    f"{ACT}/planned-disbursement/provider-org": {"ref": REFS, "provider-activity-id": ACTIVITIES},
    f"{ACT}/planned-disbursement/receiver-org": {"ref": REFS, "receiver-activity-id": ACTIVITIES},
    f"{ACT}/transaction/sector": {"vocabulary": VOCABULARIES},
    f"{ACT}/transaction/recipient-region": {"vocabulary": VOCABULARIES},
    f"{ACT}/transaction/aid-type": {"vocabulary": VOCABULARIES},
    f"{ACT}/result/indicator": {"measure": ("1", "2", "5", "9")},
    f"{ACT}/result/indicator/baseline": {"value": VALUES},
    f"{ACT}/result/indicator/period/target": {"value": VALUES},
    f"{ACT}/result/indicator/period/actual": {"value": VALUES},
    f"{ORG}/recipient-org-budget/recipient-org": {"ref": REFS},
    f"{ORG}/recipient-country-budget/budget-line/value": {"value-date": tuple(DATES)},
}
_NARRATED = (
    f"{ACT}/title", f"{ACT}/description", f"{ACT}/sector", f"{ACT}/policy-marker", f"{ACT}/participating-org",
    f"{ACT}/other-identifier/owner-org", f"{ACT}/transaction/provider-org", f"{ACT}/transaction/receiver-org",
    f"{ACT}/transaction/description", f"{ACT}/planned-disbursement/provider-org", f"{ACT}/result/title",
    f"{ACT}/result/indicator/description", f"{ACT}/document-link/title", f"{ORG}/name", f"{ORG}/document-link/title",
    f"{ORG}/document-link/description",
)  # fmt: skip
_PERIODS = (
    f"{ACT}/budget", f"{ACT}/planned-disbursement", f"{ACT}/result/indicator/period", f"{ORG}/total-budget",
    f"{ORG}/total-expenditure", f"{ORG}/recipient-country-budget", f"{ORG}/recipient-org-budget",
    f"{ORG}/recipient-region-budget",
)  # fmt: skip
_ALONE = (
    f"{ACT}/result/reference",
    f"{ACT}/result/indicator/reference",
    f"{ACT}/fss/forecast",
    f"{ACT}/crs-add/loan-status",
)

Node = tuple[dict[str, tuple[str, ...]], dict[str, "Node"]]


def _tree() -> dict[str, Node]:
    tree: dict[str, Node] = {}
    for path, attribute, pool in _all_places():
        node: Node = ({}, tree)
        for step in path.split("/"):
            node = node[1].setdefault(step, ({}, {}))
        if attribute:
            node[0].setdefault(attribute, pool)
    return tree


def _all_places() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for path, attributes in _PLACES.items():
        for attribute, pool in attributes.items():
            yield path, attribute, pool
    for path in _NARRATED:
        yield f"{path}/narrative", "xml:lang", ("en", "")
        yield f"{path}/narrative", "**", WORDS
    for path in _PERIODS:
        for end in ("period-start", "period-end"):
            yield f"{path}/{end}", "iso-date", tuple(DATES)
    for path in _ALONE:
        yield path, "", ()
    for path, attribute in sorted({(row["path"], row["attribute"]) for row in CODES}):
        yield path, "*" if attribute == "text()" else attribute, _codes(path, attribute)


def _codes(path: str, attribute: str) -> tuple[str, ...]:
    """Codes of every list that the place may take, at every version, and what is none."""
    lists = sorted({row["codelist"] for row in CODES if (row["path"], row["attribute"]) == (path, attribute)})
    known = (sorted(codelists.members(each, "2.03")) for each in lists)
    return (*(code for codes in known for code in (codes[0], codes[-1]) for _ in range(3)), "nought", "")


_TREE = _tree()
_OFTEN = {"activity-date": 0.95, "other-identifier": 0.7, "sector": 0.6, "default-aid-type": 0.6, "transaction": 0.7}
_OFTEN |= {"tag": 0.7, ACT: 0.3, ORG: 0.6}


def document(random: Random, version: str, item: str, count: int) -> str:
    """A file of so many random activities (or organisations)."""
    root = {ACT: "iati-activities", ORG: "iati-organisations"}[item]
    items = "\n".join(_element(random, item, _TREE[item], _OFTEN[item]) for _ in range(count))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} version="{version}">\n{items}\n</{root}>\n'


def _element(random: Random, name: str, node: Node, often: float) -> str:
    attributes, children = node
    said = {each: random.choice(pool) for each, pool in attributes.items() if random.random() < 0.7}
    text = escape(said.pop("*", "")) + said.pop("**", "")
    inner = [
        _element(random, child, below, 0.6)
        for child, below in children.items()
        if random.random() < _OFTEN.get(child, often)
        for _ in range(random.choice((1, 1, 1, 2, 2, 4)))
    ]
    random.shuffle(inner)
    started = name + "".join(f" {each}={quoteattr(value)}" for each, value in said.items())
    return f"<{started}>{text}{''.join(inner)}</{name}>"
