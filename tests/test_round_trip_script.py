"""The script that measures round trips counts what is lost, and leaves with 1 if a valid file is not what it was."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random

from lxml import etree
from round_trip import Trip, is_valid, parsed, trips

from random_iati import Making

SCRIPT = Path(__file__).parents[1] / "scripts" / "round_trip.py"


def made(folder, name="a.xml", seed=1):
    root = Making(Random(seed), "2.03", wild=False).file()  # noqa: S311 - not for secrets
    (folder / name).write_bytes(etree.tostring(root))
    return folder / name


def run(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_every_file_below_a_folder_is_measured_in_every_layout(tmp_path):
    made(tmp_path)
    (tmp_path / "inner").mkdir()
    made(tmp_path / "inner", "b.xml", 2)
    (tmp_path / "inner" / "broken.xml").write_text("<iati-activities>")

    told = run(tmp_path, "--all", "--layouts", "jsonl", "csv")

    lines = [json.loads(line) for line in told.stdout.splitlines() if line.startswith("{")]
    assert told.returncode == 0
    assert [(Path(each["file"]).name, each["layout"]) for each in lines] == [
        ("a.xml", "jsonl"), ("a.xml", "csv"), ("b.xml", "jsonl"), ("b.xml", "csv"),
    ]  # fmt: skip
    assert all(each["valid"] and each["equal"] and each["still_valid"] for each in lines)
    assert {(each["lost"], each["added"]) for each in lines} == {(0, 0)}
    assert all(each["facts"] > 10 for each in lines)


def test_a_file_that_does_not_come_back_is_told(tmp_path):
    path = made(tmp_path)
    root = parsed(path)
    root[0].remove(root[0].find("activity-status"))
    path.write_bytes(etree.tostring(root))

    (trip,) = trips(path, "a.xml", ("jsonl",))

    assert not trip.valid
    assert not trip.equal
    assert trip.lost > 0
    assert trip.trouble


def test_a_valid_file_counts_as_well_only_if_it_is_equal_and_valid_again():
    trip = Trip("a.xml", "2.03", True, "csv", 9, 0, 0, True, True, 0.1)

    assert trip.well
    assert not trip._replace(equal=False).well
    assert not trip._replace(still_valid=False).well
    assert trip._replace(valid=False, equal=False).well


def test_what_is_no_iati_is_not_valid():
    assert not is_valid(etree.fromstring("<html version='2.03'/>"))
    assert not is_valid(etree.fromstring("<iati-activities version='1.05'/>"))
