"""The natural key of a booking: who has it, and what waits for it.

A refund or completion may come before its booking. It is parked under the booking's reference,
whose look-up row stands without a member until the booking comes. Both sides take that row
first, then the account.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

import models
from domain.bookings.booking_coupons import CouponOwner
from domain.kernel import canonical, lookups
from domain.kernel.callers import Caller
from domain.kernel.database import Row, row, rows, transact, update
from domain.kernel.inputs import REFERENCE_CHARACTERS_MAX
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import InvalidInput, NotFound
from domain.ledger import ledger

PARKED_MAX = 20
"""How many facts of one reporter may wait for one booking: they are applied in its transaction."""
OUTLIVED_MAX = 500
"""References read at once of which facts are removed."""
APART = "apart"
"""In what is stored of a fact kept apart: the reference and the content that it was sent with."""
MARGIN_DAYS = 1
"""Kept beyond the age of the oldest booking that may be reported: clocks and zones differ."""


@dataclass(frozen=True, slots=True)
class BookingKey:
    """A booking, and whose account is opened with that of its member."""

    member_id: UUID
    id: UUID
    coupon_owner: CouponOwner = field(default_factory=CouponOwner, compare=False)


@dataclass(frozen=True, slots=True)
class ParkedFact:
    """A fact that waits: what was sent, as JSON values, who reported it, and when it came."""

    kind: str
    reference: str
    sent: dict[str, Any]
    reporter: str
    received_at: datetime

    def came_after(self, booked_at: datetime, now: datetime) -> datetime:
        """When one happened that names no instant: when it was received, or when the booking says
        that it was made, if that is later: clocks differ, and nobody said that it was before.
        """
        return max(self.received_at, booked_at) if booked_at < now else self.received_at


@dataclass(frozen=True, slots=True)
class Waited:
    """What waited for a booking, in the order that it came; `beyond` what is more of a reporter
    than may wait, as an earlier release let it.
    """

    facts: list[ParkedFact]
    beyond: list[ParkedFact]


@dataclass(frozen=True, slots=True)
class ReferenceClaim:
    """Who has the reference: `key` now, unless `first` had it; `expected` says that facts may
    wait.
    """

    key: BookingKey
    first: BookingKey | None = None
    expected: bool = False


async def take(programme_id: UUID, reference: str, key: BookingKey) -> ReferenceClaim:
    """Take the reference for this booking, unless it has one already.

    Inside a transaction; waits for whoever is taking it, or removing what waits for it.

    Raises: ConcurrentRequest.
    """
    owner = (key.member_id, key.id)
    if await lookups.insert(programme_id, LookupScope.BOOKING, reference, owner):
        return ReferenceClaim(key)
    first = await _expect(programme_id, reference)
    if first is not None:
        return ReferenceClaim(key, first)
    await lookups.assign(programme_id, LookupScope.BOOKING, reference, owner)
    return ReferenceClaim(key, expected=True)


async def find(caller: Caller, reference: str) -> BookingKey | None:
    """The booking of this reference, if it has come and is there for this caller."""
    found = await recorded(caller.programme_id, reference)
    return found if found is not None and await _is_there(caller, found) else None


async def find_or_refuse(caller: Caller, reference: str) -> BookingKey:
    """Raises: NotFound where there is no such booking for this caller."""
    found = await find(caller, reference)
    if found is None:
        raise _not_found(reference)
    return found


async def find_or_expect(caller: Caller, reference: str) -> BookingKey | None:
    """The booking of this reference; without one, the reference is kept for it, locked.

    Raises: NotFound for a booking that is not there for this caller; ConcurrentRequest.
    """
    found = await recorded(caller.programme_id, reference)
    if found is None:
        found = await _expect(caller.programme_id, reference)
    if found is not None and not await _is_there(caller, found):
        raise _not_found(reference)
    return found


def _not_found(reference: str) -> NotFound:
    return NotFound("booking", reference[:REFERENCE_CHARACTERS_MAX], path=("booking",))


async def recorded(programme_id: UUID, reference: str) -> BookingKey | None:
    """The booking of this reference, if it has come, whoever asks."""
    if "\x00" in reference:
        return None
    found = await lookups.find(programme_id, LookupScope.BOOKING, reference)
    return BookingKey(found["member_id"], found["row_id"]) if found else None


async def _is_there(caller: Caller, key: BookingKey) -> bool:
    """Whether this member's booking is there for the caller; a statement for partners, and for
    a member whose it is not, who may have become who made it.
    """
    if caller.is_stranger_to(key.member_id):
        return await ledger.became(key.member_id) == caller.member_id
    if caller.confined_to is None:
        return True
    found = await row(
        "SELECT reporter FROM booking WHERE member_id = $1 AND id = $2", key.member_id, key.id
    )
    return found is not None and caller.owns(found["reporter"])


async def park(
    programme_id: UUID, reference: str, fact: ParkedFact, apart: ParkedFact
) -> ParkedFact | None:
    """Keep a fact for its booking; or the one that its reporter keeps there already under its
    reference. Where another reporter keeps one, it is kept `apart`.

    Inside a transaction that has the booking's reference (`find_or_expect`), so that nobody else
    keeps one there meanwhile.

    Raises: InvalidInput where as many of its reporter wait there as may.
    """
    found = await rows(
        f"SELECT {_PARKED} FROM parked_fact WHERE programme_id = $1 AND booking_reference = $2 "
        "AND kind = $3 AND reference = ANY($4::text[])",
        programme_id,
        reference,
        fact.kind,
        [fact.reference, apart.reference],
    )
    own = [_read(waiting) for waiting in found if waiting["reporter"] == fact.reporter]
    if own:
        return own[0]
    free = fact.reference not in [waiting["reference"] for waiting in found]
    await _check_room(programme_id, reference, fact.reporter)
    await _park(programme_id, reference, fact if free else apart)
    return None


async def _check_room(programme_id: UUID, reference: str, reporter: str) -> None:
    """Raises: InvalidInput."""
    found = await rows(
        "SELECT FROM parked_fact WHERE programme_id = $1 AND booking_reference = $2 "
        "AND reporter = $3 LIMIT $4",
        programme_id,
        reference,
        reporter,
        PARKED_MAX,
    )
    if len(found) == PARKED_MAX:
        raise too_many(reference)


def too_many(reference: str) -> InvalidInput:
    """Why no more of a reporter's facts wait for this booking."""
    return InvalidInput("too_many_parked", reference, (str(PARKED_MAX),), path=("booking",))


