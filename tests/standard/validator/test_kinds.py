"""The boundary of every kind of check, in small activities: what each is lenient about was observed of the official
validator (the experiments' names stand behind), and is kept.
"""

# ruff: noqa: E501, ERA001 - the rows of a table

import pytest
from small_activities import broken

from ssc_iati.standard.rules import contexts
from ssc_iati.standard.validator import kinds

T, F = True, False  # is it broken?


def breaks(rule, content, **what):
    return rule in broken(content, **what)


def test_every_kind_of_the_ruleset_is_known_and_every_known_one_used():
    used = {check.kind for version in ("2.01", "2.02", "2.03") for each in contexts(version) for check in each.checks}
    assert used == set(kinds.KINDS)


def test_a_sound_activity_breaks_nothing():
    assert broken("") == set()
    assert broken("", item="iati-organisation") == set()


SECTOR = '<sector code="11110"/>'


@pytest.mark.parametrize(
    ("rule", "content", "wanted"),
    [
        # any_of: to be there is enough, however empty
        ("6.10.1", '<participating-org role="1"/>', T),
        ("6.10.1", '<participating-org role="1" ref=""/>', F),  # 25c
        ("6.10.1", '<participating-org role="1"><narrative/></participating-org>', F),  # 25d
        ("6.14.1", '<policy-marker code="1"/>', T),
        ("6.14.1", '<policy-marker code="1" significance=""/>', F),  # 80b
        ("6.14.1", '<policy-marker vocabulary="99" code="1"/>', F),
        ("6.13.1", '<policy-marker vocabulary="99" code="1"/>', T),
        ("6.13.1", '<policy-marker vocabulary="99" code="1"><narrative/></policy-marker>', F),
        # any_of narrative/text(): some text of the narrative's own, be it blank (40a-g)
        ("4.3.1", "<title/>", T),
        ("4.3.1", "<title><narrative/></title>", T),
        ("4.3.1", "<title><narrative> </narrative></title>", F),
        ("4.3.1", "<title><narrative><![CDATA[x]]></narrative></title>", F),
        ("4.3.1", "<title><narrative><![CDATA[]]></narrative></title>", T),
        ("4.3.1", "<title><narrative><!-- x --></narrative></title>", T),
        ("4.3.1", "<title><narrative><b>x</b></narrative></title>", T),
        ("4.3.1", "<title><narrative><b/>x</narrative></title>", F),
        ("4.3.1", "<title><narrative/><narrative>x</narrative></title>", F),
        ("4.3.1", "<title>x</title>", T),
        ("4.3.1", "", F),  # 40h
        ("4.4.1", "<transaction><description/></transaction>", T),
        # default_or_each
        ("6.7.2", "<transaction/>", F),
        # not_both
        ("6.6.2", "<transaction><sector code='11110'/></transaction>", T),
        ("3.6.2", "<recipient-country code='BO'/><transaction><recipient-region code='298'/></transaction>", T),
        ("3.6.2", "<transaction><recipient-region code='298'/></transaction>", F),
        # here_or_in_each
        ("3.7.2", "<transaction/>", T),
        ("3.7.2", "<transaction><recipient-country code='BO'/></transaction><transaction/>", T),
        ("3.7.2", "<transaction><recipient-country code='BO'/></transaction>", F),
        ("3.7.2", "<recipient-country code='BO'/><transaction/>", F),
        ("3.7.2", "", F),  # 60
        # not_here_and_above
        ("8.11.1", "<result><reference/><indicator><reference/></indicator></result>", T),
        ("8.11.1", "<result><reference/><reference/><indicator/></result>", F),
        ("8.11.1", "<result><indicator><reference/><reference/></indicator></result>", F),
        # one_of_them
        ("107.1.1", '<default-aid-type vocabulary="2" code="1"/>', T),
        ("107.1.1", '<default-aid-type vocabulary="2" code="1"/><default-aid-type code="A01"/>', F),
        ("107.1.1", '<default-aid-type vocabulary="" code="A01"/>', F),
        # as_many_narratives: over all of them together
        ("2.2.1", '<sector vocabulary="99" code="a"/>', T),
        ("2.2.1", '<sector vocabulary=" 98 " code="a"/>', T),  # compared as a number
        ("2.2.1", '<sector vocabulary="99" code="a"/><sector vocabulary="98" code="a"><narrative/><narrative/></sector>', F),
        # all_different
        ("1.1.3", "", F),
        ("1.1.3", "<iati-identifier>GB-CHC-1</iati-identifier>", T),
        ("1.1.3", "<iati-identifier>GB-CHC-1<!-- x --></iati-identifier>", T),
        # no_spaces: the blanks of ECMAScript (20, 20b)
        ("1.8.1", '<participating-org role="1" ref="a "/>', T),
        ("1.8.1", '<participating-org role="1" ref="&#xA0;a"/>', T),
        ("1.8.1", '<participating-org role="1" ref="&#xFEFF;a"/>', T),
        ("1.8.1", '<participating-org role="1" ref="a b"/>', F),
        ("1.8.1", '<participating-org role="1" ref=""/>', F),
        ("1.3.1", "<iati-identifier>GB-CHC-1-B\n</iati-identifier>", T),
        # no_symbols
        ("1.8.13", '<participating-org role="1" ref="a/b"/>', T),
        ("1.8.13", '<participating-org role="1" ref="a&amp;b"/>', T),
        ("1.8.13", '<participating-org role="1" ref="a|b"/>', T),
        ("1.8.13", '<participating-org role="1" ref="a?"/>', T),
        ("1.8.13", '<participating-org role="1" ref="a\\b"/>', F),
        ("1.8.13", '<participating-org role="1" ref=""/>', F),
        # not_in_future: only the first date is looked at (32, 30d)
        ("11.2.1", '<transaction><transaction-date iso-date="2026-01-02"/></transaction>', T),
        ("11.2.1", '<transaction><transaction-date iso-date="2026-01-01"/></transaction>', F),
        ("11.2.1", '<transaction><transaction-date iso-date="2026-01-02+02:00"/></transaction>', F),  # 30h
        ("11.2.1", '<transaction><transaction-date iso-date="2999/1/1"/></transaction>', T),
        ("11.2.1", '<transaction><transaction-date iso-date="x"/><transaction-date iso-date="2999"/></transaction>', F),
        # in_order
        ("8.6.3", "<budget><period-start iso-date='2020-01-02'/><period-end iso-date='2020-01-01'/></budget>", T),
        ("8.6.3", "<budget><period-start iso-date='2020-01-01'/><period-end iso-date='2020-01-01'/></budget>", F),
        ("8.6.3", "<budget><period-start iso-date='2020-01-02'/></budget>", F),
        # at_most_a_year (33)
        ("7.5.3", "<budget><period-start iso-date='2020-01-01'/><period-end iso-date='2021-01-01'/></budget>", T),
        ("7.5.3", "<budget><period-start iso-date='2019-01-01'/><period-end iso-date='2020-01-01'/></budget>", F),
        ("7.5.3", "<budget><period-start iso-date='2019-01-01'/><period-end iso-date='2020-01-01T23:59'/></budget>", F),
        ("7.5.3", "<budget><period-start iso-date='2019-01-01'/><period-end iso-date='2020-01-02'/></budget>", T),
        # is_number (70a-p); none at all is no number either (70)
        *[
            ("8.8.2", f'<result><indicator measure="1"><baseline value="{value}"/></indicator></result>', wanted)
            for value, wanted in [("5.", T), ("+5", T), ("1e3", T), ("0x10", T), ("1,000", T), ("5%", T), ("Infinity", T),
                                  ("", T), (" 5 ", F), (".5", F), ("-5", F), ("007.50", F)]
        ],
        ("8.8.2", '<result><indicator measure="1"><baseline/></indicator></result>', T),
        ("8.8.2", '<result><indicator measure="5"><baseline/></indicator></result>', F),
        ("8.8.2", '<result><indicator measure="9"><baseline/></indicator></result>', F),
        ("8.8.1", '<result><indicator measure="1"><baseline/></indicator></result>', T),
        ("8.8.1", '<result><indicator measure="1"><baseline value=""/></indicator></result>', F),
        # none_of
        ("8.8.3", '<result><indicator measure="5"><baseline value=""/></indicator></result>', T),
        ("8.8.3", '<result><indicator measure="5"><baseline/></indicator></result>', F),
        # in_range: numbers of ECMAScript, nothing is 0
        *[
            ("12.2.1", f'<capital-spend percentage="{value}"/>', wanted)
            for value, wanted in [("100", F), ("0", F), ("", F), ("1e2", F), ("100.01", T), ("-0.1", T), ("x", T), ("5%", T)]
        ],
        # shares: each, the only one, the sum
        ("3.1.1", '<recipient-country code="BO" percentage="100"/><recipient-country code="PE"/>', T),
        ("3.1.1", '<recipient-country code="BO"/>', F),
        ("3.1.4", '<recipient-country code="BO" percentage="99"/>', T),
        ("3.1.4", '<recipient-country code="BO" percentage="100.0"/>', F),
        ("3.1.4", '<recipient-country code="BO" percentage=""/>', T),
        ("3.1.4", '<recipient-country code="BO" percentage="99"/><recipient-region code="298"/>', F),
        ("3.1.2", '<recipient-country code="BO"/><recipient-country code="PE"/>', T),  # none at all sum to 0
        ("3.1.2", '<recipient-country code="BO" percentage="x"/><recipient-country code="PE" percentage="100"/>', T),  # 50s
        ("3.4.1", '<recipient-region code="298"/><recipient-region code="189"/>', F),  # 61d: no vocabulary, not seen
        ("3.4.1", '<recipient-region vocabulary="1" code="298"/><recipient-region vocabulary="1" code="189"/>', T),
        ("3.4.2", '<recipient-region vocabulary="1" code="298" percentage="60"/><recipient-country code="BO" percentage="40"/>', F),
        ("3.4.2", '<recipient-region vocabulary="1" code="298" percentage="60"/><recipient-country code="BO"/>', T),
        ("3.4.4", '<recipient-region vocabulary="" code="298" percentage="60"/>', T),
        ("7.9.1", '<country-budget-items vocabulary="2"><budget-item/><budget-item/></country-budget-items>', T),
        ("7.9.1", '<country-budget-items vocabulary="2"><budget-item percentage=""/><budget-item/></country-budget-items>', F),
        ("7.9.1", "<country-budget-items><budget-item/><budget-item/></country-budget-items>", F),
        # at_most_one
        ("107.1.2", '<default-aid-type code="A01"/><default-aid-type vocabulary="1" code="A01"/>', T),
        ("107.1.2", '<default-aid-type vocabulary="2" code="1"/><default-aid-type vocabulary="2" code="1"/>', T),
        ("107.1.2", '<default-aid-type vocabulary="2" code="1"/><default-aid-type vocabulary="4" code="1"/>', F),
    ],
)  # fmt: skip
def test_of_an_activity(rule, content, wanted):
    assert breaks(rule, content) is wanted


