"""The code that was probably meant."""

from ssc_iati.findings import Finding, Place, Severity
from ssc_iati.messages import word
from ssc_iati.standard.validator.suggest import with_suggestion


def unknown(value, words="iati:code-unknown", codelist="Country"):
    values = {"value": value, "codelist": codelist, "element": "recipient-country", "attribute": "code"}
    return Finding("9.75.1", Severity.ERROR, "geo", Place("a.xml", line=1), "A", values, words)


def test_the_closest_code_is_named_in_the_hint():
    found = with_suggestion(unknown("Bolivia"))

    assert found.values["suggestion"] == "BO"
    assert word(found, "es").hint.endswith("BO.")


def test_where_none_is_close_that_is_said():
    for value in ("Qqqqqqqq", "x" * 1_000_000, ""):
        found = with_suggestion(unknown(value))

        assert found.values["suggestion"] == ""
        assert "none resembles it" in word(found).hint


def test_a_number_is_close_to_none_unless_zeros_are_missing():
    assert with_suggestion(unknown("21099", codelist="Sector")).values["suggestion"] == ""
    assert with_suggestion(unknown("02", codelist="OrganisationRole")).values["suggestion"] == "2"
    assert with_suggestion(unknown("9", codelist="OrganisationRole")).values["suggestion"] == ""


def test_other_findings_stay_as_they_are():
    item = unknown("Bolivia", words="iati:1.1.2")

    assert with_suggestion(item) is item
