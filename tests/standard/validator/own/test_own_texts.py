"""Languages, links, e-mail addresses, regions: values that can be judged one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iati_files as iati
from ssc_iati.messages import word
from ssc_iati.standard import VERSIONS, structure
from ssc_iati.standard.rules import own_contexts
from ssc_iati.standard.validator.own import emails, languages, links

LANGUAGE, LINK, EMAIL = "ssc-iati-language-unknown", "ssc-iati-link-no-url", "ssc-iati-personal-email"
REGION = "ssc-iati-region-no-vocabulary"


def title(lang):
    return f'<title><narrative xml:lang="{lang}">A</narrative></title>'


@pytest.mark.parametrize("lang", ["en", "PT", "pt-BR", "es-419", "", "gn", "zh-Hans-CN"])
def test_a_language_with_or_without_region_in_any_case_and_none_are_well(lang):
    assert not iati.rules(iati.activity(title(lang), without="title"))


@pytest.mark.parametrize("lang", ["xx", "sp", "eng", "español", "pt_BR", "en/fr"])
def test_a_language_that_is_none_is_told_where_it_stands(lang):
    item = iati.activity(title(lang), f'<description xml:lang="{lang}"/>', without="title")

    (found,) = iati.findings(LANGUAGE, item)

    assert found.values == {"element": "narrative", "attribute": "xml:lang", "value": lang}
    assert found.where.path.endswith("/title/narrative/@xml:lang")
    assert len(found.also) == 1


def test_the_language_of_the_activity_and_of_an_organisation_are_looked_at():
    (found,) = iati.findings(LANGUAGE, iati.activity(lang="xx"))

    assert found.where.path == "/iati-activities/iati-activity[1]/@xml:lang"
    assert iati.findings(LANGUAGE, iati.organisation(lang="xx"))


@given(st.text(max_size=12))
def test_any_text_is_a_language_or_none(text):
    assert languages._exists(text) == languages._exists(text.upper() if text.isascii() else text)


DOCUMENT = """<document-link url="{}" format="text/html"><title><narrative>A</narrative></title>
  <category code="A01"/></document-link>"""
WEBSITE = "<contact-info><website>{}</website></contact-info>"
SECTOR = '<sector vocabulary="99" vocabulary-uri="{}" code="1"><narrative>A</narrative></sector>'
ADDRESSES = [
    "https://example.org/a.pdf",
    "HTTP://www.example.org",
    " https://example.org ",
    "https://例え.jp/a b?c=d#e",
    "https://user@example.org:8080/",
    "http://192.0.2.1/x",
    "http://[2001:db8::1]/",
    "ftp://example.org/x",
]
NO_ADDRESSES = [
    "www.example.org",
    "example.org/report.pdf",
    "report.pdf",
    "C:\\reports\\a.pdf",
    "file:///home/a.pdf",
    "http:www.example.org/a",
    "http://",
    "https:///a.pdf",
    "http://localhost/a",
    "http://exa mple.org",
    "http://http://example.org",
    "mailto:info@example.org",
    "n/a",
]


@pytest.mark.parametrize("place", [DOCUMENT, WEBSITE, SECTOR], ids=["document", "website", "vocabulary"])
@pytest.mark.parametrize("url", ADDRESSES)
def test_a_whole_address_is_a_link(place, url):
    assert not iati.findings(LINK, iati.activity(place.format(url)))


@pytest.mark.parametrize("place", [DOCUMENT, WEBSITE], ids=["document", "website"])
@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_address_is_no_link(place, url):
    (found,) = iati.findings(LINK, iati.activity(place.format(url)))

    assert found.values["value"] == url


def test_a_document_needs_its_address_a_website_or_vocabulary_that_is_empty_does_no_harm():
    assert iati.findings(LINK, iati.activity(DOCUMENT.format("")))
    assert not iati.findings(LINK, iati.activity(WEBSITE.format(""), SECTOR.format("")))


def test_a_vocabulary_may_be_named_by_another_identifier_of_the_web():
    assert not iati.findings(LINK, iati.activity(SECTOR.format("urn:example:list")))
    assert iati.findings(LINK, iati.activity(SECTOR.format("our list")))
    assert iati.findings(LINK, iati.activity(linked_data_uri="thing"))


@pytest.mark.parametrize("root", ["iati-activities", "iati-organisations"])
def test_every_place_for_an_address_in_any_version_is_looked_at(root):
    item = {"iati-activities": "iati-activity", "iati-organisations": "iati-organisation"}[root]
    checks = [check for context in own_contexts() if context.at == (item,) for check in context.checks]
    looked_at = {path for check in checks if check.rule.id == LINK for path in check.asks["of"]}

    places = {path for version in VERSIONS for path in addresses(structure.structure(version, root).child(item), "")}

    assert places
    assert looked_at == places


def addresses(element, path):
    """The places of type anyURI beneath an element, but for xml:base."""
    if "anyURI" in (element.shape.text or ""):
        yield path.rstrip("/")
    yield from (f"{path}@{name}" for name, each in element.attributes.items() if "anyURI" in str(each.type))
    for child in element.children:
        yield from addresses(child, f"{path}{child.name}/")


@given(st.text(max_size=40))
def test_any_text_is_a_link_or_none_and_an_address_is_an_identifier_too(text):
    assert links._is_no_address(text) or not links._is_no_uri(text)


CONTACT = "<contact-info><email>{}</email></contact-info>"


@pytest.mark.parametrize(
    "email",
    [
        "maria.perez@example.org",
        "M.Perez@example.org",
        "j.m.silva@example.org",
        "joão_souza@example.org",
        "jean-paul.dupont@example.org",
        "john.smith2@example.org",
        "mperez75@gmail.com",
        " mailto:mperez@hotmail.es",
        "mperez@yahoo.com.br",
    ],
)
def test_what_looks_like_a_persons_address_is_hinted_at_without_repeating_it(email):
    (found,) = iati.findings(EMAIL, iati.activity(CONTACT.format(email)))

    shown = word(found).message + str(dict(found.values))
    who = email.strip().removeprefix("mailto:").partition("@")[0]
    assert who not in shown
    assert f"{who[0]}…@" in shown
    assert found.where.path.endswith("/contact-info/email")


@pytest.mark.parametrize(
    "email",
    [
        "info@example.org",
        "contacto@gmail.com",
        "press.office@example.org",
        "donor_support@example.org",
        "secretaria.geral@example.org",
        "iati@example.org",
        "agcid@example.org",
        "informaciones2@hotmail.com",
        "no address",
        "",
        "@",
        "a@-.-",
        "+x@gmail.com",
    ],
)
def test_the_address_of_an_office_and_what_is_no_address_are_not(email):
    assert not iati.findings(EMAIL, iati.activity(CONTACT.format(email)))


@given(st.text(max_size=20), st.text(max_size=20))
def test_whatever_is_shown_of_an_address_is_its_first_sign_and_its_domain(who, where):
    address = f"{who}@{where}"
    if emails._is_personal(address):
        shown = emails._veiled(address)
        assert len(shown.partition("@")[0]) == 2
        assert shown.rpartition("@")[2] == address.strip().rpartition("@")[2]


def test_a_region_of_the_activity_states_its_vocabulary():
    def region(said):
        return f'<recipient-region code="298" {said}/>'

    (found,) = iati.findings(REGION, iati.activity(region(""), region('vocabulary=""')))

    assert found.values["value"] == "298"
    assert len(found.also) == 1
    assert not iati.findings(REGION, iati.activity(region('vocabulary="1"'), region('vocabulary="99"')))


def test_without_our_own_checks_none_of_them_is_made():
    item = iati.activity(
        title("xx"),
        CONTACT.format("maria.perez@example.org"),
        DOCUMENT.format("report.pdf"),
        '<participating-org role="1" ref="22000"><narrative>A</narrative></participating-org>',
        '<participating-org role="2" ref="22000"><narrative>B</narrative></participating-org>',
        '<transaction><transaction-type code="3"/><transaction-date iso-date="2025-01-01"/>'
        '<value value-date="2025-01-01">1</value><finance-type code="410"/></transaction>',
        without="title",
    )

    assert len({*iati.rules(item)}) == 6
    assert not iati.rules(item, own=False)
