"""The record as tables: every field has its column, every column its way back into the record."""

import pytest

from ssc_iati.record.fields import describe
from ssc_iati.record.organisations import Contribution, Mechanism
from ssc_iati.record.project import Project
from ssc_iati.record.tables import INLINE, SILENT, Column, references, table, tables
from ssc_iati.record.values import Fact

EACH = pytest.mark.parametrize("each", tables(), ids=lambda each: each.name)


def columns_of(each):
    """A table's columns with the model from which their way starts."""
    if not each.levels:
        return [(each.model, column) for column in each.columns]
    model, found = Project, []
    for level in each.levels:
        model = next(field for field in describe(model) if field.name == level.collection).kind
        found += [(model, column) for column in level.columns]
    return found


def follow(model, column: Column):
    """The field that a column's way ends at, walked step by step through the models."""
    for step in column.path[:-1]:
        field = next(field for field in describe(model) if field.name == step.rstrip("[]+"))
        assert issubclass(field.kind, Fact)
        assert field.many == step.endswith(("[]", "+"))
        model = field.kind
    return next((field for field in describe(model) if field.name == column.path[-1]), None)


@EACH
def test_the_columns_of_a_table_have_names_of_their_own(each):
    names = each.header()

    assert len(set(names)) == len(names)


@EACH
def test_every_column_leads_to_the_field_that_it_says(each):
    wrong = [
        column.name
        for model, column in columns_of(each)
        if column.name not in {"latitude", "longitude"} and follow(model, column) != column.field
    ]

    assert wrong == []


@EACH
def test_every_field_that_a_table_can_hold_has_a_column(each):
    reached = {(model, column.path[0].rstrip("[]+")) for model, column in columns_of(each)}
    models = {model for model, _ in columns_of(each)}
    elsewhere = {path for other in tables() for path in (other.path[-1:])} | {level.collection for level in each.levels}

    lost = [
        (model.__name__, field.name)
        for model in models
        for field in describe(model)
        if (model, field.name) not in reached
        and field.name not in SILENT | set(Fact.model_fields) | elsewhere
        and not (issubclass(field.kind, Fact) and field.many and field.name not in INLINE)
    ]

    assert lost == []


@EACH
def test_a_shorthand_writes_what_its_fact_takes(each):
    for model, column in columns_of(each):
        if column.wrap:
            item = next(field for field in describe(model) if field.name == column.path[0].rstrip("+")).kind
            assert column.path[0].endswith("+")
            assert set(column.wrap) <= set(item.model_fields)
            assert item.model_validate(dict(column.wrap))


def test_rows_are_linked_to_their_owner_and_their_parent():
    assert table("contributions").header()[:2] == ("project", "participation")
    assert table("capacities").header()[0] == "organisation"
    assert table("results").header()[:3] == ("project", "result", "indicator")
    assert table("projects").owner_column is None
    with pytest.raises(KeyError):
        table("nonsense")


def test_the_references_of_a_model_are_the_fields_that_hold_keys():
    assert ("organisation", "organisations") not in references(Contribution)
    assert set(references(Contribution)) == {
        ("sources", "citations"),
        ("to_organisation", "organisations"),
        ("transaction", "transactions"),
    }
    assert ("parties", "organisations") in references(Mechanism)
