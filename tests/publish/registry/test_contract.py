"""The client and the stand-in against what IATI's published specification of Register Your Data (0.9.15) says.

The facts are restated here. Where the real server (0.3.7) was seen to do otherwise, the stand-in does as it does, and
that stands here too.
"""

import json
import re
from typing import NamedTuple
from urllib.request import Request, urlopen
from uuid import UUID

import pytest
import stand_in
from requests import Session
from stand_in import REPORTER, SECRETS, URLS

from ssc_iati.publish.registry.access import check_access
from ssc_iati.publish.registry.options import API, SCOPES, TOKENS
from ssc_iati.publish.registry.reconcile import reconcile

SERVERS = (
    "https://dev.api.registeryourdata.iatistandard.org/api/v1",
    "https://api.registeryourdata.iatistandard.org/api/v1",
)
TOKEN_URL = "https://api.eu.asgardeo.io/t/iati/oauth2/token"  # noqa: S105
SCOPES_OF_CLIENTS = {
    "ryd",
    "ryd:reporting_org",
    "ryd:reporting_org:create",
    "ryd:reporting_org:update",
    "ryd:reporting_org:delete",
    "ryd:reporting_org:user",
    "ryd:reporting_org:user:update",
    "ryd:reporting_org:tool",
    "ryd:reporting_org:tool:update",
    "ryd:dataset",
    "ryd:dataset:update",
    "ryd:dataset:delete",
}
READABLE = {"400", "401", "403", "500"}
ONE = READABLE | {"404"}


class Endpoint(NamedTuple):
    """An operation that client credentials may use: its success, its failures, its scopes, its query, its body."""

    success: str
    failures: set[str]
    scopes: set[str]
    query: frozenset[str] = frozenset()
    body: frozenset[str] = frozenset()


BASIC = frozenset({"human_readable_name", "short_name", "source_type", "url", "licence_id"})
FULL = BASIC | {"visibility"}
PAGED = frozenset({"page", "page_size", "include_actions"})
ENDPOINTS = {
    "GET /access-check": Endpoint("200", READABLE, {"ryd"}),
    "GET /reporting-orgs": Endpoint("200", READABLE, {"ryd", "ryd:reporting_org"}, PAGED),
    "GET /reporting-orgs/{}": Endpoint("200", ONE, {"ryd", "ryd:reporting_org"}, frozenset({"include_actions"})),
    "GET /reporting-orgs/{}/datasets": Endpoint("200", ONE, {"ryd", "ryd:dataset"}, PAGED),
    "POST /datasets": Endpoint("201", ONE | {"409"}, {"ryd", "ryd:dataset"}, body=FULL | {"owner_organisation_id"}),
    "GET /datasets/{}": Endpoint("200", ONE, {"ryd", "ryd:dataset"}),
    "PATCH /datasets/{}": Endpoint("200", ONE | {"409"}, {"ryd", "ryd:dataset", "ryd:dataset:update"}, body=FULL),
    "DELETE /datasets/{}": Endpoint("200", ONE, {"ryd", "ryd:dataset:delete"}),
}
ENUMS = {"source_type": {"primary_source", "secondary_source"}, "visibility": {"public", "private"}}
SHORT_NAME = re.compile("^[a-z0-9_-]+$")
DATASET = {"id", "owner_organisation_id", "metadata", "dataset_actions"}
METADATA = FULL | {"last_url_update_date", "last_metadata_update_date"}
PAGINATION = {"page", "page_size", "total_pages", "total_records", "links"}
LINKS = {"first", "last", "next", "prev"}


@pytest.fixture
def lived(registry, options):
    """The stand-in after a life with the client: everything that the client ever does was done."""
    token = {"source": "client_credentials", "client_id": "our-client", "client_secret": "CLIENT_SECRET"}
    token["scopes"] = [*SCOPES, "ryd:dataset:delete"]
    owner = registry.organisation()
    check_access(options(token=token), reporter=REPORTER, environment=SECRETS)
    configured = options(token=token, organisation=owner)
    kept = None
    for urls, visibility in ((URLS, "public"), ({"activities.xml": "https://x.org/2.xml"}, "private")):
        changed = configured.model_copy(update={"visibility": visibility})
        kept = reconcile(changed, urls, kept, reporter=REPORTER, environment=SECRETS).registered
    other = {"organisation.xml": "https://x.org/o.xml"}
    reconcile(configured, other, kept, environment=SECRETS, delete=["agency-activities"])
    registry.asked[:] = [each for each in registry.asked if each.path != "/oauth2/token"]
    return registry


