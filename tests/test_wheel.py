"""The wheel carries all that it needs: it converts the fixtures without the source tree."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", folder, ROOT], check=True, capture_output=True, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def python(unpacked, *arguments):
    environment = {"PYTHONPATH": str(unpacked), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    environment["SSC_IATI_CACHE"] = os.environ["SSC_IATI_CACHE"]
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=unpacked.parent)


def test_the_wheel_converts_a_copy_of_the_fixtures_without_the_source_tree(unpacked):
    program = (
        "import pathlib, ssc_iati.cli, ssc_iati.standard.schemas as schemas\n"
        f"assert pathlib.Path(ssc_iati.cli.__file__).is_relative_to({str(unpacked)!r})\n"
        f"assert schemas.schema_folder().is_relative_to({str(unpacked)!r})\n"
        "ssc_iati.cli.main()\n"
    )
    source = unpacked.parent / "projects.jsonl"
    source.write_bytes((ROOT / "fixtures" / "demo-agency" / "projects.jsonl").read_bytes())

    done = python(unpacked, "-c", program, "convert", str(source), "-o", "out.xml")

    assert (done.returncode, done.stdout) == (0, "")
    assert (unpacked.parent / "out.xml").read_bytes().count(b"<iati-activity ") == 80


def test_the_wheel_holds_no_tests_and_no_fixtures(unpacked):
    names = {path.relative_to(unpacked).parts[0].split("-")[0] for path in unpacked.rglob("*") if path.is_file()}

    assert names == {"ssc_iati"}
