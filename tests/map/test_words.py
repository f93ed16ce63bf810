"""What the mapping says in words: dates that are not known to the day, and what IATI has no element for."""

import official_rules
import pytest

import builders

SSC = "{urn:ssc-iati:extension:1}"
SENTENCES = {
    "en": (
        "Only the year is known: 2011.",
        "Only the month is known: 2011-05.",
        "Known only to lie within: 2011/2012.",
    ),
    "es": (
        "Solo se conoce el año: 2011.",
        "Solo se conoce el mes: 2011-05.",
        "Solo se sabe que está entre: 2011/2012.",
    ),
    "pt": ("Só se conhece o ano: 2011.", "Só se conhece o mês: 2011-05.", "Só se sabe que está entre: 2011/2012."),
    "fr": (
        "Seule l'année est connue : 2011.",
        "Seul le mois est connu : 2011-05.",
        "On sait seulement qu'elle se situe entre : 2011/2012.",
    ),
}
DATES = {"2011": ("2011-01-01", "year"), "2011-05": ("2011-05-01", "month"), "2011/2012": ("2011-01-01", "range")}


@pytest.fixture
def dated(activity):
    """The dates of the activity, by type."""

    def made(*dates, **changes):
        stated = [dict(zip(("type", "date"), each, strict=True)) for each in dates]
        return {each.get("type"): each for each in activity(activity_dates=stated, **changes).findall("activity-date")}

    return made


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("date", DATES)
def test_an_imprecise_date_is_its_first_day_marked_and_said_in_the_records_language(dated, language, date):
    found = dated(("2", date), language=language)["2"]

    sentence = SENTENCES[language][list(DATES).index(date)]
    assert (found.get("iso-date"), found.get(f"{SSC}precision")) == DATES[date]
    assert [(each.get("{http://www.w3.org/XML/1998/namespace}lang"), each.text) for each in found] == [
        (language, sentence)
    ]


def test_a_range_is_kept_beside_its_first_day(dated):
    assert dated(("2", "2011-03/2012"))["2"].get(f"{SSC}range") == "2011-03/2012"


def test_a_day_is_said_without_a_word(dated):
    found = dated(("2", "2011-05-17"))["2"]

    assert (found.get("iso-date"), found.get(f"{SSC}precision"), len(found)) == ("2011-05-17", None, 0)


def test_a_remark_of_the_record_stands_before_the_sentence(activity):
    made = activity(activity_dates=[{"type": "2", "date": "2011", "note": [{"text": "Según el informe"}]}])

    assert [each.text for each in made.find("activity-date")] == ["Según el informe", "Solo se conoce el año: 2011."]


def test_a_record_in_a_language_that_we_do_not_speak_is_worded_in_english(dated):
    found = dated(("2", "2011"), language="ht")["2"]

    assert (found[0].get("{http://www.w3.org/XML/1998/namespace}lang"), found[0].text) == (
        "en",
        "Only the year is known: 2011.",
    )


@pytest.mark.parametrize(("start", "end"), [("1", "3"), ("2", "4")])
@pytest.mark.parametrize(
    ("starts", "ends", "published"),
    [
        ("2011-05-17", "2011", "2011-05-17"),
        ("2011-05-17", "2011-05", "2011-05-17"),
        ("2011-05", "2011", "2011-05-01"),
        ("2011", "2011", "2011-01-01"),
        ("2011-05-17", "2010/2012", "2011-05-17"),
        ("2011-05-17", "2012", "2012-01-01"),
    ],
)
def test_an_end_in_the_year_of_a_later_start_is_not_published_before_it(dated, start, end, starts, ends, published):
    found = dated(("1", "2001"), (start, starts), (end, ends)) if start == "2" else dated((start, starts), (end, ends))

    assert found[end].get("iso-date") == published
    assert found[end].get("iso-date") >= found[start].get("iso-date")
    assert found[end].get(f"{SSC}precision") == {4: "year", 7: "month", 9: "range"}[len(ends)]


def test_the_first_start_of_a_kind_is_the_one_that_counts(activity):
    made = activity(
        activity_dates=[
            {"type": "2", "date": "2011-09-01"},
            {"type": "2", "date": "2011-02-01"},
            {"type": "4", "date": "2011"},
        ]
    )

    assert official_rules.broken(made, builders.TODAY) == []


# --- Description type 4 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "Other participants",
                "Groups that take part",
                "Institutional mechanism",
                "Contributions without",
                "Lessons",
            ),
        ),
        (
            "es",
            (
                "Otros participantes",
                "Grupos que participan",
                "Mecanismo institucional",
                "Aportes sin monto",
                "Lecciones",
            ),
        ),
        (
            "pt",
            (
                "Outros participantes",
                "Grupos que participam",
                "Mecanismo institucional",
                "Contribuições sem valor",
                "Lições",
            ),
        ),
        (
            "fr",
            (
                "Autres participants",
                "Groupes participants",
                "Mécanisme institutionnel",
                "Contributions sans montant",
                "Enseignements",
            ),
        ),
    ],
)
def test_what_iati_has_no_element_for_is_said_in_the_records_language(activity, language, words):
    organisations = [
        {"key": key, "names": [{"text": key}], "actor_type": "other", "named": key != "GROUP"}
        for key in ("APC", "LIAISON", "GROUP")
    ]
    given = [{"kind": "technical-knowhow"}]
    parts = [
        {"organisation": "APC", "function": "funder", "contributions": given},
        {"organisation": "LIAISON", "function": "liaison"},
        {"organisation": "GROUP", "function": "host"},
    ]

    made = activity(
        language=language,
        organisations=organisations,
        participations=parts,
        mechanisms=[{"names": [{"text": "Comisión mixta"}], "type": "joint-commission"}],
        lessons=[{"kind": "success-factor", "text": [{"text": "Confianza."}]}],
    )

    said = made.findall("description[@type='4']")
    text = said[-1].findtext("narrative")
    assert len(said) == 1
    assert [word for word in words if word not in text] == []
    assert [text.index(word) for word in words] == sorted(text.index(word) for word in words)


def test_a_record_that_needs_no_words_gets_none(activity):
    made = activity()

    assert [each.get("type") for each in made.findall("description")] == ["1"]


def test_a_lesson_or_mechanism_without_words_is_left_out(activity):
    made = activity(lessons=[{"kind": "obstacle"}], mechanisms=[{"names": []}])

    assert made.find("description[@type='4']") is None
