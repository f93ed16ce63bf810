"""Tokens: from four sources, renewed before they expire, and used only as long as they are good."""

import sys
import time
from types import SimpleNamespace

import pytest
import stand_in
from pydantic import SecretStr, ValidationError
from stand_in import REPORTER, SECRETS, URLS

from ssc_iati.publish.registry import client as calls
from ssc_iati.publish.registry import tokens
from ssc_iati.publish.registry.access import check_access
from ssc_iati.publish.registry.options import TokenOptions
from ssc_iati.publish.registry.reconcile import reconcile
from ssc_iati.publish.registry.tokens import Token, Wallet, checked, good_until
from ssc_iati.publish.registry.trouble import RegistryError


@pytest.fixture
def opened(options):
    """A client with this source of tokens, in this environment."""

    def made(token=None, environment=SECRETS, **said):
        configured = options(token, **said)
        return calls.opened(configured, configured.token, environment)

    return made


def refusal(client):
    with pytest.raises(RegistryError) as refused:
        calls.access_check(client)
    return refused.value


def test_a_client_gets_a_token_for_its_name_and_secret(registry, opened):
    with opened() as client:
        calls.access_check(client)
        scopes = client.wallet.token().scopes

    first, second = registry.asked
    assert (first.path, second.path) == ("/oauth2/token", "/access-check")
    assert first.body == {"grant_type": "client_credentials", "scope": " ".join(stand_in.ALL_SCOPES.split()[:4])}
    assert first.headers["Authorization"].startswith("Basic ")
    assert scopes == set(stand_in.ALL_SCOPES.split()[:4])


def test_the_name_and_secret_may_stand_in_the_body_and_an_audience_be_said(registry, opened):
    token = {"source": "client_credentials", "client_id": "our-client", "client_secret": "CLIENT_SECRET"}
    with opened(token | {"client_authentication": "body", "audience": "https://example.org/api"}) as client:
        calls.access_check(client)

    asked = registry.asked[0]
    assert asked.body["client_secret"] == SECRETS["CLIENT_SECRET"]
    assert asked.body["audience"] == "https://example.org/api"
    assert "Authorization" not in asked.headers


