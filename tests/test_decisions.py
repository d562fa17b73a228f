"""Decision records are numbered one after the other, each number once."""

from pathlib import Path

FOLDER = Path(__file__).parent.parent / "docs" / "decisions"


def test_numbers_of_decisions_are_unique_and_without_gaps() -> None:
    records = sorted(FOLDER.glob("*.md"))
    assert [int(one.name[:4]) for one in records] == list(range(1, len(records) + 1))
    for number, one in enumerate(records, start=1):
        heading = one.read_text(encoding="utf-8").partition("\n")[0]
        assert heading.startswith(f"# {number}. "), one.name
