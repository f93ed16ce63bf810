"""Newer lists come whole or not at all, only what changed is fetched, and a run keeps to the lists it began with."""

import json
import os
import socket
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from multiprocessing import get_context

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import builders
from list_host import XML, as_official, hosting, packaged_items
from ssc_iati import run, workers
from ssc_iati.config import Settings
from ssc_iati.read.stage import CHUNK
from ssc_iati.standard import codelists, edition_store, editions, fetch, org_id, updates
from ssc_iati.standard.fetch import FetchError

DAY = date(2026, 11, 24)
NEXT = date(2026, 12, 1)
NEW = {"en": "Something new", "fr": "Du nouveau"}


def update(host, today=DAY, *, registers=False):
    return updates.update(f"{host.url}/lists", f"{host.url}/registers.json" if registers else None, today)


def fresh(question):
    """What a new process, with the same cache, says."""
    code = f"from ssc_iati.standard import codelists, editions, org_id; print({question})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env={**os.environ})
    return done.stdout.strip()


@pytest.fixture
def newer(host):
    """A host on which the aid types have one code more, and one is withdrawn."""
    items = packaged_items("AidType") | {"H07": NEW}
    items["A01"] = items["A01"] | {"status": "withdrawn", "to": "2026-10-01"}
    host.offer("AidType", items)
    return host


def test_what_is_newer_is_used_by_new_processes(newer, cache):
    done = update(newer)

    assert done.changed == (updates.Change("AidType", added=1, withdrawn=1, gone=0),)
    assert done.missing == ()
    assert fresh("editions.in_use()") == done.edition
    assert fresh("codelists.name('AidType', 'H07', 'fr'), codelists.status('AidType', 'A01')") == "Du nouveau withdrawn"
    assert fresh("codelists.withdrawn('AidType', 'A01'), codelists.date_of('AidType')") == "2026-10-01 2026-11-24"


def test_a_process_that_reads_lists_keeps_to_them(newer, cache):
    assert not codelists.has("AidType", "H07")
    update(newer)
    assert editions.in_use() == editions.PACKAGED
    assert not codelists.has("AidType", "H07")
    assert "H07" not in codelists.members("AidType")
    assert codelists.date_of("FlowType") == codelists.snapshot_date()


def holds(list_name, code, edition):
    editions.use(edition)
    return codelists.has(list_name, code)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_the_workers_of_a_run_use_the_lists_of_the_run(newer, cache, method):
    edition = editions.in_use()
    update(newer)
    with get_context(method).Pool(1) as pool:
        assert not pool.apply(holds, ("AidType", "H07", edition))


def test_the_workers_of_a_later_run_use_the_newer_lists(newer, cache):
    edition = update(newer).edition
    assert editions.in_use() == edition
    with get_context("spawn").Pool(1) as pool:
        assert pool.apply(holds, ("AidType", "H07", edition))


def test_the_workers_of_a_run_judge_by_the_lists_that_it_began_with(newer, cache, tmp_path, monkeypatch):
    """The lists become newer when the run has begun and its workers have not."""
    records = [builders.sound_project(f"P-{n}", default_aid_types=[{"code": "H07"}]) for n in range(CHUNK + 1)]
    source = builders.write_jsonl(tmp_path / "many.jsonl", records)
    monkeypatch.setattr(workers, "start_method", lambda: "spawn")
    read = run.take_in
    monkeypatch.setattr(run, "take_in", lambda *asked: (read(*asked), editions.in_use(), update(newer))[0])

    found = []
    run.check_source(source, Settings(), found.append, jobs=2)

    assert editions.pointed_at() != editions.PACKAGED
    assert [one.values["value"] for one in found if one.values.get("codelist") == "AidType"] == ["H07"] * len(records)


def test_a_process_uses_one_edition(newer, cache):
    edition = update(newer).edition
    editions.use(editions.PACKAGED)
    editions.use(editions.PACKAGED)
    with pytest.raises(editions.EditionError, match="uses the lists of package already"):
        editions.use(edition)


def test_the_newest_code_of_an_embedded_list_is_of_the_newest_version(host, cache):
    host.offer("TransactionType", packaged_items("TransactionType") | {"14": NEW})
    update(host)
    assert codelists.members("TransactionType") - codelists.members("TransactionType", "2.02") == {"12", "13", "14"}
    assert "11" not in codelists.members("TransactionType", "2.01")


def test_the_packages_lists_in_the_official_form_come_out_as_they_were(host, cache):
    update(host)
    for name in codelists.lists():
        fetched = json.loads((cache / editions.pointed_at() / f"{name}.json").read_bytes())
        assert fetched == json.loads(codelists.packaged(name)) | {"date": "2026-11-24"}


def test_only_what_changed_is_fetched_again(host, cache):
    first = update(host)
    host.asked.clear()
    host.offer("AidType", packaged_items("AidType") | {"H07": NEW})

    second = update(host, NEXT)

    assert all(tag for _path, tag in host.asked)
    assert [change.name for change in second.changed] == ["AidType"]
    assert second.edition != first.edition
    assert fresh("codelists.date_of('AidType'), codelists.date_of('Country')") == "2026-12-01 2026-11-24"


