"""What is kept under keys: told by its beginning, opened by its key, found by every key."""

import pytest

from domain.kernel import secrecy

OLD, NEW = bytes(32), bytes(range(32))


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrecy, "_said", secrecy._said)


def test_a_value_is_kept_under_the_newest_key_and_read_under_any() -> None:
    secrecy.keep_under(lambda: [OLD])
    before = secrecy.concealed("Linden 5, 柏林")
    secrecy.keep_under(lambda: [NEW, OLD])
    after = secrecy.concealed("Linden 5, 柏林")

    assert before != after
    assert secrecy.revealed(before) == secrecy.revealed(after) == "Linden 5, 柏林"
    assert after.startswith(secrecy.current_beginning())
    assert not before.startswith(secrecy.current_beginning())
    assert secrecy.is_concealed(before)


def test_without_its_key_a_value_is_unreadable_and_not_shown() -> None:
    secrecy.keep_under(lambda: [OLD])
    kept = secrecy.concealed("Linden 5")
    secrecy.keep_under(lambda: [NEW])

    with pytest.raises(secrecy.Unreadable):
        secrecy.revealed(kept)
    assert secrecy.shown(kept) is None


@pytest.mark.parametrize("place", [-3, -30, 70])
def test_a_value_that_was_altered_is_unreadable(place: int) -> None:
    secrecy.keep_under(lambda: [OLD])
    kept = list(secrecy.concealed("Linden 5"))
    kept[place] = "A" if kept[place] != "A" else "B"

    with pytest.raises(secrecy.Unreadable):
        secrecy.revealed("".join(kept))


def test_what_was_never_kept_under_a_key_is_shown_as_it_stands() -> None:
    assert secrecy.shown("import:balances") == "import:balances"
    assert secrecy.shown(None) is None


def test_a_digest_is_of_its_key_and_its_purpose() -> None:
    secrecy.keep_under(lambda: [NEW, OLD])
    both = secrecy.digests("contact", "a@b.example")
    secrecy.keep_under(lambda: [OLD])

    assert secrecy.digests("contact", "a@b.example") == both[1:]
    assert secrecy.digests("signal", "a@b.example") != both[1:]
    assert len(set(both)) == 2


def test_a_process_that_was_told_no_key_has_one_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrecy, "_said", lambda: secrecy._OWN)

    assert secrecy.revealed(secrecy.concealed("x")) == "x"
