"""What of a contribution IATI can say, by who reports: table 3.7 of the mapping."""

import official_rules
import pytest

import builders
from ssc_iati.record import terms

SSC = "{urn:ssc-iati:extension:1}"
CASH = {"financial-grant": "110", "financial-counterpart": None, "operating-cost": None}
LOAN = {"financial-loan": "421"}
IN_KIND = dict.fromkeys(
    (
        "human-expert-time",
        "human-staff-time",
        "technical-training",
        "scholarship",
        "inkind-travel",
        "inkind-goods",
        "inkind-premises",
        "inkind-services",
        "research",
    ),
    "110",
)
NEVER = ("human-volunteer", "technical-knowhow", "network-relational")
STAGES = ("planned", "pledged", "committed", "executed")

# stage: what it becomes where the reporter gives, receives or manages, and reports for others
BEFORE_PAYMENT = {
    "planned": ("planned-disbursement", None, None),
    "pledged": ("12", "13", None),
    "committed": ("2", "11", "11"),
}
VIEWS = ("provider", "manager", "secondary", "neither")

US = {"key": "US", "names": [{"text": "Nosotros"}], "actor_type": "cooperation-agency", "identifiers": ["XM-DAC-41119"]}
PARTNER = {"key": "PARTNER", "names": [{"text": "Socio"}], "actor_type": "government-body", "identifiers": ["HN-COA-1"]}
THIRD = {"key": "THIRD", "names": [{"text": "Tercero"}], "actor_type": "multilateral"}
GIVEN = {"key": "c", "amount": "100.00", "currency": "USD", "date": "2024-05-06"}


def part(organisation, *contributions, **more):
    return {
        "organisation": organisation,
        "function": "executing-agency",
        "phase": "implementation-followup",
        "side": "provider",
        "contributions": list(contributions),
    } | more


@pytest.fixture
def seen(activity):
    """The activity in which a contribution is seen by the reporter as giver, as manager, for others, or not at all."""

    def made(view, contribution, giver=None, **changes):
        giver, to = {"provider": ("US", "PARTNER"), "manager": ("PARTNER", "US")}.get(view, ("PARTNER", "THIRD"))
        contribution = {"to_organisation": to} | GIVEN | contribution
        reporter = {**builders.REPORTER, "secondary_reporter": view == "secondary"}
        values = {
            "reporting_org": reporter,
            "organisations": [US, PARTNER, THIRD],
            "participations": [part(giver, contribution)],
        }
        return activity(**(values | changes))

    return made


def told(element):
    """What the activity says of money: elements or transaction types, with their channels."""
    planned = [(each.tag, None) for each in element.findall("planned-disbursement")]
    return planned + [
        (each.find("transaction-type").get("code"), code(each, "disbursement-channel"))
        for each in element.findall("transaction")
    ]


def code(element, name):
    found = element.find(name)
    return None if found is None else found.get("code")


def test_the_tables_of_these_tests_are_whole():
    assert {*CASH, *LOAN, *IN_KIND, *NEVER} == set(terms.codes("contribution_kind"))
    assert set(STAGES) == set(terms.codes("stage_of_money"))


@pytest.mark.parametrize("kind", [*CASH, *LOAN, *IN_KIND])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("stage", BEFORE_PAYMENT)
def test_money_that_was_not_paid_becomes_what_the_reporter_can_say_of_it(seen, stage, view, kind):
    expected = (*BEFORE_PAYMENT[stage], None)[VIEWS.index(view)]

    made = seen(view, {"kind": kind, "stage_of_money": stage})

    assert told(made) == ([] if expected is None else [(expected, None)])


@pytest.mark.parametrize(
    ("view", "expected"), [("provider", "3"), ("manager", "1"), ("secondary", "1"), ("neither", None)]
)
@pytest.mark.parametrize("kind", [*CASH, *LOAN])
def test_money_that_was_paid_to_another_is_a_disbursement_or_comes_in(seen, kind, view, expected):
    made = seen(view, {"kind": kind, "stage_of_money": "executed"})

    assert told(made) == ([] if expected is None else [(expected, None)])
    assert [code(each, "finance-type") for each in made.iter("transaction")] == [(CASH | LOAN)[kind]] * len(told(made))


