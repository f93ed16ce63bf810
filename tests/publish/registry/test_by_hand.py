"""Where nobody has access to the API: a person is told exactly what to enter, and is told once."""

import json

import pytest
from stand_in import URLS

from ssc_iati.messages import LANGUAGES
from ssc_iati.publish.registry import by_hand
from ssc_iati.publish.registry.reconcile import reconcile
from ssc_iati.publish.registry.words import words

TWO = URLS | {"organisation.xml": "https://data.example.org/iati/organisation.xml"}


@pytest.fixture
def run(options, registry):
    def made(urls=URLS, registered=None, **more):
        configured = options(**more.pop("said", {})).model_copy(update={"token": None})
        return reconcile(configured, urls, registered, environment={}, **more)

    return made


def test_what_is_new_is_told_with_all_its_values_and_only_once(registry, run):
    first = run()
    second = run(registered=first.registered)

    text = by_hand.as_text(first.outcomes, "en")
    for value in (
        *URLS.values(),
        "The Agency: activities",
        "agency-activities",
        "Creative Commons Attribution (cc-by)",
    ):
        assert value in text
    assert "https://account.iatistandard.org" in text
    assert [each.rule for each in first.findings] == ["ssc-registry-by-hand"]
    assert second.findings == ()
    assert by_hand.as_text(second.outcomes, "en") == words("en")["nothing"]
    assert registry.asked == []


def test_what_changed_is_told_with_what_stood_before(run):
    first = run()
    second = run(registered=first.registered, said={"datasets": {"activities.xml": {"short_name": "moved"}}})

    told = json.loads(by_hand.as_json(second.outcomes))

    assert told["entries"] == [
        {
            "action": "update",
            "file": "activities.xml",
            "short_name": "agency-activities",
            "fields": second.outcomes[0].wanted.model_dump(),
            "changed": ["short_name"],
        }
    ]
    assert "(so far: agency-activities)" in by_hand.as_text(second.outcomes, "en")


def test_what_is_left_or_to_be_deleted_is_told_too(run):
    first = run(TWO)
    second = run(URLS, first.registered, delete=["old"])

    actions = [(each["action"], each["short_name"]) for each in json.loads(by_hand.as_json(second.outcomes))["entries"]]

    assert actions == [("leave", "agency-organisation"), ("delete", "old")]


def test_a_plan_tells_and_remembers_nothing(run):
    planned = run(dry=True)

    assert planned.registered is None
    assert [each.rule for each in planned.findings] == ["ssc-registry-by-hand"]


def test_what_a_person_was_told_is_no_knowledge_once_one_can_look(registry, run, options):
    registry.organisation()
    told = run().registered

    looked = reconcile(
        options(), URLS, told, reporter="XM-DAC-41119", environment={"CLIENT_SECRET": "the client's secret!"}
    )

    assert [each.step.value for each in looked.outcomes] == ["create"]
    assert looked.registered.by_hand is False


def test_what_was_registered_need_not_be_entered_when_access_is_lost(registry, run, options):
    registry.organisation()
    known = reconcile(
        options(), URLS, reporter="XM-DAC-41119", environment={"CLIENT_SECRET": "the client's secret!"}
    ).registered

    assert run(registered=known).findings == ()


def shape(value):
    return {name: shape(inner) for name, inner in value.items()} if isinstance(value, dict) else type(value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(run, language):
    first, second = run(TWO), None
    second = run(URLS, first.registered, delete=["old"])

    assert shape(words(language)) == shape(words("en"))
    for outcomes in (first.outcomes, second.outcomes):
        text = by_hand.as_text(outcomes, language)
        assert "{" not in text
        assert all(each.short_name in text for each in outcomes if each.step.value != "unchanged")
    if language != "en":
        assert by_hand.as_text(first.outcomes, language) != by_hand.as_text(first.outcomes, "en")
