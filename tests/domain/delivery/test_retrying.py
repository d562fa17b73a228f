"""When a failed delivery is tried again: the schedule as it is promised."""

from datetime import UTC, datetime, timedelta

from domain.delivery import retrying
from domain.delivery.retrying import AttemptOutcome

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def played(status: int | None, wait: timedelta | None = None) -> list[datetime]:
    """When each attempt is made that is answered so."""
    at, made = NOON, list[datetime]()
    while True:
        made.append(at)
        again = retrying.next_at(at, len(made), retrying.outcome_of(status), wait)
        if again is None:
            return made
        at = again


def test_ten_attempts_take_three_days() -> None:
    for status in (503, 500, 307, 404, None):
        attempts = played(status)
        assert len(attempts) == 10
        assert attempts[1:4] == [
            NOON + timedelta(seconds=5),
            NOON + timedelta(minutes=5, seconds=5),
            NOON + timedelta(minutes=35, seconds=5),
        ]
        assert attempts[-1] == datetime(2026, 12, 4, 11, 35, 5, tzinfo=UTC)


def test_an_answer_that_blames_the_event_ends_after_three() -> None:
    for status in (400, 413, 422):
        assert played(status)[-1] == NOON + timedelta(minutes=5, seconds=5)
        assert len(played(status)) == 3


def test_what_may_have_arrived_is_never_tried_again() -> None:
    assert retrying.next_at(NOON, 1, AttemptOutcome.UNKNOWN, timedelta(minutes=1)) is None


def test_an_endpoint_may_ask_for_another_wait() -> None:
    assert played(503, timedelta(minutes=1))[-1] == NOON + timedelta(minutes=9)


def test_an_endpoint_is_given_up_after_five_days_and_ten_failures() -> None:
    days = timedelta(days=5)
    assert retrying.is_given_up(NOON, 10, NOON - days)
    assert not retrying.is_given_up(NOON, 9, NOON - days)
    assert not retrying.is_given_up(NOON, 10, NOON - days + timedelta(seconds=1))
    assert not retrying.is_given_up(NOON, 10, None)
