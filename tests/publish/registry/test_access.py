"""Whether the Registry can be used, found out before anything depends on it."""

import pytest
from stand_in import REPORTER, SECRETS

from ssc_iati.findings import SourceError
from ssc_iati.publish.registry.access import check_access
from ssc_iati.publish.registry.trouble import RegistryError


def check(options, **said):
    return check_access(options(**said), reporter=REPORTER, environment=SECRETS)


def test_access_is_told_and_nothing_is_written(registry, options):
    owner = registry.organisation(short_name="agency")
    registry.dataset(owner, "agency-activities")

    access = check(options)

    assert (access.organisation, access.identifier, access.role, access.datasets) == ("agency", REPORTER, "editor", 1)
    assert "ryd:dataset:update" in access.scopes
    assert access.findings == ()
    assert registry.calls() == [
        "POST /oauth2/token",
        "GET /access-check",
        "GET /reporting-orgs",
        "GET /reporting-orgs/{}/datasets",
    ]


@pytest.mark.parametrize(
    ("organisation", "scopes", "said", "rule"),
    [
        ({"registry_approved": False}, None, {}, "ssc-registry-not-approved"),
        ({"role": "contributor_pending"}, None, {}, "ssc-registry-role"),
        ({"role": "contributor"}, None, {"visibility": "private"}, "ssc-registry-role"),
        ({}, "ryd ryd:reporting_org ryd:dataset", {}, "ssc-registry-scopes-missing"),
    ],
)
def test_what_would_stand_in_the_way_is_a_finding(registry, options, organisation, scopes, said, rule):
    registry.organisation(**organisation)
    registry.scopes = scopes or registry.scopes

    assert [each.rule for each in check(options, **said).findings] == [rule]


def test_a_contributor_may_register_what_is_public(registry, options):
    registry.organisation(role="contributor")

    assert check(options).findings == ()


def test_where_the_token_lacks_the_scope_to_look_the_refusal_says_which(registry, options):
    registry.organisation()
    registry.scopes = "ryd"

    with pytest.raises(RegistryError, match="ryd:reporting_org"):
        check(options)


def test_without_a_source_of_tokens_there_is_nothing_to_check(options):
    with pytest.raises(SourceError):
        check_access(options().model_copy(update={"token": None}))
