"""One call at a time: what is sent, and what each answer means."""

import json

import pytest
import stand_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stand_in import SECRETS

from ssc_iati.publish.registry import client as calls
from ssc_iati.publish.registry.dataset import Dataset
from ssc_iati.publish.registry.trouble import STATUSES, TROUBLES, RegistryError, rule_of

WANTED = Dataset(
    human_readable_name="The Agency: activities",
    short_name="agency-activities",
    url="https://data.example.org/a.xml",
    licence_id="cc-by",
    source_type="primary_source",
    visibility="public",
)


@pytest.fixture
def client(options):
    configured = options()
    with calls.opened(configured, configured.token, SECRETS) as made:
        yield made


def refusal(act, *arguments, **more):
    with pytest.raises(RegistryError) as refused:
        act(*arguments, **more)
    return refused.value


def test_a_dataset_is_created_read_changed_and_deleted(registry, options):
    owner = registry.organisation()
    configured = options({"source": "environment", "access_token": "TOKEN"})
    with calls.opened(configured, configured.token, {"TOKEN": registry.token()}) as client:
        made = calls.create(client, owner, WANTED)
        moved = WANTED.model_copy(update={"url": "https://data.example.org/b.xml", "visibility": "private"})
        shown = calls.update(client, made.id, moved, visibility=False)
        hidden = calls.update(client, made.id, moved, visibility=True)
        listed = calls.datasets(client, owner)
        calls.delete(client, made.id)
        left = calls.datasets(client, owner)

    assert made.differs(WANTED) == {}
    assert shown.differs(moved) == {"visibility": ("public", "private")}
    assert hidden.differs(moved) == {}
    assert [each.id for each in listed] == [made.id]
    assert left == []


def test_an_update_says_everything_and_the_visibility_only_where_it_changes(registry, client):
    key = registry.dataset(registry.organisation(), "agency-activities")

    calls.update(client, key, WANTED, visibility=False)

    assert registry.asked[-1].body == WANTED.model_dump(exclude={"visibility"})


def test_no_path_ends_in_a_slash_and_every_request_says_who_asks(registry, client):
    calls.datasets(client, registry.organisation())

    assert not [each.path for each in registry.asked if each.path.endswith("/")]
    assert {each.headers["User-Agent"].partition("/")[0] for each in registry.asked} == {"ssc-iati"}


def test_with_a_slash_the_stand_in_finds_nothing_as_the_real_server(registry, client):
    refused = refusal(calls.access_check, client._replace(api=registry.api + "/access-check/."))

    assert refused.finding.rule == "ssc-registry-missing"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(count=st.integers(0, 60), cap=st.integers(1, 25))
