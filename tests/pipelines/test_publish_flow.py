"""The flow adds nothing to the library's own function but retries, progress and a record of the run."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import builders
import ssc_iati
from site_stand_in import Page, Served
from ssc_iati import config
from ssc_iati.findings import SourceError
from ssc_iati.publication import Session, Unpublishable, asked_of
from ssc_iati.publication import publish as publish_plainly
from ssc_iati.publish.ledger import TurnTakenError
from ssc_iati.read.stage import CHUNK

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
A, B = (builders.sound_project(key) for key in "AB")


@pytest.fixture
def settings_file(tmp_path):
    path = tmp_path / "publisher.toml"
    path.write_text(
        """[publisher]
reporting_org = { ref = "XM-DAC-41119", type = "40", names = [{ text = "Reporting Office" }] }
language = "es"
default_currency = "USD"
""",
        "utf-8",
    )
    return path


@pytest.fixture
def source(tmp_path):
    """A source of three chunks, with a record that is set aside."""
    many = [builders.sound_project(f"P{number}") for number in range(2 * CHUNK)]
    return builders.write_jsonl(tmp_path / "source.jsonl", [*many, A, B | {"title": None}])


@pytest.fixture
def at_once(flow, monkeypatch):
    """The tasks try again without waiting."""
    for name in ("begin", "find_unchanged", "read", "work_on", "put_in_place", "hand_over"):
        monkeypatch.setattr(flow, name, getattr(flow, name).with_options(retries=2, retry_delay_seconds=0))


@pytest.mark.flow
def test_the_flow_publishes_what_the_function_publishes(flow, source, settings_file, tmp_path):
    made = flow.publish(source, tmp_path / "flow", settings_file, NOW)
    plain = publish_plainly(source, tmp_path / "plain", config.load(settings_file), lambda _: None, now=NOW)

    assert (tmp_path / "flow" / "activities.xml").read_bytes() == (tmp_path / "plain" / "activities.xml").read_bytes()
    assert made._replace(written=None, rejected=None) == plain._replace(written=None, rejected=None)
    assert made.accepted == 2 * CHUNK + 1
    names = [sorted(each.name for each in (tmp_path / f"{name}.private").iterdir()) for name in ("flow", "plain")]
    assert names[1] == ["activities.rejected.jsonl", "ledger.sqlite"]
    assert names[0] == sorted([*names[1], "report.html", "report.json"])
    told = json.loads((tmp_path / "flow.private" / "report.json").read_text("utf-8"))
    assert (told["accepted"], told["set_aside"]) == (2 * CHUNK + 1, 1)
    assert "<table>" in (tmp_path / "flow.private" / "report.html").read_text("utf-8")


@pytest.mark.flow
def test_the_flow_finds_a_publication_of_the_function_unchanged(flow, source, settings_file, tmp_path):
    publish_plainly(source, tmp_path / "out", config.load(settings_file), lambda _: None, now=NOW)

    assert flow.publish(source, tmp_path / "out", settings_file, datetime(2026, 3, 1, tzinfo=UTC)).unchanged


@pytest.mark.flow
def test_two_processes_publish_the_same(flow, source, settings_file, tmp_path):
    flow.publish(source, tmp_path / "alone", settings_file, NOW)

    flow.publish(source, tmp_path / "two", settings_file, NOW, jobs=2)

    names = [tmp_path / folder / "activities.xml" for folder in ("alone", "two")]
    assert names[0].read_bytes() == names[1].read_bytes()


@pytest.mark.flow
def test_an_unchanged_source_is_not_read_until_its_day(flow, settings_file, tmp_path, monkeypatch):
    """What is said to have begun on a day to come is looked at again on that day."""
    reads = []
    prepare = flow.prepare
    monkeypatch.setattr(flow, "prepare", lambda *given, **named: (reads.append(1), prepare(*given, **named))[1])
    later = A | {"activity_dates": [{"type": "2", "date": "2026-02-10"}]}
    source = builders.write_jsonl(tmp_path / "source.jsonl", [later, B])
    out, private = tmp_path / "out", tmp_path / "out.private"
    first = flow.publish(source, out, settings_file, NOW)
    told = (private / "report.json").read_bytes()

    rested = flow.publish(source, out, settings_file, datetime(2026, 2, 9, tzinfo=UTC))
    assert (rested.rested, rested.accepted, reads) == (True, first.accepted, [1])
    assert (private / "report.json").read_bytes() == told

    assert not flow.publish(source, out, settings_file, datetime(2026, 2, 11, tzinfo=UTC)).rested
    assert reads == [1, 1]


@pytest.mark.flow
def test_another_run_at_work_is_not_waited_for(flow, source, settings_file, tmp_path, monkeypatch):
    tries = []
    begun = flow.Session
    monkeypatch.setattr(flow, "Session", lambda *given: (tries.append(1), begun(*given))[1])
    asked = asked_of(source, tmp_path / "out", config.load(settings_file), NOW)
    with Session(asked), pytest.raises(TurnTakenError):
        flow.publish(source, tmp_path / "out", settings_file, NOW)

    assert tries == [1]


@pytest.mark.flow
def test_a_source_that_cannot_be_read_leaves_the_publication(flow, source, settings_file, tmp_path):
    flow.publish(source, tmp_path / "out", settings_file, NOW)
    before = (tmp_path / "out" / "activities.xml").read_bytes()

    with pytest.raises(SourceError) as refused:
        flow.publish(tmp_path / "missing.xlsx", tmp_path / "out", settings_file, NOW)

    assert refused.value.finding.rule == "ssc-source-missing"
    assert (tmp_path / "out" / "activities.xml").read_bytes() == before


@pytest.mark.flow
def test_a_source_that_would_be_overwritten_is_refused_without_trying_again(flow, settings_file, tmp_path, monkeypatch):
    tries = []
    released = flow.released
    monkeypatch.setattr(flow, "released", lambda *given, **named: (tries.append(1), released(*given, **named))[1])
    (tmp_path / "out.private").mkdir()
    source = builders.write_jsonl(tmp_path / "out.private" / "activities.rejected.jsonl", [A])

    with pytest.raises(SourceError):
        flow.publish(source, tmp_path / "out", settings_file, NOW)

    assert tries == [1]
    assert source.is_file()


@pytest.mark.flow
def test_what_the_guard_refuses_is_not_tried_again(flow, source, settings_file, tmp_path, monkeypatch):
    flow.publish(source, tmp_path / "out", settings_file, NOW)
    before = (tmp_path / "out" / "activities.xml").read_bytes()
    tries = []
    released = flow.released
    monkeypatch.setattr(flow, "released", lambda *given, **named: (tries.append(1), released(*given, **named))[1])
    few = builders.write_jsonl(tmp_path / "few.jsonl", [A])

    with pytest.raises(Unpublishable) as refused:
        flow.publish(few, tmp_path / "out", settings_file, NOW)

    assert tries == [1]
    assert [each.rule for each in refused.value.refusals] == ["ssc-guard-activities"]
    assert (tmp_path / "out" / "activities.xml").read_bytes() == before


@pytest.mark.flow
@pytest.mark.parametrize("step", ["prepare", "run_chunk", "released"])
def test_a_step_that_fails_once_is_tried_again(flow, at_once, source, settings_file, tmp_path, monkeypatch, step):
    tries = []
    real = getattr(flow, step)

    def failing(*given, **named):
        tries.append(step)
        if len(tries) == 1:
            raise OSError(5, "Input/output error")
        return real(*given, **named)

    monkeypatch.setattr(flow, step, failing)

    report = flow.publish(source, tmp_path / "out", settings_file, NOW)

    assert report.accepted == 2 * CHUNK + 1
    assert len(tries) == {"prepare": 2, "run_chunk": 4, "released": 2}[step]


@pytest.mark.flow
def test_a_step_that_always_fails_fails_the_run_and_leaves_the_publication(
    flow, at_once, source, settings_file, tmp_path, monkeypatch
):
    flow.publish(source, tmp_path / "out", settings_file, NOW)
    before = (tmp_path / "out" / "activities.xml").read_bytes()

    def failing(*_, **__):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(flow, "run_chunk", failing)
    other = builders.write_jsonl(tmp_path / "other.jsonl", [A, B])

    with pytest.raises(OSError, match="Input/output"):
        flow.publish(other, tmp_path / "out", settings_file, NOW)

    assert (tmp_path / "out" / "activities.xml").read_bytes() == before


@pytest.mark.flow
@pytest.mark.parametrize("number", [0, 1, 2, 89, 90, 91, 180, 181, 400, 12_345])
def test_a_source_of_any_size_makes_at_most_a_hundred_tasks(flow, number):
    chunks = list(range(number))

    spans = flow.spans_of(chunks)

    assert [chunk for span in spans for chunk in span] == chunks
    assert len(spans) + 5 <= 100
    assert all(spans)
    assert len(spans) == number if number <= 90 else len(spans) > 45


def test_the_program_does_not_need_prefect():
    program = "import sys, ssc_iati.cli, ssc_iati.run, ssc_iati.publication; print('prefect' in sys.modules)"

    path = str(Path(ssc_iati.__file__).parents[1])
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )

    assert ended.stdout == "False\n"


@pytest.fixture
def watched_file(settings_file, site, tmp_path):
    """A configuration that registers with a Registry that is not there, and tells a web address."""
    site.pages = Served(tmp_path / "out")
    site.pages["/hook"] = Page()
    settings_file.write_text(
        settings_file.read_text("utf-8")
        + f"""
