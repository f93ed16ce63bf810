"""The real command line, in a process of its own: exit codes, languages, and never a traceback."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from builders import TODAY, sound_project, sound_tables, write_csv, write_jsonl, write_workbook

SRC = Path(__file__).parent.parent / "src"
NO_CACHE = {"SSC_IATI_CACHE": os.environ["SSC_IATI_CACHE"]}
CONFIG = """[publisher]
language = "es"
default_currency = "USD"
[publisher.reporting_org]
ref = "XM-DAC-41119"
type = "40"
names = "Oficina"
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def cli(*words, cwd=None, **variables):
    """Run the program; the environment says nothing that the test does not say."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC), **NO_CACHE, "LANG": "C.UTF-8", **variables}
    program = "import sys; sys.argv[0] = 'ssc-iati'; from ssc_iati.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, words)],
        capture_output=True,
        env=env,
        cwd=cwd,
        timeout=120,
        check=False,
    )


def shown(done):
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert "Traceback" not in text, text
    return text


def missing(folder):
    return folder / "none.xlsx"


def empty(folder):
    (folder / "empty.xlsx").touch()
    return folder / "empty.xlsx"


def pdf(folder):
    (folder / "report.xlsx").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    return folder / "report.xlsx"


def folder_without_csv(folder):
    (folder / "bare").mkdir()
    (folder / "bare" / "read.me").touch()
    return folder / "bare"


def cut_json(folder):
    (folder / "cut.json").write_text(json.dumps([sound_project("P-1"), sound_project("P-2")])[:-30], encoding="utf-8")
    return folder / "cut.json"


def zip_bomb(folder):
    """Half a gigabyte of nothing in half a megabyte."""
    path = write_workbook(folder / "bomb.xlsx", sound_tables("P-1"))
    parts = {}
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in parts.items():
            if name != "xl/worksheets/sheet1.xml":
                book.writestr(name, data)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(parts["xl/worksheets/sheet1.xml"].replace(b"</worksheet>", b"<!--"))
            for _ in range(512):
                sheet.write(b" " * (1 << 20))
            sheet.write(b"--></worksheet>")
    return path


def no_table_of_projects(folder):
    return write_csv(folder / "other", {"sectors": [{"project": "P-1", "code": "31166"}]})


REFUSED = [missing, empty, pdf, folder_without_csv, cut_json, zip_bomb, no_table_of_projects]


@pytest.mark.parametrize("command", ["check", "convert"])
@pytest.mark.parametrize("make", REFUSED, ids=lambda each: each.__name__)
def test_a_source_that_cannot_be_read_is_refused_in_one_line_and_nothing_is_written(tmp_path, make, command):
    source = make(tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    more = ["-o", out / "a.xml"] if command == "convert" else []

    done = cli(command, source, *more, "--lang", "es")

    assert done.returncode == 2
    assert shown(done).count("\n") == 1
    assert "crítico" in shown(done)
    assert "(ssc-" in shown(done)
    assert list(out.iterdir()) == []


def test_a_refusal_is_a_line_of_json_too_where_that_was_asked_for(tmp_path):
    for words in (["--format", "jsonl"], ["--format=jsonl"]):
        done = cli("check", tmp_path / "none.xlsx", *words)

        assert json.loads(done.stdout)["rule"] == "ssc-source-missing"


@pytest.mark.parametrize(
    "words",
    [
        ["check", "s", "--now", "tomorrow"],
        ["check", "s", "--nonsense"],
        ["check"],
        ["convert", "s"],
        ["check", "s", "--lang", "xx"],
        ["check", "s", "--format", "pdf"],
        ["check", "s", "--jobs", "0"],
        ["chekc", "s"],
        ["check", "s", "--config", "none.toml"],
        ["publish", "s"],
        ["plan", "s"],
        ["plan", "s", "--to", "x", "--format", "html"],
        ["publish", "s", "--to", "x", "--allow", "nonsense"],
        ["publish", "s", "--to", "x", "--allow", "empty"],
        ["history"],
        ["history", "--to", "x"],
        ["rollback", "1"],
        ["rollback", "first", "--to", "x"],
        ["rollback", "1", "--to", "x"],
    ],
)
def test_wrong_usage_is_said_and_is_no_fault_of_ours(tmp_path, words):
    done = cli(*words, cwd=tmp_path)

    assert done.returncode == 2
    assert shown(done)
    assert done.stdout == b""


def test_what_is_sound_is_converted_and_the_exit_says_so(tmp_path, config):
    source = write_csv(tmp_path / "s", sound_tables("P-1", "P-2"))

    done = cli(
        "convert", source, "-o", tmp_path / "a.xml", "--config", config, "--now", TODAY.isoformat(), "--lang", "fr"
    )

    assert done.returncode == 0
    assert done.stdout == b""
    assert "2 projets" in done.stderr.decode()
    assert (tmp_path / "a.xml").read_bytes().count(b"<iati-activity ") == 2


@pytest.mark.parametrize(
    ("variables", "words", "said"),
    [
        ({}, [], "set aside"),
        ({"LANG": "es_CO.UTF-8"}, [], "apartados"),
        ({"LANG": "es_CO.UTF-8", "LC_ALL": "pt_BR.UTF-8"}, [], "separados"),
        ({"LANG": "es_CO.UTF-8"}, ["--lang", "en"], "set aside"),
        ({"LANG": "de_DE.UTF-8"}, [], "set aside"),
    ],
)
def test_findings_are_said_in_the_language_of_the_user_and_the_exit_is_1(tmp_path, config, variables, words, said):
    tables = sound_tables("P-1", "P-2")
    tables["projects"][0]["status"] = "xyzzy"
    source = write_csv(tmp_path / "s", tables)

    done = cli("check", source, "--config", config, *words, **variables)

    assert done.returncode == 1
    assert said in done.stderr.decode()
    (line,) = done.stdout.decode().splitlines()
    assert "projects.csv" in line
    assert "XM-DAC-41119-P-1" in line
    assert line.endswith("(ssc-term-unknown)")


def test_the_messages_are_spanish_where_that_is_asked_for(tmp_path, config):
    tables = sound_tables("P-1")
    tables["projects"][0]["title"] = None

    done = cli("check", write_csv(tmp_path / "s", tables), "--config", config, "--lang", "es")

    assert "fila 2, columna title" in done.stdout.decode()
    assert "título" in done.stdout.decode()


def test_json_lines_carry_the_documented_keys(tmp_path, config):
    tables = sound_tables("P-1", "P-2")
    tables["projects"][0]["status"] = "xyzzy"
    tables["nonsense"] = [{"a": 1}]
    source = write_workbook(tmp_path / "s.xlsx", tables)

    done = cli("check", source, "--config", config, "--format", "jsonl")

    told = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [each["rule"] for each in told] == ["ssc-table-unknown", "ssc-term-unknown"]
    assert all(
        {"file", "identifier", "rule", "severity", "category", "message", "hint"} <= each.keys() for each in told
    )
    assert {name: told[1][name] for name in ("file", "sheet", "row", "column", "cell", "identifier")} == {
        "file": str(source),
        "sheet": "projects",
        "row": 2,
        "column": "status",
        "cell": "D2",
        "identifier": "XM-DAC-41119-P-1",
    }


def test_a_page_of_findings_is_one_file_and_shows_data_as_data(tmp_path, config):
    tables = sound_tables("P-1")
    tables["projects"][0]["status"] = "<script>alert(1)</script>"

    done = cli("check", write_csv(tmp_path / "s", tables), "--config", config, "--format", "html")

    page = done.stdout.decode()
    assert page.startswith("<!doctype html>")
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_what_data_hold_is_never_a_command_to_the_terminal(tmp_path, config):
    source = write_jsonl(tmp_path / "s.jsonl", [sound_project(key="P\x1b[2J\u202e1", bogus=1)])

    done = cli("check", source, "--config", config)

    assert done.returncode == 1
    assert not [sign for sign in done.stdout.decode() if not sign.isprintable() and sign != "\n"]


@pytest.mark.parametrize("target", ["folder", "none/a.xml", "file/a.xml"])
def test_a_target_that_cannot_be_written_is_the_worlds_fault(tmp_path, config, target):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    source = write_csv(tmp_path / "s", sound_tables("P-1"))

    done = cli("convert", source, "-o", tmp_path / target, "--config", config)

    assert done.returncode == 3
    assert shown(done).startswith("ssc-iati: ")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["config.toml", "file", "folder", "s"]


def test_a_folder_that_may_not_be_written_is_the_worlds_fault(tmp_path, config):
    source = write_csv(tmp_path / "s", sound_tables("P-1"))
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    if os.geteuid() == 0:
        closed = Path("/proc")  # to the superuser only the system's own folders are closed

    done = cli("convert", source, "-o", closed / "a.xml", "--config", config)

    assert done.returncode == 3
    assert shown(done).count("\n") <= 2
    assert "Traceback" not in shown(done)


def test_a_reader_that_leaves_early_is_no_fault_of_ours(tmp_path, config):
    tables = sound_tables(*(f"P-{number}" for number in range(2000)))
    for row in tables["projects"]:
        row["status"] = "xyzzy"
    source = write_csv(tmp_path / "s", tables)
    program = "from ssc_iati.cli import main; main()"
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC), **NO_CACHE}

    with subprocess.Popen(
        [sys.executable, "-c", program, "check", source, "--config", config],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
    ) as running:
        running.stdout.readline()
        running.stdout.close()
        said = running.stderr.read().decode()

    assert running.returncode == 3
    assert "Traceback" not in said


@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are always text")
def test_a_name_that_is_no_text_is_shown_and_ends_no_run(tmp_path, config):
    tables = sound_tables("P-1")
    tables["projects"][0]["status"] = "xyzzy"
    source = write_csv(tmp_path / os.fsdecode(b"s\xff"), tables)

    for form in ("text", "jsonl", "html"):
        done = cli("check", source, "--config", config, "--format", form)

        assert done.returncode == 1
        assert "ssc-term-unknown" in shown(done)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_words_that_the_terminal_cannot_show_end_no_run(tmp_path, config, encoding):
    tables = sound_tables("P-1")
    tables["projects"][0]["status"] = "状態"

    done = cli(
        "check", write_csv(tmp_path / "s", tables), "--config", config, "--lang", "es", PYTHONIOENCODING=encoding
    )

    assert done.returncode == 1
    assert b"ssc-term-unknown" in done.stdout


HEAVY = ["lxml", "prefect", "sqlalchemy", "openpyxl", "requests", "ssc_iati.run"]


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        (["--help"], [*HEAVY, "pydantic"]),
        (["--version"], [*HEAVY, "pydantic"]),
        # Typer itself loads pydantic, where it is installed, for a command that has options.
        (["check", "--help"], HEAVY),
        (["convert", "--help"], HEAVY),
        (["validate", "--help"], HEAVY),
        (["registry", "sync", "--help"], HEAVY),
        (["readback", "--help"], HEAVY),
    ],
)
def test_help_is_quick_because_it_loads_nothing_heavy(words, heavy):
    program = (
        "import sys\nfrom ssc_iati.cli import main\n"
        f"sys.argv = ['ssc-iati', *{words!r}]\n"
        "try:\n    main()\nexcept SystemExit as left:\n    assert not left.code\n"
        f"print('loaded:', [name for name in {heavy!r} if name in sys.modules])"
    )
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC), **NO_CACHE}

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, env=env, check=True, text=True, encoding="utf-8"
    )

    assert done.stdout.endswith("loaded: []\n")
    assert len(done.stdout.splitlines()) > 1


# --- A publication ----------------------------------------------------------------------------------------------------


@pytest.fixture
def published(tmp_path, config):
    """The program at work on a publication of twelve records, which stands."""
    write_jsonl(tmp_path / "s.jsonl", [sound_project(f"P-{number}") for number in range(12)])

    def ask(command, *words, source=tmp_path / "s.jsonl"):
        given = [source] if command in {"plan", "publish"} else []
        return cli(command, *given, "--to", tmp_path / "public", "--config", config, *words)

    done = ask("publish", "--now", "2026-01-31")
    assert done.returncode == 0, shown(done)
    assert "release 1: 12 new" in shown(done)
    return ask


def test_a_plan_is_told_in_words_then_published_and_gone_back_from(published, tmp_path):
    records = [sound_project(f"P-{number}") for number in range(12)]
    records[3] = sound_project("P-3", title=[{"lang": "es", "text": "Otro título"}])
    write_jsonl(tmp_path / "s.jsonl", records)
    before = (tmp_path / "public" / "activities.xml").read_bytes()

    planned = published("plan", "--lang", "es")
    done = published("publish", "--now", "2026-02-05", "--lang", "es")
    again = published("publish", "--now", "2026-02-06")
    after = (tmp_path / "public" / "activities.xml").read_bytes()
    back = published("rollback", "1", "--lang", "es")
    told = published("history", "--lang", "es")

    assert (planned.returncode, done.returncode, again.returncode, back.returncode, told.returncode) == (0, 0, 0, 0, 0)
    assert planned.stdout.decode().splitlines()[0] == "modificada: XM-DAC-41119-P-3"
    assert "    Título [es]: (nada) -> Otro título" in planned.stdout.decode()
    assert "publicación 1: 1 modificada, 11 sin cambios" in planned.stderr.decode().replace("Comparado con la ", "")
    assert "publicación 2: 1 modificadas" in done.stderr.decode()
    assert "release 2: same as before, not done again" in again.stderr.decode()
    assert [
        one == other for one, other in zip(before.split(b"\n  <iati-"), after.split(b"\n  <iati-"), strict=True)
    ].count(False) == 2
    assert (tmp_path / "public" / "activities.xml").read_bytes() == before
    assert "vuelta a la publicación 1, vigente" in told.stdout.decode()


def test_what_a_guard_refuses_ends_in_exit_code_4_and_can_be_allowed(published, tmp_path):
    write_jsonl(tmp_path / "s.jsonl", [sound_project("P-1")])
    before = (tmp_path / "public" / "activities.xml").read_bytes()

    planned = published("plan")
    refused = published("publish", "--format", "jsonl")
    after = (tmp_path / "public" / "activities.xml").read_bytes()
    allowed = published("publish", "--allow", "activities")
    told = published("history", "--format", "jsonl")

    assert (planned.returncode, refused.returncode, allowed.returncode) == (4, 4, 0)
    assert "11 of 12 activities" in planned.stderr.decode()
    assert "--allow activities" in planned.stderr.decode()
    assert [json.loads(line)["rule"] for line in refused.stdout.decode().splitlines()] == ["ssc-guard-activities"]
    assert after == before
    rows = [json.loads(line) for line in told.stdout.decode().splitlines()]
    assert [each["state"] for each in rows if each["kind"] == "run"] == ["published", "refused", "published"]
    assert "11 of 12" in rows[2]["allowed"]["activities"]


def test_a_plan_and_a_history_are_for_programs_too(published, tmp_path):
    write_jsonl(tmp_path / "s.jsonl", [sound_project(f"P-{number}") for number in range(13)])

    planned = [json.loads(line) for line in published("plan", "--format", "jsonl").stdout.decode().splitlines()]
    told = [
        json.loads(line)
        for line in published("history", "--format", "jsonl", "--last", "1").stdout.decode().splitlines()
    ]
    page = published("history", "--format", "html", "--lang", "pt").stdout.decode()

    assert planned == [{"kind": "new", "identifier": "XM-DAC-41119-P-12", "fields": [], "rules": []}]
    assert [each["kind"] for each in told] == ["release", "run"]
    assert page.startswith("<!doctype html>")
    assert "Histórico" in page


def test_a_ledger_that_cannot_be_reached_is_the_worlds_fault_and_its_password_is_not_shown(tmp_path):
    config = tmp_path / "other.toml"
    config.write_text(CONFIG + '[publish]\nledger = "postgresql+psycopg://who@127.0.0.1:9/x"\n')
    source = write_jsonl(tmp_path / "s.jsonl", [sound_project()])

    done = cli("publish", source, "--to", tmp_path / "public", "--config", config, PGPASSWORD="SECRET")

    assert done.returncode == 3
    assert "SECRET" not in shown(done)
    assert "ledger" in shown(done)


def test_an_interrupted_run_ends_at_once_and_leaves_nothing_behind(tmp_path, config):
    source = write_csv(tmp_path / "s", sound_tables(*(f"P-{number}" for number in range(4000))))
    target = tmp_path / "out" / "a.xml"
    target.parent.mkdir()
    target.write_text("the last good file")
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from ssc_iati.cli import main; main()"
    )
    words = ["convert", source, "-o", target, "--config", config, "--jobs", "2"]
    command = [sys.executable, "-c", program, *map(str, words)]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC), **NO_CACHE, "LANG": "C.UTF-8"}

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as running:
        while not list(target.parent.glob(".*.draft")):
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)

    assert running.returncode != 0
    assert b"Traceback" not in said
    assert [path.name for path in target.parent.iterdir()] == ["a.xml"]
    assert target.read_text() == "the last good file"


# --- Import -----------------------------------------------------------------------------------------------------------

IATI = (
    '<iati-activities version="2.02"><iati-activity><iati-identifier>XM-1</iati-identifier>'
    '<reporting-org ref="XM" type="10">'
    "<narrative>R</narrative></reporting-org><title><narrative>T</narrative></title><description><narrative>D</narrative>"
    '</description><participating-org role="4"><narrative>P</narrative></participating-org><activity-status code="2"/>'
    '<activity-date type="1" iso-date="2024-01-01"/></iati-activity></iati-activities>'
)


@pytest.mark.parametrize("target", ["records.jsonl", "records.xlsx", "records"])
def test_a_file_goes_in_and_comes_out_by_two_commands(tmp_path, target):
    (tmp_path / "a.xml").write_text(IATI)

    brought = cli("import", tmp_path / "a.xml", "-o", tmp_path / target)
    made = cli("convert", tmp_path / target, "-o", tmp_path / "b.xml", "--now", "2026-01-31")

    assert (brought.returncode, brought.stdout) == (0, b"")
    assert (tmp_path / "b.xml").read_text().count("XM-1") == 1, made.stderr
    assert 'version="2.02"' in (tmp_path / "b.xml").read_text()
    cli("convert", tmp_path / target, "-o", tmp_path / "c.xml", "--upgrade")
    assert 'version="2.03"' in (tmp_path / "c.xml").read_text()


@pytest.mark.parametrize("lang", ["en", "es", "pt", "fr"])
@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (IATI[:-9], "ssc-xml-broken"),
        ("<!DOCTYPE html><html></html>", "ssc-source-html"),
        ('<!DOCTYPE a [<!ENTITY b "c">]>' + IATI, "ssc-xml-document-type"),
        ("<feed/>", "ssc-xml-not-iati"),
    ],
)
def test_what_is_no_iati_file_is_refused_in_one_line(tmp_path, content, rule, lang):
    (tmp_path / "a.xml").write_text(content)

    told = cli("import", tmp_path / "a.xml", "-o", tmp_path / "out.jsonl", "--lang", lang)

    assert told.returncode == 2
    assert rule in shown(told)
    assert "Traceback" not in shown(told)
    assert not (tmp_path / "out.jsonl").exists()


def test_a_table_alone_is_planned_and_merged(published, tmp_path):
    before = (tmp_path / "public" / "activities.xml").read_bytes()
    write_jsonl(tmp_path / "s.jsonl", [{"key": "p 3", "title": [{"lang": "en", "text": "Seeds"}]}])

    planned = published("plan", "--mode", "merge", "--lang", "fr")
    done = published("publish", "--mode", "merge")
    wrong = published("publish", "--mode", "heap")

    assert (planned.returncode, done.returncode, wrong.returncode) == (0, 0, 2)
    assert planned.stdout.decode().splitlines()[:2] == ["modifiée: XM-DAC-41119-P-3", "    Projets: 1 modifiées"]
    assert "Projets: 1 modifiées" in planned.stderr.decode()
    after = (tmp_path / "public" / "activities.xml").read_bytes()
    assert after.count(b"<iati-identifier>") == before.count(b"<iati-identifier>")
    assert after.count(b"Seeds") == 1


def test_a_plan_says_what_is_wrong_with_its_source(published, tmp_path):
    header = ["project", "type", "date", "value", "borar"]
    rows = [["NOPE", "3", "2025-01-01", "5", ""], ["P-3", "3", "2025-01-01", "many", "[delete]"]]
    source = write_csv(tmp_path / "part", {"transactions": [dict(zip(header, row, strict=True)) for row in rows]})

    told = published("plan", "--mode", "merge", "--lang", "es", source=source)
    lines = published("plan", "--mode", "merge", "--format", "jsonl", source=source).stdout.decode().splitlines()

    assert told.returncode == 1
    assert "fila 3, columna value" in told.stderr.decode()
    assert "NOPE" in told.stderr.decode()
    assert "borar" in told.stderr.decode()
    assert {json.loads(line).get("rule") for line in lines} == {
        None, "ssc-project-unknown", "ssc-column-unknown", "ssc-number-unreadable"
    }  # fmt: skip


def test_what_is_missing_is_decided_by_command(published, tmp_path):
    write_jsonl(tmp_path / "s.jsonl", [sound_project(f"P-{number}") for number in range(11)])
    done = published("publish", "--lang", "pt")
    where = ("--to", tmp_path / "public", "--config", tmp_path / "config.toml")
    decided = cli("decide", "drop", "XM-DAC-41119-P-11", *where, "--lang", "es")
    unknown = cli("decide", "rename", "XX-1", "XX-2", *where)
    listed = cli("decide", "list", *where)
    again = published("publish")

    assert (done.returncode, decided.returncode, unknown.returncode, again.returncode) == (1, 0, 2, 0)
    assert "não está mais na fonte" in done.stdout.decode()
    assert decided.stderr.decode() == "retirada: XM-DAC-41119-P-11\n"
    assert "XX-1" in shown(unknown)
    assert json.loads(listed.stdout)["identifier"] == "XM-DAC-41119-P-11"
    assert b"P-11<" not in (tmp_path / "public" / "activities.xml").read_bytes()