@pytest.mark.parametrize("to", [None, "US"])
@pytest.mark.parametrize("kind", [*CASH, *LOAN])
def test_own_money_that_was_spent_is_an_expenditure(seen, kind, to):
    made = seen("provider", {"kind": kind, "stage_of_money": "executed", "to_organisation": to})

    assert told(made) == [("4", None)]


@pytest.mark.parametrize(
    ("view", "delivery", "expected"),
    [
        ("provider", None, ("4", "4")),
        ("provider", "direct", ("4", "4")),
        ("provider", "third-party", ("3", "3")),
        ("manager", "direct", ("1", "4")),
        ("manager", "third-party", ("1", "3")),
        ("secondary", "direct", None),
        ("secondary", "third-party", None),
        ("neither", "direct", None),
    ],
)
@pytest.mark.parametrize("kind", IN_KIND)
def test_what_was_given_in_kind_carries_its_channel_and_says_so(seen, kind, view, delivery, expected):
    made = seen(view, {"kind": kind, "stage_of_money": "executed", "delivery": delivery})

    assert told(made) == ([] if expected is None else [expected])
    for each in made.iter("transaction"):
        assert code(each, "finance-type") == "110"
        assert each.findtext("description/narrative").startswith("En especie: ")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("kind", NEVER)
def test_what_has_no_home_in_iati_becomes_no_money(seen, kind, view, stage):
    assert told(seen(view, {"kind": kind, "stage_of_money": stage})) == []


@pytest.mark.parametrize(
    "lack",
    [
        {"amount": None},
        {"date": None},
        {"stage_of_money": None},
        {"kind": None},
        {"direction": "received"},
        {"transaction": "t"},
    ],
)
@pytest.mark.parametrize("view", VIEWS)
def test_a_contribution_without_amount_date_or_stage_or_stated_elsewhere_becomes_no_transaction(seen, view, lack):
    made = seen(view, {"kind": "financial-grant", "stage_of_money": "executed"} | lack)

    assert told(made) == []


def test_nothing_is_not_unknown(seen):
    made = seen("provider", {"kind": "financial-grant", "stage_of_money": "executed", "amount": "0"})

    assert made.findtext("transaction/value") == "0"


def test_a_transaction_that_states_the_contribution_is_not_doubled(seen):
    stated = {"key": "t", "type": "3", "date": "2024-05-06", "value": "100.00", "currency": "USD"}

    made = seen(
        "provider", {"kind": "financial-grant", "stage_of_money": "executed", "transaction": "t"}, transactions=[stated]
    )

    assert told(made) == [("3", None)]


def test_a_manager_of_the_pot_receives_what_names_no_receiver(seen):
    parts = [
        part("US", function="fund-manager"),
        part("PARTNER", GIVEN | {"kind": "financial-grant", "stage_of_money": "executed"}, function="funder"),
    ]

    made = seen("manager", {}, participations=parts)

    assert told(made) == [("1", None)]
    assert made.find("transaction/receiver-org").get("ref") == "XM-DAC-41119"


def test_what_an_executing_partner_spends_itself_does_not_come_in(seen):
    parts = [
        part("US", function="fund-manager"),
        part("PARTNER", GIVEN | {"kind": "financial-counterpart", "stage_of_money": "executed"}),
    ]

    made = seen("manager", {}, participations=parts)

    assert told(made) == []


@pytest.mark.parametrize("kind", ["financial-grant", "inkind-goods"])
@pytest.mark.parametrize("stage", ["pledged", "committed", "executed"])
def test_money_that_comes_in_has_both_a_provider_and_a_receiver(seen, stage, kind):
    given = part("PARTNER", GIVEN | {"kind": kind, "stage_of_money": stage}, function="funder")

    made = seen("manager", {}, participations=[part("US", manages_budget=True), given])

    sides = [made.find(f"transaction/{side}-org").get(f"{SSC}org") for side in ("provider", "receiver")]
    assert sides == ["PARTNER", "US"]


