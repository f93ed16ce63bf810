"""Who becomes a participating organisation, in which role and of which type: tables 3.5 and 3.6 of the mapping."""

import pytest

from ssc_iati.map.options import Known
from ssc_iati.record import terms

SSC = "{urn:ssc-iati:extension:1}"
PHASES = ("identification", "negotiation-formulation", "implementation-followup", "evaluation", "unspecified")
EVERYWHERE, NOT_EVALUATING = frozenset(PHASES), frozenset(PHASES) - {"evaluation"}

# function: role, fit, phases in which it holds
ROLES = {
    "funder": ("1", "exact", EVERYWHERE),
    "political-coordination": ("2", "exact", EVERYWHERE),
    "supervisor": ("2", "exact", EVERYWHERE),
    "government-counterpart": ("2", "near", EVERYWHERE),
    "fund-manager": ("3", "exact", EVERYWHERE),
    "secretariat": ("4", "near", NOT_EVALUATING),
    "executing-agency": ("4", "exact", NOT_EVALUATING),
    "technical-provider": ("4", "exact", NOT_EVALUATING),
    "technical-counterpart": ("4", "near", NOT_EVALUATING),
    "host": ("4", "near", NOT_EVALUATING),
}

# actor type: codes for provider, recipient, facilitator, mutual; channels for provider, recipient, mutual
CSO = ("22", "24", "22", "22")
GOVERNMENT = ("11000", "12000", None)
NGO_CHANNELS = ("22000", "23000", None)
COMPANY = ("71", "72", "73", "70")
NONE = (None, None, None)
TYPES = {
    "government-body": (("10",) * 4, GOVERNMENT),
    "cooperation-agency": (("10",) * 4, GOVERNMENT),
    "local-government": (("11",) * 4, ("11002", "12002", None)),
    "public-company": (("15",) * 4, ("11003", "12003", None)),
    "autonomous-public": (("15",) * 4, ("11004", "12004", None)),
    "association": (CSO, NGO_CHANNELS),
    "non-profit": (CSO, NGO_CHANNELS),
    "network": (CSO, ("32000",) * 3),
    "academic-research": (("80",) * 4, ("51000",) * 3),
    "private-company": (COMPANY, ("61000", "62000", None)),
    "business-association": (COMPANY, ("61000", "62000", None)),
    "corporate-foundation": (("60",) * 4, NONE),
    "grantmaking-foundation": (("60",) * 4, NONE),
    "operating-foundation": (CSO, NGO_CHANNELS),
    "grassroots": (CSO, NONE),
    "producer-organisation": (CSO, NONE),
    "cooperative": (CSO, NONE),
    "trade-union": (CSO, NONE),
    "womens-rights": (CSO, NONE),
    "environmental": (CSO, NONE),
    "observatory": (CSO, NONE),
    "faith-based": (CSO, NONE),
    "multilateral": (("40",) * 4, NONE),
    "fund-multi-country": (("40",) * 4, ("47000",) * 3),
    "ppp": (("30",) * 4, ("31000",) * 3),
    "joint-body": (("90",) * 4, NONE),
    "individual": (("90",) * 4, NONE),
    "other": (("90",) * 4, NONE),
}
SIDES = ("provider", "recipient", "facilitator", "mutual")


def org(key="ORG", **changes):
    return {"key": key, "names": [{"text": f"Nombre de {key}"}], "actor_type": "non-profit"} | changes


def part(organisation="ORG", function="executing-agency", phase="implementation-followup", side="provider", **changes):
    return {"organisation": organisation, "function": function, "phase": phase, "side": side} | changes


def roles(element):
    return [(each.get(f"{SSC}org"), each.get("role")) for each in element.findall("participating-org")]


def other_words(element):
    return " ".join(each.findtext("narrative") for each in element.findall("description[@type='4']"))


