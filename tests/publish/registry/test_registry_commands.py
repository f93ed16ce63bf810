"""The commands, in a process of their own, against real servers: what they print, and how they end."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
import stand_in
from stand_in import REPORTER, SECRETS

import builders
import ssc_iati
from site_stand_in import Page, Served

FILE = b"<iati-activities version='2.03'><iati-activity/></iati-activities>"
HEADERS = {"Content-Type": "application/xml", "Last-Modified": format_datetime(datetime(2026, 1, 1, tzinfo=UTC), True)}


@pytest.fixture
def config(tmp_path, registry, site):
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "activities.xml").write_bytes(FILE)
    path = tmp_path / "publisher.toml"
    path.write_text(
        f"""
[publisher]
language = "es"
default_currency = "USD"
[publisher.reporting_org]
ref = "{REPORTER}"
type = "10"
names = [{{ text = "Agency" }}]
[publish]
folder = "public"
[read_back]
attempts = 1
[registry]
api = "{registry.api}"
short_name = "agency"
name = "The Agency"
licence = "cc-by"
url = "{site.url()}"
timeout = 2
bulk_data = "{site.url()}"
[registry.token]
source = "client_credentials"
url = "{registry.tokens_url}"
client_id = "our-client"
client_secret = "CLIENT_SECRET"
scopes = ["ryd", "ryd:reporting_org", "ryd:dataset", "ryd:dataset:update", "ryd:dataset:delete"]
"""
    )
    return path


def cli(*words, **environment):
    """Run the program: its exit code, and what it wrote to either side."""
    program = "import sys; sys.argv[0] = 'ssc-iati'; from ssc_iati.cli import main; main()"
    source = str(Path(ssc_iati.__file__).parents[1])
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": source, "LANG": "C.UTF-8", **SECRETS, **environment}
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, words)], capture_output=True, env=env, timeout=60, check=False
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in out + err
    assert not [secret for secret in SECRETS.values() if secret in out + err]
    return done.returncode, out, err


def test_the_registry_is_checked_planned_and_brought_up_to_date(registry, config):
    registry.organisation(short_name="agency")

    check = cli("registry", "check", "--config", config, "--lang", "es")
    plan = cli("registry", "plan", "--config", config)
    first = cli("registry", "sync", "--config", config, "--lang", "pt")
    second = cli("registry", "sync", "--config", config, "--format", "jsonl")
    third = cli("registry", "sync", "--config", config, "--delete", "never-was", "--lang", "fr")

    assert (check[0], plan[0], first[0], second[0], third[0]) == (0, 0, 0, 0, 0)
    assert f"agency ({REPORTER}): papel editor" in check[1]
    assert "agency-activities (activities.xml): to be registered" in plan[1]
    assert "registrado" in first[1]
    assert json.loads(second[1])["step"] == "unchanged"
    assert "ssc-registry-delete-unknown" in third[1]
    assert len(registry.datasets) == 1


def test_what_the_ledger_knows_to_be_registered_is_not_asked_about(registry, config, site):
    """Published and registered once, nobody is asked until URL or metadata change, whoever sends the command."""
    registry.organisation(short_name="agency")
    site.pages = Served(config.parent / "public")
    source = builders.write_jsonl(config.parent / "source.jsonl", [builders.sound_project("A")])
    published = cli("publish", source, "--config", config)
    asked = len(registry.asked)

    plan = cli("registry", "plan", "--config", config, "--format", "jsonl")
    sync = cli("registry", "sync", "--config", config, "--format", "jsonl")
    quiet = len(registry.asked)
    config.write_text(config.read_text().replace('licence = "cc-by"', 'licence = "cc-zero"'))
    changed = cli("registry", "sync", "--config", config, "--format", "jsonl")
    once_more = len(registry.asked)
    again = cli("registry", "sync", "--config", config, "--format", "jsonl")

    assert [published[0], plan[0], sync[0], changed[0], again[0]] == [0] * 5
    steps = [[json.loads(line)["step"] for line in each[1].splitlines()] for each in (plan, sync, changed, again)]
    assert steps == [["unchanged"] * 2, ["unchanged"] * 2, ["update"] * 2, ["unchanged"] * 2]
    assert (asked > 0, quiet > asked, once_more > quiet) == (True, True, True)
    assert len(registry.asked) == once_more
    assert {each["facts"]["licence_id"] for each in registry.datasets.values()} == {"cc-zero"}


def test_what_to_enter_by_hand_is_printed_and_nobody_is_asked(registry, config):
    text = cli("registry", "sync", "--config", config, "--manual", "--lang", "es")
    data = cli("registry", "sync", "--config", config, "--manual", "--format", "jsonl")

    assert text[0] == data[0] == 0
    assert "Añada un conjunto de datos" in text[1]
    assert json.loads(data[1])["entries"][0]["fields"]["short_name"] == "agency-activities"
    assert registry.asked == []


def test_a_refusal_is_said_in_the_language_of_the_user_and_ends_in_3(registry, config):
    registry.organisation()

    said = cli("registry", "sync", "--config", config, "--lang", "fr", CLIENT_SECRET="wrong")  # noqa: S106
    data = cli("registry", "check", "--config", config, "--format", "jsonl", CLIENT_SECRET="")

    assert said[0] == data[0] == 3
    assert "Le serveur d'identité" in said[2]
    assert said[2].count("\n") == 1
    assert json.loads(data[1])["rule"] == "ssc-secret-missing"


def test_a_dataset_that_fails_ends_in_3_and_what_stands_in_the_way_in_1(registry, config):
    owner = registry.organisation(role="contributor_pending")
    registry.dataset(registry.organisation("XM-DAC-1"), "agency-activities")

    check = cli("registry", "check", "--config", config)
    sync = cli("registry", "sync", "--config", config)

    assert (check[0], sync[0]) == (1, 3)
    assert "ssc-registry-role" in check[1]
    assert "ssc-registry-name-taken" in sync[1]
    assert [each["owner"] for each in registry.datasets.values()] != [owner]


def test_the_published_file_is_read_back(site, config):
    site.pages = {"/activities.xml": Page(FILE, HEADERS)}
    well = cli("readback", "--config", config)
    site.pages = {"/activities.xml": Page(FILE, HEADERS | {"Content-Type": "text/plain"})}
    so_so = cli("readback", "--config", config, "--format", "jsonl")
    site.pages = {"/activities.xml": Page(status=403)}
    ill = cli("readback", "--config", config, "--lang", "pt", "--attempts", "1")

    assert [well[:2], so_so[0], ill[0]] == [(0, ""), 0, 1]
    assert json.loads(so_so[1])["rule"] == "ssc-readback-content-type"
    assert "Quem lê não recebe o arquivo" in ill[1]


def test_the_bulk_data_service_is_looked_at_when_asked_for(site, config):
    site.pages = {"/activities.xml": Page(FILE, HEADERS)}
    later = (datetime.now(UTC).replace(microsecond=0)).replace(year=datetime.now(UTC).year + 1).isoformat()
    meta = {"meta": {"datasets_full": {"index_created": later}}}
    site.pages |= {"/indices-meta": Page(json.dumps(meta).encode()), "/datasets-full": Page(b'{"datasets": []}')}

    early = cli("readback", "--config", config, "--bulk-data")
    late = cli("readback", "--config", config, "--bulk-data", "--now", later)

    assert early[:2] == (0, "")
    assert late[0] == 1
    assert "ssc-bds-missing" in late[1]


@pytest.mark.parametrize(
    "words",
    [
        ["registry", "check"],
        ["registry", "sync", "--config", "none.toml"],
        ["registry", "plan", "--config", "bare.toml"],
        ["registry", "plan", "--config", "publisher.toml", "--format", "html"],
        ["readback", "--config", "bare.toml"],
    ],
)
def test_wrong_usage_ends_in_2(config, words):
    (config.parent / "bare.toml").write_text("[registry]\n" if "registry" not in words else "")
    placed = [str(config.parent / word) if word.endswith(".toml") else word for word in words]

    assert cli(*placed)[0] == 2


def test_the_file_that_was_published_must_be_there(config):
    (config.parent / "public" / "activities.xml").unlink()

    code, _, said = cli("readback", "--config", config)

    assert code == 3
    assert "activities.xml" in said


def test_a_mishap_in_the_middle_is_mended_by_the_next_sync(registry, config):
    registry.organisation()
    for _ in range(3):
        registry.mishap("POST /datasets", stand_in.fault)

    first = cli("registry", "sync", "--config", config)
    registry.mishaps.clear()
    second = cli("registry", "sync", "--config", config)

    assert (first[0], second[0]) == (3, 0)
    assert "ssc-registry-fault" in first[1]
    assert len(registry.datasets) == 1


def test_publishing_registers_and_reads_back_and_ends_in_3_where_that_fails(registry, site, config, tmp_path):
    registry.organisation()
    site.pages = Served(tmp_path / "public")
    source = builders.write_jsonl(tmp_path / "source.jsonl", [builders.sound_project("A")])
    ask = ("publish", source, "--config", config)

    refused = cli(*ask, CLIENT_SECRET="wrong")  # noqa: S106
    well = cli(*ask)
    asked = len(registry.asked), len(site.asked)
    rested = cli(*ask)
    asked_again = len(registry.asked), len(site.asked)
    arrives = cli("alarm", "--config", config)
    site.pages["/activities.xml"] = Page(status=404)
    lost = cli("alarm", "--config", config, "--format", "jsonl")

    assert (refused[0], well[0], rested[0]) == (3, 0, 0)
    assert "ssc-registry-token-refused" in refused[1]
    assert "1 accepted" in refused[2]
    assert len(registry.datasets) == 2
    assert asked_again == asked
    assert (arrives[:2], lost[0]) == ((0, ""), 1)
    assert json.loads(lost[1])["rule"] == "ssc-readback-status"


def test_publishing_says_what_a_person_must_enter(registry, site, config, tmp_path):
    site.pages = Served(tmp_path / "public")
    source = builders.write_jsonl(tmp_path / "source.jsonl", [builders.sound_project("A")])
    config.write_text(config.read_text().partition("[registry.token]")[0])

    first = cli("publish", source, "--config", config, "--lang", "es")
    second = cli("publish", source, "--config", config, "--lang", "es")

    assert (first[0], second[0]) == (0, 0)
    assert "Añada un conjunto de datos" in first[2]
    assert "Añada" not in second[2]
