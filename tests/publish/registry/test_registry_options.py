"""What the configuration says of the Registry, and what is made of it for each file."""

import pytest

from ssc_iati import config
from ssc_iati.findings import SourceError
from ssc_iati.messages import word
from ssc_iati.publish.registry.options import API, RegistryOptions

SAID = {"short_name": "agency", "name": "The Agency", "licence": "cc-by", "url": "https://data.example.org/iati/"}
TOML = """
[registry]
short_name = "agency"
name = "The Agency"
licence = "odc-by"
url = "https://data.example.org/iati"

[registry.token]
source = "refresh_token"
client_id = "our-client"
refresh_token = "IATI_REFRESH_TOKEN"
secrets = "secrets.env"

[registry.datasets."organisation.xml"]
short_name = "agency-org"
name = "The Agency itself"
"""


def options(**said):
    return RegistryOptions.model_validate(SAID | said)


def load(tmp_path, text):
    path = tmp_path / "publisher.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(path)


def test_the_configuration_is_read_and_paths_are_relative_to_it(tmp_path):
    registry = load(tmp_path, TOML).registry

    assert registry.api == API
    assert registry.token.secrets == tmp_path / "secrets.env"
    assert registry.addresses(("organisation.xml",)) == {
        "organisation.xml": "https://data.example.org/iati/organisation.xml"
    }


@pytest.mark.parametrize(
    ("was", "becomes", "named"),
    [
        ('licence = "odc-by"', 'licence = "odc"', "registry, licence"),
        ('licence = "odc-by"', "", "registry, licence"),
        ('short_name = "agency"', 'short_name = "Agency"', "registry, short_name"),
        ("https://data", "http:/data", "registry, url"),
        ("IATI_REFRESH_TOKEN", "8f0d7e-refresh", "registry, token, refresh_token"),
        ('client_id = "our-client"', "", "registry, token"),
        ("[registry]", '[registry]\napi = "http://api.example.org"', "registry, api"),
        ("[registry]", "[registry]\nverify = false", "registry, verify"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(tmp_path, was, becomes, named):
    with pytest.raises(SourceError) as refused:
        load(tmp_path, TOML.replace(was, becomes, 1))

    finding = refused.value.finding
    assert finding.rule == "ssc-config-invalid"
    assert named.replace(", ", ".") in word(finding).message.replace(", ", ".")
    assert "8f0d7e-refresh" not in word(finding).message


def test_a_dataset_is_named_after_the_publisher_and_its_file():
    wanted = options(datasets={"b.xml": {"short_name": "other", "visibility": "private"}}).wanted(
        {"Año 2026 (1).xml": "https://data.example.org/1.xml", "b.xml": "https://data.example.org/b.xml"}
    )

    assert [(each.short_name, each.human_readable_name, each.visibility) for each in wanted.values()] == [
        ("agency-a-o-2026-1", "The Agency: Año 2026 (1)", "public"),
        ("other", "The Agency: b", "private"),
    ]


def test_the_address_of_a_file_is_its_own_or_stands_in_the_common_folder():
    said = options(datasets={"b.xml": {"url": "https://elsewhere.example.org/b"}})

    assert said.addresses(("a b.xml", "b.xml")) == {
        "a b.xml": "https://data.example.org/iati/a%20b.xml",
        "b.xml": "https://elsewhere.example.org/b",
    }


@pytest.mark.parametrize(
    ("said", "urls", "problem"),
    [
        ({}, {"a.xml": "ftp://x/a.xml"}, "url:"),
        ({}, {"a.xml": "http://127.0.0.1/a.xml"}, "an address of this machine"),
        ({}, {"a.xml": "https://x.org/a.xml", "b.xml": "https://x.org/a.xml"}, "the url https://x.org/a.xml"),
        ({}, {"a.xml": "https://x.org/a.xml", "A.xml": "https://x.org/b.xml"}, "the short_name agency-a"),
    ],
)
def test_what_cannot_be_registered_so_is_refused_before_anybody_is_asked(said, urls, problem):
    with pytest.raises(SourceError) as refused:
        options(**said).wanted(urls)

    assert problem in word(refused.value.finding).message


def test_a_file_of_which_nobody_says_where_it_stands_is_refused():
    with pytest.raises(SourceError) as refused:
        options(url=None).addresses(("a.xml",))

    assert "a.xml" in word(refused.value.finding).message