def endpoint(asked):
    return f"{asked.method} " + re.sub(r"[0-9a-f-]{36}", "{}", asked.path)


def test_the_client_uses_only_what_the_specification_offers_to_clients(lived):
    used = {endpoint(each) for each in lived.asked}

    assert used == set(ENDPOINTS) - {"GET /datasets/{}"}


def test_every_request_has_the_form_that_the_specification_asks_for(lived):
    for asked in lived.asked:
        known = ENDPOINTS[endpoint(asked)]
        assert set(asked.query) <= known.query
        assert asked.headers["Authorization"].startswith("Bearer ")
        body = asked.body or {}
        assert set(body) <= known.body
        if known.body:
            assert asked.headers["Content-Type"] == "application/json"
            assert known.body - {"visibility"} <= set(body)
            assert SHORT_NAME.match(body["short_name"])
            assert all(body[name] in values for name, values in ENUMS.items() if name in body)
        if asked.method == "POST":
            assert set(body) == known.body
            assert UUID(body["owner_organisation_id"])


def test_the_defaults_are_those_of_the_specification():
    assert API in SERVERS
    assert TOKENS == TOKEN_URL
    assert set(SCOPES) <= SCOPES_OF_CLIENTS
    assert set(SCOPES) == set().union(*(each.scopes for each in ENDPOINTS.values())) - {"ryd:dataset:delete"}


@pytest.fixture
def ask(registry):
    """One request to the stand-in, with a token that may do everything unless said otherwise: status and answer."""
    session = Session()

    def made(call, token=None, body=None, **query):
        method, path = call.split(" ")
        held = registry.token() if token is None else token
        headers = {"Authorization": f"Bearer {held}"} if held else {}
        answer = session.request(method, registry.api + path, params=query, headers=headers, json=body, timeout=5)
        return str(answer.status_code), answer.json()

    yield made
    session.close()


@pytest.fixture
def sound(registry):
    """An organisation, a dataset of it, and a body that would register another."""
    owner = registry.organisation()
    facts = {"human_readable_name": "N", "licence_id": "cc-by", "source_type": "primary_source"}
    facts |= {"url": "https://x.org/a.xml", "visibility": "public", "short_name": "new"}
    return owner, registry.dataset(owner, "there"), facts | {"owner_organisation_id": owner}


def filled(call, owner, dataset):
    return call.replace("{}", owner if "reporting-orgs" in call else dataset)


@pytest.mark.parametrize("call", ENDPOINTS)
def test_the_stand_in_answers_as_the_specification_says(registry, ask, sound, call):
    owner, dataset, body = sound
    known = ENDPOINTS[call]
    path = filled(call, owner, dataset)
    expired, weak = (
        registry.token(expired=True),
        [registry.token(" ".join(known.scopes - {one})) for one in known.scopes],
    )

    refusals = [ask(path, token, body) for token in ("", "garbage", expired, *weak)]
    status, told = ask(path, registry.token(" ".join(known.scopes)), body)

    assert [each[0] for each in refusals] == ["401"] * 3 + ["403"] * len(known.scopes)
    assert status == known.success
    assert (told["status"], told["error"]) == ("success", None)
    for code, refused in refusals:
        assert code in known.failures
        assert (refused["status"], refused["data"]) == ("failed", None)
        assert refused["error"]["status_code"] == int(code)
        assert isinstance(refused["error"]["error_msg"], str)


@pytest.mark.parametrize("key", ["actions", "dataset_actions"])
def test_a_dataset_has_the_fields_of_the_specification(registry, ask, sound, key):
    registry.actions_key = key
    owner, dataset, body = sound

    shown = [ask(f"GET /datasets/{dataset}")[1]["data"], ask("POST /datasets", body=body)[1]["data"]]
    shown += ask(f"GET /reporting-orgs/{owner}/datasets")[1]["data"]

    for each in shown:
        assert set(each) == (DATASET - {"dataset_actions"}) | {key}
        assert set(each["metadata"]) == METADATA


