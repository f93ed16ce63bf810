"""Every path of the rulesets, compiled, leads where XPath leads."""

from random import Random

import pytest
from lxml import etree
from random_activities import document

from ssc_iati.standard import VERSIONS
from ssc_iati.standard.rules import contexts
from ssc_iati.standard.validator.gather import Gatherer
from ssc_iati.standard.validator.paths import XML, allowed, compiled, text

ACTIVITY = etree.fromstring("""<iati-activity ref="own">
  <sector/><sector vocabulary=""/><sector vocabulary="1" percentage="5"/><sector vocabulary=" 98 "/>
  <transaction><sector vocabulary="2" percentage=""/><value currency="USD">1</value></transaction><transaction/>
  <title><narrative xml:lang="en">a</narrative><narrative>b<x>c</x>d</narrative></title>
</iati-activity>""")

# as the rulesets have it, and as XPath has it
PATHS = [
    ("sector", "sector"),
    ("sector/@percentage", "sector/@percentage"),
    ("transaction/sector/@percentage", "transaction/sector/@percentage"),
    ("sector[@vocabulary='1'|''|none]", "sector[@vocabulary='1' or @vocabulary='' or not(@vocabulary)]"),
    ("sector[@vocabulary='1'|none]/@percentage", "sector[@vocabulary='1' or not(@vocabulary)]/@percentage"),
    ("sector[@vocabulary=98|99]", "sector[@vocabulary=98 or @vocabulary=99]"),
    ("@ref", "@ref"),
    ("@nothing", "@nothing"),
    (".", "."),
    (".[@ref='own']", "self::*[@ref='own']"),
    (".[@ref='other'|none]", "self::*[@ref='other' or not(@ref)]"),
    ("//narrative", ".//narrative"),
    ("//narrative/@xml:lang", ".//narrative/@xml:lang"),
    ("//value/@currency", ".//value/@currency"),
    ("title/narrative", "title/narrative"),
    ("nothing/at/all", "nothing/at/all"),
]  # fmt: skip


def reached(path, element, at):
    made, needed = compiled(path, at)
    return made, Gatherer("iati-activity", needed | {at}).gather(element)


@pytest.mark.parametrize(("path", "xpath"), PATHS)
@pytest.mark.parametrize("at", ["iati-activity", "iati-activity/thing"])
def test_a_path_leads_where_its_xpath_leads(path, xpath, at):
    made, found = reached(path, ACTIVITY, at)
    wanted = ACTIVITY.xpath(xpath)

    hits = made.hits(ACTIVITY, found)

    if made.attribute is None:
        assert [element for element, _ in hits] == wanted == list(made.elements(ACTIVITY, found))
        assert [said for _, said in hits] == [each.xpath("string()") for each in wanted]
    else:
        assert [(element, said) for element, said in hits] == [(each.getparent(), str(each)) for each in wanted]
        assert made.attribute == path.rpartition("@")[2].replace("xml:", XML)
    assert made.any(ACTIVITY, found) == bool(wanted)


@pytest.mark.parametrize(
    ("choice", "xpath"),
    [
        ("@vocabulary='2'", "@vocabulary='2'"),
        ("@currency='USD'|none", "@currency='USD' or not(@currency)"),
        ("../@ref='own'|'x'", "../@ref='own' or ../@ref='x'"),
        ("../../@ref='own'", "../../@ref='own'"),
        ("../@ref=none", "not(../@ref)"),
        ("@percentage=5", "@percentage=5"),
        ("@lang=5", "@lang=5"),
    ],
)
def test_a_choice_allows_what_its_xpath_allows(choice, xpath):
    for element in ACTIVITY.xpath("*/*"):
        assert allowed(choice)(element) == element.xpath(f"boolean({xpath})"), (element.tag, choice)


@pytest.mark.parametrize("wrong", ["sector[1]", "sector[@a='1'][@b='1']", "@a/b", "sector[vocabulary='1']"])
def test_what_is_no_path_is_refused(wrong):
    with pytest.raises(ValueError, match=r"is no path|is no choice"):
        compiled(wrong, "iati-activity")


def test_the_text_of_an_element_is_all_of_it():
    title = etree.fromstring(
        "<a>1<b>2<!-- 3 --></b>4<?p 5?>6</a>", etree.XMLParser(remove_comments=True, remove_pis=True)
    )
    assert text(title) == title.xpath("string()") == "1246"
    assert text(etree.fromstring("<a/>")) == ""


@pytest.mark.parametrize("version", VERSIONS)
def test_gathered_are_all_elements_at_a_path_in_their_order_and_those_of_the_last_activity_alone(version):
    at = {path for context in contexts(version) for path in context.at if path.startswith("iati-activity")}
    gatherer = Gatherer("iati-activity", at)
    for activity in etree.fromstring(document(Random(1), version, "iati-activity", 20).encode()):  # noqa: S311 - no secret
        found = gatherer.gather(activity)
        for path in at:
            steps = path.partition("/")[2]
            assert found[path] == (activity.xpath(steps) if steps else [activity])


def test_a_path_is_gathered_even_if_a_longer_one_is_too():
    gatherer = Gatherer("a", ["a/b/c", "a/b"])
    found = gatherer.gather(etree.fromstring("<a><b><c/></b><c/><b/></a>"))
    assert {path: len(each) for path, each in found.items()} == {"a": 1, "a/b": 2, "a/b/c": 1}