def test_the_scopes_of_the_configuration_are_asked_for_and_those_granted_known(registry, opened):
    registry.scopes = "ryd ryd:dataset"
    token = {"source": "client_credentials", "client_id": "our-client", "client_secret": "CLIENT_SECRET"}

    with opened(token | {"scopes": ["ryd", "ryd:dataset:delete"]}) as client:
        calls.access_check(client)
        granted = client.wallet.token().scopes

    assert registry.asked[0].body["scope"] == "ryd ryd:dataset:delete"
    assert granted == {"ryd"}


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until the test moves it."""
    hands = SimpleNamespace(now=1000.0, monotonic=lambda: hands.now, time=lambda: hands.now + 1_800_000_000)
    monkeypatch.setattr(tokens, "time", hands)
    return hands


@pytest.mark.parametrize(
    ("lasts", "good"),
    [(3600, 3539), (100, 49), (1, 0.4), (10**400, 10**8), (0, None), (-5, None)],
    ids=["an hour", "a minute and more", "a second", "for ever", "not at all", "long since over"],
)
def test_a_token_is_renewed_before_it_expires_and_no_sooner(registry, opened, clock, lasts, good):
    """A minute before its end, or after half its life."""
    registry.expires_in = lasts
    asked = lambda: registry.calls().count("POST /oauth2/token")  # noqa: E731
    with opened() as client:
        calls.access_check(client)
        if good is not None:
            clock.now += good
            calls.access_check(client)
            assert asked() == 1
        clock.now += 1.2 if good != 10**8 else 10**9
        calls.access_check(client)

    assert asked() == 2


def test_a_token_that_says_no_end_is_kept(registry, opened):
    registry.expires_in = None
    with opened() as client:
        calls.access_check(client)
        calls.access_check(client)

    assert registry.calls().count("POST /oauth2/token") == 1


def test_a_refresh_token_is_used_and_its_successor_kept(registry, opened, tmp_path):
    registry.rotates, registry.refresh_tokens = True, {"refresh-0"}
    file = tmp_path / "secrets.env"
    file.write_text("# of the agency\nREFRESH=refresh-0\n")
    file.chmod(0o600)
    token = {"source": "refresh_token", "client_id": "our-client", "refresh_token": "REFRESH", "secrets": file}

    for _ in range(3):
        with opened(token, {}) as client:
            calls.access_check(client)

    assert file.read_text() == f"# of the agency\nREFRESH={next(iter(registry.refresh_tokens))}\n"
    assert registry.asked[0].body["client_id"] == "our-client"
    assert [each.status for each in registry.asked] == [200] * 6


def test_a_successor_that_cannot_be_kept_is_said(registry, options):
    registry.organisation()
    registry.rotates, registry.refresh_tokens = True, {"refresh-0"}
    token = {"source": "refresh_token", "client_id": "our-client", "refresh_token": "REFRESH"}

    access = check_access(options(token), environment={"REFRESH": "refresh-0"}, reporter=REPORTER)
    registry.refresh_tokens = {"refresh-0"}
    result = reconcile(options(token), URLS, environment={"REFRESH": "refresh-0"}, reporter=REPORTER)

    assert [each.rule for each in access.findings] == ["ssc-registry-token-replaced"]
    assert [each.rule for each in result.findings] == ["ssc-registry-token-replaced"]
    assert not result.failed


def test_a_token_of_the_environment_is_used_as_it_is(registry, opened):
    token = registry.token()
    with opened({"source": "environment", "access_token": "TOKEN"}, {"TOKEN": f" {token}\n"}) as client:
        calls.access_check(client)
        scopes = client.wallet.token().scopes

    assert registry.calls() == ["GET /access-check"]
    assert registry.asked[0].headers["Authorization"] == f"Bearer {token}"
    assert scopes == set(stand_in.ALL_SCOPES.split())


def test_a_token_of_the_environment_that_expired_is_refused_once(registry, opened):
    token = registry.token(expired=True)
    with opened({"source": "environment", "access_token": "TOKEN"}, {"TOKEN": token}) as client:
        refused = refusal(client)

    assert refused.finding.rule == "ssc-registry-unauthorised"
    assert registry.calls() == ["GET /access-check"]


def command(code):
    return {"source": "command", "command": [sys.executable, "-c", code]}


def test_a_token_may_be_what_a_program_writes(registry, opened):
    token = registry.token()
    with opened(command(f"import sys; print('hello', file=sys.stderr); print({token!r})")) as client:
        calls.access_check(client)

    assert registry.asked[0].headers["Authorization"] == f"Bearer {token}"


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (command("raise SystemExit(3)"), "ssc-registry-token-command"),
        (command("import time; time.sleep(30)"), "ssc-registry-token-command"),
        ({"source": "command", "command": ["/no/such/program"]}, "ssc-registry-token-command"),
        (command("pass"), "ssc-registry-token-malformed"),
        (command("print('please log in first')"), "ssc-registry-token-malformed"),
        (command("print('a\\x00b')"), "ssc-registry-token-malformed"),
        ({"source": "environment", "access_token": "TOKEN"}, "ssc-secret-missing"),
    ],
)
def test_a_source_that_gives_no_token_is_named(registry, opened, source, rule):
    began = time.monotonic()
    with opened(source) as client:
        refused = refusal(client)

    assert refused.finding.rule == rule
    assert registry.asked == []
    assert time.monotonic() - began < 20


def test_a_client_that_the_identity_server_does_not_know_is_refused_for_good(registry, opened):
    with opened(environment={"CLIENT_SECRET": "another"}) as client:
        refused = refusal(client)

    assert refused.finding.rule == "ssc-registry-token-refused"
    assert refused.finding.values["problem"] == "invalid_client"
    assert not refused.retry


@pytest.mark.parametrize(
    ("happens", "rule", "retry"),
    [
        (stand_in.fault, "ssc-registry-fault", True),
        (stand_in.silence, "ssc-registry-unreachable", True),
        (stand_in.answer(429, b""), "ssc-registry-busy", True),
        (stand_in.cut_after, "ssc-registry-unreachable", True),
        (stand_in.answer(200, b"<html>"), "ssc-registry-token-malformed", False),
        (stand_in.answer(200, b"[" * 100_000), "ssc-registry-token-malformed", False),
        (stand_in.answer(200, b'{"access_token": 5}'), "ssc-registry-token-malformed", False),
        (stand_in.answer(302, b"", Location="https://elsewhere.example.org/"), "ssc-registry-token-refused", False),
    ],
)
def test_what_goes_wrong_with_the_identity_server_is_told_apart(registry, opened, happens, rule, retry):
    registry.mishap("POST /oauth2/token", happens)
    with opened() as client:
        refused = refusal(client)

    assert (refused.finding.rule, refused.retry) == (rule, retry)


@pytest.mark.parametrize("source", ["client_credentials", "refresh_token", "environment", "command"])
def test_a_source_needs_all_that_belongs_to_it(source):
    with pytest.raises(ValidationError, match=f"the source {source} needs"):
        TokenOptions(source=source)


@pytest.mark.parametrize("pasted", ["s3cr3t-value", "eyJhbGciOi.J9.x", "secret", "A" * 80])
def test_a_secret_in_place_of_its_name_is_refused_and_not_repeated(pasted):
    with pytest.raises(ValidationError) as refused:
        TokenOptions(source="environment", access_token=pasted)

    assert pasted not in str(refused.value)


def test_a_token_shows_nothing_of_itself():
    token = Token(SecretStr("the-token"))

    assert "the-token" not in repr(token) + str(token) + f"{token}"
    assert token.hidden_in("you sent the-token!") == "you sent ***!"


@pytest.mark.parametrize("text", ["a.b", "a.!.c", "a.bm90IGpzb24.c", "a.WzFd.c", "x"])
def test_a_token_of_any_form_is_taken_and_what_it_says_is_not_believed_blindly(text):
    assert checked(SecretStr(text), "here") == Token(SecretStr(text))


def test_a_wallet_asks_its_source_again_only_when_it_must():
    given = iter(range(100))
    wallet = Wallet(lambda: Token(SecretStr(f"token-{next(given)}"), good_until(1000)))

    first = wallet.token()

    assert wallet.token() is first
    assert wallet.another(first).secret.get_secret_value() == "token-1"
    assert wallet.token().secret.get_secret_value() == "token-1"