@pytest.mark.parametrize(
    ("shares", "wanted"),
    [
        (["33.3333"] * 3, T),  # 50d-f2: to four decimals
        (["33.33333", "33.33333", "33.33334"], F),
        (["33.333333"] * 3, F),
        (["50", "50"], F),
        (["50", "5e1"], F),
        (["50", ""], T),
        (["50", None], F),  # one share is no several
        ([None, None], F),
        (["100"], F),
        (["99.99996", "0"], F),
    ],
)
def test_shares_of_sectors_sum_to_100_where_there_are_several_shares(shares, wanted):
    said = ["" if each is None else f' percentage="{each}"' for each in shares]
    sectors = "".join(f'<sector code="11110"{each}/>' for each in said)
    assert breaks("2.1.2", "", sector=sectors) is wanted


@pytest.mark.parametrize(
    ("rule", "sectors", "wanted"),
    [
        ("6.2.2", "", T),
        ("6.2.2", "<transaction><sector/></transaction>", F),
        ("6.7.2", "<transaction><sector/></transaction><transaction/>", T),
        ("102.1.1", '<sector vocabulary="2" code="111"/>', T),
        ("102.1.1", '<sector vocabulary="" code="11110"/>', F),
        ("2.1.1", '<sector vocabulary="" code="11110"/><sector vocabulary="" code="11120"/>', T),  # C3
        ("2.1.4", '<sector vocabulary="2" code="111" percentage="50"/>', T),
        ("2.1.4", '<sector vocabulary="2" code="111"/>', F),
    ],
)
def test_of_sectors(rule, sectors, wanted):
    assert breaks(rule, "", sector=sectors) is wanted


