"""Which files are judged: plain ones, folders, gzip and zip, whatever is wrong with some of them."""

import gzip
import os
import threading
import zipfile

import pytest

from iati_documents import activity, document, write
from ssc_iati.findings import SourceError
from ssc_iati.standard.validator import packed, zipped
from ssc_iati.standard.validator.files import guarded, refusal, sources
from ssc_iati.standard.validator.packed import TooLargeError, UnreadableError


def found(*paths, spool):
    return list(sources([str(path) for path in paths], spool))


def names(*paths, spool):
    return [each.name for each in found(*paths, spool=spool)]


def content(source):
    return b"".join(guarded(source).open())


def trouble(source):
    with pytest.raises((UnreadableError, TooLargeError)) as raised:
        content(source)
    return refusal(raised.value, source.name)


@pytest.fixture
def spool(tmp_path_factory):
    return tmp_path_factory.mktemp("spool")


def test_a_file_is_named_as_it_was_given_whatever_it_is_called(tmp_path, spool, monkeypatch):
    write(tmp_path / "a.xml")
    write(tmp_path / "data.txt")
    monkeypatch.chdir(tmp_path)

    given = ["./a.xml", "data.txt", str(tmp_path / "a.xml")]

    assert names(*given, spool=spool) == given
    assert content(found("./a.xml", spool=spool)[0]) == (tmp_path / "a.xml").read_bytes()


def test_a_folder_gives_its_files_and_those_below_in_the_order_of_names(tmp_path, spool, monkeypatch):
    for name in ("b.xml", "a/z.XML", "a/c/y.xml", "c.xml.gz", "readme.md", ".hidden.xml", ".git/x.xml", "a b/1.xml"):
        write(tmp_path / "top" / name)
    (tmp_path / "top" / "c.xml.gz").write_bytes(gzip.compress(document().encode()))
    monkeypatch.chdir(tmp_path)

    expected = ["top/a b/1.xml", "top/a/c/y.xml", "top/a/z.XML", "top/b.xml", "top/c.xml.gz"]
    assert sorted(names("top", spool=spool)) == expected
    assert names("top/", spool=spool) == names("top", spool=spool)
    assert names("top", spool=spool)[0].startswith("top/a")


def test_links_in_a_circle_end_and_each_folder_is_seen_once(tmp_path, spool):
    write(tmp_path / "top" / "x" / "a.xml")
    (tmp_path / "top" / "x" / "round").symlink_to(tmp_path / "top")
    (tmp_path / "top" / "y").symlink_to(tmp_path / "top" / "x")
    (tmp_path / "top" / "self.xml").symlink_to(tmp_path / "top" / "self.xml")

    first, second = found(tmp_path / "top", spool=spool)

    assert first.name.endswith("top/self.xml")
    assert trouble(first).rule == "ssc-xml-unreadable"
    assert second.name.endswith("top/x/a.xml")


def test_what_is_no_file_in_a_folder_is_not_opened(tmp_path, spool):
    write(tmp_path / "top" / "a.xml")
    os.mkfifo(tmp_path / "top" / "pipe.xml")

    first, second = found(tmp_path / "top", spool=spool)

    assert content(first)
    assert "it is no file" in trouble(second).values["problem"]


def test_a_folder_without_any_is_said_to_be(tmp_path, spool):
    (tmp_path / "top" / "deep").mkdir(parents=True)

    (only,) = found(tmp_path / "top", spool=spool)

    assert (only.name, trouble(only).rule) == (str(tmp_path / "top"), "ssc-xml-unreadable")


def test_a_pipe_is_read_once_and_judged_like_a_file(tmp_path, spool):
    os.mkfifo(tmp_path / "pipe")
    data = document(activity()).encode()
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(data,))
    writer.start()

    (only,) = found(tmp_path / "pipe", spool=spool)
    writer.join()

    assert (only.name, only.size) == (str(tmp_path / "pipe"), len(data))
    assert content(only) == content(only) == data


@pytest.mark.parametrize("given", ["none.xml", "", "none/a.xml", "a\0b", "/dev/null"])
def test_a_path_that_cannot_be_opened_is_refused(tmp_path, spool, monkeypatch, given):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SourceError) as raised:
        found(given, spool=spool)

    assert raised.value.finding.rule in {"ssc-source-missing", "ssc-xml-unreadable"}


