"""The commands: all are told, each is made when it is asked for, and none waits for another."""

import subprocess
import sys

import pytest
from click import Context
from click.testing import CliRunner

from iati_documents import activity, write
from ssc_iati.cli import app
from ssc_iati.cli_commands import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_is(name):
    done = CliRunner().invoke(app, [name, "--help"])

    assert done.exit_code == 0
    assert done.stdout.split("\n")[0].strip().startswith(f"Usage: ssc-iati {name} ")


def test_the_help_tells_every_command_with_its_first_words():
    done = CliRunner().invoke(app, ["--help"])

    told = [line.split() for line in done.stdout.partition("Commands:")[2].splitlines() if line.strip()]
    assert [words[0] for words in told] == list(COMMANDS)
    assert all(len(words) > 3 for words in told)


def test_a_name_that_is_nearly_right_is_suggested():
    done = CliRunner().invoke(app, ["chekc"])

    assert done.exit_code == 2
    assert "Did you mean 'check'?" in done.output


def test_a_command_is_made_once():
    context = Context(app)

    assert app.get_command(context, "check") is app.get_command(context, "check")
    assert app.get_command(context, "nothing") is None


def test_to_validate_does_not_import_what_only_records_need(tmp_path):
    """What is parsed and judged as XML has no models; to import them takes longer than to judge ten activities."""
    file = write(tmp_path / "a.xml", activity(1))
    program = (
        "import sys; from ssc_iati.cli import app; app(['validate', *sys.argv[1:]], standalone_mode=False);"
        "print(*{'pydantic', 'ssc_iati.record'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=True)

    assert done.stderr.splitlines()[-1] == ""


def test_no_command_imports_what_the_others_need():
    program = (
        "import sys; from ssc_iati.cli import app; app(['convert', '--help'], standalone_mode=False);"
        "print(*sorted(name for name in sys.modules if name.startswith('ssc_iati.cli_')), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stderr.split() == [f"ssc_iati.cli_{each}" for each in ("commands", "options", "records", "story")]


def test_the_program_ends_with_its_code_after_all_that_was_to_be_done_at_the_end(tmp_path):
    program = (
        "import atexit, sys; from ssc_iati import memory; from ssc_iati.cli import program; done = sys.argv.pop();"
        "memory.for_one_command = lambda: atexit.register(lambda: open(done, 'w').close()); program()"
    )
    for words, code in ((["--help"], 0), (["check", str(tmp_path / "nothing.xlsx")], 2)):
        done = tmp_path / f"done-{code}"
        ended = subprocess.run(
            [sys.executable, "-c", program, *words, str(done)], capture_output=True, text=True, check=False
        )

        assert ended.returncode == code
        assert done.exists()
        assert ended.stdout or ended.stderr


def test_the_program_says_when_what_it_wrote_reached_nobody():
    program = "from ssc_iati.cli import program; import sys; sys.stdout.close(); sys.argv[1:] = ['--help']; program()"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert ended.returncode != 0
