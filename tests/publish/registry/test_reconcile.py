"""Bringing the Registry to say what is published: once, whatever happens on the way, and not at all without need."""

import json
from contextlib import closing

import pytest
import stand_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stand_in import REPORTER, SECRETS, URLS

from ssc_iati.publish.registry.dataset import Registered
from ssc_iati.publish.registry.reconcile import reconcile
from ssc_iati.publish.registry.trouble import RegistryError

MOVED = {"activities.xml": "https://data.example.org/iati/2026/activities.xml"}
TWO = URLS | {"organisation.xml": "https://data.example.org/iati/organisation.xml"}


@pytest.fixture
def owner(registry):
    return registry.organisation()


@pytest.fixture
def run(owner, options):
    """Reconcile as the publisher does; what the ledger keeps goes through JSON, as there."""

    def made(urls=URLS, registered=None, *, dry=False, delete=(), **said):
        kept = None if registered is None else Registered.model_validate_json(registered.model_dump_json())
        return reconcile(
            options(**said), urls, kept, reporter=REPORTER, environment=SECRETS, dry=dry, delete=list(delete)
        )

    return made


def steps(result):
    return [(each.file, each.step.value, each.done, each.error and each.error.finding.rule) for each in result.outcomes]


def writes(registry):
    return [call for call in registry.calls() if call.split()[0] in {"POST", "PATCH", "DELETE"} and "token" not in call]


def rules(result):
    return [each.rule for each in result.findings]


# --- In good weather --------------------------------------------------------------------------------------------------


def test_a_file_is_registered_once_and_then_nobody_is_asked_anything(registry, run, owner):
    first = run()
    registry.asked.clear()
    second = run(registered=first.registered)

    assert steps(first) == [("activities.xml", "create", True, None)]
    assert registry.facts() == [
        {
            "human_readable_name": "The Agency: activities",
            "licence_id": "cc-by",
            "short_name": "agency-activities",
            "source_type": "primary_source",
            "url": URLS["activities.xml"],
            "visibility": "public",
        }
    ]
    assert steps(second) == [("activities.xml", "unchanged", True, None)]
    assert (first.asked, second.asked) == (True, False)
    assert second.registered == first.registered
    assert str(first.registered.organisation) == owner
    assert registry.asked == []


def test_what_the_ledger_keeps_is_plain_json(run):
    kept = json.loads(run().registered.model_dump_json())

    assert set(kept) == {"api", "organisation", "by_hand", "datasets"}
    assert kept["datasets"][0]["metadata"]["url"] == URLS["activities.xml"]


def test_what_is_right_already_is_not_written(registry, run, owner):
    registry.dataset(
        owner, "agency-activities", human_readable_name="The Agency: activities", url=URLS["activities.xml"]
    )

    result = run()

    assert steps(result) == [("activities.xml", "unchanged", True, None)]
    assert result.asked
    assert writes(registry) == []


@pytest.mark.parametrize(
    ("said", "field", "sends_visibility"),
    [
        ({"licence": "cc-zero"}, "licence_id", False),
        ({"source_type": "secondary_source"}, "source_type", False),
        ({"datasets": {"activities.xml": {"name": "All"}}}, "human_readable_name", False),
        ({"datasets": {"activities.xml": {"short_name": "another"}}}, "short_name", False),
        ({"visibility": "private"}, "visibility", True),
    ],
)
def test_a_changed_field_is_updated_with_all_the_others(registry, run, said, field, sends_visibility):
    first = run()
    second = run(registered=first.registered, **said)

    (outcome,) = second.outcomes
    assert (outcome.step, outcome.done, list(outcome.changes)) == ("update", True, [field])
    assert len(registry.datasets) == 1
    assert ("visibility" in registry.asked[-1].body) is sends_visibility
    assert run(registered=second.registered, **said).asked is False


def test_a_moved_file_is_registered_under_its_new_address(registry, run):
    first = run()
    second = run(MOVED, first.registered)

    assert second.outcomes[0].changes == {"url": (URLS["activities.xml"], MOVED["activities.xml"])}
    assert [each["url"] for each in registry.facts()] == [MOVED["activities.xml"]]
    assert second.registered.datasets[0].id == first.registered.datasets[0].id


def test_another_registry_or_organisation_is_another_matter(registry, run, options):
    first = run()
    token = {"source": "client_credentials", "client_id": "our-client", "client_secret": "CLIENT_SECRET"}
    with closing(stand_in.StandIn()) as elsewhere:
        elsewhere.organisation()
        token["url"] = elsewhere.tokens_url
        second = run(registered=first.registered, api=elsewhere.api, token=token)
    third = run(registered=first.registered, organisation=registry.organisation())

    assert steps(second) == [("activities.xml", "create", True, None)]
    assert len(elsewhere.datasets) == 1
    assert second.registered.api == elsewhere.api
    assert steps(third) == [("activities.xml", "create", False, "ssc-registry-name-taken")]


