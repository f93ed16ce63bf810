"""A file that is there whole or not at all, whatever the world does meanwhile."""

import os
import stat
import subprocess
from contextlib import suppress

import pytest

from ssc_iati.publish.folder import whole_file

OLD = b"the last good output"


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "activities.xml"
    path.write_bytes(OLD)
    return path


def alone(path):
    """Nothing stands beside the file."""
    return [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_file_that_is_written_well_takes_the_place_of_the_old_one(target):
    with whole_file(target) as file:
        file.write(b"new")
        assert target.read_bytes() == OLD

    assert target.read_bytes() == b"new"
    assert alone(target)


def test_a_new_file_appears(tmp_path):
    with whole_file(tmp_path / "new.xml") as file:
        file.write(b"new")

    assert (tmp_path / "new.xml").read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt, SystemExit, MemoryError, GeneratorExit])
def test_whatever_happens_while_it_is_written_the_old_file_stays_and_no_draft_is_left(target, error):
    with pytest.raises(error), whole_file(target) as file:  # noqa: PT012
        file.write(b"half")
        file.flush()
        raise error

    assert target.read_bytes() == OLD
    assert alone(target)


def test_a_file_that_its_writer_closed_early_is_no_whole_file(target):
    with pytest.raises(ValueError, match="closed"), whole_file(target) as file:  # noqa: PT012
        file.write(b"half")
        file.close()

    assert target.read_bytes() == OLD
    assert alone(target)


@pytest.fixture
def tiny(tmp_path):
    """A disk of 64 kB; where none may be mounted, there is nothing to fill."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    with suppress(OSError):
        if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
            yield folder
            subprocess.run(["umount", str(folder)], check=True)
            return
    pytest.skip("no right to mount a file system")


def test_a_disk_that_is_full_leaves_the_old_file_and_no_draft(tiny):
    path = tiny / "activities.xml"
    path.write_bytes(OLD)

    with pytest.raises(OSError, match="No space left"), whole_file(path) as file:  # noqa: PT012
        for _ in range(100):
            file.write(b"x" * 4096)

    assert path.read_bytes() == OLD
    assert alone(path)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")  # noqa: PTH110
def test_a_write_that_fails_only_when_it_is_flushed_leaves_the_old_file(target):
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        with pytest.raises(OSError, match="No space left"), whole_file(target) as file:  # noqa: PT012
            os.dup2(full, file.fileno())
            file.write(b"short enough to wait in the buffer")
    finally:
        os.close(full)

    assert target.read_bytes() == OLD
    assert alone(target)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_new_file_has_the_mode_of_the_old_one(target, mode):
    target.chmod(mode)

    with whole_file(target) as file:
        file.write(b"new")

    assert stat.S_IMODE(target.stat().st_mode) == mode


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_new_file_has_the_mode_that_the_mask_leaves(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        with whole_file(tmp_path / "new.xml") as file:
            file.write(b"new")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "new.xml").stat().st_mode) == mode


def test_a_folder_that_is_not_there_or_stands_in_the_way_is_an_error_of_the_world(tmp_path):
    (tmp_path / "folder").mkdir()

    with pytest.raises(OSError, match=r"."), whole_file(tmp_path / "none" / "a.xml"):
        pytest.fail("nothing can be written here")
    with pytest.raises(OSError, match=r"."), whole_file(tmp_path / "folder") as file:
        file.write(b"new")

    assert [each.name for each in tmp_path.iterdir()] == ["folder"]
