"""The writer: every value where IATI 2.03 has its place, in the order of the schema, as it is spelt."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ssc_iati.map import writer
from ssc_iati.map.extension import Initiative
from ssc_iati.map.writer import compiled, element_name, escaped, quoted
from ssc_iati.record import activity, money, organisations, project, results
from ssc_iati.record.fields import describe
from ssc_iati.record.values import At, Dated, Fact, Text, plain
from ssc_iati.standard import structure

SSC_NAMESPACE = "urn:ssc-iati:extension:1"
SSC = f"{{{SSC_NAMESPACE}}}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def places(model, path):
    """Every core model below a model, with the path of the element that it fills."""
    found = [(model, path)]
    for field in describe(model):
        mark = field.mark(At)
        if mark is not None and issubclass(field.kind, Fact):
            found += places(field.kind, f"{path}/{mark.path}")
    return found


PLACES = places(project.Activity, "iati-activity")
PATHS = [path for _, path in PLACES]


def marked(model):
    return [(field, mark.path) for field in describe(model) if (mark := field.mark(At)) is not None]


def full(model):
    """A fact with a value in every field that has a place in IATI."""
    values = {}
    for field, _ in marked(model):
        one = full(field.kind) if issubclass(field.kind, Fact) else simple(field)
        values[field.name] = (one, one) if field.many else one
    return model.model_construct(**values)


def simple(field):
    if field.kind is Text:
        return Text(lang="es", text="x")
    if field.kind is bool:
        return True
    if issubclass(field.kind, Decimal):
        return Decimal(5)
    return "2024-01-01" if field.mark(Dated) else "1"


def written(fact, tag="thing", *, partner=False):
    lines = []
    compiled(type(fact), tag, "\n", partner=partner)(lines, fact.__dict__)
    return etree.fromstring(f'<root xmlns:ssc="{SSC_NAMESPACE}">{"".join(lines)}</root>'.encode())[0]


def own(names):
    return [name for name in names if not name.startswith(SSC)]


# --- Against the structure of the standard ----------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "path"), PLACES, ids=PATHS)
def test_every_mark_leads_to_a_place_that_iati_has(model, path):
    for field, way in marked(model):
        *steps, last = way.split("/")
        if way == ".":
            assert structure.element(path).shape.text, (field.name, way)
        elif last.startswith("@"):
            attributes = structure.attributes("/".join((path, *steps)))
            assert last.startswith("@ssc:") or last[1:] in attributes, (field.name, way)
        else:
            assert structure.element(f"{path}/{way}"), (field.name, way)


@pytest.mark.parametrize(("model", "path"), PLACES, ids=PATHS)
def test_a_foreign_attribute_stands_only_where_iati_admits_one(model, path):
    element = written(full(model).model_copy(update={"key": "k", "certainty": "inferred", "sources": ("s",)}))

    for each in element.iter():
        way = [step.tag for step in each.iterancestors() if step.tag not in {"thing", "root"}][::-1]
        below = "/".join((path, *way, each.tag)) if each is not element else path
        if any(name.startswith(SSC) for name in each.attrib):
            assert structure.element(below).shape.foreign_attributes, below


@pytest.mark.parametrize(("model", "path"), PLACES, ids=PATHS)
def test_what_is_written_stands_in_the_order_of_the_schema(model, path):
    for each in written(full(model)).iter():
        way = [step.tag for step in each.iterancestors() if step.tag not in {"thing", "root"}][::-1]
        below = path if each.tag == "thing" else "/".join((path, *way, each.tag))
        order = structure.children(below)
        positions = [order.index(child.tag) for child in each]
        assert positions == sorted(positions), below


@pytest.mark.parametrize(("model", "path"), PLACES, ids=PATHS)
def test_a_full_fact_has_all_that_the_schema_requires(model, path):
    def look(each, below):
        shape = structure.element(below)
        required = [name for name, attribute in shape.attributes.items() if attribute.required]
        assert [name for name in required if name not in each.attrib] == [], below
        counts = {child.name: len(each.findall(child.name)) for child in shape.children}
        assert [child.name for child in shape.children if counts[child.name] < child.min] == [], below
        assert [
            child.name for child in shape.children if child.max is not None and counts[child.name] > child.max
        ] == [], below
        for child in each:
            look(child, f"{below}/{child.tag}")

    look(written(full(model)), path)


@pytest.mark.parametrize(("model", "path"), PLACES, ids=PATHS)
def test_a_fact_that_says_nothing_is_an_empty_element(model, path):
    assert etree.tostring(written(model.model_construct()), with_tail=False).endswith(b"/>")


def test_an_activity_can_say_everything_that_iati_can():
    said = {step for _, way in marked(project.Activity) for step in (way.split("/")[0],)}
    assert set(structure.children("iati-activity")) - said == set()


# --- Values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "1"), (False, "0")],
)
def test_a_truth_is_one_or_nought(value, text):
    assert written(money.Transaction(humanitarian=value)).get("humanitarian") == text


@pytest.mark.parametrize("number", ["1E+30", "1E-12", "0.10", "-0", "123456789012345678901234567890.12"])
def test_a_number_has_all_its_digits_and_no_exponent(number):
    text = written(money.Transaction(value=Decimal(number))).findtext("value")

    assert text == plain(Decimal(number))
    assert "E" not in text
    assert Decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    ("fact", "path", "spelling"),
    [
        (money.Transaction(humanitarian=True, spellings={"humanitarian": "true"}), "@humanitarian", "true"),
        (money.Transaction(value=Decimal(5), spellings={"value": "+5.00 "}), "value", "+5.00 "),
        (
            money.Transaction(date="2024-02-29", spellings={"date": "2024-02-29Z"}),
            "transaction-date/@iso-date",
            "2024-02-29Z",
        ),
        (activity.ActivityDate(date="2011", spellings={"date": "2011-05-01"}), "@iso-date", "2011-05-01"),
    ],
)
def test_a_spelling_that_means_the_same_is_kept(fact, path, spelling):
    assert written(fact).xpath(f"string({path})") == spelling


@pytest.mark.parametrize(
    ("fact", "path", "text"),
    [
        (money.Transaction(humanitarian=True, spellings={"humanitarian": "0"}), "@humanitarian", "1"),
        (money.Transaction(humanitarian=True, spellings={"humanitarian": "yes"}), "@humanitarian", "1"),
        (money.Transaction(value=Decimal(5), spellings={"value": "999"}), "value", "5"),
        (money.Transaction(value=Decimal(5000), spellings={"value": "5e3"}), "value", "5000"),
        (money.Transaction(value=Decimal(5), spellings={"value": ""}), "value", "5"),
        (
            money.Transaction(date="2024-02-29", spellings={"date": "2024-03-01"}),
            "transaction-date/@iso-date",
            "2024-02-29",
        ),
        (activity.ActivityDate(date="2011", spellings={"date": "2012-01-01"}), "@iso-date", "2011-01-01"),
        (activity.ActivityDate(date="2011-05-17", spellings={"date": "17 May 2011"}), "@iso-date", "2011-05-17"),
    ],
)
def test_a_spelling_that_means_another_thing_is_not_believed(fact, path, text):
    assert written(fact).xpath(f"string({path})") == text


@pytest.mark.parametrize(
    ("date", "day", "marks"),
    [
        ("2011", "2011-01-01", {"precision": "year"}),
        ("2011-05", "2011-05-01", {"precision": "month"}),
        ("2011-05-17", "2011-05-17", {}),
        ("2011-03/2012", "2011-03-01", {"precision": "range", "range": "2011-03/2012"}),
    ],
)
def test_a_partial_date_is_its_first_day_and_says_so(date, day, marks):
    found = written(activity.ActivityDate(date=date))

    assert found.get("iso-date") == day
    assert {name.removeprefix(SSC): value for name, value in found.attrib.items() if name.startswith(SSC)} == marks


def test_the_mark_of_a_date_stands_on_the_element_that_carries_it():
    found = written(money.PlannedDisbursement(period_start="2011", value_date="2011-01-01", value=Decimal(1)))

    assert found.find("period-start").get(f"{SSC}precision") == "year"
    assert own(found.attrib) == list(found.attrib)
    assert list(found.find("value").attrib) == ["value-date"]


NASTY = [
    "<b>&amp;</b>",
    "\"quoted\" & 'single'",
    "a\r\nb\tc",
    " kept ",
    "]]>",
    "\U0001f33d \u00e9 e\u0301",
    "\u2028",
    "\ufeffx",
]


@pytest.mark.parametrize("text", NASTY)
def test_a_text_comes_back_as_it_was(text):
    fact = activity.Tag(code=text, vocabulary_uri=text, names=(Text(lang="es", text=text),))

    found = written(fact)

    assert (found.get("code"), found.get("vocabulary-uri"), found.findtext("narrative")) == (text, text, text)


@pytest.mark.parametrize("text", NASTY)
def test_a_text_of_the_extension_comes_back_as_it_was(text):
    fact = organisations.Organisation(key=text, acronym=text, names=(Text(text=text),), identifiers=(text,))

    found = written(fact, "ssc:organisation", partner=True)

    assert (found.get("key"), found.get("acronym")) == (text, text)
    assert [each.text for each in found] == [text, text]


def test_a_text_carries_its_language_if_it_has_one():
    found = written(activity.Tag(names=(Text(lang="pt", text="a"), Text(text="b"))))

    assert [each.get(XML_LANG) for each in found] == ["pt", None]


def test_texts_of_an_element_are_narratives_within_one_element():
    found = written(results.Result(title=(Text(lang="es", text="a"), Text(lang="en", text="b"))))

    assert [[each.tag for each in title] for title in found.findall("title")] == [["narrative", "narrative"]]


def test_codes_of_a_list_are_an_element_each():
    found = written(activity.DocumentLink(categories=("A01", "A02"), languages=("es",)))

    assert [(each.tag, each.get("code")) for each in found] == [
        ("category", "A01"),
        ("category", "A02"),
        ("language", "es"),
    ]


def test_keys_with_spaces_are_told_apart_in_a_list():
    found = written(activity.Tag(code="1", sources=("a b", "c%d", "é")))

    assert found.get(f"{SSC}sources") == "a%20b c%25d %C3%A9"


# --- The quick ways ---------------------------------------------------------------------------------------------------


def text_of(fact, tag="thing", *, partner=False, spelt=False):
    lines = []
    compiled(type(fact), tag, "\n", partner=partner, spelt=spelt)(lines, fact.__dict__)
    return "".join(lines)


@pytest.mark.parametrize(("model", "path"), PLACES, ids=PATHS)
def test_a_fact_without_spellings_is_written_as_by_the_way_that_looks_for_them(model, path):
    for fact in (full(model), full(model).model_copy(update={"key": "k", "unknown": ("u",)}), model.model_construct()):
        assert text_of(fact, path.rsplit("/")[-1]) == text_of(fact, path.rsplit("/")[-1], spelt=True)


SIGNS = st.text(alphabet="a1 -&<>\"'\t\n\r\u00e9\u2028\U0001f33d", max_size=60)


@given(code=SIGNS, address=SIGNS, text=SIGNS)
def test_what_was_seen_before_is_escaped_as_when_it_came_first(code, address, text):
    sector = activity.Sector(code=code, vocabulary_uri=address, names=(Text(text=text),))

    said = f' vocabulary-uri="{quoted(address)}" code="{quoted(code)}">\n  <narrative>{escaped(text)}</narrative>'
    assert [text_of(sector), text_of(sector)] == [f"\n<thing{said}\n</thing>"] * 2


@given(code=SIGNS, url=SIGNS)
def test_an_element_of_one_code_is_escaped_as_any(code, url):
    link = activity.DocumentLink(url=url, categories=(code,))
    place = activity.Location(reach=code)

    assert text_of(link) == f'\n<thing url="{quoted(url)}">\n  <category code="{quoted(code)}"/>\n</thing>'
    assert text_of(place) == f'\n<thing>\n  <location-reach code="{quoted(code)}"/>\n</thing>'


def test_what_is_remembered_has_bounds(monkeypatch):
    monkeypatch.setattr(writer, "_MOST_KNOWN", 3)
    facts = [activity.Sector(code=f"bound-{n}", vocabulary_uri=f"uri-{n}") for n in (*range(5), 0)]

    said = [f'\n<thing vocabulary-uri="uri-{n}" code="bound-{n}"/>' for n in (*range(5), 0)]
    assert [text_of(fact) for fact in facts] == said
    assert len(writer._known_plain) <= 3


def test_a_long_value_is_not_remembered():
    long = "x" * 5000

    assert text_of(activity.Sector(vocabulary_uri=long)) == f'\n<thing vocabulary-uri="{long}"/>'
    assert long not in writer._known_plain


@given(value=st.decimals() | st.decimals(allow_nan=False, allow_infinity=False, places=2))
def test_every_number_is_written_as_plainly_as_iati_wants_it(value):
    if not value.is_snan():
        assert text_of(money.Transaction.model_construct(value=value)) == (
            f"\n<thing>\n  <value>{plain(value)}</value>\n</thing>"
        )


# --- The extension ----------------------------------------------------------------------------------------------------


def test_every_element_of_the_extension_has_a_name_of_its_own():
    models = [field.kind for field in describe(Initiative) if issubclass(field.kind, Fact)]

    assert len({element_name(model) for model in models}) == len(models)


def test_a_date_of_the_extension_is_as_precise_as_the_source():
    assert written(project.Stage(start="2011/2012"), "ssc:stage", partner=True).get("start") == "2011/2012"


def test_truths_and_numbers_of_the_extension_are_written_as_in_the_core():
    found = written(money.BudgetTotal(amount=Decimal("1E+3"), includes_in_kind=False), "ssc:budget-total", partner=True)

    assert (found.get("amount"), found.get("includes-in-kind")) == ("1000", "0")