def test_our_dataset_is_found_on_any_page_among_those_of_others(registry, run, owner):
    registry.page_cap = 3
    other = registry.organisation("XM-DAC-1")
    for number in range(7):
        registry.dataset(owner, f"ours-{number}")
        registry.dataset(other, f"theirs-{number}")
    registry.dataset(
        owner, "agency-activities", human_readable_name="The Agency: activities", url=URLS["activities.xml"]
    )

    assert steps(run()) == [("activities.xml", "unchanged", True, None)]


def test_what_the_server_says_twice_is_taken_under_either_name(registry, run):
    registry.actions_key = "dataset_actions"

    assert steps(run()) == [("activities.xml", "create", True, None)]


# --- Looking, and taking away -----------------------------------------------------------------------------------------


def test_a_plan_looks_and_writes_nothing(registry, run, owner):
    registry.dataset(owner, "agency-activities", url=URLS["activities.xml"])

    planned = run(TWO, dry=True)

    assert steps(planned) == [
        ("activities.xml", "update", False, None),
        ("organisation.xml", "create", False, None),
    ]
    assert planned.registered is None
    assert not planned.failed
    assert writes(registry) == []


def test_what_is_published_no_more_stays_and_is_said(registry, run):
    first = run(TWO)
    second = run(URLS, first.registered)
    third = run(MOVED, second.registered)

    for result in (second, third):
        assert ("organisation.xml", "leave", True, None) in steps(result)
        assert "ssc-registry-left" in rules(result)
        assert len(result.registered.datasets) == 2
    assert len(registry.datasets) == 2


def test_only_what_is_named_is_deleted(registry, run, owner):
    first = run(TWO)
    registry.dataset(owner, "another")
    registry.scopes = stand_in.ALL_SCOPES
    token = {"source": "client_credentials", "client_id": "our-client", "client_secret": "CLIENT_SECRET"}
    token["scopes"] = stand_in.ALL_SCOPES.split()

    planned = run(URLS, first.registered, dry=True, delete=["agency-organisation"], token=token)
    second = run(URLS, first.registered, delete=["agency-organisation", "never-was"], token=token)

    assert ("agency-organisation", False) in [(each.short_name, each.done) for each in planned.outcomes]
    assert {each["short_name"] for each in registry.facts()} == {"agency-activities", "another"}
    assert [each.file for each in second.registered.datasets] == ["activities.xml"]
    assert "ssc-registry-delete-unknown" in rules(second)
    assert not second.failed


def test_what_is_published_is_not_deleted(registry, run):
    first = run()
    second = run(registered=first.registered, delete=["agency-activities"])

    assert steps(second)[-1] == (None, "delete", False, "ssc-registry-delete-wanted")
    assert len(registry.datasets) == 1


def test_what_somebody_deleted_meanwhile_is_deleted(registry, run, owner):
    registry.dataset(owner, "old")
    registry.mishap("DELETE /datasets/{}", stand_in.answer(404, b'{"status": "failed"}'))

    result = run(delete=["old"])

    assert steps(result)[-1] == (None, "delete", True, None)


# --- In bad weather ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("happens", [stand_in.silence_after, stand_in.fault_after, stand_in.cut_after])
@pytest.mark.parametrize("call", ["POST /datasets", "PATCH /datasets/{}"])
def test_work_that_was_done_without_an_answer_is_not_done_again(registry, run, owner, call, happens):
    if call.startswith("PATCH"):
        registry.dataset(owner, "agency-activities")
    registry.mishap(call, happens)

    result = run()

    assert [each.done for each in result.outcomes] == [True]
    assert len(registry.datasets) == 1
    assert registry.facts()[0]["url"] == URLS["activities.xml"]
    assert len(writes(registry)) == 1
    assert run(registered=result.registered).asked is False


@pytest.mark.parametrize("happens", [stand_in.silence, stand_in.fault])
@pytest.mark.parametrize("call", ["POST /datasets", "PATCH /datasets/{}"])
def test_work_that_was_not_done_is_done_after_a_look(registry, run, owner, call, happens):
    if call.startswith("PATCH"):
        registry.dataset(owner, "agency-activities")
    registry.mishap(call, happens)

    result = run()

    assert [each.done for each in result.outcomes] == [True]
    assert registry.facts()[0]["url"] == URLS["activities.xml"]
    assert len(writes(registry)) == 2
    between = registry.calls().index(writes(registry)[0]) + 1
    assert "GET /reporting-orgs/{}/datasets" in registry.calls()[between:]


