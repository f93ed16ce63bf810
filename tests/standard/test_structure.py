"""The table of the standard's structure: what it says, and how its notation is read."""

import pytest

from ssc_iati.standard import VERSIONS, structure
from ssc_iati.standard.structure.notation import NotationError, read

SMALL = """
[common]
attribute currency : string
shape text
  &narrative+
element narrative : string
[activities: common]
element root @version!
  title = text   # a comment
  value? : decimal @&currency @&value-date!  2.02-
  aid?  -2.02
    old-child : string
  aid*  2.03-
  @humanitarian:boolean 2.02-
  note* = text @type no-foreign-attributes
    extra? : anyURI
attribute value-date : date
"""


def small(version="2.03", text=SMALL):
    return read(text, version)["activities"].elements["root"]


def test_the_children_of_a_transaction_stand_in_the_order_of_the_schema():
    names = structure.children("iati-activity/transaction")
    assert names[:5] == ("transaction-type", "transaction-date", "value", "description", "provider-org")
    assert names[-2:] == ("aid-type", "tied-status")


def test_a_path_may_begin_at_the_root_or_at_any_global_element():
    assert structure.children("iati-activities/iati-activity/result") == structure.children("result")


def test_attributes_are_known_by_name_type_and_need():
    found = structure.attributes("iati-activity/transaction/value")
    assert list(found) == ["currency", "value-date"]
    assert (found["value-date"].type, found["value-date"].required) == ("date", True)
    assert (found["currency"].type, found["currency"].required) == ("string", False)


def test_an_element_knows_how_often_it_stands_at_its_place():
    activity = structure.element("iati-activities/iati-activity")
    assert (activity.min, activity.max) == (1, None)
    assert (activity.child("crs-add").min, activity.child("crs-add").max) == (0, 1)


def test_a_path_that_the_standard_does_not_have_is_an_error():
    with pytest.raises(KeyError, match="transaction has no child budget"):
        structure.element("iati-activity/transaction/budget")
    with pytest.raises(KeyError, match="no global element iati-things"):
        structure.structure(root="iati-things")


def names_of(version, root):
    """Every path beneath the root in that version, attributes too, with how often and whether it must stand."""

    def walk(element, path):
        yield path, element.min, element.max
        yield from ((f"{path}/@{attribute.name}", attribute.required) for attribute in element.attributes.values())
        for child in element.children:
            yield from walk(child, f"{path}/{child.name}")

    return {name: tuple(need) for name, *need in walk(structure.structure(version, root), root)}


@pytest.mark.parametrize(
    ("old", "new", "root", "gone", "come", "otherwise"),
    [
        ("2.01", "2.02", "iati-activities", 0, 47, 1),
        ("2.02", "2.03", "iati-activities", 0, 99, 8),
        ("2.01", "2.02", "iati-organisations", 0, 42, 0),
        ("2.02", "2.03", "iati-organisations", 0, 3, 0),
    ],
)
def test_a_version_adds_to_the_one_before_it(old, new, root, gone, come, otherwise):
    before, after = names_of(old, root), names_of(new, root)
    assert len(before.keys() - after.keys()) == gone
    assert len(after.keys() - before.keys()) == come
    assert len([name for name in before.keys() & after.keys() if before[name] != after[name]]) == otherwise


def test_what_a_version_came_with_is_known_from_then_on():
    assert "humanitarian-scope" not in structure.children("iati-activity", "2.01")
    assert "humanitarian-scope" in structure.children("iati-activity", "2.02")
    assert structure.attributes("policy-marker", "2.01")["significance"].required
    assert not structure.attributes("policy-marker", "2.02")["significance"].required
    assert structure.element("result/indicator/baseline", "2.02").max == 1
    assert structure.element("result/indicator/baseline", "2.03").max is None
    with pytest.raises(KeyError):
        structure.element("recipient-region-budget", "2.01")


def test_the_table_states_three_versions():
    with pytest.raises(KeyError):
        structure.parts("1.05")


@pytest.mark.parametrize("path", ["related-activity", "legacy-data", "conditions/condition", "location/point/pos"])
def test_what_the_standard_closes_to_foreign_attributes_is_closed(path):
    assert not structure.element(path).shape.foreign_attributes


def test_no_element_has_two_children_of_one_name():
    def check(element):
        names = [child.name for child in element.children]
        assert len(set(names)) == len(names), element.name
        for child in element.children:
            check(child)

    for version in VERSIONS:
        for part in structure.parts(version).values():
            for element in part.elements.values():
                check(element)


def test_a_line_counts_only_in_its_versions():
    assert [(child.name, child.max) for child in small("2.01").children] == [("title", 1), ("aid", 1), ("note", None)]
    assert [child.name for child in small("2.02").children] == ["title", "value", "aid", "note"]
    assert [(child.name, child.max) for child in small("2.03").children][2] == ("aid", None)


def test_what_stands_beneath_a_line_goes_with_it():
    assert [child.name for child in small("2.01").child("aid").children] == ["old-child"]
    assert small("2.03").child("aid").children == ()


def test_an_attribute_on_its_own_line_has_its_own_versions():
    assert "humanitarian" not in small("2.01").attributes
    assert small("2.02").attributes["humanitarian"].type == "boolean"


def test_a_shape_used_as_it_is_keeps_its_name_and_one_with_additions_does_not():
    assert small().child("title").shape.name == "text"
    assert small().child("note").shape.name is None


def test_children_added_to_a_shape_follow_its_place_for_foreign_elements():
    content = small().child("note").shape.content
    assert [getattr(item, "name", "foreign") for item in content] == ["narrative", "foreign", "extra"]


def test_foreign_elements_may_be_excluded():
    text = SMALL.replace("@version!", "@version! no-foreign-elements")
    assert structure.ForeignElements() not in small(text=text).shape.content


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("title = text", "title = txt", "no shape txt"),
        ("&narrative+", "&narratives+", "no element narratives"),
        ("@&currency", "@&curency", "no attribute curency"),
        ("@version!", "version!", "version! means nothing here"),
        ("@version!", "@ver/sion", "@ver/sion is no attribute"),
        ("@version!", "@version! @version", "an attribute is said twice"),
        ("title = text", "title = text : string", "one shape or one type of text"),
        ("title = text", "title! = text", "title! is no child's name"),
        ("  title = text", "   title = text", "a step to the right is 2 spaces"),
        ("  title = text", "      title = text", "nothing stands above this line"),
        ("    extra? : anyURI", "    extra? : anyURI\n      deeper", "nothing can stand beneath"),
        ("&narrative+", "&narrative+ @type", "@type means nothing here"),
        ("element narrative : string", "elements narrative", "expected one of attribute, shape, element"),
        ("element narrative : string", "element narrative\nelement narrative", "declared twice"),
        ("[common]", "", "a part must be named first"),
        ("[activities: common]", "[activities: comon]", "no part comon"),
        ("value-date : date", "value-date", "an attribute has one type"),
    ],
)
def test_a_slip_of_the_pen_in_the_table_is_an_error(old, new, problem):
    assert old in SMALL
    with pytest.raises(NotationError, match=problem.replace("+", r"\+")):
        read(SMALL.replace(old, new), "2.03")