def test_the_tables_of_these_tests_are_whole():
    assert set(TYPES) == set(terms.codes("actor_type"))
    assert set(PHASES) == set(terms.codes("phase"))
    assert set(ROLES) <= set(terms.codes("function"))


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("function", terms.codes("function"))
def test_a_function_has_its_role_in_its_phases_and_none_elsewhere(activity, function, phase):
    role, fit, phases = ROLES.get(function, (None, None, frozenset()))

    made = activity(organisations=[org()], participations=[part(function=function, phase=phase)])

    found = [(each.get("role"), each.get(f"{SSC}fit")) for each in made.findall("participating-org")]
    assert found == ([(role, fit)] if phase in phases else [])
    assert ("Nombre de ORG" in other_words(made)) is (phase not in phases)


@pytest.mark.parametrize(("manages", "role", "fit"), [(True, "3", "exact"), (False, "4", "near"), (None, "4", "near")])
def test_a_secretariat_is_extending_where_it_manages_a_budget(activity, manages, role, fit):
    made = activity(organisations=[org()], participations=[part(function="secretariat", manages_budget=manages)])

    assert [(each.get("role"), each.get(f"{SSC}fit")) for each in made.iter("participating-org")] == [(role, fit)]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("actor_type", terms.codes("actor_type"))
def test_an_actor_has_its_type_by_the_side_it_stands_on(activity, actor_type, side):
    codes, _ = TYPES[actor_type]

    made = activity(organisations=[org(actor_type=actor_type)], participations=[part(side=side)])

    assert made.find("participating-org").get("type") == codes[SIDES.index(side)]


@pytest.mark.parametrize("side", ["provider", "recipient", "mutual"])
@pytest.mark.parametrize("actor_type", terms.codes("actor_type"))
def test_an_actor_has_the_channel_of_its_side(activity, actor_type, side):
    _, channels = TYPES[actor_type]

    made = activity(organisations=[org(actor_type=actor_type)], participations=[part(side=side)])

    expected = channels[("provider", "recipient", "mutual").index(side)]
    assert made.find("participating-org").get("crs-channel-code") == expected


@pytest.mark.parametrize(("sphere", "code"), [("regional", "23"), ("international", "21"), ("national", "24")])
def test_a_civil_society_organisation_is_typed_by_its_sphere(activity, sphere, code):
    made = activity(organisations=[org(sphere=sphere)], participations=[part(side="recipient")])

    assert made.find("participating-org").get("type") == code


def test_the_same_organisation_is_of_another_type_in_another_project(activity):
    codes = [
        activity(organisations=[org()], participations=[part(side=side)]).find("participating-org").get("type")
        for side in ("provider", "recipient")
    ]

    assert codes == ["22", "24"]


def test_a_publisher_may_leave_channels_out(activity):
    made = activity({"crs_channels": False})

    assert all(each.get("crs-channel-code") is None for each in made.iter("participating-org"))


def test_there_is_one_element_for_each_organisation_and_role(activity):
    parts = [
        part(phase=phase, function=function) for phase in PHASES for function in ("host", "executing-agency", "funder")
    ]

    made = activity(organisations=[org()], participations=parts)

    assert roles(made) == [("ORG", "1"), ("ORG", "4")]


def test_the_better_fit_of_a_role_is_the_one_that_counts(activity):
    made = activity(organisations=[org()], participations=[part(function="host"), part(function="executing-agency")])

    assert made.find("participating-org").get(f"{SSC}fit") == "exact"


def test_elements_stand_by_role_and_then_by_key(activity):
    parts = [part("Z", "funder"), part("B"), part("A"), part("B", "supervisor"), part("A", "funder")]

    made = activity(organisations=[org(key) for key in "ZBA"], participations=parts)

    assert roles(made) == [("A", "1"), ("Z", "1"), ("B", "2"), ("A", "4"), ("B", "4")]


def test_who_has_no_role_is_named_with_what_it_does_and_when(activity):
    made = activity(
        language="es",
        organisations=[org(), org("LIAISON")],
        participations=[
            part(),
            part("LIAISON", "liaison", "identification"),
            part("LIAISON", "supporter", "unspecified"),
        ],
    )

    assert roles(made) == [("ORG", "4")]
    assert "Nombre de LIAISON (Enlace, facilitador: Identificación; Entidad de apoyo" in other_words(made)
    assert made.find(f"description[@{SSC}derived]").get("type") == "4"


