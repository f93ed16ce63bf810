"""What may be registered: everything that the server takes without a look is looked at here."""

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ssc_iati.publish.registry.dataset import Dataset, Listed, differences, licences, safe_address, web_address

SOUND = {
    "human_readable_name": "The Agency: activities",
    "short_name": "agency-activities",
    "url": "https://data.example.org/iati/activities.xml",
    "licence_id": "cc-by",
    "source_type": "primary_source",
    "visibility": "public",
}


def admits(**said):
    try:
        Dataset.model_validate(SOUND | said)
    except ValidationError:
        return False
    return True


def test_a_sound_dataset_is_admitted_and_says_what_the_api_wants():
    assert Dataset.model_validate(SOUND).model_dump() == SOUND


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source_type", "zzz"),
        ("visibility", "zzz"),
        ("licence_id", "zzz"),
        ("licence_id", "CC-BY"),
        ("url", "not a url"),
        ("url", ""),
        ("url", "data.example.org/a.xml"),
        ("url", "ftp://data.example.org/a.xml"),
        ("url", "https:///a.xml"),
        ("url", "https://data.example.org/a b.xml"),
        ("url", "https://data.example.org/año.xml"),
        ("url", "https://data.example.org/a.xml\n"),
        ("url", "https://user:word@data.example.org/a.xml"),
        ("url", "https://data.example.org/a.xml#top"),
        ("url", "https://data.example.org/a.xml#"),
        ("url", "https://data.example.org:99999/a.xml"),
        ("url", "https://[data/a.xml"),
        ("url", "https://data.example.org/" + "a" * 500),
        ("short_name", ""),
        ("short_name", "Agency"),
        ("short_name", "agency.activities"),
        ("short_name", "agency\n"),
        ("short_name", "a" * 256),
        ("human_readable_name", ""),
        ("human_readable_name", "  "),
        ("human_readable_name", "two\nlines"),
        ("owner_organisation_id", "x"),
    ],
)
def test_what_the_server_would_take_unseen_is_refused(field, value):
    assert not admits(**{field: value})


@pytest.mark.parametrize("licence", ["cc-by", "cc-zero", "odc-by", "odc-pddl", "uk-ogl", "gfdl", "other"])
def test_the_licences_of_the_registry_are_known(licence):
    assert licence in licences()
    assert len(licences()) == 80


@given(st.text(max_size=40))
def test_a_short_name_is_admitted_just_when_it_has_the_servers_form(name):
    assert admits(short_name=name) == (re.fullmatch("[a-z0-9_-]+", name) is not None)


@given(st.text(max_size=60) | st.from_regex(r"https?://[!-~]{0,40}", fullmatch=True))
def test_an_address_is_admitted_only_if_any_program_can_fetch_it(text):
    try:
        url = web_address(text)
    except ValueError:
        return

    parts = urlsplit(url)
    assert url == text
    assert url.isascii()
    assert not re.search(r"[\s#\x00-\x1f\x7f]", url)
    assert parts.scheme in {"http", "https"}
    assert parts.hostname
    assert parts.username is parts.password is None
    assert parts.port is None or 0 < parts.port < 65536


@given(
    st.sampled_from(["http", "https"]),
    st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z]{2,6}){1,2}", fullmatch=True),
    st.none() | st.integers(1, 65535),
    st.from_regex(r"(/[A-Za-z0-9._~%-]{0,10}){0,4}(\?[a-z=&]{1,8})?", fullmatch=True),
)
def test_an_ordinary_address_is_admitted(scheme, host, port, path):
    url = f"{scheme}://{host}{'' if port is None else f':{port}'}{path}"

    assert admits(url=url)


@pytest.mark.parametrize(
    "address", ["http://api.example.org/v1", "https://api.example.org/v1?a=b", "http://127.0.0.1.x"]
)
def test_secrets_are_sent_over_tls_only(address):
    with pytest.raises(ValueError, match=r"this address|https"):
        safe_address(address)


@pytest.mark.parametrize("address", ["https://api.example.org/v1/", "http://127.0.0.1:8000/v1", "http://[::1]:80"])
def test_on_this_machine_they_may_be_sent_without(address):
    assert safe_address(address) == address.rstrip("/")


@pytest.mark.parametrize("key", ["actions", "dataset_actions"])
def test_the_actions_of_a_dataset_are_read_under_either_name(key):
    told = {
        "id": "6702a93a-4d44-4ab4-9660-4c68e066d7f0",
        "owner_organisation_id": "552376ae-2aa7-98ab-d800-68daa9bfeb4a",
        "metadata": SOUND,
        key: [{"action_type": "create", "user_name": "A Person", "user_id": "1"}],
    }

    (action,) = Listed.model_validate(told).actions

    assert (action.action_type, action.user_name, action.created_date) == ("create", "A Person", None)


def test_what_stands_is_compared_field_by_field():
    wanted = Dataset.model_validate(SOUND)

    assert differences(SOUND | {"last_url_update_date": "2026-01-01"}, wanted) == {}
    assert differences(SOUND | {"url": None, "licence_id": "zzz"}, wanted) == {
        "url": (None, SOUND["url"]),
        "licence_id": ("zzz", "cc-by"),
    }


def test_what_is_refused_is_not_repeated():
    with pytest.raises(ValidationError) as refused:
        Dataset.model_validate(SOUND | {"short_name": "A Secret By Mistake"})

    assert "A Secret By Mistake" not in str(refused.value)
