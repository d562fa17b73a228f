"""Files of rows, read piece by piece: CSV and JSON lines, plain and gzipped."""

import gzip
import json
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jobs import files
from domain.jobs.columns import SURPLUS, Columns
from domain.jobs.files import FileReader
from domain.kernel.cells import plain
from domain.kernel.refusals import InvalidInput

COLUMNS = Columns(("reference",), ("name", "points"), ("profile.",))


def read(content: bytes, piece: int = 7) -> list[dict[str, Any]]:
    reader, rows = FileReader(COLUMNS), list[dict[str, Any]]()
    for start in range(0, len(content), piece):
        rows += chain.from_iterable(reader.feed(content[start : start + piece]))
    return [*rows, *reader.end()]


CSV = (
    '\ufeffReference, name ,profile.City,refused_row\r\na,"x, ""q""\ny",Sanya,1\r\n'
    "b,,\r\n\r\nc,1,2,3,4"
).encode()
ROWS = [
    {"reference": "a", "name": 'x, "q"\ny', "profile.City": "Sanya"},
    {"reference": "b"},
    {"reference": "c", "name": "1", "profile.City": "2", SURPLUS: "4"},
]


@given(st.integers(1, 100))
def test_rows_do_not_depend_on_the_pieces_that_they_come_in(piece: int) -> None:
    packed = gzip.compress(CSV)
    parted = gzip.compress(CSV[:20]) + gzip.compress(CSV[20:])
    assert read(CSV, piece) == read(packed, piece) == read(parted, piece) == ROWS
    lines = b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)
    assert read(lines, piece) == read(lines.rstrip(), piece) == ROWS


_TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n\0"))


@given(st.lists(st.fixed_dictionaries({"reference": _TEXTS, "points": st.integers()})))
def test_what_is_written_as_json_lines_is_read(rows: list[dict[str, Any]]) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    assert (read(lines, 4096) if rows else []) == rows


@pytest.mark.parametrize(
    ("content", "reason", "value"),
    [
        (b"", "column_missing", "reference"),
        (b"name\n", "column_missing", "reference"),
        (b"reference,colour\n", "column_unknown", "colour"),
        (b"reference,profile.\n", "column_unknown", "profile."),
        (b"reference,name,Name\n", "column_twice", "name"),
        (b'reference\n"a\nb', "line_not_csv", "3"),
        (b'reference\na"b"\n"c"d\n', "line_not_csv", "3"),
        (b"reference\n\xff\n", "line_not_text", "2"),
        (b'{"reference": "a"}\n[1]', "line_not_json", "2"),
        (b'{"reference": ' + b"[" * 300 + b"]" * 300 + b"}", "line_too_deep", "1"),
        (b"reference,profile.\0a\n", "column_unknown", "profile.\0a"),
        (gzip.compress(CSV)[:-9], "file_broken", None),
        (b"\x1f\x8b\x08" + b"x" * 20, "file_broken", None),
        (b"reference\n" + b"a" * 20_000, "line_too_long", "2"),
        (gzip.compress(b'reference\n"' + b"a\n" * 20_000), "line_too_long", "8194"),
        (",".join(f"profile.{n}" for n in range(65)).encode() + b"\n", "too_many_columns", "65"),
    ],
    ids=lambda given: "file" if isinstance(given, bytes) else str(given),
)
def test_a_file_that_cannot_be_read_says_where(
    content: bytes, reason: str, value: str | None
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(content)
    assert (refused.value.reason, refused.value.value) == (reason, value)


def test_a_small_file_that_unpacks_to_a_large_one_is_refused_on_the_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(files, "BYTES_MAX", 2**17)
    packed = gzip.compress(b"reference\n" + b"abc\n" * 2**19)
    reader = FileReader(COLUMNS)
    with pytest.raises(InvalidInput) as refused:
        list(reader.feed(packed))
    assert refused.value.reason == "file_too_long"
    assert reader.unpacked <= 2**17 + files.PIECE_BYTES
    monkeypatch.setattr(files, "ROWS_MAX", 2)
    with pytest.raises(InvalidInput) as refused:
        read(b"reference\na\nb\nc\n")
    assert refused.value.allowed == ("2 rows",)


def test_lines_that_say_nothing_hold_nobody_up_and_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(files, "ROWS_MAX", 2 * files.PIECE_BYTES)
    for begin in (b"reference\n", b'{"reference": "a"}\n'):
        reader, turns = FileReader(COLUMNS), list[list[dict[str, Any]]]()
        with pytest.raises(InvalidInput) as refused:
            turns.extend(reader.feed(gzip.compress(begin + b"\n" * 2**20)))
        assert refused.value.reason == "file_too_long"
        assert len(turns) == 2
    monkeypatch.setattr(files, "BYTES_MAX", 1000)
    reader = FileReader(COLUMNS)
    with pytest.raises(InvalidInput):
        list(reader.feed(gzip.compress(b"reference\n") + gzip.compress(b"") * 100))
    assert reader.unpacked == 0


def test_what_was_refused_is_read_as_it_was_meant() -> None:
    cells = ("=1+1", "'=1", "'a", "+86 138", "@x")
    once = "reference\n" + "\n".join(cells) + "\n"
    again = "reference,refused_row\n" + "".join(f"{plain(cell)},1\n" for cell in cells)
    assert again.count("'") == 5
    assert read(once.encode()) == read(again.encode()) == [{"reference": cell} for cell in cells]


def test_a_name_that_cannot_be_shown_is_no_column_of_what_is_refused() -> None:
    reader = FileReader(COLUMNS)
    [[row]] = reader.feed(b'{"reference": "a", "profile.\\u0000": 1}\n')
    assert reader.header == ("reference",)
    with pytest.raises(InvalidInput):
        COLUMNS.check(row)
