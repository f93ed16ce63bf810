"""Files in a store: there whole or not at all, whatever becomes of the server or of the way to it."""

import hashlib
import threading
import time

import pytest

from ssc_iati.findings import SourceError
from ssc_iati.publish.options import StoreOptions
from ssc_iati.publish.store import Store, StoreError, Wanted, put_in_place, safe, stands
from ssc_iati.publish.store.remote import remote_store

QUIET = lambda: None  # noqa: E731


def wanted(folder, **contents):
    """Files to put: `a="text"` is `a.xml`."""
    found = []
    for stem, content in contents.items():
        path = folder / f"made-{stem}.xml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        found.append(Wanted(f"{stem}.xml", path, hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size))
    return found


def put(place, files, gone=()):
    store = remote_store(place.options)
    try:
        return put_in_place(store, files, gone, QUIET)
    finally:
        store.close()


def test_what_is_put_is_what_readers_get(place, tmp_path):
    assert put(place, wanted(tmp_path, a="one", b="two")) == 2

    assert (place.read("a.xml"), place.read("b.xml")) == (b"one", b"two")


def test_what_is_there_already_is_not_written_again(place, tmp_path):
    put(place, wanted(tmp_path, a="one", b="two"))
    store = remote_store(place.options)
    stamp = store.stamp("a.xml")
    store.close()

    assert put(place, wanted(tmp_path, a="one", b="other")) == 1
    store = remote_store(place.options)
    assert store.stamp("a.xml") == stamp
    assert store.stamp("c.xml") is None
    store.close()
    assert place.read("b.xml") == b"other"


def test_a_stamp_tells_that_nothing_changed_and_bytes_tell_it_where_there_is_none(place, tmp_path):
    (file,) = wanted(tmp_path, a="one")
    put(place, [file])
    store = remote_store(place.options)

    marked = file._replace(stamp=store.stamp("a.xml"))
    assert stands(store, marked)
    assert stands(store, file)
    assert not stands(store, file._replace(sha256="0"))
    store.close()


def test_what_a_release_does_not_hold_any_more_goes(place, tmp_path):
    put(place, wanted(tmp_path, a="one", b="two"))

    put(place, wanted(tmp_path, a="one"), gone=["b.xml", "never.xml"])

    assert (place.read("a.xml"), place.read("b.xml")) == (b"one", None)


def test_nothing_is_left_lying_about(place, tmp_path):
    store = remote_store(place.options)
    (file,) = wanted(tmp_path, a="one")
    store.stage("b.xml", file.path)
    store.close()

    put(place, [file])

    store = remote_store(place.options)
    assert store.staged_digest("a.xml") is None
    assert store.staged_digest("b.xml") is None
    store.close()


class LyingStore:
    """A store that gives back other bytes than it was given."""

    def __init__(self, store: Store):
        self._store = store

    def staged_digest(self, name):
        return "0" * 64

    def __getattr__(self, name):
        return getattr(self._store, name)


def test_a_store_that_does_not_give_back_what_it_was_given_keeps_the_old_file(place, tmp_path):
    put(place, wanted(tmp_path, a="one"))
    store = remote_store(place.options)

    with pytest.raises(StoreError, match=r"a\.xml"):
        put_in_place(LyingStore(store), wanted(tmp_path, a="other"), [], QUIET)

    store.close()
    assert place.read("a.xml") == b"one"


NAMES = ["../a.xml", "/etc/passwd", "a/b.xml", "..", ".hidden", "", "a\\b", "a\nb", "a b.xml", "a?x", "á.xml", "%2e%2e"]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_out_of_the_store(folder, tmp_path, name):
    (file,) = wanted(tmp_path, a="one")

    with pytest.raises(ValueError, match="no name"):
        safe(name)
    with pytest.raises(ValueError, match="no name"):
        put(folder, [file._replace(name=name)])
    with pytest.raises(ValueError, match="no name"):
        put(folder, [file], gone=[name])


# --- A way that is cut, a server that dies ----------------------------------------------------------------------------

OLD, NEW = b"<old/>" * 10, b"<new/>" * 50_000


@pytest.mark.parametrize("place", ["s3", "sftp"], indirect=True)
def test_a_way_that_is_cut_anywhere_leaves_the_old_file_or_the_new_one(place, tmp_path):
    put(place, wanted(tmp_path, a=OLD))
    place.way.cut_after(None)
    put(place, wanted(tmp_path, a=NEW))
    whole, failed = place.way.carried, 0

    for share in (0.02, 0.5, 0.9, 0.97):
        place.way.cut_after(None)
        put(place, wanted(tmp_path, a=OLD))
        place.way.cut_after(int(share * whole))
        try:
            put(place, wanted(tmp_path, a=NEW))
        except OSError:
            failed += 1
        assert place.read("a.xml") in {OLD, NEW}
    place.way.cut_after(None)
    put(place, wanted(tmp_path, a=NEW))

    assert failed >= 2
    assert place.read("a.xml") == NEW


