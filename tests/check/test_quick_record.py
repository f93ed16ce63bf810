"""The quick way to a project against pydantic and `faults`: the same project, or none."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, BeforeValidator, PlainSerializer, ValidationError

from builders import checked, sound_project
from ssc_iati.check.codes import faults
from ssc_iati.check.quick_record import read_quickly
from ssc_iati.record import terms
from ssc_iati.record.canonical import canonical_json
from ssc_iati.record.fields import describe
from ssc_iati.record.project import Project, ReportingOrg
from ssc_iati.record.values import (
    At,
    Code,
    CodeBy,
    Currency,
    Dated,
    Day,
    Fact,
    Identifier,
    Ref,
    Says,
    Term,
    Text,
    Within,
    _as_texts,
    _check_date,
)
from ssc_iati.standard import codelists

WORDS = st.sampled_from(("Semillas", "Água", "", " ", "1", "2", "99", "\ud800", "XM-DAC-7", "2024"))
NUMBERS = st.sampled_from(tuple(map(Decimal, ("0", "100", "-12.50", "101", "1E+3"))))


class Spelt(str):
    """A text that is not exactly one."""

    __slots__ = ()


ODD = (
    *(None, True, 1, 1.5, "x", Spelt("es"), b"x", "2011-13", "2024-02-30", [], {}, (), ["a"], [None], {"a": 1}),
    *(
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        {"text": "x"},
        [{"lang": "es"}],
        [{"text": "x", "lang": 1}],
    ),
    *([{"text": "x", "more": "y"}], [{"text": None}], [Text(text="x")], Text(text="x"), ReportingOrg(ref="nowhere")),
    *([{}], [[]], {"key": "k"}, [{"key": 1}], {"bogus": 1}, {Spelt("key"): "k"}, {"text": Spelt("x")}, {"x"}),
)


def texts(draw):
    lang = draw(st.sampled_from(({}, {"lang": None}, {"lang": "es"}, {"lang": "xx"})))
    return {"text": draw(WORDS), **lang}


def value(draw, each):
    if issubclass(each.kind, Fact):
        return fact(draw, each.kind)
    if each.kind is Text:
        return texts(draw)
    return draw(_single(each))


def _single(each):
    term, code = each.mark(Term), each.mark(Code)
    answers = (
        (each.kind is dict, st.dictionaries(WORDS, WORDS, max_size=2)),
        (each.kind is bool, st.booleans()),
        (each.kind is Decimal, NUMBERS),
        (term is not None, st.sampled_from(terms.codes(term.name) if term else ("",))),
        (code is not None, st.sampled_from((*codelists.codes(code.codelist)[:20], "none") if code else ("",))),
        (each.mark(Dated) is not None, st.sampled_from(("2024", "2024-02", "2024-02-29", "2023/2024-05"))),
        (each.mark(Identifier) is not None, st.sampled_from(("XM-DAC-903", "CO-RUE-860000000", "nobody"))),
        (each.mark(CodeBy) is not None, st.sampled_from(("31166", "311", "1", "2.3", "none"))),
    )
    return next((drawn for holds, drawn in answers if holds), WORDS)


def fact(draw, model):
    """Some values of a fact, as they stand in a draft: exactly of the types that the model holds."""
    chosen = draw(st.lists(st.sampled_from(describe(model)), max_size=6, unique_by=lambda each: each.name))
    values = {}
    for each in chosen:
        gathered = draw(st.sampled_from((list, tuple)))
        values[each.name] = (
            gathered(value(draw, each) for _ in range(draw(st.integers(0, 2)))) if each.many else value(draw, each)
        )
    return values


@st.composite
def plain_records(draw):
    return fact(draw, Project)


def _somewhere(draw, values):
    """The values of the record, or of a fact below it."""
    below = [
        inner
        for held in values.values()
        for inner in (held if isinstance(held, (list, tuple)) else (held,))
        if isinstance(inner, dict)
    ]
    return _somewhere(draw, draw(st.sampled_from(below))) if below and draw(st.booleans()) else values


@st.composite
def odd_records(draw):
    values = fact(draw, Project)
    where = _somewhere(draw, values)
    names = st.sampled_from((*Project.model_fields, *where, "text", "lang", "bogus"))
    where[draw(names)] = draw(st.sampled_from(ODD))
    return values


def same(one, other):
    """Whether both hold the same, of exactly the same types."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (Fact, Text)):
        return list(one.__dict__) == list(other.__dict__) and same(one.__dict__, other.__dict__)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other and str(one) == str(other)


