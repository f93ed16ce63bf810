"""The `ssc` extension: the partnership that IATI cannot hold, and only that; nothing restricted or confidential."""

import json
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import builders
import random_records
from ssc_iati.map.activity import document, render
from ssc_iati.map.options import MappingOptions
from ssc_iati.record.canonical import canonical_json
from ssc_iati.record.fields import describe
from ssc_iati.record.project import Project
from ssc_iati.record.values import At, Fact, Says, Text
from ssc_iati.record.visibility import public

SSC = "{urn:ssc-iati:extension:1}"
PLAIN = {
    "status": None,
    "organisations": None,
    "participations": None,
    "activity_status": "2",
    "participating_orgs": [{"role": "4", "names": [{"text": "Somebody"}]}],
}
US = {
    "key": "US",
    "names": [{"text": "Nosotros"}],
    "actor_type": "cooperation-agency",
    "identifiers": ["XM-DAC-41119", "CO-NIT-9"],
}


def part(*contributions, organisation="US", **more):
    return {"organisation": organisation, "function": "funder", "contributions": list(contributions)} | more


def block(element):
    return element.find(f"{SSC}initiative")


def test_a_record_without_a_partnership_has_no_block(activity):
    assert block(activity(**PLAIN)) is None


@pytest.mark.parametrize(
    "fact",
    [
        {"instrument": "project"},
        {"direction": "two-way"},
        {"status": "negotiation", "activity_status": None},
        {"status_as_of": "2024"},
        {"budget_total": {"amount": "5", "currency": "USD"}},
        {"provider_countries": [{"code": "CO"}]},
        {"lessons": [{"text": [{"text": "x"}]}]},
        {"citations": [{"citation": "Uribe 2011"}]},
        {"document_links": [{"citation": "Uribe 2011"}]},
    ],
)
def test_a_fact_of_the_partnership_makes_a_block_that_stands_last(activity, fact):
    made = activity(**PLAIN | fact)

    assert made[-1] is block(made)
    assert block(made).get("version") == "1"


@pytest.mark.parametrize(
    "fact", [{"modality": "triangular"}, {"framework_tossd": "FC02"}, {"status": "finished", "activity_status": None}]
)
def test_what_the_core_gives_back_makes_no_block(activity, fact):
    assert block(activity(**PLAIN | fact)) is None


def test_an_organisation_that_the_core_names_is_not_named_again(activity):
    made = activity(organisations=[US], participations=[part()])

    stands = block(made).find(f"{SSC}organisation")
    assert made.find("participating-org").findtext("narrative") == "Nosotros"
    assert stands.find(f"{SSC}names") is None
    assert [each.text for each in stands.iter(f"{SSC}identifiers")] == ["CO-NIT-9"]
    assert stands.get("actor-type") == "cooperation-agency"


def test_an_organisation_that_the_core_names_otherwise_keeps_all_its_names(activity):
    stated = {"role": "1", "organisation": "US", "names": [{"text": "Agencia"}]}

    made = activity(organisations=[US], participations=[part()], participating_orgs=[stated])

    stands = block(made).find(f"{SSC}organisation")
    assert made.find("participating-org").findtext("narrative") == "Agencia"
    assert stands.findtext(f"{SSC}names") == "Nosotros"
    assert [each.text for each in stands.iter(f"{SSC}identifiers")] == ["XM-DAC-41119", "CO-NIT-9"]


def test_an_organisation_without_a_role_stands_in_full(activity):
    made = activity(organisations=[US], participations=[part() | {"function": "liaison"}])

    assert block(made).findtext(f"{SSC}organisation/{SSC}names") == "Nosotros"


GIVEN = {
    "key": "c",
    "kind": "financial-grant",
    "stage_of_money": "executed",
    "amount": "5.50",
    "currency": "USD",
    "date": "2024-05-06",
    "unit_rate": "2",
}


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({}, {}),
        ({"value_date": "2024-01-01"}, {}),
        ({"value_date": "2024"}, {"rate-date": "2024"}),
        ({"key": None}, {"amount": "5.50", "currency": "USD", "date": "2024-05-06"}),
        ({"date": None}, {"amount": "5.50", "currency": "USD"}),
        ({"stage_of_money": "planned"}, {}),
        ({"stage_of_money": "planned", "period_start": "2024"}, {"date": "2024-05-06"}),
        (
            {"stage_of_money": "planned", "period_start": "2024", "period_end": "2024"},
            {"date": "2024-05-06", "period-end": "2024"},
        ),
        ({"stage_of_money": "planned", "period_start": "2024", "period_end": "2024-06-30"}, {"date": "2024-05-06"}),
    ],
)
def test_a_contribution_leaves_to_the_core_what_the_core_gives_back_and_no_more(activity, change, kept):
    made = activity(organisations=[US], participations=[part(GIVEN | change)])

    stands = next(block(made).iter(f"{SSC}contribution"))
    money = ("amount", "currency", "date", "rate-date", "period-start", "period-end")
    assert {name: stands.get(name) for name in money if stands.get(name) is not None} == kept
    assert stands.get("unit-rate") == "2"


