"""`ssc-iati validate`, the real program: what it shows, in which order, and with which exit code it leaves."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import html

from iati_documents import activity, document, identifier, write, wrong
from ssc_iati.cli import app

SRC = Path(__file__).parent.parent / "src"
PROGRAM = "import sys; sys.argv[0] = 'ssc-iati'; from ssc_iati.cli import main; main()"
NOW = ["--now", "2026-01-31"]


def env(**variables):
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC), "LANG": "C.UTF-8", **variables}


def program(*words, cwd=None, data=None, **variables):
    """Run the real program; its environment says nothing that the test does not say."""
    command = [sys.executable, "-c", PROGRAM, "validate", *map(str, words), *NOW]
    done = subprocess.run(
        command, capture_output=True, env=env(**variables), cwd=cwd, input=data, timeout=120, check=False
    )
    assert b"Traceback" not in done.stdout + done.stderr, done.stderr.decode()
    return done


def run(*words, code=1):
    """Run the command in this process."""
    done = CliRunner().invoke(app, ["validate", *map(str, words), *NOW, "--lang", "en"], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done


def lines(*words, code=1):
    return [json.loads(line) for line in run(*words, "--format", "jsonl", code=code).stdout.splitlines()]


@pytest.fixture
def file(tmp_path):
    """Three activities: one error, nothing, one error and a doubled identifier."""
    return write(tmp_path / "a.xml", wrong(1), activity(2), wrong(1))


def test_what_is_sound_is_said_to_be_and_the_exit_is_0(tmp_path):
    done = program(write(tmp_path / "a.xml", activity(1), activity(2)))

    assert (done.returncode, done.stdout) == (0, b"")
    summary, lists = done.stderr.decode().splitlines()
    assert summary == "1 file, 2 activities: nothing was found"
    assert re.fullmatch(r"Codelists of 20\d\d-\d\d(-\d\d)?, rulesets of 20\d\d-\d\d\.", lists)


def test_text_is_grouped_by_file_and_activity(tmp_path, file):
    write(tmp_path / "b.xml", activity(4))
    (tmp_path / "c.xml").write_text("<iati-activities version='2.03'><iati-activity></iati-activities>")

    done = program(tmp_path.name, cwd=tmp_path.parent)

    assert done.returncode == 1
    shown = done.stdout.decode().splitlines()
    assert shown[0] == f"{tmp_path.name}/a.xml (2.03, 3 activities)"
    assert shown[1] == "  The file itself"
    assert shown[2].startswith("    error line ")
    assert shown[3] == f"  {identifier(1)}  Semillas de {identifier(1)}"
    assert re.fullmatch(r"    error line 12: 31167 is no code .*: none resembles it\. \(9\.76\.1\)", shown[4])
    assert shown[7] == f"{tmp_path.name}/c.xml (2.03)"
    assert shown[9].startswith("    critical line 1: ")
    assert shown[9].endswith("(0.1.1)")
    assert "b.xml" not in done.stdout.decode()
    assert done.stderr.decode().startswith("3 files, 4 activities: critical 1, error 3\n")


def test_it_speaks_the_language_of_the_user(file):
    done = program(file, LANG="pt_BR.UTF-8")

    assert "erro linha" in done.stdout.decode()
    assert "1 arquivo, 3 atividades: erro 3" in done.stderr.decode()


def test_no_colours_and_no_bar_where_nobody_watches(file):
    done = program(file)

    assert b"\x1b" not in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no such terminal")
@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_on_a_terminal_severities_are_coloured(file, variables, coloured):
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", PROGRAM, "validate", str(file), *NOW]
    with subprocess.Popen(
        command, stdout=theirs, stderr=subprocess.PIPE, env=env(**{"TERM": "xterm", **variables})
    ) as running:
        os.close(theirs)
        shown = b""
        while chunk := _some(ours):
            shown += chunk
        running.communicate(timeout=60)
    os.close(ours)

    assert b"9.76.1" in shown
    assert (b"\x1b[31merror\x1b[0m" in shown) == coloured


def _some(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def test_json_lines_have_the_documented_keys_and_the_other_places(file):
    doubled, first, _ = lines(file)

    assert doubled.keys() >= {"file", "identifier", "rule", "severity", "category", "message", "hint", "line", "also"}
    assert (doubled["rule"], doubled["identifier"], doubled["line"]) == ("1.1.2", None, 25)
    assert doubled["also"] == [{"line": 3}]
    assert (
        first.items()
        >= {
            "file": str(file),
            "identifier": identifier(1),
            "rule": "9.76.1",
            "severity": "error",
            "line": 12,
            "path": "/iati-activities/iati-activity[1]/sector/@code",
        }.items()
    )
    assert first["values"]["suggestion"] == "", "no code is close to a number that is none"


def test_the_official_report_is_one_object_for_each_file(tmp_path, file):
    (alone,) = map(json.loads, run(file, "--format", "official").stdout.splitlines())

    assert list(alone) == [
        "valid",
        "fileType",
        "iatiVersion",
        "rulesetCommitSha",
        "codelistCommitSha",
        "orgIdPrefixFileName",
        "apiVersion",
        "summary",
        "errors",
    ]
    assert (alone["valid"], alone["fileType"], alone["iatiVersion"]) == (True, "iati-activities", "2.03")
    assert alone["summary"] == {"critical": 0, "error": 3, "warning": 0, "advisory": 0}
    assert [each["identifier"] for each in alone["errors"]] == [identifier(1), f"{identifier(1)}(2)", "file"]

    write(tmp_path / "b.xml", activity(1))
    several = [json.loads(line) for line in run(tmp_path, "--format", "official").stdout.splitlines()]
    assert [(each["file"], each["summary"]["error"]) for each in several] == [
        (f"{tmp_path}/a.xml", 3),
        (f"{tmp_path}/b.xml", 0),
    ]


def test_a_page_needs_nothing_from_elsewhere_and_shows_data_as_data(tmp_path):
    evil = wrong(1).replace("Semillas de", "<![CDATA[<script>alert(1)</script>]]>")
    path = write(tmp_path / "<b>.xml", evil)

    page = run(path, "--format", "html").stdout

    tree = html.document_fromstring(page)
    assert not tree.xpath("//script|//link|//img|//*[@src]|//*[@href]|//b[text()='.xml']")
    assert "1 file, 1 activity: error 1" in tree.findtext(".//p")
    (shown,) = tree.xpath("//details[@class='error'][@open]")
    assert "<script>alert(1)</script>" in shown.findtext("summary") + "".join(shown.find("summary").itertext())
    assert [each.get("class") for each in shown.xpath(".//li")] == ["error"]
    assert [each.get("id") for each in tree.xpath("//input[@type='radio']")] == [
        "s-advisory",
        "s-warning",
        "s-error",
        "s-critical",
    ]


def with_everything(path):
    """A critical fault, an error, a warning, an advisory."""
    extra = '<related-activity ref="XM-DAC-41119-other" type="1"/>'
    advised = wrong(1).replace('ref="XM-DAC-41119" type="40"', 'ref="XX-XXX" type="40"', 1)
    broken = activity(2).replace("<activity-status", "<nonsense/><activity-status")
    return write(path, advised.replace("</iati-activity>", f"{extra}</iati-activity>"), broken)


def test_severity_chooses_what_is_shown_but_not_what_counts(tmp_path):
    path = with_everything(tmp_path / "a.xml")
    shown = {
        severity: {each["severity"] for each in lines(path, "--severity", severity)}
        for severity in ("advisory", "warning", "error", "critical")
    }

    assert shown == {
        "advisory": {"critical", "error", "warning", "advisory"},
        "warning": {"critical", "error", "warning"},
        "error": {"critical", "error"},
        "critical": {"critical"},
    }
    only_error = write(tmp_path / "b.xml", wrong(1))
    done = run(only_error, "--severity", "critical")
    assert (done.stdout, "error 1" in done.stderr) == ("", True)


def test_rules_choose_what_counts(tmp_path):
    path = with_everything(tmp_path / "a.xml")

    assert {each["rule"] for each in lines(path, "--rules", "9.*")} == {"9.76.1"}
    assert {each["rule"] for each in lines(path, "--rules", "1000.*", code=0)} == {"1000.0.6"}
    assert "9.76.1" not in {each["rule"] for each in lines(path, "--rules", "!9.*")}
    assert lines(path, "--rules", "-9.*,official") == lines(path, "--rules", "official,!9.*")


@pytest.mark.parametrize(
    "words",
    [
        ["none.xml"],
        ["a.xml", "none.xml"],
        [],
        ["a.xml", "--rules", "9.999.1"],
        ["a.xml", "--now", "tomorrow"],
        ["a.xml", "--format", "pdf"],
        ["a.xml", "--severity", "bad"],
        ["a.xml", "--jobs", "0"],
        ["/dev/null"],
    ],
)
def test_wrong_usage_and_a_path_that_cannot_be_opened_exit_2(file, words):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "validate", *words],
        capture_output=True,
        env=env(),
        cwd=file.parent,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr
    assert b"Traceback" not in done.stderr


def test_the_clock_can_be_set(tmp_path):
    path = write(tmp_path / "a.xml", activity(1))
    done = CliRunner().invoke(app, ["validate", str(path), "--now", "2024-02-29T10:00:00+02:00"])

    assert done.exit_code == 1
    assert "(11.1.4)" in done.stdout


def test_a_pipe_is_judged_too(file):
    for data in (file.read_bytes(), gzip.compress(file.read_bytes())):
        done = program("-", data=data)

        assert done.returncode == 1
        assert done.stdout.decode().startswith("- (2.03, 3 activities)\n")


@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are always text")
def test_hostile_names_are_no_commands_to_a_terminal_and_end_no_run(tmp_path):
    top = tmp_path / "top"
    write(top / os.fsdecode(b"\x1b[2J\xff.xml"), wrong("\x85\u202e"))
    with zipfile.ZipFile(top / "z.zip", "w") as archive:
        archive.writestr("\x1b]0;x\x07.xml", document(wrong(2)))

    for form in ("text", "jsonl", "official", "html"):
        done = program(top, "--format", form)

        shown = (done.stdout + done.stderr).decode()
        assert done.returncode == 1
        assert "9.76.1" in shown
        assert not [sign for sign in shown if not sign.isprintable() and sign != "\n"]


def test_several_processes_show_the_same(tmp_path):
    for number in range(30):
        write(tmp_path / f"{number:02}.xml", wrong(number), *([wrong(number)] if number % 7 == 0 else []))
    (tmp_path / "10.xml").write_text("<iati-activities")
    large = [wrong(number) for number in range(4000)]
    write(tmp_path / "99.xml", *large)

    for form in ("text", "official"):
        alone, shared = (program(tmp_path, "--format", form, "--jobs", jobs) for jobs in (1, 2))
        assert shared.stdout == alone.stdout
        assert shared.stderr == alone.stderr
        assert alone.stdout.count(b"9.76.1") > 4000


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupt_ends_everything_at_once(tmp_path):
    path = tmp_path / "large.xml"
    path.write_text(document(*(wrong(number) for number in range(30_000))), encoding="utf-8")
    deaf_no_more = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    command = [sys.executable, "-c", deaf_no_more + PROGRAM, "validate", str(path), "--jobs", "2", *NOW]

    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env(), start_new_session=True
    ) as running:
        workers = _children(running.pid)
        began = time.monotonic()
        while running.poll() is None and time.monotonic() < began + 30:
            os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to all of them
            time.sleep(0.3)
        shown = b"".join(running.communicate(timeout=10))

    assert running.returncode not in {0, None}
    assert b"Traceback" not in shown
    assert not [each for each in workers if Path(f"/proc/{each}").exists()]


def _children(process):
    """The processes that it started, as soon as there are two."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
        if len(found) >= 2:
            return found
        time.sleep(0.01)
    raise AssertionError("no workers")


def test_a_process_that_is_killed_is_an_error_of_the_world(tmp_path):
    path = tmp_path / "large.xml"
    path.write_text(document(*(wrong(number) for number in range(30_000))), encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, "validate", str(path), "--jobs", "2", *NOW]

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env()) as running:
        os.kill(int(_children(running.pid)[0]), signal.SIGKILL)
        _, said = running.communicate(timeout=60)

    assert running.returncode == 3
    assert said.decode().startswith("ssc-iati: a process ended before its work was done")
