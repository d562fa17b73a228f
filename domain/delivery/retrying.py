"""Times of further attempts at a failed delivery, and their end: pure, by real instants."""

from datetime import datetime, timedelta
from enum import Enum

DELAYS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=20),
)
"""How long each attempt waits after the one before: 71 h 35 min 5 s in all."""

ATTEMPTS_MAX = len(DELAYS)
REFUSED_ATTEMPTS_MAX = 3

REFUSING = frozenset({400, 413, 422})
"""Answers that refuse the event: not a failure of the endpoint."""

GONE = 410

OFF_AFTER = timedelta(days=5)
OFF_AFTER_ATTEMPTS = 10
"""An endpoint without a success for this long, and with this many attempts, is turned off."""


class AttemptOutcome(Enum):
    """Result of an attempt, and the cause of a failure."""

    ACCEPTED = "it arrived"
    FAILED = "the target's fault: it is tried again, and so many failures pause the target"
    REFUSED = "the event's fault: it is tried again, but not as often"
    GONE = "the target's last word: an endpoint is turned off"
    UNKNOWN = "it may have arrived, and must not be tried again by itself"


def outcome_of(status: int | None) -> AttemptOutcome:
    """The outcome of an HTTP answer; None means that there was no answer."""
    if status is not None and 200 <= status < 300:
        return AttemptOutcome.ACCEPTED
    if status in REFUSING:
        return AttemptOutcome.REFUSED
    return AttemptOutcome.GONE if status == GONE else AttemptOutcome.FAILED


def next_at(
    now: datetime, attempts: int, outcome: AttemptOutcome, retry_after: timedelta | None
) -> datetime | None:
    """Instant of the next attempt after this many, given the last result; None for no more."""
    most = REFUSED_ATTEMPTS_MAX if outcome is AttemptOutcome.REFUSED else ATTEMPTS_MAX
    if outcome is AttemptOutcome.UNKNOWN or attempts >= most:
        return None
    return now + (DELAYS[attempts] if retry_after is None else retry_after)


def is_given_up(now: datetime, attempts: int, failing_since: datetime | None) -> bool:
    """Whether an endpoint with this many attempts since its last success is turned off."""
    return (
        failing_since is not None
        and attempts >= OFF_AFTER_ATTEMPTS
        and now - failing_since >= OFF_AFTER
    )
