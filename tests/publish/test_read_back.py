"""What readers get is what was published, and the platform can work with how they get it."""

import gzip
import hashlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_stand_in import Page
from ssc_iati.publish.read_back import HOPS, Published, published_file, read_back
from ssc_iati.wire import Limits

ACTIVITY = b'<iati-activity><iati-identifier>X-1</iati-identifier><x xmlns="urn:x"/></iati-activity>'
FILE = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="2.03">' + ACTIVITY * 3 + b"</iati-activities>\n"
)
OTHER = FILE.replace(ACTIVITY, b"", 1)
HEADERS = {
    "Content-Type": "application/xml",
    "ETag": '"abc"',
    "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT",
}
QUICK = Limits(connect=1, silence=0.3, whole=2)


@pytest.fixture
def published(site, tmp_path):
    """A file, and the URL under which it should stand."""

    def made(content=FILE, name="a.xml"):
        path = tmp_path / name
        path.write_bytes(content)
        return published_file(path, site.url(f"/{name}"))

    return made


@pytest.fixture
def back(published):
    """Read back once, or as often as is said; no pause is really made."""

    def made(expected=None, attempts=1):
        pauses = []
        result = read_back(
            published() if expected is None else expected, limits=QUICK, attempts=attempts, sleep=pauses.append
        )
        return result, pauses

    return made


def rules(result):
    return [each.rule for each in result.findings]


def test_a_file_is_known_by_its_bytes_and_its_activities(published):
    assert published() == Published(
        published().url,
        len(FILE),
        hashlib.sha256(FILE).hexdigest(),
        hashlib.sha1(FILE).hexdigest(),  # noqa: S324
        3,
    )


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (b'<iati-organisations version="2.03"><iati-organisation/><iati-organisation/></iati-organisations>', 2),
        (b"<iati-activities/>", 0),
        (FILE[:-30], None),
        (b"", None),
        (b"not xml", None),
        (b"<other><iati/></other>", None),
    ],
)
def test_what_is_no_whole_iati_file_holds_no_known_number(published, content, count):
    assert published(content).activities == count


def test_entities_are_not_unfolded(published, tmp_path):
    (tmp_path / "secret").write_text("hidden-word")
    outside = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'.encode()
    laughs = b'<!DOCTYPE a [<!ENTITY a "' + b"x" * 1000 + b'">'
    for number in range(20):
        name, before = f"b{number}", "a" if number == 0 else f"b{number - 1}"
        laughs += f'<!ENTITY {name} "{f"&{before};" * 10}">'.encode()
    laughs += b"]><iati-activities><iati-activity>&b19;</iati-activity></iati-activities>"
    began = time.monotonic()

    published(outside + b"<iati-activities><iati-activity>&x;</iati-activity></iati-activities>")
    published(laughs)

    assert time.monotonic() - began < 5


def test_the_same_bytes_with_sound_headers_are_well(site, back):
    site.pages["/a.xml"] = Page(FILE, HEADERS)

    result, pauses = back()

    assert (result.same, result.findings, pauses) == (True, (), [])
    assert result.found.sha256 == hashlib.sha256(FILE).hexdigest()
    assert [method for method, *_ in site.asked] == ["GET", "HEAD"]


def test_one_validator_is_enough(site, back):
    for name in ("ETag", "Last-Modified"):
        site.pages["/a.xml"] = Page(FILE, {key: value for key, value in HEADERS.items() if key != name})
        assert rules(back()[0]) == []


@pytest.mark.parametrize("content", [OTHER, FILE[:-9], FILE + b" ", b"", b"<html>it works</html>"])
def test_other_bytes_are_a_mismatch(site, back, content):
    site.pages["/a.xml"] = Page(content, HEADERS)

    result, _ = back()

    assert not result.same
    assert rules(result)[0] == "ssc-readback-differs"
    assert result.findings[0].values["expected"] == "3"
    assert result.findings[0].values["activities"] == {OTHER: "2", FILE + b" ": "3"}.get(content, "?")


