"""Random bookings under random policies, in small."""

from collections import Counter

from tests.soak import proofs, returns


def test_no_booking_is_worth_more_than_the_proved_maximum() -> None:
    done = sum((returns.prove(proofs.draw(7, n), 20) for n in range(40)), Counter())
    assert done["bookings"] == 800
    assert done["plain policies"] >= 10
    assert done["random bookings above the witness"] == 0
