"""When a delivery that failed is tried again, and when no more: pure, by real instants."""

from datetime import datetime, timedelta

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
BLAMED_ATTEMPTS_MAX = 3

BLAMING = frozenset({400, 413, 422})
"""Answers that blame the event and not the endpoint."""

GONE = 410

OFF_AFTER = timedelta(days=5)
OFF_AFTER_FAILURES = 10
"""An endpoint that has had no success for so long, and so many failures, is turned off."""


def blames_the_event(status: int | None) -> bool:
    return status in BLAMING


def next_at(
    now: datetime, attempts: int, status: int | None, retry_after: timedelta | None
) -> datetime | None:
    """When it is tried again after so many attempts, the last of which failed; None: never."""
    most = BLAMED_ATTEMPTS_MAX if blames_the_event(status) else ATTEMPTS_MAX
    if attempts >= most:
        return None
    return now + (DELAYS[attempts] if retry_after is None else retry_after)


def is_given_up(now: datetime, failures: int, failing_since: datetime | None) -> bool:
    """Whether an endpoint that fails is turned off."""
    return (
        failing_since is not None
        and failures >= OFF_AFTER_FAILURES
        and now - failing_since >= OFF_AFTER
    )
