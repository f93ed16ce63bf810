"""However a document comes, its batches, gaps and end are the content, and its items the outermost activities."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ssc_iati.standard.validator.split import Batch, Splitter, Tail, TooLarge, head

ROOT = b'<iati-activities version="2.03">'
# What may stand between and within activities, with tags that are none.
NOISE = [
    "", " ", "\n", "\r\n", "text é 漢 😀", "<!-- <iati-activity> -->", "<!----><!-- </iati-activity> -- >\n-->",
    "<![CDATA[<iati-activity>]]>", "<![CDATA[]]]]>", "<?pi <iati-activity> ?>", "<?pi?>", "<title a='>' b=\"/>\"/>",
    "<iati-activity-date/>", "<iati-activities/>", "<x:iati-activity/>", "<title a=\"'>\">é</title>",
    "&lt;iati-activity&gt;",
]  # fmt: skip
OPENINGS = ["<iati-activity>", "<iati-activity\n a='>'\tb=\"/>\" >", "<iati-activity a=\"é'\" b='\"'>"]
CLOSINGS = ["</iati-activity>", "</iati-activity\n>"]
EMPTY = ["<iati-activity/>", "<iati-activity a='/>' />", "<iati-activity\n/>"]
noise = st.lists(st.sampled_from(NOISE), max_size=3).map("".join)


@st.composite
def activities(draw, depth=2):
    """An activity, perhaps with others in it."""
    if draw(st.booleans()):
        return draw(st.sampled_from(EMPTY))
    inner = [draw(noise)]
    if depth:
        inner += [draw(activities(depth - 1)) + draw(noise) for _ in range(draw(st.integers(0, 2)))]
    return draw(st.sampled_from(OPENINGS)) + "".join(inner) + draw(st.sampled_from(CLOSINGS))


content = st.tuples(st.lists(st.tuples(noise, activities()), max_size=6), noise)


def parts_of(data, size, **limits):
    top = head(ROOT)
    blocks = (data[at : at + size] for at in range(0, len(data), size))
    return list(Splitter(blocks, b"iati-activity", top, **limits).parts())


@given(content, st.integers(1, 60), st.integers(1, 200))
def test_nothing_is_lost_and_every_outermost_activity_is_an_item(drawn, size, batch):
    pairs, last = drawn
    text = "".join(gap + each for gap, each in pairs) + last + "</iati-activities>"
    data = text.encode()

    parts = parts_of(data, size, batch=batch)

    assert b"".join(part.data for part in parts) == data
    *batches, tail = parts
    assert isinstance(tail, Tail)
    assert tail.data.decode() == last + "</iati-activities>"
    cut = [
        (part.data[gap:start].decode(), part.data[start:end].decode())
        for part in batches
        for gap, start, end in part.items
    ]
    assert cut == pairs
    assert [part.number for part in batches] == list(range(len(batches)))
    assert [part.first for part in batches] == [sum(len(b.items) for b in batches[:n]) for n in range(len(batches))]


@given(content, st.integers(1, 60), st.integers(1, 200))
def test_every_part_knows_the_line_and_the_sign_at_which_it_begins(drawn, size, batch):
    pairs, last = drawn
    text = "".join(gap + each for gap, each in pairs) + last + "</iati-activities>"
    seen = ROOT.decode()
    for part in parts_of(text.encode(), size, batch=batch):
        assert part.line == 1 + seen.count("\n")
        if isinstance(part, Batch):
            assert part.before == len(seen) - (seen.rfind("\n") + 1)
        seen += part.data.decode()


@given(content, st.integers(1, 60))
def test_the_size_of_the_blocks_makes_no_difference(drawn, size):
    pairs, last = drawn
    data = ("".join(gap + each for gap, each in pairs) + last + "</iati-activities>").encode()
    assert parts_of(data, size, batch=100) == parts_of(data, len(data), batch=100)


@given(st.binary(max_size=300), st.integers(1, 40))
@example(b"</iati-activity>", 1)
@example(b"<iati-activity><!-- ", 3)
@example(b"<iati-activity a='", 3)
def test_any_bytes_are_handed_out_whole(data, size):
    parts = parts_of(data, size, batch=1)
    assert b"".join(part.data for part in parts) == data


@given(
    st.lists(st.sampled_from(["<iati-activity>", "</iati-activity>", "<iati-activity/>", "<!--", "-->", "'", ">", "x"]))
)
def test_any_tags_in_any_order_are_handed_out_whole(tags):
    data = "".join(tags).encode()
    assert b"".join(part.data for part in parts_of(data, 7, batch=1)) == data


def test_lines_are_counted_past_what_a_parser_tells():
    data = b"\n" * 70_000 + b"<iati-activity/>" + b"\n" * 70_000 + b"<iati-activity/></iati-activities>"
    first, second, tail = parts_of(data, 1 << 16, batch=1)
    assert (first.line, second.line, tail.line) == (1, 70_001, 140_001)


class TestTooLarge:
    LARGE = b"<iati-activity>" + b"<a/>" * 500 + b"</iati-activity>"

    def test_an_activity_beyond_the_limit_is_left_out_and_the_others_are_not(self):
        data = b"<iati-activity/>\n" + self.LARGE + b"\n<iati-activity/></iati-activities>"

        parts = parts_of(data, 100, batch=200, limit=1_000)

        assert [type(part) for part in parts] == [Batch, TooLarge, Batch, Tail]
        assert parts[1] == TooLarge(line=2, number=1, size=len(self.LARGE) + 1)
        assert parts[2].first == 2
        assert parts[2].line == 2
        assert parts[2].data == b"\n<iati-activity/>"

    def test_what_stands_before_an_activity_counts_as_its_own(self):
        data = b"<!-- " + b"x" * 3_000 + b" --><iati-activity/><iati-activity/></iati-activities>"

        large, batch, _ = parts_of(data, 100, batch=200, limit=1_000)

        assert (large.line, large.number) == (1, 0)
        assert batch.first == 1

    def test_an_end_beyond_the_limit_is_said_of_the_end(self):
        data = b"<iati-activity/><!-- " + b"x" * 3_000 + b" --></iati-activities>"

        *_, large, tail = parts_of(data, 100, batch=200, limit=1_000)

        assert isinstance(large, TooLarge)
        assert tail.too_large

    def test_memory_holds_no_more_than_limit_and_batch_and_block(self):
        splitter = Splitter(iter([b"<iati-activity>" + b"x" * 100] * 200), b"iati-activity", head(ROOT), 200, 1_000)
        longest = 0
        for _ in splitter._tokens():
            longest = max(longest, len(splitter._buffer))
            list(splitter._slimmed())
        assert longest < 1_000 + 200 + 2 * 115

    def test_an_activity_may_be_too_dense_though_it_is_not_too_large(self, monkeypatch):
        monkeypatch.setattr("ssc_iati.standard.validator.split.NODE_LIMIT", 600)
        attributes = b"<iati-activity" + b"".join(b' a%d="1"' % n for n in range(700)) + b"/>"
        data = b"\n<iati-activity/>\n\n" + attributes + b"\n<iati-activity/></iati-activities>"

        parts = parts_of(data, 10_000)

        assert [type(part) for part in parts] == [Batch, TooLarge, Batch, Tail]
        assert [part.line for part in parts] == [1, 4, 4, 5]


class TestHead:
    @pytest.mark.parametrize(
        ("start", "tag", "empty"),
        [
            (b"<iati-activities>", b"<iati-activities>", False),
            (b"<iati-activities />", b"<iati-activities>", True),
            (b"<?xml version='1.0'?>\n<!-- <x> --><?a b?>\n<r a='>'\r\n\tb=\"/>\"\n>", b"<r a='>'  b=\"/>\">", False),
            (b'<!DOCTYPE r SYSTEM "a\'>b">\n<r/>', b"<r>", True),
        ],
    )
    def test_the_root_is_found_behind_what_may_stand_before_it(self, start, tag, empty):
        found = head(start + b"rest")
        assert (found.tag, found.empty, found.length) == (tag, empty, len(start))
        assert found.line == 1 + start.count(b"\n")

    @pytest.mark.parametrize(
        "start",
        [b"", b" ", b"<", b"<iati-activities", b"<iati-activities a='", b"<!-- <r>", b"<?xml version='1.0'", b"text<r>",
         b"<r a=b>", b"<r a>", b"<!DOCTYPE r", b"\0<r>", b"</r>"],
    )  # fmt: skip
    def test_what_is_no_head_or_no_whole_one_is_none(self, start):
        assert head(start) is None

    @pytest.mark.parametrize(
        ("doctype", "declares"),
        [
            (b"<!DOCTYPE r>", False),
            (b'<!DOCTYPE r PUBLIC "a[b" "c">', False),
            (b"<!DOCTYPE r []>", True),
            (b'<!DOCTYPE r [<!ENTITY a "]>">]  >', True),
        ],
    )
    def test_a_doctype_tells_whether_it_declares_something(self, doctype, declares):
        found = head(b"<?xml version='1.0'?>" + doctype + b"<r>")
        assert (found.doctype, found.declares) == (doctype, declares)

    @given(st.binary(max_size=200))
    def test_any_bytes_are_borne(self, data):
        found = head(data)
        assert found is None or data[: found.length].endswith(b">")

    @given(st.integers(0, 80))
    def test_a_head_that_comes_in_pieces_is_none_until_it_is_whole(self, cut):
        whole = b"<?xml version='1.0'?><!DOCTYPE r SYSTEM '>'><!-- > --><r a='>' b='/>'>"
        assert (head(whole[:cut]) is None) == (cut < len(whole))

    def test_signs_not_bytes_are_counted_before_the_content(self):
        found = head("<!-- é漢😀 --><r>".encode())
        assert found.before == len("<!-- é漢😀 --><r>")

    def test_blanks_in_the_tag_become_spaces_so_that_it_is_one_line(self):
        assert not re.search(rb"[\r\n\t]", head(b"<r a='1'\r\n\t b='\n'>").tag)
