import csv
import io
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssc_iati.check.cells import text
from ssc_iati.findings import Severity, SourceError
from ssc_iati.read import csv_folder
from ssc_iati.read.csv_folder import csv_grid, csv_grids
from ssc_iati.read.grid import place


@pytest.fixture
def grid_of(tmp_path):
    """Write one CSV file and read it as a grid."""

    def write_and_read(content, name="projects.csv", encoding="utf-8"):
        data = content if isinstance(content, bytes) else content.encode(encoding)
        (tmp_path / name).write_bytes(data)
        (grid,) = csv_grids(tmp_path, "given/folder")
        return grid

    return write_and_read


def rules(grid):
    return [item.rule for item in grid.problems]


def refusal(grid_of, content, **options):
    with pytest.raises(SourceError) as raised:
        list(grid_of(content, **options).rows())
    return raised.value.finding


def test_a_file_gives_its_headers_and_its_rows_with_their_numbers(grid_of):
    grid = grid_of("key,title\nP1,Water\nP2,Seeds\n")

    assert (grid.file, grid.sheet, grid.name) == ("given/folder/projects.csv", None, "projects")
    assert grid.headers == ("key", "title")
    assert grid.header_row == 1
    assert list(grid.rows()) == [(2, ["P1", "Water"]), (3, ["P2", "Seeds"])]
    assert list(grid.rows()) == list(grid.rows())
    assert grid.problems == []


def test_a_place_names_file_row_and_header(grid_of):
    grid = grid_of("key,title\nP1,Water\n")

    assert place(grid, 2, 1).as_dict() == {"file": "given/folder/projects.csv", "row": 2, "column": "title"}
    assert place(grid).as_dict() == {"file": "given/folder/projects.csv"}


def test_blank_rows_are_counted_and_end_nothing(grid_of):
    grid = grid_of("\n,,\nkey,title\n\nP1,Water\n , \n\nP2,Seeds\n")

    assert grid.header_row == 3
    assert list(grid.rows()) == [(5, ["P1", "Water"]), (8, ["P2", "Seeds"])]


def test_a_cell_with_line_breaks_makes_one_row(grid_of):
    grid = grid_of('key,"ti\ntle"\nP1,"a\nb\r\nc"\nP2,d\n')

    assert grid.headers == ("key", "ti\ntle")
    assert list(grid.rows()) == [(2, ["P1", "a\nb\r\nc"]), (3, ["P2", "d"])]


def test_short_rows_are_filled_and_long_rows_keep_their_surplus(grid_of):
    grid = grid_of("a,b,c\n1\n1,2,3,4\n")

    assert list(grid.rows()) == [(2, ["1", None, None]), (3, ["1", "2", "3", "4"])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_headers_outside_quotes(grid_of, delimiter):
    header = delimiter.join(['"a,;|\t,;|\t,;|\t,;|\t"', "b", "c"])

    grid = grid_of(f"{header}\n1{delimiter}2{delimiter}3\n")

    assert len(grid.headers) == 3
    assert list(grid.rows()) == [(2, ["1", "2", "3"])]


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        ("project,; title\nP-1,Agua\nP-2,Luz\n", ("project", "; title")),
        ("a;b,c\n1;2\n3;4\n", ("a", "b,c")),
        ("amount;note\n1,5;a\n2,5;b\n", ("amount", "note")),
        ("key;\n1;\n", ("key", "")),
    ],
)
def test_a_header_with_several_signs_is_parted_as_most_rows_are(grid_of, content, headers):
    assert grid_of(content).headers == headers


def test_a_title_above_the_headers_parts_nothing(tmp_path):
    (tmp_path / "projects.csv").write_text("Proyectos de 2025;;\nkey;title;status\nP-1;Agua, y luz, y paz;2\n")

    (grid,) = csv_grids(tmp_path, "x")

    assert list(grid.rows()) == [(2, ["key", "title", "status"]), (3, ["P-1", "Agua, y luz, y paz", "2"])]


