"""Several files of a folder change in one act, whatever becomes of the run that changes them."""

import errno
import os
import signal
import sys
from pathlib import Path

import pytest
from test_stores import QUIET, wanted

from ssc_iati.publish.store import put_in_place
from ssc_iati.publish.store.at_once import SWITCHING
from ssc_iati.publish.store.local import LocalStore

POSIX = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are killed as POSIX does it")
OLD = {"a.xml": b"old a", "b.xml": b"old b", "stays.xml": b"stays", "goes.xml": b"goes"}
NEW = {"a.xml": b"new a", "b.xml": b"new b", "stays.xml": b"stays", "comes.xml": b"comes"}
ACTS = frozenset(
    {"os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "shutil.rmtree"}
)
"""What changes something in a folder, as Python's audit hooks call it."""


@pytest.fixture
def public(tmp_path):
    """A folder in which the old release stands, beside a file that is no business of ours."""
    folder = tmp_path / "public"
    put(folder, OLD, tmp_path)
    (folder / "index.html").write_text("welcome")
    return folder


def put(folder, release, made, gone=()):
    files = wanted(made, **{name.removesuffix(".xml"): body for name, body in release.items()})
    store = LocalStore(folder)
    try:
        put_in_place(store, files, gone, QUIET)
    finally:
        store.close()


def seen(folder):
    """What readers get."""
    names = [each.name for each in folder.iterdir() if each.name not in {"index.html", SWITCHING}]
    return {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}


def die_at(act, folder, made):
    """Let a process of its own put the new release there, and kill it before so many acts are done; whether it was."""
    child = os.fork()
    if child == 0:
        left = act

        def hook(event, _):
            nonlocal left
            if event in ACTS:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        put(folder, NEW, made, gone=["goes.xml"])
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@POSIX
def test_a_crash_between_any_two_acts_leaves_the_old_release_or_the_new_one_whole(tmp_path, public):
    states = []
    for act in range(1, 200):
        put(public, OLD, tmp_path, gone=["comes.xml"])
        killed = die_at(act, public, tmp_path)
        states.append(seen(public))
        LocalStore(public).close()

        assert states[-1] in (OLD, NEW)
        assert seen(public) == states[-1]
        assert not any(each.is_symlink() or each.name == SWITCHING for each in public.iterdir())
        put(public, NEW, tmp_path, gone=["goes.xml"])
        assert seen(public) == NEW
        if not killed:
            break

    assert len(states) > 20
    turned = states.index(NEW)
    assert states == [OLD] * turned + [NEW] * (len(states) - turned)
    assert (public / "index.html").read_text() == "welcome"


def test_what_stands_afterwards_are_plain_files_with_their_own_mode(tmp_path, public):
    (public / "a.xml").chmod(0o640)

    put(public, NEW, tmp_path, gone=["goes.xml"])

    assert seen(public) == NEW
    assert sorted(each.name for each in public.iterdir()) == ["a.xml", "b.xml", "comes.xml", "index.html", "stays.xml"]
    assert not any(each.is_symlink() for each in public.iterdir())
    assert (public / "a.xml").stat().st_mode & 0o777 == 0o640
    assert (public / "a.xml").stat().st_nlink == 1


@pytest.mark.parametrize("call", ["link", "symlink"])
def test_where_there_are_no_links_files_are_switched_one_by_one(tmp_path, public, monkeypatch, call):
    def refused(*_, **__):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, call, refused)
    put(public, NEW, tmp_path, gone=["goes.xml"])

    assert seen(public) == NEW
    assert not (public / SWITCHING).exists()


def test_a_disk_that_fills_up_while_links_are_made_leaves_the_old_release(tmp_path, public, monkeypatch):
    real, made = os.link, []

    def full(*given, **named):
        made.append(given)
        if len(made) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*given, **named)

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space"):
        put(public, NEW, tmp_path, gone=["goes.xml"])

    assert seen(public) == OLD
    assert not (public / SWITCHING).exists()


def test_a_link_of_somebody_elses_is_followed_and_replaced_by_the_file(tmp_path, public):
    elsewhere = tmp_path / "elsewhere.xml"
    elsewhere.write_bytes(b"old a")
    (public / "a.xml").unlink()
    (public / "a.xml").symlink_to(Path("..") / "elsewhere.xml")

    put(public, NEW, tmp_path, gone=["goes.xml"])

    assert seen(public) == NEW
    assert elsewhere.read_bytes() == b"old a"
