"""The record in one form: what is written is read back as it was, and equal records have equal texts."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import checked, sound_project
from ssc_iati.record import terms
from ssc_iati.record.canonical import canonical_json, from_canonical
from ssc_iati.record.fields import describe
from ssc_iati.record.project import RECORD_VERSION, Project
from ssc_iati.record.values import Dated, Day, Fact, Term, Text

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
DAYS = st.dates().map(lambda day: f"{day:%Y}".zfill(4) + f"-{day:%m-%d}")


def values(field):  # noqa: PLR0911 - one kind of value after the other
    if issubclass(field.kind, Fact):
        return facts(field.kind)
    if field.mark(Term):
        return st.sampled_from(terms.codes(field.mark(Term).name))
    if field.mark(Dated):
        return (
            DAYS
            if field.mark(Day)
            else DAYS.flatmap(lambda day: st.sampled_from([day, day[:7], day[:4], f"{day[:4]}/{day}"[:4]]))
        )
    if field.kind is Text:
        return st.builds(Text, lang=st.none() | st.sampled_from(["es", "pt"]), text=TEXTS)
    if field.kind is bool:
        return st.booleans()
    if field.kind is Decimal:
        return st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4)
    if field.kind is dict:
        return st.dictionaries(TEXTS, TEXTS, max_size=2)
    return TEXTS


def facts(model):
    def some(names):
        chosen = [field for field in describe(model) if field.name in names]
        parts = {
            field.name: st.lists(values(field), max_size=2).map(tuple) if field.many else values(field)
            for field in chosen
        }
        return st.builds(model, **parts)

    return st.sets(st.sampled_from([field.name for field in describe(model)]), max_size=3).flatmap(some)


@given(facts(Project))
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_back_as_it_was(project):
    text = canonical_json(project)

    again = from_canonical(text)

    assert again == project
    assert canonical_json(again) == text


@given(facts(Project), st.randoms())
@settings(max_examples=60, deadline=None)
def test_equal_projects_give_equal_texts_however_they_were_made(project, rng):
    given_ = project.model_dump(exclude_unset=True)
    names = list(given_)
    rng.shuffle(names)

    other = Project.model_validate({name: given_[name] for name in names})

    assert other == project
    assert canonical_json(other) == canonical_json(project)


@given(facts(Project), facts(Project))
@settings(max_examples=60, deadline=None)
def test_projects_that_differ_give_texts_that_differ(one, other):
    assert (canonical_json(one) == canonical_json(other)) is (one == other)


def test_the_version_stands_first_and_blank_fields_are_left_out():
    project, _ = checked(sound_project())

    values_ = json.loads(canonical_json(project))

    assert next(iter(values_.items())) == ("record_version", RECORD_VERSION)
    assert all(value not in (None, [], {}) for value in values_.values())
    assert "budgets" not in values_


@pytest.mark.parametrize("version", ["0", "2", 1, None])
def test_a_version_that_is_not_known_is_refused(version):
    with pytest.raises(ValueError, match="not known here"):
        from_canonical(json.dumps({"record_version": version, "key": "P-1"}))


def test_a_number_keeps_the_digits_that_it_was_written_with():
    project, _ = checked(sound_project(capital_spend="33.30"))

    assert json.loads(canonical_json(project))["capital_spend"] == "33.30"
