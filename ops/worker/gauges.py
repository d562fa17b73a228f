"""Measurements of the database by a worker every few seconds, for the page of metrics.

Ages use the clock of each programme, except those of upkeep, which concerns the whole database.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from api.edge.logging import log
from domain.accounts import sweeps
from domain.books import books
from domain.claims import claims
from domain.delivery import numbering
from domain.kernel import dates
from domain.programmes import clocks, programmes
from domain.programmes.clocks import Clock
from domain.upkeep import records
from ops.metrics import gauge
from ops.worker.turns import summary

SECONDS = 15.0
NOTHING = timedelta(0)


async def keep(stopping: asyncio.Event) -> None:
    """Measure until the worker stops; a failed measurement is tried again the next time."""
    while not stopping.is_set():
        try:
            await measure(datetime.now(UTC))
        except Exception as error:
            log.warning("not_measured", error=summary(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), SECONDS)


async def measure(real_now: datetime) -> None:
    """Set every gauge, each by one statement; last of all the instant at which that was done."""
    known = await clocks.of_all(real_now)
    await _set_waiting(known)
    await _set_reviews(known)
    await _set_settled(known)
    await _set_upkeep(real_now)
    gauge(
        "milepost_measured_timestamp_seconds",
        "Unix time at which a worker last measured the other gauges.",
    ).set(real_now.timestamp())


async def _set_waiting(known: Mapping[UUID, Clock]) -> None:
    events = await numbering.oldest_waiting()
    due = await sweeps.longest_due({found: clock.now for found, clock in known.items()})
    for name, says, found in (
        ("outbox", "Seconds that the oldest event has waited for its number.", events),
        ("due", "Seconds since the oldest unwritten entry became due.", due),
    ):
        oldest = gauge(f"milepost_{name}_oldest_seconds", says, "programme")
        for programme_id, clock in known.items():
            oldest.labels(clock.code).set(_age(clock.now, found.get(programme_id)))


async def _set_reviews(known: Mapping[UUID, Clock]) -> None:
    waiting = await claims.waiting()
    number = gauge("milepost_reviews_open", "Claims that wait for a person.", "programme")
    oldest = gauge(
        "milepost_review_oldest_seconds",
        "Seconds that the oldest claim has waited for a person.",
        "programme",
    )
    for programme_id, clock in known.items():
        count, since = waiting.get(programme_id, (0, None))
        number.labels(clock.code).set(count)
        oldest.labels(clock.code).set(_age(clock.now, since))


async def _set_settled(known: Mapping[UUID, Clock]) -> None:
    """Set the gauges of programmes whose books are open."""
    lag = gauge(
        "milepost_settled_lag_seconds",
        "Seconds since the oldest unsettled day ended; 0 if it has not ended.",
        "programme",
    )
    for programme_id, found in (await books.opened()).items():
        clock = known[programme_id]
        zone = (await programmes.get(clock.code)).as_of(clock.now).policy.zone
        lag.labels(clock.code).set(_age(clock.now, dates.end_of_day(found.next_day, zone)))


async def _set_upkeep(real_now: datetime) -> None:
    """Set the gauges of upkeep, without those never done: alerts also test for absence."""
    if (backup := await records.last_backup_at()) is not None:
        gauge("milepost_backup_age_seconds", "Seconds since a backup last ended.").set(
            _age(real_now, backup)
        )
    if (last := await records.last_verification()) is None:
        return
    gauge(
        "milepost_verify_age_seconds", "Seconds since a verification of the ledger last ended."
    ).set(_age(real_now, last.ended_at))
    gauge("milepost_verify_faults", "Faults that the last verification of the ledger found.").set(
        last.seen.faults
    )


def _age(now: datetime, since: datetime | None) -> float:
    return max(NOTHING, now - since).total_seconds() if since else 0.0