[alerts.webhook]
url = "{site.url("/hook")}"
[registry]
api = "http://127.0.0.1:9/api"
short_name = "agency"
name = "The Agency"
licence = "cc-by"
url = "{site.url()}"
timeout = 1
[registry.token]
source = "environment"
access_token = "SOME_TOKEN"
""",
        "utf-8",
    )
    return settings_file


def failing(*_, **__):
    raise OSError(5, "Input/output error")


def begun(site):
    """What each alert said began, by rule."""
    told = [json.loads(each)["began"] for each in site.posted]
    return [{each["key"].partition("|")[0] for each in one} for one in told]


@pytest.mark.flow
def test_a_delivery_that_fails_is_tried_again_and_told_once_and_the_publication_stands(
    flow, at_once, source, watched_file, site, tmp_path, monkeypatch
):
    monkeypatch.setenv("SOME_TOKEN", "opaque")
    tries = []
    deliver = flow.deliver
    monkeypatch.setattr(flow, "deliver", lambda *given, **named: (tries.append(1), deliver(*given, **named))[1])

    for day in (1, 2):
        with pytest.raises(flow.UndeliveredError):
            flow.publish(source, tmp_path / "out", watched_file, datetime(2026, 2, day, tzinfo=UTC))

    assert (tmp_path / "out" / "activities.xml").is_file()
    assert len(tries) == 2 * (1 + flow.DELIVERY_RETRIES)
    assert begun(site) == [{"ssc-registry-unreachable", "ssc-record-set-aside"}]


@pytest.mark.flow
def test_no_secret_is_left_in_any_file_of_a_run(
    flow, at_once, source, watched_file, site, tmp_path, monkeypatch, capfd
):
    """Neither in what is published, nor in ledger, reports and rejected rows, nor in Prefect's database and logs."""
    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL

    secrets = {"SOME_TOKEN": "token-0451-of-the-registry", "HOOK_TOKEN": "token-0452-of-the-hook"}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    told = watched_file.read_text("utf-8")
    watched_file.write_text(told.replace("[registry]", 'token = "HOOK_TOKEN"\n[registry]'), "utf-8")

    for step in (flow.deliver, failing):  # undelivered, then dead in the middle
        monkeypatch.setattr(flow, "deliver", step)
        with pytest.raises(OSError, match=r"."):
            flow.publish(source, tmp_path / "out", watched_file, NOW)

    seen = capfd.readouterr()
    database = Path(PREFECT_API_DATABASE_CONNECTION_URL.value().partition("///")[2])
    homes = [tmp_path, database.parent]
    files = [path for home in homes for path in home.rglob("*") if path.is_file()]
    assert {"ledger.sqlite", database.name} <= {path.name for path in files}
    for value in secrets.values():
        assert not [path for path in files if value.encode() in path.read_bytes()]
        assert value not in seen.out + seen.err
    assert [each for each in site.posted if b"token-045" in each] == []


