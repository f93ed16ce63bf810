"""The search for circles of garbage rests while it is told to, and no longer; a process of one command loses naught."""

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from ssc_iati.memory import without_collection

SRC = Path(__file__).parent.parent / "src"


class Circle:
    def __init__(self):
        self.me = self


def test_it_rests_within_and_goes_on_after():
    with without_collection():
        assert not gc.isenabled()
        with without_collection():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_a_trouble_too():
    with pytest.raises(KeyError), without_collection():
        raise KeyError
    assert gc.isenabled()


def test_what_was_dropped_meanwhile_is_found_later():
    with without_collection():
        circle = weakref.ref(Circle())
    gc.collect()
    assert circle() is None


def test_a_process_of_one_command_writes_all_it_has_to_and_ends_as_it_should(tmp_path):
    program = (
        "import sys\nfrom ssc_iati.memory import for_one_command\nfor_one_command()\n"
        f"file = open({str(tmp_path / 'written')!r}, 'w')\nfile.write('x' * 100_000)\nfile.close()\n"
        "[bytes(300_000) for _ in range(1_000)]\nprint('y' * 100_000)\nsys.exit(3)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(SRC)}, capture_output=True, check=False
    )

    assert (run.returncode, run.stdout, run.stderr) == (3, b"y" * 100_000 + b"\n", b"")
    assert (tmp_path / "written").read_text() == "x" * 100_000