@given(plain_records())
@settings(max_examples=300, deadline=None)
def test_a_plain_record_is_read_as_pydantic_reads_it_and_judged_as_its_faults_are(values):
    project = Project.model_validate(values)

    quick = read_quickly(values)

    assert quick is not None
    assert same(quick.project, project)
    assert quick.project == project
    assert quick.sound <= (not faults(Project, project))


@given(odd_records())
@settings(max_examples=500, deadline=None)
def test_what_is_not_plain_is_left_to_pydantic_or_read_as_it_reads_it(values):
    quick = read_quickly(values)
    try:
        project = Project.model_validate(values)
    except ValidationError:
        assert quick is None
        return

    if quick is not None:
        assert same(quick.project, project)
        assert quick.sound <= (not faults(Project, project))


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize(
    "name", ["key", "status", "status_as_of", "capital_spend", "humanitarian", "title", "sources", "spellings"]
)
def test_odd_values_of_every_kind_of_field(name, odd):
    quick = read_quickly({name: odd})
    try:
        project = Project.model_validate({name: odd})
    except ValidationError:
        assert quick is None
        return

    assert quick is None or same(quick.project, project)


def test_a_sound_record_needs_nothing_else():
    quick = read_quickly(sound_project())

    assert quick is not None
    assert quick.sound
    assert canonical_json(quick.project) == canonical_json(Project.model_validate(sound_project()))


@pytest.mark.parametrize(
    "fault",
    [
        {"recipient_countries": [{"code": "Hondurass"}]},
        {"sectors": [{"code": "311"}]},
        {"title": [{"text": "x", "lang": "xx"}]},
        {"default_aid_types": [{"vocabulary": "1"}]},
        {"capital_spend": Decimal(101)},
        {"hierarchy": "first"},
        {"reporting_org": ReportingOrg(ref="XM-DAC-41119", type="0")},
        {"document_links": [{"categories": ["A01", "A99"]}]},
        {"participating_orgs": [{"ref": "nobody"}]},
    ],
    ids=repr,
)
def test_what_faults_are_found_in_is_not_sound(fault):
    record = sound_project(**fault)

    quick = read_quickly(record)

    assert quick is not None
    assert not quick.sound
    assert faults(Project, quick.project)
    assert checked(record)[1]


def test_the_values_stay_as_they_were():
    spellings = {"title": "Semillas"}
    record = sound_project(spellings=spellings)

    quick = read_quickly(record)

    assert record == sound_project(spellings=spellings)
    assert quick is not None
    assert quick.project.spellings == spellings
    assert quick.project.spellings is not record["spellings"]


KNOWN = {Says, At, Code, CodeBy, Currency, Dated, Day, Identifier, Ref, Term, Within, PlainSerializer, BeforeValidator}
BEFORE = {_as_texts, _check_date}
"""What stands in front of pydantic's own reading, and what the quick way does in its place."""


def models(model=Project, found=None):
    """The model, and all below it."""
    found = {} if found is None else found
    found[model] = None
    for each in describe(model):
        if issubclass(each.kind, BaseModel) and each.kind not in found:
            models(each.kind, found)
    return tuple(found)


@pytest.mark.parametrize("model", models(), ids=lambda each: each.__name__)
def test_no_model_asks_more_of_its_values_than_the_quick_way_knows(model):
    """Whoever gives a model a validator of its own must teach it to the quick way, or keep that from reading it."""
    asked = model.__pydantic_decorators__
    validators = (asked.validators, asked.field_validators, asked.root_validators, asked.model_validators)

    assert validators == ({}, {}, {}, {})
    for each in describe(model):
        assert {type(mark) for mark in each.marks} <= KNOWN
        assert {mark.func for mark in each.marks if isinstance(mark, BeforeValidator)} <= BEFORE
