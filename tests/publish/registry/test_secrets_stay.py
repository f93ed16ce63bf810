"""No secret is ever seen: not in logs, exceptions, reprs, findings, what the ledger keeps, nor at another host."""

import json
import logging
import traceback
from contextlib import closing

import pytest
import stand_in
from stand_in import REPORTER, URLS

from ssc_iati.messages import LANGUAGES, word
from ssc_iati.publish.registry.access import check_access
from ssc_iati.publish.registry.reconcile import reconcile

CLIENT_SECRET, REFRESH = "the client's secret!", "refresh-0123456789"


def echo(handler, _work):
    """A careless server that repeats all that it was sent."""
    told = f"{dict(handler.headers)} {handler.form} {handler.body}"
    token = handler.headers.get("Authorization", "").partition(" ")[2]
    handler.send(400, {"error": {"error_msg": f"bad token: {token} {told}"}, "error_description": told})


def chained(error):
    while error is not None:
        yield from traceback.format_exception(error)
        yield repr(error)
        yield repr(getattr(error, "args", ""))
        error = error.__cause__ or error.__context__


TROUBLES = [
    ("POST /oauth2/token", echo),
    ("POST /oauth2/token", stand_in.fault),
    ("POST /oauth2/token", stand_in.silence),
    ("POST /oauth2/token", stand_in.cut_after),
    ("POST /oauth2/token", stand_in.answer(307, b"", Location="http://127.0.0.1:9/token")),
    ("POST /oauth2/token", stand_in.answer(200, json.dumps({"access_token": f"{REFRESH} \r\nX: y"}).encode())),
    ("GET /access-check", echo),
    ("GET /access-check", stand_in.silence),
    ("GET /access-check", stand_in.expire),
    ("GET /reporting-orgs", echo),
    ("POST /datasets", echo),
    ("POST /datasets", stand_in.silence_after),
    ("POST /datasets", stand_in.answer(302, b"", Location="http://127.0.0.1:9/elsewhere")),
    ("POST /datasets", stand_in.answer(200, b"<html>")),
]


@pytest.mark.parametrize("source", ["client_credentials", "refresh_token"])
@pytest.mark.parametrize(("call", "happens"), TROUBLES)
def test_whatever_goes_wrong_no_secret_is_seen(registry, options, tmp_path, caplog, capfd, source, call, happens):
    registry.organisation()
    registry.refresh_tokens, registry.rotates = {REFRESH}, True
    file = tmp_path / "secrets.env"
    file.write_text(f"CLIENT_SECRET={CLIENT_SECRET}\nREFRESH={REFRESH}\n")
    file.chmod(0o600)
    token = {"source": source, "client_id": "our-client", "client_secret": "CLIENT_SECRET", "refresh_token": "REFRESH"}
    configured = options(token=token | {"secrets": str(file)})
    registry.mishap(call, happens)
    seen = [repr(configured), configured.model_dump_json()]

    with caplog.at_level(logging.DEBUG):
        for act in (check_access, lambda said, **more: reconcile(said, URLS, **more)):
            try:
                result = act(configured, reporter=REPORTER, environment={})
            except OSError as error:
                findings = (error.finding,)
                seen += [str(error), *chained(error)]
            else:
                findings = result.findings
                seen += [repr(result)]
                seen += [result.registered.model_dump_json()] if hasattr(result, "registered") else []
            seen += [repr(findings), *(repr(word(each, language)) for each in findings for language in LANGUAGES)]

    out = capfd.readouterr()
    seen += [out.out, out.err, caplog.text, *(repr(each.__dict__) for each in caplog.records)]
    secrets = {CLIENT_SECRET, REFRESH, *registry.grants, *registry.refresh_tokens}
    assert secrets > {CLIENT_SECRET, REFRESH} or call.endswith("token")
    whole = "\n".join(seen)
    assert [secret for secret in secrets if secret in whole or secret.replace(" ", "+") in whole] == []
    assert len(whole) > 1000


@pytest.mark.parametrize("call", ["POST /oauth2/token", "GET /reporting-orgs", "POST /datasets"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_token_follows_a_redirection(registry, options, call, status):
    registry.organisation()
    with closing(stand_in.StandIn()) as elsewhere:
        elsewhere.organisation()
        there = elsewhere.tokens_url if "token" in call else elsewhere.api + call.split()[1]
        registry.mishap(call, stand_in.answer(status, b"", Location=there))
        try:
            result = reconcile(options(), URLS, reporter=REPORTER, environment={"CLIENT_SECRET": CLIENT_SECRET})
            failed = [each.error.finding.rule for each in result.outcomes if each.error]
        except OSError as error:
            failed = [error.finding.rule]

    assert failed in (["ssc-registry-token-refused"], ["ssc-registry-unexpected"])
    assert elsewhere.asked == []


def test_a_users_netrc_is_not_asked(registry, options, tmp_path, monkeypatch):
    registry.organisation()
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password hidden-word\n")
    monkeypatch.setenv("NETRC", str(netrc))
    token = registry.token()

    check_access(
        options({"source": "environment", "access_token": "TOKEN"}), reporter=REPORTER, environment={"TOKEN": token}
    )
    assert {each.headers["Authorization"] for each in registry.asked} == {f"Bearer {token}"}