def test_a_page_has_the_fields_of_the_specification(registry, ask, sound):
    owner, *_ = sound
    registry.dataset(owner, "second")

    first = ask(f"GET /reporting-orgs/{owner}/datasets", page_size=1)[1]["pagination"]
    second = ask(f"GET /reporting-orgs/{owner}/datasets", page_size=1, page=2)[1]["pagination"]

    assert set(first) == PAGINATION
    assert set(first["links"]) == LINKS
    assert (first["total_pages"], first["total_records"]) == (2, 2)
    assert first["links"]["prev"] is second["links"]["next"] is None
    assert first["links"]["next"].startswith("http://")


# --- What the real server does beside its specification ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "change", "status", "said"),
    [
        ("POST /datasets", {"short_name": "Upper"}, "400", "Field 'short_name': Value error"),
        ("POST /datasets", {"url": None}, "400", "Data validation error: Field 'url': Field required."),
        ("POST /datasets", {"short_name": "there"}, "409", "there"),
        ("POST /datasets", {"owner_organisation_id": "no uuid"}, "500", "Internal Server Error"),
        ("POST /datasets", {"owner_organisation_id": "0c5df9f1-1d0a-4c40-8c0b-6b8dc7c2f1f6"}, "403", ""),
        (
            "POST /datasets",
            {"source_type": "zzz", "url": "not a url", "visibility": "z", "licence_id": "z"},
            "201",
            None,
        ),
        ("POST /datasets", {"unheard": "of"}, "201", None),
        ("POST /datasets/", {}, "404", "Not Found"),
        ("PATCH /datasets/{}", {"licence_id": None}, "400", "Field 'licence_id': Field required."),
        ("PATCH /datasets/{}", {"visibility": None, "owner_organisation_id": "ignored"}, "200", None),
        ("PATCH /datasets/not-a-uuid", {}, "400", "UUID"),
        ("GET /datasets/0c5df9f1-1d0a-4c40-8c0b-6b8dc7c2f1f6", {}, "404", "There is no dataset"),
        ("GET /reporting-orgs/not-a-uuid", {}, "400", "Field 'org_id'"),
        ("GET /reporting-orgs/", {}, "404", "Not Found"),
        ("GET /reporting-orgs/{}/tools", {}, "501", "Not yet implemented"),
        ("GET /licences", {}, "404", "Not Found"),
    ],
)
def test_the_stand_in_is_as_odd_as_the_real_server(ask, sound, call, change, status, said):
    owner, dataset, body = sound
    changed = {name: value for name, value in (body | change).items() if value is not None}

    code, told = ask(filled(call, owner, dataset), body=changed)

    assert code == status
    assert said is None or said in told["error"]["error_msg"]


def test_all_that_is_missing_is_said_at_once_and_deleting_twice_is_not_found(ask, sound):
    _, dataset, _ = sound

    _, told = ask("POST /datasets", body={})
    deleted = [ask(f"DELETE /datasets/{dataset}")[0] for _ in range(2)]

    assert re.findall("Field '(.*?)': Field required", told["error"]["error_msg"]) == sorted(
        FULL | {"owner_organisation_id"}
    )
    assert deleted == ["200", "404"]


def test_pages_have_their_bounds(ask, sound):
    owner, *_ = sound

    assert ask(f"GET /reporting-orgs/{owner}/datasets", page_size=500)[0] == "200"
    assert ask(f"GET /reporting-orgs/{owner}/datasets", page_size=501)[0] == "400"
    assert ask(f"GET /reporting-orgs/{owner}/datasets", page=0)[0] == "400"


def test_a_client_that_was_never_announced_may_read_and_not_write(registry, ask, sound):
    _, _, body = sound
    token = registry.token(client_known=False)

    assert ask("GET /access-check", token)[0] == "200"
    assert "invalid client ID" in ask("POST /datasets", token, body)[1]["error"]["error_msg"]


def test_the_identity_server_of_the_stand_in_speaks_oauth(registry):
    form = (
        b"grant_type=client_credentials&scope=ryd+unheard&client_id=our-client&client_secret=the+client%27s+secret%21"
    )
    with urlopen(Request(registry.tokens_url, form), timeout=5) as answer:  # noqa: S310
        told = json.loads(answer.read())

    assert set(told) == {"access_token", "expires_in", "scope", "token_type"}
    assert told["scope"] == "ryd"
    assert registry.grants[told["access_token"]] == stand_in.Grant(frozenset({"ryd"}))
