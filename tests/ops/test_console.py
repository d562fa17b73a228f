"""Numbers and the words that go with them, as commands print them."""

from ops.console import counted


def test_a_word_goes_with_its_number() -> None:
    assert [counted(number, "member") for number in (0, 1, 2)] == [
        "0 members",
        "1 member",
        "2 members",
    ]
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]
