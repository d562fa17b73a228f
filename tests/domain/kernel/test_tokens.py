"""Signed tokens are read by the key that made them, and by no other."""

import pytest

from domain.kernel import tokens

OWN = tokens.own_key(bytes(32), "letters")


def test_what_was_signed_is_read_again() -> None:
    for said in (b"said", b"more said"):
        assert tokens.read(OWN, tokens.sign(OWN, said), 4) == said


@pytest.mark.parametrize("other", [tokens.own_key(bytes(32), "parcels"), tokens.own_key(b"", "")])
def test_another_purpose_or_key_reads_nothing(other: bytes) -> None:
    assert tokens.read(other, tokens.sign(OWN, b"said"), 4) is None


def test_a_token_that_was_changed_anywhere_is_read_by_nobody() -> None:
    token = tokens.sign(OWN, b"said")

    for place, letter in enumerate(token[:-1]):  # of the last letter not every bit is used
        changed = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        assert tokens.read(OWN, changed, 4) is None


@pytest.mark.parametrize("token", ["", "A", "\u4f1a\u5458", "====", tokens.sign(OWN, b"sai")])
def test_what_is_no_token_of_that_size_is_read_by_nobody(token: str) -> None:
    assert tokens.read(OWN, token, 4) is None
