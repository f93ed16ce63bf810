"""The record holds the whole of IATI: every element and attribute that any version of the standard has."""

import pytest

from ssc_iati.record.fields import describe
from ssc_iati.record.organisation_file import OrganisationFile
from ssc_iati.record.places import NARRATIVE, joins, spots
from ssc_iati.record.project import Project
from ssc_iati.record.values import At, Fact, Text
from ssc_iati.standard import VERSIONS, structure

ROOTS = {"iati-activity": ("iati-activities", Project), "iati-organisation": ("iati-organisations", OrganisationFile)}
EACH = pytest.mark.parametrize("version", VERSIONS)


def lost(element, spot, way):
    """The ways of the attributes, texts and children of an element that no field takes."""
    for name in element.attributes:
        if name not in spot.attributes and name != spot.each:
            yield f"{way}/@{name}"
    if element.shape.text and spot.text is None and not is_text(spot):
        yield f"{way}/text()"
    for child in element.children:
        yield from lost_child(child, spot, f"{way}/{child.name}")


def lost_child(child, spot, way):
    inner = spot.children.get(child.name)
    if inner is None:
        yield way
    elif inner.name == NARRATIVE:
        assert [each.kind for each in inner.repeated] == [Text]
    elif inner.repeated and inner.repeated[0].kind is Text:
        assert [each.name for each in child.children] == [NARRATIVE]
        assert child.max == 1 or len(inner.repeated) > 1, f"{way} may stand several times"
    elif inner.repeated and issubclass(inner.repeated[0].kind, Fact):
        assert inner.repeated[0].many or child.max == 1, f"{way} may stand several times"
        yield from lost(child, spots(inner.repeated[0].kind), way)
    else:
        assert inner.repeated or child.max == 1, f"{way} may stand several times"
        yield from lost(child, inner, way)


def is_text(spot):
    return bool(spot.repeated) and spot.each is None


@EACH
@pytest.mark.parametrize("name", ROOTS)
def test_every_element_and_attribute_of_the_standard_has_its_field(name, version):
    root, model = ROOTS[name]
    element = structure.structure(version, root).child(name)

    assert list(lost(element, spots(model), name)) == []


@EACH
@pytest.mark.parametrize("name", ROOTS)
def test_fields_stand_in_the_order_of_the_standard(name, version):
    root, model = ROOTS[name]

    look(structure.structure(version, root).child(name), spots(model), name)


def look(element, spot, way):
    order = [each.name for each in element.children]
    mine = [each for each in spot.children if each in order]
    assert mine == sorted(mine, key=order.index), way
    for child in element.children:
        inner = spot.children[child.name]
        facts = [each.kind for each in inner.repeated if issubclass(each.kind, Fact)]
        if facts:
            look(child, spots(facts[0]), f"{way}/{child.name}")


def test_the_joins_of_the_extension_are_no_places_of_iati():
    for each in describe(Project):
        if issubclass(each.kind, Fact) and each.mark(At) is not None:
            assert all("ssc:" not in name for name in spots(each.kind).attributes)
    assert set(joins(describe_kind("transactions"))) == {"contribution", "value/basis"}


def describe_kind(name):
    return next(each.kind for each in describe(Project) if each.name == name)