@pytest.mark.flow
def test_a_run_that_fails_is_told_once(flow, watched_file, site, tmp_path):
    for day in (1, 2):
        with pytest.raises(SourceError):
            flow.publish(tmp_path / "missing.xlsx", tmp_path / "out", watched_file, datetime(2026, 2, day, tzinfo=UTC))

    assert begun(site) == [{"ssc-source-missing"}]


@pytest.mark.flow
def test_what_a_person_is_to_enter_is_told_once_and_shown_with_the_run(flow, source, watched_file, site, tmp_path):
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

    watched_file.write_text(watched_file.read_text("utf-8").partition("[registry.token]")[0], "utf-8")
    for day in (1, 2):
        flow.publish(source, tmp_path / "out", watched_file, datetime(2026, 2, day, tzinfo=UTC))

    with get_client(sync_client=True) as client:
        named = ArtifactFilter(key=ArtifactFilterKey(any_=["by-hand"]))
        (shown,) = client.read_artifacts(artifact_filter=named)
    assert "agency-activities" in shown.data
    assert begun(site) == [{"ssc-registry-by-hand", "ssc-record-set-aside"}]


@pytest.mark.flow
def test_the_alarm_fails_where_readers_do_not_get_the_file(flow, source, watched_file, site, tmp_path):
    publish_plainly(source, tmp_path / "out", config.load(watched_file), lambda _: None, now=NOW)
    watched_file.write_text(watched_file.read_text("utf-8") + "[read_back]\nattempts = 1\n", "utf-8")

    assert flow.alarm(tmp_path / "out", watched_file, NOW) == []
    site.pages["/activities.xml"] = Page(status=404)
    with pytest.raises(flow.UndeliveredError):
        flow.alarm(tmp_path / "out", watched_file, NOW)

    assert begun(site) == [{"ssc-readback-status"}]