@pytest.mark.parametrize("tags", [True, False])
def test_an_update_without_news_changes_nothing(host, cache, tags):
    host.tags = tags
    first = update(host)
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*")}

    second = update(host, NEXT)

    assert (second.edition, second.changed) == (first.edition, ())
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*")} == before


def test_the_checksum_of_what_was_fetched_is_recorded(host, cache):
    origin = editions.read(update(host).edition).files["AidType.json"]
    assert origin.url == f"{host.url}/lists/AidType.xml"
    assert origin.source == updates._sum(host.files["/lists/AidType.xml"])
    assert origin.fetched == "2026-11-24"
    assert origin.etag


def test_secrets_in_an_address_are_sent_but_not_kept(host, cache):
    url = host.url.replace("http://", "http://user:secret@")
    edition = updates.update(f"{url}/lists?key=hidden", None, DAY).edition
    assert host.asked[0][0].endswith(".xml?key=hidden")
    manifest = (cache / edition / "manifest.json").read_text()
    assert "secret" not in manifest
    assert "hidden" not in manifest


def test_registers_are_updated_likewise(host, cache):
    registers = json.loads(host.files["/registers.json"])
    new = {"code": "XX-NEW", "name": {"en": "New  register"}, "coverage": None, "confirmed": True}
    host.files["/registers.json"] = json.dumps({"lists": [*registers, new]}).encode()

    done = updates.update(None, f"{host.url}/registers.json", DAY)

    assert done.changed == (updates.Change("registers", added=1, withdrawn=0, gone=0),)
    assert (org_id.name("XX-NEW"), org_id.confirmed("XX-NEW"), org_id.deprecated("XX-NEW")) == (
        "New register",
        True,
        False,
    )
    assert org_id.snapshot_date() == "2026-11-24"
    assert codelists.date_of("Country") == codelists.snapshot_date()


def test_a_list_that_the_host_lacks_stays_and_is_said(newer, cache):
    del newer.files["/lists/GazetteerAgency.xml"]
    assert update(newer).missing == ("GazetteerAgency",)
    assert codelists.date_of("GazetteerAgency") == codelists.snapshot_date()
    assert codelists.has("AidType", "H07")


def test_reset_goes_back_to_the_lists_of_the_package(newer, cache):
    update(newer)
    edition_store.reset()
    edition_store.reset()
    assert editions.in_use() == editions.PACKAGED
    assert not codelists.has("AidType", "H07")


def test_a_package_that_has_become_newer_counts_again(newer, cache, monkeypatch):
    edition = update(newer).edition
    assert editions.pointed_at() == edition
    monkeypatch.setattr(editions, "SNAPSHOT", "2026-12")
    assert editions.pointed_at() == editions.PACKAGED


# --- What must change nothing -----------------------------------------------------------------------------------------


def cut_short(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"<codelist")
    handler.close_connection = True


def refused(handler):
    handler.answer(403)


def broken(handler):
    handler.answer(500)


BOMB = (
    f'{XML}<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<codelist name="AidType"><codelist-items>'
    "<codelist-item><code>&b;</code></codelist-item></codelist-items></codelist>"
).encode()
OUTSIDE = BOMB.replace(b'"aaaaaaaaaa"', b'SYSTEM "file:///etc/passwd"')
BAD = {
    "a file that is cut short": (cut_short, "partial"),
    "a page instead of a list": (b"<html><body>Please sign in</body></html>", "no-list"),
    "half of the XML": (as_official("AidType", packaged_items("AidType"))[:500], "no-xml"),
    "another list": (as_official("FlowType", packaged_items("FlowType")), "other-list"),
    "a list without codes": (as_official("AidType", {}), "empty"),
    "a list that lost a good part of its codes": (as_official("AidType", {"A01": NEW, "A02": NEW}), "loss"),
    "a code without end": (as_official("AidType", packaged_items("AidType") | {"x" * 2000: NEW}), "no-code"),
    "an entity bomb": (BOMB, "document-type"),
    "an entity from outside": (OUTSIDE, "document-type"),
    "a name without end": (
        as_official("AidType", packaged_items("AidType") | {"X": {"en": "x" * 2000}}),
        "no-name",
    ),
    "nothing": (b"", "no-xml"),
    "a refusal": (refused, "status"),
    "an error of the server": (broken, "status"),
}