def test_gzip_is_known_by_its_content_and_read_in_blocks(tmp_path, spool):
    data = document(*(activity(number) for number in range(2000))).encode()
    path = tmp_path / "data"
    path.write_bytes(gzip.compress(data))

    (only,) = found(path, spool=spool)

    assert only.size == len(data)
    assert content(only) == data
    assert max(map(len, only.open())) <= packed.BLOCK


CUT = gzip.compress(document().encode(), mtime=0)[:-20]


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b", CUT, b"<iati-activities/>"], ids=["empty", "head", "cut", "plain"])
def test_damaged_gzip_is_a_finding(tmp_path, spool, data):
    path = tmp_path / "data.xml.gz"
    path.write_bytes(data)

    (only,) = found(path, spool=spool)

    if data:
        assert trouble(only).rule == "ssc-xml-unreadable"
    else:
        assert content(only) == b""


def zip_of(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_every_xml_file_of_an_archive_is_a_file_of_its_own(tmp_path, spool):
    members = {"b.xml": "1", "../../etc/a.XML": "2", "read.me": "3", "__MACOSX/._b.xml": "4", "d/c.xml": "5"}
    path = zip_of(tmp_path / "all.zip", **members)

    all_ = found(path, spool=spool)

    assert [each.name for each in all_] == [f"{path}/b.xml", f"{path}/../../etc/a.XML", f"{path}/d/c.xml"]
    assert [content(each) for each in all_] == [b"1", b"2", b"5"]
    assert [each.size for each in all_] == [1, 1, 1]


def test_names_that_stand_twice_in_an_archive_are_two_files(tmp_path, spool):
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.xml", "first")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.xml", "second")

    assert [content(each) for each in found(path, spool=spool)] == [b"first", b"second"]


def test_a_locked_and_a_damaged_file_in_an_archive_fail_alone(tmp_path, spool):
    path = zip_of(tmp_path / "some.zip", **{"a.xml": "a" * 99, "b.xml": "bc" * 99, "c.xml": "sound"})
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        first, second, _ = archive.infolist()
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1  # the first says that it is encrypted
    data[first.header_offset + 6] |= 1
    data[second.header_offset + 30 + len("b.xml") + 1] ^= 0xFF
    path.write_bytes(data)

    locked, damaged, sound = found(path, spool=spool)

    assert "encrypted" in trouble(locked).values["problem"]
    assert trouble(damaged).rule == "ssc-xml-unreadable"
    assert content(sound) == b"sound"


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04 and then nothing", b"PK\x05\x06" + bytes(18), b"", b"no archive"],
    ids=["cut", "empty", "nothing", "text"],
)
def test_what_is_no_archive_is_a_finding(tmp_path, spool, data):
    path = tmp_path / "data.zip"
    path.write_bytes(data)

    (only,) = found(path, spool=spool)

    assert trouble(only).rule == "ssc-xml-unreadable"


def test_what_unpacks_to_too_much_is_not_read(tmp_path, spool, monkeypatch):
    monkeypatch.setattr(packed, "FLOOR", 1 << 20)
    monkeypatch.setattr(packed, "RATIO", 10)
    bomb = " " * (4 << 20)
    (tmp_path / "bomb.xml.gz").write_bytes(gzip.compress(bomb.encode()))
    zip_of(tmp_path / "bomb.zip", **{"a.xml": "fits", "b.xml": bomb, "c.xml": "fits too"})

    lone, first, second, third = found(tmp_path / "bomb.xml.gz", tmp_path / "bomb.zip", spool=spool)

    assert trouble(lone).rule == "ssc-xml-archive-too-large"
    assert trouble(second).values == {"limit": "1"}
    assert [content(first), content(third)] == [b"fits", b"fits too"]


def test_an_archive_of_far_too_many_files_is_not_listed(tmp_path, spool, monkeypatch):
    path = zip_of(tmp_path / "many.zip", **{f"{number}.xml": "" for number in range(100)})
    monkeypatch.setattr(zipped, "_DIRECTORY_LIMIT", 1000)

    (only,) = found(path, spool=spool)

    assert trouble(only).rule == "ssc-xml-archive-too-large"
