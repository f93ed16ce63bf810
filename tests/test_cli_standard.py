"""`ssc-iati standard` as people run it: what is in use, newer lists, and what a network that fails gives."""

import json
import re
import tomllib
from importlib.resources import files

import pytest

from list_host import hosting, packaged_items
from ssc_iati.messages import LANGUAGES
from ssc_iati.standard import fetch
from test_cli import cli, shown

WORDS = tomllib.loads(files("ssc_iati.report").joinpath("standard.toml").read_text(encoding="utf-8"))


@pytest.fixture
def host():
    with hosting() as running:
        items = packaged_items("AidType")
        running.offer("AidType", items | {"H07": {"en": "New"}})
        yield running


@pytest.fixture
def run(tmp_path, host):
    """The program, with a cache of its own and the host's address in the environment."""
    told = {"SSC_IATI_CACHE": str(tmp_path), "SSC_IATI_STANDARD_URL": f"{host.url}/lists"}
    return lambda *words, **more: cli("standard", *words, **(told | more))


def objects(done):
    assert done.returncode == 0, shown(done)
    return {(one["kind"], one["name"]): one for one in map(json.loads, done.stdout.decode().splitlines())}


def test_the_languages_say_the_same_things():
    assert list(WORDS) == list(LANGUAGES)
    assert {tuple(words) for words in WORDS.values()} == {tuple(WORDS["en"])}
    for key, said in WORDS["en"].items():
        if isinstance(said, str):
            placeholders = {language: _placeholders(words[key]) for language, words in WORDS.items()}
            assert set(placeholders.values()) == {_placeholders(said)}, key


def test_every_reason_of_a_failure_has_its_words():
    sources = [
        files("ssc_iati.standard").joinpath(name) for name in ("fetch.py", "updates.py", "codelists/official.py")
    ]
    code = "".join(source.read_text(encoding="utf-8") for source in sources)
    reasons = set(re.findall(r'(?:FetchError|ListError)\("([a-z-]+)"', code)) | {word for _, word in fetch._REASONS}
    assert len(reasons | {"unreachable"}) > 15
    assert reasons | {"unreachable"} <= set(WORDS["en"])


def _placeholders(text):
    return frozenset(part.partition("}")[0] for part in text.split("{")[1:])


def test_what_came_with_the_package_is_shown(run):
    found = objects(run("show", "--format", "jsonl"))

    assert found["edition", "package"]["date"] == "2026-06"
    assert [name for kind, name in found if kind == "schema"] == ["2.01", "2.02", "2.03"]
    assert found["rules", "IATI"]["date"] == "2024-03"
    assert found["codelist", "FlowType"] == {
        "kind": "codelist",
        "name": "FlowType",
        "date": "2026-06",
        "entries": 10,
        "withdrawn": 2,
        "origin": "package",
    }
    assert found["registers", "org-id.guide"]["entries"] == 823
    assert len(found) == 1 + 3 + 1 + 70 + 1


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Codelists: 70"), ("es", "Listas de códigos: 70"), ("pt", "atividades e organizações"), ("fr", "Règles")],
)
def test_the_inventory_speaks_the_users_language(run, language, said):
    text = shown(run("show", "--lang", language))
    assert said in text
    row = next(line for line in text.splitlines() if line.startswith("FlowType "))
    assert row.split()[:4] == ["FlowType", "2026-06", "10", "2"]


def test_an_update_is_used_by_the_next_run_and_undone_by_a_reset(run, host):
    done = run("update")
    assert done.returncode == 0, shown(done)
    assert "AidType: 1 new, 0 withdrawn, 0 gone" in shown(done)

    found = objects(run("show", "--format", "jsonl"))
    aid = found["codelist", "AidType"]
    assert (aid["entries"], aid["origin"]) == (25, "cache")
    assert aid["url"] == f"{host.url}/lists/AidType.xml"
    assert len(aid["checksum"]) == 64
    assert found["registers", "org-id.guide"]["origin"] == "package"

    assert "already the newest" in shown(run("update"))

    assert run("reset").returncode == 0
    assert ("edition", "package") in objects(run("show", "--format", "jsonl"))


def test_registers_are_fetched_where_an_address_is_given(run, host):
    done = run("update", "--registers-from", f"{host.url}/registers.json", SSC_IATI_STANDARD_URL="")
    assert done.returncode == 0, shown(done)
    found = objects(run("show", "--format", "jsonl"))
    assert found["registers", "org-id.guide"]["origin"] == "cache"
    assert found["codelist", "AidType"]["origin"] == "package"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Check the address"),
        ("es", "Revise la dirección"),
        ("pt", "Confira o endereço"),
        ("fr", "Vérifiez l'adresse"),
    ],
)
def test_a_host_that_is_not_there_is_said_in_the_users_language(run, host, language, said):
    done = run("update", "--from", f"{host.url}/nowhere", "--lang", language)
    text = shown(done)
    assert done.returncode == 3
    assert done.stdout == b""
    assert said in text
    assert f"{host.url}/nowhere/" in text
    assert len(text.strip().splitlines()) == 1


def test_a_network_that_fails_leaves_the_lists_as_they_were(run, host):
    run("update")
    before = objects(run("show", "--format", "jsonl"))
    host.files["/lists/FlowType.xml"] = lambda handler: handler.answer(403, b"no")

    done = run("update")

    assert (done.returncode, done.stdout) == (3, b"")
    assert "status 403" in shown(done)
    assert objects(run("show", "--format", "jsonl")) == before


def test_without_an_address_the_use_is_wrong(run):
    done = run("update", SSC_IATI_STANDARD_URL="")
    assert done.returncode == 2
    assert "SSC_IATI_STANDARD_URL" in shown(done)


def test_a_cache_that_cannot_be_written_is_a_trouble_of_the_world(run, tmp_path):
    (tmp_path / "file").touch()
    done = run("update", SSC_IATI_CACHE=str(tmp_path / "file"))
    assert done.returncode == 3
    assert str(tmp_path / "file") in shown(done)


def test_a_damaged_cache_is_said_with_what_to_do(run, tmp_path):
    run("update")
    (tmp_path / "standard" / "current").write_text("nothing")
    done = run("show")
    assert done.returncode == 3
    assert "ssc-iati standard reset" in shown(done)
    assert run("reset").returncode == 0
    assert run("show").returncode == 0
