"""Bytes become UTF-8 by what the first of them say; what cannot be is refused with the name of the encoding."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssc_iati.standard.validator.decode import EncodingError, in_utf8

TEXT = '<?xml version="1.0"?>\n<iati-activities>é 漢 😀</iati-activities>'


_WIDE = {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<", codecs.BOM_UTF32_BE[:2]}


def decoded(data, size=7):
    return b"".join(in_utf8(iter([data[at : at + size] for at in range(0, len(data), size)])))


def declaring(name, content="<r/>"):
    return f'<?xml version="1.0" encoding="{name}"?>{content}'


@pytest.mark.parametrize("size", [1, 2, 3, 1 << 18])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
def test_a_mark_or_the_first_sign_tells_the_encoding(mark, encoding, size):
    assert decoded(mark + TEXT.encode(encoding), size) == TEXT.encode()


@pytest.mark.parametrize("name", ["ISO-8859-1", "latin1", "windows-1252", "cp437", "IBM850"])
def test_the_declared_encoding_is_obeyed(name):
    text = declaring(name, "<r>café</r>")
    assert decoded(text.encode(name)) == text.encode()


@pytest.mark.parametrize("name", ["UTF-8", "utf8", "US-ASCII", "UTF-16", "UTF-16LE", "UTF-32"])
def test_what_is_plainly_of_single_bytes_is_utf_8_whatever_wide_encoding_it_declares(name):
    text = declaring(name, "<r>é</r>")
    assert decoded(text.encode()) == text.encode()


@pytest.mark.parametrize(
    "name",
    ["zorg", "zlib", "base64", "rot13", "hex", "unicode_escape", "raw-unicode-escape", "punycode", "idna", "undefined"],
)
def test_what_is_no_encoding_of_files_is_refused(name):
    with pytest.raises(EncodingError, match=name):
        decoded(declaring(name).encode())


@pytest.mark.parametrize(
    "data",
    [
        declaring("Shift_JIS").encode() + b"\x81",
        codecs.BOM_UTF16_LE + b"\x00\xd8<\x00",
        codecs.BOM_UTF16_LE + b"<\x00r",
        codecs.BOM_UTF32_LE + b"\xff\xff\xff\xff",
    ],
)
def test_bytes_that_are_not_in_the_encoding_are_refused(data):
    with pytest.raises(EncodingError):
        decoded(data)


def test_bytes_that_are_not_utf_8_are_left_to_the_parser():
    assert decoded(b"<r>\xe9</r>") == b"<r>\xe9</r>"


@given(
    st.binary(max_size=3_000),
    st.sampled_from(["", "latin1", "utf-8", "utf-16", "utf-7", "cp1252", "gb18030"]),
    st.integers(1, 2_000),
)
def test_any_bytes_become_utf_8_or_are_refused(data, name, size):
    whole = (f'<?xml version="1.0" encoding="{name}"?>'.encode() if name else b"") + data
    try:
        found = decoded(whole, size)
    except EncodingError:
        return
    if name in {"", "utf-8", "utf-16"}:
        assert found in {whole, whole.removeprefix(codecs.BOM_UTF8)} or whole[:2] in _WIDE
    else:
        found.decode("utf-8")


def test_no_bytes_stay_none():
    assert decoded(b"") == b""
