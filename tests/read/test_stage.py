"""The staging post: rows beside their projects, in whatever order they came."""

import random

import pytest

from ssc_iati.read import stage as staging
from ssc_iati.read.stage import CHUNK, LOOSE, Chunk, Stage, open_staged


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path / "stage.sqlite", "the source")


def rows(chunk_file, number):
    with open_staged(str(chunk_file)) as staged:
        return list(staged.rows(number))


def test_rows_come_back_chunk_by_chunk_in_the_order_in_which_they_were_put(stage, tmp_path):
    for ordinal in (CHUNK, 0, 1, 0):
        stage.put(ordinal, "sectors", ordinal)

    chunks = stage.close()

    file = tmp_path / "stage.sqlite"
    assert chunks == [Chunk(str(file), 0), Chunk(str(file), 1)]
    assert rows(file, 0) == [("sectors", 0, 0), ("sectors", 1, 1), ("sectors", 0, 0)]
    assert rows(file, 1) == [("sectors", CHUNK, CHUNK)]


def test_the_order_of_a_projects_rows_survives_any_number_of_flushes(tmp_path, monkeypatch):
    monkeypatch.setattr(staging, "BUFFERED_ROWS", 7)
    stage = Stage(tmp_path / "stage.sqlite", "x")
    puts = [(ordinal, number) for ordinal in range(3) for number in range(20)]
    random.Random(1).shuffle(puts)  # noqa: S311

    for ordinal, number in puts:
        stage.put(ordinal, "rows", number)
    stage.close()

    got = [(ordinal, number) for _, ordinal, number in rows(tmp_path / "stage.sqlite", 0)]
    assert got == puts


def test_loose_rows_are_no_chunk_and_can_be_asked_for(stage, tmp_path):
    stage.put(LOOSE, "sectors", (3, ["x"]))

    chunks = stage.close()

    assert chunks == []
    assert rows(tmp_path / "stage.sqlite", LOOSE) == [("sectors", LOOSE, (3, ["x"]))]


def test_shared_rows_are_found_by_exact_key_and_kind_in_order_whether_fetched_before_or_not(stage, tmp_path):
    stage.share("organisations", [("APC", 1), ("apc", 2), ("APC", 3)])
    stage.share("capacities", [("APC", 4)])
    stage.close()

    with open_staged(str(tmp_path / "stage.sqlite")) as staged:
        staged.fetch({"apc", "nobody"})
        found = [staged.shared(key) for key in ("APC", "apc", "APC", "nobody")]

    own = {"organisations": [1, 3], "capacities": [4]}
    assert found == [own, {"organisations": [2]}, own, {}]


def test_notes_are_known_to_whoever_opens_the_file(stage, tmp_path):
    stage.note("headers", {"projects": ("key",)})
    stage.close()

    with open_staged(str(tmp_path / "stage.sqlite")) as staged:
        assert staged.notes == {"shown": "the source", "headers": {"projects": ("key",)}}


def test_a_path_with_signs_that_mean_something_in_an_address_is_opened(tmp_path):
    folder = tmp_path / "a folder #1?x=50%25"
    folder.mkdir()
    stage = Stage(folder / "stage.sqlite", "x")
    stage.put(0, "rows", 1)

    (chunk,) = stage.close()

    assert rows(chunk.stage, 0) == [("rows", 0, 1)]


def test_a_stage_that_is_abandoned_gives_its_file_free(stage, tmp_path):
    stage.put(0, "rows", 1)

    stage.abandon()

    (tmp_path / "stage.sqlite").unlink()
    assert list(tmp_path.iterdir()) == []