@pytest.mark.parametrize("stage", ["committed", "executed"])
def test_who_reports_for_others_names_both_or_says_nothing(seen, stage):
    given = {"kind": "financial-grant", "stage_of_money": stage}

    both, alone = seen("secondary", given), seen("secondary", given | {"to_organisation": None})

    assert [both.find(f"transaction/{side}-org").get(f"{SSC}org") for side in ("provider", "receiver")] == [
        "PARTNER",
        "THIRD",
    ]
    assert told(alone) == []


def test_there_is_one_transaction_for_each_partner(seen):
    given = GIVEN | {"kind": "financial-grant", "stage_of_money": "executed", "to_organisation": "US"}

    made = seen("manager", {}, participations=[part("PARTNER", given), part("THIRD", given | {"key": "d"})])

    assert [each.get(f"{SSC}org") for each in made.iter("provider-org")] == ["PARTNER", "THIRD"]


@pytest.mark.parametrize("name", ["provider", "receiver"])
def test_both_sides_carry_type_and_name_and_the_identifier_if_there_is_one(seen, name):
    made = seen("provider", {"kind": "financial-grant", "stage_of_money": "executed"})

    found = made.find(f"transaction/{name}-org")
    assert (found.get("type"), found.get("ref"), found.findtext("narrative")) == {
        "provider": ("10", "XM-DAC-41119", "Nosotros"),
        "receiver": ("10", "HN-COA-1", "Socio"),
    }[name]


def test_each_side_is_linked_to_its_own_activity_and_not_to_the_others(seen):
    given = GIVEN | {"kind": "financial-grant", "stage_of_money": "executed", "to_organisation": "US"}
    parts = [part("PARTNER", given, activity_id="HN-COA-1-A"), part("US", activity_id="XM-DAC-41119-B")]

    made = seen("manager", {}, participations=parts)

    assert made.find("transaction/provider-org").get("provider-activity-id") == "HN-COA-1-A"
    assert made.find("transaction/receiver-org").get("receiver-activity-id") == "XM-DAC-41119-B"


@pytest.mark.parametrize(
    ("actor_type", "flow"),
    [
        ("corporate-foundation", "30"),
        ("non-profit", "30"),
        ("government-body", None),
        ("private-company", None),
        ("multilateral", None),
    ],
)
def test_money_of_civil_society_and_foundations_is_private_flow(seen, actor_type, flow):
    partner = PARTNER | {"actor_type": actor_type}

    made = seen(
        "manager", {"kind": "financial-grant", "stage_of_money": "executed"}, organisations=[US, partner, THIRD]
    )

    assert code(made.find("transaction"), "flow-type") == flow


def test_a_scholarship_is_of_its_own_aid_type(seen):
    made = seen("provider", {"kind": "scholarship", "stage_of_money": "executed"})

    assert code(made.find("transaction"), "aid-type") == "E01"


def test_an_imprecise_date_is_marked_and_said(seen):
    made = seen("provider", {"kind": "financial-grant", "stage_of_money": "executed", "date": "2024-05"})

    day = made.find("transaction/transaction-date")
    assert (day.get("iso-date"), day.get(f"{SSC}precision")) == ("2024-05-01", "month")
    assert "2024-05" in made.findtext("transaction/description/narrative")
    assert made.find("transaction/value").get("value-date") == "2024-05-01"