def test_a_contribution_is_joined_to_its_transaction_by_its_key(activity):
    made = activity(organisations=[US], participations=[part(GIVEN)])

    assert made.find("transaction").get(f"{SSC}contribution") == next(block(made).iter(f"{SSC}contribution")).get("key")


@pytest.mark.parametrize(("identifier", "key"), [("XM-DAC-41119-P-1", None), ("XM-DAC-41119-other", "P-1")])
def test_the_records_key_is_kept_where_the_identifier_does_not_give_it_back(activity, identifier, key):
    assert block(activity(iati_identifier=identifier)).get("key") == key


def test_a_document_without_an_address_stands_in_the_block_and_the_others_in_the_core(activity):
    web = {"url": "https://example.org/a", "format": "text/html", "title": [{"text": "Web"}], "categories": ["A01"]}

    made = activity(document_links=[{"citation": "Uribe 2011:76"}, web])

    assert [each.get("url") for each in made.iter("document-link")] == ["https://example.org/a"]
    assert [each.get("citation") for each in block(made).findall(f"{SSC}document-link")] == ["Uribe 2011:76"]


def test_what_may_be_said_of_any_fact_is_said_beside_it(activity):
    about = {"certainty": "inferred", "sources": ["s 1"], "unknown": ["percentage"]}

    made = activity(citations=[{"key": "s 1", "citation": "x"}], recipient_countries=[{"code": "HN"} | about], **about)

    for element in (made, made.find("recipient-country")):
        assert [element.get(SSC + name) for name in ("certainty", "sources", "unknown")] == [
            "inferred",
            "s%201",
            "percentage",
        ]


@pytest.mark.parametrize("collection", ["related_activities", "legacy_data"])
def test_iatis_elements_that_refuse_foreign_attributes_get_none(activity, collection):
    facts = {"related_activities": {"ref": "XM-1", "type": "1"}, "legacy_data": {"name": "a", "value": "b"}}

    made = activity(**{collection: [facts[collection] | {"certainty": "inferred", "key": "k"}]})

    found = made.find(collection.replace("activities", "activity").replace("_", "-"))
    assert [name for name in found.attrib if name.startswith(SSC)] == []


# --- Secrets ----------------------------------------------------------------------------------------------------------


def bytes_of(record):
    """What is written of a record, whatever the checks say of it."""
    project, _ = builders.checked(record)
    assert project is not None
    return document([render(public(project), MappingOptions())]).decode()


def lists_of_facts(model, value, way=()):
    """Every list of facts in a record: where it stands, and the model of what it holds."""
    for field in describe(model):
        below = value.get(field.name)
        if not below or not issubclass(field.kind, Fact):
            continue
        if field.many:
            yield (*way, field.name), field.kind
        for index, each in enumerate(below) if field.many else ((None, below),):
            here = (*way, field.name) if index is None else (*way, field.name, index)
            yield from lists_of_facts(field.kind, each, here)


def secret_fact(model):
    """A fact that says its secret wherever its model lets it say any text."""
    texts = {field.name: [{"text": "SECRET-TEXT"}] for field in describe(model) if field.kind is Text}
    plain = {
        field.name: "SECRET-WORD"
        for field in describe(model)
        if field.kind is str
        and not field.many
        and not [mark for mark in field.marks if not isinstance(mark, (At, Says))]
    }
    return texts | plain | {"key": "SECRET-KEY", "visibility": "restricted"}