def test_the_ledgers_number_is_compared_too(site, back, published):
    site.pages["/a.xml"] = Page(FILE, HEADERS)

    result, _ = back(published()._replace(activities=4))

    assert rules(result) == ["ssc-readback-count"]


def test_a_cache_that_needs_a_moment_gets_one(site, back):
    site.pages["/a.xml"] = [Page(OTHER, HEADERS), Page(OTHER, HEADERS), Page(b"", status=503), Page(FILE, HEADERS)]

    result, pauses = back(attempts=4)

    assert result.same
    assert result.findings == ()
    assert pauses == [5, 10]


def test_a_cache_that_needs_too_long_is_a_mismatch(site, back):
    site.pages["/a.xml"] = Page(OTHER, HEADERS)

    result, pauses = back(attempts=3)

    assert not result.same
    assert pauses == [5, 10]


@pytest.mark.parametrize("status", [204, 301, 401, 403, 404, 500])
def test_only_status_200_is_a_file(site, back, status):
    site.pages["/a.xml"] = Page(b"" if status == 204 else b"x", HEADERS, status=status)

    result, _ = back()

    assert (result.found, result.same, rules(result)) == (None, False, ["ssc-readback-status"])


def test_redirections_are_followed_as_the_platform_does(site, back):
    site.pages = {"/a.xml": Page(status=302, headers={"Location": "/b.xml"}), "/b.xml": Page(FILE, HEADERS)}
    assert back()[0].same

    site.pages["/b.xml"] = Page(status=302, headers={"Location": "/a.xml"})
    site.asked.clear()
    assert rules(back()[0]) == ["ssc-readback-status"]
    assert len(site.asked) == HOPS + 1


@pytest.mark.parametrize("page", [Page(FILE, HEADERS, cut=100), Page(FILE, HEADERS, wait=lambda: time.sleep(0.6))])
def test_an_answer_that_does_not_come_whole_is_unreachable(site, back, page):
    site.pages["/a.xml"] = page

    assert rules(back()[0]) == ["ssc-readback-unreachable"]


def test_nobody_there_is_unreachable(back, published):
    expected = published()._replace(url="http://127.0.0.1:9/a.xml")

    assert rules(back(expected)[0]) == ["ssc-readback-unreachable"]


def test_a_file_without_end_is_not_read_to_its_end(site, back):
    site.pages["/a.xml"] = Page(b" " * ((60 << 20) + 1), HEADERS)

    assert rules(back()[0]) == ["ssc-readback-too-large"]


def test_a_packed_answer_is_judged_by_what_it_unfolds_to(site, back):
    packed = gzip.compress(FILE)
    site.pages["/a.xml"] = Page(packed, HEADERS | {"Content-Encoding": "gzip"})

    assert back()[0].same


@pytest.mark.parametrize(
    ("headers", "rule"),
    [
        ({"Content-Type": "text/html"}, "ssc-readback-content-type"),
        ({"Content-Type": "application/octet-stream"}, "ssc-readback-content-type"),
        ({"Content-Type": "application/xml; charset=iso-8859-1"}, "ssc-readback-content-type"),
        ({"ETag": "abc"}, "ssc-readback-etag"),
        ({"ETag": 'w/"abc"'}, "ssc-readback-etag"),
        ({"ETag": '"a"b"'}, "ssc-readback-etag"),
        ({"Last-Modified": "1994-11-06T08:49:37Z"}, "ssc-readback-last-modified"),
        ({"Last-Modified": "Mon, 06 Nov 1994 08:49:37 GMT"}, "ssc-readback-last-modified"),
        ({"Last-Modified": "Sun, 6 Nov 1994 08:49:37 GMT"}, "ssc-readback-last-modified"),
        ({"Last-Modified": "Sun, 06 Nov 1994 08:49:37 +0000"}, "ssc-readback-last-modified"),
        ({"Last-Modified": "Sunday, 06-Nov-94 08:49:37 GMT"}, "ssc-readback-last-modified"),
        ({"Last-Modified": "Sun, 31 Nov 1994 08:49:37 GMT"}, "ssc-readback-last-modified"),
        ({"Last-Modified": "Sun, 06 Nov 2994 08:49:37 GMT"}, "ssc-readback-last-modified"),
        ({"Last-Modified": "yesterday"}, "ssc-readback-last-modified"),
    ],
)
def test_headers_that_the_platform_stumbles_over_are_said(site, back, headers, rule):
    site.pages["/a.xml"] = Page(FILE, HEADERS | headers)

    result, _ = back()

    assert rules(result) == [rule]
    assert result.findings[0].values["value"] == next(iter(headers.values()))
    assert result.same


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/xml;charset=UTF-8"},
        {"Content-Type": 'Application/XML; charset="utf-8"'},
        {"ETag": 'W/"abc"'},
        {"ETag": '""'},
        {"Last-Modified": "Tue, 29 Feb 2000 23:59:59 GMT"},
    ],
)
def test_headers_that_are_sound_are_not(site, back, headers):
    site.pages["/a.xml"] = Page(FILE, HEADERS | headers)

    assert rules(back()[0]) == []