@pytest.mark.flow
def test_the_deployments_name_flows_and_parameters_that_there_are(flow):
    import yaml
    from prefect.client.schemas.schedules import CronSchedule

    told = yaml.safe_load(Path(flow.__file__).parents[1].joinpath("prefect.yaml").read_text("utf-8"))

    assert [each["name"] for each in told["deployments"]] == ["nightly", "alarm"]
    for each in told["deployments"]:
        file, _, name = each["entrypoint"].partition(":")
        made = getattr(flow, name)
        assert Path(file).name == Path(flow.__file__).name
        assert set(each["parameters"]) <= set(made.parameters.properties)
        assert set(made.parameters.required or ()) <= set(each["parameters"])
        assert each["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
        assert each["work_pool"]["name"] == "local"
        assert made.timeout_seconds
        assert made.on_failure_hooks == made.on_crashed_hooks == [flow.alert]
        assert [CronSchedule(**one) for one in each["schedules"]]


def test_a_schedule_without_a_server_is_refused(tmp_path):
    pytest.importorskip("prefect", reason="the package prefect is not installed")
    home = Path(ssc_iati.__file__).parents[2]
    known = {"PREFECT_HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(home / "src")}

    ended = subprocess.run(
        [sys.executable, home / "pipelines" / "publish.py", "x.xlsx", "--to", tmp_path, "--serve"],
        capture_output=True,
        text=True,
        check=False,
        env=known,
        cwd=tmp_path,
    )

    assert ended.returncode == 2
    assert "prefect server start" in ended.stderr


@pytest.mark.flow
def test_the_flow_merges_a_table_as_the_function_does(flow, source, settings_file, tmp_path):
    part = builders.write_jsonl(tmp_path / "part.jsonl", [{"key": "P1", "title": [{"text": "Otro"}]}])
    settings = config.load(settings_file)
    for name in ("flow", "plain"):
        publish_plainly(source, tmp_path / name, settings, lambda _: None, now=NOW)
    later = datetime(2026, 3, 1, tzinfo=UTC)

    made = flow.publish(part, tmp_path / "flow", settings_file, later, mode="merge")
    merging = config.merging(settings, "merge")
    plain = publish_plainly(part, tmp_path / "plain", merging, lambda _: None, now=later)

    assert (tmp_path / "flow" / "activities.xml").read_bytes() == (tmp_path / "plain" / "activities.xml").read_bytes()
    assert (made.updated, plain.updated, made.gone) == (1, 1, 0)
