"""Every rule for files of IATI XML is worded in the four languages, with the values that its findings carry."""

import re
import tomllib
from importlib.resources import files

import pytest

from ssc_iati.findings import Finding, Place, Severity
from ssc_iati.messages import LANGUAGES, finding, iati_rules, rules, word
from ssc_iati.standard import VERSIONS
from ssc_iati.standard.rules import advisories, contexts

PLACEHOLDER = re.compile(r"{(\w+)}")

# What the findings of a rule carry besides `element` and `attribute`, by the values' names.
CARRIED = {
    "problem": "0.1.1 0.3.1 ssc-xml-unreadable",
    "value": """0.2.1 0.6.1 1.1.2 1.1.3 1.3.1 1.3.13 1.4.1 1.5.1 1.6.1 1.7.1 1.8.1 1.8.13 1.9.1 1.10.1 1.10.13 1.11.1
        1.11.13 1.12.1 1.12.13 1.14.1 1.14.8 1.14.13 1.15.1 1.15.13 1.16.1 1.17.1 1.18.1 1.18.8 1.18.13 3.1.4 8.8.2
        8.8.3 8.9.2 8.9.3 8.10.2 8.10.3 11.1.1 11.1.4 11.1.5 11.2.1 11.2.2 11.4.1 12.1.1 12.1.2 12.2.1 12.2.2 12.3.1
        12.3.2 1000.0.1 1000.0.2 1000.0.3 1000.0.4 1000.0.5 1000.0.6 ssc-xml-entities ssc-xml-encoding
        ssc-iati-org-ref-prefix ssc-iati-org-ref-shape ssc-iati-transaction-future ssc-iati-value-date-future
        ssc-iati-region-no-vocabulary ssc-iati-language-unknown ssc-iati-link-no-url ssc-iati-personal-email""",
    "value prefix": "1.1.21",
    "count total vocabulary": "2.1.1 3.4.1",
    "sum vocabulary": "2.1.2 3.4.2 7.9.2",
    "value vocabulary": "2.1.4 3.4.4 7.9.4",
    "count narratives": "2.2.1",
    "count total": "3.1.1",
    "sum": "3.1.2",
    "count": "3.7.2 4.1.1 4.5.1 6.7.2 7.8.1 7.8.2",
    "parent": "4.3.1 4.4.1",
    "": """3.6.2 6.2.2 6.6.2 6.8.1 6.9.1 6.9.2 6.10.1 6.11.1 6.13.1 6.14.1 8.8.1 8.9.1 8.10.1 8.11.1 102.1.1 107.1.1
        107.2.1 ssc-xml-doctype""",
    "start end": "7.5.3 8.6.1 8.6.3 11.1.2 11.1.3 ssc-iati-dates-order ssc-iati-dates-order-loan",
    "vocabulary total": "7.9.1",
    "value start end": "11.3.1",
    "count vocabulary": "107.1.2 107.2.2",
    "value codelist suggestion": "code-unknown code-unknown-text",
    "value codelist suggestion vocabulary": "code-unknown-linked",
    "size limit": "ssc-xml-activity-too-large",
    "limit": "ssc-xml-archive-too-large",
    "value names": "ssc-iati-ref-many-names",
    "value refs": "ssc-iati-name-many-refs",
    "value receiver": "ssc-iati-provider-activity-of-receiver",
    "start end other_start other_end": "ssc-iati-budgets-overlap ssc-iati-planned-disbursements-overlap",
    "value codelist": "ssc-iati-code-withdrawn",
    "value codelist successor": "ssc-iati-code-withdrawn-successor",
    "expected value type": """0.3.1/unexpected 0.3.1/unexpected-of-several 0.3.1/unexpected-at-end 0.3.1/child-missing
        0.3.1/child-missing-of-several 0.3.1/child-not-allowed 0.3.1/text-not-allowed 0.3.1/attribute-missing
        0.3.1/attribute-not-allowed 0.3.1/instance-attribute 0.3.1/root 0.3.1/date 0.3.1/datetime 0.3.1/number
        0.3.1/number-text 0.3.1/whole-number 0.3.1/yes-or-no 0.3.1/address 0.3.1/language 0.3.1/choice 0.3.1/value
        0.3.1/blank 0.3.1/blank-text""",
}
VALUES = {key: {"element", "attribute", *names.split()} for names, keys in CARRIED.items() for key in keys.split()}


