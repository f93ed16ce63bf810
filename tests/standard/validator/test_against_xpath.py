"""What the judge finds is what a slow evaluation of the official conditions, one XPath at a time, finds."""

from collections import Counter
from datetime import UTC, datetime
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from random_activities import REFS, document
from xpath_rules import ACT, ADVISORIES, CODES, NOW, ORG, REGISTERED, RULES, broken

from ssc_iati.standard import VERSIONS, org_id
from ssc_iati.standard.validator import Source, judged

CLOCK = datetime.fromtimestamp(NOW / 1000, UTC)
IDENTIFIERS = {ACT: "iati-identifier", ORG: "organisation-identifier"}
KINDS = [(version, item) for version in VERSIONS for item in (ACT, ORG)]


def ours(text):
    """The official rule ids that we find for each activity: the schema's and those of the whole file left out."""
    found = {}
    for each in judged(Source("random.xml", 0, lambda: iter([text.encode()])), now=CLOCK):
        if each.number is not None:
            rules = {finding.rule for finding in each.findings if not finding.rule.startswith("ssc-")}
            found[each.number] = rules - {"0.3.1"}
    return found


def theirs(text, version, item):
    root = etree.fromstring(text.encode())
    here = {str(each.xpath("string()")) for each in root.iterfind(f"*/{IDENTIFIERS[item]}")}
    found = {}
    for number, activity in enumerate(root):
        alone = etree.Element(root.tag, root.attrib)
        alone.append(etree.fromstring(etree.tostring(activity, with_tail=False)))
        found[number] = broken(alone[0], version, here)
    return found


def compared(seed, version, item, count):
    text = document(Random(seed), version, item, count)  # noqa: S311 - no secret
    wanted, found = theirs(text, version, item), ours(text)
    for number, rules in wanted.items():
        assert found.get(number, set()) == rules, f"{item} {version}, seed {seed}, number {number}:\n{text}"
    return wanted


@given(st.integers(0, 2**32), st.sampled_from(KINDS))
@settings(max_examples=150, deadline=None)
def test_the_judge_finds_what_the_conditions_say(seed, kind):
    compared(seed, *kind, count=2)


def test_every_rule_is_broken_by_some_of_them_and_kept_by_others():
    times, count = Counter(), 0
    for seed, kind in enumerate(KINDS):
        wanted = compared(seed, *kind, count=150)
        times.update(rule for rules in wanted.values() for rule in rules)
        count += len(wanted)
    rules = {rule for rule, *_ in (*RULES, *ADVISORIES)} | {row["id"] for row in CODES}
    assert {rule for rule in rules if not 0 < times[rule] < count} == set()


def test_the_registers_that_the_conditions_know_are_those_that_are_confirmed():
    for ref in REFS:
        assert org_id.confirmed("-".join(ref.split("-")[:2])) == REGISTERED.get(ref, False), ref