@pytest.mark.parametrize(
    ("rule", "content", "version", "wanted"),
    [
        ("12.2.2", '<capital-spend percentage="105"/>', "2.02", F),  # D8
        ("12.2.2", '<capital-spend percentage="-1"/>', "2.01", T),
        ("107.1.1", '<default-aid-type vocabulary="2" code="1"/>', "2.02", F),
        ("8.8.1", '<result><indicator measure="1"><baseline/></indicator></result>', "2.02", F),
    ],
)
def test_of_a_version(rule, content, version, wanted):
    assert breaks(rule, content, version=version) is wanted


BUDGET = (
    "<recipient-country-budget><period-start iso-date='2020-01-01'/><period-end iso-date='{end}'/>"
    "<budget-line><value value-date='{day}'/></budget-line></recipient-country-budget>"
)


@pytest.mark.parametrize(
    ("rule", "content", "wanted"),
    [
        ("11.3.1", BUDGET.format(end="2020-12-31", day="2020-12-31"), F),
        ("11.3.1", BUDGET.format(end="2020-12-31", day="2021-01-01"), T),
        ("11.3.1", BUDGET.format(end="2020-12-31", day="2019-12-31"), T),
        ("11.3.1", BUDGET.format(end="", day="2021-01-01"), F),  # the official validator dies of it (A1c)
        ("1.17.1", '<recipient-org-budget><recipient-org ref=" a"/></recipient-org-budget>', T),
        ("1.12.13", "<organisation-identifier>a/b</organisation-identifier>", T),
    ],
)
def test_of_an_organisation(rule, content, wanted):
    assert breaks(rule, content, item="iati-organisation") is wanted