def test_excels_own_line_about_the_delimiter_is_honoured_and_is_no_row(grid_of):
    grid = grid_of("sep=|\na, b|c, d\n1|2\n")

    assert (grid.header_row, grid.headers) == (1, ("a, b", "c, d"))
    assert list(grid.rows()) == [(2, ["1", "2"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_recognised_with_and_without_a_mark(grid_of, encoding):
    grid = grid_of("key;título\nP1;Água – ñandú 水\n", encoding=encoding)

    assert grid.headers == ("key", "título")
    assert list(grid.rows()) == [(2, ["P1", "Água – ñandú 水"])]
    assert grid.problems == []


def test_windows_1252_is_read_and_the_assumption_is_shown_with_an_example(grid_of):
    grid = grid_of("key;title\nP1;Water\nP2;Año “nuevo” €\n", encoding="cp1252")

    assert list(grid.rows())[1] == (3, ["P2", "Año “nuevo” €"])
    (problem,) = grid.problems
    assert (problem.rule, problem.severity) == ("ssc-csv-encoding-assumed", Severity.WARNING)
    assert problem.where.line == 3
    assert problem.values == {"encoding": "Windows-1252", "example": "P2;Año “nuevo” €"}


def test_bytes_that_windows_1252_lacks_are_read_as_latin_1(grid_of):
    grid = grid_of(b"key\nA\xf1o\x81\n")

    assert list(grid.rows()) == [(2, ["Año\x81"])]
    assert grid.problems[0].values["encoding"] == "Latin-1"


def test_utf_8_with_a_damaged_byte_stays_utf_8(grid_of):
    grid = grid_of("key\nÁgua é ção\n".encode() + b"S\xe3o\n")

    assert list(grid.rows()) == [(2, ["Água é ção"]), (3, ["S\udce3o"])]
    (problem,) = grid.problems
    assert problem.rule == "ssc-csv-broken-bytes"
    assert problem.values == {"count": "1", "example": "S\ufffdo"}


def test_a_foreign_byte_beyond_the_first_block_is_found_in_its_line(grid_of):
    grid = grid_of(b"key\n" + b"abcdefg\n" * 300_000 + b"Ni\xf1o\n")

    assert grid.problems[0].where.line == 300_002
    assert grid.problems[0].values["example"] == "Niño"


def test_a_letter_cut_by_the_end_of_a_block_is_no_trouble(grid_of):
    grid = grid_of(b"key\n" + b"a" * ((1 << 20) - 5) + "ñ\n".encode())

    assert grid.problems == []


def test_utf_16_that_breaks_off_is_refused(grid_of):
    assert refusal(grid_of, "key\nvalue\n".encode("utf-16") + b"\0").rule == "ssc-csv-encoding-broken"


def test_a_quote_that_never_closes_is_refused_with_its_row(grid_of):
    item = refusal(grid_of, 'key,title\nP1,Water\nP2,"Seeds\nP3,Roads\nP4,Health\n')

    assert (item.rule, item.severity, item.where.row) == ("ssc-csv-quotes", Severity.ERROR, 3)


def test_a_quote_that_closes_in_a_later_row_swallows_none_in_silence(grid_of):
    item = refusal(grid_of, 'key,title\nP1,"Water\nP2,"Seeds"\n')

    assert (item.rule, item.where.row) == ("ssc-csv-quotes", 2)


def test_a_quote_inside_a_cell_is_a_character(grid_of):
    assert list(grid_of('key,title\nP1,Pipe of 5" or 6"\n').rows()) == [(2, ["P1", 'Pipe of 5" or 6"'])]


def test_cells_up_to_the_limit_are_read_and_longer_ones_refused(grid_of):
    assert len(next(iter(grid_of(f"key\n{'x' * 999_999}\n").rows()))[1][0]) == 999_999

    item = refusal(grid_of, 'key\nP1\n"' + "x\n" * 600_000 + '"\n')
    assert (item.rule, item.where.row) == ("ssc-csv-quotes", 3)


def test_a_line_of_200_megabytes_is_refused_before_it_fills_the_memory(tmp_path):
    with (tmp_path / "projects.csv").open("wb") as stream:
        for _ in range(200):
            stream.write(b"x" * 1_000_000)
    before = perf_counter()

    with pytest.raises(SourceError) as raised:
        csv_grids(tmp_path, "folder")

    assert raised.value.finding.rule == "ssc-csv-line-long"
    assert perf_counter() - before < 2


def test_nul_is_refused_with_its_line(grid_of):
    item = refusal(grid_of, "key,title\nP1,Water\nP2,Se\0eds\n")

    assert (item.rule, item.where.line) == ("ssc-csv-nul", 3)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b",,,\n"])
def test_an_empty_file_is_a_grid_without_headers_and_a_finding(grid_of, content):
    grid = grid_of(content)

    assert grid.headers == ()
    assert list(grid.rows()) == []
    assert rules(grid) == ["ssc-csv-empty"]


def test_files_come_by_name_and_only_tables_come(tmp_path):
    for name in ("b.CSV", "a.tsv", "notes.txt", ".~lock.b.csv", "c.csv.bak"):
        (tmp_path / name).write_text("key\n1\n")
    (tmp_path / "d.csv").mkdir()

    assert [grid.file for grid in csv_grids(tmp_path, "folder/")] == ["folder/a.tsv", "folder/b.CSV"]


def test_tables_can_be_read_side_by_side(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("key\n" + f"{'x' * 200_000}\n" * 4)
    first, second = (grid.rows() for grid in csv_grids(tmp_path, "folder"))

    list(islice(first, 2))
    list(second)

    assert [number for number, _ in first] == [4, 5]


# The module itself leaves a lone carriage return without quotes when it ends rows with a line feed.
cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=12)


@given(
    rows=st.lists(st.lists(cells, min_size=3, max_size=3), max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_any_table_that_the_csv_module_writes_comes_back(tmp_path_factory, rows, delimiter, encoding, ending):
    folder = tmp_path_factory.mktemp("tables")
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=ending).writerows([["key", "a b", "ñ"], *rows])
    (folder / "t.csv").write_bytes(text.getvalue().encode(encoding))

    (grid,) = csv_grids(folder, "folder")

    assert grid.headers == ("key", "a b", "ñ")
    expected = [(number, row) for number, row in enumerate(rows, 2) if any(cell.strip() for cell in row)]
    assert list(grid.rows()) == expected


def test_a_grid_is_plain_unless_a_sign_in_it_is_one_that_nobody_sees_or_xml_cannot_hold():
    for code in (*range(0xD800), *range(0xE000, 0x10000), 0x10FFFF):
        sign = chr(code)
        careful = text(f"a{sign}a") == f"a{sign}a" and (text(sign) == sign or sign.isspace())
        assert csv_folder._is_plain(f"a{sign}a".encode()) == careful, hex(code)


@pytest.mark.parametrize("content", ["key\nañ\u200bo\n", "key\n" + "x" * 70_000 + "\x01\n", "\ufeffkey\na\ufeff\n"])
def test_a_sign_that_nobody_sees_is_noticed_wherever_it_stands(grid_of, content):
    assert not grid_of(content).plain


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_only_utf8_is_taken_for_plain(grid_of, encoding):
    assert grid_of("key,title\nP1,«Año» – 1\n", encoding=encoding).plain == (encoding != "utf-16")


def test_a_sign_that_is_cut_by_the_end_of_a_block_may_be_any(grid_of):
    before = "key\n" + "x" * ((1 << 16) - 5)

    assert [grid_of(before + "x" * cut + "\u200b\n").plain for cut in range(3)] == [False] * 3


lines = st.text('ab,;"\r\n \t\u2028\x0c', max_size=40)


@given(lines)
@settings(deadline=None)
def test_lines_that_need_no_csv_module_are_read_as_it_would_read_them(content):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "projects.csv"
        path.write_bytes(f"key,title\n{content}".encode())

        quick = read_or_refused(path)
        with mock.patch.object(csv_folder, "CELL_LIMIT", -1):
            assert read_or_refused(path) == quick


def read_or_refused(path):
    """The rows, or why there are none."""
    try:
        grid = csv_grid(path, path.name)
        return grid.header_row, grid.headers, list(grid.rows())
    except SourceError as error:
        return error.finding