@pytest.mark.parametrize(
    ("value_date", "published", "basis"),
    [(None, "2024-05-06", "transaction-date"), ("2024-01-02", "2024-01-02", None), ("2023", "2023-01-01", "first-day")],
)
def test_the_day_of_the_exchange_rate_says_where_it_comes_from(seen, value_date, published, basis):
    made = seen("provider", {"kind": "financial-grant", "stage_of_money": "executed", "value_date": value_date})

    value = made.find("transaction/value")
    assert (value.get("value-date"), value.get(f"{SSC}basis")) == (published, basis)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ({}, "2024-05-06", None),
        ({"period_start": "2024-01-01", "period_end": "2024-12-31"}, "2024-01-01", "2024-12-31"),
        ({"period_start": "2024", "period_end": "2024"}, "2024-01-01", None),
        ({"period_end": "2024-01-31"}, "2024-05-06", None),
    ],
)
def test_a_planned_disbursement_has_a_period_that_does_not_end_before_it_starts(seen, period, start, end):
    made = seen("provider", {"kind": "financial-grant", "stage_of_money": "planned"} | period)

    planned = made.find("planned-disbursement")
    found = planned.find("period-end")
    assert planned.find("period-start").get("iso-date") == start
    assert (None if found is None else found.get("iso-date")) == end


@pytest.mark.parametrize(
    "told_by_transactions",
    [
        {"sectors": None, "transactions": [{"sectors": [{"code": "31166"}]}]},
        {"recipient_countries": None, "transactions": [{"recipient_country": {"code": "HN"}}]},
    ],
)
def test_a_contribution_becomes_no_transaction_where_each_must_tell_what_it_cannot(seen, told_by_transactions):
    stated = {"type": "3", "date": "2023-01-01", "value": "7", "currency": "USD", "description": [{"text": "x"}]}
    changes = told_by_transactions | {"transactions": [stated | each for each in told_by_transactions["transactions"]]}

    made = seen("provider", {"kind": "financial-grant", "stage_of_money": "executed"}, **changes)

    assert [each.findtext("value") for each in made.iter("transaction")] == ["7"]
    assert official_rules.broken(made, builders.TODAY) == []


# --- As stated --------------------------------------------------------------------------------------------------------


def test_a_stated_transaction_stands_and_its_sides_are_filled_from_the_organisations_they_name(seen):
    stated = {
        "type": "3",
        "date": "2024-01-01",
        "value": "5",
        "currency": "USD",
        "provider": {"organisation": "US", "type": "40"},
    }

    made = seen("neither", {"kind": None}, transactions=[stated])

    side = made.find("transaction/provider-org")
    assert (side.get("ref"), side.get("type"), side.findtext("narrative")) == ("XM-DAC-41119", "40", "Nosotros")
    assert made.find("transaction/value").get(f"{SSC}basis") == "transaction-date"


@pytest.mark.parametrize(
    ("name", "values", "basis"),
    [
        ("budgets", {"period_start": "2024-01-01", "period_end": "2024-12-31"}, "period-start"),
        ("planned_disbursements", {"period_start": "2024"}, "period-start"),
        ("budgets", {"period_start": "2024-01-01", "period_end": "2024-12-31", "value_date": "2023-11-30"}, None),
    ],
)
def test_an_amount_without_a_day_of_its_rate_takes_the_first_of_its_period(activity, name, values, basis):
    made = activity(**{name: [{"value": "5.50", "currency": "USD"} | values]})

    value = next(made.iter("value"))
    assert (value.text, value.get(f"{SSC}basis")) == ("5.50", basis)
    assert value.get("value-date") == values.get("value_date", "2024-01-01")


@pytest.mark.parametrize("amount", ["123456789012345678901234.56", "0.000000000001", "-0.10", "1E+3"])
def test_no_digit_of_an_amount_is_lost_or_written_with_an_exponent(activity, amount):
    made = activity(transactions=[{"type": "3", "date": "2024-01-01", "value": amount, "currency": "USD"}])

    assert made.findtext("transaction/value") == {"1E+3": "1000"}.get(amount, amount)


def test_who_contributed_what_without_an_amount_is_said_in_words(activity):
    given = [{"kind": "technical-knowhow"}, {"kind": "financial-grant", "amount": "5"}]

    made = activity(organisations=[US], participations=[part("US", *given)])

    said = made.findtext("description[@type='4']/narrative")
    assert "Aportes sin monto indicado: Nosotros (Conocimiento" in said
    assert said.count("Nosotros") == 1