def test_every_dataset_is_found_however_many_pages_there_are(registry, client, count, cap):
    owner = registry.organisation()
    registry.page_cap = cap
    made = {registry.dataset(owner, f"d-{owner}-{number}") for number in range(count)}
    registry.asked.clear()

    found = calls.datasets(client, owner)

    pages = [int(each.query["page"]) for each in registry.asked if each.path.endswith("/datasets")]
    assert {str(each.id) for each in found} == made
    assert len(found) == count
    assert pages == list(range(1, max(1, -(-count // cap)) + 1))


def test_a_list_that_changes_while_it_is_read_is_read_again(registry, client):
    owner = registry.organisation()
    registry.page_cap = 2
    made = [registry.dataset(owner, f"d-{number}") for number in range(5)]
    seen = []

    def take_one_away(page):
        seen.append(page)
        if len(seen) == 2:
            del registry.datasets[made[0]]

    registry.before_page = take_one_away

    assert {str(each.id) for each in calls.datasets(client, owner)} == set(made[1:])


def test_a_list_that_never_stands_still_is_given_up(registry, client):
    owner = registry.organisation()
    registry.page_cap = 2
    for number in range(5):
        registry.dataset(owner, f"d-{number}")
    registry.before_page = lambda page: registry.dataset(owner, f"e-{len(registry.datasets)}") if page < 50 else None

    refused = refusal(calls.datasets, client, owner)

    assert refused.finding.rule == "ssc-registry-moving"
    assert refused.retry


def test_a_token_that_expires_in_the_middle_is_renewed_once_and_the_call_repeated(registry, client):
    owner = registry.organisation()
    calls.access_check(client)
    registry.mishap("POST /datasets", stand_in.expire)

    made = calls.create(client, owner, WANTED)

    assert made.differs(WANTED) == {}
    assert registry.calls()[-3:] == ["POST /datasets", "POST /oauth2/token", "POST /datasets"]
    assert len(registry.datasets) == 1


def test_a_token_that_is_never_good_is_not_asked_for_for_ever(registry, client):
    for _ in range(5):
        registry.mishap("GET /access-check", stand_in.expire)

    refused = refusal(calls.access_check, client)

    assert refused.finding.rule == "ssc-registry-unauthorised"
    assert registry.calls().count("POST /oauth2/token") == 2


@pytest.mark.parametrize(
    ("arrange", "rule", "said"),
    [
        ("unknown client", "ssc-registry-refused", "trace_id"),
        ("missing scope", "ssc-registry-forbidden", "ryd ryd:dataset"),
        ("other organisation", "ssc-registry-forbidden", "ryd ryd:dataset"),
        ("taken", "ssc-registry-name-taken", "agency-activities"),
    ],
)
def test_what_a_refusal_means_is_said(registry, options, arrange, rule, said):
    owner = registry.organisation()
    grant = {"unknown client": {"client_known": False}, "missing scope": {"scopes": "ryd"}}.get(arrange, {})
    if arrange == "other organisation":
        del registry.organisations[owner]
    if arrange == "taken":
        registry.dataset(registry.organisation(), "agency-activities")
    configured = options({"source": "environment", "access_token": "TOKEN"})
    with calls.opened(configured, configured.token, {"TOKEN": registry.token(**grant)}) as client:
        refused = refusal(calls.create, client, owner, WANTED)

    assert refused.finding.rule == rule
    assert said in str(refused)
    assert not refused.retry


def test_an_owner_that_is_no_uuid_is_the_servers_own_fault(registry, client):
    assert refusal(calls.create, client, "not-a-uuid", WANTED).finding.rule == "ssc-registry-fault"


@pytest.mark.parametrize(
    ("status", "body", "rule"),
    [
        (200, b"<html>", "ssc-registry-unexpected"),
        (200, b"[1]", "ssc-registry-unexpected"),
        (200, b'{"status": "success"}', "ssc-registry-unexpected"),
        (200, b'{"status": "success", "data": [1], "pagination": {}}', "ssc-registry-unexpected"),
        (200, b'{"status": "failed", "data": []}', "ssc-registry-unexpected"),
        (200, b"[" * 200_000, "ssc-registry-unexpected"),
        (204, b"", "ssc-registry-unexpected"),
        (301, b"", "ssc-registry-unexpected"),
        (429, b"", "ssc-registry-busy"),
        (501, b"{}", "ssc-registry-not-offered"),
        (502, b"<html>", "ssc-registry-fault"),
        (503, b'{"message": "upgrading"}', "ssc-registry-fault"),
    ],
)
def test_whatever_else_comes_is_a_refusal_and_never_a_crash(registry, client, status, body, rule):
    registry.mishap("GET /reporting-orgs", stand_in.answer(status, body))

    refused = refusal(calls.organisations, client)

    assert refused.finding.rule == rule
    assert refused.finding.values["status"] == str(status)


def test_the_servers_own_words_are_found_in_any_layer(registry, client):
    for told in (
        {"error": {"error_msg": "here"}},
        {"error_description": "here"},
        {"error": "here"},
        {"message": "here"},
    ):
        registry.mishap("GET /access-check", stand_in.answer(400, json.dumps(told).encode()))

        assert refusal(calls.access_check, client).finding.values["problem"] == "here"


def test_an_answer_without_end_is_not_read_to_its_end(registry, client):
    registry.mishap("GET /access-check", stand_in.answer(200, b" " * (9 << 20)))

    assert refusal(calls.access_check, client).finding.rule == "ssc-registry-unreachable"


def test_nobody_there_is_worth_another_try(options):
    configured = options(api="http://127.0.0.1:9/api/v1", token={"source": "environment", "access_token": "TOKEN"})
    with calls.opened(configured, configured.token, {"TOKEN": "x"}) as client:
        refused = refusal(calls.access_check, client)

    assert refused.finding.rule == "ssc-registry-unreachable"
    assert "Connection refused" in str(refused)
    assert refused.retry


def test_every_status_and_every_rule_of_a_trouble_is_in_the_table():
    assert {rule_of(status) for status in [*STATUSES, 200, 302, 418, 500, 502, 599]} <= set(TROUBLES)
    assert [rule for rule in TROUBLES if not str(RegistryError(rule, "somewhere"))] == []