def test_who_has_a_role_is_not_named_among_those_without(activity):
    made = activity(organisations=[org()], participations=[part(), part(function="liaison")])

    assert "Nombre de ORG" not in other_words(made)


@pytest.mark.parametrize("options", [{}, {"unmapped": "nearest"}])
def test_a_group_that_nobody_names_is_never_a_participating_organisation(activity, options):
    made = activity(options, organisations=[org(), org("GROUP", named=False)], participations=[part(), part("GROUP")])

    assert roles(made) == [("ORG", "4")]
    assert "Nombre de GROUP" in other_words(made)


def test_a_publisher_may_count_those_without_a_role_as_implementing(activity):
    made = activity(
        {"unmapped": "nearest"},
        organisations=[org(), org("LIAISON")],
        participations=[part(function="funder"), part("LIAISON", "liaison")],
    )

    assert roles(made) == [("ORG", "1"), ("LIAISON", "4")]
    assert made.findall("participating-org")[1].get(f"{SSC}fit") == "nearest"
    assert other_words(made) == ""


@pytest.mark.parametrize(
    ("function", "row", "expected"),
    [
        ("liaison", {"role": "3", "fit": "near"}, [("ORG", "3")]),
        ("funder", {}, []),
        ("funder", {"role": "1", "except_phases": ["implementation-followup"]}, []),
        ("host", {"role": "2"}, [("ORG", "2")]),
    ],
)
def test_a_publisher_may_replace_a_row_of_the_roles(activity, function, row, expected):
    made = activity({"roles": {function: row}}, organisations=[org()], participations=[part(function=function)])

    assert roles(made) == expected


def test_what_the_record_states_in_iatis_terms_stands_first_and_as_it_is(activity):
    stated = {"role": "4", "type": "70", "names": [{"text": "As stated"}]}

    made = activity(organisations=[org()], participations=[part(function="funder")], participating_orgs=[stated])

    first, second = made.findall("participating-org")
    assert (first.get("role"), first.get("type"), first.findtext("narrative")) == ("4", "70", "As stated")
    assert (second.get("role"), second.findtext("narrative")) == ("1", "Nombre de ORG")


@pytest.mark.parametrize("stated", [{"organisation": "ORG"}, {"ref": "CO-RUE-1"}])
def test_an_organisation_that_the_record_states_in_a_role_is_not_doubled(activity, stated):
    made = activity(
        organisations=[org(identifiers=["CO-RUE-1"])],
        participations=[part()],
        participating_orgs=[{"role": "4", **stated}],
    )

    assert len(made.findall("participating-org")) == 1


def test_a_stated_organisation_without_identifier_hides_no_other(activity):
    stated = {"role": "4", "names": [{"text": "Somebody else"}]}

    made = activity(organisations=[org()], participations=[part()], participating_orgs=[stated])

    assert [each.findtext("narrative") for each in made.iter("participating-org")] == ["Somebody else", "Nombre de ORG"]


def test_a_link_to_an_organisation_fills_what_is_left_blank(activity):
    made = activity(
        organisations=[org(identifiers=["CO-RUE-1", "CO-NIT-2"])],
        participations=[],
        participating_orgs=[{"role": "4", "organisation": "ORG", "type": "80"}],
    )

    found = made.find("participating-org")
    assert (found.get("ref"), found.get("type"), found.findtext("narrative")) == ("CO-RUE-1", "80", "Nombre de ORG")


def test_a_partners_own_activity_is_linked(activity):
    made = activity(organisations=[org()], participations=[part(activity_id="CO-RUE-1-7")])

    assert made.find("participating-org").get("activity-id") == "CO-RUE-1-7"


def test_what_is_known_is_found_once_for_its_arguments():
    asked = []
    known = Known(lambda *arguments: asked.append(arguments))

    assert [known["a", None, True], known["a", None, True], known["a", None, False]] == [None] * 3
    assert asked == [("a", None, True), ("a", None, False)]