@pytest.mark.parametrize(
    ("ref", "wanted"),
    [("GB-CHC-1", F), ("GB-CHC", F), ("GB-CHC-", F), ("gb-chc-1", T), (" GB-CHC-1", T), ("GB", T), ("", T), ("XX-YYY-1", T)],
)  # fmt: skip
def test_what_stands_before_the_second_hyphen_is_a_confirmed_register(ref, wanted):
    assert breaks("1.14.8", f'<reporting-org ref="{ref}"/>') is wanted


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("<iati-identifier>GB-CHC-1-X</iati-identifier>", F),
        ("<iati-identifier>GB-CHC-1</iati-identifier>", T),
        ("<iati-identifier>OLD-X</iati-identifier>", T),
        ('<iati-identifier>OLD-X</iati-identifier><other-identifier type="B1" ref="OLD"/>', F),
        ('<iati-identifier>OLD-X</iati-identifier><other-identifier type="A3" ref="OLD"/>', T),
        ('<iati-identifier>-X</iati-identifier><other-identifier type="B1" ref=""/>', F),  # 24
    ],
)
def test_an_identifier_begins_with_its_reporter_or_a_former_one(content, wanted):
    assert breaks("1.1.21", content) is wanted


def test_an_apostrophe_in_a_vocabulary_is_a_value_like_others():
    """The official validator dies of it (50q)."""
    assert breaks("2.1.1", "", sector="""<sector vocabulary="it's"/><sector vocabulary="it's"/>""")


def test_a_fault_shows_at_every_element_that_takes_part():
    from small_activities import SOUND, document, findings

    content = '<participating-org role="1" ref="ok"/><recipient-country code="BO"/><recipient-country code="PE"/>'
    text = document(SOUND["iati-activity"].format(content=content, sector=SECTOR))
    found = next(each for each in findings(text) if each.rule == "3.1.1")
    assert [each.path.rpartition("/")[2] for each in (found.where, *found.also)] == [
        "recipient-country[1]",
        "recipient-country[2]",
    ]
    assert found.values["count"] == "2"


def test_many_equal_texts_are_counted_once_not_one_by_one():
    content = "<iati-identifier>a</iati-identifier>" * 40_000
    assert breaks("1.1.3", content)  # a look at all for each would take minutes