def test_a_server_of_sftp_that_dies_in_the_middle_leaves_the_old_file(sftp, ssh_server, tmp_path):
    put(sftp, wanted(tmp_path, a=OLD))
    sftp.way.pause = 0.05
    died = threading.Timer(0.7, lambda: (ssh_server.kill(), sftp.way.cut_after(0)))
    died.start()

    with pytest.raises(OSError, match=r"."):
        put(sftp, wanted(tmp_path, a=NEW * 10))
    died.join()
    during = sftp.read("a.xml")
    sftp.way.pause = 0
    sftp.way.cut_after(None)
    ssh_server.start()
    put(sftp, wanted(tmp_path, a=NEW))

    assert during == OLD
    assert sftp.read("a.xml") == NEW


@pytest.mark.parametrize("place", ["s3", "sftp"], indirect=True)
def test_a_server_that_is_not_there_is_trouble_of_the_world(place, tmp_path):
    place.way.cut_after(0)
    began = time.monotonic()

    with pytest.raises(OSError, match=r"."):
        put(place, wanted(tmp_path, a="one"))

    assert time.monotonic() - began < 60


def test_a_slow_server_is_waited_for(sftp, tmp_path):
    sftp.way.pause = 0.02

    put(sftp, wanted(tmp_path, a=NEW))

    assert sftp.read("a.xml") == NEW


# --- Secrets, and whom to trust ---------------------------------------------------------------------------------------


def test_a_host_whose_key_is_not_known_is_not_spoken_to(sftp, tmp_path):
    (tmp_path / "known_hosts").write_text("")

    with pytest.raises(OSError, match="known_hosts"):
        put(sftp, wanted(tmp_path, a="one"))


def test_a_host_whose_key_has_changed_is_not_spoken_to(sftp, tmp_path):
    other = "AAAAC3NzaC1lZDI1NTE5AAAAIJv0xJkVTO5jLLDSy1FS8QYbSzXkXHeJJs3n7LCl3vYD"
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{sftp.way.port} ssh-ed25519 {other}\n")

    with pytest.raises(OSError, match="BadHostKey"):
        put(sftp, wanted(tmp_path, a="one"))


@pytest.mark.parametrize(
    "options",
    [
        {"url": "sftp://who:SECRET@example.org/x"},
        {"url": "s3://b/x", "options": {"secret": "SECRET"}},
        {"url": "s3://b/x", "options": {"client_kwargs": {"aws_secret_access_key": "SECRET"}}},
        {"url": "sftp://example.org/x", "options": {"password": "SECRET"}},
    ],
)
def test_secrets_in_the_configuration_are_refused_and_not_repeated(options):
    with pytest.raises(SourceError) as refused:
        remote_store(StoreOptions(**options))

    assert refused.value.finding.rule == "ssc-config-invalid"
    assert "SECRET" not in str(refused.value.finding).replace("SSC_IATI_STORE_SECRET", "")


def test_secrets_come_from_a_file_that_only_its_owner_may_read(s3, tmp_path, monkeypatch):
    monkeypatch.delenv("SSC_IATI_STORE_KEY")
    monkeypatch.delenv("SSC_IATI_STORE_SECRET")
    file = tmp_path / "secrets"
    file.write_text("# of the store\nSSC_IATI_STORE_KEY = who\nSSC_IATI_STORE_SECRET=what=ever\n")
    options = s3.options.model_copy(update={"secrets": file})

    file.chmod(0o644)
    with pytest.raises(SourceError) as refused:
        remote_store(options)
    file.chmod(0o600)
    store = remote_store(options)
    put_in_place(store, wanted(tmp_path, a="one"), [], QUIET)

    assert refused.value.finding.rule == "ssc-secrets-open"
    assert store._place.secret == "what=ever"  # noqa: S105 - no secret of anybody
    assert s3.read("a.xml") == b"one"


@pytest.mark.parametrize("url", ["nonsense://x/y", "https+nothing://x"])
def test_a_place_that_nobody_knows_is_a_fault_of_the_configuration(url):
    with pytest.raises(SourceError) as refused:
        remote_store(StoreOptions(url=url))

    assert refused.value.finding.rule == "ssc-config-invalid"


def test_the_address_of_a_file_is_known_by_configuration(s3):
    assert s3.options.address("a.xml") == "https://data.example.org/iati/a.xml"
    assert StoreOptions().address("a.xml") is None