@pytest.mark.parametrize("bad", BAD)
def test_nothing_changes_by(newer, cache, bad, monkeypatch):
    monkeypatch.setattr(fetch, "_AGAIN", fetch._AGAIN.new(backoff_factor=0))
    first = update(newer)
    newer.offer("FlowType", packaged_items("FlowType") | {"60": NEW})
    newer.files["/lists/AidType.xml"], reason = BAD[bad]

    with pytest.raises(FetchError) as caught:
        update(newer, NEXT)

    assert caught.value.reason == reason
    assert caught.value.url == f"{newer.url}/lists/AidType.xml"
    assert editions.pointed_at() == first.edition
    assert not codelists.has("FlowType", "60")
    assert codelists.has("AidType", "H07")
    assert [path.name for path in cache.iterdir() if path.name.startswith(".")] == []


def test_a_file_that_is_too_large_is_left(newer, cache, monkeypatch):
    monkeypatch.setattr(fetch, "MOST_BYTES", 1000)
    with pytest.raises(FetchError, match="large"):
        update(newer)
    assert not cache.exists()


def test_a_server_that_is_too_slow_is_left(newer, cache, monkeypatch):
    monkeypatch.setattr(fetch, "MOST_SECONDS", -1)
    with pytest.raises(FetchError, match="slow"):
        update(newer)


def dribbled(handler):
    """A byte now and then, for as long as somebody reads."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        for _ in range(200):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.02)
    except OSError:
        pass


def test_a_server_that_dribbles_is_given_up(newer, cache, monkeypatch):
    monkeypatch.setattr(fetch, "MOST_SECONDS", 0.2)
    newer.files["/lists/AidType.xml"] = dribbled
    began = time.monotonic()
    with pytest.raises(FetchError, match="slow"):
        update(newer)
    assert time.monotonic() - began < 3, "the deadline holds while bytes still come"


def test_nobody_listens(cache, monkeypatch):
    monkeypatch.setattr(fetch, "_AGAIN", fetch._AGAIN.new(total=0))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(FetchError, match="unreachable"):
            updates.update(f"http://127.0.0.1:{taken.getsockname()[1]}", None, DAY)


def test_a_host_that_has_none_of_the_lists_is_no_host_of_lists(host, cache):
    with pytest.raises(FetchError, match="missing"):
        updates.update(f"{host.url}/elsewhere", None, DAY)


@pytest.mark.parametrize("address", ["", "lists", "ftp://example.org/lists", "file:///tmp", "http://", "http://["])
def test_an_address_that_is_none_of_the_web_is_refused(cache, address):
    with pytest.raises(FetchError, match="address"):
        updates.update(address or "nowhere", None, DAY)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"[1]", b'{"lists": 3}', b'[{"code": "../x", "name": "x"}]', b"[" * 9999]
)
def test_what_is_no_list_of_registers_is_refused(host, cache, content):
    host.files["/registers.json"] = content
    with pytest.raises(FetchError, match="no-registers"):
        updates.update(None, f"{host.url}/registers.json", DAY)


# --- HTTPS ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for this machine that nobody else has signed, with its key, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "host")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp("tls") / "host.pem"
    path.write_bytes(key.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure(certificate):
    with hosting(certificate) as running:
        yield running


def test_a_certificate_that_nobody_trusts_is_refused(secure, cache, monkeypatch):
    monkeypatch.setattr(fetch, "_AGAIN", fetch._AGAIN.new(total=0))
    with pytest.raises(FetchError, match="certificate"):
        update(secure)
    assert secure.asked == []


def test_a_certificate_that_the_user_trusts_is_accepted(secure, cache, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert update(secure).edition == editions.pointed_at() != editions.PACKAGED


def test_an_address_with_encryption_does_not_lead_to_one_without(secure, host, cache, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    elsewhere = {"Location": f"{host.url}/lists/AidType.xml"}
    secure.files["/lists/AidType.xml"] = lambda handler: handler.answer(302, headers=elsewhere)
    with pytest.raises(FetchError, match="insecure"):
        update(secure)
    assert editions.pointed_at() == editions.PACKAGED


# --- A cache that is damaged ------------------------------------------------------------------------------------------


def emptied(path):
    path.write_bytes(b"{}")


def removed(path):
    path.unlink()


@pytest.mark.parametrize("damage", [emptied, removed])
@pytest.mark.parametrize("file", ["manifest.json", "AidType.json"])
def test_a_damaged_edition_is_said_and_mended_by_the_next_update(newer, cache, damage, file):
    edition = update(newer).edition
    damage(cache / edition / file)

    with pytest.raises(editions.EditionError, match="ssc-iati standard reset"):
        codelists.has("AidType", "H07")

    assert update(newer).edition == edition
    assert fresh("codelists.has('AidType', 'H07')") == "True"


def test_a_pointer_that_points_nowhere_is_said(cache):
    cache.mkdir(parents=True)
    for wrong in ("../../etc", "2026-11-24-0123456789ab", ""):
        (cache / "current").write_text(wrong)
        with pytest.raises(editions.EditionError):
            codelists.has("AidType", "A01")


def test_without_a_variable_the_cache_is_where_the_platform_keeps_it(monkeypatch, tmp_path):
    monkeypatch.delenv(editions.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert editions.folder().parts[-2:] == ("ssc-iati", "standard")
