"""HTTP within bounds: whatever a server does, an answer comes whole, or an error says in words why it does not."""

import gzip
import time

import pytest

from site_stand_in import Page, Site
from ssc_iati.wire import Answer, Ask, Limits, TooLargeError, WireError, exchange, incoming, session

QUICK = Limits(connect=1, silence=0.3, whole=1, size=100_000)


@pytest.fixture
def on():
    with session() as made:
        yield made


def problem(on, ask, limits=QUICK):
    with pytest.raises(WireError) as failed:
        exchange(on, ask, limits)
    return str(failed.value)


def test_an_answer_comes_whole_and_a_redirection_is_an_answer(site, on):
    site.pages = {"/a": Page(b"x" * 99_999, {"X-It": "there"}), "/b": Page(status=302, headers={"Location": "/a"})}

    answer = exchange(on, Ask("GET", site.url("/a")), QUICK)

    assert (answer.status, len(answer.body), answer.headers["x-it"]) == (200, 99_999, "there")
    assert exchange(on, Ask("GET", site.url("/b")), QUICK).status == 302


@pytest.mark.parametrize(("hops", "status"), [(0, 302), (1, 302), (2, 200), (5, 200)])
def test_redirections_are_followed_as_often_as_one_says(site, on, hops, status):
    site.pages = {
        "/a": Page(status=302, headers={"Location": "b"}),
        "/b": Page(status=302, headers={"Location": site.url("/c")}),
        "/c": Page(b"here"),
    }

    with incoming(on, Ask("GET", site.url("/a")), QUICK, hops=hops) as answer:
        assert answer.status == status


def test_a_redirection_leads_nowhere_but_on_the_web(site, on):
    site.pages = {"/a": Page(status=302, headers={"Location": "file:///etc/hostname"})}

    with pytest.raises(WireError), incoming(on, Ask("GET", site.url("/a")), QUICK, hops=3):
        pass

    assert len(site.asked) == 1


def test_a_signed_request_follows_none(site, on):
    ask = Ask("GET", site.url("/a"), sign=lambda request: request)

    with pytest.raises(ValueError, match="signed"), incoming(on, ask, QUICK, hops=1):
        pass

    assert site.asked == []


def test_more_than_may_be_read_is_not_read(site, on):
    site.pages = {"/a": Page(b"x" * 100_001)}

    with pytest.raises(TooLargeError, match="100,000"):
        exchange(on, Ask("GET", site.url("/a")), QUICK)


def test_what_unfolds_to_more_is_not_read_either(site, on):
    bomb = gzip.compress(bytes(30_000_000))
    site.pages = {"/a": Page(bomb, {"Content-Encoding": "gzip"})}

    with pytest.raises(TooLargeError):
        exchange(on, Ask("GET", site.url("/a")), QUICK)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (Page(b"x" * 50_000, cut=20_000), "broke off"),
        (Page(b"no gzip", {"Content-Encoding": "gzip"}), "unpacked"),
        (Page(b"x", wait=lambda: time.sleep(0.6)), "no answer in time"),
    ],
)
def test_an_answer_that_does_not_come_whole_is_none(site, on, page, words):
    site.pages = {"/a": page}

    assert words in problem(on, Ask("GET", site.url("/a")))


def test_a_server_that_dribbles_is_given_up(site, on):
    def dribble(self):
        self.send_response(200)
        self.send_header("Content-Length", "50")
        self.end_headers()
        for _ in range(50):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    site.server.RequestHandlerClass.do_GET = dribble
    began = time.monotonic()

    assert "not complete" in problem(on, Ask("GET", site.url("/a")), QUICK._replace(whole=0.5))
    assert time.monotonic() - began < 3


def test_nobody_there_is_said_in_words(on):
    assert problem(on, Ask("GET", "http://127.0.0.1:9/")) == "Connection refused"
    assert "InvalidURL" in problem(on, Ask("GET", "http:///"))


def test_what_is_sent_is_not_in_what_is_raised(on):
    ask = Ask("POST", "http://127.0.0.1:9/", form={"a": "hidden-word"}, sign=lambda request: request)

    with pytest.raises(WireError) as failed:
        exchange(on, ask, QUICK)

    assert failed.value.__cause__ is failed.value.__context__ is None
    assert "hidden-word" not in repr(ask) + repr(Answer(200, {}, b"hidden-word"))


@pytest.fixture
def tls_site(certificate):
    """A server whose certificate nobody has vouched for; and the certificate's file."""
    context, file = certificate
    site = Site()
    site.scheme = "https"
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True, do_handshake_on_connect=False)
    site.start()
    yield site, file
    site.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_site, on):
    site, _ = tls_site
    site.pages = {"/a": Page(b"here")}

    assert "certificate" in problem(on, Ask("GET", site.url("/a")))
    assert site.asked == []


def test_a_certificate_of_an_authority_of_the_environment_is_accepted(tls_site, on, monkeypatch):
    site, file = tls_site
    site.pages = {"/a": Page(b"here")}
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))

    assert exchange(on, Ask("GET", site.url("/a")), QUICK).body == b"here"


@pytest.mark.parametrize("whole", [True, False])
def test_an_answer_may_come_in_parts_of_any_size(site, on, whole):
    def parts(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for size in (1, 10, 30_000):
            self.wfile.write(f"{size:x}\r\n".encode() + b"x" * size + b"\r\n")
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n" if whole else b"ff\r\nxx")
        self.close_connection = True

    site.server.RequestHandlerClass.do_GET = parts
    ask = Ask("GET", site.url("/a"))

    if whole:
        assert len(exchange(on, ask, QUICK).body) == 30_011
    else:
        assert "broke off" in problem(on, ask)
