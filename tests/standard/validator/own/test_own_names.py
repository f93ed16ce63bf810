"""One reference under several names, one name under several references, in one file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iati_files as iati
from ssc_iati.standard.validator import judged
from ssc_iati.standard.validator.own import mentions
from ssc_iati.standard.validator.own.mentions import MOST_EACH, Heard
from ssc_iati.standard.validator.own.names import Namings, Teller

NAMES, REFERENCES = "ssc-iati-ref-many-names", "ssc-iati-name-many-refs"


def partner(reference, *names):
    narratives = "".join(
        f'<narrative xml:lang="{name[0]}">{name[1]}</narrative>'
        if isinstance(name, tuple)
        else f"<narrative>{name}</narrative>"
        for name in names
    )
    return f'<participating-org role="1" ref="{reference}">{narratives}</participating-org>'


def of(rule, *partners):
    """What is found in a file of an activity for each partner."""
    return iati.findings(rule, *(iati.activity(each, number=number) for number, each in enumerate(partners, start=1)))


def test_a_second_name_of_a_reference_is_told_where_it_stands_first():
    same, other, third = partner("CL-RUT-1", "AGCID"), partner("CL-RUT-1", "Agencia"), partner("CL-RUT-1", "Chile Coop")

    (found,) = of(NAMES, same, same, other, other, third)

    assert found.identifier == "XM-DAC-41119-3"
    assert found.where.path == "/iati-activities/iati-activity[3]/participating-org[2]/@ref"
    assert [each.path for each in found.also] == ["/iati-activities/iati-activity[5]/participating-org[2]/@ref"]
    assert found.values == {
        "element": "participating-org",
        "attribute": "",
        "value": "CL-RUT-1",
        "names": "AGCID; Agencia; Chile Coop",
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["Agência Brasileira"], ["AGENCIA  BRASILEIRA"]),
        ([("en", "Ministry"), ("es", "Ministerio")], [("es", "Ministerio")]),
        ([("en", "Ministry")], [("es", "Ministerio")]),
        (["Ministry"], []),
        (["Ministry"], [""]),
        ([("en", "Ministry")], ["Ministry"]),
    ],
    ids=["accents and case", "one of two languages", "another language", "none", "empty", "the default language"],
)
def test_another_spelling_or_another_language_is_no_other_name(one, other):
    assert not of(NAMES, partner("CL-RUT-1", *one), partner("CL-RUT-1", *other))


def test_what_is_shown_later_to_be_one_name_is_one():
    english, spanish = ("en", "Ministry"), ("es", "Ministerio")
    both = partner("CL-RUT-1", english, spanish)

    assert not of(NAMES, partner("CL-RUT-1", english), partner("CL-RUT-1", spanish), both)
    assert of(NAMES, partner("CL-RUT-1", english), partner("CL-RUT-1", ("en", "Health")), both)


def test_a_second_reference_of_a_name_is_told_where_it_stands_first():
    (found,) = of(REFERENCES, partner("CL-RUT-1", "AGCID"), partner("XM-DAC-9", "Agcid"), partner("CL-RUT-2", "AGCID"))

    assert found.identifier == "XM-DAC-41119-2"
    assert found.values["value"] == "AGCID"
    assert found.values["refs"] == "CL-RUT-1; XM-DAC-9; CL-RUT-2"
    assert len(found.also) == 1


def test_two_languages_of_a_name_are_told_once():
    names = [("en", "Ministry"), ("es", "Ministerio")]

    assert len(of(REFERENCES, partner("CL-RUT-1", *names), partner("CL-RUT-2", *names))) == 1


def test_ministries_of_two_countries_may_bear_one_name():
    health = [partner(each, "Ministry of Health") for each in ("KE-RCO-1", "UG-NGB-1")]

    assert not of(REFERENCES, *health)
    assert of(REFERENCES, *health, partner("UG-NGB-2", "Ministry of Health"))


def test_all_elements_that_name_organisations_are_compared():
    owner = """<other-identifier ref="x" type="B1">
      <owner-org ref="CL-RUT-1"><narrative>B</narrative></owner-org></other-identifier>"""
    money = """<transaction><transaction-type code="3"/><transaction-date iso-date="2025-01-01"/>
      <value value-date="2025-01-01">1</value><provider-org ref="CL-RUT-1"><narrative>C</narrative></provider-org>
      <receiver-org ref="CL-RUT-1"><narrative>D</narrative></receiver-org></transaction>"""
    plan = """<planned-disbursement><period-start iso-date="2025-01-01"/><value value-date="2025-01-01">1</value>
      <provider-org ref="CL-RUT-1"><narrative>E</narrative></provider-org>
      <receiver-org ref="CL-RUT-1"><narrative>F</narrative></receiver-org></planned-disbursement>"""

    (found,) = iati.findings(NAMES, iati.activity(partner("CL-RUT-1", "A"), owner, money, plan))

    assert found.values["names"] == "A; B; E; F; C; ..."
    assert len(found.also) == 4


def test_the_reporter_of_an_organisation_file_is_compared_with_the_organisation():
    reporter = '<reporting-org ref="XM-DAC-41119" type="40"><narrative>Ministry</narrative></reporting-org>'

    assert not iati.findings(NAMES, iati.organisation())
    assert iati.findings(NAMES, iati.organisation(reporter, without="reporting-org"))


def test_an_activity_with_other_findings_tells_all_of_them_together_in_the_order_of_the_file():
    wrong = '<activity-scope code="none"/>'
    items = [iati.activity(wrong, partner("CL-RUT-1", name), number=n) for n, name in ((1, "A"), (2, "B"), (3, "A"))]

    found = iati.judge(*items, iati.activity(partner("CL-RUT-9", "A"), number=4))

    assert [(each.number, [one.rule for one in each.findings]) for each in found] == [
        (0, ["9.6.1"]),
        (1, ["9.6.1", NAMES]),
        (2, ["9.6.1"]),
        (3, [REFERENCES]),
    ]
    assert found[3].title == "Water"


def test_a_file_is_judged_anew_each_time():
    items = iati.activity(partner("CL-RUT-1", "A"), number=1), iati.activity(partner("CL-RUT-1", "B"), number=2)

    assert iati.rules(*items) == iati.rules(*items) == [NAMES]


def test_activities_within_other_elements_are_compared_too():
    inner = iati.activity(partner("CL-RUT-1", "A"), number=1) + iati.activity(partner("CL-RUT-1", "B"), number=2)
    data = iati.file(f"<iati-activities><x>{inner}</x></iati-activities>")

    found = judged(iati.source(data), now=iati.NOW)

    assert NAMES in [one.rule for each in found for one in each.findings]


def test_of_very_many_names_the_first_are_compared():
    names = [f"name {number}" for number in range(MOST_EACH + 20)]

    (found,) = iati.findings(NAMES, iati.activity(*(partner("CL-RUT-1", each) for each in names)))

    assert 1 + 1 + len(found.also) == MOST_EACH


def test_what_was_heard_is_bounded(monkeypatch):
    monkeypatch.setattr(mentions, "MOST", 3)
    heard = Heard()

    assert [heard.is_new(f"r{number}", ()) for number in (1, 1, 2, 3, 4, 1)] == [True, False, True, True, False, False]


WHERE = (1, 1, "/x")
NAME = st.tuples(st.sampled_from(["", "en"]), st.sampled_from("ABab-"))
SAID = st.tuples(st.sampled_from("rst"), st.lists(NAME, max_size=2).map(tuple))


@given(st.lists(SAID, max_size=12))
def test_two_names_are_told_only_of_a_reference_that_has_two_in_one_language(said):
    namings = Namings()
    for number, (reference, names) in enumerate(said):
        namings.take([(reference, names, WHERE)], Teller(number, "i", "t"))

    told = {found.values["value"] for _, found in namings.findings("a.xml") if found.rule == NAMES}

    for reference in told:
        spelt = {(language, name.lower()) for of, names in said if of == reference for language, name in names}
        assert any(len({name for language, name in spelt if language == one} - {"-"}) > 1 for one in ("", "en"))


@given(st.lists(SAID, max_size=12), st.integers(0, 12))
def test_it_matters_not_which_process_tells_what_nor_how_often(said, cut):
    def told(parts):
        namings = Namings()
        for number, (reference, names) in parts:
            namings.take([(reference, names, WHERE)], Teller(number, "i", "t"))
        return list(namings.findings("a.xml"))

    numbered = list(enumerate(said))
    heard, other = Heard(), Heard()
    first = [part for part in numbered[:cut] if heard.is_new(*part[1])]
    second = [part for part in numbered[cut:] if other.is_new(*part[1])]

    assert told(first + second) == told(numbered)