def test_a_server_that_keeps_failing_is_left_alone_and_the_next_run_begins_anew(registry, run):
    for _ in range(4):
        registry.mishap("POST /datasets", stand_in.fault)

    first = run()
    registry.mishaps.clear()
    second = run(registered=first.registered)

    assert steps(first) == [("activities.xml", "create", False, "ssc-registry-fault")]
    assert first.retry
    assert first.registered.datasets == ()
    assert steps(second) == [("activities.xml", "create", True, None)]


def test_one_dataset_that_fails_harms_no_other(registry, run):
    registry.dataset(registry.organisation("XM-DAC-1"), "agency-activities")

    result = run(TWO)

    assert steps(result) == [
        ("activities.xml", "create", False, "ssc-registry-name-taken"),
        ("organisation.xml", "create", True, None),
    ]
    assert result.failed
    assert not result.retry
    assert [each.file for each in result.registered.datasets] == ["organisation.xml"]
    assert writes(registry).count("POST /datasets") == 2


def test_a_change_of_unknown_outcome_is_looked_at_again_even_if_it_is_taken_back(registry, run):
    """The Registry may hold the second address though nobody said so: going back to the first is no 'unchanged'."""
    first = run()
    registry.mishap("PATCH /datasets/{}", stand_in.silence_after)
    registry.mishap("GET /reporting-orgs/[^/]+/datasets", lambda handler, work: handler.send(*handler.judged()))
    for _ in range(3):
        registry.mishap("GET /reporting-orgs/[^/]+/datasets", stand_in.fault)
    second = run(MOVED, first.registered)
    registry.mishaps.clear()
    third = run(URLS, second.registered)

    assert second.failed
    assert second.registered.datasets == ()
    assert steps(third) == [("activities.xml", "update", True, None)]
    assert registry.facts()[0]["url"] == URLS["activities.xml"]


def test_a_token_that_expires_between_look_and_write_is_renewed(registry, run):
    registry.mishap("POST /datasets", stand_in.expire)

    assert steps(run()) == [("activities.xml", "create", True, None)]
    assert len(registry.datasets) == 1


def test_another_run_that_registers_at_the_same_time_is_no_conflict(registry, run, owner):
    def other(handler, _work):
        registry.dataset(
            owner, "agency-activities", human_readable_name="The Agency: activities", url=URLS["activities.xml"]
        )
        handler.send(*handler.judged())

    registry.mishap("POST /datasets", other)

    assert steps(run()) == [("activities.xml", "create", True, None)]
    assert len(registry.datasets) == 1


def test_a_dataset_that_was_deleted_between_look_and_update_is_created(registry, run, owner):
    key = registry.dataset(owner, "agency-activities")

    def gone(handler, _work):
        del registry.datasets[key]
        handler.send(*handler.judged())

    registry.mishap("PATCH /datasets/{}", gone)

    assert steps(run()) == [("activities.xml", "create", True, None)]


def test_a_file_is_not_registered_twice_under_two_names(registry, run, owner):
    registry.dataset(owner, "by-hand", url=URLS["activities.xml"])

    result = run()

    assert steps(result) == [("activities.xml", "create", False, "ssc-registry-url-doubled")]
    assert result.findings[0].values["other"] == "by-hand"
    assert writes(registry) == []


def test_two_files_may_change_places(registry, run):
    first = run(TWO)
    second = run(dict(zip(TWO, reversed(TWO.values()), strict=True)), first.registered)

    assert [each.step.value for each in second.outcomes] == ["update", "update"]
    assert not second.failed
    assert {each["short_name"]: each["url"] for each in registry.facts()} == {
        "agency-activities": TWO["organisation.xml"],
        "agency-organisation": TWO["activities.xml"],
    }


def test_a_dataset_that_is_to_go_may_leave_its_address_to_another(registry, run, owner):
    registry.dataset(owner, "by-hand", url=URLS["activities.xml"])
    token = {"source": "client_credentials", "client_id": "our-client", "client_secret": "CLIENT_SECRET"}
    token["scopes"] = stand_in.ALL_SCOPES.split()

    result = run(delete=["by-hand"], token=token)

    assert [each.done for each in result.outcomes] == [True, True]
    assert [each["short_name"] for each in registry.facts()] == ["agency-activities"]