async def _park(programme_id: UUID, reference: str, fact: ParkedFact) -> None:
    await rows(
        "INSERT INTO parked_fact (programme_id, booking_reference, kind, reference, sent, "
        "reporter, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        programme_id,
        reference,
        fact.kind,
        fact.reference,
        orjson.dumps(fact.sent).decode(),
        fact.reporter,
        fact.received_at,
    )


def reference_apart(fact: ParkedFact) -> str:
    """A reference that no other reporter's fact has."""
    return canonical.sha256([fact.reporter, fact.reference]).hex()


def _read(waiting: Row) -> ParkedFact:
    """As it was reported, also where it was kept apart."""
    fact = ParkedFact(**{**waiting, "sent": orjson.loads(waiting["sent"])})
    meant = fact.sent.get(APART)
    return fact if meant is None else replace(fact, **meant)


async def unpark(programme_id: UUID, reference: str) -> Waited:
    """What waited for this booking, waiting no longer."""
    found = await rows(
        "WITH waited AS (DELETE FROM parked_fact WHERE programme_id = $1 "
        f"AND booking_reference = $2 RETURNING {_PARKED}) "
        f"SELECT {_PARKED}, row_number() OVER "
        "(PARTITION BY reporter ORDER BY received_at, kind, reference) AS place "
        "FROM waited ORDER BY received_at, kind, reference",
        programme_id,
        reference,
    )
    waited = Waited([], [])
    for waiting in found:
        beyond = waiting.pop("place") > PARKED_MAX
        (waited.beyond if beyond else waited.facts).append(_read(waiting))
    return waited


_PARKED = "kind, reference, sent, reporter, received_at"


async def outlived(
    programme_id: UUID, oldest_days: int, now: datetime
) -> AsyncGenerator[str, None]:
    """References whose facts wait in vain: a booking would be too old to be reported by now."""
    after = ""
    while found := await rows(
        "SELECT DISTINCT booking_reference FROM parked_fact WHERE programme_id = $1 "
        "AND received_at < $2 AND booking_reference > $3 ORDER BY booking_reference LIMIT $4",
        programme_id,
        now - timedelta(days=oldest_days + MARGIN_DAYS),
        after,
        OUTLIVED_MAX,
    ):
        for fact in found:
            after = fact["booking_reference"]
            yield after


async def forget_parked(programme_id: UUID, reference: str, oldest_days: int, now: datetime) -> int:
    """Remove the facts that wait for this booking in vain, and the reference that was kept for
    it; how many facts. In a transaction of its own.

    Raises: ConcurrentRequest.
    """

    async def work() -> int:
        # this row first, as whoever parks or reports does
        if await _expect(programme_id, reference) is not None:
            return 0
        count = await update(
            "DELETE FROM parked_fact WHERE programme_id = $1 AND booking_reference = $2 "
            "AND received_at < $3",
            programme_id,
            reference,
            now - timedelta(days=oldest_days + MARGIN_DAYS),
        )
        if not await models.ParkedFact.filter(
            programme_id=programme_id, booking_reference=reference
        ).exists():
            await lookups.free(programme_id, LookupScope.BOOKING, [reference])
        return count

    return await transact(work)


async def _expect(programme_id: UUID, reference: str) -> BookingKey | None:
    found = await lookups.expect(programme_id, LookupScope.BOOKING, reference)
    return BookingKey(found["member_id"], found["row_id"]) if found else None
