"""An alert goes out by real mail and HTTP when something begins and when it ends, and not in between."""

import json

import pytest
from pydantic import ValidationError

from mail_stand_in import MailHost
from site_stand_in import Page
from ssc_iati.alerts.options import AlertOptions
from ssc_iati.alerts.tell import tell
from ssc_iati.findings import Place
from ssc_iati.messages import finding

FAILED = finding("ssc-run-failed", Place("ssc-iati"), None, problem="OSError: No space left on device")
ASIDE = finding("ssc-record-set-aside", Place("x"), "XM-1-A", rules="ssc-date")
PASSWORD = "what=ever"  # noqa: S105 - no secret of anybody


class Notes(dict):
    """A ledger's notes, without a ledger."""

    def noted(self, name):
        return self.get(name, {})

    def note(self, name, state, changed):
        self[name] = json.loads(json.dumps(state))


@pytest.fixture
def mail(request, certificate):
    context, _ = certificate
    at_once = getattr(request, "param", "starttls") == "tls"
    host = MailHost(context, at_once=at_once)
    host.users = {"us": PASSWORD}
    yield host
    host.close()


@pytest.fixture
def options(mail, site, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    monkeypatch.setenv("HOOK", site.url("/hook/secret-path"))
    monkeypatch.setenv("HOOK_TOKEN", "secret-token")
    site.pages["/hook/secret-path"] = Page()
    security = "tls" if mail.at_once else "starttls"
    known = {"host": "127.0.0.1", "port": mail.port, "security": security, "user": "us", "password": "MAIL_PASSWORD"}
    email = {**known, "sender": "iati@example.org", "to": ["office@example.org", "other@example.org"]}
    hook = {"url_secret": "HOOK", "token": "HOOK_TOKEN"}
    return AlertOptions.model_validate({"language": "es", "email": email, "webhook": hook, "timeout": 5})


def told(options, notes, now, moment="2026-01-31T02:00:00Z"):
    return tell(options, "XM-1/activities.xml", notes, now, moment)


@pytest.mark.parametrize("mail", ["starttls", "tls"], indirect=True)
def test_what_begins_and_what_ends_is_told_once_by_each_way(options, mail, site):
    notes = Notes()

    untold = told(options, notes, {"run": [FAILED], "records": [ASIDE]})
    untold += told(options, notes, {"run": [FAILED]}, "2026-02-01T02:00:00Z")
    untold += told(options, notes, {"run": [], "records": [ASIDE]}, "2026-02-02T02:00:00Z")
    untold += told(options, notes, {"run": [], "records": [ASIDE]}, "2026-02-03T02:00:00Z")

    assert untold == []
    began, ended = mail.mails
    assert began["To"] == "office@example.org, other@example.org"
    assert began["Subject"] == "ssc-iati: XM-1/activities.xml: 2 nuevas, 0 resueltas"
    assert "La ejecución falló (OSError: No space left on device)" in began.get_content()
    assert "XM-1-A" in began.get_content()
    assert "desde 2026-01-31T02:00:00Z" in ended.get_content()
    assert "XM-1-A" not in ended.get_content()
    first, second = (json.loads(each) for each in site.posted)
    assert [len(first["began"]), len(first["ended"]), len(second["began"]), len(second["ended"])] == [2, 0, 0, 1]
    assert "La ejecución falló" in first["text"]
    assert site.asked[0][2]["Authorization"] == "Bearer secret-token"


def test_other_figures_in_the_same_trouble_are_no_news(options, mail):
    notes = Notes()
    guard = [
        finding("ssc-guard-size", Place("public"), None, file="a.xml", size=size, limit=1, rule="size")
        for size in (2, 3)
    ]

    told(options, notes, {"guard": guard[:1]})
    told(options, notes, {"guard": guard[1:]})

    assert len(mail.mails) == 1


def test_a_way_that_fails_is_said_and_tells_next_time_what_the_other_told_already(options, mail, site):
    notes = Notes()
    mail.refuses = 451

    (untold,) = told(options, notes, {"run": [FAILED]})
    mail.refuses = None
    assert told(options, notes, {"run": [FAILED]}) == []

    assert untold.rule == "ssc-alert-untold"
    assert (untold.values["channel"], "451" in untold.values["problem"]) == ("email", True)
    assert (len(mail.mails), len(site.posted)) == (1, 1)


def test_without_a_memory_all_that_is_wrong_is_told(options, mail):
    told(options, None, {"run": [FAILED]})
    told(options, None, {"run": [FAILED]})

    assert len(mail.mails) == 2


@pytest.mark.parametrize("trouble", ["password", "certificate", "no server", "no secret", "status", "redirect"])
def test_what_goes_wrong_is_said_without_secrets(options, mail, site, monkeypatch, trouble):
    def host_gone():
        monkeypatch.setenv("HOOK", "http://127.0.0.1:9/hook/secret-path")

    acts = {
        "password": lambda: mail.users.update(us="another"),
        "certificate": lambda: monkeypatch.delenv("SSL_CERT_FILE"),
        "no server": host_gone,
        "no secret": lambda: monkeypatch.delenv("MAIL_PASSWORD"),
        "status": lambda: site.pages.update({"/hook/secret-path": Page(status=500)}),
        "redirect": lambda: site.pages.update({"/hook/secret-path": Page(status=302, headers={"Location": "/else"})}),
    }
    acts[trouble]()

    (untold,) = told(options, Notes(), {"run": [FAILED]})

    assert untold.rule == "ssc-alert-untold"
    assert untold.values["problem"]
    assert not [word for word in (PASSWORD, "secret-path", "secret-token") if word in repr(untold)]


def test_a_long_alert_is_cut_and_counted(options, mail, site):
    many = [finding("ssc-record-set-aside", Place("x"), f"XM-1-{number}", rules="r") for number in range(250)]

    told(options, Notes(), {"records": many})

    assert "(+150)" in mail.mails[0].get_content()
    assert len(json.loads(site.posted[0])["began"]) == 100


EMAIL = {"host": "mail.example.org", "sender": "a@example.org", "to": ["b@example.org"]}


@pytest.mark.parametrize(
    "said",
    [
        {"email": EMAIL | {"security": "none"}},
        {"email": EMAIL | {"password": "MAIL_PASSWORD"}},
        {"email": EMAIL | {"user": "us", "password": "a pasted secret"}},
        {"email": EMAIL | {"to": []}},
        {"email": EMAIL | {"to": ["b@example.org\r\nBcc: c@example.org"]}},
        {"webhook": {}},
        {"webhook": {"url": "http://example.org/hook"}},
        {"webhook": {"url": "https://example.org/hook", "url_secret": "HOOK"}},
    ],
)
def test_a_configuration_that_is_unsafe_or_unclear_is_refused_and_not_repeated(said):
    with pytest.raises(ValidationError) as refused:
        AlertOptions.model_validate(said)

    assert "pasted" not in str(refused.value)