@settings(max_examples=60, deadline=None, phases=random_records.QUICKLY)
@given(record=random_records.records(), data=st.data())
def test_no_restricted_fact_ever_reaches_the_bytes(record, data):
    way, model = data.draw(st.sampled_from(sorted(lists_of_facts(Project, record), key=str)))
    node = record = deepcopy(record)
    for step in way:
        node = node[step]
    node.insert(data.draw(st.integers(0, len(node))), secret_fact(model))

    written = bytes_of(record)

    assert "SECRET" not in written


@settings(max_examples=40, deadline=None, phases=random_records.QUICKLY)
@given(record=random_records.records(), data=st.data())
def test_no_fact_of_a_restricted_organisation_ever_reaches_the_bytes(record, data):
    record = json.loads(json.dumps(record).replace('"ONG"', '"SECRET-KEY"').replace("Nombre de ONG", "SECRET-NAME"))
    organisation = next(each for each in record["organisations"] if each["key"] == "SECRET-KEY")
    organisation |= {"visibility": "restricted", "identifiers": ["XM-DAC-SECRET"], "acronym": "SECRET"}
    record["participations"].append(
        {"organisation": "SECRET-KEY", "function": "funder", "note": [{"text": "SECRET-NOTE"}]}
    )
    record["relationships"] = [{"from_organisation": "SECRET-KEY", "to_organisation": "APC", "type": "funds"}]
    record["mechanisms"].append({"parties": ["APC", "SECRET-KEY"], "lead_organisation": "SECRET-KEY"})

    written = bytes_of(record)

    assert "SECRET" not in written


@pytest.mark.parametrize("collection", ["mechanisms", "stages", "transactions", "document_links", "citations"])
def test_no_reference_to_a_restricted_fact_reaches_the_bytes(collection):
    contribution = {"kind": "financial-grant", "amount": "5", "currency": "USD", "transaction": "SECRET-transactions"}
    record = builders.sound_project(
        **{collection: [{"key": f"SECRET-{collection}", "visibility": "restricted"}]},
        participations=[
            part(
                *([contribution] if collection == "transactions" else []),
                organisation="APC",
                mechanism="SECRET-mechanisms" if collection == "mechanisms" else None,
                stage="SECRET-stages" if collection == "stages" else None,
                sources=["SECRET-citations"] if collection == "citations" else [],
            )
        ],
        lessons=[
            {"text": [{"text": "x"}], "document": "SECRET-document_links" if collection == "document_links" else None}
        ],
    )

    written = bytes_of(record)

    assert "SECRET" not in written


CONFIDENTIAL = {
    "amount_status": "confidential",
    "amount": "987654.321",
    "unit_rate": "987654.322",
    "share_percent": "98.7654323",
    "spellings": {"amount": "987654.321"},
}


@pytest.mark.parametrize("stage", ["planned", "pledged", "committed", "executed", None])
def test_no_confidential_amount_reaches_the_bytes_or_the_public_record(stage):
    given_ = CONFIDENTIAL | {
        "key": "c",
        "kind": "financial-grant",
        "currency": "USD",
        "date": "2024-01-01",
        "stage_of_money": stage,
    }
    record = builders.sound_project(organisations=[US], participations=[part(given_)])

    project, _ = builders.checked(record)

    assert "98765" in canonical_json(project)
    assert "98765" not in canonical_json(public(project))
    assert "98.765" not in canonical_json(public(project))
    assert "98765" not in bytes_of(record)


def test_a_confidential_total_is_not_published():
    record = builders.sound_project(
        budget_total={"amount": "987654", "currency": "USD", "amount_status": "confidential"}
    )

    written = bytes_of(record)

    assert "987654" not in written
    assert 'amount-status="confidential"' in written


def test_money_that_is_confidential_is_so_in_its_transaction_too():
    stated = [
        {"key": key, "type": "3", "date": "2024-01-01", "value": value, "currency": "USD"}
        for key, value in (("t", "987654"), ("u", "111222"))
    ]
    given_ = {"kind": "financial-grant", "amount_status": "confidential", "transaction": "t"}
    record = builders.sound_project(organisations=[US], participations=[part(given_)], transactions=stated)

    written = bytes_of(record)

    assert "987654" not in written
    assert "111222" in written


@pytest.mark.parametrize(("visibility", "shown"), [(None, False), ("restricted", False), ("public", True)])
def test_whom_to_ask_is_published_only_if_the_record_says_so(visibility, shown):
    contact = {"emails": ["who@example.org"], "visibility": visibility}

    assert ("who@example.org" in bytes_of(builders.sound_project(contacts=[contact]))) is shown
