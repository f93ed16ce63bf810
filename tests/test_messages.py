import re
import tomllib
from importlib.resources import files

import pytest

from ssc_iati.findings import Place, Severity
from ssc_iati.messages import LANGUAGES, finding, rules, word

PLACEHOLDER = re.compile(r"{(\w+)}")


def read(name):
    return tomllib.loads(files("ssc_iati.messages").joinpath(name).read_text("utf-8"))


def placeholders(words):
    return {part: sorted(set(PLACEHOLDER.findall(text))) for part, text in words.items()}


@pytest.mark.parametrize("rule", rules())
def test_a_rule_has_a_severity_and_a_category(rule):
    row = read("rules.toml")[rule]

    assert Severity(row["severity"])
    assert row["category"]
    assert set(row) == {"severity", "category"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_words_and_every_word_a_rule(language):
    assert sorted(read(f"{language}.toml")) == sorted(rules())


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_translation_shows_the_same_values(language):
    english, translated = read("en.toml"), read(f"{language}.toml")

    for rule, words in english.items():
        assert placeholders(translated[rule]) == placeholders(words), rule


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_sentences_without_stray_braces(language):
    for rule, words in read(f"{language}.toml").items():
        assert set(words) == {"message", "hint"}, rule
        for text in words.values():
            assert text == text.strip(), rule
            assert not set(PLACEHOLDER.sub("", text)) & set("{}"), rule
            assert text, rule


def test_a_finding_is_worded_with_its_values():
    item = finding("ssc-date-ambiguous", Place("a.csv"), value="03/04/2024", first="2024-04-03", second="2024-03-04")

    assert "03/04/2024" in word(item).message
    assert "2024-04-03" in word(item, "es").message
    assert word(item, "es") != word(item, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_nothing_resembles_a_value_is_said_in_words(language):
    said = word(finding("ssc-column-unknown", Place("x"), column="borar", suggestion="-"), language)

    assert "-" not in said.hint.split()
    assert read("blanks.toml")[language]["suggestion"] in said.hint
