"""Whether IATI's Bulk Data Service has what was published, once it is due."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from site_stand_in import Page
from ssc_iati.publish.bulk_data import Expected, check_bulk_data
from ssc_iati.wire import Limits

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
QUICK = Limits(connect=1, silence=0.5, whole=5, size=5 << 20)
SHA1 = "041c7dba17b9356be78edc99016d337aa7c33f3a"
OURS = Expected("agency-activities", "https://data.example.org/a.xml", SHA1, NOW - timedelta(hours=30))


def ago(hours):
    return (NOW - timedelta(hours=hours)).isoformat()


def attempt(method, hours, **error):
    details = {"error_type": None, "summary_message": None, "http_method": method, "http_status": 200} | error
    return {"datetime": ago(hours), "error_occurred": bool(error), "http_status": 200, "error_details": details}


def entry(**changes):
    whole = {
        "id": "22d82ca0-67de-11f0-90a9-a7bd7f82882f",
        "short_name": OURS.short_name,
        "reporting_org_short_name": "agency",
        "source_url": OURS.url,
        "licence_id": "cc-by",
        "last_update_check": ago(1),
        "last_known_good_dataset": {"hash": SHA1, "downloaded": ago(20), "verified_on_server": ago(1)},
        "most_recent_get_attempt": attempt("GET", 20),
        "most_recent_head_attempt": attempt("HEAD", 1),
    }
    return whole | changes


@pytest.fixture
def check(site):
    """Look for our dataset in an index; what is in it, and when it was made, is the test's to say."""

    def made(*entries, expected=(OURS,), made_ago=1, meta=None, index=None, **more):
        others = [{"short_name": f"other-{number}", "source_url": "https://x.org/"} for number in range(200)]
        whole = {"index_created": ago(made_ago), "datasets": [*others, *entries], "index_created_unix_timestamp": 1}
        told = {"meta": {"datasets_full": {"index_created": ago(made_ago)}}}
        site.pages = {
            "/indices-meta": meta or Page(json.dumps(told).encode()),
            "/datasets-full": index or Page(json.dumps(whole, indent=1).encode()),
        }
        return check_bulk_data(site.url(""), expected, NOW, limits=QUICK, **more)

    return made


def rules(findings):
    return [each.rule for each in findings]


def test_a_dataset_that_arrived_is_well(site, check):
    assert check(entry()) == []
    assert [path for _, path, _ in site.asked] == ["/indices-meta", "/datasets-full"]


def test_before_it_is_due_nobody_is_asked(site, check):
    assert check(expected=[OURS._replace(since=NOW - timedelta(hours=23))]) == []
    assert check(expected=[]) == []
    assert site.asked == []
    assert rules(check(expected=[OURS._replace(since=NOW - timedelta(hours=23))], due=timedelta(hours=22))) == [
        "ssc-bds-missing"
    ]


def test_only_what_is_due_is_looked_for(check):
    fresh = OURS._replace(short_name="new", since=NOW)

    assert check(entry(), expected=[OURS, fresh]) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source_url": "https://old.example.org/a.xml"}, ["ssc-bds-url-differs"]),
        ({"last_known_good_dataset": None}, ["ssc-bds-no-copy"]),
        ({"last_known_good_dataset": {"hash": None}}, ["ssc-bds-no-copy"]),
        ({"last_known_good_dataset": {"hash": "f" * 40, "downloaded": ago(20)}}, ["ssc-bds-copy-differs"]),
        ({"last_known_good_dataset": {"hash": SHA1, "downloaded": ago(80)}}, ["ssc-bds-copy-old"]),
        ({"last_known_good_dataset": {"hash": SHA1, "downloaded": ago(80), "verified_on_server": ago(2)}}, []),
        ({"last_known_good_dataset": {"hash": SHA1, "downloaded": "nonsense"}}, ["ssc-bds-copy-old"]),
        ({"most_recent_get_attempt": attempt("GET", 0, error_type="not_iati_content")}, ["ssc-bds-attempt"]),
        ({"most_recent_head_attempt": attempt("HEAD", 0, error_type="ssl_error")}, ["ssc-bds-attempt"]),
        ({"most_recent_head_attempt": attempt("HEAD", 25, error_type="ssl_error")}, []),
        ({"most_recent_get_attempt": attempt("GET", 20, error_type="http_non_200")}, []),
        ({"most_recent_get_attempt": None, "most_recent_head_attempt": None}, []),
    ],
)
def test_what_is_not_as_it_should_be_is_said(check, changes, said):
    """What went wrong before the last attempt, which was well, is over."""
    assert rules(check(entry(**changes))) == said


def test_the_kind_of_error_is_said(check):
    failed = attempt("GET", 0, error_type="http_non_200", summary_message="The server said 403.")

    (finding,) = check(entry(most_recent_get_attempt=failed))

    assert dict(finding.values) == {"method": "GET", "error": "http_non_200", "problem": "The server said 403."}
    assert finding.where.path == OURS.short_name


def test_a_dataset_that_the_service_does_not_know_is_said(check):
    assert rules(check()) == ["ssc-bds-missing"]


def test_an_index_that_was_not_made_of_late_says_nothing(site, check):
    assert rules(check(made_ago=80)) == ["ssc-bds-index-old"]
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"meta": Page(status=500)},
        {"meta": Page(b"<html>")},
        {"meta": Page(b'{"meta": {"datasets_full": 3}}')},
        {"index": Page(status=503)},
        {"index": Page(b"<html>")},
        {"index": Page(b'{"datasets": [{"short_name": "agency-activities", "so')},
        {"index": Page(b'{"datasets": [' + b"[" * 100_000)},
        {"index": Page(b" " * (6 << 20))},
        {"index": Page(b"{}", cut=1)},
    ],
)
def test_a_service_that_cannot_be_read_is_the_finding(check, broken):
    assert rules(check(entry(), **broken)) == ["ssc-bds-unreadable"]


def test_nobody_there_is_the_finding():
    assert rules(check_bulk_data("http://127.0.0.1:9", [OURS], NOW, limits=QUICK)) == ["ssc-bds-unreadable"]
