"""The schemas that the models give: of the extension, which judges what is published, and of the record."""

import json
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

import builders
import random_records
from ssc_iati.map import extension_schema
from ssc_iati.map.activity import document, render
from ssc_iati.map.options import MappingOptions
from ssc_iati.record import schema
from ssc_iati.standard import structure
from ssc_iati.standard.schemas import activity_schema, schema_folder

SSC = "{urn:ssc-iati:extension:1}"


@pytest.fixture
def published():
    """A document with an extension, to be broken."""
    project, _ = builders.checked(
        builders.sound_project(
            instrument="project",
            stages=[{"key": "1", "start": "2011"}],
            participations=[
                {
                    "key": "a",
                    "organisation": "APC",
                    "function": "funder",
                    "contributions": [{"key": "c", "kind": "research"}],
                }
            ],
            budget_total={"amount": "5", "currency": "USD", "includes_in_kind": False},
        )
    )
    return etree.fromstring(document([render(project, MappingOptions())]))


def test_the_committed_schema_of_the_extension_is_the_one_that_the_models_give():
    assert (schema_folder() / "ssc" / "ssc-1.xsd").read_bytes() == extension_schema.compiled()


@pytest.mark.parametrize("name", [schema.FILE, schema.ORGANISATION_FILE])
def test_the_committed_schema_of_a_record_is_the_one_that_the_models_give(name):
    assert (schema_folder() / "record" / name).read_text("utf-8") == schema.documents()[name]


def test_the_document_is_valid_with_its_extension_and_without(published):
    assert activity_schema().validate(published), activity_schema().error_log

    block = published.find(f"iati-activity/{SSC}initiative")
    block.getparent().remove(block)
    assert activity_schema().validate(published), activity_schema().error_log


def test_no_attribute_of_the_extension_has_a_name_that_iati_declares_for_all_elements():
    """IATI's schema judges those on foreign elements as well, and by its own type."""
    plain = {name for part in structure.parts().values() for name in part.attributes} - {"currency"}
    ours = etree.fromstring(extension_schema.compiled())

    assert "value-date" in plain
    assert {each.get("name") for each in ours.iter("{http://www.w3.org/2001/XMLSchema}attribute")} & plain == set()


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("", "instrument", "thing"),
        ("", "invented", "1"),
        ("", "version", None),
        ("", "status-as-of", "yesterday"),
        (f"{SSC}participation", "function", "boss"),
        (f"{SSC}participation", "certainty", "sure"),
        (f"{SSC}participation/{SSC}contribution", "kind", "gold"),
        (f"{SSC}participation/{SSC}contribution", "amount", "much"),
        (f"{SSC}budget-total", "amount", "5,00"),
        (f"{SSC}budget-total", "includes-in-kind", "maybe"),
        (f"{SSC}stage", "start", "05/2011"),
    ],
)
def test_a_wrong_value_in_the_block_is_refused(published, path, name, value):
    found = published.find("/".join(filter(None, (f"iati-activity/{SSC}initiative", path))))
    found.attrib.pop(name, None)
    if value is not None:
        found.set(name, value)

    assert not activity_schema().validate(published)


@pytest.mark.parametrize("tag", [f"{SSC}invented", "{urn:example:other}initiative", "narrative"])
def test_an_unknown_element_in_the_block_is_refused(published, tag):
    etree.SubElement(published.find(f"iati-activity/{SSC}initiative"), tag)

    assert not activity_schema().validate(published)


def test_elements_of_the_block_in_another_order_are_refused(published):
    block = published.find(f"iati-activity/{SSC}initiative")
    block.append(block[0])

    assert not activity_schema().validate(published)


@pytest.fixture(scope="module")
def judge():
    """A judge of JSON Schema; it is no dependency of the project."""
    jsonschema = pytest.importorskip("jsonschema", reason="the package jsonschema is not installed")
    return jsonschema.Draft202012Validator(json.loads(schema.documents()[schema.FILE]))


@settings(
    max_examples=25,
    deadline=None,
    phases=random_records.QUICKLY,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(record=random_records.records())
def test_a_record_that_the_models_take_is_valid_by_the_schema(judge, record):
    project, _ = builders.checked(deepcopy(record))
    assert project is not None

    assert [error.message for error in judge.iter_errors({"record_version": "1", **record})] == []


@pytest.mark.parametrize(
    "wrong",
    [{"status": "done"}, {"titel": []}, {"recipient_countries": "HN"}, {"record_version": "2"}, {"hierarchy": 5}],
)
def test_a_record_that_the_models_refuse_is_not_valid_by_the_schema(judge, wrong):
    assert list(judge.iter_errors(builders.sound_project() | wrong)) != []
