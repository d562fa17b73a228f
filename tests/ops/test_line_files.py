"""Files that lines are appended to, by whoever may be killed while it writes."""

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.privacy.erasing import Erased
from ops import erasures, line_files
from ops.errors import OperationError

SOMEBODY = [Erased(UUID(int=number), "ota") for number in range(1, 5)]


def test_of_a_line_that_was_not_written_to_its_end_nothing_is_read_or_left(tmp_path: Path) -> None:
    file = tmp_path / "outside" / "erasures.jsonl"
    assert (erasures.read(file), erasures.last(file)) == ([], None)
    assert erasures.append(file, SOMEBODY[:3]) == 3
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in range(1, len(lines[2])):
        torn = whole[:-cut]
        file.write_bytes(torn)
        there = SOMEBODY[: 3 if cut == 1 else 2]
        assert erasures.read(file) == there
        assert erasures.last(file) == there[-1]
        assert erasures.append(file, SOMEBODY[:3]) == 3 - len(there)
        assert file.read_bytes() == whole
    assert erasures.append(file, SOMEBODY[1:]) == 1
    assert erasures.read(file) == SOMEBODY
    assert erasures.append(file, SOMEBODY) == 0


def test_a_line_of_something_else_is_named(tmp_path: Path) -> None:
    file = tmp_path / "erasures.jsonl"
    file.write_bytes(b'{"member": "nobody"}\n[1')
    for asked, where in ((erasures.read, "line 1"), (erasures.last, "the last line")):
        with pytest.raises(OperationError) as refused:
            asked(file)
        assert str(refused.value) == f"{file}, {where}: not an entry of an erased member"


@given(st.integers(0, 3), st.integers(line_files.TAIL_BYTES - 99, line_files.TAIL_BYTES + 99))
def test_the_end_of_a_long_file_is_read_alone(
    tmp_path_factory: pytest.TempPathFactory, more: int, length: int
) -> None:
    file = tmp_path_factory.mktemp("long") / "lines"
    line = b'"' + b"a" * 97 + b'"'
    whole = (line + b"\n") * (length // 100 + more)
    file.write_bytes(whole + b'{"torn')
    assert line_files.last(file) == line
    with line_files.opened(file) as opened:
        assert set(opened.tail()) == {line}
        opened.append([b"1"])
    assert file.read_bytes() == whole + b"1\n"
    assert line_files.last(file) == b"1"