def test_a_file_that_got_another_name_keeps_its_dataset(registry, run):
    first = run()
    named = {"datasets": {"all.xml": {"short_name": "agency-activities", "name": "The Agency: activities"}}}
    second = run({"all.xml": "https://data.example.org/iati/all.xml"}, first.registered, **named)

    assert steps(second) == [("all.xml", "update", True, None)]
    assert second.findings == ()
    assert [each.file for each in second.registered.datasets] == ["all.xml"]
    assert len(registry.datasets) == 1


def test_what_the_server_cuts_is_an_error_and_not_taken_for_done(registry, run):
    def cut(handler, _work):
        status, told = handler.judged()
        told["data"]["metadata"]["short_name"] = told["data"]["metadata"]["short_name"][:6]
        handler.send(status, told)

    registry.mishap("POST /datasets", cut)
    result = run()

    assert steps(result) == [("activities.xml", "create", False, "ssc-registry-altered")]
    assert result.registered.datasets == ()


@pytest.mark.parametrize(
    ("call", "happens", "rule", "retry"),
    [
        ("GET /reporting-orgs", stand_in.fault, "ssc-registry-fault", True),
        ("GET /reporting-orgs/[^/]+/datasets", stand_in.silence, "ssc-registry-unreachable", True),
        ("POST /oauth2/token", stand_in.silence, "ssc-registry-unreachable", True),
    ],
)
def test_where_nothing_could_be_done_the_run_says_so(registry, run, call, happens, rule, retry):
    registry.mishap(call, happens)

    with pytest.raises(RegistryError) as refused:
        run()

    assert (refused.value.finding.rule, refused.value.retry) == (rule, retry)
    assert registry.datasets == {}


# --- Whose it is ------------------------------------------------------------------------------------------------------


def test_the_organisation_is_the_one_of_the_identifier(registry, run, owner):
    for number in range(4):
        registry.organisation(f"XM-DAC-{number}")
    registry.page_cap = 2

    run()

    assert [each["owner"] for each in registry.datasets.values()] == [owner]


@pytest.mark.parametrize("twice", [True, False])
def test_an_organisation_that_cannot_be_told_is_none(registry, run, owner, twice):
    if twice:
        registry.organisation()
    else:
        del registry.organisations[owner]

    with pytest.raises(RegistryError) as refused:
        run()

    assert refused.value.finding.rule == "ssc-registry-organisation-unknown"


def test_nothing_is_registered_for_an_organisation_of_another_identifier(registry, run):
    other = registry.organisation("XM-DAC-1")

    with pytest.raises(RegistryError) as refused:
        run(organisation=other)

    assert refused.value.finding.rule == "ssc-registry-organisation-differs"
    assert registry.datasets == {}


def test_a_long_short_name_is_said(run):
    name = "agency-" + "a" * 40

    result = run(datasets={"activities.xml": {"short_name": name}})

    assert steps(result) == [("activities.xml", "create", True, None)]
    assert rules(result) == ["ssc-registry-name-long"]


WEATHER = st.tuples(
    st.sampled_from(
        [
            "POST /oauth2/token",
            "GET /reporting-orgs",
            "GET /reporting-orgs/{}/datasets",
            "POST /datasets",
            "PATCH /datasets/{}",
        ]
    ),
    st.sampled_from([stand_in.fault, stand_in.fault_after, stand_in.cut_after, stand_in.expire]),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    weather=st.lists(WEATHER, max_size=8), moves=st.lists(st.sampled_from([URLS, MOVED, TWO]), min_size=1, max_size=4)
)
def test_in_any_weather_the_registry_ends_up_saying_what_was_wanted_last_and_nothing_twice(options, weather, moves):
    with closing(stand_in.StandIn()) as registry:
        registry.organisation()
        token = {"source": "client_credentials", "client_id": "our-client", "client_secret": "CLIENT_SECRET"}
        configured = options(api=registry.api, token=token | {"url": registry.tokens_url})
        for call, happens in weather:
            registry.mishap(call, happens)
        kept, refusals = None, []
        for urls in [*moves, *[moves[-1]] * (len(weather) + 1)]:
            try:
                kept = reconcile(configured, urls, kept, reporter=REPORTER, environment=SECRETS).registered
            except RegistryError as error:
                refusals.append(error)
        registry.asked.clear()
        last = reconcile(configured, moves[-1], kept, reporter=REPORTER, environment=SECRETS)

    stands = {each["short_name"]: each["url"] for each in registry.facts()}
    assert len(stands) == len(registry.datasets)
    assert {f"agency-{file.removesuffix('.xml')}": url for file, url in moves[-1].items()}.items() <= stands.items()
    assert registry.asked == []
    assert not last.failed
    assert all(each.retry or each.finding.rule == "ssc-registry-unauthorised" for each in refusals)