@given(st.text(max_size=40))
def test_any_last_modified_is_judged_and_none_ends_the_run(text):
    from datetime import UTC, datetime

    from ssc_iati.publish.read_back import _is_past_date

    assert _is_past_date(text, datetime(2026, 1, 1, tzinfo=UTC)) in {True, False}


def test_neither_etag_nor_last_modified_is_said(site, back):
    site.pages["/a.xml"] = Page(FILE, {"Content-Type": "application/xml"})

    assert rules(back()[0]) == ["ssc-readback-no-validator"]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page(FILE, HEADERS, head_status=405), ["ssc-readback-head-failed"]),
        (Page(FILE, HEADERS, head={**HEADERS, "ETag": '"other"'}), ["ssc-readback-head-differs"]),
        (Page(FILE, HEADERS, head={"Content-Type": "application/xml"}), ["ssc-readback-head-differs"] * 2),
    ],
)
def test_what_head_says_otherwise_is_said_and_is_no_mismatch(site, back, page, said):
    site.pages["/a.xml"] = page

    result, _ = back()

    assert rules(result) == said
    assert result.same


def test_a_head_that_gets_no_answer_is_no_mismatch(site, back):
    site.pages["/a.xml"] = [Page(FILE, HEADERS), Page(FILE, HEADERS, wait=lambda: time.sleep(0.6))]

    result, _ = back()

    assert rules(result) == ["ssc-readback-head-failed"]
    assert result.same


BODY = b"<iati-activities>" + ACTIVITY + b"</iati-activities>"


@pytest.mark.parametrize(
    ("start", "taken"),
    [
        (b"", True),
        (b'<?xml version="1.0"?>\n\n', True),
        (b"<?xml version='1.0'?>\r\n<!-- one\ncomment -->\n", True),
        (b"<?xml version='1.0'?><!-- one --><!-- two -->", False),
        (b"<!-- a > b -->", False),
        (b"<!DOCTYPE iati-activities>", False),
        (b'<?xml version="1.0"?><?xml-stylesheet href="a.xsl"?>', False),
        (b'<?xml version="1.0"?>' + b" " * 7000, False),
        (b"\xef\xbb\xbf", False),
    ],
)
def test_the_first_characters_are_those_that_the_platform_takes(site, back, published, start, taken):
    site.pages["/b.xml"] = Page(start + BODY, HEADERS)

    result, _ = back(published(start + BODY, "b.xml"))

    assert rules(result) == ([] if taken else ["ssc-readback-not-iati"])


def test_a_prefix_on_the_root_is_not_taken(site, back, published):
    content = b'<i:iati-activities xmlns:i="urn:x"/>'
    site.pages["/b.xml"] = Page(content, HEADERS)

    assert rules(back(published(content, "b.xml"))[0]) == ["ssc-readback-not-iati"]
