"""The natural key of a booking: which booking has it, and the facts that wait for it.

A refund or completion may be reported before its booking. It is parked under the booking's
reference, whose look-up row has no member until the booking is reported. Both sides take that row
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
"""Most facts of one reporter that may wait for one booking: they are applied in its transaction."""
OUTLIVED_MAX = 500
"""References read at a time to remove their facts."""
APART = "apart"
"""Key, in a stored fact kept apart, of the reference and content that were sent."""
MARGIN_DAYS = 1
"""Margin beyond the age of the oldest booking that may be reported: clocks and zones differ."""


@dataclass(frozen=True, slots=True)
class BookingKey:
    """A booking, and the owner whose account is opened together with its member's."""

    member_id: UUID
    id: UUID
    coupon_owner: CouponOwner = field(default_factory=CouponOwner, compare=False)


@dataclass(frozen=True, slots=True)
class ParkedFact:
    """A fact that waits: its input, as JSON values, its reporter, and when it was received."""

    kind: str
    reference: str
    sent: dict[str, Any]
    reporter: str
    received_at: datetime

    def came_after(self, booked_at: datetime, now: datetime) -> datetime:
        """Instant of a fact that names none: when it was received, or when the booking was made if
        that is later, because clocks differ.
        """
        return max(self.received_at, booked_at) if booked_at < now else self.received_at


@dataclass(frozen=True, slots=True)
class Waited:
    """Facts that waited for a booking, in the order received; `beyond` those of a reporter above
    the limit, which an earlier release allowed.
    """

    facts: list[ParkedFact]
    beyond: list[ParkedFact]


@dataclass(frozen=True, slots=True)
class ReferenceClaim:
    """Holder of the reference: `key` now, unless `first` had it; `expected` means that facts may
    wait.
    """

    key: BookingKey
    first: BookingKey | None = None
    expected: bool = False


async def take(programme_id: UUID, reference: str, key: BookingKey) -> ReferenceClaim:
    """Take the reference for this booking, unless it has one already.

    Inside a transaction; waits for others that are taking it, or removing what waits for it.

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
    """The booking with this reference, if it was reported and this caller may see it."""
    found = await recorded(caller.programme_id, reference)
    return found if found is not None and await _is_there(caller, found) else None


async def find_or_refuse(caller: Caller, reference: str) -> BookingKey:
    """Raises: NotFound where there is no such booking that this caller may see."""
    found = await find(caller, reference)
    if found is None:
        raise _not_found(reference)
    return found


async def find_or_expect(caller: Caller, reference: str) -> BookingKey | None:
    """The booking with this reference; if there is none, the reference is reserved for it, locked.

    Raises: NotFound for a booking that this caller may not see; ConcurrentRequest.
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
    """The booking with this reference, if it was reported, for any caller."""
    if "\x00" in reference:
        return None
    found = await lookups.find(programme_id, LookupScope.BOOKING, reference)
    return BookingKey(found["member_id"], found["row_id"]) if found else None


async def _is_there(caller: Caller, key: BookingKey) -> bool:
    """Whether the caller may see this member's booking; takes a query for partners, and for another
    member, into whom its maker may have been merged.
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
    """Keep a fact for its booking, or return the one that its reporter has already parked under its
    reference. Where another reporter has parked one, it is kept `apart`.

    Inside a transaction that holds the booking's reference (`find_or_expect`), so that nobody else
    parks one meanwhile.

    Raises: InvalidInput where the reporter's limit of waiting facts is reached.
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
    """The refusal for a reporter with too many facts waiting for this booking."""
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
    """A reference that is free of other reporters' facts."""
    return canonical.sha256([fact.reporter, fact.reference]).hex()


def _read(waiting: Row) -> ParkedFact:
    """The fact as it was reported, also where it was kept apart."""
    fact = ParkedFact(**{**waiting, "sent": orjson.loads(waiting["sent"])})
    meant = fact.sent.get(APART)
    return fact if meant is None else replace(fact, **meant)


async def unpark(programme_id: UUID, reference: str) -> Waited:
    """Remove and return the facts that waited for this booking."""
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
    """References whose facts wait in vain: their booking would be too old to be reported."""
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
    """Remove the facts that wait for this booking in vain, and its reserved reference; returns how
    many facts. In a transaction of its own.

    Raises: ConcurrentRequest.
    """

    async def work() -> int:
        # this row first, as parking and reporting do
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