def read(name):
    return tomllib.loads(files("ssc_iati.messages").joinpath(name).read_text("utf-8"))


def placeholders(text):
    return set(PLACEHOLDER.findall(text))


@pytest.mark.parametrize("rule", iati_rules())
def test_a_rule_of_ours_has_a_severity_and_a_category_and_words(rule):
    row = read("iati/rules.toml")[rule]

    assert Severity(row["severity"])
    assert row["category"]
    assert set(row) == {"severity", "category"}
    assert rule in VALUES


def test_no_rule_is_listed_both_for_records_and_for_files():
    assert not set(rules()) & set(iati_rules())


@pytest.mark.parametrize("version", VERSIONS)
def test_every_official_rule_of_a_version_is_among_those_that_are_worded(version):
    of_rulesets = {check.rule.id for context in contexts(version) for check in context.checks}
    of_advisories = {each.rule.id for each in advisories(version)}

    assert of_rulesets
    assert of_advisories
    assert of_rulesets | of_advisories <= set(VALUES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_worded_and_nothing_else(language):
    assert set(read(f"iati/{language}.toml")) == set(VALUES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_show_only_what_their_findings_carry(language):
    for key, words in read(f"iati/{language}.toml").items():
        assert set(words) == {"message", "hint"}, key
        assert placeholders(words["message"] + words["hint"]) <= VALUES[key], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_sentences_without_stray_braces(language):
    for key, words in read(f"iati/{language}.toml").items():
        for text in words.values():
            assert text, key
            assert text == text.strip(), key
            assert not set(PLACEHOLDER.sub("", text)) & set("{}"), key


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_translation_shows_the_same_values_in_words_of_its_own(language):
    english, translated = read("iati/en.toml"), read(f"iati/{language}.toml")

    for key, words in english.items():
        for part, text in words.items():
            assert placeholders(translated[key][part]) == placeholders(text), key
            assert translated[key][part] != text, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_empty_value_shows_is_said_in_every_language(language):
    blanks = read("blanks.toml")

    assert set(blanks[language]) == set(blanks["en"])
    assert "any" in blanks[language]


def of_file(rule, words="", **values):
    return Finding(rule, Severity.ERROR, "iati", Place("a.xml"), "XM-EX-1", values, words)


def test_a_finding_of_a_file_is_worded_by_its_key():
    item = of_file("9.76.1", "iati:code-unknown", value="11", codelist="Sector", element="sector", attribute="code")

    assert "11" in word(item).message
    assert "Sector" in word(item).message
    assert "attribute" not in word(item).message


def test_a_finding_of_a_file_may_differ_from_the_same_rule_of_a_record():
    assert word(of_file("6.11.1", "iati:6.11.1")).message != word(of_file("6.11.1")).message


def test_a_rule_that_only_files_have_needs_no_key():
    item = finding("ssc-xml-encoding", Place("a.xml"), value="UTF-99")

    assert item.severity is Severity.CRITICAL
    assert "UTF-99" in word(item, "pt").message


def test_an_unknown_key_of_words_gives_those_of_the_rule_and_at_last_those_of_codes():
    assert word(of_file("6.11.1", "iati:nowhere")) == word(of_file("6.11.1"))
    assert "XX" in word(of_file("9.999.1", "iati:nowhere", value="XX")).message


def test_an_empty_value_is_named():
    version, vocabulary = of_file("0.6.1", value=""), of_file("2.1.4", "iati:2.1.4", value="50", vocabulary="")

    assert "(vacío)" in word(version, "es").message
    assert "1 (CAD de l'OCDE)" in word(vocabulary, "fr").message


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_codes_that_no_list_has_share_their_words(language):
    items = [of_file(rule, "iati:code-unknown", value="X", codelist="Country") for rule in ("9.50.1", "9.85.1")]

    assert word(items[0], language) == word(items[1], language)
